"""Results on disk: tables, pictures, a page to read and a manifest; the only module that writes results.

Everything is made in memory first and then written file by file, each whole or not at all. Equal input and versions
give equal bytes; no file holds the moment of writing.
"""

import contextlib
import hashlib
import json
import os
import platform
import re
import xml.etree.ElementTree as ET
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import jinja2
import numpy as np
import pandas as pd

from cascade import __version__
from cascade.errors import UsageError
from cascade.model import Input, Lang, Model, Words
from cascade.results.impact import Impact, people_without
from cascade.simulation.network import Network, exchange_text, to_networkx
from cascade.simulation.run import Run
from cascade.telling import plots
from cascade.telling.causes import why
from cascade.telling.columns import Table, instance_name, marking_of
from cascade.telling.digest import header, run_tables
from cascade.telling.dossier import fade_text, purpose
from cascade.telling.screen import as_csv
from cascade.telling.strips import Narrowed, regions_shown
from cascade.units import FULL, HOUR
from cascade.words import duration, large, moment, share, word

MOST_MANIFEST: Final = 1_000_000
"""Bytes; a larger manifest is not ours."""
CHAINS: Final = 20
"""Processes whose chain of causes goes into ``chains.csv``."""
SHOWN_CHAINS: Final = 6
"""Those that the page shows, and that get a picture."""
CANDIDATES: Final = 40
"""Processes among which those are chosen."""
SHOWN_ASSUMPTIONS: Final = 20
MOMENTS: Final = 4
LIBRARIES: Final = ("numba", "numpy", "pandas", "matplotlib", "networkx", "pydantic", "pyyaml", "jinja2")
LOWEST_MARK: Final = "TLP:CLEAR"
GRAPH_KINDS: Final = ("graphml", "gexf", "json", "csv", "svg", "png", "pdf")
FRAMES: Final = ("by_copy", "by_process", "by_sector", "by_region", "basic_needs", "anv")
# colours of the pictures that a dark page replaces
_THEMED: Final = {
    "ink": plots.INK, "muted": plots.MUTED, "rule": plots.RULE, "paper": plots.PAPER, "calm": plots.CALM,
    **{f"band{k}": colour for k, (_, colour, _) in enumerate(plots.BANDS)},
    **{f"ink{k}": ink for k, (_, _, ink) in enumerate(plots.BANDS)},
}  # fmt: skip


@dataclass(frozen=True)
class Leaf:
    """What a page of tables says: its title, sentences at the top, and a closing note."""

    title: str
    lines: tuple[str, ...]
    tables: tuple[Table, ...]
    note: str = ""


# ------------------------------------------------------------------ a run as a folder


def write_run(
    run: Run,
    impact: Impact,
    folder: str | Path,
    lang: Lang = "nl",
    marking: str = "",
    inputs: Iterable[Input] = (),
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

    Returns
    -------
    list of Path
        Every file written, in order of name.

    Raises
    ------
    UsageError
        If the folder or a file cannot be written.
    """
    mark = marking_of(run.model, run.scenario.marking, marking)
    files = _tables(run, impact, lang, mark)
    pictures = _pictures(run, impact, lang, mark)
    for name, figure in pictures.items():
        files[f"pictures/{name}.svg"] = plots.render(figure, "svg")
        files[f"pictures/{name}.png"] = plots.render(figure, "png")
    if mark not in ("", LOWEST_MARK):
        files["MARKING.txt"] = f"{mark}\n".encode()
    manifest = _manifest(run, lang, mark, inputs)
    files["report.html"] = _page(run, impact, lang, mark, manifest, files).encode()
    manifest["files"] = {name: _sha256(data) for name, data in sorted(files.items())}
    files["manifest.json"] = _json(manifest)
    return _write_all(Path(folder), files)


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
    lang : str
    marking : str
        Raises the mark on everything written.
    inputs : iterable of Input
        Files read besides those of the model.
    options : mapping, optional
        What else was asked for, for the manifest.
    leaf : Leaf, optional
        Also write ``report.html``: its sentences, all figures and its tables.

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
    files = {f"{table.name}.csv": as_csv(table).encode() for table in tables}
    for name, figure in figures.items():
        files[f"pictures/{name}.svg"] = plots.render(figure, "svg")
        files[f"pictures/{name}.png"] = plots.render(figure, "png")
    if mark not in ("", LOWEST_MARK):
        files["MARKING.txt"] = f"{mark}\n".encode()
    manifest = _provenance(model, lang, mark, inputs, options or {})
    if leaf is not None:
        files["report.html"] = _leaf(leaf, lang, mark, manifest, files).encode()
    manifest["files"] = {name: _sha256(data) for name, data in sorted(files.items())}
    files["manifest.json"] = _json(manifest)
    return _write_all(Path(folder), files)


def _tables(run: Run, impact: Impact, lang: Lang, mark: str) -> dict[str, bytes]:
    narrow = isinstance(run, Narrowed)
    levels = run.levels(regions=[*regions_shown(run), ""]) if narrow else run.levels()
    files = {"log.csv": csv_text(run.log).encode(), "levels.csv": csv_text(levels).encode()}
    frames = {name: _in_language(getattr(impact, name), lang) for name in FRAMES}
    if narrow:
        frames = {name: _only(frame, [*regions_shown(run), ""]) for name, frame in frames.items() if name != "anv"}
    for name, frame in frames.items():
        files[f"impact-{name.replace('_', '-')}.csv"] = csv_text(frame).encode()
    totals = {key: _plain(value) for key, value in impact.totals.items()}
    head = {"marking": mark, "scenario": run.scenario.name[lang], "model_version": run.model.info.version}
    files["impact.json"] = _json({**head, "totals": totals, **{n: _records(f) for n, f in frames.items()}})
    tables = {t.name: _data(t) for t in run_tables(run, impact, lang, whole=True)}
    files["summary.json"] = _json({**head, "horizon_h": run.horizon / HOUR, **tables})
    chains = [
        run.why(label).assign(process=label)[["process", *_WHY]] for label in worst_instances(run, impact, CHAINS)
    ]
    chain_frame = pd.concat(chains, ignore_index=True) if chains else pd.DataFrame(columns=["process", *_WHY])
    files["chains.csv"] = csv_text(chain_frame).encode()
    files["assumptions.csv"] = csv_text(assumptions(run, impact)).encode()
    return files


_WHY: Final = ["instance", "since_h", "level", "because", "need", "supplier", "event", "text"]


def _only(frame: pd.DataFrame, codes: list[str]) -> pd.DataFrame:
    return frame[frame["region"].isin(codes)].reset_index(drop=True) if "region" in frame else frame


def _data(table: Table) -> Any:
    if table.keyed:
        return {row["key"]: row["value"] for row in table.rows}
    return [{column.key: _plain(row[column.key]) for column in table.fields} for row in table.rows]


def _in_language(frame: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Take one language of every text that has two."""
    texts = [c for c in frame.columns if any(isinstance(v, Words) for v in frame[c])]
    return frame.assign(**{c: [v[lang] if isinstance(v, Words) else v for v in frame[c]] for c in texts})


def worst_instances(run: Run, impact: Impact, most: int) -> list[str]:
    """Return the worst hit copy of each process that people or money miss most, worst process first.

    Processes that an event hits themselves are left out: there is no chain to follow.
    """
    hit = set(impact.by_copy.loc[impact.by_copy["hit"], "process"])
    frame = impact.by_process[(impact.by_process["lost_h"] > 0) & ~impact.by_process["process"].isin(hit)]
    frame = frame.sort_values(["person_h", "cost_eur", "lost_h", "process"], ascending=[False, False, False, True])
    return [run.network.labels[run.find(process)] for process in frame["process"].head(most)]


def shown_chains(run: Run, impact: Impact, most: int) -> list[str]:
    """Choose chains that tell most: the longest first, then each time the one with most links not shown yet.

    Own choice; among equals what people miss most. Those are looked for among the processes that people miss most.
    """
    links = {
        label: [run.network.process(link.instance) for link in run.chain(run.network.index[label])]
        for label in worst_instances(run, impact, CANDIDATES)
    }
    found: list[str] = []
    told: set[str] = set()
    while links and len(found) < most:
        label = max(links, key=lambda x: len(set(links[x]) - told))
        found.append(label)
        told |= set(links.pop(label))
    return found


def _pictures(run: Run, impact: Impact, lang: Lang, mark: str) -> dict[str, Any]:
    found = {
        "sectors": plots.draw_sector_levels(run, lang, mark),
        "people": plots.draw_people(run, lang, mark),
        "regions": plots.draw_region_strip(run, lang, mark),
    }
    for k, at_h in enumerate(map_moments(run), 1):
        found[f"map-{k}"] = plots.draw_tile_map(run, at_h, lang, mark)
    for k, label in enumerate(shown_chains(run, impact, SHOWN_CHAINS), 1):
        found[f"chain-{k}"] = plots.draw_chain(run, label, lang, mark)
    return found


def map_moments(run: Run, most: int = MOMENTS) -> list[float]:
    """Choose the moments (hours) of the maps: from the first to the last person without, evenly, with the peak.

    Of maps that look the same only the first stays.

    Own choice: a reader sees how it begins, how bad it gets and how it ends.
    """
    frame = people_without(run)
    total = (
        frame.pivot_table(index="time_h", columns="region", values="people", aggfunc="last")
        .ffill()
        .fillna(0)
        .sum(axis=1)
    )
    total = total[total.index < run.horizon / HOUR]
    hit = np.flatnonzero(total.to_numpy() > 0)
    if not hit.size:
        return []
    times = np.append(total.index.to_numpy(float), run.horizon / HOUR)
    first, last = times[hit[0]], times[hit[-1] + 1]
    chosen = [first + (last - first) * k / most for k in range(most)]
    chosen = [float(np.floor(t)) if np.floor(t) >= first else float(t) for t in chosen]
    peak = float(total.index[int(total.to_numpy().argmax())])
    if most > 1 and peak not in chosen:
        nearest = min(range(1, most), key=lambda k: abs(chosen[k] - peak))
        chosen[nearest] = peak
    shown: list[float] = []
    seen: list[list[int]] = []
    for at_h in sorted(set(chosen)):
        bands = plots.map_bands(run, at_h)
        if bands not in seen:
            shown.append(at_h)
            seen.append(bands)
    return shown


# ------------------------------------------------------------------ what the outcome rests on


def assumptions(run: Run, impact: Impact) -> pd.DataFrame:
    """List the needs that held processes down, by the person-hours lost while they did.

    Between two changes of a copy its whole loss goes to the need that bound at the first of them (own choice), so the
    time it takes to restart is added to what stopped it.

    Returns
    -------
    pandas.DataFrame
        One row per need as written: ``process``, ``need``, ``suppliers``, ``person_h``, ``lost_h`` (mean over the
        copies, hours), ``confidence``, ``source``. Most person-hours first.
    """
    network, changes = run.network, run.changes
    rows = np.flatnonzero(changes.need >= 0)
    lasting = _until_next(changes.instance, changes.time, run.horizon)[rows]
    lost = (FULL - changes.after[rows]) * lasting / (FULL * HOUR)
    instance = changes.instance[rows]
    people = impact.by_copy["people"].to_numpy(float)[instance]
    copies = np.bincount(network.process_of, minlength=len(network.processes))
    names = np.array(network.need_names, object)
    frame = pd.DataFrame(
        {
            "process": np.array(network.processes, object)[network.process_of[instance]],
            "need": names[changes.need[rows]] if rows.size else [],
            "person_h": lost * people,
            "lost_h": lost / copies[network.process_of[instance]],
        }
    )
    sums = frame.groupby(["process", "need"], as_index=False, sort=True)[["person_h", "lost_h"]].sum()
    needs = [run.model.processes[p].needs[n] for p, n in zip(sums["process"], sums["need"], strict=True)]
    sums["suppliers"] = [" ".join(dict.fromkeys(s.process for s in need.supplies)) for need in needs]
    sums["person_h"] = sums["person_h"].round().astype("int64")
    sums["confidence"] = [need.confidence or "" for need in needs]
    sums["source"] = [" ".join(need.source) for need in needs]
    order = sums.sort_values(["person_h", "lost_h", "process", "need"], ascending=[False, False, True, True])
    return order[["process", "need", "suppliers", "person_h", "lost_h", "confidence", "source"]].reset_index(drop=True)


def _until_next(instance: Any, time: Any, horizon: int) -> Any:
    """Seconds from each row of the log to the next one of its instance, or to the horizon."""
    order = np.lexsort((time, instance))
    following = np.full(order.size, horizon, np.int64)
    same = instance[order][1:] == instance[order][:-1]
    following[:-1][same] = time[order][1:][same]
    lasting = np.empty(order.size, np.int64)
    lasting[order] = following - time[order]
    return lasting


# ------------------------------------------------------------------ a graph as a file


def write_graph(
    source: Model | Network,
    path: str | Path,
    kind: str = "",
    lang: Lang = "nl",
    processes: Iterable[str] | None = None,
    marking: str = "",
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
        data = graph_text(source, model, kind, processes, marking).encode()
    return _write_all(path.parent, {path.name: data})[0]


def graph_text(
    source: Model | Network, model: Model | None, kind: str, processes: Iterable[str] | None, marking: str
) -> str:
    """Give who supplies whom as text: ``graphml``, ``gexf``, ``json`` or ``csv``; see :func:`write_graph`."""
    graph = to_networkx(source)
    if processes is not None:
        wanted = set(processes)
        # taking out keeps the order of what stays; a subgraph would be in the order of a set
        graph.remove_nodes_from([n for n, data in graph.nodes(data=True) if data.get("process", n) not in wanted])
    if model is not None:
        graph.graph.update(marking=marking_of(model, marking), model_version=model.info.version)
    if kind != "csv":
        return exchange_text(graph, kind)
    rows = [{"supplier": a, "consumer": b, **data} for a, b, data in graph.edges(data=True)]
    return csv_text(pd.DataFrame(rows) if rows else pd.DataFrame(columns=["supplier", "consumer", "need"]))


# ------------------------------------------------------------------ text and bytes


def csv_text(frame: pd.DataFrame) -> str:
    """Write a table as CSV (UTF-8, full precision); text that a spreadsheet could take for a formula is disarmed."""
    texts = [c for c in frame.columns if frame[c].dtype == object or isinstance(frame[c].dtype, pd.StringDtype)]
    safe = frame.assign(**{c: frame[c].map(_safe) for c in texts})
    return str(safe.to_csv(index=False, lineterminator="\n"))


def _safe(value: Any) -> Any:
    """Put ``'`` before text that begins like a formula; a bare carriage return would end a row."""
    if not isinstance(value, str):
        return value
    risky = value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return ("'" if risky else "") + value.replace("\r\n", "\n").replace("\r", "\n")


def _plain(value: Any) -> Any:
    """Turn numpy scalars into plain ones, and what is missing into None; JSON knows no NaN."""
    if value is None or value is pd.NA:
        return None
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): _plain(v) for k, v in row.items()} for row in frame.to_dict("records")]


def _json(data: Any) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _manifest(run: Run, lang: Lang, mark: str, inputs: Iterable[Input]) -> dict[str, Any]:
    """Say from what, with what and how a run was made."""
    scenario = json.dumps(run.scenario.model_dump(mode="json", by_alias=True), ensure_ascii=False, sort_keys=True)
    options: dict[str, Any] = {"seed": None} | ({"regions": list(run.shown)} if isinstance(run, Narrowed) else {})
    found = _provenance(run.model, lang, mark, inputs, options)
    named = {"name": run.scenario.name[lang], "sha256_of_content": _sha256(scenario.encode())}
    return {"marking": found.pop("marking"), "model": found.pop("model"), "scenario": named, **found}


def _provenance(
    model: Model, lang: Lang, mark: str, inputs: Iterable[Input], options: Mapping[str, Any]
) -> dict[str, Any]:
    """Say from what, with what and how a result was made; nothing in it depends on when."""
    folder = Path(model.root).resolve().name if model.root else "model"
    read = {f"{folder}/{i.path}": i.sha256 for i in model.inputs}
    for other in inputs:
        name = _short_path(other.path)
        read[f"scenario: {name}" if name in read else name] = other.sha256
    return {
        "marking": mark,
        "model": {"title": model.info.title[lang], "version": model.info.version},
        "options": {"lang": lang, "marking": mark, **options},
        "versions": {"cascade": __version__, "python": platform.python_version(), **{n: version(n) for n in LIBRARIES}},
        "inputs": dict(sorted(read.items())),
    }


def _short_path(path: str) -> str:
    """Name an input from its folder on, so that nobody's home folder gets into a result."""
    full = Path(path).resolve()
    return f"{full.parent.name}/{full.name}"


# ------------------------------------------------------------------ writing


def _write_all(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write files whole or not at all: first all beside their places, then each into its place, the manifest last.

    So a full disk leaves a folder as it was. What an earlier run left there is removed.
    """
    order = sorted(files, key=lambda name: (name == "manifest.json", name))
    parts = {name: (folder / name).with_name(f".{Path(name).name}.{os.getpid()}.part") for name in order}
    _refuse_strangers(folder, files)
    name = ""
    try:
        for name in order:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            _write(parts[name], files[name])
        if "manifest.json" in files:
            for old in _left_over(folder, files):
                old.unlink()
        for name in order:
            parts[name].replace(folder / name)
    except OSError as error:
        what = "is a file, not a folder" if isinstance(error, FileExistsError | NotADirectoryError) else error.strerror
        raise UsageError(f"cannot write {folder / name}: {what or error}") from error
    finally:
        for part in parts.values():
            with contextlib.suppress(OSError):
                part.unlink()
    return [folder / name for name in order]


def _refuse_strangers(folder: Path, files: Mapping[str, bytes]) -> None:
    """Keep a report from overwriting what somebody else has put in its folder."""
    if "manifest.json" in files and _listed(folder) is None:
        strange = [name for name in sorted(files) if name != "manifest.json" and (folder / name).exists()]
        if strange:
            raise UsageError(f"{folder / strange[0]} is there already and is no report of cascade; name another folder")


def write_file(data: str | bytes, path: str | Path) -> Path:
    """Write one file whole or not at all.

    Raises
    ------
    UsageError
        If it cannot be written.
    """
    path = Path(path)
    return _write_all(path.parent, {path.name: data.encode() if isinstance(data, str) else data})[0]


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _listed(folder: Path) -> dict[str, str] | None:
    """Return the files that the manifest in a folder lists, with their SHA-256; None if there is none of ours."""
    manifest = folder / "manifest.json"
    try:
        if not manifest.is_file() or manifest.stat().st_size > MOST_MANIFEST:
            return None
        return {str(name): str(digest) for name, digest in json.loads(manifest.read_bytes())["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _left_over(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Find files that the manifest in a folder lists, that are unchanged since, and that are not written anew."""
    found = []
    for name, digest in sorted((_listed(folder) or {}).items()):
        # a manifest is only a text: nothing outside the folder, and nothing that somebody made or changed
        if name not in files and re.fullmatch(r"(pictures/)?[A-Za-z0-9_-]+\.(csv|json|html|svg|png|txt)", name):
            path = folder / name
            if path.is_file() and not path.is_symlink() and _sha256(path.read_bytes()) == digest:
                found.append(path)
    return found


# ------------------------------------------------------------------ the page


def _templates(mark: str) -> tuple[jinja2.Environment, str]:
    """Return the templates and the style of a page."""
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("cascade.telling", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return templates, templates.get_template("report.css").render(mark=mark, themed=_THEMED)


def _leaf(leaf: Leaf, lang: Lang, mark: str, manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> str:
    """Fill the template of a page of tables, which needs nothing else either."""
    templates, style = _templates(mark)
    names = [Path(name).stem for name in sorted(files) if name.endswith(".svg")]
    return templates.get_template("tables.html").render(
        leaf=leaf,
        lang=lang,
        mark=mark,
        style=style,
        style_hash=b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        say=lambda nl, en: nl if lang == "nl" else en,
        word=lambda key, **filled: word(key, lang, **filled),
        pictures=[inline_svg(files[f"pictures/{name}.svg"], name, name) for name in names],
        manifest=manifest,
        names=sorted(files),
    )


def _page(
    run: Run, impact: Impact, lang: Lang, mark: str, manifest: Mapping[str, Any], files: Mapping[str, bytes]
) -> str:
    """Fill the template: one page that needs nothing else, with no script and no request."""
    templates, style = _templates(mark)
    rested = assumptions(run, impact)
    return templates.get_template("report.html").render(
        run=run,
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
        maps=[(f"map-{k}", _when(run, at, lang)) for k, at in enumerate(map_moments(run), 1)],
        chains=[_chain(run, label, lang) for label in shown_chains(run, impact, SHOWN_CHAINS)],
        assumptions=_assumption_rows(run, rested.head(SHOWN_ASSUMPTIONS), lang),
        sureness=_sureness(rested, lang),
        reliance_h=run.model.info.self_reliance // HOUR,
        manifest=manifest,
        names=sorted(files),
    )


def _when(run: Run, at_h: float, lang: Lang) -> str:
    clock = moment(run.scenario.start, at_h * HOUR, lang)
    return f"{duration(at_h * HOUR, lang)} ({clock})" if clock else duration(at_h * HOUR, lang)


def _chain(run: Run, label: str, lang: Lang) -> dict[str, Any]:
    """Give one chain of causes, the event first."""
    instance = run.network.index[label]
    steps = why(run, instance, lang)[::-1]
    return {"name": instance_name(run, instance, lang), "steps": steps}


def _assumption_rows(run: Run, frame: pd.DataFrame, lang: Lang) -> list[dict[str, str]]:
    rows = []
    for record in frame.to_dict("records"):
        process = run.model.processes[str(record["process"])]
        need = process.needs[str(record["need"])]
        suppliers = [run.model.processes[s].name[lang] for s in str(record["suppliers"]).split()]
        rows.append(
            {
                "name": process.name[lang],
                "suppliers": "; ".join(suppliers),
                "use": purpose(str(record["need"]), need, lang),
                "fade": fade_text(need, lang),
                "person_h": large(record["person_h"], lang),
                "confidence": need.confidence or "unknown",
                "confidence_text": word(need.confidence or "confidence_unknown", lang),
                "source": ", ".join(need.source),
            }
        )
    return rows


def _sureness(frame: pd.DataFrame, lang: Lang) -> list[tuple[str, str, str]]:
    """Give the share of the person-hours that rests on needs of each confidence, weakest first: (key, label, share)."""
    total = float(frame["person_h"].sum())
    if total == 0:
        return []
    found = []
    for key in ("", "low", "medium", "high"):
        part = float(frame.loc[frame["confidence"] == key, "person_h"].sum())
        if part:
            found.append((key or "unknown", word(key or "confidence_unknown", lang), share(part / total, lang)))
    return found


_SVG: Final = "{http://www.w3.org/2000/svg}"
_HREF: Final = "{http://www.w3.org/1999/xlink}href"


def inline_svg(data: bytes, key: str, title: str) -> str:
    """Turn a picture into markup for a page that allows no inline styles: styles become attributes.

    Ids get ``key`` in front, so that several pictures can stand on one page.
    """
    root = ET.fromstring(data)
    for parent in list(root.iter()):
        for child in [c for c in parent if c.tag in (f"{_SVG}metadata", f"{_SVG}style")]:
            parent.remove(child)
    for element in root.iter():
        element.tag = str(element.tag).removeprefix(_SVG)
        _unstyle(element)
        _prefix_ids(element, key)
        element.text = element.text if (element.text or "").strip() else None
        element.tail = None
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.attrib.update({"role": "img", "aria-label": title, "stroke-linejoin": "round", "stroke-linecap": "butt"})
    return ET.tostring(root, encoding="unicode")


def _unstyle(element: ET.Element) -> None:
    for part in element.attrib.pop("style", "").split(";"):
        name, colon, value = part.partition(":")
        if colon:
            element.set(name.strip(), value.strip())
    if "d" in element.attrib:
        element.set("d", " ".join(element.attrib["d"].split()))


def _prefix_ids(element: ET.Element, key: str) -> None:
    if _HREF in element.attrib:
        element.set("href", f"#{key}-{element.attrib.pop(_HREF).removeprefix('#')}")
    if "id" in element.attrib:
        element.set("id", f"{key}-{element.attrib['id']}")
    for name, value in element.attrib.items():
        if value.startswith("url(#"):
            element.set(name, f"url(#{key}-{value[5:]}")
