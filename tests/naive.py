"""A plain simulator that reads the semantics page aloud: everything is recomputed at every instant.

Dictionaries keyed by label, no queues, no bookkeeping of what changed. It is the judge of the fast engine and
shares nothing with it but the nouns of :mod:`cascade.model`. Times are whole seconds, levels whole 1/10 000.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from cascade import model as nouns
from cascade.model import ALL, HERE, NEIGHBOURS, OTHERS, Event, Model, Need, Scenario, Supply
from cascade.units import FULL

FOREVER = 10**15

Levels = dict[str, int]
Key = tuple[str, str]
"""An instance's label and the name of one of its needs."""
Row = tuple[int, str, int, int, str, int, str, str]
"""Time, instance, level before and after, kind, event, need, supply."""


class Instance(NamedTuple):
    """A process, its copy in a region, or one of its assets."""

    label: str
    process: str
    region: str | None
    asset: str | None
    size: int


class Term(NamedTuple):
    """One written supply of a need, unfolded to the instances behind it."""

    members: list[tuple[str, int]]
    gives: int = FULL
    weight: int = 0


class Want(NamedTuple):
    """A need of one instance, all measures already in it."""

    rule: str
    least: int
    terms: list[Term]
    steps: list[tuple[int, int]]
    """(seconds, level kept from then on)"""
    recharge: int
    response: list[tuple[int, int]]
    sustainers: list[tuple[str, int]]
    believed: tuple[int, int] | None
    """(level while misled, seconds until noticed)"""

    @property
    def deepest(self) -> int:
        """Where the deficit clock stops."""
        return self.steps[-1][0] * FULL

    @property
    def members(self) -> list[str]:
        return [label for term in self.terms for label, _ in term.members]


class Strike(NamedTuple):
    """One event as it acts on one instance."""

    event: int
    start: int
    end: int
    course: list[tuple[int, int]]
    """(moment, level from then on)"""
    manipulated: bool

    def active(self, t: int) -> bool:
        return self.start <= t < self.end

    def level(self, t: int) -> int:
        return last_of(self.course, t, FULL)


class Repair(NamedTuple):
    """A job: from when it can be done, its work in seconds, and which event and instance it mends."""

    available: int
    work: int
    what: tuple[int, str]


class NaiveRun(NamedTuple):
    """The log, the instances that wait for each other at the end, and what each could deliver when."""

    log: list[Row]
    locked: set[str]
    groups: set[frozenset[str]]
    targets: dict[str, list[tuple[int, int]]]


def last_of(steps: Iterable[tuple[int, int]], at: int, before: int) -> int:
    """Return the value of the last step at or before `at`."""
    value = before
    for moment, level in steps:
        if moment <= at:
            value = level
    return value


def weighted(values: list[tuple[int, int]]) -> int:
    """Return the mean of (weight, value) pairs, rounded down."""
    return sum(w * v for w, v in values) // sum(w for w, _ in values)


def rounded_up(amount: int, by: int) -> int:
    return (amount + by - 1) // by


def instances(model: Model) -> dict[str, Instance]:
    """Unfold every process: by id, then region, then asset."""
    found = []
    for pid, process in sorted(model.processes.items()):
        if process.assets is not None:
            table = model.assets[pid]
            for region, asset, size in sorted(zip(table.regions, table.ids, table.capacities, strict=True)):
                found.append(Instance(f"{pid}@{region}#{asset}", pid, region, asset, size))
        elif process.per == "region":
            for code, region_of in sorted(model.regions.items()):
                found.append(Instance(f"{pid}@{code}", pid, code, None, region_of.population))
        else:
            found.append(Instance(pid, pid, None, None, 1))
    return {one.label: one for one in found}


def on_earth(model: Model, one: Instance) -> tuple[float, float, float]:
    """Return where an asset is, in metres from the centre of the earth; places are known to a millionth of a degree."""
    table = model.assets[one.process]
    at = (table.locations or ())[table.ids.index(str(one.asset))]
    assert at is not None
    lat, lon = (math.radians(round(angle, 6)) for angle in at)
    radius = 6_371_009
    return (
        radius * math.cos(lat) * math.cos(lon),
        radius * math.cos(lat) * math.sin(lon),
        radius * math.sin(lat),
    )


def area_of(model: Model, one: Instance) -> str | None:
    table = model.assets[one.process]
    return (table.areas or ())[table.ids.index(str(one.asset))]


class Unfolding:
    """What the files say, spelled out for every instance."""

    def __init__(self, model: Model, scenario: Scenario) -> None:
        self.model = model
        self.scenario = scenario
        self.instances = instances(model)
        self.restart = {
            one.label: self.scaled(one, "restart", model.processes[one.process].restart.mode)
            for one in self.instances.values()
        }
        self.wants: dict[str, dict[str, Want]] = {
            one.label: {name: self.want(one, name, need) for name, need in model.processes[one.process].needs.items()}
            for one in self.instances.values()
        }
        self.strikes: dict[str, list[Strike]] = {label: [] for label in self.instances}
        ends = self.repairs()
        for index, event in enumerate(scenario.events):
            for one in self.targets(event):
                self.strikes[one.label].append(self.strike(index, event, one, ends))

    # measures

    def effects(self, one: Instance, kind: str, need: str | None = None, against: str | None = None) -> Iterator[Any]:
        """Yield what the measures in place do to this instance, in file order."""
        for placed in self.scenario.with_measures:
            measure = self.model.measures[placed.measure]
            value = getattr(measure.effect, kind)
            if value is None or one.process not in placed.at:
                continue
            if against is not None and against not in measure.against:
                continue
            if placed.where is not None and one.region not in placed.where:
                continue
            if need is None or measure.applies_to.need == need:
                yield value

    def scaled(self, one: Instance, kind: str, value: int) -> int:
        for factor in self.effects(one, kind):
            value = value * factor.mode // FULL
        return value

    # needs

    def want(self, one: Instance, name: str, need: Need) -> Want:
        longer = sum(extra.mode for extra in self.effects(one, "endures", name))
        steps = [(after.mode + longer, FULL - lost.mode) for after, lost in need.steps]
        terms = [Term(self.members(one, name, need, supply), supply.gives, supply.weight) for supply in need.supplies]
        rule = need.rule
        for added in self.effects(one, "adds_supply", name):
            terms.append(Term(self.places(one, added), added.gives))
            rule = "any_of" if rule == "from" else rule
        points = {0: 0, **(need.response or {}), FULL: FULL}
        block = need.if_manipulated
        return Want(
            rule=rule,
            least=need.at_least.count if need.at_least else 0,
            terms=terms,
            steps=steps,
            recharge=steps[-1][0] if need.recharge is None else need.recharge.mode,
            response=sorted(points.items()),
            sustainers=self.places(one, Supply(id=need.sustained_by)) if need.sustained_by else [],
            believed=(block.level.mode, block.noticed_after.mode) if block else None,
        )

    def members(self, one: Instance, name: str, need: Need, supply: Supply) -> list[tuple[str, int]]:
        if need.by_nearest is not None:
            return self.nearest(one, supply.process, need.by_nearest)
        if need.by_area:
            return self.serving(one, supply.process)
        if need.by_table is None:
            return self.places(one, supply)
        table = self.model.links[one.process, name]
        rows = list(zip(table.consumers, table.suppliers, table.weights, strict=True))
        found = [
            (other.label, weight)
            for other in self.instances.values()
            for consumer, supplier, weight in rows
            if other.process == supply.process
            and consumer in (one.asset, one.label)
            and supplier in (other.asset, other.label)
        ]
        return sized(found)

    def nearest(self, one: Instance, supplier: str, count: int) -> list[tuple[str, int]]:
        """Return the nearest assets of a supplier: by whole metres through the earth, then by their ids."""
        here = on_earth(self.model, one)
        others = [other for other in self.instances.values() if other.process == supplier]
        far = [(round(math.dist(here, on_earth(self.model, other))), str(other.asset), other) for other in others]
        chosen = {other.label for _, _, other in sorted(far)[:count]}
        return [(other.label, other.size) for other in others if other.label in chosen]

    def serving(self, one: Instance, supplier: str) -> list[tuple[str, int]]:
        """Return the assets of a supplier with the same serving area."""
        area = area_of(self.model, one)
        assert area
        others = [other for other in self.instances.values() if other.process == supplier]
        return [(other.label, other.size) for other in others if area_of(self.model, other) == area]

    def places(self, one: Instance, supply: Supply) -> list[tuple[str, int]]:
        """Return the instances behind a written supply, seen from one consumer."""
        place = supply.place or (ALL if one.region is None else HERE)
        regions: set[str | None] = {place}
        if place == HERE:
            regions = {one.region}
        if place == ALL:
            regions = set(self.model.regions)
        if place == NEIGHBOURS:
            assert one.region is not None
            regions = set(self.model.regions[one.region].neighbours)
        found = [
            (other.label, other.size)
            for other in self.instances.values()
            if other.process == supply.process and (other.region is None or other.region in regions)
        ]
        return sized(found)

    def slice_of(self, supplier: str, consumer: str) -> tuple[int, int]:
        """Return the part (lo, hi) of a supplier's output that decides what a consumer gets."""
        pid = self.instances[supplier].process
        one = self.instances[consumer]
        rations = self.scenario.rations.get(pid) or self.model.processes[pid].rations
        if not rations:
            return 0, FULL
        named = [one.process in ration.serves for ration in rations]
        rest = [OTHERS in ration.serves for ration in rations]
        chosen = 0 if any(self.effects(one, "serves_first")) else (named if any(named) else rest).index(True)
        lo = sum(ration.share for ration in rations[:chosen])
        return lo, lo + rations[chosen].share

    # events

    def targets(self, event: Event) -> list[Instance]:
        return [one for one in self.instances.values() if any(self.is_hit(one, hit, event) for hit in event.hits)]

    def is_hit(self, one: Instance, hit: object, event: Event) -> bool:
        if event.where is not None and one.region not in event.where:
            return False
        if event.assets is not None and one.asset not in event.assets:
            return False
        process = self.model.processes[one.process]
        match hit:
            case nouns.HitSector():
                return self.model.sector_of[one.process] == hit.sector
            case nouns.HitTag():
                return hit.tag in process.tags
            case nouns.HitList():
                return process.lists.get(hit.list) == hit.item
        pid, _, code = str(hit).partition("@")
        return one.process == pid and code in ("", one.region)

    def strike(self, index: int, event: Event, one: Instance, ends: dict[tuple[int, str], int]) -> Strike:
        start = event.at.mode
        course = [(start, event.level.mode)] if event.level is not None else []
        course += [(start + after, level.mode) for after, level in sorted((event.levels or {}).items())]
        kind = "remote" if event.remote else "on-site"
        for prevented in self.effects(one, "prevents", against=kind):
            if event.deliberate:
                course = [(moment, level + (FULL - level) * prevented.mode // FULL) for moment, level in course]
        end = FOREVER
        if event.for_ is not None:
            end = start + event.for_.mode
        if event.until is not None:
            end = event.until.mode
        if event.repair is not None:
            end = ends.get((index, one.label), FOREVER)
        return Strike(index, start, end, course, event.manipulated)

    def repairs(self) -> dict[tuple[int, str], int]:
        """Play the queues of all crews; return when each job ends, by (event, instance)."""
        ends: dict[tuple[int, str], int] = {}
        for crew, teams in self.crews():
            free = [0] * teams.teams
            jobs = [(job.available, job.work, job.what) for job in self.waiting(crew)]
            while jobs and not teams.needs:
                now = max(min(free), min(start for start, _, _ in jobs))
                job = next(job for job in jobs if job[0] <= now)
                jobs.remove(job)
                free.remove(min(free))
                free.append(now + job[1])
                ends[job[2]] = now + job[1]
        return ends

    def crews(self) -> list[tuple[str, nouns.Crew]]:
        return list(self.scenario.crews.items())

    def waiting(self, crew: str) -> list[Repair]:
        """Return a crew's jobs, first served first."""
        found = [
            Repair(event.at.mode, self.scaled(one, "repair", event.repair.work.mode), (index, one.label))
            for index, event in enumerate(self.scenario.events)
            if event.repair and event.repair.crew == crew and event.at.mode < self.scenario.horizon
            for one in self.targets(event)
        ]
        return sorted(found, key=lambda job: self.turn(*job.what))

    def turn(self, index: int, label: str) -> int:
        """Return the place of a job in the repair order: by its copy, else by its region, else by its event."""
        order, event = self.scenario.repair_order, self.scenario.events[index].id or ""
        region = self.instances[label].region
        for name in (f"{event}@{label}", f"{event}@{region}", event):
            if name in order:
                return order.index(name)
        return len(order)

    def speed(self, crew: nouns.Crew, label: str, x: Levels) -> int:
        """Return how fast a crew works at an instance, given everybody's levels."""
        one = self.instances[label]
        speeds = [FULL]
        for process, lost in crew.needs.items():
            found = self.places(one, Supply(id=process)) or self.places(one, Supply(id=f"{process}@all"))
            speeds.append(FULL - lost * (FULL - weighted([(w, x[copy]) for copy, w in found])) // FULL)
        return min(speeds)


def sized(found: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Let members that all weigh nothing weigh the same."""
    return found if any(weight for _, weight in found) else [(label, 1) for label, _ in found]


class Site:
    """A crew that needs something: what waits, what is being worked on and how far that is."""

    def __init__(self, files: Unfolding, name: str, crew: nouns.Crew) -> None:
        self.files, self.crew = files, crew
        self.waiting = files.waiting(name)
        self.progress: dict[Repair, int] = {}

    def instant(self, t: int) -> None:
        """Finish what is done, and give free teams their next job."""
        for job, done in list(self.progress.items()):
            if done >= job.work * FULL:
                self.finish(job, t)
        while len(self.progress) < self.crew.teams:
            ready = [job for job in self.waiting if job.available <= t]
            if not ready:
                return
            self.waiting.remove(ready[0])
            self.progress[ready[0]] = 0
            if ready[0].work == 0:
                self.finish(ready[0], t)

    def finish(self, job: Repair, t: int) -> None:
        del self.progress[job]
        index, label = job.what
        strikes = self.files.strikes[label]
        strikes[:] = [s._replace(end=t) if s.event == index else s for s in strikes]

    def speeds(self, x: Levels) -> dict[Repair, int]:
        return {job: self.files.speed(self.crew, job.what[1], x) for job in self.progress}

    def ahead(self, x: Levels) -> list[int]:
        """Return after how long each job under way will be done as things stand."""
        return [
            rounded_up(job.work * FULL - self.progress[job], speed) for job, speed in self.speeds(x).items() if speed
        ]

    def work(self, seconds: int, x: Levels) -> None:
        for job, speed in self.speeds(x).items():
            self.progress[job] += speed * seconds


class Simulation:
    """The state of one run: levels, clocks, since when needs are misled, and all past targets."""

    def __init__(self, model: Model, scenario: Scenario) -> None:
        self.files = Unfolding(model, scenario)
        self.model = model
        self.horizon = scenario.horizon
        self.labels = list(self.files.instances)
        self.wants = self.files.wants
        self.keys: list[Key] = [(label, name) for label in self.labels for name in self.wants[label]]
        self.slices = {
            (member, label): self.files.slice_of(member, label)
            for label, name in self.keys
            for member in self.wants[label][name].members
        }
        self.sites = [Site(self.files, name, crew) for name, crew in self.files.crews() if crew.needs]
        self.t = 0
        self.x: Levels = dict.fromkeys(self.labels, FULL)
        self.clock = dict.fromkeys(self.keys, 0)
        self.since: dict[Key, int] = {}
        self.wrong: set[str] = set()
        self.past: dict[str, list[tuple[int, int]]] = {label: [] for label in self.labels}
        self.log: list[Row] = []

    def run(self) -> NaiveRun:
        """Go from instant to instant until the horizon."""
        while True:
            self.instant()
            moments = [m for m in self.moments() if m > self.t]
            if not moments or min(moments) >= self.horizon:
                break
            self.let_clocks_run(min(moments) - self.t)
            self.t = min(moments)
        locked = self.locked()
        return NaiveRun(self.log, locked, self.groups(locked), self.past)

    def instant(self) -> None:
        """Find the levels from this moment on, write down what changed and remember the targets."""
        for site in self.sites:
            site.instant(self.t)
        self.find_wrong()
        before = self.x
        window = {label: self.window(label) for label in self.labels}
        self.x = self.settle(before, lambda label, x: max(x[label], min(self.target(label, x), window[label])))
        self.x = self.settle(self.x, lambda label, x: min(x[label], self.target(label, x)))
        for label in self.labels:
            if self.x[label] != before[label]:
                self.log.append((self.t, label, before[label], self.x[label], *self.binding(label)))
            self.remember(label, self.target(label, self.x))

    def remember(self, label: str, target: int) -> None:
        past = self.past[label]
        if not past or past[-1][1] != target:
            past.append((self.t, target))

    def settle(self, x: Levels, better: Callable[[str, Levels], int]) -> Levels:
        """Apply a rule to every process, again and again, until nothing changes."""
        while True:
            new = {label: better(label, x) for label in self.labels}
            if new == x:
                return new
            x = new

    def window(self, label: str) -> int:
        """Return the least target of the last `restart` seconds, this instant not included."""
        restart = self.files.restart[label]
        past = self.past[label]
        ends = [moment for moment, _ in past[1:]] + [self.t]
        return min((p for (_, p), end in zip(past, ends, strict=False) if end > self.t - restart), default=FULL)

    # levels

    def own(self, label: str) -> int:
        return min((s.level(self.t) for s in self.files.strikes[label] if s.active(self.t)), default=FULL)

    def target(self, label: str, x: Levels) -> int:
        """Return what a process could deliver, given everybody's levels."""
        weakest = self.weakest(label, x)
        return 0 if weakest < self.model.processes[self.files.instances[label].process].stops_below else weakest

    def weakest(self, label: str, x: Levels) -> int:
        return min([self.own(label)] + [self.met((label, name), x) for name in self.wants[label]])

    def met(self, key: Key, x: Levels) -> int:
        """Return to what level a need is met."""
        held = self.held(key, x)
        believed = self.want(key).believed
        if not believed or not self.misled(key):
            return held
        return min(held, FULL - rounded_up((FULL - believed[0]) * self.share_wrong(key), FULL))

    def share_wrong(self, key: Key) -> int:
        """Return how much of a need's supply is wrong: all of a lone supplier, a part of a weighted mean."""
        want = self.want(key)
        shares = [
            rounded_up(
                FULL * sum(w for member, w in term.members if member in self.wrong), sum(w for _, w in term.members)
            )
            for term in want.terms
        ]
        if want.rule != "shares":
            return max(shares)
        weights = [term.weight for term in want.terms]
        return rounded_up(sum(w * s for w, s in zip(weights, shares, strict=True)), sum(weights))

    def held(self, key: Key, x: Levels) -> int:
        supply = self.supply(key, x)
        if supply == FULL:
            return FULL
        fade = last_of(((after * FULL, level) for after, level in self.want(key).steps), self.clock[key], FULL)
        return max(fade, self.response(key, supply))

    def response(self, key: Key, supply: int) -> int:
        points = self.want(key).response
        for (x0, y0), (x1, y1) in pairwise(points):
            if x0 <= supply <= x1:
                return y0 + (y1 - y0) * (supply - x0) // (x1 - x0)
        raise AssertionError(supply)

    def supply(self, key: Key, x: Levels) -> int:
        want = self.want(key)
        arriving = [self.arriving(key, term, x) for term in want.terms]
        if want.rule == "from":
            return min(arriving)
        if want.rule == "any_of":
            return max(arriving)
        if want.rule == "at_least":
            return sorted(arriving, reverse=True)[want.least - 1]
        return weighted([(term.weight, r) for term, r in zip(want.terms, arriving, strict=True)])

    def arriving(self, key: Key, term: Term, x: Levels) -> int:
        return min(weighted([(w, self.gets(key, member, x)) for member, w in term.members]), term.gives)

    def gets(self, key: Key, member: str, x: Levels) -> int:
        """Return what one member sends, as this need takes it."""
        if member in self.wrong and not self.misled(key):
            return 0
        lo, hi = self.slices[member, key[0]]
        return max(0, min(FULL, (x[member] - lo) * FULL // (hi - lo)))

    def want(self, key: Key) -> Want:
        return self.wants[key[0]][key[1]]

    # manipulation

    def find_wrong(self) -> None:
        """Find the least set of wrong processes, and since when each need has a wrong supplier."""
        running = self.since
        wrong = {label for label in self.labels if self.is_source(label)}
        while True:
            self.since = {
                key: running.get(key, self.t)
                for key in self.keys
                if any(member in wrong for member in self.want(key).members)
            }
            passed = {label for label, name in self.keys if self.passes_on(label) and self.misled((label, name))}
            if passed <= wrong:
                break
            wrong = wrong | passed
        self.wrong = wrong

    def is_source(self, label: str) -> bool:
        return any(s.manipulated and s.active(self.t) for s in self.files.strikes[label])

    def passes_on(self, label: str) -> bool:
        return self.model.processes[self.files.instances[label].process].passes_on_manipulation

    def misled(self, key: Key) -> bool:
        believed = self.want(key).believed
        return believed is not None and key in self.since and self.t < self.since[key] + believed[1]

    # time

    def growth(self, key: Key) -> int:
        """Return by how much the deficit clock moves a second."""
        want = self.want(key)
        supply = self.supply(key, self.x)
        if want.deepest == 0:
            return 0
        if supply == FULL:
            return -want.deepest if want.recharge == 0 else -rounded_up(want.deepest, want.recharge)
        if want.sustainers:
            kept = weighted([(weight, self.x[label]) for label, weight in want.sustainers])
            return (FULL - supply) * (FULL - kept) // FULL
        return FULL - supply

    def let_clocks_run(self, seconds: int) -> None:
        for site in self.sites:
            site.work(seconds, self.x)
        moves = {key: self.growth(key) for key in self.keys}
        for key, move in moves.items():
            self.clock[key] = max(0, min(self.want(key).deepest, self.clock[key] + move * seconds))

    def moments(self) -> Iterator[int]:
        """Yield every moment at which something may change by itself; some lie in the past."""
        for strikes in self.files.strikes.values():
            for strike in strikes:
                yield from (strike.start, strike.end)
                yield from (moment for moment, _ in strike.course)
        for site in self.sites:
            yield from (self.t + ahead for ahead in site.ahead(self.x))
        for label in self.labels:
            yield from (given_up + self.files.restart[label] for given_up, _ in self.past[label])
        for key in self.keys:
            ahead = self.ahead(key)
            if ahead is not None:
                yield self.t + rounded_up(ahead - self.clock[key], self.growth(key))
            believed = self.want(key).believed
            if believed and key in self.since:
                yield self.since[key] + believed[1]

    def ahead(self, key: Key) -> int | None:
        """Return the next step a clock is growing towards."""
        steps = [after * FULL for after, _ in self.want(key).steps if after * FULL > self.clock[key]]
        return steps[0] if steps and self.growth(key) > 0 else None

    # what binds

    def binding(self, label: str) -> tuple[str, int, str, str]:
        """Return (kind, event, need, supply) of the level now found."""
        weakest = self.weakest(label, self.x)
        waiting = self.x[label] < self.target(label, self.x)
        event, need, supply, kind = -1, "", "", ""
        if weakest < FULL and self.own(label) == weakest:
            strikes = [s for s in self.files.strikes[label] if s.active(self.t) and s.level(self.t) == weakest]
            event, kind = strikes[0].event, "event"
        elif weakest < FULL:
            need = next(name for name in self.wants[label] if self.met((label, name), self.x) == weakest)
            supply, kind = self.binding_supply((label, need)), "need"
        return "restart" if waiting else kind, event, need, supply

    def binding_supply(self, key: Key) -> str:
        want = self.want(key)
        if self.met(key, self.x) < self.held(key, self.x):
            return next(member for member in want.members if member in self.wrong)
        term = want.terms[self.binding_term(key)]
        missing = [weight * (FULL - self.gets(key, member, self.x)) for member, weight in term.members]
        return term.members[missing.index(max(missing))][0]

    def binding_term(self, key: Key) -> int:
        want = self.want(key)
        arriving = [self.arriving(key, term, self.x) for term in want.terms]
        if want.rule == "shares":
            missing = [term.weight * (FULL - r) for term, r in zip(want.terms, arriving, strict=True)]
            return missing.index(max(missing))
        return arriving.index(self.supply(key, self.x))

    # waiting for each other

    def locked(self) -> set[str]:
        """Find who is down at the end although nothing upstream will ever move."""
        return {
            label
            for label in self.labels
            if self.x[label] < self.own(label) and not any(map(self.will_move, self.upstream(label)))
        }

    def suppliers(self, label: str) -> set[str]:
        return {member for want in self.wants[label].values() for member in want.members}

    def upstream(self, label: str) -> set[str]:
        """Return an instance and all below FULL (or wrong) that it is reached from."""
        found = {label}
        while True:
            more = {m for one in found for m in self.suppliers(one) if self.x[m] < FULL or m in self.wrong}
            if more <= found:
                return found
            found |= more

    def will_move(self, label: str) -> bool:
        keys = [(label, name) for name in self.wants[label]]
        return (
            self.own(label) < FULL
            or self.is_source(label)
            or self.x[label] < self.target(label, self.x)
            or any(self.ahead(key) is not None or self.misled(key) for key in keys)
        )

    def groups(self, locked: set[str]) -> set[frozenset[str]]:
        """Return the sets of locked instances that reach each other upstream."""
        reach = {label: self.suppliers(label) & locked for label in locked}
        for _ in locked:
            reach = {label: found.union(*(reach[m] for m in found)) for label, found in reach.items()}
        return {frozenset(m for m in reach[label] if label in reach[m]) for label in locked if label in reach[label]}


def naive_run(model: Model, scenario: Scenario) -> NaiveRun:
    """Simulate one scenario by a naive reading of the semantics page."""
    return Simulation(model, scenario).run()
