"""How a command is asked and answers: the options that all share, and data or pages, to the screen or a file."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from cascade.errors import Mark, Places, UsageError, did_you_mean

if TYPE_CHECKING:
    from cascade.files.cutting import Cut
    from cascade.files.reading import CapacityFile, ScenarioFile
    from cascade.model import Capacity, Lang, Model, Scenario
    from cascade.simulation.run import Run
    from cascade.telling.columns import Notice, Table
    from cascade.telling.screen import Screen

FileKind = Literal["scenario", "capacity"]
F = TypeVar("F", bound=Callable[..., Any])
ONE_FILE = {".csv": "csv", ".json": "json", ".txt": "table"}
"""Endings of a name that mean one file, and the format of what goes into it."""
FEW = 5
"""A list of weak points that is shorter than this says no more than its parts."""
LARGE = 30_000
"""Assets from which on it is said that things take time; own choice."""
SHOWN_SECRETS = 20
"""Places of state secrets that are named on stderr; the rest is counted."""
QUIET_S = 2.0
"""Seconds between two messages on how far a long computation is."""


@dataclass
class _Heard:
    """What came up while a command read its files; shared by all its answers."""

    whole: list[tuple[Model, Model]] = field(default_factory=list)
    """Each model that was cut, with what it was before."""
    cuts: dict[str, Cut] = field(default_factory=dict)
    """What was left out, by what it was left out of."""
    said: set[str] = field(default_factory=set)
    """Sentences that were said once."""
    mosaic: bool = False


@dataclass(frozen=True)
class Talk:
    """How someone wants to be answered: language, format, file, marking, and which model it is about."""

    lang: Lang
    format: str
    out: str | None
    marking: str | None
    model: str | None
    table: str | None = None
    """The one table that is wanted."""
    limit: str | None = None
    """Leave out what is marked above this."""
    heard: _Heard = field(default_factory=_Heard, compare=False, repr=False)

    @property
    def one_file(self) -> bool:
        """Whether the target is meant as one file: one table was asked for, or its name ends like a file of data."""
        return self.out is not None and (self.table is not None or Path(self.out).suffix.lower() in ONE_FILE)

    def ready(self, *, folder: bool = False) -> None:
        """Make sure, before anything is computed, that the target can be written.

        Raises
        ------
        UsageError
            If it cannot.
        """
        if self.out is None:
            return
        path = Path(self.out)
        if folder and path.exists() and not path.is_dir():
            raise UsageError(f"--out: {path} is a file, and a report needs a folder; name another")
        if not folder and path.is_dir():
            raise UsageError(f"--out: {path} is a folder; name a file in it")
        near = path if path.exists() else next((p for p in path.absolute().parents if p.exists()), path)
        if near != path and not near.is_dir():
            raise UsageError(f"--out: cannot write {path}: {near} is no folder")
        if not os.access(near, os.W_OK):
            raise UsageError(f"--out: cannot write {path}: {near} may not be written to")

    def say(self, key: str, **filled: object) -> None:
        """Say something that is no data: on stderr."""
        from cascade.words import word

        click.echo(word(key, self.lang, **filled), err=True)

    def next_command(self, key: str, **filled: object) -> str:
        """Return a sentence that ends in a command, which also names the model where one was named."""
        from shlex import quote

        from cascade.words import word

        said = word(key, self.lang, **filled)
        return said if self.model is None else f"{said} --model {quote(self.model)}"

    def say_once(self, text: str) -> None:
        """Say a sentence on stderr, the first time it comes up in a command."""
        if text and text not in self.heard.said:
            self.heard.said.add(text)
            click.echo(text, err=True)

    def load(self, folder: str | None = None) -> Model:
        """Read the model that is meant, or that of a folder, without what is marked above the limit."""
        from cascade.files.reading import find_model, load
        from cascade.words import number, word

        whole = load(folder or find_model(self.model))
        self._heed(whole.marked, whole.places)
        if (assets := sum(len(table.ids) for table in whole.assets.values())) >= LARGE:
            self.say_once(word("large_model", self.lang, assets=number(assets, self.lang)))
        if self.limit is None:
            return whole
        from cascade.files.cutting import cut_model

        model, cut = cut_model(whole, self.limit)
        self.heard.whole.append((model, whole))
        self.heard.cuts[f"model {whole.root}"] = cut
        return model

    def whole(self, model: Model) -> Model:
        """Return a model as it was before anything was left out: for reading what was written for it, never for answers."""
        return next((whole for cut, whole in self.heard.whole if cut is model), model)

    def scenario(self, name: str, model: Model) -> ScenarioFile:
        """Read the scenario that is meant, a path or the name of one at hand, without what is marked above the limit."""
        from cascade.files.reading import find_scenario

        return self.read(find_scenario(name, model.root), model)

    def read(self, path: str | Path, model: Model) -> ScenarioFile:
        """Read a scenario from a path; as :meth:`scenario`."""
        from cascade.files.reading import read_scenario

        whole = self.whole(model)
        file = read_scenario(path, whole)
        self._heed(file.scenario.marked, file.places)
        if self.limit is None:
            return file
        from cascade.files.cutting import cut_scenario, withheld

        scenario, cut = cut_scenario(file.scenario, whole, self.limit, model)
        self.heard.cuts[f"scenario {file.source.path}"] = cut
        file = dataclasses.replace(file, source=withheld([file.source], model.gone)[0])
        if scenario is file.scenario:
            return file
        # what was cut has other numbers than what was written, so messages name the file alone
        places = Places({("scenario",): (file.source.path, Mark(0, 0))})
        return dataclasses.replace(file, scenario=scenario, places=places)

    def within(self, path: str | Path, model: Model, kind: FileKind = "scenario", *, faulty: bool = False) -> bool:
        """Whether a file out of many may be shown; one that is as a whole above the limit is counted and passed over.

        What cannot be read has no mark that could be trusted, and is above every limit unless ``faulty`` says otherwise.
        """
        if self.limit is None:
            return True
        from cascade.errors import DefinitionError
        from cascade.files.cutting import Cut, above
        from cascade.files.reading import read_capacity, read_scenario

        whole = self.whole(model)
        try:
            found = read_scenario(path, whole) if kind == "scenario" else read_capacity(path, whole)
        except DefinitionError:
            hidden = not faulty
        else:
            file = getattr(found, kind)
            self._heed([((kind,), file.marking or "")], found.places)
            hidden = above(file.marking, self.limit)
        if hidden:
            self.heard.cuts[f"{kind} {Path(path).as_posix()}"] = (
                Cut(scenarios=1) if kind == "scenario" else Cut(capacities=1)
            )
        return not hidden

    def capacity(self, name: str, model: Model) -> CapacityFile:
        """Read the capacity file that is meant, a path or the name of one at hand, without what is above the limit."""
        from cascade.files.reading import find_capacity, find_scenario, read_capacity

        whole = self.whole(model)
        file = read_capacity(find_capacity(name, model.root or None), whole)
        self._heed([(("capacity",), file.capacity.marking or "")], file.places)
        if self.limit is None:
            return file
        from cascade.files.capacity_cutting import cut_capacity
        from cascade.files.cutting import withheld

        def hidden(scenario: str) -> bool:
            return not self.within(find_scenario(scenario, model.root or None), model)

        capacity, cut = cut_capacity(file.capacity, whole, self.limit, hidden, model)
        self.heard.cuts[f"capacity {file.source.path}"] = dataclasses.replace(cut, scenarios=0)  # counted by themselves
        file = dataclasses.replace(file, source=withheld([file.source], model.gone)[0])
        if capacity is file.capacity:
            return file
        return dataclasses.replace(
            file, capacity=capacity, places=Places({("capacity",): (file.source.path, Mark(0, 0))})
        )

    def left_out(self, what: str, cut: Cut) -> None:
        """Note what was left out of something else that was read, under its name."""
        self.heard.cuts[what] = cut

    def _heed(self, marked: Iterable[tuple[tuple[str | int, ...], str]], places: Places) -> None:
        """Warn, once, when something that was read is marked as a state secret, and say on stderr alone where it stands.

        Under a limit the place is not told: names of what is left out stay off the screen as well.
        """
        from cascade.errors import subject
        from cascade.model import is_secret
        from cascade.words import word

        found = [(path, mark) for path, mark in marked if is_secret(mark)]
        if not found:
            return
        self.say_once(word("marking_secret", self.lang))
        if self.limit is not None:
            self.say_once(word("marking_secret_where", self.lang))
            return
        for path, mark in found[:SHOWN_SECRETS]:
            file, line, _ = places.at(*path, "marking")
            self.say_once(word("marking_secret_at", self.lang, file=file, line=line, item=subject(path), mark=mark))
        if len(found) > SHOWN_SECRETS:
            self.say_once(word("marking_secret_more", self.lang, n=len(found) - SHOWN_SECRETS))

    def heed_asked(self) -> None:
        """Warn, once, when a mark is asked for that says state secret."""
        from cascade.model import is_secret
        from cascade.words import word

        if is_secret(self.marking):
            self.say_once(word("marking_secret_asked", self.lang, mark=self.marking))

    def announce_compiling(self) -> None:
        """Say so when the engine turns out to need compiling: that takes a while."""
        from cascade.simulation.engine import on_compiling

        on_compiling(lambda: self.say("compiling"))

    def simulate(self, model: Model, scenario: Scenario) -> Run:
        """Play a scenario; the first time on a machine the engine is compiled, which is announced."""
        from cascade.simulation.run import simulate

        self.announce_compiling()
        return simulate(model, scenario)

    def progress(self) -> Callable[[int, int], None]:
        """Return what a long computation may call with how much is done, and of how much.

        What takes more than two seconds is told on stderr, at most every two seconds, with the time left. The clock
        starts at the first report: whatever came before it, the compiling of the engine or an earlier day, says nothing
        of how fast the rest will go.
        """
        from time import monotonic

        from cascade.words import duration

        start: tuple[float, int] | None = None
        told = 0.0

        def tell(done: int, size: int) -> None:
            nonlocal start, told
            now = monotonic()
            if start is None:
                start, told = (now, done), now
                return
            began, first = start
            if first < done < size and now - told >= QUIET_S:
                told = now
                left = (now - began) * (size - done) / (done - first)
                self.say("runs_done", done=done, size=size, left=duration(max(1, round(left)), self.lang))

        return tell

    def mark(self, model: Model, *others: Scenario | Capacity) -> str:
        """Return the marking of what is written: that of the data, or a higher one that was asked for.

        What was left out is told on stderr here, since every answer passes by.
        """
        from cascade.telling.columns import marking_of

        self._tell_cut()
        of_data = marking_of(model, *others)
        mark = marking_of(model, *others, self.marking)
        if self.marking is not None and not set(self.marking.split(" / ")) <= set(mark.split(" / ")):
            self.say("marking_kept", kept=of_data)
        return mark

    # ------------------------------------------------------------------ what a reader must know

    @property
    def cut(self) -> Cut:
        """How much was left out so far of everything that was read."""
        from cascade.files.cutting import Cut

        return sum(self.heard.cuts.values(), Cut())

    def cut_notes(self) -> list[str]:
        """Say, for people, what was left out because it is marked too high; empty when nothing was."""
        from cascade.words import word

        cut = self.cut if self.limit is not None else None
        if not cut:
            return []
        parts = [
            word(f"cut_{name}" if n != 1 else f"cut_{name}_1", self.lang, n=n)
            for name, n in cut.counts.items()
            if n and name != "texts"
        ]
        notes = [word("cut_what", self.lang, limit=self.limit, what=", ".join(parts))] if parts else []
        return [*notes, word("cut_texts", self.lang)] if cut.texts else notes

    def _tell_cut(self) -> None:
        for note in self.cut_notes():
            self.say_once(note)

    def mosaic(self, rows: int) -> str:
        """Note that an answer holds a list of so many weak points, and say what that means on stderr, once.

        Returns
        -------
        str
            The sentence, for pages; empty for fewer than ``FEW`` rows.
        """
        from cascade.words import word

        if rows < FEW:
            return ""
        self.heard.mosaic = True
        note = word("mosaic", self.lang)
        self.say_once(word("mosaic_hint", self.lang, note=note))
        return note

    def notice(self) -> Notice:
        """Return what a reader of something written must know, for pages and manifests."""
        from cascade.telling.columns import Notice
        from cascade.words import word

        notes = tuple(self.cut_notes())
        cut = None if self.limit is None else {"limit": self.limit, **self.cut.counts, "notes": list(notes)}
        return Notice(notes, word("mosaic", self.lang) if self.heard.mosaic else "", cut)

    def write(self, text: str) -> None:
        """Write data to the file that was named, else to stdout."""
        if self.out is None:
            click.echo(text, nl=False)
            return
        from cascade.telling.writing import write_file

        self.say("written_one", file=write_file(text, self.out))

    def answer(
        self,
        head: dict[str, Any],
        tables: list[Table],
        draw: Callable[[Screen], None],
        ranked: Collection[str] = (),
    ) -> None:
        """Give tables, or the one that is wanted, as data or, drawn by ``draw``, for people.

        ``ranked`` names the tables that are lists of weak points.
        """
        from cascade.telling.screen import Screen, as_csv, as_json, note_one_table

        chosen, names = self.table, [t.name for t in tables]
        if chosen is not None and chosen not in names:
            raise UsageError(f"no table {chosen!r} in this answer; there is: {', '.join(names)}")
        given = [t for t in tables if chosen in (None, t.name)]
        given = given[:1] if self.format == "csv" else given
        self._tell_cut()
        self.mosaic(max((len(t.rows) for t in given if t.name in ranked), default=0))
        notice = self.notice()
        if self.format == "json":
            cut = {} if notice.cut is None else {"cut": notice.cut}
            self.write(as_json({**head, **cut}, given))
            return
        if self.format == "csv":
            table = next((t for t in tables if t.name == chosen), tables[0])
            if chosen is None and len(tables) > 1:
                click.echo(note_one_table(table, tables, self.lang), err=True)
            self.write(as_csv(table, str(head.get("marking", ""))))
            return
        # what is said on a screen was said on stderr beside it, except for what is missing: that belongs to the answer
        notes = notice.notes if self.out is None else notice.sentences
        screen = Screen(self.lang, plain=self.out is not None, notes=notes)
        if chosen is None:
            draw(screen)
        else:
            table = next(t for t in tables if t.name == chosen)
            if "marking" in head:  # a table by itself carries the mark as well
                screen.title(table.title, str(head["marking"]))
                table = dataclasses.replace(table, title="")
            screen.table(table)
        self.write(screen.text())


class Described(click.Command):
    """A command whose help keeps its examples line by line."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.help = unwrapped(self.help)


def unwrapped(text: str | None) -> str | None:
    """Turn the written mark of a paragraph that is not to be wrapped into the character that click looks for."""
    return text.replace(r"\b", "\b") if text else text


def default_lang() -> str:
    """Return Dutch where the settings of the machine are Dutch, else English; ``CASCADE_LANG`` goes before this."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "nl" if spoken.lower().startswith("nl") else "en"


def _not_empty(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None and not value.strip():
        raise click.BadParameter("name a file or a folder")
    return value


def _marks(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """Check a marking against the known families, whatever its capitals; one of each family may be given."""
    if value is None:
        return None
    from cascade.model import mark_ranks

    found = [_one_mark(part) for part in value.split("/")]
    if len(mark_ranks(" / ".join(found))) < len(found):
        raise click.BadParameter(f"{value!r} names two marks of one family; keep one, or one of each family")
    return " / ".join(found)


def _one_mark(value: str) -> str:
    from cascade.files.margins import FULL_MARKS
    from cascade.model import LOWEST, MARKINGS

    known = {mark.lower(): mark for marks in MARKINGS.values() for mark in marks} | {"tlp:white": LOWEST}
    meant = value.strip().lower()
    if meant in known:
        return known[meant]
    if meant in FULL_MARKS:
        return FULL_MARKS[meant]
    if f"tlp:{meant}" in known:
        raise click.BadParameter(f"{value!r} is no marking; did you mean {known[f'tlp:{meant}']!r}?")
    near = did_you_mean(value, known.values())
    near = f"{near} " if near.startswith("did") else ""
    raise click.BadParameter(f"{value!r} is no marking; {near}known: {', '.join(dict.fromkeys(known.values()))}")


def _format(format: str | None, out: str | None, tables: Sequence[str]) -> str:
    """Return the format that is meant: the one asked for, else the one that the ending of the target says."""
    by_name = ONE_FILE.get(Path(out).suffix.lower()) if out is not None else None
    if format is None:
        return by_name if by_name is not None and tables else "table"
    if by_name not in (None, format) and by_name != "table":
        raise UsageError(f"--out {out} says {by_name} and --format says {format}; leave one of them out")
    return format


def answers(
    out: str = "Write to this file instead of the screen.", model: bool = True, tables: Sequence[str] = ()
) -> Callable[[F], Any]:
    """Give a command the options that mean the same in all of them, as one ``talk``."""

    def decorate(function: F) -> Any:
        def command(
            lang: str,
            format: str | None,
            out: str | None,
            marking: str | None,
            max_marking: str | None,
            model: str | None = None,
            table: str | None = None,
            **given: Any,
        ) -> Any:
            meant = _format(format, out, tables)
            talk = Talk("nl" if lang == "nl" else "en", meant, out, marking, model, table, max_marking)
            if marking is not None:
                talk.heed_asked()
            return function(talk, **given)

        command.__name__, command.__doc__ = function.__name__, function.__doc__
        made: Any = command
        if tables:
            made = click.option("--table", type=click.Choice(tables), help="Only this table.")(made)
        if model:
            made = click.option(
                "--model", metavar="FOLDER", help="Model folder; by default ./sectors or the one shipped."
            )(made)
        made = click.option(
            "--max-marking",
            metavar="MARK",
            callback=_marks,
            help="Leave out, before anything is computed, what is marked higher, e.g. TLP:AMBER or 'TLP:AMBER / Dep. V.'.",
        )(made)
        made = click.option(
            "--marking",
            metavar="MARK",
            callback=_marks,
            help="Raise the marking, e.g. TLP:AMBER; it is never lowered.",
        )(made)
        made = click.option("--out", metavar="PATH", callback=_not_empty, help=out_help)(made)
        made = click.option(
            "--format",
            type=click.Choice(["table", "csv", "json"]),
            help="For people, or as data; by default what --out ends with, else table.",
        )(made)
        made = click.option(
            "--lang",
            type=click.Choice(["nl", "en"]),
            envvar="CASCADE_LANG",
            default=default_lang,
            help="Language of the answer.",
        )(made)
        return made

    out_help = out
    return decorate
