"""Results as folders and files: a run, an answer in tables, pictures, a graph."""

import hashlib
import itertools
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from cascade.errors import UsageError
from cascade.model import Input, Lang, Model, Words
from cascade.results.impact import Impact
from cascade.simulation.network import Network, exchange_text, to_networkx
from cascade.simulation.run import Run
from cascade.telling import plots
from cascade.telling.columns import NO_NOTICE, Notice, Table, as_records, marking_of, plain
from cascade.telling.digest import header, run_tables
from cascade.telling.gist import (
    SHOWN_ASSUMPTIONS,
    SHOWN_CHAINS,
    assumption_rows,
    assumptions,
    map_moments,
    shown_chains,
    sureness,
    told_chain,
    when_text,
    worst_instances,
)
from cascade.telling.markup import inline_svg, templates_for
from cascade.telling.screen import as_csv
from cascade.telling.strips import Narrowed, regions_shown
from cascade.telling.writing import (
    csv_text,
    json_bytes,
    provenance,
    run_manifest,
    write_all,
    write_folder,
)
from cascade.units import HOUR
from cascade.words import word

if TYPE_CHECKING:
    pass


CHAINS: Final = 20
"""Processes whose chain of causes goes into ``chains.csv``."""
_ON_SCREEN: Final[tuple[plots.Picture, ...]] = ("svg", "png")
DOTS: Final = 300
"""An inch of a picture for print."""
GRAPH_KINDS: Final = ("graphml", "gexf", "json", "csv", "svg", "png", "pdf")
FRAMES: Final = ("by_copy", "by_process", "by_sector", "by_region", "basic_needs", "anv")
_WHY: Final = ["instance", "since_h", "level", "because", "need", "supplier", "event", "text"]


@dataclass(frozen=True)
class Leaf:
    """What a page of tables says: its title, sentences at the top, and a closing note."""

    title: str
    lines: tuple[str, ...]
    tables: tuple[Table, ...]
    note: str = ""


def write_run(
    run: Run,
    impact: Impact,
    folder: str | Path,
    lang: Lang = "nl",
    marking: str = "",
    inputs: Iterable[Input] = (),
    notice: Notice = NO_NOTICE,
) -> list[Path]:
    """Write everything about a run to a folder: tables, pictures, a page to read and a manifest.

    Parameters
    ----------
    run : Run
    impact : Impact
        Of this run.
    folder : path
        Made where it is missing. What an earlier run left there and nobody changed since is replaced or removed.
    lang : str
        ``nl`` or ``en``.
    marking : str
        Raises the mark on everything written; it never lowers it.
    inputs : iterable of Input
        Files read besides those of the model, such as the scenario's.
    notice : Notice
        What a reader must know of what was left out; goes onto the page and into the manifest.

    Returns
    -------
    list of Path
        Every file written, in order of name.

    Raises
    ------
    UsageError
        If the folder or a file cannot be written.
    """
    mark = marking_of(run.model, run.scenario, marking)
    files = _tables(run, impact, lang, mark, notice)
    pictures = run_pictures(run, impact, lang, mark)
    for name, figure in pictures.items():
        files[f"pictures/{name}.svg"] = plots.render(figure, "svg")
        files[f"pictures/{name}.png"] = plots.render(figure, "png")
    manifest = {**run_manifest(run, lang, mark, inputs), **notice.data}
    files["report.html"] = _page(run, impact, lang, mark, manifest, files, notice).encode()
    return write_folder(folder, files, mark, manifest)


def write_tables(
    model: Model,
    tables: Iterable[Table],
    figures: Mapping[str, Any],
    folder: str | Path,
    lang: Lang = "nl",
    marking: str = "",
    inputs: Iterable[Input] = (),
    options: Mapping[str, Any] | None = None,
    leaf: Leaf | None = None,
    notice: Notice = NO_NOTICE,
    prints: Mapping[str, Any] | None = None,
) -> list[Path]:
    """Write an answer to a folder: every table as CSV, every figure as a picture, and a manifest.

    Parameters
    ----------
    model : Model
        What it was computed with.
    tables : iterable of Table
    figures : mapping
        Name to matplotlib figure.
    folder : path
        As for :func:`write_run`.
    lang, marking : str
        As for :func:`write_run`.
    inputs : iterable of Input
        Files read besides those of the model.
    options : mapping, optional
        What else was asked for, for the manifest.
    leaf : Leaf, optional
        Also write ``report.html``: its sentences, all figures and its tables.
    notice : Notice
        As for :func:`write_run`.
    prints : mapping, optional
        Figures of the width of a printed page, written as PDF.

    Returns
    -------
    list of Path
        Every file written.

    Raises
    ------
    UsageError
        If the folder or a file cannot be written.
    """
    mark = marking_of(model, marking)
    files = {f"{table.name}.csv": as_csv(table, mark).encode() for table in tables}
    files |= {f"pictures/{n}.{k}": plots.render(f, k) for n, f in figures.items() for k in _ON_SCREEN}
    files |= {f"pictures/{n}.pdf": plots.render(f, "pdf") for n, f in (prints or {}).items()}
    manifest = {**provenance(model, lang, mark, inputs, options or {}), **notice.data}
    if leaf is not None:
        titles = {name: figure.title for name, figure in sorted(figures.items())}
        files["report.html"] = _leaf(leaf, lang, mark, manifest, files, titles, notice).encode()
    return write_folder(folder, files, mark, manifest)


def _tables(run: Run, impact: Impact, lang: Lang, mark: str, notice: Notice) -> dict[str, bytes]:
    narrow = isinstance(run, Narrowed)
    levels = run.levels(regions=[*regions_shown(run), ""]) if narrow else run.levels()
    files = {"log.csv": csv_text(run.log, mark).encode(), "levels.csv": csv_text(levels, mark).encode()}
    frames = {name: _in_language(getattr(impact, name), lang) for name in FRAMES}
    if narrow:
        frames = {name: _only(frame, [*regions_shown(run), ""]) for name, frame in frames.items() if name != "anv"}
    for name, frame in frames.items():
        files[f"impact-{name.replace('_', '-')}.csv"] = csv_text(frame, mark).encode()
    totals = {key: plain(value) for key, value in impact.totals.items()}
    head = {
        "marking": mark,
        "scenario": run.scenario.name[lang],
        "model_version": run.model.info.version,
        **notice.data,
    }
    files["impact.json"] = json_bytes({**head, "totals": totals, **{n: as_records(f) for n, f in frames.items()}})
    tables = {t.name: _data(t) for t in run_tables(run, impact, lang, whole=True)}
    files["summary.json"] = json_bytes({**head, "horizon_h": run.horizon / HOUR, **tables})
    chains = [
        run.why(label).assign(process=label)[["process", *_WHY]] for label in worst_instances(run, impact, CHAINS)
    ]
    chain_frame = pd.concat(chains, ignore_index=True) if chains else pd.DataFrame(columns=["process", *_WHY])
    files["chains.csv"] = csv_text(chain_frame, mark).encode()
    files["assumptions.csv"] = csv_text(assumptions(run, impact), mark).encode()
    return files


def _only(frame: pd.DataFrame, codes: list[str]) -> pd.DataFrame:
    return frame[frame["region"].isin(codes)].reset_index(drop=True) if "region" in frame else frame


def _data(table: Table) -> Any:
    if table.keyed:
        return {row["key"]: row["value"] for row in table.rows}
    return [{column.key: plain(row[column.key]) for column in table.fields} for row in table.rows]


def _in_language(frame: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Take one language of every text that has two."""
    texts = [c for c in frame.columns if any(isinstance(v, Words) for v in frame[c])]
    return frame.assign(**{c: [v[lang] if isinstance(v, Words) else v for v in frame[c]] for c in texts})


def run_pictures(run: Run, impact: Impact, lang: Lang, mark: str, width: float | None = None) -> dict[str, plots.Sheet]:
    """Draw a run, by name of picture; ``width`` (inches) is that of every sheet, left out: what suits a screen."""
    wide = {} if width is None else {"width": width}
    found = {
        "sectors": plots.draw_sector_levels(run, lang, mark, **wide),
        "people": plots.draw_people(run, lang, mark, **wide),
        "regions": plots.draw_region_strip(run, lang, mark, **wide),
    }
    for k, at_h in enumerate(map_moments(run), 1):
        found[f"map-{k}"] = plots.draw_tile_map(run, at_h, lang, mark, **wide)
    for k, label in enumerate(shown_chains(run, impact, SHOWN_CHAINS), 1):
        found[f"chain-{k}"] = plots.draw_chain(run, label, lang, mark, **wide)
    return found


def write_pictures(
    run: Run,
    sheets: Mapping[str, plots.Sheet],
    folder: str | Path,
    kinds: Iterable[plots.Picture] = ("pdf",),
    lang: Lang = "nl",
    marking: str = "",
    inputs: Iterable[Input] = (),
    options: Mapping[str, Any] | None = None,
    notice: Notice = NO_NOTICE,
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Write pictures of a run to a folder, each in every kind, and a manifest; a ``png`` has 300 dots an inch.

    Parameters
    ----------
    run : Run
    sheets : mapping
        By name, as :func:`run_pictures` draws them.
    folder : path
        As for :func:`write_run`.
    kinds : iterable of str
        ``pdf``, ``svg`` or ``png``.
    lang, marking, inputs, notice
        As for :func:`write_run`.
    options : mapping, optional
        What else was asked for, for the manifest.
    progress : callable, optional
        Told how many files are drawn, and of how many.

    Returns
    -------
    list of Path
        Every file written.

    Raises
    ------
    UsageError
        If a kind is unknown, or the folder or a file cannot be written.
    """
    mark, kinds = marking_of(run.model, run.scenario, marking), tuple(kinds)
    files: dict[str, bytes] = {}
    for (name, sheet), kind in itertools.product(sheets.items(), kinds):
        files[f"{name}.{kind}"] = plots.render(sheet, kind, DOTS)
        if progress is not None:
            progress(len(files), len(sheets) * len(kinds))
    manifest = {**run_manifest(run, lang, mark, inputs), **notice.data}
    manifest["options"] |= {**(options or {}), "kinds": list(kinds)}
    return write_folder(folder, files, mark, manifest)


def write_graph(
    source: Model | Network,
    path: str | Path,
    kind: str = "",
    lang: Lang = "nl",
    processes: Iterable[str] | None = None,
    marking: str = "",
    notice: Notice = NO_NOTICE,
) -> Path:
    """Write who supplies whom, for other programs or as a drawing.

    Parameters
    ----------
    source : Model or Network
        Processes, or their copies in the regions; a drawing shows processes.
    path : path
    kind : str
        ``graphml``, ``gexf``, ``json`` (node-link), ``csv`` (one row per need and supplier), ``svg``, ``png`` or ``pdf``;
        by default what the name ends with.
    lang : str
        For drawings.
    processes : iterable of str, optional
        Only these and the links between them; in a drawing also what they need and who needs them.
    marking : str
        Raises the mark.
    notice : Notice
        What a reader must know of what was left out; a drawing and ``csv`` have no room for it.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    UsageError
        If the kind is unknown, or the file cannot be written.
    """
    path = Path(path)
    kind = kind or path.suffix.removeprefix(".").lower()
    if kind not in GRAPH_KINDS:
        raise UsageError(f"no graph format {kind!r}: choose {', '.join(GRAPH_KINDS)}")
    model = source if isinstance(source, Model) else source.model
    if kind in ("svg", "png", "pdf"):
        if model is None:
            raise UsageError("this network was not compiled from a model, so there is nothing to draw")
        figure = plots.draw_graph(model, lang, processes, marking)
        data = plots.render(figure, kind)  # type: ignore[arg-type]
    else:
        data = graph_text(source, model, kind, processes, marking, notice).encode()
    return write_all(path.parent, {path.name: data})[0]


def graph_text(
    source: Model | Network,
    model: Model | None,
    kind: str,
    processes: Iterable[str] | None,
    marking: str,
    notice: Notice = NO_NOTICE,
) -> str:
    """Give who supplies whom as text: ``graphml``, ``gexf``, ``json`` or ``csv``; see :func:`write_graph`."""
    graph = to_networkx(source)
    if processes is not None:
        wanted = set(processes)
        # taking out keeps the order of what stays; a subgraph would be in the order of a set
        graph.remove_nodes_from([n for n, data in graph.nodes(data=True) if data.get("process", n) not in wanted])
    if model is not None:
        marking = marking_of(model, marking)
        graph.graph.update(marking=marking, model_version=model.info.version)
    graph.graph.update({"cut": " ".join(notice.notes)} if notice.notes else {})
    graph.graph.update({"mosaic": notice.mosaic} if notice.mosaic else {})
    if kind != "csv":
        return exchange_text(graph, kind)
    rows = [{"supplier": a, "consumer": b, **data} for a, b, data in graph.edges(data=True)]
    return csv_text(pd.DataFrame(rows) if rows else pd.DataFrame(columns=["supplier", "consumer", "need"]), marking)


def _leaf(
    leaf: Leaf,
    lang: Lang,
    mark: str,
    manifest: Mapping[str, Any],
    files: Mapping[str, bytes],
    titles: Mapping[str, str],
    notice: Notice,
) -> str:
    """Fill the template of a page of tables, which needs nothing else either."""
    templates, style = templates_for(mark)
    return templates.get_template("tables.html").render(
        leaf=leaf,
        notes=notice.sentences,
        lang=lang,
        mark=mark,
        style=style,
        style_hash=b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        say=lambda nl, en: nl if lang == "nl" else en,
        word=lambda key, **filled: word(key, lang, **filled),
        pictures=[(title, inline_svg(files[f"pictures/{n}.svg"], n, title)) for n, title in titles.items()],
        manifest=manifest,
        names=sorted(files),
    )


def _page(
    run: Run,
    impact: Impact,
    lang: Lang,
    mark: str,
    manifest: Mapping[str, Any],
    files: Mapping[str, bytes],
    notice: Notice,
) -> str:
    """Fill the template: one page that needs nothing else, with no script and no request."""
    templates, style = templates_for(mark)
    rested = assumptions(run, impact)
    return templates.get_template("report.html").render(
        run=run,
        notes=notice.sentences,
        lang=lang,
        mark=mark,
        style=style,
        style_hash=b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        say=lambda nl, en: nl if lang == "nl" else en,
        word=lambda key, **filled: word(key, lang, **filled),
        header=header(run, lang),
        tables={t.name: t for t in run_tables(run, impact, lang)},
        lengths={t.name: len(t.rows) for t in run_tables(run, impact, lang, whole=True)},
        picture=lambda name, title: inline_svg(files[f"pictures/{name}.svg"], name, title),
        maps=[(f"map-{k}", when_text(run, at, lang)) for k, at in enumerate(map_moments(run), 1)],
        chains=[told_chain(run, label, lang) for label in shown_chains(run, impact, SHOWN_CHAINS)],
        assumptions=assumption_rows(run, rested.head(SHOWN_ASSUMPTIONS), lang),
        sureness=sureness(rested, lang),
        reliance_h=run.model.info.self_reliance // HOUR,
        manifest=manifest,
        names=sorted(files),
    )
