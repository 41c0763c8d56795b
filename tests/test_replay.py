"""What the living page holds is what the run says, to the last digit, and nothing in it can do harm."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import ANV, model, run, scenario
from click.testing import CliRunner

from cascade.cli import main
from cascade.commands.report import _named
from cascade.errors import UsageError
from cascade.files.reading import find_model, load, read_scenario, scenario_files
from cascade.model import Event, Model, Region
from cascade.results.impact import assess, people_without, sector_levels, sector_weights
from cascade.results.ranking import rank
from cascade.results.shortfall import People
from cascade.simulation.run import Run, simulate
from cascade.telling import handout, replay
from cascade.telling.columns import Notice
from cascade.telling.geometry import SHOWN_POINTS, WIDE, read_shapes, simplified
from cascade.telling.living import write_replay
from cascade.units import DAY, FULL, HOUR
from cascade.words import share

EVIL = "</script><script>alert(1)</script><!-- \u202e'\"`&amp; \u2028 ]]>"
LARGEST = "rotating-disconnection"
MOST_BYTES = 3_000_000
DTYPES = {"u1": "<u1", "u2": "<u2", "u4": "<u4"}


def unpack(packed: dict[str, str]) -> Any:
    return np.frombuffer(base64.b64decode(packed["d"]), DTYPES[packed["t"]]).astype(np.int64)


def levels_of(data: dict[str, Any], at: int) -> Any:
    """Levels of all copies at a moment, read off the packed steps the slow way."""
    first, time, level = (unpack(data["changes"][key]) for key in ("first", "time", "level"))
    found = np.full(len(first) - 1, FULL)
    for i in range(len(found)):
        rows = [k for k in range(first[i], first[i + 1]) if time[k] <= at]
        if rows:
            found[i] = level[rows[-1]]
    return found


@pytest.fixture(scope="module")
def country() -> Model:
    return load(find_model(None))


def play(country: Model, name: str) -> Run:
    return simulate(country, read_scenario(scenario_files(country.root)[name], country).scenario)


@pytest.fixture(scope="module")
def outage(country: Model) -> Run:
    return play(country, "national-power-outage")


@pytest.fixture(scope="module")
def page(outage: Run, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("replay") / "page.html"
    return write_replay(outage, assess(outage), path, "en").read_text("utf-8")


def data_of(page: str) -> dict[str, Any]:
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)[1])  # type: ignore[index,no-any-return]


# ------------------------------------------------------------------ the numbers


@pytest.mark.parametrize("name", ["national-power-outage", "gnss-time-manipulated", "river-flood"])
def test_levels_are_those_of_the_run_at_any_moment(country: Model, name: str) -> None:
    done = play(country, name)
    data = replay.payload(done)
    draw = np.random.default_rng(7)
    changes = np.unique(done.changes.time)
    moments = {0, 1, done.horizon, *draw.integers(0, done.horizon, 10).tolist()}
    moments |= {int(t) + d for t in draw.choice(changes, 10) for d in (-1, 0, 1) if 0 <= t + d <= done.horizon}
    expected = done.levels_at(sorted(moments)).to_numpy()
    for row, at in zip(expected, sorted(moments), strict=True):
        assert (levels_of(data, at) == np.rint(row * FULL)).all(), at


def test_causes_are_those_of_the_log(outage: Run) -> None:
    data = replay.payload(outage)
    first, *columns = (unpack(data["changes"][k]) for k in ("first", "time", "level", "event", "need", "supplier"))
    for label in ("hospital-care@VR09", "mobile-access@VR13", "chemical-plants", "electricity-distribution@VR01"):
        i = outage.network.index[label]
        names = list(outage.model.processes[outage.network.process(i)].needs)
        found = list(zip(*(c[first[i] : first[i + 1]].tolist() for c in columns), strict=True))
        expected = [
            (c.time, c.after, c.event + 1, names.index(c.need) + 1 if c.need else 0, c.supplier + 1)
            for c in outage.changes_of(i)
        ]
        assert found == expected
        assert found


def test_a_wrong_signal_is_told_from_a_lack() -> None:
    believed = {"level": "40%", "noticed_after": "1h"}
    world = model(
        {
            "clock": {},
            "mast": {"needs": {"time": {"from": "clock", "endures": "2h", "if_manipulated": believed}}},
            "phone": {"needs": {"mast": {"from": "mast"}}},
        }
    )
    wrong = run(world, {"hits": "clock", "at": "1h", "for": "9h", "manipulated": "true"})
    short = run(world, {"hits": "clock", "at": "1h", "for": "9h"})
    for done, expected in ((wrong, {"mast": 1, "phone": 0}), (short, {"mast": 0, "phone": 0})):
        changes = replay.payload(done)["changes"]
        first, flags, level = (unpack(changes[key]) for key in ("first", "wrong", "level"))
        for process, flag in expected.items():
            i = done.network.index[process]
            fallen = [k for k in range(first[i], first[i + 1]) if level[k] < FULL]
            assert fallen
            assert {int(flags[k]) for k in fallen} == {flag}, process


def test_people_are_those_of_the_map(outage: Run) -> None:
    data = replay.payload(outage)["without"]
    first, time, people = (unpack(data[key]) for key in ("first", "time", "people"))
    frame = people_without(outage)
    for r, code in enumerate(outage.network.regions):
        part = frame[(frame["region"] == code) & (frame["time_h"] * HOUR < outage.horizon)]
        assert time[first[r] : first[r + 1]].tolist() == np.rint(part["time_h"] * HOUR).astype(int).tolist()
        assert people[first[r] : first[r + 1]].tolist() == part["people"].tolist()


def test_sectors_weigh_as_everywhere_else(outage: Run) -> None:
    """The page works sector levels out itself, from weights; they must be those of the static report."""
    people = People(outage)
    weight = sector_weights(outage, people)[2]
    network = outage.network
    sector = np.array([outage.model.sector_of[p] for p in network.processes])
    frame = sector_levels(outage)
    for at_h in (0.5, 6, 40, 100, 200):
        level = outage.levels_at([round(at_h * HOUR)]).to_numpy()[0]
        mean = np.array(
            [np.average(level[network.process_of == p], weights=people.base[network.process_of == p]) for p in range(len(sector))]
        )  # fmt: skip
        for name in np.unique(sector):
            rows = frame[(frame["sector"] == name) & (frame["time_h"] <= at_h)]
            assert (mean * weight)[sector == name].sum() == pytest.approx(rows["level"].iloc[-1], abs=1e-9)


def test_numbers_are_packed_in_as_few_bytes_as_they_need() -> None:
    for values, kind in (([], "u1"), ([0, 255], "u1"), ([256], "u2"), ([65_536, 1], "u4")):
        packed = replay.pack(values)
        assert packed["t"] == kind
        assert unpack(packed).tolist() == values
    for values in ([-1], [1 << 32]):
        with pytest.raises(ValueError, match="can be packed"):
            replay.pack(values)


def test_the_slider_ends_where_nothing_changes_any_more() -> None:
    world = model({"a": {}, "b": {"needs": {"a": {"from": "a"}}}})
    over = run(world, {"hits": "a", "at": "0h", "for": "10h"}, horizon="30d")
    assert replay.shown_until(over) == 11 * HOUR
    assert replay.shown_until(run(world, {"hits": "a", "at": "0h"}, horizon="30d")) == 30 * DAY
    assert replay.shown_until(run(world, {"hits": "a", "at": "40d"}, horizon="30d")) == 30 * DAY


def test_what_the_map_shows_first(country: Model, outage: Run) -> None:
    assert replay.payload(outage)["opens"] == "people"
    cards = replay.payload(play(country, "card-payments-three-days"))
    assert cards["sectors"][int(cards["opens"][1:])][1].replace("\u00ad", "").startswith("Payments")


# ------------------------------------------------------------------ the words


def test_in_short_says_how_bad_when_through_what_and_whether_it_is_over() -> None:
    world = model(
        {"water": {"per": "region", "people": "50%", "basic_need": "true", "name": {"nl": "Water", "en": "Water"}}},
        {"R1": 1_000, "R2": 3_000},
    )
    hit = {"hits": "water@R2", "at": "6h"}
    over = run(world, {**hit, "for": "4d"}, horizon="10d")
    assert replay.in_short(over, assess(over), "en") == [
        "At the worst moment, after 6 hours, 1,500 people (38% of all inhabitants) lack a basic need; above all: Water.",
        "The outage reaches 1 of 1 processes, in 1 of 1 sectors and 1 of 2 regions.",
        "After 4 days nobody lacks one any more.",
    ]
    lasting = run(world, hit, horizon="10d")
    assert replay.in_short(lasting, assess(lasting), "nl")[-1] == (
        "Na 10 dagen, aan het eind van de bekeken periode, is dat nog niet voorbij."
    )
    calm = run(world, {"hits": "water", "at": "20d"}, horizon="10d")
    assert replay.in_short(calm, assess(calm), "en")[0] == "Nobody goes without a basic need."


def test_lengths_of_time_and_people_are_spelled_out() -> None:
    told = [replay.lasting(s, "en") for s in (0, 90, HOUR, 2 * HOUR + 1800, 36 * HOUR, 72 * HOUR, 74 * HOUR, 9 * DAY)]
    assert told == [
        "0 hours", "2 minutes", "1 hour", "150 minutes", "36 hours", "72 hours", "3 days", "9 days",
    ]  # fmt: skip
    assert replay.spelled(17_947_000, "nl") == "17,9 miljoen"
    assert replay.spelled(1_500, "en") == "1,500"


def test_bands_are_those_of_the_pictures() -> None:
    assert [replay.band(v) for v in (0, 0.0009, 0.001, 0.01, 0.011, 0.1, 0.5, 0.51, 0.75, 1, 1.2)] == [
        0, 0, 1, 1, 2, 2, 4, 5, 5, 6, 6,
    ]  # fmt: skip


def test_the_page_says_everything_in_both_languages(page: str, outage: Run) -> None:
    data = data_of(page)
    for process, row in zip(outage.network.processes, data["processes"], strict=True):
        assert row["name"] == [*outage.model.processes[process].name.model_dump().values()]
    names = outage.scenario.name
    assert page.count(f'<span lang="nl">{names.nl}</span><span lang="en">{names.en}</span>') == 1
    nl, en = (page.count(f'lang="{lang}"') for lang in ("nl", "en"))
    assert nl + 1 == en > 60  # the page itself opens in English
    for key in re.findall(r'data-nl="[^"]*"(?! data-en=)', page):
        pytest.fail(f"no English beside {key}")


def test_the_ranking_stands_on_both_axes_and_says_what_it_is(country: Model, outage: Run, tmp_path: Path) -> None:
    found = rank(country, durations=("24h",))
    bars = replay.failures(found, "en")
    table = found.table()
    assert [bar.rank for bar in bars] == table["rank"].head(15).tolist()
    assert max(bar.cascade_part for bar in bars) == max(bar.basic_part for bar in bars) == 1
    assert bars[0].cascade_part / bars[1].cascade_part == pytest.approx(
        table["cascade_hours"][0] / table["cascade_hours"][1]
    )
    notices = {
        "nl": Notice(("Weggelaten: 1 sector.",), "Samen zwaarder."),
        "en": Notice(("Left out: 1 sector.",), "Heavier."),
    }
    page = write_replay(outage, assess(outage), tmp_path / "p.html", "nl", "TLP:AMBER", (), notices, ranking=found).read_text()  # type: ignore[arg-type]  # fmt: skip
    assert 'id="ranking"' in page
    assert f"worst of {len(found.cases)}." in page
    for text in ("Weggelaten: 1 sector.", "Left out: 1 sector.", "Samen zwaarder.", "Heavier."):
        assert page.count(text) == 1
    assert len(re.findall(r'<(?:header|footer) class="mark alone">TLP:AMBER<', page)) == 2
    assert data_of(page)["marking"] == "TLP:AMBER"
    assert f'content: "{"TLP:AMBER"}"' in page


# ------------------------------------------------------------------ what stands still


def test_equal_repairs_are_one_row_and_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    world = model({"a": {"per": "region"}, "b": {}}, {"R1": 1, "R2": 1, "R3": 1})
    done = simulate(
        world,
        scenario(
            {"hits": "a", "at": "1h", "level": "0%", "repair": {"crew": "grid-team", "work": "2h"}},
            {"hits": "b", "level": "0%", "repair": {"crew": "grid-team", "work": "5h"}},
            crews={"grid-team": 1},
        ),
    )
    found = handout.grouped_jobs(done, "en")
    assert [tuple(row.values()) for row in found.rows] == [("b", 1, "grid team", 0, 5), ("a", 3, "grid team", 5, 11)]
    assert found.note == ""
    monkeypatch.setattr(handout, "SHOWN_JOBS", 1)
    found = handout.grouped_jobs(done, "en")
    assert len(found.rows) == 1
    assert found.note == "Not shown here: 1 more groups, 3 repairs together, that begin later."


def test_the_lanes_on_paper_are_those_of_the_worst_moment(outage: Run) -> None:
    at = handout.worst_moment(outage)
    times, people = replay.total_without(outage)
    assert at is not None
    assert people[times == at] == people.max()
    found, data = handout.lanes_at(outage, at, "en"), replay.payload(outage)
    assert [lane.name for lane in found.lanes] == [names[1] for names in data["sectors"]]
    level, network, base = levels_of(data, at), outage.network, People(outage).base
    texts = {cell.name: cell for lane in found.lanes for cell in lane.cells}
    for n, process in enumerate(data["processes"]):
        mine = network.process_of == n
        mean = np.average(level[mine], weights=base[mine]) / FULL
        cell = texts[process["short"][1]]
        assert (cell.text, cell.band) == (share(min(mean, 1.0), "en"), replay.band(1 - mean)), process["id"]
    assert texts[data["processes"][network.processes.index("electricity-transmission")]["short"][1]].struck


def test_without_people_the_worst_moment_is_when_least_is_delivered() -> None:
    world = model({"a": {}, "b": {"needs": {"a": {"from": "a", "endures": "3h"}}}})
    assert handout.worst_moment(run(world, {"hits": "a", "at": "1h", "for": "9h", "level": "0%"})) == 4 * HOUR
    assert handout.worst_moment(run(world, {"hits": "a", "level": "100%", "for": "1h"})) is None


# ------------------------------------------------------------------ size, safety, sameness


def test_the_largest_scenario_and_a_denser_run_stay_small(country: Model, tmp_path: Path) -> None:
    largest = play(country, LARGEST)
    assert largest.network.size >= 1_500
    page = write_replay(largest, assess(largest), tmp_path / "page.html")
    assert page.stat().st_size < MOST_BYTES / 3
    events = [
        Event.model_validate({"hits": "electricity-distribution", "at": f"{3 * k}h", "for": f"{60 + k} min", "level": f"{k % 90}%"})
        for k in range(110)
    ]  # fmt: skip
    busy = largest.scenario.model_copy(update={"events": tuple(events), "horizon": 14 * DAY})
    dense = simulate(country, busy)
    assert len(dense.changes.time) > 60_000
    rest = page.stat().st_size - len(replay.script_json(replay.payload(largest)))
    assert len(replay.script_json(replay.payload(dense))) + rest < MOST_BYTES


def test_the_policy_holds_the_fingerprints_of_style_and_script(page: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]  # type: ignore[index]
    assert policy.startswith("default-src 'none'; ")
    for tag, kind in (("style", "style-src"), ("script", "script-src")):
        text = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.S)
        assert len(text) == 1
        digest = base64.b64encode(hashlib.sha256(text[0].encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}';" in policy
    assert "unsafe" not in policy
    assert not re.search(r"https?:", page.replace("http://www.w3.org/2000/svg", ""))
    assert not re.search(r"\sstyle=|\son[a-z]+=|\beval\b|innerHTML|<link|<iframe|@import|url\((?!#)", page)


class Texts(HTMLParser):
    """Tags with their attributes, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    world = model(
        {
            "a": {"per": "region", "name": EVIL, "people": "50%", "basic_need": "true"},
            "b": {"name": EVIL, "sector": "two", "needs": {"n": {"from": "a", "use": EVIL, "endures": "1h"}}},
        },
        {"R1": 1_000},
        ANV,
        title=EVIL,
        about=EVIL,
    )
    regions = {"R1": world.regions["R1"].model_copy(update={"name": EVIL})}
    done = simulate(
        Model(**{**vars(world), "regions": regions}),
        scenario({"hits": "a", "at": "0h", "about": EVIL, "for": "9h"}, name=EVIL, start="2027-01-18T17:00+01:00"),
    )
    page = write_replay(done, assess(done), tmp_path / "p.html").read_text("utf-8")
    found = Texts()
    found.feed(page)
    assert [tag for tag, _ in found.tags].count("script") == 2
    assert not re.search(r"[<>&\u2028]", re.search(r'id="data">(.*?)</script>', page, re.S)[1])  # type: ignore[index]
    assert not any(name.startswith("on") for _, attributes in found.tags for name in attributes)
    assert data_of(page)["processes"][0]["name"] == [EVIL, EVIL]
    assert data_of(page)["events"][0]["name"] == [EVIL, EVIL]


def test_equal_runs_give_equal_bytes(country: Model, outage: Run, page: str, tmp_path: Path) -> None:
    again = play(country, "national-power-outage")
    assert write_replay(again, assess(again), tmp_path / "page.html", "en").read_text("utf-8") == page


# ------------------------------------------------------------------ outlines


def square(x: float, y: float, size: float = 1.0) -> list[list[float]]:
    return [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]


def feature(name: object, *rings: list[list[float]], kind: str = "Polygon", key: str = "naam") -> dict[str, Any]:
    coordinates = list(rings) if kind == "Polygon" else [[ring] for ring in rings]
    return {"type": "Feature", "properties": {key: name}, "geometry": {"type": kind, "coordinates": coordinates}}


REGIONS = {
    code: Region.model_validate({"code": code, "name": name, "population": "1000"})
    for code, name in (("R1", "Noord-Fryslân"), ("R2", "Zuid"))
}


def write(path: Path, *features: object, **rest: object) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **rest}), "utf-8")
    return path


def test_outlines_are_matched_by_code_or_name_and_scaled(tmp_path: Path) -> None:
    file = write(
        tmp_path / "g.json",
        feature("Veiligheidsregio NOORD FRYSLAN", square(4, 60)),
        feature("r2", square(5, 60), square(7, 60, 0.5), kind="MultiPolygon", key="code"),
        feature("elders", square(0, 0)),
    )
    shapes = read_shapes(file, REGIONS)
    assert shapes.unused == 1
    # 3.5 degrees of longitude at 60.5 N are 3.5 x cos(60.5) = 1.723 of latitude, so 1 degree of latitude is 1000 / 1.723
    assert (shapes.width, shapes.height) == (WIDE, 581)
    assert shapes.paths["R1"] == "M0,580.2 285.7,580.2 285.7,0 0,0z"
    assert shapes.paths["R2"].count("M") == 2
    assert shapes.middles["R1"] == (143, 290)
    metres = write(tmp_path / "m.json", feature("R1", square(100_000, 400_000, 5e4)), feature("R2", square(150_000, 400_000, 5e4)))  # fmt: skip
    shapes = read_shapes(metres, REGIONS)
    assert (shapes.width, shapes.height) == (WIDE, 500)


def test_outlines_of_many_points_become_light_and_stay_true(tmp_path: Path) -> None:
    turn = np.linspace(0, 2 * np.pi, 40_000)
    ring = np.column_stack((np.cos(turn), np.sin(turn))) * 500
    thin = simplified(ring, 0.5)
    assert 50 < len(thin) < 200
    assert thin[0].tolist() == ring[0].tolist()
    assert thin[-1].tolist() == ring[-1].tolist()
    rough = (ring * (1 + 0.01 * np.sin(900 * turn))[:, None]).tolist()
    rough[-1] = rough[0]
    shapes = read_shapes(write(tmp_path / "g.json", feature("R1", rough), feature("R2", square(600, 0, 100))), REGIONS)
    assert sum(path.count(",") for path in shapes.paths.values()) <= SHOWN_POINTS


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no json", "this is no JSON"),
        ('{"type": "FeatureCollection", "features": [NaN]}', "NaN is no number"),
        ("[" * 100 + "]" * 100, "nested deeper than 40"),
        ('{"type": "Topology"}', "no GeoJSON FeatureCollection"),
        ('{"type": "FeatureCollection", "features": [3]}', "feature 1 is no GeoJSON Feature"),
    ],
)
def test_what_is_no_geojson_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "g.json").write_text(text)
    with pytest.raises(UsageError, match=re.escape(str(tmp_path / "g.json"))) as caught:
        read_shapes(tmp_path / "g.json", REGIONS)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ([feature("R1", square(0, 0))], "no feature for R2 (Zuid); give each region a feature"),
        ([{**feature("R1"), "geometry": {"type": "Point", "coordinates": [0, 0]}}], "feature 1 (R1) is a Point"),
        ([feature("R1", [[0, 0], [1, 0], [1, 1], [0, 1]])], "is not closed"),
        ([feature("R1", [[0, 0], [1, "x"], [1, 1], [0, 0]])], 'a point is two numbers, not [1, "x"]'),
        ([feature("R1", [[0, 0], [1, True], [1, 1], [0, 0]])], "a point is two numbers"),
        ([feature("R1", [[0, 0], [1e9, 1], [1, 1], [0, 0]])], "out of range"),
        ([{**feature("R1", square(0, 0)), "properties": {"a": "R1", "b": "zuid"}}], "names several regions: R1, R2"),
    ],
)
def test_faulty_outlines_are_named_with_their_remedy(tmp_path: Path, features: list[Any], message: str) -> None:
    with pytest.raises(UsageError, match=r"g\.json") as caught:
        read_shapes(write(tmp_path / "g.json", *features), REGIONS)
    assert message in str(caught.value)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "g.json"
    with path.open("wb") as file:
        file.truncate(50_000_001)
    with pytest.raises(UsageError, match="more than the 50 MB"):
        read_shapes(path, REGIONS)


# ------------------------------------------------------------------ the command


def call(*arguments: str) -> Any:
    return CliRunner().invoke(main, ["report", *arguments])


def test_the_command_writes_a_page_named_after_its_scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = call("outage-112", "--no-ranking", "--lang", "nl", "--marking", "TLP:GREEN")
    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    assert "Geschreven: outage-112.html" in done.stderr
    page = (tmp_path / "outage-112.html").read_text("utf-8")
    assert '<html lang="nl">' in page
    assert 'id="ranking"' not in page
    assert '<header class="mark alone">TLP:GREEN</header>' in page
    # nobody goes without: one sentence instead of a row for each region, and whose person-hours the share is of
    assert "In geen enkele regio komt iemand" in page
    assert page.count("Flevoland") < 8
    assert re.search(r"in persoonsuren van alle processen</td>\s*<td[^>]*>\d+% van [\d,]+", page)
    assert '<span lang="nl">sinds het begin</span>' in page
    assert _named("x/outage-112.yaml") == Path("outage-112.html")  # its own page is written anew
    (tmp_path / "outage-112.html").write_text("mine")
    refused = call("outage-112", "--no-ranking")
    assert refused.exit_code == 2
    assert "name another with --out" in refused.stderr
    assert (tmp_path / "outage-112.html").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--format", "json"), "cascade run SCENARIO --format json"),
        (("--out", "page.pdf"), "give it a name that ends in .html"),
        (("--out", "page.csv"), "give it a name that ends in .html"),
        (("--geometry", "none.json"), "does not exist"),
    ],
)
def test_the_command_refuses_what_it_cannot_do(arguments: tuple[str, ...], message: str) -> None:
    done = call("outage-112", *arguments)
    assert done.exit_code == 2
    assert message in done.stderr
