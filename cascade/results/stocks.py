"""Stocks that bridge a time without supply: the register of a model, and what becomes of them in a scenario.

How long a stock lasts is the endurance of the needs that it bridges; how much of it is used is their deficit clock. The
clock is read off the engine itself, instant by instant, and what a stock is worth is the difference with a run without it.
"""

import dataclasses
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from cascade.errors import UsageError, did_you_mean
from cascade.files.model_checks import unseen
from cascade.model import Model, Need, Scenario, Stock
from cascade.results.effects import INDICATOR
from cascade.results.impact import Totals, assess
from cascade.simulation.clocks import Draw, clocks, draws
from cascade.simulation.network import Network
from cascade.simulation.run import Run, simulate
from cascade.units import FULL, HOUR, Uncertain, sure

if TYPE_CHECKING:
    import pandas as pd

USABLE_FROM: Final = FULL // 2
"""Level (1/10 000) of what a stock cannot be used without, below which it cannot be used. Own choice."""
HARM: Final = ("person_h", "basic_person_h", "cost_eur", "basic_people_peak")
"""Totals of ``impact.assess`` by which a run without a stock is set beside the run with it."""
VERDICTS: Final = ("helps", "in-part", "unusable", "idle", "unknown")
"""What a stock does in a run: usable whenever drawn, some of the time, never; not drawn; no need of the model is this stock."""


# ------------------------------------------------------------------ the model without a stock


def shortened(need: Need, part: int) -> Need:
    """Take a share (1/10 000) of its endurance from a need: its last step comes so much earlier.

    Steps that would come no earlier than that are overtaken by it. Refilling goes as fast as before.
    """
    before = need.steps[-1][0].mode
    changed: dict[str, Any]
    if need.fades is not None:
        *earlier, (after, lost) = sorted(need.fades.items())
        left = after - after * part // FULL
        changed = {"fades": {at: loss for at, loss in earlier if at < left} | {left: lost}}
    else:
        endures = need.endures or sure(0)
        changed = {"endures": Uncertain(*(value - value * part // FULL for value in endures))}
    made = Need(**{name: getattr(need, name) for name in Need.model_fields} | changed)
    if need.recharge is None or not before:
        return made
    after = made.steps[-1][0].mode
    # rounded up: refilling is never quicker for lack of stock
    recharge = Uncertain(*(-(-value * after // before) for value in need.recharge))
    return Need(**{name: getattr(made, name) for name in Need.model_fields} | {"recharge": recharge})


def without(model: Model, stocks: Collection[str]) -> Model:
    """Return the model as it would be without some stocks; all else, and the model itself, stays as it is.

    Raises
    ------
    UsageError
        If there is no such stock.
    """
    processes = dict(model.processes)
    for name in stocks:
        stock = find(model, name)
        for bridge in stock.bridges:
            process = processes[bridge.process]
            needs = process.needs | {bridge.need: shortened(process.needs[bridge.need], stock.part.mode)}
            processes[bridge.process] = process.model_copy(update={"needs": needs})
    sectors = {
        name: sector.model_copy(update={"processes": {p: processes[p] for p in sector.processes}})
        for name, sector in model.sectors.items()
    }
    return dataclasses.replace(model, processes=processes, sectors=sectors)


def find(model: Model, name: str) -> Stock:
    """Return a stock by its id.

    Raises
    ------
    UsageError
        If there is none; the text names the nearest.
    """
    if name not in model.stocks:
        raise UsageError(f"no stock {name!r} in the model; {did_you_mean(name, model.stocks)}")
    return model.stocks[name]


def lasting(model: Model, stock: Stock) -> tuple[int, ...]:
    """Return how long a stock lasts without any other supply (seconds), for each need that it bridges."""
    needs = [model.processes[b.process].needs[b.need] for b in stock.bridges]
    return tuple(n.steps[-1][0].mode - shortened(n, stock.part.mode).steps[-1][0].mode for n in needs)


def register(model: Model) -> "pd.DataFrame":
    """List the stocks of a model.

    Returns
    -------
    pandas.DataFrame
        One row per stock, by id: ``stock, kind, bridges`` (process.need, spaces between), ``part`` (share),
        ``model_h`` (how long it lasts in the model; of several needs the shortest), ``model_longest_h``,
        ``published_low_h, published_h, published_high_h`` (empty where nothing is published), ``agrees`` (whether every
        duration of the model lies in the published range), ``usable_with, not_in_model`` (what it cannot be used without,
        and which of that a run does not know of), ``source, confidence``.
    """
    import pandas as pd

    rows = []
    for name, stock in sorted(model.stocks.items()):
        lasts, told = lasting(model, stock), stock.lasts
        unknown = unseen(model, stock)
        rows.append(
            {
                "stock": name,
                "kind": stock.kind,
                "bridges": " ".join(f"{b.process}.{b.need}" for b in stock.bridges),
                "part": stock.part.mode / FULL if stock.bridges else None,
                "model_h": min(lasts) / HOUR if lasts else None,
                "model_longest_h": max(lasts) / HOUR if lasts else None,
                "published_low_h": told.low / HOUR if told else None,
                "published_h": told.mode / HOUR if told else None,
                "published_high_h": told.high / HOUR if told else None,
                "agrees": all(told.low <= s <= told.high for s in lasts) if told and lasts else None,
                "usable_with": " ".join(stock.usable_with),
                "not_in_model": " ".join(unknown),
                "source": " ".join(stock.source),
                "confidence": stock.confidence,
            }
        )
    columns = list(rows[0]) if rows else ["stock"]
    return pd.DataFrame(rows, columns=columns, dtype=object)


# ------------------------------------------------------------------ whether a stock can be used


class _Levels:
    """Levels over time of what stocks cannot be used without, seen from a region."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._known: dict[tuple[str, str], tuple[list[int], list[int]]] = {}

    def of(self, process: str, region: str) -> tuple[list[int], list[int]]:
        """Return moments and the level (1/10 000) from each on: that of the region's copy, else a mean over all copies."""
        network = self.run.network
        regional = self.run.model.processes[process].regional
        here = network.instances(process, region) if regional and region else ()
        key = (process, region if here else "")
        if key not in self._known:
            members = here or network.instances(process)
            self._known[key] = _mean(self.run, [(i, weigh(network, i)) for i in members])
        return self._known[key]


def weigh(network: Network, instance: int) -> int:
    """Return what a copy weighs beside the others of its process: inhabitants, the capacity of an asset, or 1."""
    model, process = network.model, network.process(instance)
    if model is None:
        raise UsageError("this network was not compiled from a model")
    if process in model.assets:
        table = model.assets[process]
        return table.capacities[table.ids.index(network.asset_of[instance])]
    region = network.region(instance)
    return max(model.regions[region].population, 1) if region else 1


def _mean(run: Run, members: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    courses = [(run.stretches(i), weight) for i, weight in members]
    times = np.unique(np.concatenate([start for (start, _, _), _ in courses]))
    total = sum(weight for _, weight in courses)
    sums = np.zeros(times.size, np.int64)
    for (start, _, level), weight in courses:
        sums += weight * level[np.searchsorted(start, times, "right") - 1]
    return times.tolist(), (sums // total).tolist()


class Piece(NamedTuple):
    """A stretch of a draw during which the same holds: seconds, what was drawn, and what it could not be used for lack of."""

    start: int
    end: int
    drawn: int
    lacking: str
    """Empty while it could be used."""


def _pieces(draw: Draw, levels: _Levels, stock: Stock, region: str, below: int) -> Iterator[Piece]:
    courses = {process: levels.of(process, region) for process in stock.usable_with}
    cuts = {draw.start, draw.end}
    for times, _ in courses.values():
        cuts.update(times[bisect_right(times, draw.start) : bisect_right(times, draw.end - 1)])
    moments = sorted(cuts)
    rate_over = draw.end - draw.start
    for a, b in pairwise(moments):
        at = [draw.before + (draw.after - draw.before) * (m - draw.start) // rate_over for m in (a, b)]
        now = {process: level[bisect_right(times, a) - 1] for process, (times, level) in courses.items()}
        worst = min(now, key=lambda process: now[process], default="")
        yield Piece(a, b, at[1] - at[0], worst if worst and now[worst] < below else "")


def _joined(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Make one of pieces that follow each other and lack the same."""
    found: list[Piece] = []
    for piece in pieces:
        last = found[-1] if found else None
        if last is not None and last.end == piece.start and last.lacking == piece.lacking:
            found[-1] = last._replace(end=piece.end, drawn=last.drawn + piece.drawn)
        else:
            found.append(piece)
    return tuple(found)


# ------------------------------------------------------------------ one scenario


@dataclass(frozen=True)
class Use:
    """What became of one copy of a stock in a run; times in seconds."""

    stock: str
    process: str
    need: str
    instance: str
    region: str
    weight: int
    lasts: int
    """Without any other supply."""
    used: float
    """Most that was gone of it at one moment, as a share."""
    empty: int | None
    pieces: tuple[Piece, ...]

    @property
    def first(self) -> int | None:
        """When it was first drawn on."""
        return self.pieces[0].start if self.pieces else None

    @cached_property
    def drawn(self) -> int:
        """How long it was drawn on."""
        return sum(p.end - p.start for p in self.pieces)

    @cached_property
    def blocked(self) -> int:
        """How much of that time it could not be used."""
        return sum(p.end - p.start for p in self.pieces if p.lacking)

    @cached_property
    def lacking(self) -> dict[str, int]:
        """For lack of what it could not be used, and for how long."""
        found: dict[str, int] = {}
        for piece in self.pieces:
            if piece.lacking:
                found[piece.lacking] = found.get(piece.lacking, 0) + piece.end - piece.start
        return found

    @property
    def amount(self) -> int:
        """Level x seconds drawn in all."""
        return sum(p.drawn for p in self.pieces)

    @property
    def amount_blocked(self) -> int:
        """Level x seconds drawn while it could not be used."""
        return sum(p.drawn for p in self.pieces if p.lacking)

    @property
    def rank(self) -> tuple[float, float, float, int, str]:
        """Smaller is worse: most used, soonest empty, soonest drawn on, longest out of reach."""
        never = float("inf")
        return (
            -self.used,
            never if self.empty is None else self.empty,
            never if self.first is None else self.first,
            -self.blocked,
            self.instance,
        )


def uses(run: Run, below: int = USABLE_FROM, stocks: Collection[str] | None = None) -> list[Use]:
    """Follow every copy of some stocks (default all) through a run, in order of stock, process and region."""
    model, network, arrays = run.model, run.network, run.network.arrays
    listed = [
        (name, bridge, seconds, instance)
        for name, stock in sorted(model.stocks.items())
        if stocks is None or name in stocks
        for bridge, seconds in zip(stock.bridges, lasting(model, stock), strict=True)
        for instance in network.instances(bridge.process)
    ]
    numbers = [_number(network, instance, bridge.need) for _, bridge, _, instance in listed]
    followed = clocks(run, np.array(numbers, np.int64))
    levels, found = _Levels(run), []
    for k, (name, bridge, seconds, instance) in enumerate(listed):
        last = int(arrays.step_time[arrays.step_start[numbers[k] + 1] - 1])
        begin, end = (last - seconds) * FULL, last * FULL
        region, stock = network.region(instance), model.stocks[name]
        spans = draws(followed, k, begin, end)
        most = max((d.after for d in spans), default=begin)
        found.append(
            Use(
                stock=name,
                process=bridge.process,
                need=bridge.need,
                instance=network.labels[instance],
                region=region,
                weight=weigh(network, instance),
                lasts=seconds,
                used=(most - begin) / (end - begin) if end > begin else 0.0,
                empty=next((d.end for d in spans if d.after >= end), None),
                pieces=_joined(p for d in spans for p in _pieces(d, levels, stock, region, below)),
            )
        )
    return found


def _number(network: Network, instance: int, need: str) -> int:
    starts = network.arrays.need_start
    return next(n for n in range(starts[instance], starts[instance + 1]) if network.need_names[n] == need)


class Worse(NamedTuple):
    """What a run is worse in than another: totals (as ``HARM``), and whom it hits first and most."""

    harm: dict[str, int]
    first_s: int | None
    first: str
    """Process of which a copy is first lower than in the other run; among several the one most people rely on, one that only
    mirrors others last."""
    first_regions: int
    """Regions in which that is so at that moment; 0 for a national process."""
    most: str
    """Process with most person-hours more."""


@dataclass(frozen=True, eq=False)
class StockUse:
    """What becomes of the stocks of a model in a scenario, and what it would be without each of them."""

    run: Run
    below: int
    """Level (1/10 000) below which what a stock needs is said to lack."""
    stocks: tuple[str, ...]
    copies: tuple[Use, ...]
    usual: Totals
    """Of the run with all stocks."""
    lost: dict[str, Worse]
    """What the run without each stock is worse in."""
    lost_all: Worse
    """The same for the run without any of them."""

    def __repr__(self) -> str:
        return f"StockUse({self.run.scenario.name.en!r}, {len(self.stocks)} stocks)"

    def _repr_html_(self) -> str:
        """Show itself in a notebook."""
        import cascade

        return cascade.html(self)

    def of(self, stock: str) -> list[Use]:
        """Return the copies of a stock, the worst first."""
        return sorted((use for use in self.copies if use.stock == stock), key=lambda use: use.rank)

    def verdict(self, stock: str) -> str:
        """Say what a stock does here: one of ``VERDICTS``."""
        copies = self.of(stock)
        drawn = sum(use.weight * use.amount for use in copies)
        if not copies or not drawn:
            return "idle" if copies else "unknown"
        blocked = sum(use.weight * use.amount_blocked for use in copies)
        return "helps" if not blocked else "unusable" if blocked == drawn else "in-part"

    @cached_property
    def table(self) -> "pd.DataFrame":
        """One row per stock, those that matter most first.

        Columns: ``stock, verdict, copies, copies_drawn``; of its worst copy ``instance, region, lasts_h, first_h, drawn_h,
        used`` (share), ``empty_h``; of all copies ``blocked_h`` (longest), ``blocked_by`` (process for lack of which it
        could longest not be used), ``usable`` (share of what was drawn that could be used, copies weighted by inhabitants);
        of the run without it ``more_person_h, more_basic_person_h, more_cost_eur, more_basic_people_peak, first_worse_h,
        first_worse, first_worse_regions, most_worse``.
        """
        import pandas as pd

        rows = [self._row(name) for name in self.stocks]
        rows.sort(key=lambda r: (not r["copies_drawn"], not r["copies"], -r["more_person_h"], r["stock"]))
        return pd.DataFrame(rows, columns=list(rows[0]) if rows else ["stock"], dtype=object)

    def _row(self, name: str) -> dict[str, Any]:
        copies, worse = self.of(name), self.lost[name]
        worst = copies[0] if copies else None
        drawn = sum(use.weight * use.amount for use in copies)
        blocked = sum(use.weight * use.amount_blocked for use in copies)
        lacking: dict[str, int] = {}
        for use in copies:
            for process, seconds in use.lacking.items():
                lacking[process] = lacking.get(process, 0) + use.weight * seconds
        return {
            "stock": name,
            "verdict": self.verdict(name),
            "copies": len(copies),
            "copies_drawn": sum(1 for use in copies if use.pieces),
            "instance": worst.instance if worst else None,
            "region": worst.region if worst else None,
            "lasts_h": worst.lasts / HOUR if worst else None,
            "first_h": _hours(worst.first) if worst else None,
            "drawn_h": worst.drawn / HOUR if worst else None,
            "used": worst.used if worst else None,
            "empty_h": _hours(worst.empty) if worst else None,
            "blocked_h": max((use.blocked for use in copies), default=0) / HOUR,
            "blocked_by": max(sorted(lacking), key=lambda p: lacking[p], default=None),
            "usable": 1 - blocked / drawn if drawn else None,
            **{f"more_{key}": value for key, value in worse.harm.items()},
            "first_worse_h": _hours(worse.first_s),
            "first_worse": worse.first or None,
            "first_worse_regions": worse.first_regions,
            "most_worse": worse.most or None,
        }


def _hours(seconds: int | None) -> float | None:
    return None if seconds is None else seconds / HOUR


def stock_use(
    model: Model,
    scenario: Scenario,
    below: int = USABLE_FROM,
    stocks: Collection[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> StockUse:
    """Play a scenario with all stocks, without each of them, and without any.

    Parameters
    ----------
    model : Model
    scenario : Scenario
    below : int
        Level (1/10 000): while something that a stock cannot be used without is below it, the stock is said not to help.
        The run itself knows only what stands in needs.
    stocks : collection of str, optional
        Only these; by default all.
    progress : callable, optional
        Called with the number of runs done and of all.

    Raises
    ------
    UsageError
        If there is no such stock, or the level is none.
    """
    if not 0 <= below <= FULL:
        raise UsageError(f"a level lies between 0% and 100%, not at {below / FULL:.0%}")
    names = tuple(sorted(model.stocks)) if stocks is None else tuple(sorted({*stocks}))
    for name in names:
        find(model, name)
    run = simulate(model, scenario)
    usual = assess(run)
    lost: list[Worse] = []
    cases: list[tuple[str, ...]] = [*((name,) for name in names), names]
    for n, gone in enumerate(cases):
        if progress is not None:
            progress(n, len(cases))
        lost.append(_worse(run, usual.totals, simulate(without(model, gone), scenario)))
    if progress is not None:
        progress(len(cases), len(cases))
    copies = tuple(uses(run, below, names))
    return StockUse(run, below, names, copies, usual.totals, dict(zip(names, lost, strict=False)), lost[-1])


def _worse(run: Run, usual: Totals, other: Run) -> Worse:
    """Set a run without stocks beside the usual one; both know the same instances."""
    impact = assess(other)
    harm = {key: int(impact.totals[key] or 0) - int(usual[key] or 0) for key in HARM}
    at, lower = _first_lower(run, other)
    if at is None:
        return Worse(harm, None, "", 0, "")
    network, model = run.network, run.model
    by: dict[str, list[int]] = {}
    for i in lower:
        by.setdefault(network.process(i), []).append(i)
    relying = {p: model.processes[p].people for p in by}
    first = min(by, key=lambda p: (INDICATOR in model.processes[p].tags, -(relying[p] or sure(0)).mode, p))
    regions = {network.region(i) for i in by[first]} - {""}
    return Worse(harm, at, first, len(regions), _most(run, other))


def _first_lower(run: Run, other: Run) -> tuple[int | None, list[int]]:
    """Return the first moment at which something is lower in the other run, and which instances are."""
    times = np.unique(np.concatenate((run.changes.time, other.changes.time))).tolist()
    levels = [np.full(run.network.size, FULL, np.int64) for _ in range(2)]
    rows = [0, 0]
    for t in times:
        touched: set[int] = set()
        for k, changes in enumerate((run.changes, other.changes)):
            end = int(np.searchsorted(changes.time, t, "right"))
            span = slice(rows[k], end)
            levels[k][changes.instance[span]] = changes.after[span]
            touched.update(changes.instance[span].tolist())
            rows[k] = end
        lower = [i for i in sorted(touched) if levels[1][i] < levels[0][i]]
        if lower:
            return t, lower
    return None, []


def _most(run: Run, other: Run) -> str:
    """Return the process that loses most person-hours more in the other run; where nobody relies on any, most hours."""
    network = run.network
    more = other.state.proc["lost"].astype(np.int64) - run.state.proc["lost"].astype(np.int64)
    weight = np.array([_relying(network, i) for i in range(network.size)], float)
    for by in (weight, np.ones(network.size)):
        found = np.bincount(network.process_of, more * by, len(network.processes))
        if found.max(initial=0.0) > 0:
            return network.processes[int(found.argmax())]
    return ""


def _relying(network: Network, instance: int) -> int:
    model, process = network.model, network.process(instance)
    people = model.processes[process].people if model is not None else None
    if model is None or people is None:
        return 0
    region = network.region(instance)
    if process not in model.assets:
        return people.mode * (model.regions[region].population if region else model.population)
    table = model.assets[process]
    whole = sum(c for c, r in zip(table.capacities, table.regions, strict=True) if r == region)
    return people.mode * model.regions[region].population * weigh(network, instance) // whole
