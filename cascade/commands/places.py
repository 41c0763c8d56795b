"""Maps in `import` and `export`: the options that only maps have, and what is done with them; parse, call, print."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cascade.errors import UsageError
from cascade.telling.talk import Described, Talk

if TYPE_CHECKING:
    from cascade.files.places import Imported

F = TypeVar("F", bound=Callable[..., Any])
MAPS = (".gpkg", ".geojson")
LARGE = 2_000_000
"""Bytes from which on reading takes more than a few seconds."""
MANY = 50_000
"""Assets from which on writing takes more than a few seconds."""
SHOWN = 10
"""Rows or columns that are named before the rest is counted."""

_IN = (
    click.option("--process", metavar="ID", help="The process that consists of what is on the map."),
    click.option("--into", metavar="MODEL", help="Its model folder; the assets become a .csv there."),
    click.option("--layer", metavar="NAME", help="Of a GeoPackage with more than one."),
    click.option("--crs", metavar="EPSG:NUMBER", help="Coordinate system, where the map does not say it, e.g. EPSG:28992."),
    click.option("--areas", metavar="MAP", help="Serving areas: polygons; the area of an asset is the one it lies in."),
    click.option("--area-name", metavar="COLUMN", help="Column of --areas that holds their names."),
    click.option("--regions-from", metavar="MAP", help="Outlines of regions, with their code or name."),
    click.option("--replace", is_flag=True, help="Write over a table of assets that is there already."),
)  # fmt: skip
_OUT = (
    click.option("--process", metavar="ID", help="Only the assets of this process."),
    click.option("--links", is_flag=True, help="Draw which asset feeds which: by table, nearest or serving area."),
    click.option("--run", "scenario", metavar="SCENARIO", help="With the level of every asset in this scenario."),
    click.option("--at", metavar="TIME", help="At which moment of it, e.g. 6h after its start."),
)
_NAMES = {
    "process", "into", "layer", "crs", "areas", "area_name", "regions_from", "replace", "links", "scenario", "at",
}  # fmt: skip


class WithMaps(Described):
    """A command whose help lists the options of maps under a heading of their own."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options in two lists."""
        found = [
            (p, record)
            for p in self.get_params(ctx)
            if isinstance(p, click.Option) and (record := p.get_help_record(ctx))
        ]
        tables = ", or .csv with --process" if any(p.name == "into" for p, _ in found) else ""
        for heading, ours in (("Options", False), (f"For maps (.gpkg, .geojson{tables})", True)):
            with formatter.section(heading):
                formatter.write_dl([record for p, record in found if (p.name in _NAMES) == ours])


def _with(options: tuple[Callable[[F], F], ...]) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


with_maps_in: Callable[[F], F] = _with(_IN)
with_maps_out: Callable[[F], F] = _with(_OUT)


def is_map(file: str | None, given: Mapping[str, Any]) -> bool:
    """Whether a file is meant as a map: by its ending, and a CSV to read by --process or --into.

    Raises
    ------
    UsageError
        If an option of maps stands with a file that is none.
    """
    kind = Path(file or "").suffix.lower()
    table = kind == ".csv" and "into" in given and (given["process"] or given["into"])
    if kind in MAPS or table:
        return True
    wrong = next((name for name, value in given.items() if value not in (None, False)), None)
    if wrong is not None:
        raise UsageError(
            f"{_option(wrong)} belongs to maps, and {file or 'nothing'} is none; a map ends in .gpkg or .geojson"
        )
    return False


def _option(name: str) -> str:
    return "--" + {"scenario": "run", "sheets": "sheet"}.get(name, name).replace("_", "-")


def import_map(talk: Talk, file: str, mapping: str | None, given: Mapping[str, Any], others: Mapping[str, Any]) -> None:
    """Write the assets of a process from a map; ``others`` are options that only spreadsheets have."""
    from cascade.files.places import import_places
    from cascade.telling.writing import write_file

    wrong = next((name for name, value in others.items() if value), None)
    if wrong is not None:
        raise UsageError(
            f"{_option(wrong)} belongs to spreadsheets, and {file} is a map; it goes --into a model folder"
        )
    process, into = given["process"], given["into"]
    for name, example in (("process", "stations"), ("into", "my-model")):
        if given[name] is None:
            raise UsageError(f"{file} is a map; say with --{name} where it belongs, as in --{name} {example}")
    if given["area_name"] is not None and given["areas"] is None:
        raise UsageError("--area-name is a column of --areas; give that map too")
    if Path(file).is_file() and Path(file).stat().st_size > LARGE:
        talk.say("places_reading", file=file)
    made = import_places(
        file, process, into, layer=given["layer"], crs=given["crs"], mapping=mapping, areas=given["areas"],
        area_name=given["area_name"], regions_from=given["regions_from"],
    )  # fmt: skip
    there = made.target.exists() and made.target.read_bytes() != made.data
    if there and not given["replace"]:
        raise UsageError(f"{made.target} is there already; --replace writes over it")
    write_file(made.data, made.target)
    _tell(talk, file, into, made)


def _tell(talk: Talk, file: str, into: str, made: Imported) -> None:
    """Say what was taken over and what was not, and which line the sector file still lacks."""
    import shlex

    home = made.home
    talk.say("places_taken_1" if made.count == 1 else "places_taken", n=made.count, file=file, target=made.target)
    if not made.weighed:
        talk.say("places_equal")
    if made.swapped:
        talk.say("places_swapped")
    if made.unplaced:
        talk.say("places_unplaced", n=made.unplaced)
    if made.unserved:
        talk.say("places_unserved", n=len(made.unserved), rows=_some(made.unserved))
    if made.unused:
        talk.say("places_unused", columns=_some(made.unused))
    if home.assets is None:
        key = "places_line_instead" if home.per else "places_line"
        talk.say(key, file=home.file, line=home.line, process=home.process, table=made.target.name)
    click.echo(f"  cascade check {shlex.quote(into)}", err=True)


def _some(values: tuple[object, ...]) -> str:
    more = f" (+{len(values) - SHOWN:,})" if len(values) > SHOWN else ""
    return ", ".join(map(str, values[:SHOWN])) + more


def export_map(talk: Talk, folder: str | None, given: Mapping[str, Any]) -> None:
    """Write the assets of a model as a map, with their levels at a moment of a scenario if asked."""
    from cascade.files.geo import geopackage
    from cascade.simulation.network import compile_network
    from cascade.telling.places import chosen, geojson, links, points
    from cascade.telling.writing import write_file

    name, moment = given["scenario"], given["at"]
    if talk.format != "table":
        raise UsageError(f"--format: {talk.out} says what is written; leave --format out")
    if (name is None) != (moment is None):
        raise UsageError("--run and --at belong together: which scenario, and at which moment, as in --at 6h")
    at = None if moment is None else _moment(moment)
    model = talk.load(folder)
    processes = chosen(model, given["process"])
    played = [] if name is None else [talk.scenario(name, model).scenario]
    run = talk.simulate(model, played[0]) if played else None
    mark = talk.mark(model, *played)
    count = sum(len(model.assets[process].ids) for process in processes)
    if count > MANY:
        talk.say("places_writing", n=count)
    layers = points(model, processes, mark, run, at)
    talk.mosaic(count)
    if given["links"]:
        layers.append(links(run.network if run is not None else compile_network(model), processes, mark))
    told = {"marking": mark}
    if played:
        told |= {"scenario": played[0].name[talk.lang], "at": moment}
    notes = " ".join(talk.notice().sentences)
    told |= {"note": notes} if notes else {}
    out = str(talk.out)
    data = geojson(layers, told).encode() if out.lower().endswith(".geojson") else geopackage(layers, told)
    talk.say("written_one", file=write_file(data, out))


def _moment(text: str) -> int:
    from cascade.units import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise UsageError(f"--at: {error}") from None
