"""What must hold for every model: the properties of the semantics page, one test each, on the fast engine.

Property 8 (agreement with a plain reading) has a file of its own. Hypothesis picks seeds and edits; the models come
from the random generator, without the features that a property leaves out.
"""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from naive import Row, Unfolding
from random_models import Draft, Wishes, build, dice, edited, random_draft, show

from cascade.simulation.run import simulate
from cascade.units import FULL

SEEDS = st.integers(0, 10**9)
SOME = (1, 2, 2, 3, 4)
WHOLE = Wishes(short=False)
PLAIN = Wishes(manipulation=False, repairs=False, events=SOME)

lawful = settings(max_examples=45, deadline=None, derandomize=True, database=None)


def log_of(draft: Draft) -> list[Row]:
    return simulate(*build(draft)).rows()


def seconds(text: Any) -> int:
    """Return the mode of a duration as a draft writes it."""
    return int((text[1] if isinstance(text, list) else text).removesuffix("s"))


def levels_of(log: list[Row], label: str) -> list[tuple[int, int]]:
    """Return (moment, level from then on), starting with full at 0."""
    return [(0, FULL), *((row[0], row[3]) for row in log if row[1] == label)]


def level_at(course: list[tuple[int, int]], t: int) -> int:
    return [level for moment, level in course if moment <= t][-1]


# ------------------------------------------------------------------ 1 same input, same result


def shuffled(draft: Draft, rng: Random) -> Draft:
    """Return a draft whose files stand in another order."""
    changed = edited(draft)
    for part in ("regions", "processes", "assets", "links", "measures"):
        changed[part] = dict(rng.sample(list(changed[part].items()), len(changed[part])))
    for part in ("assets", "links"):
        changed[part] = {key: rng.sample(rows, len(rows)) for key, rows in changed[part].items()}
    return changed


@lawful
@given(seed=SEEDS)
def test_1_the_order_of_files_and_rows_means_nothing(seed: int) -> None:
    draft = random_draft(seed)
    run, again, other = (simulate(*build(d)) for d in (draft, draft, shuffled(draft, dice(seed))))
    assert run.rows() == again.rows() == other.rows()
    assert run.locked == again.locked == other.locked


# ------------------------------------------------------------------ 2 nothing happens, nothing changes


@lawful
@given(seed=SEEDS)
def test_2_a_list_without_events_changes_nothing(seed: int) -> None:
    draft = random_draft(seed, WHOLE)
    draft["scenario"]["events"] = []
    draft["scenario"].pop("repair_order", None)
    run = simulate(*build(draft))
    assert run.rows() == []
    assert run.locked == []


@lawful
@given(seed=SEEDS)
def test_2_events_that_leave_everything_change_nothing(seed: int) -> None:
    draft = random_draft(seed, Wishes(short=False, manipulation=False, events=SOME))
    for event in draft["scenario"]["events"]:
        event.pop("levels", None)
        event["level"] = "100%"
    assert log_of(draft) == []


# ------------------------------------------------------------------ 3 more harm is never better

Edit = Callable[[Draft, Random], bool]
"""Changes a draft for the worse; False if it has nothing to change."""


def lower_an_event(draft: Draft, rng: Random) -> bool:
    event = rng.choice(draft["scenario"]["events"])
    if "level" in event:
        event["level"] = f"{rng.choice((0, 0.5)) * float(event['level'][:-1]):.2f}%"
    else:
        event["levels"] = {at: "0%" if rng.random() < 0.7 else level for at, level in event["levels"].items()}
    return True


def lengthen_an_event(draft: Draft, rng: Random) -> bool:
    ends = [e for e in draft["scenario"]["events"] if "for" in e or "until" in e]
    for event in rng.sample(ends, min(1, len(ends))):
        key = "for" if "for" in event else "until"
        event[key] = f"{seconds(event[key]) + rng.choice((1, 10, 20, 35))}s"
    return bool(ends)


def add_an_event(draft: Draft, rng: Random) -> bool:
    hit = rng.choice(sorted(draft["processes"]))
    at, length = rng.choice((0, 10, 20, 30, 60)), rng.choice((5, 10, 30, 100))
    draft["scenario"]["events"].append({"hits": hit, "at": f"{at}s", "level": "20%", "for": f"{length}s"})
    return True


def needs_of(draft: Draft) -> list[Draft]:
    return [need for process in draft["processes"].values() for need in process["needs"].values()]


def shorten_an_endurance(draft: Draft, rng: Random) -> bool:
    """Bring all steps of a need forward by the same time, as a smaller stock does.

    Bringing only the last step forward is not harm alone: the clock then stops earlier, and is empty earlier.
    """
    for need in rng.sample(needs_of(draft), len(needs_of(draft))):
        steps = {seconds(at): lost for at, lost in need.get("fades", {}).items()} or {
            seconds(need.get("endures", "0s")): 0
        }
        if min(steps) > 0:
            sooner = rng.randint(1, min(steps))
            if "fades" in need:
                need["fades"] = {f"{at - sooner}s": lost for at, lost in steps.items()}
            else:
                need["endures"] = f"{min(steps) - sooner}s"
            return True
    return False


def slow_a_restart(draft: Draft, rng: Random) -> bool:
    process = draft["processes"][rng.choice(sorted(draft["processes"]))]
    process["restart"] = f"{seconds(process.get('restart', '0s')) + rng.choice((1, 10, 15, 60))}s"
    return True


def slow_a_recharge(draft: Draft, rng: Random) -> bool:
    needs = [need for need in needs_of(draft) if "endures" in need or "fades" in need]
    for need in needs:
        need["recharge"] = f"{seconds(need.get('recharge', '200s')) + rng.choice((1, 10, 300))}s"
    return bool(needs)


HARMS: tuple[Edit, ...] = (
    lower_an_event,
    lengthen_an_event,
    add_an_event,
    shorten_an_endurance,
    slow_a_restart,
    slow_a_recharge,
)


def strike_twice(draft: Draft) -> None:
    """Let every event last 20 s and come again 35 s after it began."""
    events = draft["scenario"]["events"]
    for event in events:
        event.pop("until", None)
        event["for"] = "20s"
    events += [{**event, "id": f"{event['id']}-again", "at": f"{seconds(event['at']) + 35}s"} for event in events]


def harmed(seed: int, harm: Edit) -> tuple[Draft, Draft] | None:
    """Return a draft and its harmed copy; spread, which scales some steps, is taken out first."""
    draft = random_draft(seed, PLAIN)
    for need in needs_of(draft):
        need.pop("spread", None)
    if harm is slow_a_recharge:
        strike_twice(draft)
    worse = edited(draft)
    return (draft, worse) if harm(worse, dice(seed)) else None


def never_better(before: list[Row], after: list[Row]) -> bool:
    """Tell whether nobody is better off at any moment, and so loses no less in all."""
    moments = {row[0] for row in (*before, *after)}
    for label in {row[1] for row in (*before, *after)}:
        one, other = levels_of(before, label), levels_of(after, label)
        if any(level_at(other, t) > level_at(one, t) for t in moments):
            return False
    return True


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)
@lawful
@given(seed=SEEDS)
def test_3_more_harm_is_never_better(harm: Edit, seed: int) -> None:
    pair = harmed(seed, harm)
    assume(pair is not None)
    assert pair is not None
    draft, worse = pair
    assert never_better(log_of(draft), log_of(worse)), f"{show(draft)}\n{show(worse)}"


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)
def test_3_each_harm_is_felt(harm: Edit) -> None:
    """Among 200 models several get worse: the law above is not about edits without effect."""
    pairs = [pair for pair in (harmed(seed, harm) for seed in range(200)) if pair is not None]
    assert sum(log_of(draft) != log_of(worse) for draft, worse in pairs) >= 5


# ------------------------------------------------------------------ 4 splitting and shifting


def split_event(event: Draft, rng: Random) -> tuple[Draft, Draft] | None:
    """Cut an event in two that follow each other."""
    start = seconds(event["at"])
    end = seconds(event["until"]) if "until" in event else start + seconds(event.get("for", "500s"))
    if "repair" in event or end - start < 2:
        return None
    cut = rng.randint(start + 1, end - 1)
    kept = {key: value for key, value in event.items() if key not in ("for", "until", "at", "id")}
    first, second = {**kept, "at": f"{start}s", "until": f"{cut}s"}, {**kept, "at": f"{cut}s"}
    if "for" in event or "until" in event:
        second["until"] = f"{end}s"
    if "levels" in event:
        course = sorted((start + seconds(at), level) for at, level in event["levels"].items())
        at_cut = [level for at, level in course if at <= cut]
        second["levels"] = {"0s": at_cut[-1] if at_cut else "100%"}
        second["levels"] |= {f"{at - cut}s": level for at, level in course if at > cut}
    return first, second


@lawful
@given(seed=SEEDS)
def test_4_an_event_in_two_parts_is_the_same_event(seed: int) -> None:
    rng = dice(seed)
    draft = random_draft(seed, Wishes(events=SOME))
    parts = edited(draft)
    events = parts["scenario"]["events"]
    at = rng.randrange(len(events))
    halves = split_event(events[at], rng)
    assume(halves is not None)
    assert halves is not None
    events[at : at + 1] = halves
    rows = [(*row[:5], row[5] - (row[5] > at), *row[6:]) for row in log_of(parts)]
    assert rows == log_of(draft), show(parts)


@lawful
@given(seed=SEEDS, later=st.integers(1, 100))
def test_4_the_same_events_later_give_the_same_log_later(seed: int, later: int) -> None:
    draft = random_draft(seed, Wishes(short=False, events=SOME))
    moved = edited(draft)
    moved["scenario"]["horizon"] = f"{seconds(draft['scenario']['horizon']) + later}s"
    for event in moved["scenario"]["events"]:
        for key in {"at", "until"} & event.keys():
            event[key] = f"{seconds(event[key]) + later}s"
    assert log_of(moved) == [(row[0] + later, *row[1:]) for row in log_of(draft)]


# ------------------------------------------------------------------ 5 reach


def reached(draft: Draft) -> set[str]:
    """Return all targets and everything that a path of needs leads to from them."""
    files = Unfolding(*build(draft))
    horizon = files.scenario.horizon
    found = {label for label, strikes in files.strikes.items() if any(s.start < horizon for s in strikes)}
    while True:
        more = {
            label
            for label, wants in files.wants.items()
            for want in wants.values()
            if found.intersection(want.members) or found.intersection(label for label, _ in want.sustainers)
        }
        if more <= found:
            return found
        found |= more


@lawful
@given(seed=SEEDS)
def test_5_what_no_path_reaches_never_changes(seed: int) -> None:
    draft = random_draft(seed, Wishes(short=False, events=(1, 1, 2)))
    assert {row[1] for row in log_of(draft)} <= reached(draft)


def test_5_some_are_out_of_reach() -> None:
    drafts = [random_draft(seed, Wishes(short=False, events=(1, 1, 2))) for seed in range(30)]
    assert sum(len(reached(d)) < len(Unfolding(*build(d)).instances) for d in drafts) >= 10


# ------------------------------------------------------------------ 6 a sum of regions


def alone(draft: Draft, code: str) -> tuple[Draft, list[int]]:
    """Return one region's part of a draft, and the old numbers of the events left in it."""
    part = edited(draft)
    part["regions"] = {code: {**draft["regions"][code], "neighbours": []}}
    part["assets"] = {pid: [row for row in rows if row[1] == code] for pid, rows in draft["assets"].items()}
    files = Unfolding(*build(draft))
    hit = [any(one.region in (None, code) for one in files.targets(event)) for event in files.scenario.events]
    part["scenario"]["events"] = [event for event, here in zip(draft["scenario"]["events"], hit, strict=True) if here]
    placed = [
        {**measure, "where": [c for c in measure["where"] if c == code]} if "where" in measure else measure
        for measure in part["scenario"].get("with_measures", [])
    ]
    part["scenario"]["with_measures"] = [measure for measure in placed if measure.get("where") != []]
    return part, [number for number, here in enumerate(hit) if here]


@lawful
@given(seed=SEEDS)
def test_6_without_supply_across_borders_each_region_stands_alone(seed: int) -> None:
    draft = random_draft(seed, Wishes(cross_region=False, repairs=False, events=SOME))
    log = log_of(draft)
    for code in draft["regions"]:
        part, numbers = alone(draft, code)
        theirs = [row for row in log if "@" not in row[1] or row[1].partition("@")[2].partition("#")[0] == code]
        rows = [(*row[:5], numbers[row[5]] if row[5] >= 0 else -1, *row[6:]) for row in log_of(part)]
        assert rows == theirs, f"{code}\n{show(draft)}"


# ------------------------------------------------------------------ 7 levels and restarts


@lawful
@given(seed=SEEDS)
def test_7_levels_stay_between_nothing_and_full(seed: int) -> None:
    for each in range(seed, seed + 5):
        log = log_of(random_draft(each))
        assert all(0 <= level <= FULL for row in log for level in row[2:4])
        # a fall is immediate: only what rises can still be waiting for its restart
        assert all(row[3] > row[2] for row in log if row[4] == "restart")


def simple_net(seed: int) -> tuple[Draft, dict[str, list[str]]]:
    """Draw processes that need earlier ones at once, so that what each could deliver can be read off the log."""
    rng = dice(seed)
    ids = list("abcdef")
    supplies = {pid: rng.sample(ids[:n], min(n, rng.randint(0, 2))) for n, pid in enumerate(ids)}
    processes = {
        pid: {
            "sector": "one",
            "restart": f"{rng.choice((0, 5, 7, 10, 20))}s",
            "stops_below": rng.choice(("0%", "0%", "40%")),
            "needs": {"input": {"from": supplies[pid]}} if supplies[pid] else {},
        }
        for pid in ids
    }
    events = [
        {
            "hits": rng.sample(ids, 2),
            "at": f"{rng.choice((0, 3, 10, 20, 30))}s",
            "level": rng.choice(("0%", "25%", "50%", "75%")),
            "for": f"{rng.choice((1, 5, 10, 15))}s",
        }
        for _ in range(rng.randint(1, 5))
    ]
    draft = {"regions": {"R1": {"population": "1"}}, "processes": processes, "assets": {}, "links": {}, "measures": {}}
    return {**draft, "scenario": {"horizon": "120s", "events": events}}, supplies


def own_level(draft: Draft, pid: str, t: int) -> int:
    active = [
        int(event["level"][:-1]) * FULL // 100
        for event in draft["scenario"]["events"]
        if pid in event["hits"] and seconds(event["at"]) <= t < seconds(event["at"]) + seconds(event["for"])
    ]
    return min(active, default=FULL)


@lawful
@given(seed=SEEDS)
def test_7_a_rise_comes_exactly_a_restart_later(seed: int) -> None:
    draft, supplies = simple_net(seed)
    log = log_of(draft)
    courses = {pid: levels_of(log, pid) for pid in supplies}
    for pid, suppliers in supplies.items():
        stops = int(draft["processes"][pid]["stops_below"][:-1]) * FULL // 100
        restart = seconds(draft["processes"][pid]["restart"])
        could = [
            min([own_level(draft, pid, t), *(level_at(courses[supplier], t) for supplier in suppliers)])
            for t in range(seconds(draft["scenario"]["horizon"]))
        ]
        could = [0 if level < stops else level for level in could]
        does = [level_at(courses[pid], t) for t in range(len(could))]
        assert does == [min(could[max(0, t - restart) : t + 1]) for t in range(len(could))], f"{pid}\n{show(draft)}"
