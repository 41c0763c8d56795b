"""Small random models and scenarios, drawn so that as many rules as possible meet at the same instant.

A draft is plain data (text scalars, as in the files), so that a test can edit it before it is built and print it
when something fails. Everything follows from one seed.
"""

import copy
import re
from dataclasses import dataclass, field
from itertools import pairwise
from pprint import pformat
from random import Random
from typing import Any

from cascade.model import Assets, Links, Measure, Model, ModelInfo, Process, Region, Scenario, Sector

Draft = dict[str, Any]

IDS = ("alpha", "beta", "dike", "echo", "fuel", "gas", "hub", "ice", "jet")
SECTORS = ("wet", "dry")
TIMES = (0, 5, 10, 10, 20, 20, 30, 40, 60)
LEVELS = ("0%", "0%", "20%", "33.33%", "50%", "75%", "90%", "100%")
RATIONS = (("60%", "40%"), ("20%", "80%"), ("50%", "30%", "20%"), ("33.33%", "33.33%", "33.34%"), ("8%", "92%"))
RESPONSES: tuple[dict[str, str], ...] = (
    {"50%": "80%"},
    {"50%": "20%"},
    {"20%": "50%", "60%": "50%"},
    {"30%": "0%"},
    {"40%": "100%"},
    {"10%": "40%", "40%": "40%", "75%": "90%"},
)
NORTH = (51.9, 52.0, 52.1, 52.3)
EAST = (4.9, 5.0, 5.1)
AREAS = ("inland",) * 10 + ("coast",) * 4 + ("",)


@dataclass(frozen=True)
class Wishes:
    """What a draft may hold; the laws switch off what they do not speak about."""

    cross_region: bool = True
    manipulation: bool = True
    repairs: bool = True
    measures: bool = True
    short: bool = True
    """Whether a need may ask for more than its stand-ins give, so that it is short from the start."""
    events: tuple[int, ...] = (0, 1, 2, 2, 3, 3, 4, 5)


ANYTHING = Wishes()


@dataclass
class _Maker:
    rng: Random
    wishes: Wishes
    regions: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    assets: dict[str, list[tuple[str, str, int]]] = field(default_factory=dict)
    links: dict[tuple[str, str], list[tuple[str, str, int]]] = field(default_factory=dict)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def seconds(self, *also: int) -> str:
        return f"{self.rng.choice(TIMES + also)}s"

    def unsure(self) -> str | list[str]:
        """Draw a duration, now and then with a spread; an ordinary run takes the mode."""
        at = self.rng.choice(TIMES)
        return [f"{at // 2}s", f"{at}s", f"{at * 3}s"] if self.chance(0.1) else f"{at}s"


def dice(seed: int) -> Random:
    """Return a generator that repeats itself for the same seed."""
    return Random(seed)  # noqa: S311 (no secrets here)


def random_draft(seed: int, wishes: Wishes = ANYTHING) -> Draft:
    """Draw the plain data of a small model and a scenario for it."""
    make = _Maker(dice(seed), wishes)
    rng = make.rng
    regions = _regions(make)
    make.ids = sorted(rng.sample(IDS, rng.choice((3, 4, 4, 5, 5, 6, 7, 8, 9))))
    for pid in make.ids:
        make.kinds[pid] = rng.choice(("national", "national", "region", "region", "region", "assets"))
    make.assets = {pid: _assets(make) for pid in make.ids if make.kinds[pid] == "assets"}
    processes = {pid: _process(make, pid) for pid in rng.sample(make.ids, len(make.ids))}
    measures = _measures(make, processes) if wishes.measures and make.chance(0.5) else {}
    places = _spread_out(make, dice(seed + 2 * 10**6), processes) if wishes.cross_region else {}
    return {
        "seed": seed,
        "regions": regions,
        "processes": processes,
        "assets": make.assets,
        "places": places,
        "links": make.links,
        "measures": {key: measure for key, (measure, _) in measures.items()},
        "scenario": _scenario(make, processes, [placed | {"measure": key} for key, (_, placed) in measures.items()]),
    }


def build(draft: Draft) -> tuple[Model, Scenario]:
    """Turn a draft into the objects that the simulators take."""
    regions = [Region.model_validate({"code": code, "name": code, **rest}) for code, rest in draft["regions"].items()]
    written = {pid: {k: v for k, v in text.items() if k != "sector"} for pid, text in draft["processes"].items()}
    processes = {pid: Process.model_validate({"name": pid, **text}) for pid, text in written.items()}
    sector_of = {pid: text["sector"] for pid, text in draft["processes"].items()}
    model = Model(
        info=ModelInfo.model_validate({"title": "random", "version": "1"}),
        regions={region.code: region for region in regions},
        sources={},
        sectors={name: _sector(name, processes, sector_of) for name in dict.fromkeys(sector_of.values())},
        processes=processes,
        sector_of=sector_of,
        measures={key: Measure.model_validate({"name": key, **text}) for key, text in draft["measures"].items()},
        assets={pid: _table(rows, draft["places"].get(pid, {})) for pid, rows in draft["assets"].items()},
        links={key: Links(*zip(*rows, strict=True)) for key, rows in draft["links"].items()},
    )
    return model, Scenario.model_validate({"name": "random", **draft["scenario"]})


def edited(draft: Draft) -> Draft:
    """Return a copy that may be changed."""
    return copy.deepcopy(draft)


def enlarged(part: Any, times: int) -> Any:
    """Return (part of) a draft with all durations so many times as long."""
    if isinstance(part, dict):
        return {enlarged(key, times): enlarged(value, times) for key, value in part.items()}
    if isinstance(part, list):
        return [enlarged(one, times) for one in part]
    if isinstance(part, str) and re.fullmatch(r"\+?\d+s", part):
        return f"{'+' * part.startswith('+')}{int(part.strip('+s')) * times}s"
    return part


def show(draft: Draft) -> str:
    """Return a draft as text for people."""
    return pformat(draft, width=150, sort_dicts=False)


def _sector(name: str, processes: dict[str, Process], sector_of: dict[str, str]) -> Sector:
    members = {pid: process for pid, process in processes.items() if sector_of[pid] == name}
    return Sector.model_validate({"sector": name, "name": name, "processes": members})


def _table(rows: list[tuple[str, str, int]], places: dict[str, tuple[float, float, str]]) -> Assets:
    ids, regions, capacities = zip(*rows, strict=True)
    found = [places[asset] for asset in ids if asset in places]
    return Assets(
        ids=ids,
        names=ids,
        regions=regions,
        capacities=capacities,
        locations=tuple((lat, lon) for lat, lon, _ in found) or None,
        areas=tuple(area or None for _, _, area in found) or None,
    )


def _regions(make: _Maker) -> Draft:
    codes = [f"R{n}" for n in range(1, 1 + make.rng.choice((2, 2, 2, 3, 3, 4, 5)))]
    make.regions = codes
    around = {(a, b) for a, b in pairwise(codes)}
    around |= {(a, b) for a, b in (make.rng.sample(codes, 2) for _ in range(make.rng.randint(0, 2)))}
    return {
        code: {
            "population": str(make.rng.choice((0, 1, 7, 100, 333))),
            "neighbours": [other for other in codes if (code, other) in around or (other, code) in around],
        }
        for code in make.rng.sample(codes, len(codes))
    }


def _assets(make: _Maker) -> list[tuple[str, str, int]]:
    rows = [
        (region, make.rng.choice((1, 2, 3, 10))) for region in make.regions for _ in range(make.rng.choice((1, 1, 2)))
    ]
    names = make.rng.sample([f"s{n}" for n in range(len(rows))], len(rows))
    table = [(name, region, size) for name, (region, size) in zip(names, rows, strict=True)]
    return make.rng.sample(table, len(table))


def _spread_out(make: _Maker, rng: Random, processes: Draft) -> dict[str, dict[str, tuple[float, float, str]]]:
    """Give assets places, so few that many are equally far, and areas; let some needs go by these. Drawn apart from all else."""
    places = {
        pid: {asset: (rng.choice(NORTH), rng.choice(EAST), rng.choice(AREAS)) for asset, _, _ in rows}
        for pid, rows in make.assets.items()
    }
    areas = {pid: {area for _, _, area in found.values()} for pid, found in places.items()}
    for pid, process in processes.items():
        for name, need in process["needs"].items():
            supplier = need.get("from")
            if pid not in places or not isinstance(supplier, str) or supplier not in places or rng.random() < 0.2:
                continue
            served = "" not in areas[pid] and areas[pid] <= areas[supplier]
            need.pop("by_table", None)
            make.links.pop((pid, name), None)
            if served and rng.random() < 0.9:
                need["by_area"] = "true"
            else:
                need["by_nearest"] = rng.choice(("1", "1", "2", "3", "16"))
    return places


def _process(make: _Maker, pid: str) -> Draft:
    rng = make.rng
    text: Draft = {"sector": rng.choice(SECTORS)}
    if make.kinds[pid] == "region":
        text["per"] = "region"
    if make.kinds[pid] == "assets":
        text["assets"] = f"{pid}.csv"
    if make.chance(0.5):
        text["restart"] = make.unsure()
    if make.chance(0.25):
        text["stops_below"] = rng.choice(("20%", "30%", "50%"))
    if make.chance(0.45):
        text["passes_on_manipulation"] = "yes"
    if make.chance(0.3):
        text["rations"] = _rations(make)
    if make.chance(0.3):
        text["tags"] = ["coastal"]
    if make.chance(0.3):
        text["lists"] = {"cer": rng.choice(("5", "6"))}
    names = rng.sample(("power", "time", "staff"), rng.choice((0, 0, 1, 1, 1, 2, 2, 3)))
    text["needs"] = {name: need for name in names if (need := _need(make, pid, name))}
    return text


def _rations(make: _Maker) -> list[Draft]:
    shares = make.rng.choice(RATIONS)
    served: list[list[str]] = [[] for _ in shares]
    for pid in make.ids:
        if make.chance(0.6):
            make.rng.choice(served).append(pid)
    served[make.rng.randrange(len(shares))].append("others")
    for empty in [serves for serves in served if not serves]:
        empty.append(f"nobody{served.index(empty)}")
    return [{"serves": serves, "share": share} for serves, share in zip(served, shares, strict=True)]


def _placed(make: _Maker, consumer: str, supplier: str) -> str | None:
    """Write a supplier as a file would, perhaps with a place; None where the laws in hand exclude it."""
    national = make.kinds[consumer] == "national"
    if make.kinds[supplier] == "national":
        return supplier
    if not make.wishes.cross_region:
        return None if national else supplier
    places = ["", "", "", "@all", f"@{make.rng.choice(make.regions)}"] + ([] if national else ["@here", "@neighbours"])
    return supplier + make.rng.choice(places)


def _suppliers(make: _Maker, consumer: str, most: int) -> list[str]:
    """Draw who supplies a need, each as it is written; a process rarely needs itself."""
    others = [pid for pid in make.ids if pid != consumer or make.chance(0.15)]
    picked = make.rng.sample(others, min(len(others), make.rng.randint(1, most)))
    written = [_placed(make, consumer, supplier) for supplier in picked]
    return [supplier for supplier in written if supplier is not None]


def _need(make: _Maker, pid: str, name: str) -> Draft:
    rng = make.rng
    rule = rng.choice(("from", "from", "any_of", "any_of", "at_least", "shares", "by_table"))
    linked = [p for p in make.ids if make.kinds[p] == "assets" and p != pid]
    if rule == "by_table" and linked and make.wishes.cross_region:
        need = _linked(make, pid, name, rng.choice(linked))
    else:
        suppliers = _suppliers(make, pid, 1 if rule == "by_table" else 3)
        if not suppliers:
            return {}
        need = _supplied(make, "from" if rule == "by_table" else rule, suppliers)
    _endurance(make, pid, need)
    if make.chance(0.35):
        need["response"] = rng.choice(RESPONSES)
    if make.wishes.manipulation and make.chance(0.4):
        need["if_manipulated"] = {"level": rng.choice(LEVELS), "noticed_after": make.seconds()}
    return need


def _supplied(make: _Maker, rule: str, suppliers: list[str]) -> Draft:
    if rule == "from":
        return {"from": suppliers if len(suppliers) > 1 or make.chance(0.5) else suppliers[0]}
    if rule == "shares":
        split = {1: ("100%",), 2: ("60%", "40%"), 3: ("33.33%", "33.33%", "33.34%")}[len(suppliers)]
        return {"shares": dict(zip(suppliers, split, strict=True))}
    written: list[Any] = [
        {"id": one, "gives": make.rng.choice(("30%", "60%"))} if make.chance(0.3) else one for one in suppliers
    ]
    if rule == "any_of":
        written[make.rng.randrange(len(written))] = suppliers[0] if len(suppliers) == 1 else make.rng.choice(suppliers)
        return {"any_of": _distinct(written)}
    count = make.rng.randint(1, len(suppliers))
    whole = max(count if not (make.wishes.short and make.chance(0.1)) else 1, 1)
    for at in make.rng.sample(range(len(written)), whole):
        written[at] = suppliers[at]
    return {"at_least": {"count": str(count), "of": written}}


def _distinct(written: list[Any]) -> list[Any]:
    """Keep the first of each supplier, and see to it that one of them gives all."""
    found: dict[str, Any] = {}
    for one in written:
        found.setdefault(one if isinstance(one, str) else one["id"], one)
    if all(isinstance(one, dict) for one in found.values()):
        last = list(found)[-1]
        found[last] = last
    return list(found.values())


def _linked(make: _Maker, pid: str, name: str, supplier: str) -> Draft:
    """Let a table say which asset feeds which consumer."""
    consumers = {
        "national": [pid],
        "region": [f"{pid}@{code}" for code in make.regions],
        "assets": [asset for asset, _, _ in make.assets.get(pid, [])],
    }[make.kinds[pid]]
    pool = [asset for asset, _, _ in make.assets[supplier]]
    rows = []
    for consumer in consumers:
        for asset in make.rng.sample(pool, make.rng.randint(1, min(3, len(pool)))):
            rows.append((consumer, asset, make.rng.choice((0, 1, 1, 5))))
    make.links[pid, name] = make.rng.sample(rows, len(rows))
    return {"from": supplier, "by_table": f"{pid}-{name}.csv"}


def _endurance(make: _Maker, pid: str, need: Draft) -> None:
    rng = make.rng
    form = rng.choice(("none", "simple", "simple", "fades", "fades", "fades"))
    if form == "simple":
        need["endures"] = make.unsure()
        if make.chance(0.6):
            need["loses"] = rng.choice(("30%", "50%", "80%", ["10%", "60%", "90%"]))
    if form == "fades":
        times = sorted({rng.choice(TIMES) for _ in range(rng.randint(1, 3))})
        losses = sorted(rng.choice((5, 30, 50, 60, 90, 100)) for _ in times)
        need["fades"] = {f"{at}s": f"{lost}%" for at, lost in zip(times, losses, strict=True)}
        if make.chance(0.2):
            need["spread"] = rng.choice((["0.4", "1", "2"], ["0.5", "0.5", "1"]))
    if form != "none" and make.chance(0.5):
        need["recharge"] = rng.choice(("0s", "5s", "10s", "7s", "40s", "90s"))
    if form != "none" and make.chance(0.3):
        sustaining = _suppliers(make, pid, 1)
        if sustaining:
            need["sustained_by"] = sustaining[0]


# ------------------------------------------------------------------ the scenario


def _scenario(make: _Maker, processes: Draft, placed: list[Draft]) -> Draft:
    rng = make.rng
    events = [_event(make, number) for number in range(rng.choice(make.wishes.events))]
    scenario: Draft = {"horizon": f"{rng.choice((60, 120, 200, 200, 250))}s", "events": events}
    repaired = [event["id"] for event in events if "repair" in event]
    if repaired:
        scenario["crews"] = {"ship": str(rng.choice((1, 1, 2))), "van": str(rng.choice((1, 2)))}
        if make.chance(0.6):
            scenario["repair_order"] = rng.sample(repaired, rng.randint(1, len(repaired)))
    rationed = [pid for pid in processes if "rations" in processes[pid]]
    if make.chance(0.25):
        chosen = rng.choice(rationed if rationed and make.chance(0.7) else make.ids)
        scenario["rations"] = {chosen: _rations(make)}
    if placed:
        scenario["with_measures"] = placed
    return scenario


def needy(draft: Draft, seed: int) -> Draft:
    """Let the crews of a draft depend on processes, and perhaps order single jobs; drawn apart from all else."""
    rng, changed = dice(seed + 10**6), edited(draft)
    scenario, processes = changed["scenario"], sorted(changed["processes"])
    repaired = [event["id"] for event in scenario["events"] if "repair" in event]
    for crew, teams in scenario.get("crews", {}).items():
        needs = rng.sample(processes, min(len(processes), rng.choice((0, 1, 1, 2, 3))))
        loss = {process: rng.choice(("100%", "100%", "60%", "33.33%", "1%", "99.99%")) for process in needs}
        scenario["crews"][crew] = {"teams": teams, "needs": loss}
    if repaired and rng.random() < 0.5:
        names = [f"{name}@{code}" for name in repaired for code in sorted(changed["regions"])]
        scenario["repair_order"] = rng.sample([*repaired, *names], rng.randint(1, len(names)))
    return changed


def _event(make: _Maker, number: int) -> Draft:
    rng = make.rng
    event: Draft = {"id": f"e{number}", **_hits(make), "at": make.seconds(90, 300)}
    kinds = ("level", "level", "level", "levels", "levels")
    kind = rng.choice((*kinds, "wrong", "wrong", "wrong", "both") if make.wishes.manipulation else kinds)
    if kind in ("level", "both"):
        event["level"] = rng.choice(LEVELS)
    if kind == "levels":
        course = sorted({rng.choice(TIMES) for _ in range(rng.randint(1, 4))})
        event["levels"] = {f"{at}s": rng.choice(LEVELS) for at in course}
    if kind in ("wrong", "both"):
        event["manipulated"] = "true"
    if make.chance(0.6):
        event["deliberate"] = "yes"
        if make.chance(0.3):
            event["remote"] = "yes"
    repaired = "repair" if make.wishes.repairs else "for"
    end = rng.choice(("for", "for", "until", repaired, repaired, "none"))
    if end == "for":
        event["for"] = make.unsure()
    if end == "until":
        event["until"] = f"{int(event['at'][:-1]) + rng.choice((5, 10, 20, 40))}s"
    if end == "repair":
        event["repair"] = {"crew": rng.choice(("ship", "ship", "van")), "work": make.seconds()}
    return event


def _hits(make: _Maker) -> Draft:
    """Draw targets that exist: by id, by place, by asset, by sector, tag or list."""
    rng = make.rng
    first = rng.choice(make.ids)
    placed = [pid for pid in make.ids if make.kinds[pid] != "national"]
    fitted = [pid for pid in make.ids if make.kinds[pid] == "assets"]
    form = rng.choice(("one", "one", "one", "some", "where", "place", "assets", "broad"))
    if form == "some":
        return {"hits": rng.sample(make.ids, 2)}
    if form == "where" and placed:
        return {"hits": rng.choice(placed), "where": rng.sample(make.regions, rng.randint(1, 2))}
    if form == "place" and placed:
        return {"hits": [f"{rng.choice(placed)}@{rng.choice(make.regions)}"]}
    if form == "assets" and fitted:
        pid = rng.choice(fitted)
        return {"hits": pid, "assets": [asset for asset, _, _ in rng.sample(make.assets[pid], 1)]}
    if form == "broad" and placed:
        kind = rng.choice(({"sector": rng.choice(SECTORS)}, {"tag": "coastal"}, {"list": "cer", "item": "5"}))
        return {
            "hits": [kind, rng.choice(placed)],
            **({"where": [rng.choice(make.regions)]} if make.chance(0.5) else {}),
        }
    return {"hits": first}


def _measures(make: _Maker, processes: Draft) -> dict[str, tuple[Draft, Draft]]:
    """Draw measures with the places where they are taken."""
    found: dict[str, tuple[Draft, Draft]] = {}
    for number in range(make.rng.randint(1, 4)):
        pid = make.rng.choice(make.ids)
        names = list(processes[pid]["needs"])
        applies: Draft = {"processes": [pid]}
        if names:
            applies["need"] = make.rng.choice(names)
        effect = _effect(make, pid, processes[pid]["needs"][applies["need"]] if names else None)
        measure = {"lever": "recovery", "applies_to": applies, "effect": effect}
        if "prevents" in effect and make.chance(0.4):
            measure["against"] = make.rng.choice((["remote"], ["on-site", "remote"]))
        placed: Draft = {"at": [pid]}
        if make.kinds[pid] != "national" and make.chance(0.5):
            placed["where"] = make.rng.sample(make.regions, 1)
        found[f"m{number}"] = (measure, placed)
    return found


def _effect(make: _Maker, pid: str, need: Draft | None) -> Draft:
    rng = make.rng
    effects: list[Draft] = [
        {"prevents": rng.choice(("50%", "80%", "100%", "33.33%"))},
        {"prevents": rng.choice(("20%", "60%"))},
        {"restart": rng.choice(("x0.5", "x2", "0", "0.33"))},
        {"repair": rng.choice(("x0.5", "x2", "x0"))},
        {"serves_first": "true"},
    ]
    if need is not None:
        effects += [{"endures": rng.choice(("+10s", "+20s", "+5s"))}] * 2
        added = _suppliers(make, pid, 1)
        if added and _can_take_another(need):
            given = make.rng.choice(("60%", "100%"))
            effects += [{"adds_supply": {"id": added[0], "gives": given}}] * 2
    return rng.choice(effects)


def _can_take_another(need: Draft) -> bool:
    one = isinstance(need.get("from"), str) or len(need.get("from", ())) == 1
    return one or "any_of" in need or "at_least" in need
