"""What arcs say of a process, in which direction, and how far that agrees with a simulated order."""

from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import networkx
import numpy as np
import pandas as pd
import pytest
from builders import model
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from scipy import stats
from test_plots import crowded, said, texts

from cascade.errors import UsageError
from cascade.files.reading import load
from cascade.model import Model
from cascade.results import structure as shape_of
from cascade.results.structure import (
    MEASURES,
    correlation,
    differences,
    kendall,
    ranks,
    spearman,
    structure,
)
from cascade.telling import plots, scatters, shape
from cascade.telling.screen import as_csv

DIRECTED = tuple(m for m in MEASURES if m not in ("core", "group", "betweenness", "betweenness_loss"))
MIRRORED = {m: m.replace("out_", "in_") if m.startswith("out_") else m.replace("in_", "out_") for m in DIRECTED}


@pytest.fixture(scope="module")
def shipped() -> Model:
    return load(Path(__file__).parents[1] / "sectors")


@pytest.fixture(scope="module")
def places(shipped: Model) -> pd.DataFrame:
    return structure(shipped)


def web(*arcs: tuple[str, str] | tuple[str, str, str], alone: str = "") -> Model:
    """A model of arcs supplier -> consumer, each with what is lost in the end."""
    processes: dict[str, dict[str, Any]] = {
        p: {"needs": {}} for p in sorted({q for a in arcs for q in a[:2]} | {*alone})
    }
    for supplier, consumer, *loss in arcs:
        processes[consumer]["needs"][f"n{supplier}"] = {"from": supplier, "loses": loss[0] if loss else "100%"}
    return model(processes)


def of(world: Model, measure: str) -> dict[str, float]:
    return structure(world).set_index("process")[measure].to_dict()


# ------------------------------------------------------------------ small graphs


def test_a_star_of_one_supplier() -> None:
    star = web(("hub", "x"), ("hub", "y"), ("hub", "z"))
    assert of(star, "out_degree") == of(star, "out_reach") == {"hub": 3, "x": 0, "y": 0, "z": 0}
    assert of(star, "in_degree") == of(star, "in_reach") == {"hub": 0, "x": 1, "y": 1, "z": 1}
    assert set(of(star, "betweenness").values()) == {0.0}
    assert set(of(star, "core").values()) == {1}
    assert set(of(star, "group").values()) == {1}
    # x hands 0.85 of its own to the hub, and the hub, which needs nothing, 0.85 of its own to all four:
    # x = 0.15/4 + 0.85 hub/4 and hub = x + 3 * 0.85 x, so x = 0.0375 / (1 - 0.2125 * 3.55)
    x = 0.0375 / (1 - 0.2125 * 3.55)
    found = of(star, "pagerank")
    assert found["hub"] == pytest.approx(3.55 * x, abs=1e-8)
    assert found["x"] == found["y"] == found["z"] == pytest.approx(x, abs=1e-8)


def test_a_star_of_one_consumer_is_no_hub_of_importance() -> None:
    star = web(("x", "end"), ("y", "end"), ("z", "end"))
    found = of(star, "pagerank")
    # what all others feed is a victim: it hands on what it has and keeps only its first share
    assert found["end"] < found["x"]
    assert of(star, "out_reach")["end"] == 0


def test_a_chain() -> None:
    chain = web(("a", "b", "50%"), ("b", "c", "40%"))
    assert of(chain, "out_reach") == {"a": 2, "b": 1, "c": 0}
    assert of(chain, "in_reach") == {"a": 0, "b": 1, "c": 2}
    # of the two ordered pairs of others, a to c leads through b
    assert of(chain, "betweenness") == {"a": 0, "b": 0.5, "c": 0}
    assert of(chain, "out_degree_loss") == {"a": 0.5, "b": 0.4, "c": 0}
    assert of(chain, "in_degree_loss") == {"a": 0, "b": 0.5, "c": 0.4}
    assert of(chain, "out_reach_loss") == {"a": 0.7, "b": 0.4, "c": 0}
    assert of(chain, "in_reach_loss") == {"a": 0, "b": 0.5, "c": 0.6}
    found = of(chain, "pagerank")
    assert found["a"] > found["b"] > found["c"]


def test_a_cycle() -> None:
    ring = web(("a", "b"), ("b", "c"), ("c", "a"), ("c", "out"))
    assert of(ring, "group") == {"a": 3, "b": 3, "c": 3, "out": 1}
    assert of(ring, "core") == {"a": 2, "b": 2, "c": 2, "out": 1}
    assert of(ring, "out_reach") == {"a": 3, "b": 3, "c": 3, "out": 0}
    assert of(web(("a", "b"), ("b", "c"), ("c", "a")), "pagerank") == pytest.approx(dict.fromkeys("abc", 1 / 3))


def test_the_worst_path_counts_and_not_the_shortest() -> None:
    world = web(("a", "c", "10%"), ("a", "b", "90%"), ("b", "c", "90%"))
    # to b 0.9, to c the larger of 0.1 and 0.9 * 0.9
    assert of(world, "out_reach_loss")["a"] == pytest.approx(0.9 + 0.81)
    # lengths 10 straight and 1.11 + 1.11 by way of b
    assert of(world, "betweenness_loss")["b"] == 0.5
    assert of(world, "betweenness")["b"] == 0


def test_weight_goes_where_most_is_lost() -> None:
    world = web(("big", "user", "90%"), ("small", "user", "10%"))
    plain, weighed = of(world, "pagerank"), of(world, "pagerank_loss")
    assert plain["big"] == plain["small"]
    # of what the user hands on, nine parts go to one and one to the other
    third = weighed["user"]
    assert (weighed["big"] - third) / (weighed["small"] - third) == pytest.approx(9, abs=1e-5)


def test_a_need_without_loss_is_an_arc_without_weight() -> None:
    world = web(("a", "b", "0%"), ("c", "b"))
    assert of(world, "out_degree") == {"a": 1, "b": 0, "c": 1}
    assert of(world, "out_degree_loss") == of(world, "out_reach_loss") == {"a": 0, "b": 0, "c": 1}


@pytest.mark.parametrize("measure", DIRECTED)
def test_turning_the_arcs_round_changes_what_has_a_direction(measure: str) -> None:
    arcs = [("a", "b", "80%"), ("b", "c", "50%"), ("b", "d", "70%"), ("c", "e", "20%"), ("a", "e", "90%")]
    there, back = web(*arcs), web(*((b, a, loss) for a, b, loss in arcs))
    assert of(there, measure) != of(back, measure)
    if measure in MIRRORED and not measure.startswith("pagerank"):
        assert of(there, measure) == of(back, MIRRORED[measure])
    else:
        assert max(of(there, measure), key=of(there, measure).__getitem__) == "a"
        assert max(of(back, measure), key=of(back, measure).__getitem__) == "e"


def test_pagerank_on_the_arcs_as_they_are_would_rank_the_victims(places: pd.DataFrame, shipped: Model) -> None:
    top = places.sort_values("pagerank", ascending=False)["process"].head(3).tolist()
    assert "electricity-distribution" in top
    links = {
        (s, c) for c, d in shipped.processes.items() for n in d.needs.values() for s in [x.process for x in n.supplies]
    }
    wrong = networkx.pagerank(networkx.DiGraph(sorted(links)))
    assert sorted(wrong, key=wrong.__getitem__)[-1] not in top


# ------------------------------------------------------------------ what counts as an arc


def test_several_needs_of_one_supplier_are_one_arc_of_the_largest_loss() -> None:
    needs = {
        "heat": {"from": "power", "loses": "30%"},
        "light": {"from": "power", "loses": "80%"},
        "cold": {"any_of": ["power", "ice"], "loses": "10%"},
    }
    world = model({"home": {"needs": needs}, "power": {}, "ice": {}})
    assert of(world, "in_degree")["home"] == 2
    assert of(world, "in_degree_loss")["home"] == pytest.approx(0.8 + 0.1)


def test_what_keeps_a_reserve_filled_is_a_supplier() -> None:
    world = model(
        {"power": {}, "fuel": {}, "site": {"needs": {"p": {"from": "power", "endures": "8h", "sustained_by": "fuel"}}}}
    )
    assert of(world, "out_reach") == {"fuel": 1, "power": 1, "site": 0}


def test_indicators_and_what_feeds_itself_are_left_aside() -> None:
    world = model(
        {
            "a": {"per": "region", "needs": {"next": {"from": "a@neighbours"}}},
            "b": {"needs": {"a": {"from": "a"}}},
            "mirror": {"tags": ["indicator"], "needs": {"b": {"from": "b"}}},
        }
    )
    found = structure(world)
    assert found["process"].tolist() == ["a", "b"]
    assert of(world, "in_degree") == {"a": 0, "b": 1}
    assert of(world, "out_reach") == {"a": 1, "b": 0}
    assert of(world, "core") == {"a": 1, "b": 1}
    assert of(world, "group") == {"a": 1, "b": 1}


def test_reach_agrees_with_walking_by_hand() -> None:
    random = np.random.default_rng(4)
    names = [f"p{k:02}" for k in range(14)]
    arcs = [(a, b) for a in names for b in names if a != b and random.random() < 0.08]
    world = web(*arcs, alone="") if arcs else web()
    following = {a: {d for c, d in arcs if c == a} for a in names}

    def walk(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            new = following[waiting.pop()] - seen
            seen |= new
            waiting += sorted(new)
        return seen

    assert len(arcs) > 8
    for process, reach in of(world, "out_reach").items():
        assert reach == len(walk(process) - {process})
    for process, group in of(world, "group").items():
        assert group == 1 + sum(q in walk(process) and process in walk(q) for q in names if q != process)


def test_one_measure_for_every_name_and_sums_that_must_hold(places: pd.DataFrame, shipped: Model) -> None:
    assert list(places) == ["process", "sector", *MEASURES]
    known = [p for p, d in sorted(shipped.processes.items()) if "indicator" not in d.tags]
    assert places["process"].tolist() == known
    for kind in ("degree", "reach"):
        assert places[f"out_{kind}"].sum() == places[f"in_{kind}"].sum()
        assert places[f"out_{kind}_loss"].sum() == pytest.approx(places[f"in_{kind}_loss"].sum())
        assert (places[f"out_{kind}_loss"] <= places[f"out_{kind}"] + 1e-9).all()
    assert places["pagerank"].sum() == pytest.approx(1)
    assert places["pagerank_loss"].sum() == pytest.approx(1)
    assert places[list(MEASURES)].notna().all().all()
    for measure in MEASURES:
        assert measure.removesuffix("_loss") in (shape_of.__doc__ or "")


def test_order_of_files_and_names_of_regions_do_not_matter(shipped: Model, places: pd.DataFrame) -> None:
    turned = Model(**{**shipped.__dict__, "processes": dict(reversed(shipped.processes.items()))})
    pd.testing.assert_frame_equal(structure(turned), places, check_exact=True)


def test_a_model_without_arcs() -> None:
    found = structure(model({"a": {}, "b": {}}))
    assert found["pagerank"].tolist() == [0.5, 0.5]
    assert found[["out_degree", "out_reach", "betweenness", "core", "out_reach_loss"]].to_numpy().sum() == 0


# ------------------------------------------------------------------ ranks and correlations


def test_ranks_share_their_mean() -> None:
    assert ranks([30.0, 10.0, 30.0, 20.0, 10.0, 10.0]).tolist() == [1.5, 5, 1.5, 3, 5, 5]
    assert ranks([]).tolist() == []


@pytest.mark.parametrize("seed", range(20))
def test_correlations_equal_those_of_scipy_with_ties(seed: int) -> None:
    random = np.random.default_rng(seed)
    size, values = int(random.integers(3, 60)), int(random.integers(2, 9))
    a = random.integers(0, values, size).astype(float)
    b = np.round(a * random.random() + random.integers(0, values, size))
    a[:2], b[:2] = (0, 1), (1, 2)
    assert ranks(a) == pytest.approx(stats.rankdata(-a))
    assert spearman(a, b) == pytest.approx(stats.spearmanr(a, b).statistic, abs=1e-12)
    assert kendall(a, b) == pytest.approx(stats.kendalltau(a, b, variant="b").statistic, abs=1e-12)


def test_correlations_at_their_ends() -> None:
    up = np.array([1.0, 2, 3, 4])
    assert spearman(up, up**3) == kendall(up, up**3) == 1
    assert spearman(up, -up) == kendall(up, -up) == -1
    assert np.isnan(spearman(up, np.ones(4)))
    assert np.isnan(kendall(np.ones(4), up))
    # by hand: of three pairs one is tied in b, the two others agree: 2 / sqrt(3 * 2)
    assert kendall(np.array([1.0, 2, 3]), np.array([1.0, 1, 2])) == pytest.approx(2 / 6**0.5)


def small() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Consumers 3, 1, 0, 0, 0 against effects 0, 50, 40, 7, 7: a is overrated, c overlooked."""
    world = web(("a", "b"), ("a", "c"), ("a", "d"), ("b", "e"))
    effect = {"e": 7, "d": 7, "c": 40, "b": 50, "a": 0}
    ranking = pd.DataFrame(
        {"process": list(effect), "cascade_hours": list(effect.values()), "basic_hours": [0, 0, 1, 2, 3]}
    )
    return structure(world), ranking


def test_correlation_names_what_the_graph_misses() -> None:
    found, ranking = small()
    table = correlation(found, ranking, ["cascade_hours"]).set_index("measure")
    row = table.loc["out_degree"]
    # ranks: a 1, b 2, c d e 4 against a 5, b 1, c 2, d e 3.5
    assert row["overrated"] == "a"
    assert row["underrated"] == "c b d e"
    assert row["processes"] == 5
    expected = stats.spearmanr([3, 1, 0, 0, 0], [0, 50, 40, 7, 7]).statistic
    assert row["spearman"] == pytest.approx(expected)
    tau = stats.kendalltau([3, 1, 0, 0, 0], [0, 50, 40, 7, 7]).statistic
    assert row["kendall"] == pytest.approx(tau)
    both = correlation(found, ranking)
    assert list(zip(both["effect"], both["measure"], strict=True)) == [
        (effect, measure) for effect in ("cascade_hours", "basic_hours") for measure in MEASURES
    ]


def test_differences_have_a_sign_and_sum_to_nothing() -> None:
    found, ranking = small()
    part = (
        differences(found, ranking).query("effect == 'cascade_hours' and measure == 'out_degree'").set_index("process")
    )
    assert part["difference"].to_dict() == {"a": 4.0, "b": -1.0, "c": -2.0, "d": -0.5, "e": -0.5}
    assert part["structure_rank"].to_dict() == {"a": 1, "b": 2, "c": 4, "d": 4, "e": 4}
    assert part["effect_rank"].to_dict() == {"a": 5, "b": 1, "c": 2, "d": 3.5, "e": 3.5}
    assert (differences(found, ranking).groupby(["effect", "measure"])["difference"].sum() == 0).all()


def test_order_of_rows_does_not_matter() -> None:
    found, ranking = small()
    one = correlation(found, ranking)
    other = correlation(found.iloc[::-1].reset_index(drop=True), ranking.sort_values("process"))
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_tables_that_cannot_be_compared_are_refused() -> None:
    found, ranking = small()
    with pytest.raises(UsageError, match=r"no column 'cascade_hour'.*cascade_hours"):
        correlation(found, ranking, ["cascade_hour"])
    with pytest.raises(UsageError, match="process 'e' stands in the table more than once"):
        correlation(found, pd.concat([ranking, ranking.head(1)]))
    with pytest.raises(UsageError, match="no process in common"):
        correlation(found, ranking.assign(process=[f"z{k}" for k in range(5)]))
    with pytest.raises(UsageError, match="'cascade_hours' has no value for 'a'"):
        correlation(found, ranking.assign(cascade_hours=[1, 2, 3, 4, np.nan]))


# ------------------------------------------------------------------ tables


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_tables_read_and_hold_what_the_frames_hold(lang: str) -> None:
    world = web(("a", "b"), ("a", "c"), ("a", "d"), ("b", "e"))
    found, ranking = small()
    tables = shape.tables(found, ranking, world, lang, whole=True)
    assert [t.name for t in tables] == ["structure", "agreement", "missed"]
    for table in tables:
        for row in table.rows:
            for column in table.columns:
                table.show(column, row, lang)
    places, agree, missed = tables
    assert places.rows[0]["process"] == "a"
    assert [r["pagerank"] for r in places.rows] == sorted(found["pagerank"], reverse=True)
    assert {c.key for c in places.fields} == {"process", "sector", "name", *MEASURES}
    assert len(agree.rows) == len(MEASURES)
    worst = [r for r in missed.rows if r["measure"] == "out_degree" and r["effect"] == "cascade_hours"]
    assert [(r["verdict"], r["process"]) for r in worst] == [
        ("overrated", "a"), ("underrated", "c"), ("underrated", "b"), ("underrated", "d"), ("underrated", "e"),
    ]  # fmt: skip
    assert worst[0]["structure_text"] == "1"
    assert worst[3]["effect_rank_text"] == ("3,5" if lang == "nl" else "3.5")
    assert as_csv(missed).startswith(
        "effect,measure,verdict,process,value,simulated,structure_rank,effect_rank,difference"
    )
    assert len(shape.tables(found, None, world, lang)) == 1
    head = {"nl": "Direct", "en": "Direct"}[lang]
    assert any(r["name"].startswith(head) for r in agree.rows)


def test_agreement_puts_the_nearest_on_top_and_what_has_no_order_last() -> None:
    found, ranking = small()
    table = shape.agreement(found, ranking, "en")
    values = [r["spearman_cascade_hours"] for r in table.rows]
    known = [v for v in values if v is not None]
    assert values == sorted(known, reverse=True) + [None] * (len(values) - len(known))
    assert None in values  # all groups are of one
    negative = next(r for r in table.rows if (r["spearman_cascade_hours"] or 0) < -0.01)
    assert negative["spearman_cascade_hours_text"].startswith("−")


def test_summary_names_the_nearest_measure() -> None:
    found, ranking = small()
    best = shape.agreement(found, ranking, "en").rows[0]
    assert best["name"] in shape.summary(found, ranking, "en")
    assert "no order" in shape.summary(found, ranking.assign(cascade_hours=1), "en")


# ------------------------------------------------------------------ pictures


def unbeaten(x: np.ndarray, y: np.ndarray) -> list[bool]:
    found = zip(x, y, strict=True)
    return [bool(a + b > 0 and not ((x >= a) & (y >= b) & ((x > a) | (y > b))).any()) for a, b in found]


def effects(world: Model, seed: int = 1, nothing: float = 0.4, size: float = 1.5) -> pd.DataFrame:
    """A ranking as a sweep gives it, of made-up effects over six powers of ten."""
    random = np.random.default_rng(seed)
    names = sorted(world.processes)
    found = 10 ** random.normal(7, size, (len(names), 2))
    found[random.random(found.shape) < nothing] = 0
    x, y = found.T
    front = unbeaten(x, y)
    return pd.DataFrame(
        {
            "label": names,
            "cascade_hours": x,
            "basic_hours": y,
            "front": front,
            "locked": random.integers(0, 2, len(names)),
        }
    )


def doubts(world: Model, count: int = 60) -> pd.DataFrame:
    middle = np.geomspace(1e9, 1e4, count)
    return pd.DataFrame(
        {
            "label": sorted(world.processes)[:count],
            "low": np.where(np.arange(count) % 7 == 3, 0, middle * 0.3),
            "median": middle,
            "high": middle * 4,
            "in_top": np.clip(np.linspace(1.4, -0.5, count), 0, 1),
            "rank_low": np.maximum(1, np.arange(count) - 2),
            "rank_high": np.arange(count) + 4,
            "group": 1 + np.arange(count) // 5,
        }
    )


def marks(figure: Figure) -> list[tuple[float, float, int]]:
    """Places of marks in the first axes, and how many corners their shape has."""
    return [
        (*(float(v) for v in c.get_offsets()[0]), len(c.get_paths()[0].vertices)) for c in figure.axes[0].collections
    ]


@pytest.mark.parametrize(("size", "lang"), [(0.4, "nl"), (1.5, "nl"), (1.5, "en")])
def test_a_ranking_is_readable(shipped: Model, lang: str, size: float) -> None:
    frame = effects(shipped, size=size)
    figure = scatters.draw_ranking(frame, shipped, lang, told="24 h")
    assert crowded(figure) == []
    every = {d.name[lang] for d in shipped.processes.values()}
    # whoever does something is named in the picture, or under it
    felt = frame[(frame["cascade_hours"] > 0) | (frame["basic_hours"] > 0)]
    under = said(figure).replace("\n", " ")
    missing = [p for p in felt["label"] if scatters.clipped(shipped.processes[p].name[lang], 20)[:14] not in under]
    assert "…" in under or not missing
    assert len(every) > 100


def test_worse_stands_further_right_and_higher_and_none_in_its_band() -> None:
    world = model({p: {} for p in "abcde"})
    frame = pd.DataFrame(
        {
            "process": list("abcde"),
            "cascade_hours": [1e6, 1e3, 0, 1e5, 0],
            "basic_hours": [1e2, 1e4, 1e3, 0, 0],
            "front": [True, True, False, False, False],
            "locked": [0, 0, 2, 0, 0],
        }
    )
    figure = scatters.draw_ranking(frame, world, "en")
    at = {t.get_text(): t for t in texts(figure)}
    assert {"a", "b", "c", "d"} <= set(at)
    assert "e" not in at
    assert "1\nwithout\neffect" in at
    placed = marks(figure)
    circle = len(placed[0][:2]) and placed[0][2]
    dots = sorted({(round(x, 3), round(y, 3)) for x, y, _ in placed})
    assert len(dots) == 4
    assert len(placed) == 6  # two of the four have a ring for the front
    c, b, d, a = dots
    band = scatters.ZERO_BAND
    assert c[0] < band < b[0] < d[0] < a[0]
    assert d[1] < band < a[1] < c[1] < b[1]
    assert [n for x, y, n in placed if (round(x, 3), round(y, 3)) == c] != [circle]
    # the name of each mark stands nearest to it
    for name, dot in zip("cbda", dots, strict=True):
        away = {n: np.hypot(*(np.array(at[n].get_position()) - dot)) for n in "abcd"}
        assert min(away, key=away.__getitem__) == name


def test_the_front_is_an_edge_with_nothing_beyond() -> None:
    world = model({p: {} for p in "abcd"})
    frame = pd.DataFrame(
        {
            "process": list("abcd"),
            "cascade_hours": [1e6, 1e5, 1e3, 1e3],
            "basic_hours": [1e2, 1e4, 1e6, 1e1],
            "front": [True, True, True, False],
        }
    )
    figure = scatters.draw_ranking(frame, world, "nl")
    edge = next(line for line in figure.axes[0].lines if line.get_linestyle() == "--")
    corners = list(zip(edge.get_xdata(), edge.get_ydata(), strict=True))
    dots = sorted({(x, y) for x, y, _ in marks(figure)})
    assert all(dot in corners for dot in sorted(dots, key=lambda d: -d[0])[:2])
    for x, y in dots:
        beyond = [cy for cx, cy in corners if cx >= x]
        assert max(beyond) >= y
    heights = [y for _, y in corners]
    assert heights == sorted(heights)


def test_colours_are_those_of_the_sectors(shipped: Model) -> None:
    frame = effects(shipped, nothing=0)
    figure = scatters.draw_ranking(frame, shipped, "en")
    wanted = {to_rgb(c) for c in plots.SECTOR_COLOURS[: len(shipped.sectors)]}
    used = {to_rgb(tuple(c.get_facecolor()[0][:3])) for c in figure.axes[0].collections if len(c.get_facecolor())}
    assert used <= wanted
    assert len(used) == len(shipped.sectors)


def test_copies_are_named_with_their_region_and_many_are_cut(shipped: Model) -> None:
    regional = sorted(p for p, d in shipped.processes.items() if d.per is not None)[:12]
    labels = [f"{p}@{code}" for p in regional for code in sorted(shipped.regions)]
    random = np.random.default_rng(3)
    # much of a size, so that marks must stand aside
    x, y = 1e6 * random.random((2, len(labels)))
    frame = pd.DataFrame({"label": labels, "cascade_hours": x, "basic_hours": y, "front": unbeaten(x, y)})
    figure = scatters.draw_ranking(frame, shipped, "en")
    assert crowded(figure) == []
    assert f"the first {scatters.RANKED_MOST} of {len(labels)}" in said(figure)
    worst = frame.loc[frame["cascade_hours"].idxmax(), "label"].partition("@")
    assert shipped.regions[worst[2]].name in said(figure)
    # nothing stands beyond the front, though many have stepped aside
    places = [(a, b) for a, b, _ in marks(figure)]
    count = frame["front"].sum()
    rings = [p for p, n in Counter(places).items() if n == 2]
    assert len(rings) == count
    assert len(places) == scatters.RANKED_MOST + count
    edge = next(line for line in figure.axes[0].lines if line.get_linestyle() == "--")
    corners = list(zip(edge.get_xdata(), edge.get_ydata(), strict=True))
    assert all(any(a <= c and b <= d for c, d in corners) for a, b in places)


def test_equal_failures_stand_side_by_side() -> None:
    world = model({p: {} for p in "abc"})
    frame = pd.DataFrame({"process": [*"abc"], "cascade_hours": 1e6, "basic_hours": 1e3, "front": True})
    places = sorted({(a, b) for a, b, _ in marks(scatters.draw_ranking(frame, world, "en"))})
    assert len(places) == 3
    assert all(np.hypot(a - c, b - d) > 0.11 for (a, b), (c, d) in combinations(places, 2))


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_the_doubt_of_a_ranking_is_readable(shipped: Model, lang: str) -> None:
    figure = scatters.draw_rank_doubt(doubts(shipped), shipped, lang, told="24 h, 500")
    assert crowded(figure) == []
    assert "40" in said(figure)
    first = shipped.processes[sorted(shipped.processes)[0]].name[lang]
    assert scatters.clipped(first, 36) in said(figure)


def test_doubt_shows_intervals_ranks_chances_and_ties() -> None:
    world = model({p: {} for p in "abc"})
    frame = pd.DataFrame(
        {
            "label": list("abc"),
            "low": [1_000.0, 10, 0],
            "median": [2_000.0, 1_000, 0],
            "high": [10_000.0, 10_000, 10],
            "in_top": [1.0, 0.97, 0.004],
            "rank_low": [1, 1, 3],
            "rank_high": [1, 2, 3],
            "group": [1, 1, 2],
        }
    )
    figure = scatters.draw_rank_doubt(frame, world, "en")
    assert {"1", "1–2", "3", "100%", "97%", "<1%"} <= {t.get_text() for t in texts(figure)}
    axes = figure.axes[0]
    bars = [p for p in axes.patches if p.get_facecolor()[3] < 1]
    scale = scatters._scale([1e3, 2e3, 1e4, 10, 1e3, 1e4, 0, 0, 10], axes.get_xlim()[1])
    for bar, (low, high) in zip(bars, [(1e3, 1e4), (10, 1e4), (0, 10)], strict=True):
        assert bar.get_x() == pytest.approx(scale.at(low))
        assert bar.get_x() + bar.get_width() == pytest.approx(scale.at(high))
    assert scale.at(0) < scatters.ZERO_BAND < scale.at(10) < scale.at(1e3)
    grounds = [p for p in axes.patches if p.get_facecolor()[:3] == to_rgb(plots.CALM)]
    # the first group of two is grey, the second white
    assert [(g.get_y(), g.get_height()) for g in grounds] == [(0, 2)]
    assert "Knock-on effect" in axes.get_xlabel()
    assert scatters.draw_rank_doubt(frame, world, "en", effect="euros").axes[0].get_xlabel() == "euros"


def test_pictures_of_next_to_nothing() -> None:
    world = model({"a": {}})
    nothing = pd.DataFrame({"process": ["a"], "cascade_hours": [0], "basic_hours": [0], "front": [False]})
    for frame in (nothing, nothing.head(0), nothing.assign(cascade_hours=0.5), nothing.assign(basic_hours=3e12)):
        assert crowded(scatters.draw_ranking(frame, world, "nl")) == []
    assert crowded(scatters.draw_rank_doubt(doubts(world, 1), world, "nl")) == []
    assert crowded(scatters.draw_rank_doubt(doubts(world, 1).head(0), world, "nl")) == []


def test_pictures_carry_the_mark_and_equal_frames_give_equal_bytes(shipped: Model) -> None:
    frame = effects(shipped, nothing=0.8)
    assert "TLP:AMBER" in said(scatters.draw_ranking(frame, shipped, "nl", "TLP:AMBER"))
    assert "TLP:AMBER" in said(scatters.draw_rank_doubt(doubts(shipped, 5), shipped, "nl", "TLP:AMBER"))
    one, two = (plots.render(scatters.draw_ranking(frame, shipped, "nl"), "svg") for _ in range(2))
    assert one == two


def test_a_missing_column_is_named() -> None:
    world = model({"a": {}})
    with pytest.raises(UsageError, match="no column 'basic_hours'"):
        scatters.draw_ranking(pd.DataFrame({"process": ["a"], "cascade_hours": [1]}), world, "nl")
    with pytest.raises(UsageError, match="no column 'process'"):
        scatters.draw_ranking(pd.DataFrame({"cascade_hours": [1], "basic_hours": [1], "front": [True]}), world, "nl")
    with pytest.raises(UsageError, match="no column 'group'"):
        scatters.draw_rank_doubt(doubts(world, 1).drop(columns="group"), world, "nl")
