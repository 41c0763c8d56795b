"""Dependency both ways for one process, by time to effect: who falls when it fails alone, and by whose failure it falls.

Both answers come from full simulations, so reserves, stand-ins and roundabout ways count. What only bites together with
another failure does not show: of direct suppliers that fail without effect the table says so.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from cascade.errors import UsageError, did_you_mean
from cascade.model import Model, Need, Scenario
from cascade.results.effects import CLEAR, INDICATOR
from cascade.simulation.network import Network, arcs, compile_network
from cascade.simulation.run import Run, simulate
from cascade.units import DAY, FULL, HOUR, parse_duration

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[int, int], None]
Role = Literal["supplies", "sustains", ""]

LONGEST: Final = 14 * DAY
"""How long something is out where nothing else is asked, and how long is looked at what it takes to recover. Own choice."""
HALF: Final = FULL // 2
FOREIGN: Final = "foreign"
"""Tag of processes that stand, wholly or in part, for something abroad."""

DEPENDENTS: Final = (
    "process", "sector", "people", "peak_people", "lost", "first_h", "over10_h", "over50_h", "regions", "direct",
    "need", "through", "chain", "locked",
)  # fmt: skip
SUPPLIERS: Final = (
    "process", "sector", "lost", "first_h", "over10_h", "over50_h", "direct", "role", "links", "foreign",
    "need", "through", "chain", "endures_h", "stand_ins", "confidence", "source",
)  # fmt: skip


# ------------------------------------------------------------------ one failure


def seconds(duration: int | str) -> int:
    """Return a length of time in seconds: whole seconds, or text as in the files (``72h``).

    Raises
    ------
    UsageError
        If it is no length of time above 0.
    """
    try:
        found = parse_duration(duration) if isinstance(duration, str) else duration
    except ValueError as error:
        raise UsageError(str(error)) from None
    if not isinstance(found, int) or isinstance(found, bool) or found <= 0:
        raise UsageError(f"a duration is text such as '72h', or whole seconds above 0, not {duration!r}")
    return found


def alone(model: Model, process: str, duration: int, horizon: int, region: str | None = None) -> Scenario:
    """Return the scenario in which one process fails alone from the start: everywhere, or in one region.

    Parameters
    ----------
    duration, horizon : int
        Seconds out, and seconds looked at.

    Raises
    ------
    UsageError
        If there is no such process, or no copy of it in the region.
    """
    check_known(model, process, region)
    event: dict[str, Any] = {"hits": [process], "level": "0%", "for": f"{duration}s"}
    if region is not None:
        event["where"] = [region]
    return Scenario.model_validate({"name": process, "horizon": f"{horizon}s", "events": [event]})


def check_known(model: Model, process: str, region: str | None = None) -> None:
    """Refuse a process that is not there, and a region that is not or does not have it."""
    if process not in model.processes:
        raise UsageError(f"no process {process!r} in the model; {did_you_mean(process, model.processes)}")
    if region is None:
        return
    if region not in model.regions:
        raise UsageError(f"no region {region!r} in the model; {did_you_mean(region, model.regions)}")
    if not model.processes[process].regional:
        raise UsageError(f"{process} is a national process: leave the region out")
    if process in model.assets and region not in model.assets[process].regions:
        raise UsageError(f"{process} has nothing in {region}")


@dataclass
class Fall:
    """How far and how soon a process fell, in its worst copies (a copy: the process in one region)."""

    lost: int = 0
    """Deepest loss of a copy, 1/10 000, rounded up."""
    first: int = -1
    """Seconds until anything is lost, until a copy has lost more than 10%, and more than half; -1: never."""
    over10: int = -1
    over50: int = -1
    instance: int = -1
    """What passed 10% first (else what first lost anything), and when: where to ask why."""
    at: int = -1
    regions: set[int] = field(default_factory=set)
    """Numbers of the regions where it lost more than 10%; -1 for a national process."""

    def note(self, time: int, loss: int, region: int, instance: int) -> None:
        """Take in what is lost of a copy from some moment on; moments come in order."""
        self.lost = max(self.lost, loss)
        if loss > 0 and self.first < 0:
            self.first, self.at, self.instance = time, time, instance
        if loss > CLEAR:
            self.regions.add(region)
            if self.over10 < 0:
                self.over10, self.at, self.instance = time, time, instance
        if loss > HALF and self.over50 < 0:
            self.over50 = time


def falls(run: Run, among: Collection[int] | None = None) -> dict[str, Fall]:
    """Return what fell in a run, by process id; ``among`` keeps only some instances.

    Assets of a process in one region are one copy, each as large as its capacity.
    """
    network, c = run.network, run.changes
    kept = None if among is None else set(among)
    capacity = _capacities(run.model, network)
    process_of, region_of = network.process_of.tolist(), network.region_of.tolist()
    whole: dict[tuple[int, int], int] = {}
    for i in range(network.size) if kept is None else sorted(kept):
        copy = process_of[i], region_of[i]
        whole[copy] = whole.get(copy, 0) + capacity[i]
    lost: dict[tuple[int, int], int] = {}
    found: dict[str, Fall] = {}
    steps = c.before.astype(np.int64) - c.after
    for time, changes in groupby(
        zip(c.time.tolist(), c.instance.tolist(), steps.tolist(), strict=True), key=itemgetter(0)
    ):
        touched: dict[tuple[int, int], int] = {}
        for _, i, step in changes:
            if kept is None or i in kept:
                copy = process_of[i], region_of[i]
                lost[copy] = lost.get(copy, 0) + step * capacity[i]
                if step > 0:
                    touched.setdefault(copy, i)
        for copy, i in touched.items():  # of several assets at one instant only the sum ever held
            fall = found.setdefault(network.processes[copy[0]], Fall())
            fall.note(time, -(-lost[copy] // whole[copy]), copy[1], i)
    return {process: fall for process, fall in found.items() if fall.lost > 0}


def _capacities(model: Model, network: Network) -> list[int]:
    """Return the weight of each instance in its copy: an asset's capacity, else 1."""
    found = [1] * network.size
    for process, table in model.assets.items():
        capacity = dict(zip(table.ids, table.capacities, strict=True))
        for i in network.instances(process):
            found[i] = capacity[network.asset_of[i]]
    return found


def _because(run: Run, fall: Fall) -> dict[str, str]:
    """Say by which need of its own a process fell, whose lack that was, and the way from what failed first."""
    links = run.chain(fall.instance, fall.at)
    network = run.network
    way = [network.process(link.instance) for link in reversed(links)]
    supplier = links[0].supplier if links else -1
    return {
        "need": links[0].need if links else "",
        "through": network.process(supplier) if supplier >= 0 else "",
        "chain": _joined(way),
    }


def _joined(way: Collection[str]) -> str:
    """Write a way as ``a > b > c``; copies of one process in a row count once."""
    return " > ".join(process for process, _ in groupby(way))


def _timing(fall: Fall) -> dict[str, Any]:
    hours = {"first_h": fall.first, "over10_h": fall.over10, "over50_h": fall.over50}
    return {"lost": fall.lost / FULL, **{key: at / HOUR if at >= 0 else None for key, at in hours.items()}}


def _framed(rows: list[dict[str, Any]], columns: Collection[str]) -> "pd.DataFrame":
    """Lay out rows, the soonest effect first: more than 10% before less, then the deepest."""
    import pandas as pd

    def late(row: dict[str, Any], key: str) -> float:
        return float("inf") if row[key] is None else float(row[key])

    rows.sort(key=lambda r: (late(r, "over10_h"), late(r, "first_h"), -r["lost"], r["process"]))
    frame = pd.DataFrame(rows, columns=list(columns))
    hours = [key for key in columns if key.endswith("_h")]
    return frame.astype(dict.fromkeys(hours, float))


# ------------------------------------------------------------------ who depends on me


def dependents(
    model: Model,
    process: str,
    duration: int | str = LONGEST,
    region: str | None = None,
    *,
    network: Network | None = None,
) -> "pd.DataFrame":
    """Let a process fail alone and return who falls with it, the soonest first.

    Parameters
    ----------
    model, process
    duration : int or str
        How long it is out (seconds, or text such as ``72h``); what follows is looked at for 14 days more.
    region : str, optional
        Code of the only region in which it fails.
    network : Network, optional
        The model, compiled, where that is at hand.

    Returns
    -------
    pandas.DataFrame
        One row per other process that loses anything (indicators left out): ``process, sector, people`` (who rely on
        it), ``peak_people`` (most without at one moment), ``lost`` (deepest, 0 to 1), ``first_h, over10_h, over50_h``
        (hours until anything, more than a tenth and more than half is lost; the last three in its worst copy), ``regions``
        (with more than 10% lost), ``direct`` (one of its needs names the failed process), ``need`` and ``through`` (what
        it first fell short of, from whom), ``chain`` (the way there, ids), ``locked`` (copies that stay down).

    Raises
    ------
    UsageError
        If there is no such process or region, or the duration is none.
    """
    from cascade.results.impact import assess

    lasting = seconds(duration)
    scenario = alone(model, process, lasting, lasting + LONGEST, region)
    run = simulate(network or compile_network(model), scenario)
    counted = {row["process"]: row for row in assess(run, ()).by_process.to_dict("records")}
    roles = _roles(model)
    rows = []
    for name, fall in falls(run).items():
        if name == process or INDICATOR in model.processes[name].tags:
            continue
        counts = counted[name]
        rows.append(
            {
                "process": name,
                "sector": model.sector_of[name],
                "people": int(counts["people"]),
                "peak_people": int(counts["peak_people"]),
                **_timing(fall),
                "regions": len(fall.regions - {-1}),
                "direct": process in roles.get(name, {}),
                **_because(run, fall),
                "locked": int(counts["locked"]),
            }
        )
    return _framed(rows, DEPENDENTS)


# ------------------------------------------------------------------ on whom I depend


def _roles(model: Model) -> dict[str, dict[str, Role]]:
    """Return by consumer who its needs name: as a supplier, or only as one that keeps a reserve filled."""
    found: dict[str, dict[str, Role]] = {process: {} for process in model.processes}
    for supplier, consumer, _, need in arcs(model):
        found[consumer][supplier] = "supplies"
        if need.sustained_by is not None:
            found[consumer].setdefault(need.sustained_by.partition("@")[0], "sustains")
    return found


def _upstream(roles: Mapping[str, Mapping[str, Role]], process: str) -> dict[str, tuple[str, ...]]:
    """Return all that a process rests on, each with a shortest way from there, in order of distance and id."""
    found: dict[str, tuple[str, ...]] = {process: (process,)}
    todo = [process]
    while todo:
        following: list[str] = []
        for consumer in todo:
            for supplier in sorted(roles[consumer]):
                if supplier not in found:
                    found[supplier] = (supplier, *found[consumer])
                    following.append(supplier)
        todo = sorted(following)
    del found[process]
    return found


def suppliers(
    model: Model,
    process: str,
    duration: int | str = LONGEST,
    region: str | None = None,
    *,
    network: Network | None = None,
    progress: Progress | None = None,
) -> "pd.DataFrame":
    """Let everything that a process rests on fail alone, one after another, and return by whose failure it falls.

    Parameters
    ----------
    model : Model
    process : str
    duration : int or str
        For how long each supplier is out, everywhere; what would only bite later is not seen.
    region : str, optional
        Look at the copy in this region only.
    network : Network, optional
        The model, compiled, where that is at hand.
    progress : callable, optional
        Called with the failures simulated and how many there are.

    Returns
    -------
    pandas.DataFrame
        One row per supplier whose failure alone costs the process anything, and also without effect where one of its
        needs names it or it stands for something abroad: ``process, sector, lost, first_h, over10_h, over50_h`` (what it
        does to the process asked about, as in :func:`dependents`), ``direct``, ``role`` (supplies, sustains, or empty),
        ``links`` (needs between them along the shortest way), ``foreign``, ``need`` and ``through`` (by which need of
        its own the process falls, from whom), ``chain`` (the way to it; where nothing happens a shortest one),
        ``endures_h`` (reserve on that need before anything is lost), ``stand_ins`` (who else can meet it), ``confidence``
        and ``source`` (of that need).

    Raises
    ------
    UsageError
        If there is no such process or region, or the duration is none.
    """
    lasting = seconds(duration)
    check_known(model, process, region)
    built = network or compile_network(model)
    mine = built.instances(process, region)
    roles = _roles(model)
    upstream = _upstream(roles, process)
    rows = []
    for done, (supplier, way) in enumerate(upstream.items(), 1):
        run = simulate(built, alone(model, supplier, lasting, lasting))
        fall = falls(run, mine).get(process)
        role = roles[process].get(supplier, "")
        if fall is not None or role or FOREIGN in model.processes[supplier].tags:
            because = _because(run, fall) if fall is not None else _unfelt(model, way)
            rows.append(_supplier(model, way, role, fall or Fall(), because))
        if progress is not None:
            progress(done, len(upstream))
    return _framed(rows, SUPPLIERS)


def _supplier(model: Model, way: tuple[str, ...], role: Role, fall: Fall, because: dict[str, str]) -> dict[str, Any]:
    supplier, process = way[0], way[-1]
    return {
        "process": supplier,
        "sector": model.sector_of[supplier],
        **_timing(fall),
        "direct": bool(role),
        "role": role,
        "links": len(way) - 1,
        "foreign": FOREIGN in model.processes[supplier].tags,
        **because,
        **_reserve(model.processes[process].needs.get(because["need"]), because["through"]),
    }


def _unfelt(model: Model, way: tuple[str, ...]) -> dict[str, str]:
    """Describe a supplier whose failure alone does nothing by a shortest way along the needs."""
    last, process = way[-2:]
    need = next((name for name, need in model.processes[process].needs.items() if _names(need, last)), "")
    return {"need": need, "through": last, "chain": _joined(way)}


def _names(need: Need, process: str) -> bool:
    sustainer = need.sustained_by.partition("@")[0] if need.sustained_by is not None else ""
    return process == sustainer or any(supply.process == process for supply in need.supplies)


def _reserve(need: Need | None, supplier: str) -> dict[str, Any]:
    """Say how long a need can be missed, who else can meet it, and who says so."""
    if need is None:
        return {"endures_h": None, "stand_ins": "", "confidence": None, "source": ""}
    others = [s.id for s in need.supplies if s.process != supplier] if need.rule in ("any_of", "at_least") else []
    after = next((after.mode for after, lost in need.steps if lost.mode), need.steps[-1][0].mode)
    return {
        "endures_h": after / HOUR,
        "stand_ins": " ".join(others),
        "confidence": need.confidence,
        "source": " ".join(need.source),
    }
