"""The notebooks show what they would show today and stay short; and what results show of themselves."""

import base64
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import notebook_runs
import pytest
from builders import model as build
from builders import run as play

import cascade
from cascade.model import Model
from cascade.simulation.run import Run
from cascade.telling import notebook, showing
from cascade.telling.plots import Sheet

ROOT = Path(__file__).resolve().parent.parent
BOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LINES, WIDTH = 9, 105
"""Of a cell of code: more is a program, not a question."""
PNG = b"\x89PNG"


@pytest.fixture(scope="module")
def running() -> Iterator[Any]:
    with notebook_runs.kernel() as one:
        yield one


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CASCADE_LANG", raising=False)


# ------------------------------------------------------------------ the notebooks


def test_there_are_six_questions() -> None:
    assert [path.stem[:2] for path in BOOKS] == ["01", "02", "03", "04", "05", "06"]


@pytest.mark.parametrize("path", BOOKS, ids=lambda p: p.stem)
def test_outputs_are_current(path: Path, running: Any) -> None:
    found = notebook_runs.differences(notebook_runs.read(path), notebook_runs.run(path, running))
    assert found == [], "run `make notebooks` and look at what changed"


@pytest.mark.parametrize("path", BOOKS, ids=lambda p: p.stem)
def test_reads_like_an_article(path: Path) -> None:
    book = notebook_runs.read(path)
    nbformat.validate(book)
    assert book.cells[0].cell_type == "markdown"
    assert book.cells[0].source.startswith("# ")
    assert book.cells[-1].cell_type == "markdown"
    assert any("what it does not say" in c.source or "cannot predict" in c.source for c in book.cells)
    for cell in book.cells:
        if cell.cell_type == "code":
            lines = [line for line in cell.source.splitlines() if line.strip()]
            assert len(lines) <= LINES, cell.source
            assert max(map(len, lines)) <= WIDTH, cell.source
            private = re.findall(r"\bcascade\.(\w+)", cell.source)
            assert set(private) <= set(cascade.__all__)
            assert not re.search(r"import cascade\.|from cascade", cell.source)


@pytest.mark.parametrize("path", BOOKS, ids=lambda p: p.stem)
def test_outputs_hold_no_noise(path: Path) -> None:
    for cell in notebook_runs.read(path).cells:
        for output in cell.get("outputs", []):
            assert output.output_type in ("execute_result", "display_data"), output
            text = re.sub(r"[A-Za-z0-9+/=\s]{400,}", "", str(output))
            assert not re.search(r"/tmp|/home|/root|0x[0-9a-f]{6}|<script|https?://", text)
            assert notebook_runs.WIDGET not in output.get("data", {})
            # a page that shows stored output has something to show
            assert output.data.keys() & {"text/html", "text/markdown", "image/png"}
            if "image/png" in output.data:
                assert output.metadata["image/png"]["alt"]


@pytest.mark.parametrize("path", BOOKS, ids=lambda p: p.stem)
def test_links_lead_somewhere(path: Path) -> None:
    for cell in notebook_runs.read(path).cells:
        if cell.cell_type == "markdown":
            for target in re.findall(r"\]\(([^)]+)\)", cell.source):
                assert (path.parent / target).exists(), target
            for call in re.findall(r"`cascade\.(\w+)\(", cell.source):
                assert call in cascade.__all__


def test_an_edited_output_is_noticed() -> None:
    book = notebook_runs.read(BOOKS[0])
    assert notebook_runs.differences(book, notebook_runs.read(BOOKS[0])) == []
    html = next(o for c in book.cells for o in c.get("outputs", []) if "text/html" in o.data)
    html.data["text/html"] = html.data["text/html"].replace("110", "111", 1)
    (said,) = notebook_runs.differences(notebook_runs.read(BOOKS[0]), book)
    assert "texts differ" in said

    book = notebook_runs.read(BOOKS[0])
    first, second = [o for c in book.cells for o in c.get("outputs", []) if "image/png" in o.data][:2]
    first.data["image/png"] = second.data["image/png"]
    (said,) = notebook_runs.differences(notebook_runs.read(BOOKS[0]), book)
    assert "a picture differs" in said

    book = notebook_runs.read(BOOKS[0])
    book.cells[1].metadata["execution"] = {"iopub.execute_input": "2027-01-01"}
    book.cells[3].id = "another"
    assert len(notebook_runs.differences(notebook_runs.read(BOOKS[0]), book)) == 1


# ------------------------------------------------------------------ what results show of themselves


@pytest.fixture(scope="module")
def dutch_model() -> Model:
    return cascade.load(ROOT / "sectors")


@pytest.fixture(scope="module")
def outage(dutch_model: Model) -> Run:
    return cascade.simulate(dutch_model, "regional-power-outage")


@pytest.fixture(scope="module")
def shown(dutch_model: Model, outage: Run) -> dict[str, Any]:
    """One of each kind of thing that shows itself."""
    file = cascade.load_capacity(ROOT / "scenarios/capacity/guards-and-generators.yaml", dutch_model)
    few = cascade.amend(file, scenarios={"drones-airports-ports": 1})
    return {
        "Model": dutch_model,
        "Run": outage,
        "Impact": cascade.assess(outage),
        "Ranking": cascade.rank(dutch_model, durations=["24h"], samples=2),
        "Protection": cascade.protect(dutch_model, few, gap=0.05, seconds=600, questions=False),
        "Hindcast": cascade.hindcast(dutch_model, ["i42-card-payments"]),
        "SampledRuns": cascade.sampled_runs(dutch_model, "rail-sabotage", samples=2),
        "StockUse": cascade.stock_use(dutch_model, outage.scenario),
    }


KINDS = ["Model", "Run", "Impact", "Ranking", "Protection", "Hindcast", "SampledRuns", "StockUse"]


class Elements(HTMLParser):
    """Checks that every element is closed, and gathers names, attributes and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in ("br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += f"{data}\n"


@pytest.mark.parametrize("lang", ["en", "nl"])
@pytest.mark.parametrize("kind", KINDS)
def test_everything_shows_itself(kind: str, lang: str, shown: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    thing = shown[kind]
    assert type(thing).__name__ == kind
    monkeypatch.setenv("CASCADE_LANG", lang)
    page = Elements(thing._repr_html_())
    assert page.seen[0] == ("div", {"lang": lang})
    assert "TLP:CLEAR" in page.text
    assert ("Marking" if lang == "en" else "Markering") in page.text
    assert " --" not in page.text
    assert ".." not in page.text
    assert {tag for tag, _ in page.seen} <= {
        "div", "p", "strong", "small", "br", "table", "caption", "thead", "tbody", "tr", "th", "td", "img",
    }  # fmt: skip
    for tag, attributes in page.seen:
        assert attributes.keys() <= {"style", "scope", "lang", "alt", "width", "src"}
        if tag == "img":
            assert attributes["alt"]
            assert base64.b64decode(str(attributes["src"]).removeprefix("data:image/png;base64,")).startswith(PNG)
    assert len(repr(thing)) < 10_000


def test_a_run_tells_what_matters(shown: dict[str, Any]) -> None:
    text = Elements(cascade.html(shown["Run"], "en")).text
    total = shown["Impact"].totals
    for said in ("Regional power outage of four days", "Period", "Cost in this period", "Hardest on people"):
        assert said in text
    assert f"{total['processes_hit']}/110 processes" in text
    assert "<img" in cascade.html(shown["Run"], "en")


def test_a_plan_tells_its_bound(shown: dict[str, Any]) -> None:
    text = Elements(cascade.html(shown["Protection"], "en")).text
    assert "Proven" in text
    assert "Guard team" in text
    assert "may deserve a higher marking" in text
    assert shown["Protection"].prices == ()
    assert shown["Protection"].worths.keys() == shown["Protection"].plan


def test_a_large_model_is_not_checked_to_be_shown(dutch_model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "No faults found" in cascade.html(dutch_model)
    monkeypatch.setattr(showing, "LARGE", 1_000)
    assert "cascade check" in cascade.html(dutch_model)


def test_hostile_names_stay_text() -> None:
    bad = '<script>alert("x")</script>'
    world = build(
        {
            "a": {"name": bad, "people": "100%", "basic_need": "yes", "per": "region"},
            "b": {"needs": {"n": {"from": "a"}}},
        },
        title=bad,
        version=bad[:30],
        marking="TLP:AMBER",
    )
    done = play(world, {"hits": "a", "for": "2d"}, name=bad)
    for thing in (world, done, cascade.assess(done)):
        page = cascade.html(thing)
        assert "<script" not in page
        assert "&lt;script&gt;" in page
        assert "TLP:AMBER" in Elements(page).text
    # a title goes into the text beside the picture too
    assert all(tag != "script" for tag, _ in Elements(cascade.html(done)).seen)


def test_what_shows_nothing_is_refused() -> None:
    with pytest.raises(cascade.UsageError, match=r"nothing is shown of a int; it can be a Model, Run, "):
        cascade.html(3)


def test_the_language_is_that_of_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    assert showing.language() == "en"
    for text, lang in (("nl", "nl"), ("NL ", "nl"), ("en", "en"), ("fr", "en")):
        monkeypatch.setenv("CASCADE_LANG", text)
        assert showing.language() == lang


# ------------------------------------------------------------------ pictures, and the slider


def test_pictures_show_themselves(outage: Run) -> None:
    # the other pictures stand in the notebooks
    for sheet in (cascade.plot_levels(outage, "nl"), cascade.plot_map(outage, 6), cascade.plot_map(outage, [0, 6])):
        assert isinstance(sheet, Sheet)
        assert "TLP:CLEAR" in sheet.foot
    data, about = sheet._repr_mimebundle_(include=None, exclude=None)
    assert base64.b64decode(data["image/png"]).startswith(PNG)
    assert about["image/png"]["alt"] == f"{sheet.title}. {sheet.foot}"
    with pytest.raises(cascade.UsageError, match="hour 9999 is outside this run"):
        cascade.plot_map(outage, [0, 9999])


def test_without_a_kernel_a_picture_stands_in_for_the_slider(outage: Run) -> None:
    data, about = cascade.explore(outage)._repr_mimebundle_()
    assert data.keys() == {"image/png", "text/plain"}
    assert about["image/png"]["alt"].startswith("People without a basic need, by region")


def test_in_a_live_notebook_there_is_a_slider(outage: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook, "alive", lambda: True)
    one = cascade.explore(outage, "nl")
    data, _ = one._repr_mimebundle_()
    assert data.keys() == {"image/png", "text/plain", notebook_runs.WIDGET}
    slider, image = one.widget.children
    assert slider.options[0][1] == 0
    assert slider.options[-1][1] == outage.horizon / 3600
    assert len(slider.options) <= notebook.STEPS + 2
    before = image.value
    slider.value = slider.options[2][1]
    assert image.value == one.map_at(slider.value) != before


def test_without_ipywidgets_the_remedy_is_named(outage: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook, "find_spec", lambda name: None)
    assert not notebook.alive()
    with pytest.raises(cascade.UsageError, match="pip install ipywidgets"):
        _ = cascade.explore(outage).widget


# ------------------------------------------------------------------ a run as a list and as a page


def test_a_timeline_is_a_frame(outage: Run) -> None:
    frame = cascade.timeline(outage, "brief")
    assert {"time_h", "where", "text", "to", "certainty", "why"} <= set(frame.columns)
    assert frame.time_h.is_monotonic_increasing
    assert frame.attrs["marking"] == "TLP:CLEAR"
    assert frame.text.iloc[0] != cascade.timeline(outage, "brief", "nl").text.iloc[0]


def test_a_report_is_a_page(outage: Run, tmp_path: Path) -> None:
    path = cascade.report(outage, tmp_path / "page.html", marking="TLP:GREEN")
    assert 'lang="en"' in (text := path.read_text(encoding="utf-8"))
    assert "TLP:GREEN" in text


# ------------------------------------------------------------------ what if it were written otherwise


def test_amended_is_as_if_written_so(dutch_model: Model) -> None:
    clock = "pnt-timing/satellite-time"
    one = cascade.amend(dutch_model, clock, endures="72h")
    need = one.processes["pnt-timing"].needs["satellite-time"]
    assert need.endures == (72 * 3600,) * 3
    assert need.fades is need.spread is None
    assert need.any_of == dutch_model.processes["pnt-timing"].needs["satellite-time"].any_of
    assert one.sectors["telecom"].processes["pnt-timing"] is one.processes["pnt-timing"]
    assert one.info.version == "2026.1+amended"
    assert cascade.amend(one, "hospital-care", people="4%").info.version == "2026.1+amended"
    assert dutch_model.info.version == "2026.1"
    other = cascade.amend(one, clock, any_of=None, **{"from": "gnss-signal"})
    assert other.processes["pnt-timing"].needs["satellite-time"].rule == "from"
    found = cascade.compare_models(dutch_model, one)
    assert set(found["where"]) >= {"pnt-timing / satellite-time / endures", "pnt-timing / satellite-time / fades / 3h"}


def test_scenarios_and_capacities_can_be_amended(dutch_model: Model) -> None:
    scenario = cascade.load_scenario(ROOT / "scenarios/gnss-jamming-national.yaml", dutch_model)
    short = cascade.amend(scenario, events=[{"hits": "gnss-signal", "for": "9h", "level": "0%"}], horizon="2d")
    assert (short.horizon, short.events[0].for_) == (2 * 86400, (9 * 3600,) * 3)
    assert short.start == scenario.start
    capacity = cascade.load_capacity(ROOT / "scenarios/capacity/guards-and-generators.yaml", dutch_model)
    assert cascade.amend(capacity, harm="basic_hours").harm == {"basic_hours": 1.0}
    assert cascade.amend(capacity, limits=None).limits == {}


@pytest.mark.parametrize(
    ("where", "fields", "said"),
    [
        ("pnt", {"people": "1%"}, "no process 'pnt' in this model"),
        ("pnt-timing/time", {"endures": "1h"}, "no need 'time' of pnt-timing; "),
        ("pnt-timing/satellite-time", {"enduress": "1h"}, "there is no field 'enduress'; did you mean 'endures'"),
        ("pnt-timing/satellite-time", {"endures": "soon"}, "endures: .*'soon' is not a duration"),
        ("pnt-timing/satellite-time", {"from": "nothing"}, "no process 'nothing'"),
        ("pnt-timing", {}, "nothing to amend"),
    ],
)
def test_what_cannot_be_amended_is_named(dutch_model: Model, where: str, fields: dict[str, Any], said: str) -> None:
    with pytest.raises(cascade.CascadeError, match=said):
        cascade.amend(dutch_model, where, **fields)


def test_only_models_have_places(dutch_model: Model, outage: Run) -> None:
    with pytest.raises(cascade.UsageError, match="a place is named in models only"):
        cascade.amend(outage.scenario, "pnt-timing", horizon="2d")
    with pytest.raises(cascade.UsageError, match="not a Run"):
        cascade.amend(outage, horizon="2d")
