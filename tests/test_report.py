"""What is written is whole, true, the same every time, and harmless to open."""

import base64
import csv
import dataclasses
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import networkx
import numpy as np
import pandas as pd
import pytest
from builders import ANV, model, run, scenario

from cascade.errors import UsageError
from cascade.files.reading import load
from cascade.model import Input, Model, Words
from cascade.results.impact import Impact, assess
from cascade.simulation.network import compile_network
from cascade.simulation.run import Run, simulate
from cascade.telling import gist, report, writing

EVIL = "<script>alert('1')</script> & \"'"


def world(**info: object) -> Model:
    return model(
        {
            "power": {"sector": "energy", "name": {"nl": "Stroom", "en": "Power"}},
            "water": {
                "sector": "life",
                "per": "region",
                "people": "100%",
                "basic_need": "true",
                "cost_per_day": "24 kEUR",
                "restart": "1h",
                "needs": {
                    "p": {"from": "power", "endures": "2h", "loses": "50%", "confidence": "low", "source": "own"}
                },
            },
            "care": {
                "sector": "life",
                "people": "10%",
                "needs": {
                    "w": {"any_of": ["water", "power"], "confidence": "high"},
                    "p": {"from": "power", "endures": "6h"},
                },
            },
        },
        {"R1": 1_000, "R2": 3_000},
        ANV,
        **info,
    )


@pytest.fixture(scope="module")
def done() -> Run:
    return run(world(), {"hits": "power", "at": "1h", "for": "9h"}, horizon="24h", name={"nl": EVIL, "en": "@sum(1)"})


@pytest.fixture(scope="module")
def impact(done: Run) -> Impact:
    return assess(done)


@pytest.fixture(scope="module")
def folder(done: Run, impact: Impact, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("out") / "new" / "run"
    report.write_run(done, impact, place)
    return place


def everything(place: Path) -> dict[str, bytes]:
    return {p.relative_to(place).as_posix(): p.read_bytes() for p in sorted(place.rglob("*")) if p.is_file()}


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


class Page(HTMLParser):
    """Every tag with its attributes, and all text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {k: v or "" for k, v in attrs}))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {k: v or "" for k, v in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, name: str) -> list[str]:
        return [attrs[name] for _, attrs in self.tags if name in attrs]


@pytest.fixture(scope="module")
def page(folder: Path) -> Page:
    return Page((folder / "report.html").read_text(encoding="utf-8"))


# ------------------------------------------------------------------ the folder


def test_equal_runs_give_equal_bytes(done: Run, impact: Impact, folder: Path, tmp_path: Path) -> None:
    again = simulate(world(), done.scenario)
    report.write_run(again, assess(again), tmp_path)
    assert everything(tmp_path) == everything(folder)


def test_paths_returned_are_the_files_written(done: Run, impact: Impact, tmp_path: Path) -> None:
    paths = report.write_run(done, impact, tmp_path, "en")
    assert sorted(p.relative_to(tmp_path).as_posix() for p in paths) == list(everything(tmp_path))
    assert paths[-1].name == "manifest.json"


def test_manifest_knows_every_file_and_what_it_came_from(done: Run, impact: Impact, tmp_path: Path) -> None:
    inputs = [Input("/home/someone/work/scenarios/s.yaml", "ab" * 32)]
    report.write_run(done, impact, tmp_path, "en", inputs=inputs)
    files = everything(tmp_path)
    manifest = json.loads(files.pop("manifest.json"))
    assert manifest["files"] == {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    assert manifest["inputs"] == {"scenarios/s.yaml": "ab" * 32}
    assert manifest["options"] == {"lang": "en", "marking": "TLP:CLEAR", "seed": None}
    assert {"cascade", "python", "numba", "numpy", "pandas"} <= set(manifest["versions"])
    assert manifest["versions"]["numpy"] == np.__version__
    other = simulate(done.network, done.scenario.model_copy(update={"horizon": 3600}))
    fingerprint = writing.run_manifest(other, "en", "TLP:CLEAR", ())["scenario"]["sha256_of_content"]
    assert fingerprint != manifest["scenario"]["sha256_of_content"]
    assert b"/home/someone" not in b"".join(everything(tmp_path).values())


def test_inputs_are_named_from_their_folder_on(tmp_path: Path) -> None:
    assert writing.short_path(str(tmp_path / "x" / "s.yaml")) == "x/s.yaml"


def test_the_manifest_is_the_same_from_every_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a scenario has the name of a model file, and whatever the working folder is called."""
    root = Path(report.__file__).parents[2]
    made = []
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        run = simulate(load(root / "sectors"), scenario(horizon="2h"))
        inputs = [Input(str(root / "sectors" / "energy.yaml"), "cd" * 32)]
        made.append(writing.run_manifest(run, "en", "TLP:CLEAR", inputs)["inputs"])
    assert made[0] == made[1]
    assert made[0]["scenario: sectors/energy.yaml"] == "cd" * 32
    assert made[0]["sectors/energy.yaml"] == hashlib.sha256((root / "sectors" / "energy.yaml").read_bytes()).hexdigest()


def test_tables_hold_the_run(done: Run, impact: Impact, folder: Path) -> None:
    log = pd.read_csv(folder / "log.csv", keep_default_na=False)
    assert len(log) == len(done.log)
    assert log["time_s"].tolist() == done.log["time_s"].tolist()
    assert pd.read_csv(folder / "levels.csv")["level"].tolist() == done.levels()["level"].tolist()
    copies = pd.read_csv(folder / "impact-by-copy.csv")
    assert copies["person_h"].tolist() == impact.by_copy["person_h"].tolist()
    data = json.loads((folder / "impact.json").read_text())
    assert data["totals"] == impact.totals
    assert data["by_process"][0]["process"] == impact.by_process["process"].iloc[0]
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["totals"]["basic_person_h"] == impact.totals["basic_person_h"]
    assert summary["horizon_h"] == 24


def test_texts_of_tables_are_in_one_language(done: Run, impact: Impact, folder: Path, tmp_path: Path) -> None:
    report.write_run(done, impact, tmp_path, "en")
    assert {r["label"] for r in rows(folder / "impact-anv.csv")} & {"beperkt"}
    assert {r["label"] for r in rows(tmp_path / "impact-anv.csv")} & {"limited"}


def test_chains_lead_back_to_the_event(folder: Path) -> None:
    chain = [r for r in rows(folder / "chains.csv") if r["process"].startswith("water")]
    assert [(r["instance"], r["because"]) for r in chain] == [("water@R1", "need"), ("power", "event")]


def test_formulas_are_disarmed() -> None:
    cells = ["=1+1", "+1", "-1", "@sum", "\tx", "\rx", "a=1", ""]
    frame = pd.DataFrame({"text": cells, "number": [-1.5, *range(7)]})
    back = list(csv.DictReader(io.StringIO(writing.csv_text(frame), newline="")))
    assert [r["text"] for r in back] == ["'=1+1", "'+1", "'-1", "'@sum", "'\tx", "'\nx", "a=1", ""]
    assert back[0]["number"] == "-1.5"


def test_marking_goes_up_never_down_and_is_taken_away_again(done: Run, impact: Impact, tmp_path: Path) -> None:
    report.write_run(done, impact, tmp_path, marking="TLP:AMBER")
    assert (tmp_path / "MARKING.txt").read_text() == "TLP:AMBER\n"
    assert json.loads((tmp_path / "manifest.json").read_text())["marking"] == "TLP:AMBER"
    assert (tmp_path / "report.html").read_text().count('<div class="mark alone">TLP:AMBER</div>') == 2
    (tmp_path / "notes.txt").write_text("mine")
    report.write_run(done, impact, tmp_path)
    assert not (tmp_path / "MARKING.txt").exists()
    assert (tmp_path / "notes.txt").read_text() == "mine"
    marked = simulate(world(), scenario(horizon="2h", marking="TLP:RED"))
    report.write_run(marked, assess(marked), tmp_path, marking="TLP:GREEN")
    assert (tmp_path / "MARKING.txt").read_text() == "TLP:RED\n"


def test_only_what_nobody_changed_is_removed(done: Run, impact: Impact, tmp_path: Path) -> None:
    report.write_run(done, impact, tmp_path / "out", marking="TLP:AMBER")
    (tmp_path / "out" / "MARKING.txt").write_text("mine now")
    outside = tmp_path / "outside.txt"
    outside.write_text("x")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    manifest["files"]["../outside.txt"] = hashlib.sha256(b"x").hexdigest()
    (tmp_path / "out" / "manifest.json").write_text(json.dumps(manifest))
    report.write_run(done, impact, tmp_path / "out")
    assert (tmp_path / "out" / "MARKING.txt").read_text() == "mine now"
    assert outside.exists()


@pytest.mark.parametrize("text", ["", "[]", '{"files": 3}', "\x00"])
def test_a_strange_manifest_is_no_obstacle(done: Run, impact: Impact, tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    assert writing.left_over(tmp_path, {}) == []


@pytest.mark.parametrize("text", ["[" * 200_000, "x" * 2_000_000])
def test_a_hostile_manifest_is_not_read_far(text: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(text)
    assert writing.listed(tmp_path) is None


def test_a_pipe_for_a_manifest_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "manifest.json")
    assert writing.listed(tmp_path) is None


def test_a_file_of_somebody_else_is_not_overwritten(done: Run, impact: Impact, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("mine")
    with pytest.raises(UsageError, match=r"log\.csv is there already and is no report of cascade; name another folder"):
        report.write_run(done, impact, tmp_path)
    assert everything(tmp_path) == {"log.csv": b"mine"}


def test_what_cannot_be_written_is_said(done: Run, impact: Impact, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"cannot write .*file"):
        report.write_run(done, impact, tmp_path / "file")


def test_a_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writing.write_all(tmp_path, {"a.csv": b"old"})

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(UsageError, match="No space left"):
        writing.write_all(tmp_path, {"a.csv": b"new"})
    assert everything(tmp_path) == {"a.csv": b"old"}


# ------------------------------------------------------------------ the page


def test_page_asks_nothing_of_the_world(page: Page, folder: Path) -> None:
    text = (folder / "report.html").read_text()
    assert not {"script", "link", "iframe", "object", "embed", "img", "form", "base"} & {tag for tag, _ in page.tags}
    assert not [name for _, attrs in page.tags for name in attrs if name == "src" or name.startswith("on")]
    assert all(target.startswith("#") for target in page.all("href"))
    assert "http://" not in text
    assert "https://" not in text
    assert "@import" not in text
    assert re.findall(r"url\((?!#)", text) == []


def test_page_allows_its_own_style_and_nothing_else(page: Page, folder: Path) -> None:
    text = (folder / "report.html").read_text()
    style = re.search(r"<style>(.*?)</style>", text, re.S)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policies = [a["content"] for tag, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert policies == [f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"]
    assert page.all("style") == []
    assert text.count("<style") == 1


def test_page_is_well_formed_and_its_links_lead_somewhere(page: Page) -> None:
    assert page.open == []
    ids = page.all("id")
    assert len(ids) == len(set(ids))
    assert {target[1:] for target in page.all("href")} <= set(ids)
    clips = {m for value in page.all("clip-path") for m in re.findall(r"url\(#(.*)\)", value)}
    assert clips
    assert clips <= set(ids)


def test_names_are_text_and_never_markup(page: Page, folder: Path) -> None:
    assert page.text.count(EVIL) >= 2
    assert "<script" not in (folder / "report.html").read_text()


def test_page_says_what_the_tables_say(page: Page, impact: Impact) -> None:
    # water: half of 4,000 people from 3 h, until power is back at 10 h and an hour of restart
    assert impact.totals["basic_person_h"] == 2_000 * 8
    assert "16.000" in page.text
    assert "Stroom" in page.text
    assert "laag" in page.text
    assert [a["lang"] for tag, a in page.tags if tag == "html"] == ["nl"]
    pictures = [a for tag, a in page.tags if tag == "svg"]
    assert len(pictures) == 3 + len({m for m in page.all("id") if re.fullmatch(r"map-\d-figure_1", m)})
    assert all(a["role"] == "img" and a["aria-label"] for a in pictures)


def test_page_tells_a_chain_from_the_event_on(page: Page) -> None:
    chain = page.text[page.text.index("Waardoor: de ketens") :]
    assert -1 < chain.find("Stroom: 0%") < chain.find("water, R1: 50%")


def test_page_for_a_run_in_which_nothing_happens(tmp_path: Path) -> None:
    quiet = run(model({"a": {}}), horizon="3h")
    report.write_run(quiet, assess(quiet), tmp_path, "en")
    text = (tmp_path / "report.html").read_text()
    assert "Nobody goes without a basic need." in text
    assert "No need ran short." in text
    assert "There are no knock-on effects" in text


def test_page_names_groups_that_wait_for_each_other(tmp_path: Path) -> None:
    ring = model(
        {
            "start": {},
            "a": {"needs": {"x": {"from": ["b", "start"]}}},
            "b": {"needs": {"y": {"from": "a"}}},
            "c": {"people": "5%"},
        }
    )
    stuck = run(ring, {"hits": "start", "at": "1h", "for": "2h"}, horizon="10h")
    assert stuck.locked
    report.write_run(stuck, assess(stuck), tmp_path, "en")
    assert "a; b" in (tmp_path / "report.html").read_text()


# ------------------------------------------------------------------ what it rests on


def test_hours_go_to_the_need_that_bound(done: Run, impact: Impact) -> None:
    found = gist.assumptions(done, impact).set_index(["process", "need"])
    # 3 to 11 h, the hour of restart included: 8 h x 50% x 4,000
    assert found.loc[("water", "p"), "person_h"] == 8 * 2_000
    assert found.loc[("water", "p"), "lost_h"] == pytest.approx(4)
    assert found.loc[("water", "p"), "confidence"] == "low"
    # care lives on water (at half) from 3 h and stops for lack of power from 7 h: 4 x 200, then 3 x 400, then water again
    assert found.loc[("care", "p"), "person_h"] == 3 * 400
    assert found.loc[("care", "w"), "person_h"] == pytest.approx(4 * 200, abs=1)
    assert found.loc[("care", "w"), "suppliers"] == "water power"
    assert found["person_h"].is_monotonic_decreasing


def test_shares_of_confidence_add_up(done: Run, impact: Impact) -> None:
    found = gist.sureness(gist.assumptions(done, impact), "en")
    assert [(key, label) for key, label, _ in found] == [("unknown", "unknown"), ("low", "low"), ("high", "high")]
    assert sum(int(part.strip("%")) for _, _, part in found) == pytest.approx(100, abs=1)


def test_maps_run_from_the_first_to_the_last_person_without(done: Run) -> None:
    # all the time the same half of the people: maps that look the same are drawn once
    assert gist.map_moments(done) == [3]
    steps = [
        {"hits": "water", "at": f"{h}h", "for": "3h", "level": f"{level}%"}
        for h, level in ((1, 95), (4, 80), (7, 40), (10, 0))
    ]
    moments = gist.map_moments(run(world(), *steps, horizon="30h"))
    assert moments == sorted(set(moments))
    assert moments[0] == 1
    assert max(moments) < 14
    assert len(moments) == 4
    late = run(
        world(),
        {"hits": "water@R1", "at": "1h", "for": "20h"},
        {"hits": "water@R2", "at": "18h 20m", "for": "10m"},
        horizon="30h",
    )
    assert 18 + 1 / 3 in gist.map_moments(late)
    assert gist.map_moments(run(world(), horizon="3h")) == []


def test_chains_are_of_processes_no_event_hits(done: Run, impact: Impact) -> None:
    assert gist.worst_instances(done, impact, 20) == ["water@R1", "care"]
    assert gist.worst_instances(done, impact, 1) == ["water@R1"]


# ------------------------------------------------------------------ graphs


def test_graph_files_hold_the_same_arcs(tmp_path: Path) -> None:
    wanted = {("power", "water", "p"), ("water", "care", "w"), ("power", "care", "w"), ("power", "care", "p")}
    files = {kind: report.write_graph(world(), tmp_path / f"g.{kind}") for kind in ("graphml", "gexf", "json", "csv")}
    data = json.loads(files["json"].read_text())
    graphs = [
        networkx.read_graphml(files["graphml"], force_multigraph=True),
        networkx.read_gexf(files["gexf"]),
        networkx.node_link_graph(data, edges="edges"),
    ]
    for graph in graphs:
        assert {(a, b, d["need"]) for a, b, d in graph.edges(data=True)} == wanted
    assert {(r["supplier"], r["consumer"], r["need"]) for r in rows(files["csv"])} == wanted
    assert [e["sources"] for e in data["edges"] if e["target"] == "water"] == ["own"]
    assert data["graph"]["marking"] == "TLP:CLEAR"
    assert "lastmodifieddate" not in files["gexf"].read_text()


def test_graph_of_copies_and_of_some_processes(tmp_path: Path) -> None:
    network = compile_network(world())
    some = rows(report.write_graph(network, tmp_path / "g.csv", processes=["power", "water"]))
    assert [(r["supplier"], r["consumer"]) for r in some] == [("power", "water@R1"), ("power", "water@R2")]
    assert report.write_graph(network, tmp_path / "g.svg", processes=["care"]).read_bytes().startswith(b"<?xml")
    assert report.write_graph(world(), tmp_path / "g", "png").read_bytes().startswith(b"\x89PNG")
    assert rows(report.write_graph(world(), tmp_path / "none.csv", processes=["power"])) == []
    with pytest.raises(UsageError, match="no graph format 'dot': choose graphml"):
        report.write_graph(world(), tmp_path / "g.dot")


def test_graph_files_do_not_depend_on_the_order_of_sets() -> None:
    code = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "from test_report import *\n"
        "large = model({f'p{k}': {'needs': {'n': {'from': f'p{(k + 1) % 20}'}}} for k in range(20)})\n"
        "for k in ('graphml', 'gexf', 'json', 'csv'):\n"
        "    print(report.graph_text(large, None, k, ['p3', 'p4', 'p5', 'p6', 'p7', 'p9'], ''))\n"
    )
    here = Path(__file__).parent
    texts = {
        subprocess.run(
            [sys.executable, "-c", code, str(here), str(here.parent)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1


# ------------------------------------------------------------------ what a reader asked for


def test_page_holds_the_page_for_the_planner(done: Run, impact: Impact, page: Page, tmp_path: Path) -> None:
    assert "oefenleider" not in page.text
    own = dataclasses.replace(
        done, scenario=done.scenario.model_copy(update={"exercise": Words(nl="Doel <1>.\n\nUur een.", en="Aim.")})
    )
    report.write_run(own, impact, tmp_path, "nl")
    text = (tmp_path / "report.html").read_text()
    assert "Voor de oefenleider" in text
    assert "<p>Doel &lt;1&gt;.</p>\n<p>Uur een.</p>" in text


def test_chains_shown_are_the_longest_and_differ() -> None:
    needs = {f"p{k}": {"needs": {"x": {"from": f"p{k - 1}"}}, "people": f"{k}%"} for k in range(1, 6)}
    more = {f"q{k}": {"needs": {"x": {"from": "p0"}}, "people": "50%"} for k in range(3)}
    long = run(model({"p0": {}, **needs, **more}), {"hits": "p0", "for": "2h"}, horizon="10h")
    found = gist.shown_chains(long, assess(long), 3)
    assert found[0] == "p5"
    assert set(found[1:]) < set(more)


def test_captions_stand_outside_the_boxes_that_scroll(page: Page, folder: Path) -> None:
    text = (folder / "report.html").read_text()
    assert "<caption" not in text
    assert 'class="wide" tabindex="0"' in text


def test_on_a_dark_page_the_worst_class_is_the_brightest() -> None:
    style = (Path(report.__file__).parent / "templates" / "report.css").read_text()
    dark = style[style.index("prefers-color-scheme: dark") :]
    bands = re.findall(r"--band(\d): #(\w{6})", dark)[:6]
    assert [int(k) for k, _ in bands] == list(range(6))
    light = [sum(int(c[i : i + 2], 16) * w for i, w in ((0, 0.2126), (2, 0.7152), (4, 0.0722))) for _, c in bands]
    assert light == sorted(light)
    # each is replaced by its own colour
    colours = [c for _, band, ink in report.plots.BANDS for c in (band, ink)]
    assert len(set(colours)) == len(colours)
