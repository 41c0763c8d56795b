"""Somebody else's list: every fault with its place, the walk down the list by hand, and reasons that simulation bears out."""

from pathlib import Path
from typing import Any

import pytest
from builders import model as world
from test_fronts import Brute, attack, dice, plans, random_world, searched, shown, with_measures

from cascade.errors import DefinitionError
from cascade.files.priorities import Entry, RivalList, read_entries
from cascade.model import Input, Model
from cascade.results.candidates import Choices, limits
from cascade.results.plans import NoPlan, Search
from cascade.results.rivals import ALMOST, Rivalry, compare, read_list
from cascade.telling.fronts import rival_summary, rival_tables

PEOPLE = {"R1": 1_000, "R2": 3_000}


@pytest.fixture(scope="module")
def model() -> Model:
    """Plants a, b and c; a load on each, with 60, 40 and 30 % of the people; care in two regions on a or b."""
    loads = {
        f"load-{x}": {"people": p, "needs": {"power": {"from": f"plant-{x}"}}}
        for x, p in zip("abc", ("60%", "40%", "30%"), strict=True)
    }
    care = {"per": "region", "people": "100%", "name": {"nl": "Zorg", "en": "Care"}}
    bare = world(
        {
            **loads,
            "plant-a": {"name": "Oude centrale"},
            "plant-b": {"name": "Plant"},
            "plant-c": {"name": "Plant"},
            "care": care,
        },
        PEOPLE,
    )
    return with_measures(
        bare, guard={"processes": ["plant-a", "plant-b", "plant-c", "care"]}, half={"processes": ["plant-a", "care"]}
    )


def file_of(folder: Path, text: str | bytes) -> Path:
    path = folder / "list.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def listed(*rows: str | tuple[str, ...]) -> RivalList:
    """Make a list from ``process`` or ``(process, region, measure)``."""
    entries = []
    for n, row in enumerate(rows, 1):
        entries.append(Entry(n + 1, n, *((row,) if isinstance(row, str) else row)))
    return RivalList("list.csv", tuple(entries), False, Input("list.csv", ""))


# ------------------------------------------------------------------ reading


def test_a_dutch_list_by_names(model: Model, tmp_path: Path) -> None:
    text = "\ufeffRang;Proces;Regio;Maatregel\r\n2;oude  CENTRALE;;\r\n1;Zorg;r2;Guard\r\n\r\n2;plant-b;;guard\r\n"
    found = read_entries(file_of(tmp_path, text), model)
    assert found.entries == (
        Entry(3, 1, "care", "R2", "guard"),
        Entry(2, 2, "plant-a"),
        Entry(5, 2, "plant-b", "", "guard"),
    )
    assert found.ranked
    assert (found.name, len(found.source.sha256)) == ("list.csv", 64)


def test_the_order_of_rows_counts_without_ranks(model: Model, tmp_path: Path) -> None:
    found = read_entries(file_of(tmp_path, 'process\nplant-b\n"care"\n'), model)
    assert [(e.rank, e.process) for e in found.entries] == [(1, "plant-b"), (2, "care")]
    assert not found.ranked


FAULTS = {
    "unknown process": (
        "process\nplant-a\nplent-a\n",
        ["3:1: process: no process 'plent-a' - did you mean 'plant-a'?"],
    ),
    "unknown region": ("process,region\ncare,R9\n", ["2:6: region: no region 'R9' - known: R1 (R1), R2 (R2)"]),
    "unknown measure": ("process;measure\ncare;gard\n", ["2:6: measure: no measure 'gard' - did you mean 'guard'?"]),
    "region of a national process": (
        "process,region\nplant-a,R1\n",
        ["2:9: region: 'plant-a' is national, so it has no regions - leave this cell empty"],
    ),
    "measure that does not apply": (
        "process,measure\nplant-b,half\n",
        ["2:9: measure: measure 'half' does not apply to 'plant-b' - possible there: guard"],
    ),
    "nothing applies": (
        "process,measure\nload-a,half\n",
        ["2:8: measure: measure 'half' does not apply to 'load-a' - no measure does; leave this row out"],
    ),
    "name of two": (
        "process\nplant\n",
        ["2:1: process: 'plant' can mean plant-b or plant-c - write the id of one of them"],
    ),
    "empty process": ("process,region\n,R1\n", ["2:1: process: is empty - name the process that the row is about"]),
    "twice": (
        "process,region\ncare,R1\nplant-a,\nZorg,R1\n",
        ["4:1: process: the same as line 2 - keep one of the two rows"],
    ),
    "rank": (
        "rank,process\n1,care\nb,plant-a\n0,plant-b\n,plant-c\n",
        [
            "3:1: rank: 'b' is not a whole number above 0 - write 1 for the most important, 2 for the next, and so on",
            "4:1: rank: '0' is not a whole number above 0 - write 1 for the most important, 2 for the next, and so on",
            "5:1: rank: is empty - write 1 for the most important, 2 for the next, and so on",
        ],
    ),
    "all at once": (
        'process,region,measure\n"plent",R9,gard\ncare,"R1, R2",\n',
        [
            "2:1: process: no process 'plent' - did you mean 'plant'?",
            "2:9: region: no region 'R9' - known: R1 (R1), R2 (R2)",
            "2:12: measure: no measure 'gard' - did you mean 'guard'?",
            "3:6: region: no region 'R1, R2' - known: R1 (R1), R2 (R2)",
        ],
    ),
    "unknown column": ("process,regions\ncare,R1\n", ["1:9: list: unknown column 'regions' - did you mean 'region'?"]),
    "column twice": (
        "process,proces\ncare,care\n",
        ["1:9: list: column 'process' is given twice - keep one of the two"],
    ),
    "column missing": ("region\nR1\n", ["1:1: list: column 'process' is missing - begin the first line with process"]),
    "cells too many": (
        "process\ncare,R1\n",
        ["2:1: list: 2 cells under 1 column names - give every row as many cells as the first line"],
    ),
    "no rows": ("process\n\n", ["1:1: list: no rows below the column names - add at least one process"]),
    "empty": (
        "",
        ["1:1: list: column 'process' is missing - begin the first line with process"],
    ),
    "hidden": ("process\ncare\u202e\n", ["2:5: list: the invisible character U+202E - remove it"]),
    "quote": (
        'process\n"care\n',
        ["3:1: list: cannot be read as a table: unexpected end of data - check quotes and line ends here"],
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_has_its_place_and_remedy(model: Model, tmp_path: Path, name: str) -> None:
    text, wanted = FAULTS[name]
    path = file_of(tmp_path, text)
    with pytest.raises(DefinitionError) as caught:
        read_entries(path, model)
    assert [str(p).removeprefix(f"{path.as_posix()}:") for p in caught.value.problems] == wanted


def test_files_that_cannot_be_read(model: Model, tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="is not there, or is no file"):
        read_entries(tmp_path / "none.csv", model)
    with pytest.raises(DefinitionError, match=r"list.csv:2:4: file: byte 0xeb is not UTF-8 text"):
        read_entries(file_of(tmp_path, "process\nzorë\n".encode("latin-1")), model)


def test_a_list_of_which_nothing_can_be_chosen_is_a_fault(model: Model, tmp_path: Path) -> None:
    _, found, _ = searched(
        model, [attack(["plant-a"])], available={"team": 1}, candidates=[{"measure": "guard", "at": ["plant-a"]}]
    )
    assert len(read_list(file_of(tmp_path, "process\nplant-a\nplant-b\n"), model, found).entries) == 2
    with pytest.raises(DefinitionError, match=r"nothing on the list can be chosen .* read like 'guard: plant-a'"):
        read_list(file_of(tmp_path, "process\nplant-b\n"), model, found)


# ------------------------------------------------------------------ by hand


def against(model: Model, theirs: RivalList, *hits: str, **capacity: Any) -> tuple[Rivalry, Choices, Search]:
    search, found, _ = searched(model, [attack(list(hits))], Brute, **capacity)
    return compare(search, limits(found), theirs), found, search


def test_their_plan_takes_what_fits_in_their_order(model: Model) -> None:
    # each plant out for 48 h: loads of 60, 40 and 30 % of 4,000 people. Two teams
    found, options, _ = against(
        model, listed("plant-c", "plant-b", "plant-a"), "plant-a", "plant-b", "plant-c", available={"team": 2}
    )
    assert options.told(found.their_plan) == ["guard: plant-b", "guard: plant-c"]
    assert options.told(found.ours.plan) == ["guard: plant-a", "guard: plant-b"]
    assert (found.none, found.their_harm, found.ours.value) == (249_600, 115_200, 57_600)
    assert found.common_harm == 249_600 - 76_800
    assert found.overlap == 76_800 / 192_000
    # only a line without room has nothing taken; it asks for the better of two measures
    assert [(w.entry.process, options.told(w.taken), w.full, w.gain) for w in found.wishes] == [
        ("plant-c", ["guard: plant-c"], 0, 57_600),
        ("plant-b", ["guard: plant-b"], 0, 76_800),
        ("plant-a", [], 1, 115_200),
    ]
    assert found.agreement == -1
    (left,) = found.left
    assert (options.options[left.option].label, left.rank, left.why) == ("guard: plant-c", 1, "weaker")
    # in place of b, the weaker of ours: 76,800 more harm against 57,600 less
    assert (left.alone, left.added, left.instead) == (57_600, 57_600, 19_200)
    assert options.told(left.displaced) == ["guard: plant-b"]
    (missed,) = found.missed
    assert (options.options[missed.option].label, missed.rank) == ("guard: plant-a", 3)
    assert (missed.worth, missed.brings) == (115_200, 115_200)
    assert found.kept
    assert found.completed is not None
    assert found.completed.value == 115_200
    assert not found.improved


def test_a_line_without_region_takes_the_copies_that_avert_most_first(model: Model) -> None:
    found, options, _ = against(model, listed("care"), "care", available={"team": 1})
    # R2 has three times the people of R1; a whole guard there beats a half one
    assert options.told(found.their_plan) == ["guard: care@R2"]
    assert [(w.full, w.none) for w in found.wishes] == [(1, False)]
    assert found.agreement is None
    assert found.left == found.missed == ()
    assert found.overlap == 1


def test_a_line_without_measure_takes_the_one_that_averts_most_and_of_equal_ones_the_cheapest() -> None:
    care = {"per": "region", "people": "100%"}
    model = with_measures(
        world({"care": care, "idle": care}, PEOPLE),
        early={"processes": ["care", "idle"]},
        guard={"processes": ["care", "idle"]},
    )
    found, options, _ = against(model, listed(("care", "R1"), ("idle", "R1")), "care", available={"team": 2})
    assert [options.told(w.taken) for w in found.wishes] == [["guard: care@R1"], ["early: idle@R1"]]


def test_a_later_line_does_not_add_a_second_measure_to_a_place(model: Model) -> None:
    theirs = listed(("care", "R1", "half"), ("care", "R1"), ("care", "R1", "guard"))
    found, options, _ = against(model, theirs, "care", available={"team": 4})
    assert [options.told(w.taken) for w in found.wishes] == [["half: care@R1"], [], ["guard: care@R1"]]


def test_reasons_why_ours_leaves_theirs(model: Model) -> None:
    # plant-c is not hit. Once a whole guard stands at plant-a, half a guard there does nothing more
    theirs = listed("plant-c", ("plant-a", "", "half"))
    found, options, _ = against(model, theirs, "plant-a", "plant-b", available={"team": 2})
    by = {options.options[left.option].label: left for left in found.left}
    assert by["guard: plant-c"].why == "untouched"
    half = by["half: plant-a"]
    assert (half.why, half.alone, half.added) == ("covered", 57_600, 0)
    assert options.told(half.covered_by) == ["guard: plant-a"]
    assert [m.rank for m in found.missed] == [None, None]


def test_half_of_a_pair_averts_nothing() -> None:
    series = world(
        {
            "load": {"people": "100%", "needs": {"power": {"from": ["plant-a", "plant-b"]}}},
            "plant-a": {},
            "plant-b": {},
            "plant-c": {},
        }
    )
    model = with_measures(series, guard={"processes": ["plant-a", "plant-b", "plant-c"]})
    found, options, _ = against(model, listed("plant-a"), "plant-a", "plant-b", available={"team": 1})
    assert [(options.options[left.option].label, left.why) for left in found.left] == [("guard: plant-a", "no_gain")]
    # nothing can be averted with one team, so there is no share of it
    assert found.overlap is None
    assert found.ours.plan == frozenset()


def test_two_that_are_alike_make_no_difference(model: Model) -> None:
    same = {**PEOPLE, "R3": 3_000}
    twins = with_measures(world({"care": {"per": "region", "people": "100%"}}, same), guard={"processes": ["care"]})
    found, _, _ = against(twins, listed(("care", "R3")), "care", available={"team": 1})
    assert [(left.why, left.instead) for left in found.left] in ([("equal", 0)], [])
    assert found.their_harm == found.ours.value


def test_the_minimum_of_a_region_counts_for_ours_and_is_said_of_theirs(model: Model) -> None:
    rules = {"limits": {"team": {"R1": {"at_least": 1}}}}
    found, options, _ = against(model, listed("plant-a"), "plant-a", "care", available={"team": 1}, **rules)
    assert not found.kept
    assert found.completed is None
    assert options.told(found.ours.plan) == ["guard: care@R1"]
    # their plan breaks the minimum, and averts more by that
    assert found.their_harm < found.ours.value
    assert [(left.why, left.instead) for left in found.left] == [("weaker", None)]
    search, options, _ = searched(model, [attack(["care"])], available={"team": 0, "tank": 1}, **rules)
    with pytest.raises(NoPlan):
        compare(search, limits(options), listed("care"))


def test_what_cannot_be_chosen_is_named(model: Model) -> None:
    few = [{"measure": "guard", "at": ["plant-a"]}]
    found, _, _ = against(model, listed("care", "plant-a"), "plant-a", "care", available={"team": 2}, candidates=few)
    assert [(w.none, w.full, w.gain > 0) for w in found.wishes] == [(True, 0, False), (False, 0, True)]


def test_their_list_may_better_a_plan_that_is_not_the_best(model: Model) -> None:
    search, options, _ = searched(model, [attack(["plant-a", "plant-b", "plant-c"])], available={"team": 1})
    poor = frozenset({options.find("guard: plant-c")})
    given = search.solve(limits(options))
    given = type(given)(**{**given.__dict__, "plan": poor, "value": search.judge.value(poor), "bound": 0.0})
    found = compare(search, limits(options), listed("plant-b"), ours=given)
    assert found.ours.value <= found.their_harm
    assert found.left == () or all(left.instead is None or left.instead >= 0 for left in found.left)


# ------------------------------------------------------------------ against all plans


@pytest.mark.parametrize("kind", [Brute, Search])
@pytest.mark.parametrize("seed", range(30))
def test_what_is_told_is_what_simulation_says(seed: int, kind: type[Search]) -> None:
    rng = dice(seed)
    model, scenarios = random_world(rng)
    search, options, _ = searched(model, scenarios, kind, available={"team": 2, "tank": 1}, budget="6 MEUR")
    whole, value = limits(options), search.judge.value
    names = sorted({o.process for o in options.options})
    theirs = listed(*rng.sample(names, rng.randint(1, len(names))))
    told: list[tuple[int, int]] = []
    found = compare(search, whole, theirs, gap=0.0, progress=lambda done, of: told.append((done, of)))
    best = min(value(p) for p in plans(options.size) if whole.allow(p))
    slack = 1e-5 * found.none
    assert found.ours.bound - slack <= best <= found.ours.value
    if kind is Brute or found.ours.proven:
        assert found.ours.value == pytest.approx(best, abs=slack)
    assert found.ours.value <= found.their_harm
    assert found.kept
    assert whole.allow(found.their_plan)
    assert whole.allow(found.ours.plan)
    assert found.their_harm == value(found.their_plan)
    assert found.completed is not None
    fullest = min(value(p) for p in plans(options.size) if whole.allow(p) and found.their_plan <= p)
    assert found.completed.bound - slack <= fullest <= found.completed.value
    if kind is Brute or found.completed.proven:
        assert found.completed.value == pytest.approx(fullest, abs=slack)
    check_reasons(found, search, slack)
    assert told == [(1, 3), (2, 3), (3, 3)]


def check_reasons(found: Rivalry, search: Search, slack: float) -> None:
    value, ours = search.judge.value, found.ours.plan
    assert {left.option for left in found.left} == found.their_plan - ours
    assert {m.option for m in found.missed} == ours - found.their_plan
    for left in found.left:
        alone, added = found.none - value({left.option}), found.ours.value - value(ours | {left.option})
        assert (left.alone, left.added) == pytest.approx((alone, added), abs=slack)
        if left.instead is not None:
            other = (ours - set(left.displaced)) | {left.option}
            assert left.instead == pytest.approx(value(other) - found.ours.value, abs=slack)
            assert left.instead >= -slack
        for j in left.covered_by:
            assert j in ours
            assert value({j}) - value({j, left.option}) <= ALMOST * alone
        if left.why in ("untouched", "no_gain"):
            assert alone == added == 0
    for missed in found.missed:
        assert missed.worth == pytest.approx(value(ours - {missed.option}) - value(ours), abs=slack)
        assert missed.worth > 0


def test_the_order_of_the_input_changes_nothing(model: Model) -> None:
    theirs = listed("care", "plant-b", "plant-a")
    told = []
    for hits in (["plant-a", "plant-b", "care"], ["care", "plant-b", "plant-a"]):
        found, options, _ = against(model, theirs, *hits, available={"team": 3})
        told.append((options.told(found.their_plan), options.told(found.ours.plan), found.left, found.missed))
    assert told[0] == told[1]


# ------------------------------------------------------------------ told


def test_a_comparison_is_told_in_two_languages(model: Model) -> None:
    theirs = listed("plant-c", "plant-b", "plant-a")
    found, options, _ = against(model, theirs, "plant-a", "plant-b", "plant-c", available={"team": 2})
    wishes, left, missed, totals = rival_tables(found, options, "nl")
    assert shown(wishes, "nl") == [
        ["1", "Plant", "", "57.600", "1", "0", "0", ""],
        ["2", "Plant", "", "76.800", "1", "1", "0", ""],
        ["3", "Oude centrale", "", "115.200", "0", "0", "1", "de capaciteit is op"],
    ]
    assert shown(left, "nl") == [
        [
            "1",
            "guard: Plant",
            "57.600",
            "57.600",
            "in plaats van guard: Plant geeft het 19.200 persoonsuren meer schade",
        ]
    ]
    assert left.rows[0]["displaced"] == "guard: plant-b"
    assert shown(missed, "nl") == [["guard: Oude centrale", "115.200", "115.200", "3"]]
    assert {row["key"]: row["value"] for row in totals.rows}["their_harm"] == 115_200
    assert rival_summary(found, options, "en") == [
        "Of list.csv 2 choices fit the capacity; our plan has 2, 1 of them the same.",
        "Harm without a plan 249,600 person-hours, with their plan 115,200 person-hours, with our plan 57,600 person-hours.",
        "The shared choices avert by themselves 40% of what our plan averts.",
        "Their order against that by harm averted: -1.00 (1 is the same, 0 no relation, -1 the reverse).",
    ]
    assert len(rival_tables(found, options, "en", 1)[0].rows) == 1


def test_reasons_are_told(model: Model) -> None:
    theirs = listed("plant-c", ("plant-a", "", "half"), "care")
    few = [{"measure": m, "at": ["plant-a", "plant-b", "plant-c"]} for m in ("guard",)] + [
        {"measure": "half", "at": ["plant-a"]}
    ]
    found, options, _ = against(model, theirs, "plant-a", "plant-b", available={"team": 2}, candidates=few)
    assert [row["why"] for row in rival_tables(found, options, "en")[1].rows] == [
        "no scenario touches it",
        "seen to already by guard: Oude centrale",
    ]
    assert [row["remark"] for row in rival_tables(found, options, "nl")[0].rows] == ["", "", "staat niet ter keuze"]
    rules = {"limits": {"team": {"R1": {"at_least": 1}}}}
    found, options, _ = against(model, listed("plant-a"), "plant-a", "care", available={"team": 1}, **rules)
    assert "Their plan does not keep to all minimums; ours does." in rival_summary(found, options, "en")
    assert rival_tables(found, options, "nl")[1].rows[0]["why"].startswith("past niet in ons plan")
