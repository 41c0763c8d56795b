"""What if, during play: something is brought in, fails or is mended from a moment on; the rest of the scenario stays.

Up to that moment the run is the same to the last bit, since nothing is changed before it; after it the engine says what
follows. Everything is said in terms that the model has:

* ``PROCESS[@REGION] +MEASURE at TIME [until TIME]``: a stand-in for the need that the measure is about, switched on from
  then on. A measure that lengthens endurance counts as full supply for the time that it adds (own choice: what is brought
  in starts full); one that adds a supply counts as that supply, for as long as it is there.
* ``PROCESS[@REGION] fails at TIME [to LEVEL] [for TIME]``: one more event.
* ``PROCESS[@REGION] back at TIME``: what events do to it ends then.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from cascade.errors import UsageError, did_you_mean, short
from cascade.exercise import parse_after
from cascade.model import Event, Measure, MeasureAt, Model, Process, Scenario, Sector, Supply
from cascade.results.noticing import MIRRORS
from cascade.simulation.events import targets
from cascade.simulation.network import compile_network
from cascade.simulation.run import Run
from cascade.units import FULL, HOUR, parse_duration, parse_share, sure

SECTOR: Final = "during-play"
"""Sector of the helper processes, so that no event of a scenario hits them."""
_TIME: Final = r"(?:[Dd]\s*\+\s*\d+(?:\s+\d{1,2}:\d{2})?|\S+(?:\s+\d+\s*[a-z]+)*)"
_BRINGS: Final = re.compile(
    rf"(?P<place>\S+)\s+\+\s*(?P<measure>\S+)\s+at\s+(?P<at>{_TIME})(?:\s+until\s+(?P<until>{_TIME}))?"
)
_FAILS: Final = re.compile(
    rf"(?P<place>\S+)\s+fails?\s+at\s+(?P<at>{_TIME})(?:\s+to\s+(?P<level>\S+))?(?:\s+for\s+(?P<lasting>{_TIME}))?"
)
_BACK: Final = re.compile(rf"(?P<place>\S+)\s+back\s+at\s+(?P<at>{_TIME})")
FORMS: Final = (
    "PROCESS[@REGION] +MEASURE at TIME [until TIME]",
    "PROCESS[@REGION] fails at TIME [to LEVEL] [for TIME]",
    "PROCESS[@REGION] back at TIME",
)


@dataclass(frozen=True)
class Move:
    """One thing that somebody does, or that happens, during play."""

    text: str
    process: str
    region: str
    """Code; empty for all copies."""
    at: int
    measure: str = ""
    until: int | None = None
    level: int | None = None
    """1/10 000; what is left of it from then on."""


def read_moves(texts: Iterable[str], model: Model, horizon: int) -> list[Move]:
    """Read what is supposed to happen during play; several in one text are parted by ``;``.

    Raises
    ------
    UsageError
        If one cannot be read, or names what the model lacks.
    """
    parts = [part.strip() for text in texts for part in text.split(";") if part.strip()]
    if not parts:
        raise UsageError(f"--if says nothing; write one of: {'; '.join(FORMS)}")
    return [_read(part, model, horizon) for part in parts]


def _read(text: str, model: Model, horizon: int) -> Move:
    for form in (_BRINGS, _FAILS, _BACK):
        if found := form.fullmatch(text):
            given = found.groupdict()
            break
    else:
        raise UsageError(f"--if {short(text)!r} cannot be read; write one of: {'; '.join(FORMS)}")
    process, region = _place(given["place"], model, text)
    try:
        at = parse_after(given["at"])
        until = parse_after(given["until"]) if given.get("until") else None
        level = parse_share(given["level"]) if given.get("level") else None
        lasting = parse_duration(given["lasting"]) if given.get("lasting") else None
    except ValueError as error:
        raise UsageError(f"--if {short(text)!r}: {error}") from None
    if at >= horizon:
        raise UsageError(f"--if {short(text)!r}: that is after the end of the scenario; name an earlier moment")
    if until is not None and until <= at:
        raise UsageError(f"--if {short(text)!r}: it ends before it begins; name a later end")
    if form is _FAILS:
        return Move(text, process, region, at, until=at + lasting if lasting else None, level=level or 0)
    if form is _BACK:
        return Move(text, process, region, at)
    return Move(text, process, region, at, measure=_measure(given["measure"], process, model, text), until=until)


def _place(text: str, model: Model, whole: str) -> tuple[str, str]:
    process, _, region = text.partition("@")
    if process not in model.processes:
        raise UsageError(
            f"--if {short(whole)!r}: no process {short(process)!r}; {did_you_mean(process, model.processes)}"
        )
    if region and region not in model.regions:
        by_name = {one.name.lower(): code for code, one in model.regions.items()}
        if region.lower() not in by_name:
            raise UsageError(
                f"--if {short(whole)!r}: no region {short(region)!r}; {did_you_mean(region, _region_names(model))}"
            )
        region = by_name[region.lower()]
    if region and not model.processes[process].regional:
        raise UsageError(f"--if {short(whole)!r}: {process} is national; leave out the region")
    return process, region


def _region_names(model: Model) -> list[str]:
    return [*model.regions, *(one.name for one in model.regions.values())]


def _measure(text: str, process: str, model: Model, whole: str) -> str:
    """Return the measure that is meant: its id, or a part of it that fits just one that can be brought in."""
    usable = [name for name, one in model.measures.items() if _brings(one) and _fits(model.processes[process], one)]
    if text in usable:
        return text
    if text in model.measures:
        what = (
            "cannot be brought in during play"
            if not _brings(model.measures[text])
            else f"is about no need of {process}"
        )
        raise UsageError(f"--if {short(whole)!r}: measure {text!r} {what}; here can be: {', '.join(usable) or 'none'}")
    meant = [name for name in usable if text in name]
    if len(meant) == 1:
        return meant[0]
    known = meant or usable
    raise UsageError(
        f"--if {short(whole)!r}: no measure {short(text)!r} for {process}; choose {', '.join(known) or 'another process'}"
    )


def _brings(measure: Measure) -> bool:
    return measure.effect.endures is not None or measure.effect.adds_supply is not None


def _fits(process: Process, measure: Measure) -> bool:
    """Whether a process has that need, of a form in which one more supply can stand for the whole."""
    need = process.needs.get(measure.applies_to.need or "")
    if need is None or process.assets is not None:
        return False
    return need.rule == "any_of" or (need.rule == "from" and len(need.supplies) == 1)


def played(model: Model, scenario: Scenario, moves: Sequence[Move]) -> tuple[Model, Scenario]:
    """Return the model and scenario in which the moves are made.

    Parameters
    ----------
    model : Model
    scenario : Scenario
    moves : sequence of Move

    Returns
    -------
    tuple of Model and Scenario
        The model has a helper process for each thing brought in; every process it had before does what it did, to the
        last bit, until the first move.

    Raises
    ------
    UsageError
        If nothing that events do to a place could end.
    """
    for number, move in enumerate(moves, 1):
        if move.measure:
            model, scenario = _brought(model, scenario, move, f"{SECTOR}-{number}")
        elif move.level is not None:
            scenario = _hit(scenario, move)
        else:
            scenario = _mended(model, scenario, move)
    return model, scenario


def _brought(model: Model, scenario: Scenario, move: Move, name: str) -> tuple[Model, Scenario]:
    measure = model.measures[move.measure]
    regional = model.processes[move.process].per is not None
    added = measure.effect.adds_supply
    needs = {"supply": {"from": [added.id], "endures": "0s"}} if added is not None else {}
    # nobody notices the helper itself: it only stands in
    about = {"name": measure.name, "per": "region" if regional else None, "needs": needs, "tags": [MIRRORS]}
    helper = Process.model_validate(about)
    gives = Supply(id=name, gives=added.gives if added is not None else FULL)
    put = Measure.model_validate(
        {
            "name": name,
            "lever": "redundancy",
            "applies_to": {"processes": [move.process], "need": measure.applies_to.need},
            "effect": {"adds_supply": gives},
        }
    )
    until = scenario.horizon if move.until is None else move.until
    if measure.effect.endures is not None:
        until = min(until, move.at + measure.effect.endures.mode)
    # the copies of a region where nothing is brought stay switched off
    off = Event(hits=(name,), level=sure(0))
    course = {0: sure(0), move.at: sure(FULL)} | ({until: sure(0)} if until < scenario.horizon else {})
    on = Event(hits=(f"{name}@{move.region}" if move.region else name,), levels=course)
    elsewhere = tuple(code for code in model.regions if code != move.region)
    events = [on, off.model_copy(update={"where": elsewhere})] if move.region and elsewhere else [on]
    if SECTOR in model.sectors:
        sector = model.sectors[SECTOR].model_copy(
            update={"processes": {**model.sectors[SECTOR].processes, name: helper}}
        )
    else:
        sector = Sector.model_validate({"sector": SECTOR, "name": SECTOR, "processes": {name: helper}})
    bigger = replace(
        model,
        processes=dict(sorted({**model.processes, name: helper}.items())),
        sectors={**model.sectors, SECTOR: sector},
        sector_of=dict(sorted({**model.sector_of, name: SECTOR}.items())),
        measures={**model.measures, name: put},
    )
    placed = MeasureAt(measure=name, at=(move.process,), where=(move.region,) if move.region else None)
    with_ = {"with_measures": (*scenario.with_measures, placed), "events": (*scenario.events, *events)}
    return bigger, scenario.model_copy(update=with_)


def _hit(scenario: Scenario, move: Move) -> Scenario:
    lasting = None if move.until is None else sure(move.until - move.at)
    event = Event.model_construct(
        hits=(f"{move.process}@{move.region}" if move.region else move.process,),
        at=sure(move.at),
        level=sure(move.level or 0),
        for_=lasting,
    )
    return scenario.model_copy(update={"events": (*scenario.events, event)})


def _mended(model: Model, scenario: Scenario, move: Move) -> Scenario:
    """End, for one place, what events do to it; for everything else they go on."""
    network = compile_network(model, scenario)
    meant = set(network.instances(move.process, move.region or None))
    events: list[Event] = []
    ended = 0
    for event in scenario.events:
        hit = set(targets(event, network))
        if not meant & hit or not event.at.mode < move.at < _end(event):
            events.append(event)
            continue
        if event.repair is not None:
            raise UsageError(
                f"--if {short(move.text)!r}: a crew ({event.repair.crew}) repairs that, and others wait for it; change its work "
                "or the repair_order in a copy of the scenario, and compare the two with --against"
            )
        ended += 1
        by_process: dict[str, set[str]] = {}
        for i in sorted(hit):
            by_process.setdefault(network.process(i), set()).add(network.region(i) or "")
        rest = {
            p: regions - ({move.region} if move.region else regions) if p == move.process else regions
            for p, regions in by_process.items()
        }
        events += [_narrowed(event, p, regions) for p, regions in sorted(rest.items()) if regions]
        mended = by_process[move.process] & ({move.region} if move.region else by_process[move.process])
        events.append(_narrowed(event, move.process, mended).model_copy(update={"for_": None, "until": sure(move.at)}))
    if not ended:
        raise UsageError(
            f"--if {short(move.text)!r}: no event hits that before then, so that nothing can be mended; use +MEASURE"
        )
    return scenario.model_copy(update={"events": tuple(events)})


def _end(event: Event) -> float:
    """Return when an event ends, seconds; infinite where it does not, or a crew ends it."""
    if event.for_ is not None:
        return event.at.mode + event.for_.mode
    return float("inf") if event.until is None else event.until.mode


def _narrowed(event: Event, process: str, regions: set[str]) -> Event:
    where = tuple(sorted(regions - {""})) or None
    return event.model_copy(update={"hits": (process,), "where": where})


def still_held(run: Run, move: Move) -> str:
    """Return what a place lacks an hour after the events there have ended; empty where it works again.

    Parameters
    ----------
    run : Run
        With the move made.
    move : Move
        One that ends events.
    """
    if move.measure or move.level is not None:
        return ""
    at = min(move.at + HOUR, run.horizon - 1)
    if _lowest(run, move.process, move.region, at) == FULL:
        return ""
    # the log need not say what binds now: a level that an event held down and a need holds down does not change
    needs = run.model.processes[move.process].needs.values()
    suppliers = sorted({supply.process for need in needs for supply in need.supplies})
    levels = {name: _lowest(run, name, move.region, at) for name in suppliers}
    lacking = [name for name in suppliers if levels[name] < FULL]
    return min(lacking, key=lambda name: levels[name], default="")


def _lowest(run: Run, process: str, region: str, at: int) -> int:
    """Return the lowest level (1/10 000) of a process's copies in a region (all of them where it is empty) at a moment."""
    regional = run.model.processes[process].regional
    copies = run.network.instances(process, region if region and regional else None)
    found = []
    for instance in copies:
        start, end, level = run.stretches(instance)
        found.append(int(level[(start <= at) & (at < end)][0]))
    return min(found, default=FULL)
