"""What the pictures show is what the run says, and people can read it."""

from itertools import combinations
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from builders import model, run, scenario
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

from cascade.errors import UsageError
from cascade.files.reading import load
from cascade.model import Model, Scenario
from cascade.simulation.run import Run, simulate
from cascade.telling import plots

TWO = {"R1": 1_000, "R2": 3_000}
CARE = {"per": "region", "people": "100%", "basic_need": "true"}


@pytest.fixture(scope="module")
def shipped() -> Model:
    return load(Path(__file__).parents[1] / "sectors")


@pytest.fixture
def small() -> Run:
    """Region R1 wholly without from 2 to 5 h, half of R2 from 4 to 6 h, in a day of 10 hours."""
    return run(
        model({"care": CARE}, TWO),
        {"hits": "care@R1", "at": "2h", "for": "3h"},
        {"hits": "care@R2", "at": "4h", "for": "2h", "level": "50%"},
        horizon="10h",
    )


def texts(figure: Figure) -> list[Text]:
    """Texts that stand on the sheet; a figure without axes holds no empty ones."""
    FigureCanvasAgg(figure).draw()
    found = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]
    # switched-off axes keep their tick labels
    return [t for t in found if t.axes is None or t.axes.axison or t in t.axes.texts]


def said(figure: Figure) -> str:
    return "\n".join(t.get_text() for t in texts(figure))


def crowded(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts that overlap by more than a pixel, and texts that stick out of the sheet."""
    boxes = [(t.get_text(), t.get_window_extent()) for t in texts(figure)]
    sheet = figure.bbox
    found = [
        (a, b)
        for (a, p), (b, q) in combinations(boxes, 2)
        if min(p.x1, q.x1) - max(p.x0, q.x0) > 1 and min(p.y1, q.y1) - max(p.y0, q.y0) > 1
    ]
    return found + [(t, "the edge") for t, p in boxes if p.x0 < 0 or p.y0 < 0 or p.x1 > sheet.x1 or p.y1 > sheet.y1]


def colour_at(figure: Figure, x: float, y: float, axes: int = 0) -> tuple[int, ...]:
    """Colour of the picture at a place in the coordinates of its axes."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())
    across, up = figure.axes[axes].transData.transform((x, y))
    return tuple(pixels[pixels.shape[0] - 1 - int(up), int(across), :3].tolist())


def near(found: tuple[int, ...], wanted: str) -> bool:
    return bool(np.allclose(np.array(found) / 255, to_rgb(wanted), atol=0.03))


def band(value: float) -> str:
    return next(colour for top, colour, _ in plots.BANDS if value <= top)


SCENARIOS = {
    "national": {
        "name": {"nl": "Landelijke stroomuitval", "en": "National power outage"},
        "start": "2027-01-18T17:00+01:00",
        "horizon": "14d",
        "events": [
            {"hits": "electricity-transmission", "levels": {"0h": "0%", "36h": "40%", "54h": "70%", "72h": "100%"}}
        ],
    },
    "regional": {
        "name": "Een uitval met een heel lange naam " * 6,
        "horizon": "36h",
        "events": [
            {"hits": "electricity-distribution", "where": ["VR13", "VR17"], "at": "2h", "level": "20%", "for": "9h"}
        ],
    },
    "quiet": {"name": "$5 & <niets> $6", "horizon": "400d", "start": "2027-01-18T17:00+01:00"},
}


@pytest.mark.parametrize(("name", "lang"), [*((name, "nl") for name in SCENARIOS), ("national", "en")])
def test_no_text_covers_another_or_leaves_the_sheet(shipped: Model, name: str, lang: str) -> None:
    done = simulate(shipped, Scenario.model_validate(SCENARIOS[name]))
    for figure in (
        plots.draw_sector_levels(done, lang),
        plots.draw_region_strip(done, lang),
        plots.draw_people(done, lang),
        plots.draw_tile_map(done, 3, lang),
        plots.draw_chain(done, "hospital-care@VR13", lang),
        plots.draw_chain(done, "container-terminals-automated", lang),
    ):
        assert crowded(figure) == []


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_the_web_of_needs_is_readable(shipped: Model, lang: str) -> None:
    for chosen in (None, ["hospital-care"], list(shipped.sectors["transport"].processes)):
        assert crowded(plots.draw_graph(shipped, lang, chosen)) == []


def test_strip_shows_who_lacks_what_when(small: Run) -> None:
    figure = plots.draw_region_strip(small, "en")
    for hour, row, without in (
        (1, 0, 0),
        (3, 0, 1.0),
        (4.5, 1, 0.5),
        (4.5, 0, 1.0),
        (5.5, 0, 0),
        (5.5, 1, 0.5),
        (6.5, 1, 0),
    ):
        assert near(colour_at(figure, hour, row + 0.5), band(without) if without else plots.CALM), (hour, row)
    assert {"100%", "50%"} <= {t.get_text() for t in texts(figure)}


def test_map_shows_one_moment(small: Run) -> None:
    at = {hour: plots.draw_tile_map(small, hour, "en") for hour in (1.99, 2, 4, 5, 10)}
    tiles = {hour: [near(colour_at(figure, k + 0.1, 0.5), plots.CALM) for k in (0, 1)] for hour, figure in at.items()}
    assert tiles == {1.99: [True, True], 2: [False, True], 4: [False, False], 5: [True, False], 10: [True, True]}
    assert "2,500 people without" in said(at[4])
    for outside in (-1, 11):
        with pytest.raises(UsageError, match=f"hour {outside} is outside this run"):
            plots.draw_tile_map(small, outside, "en")


def test_regions_with_a_place_on_the_map_stand_there(shipped: Model) -> None:
    done = simulate(shipped, Scenario.model_validate(SCENARIOS["quiet"]))
    place = {t.get_text(): t.get_position() for t in texts(plots.draw_tile_map(done, 0, "nl"))}
    assert place["Utrecht"][0] > place["Haaglanden"][0]
    assert place["Groningen"][1] < place["Zeeland"][1]


def test_sector_picture_shows_level_and_loss() -> None:
    done = run(
        model({"a": {"sector": "one"}, "b": {"sector": "two"}}),
        {"hits": "b", "at": "2h", "for": "3h", "level": "40%"},
        horizon="10h",
    )
    figure = plots.draw_sector_levels(done, "en")
    # the worse hit sector stands on top; of its row of 0.84 the lowest 40% are kept
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["two", "one"]
    kept, lost = 0.92 - 0.84 * 0.35, 0.92 - 0.84 * 0.45
    assert near(colour_at(figure, 3, kept), plots.KEPT)
    assert near(colour_at(figure, 3, lost), plots.GONE)
    assert near(colour_at(figure, 5.5, lost), plots.KEPT)
    assert near(colour_at(figure, 3, 1.3), plots.KEPT)
    assert "lowest 40% after 2 h" in said(figure)
    assert "no loss" in said(figure)


def test_people_are_summed_over_regions(small: Run) -> None:
    figure = plots.draw_people(small, "en")
    assert "at most 2,500 people" in said(figure)
    assert near(colour_at(figure, 4.5, 2_300), plots.GONE)
    assert near(colour_at(figure, 3, 900), plots.GONE)
    assert not near(colour_at(figure, 3, 1_200), plots.GONE)
    assert "nobody" in said(plots.draw_people(run(model({"care": CARE}), horizon="5h"), "en"))


def test_people_picture_marks_the_end_of_self_reliance() -> None:
    world = model({"care": CARE}, self_reliance="24h")
    long, short = (
        plots.draw_people(run(world, {"hits": "care", "at": "10h"}, horizon=horizon), "en") for horizon in ("3d", "30h")
    )
    assert "24 hours after the first loss" in said(long)
    dashed = [line for line in long.axes[0].lines if line.get_linestyle() == "--"]
    assert [float(line.get_xdata()[0]) for line in dashed] == [34.0]
    assert "24 hours" not in said(short)


def test_time_axis_counts_hours_or_days_and_tells_the_clock() -> None:
    def labels(**rest: str) -> list[str]:
        axis = plots.draw_people(run(model({"care": CARE}), **rest), "en").axes[0]
        return [t.get_text() for t in axis.get_xticklabels()]

    assert labels(horizon="12h") == ["0", "2", "4", "6", "8", "10", "12"]
    assert labels(horizon="14d")[:3] == ["0", "2", "4"]
    assert labels(horizon="6d", start="2027-01-18T17:00+01:00")[2] == "2\nWed 17:00"
    # beyond a week a day of the week could be any of several
    assert labels(horizon="14d", start="2027-02-27T17:00+01:00")[:2] == ["0\n27 Feb", "2\n1 Mar"]


def test_chain_runs_from_the_event_down() -> None:
    world = model(
        {
            "power": {},
            "phone": {"needs": {"p": {"from": "power", "endures": "4h", "use": {"nl": "alles", "en": "everything"}}}},
            "alarm": {"needs": {"t": {"from": "phone"}}},
        }
    )
    done = run(world, {"hits": "power", "at": "1h", "about": {"nl": "brand", "en": "fire"}}, horizon="10h")
    figure = plots.draw_chain(done, "alarm", "en")
    order = sorted(texts(figure), key=lambda t: -t.get_window_extent().y1)
    names = [t.get_text() for t in order]
    wanted = ["Event 1 of the scenario", "power", "phone", "alarm"]
    assert [n for n in names if n in wanted] == wanted
    assert "from 1 h: fire" in names
    assert any("everything" in n and "4 h" in n for n in names)
    assert "0% of the ordinary service, after 5 h" in names
    assert "keeps working in full" in said(plots.draw_chain(run(world, horizon="2h"), "alarm", "en"))


def test_chain_of_a_ring_says_so() -> None:
    world = model(
        {
            "start": {},
            "a": {"needs": {"x": {"from": ["b", "start"]}}},
            "b": {"needs": {"y": {"from": "a"}}},
        }
    )
    done = run(world, {"hits": "start", "at": "1h", "for": "2h"}, horizon="10h")
    last = done.chain(done.network.index["a"], done.horizon)
    assert last
    assert "A ring" in plots._cause_box(done, [last[-1]._replace(kind="need", supplier=0)], "en")


def test_graph_runs_from_supplier_to_consumer() -> None:
    world = model(
        {
            "a": {},
            "b": {"needs": {"n": {"from": "a"}}},
            "c": {"needs": {"n": {"from": "b", "sustained_by": "d"}}},
            "d": {},
        }
    )
    at = {t.get_text(): t.get_position()[0] for t in texts(plots.draw_graph(world, "en", ["b"]))}
    assert at["a"] < at["b"] < at["c"]
    assert "d" not in at
    assert "4 processes, 3 links" in said(plots.draw_graph(world, "en"))
    with pytest.raises(UsageError, match="no process 'zz'"):
        plots.draw_graph(world, "en", ["zz"])


def test_marking_goes_up_and_never_down(small: Run) -> None:
    assert "TLP:CLEAR" in said(plots.draw_people(small, "nl"))
    assert "TLP:AMBER" in said(plots.draw_people(small, "nl", "TLP:AMBER"))
    red = simulate(small.network, scenario(horizon="10h", marking="TLP:RED"))
    for figure in (
        plots.draw_people(red, "nl", "TLP:GREEN"),
        plots.draw_region_strip(red, "nl"),
        plots.draw_sector_levels(red, "nl"),
        plots.draw_tile_map(red, 0, "nl"),
        plots.draw_chain(red, "care@R1", "nl"),
        plots.draw_graph(model({"a": {}}, marking="TLP:RED"), "nl"),
    ):
        assert "TLP:RED" in said(figure)


@pytest.mark.parametrize("kind", ["svg", "png", "pdf"])
def test_equal_runs_give_equal_bytes_whatever_the_user_has_set(small: Run, kind: plots.Picture) -> None:
    first = plots.render(plots.draw_region_strip(small, "nl"), kind)
    with matplotlib.rc_context({"font.size": 20, "axes.grid": True, "axes.facecolor": "red", "lines.linewidth": 9}):
        assert plots.render(plots.draw_region_strip(small, "nl"), kind) == first
    assert b"2026" not in first
    assert b"/home" not in first


def test_only_three_kinds_of_pictures(small: Run) -> None:
    with pytest.raises(UsageError, match="no picture of kind 'gif'"):
        plots.render(plots.draw_people(small, "nl"), "gif")  # type: ignore[arg-type]


def test_where_few_regions_are_hit_the_level_picture_shows_those() -> None:
    five = {f"R{k}": 1_000 for k in range(1, 6)}
    one = run(model({"care": CARE}, five), {"hits": "care@R1", "for": "3h"}, horizon="10h")
    assert "still delivers in R1" in said(plots.draw_sector_levels(one, "en"))
    assert "lowest 0%" in said(plots.draw_sector_levels(one, "en"))
    all_ = run(model({"care": CARE}, five), {"hits": "care", "for": "3h"}, horizon="10h")
    assert " in R1" not in said(plots.draw_sector_levels(all_, "en"))


def test_less_than_a_thousandth_is_none() -> None:
    few = run(model({"care": CARE}, TWO), {"hits": "care@R1", "for": "3h", "level": "99.95%"}, horizon="10h")
    figure = plots.draw_region_strip(few, "en")
    assert near(colour_at(figure, 1, 0.5), plots.CALM)
    assert "none or <0.1%" in said(figure)


def test_the_axis_ends_a_tenth_beyond_the_last_loss(small: Run) -> None:
    for figure in (plots.draw_region_strip(small, "en"), plots.draw_people(small, "en")):
        assert figure.axes[0].get_xlim() == (0, 7)
