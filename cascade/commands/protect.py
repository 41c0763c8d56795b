"""The command that says where scarce protection does most good: parse, call, print, like those of ``cli``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from cascade.telling.talk import QUIET_S, Described, Talk, answers

if TYPE_CHECKING:
    from collections.abc import Callable

    from cascade.files.reading import CapacityFile
    from cascade.model import Input, Model
    from cascade.results.fronts import Front, Tradeoff
    from cascade.results.protection import Protection
    from cascade.results.rivals import Rivalry
    from cascade.telling.columns import Table
    from cascade.telling.screen import Screen

PLAN_TABLES = ("plan", "measures", "regions", "processes", "scenarios", "totals")
ADVICE_TABLES = (
    "chains", "next", "runners-up", "prices", "uncovered", "side-effects", "importance", "ladder", "fresh",
)  # fmt: skip
OTHER_TABLES = (
    "defence", "posts", "attacks", "targets", "phases", "additions", "front", "amounts", "tradeoff", "their-list",
    "left-out", "missed", "rivalry",
)  # fmt: skip
PROTECT_TABLES = (*PLAN_TABLES, *ADVICE_TABLES, *OTHER_TABLES, "capacities")
HIDDEN = ("regions", "processes", "importance", "ladder", "amounts", "targets")
"""Tables that people see with --all."""
RANKED = (
    "plan", "measures", "processes", "next", "runners-up", "uncovered", "importance", "ladder", "fresh", "defence", "attacks",
    "targets", "their-list", "left-out", "missed",
)  # fmt: skip
"""Tables that say where it is weakest."""
NO_PLAN = 4
INTERRUPTED = 130


@dataclass(frozen=True)
class _Answer:
    """Everything that was found: the plan, and what else was asked for."""

    found: Protection
    front: Front | None = None
    trade: Tradeoff | None = None
    rivalry: Rivalry | None = None
    inputs: tuple[Input, ...] = ()
    interrupted: bool = False


@click.command(cls=Described, short_help="Where scarce protection does most good, with a proven bound.")
@click.argument("capacity", required=False)
@click.option(
    "--samples", type=click.IntRange(0, 10_000), default=0, help="Plan on so many draws of every uncertain number."
)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, help="Of those draws; by default 1.")
@click.option("--workers", type=click.IntRange(1, 256), default=1, help="Threads; the result does not depend on it.")
@click.option(
    "--time",
    "seconds",
    metavar="TIME",
    default="2m",
    help="For the search (120s, 5m); by default 2m. The questions after it take as long again at most.",
)
@click.option(
    "--gap", metavar="SHARE", default="0.1%", help="Stop when no plan can leave so much less harm; by default 0.1%."
)
@click.option(
    "--against", metavar="FILE", help="Compare with this list of priorities (CSV: process, region, measure, rank)."
)
@click.option(
    "--pareto",
    metavar="KIND",
    help="Also the best plan for each amount of this kind of units, or of the budget; KIND:KIND for one against another.",
)
@click.option("--top", type=click.IntRange(1, 100_000), default=20, help="Rows of the plan to show; by default 20.")
@click.option("--all", "whole", is_flag=True, help="Every row and table, and what leaving out each choice costs.")
@click.option("--picture/--no-picture", default=True, help="With or without pictures in the folder.")
@answers(
    out="Folder for all tables, pictures, a page and a manifest; with --table, or ending in .csv or .json, one file.",
    tables=PROTECT_TABLES,
)  # fmt: skip
def protect(talk: Talk, capacity: str | None, whole: bool, top: int, picture: bool, **asked: Any) -> None:
    r"""Find where what there is to protect with does most good, and prove how good that is.

    CAPACITY is a file that says what there is, or the name of one at hand; without it the names are listed. The plan
    is the best that was found; its harm is simulated, and no plan can do better than the bound that comes with it.

    \b
    Examples:
      cascade protect
      cascade protect support-points --lang nl
      cascade protect guards-and-generators --time 5m --workers 2 --out plan
      cascade protect budget-letters --pareto budget
      cascade protect guards-and-generators --pareto guard-team:generator
      cascade protect support-points --samples 50 --seed 7
      cascade protect guards-and-generators --against our-list.csv
    """
    from cascade.results.plans import NoPlan

    folder = talk.out is not None and not talk.one_file
    talk.ready(folder=folder)
    seconds, gap = _seconds(asked.pop("seconds")), _share(asked.pop("gap"))
    model = talk.load()
    if capacity is None:
        _list_capacities(talk, model)
        return
    file = talk.capacity(capacity, model)
    asked["theirs"] = _their_list(talk, asked.pop("against"), model, file, asked["pareto"])
    talk.announce_compiling()
    try:
        answer = _computed(talk, model, file, seconds, gap, every=whole, **asked)
    except NoPlan as error:
        talk.say("protect_no_plan", names="; ".join(error.clash))
        click.get_current_context().exit(NO_PLAN)
    _give(talk, answer, whole=whole, top=top, picture=picture, folder=folder)
    if answer.interrupted:
        click.get_current_context().exit(INTERRUPTED)


def _their_list(talk: Talk, path: str | None, model: Model, file: CapacityFile, kind: str | None) -> Any:
    """Read a list of priorities, and refuse what cannot be answered, before anything long begins."""
    from cascade.errors import UsageError, did_you_mean
    from cascade.results.candidates import choices

    found = choices(model, file.capacity)
    kinds = (*file.capacity.kinds, "budget")
    for one in kind.split(":", 1) if kind is not None else ():
        if one not in kinds:
            raise UsageError(f"--pareto: no kind {one!r} in this capacity file; {did_you_mean(one, kinds)}")
    if kind is not None and len(set(kind.split(":"))) < len(kind.split(":")):
        raise UsageError(f"--pareto {kind!r} sets a kind against itself; name two kinds, or one")
    for option, given in (("--pareto", kind), ("--against", path)):
        if given is not None and not file.capacity.scenarios:
            raise UsageError(f"{option} needs scenarios in the capacity file; it has only an attacker")
    if path is None:
        return None
    from cascade.results.rivals import read_list

    theirs = read_list(path, talk.whole(model), found)
    entries = tuple(
        e for e in theirs.entries if e.process in model.processes and (not e.measure or e.measure in model.measures)
    )
    if len(entries) < len(theirs.entries):
        from cascade.files.cutting import Cut

        if not entries:
            raise UsageError(f"--max-marking {talk.limit}: nothing is left of the list {path}")
        talk.left_out(f"list {path}", Cut(entries=len(theirs.entries) - len(entries)))
    return replace(theirs, entries=entries)


def _computed(
    talk: Talk,
    model: Model,
    file: CapacityFile,
    seconds: float,
    gap: float,
    *,
    every: bool,
    pareto: str | None,
    theirs: Any,
    **asked: Any,
) -> _Answer:
    from cascade.results.protection import protect as plan

    questions = _questions(talk)
    given = {name: talk.scenario(name, model) for name in sorted(file.capacity.scenarios)}
    found = plan(
        model,
        file.capacity,
        seconds=seconds,
        gap=gap,
        every=every,
        scenarios={name: one.scenario for name, one in given.items()},
        progress=_searching(talk),
        asked=questions,
        **asked,
    )
    found = replace(found, inputs=(file.source, *(one.source for one in given.values())))
    answer = _Answer(found, interrupted=found.interrupted, inputs=found.inputs)
    if found.search is None or found.solution is None or found.interrupted:
        return answer
    try:
        if pareto is not None and ":" in pareto:
            from cascade.results.fronts import tradeoff

            one, _, other = pareto.partition(":")
            trade = tradeoff(
                found.search, found.limits, one, other, seconds=seconds, gap=gap, start=[found.plan], progress=questions
            )
            answer = replace(answer, trade=trade, interrupted=trade.interrupted)
        elif pareto is not None:
            from cascade.results.fronts import pareto as front

            curve = front(
                found.search, found.limits, pareto, seconds=seconds, gap=gap, start=[found.plan], progress=questions
            )
            answer = replace(answer, front=curve, interrupted=curve.interrupted)
        if theirs is not None and not answer.interrupted:
            from cascade.results.rivals import compare

            rivalry = compare(
                found.search, found.limits, theirs, ours=found.solution, seconds=seconds, gap=gap, progress=questions
            )
            answer = replace(answer, rivalry=rivalry, inputs=(*answer.inputs, theirs.source))
    except KeyboardInterrupt:
        answer = replace(answer, interrupted=True)
    return answer


# ------------------------------------------------------------------ progress


def _searching(talk: Talk) -> Callable[[float, float, float], None]:
    """Return what the search may tell: the best harm so far, the bound and the seconds; now and then said on stderr."""
    from cascade.words import duration, large

    told = 0.0

    def tell(value: float, bound: float, seconds: float) -> None:
        nonlocal told
        if seconds - told < QUIET_S:
            return
        told = seconds
        filled = {"seconds": duration(round(seconds), talk.lang), "value": large(value, talk.lang)}
        if bound > 0:
            gap = f"{100 * (value - bound) / value:.2g}%" if value > 0 else "0%"
            talk.say("protect_progress", **filled, bound=large(bound, talk.lang), gap=gap)
        else:
            talk.say("protect_progress_open", **filled)

    return tell


def _questions(talk: Talk) -> Callable[[int, int], None]:
    """Return what is told how many questions are answered, and of how many."""
    from time import monotonic

    told = monotonic()

    def tell(done: int, size: int) -> None:
        nonlocal told
        if monotonic() - told >= QUIET_S:
            told = monotonic()
            talk.say("protect_asked", done=done, size=size)

    return tell


# ------------------------------------------------------------------ the answer


def _tables(talk: Talk, answer: _Answer, *, top: int | None, most: int | None) -> list[Table]:
    from cascade.telling.advised import advice_tables
    from cascade.telling.attack import defence_tables
    from cascade.telling.fronts import front_tables, phased_tables, rival_tables, tradeoff_tables
    from cascade.telling.protection import plan_tables

    found, made = answer.found, list[Any]()
    if found.solution is not None:
        made += plan_tables(found, talk.lang, top)
        made += [] if not found.worths else advice_tables(found, talk.lang, most)
    if found.defence is not None:
        made += defence_tables(found.defence, found.model, talk.lang, most)
    if found.phased is not None:
        made += phased_tables(found.phased, found.choices, talk.lang)
    if answer.front is not None:
        made += front_tables(answer.front, found.choices, talk.lang)
    if answer.trade is not None:
        made += tradeoff_tables(answer.trade, found.choices, talk.lang)
    if answer.rivalry is not None:
        made += rival_tables(answer.rivalry, found.choices, talk.lang, most)
    return made


def _lines(answer: _Answer, screen: Screen | Talk, *, on_screen: bool = True) -> list[str]:
    from cascade.telling.advised import worse_line
    from cascade.telling.attack import defence_summary
    from cascade.telling.fronts import front_summary, phased_summary, rival_summary
    from cascade.telling.protection import summary

    found, lines = answer.found, list[str]()
    if found.solution is not None:
        lines += summary(found, screen.lang)
        lines += [worse_line(found, screen.lang)] if found.played else []
    if found.defence is not None:
        told = defence_summary(found.defence, found.model, screen.lang)
        # a file says nothing of how long it took, so that equal input gives equal bytes
        later = replace(found.defence, seconds=found.defence.seconds + 3600)
        timeless = told if on_screen else defence_summary(later, found.model, screen.lang)
        lines += [line for line in told if line in timeless]
    if found.phased is not None:
        lines += phased_summary(found.phased, found.choices, screen.lang)
    if answer.front is not None:
        lines += front_summary(answer.front, found.choices, screen.lang)
    if answer.rivalry is not None:
        lines += rival_summary(answer.rivalry, found.choices, screen.lang)
    return lines


def _give(talk: Talk, answer: _Answer, *, whole: bool, top: int, picture: bool, folder: bool) -> None:
    """Print the answer, and write it where a folder was named."""
    from cascade.telling.protection import MAIN_OTHERS, effort
    from cascade.words import word

    found = answer.found
    every = whole or talk.format != "table"
    tables = _tables(talk, answer, top=None if every else top, most=None if every else MAIN_OTHERS)
    mark = _mark(talk, found)
    head = _head(answer, mark)

    def draw(screen: Screen) -> None:
        screen.title(word("protect_title", screen.lang, name=found.capacity.name[screen.lang]), mark)
        for line in _lines(answer, screen):
            screen.say(line)
        if found.solution is not None:
            screen.say(effort(found, screen.lang), style="dim")
        for table in tables:
            if table.rows and (whole or table.name not in HIDDEN):
                screen.table(table)
        if not folder:
            screen.say()
            screen.say(word("protect_next_out", screen.lang), style="dim")

    if not folder:
        talk.answer(head, tables, draw, RANKED)
        return
    replace(talk, out=None).answer(head, tables, draw, RANKED)
    _write(talk, answer, mark, head, picture=picture)


def _mark(talk: Talk, found: Protection) -> str:
    return talk.mark(found.model, *(one.scenario for one in found.given), found.capacity)


def _head(answer: _Answer, mark: str) -> dict[str, Any]:
    found = answer.found
    return {
        "capacity": found.inputs[0].path if found.inputs else "",
        "weights": {one.name: one.weight for one in found.given},
        "samples": found.samples,
        "seed": found.seed if found.samples else None,
        "marking": mark,
    }


def _write(talk: Talk, answer: _Answer, mark: str, head: dict[str, Any], *, picture: bool) -> None:
    from cascade.telling.protection import MAIN, MAIN_OTHERS
    from cascade.telling.report import Leaf, write_tables
    from cascade.words import word

    found = answer.found
    pictures = _pictures(talk, answer, mark) if picture else {}
    title = word("protect_title", talk.lang, name=found.capacity.name[talk.lang])
    short = tuple(_tables(talk, answer, top=MAIN, most=MAIN_OTHERS))
    leaf = Leaf(title, tuple(_lines(answer, talk, on_screen=False)), short, word("protect_page_note", talk.lang))
    asked = found.solution.asked if found.solution is not None else None
    every = _tables(talk, answer, top=None, most=None)
    talk.mosaic(max((len(t.rows) for t in every if t.name in RANKED), default=0))
    written = write_tables(
        found.model, every, pictures, talk.out or "", talk.lang, mark, answer.inputs, {**head, "gap": asked}, leaf,
        talk.notice(), _prints(talk, answer, mark) if picture else None,
    )  # fmt: skip
    talk.say("written", n=len(written), folder=talk.out)
    talk.say("open_report", file=f"{talk.out}/report.html")


def _pictures(talk: Talk, answer: _Answer, mark: str) -> dict[str, Any]:
    from cascade.telling.choices import draw_ladder, draw_plan_map, draw_scenario_bars
    from cascade.telling.frontiers import front_picture, phases_picture

    found, made = answer.found, dict[str, Any]()
    if found.solution is not None:
        made["map"] = draw_plan_map(found, talk.lang, mark)
        made["scenarios"] = draw_scenario_bars(found, talk.lang, mark)
        if found.ladder:
            made["ladder"] = draw_ladder(found, talk.lang, mark)
    if found.defence is not None:
        made["defence"] = draw_plan_map(found, talk.lang, mark, found.defence.plan)
    if found.phased is not None:
        made["phases"] = phases_picture(found.phased, found.model, talk.lang, mark)
    if answer.front is not None:
        made["front"] = front_picture(answer.front, found.model, talk.lang, mark)
    return made


def _prints(talk: Talk, answer: _Answer, mark: str) -> dict[str, Any]:
    """Draw what a report on paper shows, at the width of its text."""
    from cascade.telling.frontiers import front_picture, phases_picture
    from cascade.telling.plots import PRINT

    found, made = answer.found, dict[str, Any]()
    if found.phased is not None:
        made["phases"] = phases_picture(found.phased, found.model, talk.lang, mark, PRINT)
    if answer.front is not None:
        made["front"] = front_picture(answer.front, found.model, talk.lang, mark, PRINT)
    return made


# ------------------------------------------------------------------ names at hand, and numbers as written


def _list_capacities(talk: Talk, model: Model) -> None:
    from cascade.errors import DefinitionError
    from cascade.files.reading import capacity_files
    from cascade.telling.columns import Column, Table
    from cascade.words import word

    rows = []
    for name, path in capacity_files(model.root or None).items():
        if not talk.within(path, model, "capacity"):
            continue
        try:
            told = talk.capacity(path.as_posix(), model).capacity.name[talk.lang]
        except DefinitionError:
            told = word("protect_faulty", talk.lang)
        rows.append({"capacity": name, "name": told})
    columns = (Column("capacity", word("protect_capacity", talk.lang)), Column("name", word("name", talk.lang)))
    table = Table("capacities", word("protect_capacities", talk.lang), columns, rows)

    def draw(screen: Screen) -> None:
        screen.table(table)
        if rows:
            screen.say()
            screen.say(talk.next_command("protect_one", name=rows[0]["capacity"]), style="dim")

    talk.answer({"marking": talk.mark(model)}, [table], draw)


def _seconds(text: str) -> int:
    from cascade.errors import UsageError
    from cascade.units import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise UsageError(f"--time: {error}") from None


def _share(text: str) -> float:
    from cascade.errors import UsageError

    number = text.strip().removesuffix("%")
    try:
        found = float(number) / 100 if number != text.strip() else float(number)
    except ValueError:
        raise UsageError(f"--gap {text!r}: write a share, such as 1%") from None
    if not 0 <= found < 1:
        raise UsageError(f"--gap {text!r}: write a share from 0 up to 100%, such as 1%")
    return found


COMMANDS: tuple[click.Command, ...] = (protect,)
"""What ``cli`` adds to its own."""
