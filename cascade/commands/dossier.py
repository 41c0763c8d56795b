"""The command about the dossier of one process: parse, call, print, like those of ``cli``."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cascade import __version__
from cascade.errors import UsageError
from cascade.telling.talk import Described, Talk, answers

if TYPE_CHECKING:
    from cascade.model import Input, Model, Scenario
    from cascade.results.filing import Filing
    from cascade.telling.paper import Paper
    from cascade.telling.screen import Screen

PAPERS = (".docx", ".html")
"""Endings of a name that mean one paper."""
DOSSIER_TABLES = (
    "summary", "general", "incoming", "further", "outgoing-annex", "outgoing", "register", "scenarios", "totals", "anv",
    "anv-open", "scorecard", "thresholds", "notice", "article-13", "hazards", "assets", "physical", "plans", "claims", "gaps", "sources", "terms", "elements",
    "open",
)  # fmt: skip


@click.command(cls=Described, short_help="What a Wwke entity has to hand in about a process, as Word and HTML.")
@click.argument("process")
@click.option(
    "--for", "lasting", default="72h", metavar="DURATION", help="How long the process itself fails; by default 72h."
)
@click.option("--region", metavar="REGION", help="Only this region's part of the process, by code or name.")
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    metavar="SCENARIO",
    help="Only this scenario (may be repeated); else all at hand.",
)
@click.option(
    "--designated",
    metavar="DATE",
    help="Day on which the entity was told that it is critical, as 2026-09-01: gives the terms.",
)
@answers(
    out="Folder for the dossier as Word, HTML and tables; a name that ends in .docx or .html for one of them, in .json for data.",
    tables=DOSSIER_TABLES,
)
def dossier(
    talk: Talk, process: str, lasting: str, region: str | None, scenarios: tuple[str, ...], designated: str | None
) -> None:
    r"""Make the dossier of a PROCESS: the building blocks for the risk assessment that the Wwke asks of an entity.

    It holds who rests on whom, what each scenario does to the process, the scorecard of article 7, measures by article 13, a
    checklist of hazards, evidence and terms. What the model cannot know is an empty box for the assessor. On the screen comes a
    short version. Nothing that may have been filled in is ever written over.

    \b
    Examples:
      cascade dossier drinking-water --lang nl
      cascade dossier drinking-water --out dossier --designated 2026-09-01
      cascade dossier hospital-care --region VR13 --for 24h --out hospital.docx
      cascade dossier payment-core --format json --table hazards
    """
    from cascade.results.filing import filing
    from cascade.results.reach import seconds
    from cascade.telling.dossier import find_process, find_region
    from cascade.telling.filing import draw, paper

    one_paper = _one_paper(talk)
    talk = _by_name(talk)
    talk.ready(folder=not (talk.one_file or one_paper))
    out_s, day = seconds(lasting), _day(designated)
    if talk.out is not None and (one_paper or not talk.one_file):
        from cascade.telling.folio import refuse_filled_in

        refuse_filled_in(talk.out)
    model = talk.load()
    name = find_process(model, process)
    code = None if region is None else find_region(model, region)
    chosen, inputs = _scenarios(talk, model, scenarios)
    model, withheld = _without_hidden(talk, model)
    talk.announce_compiling()
    found = filing(model, name, chosen, out_s, code, designated=day, withheld=withheld, progress=talk.progress())
    mark = talk.mark(model, *chosen.values())
    talk.mosaic(len(found.suppliers) + len(found.dependents))
    made = paper(found, talk.lang, mark, f"cascade {__version__}", talk.notice().sentences)
    if talk.out is not None and (one_paper or not talk.one_file):
        _write(
            talk,
            found,
            made,
            inputs,
            {"process": name, "region": code, "for_h": out_s / 3600, "designated": designated},
        )
        return
    head: dict[str, Any] = {"process": name, "region": code, "for_h": out_s / 3600, "marking": mark}

    def show(screen: Screen) -> None:
        draw(screen, made, talk.next_command("filing_next", process=name))

    talk.answer(head, [*made.tables, made.open_table()], show)


def _by_name(talk: Talk) -> Talk:
    """Take the name of a CSV file for the table that is meant, where one is called so."""
    path = Path(talk.out) if talk.out is not None else None
    if path is None or talk.table is not None or talk.format != "csv" or path.stem not in DOSSIER_TABLES:
        return talk
    return replace(talk, table=path.stem)


def _one_paper(talk: Talk) -> bool:
    """Whether the target is one paper; its name and the format may not contradict each other."""
    ending = Path(talk.out).suffix.lower() if talk.out is not None else ""
    if ending in (".doc", ".odt", ".pdf", ".htm"):
        raise UsageError(f"--out {talk.out}: a dossier is written as .docx or .html; save it as {ending} from there")
    if ending in PAPERS and (talk.format != "table" or talk.table is not None):
        raise UsageError(
            f"--out {talk.out} is a whole paper; leave --format and --table out, or name a .csv or .json file"
        )
    return ending in PAPERS


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"--designated {text!r} is no date; write it as 2026-09-01") from None
    if not 2000 <= found.year <= 2200:
        raise UsageError(f"--designated {text!r} cannot be meant; write a year between 2000 and 2200")
    return found


def _scenarios(talk: Talk, model: Model, names: tuple[str, ...]) -> tuple[dict[str, Scenario], list[Input]]:
    """Read the scenarios that are meant, else all at hand; of those, what is faulty or marked too high is passed over."""
    from cascade.errors import DefinitionError
    from cascade.files.reading import scenario_files

    paths: dict[str, Path] = {}
    for name in names:
        path = _found(talk, model, name)
        paths[path.stem if path.stem not in paths else name] = path
    beside = scenario_files(model.root, beside_only=True)
    at_hand = beside or scenario_files(model.root)
    found: dict[str, Scenario] = {}
    inputs: list[Input] = []
    faulty: list[str] = []
    for name, path in (paths or at_hand).items():
        if not paths and not talk.within(path, model, faulty=True):
            continue
        try:
            file = talk.read(path, model)
        except DefinitionError:
            if paths:
                raise
            faulty.append(name)
            continue
        found[name] = file.scenario
        inputs.append(file.source)
    if faulty and not beside:  # written for another model, they need not fit this one
        talk.say("filing_unfit", n=len(faulty), m=len(at_hand))
    elif faulty:
        talk.say("filing_skipped", n=len(faulty), names=", ".join(sorted(faulty)))
    return found, inputs


def _found(talk: Talk, model: Model, name: str) -> Path:
    """Find a scenario, or name all that are at hand and may be shown; past incidents are none of those."""
    from cascade.errors import did_you_mean, short
    from cascade.files.reading import find_scenario, scenario_files

    try:
        return find_scenario(name, model.root or None)
    except UsageError:
        if Path(name).is_dir():
            raise
    beside = scenario_files(model.root or None, beside_only=True)
    at_hand = beside | scenario_files(model.root or None)
    known = [
        key
        for key, path in sorted(at_hand.items())
        if talk.within(path, model, faulty=True) and (key in beside or _fits(path, talk.whole(model)))
    ]
    near = did_you_mean(name, known)
    near = f"{near} " if near.startswith("did") else ""
    raise UsageError(f"no scenario {short(name)!r}; {near}at hand: {', '.join(known) or 'none'}")


def _fits(path: Path, model: Model) -> bool:
    """Whether a scenario that stands elsewhere can be played on a model."""
    from cascade.errors import DefinitionError
    from cascade.files.reading import read_scenario

    try:
        read_scenario(path, model)
    except DefinitionError:
        return False
    return True


def _without_hidden(talk: Talk, model: Model) -> tuple[Model, bool]:
    """Take the names of scenarios that may not be shown out of the hazards that they play; say whether there were any."""
    from cascade.files.reading import scenario_files

    if talk.limit is None:
        return model, False
    at_hand = scenario_files(model.root or None)
    hidden = {name for name, path in at_hand.items() if not talk.within(path, model, faulty=True)}
    hazards = {
        key: hazard.model_copy(update={"scenarios": tuple(s for s in hazard.scenarios if s not in hidden)})
        for key, hazard in model.hazards.items()
    }
    return replace(model, hazards=hazards), bool(hidden)


def _write(talk: Talk, found: Filing, made: Paper, inputs: list[Input], options: dict[str, Any]) -> None:
    from cascade.telling.filing import CHAIN, chained
    from cascade.telling.folio import write_paper
    from cascade.telling.plots import draw_chain

    assert talk.out is not None
    worst = chained(found)
    figures = {} if worst is None else {CHAIN: draw_chain(worst.run, worst.instance, talk.lang, made.mark)}
    written = write_paper(found.model, made, figures, talk.out, inputs, options, talk.notice())
    if len(written) == 1:
        talk.say("written_one", file=written[0])
    else:
        talk.say("written", n=len(written), folder=talk.out)
    numbers = [part for part, _ in made.blanks]
    talk.say("filing_open_count", n=len(numbers), m=len(set(numbers)))


COMMANDS: tuple[click.Command, ...] = (dossier,)
"""What ``cli`` adds to its own."""
