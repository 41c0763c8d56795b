"""Small random models with measures, and capacity to take them with: several effects at one place, and limits that bite.

Built on the drafts of ``random_models``; what is in place there stays in place. Everything follows from one seed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain, combinations
from random import Random
from typing import Any

from random_models import Draft, Wishes, build, dice, needy, random_draft

from cascade.model import Capacity, Model, Scenario
from cascade.results.candidates import Choices, Limits, Row, choices, limits
from cascade.results.harm import Case, Judge
from cascade.simulation.placing import Option, Plan

EFFECTS = ("endures", "prevents", "restart", "repair", "adds_supply", "serves_first")
TAKES = ("guard", "generator", "ship")
UNCERTAIN = {"endures": ["2s", "10s", "30s"], "prevents": ["10%", "50%", "100%"]}
FACTOR = ["0.1", "0.5", "1"]
PLAIN = Wishes(cross_region=True, manipulation=False, repairs=False, measures=False)
"""Without what makes a measure able to do harm: added supplies that mislead, repairs that wait for each other."""
HARMS: tuple[dict[str, str], ...] = (
    {"hours": "1"},
    {"basic_hours": "1"},
    {"cascade_hours": "1", "basic_beyond": "2"},
    {"euros": "1", "basic_peak": "3"},
    {"defence_hours": "1", "hours": "0.001"},
)


def protection_draft(seed: int, wishes: Wishes = PLAIN, *, doubt: bool = False, slower: bool = False) -> Draft:
    """Draw a model with measures that are not in place, and a scenario.

    Parameters
    ----------
    seed : int
    wishes : Wishes
    doubt : bool
        Write some effects as three numbers.
    slower : bool
        Let some measures make a restart or a repair slower.
    """
    draft, rng = random_draft(seed, wishes), dice(seed + 7 * 10**6)
    if wishes.repairs and rng.random() < 0.4:
        draft = needy(draft, seed)
    for process in draft["processes"].values():
        process["basic_need"] = rng.choice(("yes", "no"))
        process["people"] = rng.choice(("100%", "60%", "33%"))
        process["cost_per_day"] = f"{rng.choice((0, 1000, 77777))} EUR"
        process.setdefault("tags", []).extend(["military-mobility"] * (rng.random() < 0.3))
    for event in draft["scenario"]["events"]:
        if "remote" not in event:
            event["deliberate"] = rng.choice(("yes", "yes", "yes", "no"))
        if event.get("at") == "300s":
            event["at"] = "0s"
    draft["measures"] |= {f"p{n}": _measure(draft, rng, doubt, slower) for n in range(rng.randint(2, 5))}
    return draft


def _measure(draft: Draft, rng: Random, doubt: bool, slower: bool) -> Draft:
    pids = sorted(draft["processes"])
    struck = _struck(draft)
    pid = rng.choice(struck if struck and rng.random() < 0.7 else pids)
    needs = draft["processes"][pid]["needs"]
    applies: Draft = {"processes": [pid]}
    if needs:
        applies["need"] = rng.choice(sorted(needs))
    written = {
        "prevents": rng.choice(("50%", "80%", "100%", "33.33%")),
        "restart": rng.choice(("x0.5", "0", "0.33", *(["x2"] * 3 if slower else []))),
        "repair": rng.choice(("x0.5", "x0", *(["x2"] if slower else []))),
        "serves_first": "true",
        "endures": rng.choice(("10s", "20s", "5s", "200s")),
    }
    kinds = ["prevents", "restart", "serves_first", *(["prevents"] * 4 if pid in struck else [])]
    if pid in _struck(draft, "repair"):
        kinds += ["repair"] * 4
    kinds += ["restart"] * 3 * slower
    if needs:
        need = needs[applies["need"]]
        kinds += ["endures"] * 2
        if _takes_another(need):
            kinds += ["adds_supply"] * 2
            given = rng.choice(("60%", "100%", "100%"))
            written["adds_supply"] = {"id": rng.choice(pids), "gives": given}  # type: ignore[assignment]
    kind = rng.choice(kinds)
    effect: Any = written[kind]
    if doubt and rng.random() < 0.6 and kind != "serves_first" and kind != "adds_supply":
        effect = UNCERTAIN.get(kind, FACTOR)
    takes = {take: str(rng.choice((1, 1, 2, 3))) for take in rng.sample(TAKES, rng.choice((1, 1, 2)))}
    cost = {rng.choice(("cost", "cost", "national_cost")): f"{rng.choice((1, 5, 12))} MEUR"}
    against = {"against": rng.choice((["on-site"], ["remote"], ["on-site", "remote"]))} if rng.random() < 0.3 else {}
    return {"lever": "recovery", "applies_to": applies, "effect": {kind: effect}, "takes": takes, **cost, **against}


def gates_draft(seed: int) -> Draft:
    """Draw a country of sources, all of them attacked, and of gates that need all, some or one of what is above them.

    Guards at sources and longer endurance, faster restart and other suppliers at gates can avert that; most do nothing
    alone.
    """
    rng = dice(seed + 3 * 10**6)
    sources = [f"s{n}" for n in range(rng.randint(3, 5))]
    processes: Draft = {s: {"sector": "wet", "people": rng.choice(("0%", "0%", "0%", "10%"))} for s in sources}
    for n in range(rng.randint(2, 5)):
        above = rng.sample(sorted(processes), rng.choice((2, 2, 3)))
        rule = rng.choice(("from", "from", "any_of", "any_of", "at_least"))
        need: Draft = {rule: {"count": "2", "of": above} if rule == "at_least" else above}
        if rng.random() < 0.5:
            need["endures"] = f"{rng.choice((1, 2, 5))}h"
        processes[f"g{n}"] = {
            "sector": "dry",
            "basic_need": rng.choice(("yes", "no")),
            "people": rng.choice(("100%", "60%", "0%")),
            "restart": rng.choice(("0s", "2h", "6h")),
            "cost_per_day": f"{rng.choice((0, 24, 240))} EUR",
            "needs": {"all": need},
        }
    if rng.random() < 0.3:
        rng.choice([d for p, d in sorted(processes.items()) if p in sources])["per"] = "region"
    at, lasting, level = (
        ((0, 0, 1, 4), (3, 6, 12), ("0%", "0%", "30%")) if rng.random() < 0.3 else ((1,), (6,), ("0%",))
    )
    events = [
        {
            "id": f"e{n}", "hits": s, "at": f"{rng.choice(at)}h", "for": f"{rng.choice(lasting)}h",
            "level": rng.choice(level), "deliberate": "yes",
        }
        for n, s in enumerate(sources)
    ]  # fmt: skip
    draft: Draft = {
        "seed": seed,
        "regions": {"R1": {"population": "3600"}, "R2": {"population": "360"}},
        "processes": processes,
        "assets": {},
        "links": {},
        "measures": {},
        "scenario": {"horizon": "24h", "events": events},
    }
    team: Draft = {"lever": "robustness", "takes": {"guard": "1"}, "cost": "1 MEUR"}
    team |= {"applies_to": {"processes": sources}, "effect": {"prevents": "100%"}}
    others = {f"p{n}": _protecting(processes, sources, rng) for n in range(1, rng.randint(2, 4))}
    draft["measures"] = {"p0": team} | others
    return draft


def _protecting(processes: Draft, sources: list[str], rng: Random) -> Draft:
    gates = sorted(set(processes) - set(sources))
    takes = {take: str(rng.choice((1, 1, 2))) for take in rng.sample(TAKES, rng.choice((1, 1, 2)))}
    told: Draft = {"lever": "robustness", "takes": takes, "cost": f"{rng.choice((1, 5, 12))} MEUR"}
    if rng.random() < 0.6:
        chosen = rng.sample(sources, rng.randint(1, len(sources)))
        return told | {"applies_to": {"processes": chosen}, "effect": {"prevents": rng.choice(("50%", "100%", "100%"))}}
    chosen = rng.sample(gates, rng.randint(1, 2))
    effects: list[Draft] = [
        {"endures": rng.choice(("1h", "3h", "12h"))},
        {"restart": rng.choice(("0", "0.5"))},
        {"adds_supply": {"id": rng.choice(sources), "gives": rng.choice(("60%", "100%"))}},
    ]
    either = all("any_of" in processes[gate]["needs"]["all"] for gate in chosen)
    return told | {
        "applies_to": {"processes": chosen, "need": "all"},
        "effect": rng.choice(effects[: 3 if either else 2]),
    }


def _struck(draft: Draft, field: str = "hits") -> list[str]:
    """Return the processes that some event with a certain field names."""
    events = [event for event in draft["scenario"]["events"] if field in event]
    named = [hit for event in events for hit in _listed(event["hits"]) if isinstance(hit, str)]
    return sorted({hit.partition("@")[0] for hit in named})


def _listed(hits: Any) -> list[Any]:
    return hits if isinstance(hits, list) else [hits]


def _takes_another(need: Draft) -> bool:
    one = isinstance(need.get("from"), str) or len(need.get("from", ())) == 1
    return ("by_table" not in need) and (one or "any_of" in need or "at_least" in need)


def copies(model: Model, most: int, rng: Random) -> list[Option]:
    """Return some of the places where the measures of a draft (``p0``, ``p1`` ...) can be put, in order."""
    found = []
    for name, measure in sorted(model.measures.items()):
        if name.startswith("p"):
            for process in measure.applies_to.processes:
                regions = sorted(model.regions) if model.processes[process].regional else [""]
                found += [Option(name, process, region) for region in regions if _there(model, process, region)]
    return sorted(rng.sample(found, min(most, len(found))))


def _there(model: Model, process: str, region: str) -> bool:
    return not region or process not in model.assets or region in model.assets[process].regions


def other_scenarios(draft: Draft, count: int) -> tuple[Model, list[Scenario]]:
    """Build a draft with more scenarios: the same events, each time with some left out or at other moments."""
    model, first = build(draft)
    rng, found = dice(draft["seed"] + 9 * 10**6), [first]
    for _ in range(1, count):
        kept = tuple(event for event in first.events if rng.random() < 0.7) or first.events[:1]
        names = {event.id for event in kept}
        order = tuple(name for name in first.repair_order if name.partition("@")[0] in names)
        found.append(first.model_copy(update={"events": kept, "repair_order": order}))
    return model, found


# ------------------------------------------------------------------ capacity


def random_capacity(model: Model, seed: int, most: int = 8) -> Choices | None:
    """Draw a capacity file for a draft's model, and return its candidates, at most so many; None where there are none."""
    rng = dice(seed + 11 * 10**6)
    options = copies(model, most, rng)
    if not options:
        return None
    text: dict[str, Any] = {
        "name": "drawn",
        "available": {kind: _units(model, rng) for kind in TAKES},
        "candidates": [_place(option) for option in options],
        "scenarios": {"s": "1"},
    }
    if rng.random() < 0.5:
        text["budget"] = f"{rng.choice((0, 6, 13, 30, 60, 60))} MEUR"
    if rng.random() < 0.3:
        kind = rng.choice((*TAKES, *(["budget"] if "budget" in text else [])))
        text["limits"] = {kind: _limits(model, rng, kind)}
    if len(options) > 1 and rng.random() < 0.4:
        text["excludes"] = [[_place(option) for option in rng.sample(options, rng.randint(2, min(3, len(options))))]]
    return choices(model, Capacity.model_validate(text))


def _place(option: Option) -> Draft:
    return {"measure": option.measure, "at": [option.process], **({"where": [option.region]} if option.region else {})}


def _units(model: Model, rng: Random) -> str | dict[str, str]:
    if rng.random() < 0.7:
        return str(rng.choice((0, 1, 2, 2, 3, 4, 6)))
    own = rng.sample(sorted(model.regions), rng.randint(1, 2))
    return {"national": str(rng.choice((0, 1, 2, 3))), **{region: str(rng.choice((0, 1, 2))) for region in own}}


def _limits(model: Model, rng: Random, kind: str) -> Draft:
    unit = " MEUR" if kind == "budget" else ""
    found: Draft = {"each": {"at_most": f"{rng.choice((1, 2, 3, 12))}{unit}"}} if rng.random() < 0.6 else {}
    if rng.random() < 0.6 or not found:
        found[rng.choice(sorted(model.regions))] = {"at_least": f"{rng.choice((0, 1, 1, 2))}{unit}"}
    return found


def subsets(options: Iterable[int]) -> list[Plan]:
    """Return all sets of some options, small ones first."""
    every = sorted(options)
    return [frozenset(s) for s in chain.from_iterable(combinations(every, k) for k in range(len(every) + 1))]


def judge(
    model: Model,
    scenarios: Iterable[Scenario],
    options: Iterable[Option],
    harm: Mapping[str, float],
    *,
    tail: float = 1.0,
    workers: int = 1,
) -> Judge:
    """Return a judge over some scenarios, of weights 1, 2, 3 ..."""
    given = tuple(options)
    cases = tuple(Case(model, one, given, harm, weight=1.0 + k, name=str(k)) for k, one in enumerate(scenarios))
    return Judge(cases, given, workers, tail)


def problem(seed: int, most: int = 8, count: int = 2, **how: Any) -> tuple[Judge, Limits] | None:
    """Return a random problem: what judges plans, and what limits them; None where nothing can be chosen.

    With ``wishes`` from the drafts of anything at all, without from those of sources and gates.
    """
    wishes, slower = how.pop("wishes", None), how.pop("slower", False)
    draft = gates_draft(seed) if wishes is None else protection_draft(seed, wishes, slower=slower)
    model, scenarios = other_scenarios(draft, count)
    found = random_capacity(model, seed, most)
    if found is None:
        return None
    weights = {name: float(weight) for name, weight in HARMS[seed % len(HARMS)].items()}
    return judge(model, scenarios, found.options, weights, **how), limits(found)


def reordered(model: Model, rng: Random) -> Model:
    """Return a model whose processes, measures and regions are written in another order."""

    def shuffled(part: Mapping[str, Any]) -> dict[str, Any]:
        return {key: part[key] for key in rng.sample(list(part), len(part))}

    return replace(
        model,
        processes=shuffled(model.processes),
        measures=shuffled(model.measures),
        regions=shuffled(model.regions),
        sector_of=shuffled(model.sector_of),
    )


def keeps(rows: Iterable[Row], plan: Plan) -> bool:
    """Whether a plan keeps some limits: what a region lacks has to come from the national pool."""
    lent: dict[int, int] = {}
    totals = [
        (row, sum(a for k, a in zip(row.options.tolist(), row.amounts.tolist(), strict=True) if k in plan))
        for row in rows
    ]
    for row, total in totals:
        lent |= {number: max(0, total - row.most) for number, amount in row.helpers if amount < 0}
    own = [(row, total) for row, total in totals if not any(amount < 0 for _, amount in row.helpers)]
    return all(row.least <= total + sum(lent.get(n, 0) for n, _ in row.helpers) <= row.most for row, total in own)
