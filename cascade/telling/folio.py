"""A paper with boxes to fill in, as files: a Word document, a page, or a folder with both and its tables."""

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cascade.errors import UsageError
from cascade.model import Input, Model
from cascade.telling import plots
from cascade.telling.columns import NO_NOTICE, Notice
from cascade.telling.markup import fingerprint, inline_svg, templates_for
from cascade.telling.paper import Blank, Paper, made_from
from cascade.telling.screen import as_csv
from cascade.telling.writing import changed_in, provenance, write_all, write_folder
from cascade.words import word

if TYPE_CHECKING:
    pass


def write_paper(
    model: Model,
    paper: Paper,
    figures: Mapping[str, Any],
    out: str | Path,
    inputs: Iterable[Input] = (),
    options: Mapping[str, Any] | None = None,
    notice: Notice = NO_NOTICE,
) -> list[Path]:
    """Write a paper as a Word document or a page, by what the name ends with, or as a folder with both and its tables.

    Parameters
    ----------
    model, paper
    figures : mapping
        Name to matplotlib figure, for the pictures that the paper shows.
    out : path
        ``.docx``, ``.html``, or a folder.
    inputs, options, notice
        As for :func:`write_tables`.

    Raises
    ------
    UsageError
        If something cannot be written, or would take the place of a paper that somebody may have filled in.
    """
    from cascade.telling.paperwork import to_word

    refuse_filled_in(out)
    path, mark, ending = Path(out), paper.mark, Path(out).suffix.lower()
    manifest = {**provenance(model, paper.lang, mark, inputs, options or {}), **notice.data}
    manifest["versions"] |= {"python-docx": version("python-docx")}
    paper = made_from(paper, manifest["versions"], manifest["inputs"])
    images = {name: plots.render(figure, "png") for name, figure in figures.items()}
    vectors = {name: plots.render(figure, "svg") for name, figure in figures.items()}
    foot = f"{model.info.title[paper.lang]}, {model.info.version}"
    if ending == ".docx":
        return write_all(path.parent, {path.name: to_word(paper, images, foot)})
    page = _paper_page(paper, vectors).encode()
    if ending == ".html":
        return write_all(path.parent, {path.name: page})
    files = {"dossier.docx": to_word(paper, images, foot), "dossier.html": page}
    files |= {f"{table.name}.csv": as_csv(table, mark).encode() for table in [*paper.tables, paper.open_table()]}
    files |= {f"pictures/{name}.png": data for name, data in images.items()}
    files |= {f"pictures/{name}.svg": data for name, data in vectors.items()}
    return write_folder(path, files, mark, manifest)


def refuse_filled_in(out: str | Path) -> None:
    """Refuse to write over a paper that is not exactly as it was made: somebody may have filled it in.

    Raises
    ------
    UsageError
        If there is one, by that name or in that folder.
    """
    path = Path(out)
    one = path.suffix.lower() in (".docx", ".html")
    inside = () if one else changed_in(path, ("dossier.docx", "dossier.html"))
    for place in [path] if one and path.exists() else inside:
        raise UsageError(
            f"{place} is there already and may have been filled in; name another place, or remove it first"
        )


def _paper_page(paper: Paper, vectors: Mapping[str, bytes]) -> str:
    """Fill the template of a paper; its boxes can be typed in, and the page can be printed with what was typed."""
    templates, style = templates_for(paper.mark)
    style += templates.get_template("filing.css").render()
    templates.tests["blank"] = lambda value: isinstance(value, Blank)
    pictures = [picture for part in paper.parts for picture in part.pictures if picture.name in vectors]
    return templates.get_template("filing.html").render(
        paper=paper,
        style=style,
        style_hash=fingerprint(style),
        word=lambda key, **filled: word(key, paper.lang, **filled),
        pictures=[(p, inline_svg(vectors[p.name], p.name, p.alt)) for p in pictures],
    )
