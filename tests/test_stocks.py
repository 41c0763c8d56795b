"""Stocks: what is read, how far they go in a run by hand and by the plain simulator, and what a run is without them."""

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import cascade
from cascade.cli import main
from cascade.commands.stocks import REGISTER_TABLES, USE_TABLES
from cascade.errors import UsageError
from cascade.files.model_checks import unseen
from cascade.model import Lang, Model, Need, Scenario, Stock
from cascade.results.impact import assess
from cascade.results.stocks import (
    HARM,
    VERDICTS,
    Piece,
    StockUse,
    Use,
    lasting,
    register,
    shortened,
    stock_use,
    uses,
)
from cascade.results.stocks import without as model_without
from cascade.simulation.clocks import clocks, draws
from cascade.simulation.run import Run, simulate
from cascade.telling.plots import render
from cascade.telling.reserves import draw_register, draw_use
from cascade.telling.stocks import register_tables, summary, use_tables
from cascade.units import DAY, FULL, HOUR
from tests import naive
from tests.builders import model as world
from tests.builders import scenario
from tests.random_models import Wishes, build, random_draft

ROOT = Path(__file__).resolve().parents[1]
LANGS: tuple[Lang, ...] = ("nl", "en")


def stock(bridges: Any, **more: Any) -> Stock:
    text = {"name": "s", "holds": "s", "kind": "working", "holder": "s", "bridges": bridges}
    return Stock.model_validate(text | more)


def stocked(model: Model, **stocks: Stock) -> Model:
    return dataclasses.replace(model, stocks=stocks)


def need(**text: Any) -> Need:
    return Need.model_validate({"from": "a", **text})


def steps(one: Need) -> list[tuple[int, int]]:
    return [(after.mode, lost.mode) for after, lost in one.steps]


# ---------------------------------------------------------------- a need without a part of its endurance


def test_endurance_is_shortened_by_its_part() -> None:
    made = shortened(need(endures=["2h", "8h", "24h"], loses="60%"), 2_500)
    assert made.endures is not None
    assert [t / HOUR for t in made.endures] == [1.5, 6, 18]
    assert steps(made) == [(6 * HOUR, 6_000)]


def test_the_last_step_comes_earlier_and_overtakes_others() -> None:
    oil = need(fades={"20d": "10%", "90d": "50%"})
    assert steps(shortened(oil, 5_000)) == [(20 * DAY, 1_000), (45 * DAY, 5_000)]
    # 78% of 90 days is 70 days 4 h 48 min; what remains is under the 20 days of the first step
    assert steps(shortened(oil, 7_800)) == [(90 * DAY * 22 // 100, 5_000)]
    assert steps(shortened(oil, FULL)) == [(0, 5_000)]
    assert shortened(oil, 0) == oil


def test_refilling_goes_as_fast_as_before() -> None:
    # 10 h in 5 h; the half of it in half the time
    assert shortened(need(endures="10h", recharge="5h"), 5_000).recharge == (9_000, 9_000, 9_000)
    assert shortened(need(endures="10h"), 5_000).recharge is None
    assert shortened(need(endures="10h", recharge="0h"), 5_000).recharge == (0, 0, 0)


def test_a_spread_scales_what_is_left() -> None:
    made = shortened(need(fades={"10h": "50%"}, spread=["0.5", "2", "3"]), 4_000)
    assert steps(made) == [(12 * HOUR, 5_000)]


def test_a_model_without_a_stock_leaves_the_model_as_it_is() -> None:
    shipped = cascade.load(ROOT / "sectors")
    kept = shipped.processes["fuel-depots"].model_dump_json()
    made = model_without(shipped, ["oil-reserve"])
    assert shipped.processes["fuel-depots"].model_dump_json() == kept
    assert steps(made.processes["fuel-depots"].needs["product"]) == [(90 * DAY * 22 // 100, 5_000)]
    assert made.sectors["energy"].processes["fuel-depots"] is made.processes["fuel-depots"]
    changed = [p for p in made.processes if made.processes[p] is not shipped.processes[p]]
    assert changed == ["fuel-depots"]
    with pytest.raises(UsageError, match="no stock 'oil-reserv' in the model; did you mean 'oil-reserve'"):
        model_without(shipped, ["oil-reserv"])


# ---------------------------------------------------------------- clocks, against the engine and the plain simulator


def wound(run: Run) -> Any:
    """Every clock at the horizon, from the state in which the run ended."""
    at = run.state.need
    return np.clip(at["clock"] + at["rate"] * (run.horizon - at["clock_t"]), 0, at["most"])


class Watched(naive.Simulation):
    """The plain simulator, telling all its clocks at every instant."""

    def __init__(self, model: Model, made: Scenario) -> None:
        super().__init__(model, made)
        self.seen: list[tuple[int, dict[naive.Key, int]]] = []

    def instant(self) -> None:
        self.seen.append((self.t, dict(self.clock)))
        super().instant()


def position(course: Any, k: int, t: int) -> int:
    """Where a clock stands at a moment, before what happens at that moment."""
    at = max(int(np.searchsorted(course.times, t, "left")) - 1, 0)
    moved = course.clock[at, k] + course.rate[at, k] * (t - course.times[at])
    return int(min(max(moved, 0), course.most[k]))


@pytest.mark.parametrize("block", range(6))
def test_clocks_are_those_of_both_simulators(block: int) -> None:
    moving = 0
    for seed in range(60 * block, 60 * block + 60):
        model, made = build(random_draft(seed))
        run = simulate(model, made)
        names = run.network.need_names
        course = clocks(run, np.arange(len(names), dtype=np.int64))
        assert course.at_end().tolist() == wound(run).tolist(), seed
        starts = run.network.arrays.need_start
        owner = np.repeat(np.arange(run.network.size), np.diff(starts))
        keys = [(run.network.labels[i], name) for i, name in zip(owner.tolist(), names, strict=True)]
        watched = Watched(model, made)
        watched.run()
        for t, stood in watched.seen[1:]:
            told = [position(course, k, t) for k in range(len(keys))]
            assert told == [stood[key] for key in keys], (seed, t)
            moving += sum(1 for one in told if one)
    assert moving > 1_000


def bridged(seed: int, wishes: Wishes) -> tuple[Model, Scenario] | None:
    """A random model of which one need with a single, later step is a stock."""
    model, made = build(random_draft(seed, wishes))
    for name, process in model.processes.items():
        for key, one in process.needs.items():
            if len(one.steps) == 1 and one.steps[0][0].mode > 0:
                others = [p for p in model.processes if p != name]
                found = stock({"process": name, "need": key}, usable_with=others[:2], part=f"{10 * (seed % 10) + 10}%")
                return stocked(model, tank=found), made
    return None


def test_a_run_without_a_stock_is_never_better() -> None:
    tried = worse = 0
    for seed in range(400):
        found = bridged(seed, Wishes(manipulation=False, repairs=False, measures=False))
        if found is None:
            continue
        model, made = found
        usual, other = (simulate(m, made).state.proc["lost"] for m in (model, model_without(model, ["tank"])))
        assert (other >= usual).all(), seed
        tried, worse = tried + 1, worse + bool((other > usual).any())
    assert tried > 150
    assert worse > 20


def test_what_is_drawn_is_what_the_clock_moved() -> None:
    drawn = 0
    for seed in range(300):
        found = bridged(seed, Wishes())
        if found is None:
            continue
        model, made = found
        for use in uses(simulate(model, made)):
            assert use.amount == sum(p.drawn for p in use.pieces)
            assert all(a.end <= b.start for a, b in zip(use.pieces, use.pieces[1:], strict=False))
            assert 0 <= use.used <= 1
            assert (use.empty is None) == (use.used < 1 or not use.lasts)
            assert use.drawn <= made.horizon
            assert use.amount_blocked <= use.amount
            drawn += bool(use.pieces)
    assert drawn > 40


# ---------------------------------------------------------------- by hand

DEPOT: dict[str, dict[str, Any]] = {
    "ships": {"people": None},
    "power": {},
    "roads": {},
    "depot": {"people": "100%", "needs": {"oil": {"from": "ships", "endures": "10h"}, "power": {"from": "power"}}},
}
"""1,000 people rely on a depot, which does ten hours without ships; the last four of these are the stock."""


def depot(**more: Any) -> Model:
    made = world({name: {k: v for k, v in text.items() if v is not None} for name, text in DEPOT.items()})
    text: dict[str, Any] = {"part": "40%", "usable_with": ["power", "roads"], "lasts": ["2h", "4h", "6h"]}
    return stocked(made, tank=stock({"process": "depot", "need": "oil"}, **text | more))


def test_a_stock_is_used_last_and_then_empty() -> None:
    # ships out for 30 h: working stock until 6 h, the tank until 10 h, then nothing for 20 h
    made = scenario({"hits": "ships", "for": "30h"}, horizon="48h")
    found = stock_use(depot(), made)
    (use,) = found.copies
    assert (use.first, use.drawn, use.empty, use.used) == (6 * HOUR, 4 * HOUR, 10 * HOUR, 1.0)
    assert (use.lasts, use.blocked, use.lacking) == (4 * HOUR, 0, {})
    # without it the depot is out from 6 h on: 4 hours more for 1,000 people
    assert found.lost["tank"].harm["person_h"] == 4_000
    assert (found.lost["tank"].first_s, found.lost["tank"].first, found.lost["tank"].most) == (
        6 * HOUR,
        "depot",
        "depot",
    )
    assert found.lost_all == found.lost["tank"]
    assert found.verdict("tank") == "helps"


def test_a_stock_on_half_supply_lasts_twice_as_long() -> None:
    made = scenario({"hits": "ships", "level": "50%", "for": "16h"}, horizon="48h")
    (use,) = stock_use(depot(), made).copies
    # the clock runs at half its speed: 6 h of working stock take 12, and 4 h are left for the tank
    assert (use.first, use.drawn, use.empty, use.used) == (12 * HOUR, 4 * HOUR, None, 0.5)


def test_a_stock_that_is_refilled_does_not_go_down() -> None:
    text = {**DEPOT, "lorries": {}, "ships": {}}
    text["depot"] = {"needs": {"oil": {"from": "ships", "endures": "10h", "sustained_by": "lorries"}}}
    made = stocked(world(text), tank=stock({"process": "depot", "need": "oil"}))
    # lorries stop at 5 h and come back at 8 h
    events = [{"hits": "ships", "for": "30h"}, {"hits": "lorries", "at": "5h", "for": "3h"}]
    (use,) = stock_use(made, scenario(*events, horizon="48h")).copies
    assert [(p.start, p.end) for p in use.pieces] == [(5 * HOUR, 8 * HOUR)]
    assert use.used == 0.3


def test_a_stock_that_is_full_again_at_once_starts_anew() -> None:
    text = {**DEPOT, "lorries": {}, "ships": {}}
    oil = {"from": "ships", "endures": "10h", "sustained_by": "lorries", "recharge": "0h"}
    text["depot"] = {"needs": {"oil": oil}}
    made = stocked(world(text), tank=stock({"process": "depot", "need": "oil"}))
    # 3 h gone at 8 h; its clock stands still until the ships are back, is full again then, and 2 h go from 40 h on
    events: list[dict[str, Any]] = [
        {"hits": "ships", "for": "30h"},
        {"hits": "lorries", "at": "5h", "for": "3h"},
        {"hits": ["ships", "lorries"], "at": "40h", "for": "2h"},
    ]
    (use,) = stock_use(made, scenario(*events, horizon="48h")).copies
    assert [(p.start // HOUR, p.end // HOUR, p.drawn // FULL // HOUR) for p in use.pieces] == [(5, 8, 3), (40, 42, 2)]
    assert use.used == 0.3


def test_a_stock_cannot_be_used_while_what_it_needs_is_down() -> None:
    # roads, which no need asks for, are down from 7 to 9 h: two of the four hours of the tank
    events = [{"hits": "ships", "for": "30h"}, {"hits": "roads", "at": "7h", "for": "2h", "level": "40%"}]
    made = scenario(*events, horizon="48h")
    found = stock_use(depot(), made)
    (use,) = found.copies
    assert [(p.start // HOUR, p.end // HOUR, p.lacking) for p in use.pieces] == [
        (6, 7, ""),
        (7, 9, "roads"),
        (9, 10, ""),
    ]
    row = found.table.iloc[0]
    assert (row["blocked_h"], row["blocked_by"], row["usable"], row["verdict"]) == (2, "roads", 0.5, "in-part")
    assert stock_use(depot(), made, below=4_000).verdict("tank") == "helps"
    longer: list[dict[str, Any]] = [{"hits": "ships", "for": "30h"}, {"hits": ["power", "roads"], "for": "30h"}]
    never = stock_use(depot(), scenario(*longer, horizon="48h"))
    assert never.verdict("tank") == "unusable"
    # the depot itself is out for want of power, so that the tank was worth nothing: both runs say the same
    assert never.lost["tank"].harm["person_h"] == 0


def test_a_measure_that_lengthens_endurance_comes_before_the_stock() -> None:
    measured = depot()
    extra = {
        "name": "m",
        "lever": "redundancy",
        "applies_to": {"processes": ["depot"], "need": "oil"},
        "effect": {"endures": "+5h"},
    }
    measured = dataclasses.replace(measured, measures={"more": cascade.model.Measure.model_validate(extra)})
    made = scenario({"hits": "ships", "for": "30h"}, horizon="48h", with_measures=[{"measure": "more", "at": "depot"}])
    (use,) = stock_use(measured, made).copies
    assert (use.first, use.empty, use.lasts) == (11 * HOUR, 15 * HOUR, 4 * HOUR)


def test_verdicts() -> None:
    made = stocked(depot(), tank=depot().stocks["tank"], vault=stock([], kind="strategic"))
    found = stock_use(made, scenario({"hits": "ships", "for": "5h"}, horizon="48h"))
    assert [found.verdict(name) for name in found.stocks] == ["idle", "unknown"]
    assert found.table["stock"].tolist() == ["tank", "vault"]
    assert found.table["first_h"].tolist() == [None, None]
    assert {row["verdict"] for row in found.table.to_dict("records")} <= set(VERDICTS)


def test_the_worst_copy_comes_first() -> None:
    made = world(
        {"ships": {"per": "region"}, "depot": {"per": "region", "needs": {"oil": {"from": "ships", "endures": "10h"}}}},
        regions={"R1": 100, "R2": 900},
    )
    made = stocked(made, tank=stock({"process": "depot", "need": "oil"}))
    events = [{"hits": "ships", "where": "R1", "for": "2h"}, {"hits": "ships", "where": "R2", "for": "8h"}]
    found = stock_use(made, scenario(*events, horizon="48h"))
    assert [use.instance for use in found.of("tank")] == ["depot@R2", "depot@R1"]
    row = found.table.iloc[0]
    assert (row["region"], row["used"], row["copies"], row["copies_drawn"]) == ("R2", 0.8, 2, 2)


def test_a_national_stock_needs_most_of_what_the_regions_have() -> None:
    made = world(
        {
            "ships": {},
            "power": {"per": "region"},
            "depot": {"needs": {"oil": {"from": "ships", "endures": "10h"}}},
        },
        regions={"R1": 100, "R2": 900},
    )
    made = stocked(made, tank=stock({"process": "depot", "need": "oil"}, usable_with="power"))
    for region, blocked in (("R1", 0), ("R2", 10 * HOUR)):
        events = [{"hits": "ships", "for": "30h"}, {"hits": "power", "where": region, "for": "30h"}]
        (use,) = stock_use(made, scenario(*events, horizon="48h")).copies
        assert use.blocked == blocked


# ---------------------------------------------------------------- the register


def test_register_sets_the_model_beside_what_is_published() -> None:
    row = register(depot()).iloc[0]
    assert (row["model_h"], row["published_low_h"], row["published_high_h"], row["agrees"]) == (4, 2, 6, True)
    assert (row["bridges"], row["part"], row["not_in_model"]) == ("depot.oil", 0.4, "roads")
    assert register(depot(lasts="5h")).iloc[0]["agrees"] is False
    assert register(depot(lasts=None)).iloc[0]["agrees"] is None
    assert list(register(world({"a": {}})).columns) == ["stock"]


def test_what_a_run_knows_of_is_what_needs_ask_for() -> None:
    made = depot()
    assert unseen(made, made.stocks["tank"]) == ("roads",)
    # the supplier of the bridged need does not count: the stock is there for when it fails
    assert unseen(made, stock({"process": "depot", "need": "oil"}, usable_with=["ships"])) == ("ships",)
    assert unseen(made, stock({"process": "depot", "need": "power"}, usable_with=["ships", "depot"])) == ()


def test_the_shipped_stocks_are_sourced_and_told_in_two_languages() -> None:
    shipped = cascade.load(ROOT / "sectors")
    assert len(shipped.stocks) >= 20
    kinds = {one.kind for one in shipped.stocks.values()}
    assert kinds == {"strategic", "required", "working", "household"}
    for name, one in shipped.stocks.items():
        assert one.source, name
        assert one.confidence, name
        if set(one.source) <= {"mem", "own"}:
            assert one.confidence != "high", name
        assert one.name["nl"] != one.name["en"], name
        assert one.holds["nl"], name
        if one.bridges:
            assert set(one.not_in_model) == set(unseen(shipped, one)), name
            assert min(lasting(shipped, one)) > 0, name
    held = {one for s in shipped.stocks.values() for one in (s.bridges or ())}
    assert len(held) == sum(len(s.bridges) for s in shipped.stocks.values())


def test_the_shipped_oil_stock_lasts_ten_weeks_after_the_working_stock() -> None:
    shipped = cascade.load(ROOT / "sectors")
    made = scenario({"hits": "oil-refining"}, horizon="120d")
    found = stock_use(shipped, made, stocks=["oil-reserve"])
    (use,) = found.copies
    assert use.first is not None
    assert use.empty is not None
    assert 19 * DAY < use.first < 21 * DAY
    assert use.empty == 90 * DAY
    assert found.lost["oil-reserve"].harm["person_h"] > 0


def test_harm_is_that_of_the_runs_themselves() -> None:
    shipped = cascade.load(ROOT / "sectors")
    made = cascade.load_scenario("regional-power-outage", shipped)
    found = stock_use(shipped, made, stocks=["hospital-diesel", "telecom-diesel"])
    for names, worse in ((["hospital-diesel"], found.lost["hospital-diesel"]), (found.stocks, found.lost_all)):
        usual, other = (assess(simulate(m, made)).totals for m in (shipped, model_without(shipped, names)))
        assert worse.harm == {key: int(other[key] or 0) - int(usual[key] or 0) for key in HARM}
    assert found.lost_all.harm["person_h"] > 0


def test_the_order_of_the_stocks_changes_nothing() -> None:
    shipped = cascade.load(ROOT / "sectors")
    made = cascade.load_scenario("card-payments-three-days", shipped)
    turned = dataclasses.replace(shipped, stocks=dict(reversed(shipped.stocks.items())))
    names = ["cash-at-home", "household-provisions", "cash-in-machines"]
    one, other = stock_use(shipped, made, stocks=names), stock_use(turned, made, stocks=names[::-1])
    assert one.table.to_csv() == other.table.to_csv()
    assert one.copies == other.copies


def test_what_cannot_be_asked_is_refused() -> None:
    made = scenario({"hits": "ships", "for": "5h"})
    with pytest.raises(UsageError, match="no stock 'tan' in the model; did you mean 'tank'"):
        stock_use(depot(), made, stocks=["tan"])
    with pytest.raises(UsageError, match="between 0% and 100%"):
        stock_use(depot(), made, below=20_000)


def test_draws_between_two_positions() -> None:
    run = simulate(depot(), scenario({"hits": "ships", "for": "8h"}, horizon="48h"))
    k = run.network.need_names.index("oil")
    course = clocks(run, np.array([k], np.int64))
    assert [tuple(d) for d in draws(course, 0, 2 * HOUR * FULL, 20 * HOUR * FULL)] == [
        (2 * HOUR, 8 * HOUR, 2 * HOUR * FULL, 8 * HOUR * FULL)
    ]
    assert draws(course, 0, 9 * HOUR * FULL, 20 * HOUR * FULL) == []


# ---------------------------------------------------------------- told


@pytest.fixture(scope="module")
def found() -> StockUse:
    shipped = cascade.load(ROOT / "sectors")
    made = cascade.load_scenario("national-power-outage", shipped)
    return stock_use(shipped, made, stocks=["hospital-diesel", "traders-diesel", "oil-reserve", "cash-reserve"])


def test_tables_hold_what_was_found(found: StockUse) -> None:
    tables = {table.name: table for table in use_tables(found, "nl", whole=True)}
    assert tuple(tables) == USE_TABLES
    assert [row["stock"] for row in tables["use"].rows] == found.table["stock"].tolist()
    shown = use_tables(found, "nl")[0]
    assert {row["stock"] for row in shown.rows} == {"hospital-diesel", "traders-diesel"}
    assert "Niet aangesproken: Strategische olievoorraad." in shown.note
    assert "onbekend: Voorraad bankbiljetten." in shown.note
    lines = summary(found, "en")
    assert lines[0] == "Drawn on: 2 of 4 stocks; empty somewhere: 1."
    assert lines[-1] == "Wanted but never usable: Diesel on lorries and with traders."
    names = [table.name for table in register_tables(found.run.model, "en")]
    assert tuple(names) == REGISTER_TABLES


def test_pictures_are_drawn_alike_each_time(found: StockUse) -> None:
    for lang in LANGS:
        used, listed = render(draw_use(found, lang)), render(draw_register(found.run.model, lang))
        assert (used, listed) == (render(draw_use(found, lang)), render(draw_register(found.run.model, lang)))
        assert used.startswith(b"<?xml")
        assert used != listed
    # one hatched lane and one that is not
    assert len(draw_use(found, "nl").axes[0].patches) >= 4
    hatched = [p for p in draw_use(found, "nl").axes[0].patches if p.get_hatch()]
    assert hatched


def call(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["stocks", *words, "--model", str(ROOT / "sectors")])
    assert result.exit_code == code, (result.output, result.exception)
    return result


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_the_command_fits_a_screen(lang: str) -> None:
    register_text = call("--lang", lang).stdout
    used = call("regional-power-outage", "--lang", lang).stdout
    for text in (register_text, used):
        assert max(len(line) for line in text.splitlines()) <= 100
        assert "TLP:CLEAR" in text
        assert "{" not in text
    assert ("Strategische" if lang == "nl" else "Strategic") in register_text


def test_a_stock_that_nobody_would_miss_is_said_to_be_one() -> None:
    said = call("gas-shortage", "--stock", "gas-storage", "--lang", "en").stdout
    assert "Drawn on: 1 of 1 stocks; empty somewhere: 0." in said
    assert "Without any one of these stocks nobody would be worse off" in said


def test_of_equally_used_copies_the_one_longest_out_of_reach_is_shown() -> None:
    def use(instance: str, lacking: str) -> Use:
        pieces = (Piece(0, 10, 100, ""), Piece(10, 20, 100, lacking))
        return Use("stock", "depot", "fuel", instance, "", 1, lasts=20, used=1.0, empty=20, pieces=pieces)

    free, stuck = use("a", ""), use("b", "roads")
    assert sorted((free, stuck), key=lambda one: one.rank) == [stuck, free]


def test_data_and_tables_agree(tmp_path: Path) -> None:
    data = json.loads(call("--format", "json").stdout)
    assert {row["stock"] for row in data["register"]} == {row["stock"] for row in data["usable"]}
    csv = call("outage-112", "--format", "csv", "--table", "without").stdout
    assert csv.startswith("stock,verdict,usable,more_person_h,")
    out = tmp_path / "stocks.json"
    call("outage-112", "--stock", "hospital-diesel", "--out", str(out))
    told = json.loads(out.read_text(encoding="utf-8"))
    assert [row["stock"] for row in told["use"]] == ["hospital-diesel"]
    assert told["below"] == 0.5


@pytest.mark.parametrize("words", [(), ("outage-112", "--stock", "hospital-diesel")])
def test_a_picture_on_request(words: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "stocks.svg"
    said = call(*words, "--picture", str(file)).stderr
    assert "stocks.svg" in said
    assert file.read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--table", "use"), "name a SCENARIO"),
        (("outage-112", "--table", "register"), "leave SCENARIO out"),
        (("--stock", "oil-reserv"), "did you mean 'oil-reserve'"),
        (("outage-112", "--below", "half"), "--below"),
        (("--picture", "stocks.jpg"), "ends in .svg, .png or .pdf"),
        (("outage-113",), "no scenario 'outage-113'"),
    ],
)
def test_wrong_use_names_the_remedy(words: tuple[str, ...], said: str) -> None:
    assert re.search(re.escape(said), call(*words, code=2).stderr)


def test_a_model_without_stocks_says_so(tmp_path: Path) -> None:
    for file in (ROOT / "tests" / "definitions" / "valid" / "base").iterdir():
        if file.name != "stocks.yaml":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    result = CliRunner().invoke(main, ["stocks", "--model", str(tmp_path), "--lang", "nl"])
    assert result.exit_code == 0, (result.output, result.exception)
    assert "Dit model heeft geen voorraden." in result.stdout
