"""Pages: the templates with their colours, and pictures as markup that a strict content policy allows."""

import hashlib
import xml.etree.ElementTree as ET
from base64 import b64encode
from typing import TYPE_CHECKING, Final

import jinja2

from cascade.telling import plots

if TYPE_CHECKING:
    pass


THEMED: Final = {
    "ink": plots.INK, "muted": plots.MUTED, "rule": plots.RULE, "paper": plots.PAPER, "calm": plots.CALM,
    **{f"band{k}": colour for k, (_, colour, _) in enumerate(plots.BANDS)},
    **{f"ink{k}": ink for k, (_, _, ink) in enumerate(plots.BANDS)},
}  # fmt: skip
_SVG: Final = "{http://www.w3.org/2000/svg}"
_HREF: Final = "{http://www.w3.org/1999/xlink}href"


def templates_for(mark: str) -> tuple[jinja2.Environment, str]:
    """Return the templates and the style of a page."""
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("cascade.telling", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return templates, templates.get_template("report.css").render(mark=mark, themed=THEMED)


def fingerprint(text: str) -> str:
    """Return the SHA-256 of a style or script as a content policy wants it."""
    return b64encode(hashlib.sha256(text.encode()).digest()).decode()


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
