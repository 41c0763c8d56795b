"""Text of the code as Markdown."""

import re
from collections.abc import Iterable, Sequence

_ROLE = re.compile(r":\w+:`[~.]?([^`]+)`")


def prose(text: str) -> str:
    """Turn the marks of a docstring into those of Markdown, on one line."""
    text = " ".join(text.split())
    text = _ROLE.sub(lambda found: f"`{found[1].rpartition('.')[2]}`", text)
    return text.replace("`` / ``", "`  /  `").replace("``", "`")


def plain(text: object) -> str:
    """Keep a text from being read as Markdown or HTML."""
    return re.sub(r"([\\`*_\[\]<>$|#{}])", r"\\\1", " ".join(str(text).split()))


def code(text: object) -> str:
    """Write a text as code; empty text stays empty."""
    return f"`{text}`" if str(text) else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table; cells are Markdown, and a ``|`` in them is kept."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines) + "\n"


def fenced(text: str, kind: str = "text") -> str:
    """Write lines as they stand."""
    return f"```{kind}\n{text.strip(chr(10))}\n```\n"
