"""The glossary: terms of the field, and the words of the program's own answers."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from cascade.words import WORDS
from made.markdown import table


@cache
def _entries() -> dict[str, Any]:
    return dict(yaml.safe_load((Path(__file__).parent / "glossary.yaml").read_text(encoding="utf-8")))


def glossary() -> str:
    """Return the terms by subject, each with its pair and a sentence in both languages."""
    text = []
    for subject, terms in _entries()["terms"].items():
        rows = [(f"**{t['nl']}**: {t['dit']}", f"**{t['en']}**: {t['is']}") for t in terms]
        text += [f"## {subject}\n", table(("Nederlands", "English"), rows)]
    return "\n".join(text)


def output_words() -> str:
    """Return the words of answers: the pair is that of the program, so it is what people see."""
    rows = []
    for key, one in _entries()["output"].items():
        nl, en = WORDS[key]
        rows.append((f"**{nl}**: {one['dit']}", f"**{en}**: {one['is']}"))
    return table(("Nederlands", "English"), rows)
