"""The pages of a folder as people open them: from disk, in real Chromium, with the network cut."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browser import Sheet, chromium, new_sheet  # noqa: F401
from builders import ANV, model

from cascade.model import Lang, Model, Scenario
from cascade.results.impact import assess
from cascade.simulation.run import simulate
from cascade.telling import plots
from cascade.telling.digest import run_tables
from cascade.telling.report import Leaf, write_run, write_tables

NewSheet = Callable[..., Sheet]
MARK = "TLP:AMBER"
SCENARIO = {
    "name": {"nl": "Stroom weg, en daarna het water", "en": "Power out, and water after that"},
    "about": {"nl": "Een proef met & en <.", "en": "A trial with & and <."},
    "start": "2027-01-18T17:00+01:00",
    "horizon": "3d",
    "marking": MARK,
    "events": [{"hits": "power", "at": "1h", "for": "30h", "level": "0%"}],
    "exercise": {"nl": "Doel. Oefenen.", "en": "Aim. To practise."},
}


def small() -> Model:
    """Two processes that hold each other down, and one that comes back: every section of the page is filled."""
    care = {"sector": "life", "per": "region", "people": "100%", "basic_need": "true", "cost_per_day": "24 kEUR"}
    need = {"from": "power", "endures": "2h", "confidence": "low", "source": "own"}
    long = {"nl": "Regionale elektriciteitsvoorziening en laagspanningsnetten", "en": "Regional electricity supply"}
    return model(
        {
            "power": {"sector": "energy", "name": long},
            "water": {**care, "restart": "1h", "needs": {"p": need, "m": {"from": "pumps"}}},
            "pumps": {"sector": "energy", "needs": {"p": {"from": "power"}, "w": {"from": "water"}}},
        },
        {"R1": 1_000, "R2": 3_000},
        ANV,
    )


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page of a run in both languages, and a page of tables."""
    folder = tmp_path_factory.mktemp("pages")
    done = simulate(small(), Scenario.model_validate(SCENARIO))
    impact = assess(done)
    languages: tuple[Lang, ...] = ("nl", "en")
    for lang in languages:
        write_run(done, impact, folder / lang, lang)
    leaf = Leaf("Title & more", ("A sentence.",), tuple(run_tables(done, impact, "en")), "A note.")
    figures = {"sectors": plots.draw_sector_levels(done, "en"), "people": plots.draw_people(done, "en")}
    write_tables(done.model, leaf.tables, figures, folder / "tables", "en", MARK, leaf=leaf)
    return {name: folder / name / "report.html" for name in ("nl", "en", "tables")}


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        ("nl", 360, "light"),
        ("nl", 1280, "dark"),
        ("en", 1280, "light"),
        ("tables", 360, "dark"),
        ("tables", 1280, "light"),
    ],
)
def test_a_page_opens_quietly_and_for_everybody(
    pages: dict[str, Path],
    new_sheet: NewSheet,  # noqa: F811
    name: str,
    width: int,
    scheme: str,
) -> None:
    sheet = new_sheet(width=width, scheme=scheme)
    sheet.open(pages[name])
    assert sheet.page.eval_on_selector("html", "e => e.lang") == ("nl" if name == "nl" else "en")
    assert sheet.overflowing() == []
    dark = sum(sheet.colour("body")) < 3 * 128
    assert dark == (scheme == "dark")
    # nothing may hide from the eye what is folded together
    sheet.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert sheet.overflowing() == []
    assert sheet.axe(leave_out="svg *") == []
    sheet.assert_silent()


def without_margin_boxes(html: str) -> str:
    """A page as a browser has it that knows no boxes in the margins of paper."""
    html = re.sub(r'<meta http-equiv="Content-Security-Policy".*?>', "", html)
    html, boxes = re.subn(r"@(top|bottom)-right", "@top-nothing", html)
    html, asked = re.subn(r"\(app-region: drag\)", "(no-property: none)", html)
    assert (boxes, asked) == (2, 1)
    return html


def assert_marked_large_on_the_right(sheet: Sheet) -> None:
    """The mark stands above and below the text of every printed page, dark, at least 12 points, against the right."""
    from pypdf import PdfReader

    data = sheet.page.pdf(format="A4", prefer_css_page_size=True, print_background=False)
    for page in PdfReader(io.BytesIO(data)).pages:
        wide, tall = (float(x) for x in page.mediabox.upper_right)
        found: list[tuple[float, float, float]] = []

        def note(text: str, outer: list[float], inner: list[float], font: Any, size: float, found: Any = found) -> None:
            if MARK in text:
                a, b, c, d, e, f = outer
                x, y = inner[4] * a + inner[5] * c + e, inner[4] * b + inner[5] * d + f
                found.append((x, y, abs(size * inner[3] * d)))

        page.extract_text(visitor_text=note)
        assert len(found) == 2
        assert all(size >= 11.9 and x > 0.7 * wide for x, _, size in found), found
        assert min(y for _, y, _ in found) < 0.12 * tall
        assert max(y for _, y, _ in found) > 0.88 * tall


@pytest.mark.parametrize("name", ["en", "tables"])
def test_every_printed_page_carries_the_mark(pages: dict[str, Path], new_sheet: NewSheet, name: str) -> None:  # noqa: F811
    sheet = new_sheet()
    sheet.open(pages[name])
    printed = sheet.printed()
    assert len(printed) >= 2
    # above and below the text of each, and no paler copy where the page begins and ends
    assert {text.count(MARK) for text in printed} == {2}
    assert_marked_large_on_the_right(sheet)
    # and in a browser that knows no boxes in the margins
    plain = new_sheet()
    plain.page.set_content(without_margin_boxes(pages[name].read_text("utf-8")))
    assert {text.count(MARK) for text in plain.printed()} == {2}
    assert_marked_large_on_the_right(plain)
    # what is folded on the screen is open on paper
    assert sheet.page.locator("details:not([open])").count() > 0
    assert "pictures/people.svg" in "".join(printed)
    sheet.assert_silent()


def test_pictures_follow_the_scheme_of_the_page(pages: dict[str, Path], new_sheet: NewSheet) -> None:  # noqa: F811
    light, dark = (new_sheet(scheme=scheme) for scheme in ("light", "dark"))
    for sheet in (light, dark):
        sheet.open(pages["en"])
    ink = f"svg [fill='{plots.INK}']"
    assert sum(light.colour(ink, "fill")[:3]) < 200 < 600 < sum(dark.colour(ink, "fill")[:3])
