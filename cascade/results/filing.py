"""What the dossier of one process rests on: every question asked of the model once, the answers side by side.

Dependence both ways, every scenario on this process, its own failure set against the criteria of article 7 and the
notification thresholds, what measures would change, and how good the evidence is. Nothing here is text for people, and
nothing is guessed: what the model does not say stays empty, for the assessor to fill in.

Source
------
What belongs in it: Directive (EU) 2022/2557 (CER), articles 7, 12, 13 and 15, and the consultation text of the Besluit
weerbaarheid kritieke entiteiten. How it is counted: own choice.
"""

import calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

from cascade.errors import UsageError
from cascade.model import Evidence, Measure, MeasureAt, Model, Scenario
from cascade.results.reach import LONGEST, alone, check_known, dependents, suppliers
from cascade.results.wwke import LASTING, notifications, scorecard
from cascade.simulation.network import Network, compile_network
from cascade.simulation.run import Run, simulate
from cascade.units import FULL, HOUR

if TYPE_CHECKING:
    import pandas as pd

    from cascade.results.impact import Impact

Progress = Callable[[int, int], None]
Weakness = Literal["", "unsourced", "memory", "own", "low", "unsure"]

LETTERS: Final = ("a", "b", "c", "d", "e", "f")
"""Groups of measures of article 13(1)."""
MEMORY: Final = "mem"
"""Source of what experts remember without a document."""
OWN: Final = "own"
"""Source of our own estimates."""
TRIFLE: Final = FULL // 1_000
"""Levels that differ by no more than this count as equal when measures are compared."""


# ------------------------------------------------------------------ scenarios and measures


@dataclass(frozen=True, eq=False)
class Felt:
    """What one scenario does to the process, in its worst hit copy; levels are shares, times hours."""

    name: str
    """By which the scenario is at hand."""
    run: Run
    instance: int
    """The worst hit copy: the one with the greatest loss over the whole run."""

    @property
    def scenario(self) -> Scenario:
        """The scenario itself."""
        return self.run.scenario

    @cached_property
    def _stretches(self) -> list[tuple[int, int, int]]:
        found = zip(*(part.tolist() for part in self.run.stretches(self.instance)), strict=True)
        return [(start, end, level) for start, end, level in found if level < FULL]

    @property
    def reached(self) -> bool:
        """Whether the process loses anything."""
        return bool(self._stretches)

    @property
    def lowest(self) -> float:
        """Lowest level."""
        return min((level for _, _, level in self._stretches), default=FULL) / FULL

    @property
    def first_h(self) -> float | None:
        """First loss."""
        return self._stretches[0][0] / HOUR if self.reached else None

    @property
    def lowest_h(self) -> float | None:
        """When it first stood at its lowest level."""
        return next((s / HOUR for s, _, level in self._stretches if level == round(self.lowest * FULL)), None)

    @property
    def back_h(self) -> float | None:
        """From when it has all of its level to the end; None: nothing lost, or not back."""
        end = self._stretches[-1][1] if self.reached else self.run.horizon
        return end / HOUR if end < self.run.horizon else None

    @property
    def lost_h(self) -> float:
        """Whole hours lost: two hours at half count as one."""
        return sum((end - start) * (FULL - level) for start, end, level in self._stretches) / (FULL * HOUR)

    @property
    def direct(self) -> bool:
        """Whether what set in at its lowest level is an event of the scenario, not the lack of something."""
        links = self.run.chain(self.instance)
        return bool(links) and links[0].kind == "event"

    @property
    def rank(self) -> tuple[float, float, str]:
        """Order in which scenarios are the worst: the lowest level, then the most hours, then the name."""
        return self.lowest, -self.lost_h, self.name


@dataclass(frozen=True, eq=False)
class Helped:
    """What one measure at the process would change in one scenario."""

    measure: str
    before: Felt | None
    """The scenario as it is: the worst one, else the worst in which the measure makes a difference; None: in none."""
    after: Felt | None
    already: bool = False
    """Whether it is in place in the worst scenario as filed."""

    @property
    def differs(self) -> bool:
        """Whether it makes any difference in a scenario that was played."""
        return self.before is not None and self.after is not None


def felt(name: str, run: Run, process: str, region: str | None = None) -> Felt:
    """Look at a run from one process, in all regions or one."""
    return Felt(name, run, run.find(process if region is None else f"{process}@{region}"))


def with_measure(scenario: Scenario, measure: str, process: str, region: str | None = None) -> Scenario:
    """Return the scenario with one more measure in place at a process, everywhere or in one region."""
    more = MeasureAt.model_validate(
        {"measure": measure, "at": [process], "where": None if region is None else [region]}
    )
    return scenario.model_copy(update={"with_measures": (*scenario.with_measures, more)})


def applicable(model: Model, process: str) -> dict[str, Measure]:
    """Return the measures that can be taken at a process, by letter of article 13 and then by id."""
    found = {name: m for name, m in model.measures.items() if process in m.applies_to.processes}
    return dict(sorted(found.items(), key=lambda item: (item[1].article_13 or "~", item[0])))


# ------------------------------------------------------------------ evidence and terms


@dataclass(frozen=True)
class Claim:
    """One entry of the model that the dossier rests on: the process itself, or one of its needs."""

    need: str
    """Empty: the process itself."""
    evidence: Evidence

    @property
    def weakness(self) -> Weakness:
        """Why this has to be looked at first; empty: it need not."""
        if not self.evidence.source:
            return "unsourced"
        if MEMORY in self.evidence.source:
            return "memory"
        if set(self.evidence.source) == {OWN}:
            return "own"
        if self.evidence.confidence is None:
            return "unsure"
        return "low" if self.evidence.confidence == "low" else ""


def claims(model: Model, process: str) -> list[Claim]:
    """Return what the model says of a process, and on what evidence."""
    definition = model.processes[process]
    return [Claim("", definition), *(Claim(name, need) for name, need in definition.needs.items())]


def blanks(model: Model, process: str) -> list[tuple[str, str]]:
    """Name the fields of a process (need empty) and of its needs that could hold something and do not: (need, field)."""
    definition = model.processes[process]
    found = [
        ("", key) for key in ("people", "cost_per_day", "market_share", "operator") if not getattr(definition, key)
    ]
    for name, need in definition.needs.items():
        if need.endures is None and need.fades is None:
            found.append((name, "endures"))
        if need.kind is None:
            found.append((name, "kind"))
    return found


def terms(designated: date | None) -> list[tuple[str, date | None]]:
    """Return when the duties begin, counted from the day on which the entity was told that it is critical.

    Parameters
    ----------
    designated : date, optional

    Returns
    -------
    list of (str, date)
        ``assessment``: the risk assessment is due (9 months); ``duties``: measures and notification apply (10 months);
        ``renewal``: the next assessment at the latest (4 years after the first one is due). Without a day no dates.

    Source
    ------
    CER, articles 6(3) and 12(1). A month later is the same day of that month, or its last day.
    """
    months = {"assessment": 9, "duties": 10, "renewal": 9 + 4 * 12}
    return [(key, None if designated is None else months_later(designated, n)) for key, n in months.items()]


def months_later(day: date, months: int) -> date:
    """Return the same day so many months later, or the last day of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


# ------------------------------------------------------------------ all of it


@dataclass(frozen=True, eq=False)
class Filing:
    """Everything that was asked about one process."""

    model: Model
    process: str
    region: str | None
    lasting: int
    """How long its own failure lasts, seconds."""
    suppliers: "pd.DataFrame"
    """As of :func:`cascade.results.reach.suppliers`, each out for ``LONGEST``."""
    dependents: "pd.DataFrame"
    """As of :func:`cascade.results.reach.dependents`, for its own failure."""
    own: Run
    """Its own failure."""
    impact: "Impact"
    """Of that."""
    scorecard: "pd.DataFrame"
    """Article 7(1), for the whole country."""
    notifications: "pd.DataFrame"
    """Thresholds that cover the process, set against its own failure."""
    scenarios: tuple[Felt, ...]
    """Every scenario played, the worst for this process first."""
    helped: tuple[Helped, ...]
    """Every measure that can be taken at the process, by letter of article 13."""
    designated: date | None = None
    withheld: bool = False
    """Whether scenarios were left out for their mark, so that nobody can say that something is in none."""

    @property
    def reached(self) -> tuple[Felt, ...]:
        """The scenarios in which the process loses anything, the worst first."""
        return tuple(one for one in self.scenarios if one.reached)

    def alone_in(self, hazard: str, scenario: str) -> bool:
        """Whether a hazard is the only one of the list in a scenario, so that what happens there can be laid at its door."""
        return [key for key, one in self.model.hazards.items() if scenario in one.scenarios] == [hazard]

    @cached_property
    def by_name(self) -> dict[str, Felt]:
        """The scenarios played, by name."""
        return {one.name: one for one in self.scenarios}


def filing(
    model: Model,
    process: str,
    scenarios: Mapping[str, Scenario],
    duration: int = LASTING,
    region: str | None = None,
    *,
    designated: date | None = None,
    withheld: bool = False,
    progress: Progress | None = None,
) -> Filing:
    """Ask everything that the dossier of a process needs.

    Parameters
    ----------
    model : Model
    process : str
    scenarios : mapping
        Name to scenario: those to play.
    duration : int
        Seconds that its own failure lasts; suppliers are out for 14 days each.
    region : str, optional
        Code of the only region looked at, and in which it fails; the scorecard stays that of the whole country.
    designated : date, optional
        When the entity was told that it is critical.
    withheld : bool
        Whether some scenarios were left out for their mark.
    progress : callable, optional
        Called with the scenarios and measures looked at and how many there are.

    Raises
    ------
    UsageError
        If there is no such process, or no copy of it in the region.
    """
    from cascade.results.impact import assess

    if region is not None and not model.processes[process].regional:
        raise UsageError(f"{process} is a national process: leave the region out")
    check_known(model, process, region)
    network = compile_network(model)
    own = simulate(network, alone(model, process, duration, duration + LONGEST, region))
    noted = notifications(own)
    played, helped = _playing(network, process, region, scenarios, progress)
    return Filing(
        model,
        process,
        region,
        duration,
        suppliers(model, process, LONGEST, region, network=network),
        dependents(model, process, duration, region, network=network),
        own,
        assess(own),
        scorecard(model, duration, process),
        noted[noted["process"] == process].reset_index(drop=True),
        played,
        helped,
        designated,
        withheld,
    )


def _playing(
    network: Network, process: str, region: str | None, scenarios: Mapping[str, Scenario], progress: Progress | None
) -> tuple[tuple[Felt, ...], tuple[Helped, ...]]:
    """Play every scenario, the worst first, and then every measure in those that reach the process."""
    assert network.model is not None
    measures = applicable(network.model, process)
    size = len(scenarios) + len(measures)
    tell = progress or (lambda done, size: None)
    played: list[Felt] = []
    for name, scenario in sorted(scenarios.items()):
        played.append(felt(name, _played(network, scenario), process, region))
        tell(len(played), size)
    played.sort(key=lambda one: one.rank)
    reached = [one for one in played if one.reached]
    helped: list[Helped] = []
    for measure in measures:
        helped.append(_helped(network.model, process, region, measure, reached))
        tell(len(played) + len(helped), size)
    return tuple(played), tuple(helped)


def _played(network: Network, scenario: Scenario) -> Run:
    """Play a scenario; the compiled model serves those that change nothing in it."""
    changed = scenario.with_measures or scenario.rations
    assert network.model is not None
    return simulate(network.model if changed else network, scenario)


def _helped(model: Model, process: str, region: str | None, measure: str, reached: list[Felt]) -> Helped:
    """Play the scenarios that reach the process with a measure in place, the worst first, until one comes out better."""
    already = bool(reached) and _in_place(reached[0].scenario, measure, process, region)
    for before in reached:
        if _in_place(before.scenario, measure, process, region) or not _may_help(model.measures[measure], before):
            continue
        scenario = with_measure(before.scenario, measure, process, region)
        after = felt(before.name, simulate(model, scenario), process, region)
        if after.lowest - before.lowest > TRIFLE / FULL or before.lost_h - after.lost_h > TRIFLE / FULL * before.lost_h:
            return Helped(measure, before, after, already)
    return Helped(measure, None, None, already)


def _may_help(measure: Measure, before: Felt) -> bool:
    """Whether anything in a scenario is of the sort that a measure works on; saves playing it to see that nothing changes."""
    if measure.effect.prevents is not None:
        return any(event.deliberate for event in before.scenario.events)
    if measure.effect.repair is not None:
        return any(event.repair is not None for event in before.scenario.events)
    return True


def _in_place(scenario: Scenario, measure: str, process: str, region: str | None) -> bool:
    """Whether a scenario has a measure in place at a process already, wherever that is asked."""
    placed = (one for one in scenario.with_measures if one.measure == measure and process in one.at)
    return any(one.where is None or (region is not None and region in one.where) for one in placed)
