"""A synthetic country: the counts, the same bytes from the same seed, and a model that loads, is clean and runs exactly."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from naive import naive_run

from cascade.cli import main
from cascade.errors import UsageError
from cascade.files.checks import check_model, check_scenario
from cascade.files.parsing import read_document
from cascade.files.reading import load, load_scenario, scenario_files
from cascade.files.synthetic import KINDS, TRUE_TOTAL, counts, synthetic
from cascade.model import Model
from cascade.simulation.run import simulate
from cascade.telling.writing import sha256, write_folder

SIZE = 2_600
DIGEST = "342557498b03e026"


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return synthetic(SIZE)


@pytest.fixture(scope="module")
def folder(files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("synthetic")
    write_folder(target, files, "TLP:CLEAR", {})
    return target


@pytest.fixture(scope="module")
def model(folder: Path) -> Model:
    return load(folder / "sectors")


def rows(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[f"sectors/{name}.csv"].decode())))


# ---------------------------------------------------------------- counts


def test_the_true_counts_by_default() -> None:
    assert counts() == {kind.process: kind.size for kind in KINDS}
    assert sum(counts().values()) == TRUE_TOTAL
    facts = {
        "fuel-stations": 4_000,
        "cash-machines": 3_800,
        "c2000-radio": 600,
        "emergency-dispatch": 10,
        "mobile-core": 4,
    }
    assert facts.items() <= counts().items()


@pytest.mark.parametrize("assets", [len(KINDS), 31, 1_000, 2_600, 100_000, 229_238, 1_000_000])
def test_counts_add_up_and_keep_their_proportions(assets: int) -> None:
    found = counts(assets)
    assert sum(found.values()) == assets
    assert min(found.values()) >= 1
    if assets >= 100_000:
        for kind in KINDS:
            assert found[kind.process] == pytest.approx(max(1, kind.size * assets / TRUE_TOTAL), abs=2)


@pytest.mark.parametrize("assets", [0, len(KINDS) - 1, 5_000_001])
def test_a_size_that_cannot_be_is_refused(assets: int) -> None:
    with pytest.raises(UsageError, match="ask for 30 to 5,000,000"):
        counts(assets)


# ---------------------------------------------------------------- bytes and places


def test_the_same_seed_gives_the_same_bytes(files: dict[str, bytes]) -> None:
    assert synthetic(SIZE) == files
    # whatever the machine: written down once
    assert sha256(b"".join(files[name] for name in sorted(files) if name.endswith(".csv")))[:16] == DIGEST


def test_another_seed_moves_everything_but_the_counts(files: dict[str, bytes]) -> None:
    other = synthetic(SIZE, seed=2)
    assert other.keys() == files.keys()
    for name in ("mobile-access", "electricity-substations", "neighbourhoods"):
        here, there = rows(files, name), rows(other, name)
        assert len(here) == len(there)
        same = sum((a["lat"], a["lon"]) == (b["lat"], b["lon"]) for a, b in zip(here, there, strict=True))
        assert same == 0
    assert other["sectors/electricity-feeds.csv"] != files["sectors/electricity-feeds.csv"]
    assert files["sectors/energy.yaml"] == other["sectors/energy.yaml"]


def test_places_lie_in_the_ocean_and_follow_from_the_seed_alone(model: Model, files: dict[str, bytes]) -> None:
    for process, assets in model.assets.items():
        assert assets.locations is not None
        places = np.array(assets.locations)
        # between the Azores and Newfoundland: no land within hundreds of kilometres
        assert (places[:, 0] > 45.2).all(), process
        assert (places[:, 0] < 48.1).all(), process
        assert (places[:, 1] > -36.1).all(), process
        assert (places[:, 1] < -33.0).all(), process
        assert all(name.endswith("(made up)") for name in assets.names)
    # more of the others leaves the draws of a kind alone
    same = [rows(made, "gas-transmission") for made in (files, synthetic(SIZE + 40))]
    assert same[0] == same[1]
    assert len(same[0]) > 5


def test_people_are_all_of_their_region(model: Model) -> None:
    table = model.assets["neighbourhoods"]
    assert table.people is not None
    found: dict[str, int] = {}
    for code, people in zip(table.regions, table.people, strict=True):
        found[code] = found.get(code, 0) + people
    assert found == {code: region.population for code, region in model.regions.items()}


def test_assets_go_with_inhabitants(model: Model) -> None:
    table = model.assets["electricity-distribution"]
    for code, region in model.regions.items():
        expected = len(table.ids) * region.population / model.population
        assert table.regions.count(code) == pytest.approx(expected, abs=2)


# ---------------------------------------------------------------- a model like any other


def test_it_loads_without_a_warning_and_says_what_it_is(folder: Path, model: Model) -> None:
    assert check_model(model) == []
    assert sum(len(assets.ids) for assets in model.assets.values()) == SIZE
    assert model.info.marking == "TLP:CLEAR"
    assert "2,600" in model.info.title["en"]
    assert "2.600" in model.info.title["nl"]
    assert "Synthetic" in model.info.title["en"]
    names = scenario_files(folder / "sectors", beside_only=True)
    assert sorted(names) == ["country-dark", "region-dark", "substation-out"]
    for path in names.values():
        assert check_scenario(load_scenario(path, model), model) == []


def test_every_way_to_say_who_feeds_whom_is_used(model: Model) -> None:
    ways = [need.by for process in model.processes.values() for need in process.needs.values()]
    assert {"by_table", "by_nearest", "by_area"} <= set(ways)
    for process in model.processes.values():
        for need in process.needs.values():
            regional = any(supply.process in model.assets for supply in need.supplies) and process.assets is not None
            assert (need.by is not None) == regional


def test_counts_stand_in_the_notes(model: Model) -> None:
    note = model.processes["mobile-access"].note
    assert note is not None
    assert f"{len(model.assets['mobile-access'].ids):,} made" in note["en"]
    assert "20,000: own estimate" in note["en"]


def test_sources_are_those_of_the_sector_model(folder: Path, model: Model) -> None:
    shipped, made = (
        read_document(path / "sources.yaml", "sources.yaml")[0].data
        for path in (Path(__file__).resolve().parents[1] / "sectors", folder / "sectors")
    )
    assert made.items() <= shipped.items()
    claims = [*model.regions.values(), *model.processes.values()]
    claims += [need for process in model.processes.values() for need in process.needs.values()]
    assert {key for claim in claims for key in claim.source} == set(made)


@pytest.mark.parametrize(
    ("assets", "name"), [(30, "substation-out"), (60, "region-dark"), (60, "country-dark"), (120, "country-dark")]
)
def test_the_engine_gives_what_a_plain_reading_gives(assets: int, name: str, tmp_path: Path) -> None:
    write_folder(tmp_path, synthetic(assets), "TLP:CLEAR", {})
    model = load(tmp_path / "sectors")
    assert check_model(model) == []
    scenario = load_scenario(tmp_path / "scenarios" / f"{name}.yaml", model)
    run = simulate(model, scenario)
    assert run.rows() == naive_run(model, scenario).log
    assert len(run.rows()) > assets


# ---------------------------------------------------------------- the command


def test_the_command_writes_the_same_and_says_what_next(tmp_path: Path) -> None:
    target = tmp_path / "made"
    found = CliRunner().invoke(main, ["synthetic", str(target), "--assets", "60", "--lang", "nl"])
    assert found.exit_code == 0, found.output
    assert found.stdout == ""
    assert "60 objecten" in found.stderr
    assert f"cascade check {target}" in found.stderr
    for name, data in synthetic(60).items():
        assert (target / name).read_bytes() == data
    again = CliRunner().invoke(main, ["synthetic", str(target), "--assets", "60"])
    assert again.exit_code == 2
    assert "name a new one" in again.stderr


def test_wrong_numbers_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    target = tmp_path / "made"
    for words, said in ((["--assets", "3"], "ask for 30"), (["--seed", "-1"], "below 0")):
        found = CliRunner().invoke(main, ["synthetic", str(target), *words])
        assert found.exit_code == 2
        assert said in found.stderr
        assert not target.exists()
