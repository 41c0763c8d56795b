"""Whole answers as people read them on a screen: a run, a process, a chain of causes, a comparison."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from cascade.results.hindcast import Hindcast
from cascade.results.impact import Impact
from cascade.simulation.run import Run
from cascade.telling.causes import Step, course
from cascade.telling.columns import Table, instance_name
from cascade.telling.digest import header
from cascade.telling.injects import Inject, Timeline, relative
from cascade.telling.inspection import Inspection
from cascade.telling.screen import Screen
from cascade.telling.strips import Narrowed, region_strip, regions_shown, sector_strip
from cascade.telling.trial import MAIN_MISSES, chains, shown_in_full
from cascade.units import DAY
from cascade.words import moment, share, word


def draw_run(
    screen: Screen,
    run: Run,
    impact: Impact,
    tables: Sequence[Table],
    mark: str,
    *,
    name: str,
    whole: bool,
    picture: bool,
    command: Callable[..., str],
) -> None:
    """Draw what a run did: tables, pictures over time, and what to ask next (by ``command``, as `Talk.next_command`)."""
    lang = screen.lang
    narrow = isinstance(run, Narrowed)
    skipped = {"course", "regions"} - ({"course"} if narrow else set())
    harm = bool(impact.totals["processes_hit"])
    screen.title(run.scenario.name[lang], mark)
    for line in header(run, lang):
        screen.say(line)
    if not harm:
        screen.say(word("no_harm", lang))
    for table in tables:
        if not table.rows or table.name == "exercise" or (table.name in skipped and not whole):
            continue
        screen.table(table)
        if table.name == "sectors" and picture and harm:
            screen.strip(sector_strip(run, lang, screen.cells))
            screen.strip(region_strip(run, lang, screen.cells))
    screen.say()
    felt = [row for table in tables if table.name == "effects" for row in table.rows]
    if felt:
        worst = _worth_asking(run, felt)
        screen.say(command("next_explain", scenario=name, process=worst), style="dim")
    screen.say(command("next_out", scenario=name), style="dim")
    for key in ("next_living", "next_timeline"):
        screen.say(command(key, scenario=name), style="dim")
    if run.scenario.exercise is not None:
        screen.say(command("next_exercise", scenario=name), style="dim")


def _worth_asking(run: Run, felt: Sequence[Mapping[str, Any]]) -> str:
    """Choose the process whose causes are worth asking for: a basic need before others, then what people miss most."""
    basic = run.model.processes
    worst = max(felt, key=lambda r: (basic[r["process"]].basic_need, r["person_h"], r["weight_h"]))
    shown = set(regions_shown(run)) & set(worst["regions"].split())
    return f"{worst['process']}@{min(shown)}" if isinstance(run, Narrowed) and shown else str(worst["process"])


def draw_chain(screen: Screen, run: Run, instance: int, steps: Sequence[Step], mark: str, at: str | None) -> None:
    """Draw why one instance is where it is, or that nothing is wrong with it."""
    lang = screen.lang
    name = instance_name(run, instance, lang)
    if not steps:
        screen.title(run.scenario.name[lang], mark)
        screen.say(word("why_fine" if at is None else "why_fine_at", lang, name=name, at=at))
        return
    level = share(steps[0].data["level"], lang)
    screen.title(word("why_title", lang, name=name, level=level), mark)
    screen.pairs(
        [
            (word("scenario", lang), run.scenario.name[lang]),
            (word("course", lang), course(run, instance, lang)),
        ]
    )
    draw_steps(screen, steps)


def draw_steps(screen: Screen, steps: Iterable[Step]) -> None:
    """Draw the links of a chain of causes."""
    for n, step in enumerate(steps, 1):
        screen.say()
        screen.say(f"{n}  {step.head}", style="bold")
        screen.pairs(step.lines, indent=3)


def draw_tables(screen: Screen, title: str, mark: str, tables: Iterable[Table]) -> None:
    """Draw tables under a title."""
    screen.title(title, mark)
    for table in tables:
        screen.table(table)


def draw_inspection(screen: Screen, found: Inspection) -> None:
    """Draw what a check found: one line per problem, what a model without faults holds, and the verdict."""
    for line in found.lines:
        screen.raw(line)
    for table in found.tables[1:] if not found.faults else ():
        screen.table(table)
    screen.say()
    screen.say(found.verdict, style="bold red" if found.faults else "bold green")


def draw_comparison(screen: Screen, names: tuple[str, str], tables: Iterable[Table], mark: str) -> None:
    """Draw two runs or models side by side, or that they do not differ."""
    screen.title(word("comparison", screen.lang), mark)
    screen.pairs([("A", names[0]), ("B", names[1])])
    shown = [table for table in tables if table.rows]
    for table in shown:
        screen.table(table)
    if not shown:
        screen.say(word("compare_same", screen.lang))


def draw_hindcast(
    screen: Screen,
    found: Hindcast,
    tables: Iterable[Table],
    mark: str,
    *,
    whole: bool,
    why: bool,
) -> None:
    """Draw past incidents beside their runs: scores, what is missed, what lies outside, and what this says."""
    lang = screen.lang
    screen.title(word("hindcast_title", lang), mark)
    detail = {"lines", "processes"} - ({"lines"} if shown_in_full(found) else set())
    for table in tables:
        if table.name == "misses" and not table.rows:
            screen.say()
            screen.say(word("misses_none", lang))
        if table.rows and (whole or table.name not in detail):
            screen.table(table)
    for titles, steps in chains(found, lang, None if whole else MAIN_MISSES) if why else ():
        screen.say()
        for title in titles:
            screen.say(title, style="bold cyan")
        draw_steps(screen, steps)
    screen.heading(word("hindcast_limits", lang))
    screen.say(word("hindcast_limits_text", lang))


def draw_timeline(screen: Screen, timeline: Timeline, shifts: Iterable[Table]) -> None:
    """Draw the timeline of an exercise: what moves where that was asked for, then the injects day by day."""
    lang = timeline.lang
    screen.title(timeline.title, timeline.marking)
    screen.say(word("n_injects", lang, n=len(timeline.injects)), style="dim")
    for table in shifts:
        screen.table(table)
    day = -1
    for inject in timeline.injects:
        if inject.time // DAY != day:
            day = inject.time // DAY
            screen.heading(word("day_n", lang, n=day))
        _draw_inject(screen, timeline, inject)
    screen.say()
    for note in timeline.notes:
        screen.say(note, style="dim")


def _draw_inject(screen: Screen, timeline: Timeline, inject: Inject) -> None:
    """Draw one inject: when and where, what is noticed, who hears it and how, and what they may ask."""
    lang = timeline.lang
    certain = f"{word('inject_certainty', lang)}: {word(inject.certainty, lang)}" if inject.certainty else ""
    parts = (relative(inject.time), moment(timeline.start, inject.time, lang), inject.where, certain)
    screen.say("  ".join(part for part in parts if part), style="bold")
    screen.say(inject.text, indent=2)
    if inject.unless:
        screen.say(f"{word('inject_unless', lang)}: {inject.unless}", indent=2)
    to = " · ".join(part for part in (inject.to_text, inject.by) if part)
    if to:
        screen.say(f"{word('inject_to', lang)}: {to}", style="dim", indent=2)
    for ask in inject.asks:
        screen.say(f"- {ask}", style="dim", indent=2)
    screen.say()
