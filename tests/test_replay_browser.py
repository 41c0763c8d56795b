"""The living page as people open it: from disk, in real Chromium, with the network cut."""
# ruff: noqa: F811 a fixture that is imported is also the name of an argument

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from browser import Sheet, chromium, new_sheet  # noqa: F401
from builders import ANV, model
from test_report_browser import without_margin_boxes

from cascade.files.reading import find_model, load, read_scenario, scenario_files
from cascade.model import Model, Scenario
from cascade.results.impact import assess, people_without
from cascade.results.ranking import rank
from cascade.results.shortfall import PERSON, People
from cascade.simulation.run import Run, simulate
from cascade.telling.columns import instance_name
from cascade.telling.geometry import Shapes
from cascade.telling.living import write_replay
from cascade.units import FULL, HOUR
from cascade.words import large, share

NewSheet = Callable[..., Sheet]
MARK = "TLP:AMBER"
SMOOTH_MS = 16
"""A frame of a screen that shows sixty a second."""
MOMENTS_H = (0, 2, 12, 40, 100)


@pytest.fixture(scope="module")
def country() -> Model:
    return load(find_model(None))


@pytest.fixture(scope="module")
def outage(country: Model) -> Run:
    return simulate(country, read_scenario(scenario_files(country.root)["national-power-outage"], country).scenario)


@pytest.fixture(scope="module")
def page(outage: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the Netherlands."""
    return write_replay(outage, assess(outage), tmp_path_factory.mktemp("replay") / "page.html", "en", MARK)


SCENARIO = {
    "name": {"nl": "Stroom weg, en daarna het water", "en": "Power out, and water after that"},
    "start": "2027-01-18T17:00+01:00",
    "horizon": "5d",
    "events": [
        {"hits": "power", "at": "1h", "for": "30h", "level": "0%", "about": {"nl": "Net dood", "en": "Grid dead"}},
        {"hits": "pumps", "at": "90h", "level": "50%", "about": {"nl": "Pompen half", "en": "Pumps at half"}},
    ],
}


def played() -> Run:
    """Two processes that hold each other down, one that comes back and one hit by half: every section is filled."""
    care = {"sector": "life", "per": "region", "people": "100%", "basic_need": "true", "cost_per_day": "24 kEUR"}
    use = {"nl": "pompen", "en": "pumping"}
    need = {"from": "power", "endures": "2h", "confidence": "low", "source": "own", "use": use}
    world = model(
        {
            "power": {"sector": "energy", "name": {"nl": "Regionale elektriciteitsvoorziening", "en": "Regional power supply"}},
            "water": {**care, "name": {"nl": "Drinkwater", "en": "Drinking water"}, "restart": "1h", "needs": {"p": need, "m": {"from": "pumps"}}},
            "pumps": {"sector": "energy", "name": {"nl": "Gemalen", "en": "Pumping"}, "needs": {"p": {"from": "power", "loses": "60%"}, "w": {"from": "water"}}},
            "care": {"sector": "life", "name": {"nl": "Zorg", "en": "Care"}, "people": "10%", "needs": {"w": {"from": "water", "endures": "9h", "loses": "5%"}}},
        },
        {"R1": 1_000, "R2": 3_000},
        ANV,
        title={"nl": "Proef", "en": "Trial"},
    )  # fmt: skip
    return simulate(world, Scenario.model_validate(SCENARIO))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a small world: every section is filled, and it is quick to look through."""
    done = played()
    found = rank(done.model, durations=("24h",))
    return write_replay(done, assess(done), tmp_path_factory.mktemp("small") / "page.html", "en", MARK, ranking=found)


def text(sheet: Sheet, selector: str) -> str:
    return re.sub(
        r"[\s\u00ad]+", lambda m: "" if "\u00ad" in m[0] else " ", sheet.page.locator(selector).first.inner_text()
    ).strip()


def settle(sheet: Sheet) -> None:
    """Wait until what was asked for is drawn."""
    sheet.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def until(sheet: Sheet, true: Callable[[], bool]) -> None:
    """Wait for something; the page's own policy forbids the browser's way of doing that."""
    for _ in range(100):
        if true():
            return
        sheet.page.wait_for_timeout(50)
    pytest.fail("this never came")


def go(sheet: Sheet, hours: float) -> None:
    sheet.page.evaluate(
        "t => { const e = document.getElementById('time'); e.value = t; e.dispatchEvent(new Event('input')); }",
        round(hours * HOUR),
    )
    settle(sheet)


def hold(sheet: Sheet, process: str, run: Run) -> None:
    """Click the cell of a process; cells stand in the order of lanes, so it goes by its name."""
    sheet.page.get_by_role("button", name=re.compile(f"^{re.escape(name_in_page(run, process))} ")).first.click()
    settle(sheet)


def name_in_page(run: Run, process: str) -> str:
    return run.model.processes[process].name.en


def table(sheet: Sheet, selector: str) -> list[list[str]]:
    found = sheet.page.eval_on_selector_all(
        f"{selector} tbody tr", "rows => rows.map(r => [...r.children].map(c => c.textContent))"
    )
    return [[re.sub("\u00ad", "", cell) for cell in row] for row in found]


def means(run: Run, at_h: float) -> list[float]:
    """Level of every process at a moment, a mean over inhabitants."""
    level = np.rint(run.levels_at([round(at_h * HOUR)]).to_numpy()[0] * FULL).astype(int)
    base, of = People(run).base, run.network.process_of
    return [
        int((base * level)[of == p].sum()) / int(base[of == p].sum() * FULL) for p in range(len(run.network.processes))
    ]


# ------------------------------------------------------------------ quiet and sound


def test_it_opens_from_disk_in_silence_and_without_violations(page: Path, new_sheet: NewSheet) -> None:
    sheet = new_sheet()
    sheet.open(page)
    go(sheet, 40)
    assert sheet.page.title() == f"National power outage of three days · {MARK}"
    assert sheet.page.locator(".mark").count() == 2
    assert not sheet.overflowing()
    assert sheet.axe() == []
    sheet.assert_silent()
    assert [u for u in sheet.asked if not u.startswith("file:")] == []


def test_dark_with_everything_open_has_no_violations_either(small: Path, new_sheet: NewSheet) -> None:
    sheet = new_sheet(width=360, scheme="dark")
    sheet.open(small)
    dark = sheet.colour("body")
    assert max(dark[:3]) < 60
    go(sheet, 12)
    sheet.page.click("#to-nl")
    sheet.page.locator(".tile").first.click()
    sheet.page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    sheet.page.locator(".cell").nth(1).click()
    settle(sheet)
    assert sheet.axe() == []
    assert text(sheet, "#theme") == "Licht"  # what it will do
    sheet.page.click("#theme")
    assert text(sheet, "#theme") == "Donker"
    sheet.page.click("#to-en")
    assert text(sheet, "#theme") == "Dark"
    assert min(sheet.colour("body")[:3]) > 200
    sheet.page.click("#theme")
    assert sheet.colour("body") == dark
    sheet.assert_silent()


def test_a_phone_gets_one_column_that_does_not_scroll_sideways(page: Path, new_sheet: NewSheet) -> None:
    sheet = new_sheet(width=360, height=740)
    sheet.open(page)
    sheet.page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    sheet.page.locator(".cell").nth(3).click()
    for lang in ("nl", "en"):
        sheet.page.click(f"#to-{lang}")
        go(sheet, 40)
        assert not sheet.overflowing()
        assert "rechts" not in text(sheet, ".mapbox .hint")
    small = sheet.page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter(e => e.childNodes.length && e.offsetParent
            && [...e.childNodes].some(c => c.nodeType === 3 && c.textContent.trim())
            && parseFloat(getComputedStyle(e).fontSize) < 12).map(e => e.outerHTML.slice(0, 80))"""
    )
    assert small == []


def test_print_has_the_mark_on_every_page_and_everything_open(small: Path, new_sheet: NewSheet) -> None:
    sheet = new_sheet(scheme="dark")
    sheet.open(small)
    pages = sheet.printed()
    assert len(pages) > 2
    # twice in the margins; where it is said how the page was made it stands once more
    assert [n for n, told in enumerate(pages, 1) if not 2 <= told.count(MARK) <= 3] == []
    assert pages[0].count(MARK) == 2
    told = " ".join(" ".join(pages).split())
    for part in (
        "Share of the inhabitants without a basic need",
        "What this model does not know",
        "SHA-256",
        "rest on assumptions",
        "The worst moment, D+0 03:00 · Mon 20:00: what each process still delivers",
    ):
        assert part in told  # the last two stand in what is closed on the screen
    assert "Keys" not in told
    plain = new_sheet()
    plain.page.set_content(without_margin_boxes(small.read_text("utf-8")))
    assert all(told.count(MARK) >= 2 for told in plain.printed())


# ------------------------------------------------------------------ the numbers


def test_the_slider_shows_the_run_at_any_moment(page: Path, outage: Run, new_sheet: NewSheet) -> None:
    sheet = new_sheet()
    sheet.open(page)
    sheet.page.evaluate("document.querySelectorAll('.stage details').forEach(d => { d.open = true; })")
    frame, people = people_without(outage), People(outage)
    curves = people.curves(people.basic)
    names = [outage.model.processes[p].name.en for p in outage.network.processes]
    for at_h in (*MOMENTS_H, 40, 0):  # and back again
        go(sheet, at_h)
        now = frame[frame["time_h"] <= at_h].groupby("region")["people"].last()
        everywhere = sum(int(v[t <= at_h * HOUR][-1]) for t, v in curves) / PERSON
        assert text(sheet, "#people") == large(round(everywhere), "en")
        regions = table(sheet, "#region-table")
        parts = {code: now[code] / outage.model.regions[code].population for code in outage.network.regions}
        assert [row[3] for row in regions] == [share(v, "en") for v in parts.values()]
        assert [row[2] for row in regions] == [f"{now[c]:,}" for c in parts]
        told = sheet.page.eval_on_selector_all(".tile .n", "all => all.map(n => n.textContent)")
        assert told[: len(regions)] == [row[3] for row in regions]
        levels = dict(zip(names, means(outage, at_h), strict=True))
        rows = table(sheet, "#process-table")
        assert {row[0]: row[2] for row in rows} == {name: share(v, "en") for name, v in levels.items()}
    assert text(sheet, "#clock") == "D+0 00:00"
    assert text(sheet, "#hour") == "Monday 17:00"


def test_a_region_is_shown_everywhere(page: Path, outage: Run, new_sheet: NewSheet) -> None:
    sheet = new_sheet()
    sheet.open(page)
    sheet.page.evaluate("document.querySelectorAll('.stage details').forEach(d => { d.open = true; })")
    go(sheet, 40)
    sheet.page.select_option("#scope", label="Utrecht")
    settle(sheet)
    level = outage.levels_at([40 * HOUR]).iloc[0]
    national = {p for p in outage.network.processes if f"{p}@VR09" not in level}
    expected = {
        outage.model.processes[p].name.en: share(level[p if p in national else f"{p}@VR09"], "en")
        for p in outage.network.processes
    }
    assert {row[0]: row[2] for row in table(sheet, "#process-table")} == expected
    assert sheet.page.locator('.tile[aria-pressed="true"]').count() == 1
    assert "in Utrecht" in text(sheet, "#said")
    sheet.page.locator('.tile[aria-pressed="true"]').click()  # again: the whole country
    assert sheet.page.input_value("#scope") == "-1"


def test_colours_of_the_map_can_be_a_sector_or_a_process(page: Path, outage: Run, new_sheet: NewSheet) -> None:
    sheet = new_sheet()
    sheet.open(page)
    go(sheet, 40)
    sheet.page.select_option("#measure", label="Mobile voice and data")
    settle(sheet)
    level = outage.levels_at([40 * HOUR]).iloc[0]
    told = sheet.page.eval_on_selector_all("#map .tile .n", "all => all.map(n => n.textContent)")
    assert told == [share(level[f"mobile-access@{code}"], "en") for code in outage.network.regions]
    assert len(set(told)) > 1


@pytest.mark.parametrize("where", ["social-benefits", "chemical-plants", "greenhouses@VR01"])
def test_why_is_the_chain_of_the_run(page: Path, outage: Run, new_sheet: NewSheet, where: str) -> None:
    sheet = new_sheet()
    sheet.open(page)
    process, _, region = where.partition("@")
    go(sheet, 60)
    if region:
        sheet.page.select_option("#scope", label=outage.model.regions[region].name)
    hold(sheet, process, outage)
    instance = outage.network.index[where]
    chain = outage.chain(instance, 60 * HOUR)[::-1]
    told = sheet.page.eval_on_selector_all("#panel .why strong", "all => all.map(n => n.textContent)")
    assert told == [f"{instance_name(outage, c.instance, 'en')}: {share(c.after / FULL, 'en')}" for c in chain]
    assert chain
    assert sheet.page.locator("#panel h3").inner_text() == name_in_page(outage, process)
    assert sheet.page.locator(".arcs path.cause").count() == len(
        {(c.supplier, c.instance) for c in chain if c.supplier >= 0}
    )
    needs = {s.process for need in outage.model.processes[process].needs.values() for s in need.supplies}
    assert sheet.page.locator("#panel .chips").first.locator("li").count() == len(needs)


# ------------------------------------------------------------------ by keyboard


def test_time_by_keyboard(page: Path, new_sheet: NewSheet) -> None:
    sheet = new_sheet()
    sheet.open(page)
    press = sheet.page.keyboard.press
    sheet.page.focus("#time")
    seen = {}
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "PageUp", "End", "Home"):
        press(key)
        settle(sheet)
        seen[key] = text(sheet, "#clock")
    assert seen == {
        "ArrowRight": "D+0 02:00",
        "ArrowLeft": "D+0 01:00",
        "PageUp": "D+1 01:00",
        "End": "D+14 00:00",
        "Home": "D+0 00:00",
    }
    spoken = sheet.page.get_attribute("#time", "aria-valuetext")
    assert spoken == "D+0 00:00, Monday 17:00, 17.9 M people without a basic need"
    press("Space")
    assert sheet.page.get_attribute("#play", "aria-label") == "Pause"
    until(sheet, lambda: text(sheet, "#clock") > "D+0 05:00")
    press("Space")
    assert sheet.page.get_attribute("#play", "aria-label") == "Play"
    sheet.page.click("#next")
    settle(sheet)
    at = text(sheet, "#clock")
    sheet.page.click("#back")
    settle(sheet)
    assert text(sheet, "#clock") < at


def test_map_and_lanes_by_keyboard(page: Path, outage: Run, new_sheet: NewSheet) -> None:
    sheet = new_sheet()
    sheet.open(page)
    press = sheet.page.keyboard.press
    assert sheet.page.locator('#map [tabindex="0"]').count() == 1
    assert sheet.page.locator('.cell[tabindex="0"]').count() == 1
    sheet.page.focus('#map [tabindex="0"]')
    here = "document.activeElement.textContent"
    first = sheet.page.evaluate(here)
    press("ArrowDown")
    assert sheet.page.evaluate(here) != first
    press("ArrowUp")
    assert sheet.page.evaluate(here) == first
    assert "Groningen" in first
    press("Enter")
    settle(sheet)
    assert sheet.page.input_value("#scope") == "0"
    sheet.page.focus('.cell[tabindex="0"]')
    press("ArrowRight")
    press("Enter")
    settle(sheet)
    name = sheet.page.locator("#panel h3").inner_text()
    assert name in sheet.page.evaluate("document.activeElement.textContent").replace("\u00ad", "")
    assert sheet.page.locator('.cell[aria-pressed="true"]').count() == 1
    assert sheet.page.locator(".arcs path.feeds, .arcs path.needs").count() > 0
    press("Escape")
    settle(sheet)
    assert sheet.page.locator('.cell[aria-pressed="true"]').count() == 0


# ------------------------------------------------------------------ language, motion, speed


def test_the_language_switch_turns_everything(small: Path, new_sheet: NewSheet) -> None:
    sheet = new_sheet()
    sheet.open(small)
    sheet.page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    go(sheet, 12)
    sheet.page.locator(".cell").nth(1).click()
    settle(sheet)
    assert "Why" in sheet.page.locator("#panel").inner_text()
    go(sheet, 0.5)
    assert "Why" not in sheet.page.locator("#panel").inner_text()  # nothing has happened yet
    go(sheet, 12)
    told = {}
    for lang in ("en", "nl", "en"):
        sheet.page.click(f"#to-{lang}")
        settle(sheet)
        assert sheet.page.get_attribute("html", "lang") == lang
        assert sheet.page.title() == f"{SCENARIO['name'][lang]} · {MARK}"  # type: ignore[index]
        labels = sheet.page.eval_on_selector_all(
            "[aria-label]", "all => all.filter(n => n.getClientRects().length).map(n => n.getAttribute('aria-label'))"
        )
        found = sheet.page.locator("main").inner_text() + " ".join(labels)
        assert told.setdefault(lang, found) == found
    words = {
        "en": (" without ", " people ", "Tuesday", "By region", "Needs", "Pumps at half", "lack of", "Language", "Processes at this moment", " h "),
        "nl": (" zonder ", " mensen ", "dinsdag", "Per regio", "Heeft nodig", "Pompen half", "gebrek aan", "Taal", "Processen op dit moment", " u "),
    }  # fmt: skip
    for lang, other in (("en", "nl"), ("nl", "en")):
        for word in words[lang]:
            assert word in told[lang], word
            assert word not in told[other], word
    assert (
        sheet.page.get_attribute("#time", "aria-valuetext")
        == "D+0 12:00, Tuesday 05:00, 4,000 people without a basic need"
    )


def test_a_step_fits_in_a_frame_and_builds_nothing(page: Path, new_sheet: NewSheet) -> None:
    sheet = new_sheet()
    sheet.open(page)
    found = sheet.page.evaluate(
        """async () => {
            const slider = document.getElementById('time'), frame = () => new Promise(requestAnimationFrame);
            const move = async k => { slider.value = k * 3600; slider.dispatchEvent(new Event('input')); await frame(); await frame(); };
            for (let k = 0; k < 15; k++) await move(4 * k);
            performance.clearMeasures();
            let made = 0;
            new MutationObserver(all => all.forEach(m => { made += [...m.addedNodes].filter(n => n.nodeType === 1).length; }))
                .observe(document.getElementById('lanes'), { childList: true, subtree: true });
            for (let k = 15; k < 75; k++) await move(4 * k);
            return [performance.getEntriesByName('replay-step').map(e => e.duration), made];
        }"""
    )
    durations = sorted(found[0])
    assert len(durations) >= 60
    assert durations[len(durations) // 2] < SMOOTH_MS
    assert found[1] == 0


def test_reduced_motion_moves_in_steps(small: Path, new_sheet: NewSheet) -> None:
    sheet = new_sheet(reduced_motion="reduce")
    sheet.open(small)
    assert sheet.page.eval_on_selector(".cell", "e => getComputedStyle(e).transitionDuration") == "0s"
    sheet.page.click("#play")
    sheet.page.wait_for_timeout(400)
    assert text(sheet, "#clock") == "D+0 00:00"
    until(sheet, lambda: text(sheet, "#clock") != "D+0 00:00")


def test_without_scripts_it_stands_still_but_tells_all(small: Path, new_sheet: NewSheet) -> None:
    sheet = new_sheet(java_script_enabled=False)
    sheet.open(small)
    told = sheet.page.locator("#replay").inner_text()
    assert "Without JavaScript this page stands still" in told
    assert "Share of the inhabitants without a basic need" in told
    assert not sheet.page.locator("#deck").is_visible()


def test_a_real_map_takes_the_place_of_the_tiles(tmp_path: Path, new_sheet: NewSheet) -> None:
    paths = {"R1": "M0,0h400v300h-400z", "R2": "M400,0h600v300h-600zM500,100h100v100h-100z"}
    shapes = Shapes(1_000, 300, paths, {"R1": (200, 150), "R2": (800, 150)})
    done = played()
    sheet = new_sheet()
    sheet.open(write_replay(done, assess(done), tmp_path / "map.html", "nl", shapes=shapes))
    go(sheet, 12)
    assert sheet.page.locator("#map path").count() == 2
    assert sheet.page.locator("#map .tile").count() == 0
    region = sheet.page.get_by_role("button", name=re.compile("^R2: "))
    assert region.get_attribute("aria-label") == "R2: 100%"
    size = sheet.page.evaluate("() => document.querySelector('#map text').getBoundingClientRect().height")
    assert size >= 12
    region.focus()
    sheet.page.keyboard.press("Enter")
    settle(sheet)
    assert sheet.page.input_value("#scope") == "1"
    sheet.assert_silent()
