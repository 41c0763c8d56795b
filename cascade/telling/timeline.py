"""A run told as an exercise: what players notice, when, who hears it, and the chain behind it for the control staff.

Texts come from the phrases (:mod:`cascade.files.exercises`); nothing is worded here. What is told first is what most people
can notice; the rest is gathered by sector and part of the day, so that a long run stays a list that can be read.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from typing import Any, Final

from cascade.errors import UsageError, did_you_mean, short
from cascade.exercise import Injects, Phrase, Planned
from cascade.files.exercises import Phrases, fill
from cascade.model import Lang, Model, Words
from cascade.results.noticing import BANDS, Happening, Moved, certainty, happenings, moved, notices
from cascade.simulation.events import targets
from cascade.simulation.run import Run
from cascade.telling.columns import Column, Table, event_name, instance_name, marking_of, name_of, where_text
from cascade.telling.injects import Inject, Kind, Timeline, for_players, relative
from cascade.units import DAY, FULL, HOUR, MINUTE
from cascade.words import duration, large, share, word

DETAILS: Final = {"brief": 25, "normal": 60, "full": None}
"""How many of the happenings get an inject of their own; the others are gathered. Own choice."""
PARTS: Final = (0, HOUR, 3 * HOUR, 6 * HOUR, 9 * HOUR, 12 * HOUR, 18 * HOUR)
"""Begins of the parts of the first day in which small changes are gathered, seconds;"""
LATER: Final = 12 * HOUR
"""length of those parts later on."""
TURNS: Final = 2
"""Small changes that have been told so often of the same thing are not told again."""
LISTED: Final = 6
"""Small changes named in one inject."""
NAMED: Final = 3
"""Regions named where there are many."""
FEW: Final = 4
"""Regions that are all named."""
MANY: Final = 5
"""Regions from which on the ministry hears it too."""
WORKS: Final = FULL // 2
"""Level (1/10 000) from which on a channel carries messages."""


@dataclass(frozen=True)
class Wish:
    """What someone wants to see of a timeline."""

    detail: str = "normal"
    sectors: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    """Words of the phrases (``press``), or one of them by name: ``EZ``, ``VR05``, ``telecom``."""
    begin: int = 0
    """Seconds from the start of the scenario; what comes before is left out,"""
    end: int | None = None
    """and what comes from here on."""
    players: bool = False
    """Leave out everything that only the control staff may know."""


def tell(
    run: Run,
    phrases: Phrases,
    lang: Lang,
    wish: Wish | None = None,
    planned: Iterable[Injects] = (),
    marking: str = "",
) -> Timeline:
    """Turn a run into the timeline of an exercise.

    Parameters
    ----------
    run : Run
    phrases : Phrases
        What is said when something changes.
    lang : str
        ``nl`` or ``en``.
    wish : Wish, optional
        How much, and what of it.
    planned : iterable of Injects
        The planner's own, and changes in those of the run by their ids; a later one goes before an earlier one.
    marking : str
        Raises the mark.

    Returns
    -------
    Timeline
        In order of time; equal input gives equal injects with equal ids.

    Raises
    ------
    UsageError
        If a sector, region or audience is unknown, or an inject is planned after the end.
    """
    planned = list(planned)
    own = {to for file in planned for one in file.injects for to in one.to}
    wish = _known(run.model, phrases, wish or Wish(), own)
    teller = _Teller(run, phrases, lang)
    injects, dropped, notes = _merged(teller, [*teller.events(), *teller.injects(wish)], planned)
    injects = [one for one in injects if _wanted(run.model, one, wish)]
    mark = marking_of(run.model, run.scenario, *(one.marking for one in (*injects, *dropped)), marking)
    shown = [text for text in (*wish.sectors, *wish.regions, *wish.audiences) if text]
    if shown:
        notes = [word("timeline_shown", lang, what=", ".join(shown)), *notes]
    made = Timeline(
        title=run.scenario.name[lang],
        lang=lang,
        start=run.scenario.start,
        horizon=run.horizon,
        marking=mark,
        # those of one moment stay in order of weight
        injects=tuple(sorted(injects, key=lambda one: (one.time, _RANKS.get(one.kind, 1)))),
        notes=(*teller.notes(len(injects), wish), *notes),
        dropped=tuple(sorted(dropped, key=lambda one: one.time)),
        version=run.model.info.version,
    )
    return for_players(made) if wish.players else made


def moved_table(before: Run, after: Run, phrases: Phrases, lang: Lang, most: int | None = None) -> Table:
    """Say what moves when something is done differently: what comes sooner, later, no longer, or only now."""
    model, found = before.model, moved(before, after, phrases.after)
    rows = [_moved_row(model, one, lang) for one in found[:most]]
    columns = (
        Column("process", word("process", lang), on="data"),
        Column("name", word("process", lang), on="screen"),
        Column("regions", "", on="data"),
        Column("where", word("region", lang), on="screen"),
        Column("band", "", on="data"),
        Column("change", word("change", lang), on="screen"),
        Column("before_h", "", on="data"),
        Column("after_h", "", on="data"),
        Column("before", word("moved_before", lang), on="screen", empty="-"),
        Column("after", word("moved_after", lang), on="screen", empty="-"),
        Column("shift", word("moved_shift", lang), on="screen"),
        Column("people", word("people", lang), "large"),
    )
    note = word("moved_none", lang) if not rows else ""
    if len(found) > len(rows):
        note = word("moved_more", lang, n=len(found) - len(rows))
    return Table("moved", word("moved", lang), columns, rows, note)


def _moved_row(model: Model, one: Moved, lang: Lang) -> dict[str, Any]:
    sides = {"before": one.before, "after": one.after}
    if one.before is None or one.after is None:
        shift = word("moved_new" if one.before is None else "moved_gone", lang)
    else:
        key = "moved_later" if one.after > one.before else "moved_sooner"
        shift = word(key, lang, d=duration(abs(one.after - one.before), lang))
    return {
        "process": one.process,
        "name": name_of(model, one.process, lang),
        "regions": " ".join(one.regions),
        "where": where_text(model, one.regions, lang),
        "band": one.band,
        "change": word(f"band_{one.band}", lang),
        **{f"{side}_h": None if time is None else time / HOUR for side, time in sides.items()},
        **{side: None if time is None else relative(time) for side, time in sides.items()},
        "shift": shift,
        "people": one.people,
    }


# ------------------------------------------------------------------ from happenings to injects


class _Teller:
    """Words for one run, in one language."""

    def __init__(self, run: Run, phrases: Phrases, lang: Lang) -> None:
        self.run, self.model, self.lang = run, run.model, lang
        self.general, self.by_process, self.after = phrases.general, phrases.by_process, phrases.after
        self.concerns = phrases.concerns
        self.taken: dict[str, int] = {}
        self.asked: set[str] = set()
        self.untold = 0

    def injects(self, wish: Wish) -> list[Inject]:
        """Tell what there is to notice, the weightiest by itself and the rest gathered."""
        among = notices(self.run, after=self.after)
        if wish.regions:
            among = [one for one in among if one.region in (*wish.regions, "")]
        if wish.sectors:
            among = [one for one in among if self.model.sector_of[one.process] in wish.sectors]
        found = happenings(self.run, among, within=wish.regions, concerns=self.concerns)
        most = DETAILS[wish.detail]
        by_weight = sorted(range(len(found)), key=lambda k: (-found[k].weight, k))
        alone = set(by_weight if most is None else by_weight[:most])
        # by whom something is told follows from what is told, not from the order of weight
        told = [self.inject(one) for k, one in enumerate(found) if k in alone]
        small = [one for k, one in enumerate(found) if k not in alone]
        rest = [one for one in small if one.turn < TURNS and (one.band == "back" or not one.better)]
        self.untold = len(found) - len(alone) - len(rest)
        return told + self.gathered(rest, whole=wish.detail == "brief")

    def events(self) -> list[Inject]:
        """Tell the control staff when the events of the scenario begin; players only see what follows from them."""
        found = []
        for number, event in enumerate(self.run.scenario.events, 1):
            if event.about is None or event.at.mode >= self.run.horizon:
                continue
            regions = tuple(sorted({self.run.network.region(i) or "" for i in targets(event, self.run.network)} - {""}))
            head = word("event_n", self.lang, n=number)
            found.append(
                Inject(
                    id=f"event.{number}",
                    time=event.at.mode,
                    until=event.at.mode,
                    kind="event",
                    status="model",
                    process="",
                    process_name="",
                    sector="",
                    sector_name="",
                    regions=self.codes(regions),
                    where=self.place(regions),
                    text=f"{_begun(head)}: {event.about[self.lang]}",
                    to=(),
                    to_text="",
                    by="",
                    asks=(),
                    certainty="",
                    why="",
                    marking=event.marking or "",
                )
            )
        return found

    def inject(self, one: Happening) -> Inject:
        """Tell one happening."""
        phrase = self.by_process.get(one.process, Phrase())
        where, regions = self.where(one.regions), self.codes(one.regions)
        sector = self.model.sector_of[one.process]
        to = self.to(phrase.to, sector, self.model.authority(one.process), one.regions)
        asks = self.asks(one.process, phrase) if one.band != "back" else ()
        text = fill(self.sentence(phrase, one.band), self.lang, where=where, process=self.lowered(one.process))
        return Inject(
            id=self.named(f"{one.process}.{one.band}", regions),
            time=one.time,
            until=one.until,
            kind=_kind(one.band),
            status="model",
            process=one.process,
            process_name=name_of(self.model, one.process, self.lang),
            sector=sector,
            sector_name=self.model.sectors[sector].name[self.lang],
            regions=regions,
            where=self.place(one.regions),
            text=_begun(text),
            to=to,
            to_text=self.to_text(to),
            by=self.channel(one.time, one.regions, to),
            asks=tuple(ask[self.lang] for ask in asks),
            certainty=certainty(self.run, one.instance, one.time),
            why=self.why(one),
            people=one.people,
        )

    def asks(self, process: str, phrase: Phrase) -> tuple[Words, ...]:
        """Return what may be asked when something begins to fail; the first time only."""
        if process in self.asked:
            return ()
        self.asked.add(process)
        return phrase.asks or self.general.otherwise.asks

    def gathered(self, rest: Sequence[Happening], *, whole: bool) -> list[Inject]:
        """Take small changes together: by sector and part of the day, falls and returns apart; with ``whole`` all sectors.

        They are told when the last of them has happened, so that what is told is true by then.
        """
        groups: dict[tuple[int, str, bool], list[Happening]] = {}
        for one in rest:
            sector = "" if whole else self.model.sector_of[one.process]
            groups.setdefault((_part(one.until), sector, one.band == "back"), []).append(one)
        return [self._gathered(part, sector, group) for (part, sector, _), group in sorted(groups.items())]

    def listed(self, order: Sequence[Happening], everywhere: tuple[str, ...]) -> str:
        """Name what changed and where, the same change at a time, the weightiest first; of many the rest is counted."""
        worst: dict[str, tuple[str, tuple[str, ...]]] = {}
        for one in order:
            band, regions = worst.get(one.process, (one.band, ()))
            there = one.regions or tuple(self.model.regions)
            if BANDS.index(one.band) >= BANDS.index(band):
                worst[one.process] = (one.band, (*(regions if one.band == band else ()), *there))
        by_band: dict[str, list[str]] = {}
        for process, (band, regions) in worst.items():
            codes = self.codes(tuple(dict.fromkeys(regions)))
            name = self.lowered(process)
            by_band.setdefault(band, []).append(name if codes == everywhere else f"{name} ({self.place(codes, 2)})")
        parts = []
        for band, names in sorted(by_band.items(), key=lambda item: -BANDS.index(item[0])):
            more = [word("and_more", self.lang, n=len(names) - LISTED)] if len(names) > LISTED else []
            short: Words = getattr(self.general.short, band)
            parts.append(_begun(fill(short, self.lang, list=", ".join([*names[:LISTED], *more]))))
        return ". ".join(parts)

    def _gathered(self, part: int, sector: str, group: Sequence[Happening]) -> Inject:
        order = sorted(group, key=lambda one: -one.weight)
        regions = tuple(dict.fromkeys(code for one in group for code in one.regions or self.model.regions))
        codes = self.codes(regions)
        text = fill(self.general.gathered, self.lang, where=self.where(codes), list=self.listed(order, codes))
        to = self.to((), sector, "", codes)
        last = max(one.until for one in group)
        back = ".back" if group[0].band == "back" else ""
        return Inject(
            id=self.named(f"{sector or 'all'}.gathered.{part // HOUR}h{back}", ()),
            time=last,
            until=last,
            kind="gathered",
            status="model",
            process="",
            process_name="",
            sector=sector,
            sector_name=self.model.sectors[sector].name[self.lang] if sector else "",
            regions=codes,
            where=self.place(codes),
            text=text,
            to=to,
            to_text=self.to_text(to),
            by=self.channel(last, codes, to),
            asks=(),
            certainty=max((certainty(self.run, one.instance, one.time) for one in order[:LISTED]), key=_DOUBT.index),
            why="\n".join(self.why(one) for one in order[:LISTED]),
            people=max(one.people for one in group),
        )

    def sentence(self, phrase: Phrase, band: str) -> Words:
        """Return the sentence for a band: the process's own, that of a milder band, or the general one."""
        for name in {"gone": ("gone", "poor", "less"), "poor": ("poor", "less")}.get(band, (band,)):
            found: Words | None = getattr(phrase, name)
            if found is not None:
                return found
        general: Words | None = getattr(self.general.otherwise, band)
        assert general is not None
        return general

    def named(self, stem: str, regions: Sequence[str]) -> str:
        """Name an inject after what it is about and the first region; a second one of that name gets a number."""
        name = f"{stem}@{min(regions)}" if regions and len(regions) < len(self.model.regions) else stem
        number = self.taken[name] = self.taken.get(name, 0) + 1
        return name if number == 1 else f"{name}.{number}"

    def lowered(self, process: str) -> str:
        """Return the name of a process as it stands inside a sentence, without what stands in brackets after it."""
        name = _BRACKETS.sub("", name_of(self.model, process, self.lang))
        return name[0].lower() + name[1:] if name[1:2].islower() else name

    # -------------------------------------------------------------- where, for whom, by what

    def codes(self, regions: Sequence[str]) -> tuple[str, ...]:
        """Return the codes of an inject, sorted; none where the whole country is meant."""
        return () if len(regions) == len(self.model.regions) else tuple(sorted(regions))

    def _by_size(self, regions: Iterable[str]) -> list[str]:
        population = self.model.regions
        return [population[c].name for c in sorted(regions, key=lambda c: (-population[c].population, c))]

    def where(self, regions: Sequence[str]) -> str:
        """Say where, inside a sentence."""
        general, every, lang = self.general, self.model.regions, self.lang
        names = self._by_size(regions)
        if not regions or len(regions) == len(every):
            return fill(general.everywhere, lang)
        if len(names) == 1:
            return fill(general.one, lang, region=names[0])
        if len(names) <= FEW:
            return fill(general.few, lang, regions=", ".join(names[:-1]), last=names[-1])
        if len(every) - len(names) <= NAMED:
            return fill(general.most, lang, regions=", ".join(self._by_size(set(every) - set(regions))))
        return fill(general.many, lang, n=str(len(names)), regions=", ".join(names[:NAMED]))

    def place(self, regions: Sequence[str], most: int = FEW) -> str:
        """Say where, in a column: up to so many regions by name."""
        if not regions or len(regions) == len(self.model.regions):
            return word("national", self.lang)
        names = self._by_size(regions)
        return ", ".join(names) if len(names) <= most else word("n_regions", self.lang, n=len(names))

    def to(self, words: Sequence[str], sector: str, ministry: str, regions: Sequence[str]) -> tuple[str, ...]:
        """Return who hears it; without words of the phrases the sector and the regions, and the ministry of what is wide."""
        wide = not regions or len(regions) >= MANY
        meant = list(words or ("sector", "safety-region"))
        if wide and "ministry" not in meant:
            meant.append("ministry")
        found: list[str] = []
        for one in meant:
            if one == "sector":
                found += [f"sector:{sector}"] if sector else []
            elif one == "ministry":
                found += [f"ministry:{ministry}"] if ministry else []
            elif one == "safety-region":
                found += [f"region:{code}" for code in sorted(regions or self.model.regions)]
            else:
                found.append(one)
        return tuple(dict.fromkeys(found))

    def to_text(self, to: Sequence[str]) -> str:
        """Say who hears it."""
        parts, lang, words = list[str](), self.lang, self.general.audiences
        regions = [one.partition(":")[2] for one in to if one.startswith("region:")]
        for one in to:
            kind, _, name = one.partition(":")
            if kind == "region":
                continue
            named = self.model.sectors[name].name[lang] if kind == "sector" else name
            parts.append(fill(words[kind], lang, name=named) if kind in words else kind)
        if 1 <= len(regions) <= 2:
            parts += [fill(words["safety-region"], lang, name=self.model.regions[code].name) for code in regions]
        elif regions:
            parts.append(fill(words["safety-regions"], lang, n=str(len(regions))))
        return "; ".join(parts)

    def channel(self, time: int, regions: Sequence[str], to: Sequence[str]) -> str:
        """Return the first way that still works there for half or more, and that all of them have."""
        kinds = {_KINDS.get(kind, kind) for kind in (one.partition(":")[0] for one in to)}
        for one in self.general.channels:
            if one.only_for and not kinds <= set(one.only_for):
                continue
            if one.process in self.model.processes and self._works(one.process, time, regions):
                return one.by[self.lang]
        return self.general.courier[self.lang]

    def _works(self, process: str, time: int, regions: Sequence[str]) -> bool:
        there = regions if self.model.processes[process].regional else ()
        copies = [i for i in self.run.network.instances(process) if not there or self.run.network.region(i) in there]
        weigh = [self.model.regions[self.run.network.region(i)].population if self._placed(i) else 1 for i in copies]
        total = sum(self._level(i, time) * w for i, w in zip(copies, weigh, strict=True))
        return total >= WORKS * sum(weigh)

    def _placed(self, instance: int) -> bool:
        return bool(self.run.network.region(instance))

    @cached_property
    def _levels(self) -> dict[int, list[tuple[int, int]]]:
        return {}

    def _level(self, instance: int, time: int) -> int:
        steps = self._levels.get(instance)
        if steps is None:
            start, _, level = self.run.stretches(instance)
            steps = self._levels[instance] = list(zip(start.tolist(), level.tolist(), strict=True))
        return next((level for start, level in reversed(steps) if start <= time), FULL)

    # -------------------------------------------------------------- for the control staff

    def why(self, one: Happening) -> str:
        """Give the chain behind it, the event first."""
        links = self.run.chain(one.instance, one.time)
        if not links:
            return ""
        steps = []
        if links[-1].event >= 0:
            event = self.run.scenario.events[links[-1].event]
            steps.append(
                f"{word('event_n', self.lang, n=links[-1].event + 1)}: {event_name(self.model, event, self.lang)}"
            )
        for link in reversed(links):
            name = instance_name(self.run, link.instance, self.lang)
            steps.append(f"{name} {share(link.after / FULL, self.lang)} ({relative(link.time)})")
        return " → ".join(steps)

    def notes(self, count: int, wish: Wish) -> list[str]:
        """Say how the list was made and what it does not know."""
        run, lang = self.run, self.lang
        copies = len({int(i) for i in run.changes.instance})
        detail = word(f"detail_{wish.detail}", lang)
        found = [
            word(
                "timeline_gathered", lang, changes=large(len(run.changes.time), lang), copies=large(copies, lang),
                n=count, detail=detail,
            ),
            word("timeline_bands", lang),
            word("timeline_limits", lang),
        ]  # fmt: skip
        if self.untold:
            found.append(word("timeline_untold", lang, n=self.untold))
        if run.locked:
            names = sorted({name_of(self.model, m.partition("@")[0], lang) for g in run.locked for m in g.members})
            found.append(word("timeline_locked", lang, names=", ".join(names)))
        return found


_KINDS: Final = {"region": "safety-region"}
"""What kinds of ``Inject.to`` are called in phrases, where that differs."""
_BRACKETS: Final = re.compile(r" \([^()]*\)$")
_RANKS: Final = {"event": 0, "gathered": 2}
"""Order of the kinds of injects of one moment."""
_DOUBT: Final = ("high", "medium", "low")


def _begun(text: str) -> str:
    """Begin a sentence with a capital."""
    return text[:1].upper() + text[1:]


def _kind(band: str) -> Kind:
    found: dict[str, Kind] = {"less": "less", "poor": "poor", "gone": "gone", "back": "back"}
    return found[band]


def _part(time: int) -> int:
    """Return the begin of the part of time that a moment lies in, seconds."""
    return max(p for p in PARTS if p <= time) if time < DAY else time // LATER * LATER


# ------------------------------------------------------------------ the planner's own


def _merged(
    teller: _Teller, made: Sequence[Inject], planned: Iterable[Injects]
) -> tuple[list[Inject], list[Inject], list[str]]:
    """Put the planner's injects among those of the run, and change or drop those that he names; also return the dropped."""
    found = {one.id: one for one in made}
    notes: list[str] = []
    dropped: list[Inject] = []
    for file in planned:
        for number, one in enumerate(file.injects, 1):
            mark = one.marking or file.marking or ""
            if one.at is not None and one.at >= teller.run.horizon:
                name = one.id or f"{number}"
                raise UsageError(
                    f"inject {name} is planned at {relative(one.at)}, after the end of the scenario "
                    f"({relative(teller.run.horizon)}); plan it earlier, or lengthen the horizon"
                )
            old = found.get(one.id or "")
            if old is not None and one.drop:
                dropped.append(found.pop(old.id))
            elif old is not None:
                found[old.id] = replace(_changed(teller, old, one), marking=mark)
            elif one.at is not None and one.text is not None and not one.drop:
                name = _free(one.id or f"planned.{one.at // MINUTE}", found)
                found[name] = replace(_own(teller, one, name), marking=mark)
            elif one.id is not None and not one.drop:
                notes.append(word("timeline_lost", teller.lang, id=one.id))
    if dropped:
        notes.append(word("timeline_dropped", teller.lang, n=len(dropped)))
    return list(found.values()), dropped, notes


def _free(name: str, taken: Collection[str]) -> str:
    """Return a name that is not taken: itself, or with a number."""
    names = (f"{name}.{number}" if number > 1 else name for number in count(1))
    return next(one for one in names if one not in taken)


def _codes(model: Model, regions: Sequence[str] | None) -> tuple[str, ...]:
    """Return regions by code, of what may be written as names."""
    names: Mapping[str, str] = {region.name.lower(): code for code, region in model.regions.items()}
    return tuple(code if code in model.regions else names[code.lower()] for code in regions or ())


def _changed(teller: _Teller, old: Inject, one: Planned) -> Inject:
    lang = teller.lang
    regions = old.regions if one.where is None else _codes(teller.model, one.where)
    given = one.model_fields_set
    ministry = teller.model.authority(old.process) if old.process else ""
    words = one.to or (teller.by_process.get(old.process, Phrase()).to if "to" not in given else ())
    to = teller.to(words, old.sector, ministry, regions) if words else ()
    anew = "to" in given or one.where is not None
    return replace(
        old,
        status="held" if one.unless else "edited",
        time=old.time if one.at is None else one.at,
        until=old.until if one.at is None else one.at,
        regions=regions,
        where=old.where if one.where is None else teller.place(regions),
        text=_text_of(teller, old, one, regions),
        to=to if anew else old.to,
        to_text=teller.to_text(to) if anew else old.to_text,
        by=old.by if one.by is None else one.by[lang],
        # an emptied list means that none is wanted
        asks=tuple(ask[lang] for ask in one.asks) if "asks" in given else old.asks,
        unless=one.unless[lang] if one.unless else "",
        note=one.note[lang] if one.note else "",
    )


def _text_of(teller: _Teller, old: Inject, one: Planned, regions: tuple[str, ...]) -> str:
    """Return the planner's text, or that of the run; of another place, where he changed the place alone."""
    if one.text is not None:
        return one.text[teller.lang]
    if one.where is None or not old.process:
        return old.text
    words = teller.sentence(teller.by_process.get(old.process, Phrase()), old.kind)
    return _begun(fill(words, teller.lang, where=teller.where(regions), process=teller.lowered(old.process)))


def _own(teller: _Teller, one: Planned, name: str) -> Inject:
    model, lang = teller.model, teller.lang
    assert one.at is not None
    assert one.text is not None
    regions = _codes(model, one.where)
    sector = one.sector or (model.sector_of[one.process] if one.process else "")
    to = teller.to(one.to, sector, model.authority(one.process) if one.process else "", regions) if one.to else ()
    return Inject(
        id=name,
        time=one.at,
        until=one.at,
        kind="planned",
        status="held" if one.unless else "planned",
        process=one.process or "",
        process_name=name_of(model, one.process, lang) if one.process else "",
        sector=sector,
        sector_name=model.sectors[sector].name[lang] if sector else "",
        regions=regions,
        where=teller.place(regions) if regions else "",
        text=one.text[lang],
        to=to,
        to_text=teller.to_text(to),
        by=one.by[lang] if one.by else "",
        asks=tuple(ask[lang] for ask in one.asks),
        certainty="",
        why="",
        unless=one.unless[lang] if one.unless else "",
        note=one.note[lang] if one.note else "",
    )


# ------------------------------------------------------------------ what is wanted


def _known(model: Model, phrases: Phrases, wish: Wish, own: Collection[str]) -> Wish:
    """Return a wish by ids, of what may be written as people call it; ``own`` are audiences of the planner's.

    Raises
    ------
    UsageError
        If something of it is unknown.
    """
    if wish.detail not in DETAILS:
        raise UsageError(f"no detail {wish.detail!r}; choose {', '.join(DETAILS)}")
    sectors = {id_: (id_, *_called(sector.name)) for id_, sector in model.sectors.items()}
    regions = {code: (code, region.name) for code, region in model.regions.items()}
    ministries = {model.authority(p) for p in model.processes} - {""}
    heard = {one for phrase in phrases.by_process.values() for one in phrase.to}
    words = phrases.general.audiences
    groups = ({"sector", "safety-region", "ministry", *words, *heard, *own} | ministries) - {"safety-regions"}
    audiences = {one: (one, *(_called(words[one]) if one in words else ())) for one in groups}
    return replace(
        wish,
        sectors=tuple(_meant("sector", one, sectors) for one in wish.sectors),
        regions=tuple(_meant("region", one, regions) for one in wish.regions),
        audiences=tuple(_meant("audience", one, {**regions, **sectors, **audiences}) for one in wish.audiences),
    )


def _called(words: Words) -> tuple[str, ...]:
    """Return what something is called in either language, without what is filled in."""
    return tuple(text.partition(" {")[0] for text in (words.nl, words.en))


def _meant(what: str, text: str, names: Mapping[str, Sequence[str]]) -> str:
    """Return the id that goes by a name."""
    for id_, called in names.items():
        if text.casefold() in (name.casefold() for name in called):
            return id_
    known = sorted({name for called in names.values() for name in called})
    raise UsageError(f"no {what} {short(text)!r}; {did_you_mean(text, known)}")


def _wanted(model: Model, inject: Inject, wish: Wish) -> bool:
    """Whether an inject is asked for; the planner's own without a sector, region or audience concern everybody."""
    if inject.time < wish.begin or (wish.end is not None and inject.time >= wish.end):
        return False
    if wish.sectors and inject.sector and inject.sector not in wish.sectors:
        return False
    if wish.regions and inject.regions and not set(wish.regions) & set(inject.regions):
        return False
    if not wish.audiences or not inject.to:
        return True
    heard = {part for one in inject.to for part in (one.partition(":")[0], one.partition(":")[2], one)}
    heard |= {_KINDS[one] for one in heard if one in _KINDS}
    return bool(heard & set(wish.audiences))
