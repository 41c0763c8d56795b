"""Models of several owners: what is published is equal or says how far it is off, leaks nothing, and joins again."""

import dataclasses
import json
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest
from builders import model as world
from builders import scenario
from click.testing import CliRunner, Result
from random_models import Draft, build, dice

from cascade.cli import main
from cascade.errors import DefinitionError, UsageError
from cascade.files.cutting import again
from cascade.files.joining import digest_of, is_stub, join, part, stub, suppliers_of
from cascade.files.reading import load, resolved
from cascade.model import Model, Process, Scenario, Words
from cascade.results.equality import Outage, differences, level_at, standard_outages
from cascade.results.folding import folded
from cascade.results.interface import boundary, interface_of, proof_of, verified, whole_of
from cascade.simulation.run import simulate
from cascade.telling.interface import joined_tables, loops
from cascade.units import FULL, HOUR

SECTORS = Path(__file__).resolve().parents[1] / "sectors"

# ------------------------------------------------------------------ random networks of two owners

EDGE = ("grid", "net", "fuel")
OUTPUTS = ("out1", "out2")


def two_owners(seed: int) -> Model:
    """Draw a network in which one owner has some processes inside, two outputs, and needs of another, who needs it as well."""
    rng = dice(seed)
    inner = [f"in{n}" for n in range(1, rng.randint(2, 5))]
    kinds = {p: rng.choice(("region", "region", "national")) for p in (*EDGE, *OUTPUTS, *inner)}
    processes: Draft = {p: {"sector": "theirs", "needs": {}} for p in EDGE}
    for at, p in enumerate(inner):
        suppliers = [*EDGE, *inner[:at], *(OUTPUTS if rng.random() < 0.2 else ())]
        processes[p] = {"sector": "mine", "needs": _needs(rng, kinds, p, suppliers, bare=0.9)}
    for p in OUTPUTS:
        text: Draft = {"sector": "mine", "needs": _needs(rng, kinds, p, [*inner, *inner, rng.choice(EDGE)], bare=0.4)}
        text |= {"restart": rng.choice(("0s", "10s", "20s")), "stops_below": rng.choice(("0%", "30%"))}
        processes[p] = text
    for p in EDGE:
        if rng.random() < 0.5:
            processes[p]["needs"] = _needs(rng, kinds, p, [*OUTPUTS, *(e for e in EDGE if e != p)], bare=0.5)
    for p, kind in kinds.items():
        processes[p] |= {"per": "region"} if kind == "region" else {}
    around = {"R1": ["R2"], "R2": ["R1", "R3"], "R3": ["R2"]}
    regions = {c: {"population": str(rng.choice((0, 7, 100))), "neighbours": others} for c, others in around.items()}
    empty: Draft = {"assets": {}, "links": {}, "measures": {}, "scenario": {"horizon": "1h"}}
    return build({"regions": regions, "processes": processes, **empty})[0]


def _needs(rng: Random, kinds: dict[str, str], consumer: str, suppliers: list[str], bare: float) -> Draft:
    found: Draft = {}
    for name in rng.sample(("power", "time", "staff"), rng.choice((1, 1, 1, 2))):
        rule = rng.choice(("from", "from", "from", "any_of", "any_of", "shares", "at_least"))
        picked = sorted({rng.choice(suppliers) for _ in range(rng.choice((1, 1, 2, 3)))} - {consumer}) or ["grid"]
        placed = [p + (_place(rng, kinds[consumer]) if kinds[p] == "region" else "") for p in picked]
        need: Draft = {rule: placed}
        if rule == "at_least":
            need = {rule: {"count": str(rng.randint(1, len(placed))), "of": placed}}
        if rule == "shares":
            split = {1: ("100%",), 2: ("60%", "40%"), 3: ("33.33%", "33.33%", "33.34%")}[len(placed)]
            need = {rule: dict(zip(placed, split, strict=True))}
        if rng.random() > bare:
            need["fades"] = {
                f"{at}s": f"{lost}%" for at, lost in ((rng.choice((0, 5, 20)), 40), (rng.choice((30, 45)), 90))
            }
            need["recharge"] = f"{rng.choice((0, 10, 35))}s"
            if rng.random() < 0.5:
                need["response"] = {"50%": "80%"}
        found[name] = need
    return found


def _place(rng: Random, consumer: str) -> str:
    places: list[str] = ["", "", "", "@all", "@R2", *(["@neighbours"] if consumer == "region" else [])]
    return rng.choice(places)


def shaken(seed: int, model: Model, targets: list[str]) -> dict[str, Scenario]:
    """Draw scenarios that hit some processes, in part and in places."""
    rng, found = dice(seed), {}
    for number in range(4):
        events: list[Any] = []
        for _ in range(rng.randint(1, 3)):
            hit = rng.choice(targets)
            event: Draft = {"hits": hit, "at": f"{rng.choice((0, 10, 33))}s", "for": f"{rng.choice((7, 25, 60))}s"}
            event["level"] = rng.choice(("0%", "0%", "33.33%", "50%"))
            if model.processes[hit].regional and rng.random() < 0.5:
                event["where"] = [rng.choice(("R1", "R2", "R3"))]
            events.append(event)
        found[f"s{number}"] = scenario(*events, horizon="300s")
    return found


def test_what_is_folded_is_equal_alone_and_in_a_loop_with_others() -> None:
    inside = loops = 0
    for seed in range(160):
        model = two_owners(seed)
        outputs, externals = boundary(model, OUTPUTS, EDGE)
        if not foldable(model, outputs, externals):
            continue
        found = interface_of(model, outputs, externals, shaken(seed, model, [*outputs, *externals]))
        inside += 1
        assert (found.proof.folded, found.proof.equal) == (True, True), (seed, found.proof.differences)
        theirs, mine = part(model, EDGE), part(model, set(model.processes) - set(EDGE))
        if not set(OUTPUTS) & suppliers_of_all(theirs, EDGE):
            continue
        loops += 1
        whole, small = join([theirs, mine]).model, join([theirs, found.model]).model
        watched = sorted({*EDGE, *OUTPUTS} & set(small.processes))
        outages = [Outage(name, one) for name, one in shaken(seed + 1, model, watched).items()]
        assert [d for d in differences(whole, small, outages, watched) if d.equal < d.outages] == [], seed
    assert inside >= 18
    assert loops >= 12


def foldable(model: Model, outputs: list[str], externals: list[str]) -> bool:
    """Whether there is something inside, and all of it can be folded."""
    edge = {*outputs, *externals}
    whole = whole_of(model, outputs, externals).processes
    kept = {name: again(process, needs={}) if name in externals else process for name, process in whole.items()}
    return len(whole) > len(edge) and set(folded(kept, edge)) <= edge


def suppliers_of_all(model: Model, names: tuple[str, ...]) -> set[str]:
    return {s for name in names if name in model.processes for s in suppliers_of(model.processes[name])}


def test_a_network_cut_in_two_and_joined_is_the_same_network() -> None:
    for seed in range(20):
        model = two_owners(seed)
        theirs, mine = part(model, EDGE), part(model, set(model.processes) - set(EDGE))
        joined = join([mine, theirs]).model
        assert digest_of(joined) == digest_of(join([theirs, mine]).model)
        assert joined.processes == model.processes
        assert joined.regions == model.regions
        assert joined.sectors == dict(sorted(model.sectors.items()))


def test_the_shipped_model_cut_by_sector_and_joined_runs_the_same() -> None:
    whole = load(SECTORS)
    parts = [part(whole, sector.processes) for sector in whole.sectors.values()]
    joined = join(parts[::-1])
    assert (joined.model.processes, joined.model.sector_of) == (whole.processes, whole.sector_of)
    assert {s: joined.model.sources[s] for s in joined.model.sources} == {
        s: whole.sources[s] for s in joined.model.sources
    }
    assert joined.renamed == ()
    dark = scenario({"hits": "electricity-transmission", "for": "36h"}, horizon="5d")
    assert simulate(joined.model, dark).rows() == simulate(whole, dark).rows()


# ------------------------------------------------------------------ folding, by hand


def process(**text: Any) -> Process:
    return Process.model_validate({"name": "x", **text})


@pytest.mark.parametrize(
    ("consumer", "gone", "expected"),
    [
        # endurance on either side of a process that passes on
        ({"from": "j", "endures": "4h"}, {"n": {"from": "e"}}, [{"from": "e", "endures": "4h"}]),
        ({"from": "j"}, {"n": {"from": "e", "endures": "4h"}}, [{"from": "e", "endures": "4h"}]),
        # endurance on both sides is not the endurance of one need
        ({"from": "j", "endures": "4h"}, {"n": {"from": "e", "endures": "2h"}}, None),
        ({"from": "j", "endures": "4h"}, {"n": {"from": "e", "loses": "50%"}}, None),
        # an alternative to the one supplier of what goes
        ({"any_of": ["j", "f"], "endures": "1h"}, {"n": {"from": "e"}}, [{"any_of": ["e", "f"], "endures": "1h"}]),
        ({"any_of": ["j", "f"]}, {"n": {"from": ["e", "g"]}}, None),
        # a lone supplier with alternatives of its own
        ({"from": "j", "endures": "1h"}, {"n": {"any_of": ["e", "f"]}}, [{"any_of": ["e", "f"], "endures": "1h"}]),
        # two shares of the same in the end
        ({"shares": {"j": "60%", "e": "40%"}}, {"n": {"from": "e"}}, [{"shares": {"e": "100%"}}]),
        ({"at_least": {"count": 1, "of": ["j", "e"]}}, {"n": {"from": "e"}}, None),
        # what never fails
        ({"from": ["j", "e"]}, {}, [{"from": "e"}]),
        ({"any_of": ["j", "e"]}, {}, []),
        ({"shares": {"j": "60%", "e": "40%"}}, {}, None),
        # a part of the supply holds more than that part
        ({"from": "j", "endures": "1h"}, {"n": {"from": "e", "response": {"50%": "80%"}}}, None),
        ({"from": "f", "sustained_by": "j", "endures": "1h"}, {"n": {"from": "e"}},
         [{"from": "f", "sustained_by": "e", "endures": "1h"}]),
    ],
)  # fmt: skip
def test_folding_by_hand(consumer: Draft, gone: Draft, expected: list[Draft] | None) -> None:
    network = {name: process() for name in "efg"} | {"o": process(needs={"n": consumer}), "j": process(needs=gone)}
    found = folded(network, ("o", "e", "f", "g"))
    assert ("j" not in found) == (expected is not None)
    if expected is not None:
        made = process(needs={f"n{i}": need for i, need in enumerate(expected)}).needs.values()
        dumped = [need.model_dump(exclude_defaults=True) for need in made]
        assert [need.model_dump(exclude_defaults=True) for need in found["o"].needs.values()] == dumped


@pytest.mark.parametrize(
    "text", [{"restart": "1h"}, {"stops_below": "20%"}, {"rations": [{"serves": "others", "share": "100%"}]}]
)
def test_what_does_more_than_pass_on_is_not_folded(text: Draft) -> None:
    network = {
        "e": process(),
        "o": process(needs={"n": {"from": "j"}}),
        "j": process(needs={"n": {"from": "e"}}, **text),
    }
    assert "j" in folded(network, ("o", "e"))


@pytest.mark.parametrize(
    ("o", "asks", "j", "gets", "expected"),
    [
        ("region", "j", "region", "e", "e"),
        ("region", "j", "region", "e@neighbours", "e@neighbours"),
        ("region", "j@neighbours", "region", "e", "e@neighbours"),
        ("region", "j@neighbours", "region", "e@neighbours", None),
        ("region", "j@R1", "region", "e", "e@R1"),
        ("region", "j", "national", "e", "e@all"),
        ("national", "j", "region", "e", "e@all"),
        ("national", "j", "region", "e@R1", "e@R1"),
        ("national", "j", "national", "e@R1", "e@R1"),
    ],
)
def test_places_move_along(o: str, asks: str, j: str, gets: str, expected: str | None) -> None:
    kind = {"region": {"per": "region"}, "national": {}}
    network = {
        "e": process(per="region"),
        "o": process(needs={"n": {"from": asks, "endures": "1h"}}, **kind[o]),
        "j": process(needs={"n": {"from": gets}}, **kind[j]),
    }
    found = folded(network, ("o", "e"))
    assert ("j" in found) == (expected is None)
    if expected is not None:
        assert [s.id for s in found["o"].needs["n"].supplies] == [expected]


# ------------------------------------------------------------------ measuring, by hand

# power -> (6 h) swan -> (1 h) tap: seven hours in all; the swan starts for 3 h, the tap for 1 h
CHAIN: dict[str, Draft] = {
    "power": {"per": "region", "sector": "theirs", "tags": ["external"]},
    "swan": {"per": "region", "sector": "mine", "restart": "3h", "needs": {"n": {"from": "power", "endures": "6h"}}},
    "tap": {"per": "region", "sector": "mine", "restart": "1h", "needs": {"n": {"from": "swan", "endures": "1h"}}},
}
TWO = {"R1": 100, "R2": 50}


@pytest.fixture(scope="module")
def chain() -> Model:
    return world(CHAIN, TWO)


def test_endurances_in_a_row_become_one(chain: Model) -> None:
    found = interface_of(chain)
    assert (found.proof.outputs, found.proof.externals, found.proof.how) == (("tap",), ("power",), {"tap": "measured"})
    [need] = found.model.processes["tap.1"].needs.values()
    assert {t: lost.mode for t, lost in (need.fades or {}).items()} == {7 * HOUR: FULL}
    assert found.model.processes["tap.1"].restart.mode == 3 * HOUR
    assert found.model.processes["tap"].restart.mode == HOUR
    assert found.proof.equal
    assert not found.proof.folded
    assert len(found.proof.outages) == 1 * 2 * 2 * 6  # one external; none or half; everywhere or R1; six durations


def test_what_is_not_equal_is_said_with_its_size(chain: Model) -> None:
    # 6 h 30 without power: the swan is down from 6 h to 9 h 30, so the tap from 7 h to 10 h 30; one need of 7 h endures it all
    short = scenario({"hits": "power", "for": "6h 30m"})
    [difference] = interface_of(chain, scenarios={"short": short}).proof.differences
    assert (difference.outages, difference.equal, difference.level) == (1, 0, FULL)
    assert (2 * difference.lost, 2 * difference.lost_of) == (-7 * HOUR * FULL, 7 * HOUR * FULL)
    assert difference.level_at == "tap@R1: short"
    assert difference.shift_s == 0  # only one of the two falls
    assert interface_of(chain, scenarios={"longer": scenario({"hits": "power", "for": "8h"})}).proof.equal


def test_stand_ins_inside_become_a_need_for_any_of_them() -> None:
    text: dict[str, Draft] = {
        "power": {"tags": ["external"]},
        "diesel": {"tags": ["external"]},
        "hall": {"needs": {"n": {"any_of": ["power", "diesel"], "endures": "1h"}}},
        "tap": {"needs": {"n": {"from": "hall", "endures": "1h"}}},
    }
    found = interface_of(world(text))
    assert found.proof.equal
    [need] = found.model.processes["tap"].needs.values()
    assert (need.rule, [s.id for s in need.supplies]) == ("any_of", ["diesel", "power"])
    assert {t: lost.mode for t, lost in (need.fades or {}).items()} == {2 * HOUR: FULL}


def test_a_mean_over_regions_is_asked_for_everywhere() -> None:
    text: dict[str, Draft] = {
        "power": {"per": "region", "tags": ["external"]},
        "hall": {"needs": {"n": {"from": "power", "endures": "1h"}}},
        "tap": {"per": "region", "needs": {"n": {"from": "hall", "endures": "1h"}}},
    }
    found = interface_of(world(text, TWO))
    assert found.proof.equal
    assert [s.id for n in found.model.processes["tap"].needs.values() for s in n.supplies] == ["power@all"]


def test_regions_that_stand_in_for_each_other_are_asked_for_together() -> None:
    text: dict[str, Draft] = {
        "power": {"per": "region", "tags": ["external"]},
        "hall": {"needs": {"n": {"any_of": ["power@R1", "power@R2"], "endures": "1h"}}},
        "tap": {"per": "region", "needs": {"n": {"from": "hall", "endures": "1h"}}},
    }
    found = interface_of(world(text, TWO))
    assert [s.id for n in found.model.processes["tap"].needs.values() for s in n.supplies] == ["power@all"]
    [difference] = found.proof.differences
    # with R1 out the mean is at 33.33 % or 66.66 %, and falls after 3 h or 6 h; inside nobody misses anything
    assert difference.equal == 24 - 5 - 4
    assert "power@R1" in difference.level_at


def test_the_standard_list(chain: Model) -> None:
    outages = standard_outages(chain, ["power", "swan"])
    assert len(outages) == (2 + 1) * 2 * 2 * 6
    assert outages[0].name == "power 0% 1h"
    assert outages[-1].name == "power@R1 + swan@R1 50% 14d" or outages[-1].name == "power@R1 + swan@R1 50% 2w"
    assert {o.scenario.horizon - 14 * 24 * HOUR for o in outages} == {h * HOUR for h in (1, 4, 12, 24, 72, 336)}


def test_differences_by_hand() -> None:
    one = world({"power": {}, "tap": {"needs": {"n": {"from": "power", "endures": "1h", "loses": "50%"}}}})
    other = world(
        {"power": {}, "tap": {"restart": "30m", "needs": {"n": {"from": "power", "endures": "2h", "loses": "80%"}}}}
    )
    outages = [
        Outage("long", scenario({"hits": "power", "for": "3h"})),
        Outage("short", scenario({"hits": "power", "for": "1h"})),
    ]
    [tap] = differences(one, other, outages, ["tap"])
    # 50 % from 1 h to 3 h against 20 % from 2 h to 3.5 h
    assert (tap.equal, tap.outages, tap.level) == (1, 2, 8_000)
    assert tap.shift_s == HOUR
    assert (tap.lost, tap.lost_of) == (12_000 * HOUR - 10_000 * HOUR, 10_000 * HOUR)
    assert level_at(((5, 0), (9, FULL)), 8) == 0


# ------------------------------------------------------------------ what may not be published


def test_what_cannot_be_published_is_refused(chain: Model) -> None:
    with pytest.raises(UsageError, match="no process 'tep' in this model; did you mean 'tap'"):
        interface_of(chain, ["tep"])
    with pytest.raises(UsageError, match="an output and external at once"):
        interface_of(chain, ["power"])
    loop = world({"a": {"needs": {"n": {"from": "b"}}}, "b": {"needs": {"n": {"from": "a"}}}})
    with pytest.raises(UsageError, match="name them with --outputs"):
        interface_of(loop)
    with pytest.raises(UsageError, match=r"in: 'swan' is neither an external nor an output.*make it an output"):
        interface_of(chain, scenarios={"in": scenario({"hits": "swan"})})
    with pytest.raises(UsageError, match="write their ids instead"):
        interface_of(chain, scenarios={"in": scenario({"hits": {"sector": "mine"}})})
    served = {**CHAIN, "tap": {**CHAIN["tap"], "rations": [{"serves": ["swan", "others"], "share": "100%"}]}}
    with pytest.raises(UsageError, match="the rations of an output serve 'swan', which is inside"):
        interface_of(world(served, TWO))


def test_manipulation_is_said_to_be_left_out() -> None:
    def believed(level: str, after: str) -> Draft:
        return {"level": level, "noticed_after": after}

    text: dict[str, Draft] = {
        "gnss": {"tags": ["external"]},
        "clock": {
            "passes_on_manipulation": "yes",
            "needs": {"n": {"from": "gnss", "if_manipulated": believed("60%", "1h")}},
        },
        "tap": {"needs": {"n": {"from": "clock", "endures": "30m", "if_manipulated": believed("90%", "2h")}}},
    }
    found = interface_of(world(text))
    assert (found.proof.folded, found.proof.equal, found.proof.manipulation_left_out) == (True, True, ("tap",))
    wrong = scenario({"hits": "gnss", "manipulated": "yes", "for": "4h"})
    assert not interface_of(world(text), scenarios={"wrong": wrong}).proof.equal
    del text["clock"]
    text["tap"]["needs"]["n"]["from"] = "gnss"
    assert interface_of(world(text)).proof.manipulation_left_out == ()


def test_a_proof_is_computed_anew(chain: Model) -> None:
    found = interface_of(chain)
    again = proof_of(json.loads(json.dumps(found.proof.to_data())), found.model)
    assert again == found.proof
    assert verified(found.model, again, chain) == found.proof
    shorter = world({**CHAIN, "swan": {**CHAIN["swan"], "restart": "2h"}}, TWO)
    other = verified(found.model, again, shorter)
    assert (other.equal, other.whole == again.whole, other.interface == again.interface) == (False, False, True)
    passed_on: dict[str, Draft] = {
        "power": {"tags": ["external"]},
        "hall": {"needs": {"n": {"from": "power"}}},
        "tap": {"needs": {"n": {"from": "hall", "endures": "4h"}}},
    }
    true, false = (
        interface_of(world(passed_on | {"tap": {"needs": {"n": {"from": "hall", "endures": e}}}})) for e in ("4h", "5h")
    )
    assert verified(true.model, true.proof, world(passed_on)).how == {"tap": "folded"}
    assert verified(false.model, true.proof, world(passed_on)).how == {"tap": "measured"}
    with pytest.raises(UsageError, match=r"proof.json is no proof"):
        proof_of({"standard": True}, found.model)


# ------------------------------------------------------------------ joining: contradictions


def test_stubs_are_filled_in_and_loops_are_told() -> None:
    mine = world(
        {"power": {"tags": ["external"], "sector": "x"}, "net": {"tags": ["external"]}, "tap": {"needs": {"n": {"from": ["power", "net"]}}}},
        title="mine",
    )  # fmt: skip
    theirs = world(
        {"tap": {"tags": ["external"]}, "power": {"sector": "energy", "needs": {"n": {"from": "tap", "endures": "1d"}}}},
        title="theirs",
    )  # fmt: skip
    joined = join([theirs, mine])
    one, other = joined.owners
    assert (one.title, one.defines, one.filled, one.left, one.feeds_itself) == (
        "theirs",
        ("power",),
        ("tap",),
        (),
        ("tap",),
    )
    assert (other.title, other.filled, other.left, other.feeds_itself) == ("mine", ("power",), ("net",), ("power",))
    assert joined.model.sector_of == {"net": "one", "power": "energy", "tap": "one"}
    assert is_stub(joined.model.processes["net"])
    assert joined.model.info.title.en == "mine + theirs"
    mijn = dataclasses.replace(mine, info=mine.info.model_copy(update={"title": Words(nl="de mijne", en="mine")}))
    rows = joined_tables(join([theirs, mijn]), [theirs, mijn], {}, "nl")[0].rows
    assert [row["title"] for row in rows] == ["theirs", "de mijne"]
    assert is_stub(stub(mine.processes["tap"]))
    proof = interface_of(world({"a": {"tags": ["external"]}, "b": {"needs": {"n": {"from": "a"}}}})).proof
    theirs, mijn = (dataclasses.replace(m, root=f"m{i}") for i, m in enumerate((theirs, mijn)))
    unfolded = dict.fromkeys(("m0", "m1"), dataclasses.replace(proof, how={"b": "measured"}))
    said = loops(join([theirs, mijn]), [theirs, mijn], unfolded, "nl")
    assert [line.partition(":")[0] for line in said] == ["theirs", "de mijne"]


def contradiction(one: Model, other: Model) -> str:
    with pytest.raises(DefinitionError) as found:
        join([one, other])
    return str(found.value)


def test_contradictions_name_both_and_a_remedy(tmp_path: Path) -> None:
    a, b = world({"tap": {}}, {"R1": 5}, title="a"), world({"tap": {}}, {"R1": 5}, title="b")
    assert contradiction(a, b) == (
        "processes: tap: is defined in model 'a' - tag it external and leave out its needs in all but one, or give one of "
        "them another id"
    )
    for folder, model in (("one", a), ("two", b)):
        (tmp_path / folder).mkdir()
        for name, text in resolved(model).items():
            (tmp_path / folder / name).write_text(text, encoding="utf-8")
    said = contradiction(load(tmp_path / "one"), load(tmp_path / "two"))
    assert re.search(r"two/one\.yaml:\d+:\d+: tap: is defined in \S+/one/one\.yaml:\d+ - tag it external", said)
    other = world({"power": {"per": "region", "sector": "energy"}}, {"R1": 6, "R2": 1}, title="b")
    said = contradiction(a, other)
    assert "R1.population: 6 differs from 5 in model 'a' - take over one of the two in both" in said
    assert "R2: is no region of a - give both models the same regions" in said
    shape = world({"tap": {"tags": ["external"], "per": "region"}}, {"R1": 5}, title="b")
    assert "is not regional here as it is" in contradiction(a, shape)
    reliance = world({"power": {"sector": "energy"}}, {"R1": 5}, title="b", self_reliance="24h")
    assert "self_reliance: differs from that in model 'a' - write the same in both" in contradiction(a, reliance)
    with pytest.raises(UsageError, match="two models or more"):
        join([a])


def test_sources_with_one_key_and_other_content_get_another(tmp_path: Path) -> None:
    found = []
    for name, title in (("a", "first"), ("b", "second"), ("c", "first")):
        model = world({f"p-{name}": {"sector": name, "source": "own", "needs": {}}}, title=name)
        folder = tmp_path / name
        folder.mkdir()
        for file, text in resolved(model).items():
            (folder / file).write_text(text, encoding="utf-8")
        (folder / "sources.yaml").write_text(f"own: {{title: {title}}}\n", encoding="utf-8")
        found.append(load(folder))
    joined = join(found[::-1])
    assert joined.renamed == (("b", "own", "own.2"),)
    assert {p: one.source for p, one in joined.model.processes.items()} == {
        "p-a": ("own",),
        "p-b": ("own.2",),
        "p-c": ("own",),
    }
    assert {key: source.title for key, source in joined.model.sources.items()} == {"own": "first", "own.2": "second"}


def test_the_higher_mark_holds() -> None:
    a = world({"tap": {}}, title="a", marking="TLP:AMBER")
    b = world({"power": {"sector": "energy"}}, title="b", marking="TLP:GREEN / Dep. V.")
    assert join([a, b]).model.info.marking == "TLP:AMBER / Dep. V."


# ------------------------------------------------------------------ the commands

SECRET = {
    "model.yaml": "title: {nl: Waterbedrijf, en: Water company}\nversion: '1'\nmarking: TLP:GREEN\nsource: [SWANREPORT]\n",
    "regions.yaml": "- {code: R1, name: Noord, population: 100, source: [SWANREPORT]}\n- {code: R2, name: Zuid, population: 50}\n",
    "sources.yaml": "SWANREPORT: {title: Swan report, publisher: swan works, note: swan}\n",
    "measures.yaml": "{}\n",
    "energy.yaml": "sector: energy\nname: {nl: Energie, en: Energy}\nprocesses:\n  power: {name: Power, per: region, tags: [external]}\n",
    "water.yaml": """
sector: water
name: {nl: Water, en: Water}
note: swan
source: [SWANREPORT]
processes:
  swan-pump:
    name: {nl: Zwaanpomp, en: Swan pump}
    per: region
    marking: TLP:AMBER
    restart: 3h
    source: [SWANREPORT]
    needs: {swan-feed: {from: power, endures: 6h, use: swan, note: swan, source: [SWANREPORT]}}
  swan-fuel: {name: Swan fuel, needs: {}}
  tap:
    name: {nl: Kraan, en: Tap}
    per: region
    people: 100%
    note: {nl: zwaan, en: swan}
    operator: swan works
    tags: [swan]
    source: [SWANREPORT]
    needs:
      swan-water: {from: swan-pump, endures: 1h, use: swan, source: [SWANREPORT]}
      swan-power: {any_of: [power, swan-fuel], endures: 1h, sustained_by: swan-fuel, note: swan, facts: [SWANFACT]}
""",
}


@pytest.fixture
def owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "swan-works").mkdir()
    for name, text in SECRET.items():
        (tmp_path / "swan-works" / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def cascade(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, [*words, "--lang", "en"] if "--lang" not in words else list(words))
    assert result.exit_code == code, result.output
    return result


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_nothing_inside_is_in_what_is_published(owner: Path, lang: str) -> None:
    said = cascade("interface", "swan-works", "--out", "public", "--lang", lang)
    files = {path.name: path.read_bytes() for path in (owner / "public").iterdir()}
    assert {"model.yaml", "water.yaml", "proof.json", "proof.md", "MARKING.txt", "manifest.json"} <= set(files)
    secret = re.compile(rb"swan|zwaan", re.IGNORECASE)
    assert [name for name, data in files.items() if secret.search(name.encode() + data)] == []
    assert not secret.search(said.stdout.encode())
    public = load(owner / "public")
    assert public.markings == ("TLP:AMBER",)
    assert json.loads(files["proof.json"])["marking"] == json.loads(files["manifest.json"])["marking"] == "TLP:AMBER"
    assert files["proof.md"].decode().startswith("**TLP:AMBER**")
    assert set(public.processes) == {"power", "tap", "tap.1"}
    assert public.processes["tap"].people is not None
    assert {source.title for source in public.sources.values()} == {"Interface of Water company"}
    assert max(map(len, said.stdout.splitlines())) <= 100


def test_publish_verify_join_and_compare(owner: Path) -> None:
    said = cascade("interface", "swan-works", "--demand-equal", "--out", "public").stdout
    assert "Equal to the whole model for all 24 outages played" in said
    assert cascade("interface", "swan-works", "--verify", "public").stdout.count("all agrees with the proof") == 1
    (owner / "grid").mkdir()
    for name in ("regions.yaml", "sources.yaml"):
        (owner / "grid" / name).write_text(SECRET[name].replace(", source: [SWANREPORT]", ""), encoding="utf-8")
    (owner / "grid" / "model.yaml").write_text("title: Grid\nversion: '1'\n", encoding="utf-8")
    grid = "sector: energy\nname: {nl: Energie, en: Energy}\nprocesses:\n  power: {name: Power, per: region, restart: 1h}\n"
    (owner / "grid" / "energy.yaml").write_text(grid, encoding="utf-8")
    cascade("join", "grid", "swan-works", "--out", "whole")
    said = cascade("join", "grid", "public", "--compare", "whole", "--out", "small").stdout
    assert "equal for 24 outages" in said
    assert "Equal in all 4 outages played" in said
    assert set(load(owner / "small").processes) == {"power", "tap", "tap.1"}
    assert load(owner / "small").info.marking == "TLP:AMBER"
    data = json.loads(cascade("join", "grid", "public", "--format", "json").stdout)
    assert [row["claim"] for row in data["owners"]] == ["no interface with a proof", "equal for 24 outages"]
    assert data["marking"] == "TLP:AMBER"
    assert cascade("check", "small").exit_code == 0
    clash = cascade("join", "grid", "whole", code=3).stderr
    assert "power: is defined in" in clash
    again = cascade("join", "grid", "public", "grid/../grid", "--out", "new", code=2)
    assert "grid/../grid is the same folder as grid; name each owner's model once" in again.stderr
    onto = cascade("join", "grid", "public", "--out", "public", code=2)
    assert (onto.stdout, "--out: public is one of the models to join" in onto.stderr) == ("", True)


def test_what_changed_is_found_and_what_is_not_equal_not_written(owner: Path) -> None:
    (owner / "short.yaml").write_text(
        "name: short\nhorizon: 3d\nevents:\n- {hits: power, level: 0%, for: 6h 30m}\n", encoding="utf-8"
    )
    said = cascade("interface", "swan-works", "--outages", "short.yaml", "--demand-equal", "--out", "public", code=4)
    assert "Not equal to the whole model" in said.stdout
    assert "nothing was written" in said.stderr
    assert not (owner / "public").exists()
    cascade("interface", "swan-works", "--outages", "short.yaml", "--out", "public")
    data = json.loads(cascade("interface", "swan-works", "--verify", "public", "--format", "json").stdout)
    assert (data["equal"], data["agrees"], data["outputs"][0]["lost_h"]) == (False, True, -2.5)
    water = owner / "swan-works" / "water.yaml"
    water.write_text(water.read_text("utf-8").replace("endures: 6h", "endures: 5h"), encoding="utf-8")
    said = cascade("interface", "swan-works", "--verify", "public", code=4)
    assert "the whole model was changed, the differences are others" in " ".join(said.stdout.split())
    (owner / "public" / "old.yaml").write_text("sector: x\n", encoding="utf-8")
    assert "old.yaml is no part of this model" in cascade("interface", "swan-works", "--out", "public", code=2).stderr
    assert "no proof.json" in cascade("interface", "swan-works", "--verify", "swan-works", code=2).stderr


def test_tables_and_wrong_use(owner: Path) -> None:
    text = cascade("interface", "swan-works", "--format", "csv", "--table", "needs").stdout
    assert text.splitlines()[1].startswith("tap.1,power,from,power,")
    assert "no process 'tep'" in cascade("interface", "swan-works", "--outputs", "tep", code=2).stderr
    assert "name a model with --compare" in cascade("join", "swan-works", "x", "--outages", "x", code=2).stderr
    assert (
        "leave the other options out"
        in cascade("interface", "swan-works", "--verify", "x", "--outputs", "tap", code=2).stderr
    )
    assert "two models or more" in cascade("join", "swan-works", code=2).stderr
