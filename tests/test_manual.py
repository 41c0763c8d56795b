"""The manual says what the program does: its commands work, its numbers come out, its links lead somewhere."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click
import pytest
from browser import chromium, new_sheet  # noqa: F401
from click.testing import CliRunner

import cascade
from cascade import cli
from cascade.files import reading
from cascade.files.tables import read_assets, read_links
from cascade.units import format_duration, parse_duration, parse_share
from cascade.words import WORDS

ROOT = Path(__file__).parent.parent
SOURCES = ROOT / "docs" / "manual"
sys.path.insert(0, str(SOURCES))

from made import commands, fields, terms
from made.pages import TAKEN_IN

PAGES = sorted(path for path in SOURCES.rglob("*.md"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
HOSTS = {"www.sphinx-doc.org", "github.com", "pradyunsg.me"}
"""What pages may link to; nothing may be fetched from anywhere."""
OTHER_PROGRAMS = (". .venv/bin/activate", "make demo", "cp -r sectors my-model")


# ------------------------------------------------------------------ building it


def build(out: Path, *options: str, seed: str = "random") -> subprocess.CompletedProcess[str]:
    """Build the manual in a process of its own, as ``make manual`` does."""
    line = [sys.executable, "-m", "sphinx", "-E", "-q", "-d", str(out.with_suffix(".doctrees")), "-b", "html", *options]
    env = {**os.environ, "PYTHONHASHSEED": seed}
    return subprocess.run([*line, str(SOURCES), str(out)], cwd=ROOT, env=env, capture_output=True, encoding="utf-8")


@pytest.fixture(scope="session")
def manual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages, built once however many processes test: the first one builds, the others wait for it."""
    base = tmp_path_factory.getbasetemp()
    home = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    out, said = home / "manual", home / "manual-said.txt"
    try:
        (home / "manual-begun").mkdir()
    except FileExistsError:
        for _ in range(1200):
            if said.exists():
                break
            time.sleep(0.1)
    else:
        before = sum(os.times()[2:4])
        done = build(out, "-W", "--keep-going")
        report = home / "manual-saying.txt"
        report.write_text(f"{done.returncode}\n{sum(os.times()[2:4]) - before:.1f}\n{done.stdout}{done.stderr}")
        report.rename(said)
    code, seconds, *rest = said.read_text().split("\n")
    assert code == "0", "\n".join(rest)
    assert float(seconds) < 25
    return out


def test_builds_without_a_warning(manual: Path) -> None:
    assert len(list(manual.rglob("*.html"))) > len(PAGES)
    assert not (manual / "_sources").exists() or not any((manual / "_sources").iterdir())


def test_same_text_twice() -> None:
    """All that is made from the code, with two seeds of Python's hashes."""
    script = (
        f"import sys; sys.path.insert(0, {str(SOURCES)!r}); from made.pages import MADE;"
        "import hashlib; print({name: hashlib.sha256(make().encode()).hexdigest() for name, make in MADE.items()})"
    )
    made = [
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            encoding="utf-8",
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert made[0].count("'") > 10
    assert made[0] == made[1]


# ------------------------------------------------------------------ links


@dataclass
class Page(HTMLParser):
    """What a page links to, what it loads, and the places in it that can be linked to."""

    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.places.append(str(given["id"]))
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
        elif tag != "a":
            self.loads += [str(given[name]) for name in ("href", "src", "srcset", "data") if given.get(name)]


@pytest.fixture(scope="module")
def pages(manual: Path) -> dict[Path, Page]:
    found = {}
    for path in sorted(manual.rglob("*.html")):
        page = Page()
        page.feed(path.read_text(encoding="utf-8"))
        found[path.resolve()] = page
    return found


def broken(pages: dict[Path, Page]) -> Iterator[str]:
    for path, page in pages.items():
        for link in (*page.links, *page.loads):
            parts = urlsplit(link)
            if parts.scheme:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            drawn = link.startswith("#svg-") or not parts.fragment
            if not target.is_file() or (not drawn and unquote(parts.fragment) not in pages[target].places):
                yield f"{path.name}: {link}"


def test_every_link_leads_somewhere(pages: dict[Path, Page]) -> None:
    assert sum(len(page.links) for page in pages.values()) > 2000
    assert list(broken(pages)) == []
    some = next(iter(pages))
    assert list(broken({some: Page(links=["nowhere.html"], places=[])})) == [f"{some.name}: nowhere.html"]
    assert list(broken({some: Page(links=["#nothing"], places=["thing"])})) == [f"{some.name}: #nothing"]


def test_nothing_is_fetched_from_anywhere(manual: Path, pages: dict[Path, Page]) -> None:
    linked = {urlsplit(link).hostname for page in pages.values() for link in page.links if urlsplit(link).scheme}
    assert linked <= HOSTS
    loaded = [one for page in pages.values() for one in page.loads if urlsplit(one).scheme or one.startswith("//")]
    assert loaded == []
    for style in manual.rglob("*.css"):
        assert not re.search(r"@import|url\(\s*[\"']?(?:https?:)?//", style.read_text(encoding="utf-8")), style


def texts_with_links() -> Iterator[tuple[Path, str]]:
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "sectors" / "README.md"):
        yield path, re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        yield path, "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def test_links_of_the_repository_exist() -> None:
    found = [
        (path, target)
        for path, text in texts_with_links()
        for target in re.findall(r"\]\(([^)\s#]+)[^)]*\)", text)
        if not urlsplit(target).scheme
    ]
    assert len(found) > 10
    assert [f"{path.name}: {target}" for path, target in found if not (path.parent / unquote(target)).exists()] == []


# ------------------------------------------------------------------ in a browser


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        ("tutorial.html", 400, "dark"),
        ("reference/tables.html", 1200, "light"),
        ("method/semantics.html", 400, "light"),
        ("howto/priority.html", 1200, "dark"),
    ],
)
def test_page_in_a_browser(manual: Path, new_sheet, name: str, width: int, scheme: str) -> None:  # noqa: F811
    sheet = new_sheet(width=width, scheme=scheme)
    sheet.open(manual / name)
    assert [url for url in sheet.asked if not url.startswith(manual.absolute().as_uri())] == []
    assert sheet.complaints == []
    assert sheet.overflowing() == []
    assert sheet.axe() == []
    if "semantics" in name:
        sizes = sheet.page.eval_on_selector_all("math", "all => all.map(one => one.getBoundingClientRect().width)")
        assert len(sizes) > 30
        assert min(sizes) > 3


def test_search_works_from_disk(manual: Path, new_sheet) -> None:  # noqa: F811
    sheet = new_sheet()
    sheet.page.goto((manual / "search.html").absolute().as_uri() + "?q=restart")
    sheet.page.wait_for_selector("ul.search li a")
    found = sheet.page.eval_on_selector_all("ul.search li a", "all => all.map(one => one.textContent)")
    assert "What a simulation means" in found
    assert sheet.complaints == []
    sheet.page.goto((manual / "search.html").absolute().as_uri() + "?q=noodstroomaggregaat")
    sheet.page.wait_for_selector("ul.search li a")


# ------------------------------------------------------------------ commands and outputs


@dataclass(frozen=True)
class Step:
    """Something that a reader does: a command, a change in a file, or a file that is there."""

    kind: str
    text: str
    note: str = ""


_BLOCK = re.compile(
    r"(?:^[ ]*% (?P<say>parsed only|file): (?P<note>[^\n]+)\n)?^(?P<in>[ ]*)```(?P<kind>console|text|diff|yaml|json)\n(?P<body>.*?)^[ ]*```$",
    re.MULTILINE | re.DOTALL,
)


def steps_of(page: Path) -> list[Step]:
    found = []
    text = page.read_text(encoding="utf-8")
    taken = re.findall(r"^<!-- made: page (\S+) -->$", text, re.MULTILINE)
    for part in (text, *((ROOT / name).read_text(encoding="utf-8") for name in taken)):
        for block in _BLOCK.finditer(part):
            body = "\n".join(line.removeprefix(block["in"]) for line in block["body"].splitlines())
            if block["say"] == "file":
                found.append(Step("file", body + "\n", block["note"]))
            elif block["kind"] == "console":
                kind = "parse" if block["say"] else "run"
                found += [Step(kind, line, block["note"] or "") for line in body.splitlines()]
            elif block["kind"] == "diff" or body.startswith("$ cascade "):
                found.append(Step("change" if block["kind"] == "diff" else "show", body))
    return found


def readme_commands() -> set[str]:
    blocks = re.findall(r"^```console\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return {line for body in blocks for line in body.splitlines() if line.startswith("cascade ")}


def parses(line: str) -> None:
    """Have the program read a command line, without doing anything."""
    name, *rest = shlex.split(line.removeprefix("cascade "))
    with click.Context(cli.main) as context:
        cli.main.commands[name].make_context(name, rest, parent=context)


def change(folder: Path, diff: str) -> None:
    """Make a change that a page tells of: ``--- FILE: after a line that holds this``, then lines out and in."""
    head, *lines = diff.splitlines()
    file, _, after = head.removeprefix("--- ").partition(": ")
    path = folder / file
    start, _, rest = path.read_text(encoding="utf-8").partition(f"{after}:")
    out = "\n".join(line[1:] for line in lines if line.startswith("-"))
    new = "\n".join(line[1:] for line in lines if line.startswith("+"))
    assert out in rest, f"{file}: no {out!r} under {after}"
    path.write_text(f"{start}{after}:{rest.replace(out, new, 1)}", encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder as after a clone, in which commands may leave files."""
    for name in ("sectors", "scenarios"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CASCADE_LANG", "en")
    monkeypatch.delenv("CASCADE_MODEL", raising=False)
    return tmp_path


WITH_STEPS = [page for page in PAGES if steps_of(page)]


@pytest.mark.parametrize("page", WITH_STEPS, ids=[page.stem for page in WITH_STEPS])
def test_what_a_page_tells_to_do_works(page: Path, folder: Path) -> None:
    """In order, in one folder; a line that the README has too was run for the README."""
    known = readme_commands()
    for step in steps_of(page):
        if step.kind == "file":
            for name in step.note.split(", "):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(step.text, encoding="utf-8")
        elif step.kind == "change":
            change(folder, step.text)
        elif step.kind == "show":
            command, _, expected = step.text.partition("\n")
            result = CliRunner().invoke(cli.main, shlex.split(command.removeprefix("$ cascade ")))
            assert result.stdout.strip() == expected.strip()
        elif step.text == "cp -r sectors my-model":
            shutil.copytree(ROOT / "sectors", folder / "my-model")
        elif not step.text.startswith("cascade "):
            assert step.text in OTHER_PROGRAMS
        elif step.kind == "parse" or step.text in known:
            parses(step.text)
        else:
            result = CliRunner().invoke(cli.main, shlex.split(step.text)[1:])
            assert result.exit_code == 0, f"{step.text}\n{result.output}"
            assert result.output.strip()


def test_what_is_not_run_says_why() -> None:
    steps = [step for page in WITH_STEPS for step in steps_of(page)]
    assert sum(step.kind == "run" and step.text.startswith("cascade ") for step in steps) > 20
    assert [step.text for step in steps if step.kind == "parse" and len(step.note) < 10] == []


def test_examples_in_the_help_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reference shows the help, so its examples are command lines of the manual too."""
    lines = [
        line.strip()
        for command in commands.all_commands().values()
        for line in (command.help or "").splitlines()
        if line.strip().startswith("cascade ")
    ]
    assert len(lines) > 60
    monkeypatch.chdir(tmp_path)
    for line in lines:
        for word in shlex.split(line)[1:]:
            if Path(word).suffix in (".geojson", ".xlsx", ".csv", ".yaml", ".gpkg"):
                (tmp_path / word).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / word).touch()  # a file of the reader's own
        parses(line)


def test_commands_in_the_running_text_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between backticks, or by themselves in the pages that are taken in; a bare name is no command line."""
    monkeypatch.chdir(tmp_path)
    texts = [page.read_text(encoding="utf-8") for page in (*PAGES, *(ROOT / "docs").glob("*.md"))]
    lines = [
        line
        for text in texts
        for line in re.findall(r"`(cascade [a-z-]+ [^`]+)`|^    (cascade .+)$", text, re.MULTILINE)
    ]
    found = [shlex.join(shlex.split(one or other, comments=True)) for one, other in lines if "..." not in one]
    assert len(found) > 10
    for line in found:
        parses(line)


def test_every_page_of_docs_is_in_the_manual(manual: Path) -> None:
    pages = sorted(path.name for path in (ROOT / "docs").glob("*.md"))
    assert sorted(TAKEN_IN) == pages, "give the page a place: TAKEN_IN in docs/manual/made/pages.py"
    for name, place in TAKEN_IN.items():
        assert f"<!-- made: page docs/{name} -->" in (SOURCES / f"{place}.md").read_text(encoding="utf-8")
        title = (ROOT / "docs" / name).read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        assert title.replace("'", "’") in (manual / f"{place}.html").read_text(encoding="utf-8").replace("'", "’")


def test_an_unknown_option_is_noticed() -> None:
    with pytest.raises(click.UsageError):
        parses("cascade run national-power-outage --colour blue")


# ------------------------------------------------------------------ examples by hand


def examples() -> list[tuple[str, str, str, list[tuple[int, str, int]]]]:
    """Return each example: its title, its sector, its scenario, and the log that it claims."""
    text = (SOURCES / "method" / "examples.md").read_text(encoding="utf-8")
    found = []
    for part in text.split("\n## ")[1:]:
        sector, scenario = re.findall(r"^```yaml\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)
        rows = re.findall(r"^\| (\d[^|]*) \| (\w+) \| ([\d.]+%) \|", part, re.MULTILINE)
        log = [(parse_duration(after), process, parse_share(level)) for after, process, level in rows]
        found.append((part.partition("\n")[0], sector, scenario, log))
    return found


@pytest.mark.parametrize("example", examples(), ids=lambda example: example[0])
def test_example_by_hand(example: tuple[str, str, str, list[tuple[int, str, int]]], tmp_path: Path) -> None:
    title, sector, scenario, log = example
    folder = tmp_path / "model"
    folder.mkdir()
    texts = {
        "model.yaml": "title: Example\nversion: '1'\n",
        "regions.yaml": "- {code: R1, name: One, population: 1000}\n",
        "sources.yaml": "own: {title: Own}\n",
        "sector.yaml": sector,
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    (tmp_path / "scenario.yaml").write_text(scenario, encoding="utf-8")
    run = cascade.simulate(cascade.load(folder), tmp_path / "scenario.yaml")
    assert log
    assert [(t, label, after) for t, label, _, after, *_ in run.rows()] == log
    assert bool(run.locked_instances) == ("black start" in title)


def test_sums_in_the_text() -> None:
    tutorial = (SOURCES / "tutorial.md").read_text(encoding="utf-8")
    assert "8 h / 0.88 is 9 h 5 min" in tutorial
    assert format_duration(round(8 * 3600 / 0.88) // 60 * 60) == "9h 5m"


# ------------------------------------------------------------------ made from the code


def all_fields() -> Iterator[tuple[str, str, bool]]:
    for kind in (*fields.MODEL_KINDS, *fields.SCENARIO_KINDS, fields.GENERAL):
        for part in fields.parts_of(fields.root_of(kind)[0]):
            for name, info, _ in fields.fields_of(part):
                yield part.__name__, name, bool(info.description)


def test_every_field_has_one_meaning() -> None:
    known = {key for key in fields.meanings() if not key.startswith(("assets.", "links."))}
    described = {f"{kind}.{name}" for kind, name, said in all_fields() if said}
    bare = {(f"{kind}.{name}", f"*.{name}") for kind, name, said in all_fields() if not said}
    assert known & described == set(), "said by the class itself: take it out of meanings.yaml"
    assert {own for own, general in bare if not known & {own, general}} == set(), "write it in meanings.yaml"
    assert known - {name for pair in bare for name in pair} == set(), "no such field"


def test_every_kind_of_file_and_command_is_there(manual: Path) -> None:
    assert {*fields.MODEL_KINDS, *fields.SCENARIO_KINDS} == set(reading.SCHEMAS) == set(cli.SCHEMA_KINDS)
    text = (manual / "reference" / "commands.html").read_text(encoding="utf-8")
    for name in cli.main.commands:
        assert f'id="command-{name}"' in text
    fields_page = (manual / "reference" / "model-files.html").read_text(encoding="utf-8")
    for name in ("sustained_by", "by_nearest", "if_manipulated", "national_cost"):
        assert f">{name}<" in fields_page
    assert "must be given" in fields_page


def test_columns_are_those_of_the_reader(tmp_path: Path) -> None:
    for name, read in (("assets", read_assets), ("links", read_links)):
        (tmp_path / "t.csv").write_text(",".join(f"c{i}" for i in range(60)) + "\n", encoding="utf-8")
        extra = (None,) if read is read_assets else ()
        (problem,) = [p for p in read(tmp_path, "t.csv", ("x", 1, 1), "x", *extra)[2] if "columns, more than" in p.what]
        listed = {key.partition(".")[2] for key in fields.meanings() if key.startswith(f"{name}.")}
        assert set(problem.remedy.removeprefix("keep ").split(", ")) == listed


def test_numbers_and_processes_are_those_of_the_model(manual: Path) -> None:
    model = cascade.load(ROOT / "sectors")
    text = (manual / "reference" / "processes.html").read_text(encoding="utf-8")
    for name in (*model.processes, *model.regions, *reading.scenario_files(model.root, beside_only=True)):
        assert f">{name}</span>" in text, name
    text = (manual / "reference" / "parameters.html").read_text(encoding="utf-8")
    for name in model.info.parameters:
        assert f">{name}</span>" in text


def test_glossary_pairs_are_whole() -> None:
    entries = [one for group in terms._entries()["terms"].values() for one in group]
    assert len(entries) > 90
    for one in entries:
        assert set(one) == {"nl", "en", "dit", "is"}
        assert all(one.values())
        assert ("★" in one["nl"]) == ("★" in one["en"])
    for language in ("nl", "en"):
        names = [one[language].lower() for one in entries]
        assert sorted({name for name in names if names.count(name) > 1}) == []
    assert set(terms._entries()["output"]) <= set(WORDS)


def test_error_shown_has_the_form_of_errors(tmp_path: Path) -> None:
    """The example of a fault is what the reader really says of such a file."""
    text = (SOURCES / "reference" / "exit-codes.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^    (my-model/.*)$", text, re.MULTILINE)
    folder = tmp_path / "my-model"
    shutil.copytree(ROOT / "sectors", folder)
    (folder / "health.yaml").write_text(
        "sector: health\nname: Health\nprocesses:\n  hospital-care:\n    name: Hospitals\n    needs:\n"
        "      power:\n        from: electricity-distributon\n",
        encoding="utf-8",
    )
    with pytest.raises(cascade.DefinitionError) as caught:
        cascade.load(folder)
    found = [str(p) for p in caught.value.problems if "electricity-distributon" in p.what]
    assert [re.sub(r"^.*/(my-model/.*?):\d+:\d+", r"\1", one) for one in found] == [
        re.sub(r":\d+:\d+", "", shown, count=1)
    ]


def test_make_has_a_target() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^manual: .*\n\t\$\(BIN\)/python -m sphinx .*docs/manual out/manual", text, re.MULTILINE)
