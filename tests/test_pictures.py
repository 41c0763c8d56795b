"""Pictures for print: as wide as asked, readable at that width, equal every time, and for every eye."""

import json
import re
import shutil
import struct
import xml.etree.ElementTree as ET
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from builders import model
from click.testing import CliRunner, Result
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from pypdf import PdfReader
from test_plots import crowded
from test_structure import doubts, effects

from cascade.cli import main
from cascade.files.reading import load
from cascade.model import Lang, Model, Scenario
from cascade.results.fronts import Front, Point
from cascade.simulation.run import Run, simulate
from cascade.telling import courses, frontiers, plots, report, scatters
from cascade.telling.lettering import balanced, cut, text_width, wrapped

ROOT = Path(__file__).parents[1]
BASE = ROOT / "tests" / "definitions" / "valid"
MARK = "TLP:AMBER+STRICT / Dep. V."
LEAST = 7.0
"""Points of the smallest text."""

# ------------------------------------------------------------------ text that fits


def test_text_is_cut_and_broken_to_what_fits() -> None:
    text = "Noord- en Oost-Gelderland, met een heel lang vervolg dat nergens past"
    for inches in (0.4, 0.9, 2.0):
        for line in (cut(text, 8, inches), *wrapped(text, 8, inches), *wrapped(text, 8, inches, most=2)):
            assert text_width(line, 8) <= inches
    assert cut("past wel", 8, 2) == "past wel"
    assert cut(text, 8, 2.0).endswith("…")
    assert len(wrapped(text, 8, 0.9, most=2)) == 2
    assert " ".join(wrapped(text, 8, 2.0)) == text
    # between letters a hyphen may end a line, in a number not
    assert wrapped("Amsterdam-Amstelland", 7, 0.8) == ["Amsterdam-", "Amstelland"]
    assert wrapped("2026-11-03", 7, 0.4) != ["2026-", "11-", "03"]
    assert wrapped("", 8, 1) == []


def test_no_word_stands_alone_on_the_last_line() -> None:
    text = "Mensen zonder een eerste levensbehoefte, per regio en moment"
    whole = text_width(text, 12, bold=True)
    alone = wrapped(text, 12, 0.97 * whole, bold=True)
    lines = balanced(text, 12, 0.97 * whole, bold=True)
    assert alone[1:] == ["moment"]
    assert len(lines) == 2
    assert text_width(lines[1], 12, bold=True) > 0.6 * text_width(lines[0], 12, bold=True)


# ------------------------------------------------------------------ at the printed width


@pytest.fixture(scope="module")
def shipped() -> Model:
    return load(ROOT / "sectors")


@pytest.fixture(scope="module")
def national(shipped: Model) -> Run:
    scenario = {
        "name": {
            "nl": "Hoogwater en dijkdoorbraak in het hele rivierengebied",
            "en": "High water all over the river area",
        },
        "start": "2027-01-18T17:00+01:00",
        "horizon": "14d",
        "events": [{"hits": "electricity-transmission", "levels": {"0h": "0%", "36h": "40%", "72h": "100%"}}],
    }
    return simulate(shipped, Scenario.model_validate(scenario))


def front(kind: str = "budget") -> Front:
    points = tuple(Point(k * 10_000_000, k * 10_000_000, 100.0 - 9 * k, 80.0, frozenset()) for k in range(8))
    return Front(kind, 100.0, points, points, (), 0.01, False)


def drawn(run: Run, lang: Lang, width: float) -> dict[str, plots.Sheet]:
    world = run.model
    return {
        "sectors": plots.draw_sector_levels(run, lang, MARK, width),
        "people": plots.draw_people(run, lang, MARK, width),
        "regions": plots.draw_region_strip(run, lang, MARK, width),
        "map": plots.draw_tile_map(run, 3, lang, MARK, width),
        "chain": plots.draw_chain(run, "hospital-care@VR13", lang, MARK, width),
        "ranking": scatters.draw_ranking(effects(world, size=0.4), world, lang, MARK, "24 h", width),
        "doubt": scatters.draw_rank_doubt(doubts(world), world, lang, MARK, "24 h", width=width),
        "front": frontiers.front_picture(front(), world, lang, MARK, width),
    }


@pytest.mark.parametrize(("lang", "width"), [("nl", plots.PRINT), ("en", plots.WIDTHS[0])])
def test_pictures_are_readable_at_their_width(national: Run, lang: Lang, width: float) -> None:
    for name, sheet in drawn(national, lang, width).items():
        assert crowded(sheet) == [], name
        assert sheet.get_size_inches()[0] == pytest.approx(width), name
        written = [t for t in sheet.findobj(Text) if t.get_text().strip()]
        assert min(t.get_fontsize() for t in written) >= LEAST, name
        assert MARK in [t.get_text() for t in written], name
        # a page of A4 with margins of 25 mm
        assert sheet.get_size_inches()[1] <= 247 / 25.4, name


def test_a_sector_keeps_its_shape_and_what_does_not_come_back_has_a_hole(shipped: Model) -> None:
    first = {sector: next(iter(part.processes)) for sector, part in shipped.sectors.items()}
    frame = pd.DataFrame({"process": [*first.values()], "basic_hours": 1e4, "front": False})
    frame["cascade_hours"] = 10.0 ** np.arange(len(first))
    for locked in (0, 1):
        sheet = scatters.draw_ranking(frame.assign(locked=locked), shipped, "en")
        shapes = {
            (to_rgb(tuple(c.get_facecolor()[0][:3])), c.get_paths()[0].vertices.tobytes())
            for c in sheet.axes[0].collections
        }
        assert len({shape for _, shape in shapes}) == len(shapes) == len(shipped.sectors)
    assert len(set(plots.SECTOR_SHAPES)) == len(plots.SECTOR_SHAPES) >= len(shipped.sectors)


# ------------------------------------------------------------------ the command


def ask(*words: str, code: int = 0) -> Result:
    given = ["pictures", str(BASE / "scenario.yaml"), "--model", str(BASE / "base"), *words]
    result = CliRunner().invoke(main, given)
    assert result.exit_code == code, result.output
    return result


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("pictures") / "new"
    words = ("--kind", "pdf,svg,png", "--ranking", "4", "--width", "16,5 cm", "--marking", "TLP:GREEN", "--lang", "nl")
    told = ask(*words, "--out", str(place), "--format", "json")
    listed = json.loads(told.stdout)
    assert "TLP:GREEN" in listed["marking"]
    assert [row["picture"] for row in listed["pictures"]][-2:] == ["ranking", "ranking-intervals"]
    files = {name for row in listed["pictures"] for name in row["files"].split(", ")}
    assert {p.name for p in place.iterdir()} == files | {"manifest.json", "MARKING.txt"}
    return place


def test_pdf_has_its_width_its_fonts_and_the_mark(folder: Path) -> None:
    pages = {path.stem: PdfReader(path).pages for path in sorted(folder.glob("*.pdf"))}
    assert {"sectors", "regions", "people", "ranking", "ranking-intervals", "chain-1"} <= set(pages)
    for name, (page,) in pages.items():
        assert float(page.mediabox.width) == pytest.approx(165 / 25.4 * 72, abs=0.1), name
        sizes: list[float] = []
        found = page.extract_text(
            visitor_text=lambda text, _, tm, __, size, sizes=sizes: sizes.append(size * abs(tm[3]) or LEAST)
        )
        assert "TLP:GREEN" in found, name
        assert min(sizes) >= LEAST - 0.01, name
        for font in page["/Resources"]["/Font"].values():
            kind = font.get_object()["/DescendantFonts"][0].get_object()
            assert kind["/Subtype"] == "/CIDFontType2", name
            assert "/FontFile2" in kind["/FontDescriptor"], name


def test_png_has_300_dots_an_inch_and_svg_its_width_and_no_fonts(folder: Path) -> None:
    for path in sorted(folder.glob("*.png")):
        data = path.read_bytes()
        assert struct.unpack(">I", data[16:20])[0] == int(165 / 25.4 * 300)
        dots = data[data.index(b"pHYs") + 4 :][:4]
        assert struct.unpack(">I", dots)[0] == round(300 / 0.0254)
    for path in sorted(folder.glob("*.svg")):
        root = ET.parse(path).getroot()
        assert float(root.attrib["width"].removesuffix("pt")) == pytest.approx(165 / 25.4 * 72, abs=0.1)
        tags = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert not tags & {"text", "image", "script", "font"}
        assert b"TLP:GREEN" in path.read_bytes()


def test_equal_calls_give_equal_files_and_the_manifest_knows_them(folder: Path, tmp_path: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["options"]["width_mm"] == 165
    assert manifest["options"]["kinds"] == ["pdf", "svg", "png"]
    assert manifest["options"]["samples"] == 4
    assert set(manifest["files"]) == {p.name for p in folder.iterdir()} - {"manifest.json"}
    # whoever then asks for less has no old pictures left, and those that stay are the same
    again = tmp_path / "again"
    shutil.copytree(folder, again)
    pdf = next(again.glob("*.pdf"))
    pdf.write_bytes(b"")
    ask(
        "--kind",
        "pdf",
        "--width",
        "165mm",
        "--marking",
        "TLP:GREEN",
        "--lang",
        "nl",
        "--out",
        str(again),
        "--workers",
        "2",
    )
    names = {p.name for p in folder.iterdir() if p.suffix not in (".png", ".svg")} - {"ranking-intervals.pdf"}
    assert {p.name for p in again.iterdir()} == names
    for name in names - {"manifest.json"}:
        assert (again / name).read_bytes() == (folder / name).read_bytes(), name


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "pictures need a folder: add --out pictures"),
        (("--out", "x", "--width", "160"), "write a width with mm, cm or in"),
        (("--out", "x", "--width", "80mm"), "from 150mm to 400mm"),
        (("--out", "x", "--kind", "pdf,gif"), "no kind of picture 'gif'; write one or more of pdf, svg, png"),
    ],
)
def test_what_cannot_be_is_said_with_its_remedy(
    words: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert message in " ".join(ask(*words, code=2).stderr.replace("│", " ").split())
    assert list(tmp_path.iterdir()) == []


def test_figures_for_print_stand_beside_those_for_a_screen(tmp_path: Path) -> None:
    world = model({"a": {}})
    prints = {"front": frontiers.front_picture(front("team"), world, "nl", "", plots.PRINT)}
    report.write_tables(
        world, [], {"front": frontiers.front_picture(front("team"), world, "nl", "")}, tmp_path, prints=prints
    )
    assert {p.name for p in (tmp_path / "pictures").iterdir()} == {"front.pdf", "front.svg", "front.png"}
    (page,) = PdfReader(tmp_path / "pictures" / "front.pdf").pages
    assert float(page.mediabox.width) == pytest.approx(160 / 25.4 * 72, abs=0.1)
    report.write_tables(world, [], {}, tmp_path)
    assert list((tmp_path / "pictures").iterdir()) == []


# ------------------------------------------------------------------ for every eye

EYES = {
    # Machado, Oliveira and Fernandes (2009), A physiologically-based model for simulation of color vision deficiency,
    # IEEE TVCG 15(6), table 1, severity 1.0; they work on linear RGB
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    "grey print": [[0.2126, 0.7152, 0.0722]] * 3,
    "all cones": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
}
APART = {eye: 3.5 if eye == "grey print" else 10.0 for eye in EYES}
"""Least distance in CIE Lab (1976) between neighbours in a scale. Own choice: 2.3 is just noticeable side by side."""
CATEGORIES = 20.0
"""Least distance between two areas that mean different things; more, since these are not side by side with a legend."""


def linear(colour: str) -> npt.NDArray[np.float64]:
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def seen(colour: str, eye: str) -> npt.NDArray[np.float64]:
    """A colour in CIE Lab (D65, from sRGB) as an eye sees it."""
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    )
    xyz = to_xyz @ np.clip(np.array(EYES[eye]) @ linear(colour), 0, 1) / np.array([0.95047, 1, 1.08883])
    x, y, z = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def distance(one: str, other: str, eye: str) -> float:
    return float(np.linalg.norm(seen(one, eye) - seen(other, eye)))


def contrast(one: str, other: str) -> float:
    """Ratio of WCAG 2."""
    low, high = sorted(float(np.array(EYES["grey print"][0]) @ linear(c)) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def dark_page() -> dict[str, str]:
    style = (Path(report.__file__).parent / "templates" / "report.css").read_text("utf-8")
    dark = style[style.index("prefers-color-scheme: dark") :]
    dark = dark[: dark.index("}")]
    return dict(re.findall(r"--(\w+): (#\w{6})\b", dark))


def scales() -> dict[str, list[str]]:
    dark = dark_page()
    return {
        "paper": [plots.CALM, *(colour for _, colour, _ in plots.BANDS)],
        "dark page": [dark["calm"], *(dark[f"band{k}"] for k in range(len(plots.BANDS)))],
    }


def test_the_simulation_of_eyes_is_that_of_the_paper() -> None:
    # white stays white for all; red and green of equal lightness come together for those without one of two cones
    for eye in EYES:
        assert distance("#ffffff", "#ffffff", eye) == 0
        assert seen("#ffffff", eye)[0] == pytest.approx(100, abs=0.1)
    assert distance("#b05a00", "#707800", "all cones") > 40
    assert distance("#b05a00", "#707800", "deuteranopia") < 12
    assert distance("#0072b2", "#44729a", "tritanopia") < 5


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("name", ["paper", "dark page"])
def test_every_eye_tells_the_steps_of_a_scale_apart_and_in_order(name: str, eye: str) -> None:
    colours = scales()[name]
    for one, other in pairwise(colours):
        assert distance(one, other, eye) >= APART[eye], (one, other)
    lightness = [float(seen(colour, eye)[0]) for colour in colours]
    assert lightness == sorted(lightness, reverse=name == "paper")


@pytest.mark.parametrize("eye", EYES)
def test_every_eye_tells_areas_apart_that_mean_different_things(eye: str) -> None:
    pairs = [(plots.KEPT, plots.GONE), (plots.KEPT, plots.RULE), (plots.KEPT, plots.CALM), (plots.GONE, plots.PAPER)]
    for one, other in pairs:
        assert distance(one, other, eye) >= CATEGORIES, (one, other)


def test_what_colours_cannot_tell_apart_differs_otherwise() -> None:
    # sectors by shape, see above: no eye of the five tells all their colours apart
    colours = plots.SECTOR_COLOURS
    assert any(distance(a, b, eye) < CATEGORIES for a, b in combinations(colours, 2) for eye in EYES)
    pairs = {
        (c, s) for c, s in zip(colours * len(plots.SECTOR_SHAPES), plots.SECTOR_SHAPES * len(colours), strict=True)
    }
    assert len(pairs) == len(colours) * len(plots.SECTOR_SHAPES)
    # courses that stand in one picture by dashes
    looks: dict[str, Any] = courses.LOOKS
    for together in (("first", "best", "generators"), ("without", "generators")):
        for a, b in combinations(together, 2):
            assert looks[a][1] != looks[b][1], (a, b)


def test_text_has_contrast_with_its_ground() -> None:
    dark = dark_page()
    for k, (_, colour, ink) in enumerate(plots.BANDS):
        assert contrast(colour, ink) >= 4.5
        assert contrast(dark[f"band{k}"], dark[f"ink{k}"]) >= 4.5
    for ink in (plots.INK, plots.MUTED):
        for ground in (plots.PAPER, plots.CALM):
            assert contrast(ink, ground) >= 4.5
