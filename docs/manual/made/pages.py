"""Pages whose text is made from the code: a line ``<!-- made: NAME -->`` in a page is replaced by it.

``<!-- made: page PATH -->`` takes in a page from ``docs/``, with its links turned to the pages of the manual. A line
``% file: NAMES`` before a block says in which files of the reader's the block stands; tests write them.
"""

import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from sphinx.application import Sphinx

from made import commands, data, fields, python, terms

MADE: dict[str, Callable[[], str]] = {
    "commands": commands.page,
    "exit-codes": commands.exit_codes,
    "types": fields.types,
    "model-files": fields.model_files,
    "scenario-files": fields.scenario_files,
    "tables": fields.tables,
    "processes": data.processes,
    "regions": data.regions,
    "scenarios": data.scenarios,
    "parameters": data.parameters,
    "scales": data.scales,
    "python": python.page,
    "glossary": terms.glossary,
    "output-words": terms.output_words,
}
TAKEN_IN = {
    "exercises.md": "howto/exercises",
    "owners.md": "method/owners",
    "protection.md": "method/protection",
    "scaling.md": "method/scaling",
}
"""Pages of ``docs/`` and the page of the manual that holds each."""
_LINE = re.compile(r"^<!-- made: (\S+)(?: (\S+))? -->$", re.MULTILINE)
_FILE = re.compile(r"^% file: (.+)$", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\(([^)#:\s]+)(#[^)\s]*)?\)")


def taken_in(name: str, at: str) -> str:
    """Return a page of ``docs/`` as it stands in the manual on the page ``at``.

    A link to a page that is in the manual leads there; of another file of the repository only the words stay, since
    the built pages may be read without it.
    """
    text = (Path(__file__).parents[3] / name).read_text(encoding="utf-8")

    def link(found: re.Match[str]) -> str:
        words, target, anchor = found.groups()
        inside = PurePosixPath(target).name
        if inside in TAKEN_IN and not target.startswith("../"):
            up = "../" * at.count("/")
            return f"[{words}]({up}{TAKEN_IN[inside]}.md{anchor or ''})"
        return words

    return _LINK.sub(link, text)


def _fill(app: Sphinx, page: str, source: list[str]) -> None:
    def text(found: re.Match[str]) -> str:
        name, path = found.groups()
        return taken_in(path, page) if name == "page" else MADE[name]()

    source[0] = _FILE.sub(_named, _LINE.sub(text, source[0]))


def _named(found: re.Match[str]) -> str:
    """Say in which files the block below stands."""
    return f"{' and '.join(f'`{name}`' for name in found[1].split(', '))}:\n"


def setup(app: Sphinx) -> dict[str, bool]:
    """Fill pages as they are read."""
    app.connect("source-read", _fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
