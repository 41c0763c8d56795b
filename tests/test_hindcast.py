"""Runs beside what was seen: every point, boundary and weight by arithmetic, and the command that tells it."""

import csv
import io
import json
import shutil
import textwrap
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from builders import model, run, scenario
from click.testing import CliRunner, Result
from matplotlib.backends.backend_agg import FigureCanvasAgg

import cascade
from cascade.cli import main
from cascade.errors import UsageError
from cascade.files.reading import find_scenario, hindcast_files, load, read_scenario, scenario_files
from cascade.model import Assets, Model
from cascade.results import hindcast as hindcasts
from cascade.results.hindcast import Hindcast, Sampled, Samples, Verdict
from cascade.results.judging import (
    ALARM_WEIGHT,
    BASIS,
    SURENESS,
    Line,
    cause_of,
    degree_points,
    end_points,
    judge,
    onset_points,
    quiet_points,
    score,
    weight_of,
    worst_copy,
)
from cascade.simulation.run import simulate
from cascade.telling import plots, scatters, trial
from cascade.telling.talk import Talk
from cascade.units import Uncertain, sure

ROOT = Path(__file__).resolve().parents[1]
M, H = 60, 3_600

TWO: dict[str, dict[str, Any]] = {
    "a": {"per": "region"},
    "b": {"per": "region", "needs": {"p": {"from": "a"}}},
    "n": {"needs": {"p": {"from": "a"}}},
    "c": {},
}
"""b follows the a of its region at once, n that of the country; c needs nothing."""
REGIONS = {"R1": 1_000, "R2": 3_000}


def judged(*observed: dict[str, Any], events: Any = None, world: Model | None = None, **rest: Any) -> list[Line]:
    """Judge a run of two regions in which a fails in R1 from 1 to 5 h, unless other events are given."""
    events = events or [{"hits": "a", "where": ["R1"], "at": "1h", "for": "4h"}]
    return judge(run(world or model(TWO, REGIONS), *events, observed=list(observed), **rest), "case")


def only(lines: list[Line], kind: str) -> Line:
    (found,) = [line for line in lines if line.kind == kind]
    return found


# ------------------------------------------------------------------ what a run says


def test_loss_is_weighted_by_people_over_the_copies_named() -> None:
    seen = {"process": "b", "starts": "1h", "lost": "25%", "ends": "5h"}
    lines = judged({**seen, "where": ["R1", "R2"]})
    # a quarter of the people of both regions live in R1
    assert [(line.kind, line.predicted) for line in lines] == [("onset", 1 * H), ("degree", 2_500), ("end", 5 * H)]
    assert [line.predicted for line in judged({**seen, "where": ["R1"]})] == [1 * H, 10_000, 5 * H]
    assert [line.predicted for line in judged({**seen, "where": ["R2"]})] == [None, 0, None]


def test_onset_and_end_lie_at_a_tenth_of_the_peak() -> None:
    levels = {"1h": "96%", "2h": "95%", "3h": "50%", "6h": "95%", "7h": "94%", "8h": "95%", "9h": "100%"}
    lines = judged(
        {"process": "b", "where": ["R1"], "starts": "1h", "lost": "50%", "ends": "9h"},
        events=[{"hits": "a", "where": ["R1"], "levels": levels}],
    )
    # the peak is 50 %, a tenth of it 5 %: reached at 2 h, and above it for the last time until 8 h
    assert [line.predicted for line in lines] == [2 * H, 5_000, 8 * H]


def test_what_has_not_ended_at_the_horizon_has_no_end() -> None:
    lines = judged({"process": "b", "ends": "5h"}, events=[{"hits": "a", "where": ["R1"]}], horizon="2d")
    assert (lines[0].predicted, lines[0].points, lines[0].nothing) == (None, 0, False)


@pytest.mark.parametrize(("level", "predicted"), [("99.01%", None), ("99%", 0)])
def test_a_peak_under_a_hundredth_predicts_nothing(level: str, predicted: int | None) -> None:
    seen = {"process": "b", "where": ["R1"], "starts": "0h"}
    lines = judged(seen, events=[{"hits": "a", "where": ["R1"], "level": level, "for": "4h"}])
    assert lines[0].predicted == predicted
    assert lines[0].points == (predicted is not None)


def test_where_left_out_means_where_the_events_hit() -> None:
    seen = {"process": "b", "lost": "100%"}
    assert judged(seen)[0].where == ("R1",)
    assert judged(seen, events=[{"hits": "a"}])[0].where == ("R1", "R2")
    # only a national process is hit: then everywhere
    assert judged(seen, events=[{"hits": "c"}])[0].where == ("R1", "R2")
    # what is beyond the horizon does not happen
    late = [{"hits": "a", "where": ["R1"], "for": "1h"}, {"hits": "a", "where": ["R2"], "at": "9d"}]
    assert judged(seen, events=late, horizon="3d")[0].where == ("R1",)


def test_a_national_process_has_its_one_copy_whatever_where_says() -> None:
    line = judged({"process": "n", "where": ["R2"], "lost": "25%"})[0]
    # it needs the mean of a over the country, of which a quarter is gone
    assert (line.where, line.predicted, line.points) == ((), 2_500, 1)


def test_copies_weigh_the_same_where_nobody_lives() -> None:
    world = model(TWO, {"R1": 0, "R2": 0})
    assert judged({"process": "b", "where": ["R1", "R2"], "lost": "50%"}, world=world)[0].predicted == 5_000


def test_a_region_without_a_copy_is_out_of_scope() -> None:
    assets = {"plant": Assets(("P",), ("P",), ("R1",), (1,))}
    world = model({**TWO, "plant": {"assets": "plants.csv", "needs": {"p": {"from": "a"}}}}, REGIONS, assets=assets)
    here, there = judged(
        {"process": "plant", "where": ["R1"], "lost": "100%"},
        {"process": "plant", "where": ["R2"], "lost": "100%"},
        world=world,
    )
    assert (here.status, here.points) == ("scored", 1)
    assert (there.status, there.remark, there.points) == ("out-of-scope", "no_copy_there", None)


# ------------------------------------------------------------------ points


@pytest.mark.parametrize(
    ("seen", "predicted", "points"),
    [
        (sure(2 * H), 1 * H, 1),  # half, exactly
        (sure(2 * H), 1 * H - 1, 0),
        (sure(2 * H), 4 * H, 1),  # twice, exactly
        (sure(2 * H), 4 * H + 1, 0),
        (Uncertain(10 * M, 2 * H, 9 * H), 10 * M, 1),  # in the range, though not within a factor two
        (Uncertain(10 * M, 2 * H, 9 * H), 9 * H, 1),
        (Uncertain(10 * M, 2 * H, 9 * H), 10 * M - 1, 0),
        (Uncertain(10 * M, 2 * H, 9 * H), 9 * H + 1, 0),
        (sure(30 * M), 15 * M, 1),  # from 30 min on by a factor
        (sure(30 * M), 60 * M, 1),
        (sure(29 * M), 14 * M, 1),  # under 30 min by 15 min either way, exactly
        (sure(29 * M), 44 * M, 1),
        (sure(29 * M), 44 * M + 1, 0),
        (sure(29 * M), 14 * M - 1, 0),
        (sure(0), 15 * M, 1),
        (sure(0), 15 * M + 1, 0),
        (Uncertain(0, 0, 2 * H), 2 * H, 1),
        (sure(0), None, 0),
        (sure(2 * H), None, 0),
    ],
)
def test_points_for_an_onset(seen: Uncertain, predicted: int | None, points: int) -> None:
    assert onset_points(seen, predicted) == points


@pytest.mark.parametrize(
    ("seen", "predicted", "points"),
    [
        (sure(10 * H), 5 * H, 1),
        (sure(10 * H), 5 * H - 1, 0),
        (sure(10 * H), 20 * H, 1),
        (sure(10 * H), 20 * H + 1, 0),
        (Uncertain(1 * H, 10 * H, 40 * H), 40 * H, 1),
        (Uncertain(1 * H, 10 * H, 40 * H), 40 * H + 1, 0),
        (sure(20 * M), 41 * M, 0),  # no 15 minutes for an end
        (sure(10 * H), None, 0),
    ],
)
def test_points_for_an_end(seen: Uncertain, predicted: int | None, points: int) -> None:
    assert end_points(seen, predicted) == points


@pytest.mark.parametrize(
    ("predicted", "points"),
    [(4_000, "1"), (8_000, "1"), (3_999, "1/2"), (2_000, "1/2"), (1_999, "0"), (10_000, "1/2"), (8_001, "1/2")],
)
def test_points_for_a_degree(predicted: int, points: str) -> None:
    assert degree_points(Uncertain(4_000, 6_000, 8_000), predicted) == Fraction(points)


def test_a_degree_too_deep_by_more_than_a_fifth_earns_nothing() -> None:
    assert degree_points(sure(5_000), 7_000) == Fraction(1, 2)
    assert degree_points(sure(5_000), 7_001) == 0


@pytest.mark.parametrize(("predicted", "points"), [(0, 1), (500, 1), (1_500, 1), (1_501, 0)])
def test_points_for_what_kept_working(predicted: int, points: int) -> None:
    assert quiet_points(500, predicted) == points


def test_what_kept_working_is_one_line() -> None:
    (line,) = judged({"process": "b", "where": ["R1", "R2"], "lost_at_most": "15%"})
    # 25 % is gone, 15 + 10 % allowed
    assert (line.kind, line.predicted, line.points) == ("quiet", 2_500, 1)
    assert judged({"process": "b", "where": ["R1", "R2"], "lost_at_most": "14.99%"})[0].points == 0


def test_where_perhaps_nothing_was_lost_losing_nothing_is_right() -> None:
    seen = {"process": "c", "starts": "1h", "lost": ["0%", "10%", "20%"], "ends": "5h"}
    onset, degree, end = judged(seen)
    assert (degree.status, degree.points) == ("scored", 1)
    assert [(line.status, line.remark, line.points) for line in (onset, end)] == [
        ("left-out", "nothing_lost", None)
    ] * 2
    # if it must have lost something, all three count
    assert [line.points for line in judged({**seen, "lost": ["1%", "10%", "20%"]})] == [0, Fraction(1, 2), 0]


# ------------------------------------------------------------------ weights and scores


@pytest.mark.parametrize(
    ("evidence", "weight"),
    [
        ("S-h", "1"),
        ("S-m", "3/4"),
        ("S-l", "1/2"),
        ("D-h", "3/4"),
        ("D-m", "9/16"),
        ("M-m", "3/8"),
        ("M-l", "1/4"),
        ("", "1/2"),
    ],
)
def test_weights_follow_the_evidence(evidence: str, weight: str) -> None:
    assert weight_of(evidence) == Fraction(weight)


def test_every_evidence_that_a_file_may_name_has_a_weight() -> None:
    assert set(BASIS) == set("SDM")
    assert set(SURENESS) == set("hml")
    assert min(b * s for b in BASIS.values() for s in SURENESS.values()) / 2 == ALARM_WEIGHT == Fraction(1, 8)


def test_a_score_is_the_weighted_share_of_the_points() -> None:
    lines = judged(
        {"process": "b", "starts": "1h", "evidence": "S-h"},  # right: 1 x 1
        {"process": "b", "lost": "85%", "evidence": "D-m"},  # half: 9/16 x 1/2
        {"process": "b", "ends": "1h", "evidence": "M-l"},  # wrong: 1/4 x 0
        {"process": "a", "lost": "100%", "evidence": "S-h"},  # given: left out
    )
    found = score(lines)
    assert (found.lines, found.met, found.half) == (3, 1, 1)
    assert found.weight == 1 + Fraction(9, 16) + Fraction(1, 4)
    assert found.share == pytest.approx((1 + 9 / 32) / (1 + 9 / 16 + 1 / 4))
    assert found.plain == pytest.approx(1.5 / 3)
    assert (score([]).share, score([]).plain) == (None, None)


# ------------------------------------------------------------------ given, out of scope, alarms


def test_what_an_event_hits_itself_is_given() -> None:
    lines = judged(
        {"process": "a", "starts": "1h", "lost": "100%"},
        {"process": "a", "lost_at_most": "5%"},
        {"process": "a", "where": ["R2"], "lost_at_most": "5%"},
    )
    assert [line.status for line in lines] == ["given", "given", "given", "scored"]
    assert [line.points for line in lines] == [None, None, None, 1]
    assert {line.remark for line in lines[:3]} == {"given_by_event"}


@pytest.mark.parametrize(
    ("ends", "status"),
    # the event is over at 6 h; 6 h are three quarters of 8 h
    [("8h", "scored"), ("7h 59m", "given")],
)
def test_an_end_counts_where_the_event_is_over_well_before_it(ends: str, status: str) -> None:
    world = model({**TWO, "a": {"per": "region", "restart": "3h"}}, REGIONS)
    events = [{"hits": "a", "where": ["R1"], "for": "5h"}, {"hits": "a", "where": ["R1"], "level": "50%", "for": "6h"}]
    onset, degree, end = judged(
        {"process": "a", "starts": "0h", "lost": "100%", "ends": ends}, events=events, world=world
    )
    assert (onset.status, degree.status, end.status) == ("given", "given", status)
    # back to a half at once is no restart; the whole takes three hours more
    assert end.predicted == 9 * H


def test_an_event_without_an_end_gives_everything() -> None:
    assert judged({"process": "a", "ends": "20d"}, events=[{"hits": "a", "where": ["R1"]}])[0].status == "given"
    wrong = [{"hits": "a", "where": ["R1"], "manipulated": True}]
    assert judged({"process": "a", "ends": "20d"}, events=wrong)[0].status == "given"


def test_out_of_scope_is_listed_and_never_scored() -> None:
    lines = judged(
        {"what": "queues", "out_of_scope": "no queues in the model"},
        {"process": "b", "starts": "1h", "lost": "100%", "out_of_scope": "common cause"},
    )
    assert [(line.process, line.kind, line.status) for line in lines] == [
        ("", "", "out-of-scope"),
        ("b", "onset", "out-of-scope"),
        ("b", "degree", "out-of-scope"),
    ]
    assert score(lines).lines == 0


def crowd(number: int) -> list[dict[str, Any]]:
    return [{"what": f"thing {k}", "out_of_scope": "not modelled"} for k in range(number)]


FOUR: dict[str, dict[str, Any]] = {
    **TWO,
    "deep": {"per": "region", "needs": {"p": {"from": "a", "loses": "90%"}}},
    "edge": {"per": "region", "needs": {"p": {"from": "a", "loses": "30%"}}},
    "past": {"per": "region", "needs": {"p": {"from": "a", "loses": "30.01%"}}},
    "mirror": {"per": "region", "tags": ["indicator"], "needs": {"p": {"from": "a"}}},
}


def test_alarms_only_sound_in_rich_incidents() -> None:
    world = model(FOUR, REGIONS)
    seen = {"process": "b", "lost": "100%"}
    assert not [line for line in judged(seen, *crowd(10), world=world) if line.kind == "alarm"]
    alarms = [line for line in judged(seen, *crowd(11), world=world) if line.kind == "alarm"]
    # a is hit, b is named, n loses 25 %, c nothing, edge exactly 30 %, mirror is only an indicator
    assert [(line.process, line.predicted, line.where) for line in alarms] == [
        ("deep", 9_000, ("R1",)),
        ("past", 3_001, ("R1",)),
    ]
    assert {(line.points, line.weight, line.number) for line in alarms} == {(0, Fraction(1, 8), -1)}


def test_what_is_named_out_of_scope_raises_no_alarm() -> None:
    outside = {"process": "deep", "lost": "90%", "out_of_scope": "common cause"}
    lines = judged(outside, *crowd(11), world=model(FOUR, REGIONS))
    assert [line.process for line in lines if line.kind == "alarm"] == ["b", "past"]


def test_a_run_without_observations_cannot_be_judged() -> None:
    with pytest.raises(UsageError, match="observed"):
        judged()


# ------------------------------------------------------------------ why


def test_the_cause_of_a_miss_is_that_of_the_worst_copy() -> None:
    world = model(FOUR, REGIONS)
    events = [{"hits": "a", "where": ["R1"], "level": "50%"}, {"hits": "a", "where": ["R2"], "for": "2h"}]
    done = run(world, *events, observed=[{"process": "b", "lost": "10%", "ends": "3h"}])
    degree, end = judge(done)
    # at its lowest R2 has nothing left; at 3 h only R1 is still short
    for line, label in ((degree, "b@R2"), (end, "b@R1")):
        copy = worst_copy(done, line)
        assert copy is not None
        assert done.network.labels[copy] == label
        cause = cause_of(done, line)
        assert cause is not None
        assert (cause.need, done.network.labels[cause.supplier]) == ("p", label.replace("b", "a"))


def test_what_never_fell_has_no_cause() -> None:
    done = run(model(TWO, REGIONS), {"hits": "c"}, observed=[{"process": "b", "starts": "1h"}])
    assert cause_of(done, judge(done)[0]) is None


# ------------------------------------------------------------------ several incidents


def hindcast_of(*cases: tuple[str, list[dict[str, Any]]], world: Model | None = None, **rest: Any) -> Hindcast:
    """Judge several incidents of the usual outage, without files."""
    world = world or model(TWO, REGIONS)
    verdicts = []
    for name, observed in cases:
        done = run(world, {"hits": "a", "where": ["R1"], "at": "1h", "for": "4h"}, observed=observed)
        verdicts.append(Verdict(name, cascade.files.reading.Input(name, ""), done, tuple(judge(done, name))))
    return Hindcast(world, tuple(verdicts), **rest)


SEEN: list[dict[str, Any]] = [
    {"process": "b", "starts": ["1h", "2h", "3h"], "lost": "85%", "ends": "20h", "evidence": "S-h"},
    {"process": "c", "lost_at_most": "5%", "evidence": "M-l"},
]


def test_frames_are_in_hours_and_shares() -> None:
    frame = hindcast_of(("one", SEEN)).lines
    assert list(frame.columns) == [
        "incident", "process", "where", "kind", "seen_low", "seen", "seen_high", "predicted", "points", "weight",
        "evidence", "status",
    ]  # fmt: skip
    assert frame["kind"].tolist() == ["onset", "degree", "end", "quiet"]
    assert frame.loc[0, ["seen_low", "seen", "seen_high", "predicted", "points"]].tolist() == [1, 2, 3, 1, 1]
    assert frame.loc[1, ["seen", "predicted", "points"]].tolist() == [0.85, 1.0, 0.5]
    assert frame.loc[2, ["seen", "predicted", "points"]].tolist() == [20, 5, 0]
    # a bound is not something that was seen
    assert pd.isna(frame.loc[3, "seen"])
    assert frame.loc[3, "seen_high"] == 0.05


def test_scores_by_kind_incident_process_sector_and_evidence() -> None:
    found = hindcast_of(("one", SEEN), ("two", SEEN[1:]))
    kinds = found.scores().set_index("kind")
    assert kinds["lines"].to_dict() == {"onset": 1, "degree": 1, "end": 1, "quiet": 2}
    assert kinds["score"].to_dict() == {"onset": 1.0, "degree": 0.5, "end": 0.0, "quiet": 1.0}
    incidents = found.scores("incident").set_index("incident")
    # 1 + 1/2 + 0 + 1/4 of 3 1/4
    assert incidents.loc["one", "score"] == pytest.approx(1.75 / 3.25)
    assert incidents.loc["two", "score"] == 1
    assert found.scores("process")["process"].tolist() == ["b", "c"]
    assert found.scores("sector")["sector"].tolist() == ["one"]
    assert found.scores("evidence")["evidence"].tolist() == ["S-h", "M-l"]
    assert found.total.share == pytest.approx(2 / 3.5)
    with pytest.raises(UsageError, match="no scores by 'colour'"):
        found.scores("colour")


def test_alarms_lower_the_score_only_where_they_are_asked_for() -> None:
    found = hindcast_of(
        ("one", [{"process": "b", "lost": "100%", "evidence": "S-h"}, *crowd(11)]), world=model(FOUR, REGIONS)
    )
    assert found.total_without_alarms.share == 1
    # two alarms of an eighth beside one line of weight one
    assert found.total.share == pytest.approx(1 / 1.25)


def test_structural_is_what_no_draw_meets() -> None:
    met = {("one", 0, "onset"): 1.0, ("one", 0, "degree"): 0.0, ("one", 0, "end"): 0.0, ("one", 1, "quiet"): 0.0}
    of_line: Any = {key: Sampled(10, share, 0.5 if key[2] == "degree" else share) for key, share in met.items()}
    found = hindcast_of(("one", SEEN), samples=Samples(10, 1, of_line, (0.5,) * 10))
    # the degree is one sure number, near enough in half a point; what kept working is right in the run itself
    assert [line.kind for line in found.structural] == ["end"]
    assert found.lines["met"].tolist() == [1, 0, 0, 0]
    (row,) = trial.structural(found, "en").rows
    assert (row["kind"], row["mean_points"]) == ("end", 0)


# ------------------------------------------------------------------ files and commands

MODEL = {
    "model.yaml": 'title: {nl: Klein land, en: Small country}\nversion: "1"\n',
    "regions.yaml": "- {code: R1, name: Noord, population: 1000}\n- {code: R2, name: Zuid, population: 3000}\n",
    "sources.yaml": "HAND: {title: A handbook, publisher: A press, date: 2020}\n",
    "energy.yaml": """
        sector: energy
        name: {nl: Energie, en: Energy}
        authority: KGG
        processes:
          grid: {name: {nl: Stroomnet, en: Power grid}, per: region}
          phone:
            name: {nl: Telefoon, en: Telephone}
            per: region
            needs: {power: {from: grid, endures: [2h, 4h, 8h], source: HAND, confidence: high}}
          shop: {name: {nl: Winkel, en: Shop}, per: region, needs: {power: {from: grid, endures: 1h}}}
    """,
}
INCIDENT = """
    name: {nl: Storing Noord, en: Outage North}
    horizon: 3d
    sources: [HAND]
    events: [{hits: grid, where: [R1], level: 0%, for: 10h}]
    observed:
      - {process: phone, starts: 4h, lost: 100%, ends: 10h, evidence: S-h, source: HAND}
      - {process: shop, starts: 12h, lost_at_most: null}
      - {what: {nl: Drukte, en: Crowds}, out_of_scope: {nl: geen mensenmassa's, en: no crowds}}
""".replace(
    "{process: shop, starts: 12h, lost_at_most: null}", "{process: shop, starts: 12h, lost: 10%, evidence: S-m}"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small model with one past incident and one plain scenario, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CASCADE_MODEL", raising=False)
    for name, text in MODEL.items():
        file = tmp_path / "sectors" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(textwrap.dedent(text), "utf-8")
    past = tmp_path / "scenarios" / "hindcasts"
    past.mkdir(parents=True)
    (past / "x01-north.yaml").write_text(textwrap.dedent(INCIDENT), "utf-8")
    plain = textwrap.dedent(INCIDENT).partition("observed:")[0]
    (tmp_path / "scenarios" / "plain.yaml").write_text(plain, "utf-8")
    return tmp_path


def call(*line: str) -> Result:
    return CliRunner().invoke(main, list(line))


def test_incidents_are_found_apart_from_scenarios(folder: Path) -> None:
    assert list(scenario_files("sectors", beside_only=True)) == ["plain"]
    assert list(hindcast_files("sectors", beside_only=True)) == ["x01-north"]
    assert find_scenario("x01-north", "sectors") == Path("scenarios/hindcasts/x01-north.yaml")
    with pytest.raises(UsageError, match="did you mean 'x01-north'"):
        find_scenario("x01-nort", "sectors")


def test_run_finds_an_incident_by_name_and_lists_how_many_there_are(folder: Path) -> None:
    assert "Storing Noord" in call("run", "x01-north", "--lang", "nl").output
    said = call("run", "--lang", "en").output
    assert "plain" in said
    assert "x01-north" not in said
    assert "real incidents (1):  cascade hindcast" in said


def test_check_looks_at_incidents_too(folder: Path) -> None:
    assert call("check").exit_code == 0
    file = folder / "scenarios" / "hindcasts" / "x01-north.yaml"
    file.write_text(file.read_text("utf-8").replace("process: shop", "process: shoop"), "utf-8")
    found = call("check", "--lang", "en")
    assert found.exit_code == 3
    assert "x01-north.yaml" in found.output
    assert "did you mean 'shop'?" in found.output


def test_hindcast_of_a_folder(folder: Path) -> None:
    found = cascade.hindcast(load("sectors"))
    assert found.lines["incident"].unique().tolist() == ["x01-north"]
    # phone: 4 h, all and 10 h are right (weight 3); shop: 1 h is not 12 h, 100 % not 10 % (weight 2 x 3/4)
    assert found.total.share == pytest.approx(3 / 4.5)
    assert cascade.hindcast(load("sectors"), ["x01-north"]).total == found.total
    assert cascade.hindcast(load("sectors"), "scenarios/hindcasts/x01-north.yaml").total == found.total


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_the_command_tells_scores_misses_and_what_is_outside(folder: Path, lang: str) -> None:
    done = call("hindcast", "--lang", lang)
    assert done.exit_code == 0, done.output
    said = " ".join(done.output.split())
    for nl, en in (
        ("Score, gewogen naar bewijs 67%", "Score, weighted by evidence 67%"),
        (
            "3 goed, 0 half goed, 2 mis (regels: 5, incidenten: 1)",
            "3 right, 0 half right, 2 missed (lines: 5, incidents: 1)",
        ),
        ("Storing Noord", "Outage North"),
        ("begint na 1 u; gezien na 12 u; door gebrek", "begins after 1 h; seen after 12 h; for lack of"),
        ("Stroomnet", "Power grid"),
        ("geen mensenmassa's", "no crowds"),
        ("Grenzen van deze vergelijking", "Limits of this comparison"),
    ):
        assert (nl if lang == "nl" else en) in said
    assert max(len(line) for line in done.output.splitlines()) <= 100


def test_why_gives_the_chain_back_to_the_event(folder: Path) -> None:
    said = call("hindcast", "x01-north", "--why", "--lang", "en").output
    assert "1  Shop, Noord: 0% from 1 h" in said
    assert "2  Power grid, Noord: 0% from 0 h" in said
    # two lines are missed for one and the same reason
    assert said.count("2  Power grid, Noord") == 1
    chains = said.partition("no crowds")[2]
    assert "x01-north: Shop, Noord: begins after 1 h; seen after 12 h" in chains
    assert "x01-north: Shop, Noord: loses 100%; seen 10%" in chains


def test_the_same_as_data(folder: Path) -> None:
    data = json.loads(call("hindcast", "--format", "json", "--lang", "en").stdout)
    assert data["played"] == ["x01-north"]
    assert data["totals"]["lines"] == 5
    assert data["totals"]["score"] == pytest.approx(3 / 4.5)
    assert [row["kind"] for row in data["misses"]] == ["onset", "degree"]
    assert data["misses"][0]["supplier"] == "grid@R1"
    assert data["out-of-scope"][0]["remark"] == "no crowds"
    rows = list(
        csv.DictReader(io.StringIO(call("hindcast", "--format", "csv", "--table", "lines", "--lang", "en").stdout))
    )
    assert [row["status"] for row in rows] == ["scored"] * 5 + ["out-of-scope"]
    assert rows[0] == {
        "incident": "x01-north", "process": "phone", "name": "Telephone", "where": "R1", "kind": "onset", "seen_low": "4.0", "seen": "4.0",
        "seen_high": "4.0", "predicted": "4.0", "points": "1.0", "weight": "1.0", "evidence": "S-h", "status": "scored",
        "remark": "",
    }  # fmt: skip


def test_faults_of_use_are_said_in_one_line(folder: Path) -> None:
    unknown = call("hindcast", "x01-nort")
    assert unknown.exit_code == 2
    assert "no scenario 'x01-nort'; did you mean 'x01-north'?" in unknown.stderr
    plain = call("hindcast", "plain")
    assert plain.exit_code == 2
    assert "plain.yaml: nothing to compare with" in plain.stderr
    assert "observed" in plain.stderr
    assert call("hindcast", "--samples", "-1").exit_code == 2


def test_the_number_that_the_answer_shows_is_a_name_too(folder: Path) -> None:
    assert json.loads(call("hindcast", "x01", "--format", "json").stdout)["played"] == ["x01-north"]
    shutil.copy("scenarios/hindcasts/x01-north.yaml", "scenarios/hindcasts/x01-south.yaml")
    assert "no scenario 'x01'" in call("hindcast", "x01").stderr  # it may be either


def test_a_table_that_needs_draws_asks_for_them(folder: Path) -> None:
    done = call("hindcast", "--table", "structural")
    assert done.exit_code == 2
    assert "--samples" in done.stderr


def test_without_incidents_it_says_what_to_do(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(folder / "scenarios")
    monkeypatch.setattr("cascade.files.reading.bundled", lambda name: folder / "nothing" / name)
    done = call("hindcast")
    assert done.exit_code == 2
    assert "scenarios/hindcasts" in done.stderr


def test_a_folder_holds_every_table_the_picture_and_a_manifest(folder: Path) -> None:
    done = call("hindcast", "--out", "trial", "--lang", "nl")
    assert done.exit_code == 0, done.output
    names = sorted(p.relative_to("trial").as_posix() for p in Path("trial").rglob("*") if p.is_file())
    tables = ["alarms", "incidents", "kinds", "lines", "misses", "out-of-scope", "processes", "totals"]
    pictures = [f"pictures/predicted-against-seen.{kind}" for kind in ("png", "svg")]
    assert names == sorted([*(f"{t}.csv" for t in tables), "manifest.json", *pictures])
    manifest = json.loads(Path("trial/manifest.json").read_text("utf-8"))
    assert "hindcasts/x01-north.yaml" in manifest["inputs"]
    assert set(manifest["files"]) == {name for name in names if name != "manifest.json"}
    before = {name: (Path("trial") / name).read_bytes() for name in names}
    assert call("hindcast", "--out", "trial", "--lang", "nl").exit_code == 0
    assert {name: (Path("trial") / name).read_bytes() for name in names} == before


def test_one_table_goes_to_one_file(folder: Path) -> None:
    assert call("hindcast", "--table", "kinds", "--out", "kinds.csv").exit_code == 0
    assert Path("kinds.csv").read_text("utf-8").startswith("kind,")


# ------------------------------------------------------------------ samples


def test_samples_move_what_is_uncertain_and_nothing_else(folder: Path) -> None:
    world = load("sectors")
    found = cascade.hindcast(world, samples=20, seed=3)
    assert found.samples is not None
    lines = {line.kind: line for line in found.all_lines if line.process == "phone"}
    # the battery of the phone lasts 2 to 8 h and must be within 2 to 8 h: always right
    assert found.samples.of(lines["onset"]) == Sampled(20, 1.0, 1.0)
    # the shop has no uncertain number, so what is wrong once is always wrong
    assert [(line.process, line.kind) for line in found.structural] == [("shop", "onset"), ("shop", "degree")]
    assert found.samples.totals == (pytest.approx(3 / 4.5),) * 20
    assert found.samples.quantiles() == (pytest.approx(3 / 4.5),) * 3
    assert found.total == cascade.hindcast(world).total


def test_samples_depend_on_the_seed_alone(folder: Path) -> None:
    file = folder / "scenarios" / "hindcasts" / "x01-north.yaml"
    # the battery lasts 2 to 8 h; 2 h is met by up to 4 h only
    file.write_text(file.read_text("utf-8").replace("starts: 4h", "starts: 2h"), "utf-8")
    world = load("sectors")
    one, same, other = (cascade.hindcast(world, samples=15, seed=seed).samples for seed in (1, 1, 2))
    assert one is not None
    assert same is not None
    assert other is not None
    assert (one.of_line, one.totals) == (same.of_line, same.totals)
    assert one.totals != other.totals
    assert 0 < one.of_line["x01-north", 0, "onset"].met < 1


def test_the_command_tells_of_samples(folder: Path) -> None:
    done = call("hindcast", "--samples", "5", "--lang", "en")
    assert done.exit_code == 0, done.output
    assert "67% to 67% (5 to 95% of 5 draws), middle 67%" in done.output
    assert "Right in no draw at all" in done.output
    data = json.loads(call("hindcast", "--samples", "5", "--format", "json").stdout)
    assert [row["process"] for row in data["structural"]] == ["shop", "shop"]
    assert data["totals"]["samples"] == 5


def test_incidents_with_measures_get_a_network_of_their_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[Any] = []
    real = hindcasts.compile_network
    monkeypatch.setattr(hindcasts, "compile_network", lambda *given: compiled.append(given) or real(*given))
    (folder / "sectors" / "measures.yaml").write_text(
        "spare:\n  name: Spare\n  lever: redundancy\n  applies_to: {processes: [shop], need: power}\n  effect: {endures: +4h}\n"
        "  cost: [1 EUR, 1 EUR, 1 EUR]\n",
        "utf-8",
    )
    file = folder / "scenarios" / "hindcasts" / "x01-north.yaml"
    text = file.read_text("utf-8")
    (file.parent / "x02-same.yaml").write_text(text, "utf-8")
    (file.parent / "x03-spare.yaml").write_text(text + "with_measures: [{measure: spare, at: [shop]}]\n", "utf-8")
    frame = cascade.hindcast(load("sectors")).lines
    shop = frame[(frame["process"] == "shop") & (frame["kind"] == "onset")].set_index("incident")["predicted"]
    assert shop.to_dict() == {"x01-north": 1, "x02-same": 1, "x03-spare": 5}
    assert len(compiled) == 2


# ------------------------------------------------------------------ the picture


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_the_picture_shows_each_onset_and_names_what_is_missed(folder: Path, lang: Any) -> None:
    found = cascade.hindcast(load("sectors"))
    figure = scatters.draw_predicted_against_seen(found, lang)
    texts = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert ("X01 Winkel" if lang == "nl" else "X01 Shop") in texts
    assert not [text for text in texts if "Telefoon" in text or "Telephone" in text]
    # areas are collections too, without a colour of their edge
    marks = [c.get_offsets()[0] for c in figure.axes[0].collections if len(c.get_edgecolor())]
    # log10 of the hours seen and predicted: 4 and 4, 12 and 1
    assert sorted([round(float(10**x), 6), round(float(10**y), 6)] for x, y in marks) == [[4, 4], [12, 1]]
    assert plots.render(figure, "svg") == plots.render(scatters.draw_predicted_against_seen(found, lang), "svg")


def test_in_the_picture_no_name_covers_another() -> None:
    found = cascade.hindcast(load(ROOT / "sectors"))
    figure = scatters.draw_predicted_against_seen(found, "nl")
    FigureCanvasAgg(figure).draw()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert boxes
    for k, one in enumerate(boxes):
        for other in boxes[:k]:
            wide = min(one.x1, other.x1) - max(one.x0, other.x0)
            tall = min(one.y1, other.y1) - max(one.y0, other.y0)
            assert min(wide, tall) <= 1


def test_names_are_short_where_they_begin_with_a_number() -> None:
    assert trial.short_name("i03-amsterdam-zaandam") == "I03"
    assert trial.short_name("storm") == "storm"
    assert trial.short_name("a-very-long-name-of-a-file") == "a-very-long-n…"


# ------------------------------------------------------------------ what is shipped

SHIPPED = sorted((ROOT / "scenarios" / "hindcasts").glob("*.yaml"))


@pytest.fixture(scope="module")
def shipped() -> Model:
    return load(ROOT / "sectors")


def test_there_are_shipped_incidents() -> None:
    assert len(SHIPPED) > 25


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_every_shipped_incident_loads_without_a_warning_and_was_observed(path: Path, shipped: Model) -> None:
    from cascade.files.checks import check_scenario

    read = read_scenario(path, shipped)
    assert check_scenario(read.scenario, shipped, places=read.places) == []
    assert read.scenario.observed
    assert any(line.scored for line in judge(simulate(shipped, read.scenario), path.stem))


def test_the_scenario_of_a_test_is_what_it_says() -> None:
    # builders give a total outage unless told otherwise; the sums above rest on it
    assert scenario({"hits": "a"}).events[0].level == sure(0)


def test_progress_is_told_every_two_seconds_and_leaves_out_the_first_part(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    moments = iter([30.0, 31.0, 32.5, 33.0, 36.0])
    monkeypatch.setattr("time.monotonic", lambda: next(moments))
    tell = Talk("en", "table", None, None, None).progress()
    for done in range(1, 6):
        tell(done, 5)
    # the first part took 30 s and is left out: then 2.5 s for two, two left; the end is not told
    assert capsys.readouterr().err.splitlines() == ["3 of 5 done; about 2 s left"]
