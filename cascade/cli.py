"""The commands: parse, call, print. Computes nothing; heavy modules are imported inside the commands."""

from __future__ import annotations

import errno
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cascade import __version__
from cascade.commands.cutsets import COMMANDS as CUTSETS_COMMANDS
from cascade.commands.dossier import COMMANDS as DOSSIER_COMMANDS
from cascade.commands.doubt import COMMANDS as DOUBT_COMMANDS
from cascade.commands.joint import COMMANDS as JOINT_COMMANDS
from cascade.commands.own import COMMANDS as OWN_COMMANDS
from cascade.commands.owners import COMMANDS as OWNERS_COMMANDS
from cascade.commands.pictures import COMMANDS as PICTURES_COMMANDS
from cascade.commands.protect import COMMANDS as PROTECT_COMMANDS
from cascade.commands.rank import COMMANDS as RANK_COMMANDS
from cascade.commands.recover import COMMANDS as RECOVER_COMMANDS
from cascade.commands.report import COMMANDS as REPORT_COMMANDS
from cascade.commands.stocks import COMMANDS as STOCKS_COMMANDS
from cascade.commands.synthetic import COMMANDS as SYNTHETIC_COMMANDS
from cascade.commands.timeline import COMMANDS as TIMELINE_COMMANDS
from cascade.commands.trust import COMMANDS
from cascade.commands.wwke import COMMANDS as WWKE_COMMANDS
from cascade.errors import CascadeError, DefinitionError, UsageError
from cascade.telling.talk import Described, Talk, answers, unwrapped

if TYPE_CHECKING:
    from cascade.files.reading import ScenarioFile
    from cascade.model import Model, Scenario
    from cascade.results.impact import Impact
    from cascade.simulation.network import Network
    from cascade.simulation.run import Run
    from cascade.telling.columns import Table
    from cascade.telling.screen import Screen

FAULTY_INPUT = 3
WRONG_USE = 2
INTERRUPTED = 130
GRAPH_KINDS = ("graphml", "gexf", "json", "csv", "png", "svg", "pdf")
SCHEMA_KINDS = (
    "authorities", "capacity", "hazards", "injects", "measures", "model", "phrases", "regions", "scenario", "sector", "sources", "stocks",
)  # fmt: skip


class Commands(click.Group):
    """Commands whose faults end in one line each and a number: 2 wrong use, 3 faulty input, 130 interrupted."""

    command_class = Described

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.help = unwrapped(self.help)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command and turn what is the user's to mend into a message."""
        try:
            return super().invoke(ctx)
        except UsageError as error:
            click.echo(f"cascade: {error}", err=True)
            ctx.exit(WRONG_USE)
        except CascadeError as error:
            click.echo(str(error), err=True)
            ctx.exit(FAULTY_INPUT)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            click.echo(f"cascade: cannot write the answer: {error.strerror or error}", err=True)
            ctx.exit(WRONG_USE)
        except KeyboardInterrupt:
            click.echo("cascade: interrupted", err=True)
            ctx.exit(INTERRUPTED)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="cascade")
def main() -> None:
    r"""Show how outages spread through the Dutch vital sectors, hour by hour.

    \b
    Start here:
      cascade run                                     which scenarios there are
      cascade run national-power-outage --lang nl     what such an outage does
      cascade explain national-power-outage hospital-care@VR05
      cascade show drinking-water                     what it needs, and who needs it

    Every command takes --lang nl|en (or set CASCADE_LANG) and --format table|csv|json.
    """
    # a pipe or file gets the same bytes on every machine, whatever its locale
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure") and not stream.isatty():
            stream.reconfigure(encoding="utf-8")


for _command in (
    *COMMANDS,
    *RANK_COMMANDS,
    *DOUBT_COMMANDS,
    *WWKE_COMMANDS,
    *CUTSETS_COMMANDS,
    *JOINT_COMMANDS,
    *PROTECT_COMMANDS,
    *STOCKS_COMMANDS,
    *RECOVER_COMMANDS,
    *OWNERS_COMMANDS,
    *DOSSIER_COMMANDS,
    *REPORT_COMMANDS,
    *PICTURES_COMMANDS,
    *TIMELINE_COMMANDS,
    *OWN_COMMANDS,
    *SYNTHETIC_COMMANDS,
):
    main.add_command(_command)


# ---------------------------------------------------------------------------------------------- run

RUN_TABLES = (
    "totals", "anv", "events", "sectors", "effects", "processes", "regions", "course", "locked", "jobs", "notification",
    "exercise",
)  # fmt: skip
REACH_TABLES = ("depends-on", "dependents")
SHOW_TABLES = ("process", "needs", "consumers", "sources", *REACH_TABLES, "processes")
CHECK_TABLES = ("problems", "counts")
EXPLAIN_TABLES = ("chain", "course")
COMPARE_TABLES = ("totals", "anv", "processes", "models")


@main.command(short_help="What a scenario does, to whom, when and why.")
@click.argument("scenario", required=False)
@click.option("--all", "whole", is_flag=True, help="Every knock-on effect, process and region, not only the largest.")
@click.option(
    "--region", "regions", multiple=True, metavar="REGION", help="Only this region, by code or name; may be repeated."
)
@click.option("--picture/--no-picture", default=True, help="With or without the pictures over time.")
@answers(
    out="Folder for a full report: pages, pictures, tables and a manifest; with --table, or ending in .csv or .json, one file.",
    tables=(*RUN_TABLES, "scenarios"),
)
def run(talk: Talk, scenario: str | None, whole: bool, regions: tuple[str, ...], picture: bool) -> None:
    r"""Play a SCENARIO and show what it does: who goes without what, when, and why.

    SCENARIO is a file or the name of one at hand; without it the names are listed.

    \b
    Examples:
      cascade run national-power-outage --lang nl
      cascade run scenarios/outage-112.yaml --out report
      cascade run gas-shortage --format csv --table regions
      cascade run river-flood --region VR08 --table course
    """
    if scenario is None:
        _list_scenarios(talk)
        return
    from shlex import quote

    from cascade.results.impact import assess
    from cascade.telling.digest import run_tables
    from cascade.telling.dossier import find_region
    from cascade.telling.pages import draw_run
    from cascade.telling.strips import narrowed

    talk.ready(folder=not talk.one_file)
    model = talk.load()
    codes = [find_region(model, region) for region in regions]
    file = talk.scenario(scenario, model)
    done = talk.simulate(model, file.scenario)
    done = narrowed(done, codes) if codes else done
    impact = assess(done)
    mark = talk.mark(model, file.scenario)
    whole = whole or talk.format != "table"
    tables = run_tables(done, impact, talk.lang, whole=whole)
    head: dict[str, Any] = {"scenario": file.source.path, "name": file.scenario.name[talk.lang], "marking": mark}
    name = Path(file.source.path).stem if file.source.path.startswith("scenarios/") else file.source.path

    def draw(screen: Screen) -> None:
        draw_run(
            screen, done, impact, tables, mark,
            name=quote(name), whole=whole, picture=picture, command=talk.next_command,
        )  # fmt: skip

    if codes:
        head["regions"] = list(dict.fromkeys(codes))
    if talk.one_file or talk.out is None:
        talk.answer(head, tables, draw)
        return
    replace(talk, out=None).answer(head, tables, draw)
    _write_report(talk, done, impact, talk.out, mark, file)


def _write_report(talk: Talk, run: Run, impact: Impact, folder: str, mark: str, file: ScenarioFile) -> None:
    from cascade.telling.report import write_run

    written = write_run(run, impact, folder, talk.lang, mark, [file.source], talk.notice())
    talk.say("written", n=len(written), folder=folder)
    pages = [p for p in written if p.suffix == ".html"]
    if pages:
        talk.say("open_report", file=pages[0])


def _list_scenarios(talk: Talk) -> None:
    from cascade.files.reading import hindcast_files, scenario_files
    from cascade.telling.digest import scenario_table

    model = talk.load()
    beside = scenario_files(model.root, beside_only=True)
    at_hand = beside or scenario_files(model.root)
    files = [(name, _readable(talk, path, model)) for name, path in at_hand.items() if talk.within(path, model)]
    # what was written for another model and does not fit this one is no scenario of it
    files = [(name, file) for name, file in files if beside or file is not None]
    past = hindcast_files(model.root, beside_only=True) or hindcast_files(model.root)
    table = scenario_table(files, talk.lang)

    def draw(screen: Screen) -> None:
        screen.table(table)
        screen.say()
        if files:
            screen.say(talk.next_command("run_one", name=files[0][0]), style="dim")
        if past:
            screen.say(talk.next_command("n_hindcasts", n=len(past)), style="dim")

    talk.answer({"marking": talk.mark(model, *(s for _, s in files if s is not None))}, [table], draw)


def _readable(talk: Talk, path: Path, model: Model) -> Scenario | None:
    try:
        return talk.read(path, model).scenario
    except DefinitionError:
        return None


# ---------------------------------------------------------------------------------------------- check


@main.command(short_help="Faults and warnings of a model and its scenarios.")
@click.argument("folder", metavar="[MODEL]", required=False)
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    metavar="FILE",
    help="Check only these; by default all beside the model.",
)
@click.option(
    "--capacity", "capacities", multiple=True, metavar="FILE", help="Check only these capacity files, as --scenario."
)
@click.option("--strict", is_flag=True, help="Warnings count as faults.")
@answers(model=False, tables=CHECK_TABLES)
def check(
    talk: Talk, folder: str | None, scenarios: tuple[str, ...], capacities: tuple[str, ...], strict: bool
) -> None:
    r"""Check a MODEL folder, its scenarios and its capacity files: every fault with its place and its remedy.

    \b
    Examples:
      cascade check
      cascade check my-model --strict
      cascade check --scenario my-scenario.yaml
      cascade check --capacity guards-and-generators
    """
    from cascade.telling.inspection import inspect
    from cascade.telling.pages import draw_inspection

    talk.ready()
    found = inspect(folder, scenarios, talk.lang, capacities, talk)
    if found.faults and talk.limit is not None:
        raise UsageError("what has faults cannot be cut at a mark; mend it first: cascade check without --max-marking")
    head: dict[str, Any] = {"faults": found.faults, "warnings": found.warnings}
    if found.model is not None:
        head["marking"] = talk.mark(found.model, *found.others)

    talk.answer(head, found.tables, lambda screen: draw_inspection(screen, found))
    if found.faults or (strict and found.warnings):
        click.get_current_context().exit(FAULTY_INPUT)


# ---------------------------------------------------------------------------------------------- show, explain


@main.command(short_help="What a process needs, and who needs it.")
@click.argument("process", required=False)
@click.option(
    "--effects",
    is_flag=True,
    help="Also on whom it depends and who on it, by time to effect; this simulates. --table depends-on and dependents imply it.",
)
@click.option(
    "--for", "lasting", metavar="DURATION", help="With --effects: how long each failure lasts; by default 14d."
)
@click.option("--region", metavar="REGION", help="With --effects: only this region's part of the process.")
@answers(tables=SHOW_TABLES)
def show(talk: Talk, process: str | None, effects: bool, lasting: str | None, region: str | None) -> None:
    r"""Show a PROCESS: what it needs, for how long it can do without, who needs it, and who says so.

    PROCESS is an id or a name; without it all are listed.

    \b
    Examples:
      cascade show
      cascade show hospital-care
      cascade show Ziekenhuiszorg --lang nl
      cascade show hospital-care --effects
      cascade show hospital-care --table dependents --for 24h --format csv
    """
    from cascade.telling import dossier
    from cascade.telling.pages import draw_tables

    talk.ready()
    wanted = effects or talk.table in REACH_TABLES
    if not wanted and (lasting or region):
        raise UsageError("--for and --region belong to --effects; add it, or --table depends-on or dependents")
    if wanted and process is None:
        raise UsageError("name a process whose effects you want: cascade show PROCESS --effects")
    model = talk.load()
    mark = talk.mark(model)
    if process is None:
        _list_processes(talk, model, mark)
        return
    name = dossier.find_process(model, process)
    parts = (dossier.about, dossier.needs, dossier.consumers, dossier.sources)
    tables = [part(model, name, talk.lang) for part in parts]
    if wanted:
        tables += _reach(talk, model, name, lasting or "14d", region)

    title = model.processes[name].name[talk.lang]

    def draw(screen: Screen) -> None:
        draw_tables(screen, title, mark, tables)
        if not effects:
            screen.say()
            screen.say(talk.next_command("next_effects", process=name), style="dim")

    talk.answer({"marking": mark}, [*tables[1:], tables[0]] if talk.format == "csv" else tables, draw)


def _list_processes(talk: Talk, model: Model, mark: str) -> None:
    from cascade.telling.dossier import all_processes

    table = all_processes(model, talk.lang)

    def draw(screen: Screen) -> None:
        screen.title(table.title, mark)
        screen.table(replace(table, title=""))

    talk.answer({"marking": mark}, [table], draw)


def _reach(talk: Talk, model: Model, process: str, lasting: str, region: str | None) -> list[Table]:
    """Simulate who depends on a process and on whom it depends; only the one table where one is wanted."""
    from cascade.results import reach
    from cascade.simulation.network import compile_network
    from cascade.telling import dossier

    out_s = reach.seconds(lasting)
    code = None if region is None else dossier.find_region(model, region)
    talk.announce_compiling()
    network, tables = compile_network(model), []
    if talk.table != "dependents":
        found = reach.suppliers(model, process, out_s, code, network=network, progress=talk.progress())
        tables.append(dossier.depends_on(found, model, talk.lang, out_s, whole=talk.format != "table"))
    if talk.table != "depends-on":
        found = reach.dependents(model, process, out_s, code, network=network)
        tables.append(dossier.dependents(found, model, talk.lang, out_s, code, whole=talk.format != "table"))
    return tables


@main.command(short_help="Why a process fails in a scenario, back to the event.")
@click.argument("scenario")
@click.argument("process")
@click.option("--at", metavar="TIME", help="Why it is as it is at this moment (6h, 2d); by default when it is lowest.")
@answers(tables=EXPLAIN_TABLES)
def explain(talk: Talk, scenario: str, process: str, at: str | None) -> None:
    r"""Explain why a PROCESS fails in a SCENARIO: link by link, back to the event.

    Each link says since when, for lack of what, how long its reserve lasted, which stand-ins fell short, and on what
    evidence this rests. Of a regional process the worst hit copy is taken unless PROCESS@REGION names one.

    \b
    Examples:
      cascade explain national-power-outage hospital-care
      cascade explain national-power-outage mobile-access@Twente --at 6h
    """
    from cascade.telling import causes, dossier
    from cascade.telling.columns import instance_name
    from cascade.telling.pages import draw_chain

    talk.ready()
    model = talk.load()
    label = dossier.find_instance(model, process)
    file = talk.scenario(scenario, model)
    done = talk.simulate(model, file.scenario)
    instance = done.find(label)
    steps = causes.why(done, instance, talk.lang, None if at is None else _time(at))
    mark = talk.mark(model, file.scenario)
    table = causes.chain_table(steps, talk.lang)
    head = {
        "scenario": file.source.path,
        "instance": done.network.labels[instance],
        "name": instance_name(done, instance, talk.lang),
        "marking": mark,
    }

    def draw(screen: Screen) -> None:
        draw_chain(screen, done, instance, steps, mark, at)

    if talk.table == "chain" and talk.format == "table":
        talk = replace(talk, table=None)  # what people see without asking is the chain
    talk.answer(head, [table, causes.course_table(done, instance, talk.lang)], draw)


def _time(text: str) -> int:
    from cascade.units import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise UsageError(f"--at: {error}") from None


# ---------------------------------------------------------------------------------------------- graph, schema


@main.command(short_help="The dependencies for other programs, or as a drawing.")
@click.argument("kind", type=click.Choice(GRAPH_KINDS), required=False)
@click.option(
    "--of",
    type=click.Choice(["processes", "copies"]),
    default="processes",
    help="Processes, or all their copies in the regions.",
)
@click.option("--sector", "sectors", multiple=True, metavar="ID", help="Only this sector (may be repeated).")
@answers(out="File to write; its ending says the kind: .graphml .gexf .json .csv .png .svg .pdf")
def graph(talk: Talk, kind: str | None, of: str, sectors: tuple[str, ...]) -> None:
    r"""Write the dependencies as a graph, for other programs or as a drawing.

    Arcs run from supplier to consumer, the way an outage travels. Without --out the text kinds go to the screen.

    \b
    Examples:
      cascade graph --out dependencies.graphml
      cascade graph --out energy.svg --sector energy --lang nl
      cascade graph csv
    """
    from cascade.telling import report

    talk.ready()
    model = talk.load()
    kind = kind or (
        Path(talk.out).suffix.lstrip(".").lower() if talk.out else "json" if talk.format == "json" else "csv"
    )
    if kind not in GRAPH_KINDS:
        raise UsageError(f"no kind of graph {kind!r}; known: {', '.join(GRAPH_KINDS)}")
    unknown = sorted(set(sectors).difference(model.sectors))
    if unknown:
        from cascade.errors import did_you_mean

        raise UsageError(f"no sector {unknown[0]!r} in the model; {did_you_mean(unknown[0], model.sectors)}")
    source: Model | Network = model
    if of == "copies":
        from cascade.simulation.network import compile_network

        source = compile_network(model)
    chosen = [p for p, sector in model.sector_of.items() if sector in sectors] if sectors else None
    mark = talk.mark(model)
    if talk.out is not None:
        file = report.write_graph(source, talk.out, kind, talk.lang, chosen, mark, talk.notice())
        talk.say("written_one", file=file)
    elif kind in ("png", "svg", "pdf"):
        raise UsageError(f"a drawing needs a file: cascade graph --out graph.{kind}")
    else:
        click.echo(report.graph_text(source, model, kind, chosen, mark, talk.notice()), nl=False)


@main.command(short_help="JSON Schemas, for completion in an editor.")
@click.argument("kind", type=click.Choice(SCHEMA_KINDS), required=False)
@click.option("--out", metavar="PATH", help="File to write; without a KIND a folder for all of them.")
def schema(kind: str | None, out: str | None) -> None:
    r"""Write the JSON Schema of a KIND of file, so that an editor can complete and check it.

    \b
    Examples:
      cascade schema sector
      cascade schema --out schemas
    """
    import json

    from cascade.files import reading

    kinds = [kind] if kind else list(SCHEMA_KINDS)
    texts = {k: json.dumps(reading.schema(k), ensure_ascii=False, indent=2) + "\n" for k in kinds}
    if out is None:
        click.echo(texts[kind] if kind else "\n".join(kinds))
        return
    from cascade.telling.writing import write_file

    for name, text in texts.items():
        click.echo(write_file(text, out if kind else str(Path(out) / f"cascade-{name}.json")), err=True)


# ---------------------------------------------------------------------------------------------- compare


@main.command(short_help="Two scenarios or two models: what differs.")
@click.argument("a")
@click.argument("b")
@click.option("--scenario", "scenario", metavar="SCENARIO", help="With two models: also play this scenario on both.")
@click.option("--all", "whole", is_flag=True, help="Every process that differs, not only the largest differences.")
@answers(tables=COMPARE_TABLES)
def compare(talk: Talk, a: str, b: str, scenario: str | None, whole: bool) -> None:
    r"""Compare two scenarios, or two models: what changed. Differences are B minus A.

    \b
    Examples:
      cascade compare gnss-jamming-regional gnss-jamming-national
      cascade compare sectors my-model --scenario national-power-outage
    """
    from cascade.telling.contrast import Sides, contrast_models, contrast_runs
    from cascade.telling.pages import draw_comparison

    talk.ready()
    if Path(a).is_dir() != Path(b).is_dir():
        raise UsageError("compare two scenarios or two model folders, not one of each")
    head: dict[str, Any] = {"a": a, "b": b}
    if not Path(a).is_dir():
        model = talk.load()
        files = [talk.scenario(name, model) for name in (a, b)]
        names = (files[0].scenario.name[talk.lang], files[1].scenario.name[talk.lang])
        impacts = [_assessed(talk, model, f.scenario) for f in files]
        tables = contrast_runs(Sides(*impacts), model, talk.lang, whole=whole or talk.format != "table")
        head["marking"] = talk.mark(model, *(f.scenario for f in files))
    else:
        from cascade.model import higher_marking

        models = [talk.load(a), talk.load(b)]
        names = (a, b)
        tables = contrast_models(models[0], models[1], talk.lang)
        played = [] if scenario is None else [talk.scenario(scenario, m).scenario for m in models]
        if played:
            impacts = [_assessed(talk, m, one) for m, one in zip(models, played, strict=True)]
            tables += contrast_runs(Sides(*impacts), models[1], talk.lang, whole=whole or talk.format != "table")
        head["marking"] = higher_marking(talk.mark(models[0], *played), talk.mark(models[1]))

    def draw(screen: Screen) -> None:
        draw_comparison(screen, names, tables, head["marking"])

    talk.answer(head, tables, draw)


def _assessed(talk: Talk, model: Model, scenario: Scenario) -> Impact:
    from cascade.results.impact import assess

    return assess(talk.simulate(model, scenario))


if __name__ == "__main__":
    main()
