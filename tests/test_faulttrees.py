"""Fault trees: by hand, against every combination of events, and against published counts and probabilities."""

import itertools
import math
import os
from pathlib import Path
from random import Random

import pytest
from random_models import dice

from cascade.errors import DefinitionError, UsageError
from cascade.results.cutsets import cutsets, tree_cutsets
from cascade.results.diagrams import NO, YES, Diagram
from cascade.results.faulttrees import EVENTS, FaultTree, Gate, as_model, read_tree, solve

ROOT = Path(__file__).resolve().parents[1]
BENCHMARKS = Path(os.environ.get("CASCADE_BENCHMARKS", ROOT.parent / "shared" / "benchmarks")) / "aralia"
published = pytest.mark.skipif(
    not BENCHMARKS.is_dir(),
    reason=f"no public fault trees in {BENCHMARKS}: set CASCADE_BENCHMARKS to the folder that holds aralia/",
)

PUBLISHED = {
    # basic events, gates, minimal cut sets, probability of the top event
    "baobab2": (32, 40, 4_805, 7.13018e-04),
    "chinese": (25, 36, 392, 1.17058e-03),
    "das9201": (122, 82, 14_217, 1.34237e-02),
    "das9202": (49, 36, 27_778, 1.01154e-02),
    "das9203": (51, 30, 16_200, 1.34880e-03),
    "das9204": (53, 30, 16_704, None),  # see test_the_probability_published_for_das9204_cannot_be
    "das9205": (51, 20, 17_280, 1.38408e-08),
    "ftr10": (175, 94, 305, 4.48677e-01),
    "isp9603": (91, 95, 3_434, 3.23326e-03),
    "isp9605": (32, 40, 5_630, 1.37171e-05),
    "isp9607": (74, 65, 150_436, 9.49510e-07),
}


def tree(top: str, gates: dict[str, tuple[str, list[str]] | tuple[str, list[str], int]], **chances: float) -> FaultTree:
    made = {name: Gate.of(*parts) for name, parts in gates.items()}  # type: ignore[arg-type]
    events = {one for gate in made.values() for one in gate.inputs if one not in made}
    return FaultTree("hand", top, made, {name: chances.get(name) for name in sorted(events)})


BRIDGE = tree(
    # the classical bridge: two ways in, two ways out and a link between; cuts are known from any textbook
    "top",
    {
        "top": ("and", ["upper", "lower", "over", "under"]),
        "upper": ("or", ["a", "c"]),
        "lower": ("or", ["b", "d"]),
        "over": ("or", ["a", "e", "d"]),
        "under": ("or", ["b", "e", "c"]),
    },
    **dict.fromkeys("abcde", 0.1),
)
"""Down when a and b, c and d, a e d, or b e c are down."""
PUMPS = tree(
    # power or two of three pumps
    "top",
    {"top": ("or", ["power", "pumps"]), "pumps": ("atleast", ["p1", "p2", "p3"], 2)},
    power=0.01, p1=0.1, p2=0.2, p3=0.5,
)  # fmt: skip
SHARED = tree(
    # control is below both halves, so it alone is a cut; and a b holds no smaller one
    "top",
    {"top": ("and", ["left", "right"]), "left": ("or", ["a", "control"]), "right": ("or", ["b", "control"])},
    a=0.5, b=0.5, control=0.25,
)  # fmt: skip
BY_HAND = {
    "bridge": (BRIDGE, {("a", "b"), ("c", "d"), ("a", "d", "e"), ("b", "c", "e")}),
    "pumps": (PUMPS, {("power",), ("p1", "p2"), ("p1", "p3"), ("p2", "p3")}),
    "shared": (SHARED, {("control",), ("a", "b")}),
}


def fails(tree: FaultTree, failed: set[str], name: str | None = None) -> bool:
    """Read a tree plainly."""
    name = name or tree.top
    gate = tree.gates.get(name)
    if gate is None:
        return name in failed
    return sum(fails(tree, failed, one) for one in gate.inputs) >= gate.least


def brute_sets(tree: FaultTree, most: int | None = None) -> set[tuple[str, ...]]:
    names = sorted(tree.order)
    found: list[set[str]] = []
    for size in range((len(names) if most is None else most) + 1):
        for chosen in map(set, itertools.combinations(names, size)):
            if not any(cut <= chosen for cut in found) and fails(tree, chosen):
                found.append(chosen)
    return {tuple(sorted(cut)) for cut in found}


def brute_probability(tree: FaultTree, **sure: bool) -> float:
    names = sorted(tree.order)
    total = 0.0
    for states in itertools.product((False, True), repeat=len(names)):
        state = dict(zip(names, states, strict=True))
        if any(state[name] != value for name, value in sure.items()):
            continue
        chances = [tree.events[name] or 0.0 for name in names]
        weight = math.prod(
            1.0 if name in sure else (p if state[name] else 1 - p) for name, p in zip(names, chances, strict=True)
        )
        total += weight * fails(tree, {name for name in names if state[name]})
    return total


def random_tree(rng: Random) -> FaultTree:
    events = [f"e{n}" for n in range(rng.randint(3, 9))]
    gates: dict[str, Gate] = {}
    for n in range(rng.randint(1, 7)):
        inputs = rng.sample([*events, *gates], rng.randint(1, min(4, len(events) + len(gates))))
        kind = rng.choice(("or", "and", "atleast"))
        gates[f"g{n}"] = Gate.of(kind, inputs, rng.randint(1, len(inputs)))  # type: ignore[arg-type]
    chances = {name: rng.choice((0.0, 0.1, 0.5, 0.9, 1.0)) for name in events}
    return FaultTree("random", f"g{len(gates) - 1}", gates, chances)


# ------------------------------------------------------------------ by hand


@pytest.mark.parametrize("name", BY_HAND)
def test_trees_worked_out_by_hand(name: str) -> None:
    one, sets = BY_HAND[name]
    assert set(solve(one).sets()) == sets == brute_sets(one)


def test_probabilities_by_hand() -> None:
    # 0.01 or, of pumps failing with 0.1, 0.2 and 0.5, two or more: 0.02 + 0.05 + 0.1 - 2 x 0.01 = 0.15
    assert solve(PUMPS).probability == pytest.approx(1 - 0.99 * 0.85, rel=1e-12)
    # control, or else a and b
    assert solve(SHARED).probability == pytest.approx(0.25 + 0.75 * 0.25, rel=1e-12)


def test_importance_by_hand() -> None:
    measures = solve(SHARED).importance()
    top = 0.4375
    # with control down: 1; without: 0.25
    control = measures["control"]
    assert control == pytest.approx((0.75, (top - 0.25) / top, 1 / top, top / 0.25), rel=1e-12)
    # with a down: control or b = 0.625; without: 0.25
    assert measures["a"] == pytest.approx((0.375, (top - 0.25) / top, 0.625 / top, top / 0.25), rel=1e-12)


def test_what_nothing_is_left_without_has_no_bound_on_its_worth() -> None:
    one = tree("top", {"top": ("and", ["a", "b"])}, a=0.5, b=0.5)
    assert solve(one).importance()["a"] == (0.5, 1.0, 2.0, math.inf)


def test_an_unknown_probability_leaves_all_unknown() -> None:
    one = tree("top", {"top": ("or", ["a", "b"])}, a=0.5)
    assert solve(one).probability is None
    assert solve(one).importance() == {}
    assert set(tree_cutsets(one).importance["birnbaum"]) == {None}


# ------------------------------------------------------------------ against every combination


@pytest.mark.parametrize("seed", range(150))
def test_random_trees_against_every_combination_of_events(seed: int) -> None:
    one = random_tree(dice(seed))
    solved = solve(one)
    sets = brute_sets(one)
    assert set(solved.sets()) == sets
    assert len(list(solved.sets())) == solved.count == len(sets)
    assert set(solved.sets(2)) == {s for s in sets if len(s) <= 2}
    assert solved.in_sets == {n: k for n in one.order if (k := sum(n in s for s in sets))}
    assert solved.probability == pytest.approx(brute_probability(one), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("seed", range(40))
def test_measures_of_random_trees_against_their_definitions(seed: int) -> None:
    one = random_tree(dice(1000 + seed))
    top = brute_probability(one)
    for name, found in solve(one).importance().items():
        down, up = brute_probability(one, **{name: True}), brute_probability(one, **{name: False})
        assert found.birnbaum == pytest.approx(down - up, abs=1e-12)
        if top:
            assert found.fussell_vesely == pytest.approx(1 - up / top, abs=1e-9)
            assert found.raw == pytest.approx(down / top, rel=1e-9)
            # where next to nothing is left, rounding decides between very much and infinite
            assert up < 1e-12 or found.rrw == pytest.approx(top / up, rel=1e-6)


@pytest.mark.parametrize("seed", range(60))
def test_a_tree_as_a_model_has_the_same_sets_by_simulation_and_as_a_tree_again(seed: int) -> None:
    one = random_tree(dice(2000 + seed))
    model, sets = as_model(one), brute_sets(one, 3)
    for method in ("simulation", "fault-tree"):
        found = cutsets(model, one.top, among=[EVENTS], method=method)  # type: ignore[arg-type]
        assert found.searched["method"] == method
        assert set(found.members) == sets, method
    assert set(cutsets(model, one.top, among=[EVENTS], size=None).members) == brute_sets(one)


# ------------------------------------------------------------------ against what was published


@published
@pytest.mark.parametrize("name", PUBLISHED)
def test_published_counts_and_probabilities(name: str) -> None:
    events, gates, count, probability = PUBLISHED[name]
    one = read_tree(BENCHMARKS / f"{name}.xml")
    solved = solve(one)
    assert (len(one.order), len(one.gates)) == (events, gates)
    assert solved.count == count
    assert solved.probability is not None
    if probability is not None:
        assert f"{solved.probability:.5E}" == f"{probability:.5E}"


@published
def test_the_probability_published_for_das9204_cannot_be() -> None:
    """The sum over all minimal sets bounds it from above; 6.07651E-08 lies far beyond. SCRAM, too, finds 2.16942E-11."""
    one = read_tree(BENCHMARKS / "das9204.xml")
    solved = solve(one)
    bound = sum(math.prod(one.events[name] or 0.0 for name in cut) for cut in solved.sets())
    assert f"{solved.probability:.5E}" == "2.16942E-11"
    assert (solved.probability or 1) <= bound < 2.4e-11


@published
@pytest.mark.parametrize("name", ["chinese", "isp9605", "baobab2"])
def test_small_sets_of_public_trees_in_three_ways(name: str) -> None:
    one = read_tree(BENCHMARKS / f"{name}.xml")
    model = as_model(one)
    sets = brute_sets(one, 3)
    assert set(solve(one).sets(3)) == sets
    found = cutsets(model, one.top, among=[EVENTS], method="simulation")
    assert set(found.members) == sets
    assert found.complete
    assert found.searched["simulated"] < found.searched["possible"]


@published
@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_simulation_finds_the_small_sets_of_public_trees(name: str) -> None:
    one = read_tree(BENCHMARKS / f"{name}.xml")
    most = 2 if name in ("das9201", "das9203", "ftr10", "isp9603") else 3
    found = cutsets(as_model(one), one.top, among=[EVENTS], size=most, method="simulation")
    assert set(found.members) == set(solve(one).sets(most))


@published
def test_sets_of_public_trees_are_minimal_cuts() -> None:
    one = read_tree(BENCHMARKS / "das9202.xml")
    for cut in dice(1).sample(sorted(solve(one).sets()), 300):
        assert fails(one, set(cut))
        assert not any(fails(one, set(cut) - {name}) for name in cut)


@published
@pytest.mark.parametrize("name", ["chinese", "das9202", "isp9605"])
def test_measures_of_public_trees_by_making_one_event_sure(name: str) -> None:
    one = read_tree(BENCHMARKS / f"{name}.xml")
    measures = solve(one).importance()
    top = solve(one).probability or 0.0
    for event in dice(2).sample(sorted(measures), 6):
        down, up = (
            solve(FaultTree(one.name, one.top, one.gates, {**one.events, event: p})).probability or 0.0
            for p in (1.0, 0.0)
        )
        expected = (down - up, 1 - up / top, down / top, top / up if up else math.inf)
        assert measures[event] == pytest.approx(expected, rel=1e-7)


# ------------------------------------------------------------------ diagrams


def test_families_hold_no_set_that_includes_another() -> None:
    d = Diagram("abc")
    a, b, c = (d.node(k, NO, YES) for k in range(3))
    function = d.either(d.both(a, b), d.either(a, d.both(b, c)))
    family = d.minimal(function)
    assert family == d.sets(0, d.sets(1, NO, d.sets(2, NO, YES)), YES)
    assert d.without(family, YES) == NO  # the empty set is in every set
    assert d.without(family, NO) == family
    assert d.at_least(0, [a, b]) == YES
    assert d.at_least(3, [a, b]) == NO


def test_deep_trees_need_no_deep_stack() -> None:
    size = 3_000
    gates: dict[str, Gate] = {f"g{n}": Gate.of("or", [f"e{n}", f"g{n + 1}"]) for n in range(size)}
    gates[f"g{size}"] = Gate.of("or", ["last"])
    events = {name: 0.0 for gate in gates.values() for name in gate.inputs if name not in gates}
    solved = solve(FaultTree("deep", "g0", gates, {**events, "last": 0.5}))
    assert solved.count == size + 1
    assert solved.probability == 0.5


# ------------------------------------------------------------------ reading

HEAD = '<?xml version="1.0"?>\n<opsa-mef><define-fault-tree name="t">'
TAIL = "</define-fault-tree></opsa-mef>"
TWO = '<define-basic-event name="a"><float value="0.1"/></define-basic-event><define-basic-event name="b"/>'


def written(path: Path, body: str, head: str = HEAD) -> Path:
    file = path / "tree.xml"
    file.write_text(head + body + TAIL, "utf-8")
    return file


def test_reading_formulas_inside_one_another(tmp_path: Path) -> None:
    body = (
        '<define-gate name="top"><label>pumps</label><atleast min="2"><basic-event name="a"/>'
        '<and><basic-event name="b"/><event name="c"/></and><gate name="g"/></atleast></define-gate>'
        '<define-gate name="g"><basic-event name="c"/></define-gate>'
        + TWO
        + '<define-basic-event name="c"><float value="1e-3"/></define-basic-event>'
    )
    one = read_tree(written(tmp_path, body))
    assert (one.name, one.top) == ("t", "top")
    assert one.events == {"a": 0.1, "b": None, "c": 0.001}
    assert set(solve(one).sets()) == {("a", "c"), ("b", "c")}
    assert set(solve(read_tree(tmp_path / "tree.xml", "g")).sets()) == {("c",)}


FAULTS = {
    "a gate of another kind": (
        '<define-gate name="g"><not><basic-event name="a"/></not></define-gate>' + TWO,
        "gate 'g': it holds <not> - only or, and, and atleast are read: with others more failures could help",
    ),
    "two formulas": (
        '<define-gate name="g"><or><basic-event name="a"/></or><or><basic-event name="b"/></or></define-gate>' + TWO,
        "gate 'g': it has 2 formulas - write exactly one",
    ),
    "nothing in it": ('<define-gate name="g"><or/></define-gate>', "gate 'g': it has no inputs - name them"),
    "more than there are": (
        '<define-gate name="g"><atleast min="3"><basic-event name="a"/><basic-event name="b"/></atleast></define-gate>'
        + TWO,
        "gate 'g': min is '3' of 2 - give a number from 1 to the inputs",
    ),
    "an input from nowhere": (
        '<define-gate name="g"><or><basic-event name="x"/></or></define-gate>',
        "gate 'g': its input 'x' is not defined - define it, or correct the name",
    ),
    "twice": (
        '<define-gate name="g"><or><basic-event name="a"/></or></define-gate>' + TWO + TWO,
        "basic event 'a': it is defined twice - give each its own name",
    ),
    "no chance": (
        '<define-gate name="g"><or><basic-event name="a"/></or></define-gate>'
        '<define-basic-event name="a"><float value="nan"/></define-basic-event>',
        "basic event 'a': its probability is 'nan' - give a number from 0 to 1",
    ),
    "a house event": (
        '<define-gate name="g"><or><basic-event name="a"/></or></define-gate><define-house-event name="h"/>' + TWO,
        "house event 'h': house events are not read - put its value in",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults_of_a_file_are_named(name: str, tmp_path: Path) -> None:
    body, message = FAULTS[name]
    file = written(tmp_path, body)
    with pytest.raises(DefinitionError) as caught:
        read_tree(file)
    assert f"{file}: {message}" in str(caught.value).splitlines()


def test_a_gate_below_itself_is_named(tmp_path: Path) -> None:
    body = (
        '<define-gate name="top"><or><gate name="g"/></or></define-gate>'
        '<define-gate name="g"><or><gate name="h"/></or></define-gate>'
        '<define-gate name="h"><or><gate name="g"/></or></define-gate>'
    )
    with pytest.raises(UsageError, match="gate 'g' is below itself: g <- h <- g"):
        read_tree(written(tmp_path, body))


def test_the_top_must_be_clear(tmp_path: Path) -> None:
    body = "".join(f'<define-gate name="{g}"><or><basic-event name="a"/></or></define-gate>' for g in "gh") + TWO
    with pytest.raises(UsageError, match="2 gates that are no input of another: g, h; name the top one"):
        read_tree(written(tmp_path, body))
    assert read_tree(tmp_path / "tree.xml", "h").top == "h"
    with pytest.raises(UsageError, match="no gate 'hh'"):
        read_tree(tmp_path / "tree.xml", "hh")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'<!DOCTYPE a [<!ENTITY b "bbbb">]><opsa-mef>&b;</opsa-mef>', "it has a document type (DOCTYPE) - leave"),
        ('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a><a/>'.encode("utf-16"), "this is no text in UTF-8"),
        (b'<?xml version="1.0" encoding="cp037"?><opsa-mef>&b;</opsa-mef>', "this is no XML: undefined entity"),
        (b"<opsa-mef>", "this is no XML: no element found"),
        (b"<html></html>", "its root is <html>"),
        (b"<opsa-mef></opsa-mef>", "it has no gates"),
    ],
)
def test_hostile_and_strange_files_are_refused(content: bytes, message: str, tmp_path: Path) -> None:
    file = tmp_path / "tree.xml"
    file.write_bytes(content)
    with pytest.raises(DefinitionError) as caught:
        read_tree(file)
    assert message in str(caught.value)


def test_no_file_and_a_file_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DefinitionError, match="No such file"):
        read_tree(tmp_path / "none.xml")
    monkeypatch.setattr("cascade.results.faulttrees.MOST_BYTES", 10)
    with pytest.raises(DefinitionError, match="it has more than"):
        read_tree(written(tmp_path, TWO))
