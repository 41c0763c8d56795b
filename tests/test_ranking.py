"""Rankings: two axes, weights that can be seen, who falls through whom, how firm it is, and the command that tells it."""

import csv
import io
import json
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

import cascade
from cascade.cli import main
from cascade.commands.rank import LENS_NAMES, RANK_TABLES
from cascade.errors import UsageError
from cascade.files.reading import find_model
from cascade.model import Model
from cascade.results import ranking
from cascade.results.effects import EFFECTS
from cascade.results.ranking import FREELY, LENSES, WEIGHABLE, Ranking, pareto_layers, rank, scaled
from cascade.simulation.farm import Interrupted
from cascade.telling import standings
from cascade.telling.standings import Wish, case_name, tables
from cascade.units import DAY, HOUR
from cascade.words import WORDS
from tests.builders import model

PEOPLE = {"R1": 1_000, "R2": 3_000}


def need(supplier: str, endures: str = "0h", loses: str | list[str] = "100%") -> dict[str, Any]:
    return {supplier: {"from": supplier, "endures": endures, "loses": loses}}


# power takes water and phone, phone takes shop, net takes phone; tap and idle take nothing
WORLD: dict[str, dict[str, Any]] = {
    "idle": {},
    "meter": {"tags": ["indicator"], "people": "100%", "needs": need("power")},
    "net": {},
    "phone": {"people": "50%", "needs": {**need("power", "2h"), **need("net")}},
    "power": {"people": "10%"},
    "shop": {"sector": "two", "per": "region", "people": "50%", "cost_per_day": "24000 EUR", "needs": need("phone", "0h", "50%")},
    "tap": {"sector": "two", "per": "region", "people": "20%", "basic_need": True},
    "water": {"per": "region", "people": "100%", "basic_need": True, "needs": need("power", "1h")},
}  # fmt: skip
CASES = ("idle", "net", "phone", "power", "shop", "tap", "water")


@pytest.fixture(scope="module")
def found() -> Ranking:
    return rank(model(WORLD, PEOPLE), ["4h", "24h"])


def of(frame: pd.DataFrame, label: str, column: str = "label") -> dict[str, Any]:
    return {str(k): v for k, v in frame[frame[column] == label].iloc[0].to_dict().items()}


@pytest.mark.parametrize(("people", "said"), [(0, "heeft geen inwoners"), (10, "staat niet hoeveel mensen")])
def test_where_nobody_can_be_counted_there_is_no_order(people: int, said: str) -> None:
    bare: dict[str, dict[str, Any]] = {"a": {}, "b": {"needs": need("a", "2h")}}
    got = rank(model(bare, {"R1": people}), ["24h"])
    assert said in standings.summary(got, "nl")[1]
    made = {table.name: table for table in tables(got, "nl")}
    assert [(row["rank"], row["layer"], row["first_h"]) for row in made["ranking"].rows] == [
        (None, None, 2.0),
        (None, None, None),
    ]
    assert [len(made[name].rows) for name in ("front", "lenses", "weights", "stability")] == [0, 0, 0, 0]
    assert [(row["process"], row["falls"]) for row in made["vulnerability"].rows] == [("b", 1), ("a", 0)]
    calm = rank(model({"a": {}}, {"R1": people}), ["24h"])
    assert "werkt door" in standings.summary(calm, "nl")[1]


# ------------------------------------------------------------------ the two axes


def test_the_two_axes_by_hand(found: Ranking) -> None:
    # 4 h. power: water 3 h x 4,000 + phone 2 h x 2,000 + shops 2 h x 50% x 2,000 = 12,000 + 4,000 + 2,000 = 18,000, its
    # own loss 4 h x 400. net: phone 4 h x 2,000 + shops 4 h x 50% x 2,000 = 12,000. phone: shops 4,000.
    # basic needs: power 12,000 (water); water itself 16,000; tap 4 h x 800 = 3,200
    table = found.table("4h")
    cascades = dict(zip(table["label"], table["cascade_hours"], strict=True))
    basic = dict(zip(table["label"], table["basic_hours"], strict=True))
    assert cascades == {"power": 18_000, "net": 12_000, "phone": 4_000, "shop": 0, "tap": 0, "water": 0, "idle": 0}
    assert basic == {"power": 12_000, "net": 0, "phone": 0, "shop": 0, "tap": 3_200, "water": 16_000, "idle": 0}
    # power and water are on the front; then net and tap, then phone, then those without any effect
    assert list(table["label"]) == ["power", "water", "net", "tap", "phone", "idle", "shop"]
    assert list(table["layer"]) == [1, 1, 2, 2, 3, 4, 4]
    assert list(table["rank"]) == [1, 2, 3, 4, 5, 6, 6]
    assert list(found.front("4h")["label"]) == ["power", "water"]
    power = of(table, "power")
    assert (power["own_hours"], power["amplification"]) == (1_600, 18_000 / 1_600)
    assert (power["first_h"], power["sectors"], power["regions"], power["euros"]) == (1, 1, 2, 24_000 / 24)
    assert np.isnan(of(table, "net")["amplification"])
    assert np.isnan(of(table, "shop")["first_h"])
    assert set(found.labels) == set(CASES)


def test_the_main_duration_is_a_day_else_the_shortest(found: Ranking) -> None:
    assert found.main == DAY
    assert found.table()["duration_h"].unique().tolist() == [24]
    other = rank(model(WORLD, PEOPLE), ["3d", "8h"])
    assert (other.durations, other.main) == ((8 * HOUR, 3 * DAY), 8 * HOUR)
    with pytest.raises(UsageError, match=r"no failures of 2h \(it has: 8h, 3d\)"):
        other.table("2h")


@pytest.mark.parametrize("seed", range(20))
def test_layers_against_taking_fronts_away_one_by_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, (3, 8, 1_000)[seed % 3], (2, 30))
    left, wanted, layer = set(range(a.size)), np.zeros(a.size, int), 0
    while left:
        layer += 1
        ahead = {
            p for p in left if not any(a[q] >= a[p] and b[q] >= b[p] and (a[q] > a[p] or b[q] > b[p]) for q in left)
        }
        wanted[list(ahead)] = layer
        left -= ahead
    assert pareto_layers(a, b).tolist() == wanted.tolist()


def test_no_points_have_no_layers() -> None:
    nothing = np.zeros(0, np.int64)
    assert pareto_layers(nothing, nothing).size == 0


def test_nothing_is_on_the_front_where_nothing_has_an_effect() -> None:
    quiet = rank(model({"a": {}, "b": {}}), ["1h"])
    assert quiet.front().empty
    assert quiet.table()["rank"].tolist() == [1, 1]
    assert quiet.table()["layer"].tolist() == [1, 1]


# ------------------------------------------------------------------ lenses


def test_a_score_is_the_sum_of_weighted_shares_of_the_largest(found: Ranking) -> None:
    scores = found.scores("both-axes", "4h")
    # power: 18,000 of 18,000 and 12,000 of 16,000; water: nothing and all
    assert of(scores, "power")["score"] == pytest.approx(0.5 + 0.5 * 0.75)
    assert of(scores, "water") == {"rank": 2, "label": "water", "lens": "both-axes", "score": 0.5, "cascade_hours": 0, "basic_hours": 0.5}  # fmt: skip
    assert scores[["cascade_hours", "basic_hours"]].sum(axis=1).round(12).tolist() == scores["score"].tolist()


def test_equal_scores_share_a_rank(found: Ranking) -> None:
    # out of 24,000 a day: the shops 4 h, through net and phone half of 4 h, through power half of 2 h
    economy = found.scores("economy", "4h")
    assert dict(zip(economy["label"], economy["rank"], strict=True)) == {
        "shop": 1, "net": 2, "phone": 2, "power": 4, "idle": 5, "tap": 5, "water": 5,
    }  # fmt: skip


def test_weights_of_ones_own_are_scaled_and_shown() -> None:
    own = rank(model(WORLD, PEOPLE), ["4h"], weights={"euros": 3, "basic_hours": 1})
    assert own.lenses["own"] == {"euros": 0.75, "basic_hours": 0.25}
    # the shops cost 24,000 a day: 4 h of all of it is the largest
    assert of(own.scores("own"), "shop")["score"] == pytest.approx(0.75)
    assert of(own.scores("own"), "water")["score"] == pytest.approx(0.25)
    only = rank(model(WORLD, PEOPLE), ["4h"], lenses={"mine": {"sectors": 1}})
    assert list(only.lenses) == ["mine"]


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"euro": 1}, "no measure 'euro' to weigh; did you mean 'euros'"),
        ({"first_s": 1}, "no measure 'first_s'"),
        ({"euros": -1}, "is a number from 0"),
        ({"euros": float("nan")}, "is a number from 0"),
        ({"euros": 0}, "at least one weight"),
    ],
)
def test_weights_that_say_nothing_are_refused(weights: dict[str, float], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        rank(model(WORLD, PEOPLE), ["4h"], weights=weights)


def test_other_wrong_use_is_refused(found: Ranking) -> None:
    small = model(WORLD, PEOPLE)
    for wrong in ({"scale": "x"}, {"samples": -1}, {"top": 0}, {"of": "regions"}, {"durations": ["0h"]}):
        with pytest.raises(UsageError):
            rank(small, **wrong)
    with pytest.raises(UsageError, match="no lens 'econmy'; did you mean 'economy'"):
        found.scores("econmy")
    with pytest.raises(UsageError, match="no measure 'eurs'"):
        found.measure("eurs")
    with pytest.raises(UsageError, match="no samples"):
        found.doubt()


def test_scaling_by_ranks_counts_ties_half() -> None:
    values = np.array([5, 1, 5, 9, 0])
    assert scaled(values, "ranks").tolist() == [(2 + 0.5) / 4, 1 / 4, (2 + 0.5) / 4, 1, 0]
    assert scaled(values, "largest").tolist() == [5 / 9, 1 / 9, 5 / 9, 1, 0]
    assert scaled(np.zeros(3, np.int64), "largest").tolist() == [0, 0, 0]
    assert scaled(np.array([7]), "ranks").tolist() == [0]


def test_stability_compares_every_pair_once(found: Ranking) -> None:
    frame = found.stability
    assert len(frame) == len(LENSES) * (len(LENSES) - 1) // 2 + 1
    same = rank(model(WORLD, PEOPLE), ["4h"], lenses={"a": {"euros": 1}, "b": {"euros": 2}}, top=3).stability
    assert same[["tau", "same_top"]].to_numpy().tolist() == [[pytest.approx(1), 1]]
    # the only ones that water and the cascade put in front are power; of two places one and a half can differ
    against = rank(
        model(WORLD, PEOPLE), ["4h"], lenses={"a": {"cascade_hours": 1}, "b": {"basic_hours": 1}}, top=2
    ).stability.iloc[0]
    assert against["same_top"] == 0.5


def test_places_that_do_not_hang_on_weights(found: Ranking) -> None:
    frame = found.weightings
    power = of(frame, "power")
    assert (power["in_top"], power["best"]) == (1, 1)
    assert frame["first"].sum() == pytest.approx(1)
    assert frame["in_top"].sum() == pytest.approx(min(found.top, len(CASES)))
    one = rank(model(WORLD, PEOPLE), ["4h"], top=1)
    assert of(one.weightings, "idle")["in_top"] == 0
    pd.testing.assert_frame_equal(one.weightings, rank(model(WORLD, PEOPLE), ["4h"], top=1).weightings)
    other = rank(model(WORLD, PEOPLE), ["4h"], top=1, seed=2).weightings
    assert not other.equals(one.weightings)


def test_weightings_are_drawn_evenly_from_those_that_add_up_to_one(monkeypatch: pytest.MonkeyPatch) -> None:
    # shares of the largest: a 1 and 0, c 0 and 1, d 0.9 and 0.6. With weight w for the first, a passes d where
    # w > 0.9 w + 0.6 (1 - w), so above 6/7; c passes d where 1 - w does, so below 4/13
    monkeypatch.setattr(ranking, "FREELY", ("cascade_hours", "basic_hours"))
    world = {
        "a": {},
        "b": {"people": "100%", "needs": need("a")},
        "c": {"people": "100%", "basic_need": True},
        "d": {"people": "60%", "basic_need": True},
        "e": {"people": "90%", "needs": need("d")},
    }
    first = rank(model(world), ["1h"]).weightings.set_index("label")["first"]
    assert first["a"] == pytest.approx(1 / 7, abs=0.025)
    assert first["c"] == pytest.approx(4 / 13, abs=0.03)
    assert first[["a", "c", "d"]].sum() == pytest.approx(1)


# ------------------------------------------------------------------ the other way round


def test_vulnerability_by_hand(found: Ranking) -> None:
    frame = found.vulnerability[found.vulnerability["duration_h"] == 4]
    phone = of(frame, "phone", "process")
    # power takes it after 2 h and for 2 h, net at once and for 4 h: six others fail in all
    assert (phone["falls"], phone["share"], phone["soonest_h"], phone["median_h"]) == (2, 2 / 6, 0, 1)
    assert (phone["deepest"], phone["lost_h"], phone["owes_most"]) == (1, 6, "net")
    assert phone["owes_share"] == pytest.approx(4 / 6)
    idle = of(frame, "idle", "process")
    assert (idle["falls"], idle["owes_most"], idle["lost_h"]) == (0, "", 0)
    assert np.isnan(idle["soonest_h"])
    assert "meter" not in set(frame["process"])
    # shops fall with power, net and phone
    assert frame["process"].iloc[0] == "shop"


def test_to_whom_each_owes_most_by_hand(found: Ranking) -> None:
    frame = found.owes("4h")
    shop = frame[frame["process"] == "shop"]
    # half of 4 h each through net and phone, half of 2 h through power, in order of hours and then of name
    assert shop["label"].tolist() == ["net", "phone", "power"]
    assert shop["lost_h"].tolist() == [2, 2, 1]
    assert shop["share"].tolist() == [0.4, 0.4, 0.2]
    assert shop["tenth_h"].tolist() == [0, 0, 2]
    assert shop["peak"].tolist() == [0.5, 0.5, 0.5]
    assert found.owes("4h", most=1).groupby("process").size().max() == 1
    assert not (frame["process"] == frame["label"]).any()


def test_a_copy_owes_nothing_to_its_other_copies() -> None:
    copies = rank(model(WORLD, PEOPLE), ["4h"], "copies")
    assert copies.labels[-2:] == ("water@R1", "water@R2")
    frame = copies.vulnerability
    assert of(frame, "water", "process")["falls"] == 1
    assert copies.table().set_index("label").loc["water@R2", "basic_hours"] == 12_000


def test_a_copy_that_feeds_its_other_copies_is_no_other() -> None:
    world: dict[str, dict[str, Any]] = {"mast": {"per": "region", "needs": {"rest": {"from": "mast@all", "endures": "0h", "loses": "100%"}}}}  # fmt: skip
    copies = rank(model(world, PEOPLE), ["1h"], "copies")
    assert copies.processes is not None
    assert copies.processes[1, 0, 0, 2] > 0, "the other copy must lose something"
    assert copies.vulnerability[["falls", "lost_h"]].to_numpy().tolist() == [[0, 0]]
    assert copies.owes().empty


def test_the_one_owed_most_is_named_whatever_comes_before_it() -> None:
    world = {"early": {"needs": {**need("late"), **need("later", "1h")}}, "late": {}, "later": {}}
    found = rank(model(world), ["4h"])
    assert of(found.vulnerability, "early", "process")["owes_most"] == "late"
    assert found.owes()["label"].tolist() == ["late", "later"]


def test_what_is_too_much_to_keep_is_not_kept(monkeypatch: pytest.MonkeyPatch, found: Ranking) -> None:
    monkeypatch.setattr(ranking, "MOST_CELLS", 10)
    big = rank(model(WORLD, PEOPLE), ["4h", "24h"])
    assert np.array_equal(big.effects, found.effects)
    with pytest.raises(UsageError, match="too many cases"):
        _ = big.vulnerability
    assert "vulnerability" not in [t.name for t in tables(big, "en")]


# ------------------------------------------------------------------ doubt


def unsure() -> Model:
    """Two that are alike but for one unsure number, and two that are always the same."""
    world: dict[str, dict[str, Any]] = {
        "a": {},
        "b": {},
        "c": {"people": "100%", "needs": need("a", "0h", ["10%", "50%", "90%"])},  # type: ignore[arg-type]
        "d": {"people": "100%", "needs": need("b", "0h", ["20%", "50%", "80%"])},  # type: ignore[arg-type]
        "e": {"people": "1%", "basic_need": True},
    }
    return model(world, PEOPLE)


def test_samples_give_intervals_and_chances() -> None:
    drawn = rank(unsure(), ["24h", "1h"], samples=60, seed=5, top=1)
    assert drawn.samples == 60
    table = drawn.table()
    a = of(table, "a")
    day = 24 * 4_000
    assert 0.1 * day <= a["cascade_low"] < 0.5 * day < a["cascade_high"] <= 0.9 * day
    assert (of(table, "e")["cascade_high"], of(table, "e")["basic_low"]) == (0, 960)
    assert a["in_top"] + of(table, "b")["in_top"] == pytest.approx(1)
    assert 0.2 < a["in_top"] < 0.8
    assert a["group"] == of(table, "b")["group"]
    # c, d and e are always equal: they share the last three ranks
    assert {of(table, x)["rank_low"] for x in "cde"} == {of(table, x)["rank_high"] for x in "cde"}
    assert "in_top" not in drawn.table("1h")
    assert np.array_equal(drawn.effects, rank(unsure(), ["24h", "1h"]).effects)
    assert drawn.doubt("basic_hours").cases.iloc[0]["label"] == "e"


def test_nothing_depends_on_the_number_of_workers() -> None:
    one, two = (rank(unsure(), ["24h"], samples=8, workers=n) for n in (1, 2))
    assert np.array_equal(one.effects, two.effects)
    assert one.sampled is not None
    assert np.array_equal(one.sampled, two.sampled)  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(one.table(), two.table())
    pd.testing.assert_frame_equal(one.vulnerability, two.vulnerability)


def test_progress_counts_both_parts(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    rank(unsure(), ["24h"], samples=4, progress=lambda done, size: calls.append((done, size)))
    assert calls[-1] == (5 + 20, 25)
    assert {size for _, size in calls} == {25}
    assert [done for done, _ in calls] == sorted(done for done, _ in calls)
    kept = rank(unsure(), ["24h"], samples=4, store=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["samples", "single"]
    again = rank(unsure(), ["24h"], samples=4, store=tmp_path)
    assert np.array_equal(kept.sampled, again.sampled)  # type: ignore[arg-type]
    with pytest.raises(UsageError):
        rank(unsure(), ["2h"], store=tmp_path)


def test_the_public_name() -> None:
    assert cascade.rank is rank


# ------------------------------------------------------------------ words


def test_every_measure_and_lens_has_a_name_in_both_languages() -> None:
    assert tuple(LENSES) == LENS_NAMES
    assert set(FREELY) <= set(WEIGHABLE) < set(EFFECTS)
    for name in WEIGHABLE:
        assert f"effect_{name}" in WORDS
    for name in (*LENSES, "own"):
        assert f"lens_{name}" in WORDS


def test_only_what_is_wanted_is_shown_and_ranks_stay(found: Ranking) -> None:
    only = next(t for t in tables(found, "en", Wish(sectors=("two",))) if t.name == "ranking")
    assert [row["label"] for row in only.rows] == ["tap", "shop"]
    assert [row["rank"] for row in only.rows] == [of(found.table(), x)["rank"] for x in ("tap", "shop")]
    assert "Only two" in only.note
    copies = rank(model(WORLD, PEOPLE), ["4h"], "copies")
    here = next(t for t in tables(copies, "nl", Wish(regions=("R2",))) if t.name == "ranking")
    assert {row["region"] for row in here.rows} == {"R2"}
    assert case_name(copies.model, "water@R2", "nl") == "water, R2"


def test_shortened_tables_say_so_and_whole_ones_hold_every_duration(found: Ranking) -> None:
    few = next(t for t in tables(found, "en", Wish(most=2)) if t.name == "ranking")
    assert len(few.rows) == 2
    assert "first 2 of 7" in few.note
    whole = {t.name: t for t in tables(found, "en", Wish(whole=True))}
    assert len(whole["ranking"].rows) == 2 * len(CASES)
    assert {row["duration_h"] for row in whole["owes"].rows} == {4, 24}


# ------------------------------------------------------------------ the command


FILES = {
    "model.yaml": "{title: {nl: Klein land, en: Small country}, version: '1', marking: TLP:GREEN}",
    "regions.yaml": """
        - {code: R1, name: Noord, population: 1000, neighbours: [R2]}
        - {code: R2, name: Zuid, population: 3000, neighbours: [R1]}
    """,
    "sources.yaml": "HAND: {title: A handbook, publisher: A press, date: 2020}",
    "energy.yaml": """
        sector: energy
        name: {nl: Energie, en: Energy}
        processes:
          grid: {name: {nl: Stroomnet, en: Power grid}, restart: 1h, people: 100%, basic_need: true, cost_per_day: 2 MEUR}
          diesel: {name: {nl: Diesel, en: Diesel}, needs: {power: {from: grid, endures: [1h, 8h, 2d]}}}
    """,
    "care.yaml": """
        sector: care
        name: {nl: Zorg, en: Care}
        processes:
          hospital:
            name: {nl: Ziekenhuis (groot), en: Hospital (large)}
            per: region
            people: [5%, 10%, 15%]
            basic_need: true
            cost_per_day: 1 MEUR
            needs: {power: {from: grid, fades: {0h: 10%, 6h: [60%, 80%, 90%]}, sustained_by: diesel}}
          records: {name: {nl: Dossiers, en: Records}, needs: {power: {from: grid, endures: 4h, loses: 50%}}}
    """,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("model")
    for name, text in FILES.items():
        (place / name).write_text(dedent(text), "utf-8")
    return place


def ask(folder: Path, *words: str, lang: str = "en") -> Result:
    return CliRunner().invoke(main, ["rank", "--model", str(folder), "--lang", lang, *words])


@pytest.mark.parametrize(("lang", "said"), [("nl", "Rangorde: eerst de laag"), ("en", "Ranking: first the layer")])
def test_the_command_speaks_both_languages(folder: Path, lang: str, said: str) -> None:
    result = ask(folder, "--all", "--samples", "4", lang=lang)
    assert result.exit_code == 0, result.output
    assert said in result.stdout
    assert "{" not in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 100


def test_the_command_gives_data(folder: Path) -> None:
    made = json.loads(ask(folder, "--format", "json", "--samples", "4").stdout)
    assert set(RANK_TABLES) - {"copies"} <= set(made)
    assert made["durations_h"] == [8, 24, 72, 336]
    assert (made["samples"], made["shown_h"], made["followed_h"]) == (4, 24, 336)
    for table in ("ranking", "copies", "doubt"):
        rows = list(
            csv.DictReader(io.StringIO(ask(folder, "--table", table, "--format", "csv", "--samples", "2").stdout))
        )
        assert {"label", "rank"} <= set(rows[0]), table


def test_the_command_takes_weights_lenses_and_regions(folder: Path) -> None:
    weighed = json.loads(ask(folder, "--weight", "euros=1", "--weight", "basic_hours=3", "--format", "json").stdout)
    own = {row["measure"]: row["weight"] for row in weighed["weights"] if row["lens"] == "own"}
    assert own == {"euros": 0.25, "basic_hours": 0.75}
    assert "rank_own" in weighed["lenses"][0]
    assert "rank_economy" not in weighed["lenses"][0]
    lens = ask(folder, "--lens", "economy").stdout
    assert lens.index("Rank under other weights") < lens.index("Ranking: first the layer")
    code = json.loads(ask(folder, "--of", "copies", "--format", "json").stdout)
    assert code["of"] == "copies"
    region = next(row["region"] for row in code["ranking"] if row["region"])
    here = json.loads(ask(folder, "--region", region, "--format", "json").stdout)
    assert {row["region"] for row in here["ranking"]} == {region}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--weight", "euros"), "write a measure and a number"),
        (("--weight", "euro=1"), "did you mean 'euros'"),
        (("--duration", "soon"), "a failure cannot last 'soon'"),
        (("--sector", "nowhere"), "no sector 'nowhere'"),
        (("--region", "Atlantis"), "Atlantis"),
    ],
)
def test_the_command_refuses_what_it_does_not_know(folder: Path, words: tuple[str, ...], message: str) -> None:
    result = ask(folder, *words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not result.stdout


def test_a_copy_is_told_with_its_region_and_what_is_not_narrowed_says_so(folder: Path) -> None:
    for of in ("processes", "copies"):
        made = tables(rank(cascade.load(folder), ["8h"], of), "en", Wish())
        named = [c for t in made if t.name in ("ranking", "front", "lenses") for c in t.columns if c.key == "name"]
        assert [c.clip for c in named] == [of == "processes"] * 3
    text = " ".join(ask(folder, "--region", "Noord", "--duration", "8h").stdout.split())
    assert "Hospital (large), Noord" in text
    assert "failures, not only R1." in text
    assert "not only" not in ask(folder, "--of", "copies", "--duration", "8h").stdout


def test_few_draws_are_called_coarse_and_a_written_folder_is_not_offered_again(folder: Path, tmp_path: Path) -> None:
    text = " ".join(ask(folder, "--duration", "8h", "--samples", "4").stdout.split())
    assert "With 4 draws this is coarse" in text
    assert "the same command with --out FOLDER" in text
    text = ask(folder, "--duration", "8h", "--samples", "100", "--out", str(tmp_path / "out")).stdout
    assert "coarse" not in text
    assert "--out FOLDER" not in text


def test_the_help_names_every_measure_that_can_be_weighed() -> None:
    text = " ".join(CliRunner().invoke(main, ["rank", "--help"]).stdout.split())
    assert all(f" {name}" in text for name in WEIGHABLE)


def test_the_command_writes_a_folder_the_same_every_time(folder: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        result = ask(folder, "--samples", "4", "--out", str(tmp_path / name))
        assert result.exit_code == 0, result.output
    written = {path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file()}
    assert {Path(f"{name}.csv") for name in RANK_TABLES} <= written
    assert {Path("manifest.json"), Path("pictures/ranking.svg"), Path("pictures/doubt.png")} <= written
    for path in written:
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes(), path
    manifest = json.loads((tmp_path / "one" / "manifest.json").read_text("utf-8"))
    assert "both-axes" in json.dumps(manifest)


def test_the_command_goes_on_where_it_stopped(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ask(folder, "--format", "json").stdout
    store = str(tmp_path / "work")
    real = ranking.run_tasks

    def stops(job: Any, **rest: Any) -> Any:
        real(job, **rest)
        raise Interrupted(3, 4, Path(store))

    monkeypatch.setattr(ranking, "run_tasks", stops)
    stopped = ask(folder, "--resume", store)
    assert stopped.exit_code == 130
    assert "3 of 4 done and kept" in stopped.stderr
    assert f"--resume {store}" in stopped.stderr
    bare = ask(folder, lang="nl")
    assert (bare.exit_code, "niets bewaard" in bare.stderr) == (130, True)
    monkeypatch.setattr(ranking, "run_tasks", real)
    assert ask(folder, "--resume", store, "--format", "json").stdout == whole


def test_the_shipped_country_is_ranked_as_quickly_as_promised() -> None:
    world = cascade.load(find_model(None))
    copies = rank(world, ["24h"], "copies")
    assert 1_500 < len(copies.cases) < 2_000
    processes = rank(world, ["24h"])
    # a national process is one copy: its failure is the same failure
    both = set(copies.labels) & set(processes.labels)
    assert len(both) > 20
    a, b = (f.table().set_index("label").drop(columns=["rank", "layer", "front"]) for f in (copies, processes))
    pd.testing.assert_frame_equal(a.loc[sorted(both)], b.loc[sorted(both)])
    assert not (processes.table()["short"] > 0).any()


def test_one_duration_needs_no_list() -> None:
    model = cascade.load("sectors")
    assert cascade.rank(model, "24h").table("24h").equals(cascade.rank(model, ["24h"]).table("24h"))


def test_samples_follow_the_design_asked_for() -> None:
    model = cascade.load("sectors")
    drawn = {kind: cascade.rank(model, "8h", samples=4, kind=kind).sampled for kind in ("lhs", "random", "sobol")}
    assert {kind: len(found) for kind, found in drawn.items()} == {"lhs": 4, "random": 4, "sobol": 4}
    assert len({found.tobytes() for found in drawn.values()}) == 3
