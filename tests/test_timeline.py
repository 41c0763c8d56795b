"""A run told as an exercise: what is noticed and when, by hand and on random models; the planner's own; what if."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from builders import model, run, scenario
from click.testing import CliRunner
from random_models import Wishes, build, random_draft, show

import cascade
from cascade.cli import main
from cascade.errors import DefinitionError, UsageError
from cascade.exercise import Injects, parse_after
from cascade.files.exercises import Phrases, fill, read_injects, read_phrases
from cascade.model import Model, Words
from cascade.results.noticing import certainty, happenings, moved, notices
from cascade.results.whatif import played, read_moves, still_held
from cascade.simulation.run import Run, simulate
from cascade.telling.injects import Timeline, inject_table, relative
from cascade.telling.timeline import Wish, _Teller, moved_table, tell
from cascade.units import DAY, FULL, HOUR, MINUTE

ROOT = Path(__file__).parent.parent
LANGS = ("nl", "en")


@pytest.fixture(scope="module")
def country() -> Model:
    return cascade.load(ROOT / "sectors")


@pytest.fixture(scope="module")
def outage(country: Model) -> Run:
    return cascade.simulate(country, ROOT / "scenarios" / "national-power-outage.yaml")


@pytest.fixture(scope="module")
def phrases(country: Model) -> Phrases:
    return read_phrases(country)


@pytest.fixture(scope="module")
def told(outage: Run, phrases: Phrases) -> Timeline:
    return tell(outage, phrases, "en")


def world() -> Model:
    """Power feeds masts (2 h of battery, then half is lost) and lamps (at once), in two regions."""
    return model(
        {
            "power": {"per": "region", "people": "100%"},
            "masts": {
                "per": "region",
                "people": "50%",
                "needs": {"power": {"from": "power", "endures": "2h", "loses": "50%", "confidence": "medium"}},
            },
            "lamps": {"per": "region", "needs": {"power": {"from": "power", "confidence": "high"}}},
        },
        {"R1": 1_000, "R2": 3_000},
    )


def seen(done: Run) -> list[tuple[str, str, str, int]]:
    return [(one.process, one.region, one.band, one.time) for one in notices(done)]


# ------------------------------------------------------------------ what can be noticed


def test_what_is_noticed_by_hand() -> None:
    done = run(world(), {"hits": "power@R1", "at": "1h", "for": "4h"}, horizon="1d")
    assert seen(done) == [
        ("lamps", "R1", "gone", HOUR),
        ("power", "R1", "gone", HOUR),
        ("masts", "R1", "less", 3 * HOUR),  # 50 % is still the greater part
        ("lamps", "R1", "back", 5 * HOUR),
        ("masts", "R1", "back", 5 * HOUR),
        ("power", "R1", "back", 5 * HOUR),
    ]


@pytest.mark.parametrize(
    ("level", "band"), [("89.99%", "less"), ("50%", "less"), ("49.99%", "poor"), ("10%", "poor"), ("9.99%", "gone")]
)
def test_bands_have_exact_limits(level: str, band: str) -> None:
    done = run(world(), {"hits": "lamps@R1", "level": level, "for": "4h"}, horizon="1d")
    assert seen(done) == [("lamps", "R1", band, 0), ("lamps", "R1", "back", 4 * HOUR)]
    assert seen(run(world(), {"hits": "lamps@R1", "level": "90%", "for": "4h"}, horizon="1d")) == []


def test_what_passes_within_a_quarter_of_an_hour_is_not_told() -> None:
    short = {"hits": "lamps@R1", "at": "1h", "for": "14m"}
    assert seen(run(world(), short, horizon="1d")) == []
    assert len(seen(run(world(), short | {"for": "15m"}, horizon="1d"))) == 2


def test_getting_better_is_told_when_it_lasts_an_hour() -> None:
    course = {
        "0h": "60%",
        "2h": "30%",
        "4h": "60%",
        "4h59m": "30%",
        "6h": "60%",
        "8h": "5%",
        "10h": "100%",
        "12h": "60%",
    }
    done = run(world(), {"hits": "lamps@R1", "levels": course}, horizon="1d")
    found = [(one.band, one.time // HOUR, one.better, one.turn) for one in notices(done)]
    assert found == [
        ("less", 0, False, 0),
        ("poor", 2, False, 0),
        ("less", 6, True, 1),
        ("gone", 8, False, 0),
        ("back", 10, True, 0),
        ("less", 12, False, 2),
    ]


def test_what_works_again_for_less_than_an_hour_is_not_back() -> None:
    course = {"0h": "60%", "2h": "100%", "2h59m": "60%", "6h": "100%", "7h": "60%", "20h": "100%"}
    done = run(world(), {"hits": "lamps@R1", "levels": course}, horizon="1d")
    found = [(one.band, one.time // HOUR) for one in notices(done)]
    assert found == [("less", 0), ("back", 6), ("less", 7), ("back", 20)]


def test_what_is_noticed_later_may_be_back_by_then() -> None:
    events = [{"hits": "lamps@R1", "for": "3h"}, {"hits": "lamps@R2", "at": "1h", "for": "5h"}]
    done = run(world(), *events, horizon="1d")
    found = [(one.region, one.band, one.time // HOUR) for one in notices(done, after={"lamps": 3 * HOUR})]
    assert found == [("R2", "gone", 4), ("R2", "back", 6)]


def test_several_regions_at_about_the_same_time_are_one() -> None:
    events = [{"hits": "lamps@R1", "for": "20h"}, {"hits": "lamps@R2", "at": "20m", "for": "10h"}]
    done = run(world(), *events, horizon="1d")
    found = [(one.band, one.time, one.until, one.regions) for one in happenings(done, notices(done))]
    assert found == [
        ("gone", 0, 20 * MINUTE, ("R1", "R2")),
        ("back", 10 * HOUR + 20 * MINUTE, 10 * HOUR + 20 * MINUTE, ("R2",)),
        ("back", 20 * HOUR, 20 * HOUR, ("R1",)),
    ]


def test_people_are_those_who_rely_on_it_there() -> None:
    done = run(world(), {"hits": ["masts@R1", "masts@R2"], "for": "4h"}, horizon="1d")
    assert [one.people for one in happenings(done, notices(done))] == [2_000, 2_000]


def test_certainty_is_that_of_the_weakest_link() -> None:
    done = run(world(), {"hits": "power@R1", "for": "6h"}, horizon="1d")
    index = done.network.index
    assert certainty(done, index["lamps@R1"], 0) == "high"
    assert certainty(done, index["masts@R1"], 2 * HOUR) == "medium"
    assert certainty(done, index["power@R1"], 0) == "high"  # the event is given


@pytest.mark.parametrize("seed", range(150))
def test_nothing_noticed_is_lost_or_made_up(seed: int) -> None:
    """Every notice is in one happening; each comes true in the levels of the run."""
    draft = random_draft(seed)
    world, plan = build(draft)
    done = simulate(world, plan)
    found = notices(done, settles=1, lasts=1)
    groups = happenings(done, found, window=5)
    assert sum(max(1, len(one.regions)) for one in groups) == len(found), show(draft)
    for one in found:
        copies = done.network.instances(one.process, one.region or None)
        levels = done.levels_at([one.time]).to_numpy()[0][list(copies)]
        mean = round(float(levels.mean()) * FULL)
        limits = {"back": (8_999, FULL), "less": (4_999, 9_000), "poor": (999, 5_000), "gone": (0, 1_000)}[one.band]
        assert limits[0] <= mean <= limits[1], (one, mean, show(draft))


# ------------------------------------------------------------------ a timeline


def test_times_are_written_as_exercises_do() -> None:
    assert relative(0) == "D+0 00:00"
    assert relative(DAY + 4 * HOUR + 30 * MINUTE) == "D+1 04:30"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("D+1 04:30", 102_600), ("d+0 0:05", 300), ("D+2", 2 * DAY), ("28h", 28 * HOUR), ("90m", 5_400)],
)
def test_times_are_read_as_they_are_written(text: str, seconds: int) -> None:
    assert parse_after(text) == seconds


@pytest.mark.parametrize("text", ["D+1 24:00", "D+1 04:60", "04:30", "tomorrow", "D+x"])
def test_what_is_no_time_says_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match=r"D\+1 04:30"):
        parse_after(text)


def test_thousands_of_changes_become_a_readable_list(outage: Run, phrases: Phrases, told: Timeline) -> None:
    assert len(outage.changes.time) > 5_000
    brief, full = (tell(outage, phrases, "en", Wish(detail=detail)) for detail in ("brief", "full"))
    sizes = [sum(one.kind != "event" for one in made.injects) for made in (brief, told, full)]
    assert 20 <= sizes[0] <= 60 < sizes[1] <= 150 < sizes[2]
    assert not [one for one in full.injects if one.kind == "gathered"]


def test_injects_come_in_order_with_names_of_their_own(told: Timeline) -> None:
    times = [one.time for one in told.injects]
    assert times == sorted(times)
    assert len({one.id for one in told.injects}) == len(told.injects)


@pytest.mark.parametrize("lang", LANGS)
def test_no_sentence_is_left_unfilled(outage: Run, phrases: Phrases, lang: Any) -> None:
    made = tell(outage, phrases, lang, Wish(detail="full"))
    for one in made.injects:
        assert not set("{}") & set(one.text + one.to_text + one.by + "".join(one.asks)), one
        assert one.text[0].isupper() or one.text[0].isdigit(), one
        assert bool(one.to_text) == bool(one.by) == (one.kind != "event"), one


def test_the_same_run_gives_the_same_timeline(country: Model, outage: Run, phrases: Phrases, told: Timeline) -> None:
    again = tell(cascade.simulate(country, outage.scenario), phrases, "en")
    assert again == told


def test_players_see_nothing_of_what_is_behind_it(outage: Run, phrases: Phrases) -> None:
    held = {"at": "2h", "text": "SECRET-TEXT", "unless": "SECRET-ACT", "note": "SECRET-NOTE"}
    shown = {"at": "3h", "text": "a call comes in", "note": "SECRET-NOTE"}
    mine = Injects.model_validate({"injects": [held, shown]})
    made = tell(outage, phrases, "en", Wish(players=True), [mine])
    assert "a call comes in" in {one.text for one in made.injects}
    assert not any(one.why or one.certainty or one.note or one.unless or one.people for one in made.injects)
    assert "SECRET" not in repr(made)
    assert {"why", "certainty", "unless", "note", "status"}.isdisjoint(c.key for c in inject_table(made).columns)
    for name in ("why", "certainty"):
        assert any(getattr(one, name) for one in tell(outage, phrases, "en", Wish(), [mine]).injects)


def test_only_what_is_asked_for(outage: Run, phrases: Phrases) -> None:
    sector = tell(outage, phrases, "en", Wish(sectors=("telecom",)))
    assert {one.sector for one in sector.injects if one.kind != "event"} == {"telecom"}
    assert tell(outage, phrases, "en", Wish(sectors=("Telecom, positioning and timing",))).injects == sector.injects
    early = tell(outage, phrases, "en", Wish(begin=HOUR, end=3 * HOUR))
    assert {one.time // HOUR for one in early.injects} == {1, 2}
    region = tell(outage, phrases, "en", Wish(regions=("VR05",)))
    assert all(one.kind == "event" or one.regions in ((), ("VR05",)) for one in region.injects)
    assert any(one.regions for one in region.injects)
    ministry = tell(outage, phrases, "en", Wish(audiences=("EZ",)))
    assert ministry.injects
    assert all("ministry:EZ" in one.to for one in ministry.injects if one.kind != "event")
    for wrong in (Wish(sectors=("telcom",)), Wish(regions=("VR99",)), Wish(audiences=("pres",)), Wish(detail="much")):
        with pytest.raises(UsageError, match=r"did you mean|known|choose"):
            tell(outage, phrases, "en", wrong)


def test_small_changes_are_told_when_they_have_happened_and_where() -> None:
    """Two small falls an hour apart in different regions, and one in both: told after the last, each with its place."""
    base = model(
        {p: {"per": "region", "people": "1%"} for p in ("lamps", "doors", "lifts")}, {"R1": 100, "R2": 300, "R3": 9}
    )
    cuts = [("lamps@R1", "10m"), ("doors@R2", "40m"), ("lifts@R1", "20m"), ("lifts@R2", "20m")]
    done = run(base, *({"hits": hit, "at": at, "for": "20h"} for hit, at in cuts), horizon="1d")
    teller = _Teller(done, read_phrases(base), "en")
    (fell,) = teller.gathered([one for one in happenings(done, notices(done)) if one.band == "gone"], whole=True)
    assert fell.time == 40 * MINUTE
    assert fell.regions == ("R1", "R2")
    assert fell.text == "Also reported in R2 and R1. Does not work: lifts, doors (R2), lamps (R1)."


def test_the_control_staff_sees_the_events(outage: Run, phrases: Phrases, told: Timeline) -> None:
    begun = [one for one in told.injects if one.kind == "event"]
    assert [one.time for one in begun] == sorted(event.at.mode for event in outage.scenario.events if event.about)
    made = tell(outage, phrases, "en", Wish(players=True))
    for event in outage.scenario.events:
        assert event.about is None or event.about.en not in repr(made)


def test_what_concerns_many_is_told_first(told: Timeline) -> None:
    """The emergency number is used by few at a time, and nobody would leave it among the small changes."""
    assert any(one.process == "emergency-number-112" for one in told.injects)


def test_a_channel_is_one_that_works(outage: Run, told: Timeline) -> None:
    """Mobile telephones carry messages while half of them work, and no longer."""
    by_telephone = [one for one in told.injects if one.by == "mobile telephone" and not one.regions]
    others = [one for one in told.injects if one.by not in ("", "mobile telephone") and not one.regions]
    assert by_telephone
    assert others
    for one in by_telephone + others:
        copies = outage.network.instances("mobile-access")
        people = [outage.model.regions[outage.network.region(i) or ""].population for i in copies]
        levels = outage.levels_at([one.time]).to_numpy()[0][list(copies)]
        mean = float(levels @ people) / sum(people)
        assert (mean >= 0.5) == (one.by == "mobile telephone"), (one, mean)


# ------------------------------------------------------------------ the planner's own


def test_planned_injects_survive_a_new_run(country: Model, outage: Run, phrases: Phrases, told: Timeline) -> None:
    """The planner adds one, edits one and drops one; the scenario changes; his work is still there."""
    edited, dropped = told.injects[3].id, told.injects[5].id
    mine = Injects.model_validate(
        {
            "injects": [
                {"id": "press-call", "at": "D+0 05:00", "where": "Twente", "text": "A reporter calls.", "to": "press"},
                {"id": edited, "text": {"nl": "mijn tekst", "en": "my text"}, "note": "softer"},
                {"id": dropped, "drop": True},
                {"at": "8h", "text": "The queue grows.", "unless": "send police to the shops"},
                {"id": "nothing.gone", "text": "about nothing"},
            ]
        }
    )
    longer = outage.scenario.model_copy(update={"horizon": outage.horizon + DAY})
    made = tell(simulate(country, longer), phrases, "en", Wish(), [mine])
    by_id = {one.id: one for one in made.injects}
    call = by_id["press-call"]
    assert (call.status, call.time, call.regions, call.where) == ("planned", 5 * HOUR, ("VR05",), "Twente")
    assert call.to == ("press",)
    assert (by_id[edited].text, by_id[edited].status, by_id[edited].note) == ("my text", "edited", "softer")
    assert by_id[edited].time == told.injects[3].time
    assert dropped not in by_id
    (held,) = [one for one in made.injects if one.status == "held"]
    assert (held.text, held.unless) == ("The queue grows.", "send police to the shops")
    assert any("nothing.gone" in note for note in made.notes)
    assert [one.time for one in made.injects] == sorted(one.time for one in made.injects)
    assert [one.id for one in made.dropped] == [dropped]


def test_another_place_alone_changes_sentence_and_addressees(outage: Run, phrases: Phrases, told: Timeline) -> None:
    one = next(one for one in told.injects if one.process == "mobile-access" and not one.regions)
    mine = Injects.model_validate({"injects": [{"id": one.id, "where": "VR05"}]})
    (made,) = [new for new in tell(outage, phrases, "en", Wish(), [mine]).injects if new.id == one.id]
    assert "in Twente" in made.text
    assert [to for to in made.to if to.startswith("region:")] == ["region:VR05"]
    assert "ministry:EZ" not in made.to  # one region is no matter for the ministry
    words = Injects.model_validate({"injects": [{"id": one.id, "to": ["mayor", "ministry"]}]})
    (made,) = [
        new for new in tell(outage, phrases, "en", Wish(audiences=("mayor",)), [words]).injects if new.id == one.id
    ]
    assert made.to == ("mayor", "ministry:EZ")


def test_an_inject_after_the_end_is_refused(outage: Run, phrases: Phrases) -> None:
    late = Injects.model_validate({"injects": [{"id": "late", "at": "D+99", "text": "x"}]})
    with pytest.raises(
        UsageError, match=r"inject late is planned at D\+99 00:00, after the end .*lengthen the horizon"
    ):
        tell(outage, phrases, "en", Wish(), [late])


def test_the_mark_of_a_planned_inject_counts(outage: Run, phrases: Phrases) -> None:
    mine = Injects.model_validate({"injects": [{"at": "1h", "text": "x", "marking": "TLP:AMBER"}]})
    assert tell(outage, phrases, "en", Wish(), [mine]).marking == "TLP:AMBER"


INVALID = {
    "injects: [{at: 04:30, text: x}]": "1:16: injects[1].at: '04:30' is a clock time, not a duration - write for example D+1 04:30",
    "injects: [{text: x}]": "1:11: injects[1]: an inject of your own needs at and text - write both",
    "injects: [{at: 1h, text: x, where: Twnte}]": "no region 'Twnte' in the model - did you mean",
    "injects: [{at: 1h, text: x, process: mobile-acces}]": "no process 'mobile-acces' in the model - did you mean 'mobile-access'?",
    "injects: [{at: 1h, text: x, colour: red}]": "unknown field 'colour'",
    "injects: [{drop: true}]": "needs at and text",
    "injects: [{id: a, at: 1h, text: x}, {id: a, at: 2h, text: y}]": "'a' is also the id of entry 1",
    "injects: [{at: 1h, text: x, marking: TLP:PURPLE}]": "marking",
    "injects: [{at: &a 1h, text: *a}]": "a reference *a",
}


@pytest.mark.parametrize("text", INVALID)
def test_a_faulty_file_of_injects_says_where_and_what(text: str, country: Model, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    with pytest.raises(DefinitionError) as caught:
        read_injects(file, country)
    assert INVALID[text] in str(caught.value)
    assert f"{file.as_posix()}:1:" in str(caught.value)


# ------------------------------------------------------------------ phrases


def test_every_process_has_sentences_of_its_own(country: Model, phrases: Phrases) -> None:
    """In both languages, with the place once and not at the front; what only sums up others is never told."""
    told = {p for p, process in country.processes.items() if "indicator" not in process.tags}
    assert told - set(phrases.by_process) == set()
    assert set(phrases.by_process) - set(country.processes) == set()
    for process in told:
        phrase = phrases.by_process[process]
        assert phrase.less, process
        assert phrase.gone, process
        assert phrase.back, process
        assert phrase.asks, process
        assert phrase.to, process
        for words in (phrase.less, phrase.poor, phrase.gone, phrase.back):
            for text in (words.nl, words.en) if words else ():
                assert text.count("{where}") == 1, (process, text)
                assert not text.startswith("{where}"), (process, text)
                assert text.endswith((".", "?", "!")), (process, text)
        assert all(ask.nl.endswith("?") and ask.en.endswith("?") for ask in phrase.asks), process


def test_own_sentences_go_before_those_shipped(country: Model, outage: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("mobile-access:\n  less: 'My masts {where}.'\n")
    mine = read_phrases(country, tmp_path)
    made = tell(outage, mine, "en")
    assert "My masts across the Netherlands." in {one.text for one in made.injects}
    assert mine.by_process["mobile-access"].gone == read_phrases(country).by_process["mobile-access"].gone


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mobile-access: {less: 'x {here}.'}", "nothing is filled in for {here} - here may stand: {process}, {where}"),
        ("mobile-access: {less: 'x {where.'}", "nothing is filled in for {"),
        ("mobile-acces: {less: 'x {where}.'}", "no process 'mobile-acces' - did you mean 'mobile-access'?"),
        ("mobile-access: {lees: 'x'}", "unknown field 'lees' - did you mean 'less'?"),
        ("[a, b]", "expected a mapping"),
    ],
)
def test_faulty_sentences_say_where_and_what(text: str, message: str, country: Model, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(DefinitionError) as caught:
        read_phrases(country, tmp_path)
    assert message in str(caught.value)
    assert "mine.yaml:1:" in str(caught.value)


def test_braces_in_what_is_filled_in_stay() -> None:
    assert fill(Words(nl="a {where} b", en=""), "nl", where="{process}", process="x") == "a {process} b"


# ------------------------------------------------------------------ what if


MOVES = ("{p} fails at 20s to 20% for 30s", "{p} back at 20s", "{p} +extra at 20s")


@pytest.mark.parametrize("seed", range(200))
def test_nothing_changes_before_the_moment(seed: int) -> None:
    """Up to the move the log is the same to the last bit, on random models; after it what was brought in is felt."""
    draft = random_draft(seed, Wishes(repairs=False))
    for name, process in draft["processes"].items():
        for need in process.get("needs", {}):
            applies = {"processes": [name], "need": need}
            draft["measures"].setdefault(
                "extra", {"lever": "redundancy", "applies_to": applies, "effect": {"endures": "+40s"}}
            )
    world, plan = build(draft)
    plain = simulate(world, plan)
    for name in sorted(world.processes):
        for text in MOVES:
            try:
                moves = read_moves([text.format(p=name)], world, plan.horizon)
                done = simulate(*played(world, plan, moves))
            except UsageError:
                continue
            before = [_plain(row) for row in plain.rows() if row[0] < 20]
            after = [_plain(row) for row in done.rows() if row[0] < 20 and not row[1].startswith("during-play")]
            assert before == after, (name, text, show(draft))


def _plain(row: Any) -> tuple[Any, ...]:
    """A row of the log but for the number of the event and what an added supplier is called."""
    time, instance, was, now, kind, _, need, _ = row
    return time, instance, was, now, kind, need


def test_a_generator_keeps_a_process_going_by_hand() -> None:
    base = world()
    measure = {
        "name": "generator", "lever": "redundancy", "applies_to": {"processes": ["lamps"], "need": "power"},
        "effect": {"endures": "+3h"},
    }  # fmt: skip
    base = dataclasses.replace(base, measures={"generator": cascade.model.Measure.model_validate(measure)})
    plan = scenario({"hits": ["power@R1", "power@R2"], "for": "20h"}, horizon="1d")
    done = simulate(*played(base, plan, read_moves(["lamps@R1 +gen at 6h"], base, plan.horizon)))
    at = [5 * HOUR, 6 * HOUR, 9 * HOUR - 1, 9 * HOUR, 20 * HOUR]
    levels = done.levels_at(at)
    assert levels["lamps@R1"].tolist() == [0, 1, 1, 0, 1]  # three hours of fuel
    assert levels["lamps@R2"].tolist() == [0, 0, 0, 0, 1]
    shifts = [(one.process, one.regions, one.band, one.before, one.after) for one in moved(simulate(base, plan), done)]
    assert shifts == [
        ("lamps", ("R1",), "back", 20 * HOUR, 6 * HOUR),
        ("lamps", ("R1",), "gone", None, 9 * HOUR),
        ("lamps", ("R1",), "back", None, 20 * HOUR),
    ]


def test_mending_one_place_leaves_the_rest_as_it_was() -> None:
    base = world()
    plan = scenario({"hits": "power", "for": "20h"}, horizon="1d")
    done = simulate(*played(base, plan, read_moves(["power@R1 back at 2h; lamps@R2 fails at 21h"], base, plan.horizon)))
    levels = done.levels_at([HOUR, 2 * HOUR, 3 * HOUR, 22 * HOUR])
    assert levels["power@R1"].tolist() == [0, 1, 1, 1]
    assert levels["power@R2"].tolist() == [0, 0, 0, 1]
    assert levels["lamps@R2"].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mobile-access@VR13 generator at 6h", "cannot be read; write one of: PROCESS"),
        ("mobile-acces +generator at 6h", "no process 'mobile-acces'; did you mean 'mobile-access'"),
        ("mobile-access@VR99 +generator at 6h", "no region 'VR99'"),
        ("mobile-access +generater at 6h", "no measure 'generater' for mobile-access; choose"),
        ("mobile-access +guard-team at 6h", "measure 'guard-team' cannot be brought in during play; here can be: "),
        ("mobile-access +generator at 6", "needs a unit"),
        ("mobile-access +generator at 600d", "after the end of the scenario"),
        ("mobile-access +generator at 6h until 5h", "ends before it begins"),
        ("payment-core@VR13 fails at 2h", "payment-core is national; leave out the region"),
        ("supermarkets back at 2h", "no event hits that before then"),
        (" ; ", "--if says nothing"),
    ],
)
def test_what_cannot_be_done_says_why(text: str, message: str, country: Model, outage: Run) -> None:
    with pytest.raises(UsageError) as caught:
        played(country, outage.scenario, read_moves([text], country, outage.horizon))
    assert message in str(caught.value)


def test_what_is_mended_and_still_lacks_something_says_so() -> None:
    base = world()
    plan = scenario({"hits": ["power@R1", "lamps@R1"], "for": "20h"}, horizon="1d")
    moves = read_moves(["lamps@R1 back at 2h; power@R1 back at 3h"], base, plan.horizon)
    done = simulate(*played(base, plan, moves[:1]))
    assert still_held(done, moves[0]) == "power"
    assert still_held(simulate(*played(base, plan, moves)), moves[1]) == ""


def test_what_moves_as_a_table(country: Model, outage: Run, phrases: Phrases) -> None:
    moves = read_moves(["mobile-access@VR13 +generator at 6h"], country, outage.horizon)
    table = moved_table(outage, simulate(*played(country, outage.scenario, moves)), phrases, "en")
    assert {row["regions"] for row in table.rows} <= {"VR13", ""}
    first = table.rows[0]
    assert (first["process"], first["regions"]) == ("mobile-access", "VR13")
    assert moved_table(outage, outage, phrases, "en").rows == []


# ------------------------------------------------------------------ the command


def test_the_command_gives_the_same_as_python(told: Timeline) -> None:
    answer = CliRunner().invoke(main, ["timeline", "national-power-outage", "--lang", "en", "--format", "json"])
    assert answer.exit_code == 0, answer.output
    data = json.loads(answer.stdout)
    assert [row["id"] for row in data["injects"]] == [one.id for one in told.injects]
    assert data["marking"] == "TLP:CLEAR"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (["--if", "x", "--against", "outage-112"], "use one of them"),
        (["--table", "moved"], "add --if or --against"),
        (["--start", "2027-01-18T09:00"], "has no time zone"),
        (["--phrases", "nowhere"], "there is no folder 'nowhere'"),
        (["--injects", "nowhere.yaml"], "there is no file 'nowhere.yaml'"),
        (["--audience", "pres"], "no audience 'pres'; did you mean 'press'?"),
    ],
)
def test_wrong_use_ends_in_a_line(wrong: list[str], message: str) -> None:
    answer = CliRunner().invoke(main, ["timeline", "outage-112", *wrong])
    assert answer.exit_code == 2
    assert message in answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 1


def test_another_start_moves_the_clock() -> None:
    line = ["timeline", "outage-112", "--lang", "en", "--start", "2027-03-01T09:00+01:00"]
    answer = CliRunner().invoke(main, line)
    assert answer.exit_code == 0, answer.output
    assert "Mon 09:00" in answer.stdout


def test_sentences_are_copied_to_be_edited_and_never_over_others(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    assert CliRunner().invoke(main, ["phrases", str(folder)]).exit_code == 0
    for path in (ROOT / "scenarios" / "phrases").iterdir():
        assert (folder / path.name).read_bytes() == path.read_bytes()
    again = CliRunner().invoke(main, ["phrases", str(folder)])
    assert (again.exit_code, "is there already" in again.stderr) == (2, True)


def test_a_question_is_asked_once(told: Timeline) -> None:
    asked = [(one.process, one.asks) for one in told.injects if one.asks]
    assert len(asked) == len({process for process, _ in asked}) > 10


@pytest.mark.parametrize("lang", LANGS)
def test_the_shipped_example_of_planned_injects_fits(country: Model, outage: Run, phrases: Phrases, lang: Any) -> None:
    mine, source = read_injects(ROOT / "scenarios" / "injects" / "power-outage-staff.yaml", country)
    made = tell(outage, phrases, lang, Wish(), [mine])
    assert len(source.sha256) == 64
    assert sum(one.status == "planned" for one in made.injects) == 5
    assert sum(one.status == "held" for one in made.injects) == 1
