"""What the README says works as written: its commands, its Python, its output, its example file and its numbers."""

import importlib.util
import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

import cascade
from cascade.cli import main

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
CONSOLE = [
    [line for line in body.splitlines() if line.startswith("cascade ")] for kind, body in BLOCKS if kind == "console"
]
CHAINS = [lines for lines in CONSOLE if lines and lines[0].startswith("cascade init ")]
"""Commands of which each goes on where the one before has stopped."""
COMMANDS = [line for lines in CONSOLE if lines not in CHAINS for line in lines]


def block(kind: str) -> str:
    (body,) = [body for found, body in BLOCKS if found == kind]
    return body


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder as after a clone, in which commands may leave files."""
    for name in ("sectors", "scenarios"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CASCADE_LANG", raising=False)
    monkeypatch.delenv("CASCADE_MODEL", raising=False)
    return tmp_path


def test_there_is_something_to_try() -> None:
    assert len(COMMANDS) >= 7
    assert len(CHAINS) == 1


@pytest.mark.parametrize("line", COMMANDS)
def test_command_works(line: str, folder: Path) -> None:
    result = CliRunner().invoke(main, shlex.split(line)[1:])
    assert result.exit_code == 0, result.output
    assert result.output.strip()


@pytest.mark.parametrize("lines", CHAINS, ids=" ".join)
def test_commands_work_one_after_another(lines: list[str], folder: Path) -> None:
    for line in lines:
        result = CliRunner().invoke(main, shlex.split(line)[1:])
        assert result.exit_code == 0, f"{line}\n{result.output}"


def test_python_works(folder: Path) -> None:
    names: dict[str, object] = {}
    exec(block("python"), names)
    assert names["impact"].by_sector.shape[0] == 11


def test_output_shown_is_the_output(folder: Path) -> None:
    shown = block("text")
    command, _, expected = shown.partition("\n")
    result = CliRunner().invoke(main, [*shlex.split(command.removeprefix("$ cascade ")), "--lang", "en"])
    assert result.stdout.strip() == expected.strip()


def test_example_file_is_a_sector_in_a_model(folder: Path) -> None:
    """The example is read by the same reader; all that is missing is the rest of a model."""
    own = folder / "own"
    own.mkdir()
    for name in ("model.yaml", "regions.yaml", "sources.yaml"):
        (own / name).write_bytes((ROOT / "sectors" / name).read_bytes())
    (own / "health.yaml").write_text(block("yaml"), encoding="utf-8")
    with pytest.raises(cascade.DefinitionError) as caught:
        cascade.load(own)
    # what the example refers to is missing here, and nothing else is wrong with it
    of_example = [str(p) for p in caught.value.problems if p.file.endswith("health.yaml")]
    assert of_example
    assert [
        text for text in of_example if "electricity-distribution" not in text and "emergency-fuel" not in text
    ] == []


def test_numbers_are_those_of_the_model() -> None:
    model = cascade.load(ROOT / "sectors")
    needs = [need for d in model.processes.values() for need in d.needs.values()]
    assert f"({len(model.processes)} processes, {len(model.regions)} safety regions)" in TEXT
    assert f"Of the {len(needs)} needs" in TEXT
    share = {c: sum(n.confidence == c for n in needs) / len(needs) for c in ("high", "medium", "low")}
    assert 1 / 8 < share["high"] < 1 / 6
    assert 0.4 < share["medium"] < 0.5


KINDS = {"onset": "onset", "degree": "degree", "end": "end", "quiet": "what kept working"}


def test_scores_are_those_of_the_hindcasts() -> None:
    """The table is that of the last leave-one-out, and the model has not changed since."""
    found = json.loads((ROOT / "benchmarks" / "leave_one_out.json").read_text(encoding="utf-8"))["kinds"]
    now = cascade.hindcast(cascade.load(ROOT / "sectors"))
    shares = {kind: score.share for kind, score in now.groups("kind").items()}
    shares |= {"all": now.total.share, "without alarms": now.total_without_alarms.share}
    assert found["shipped"] == {kind: round(share or 0, 4) for kind, share in shares.items()}, "run: make leave-one-out"
    names = KINDS | {"without alarms": "all that was seen", "all": "with false alarms"}
    for kind, name in names.items():
        (row,) = [line for line in TEXT.splitlines() if line.startswith(f"| {name}")]
        shown = re.findall(r"(\d+) %", row)
        assert shown == [f"{100 * found[of][kind]:.0f}" for of in ("study", "shipped", "left_out")], row


def test_observations_left_out_are_counted() -> None:
    from cascade.files.reading import hindcast_files, load_scenario

    model = cascade.load(ROOT / "sectors")
    seen = [o for path in hindcast_files(model.root).values() for o in load_scenario(path, model).observed]
    out = sum(o.out_of_scope is not None for o in seen)
    assert " ".join(f"{out} of the {len(seen)} observations are listed and not scored".split()) in " ".join(
        TEXT.split()
    )


def test_every_choice_of_the_hindcasts_changed_something() -> None:
    """What stood before, as listed for leave-one-out, differs from what stands there now."""
    spec = importlib.util.spec_from_file_location("leave_one_out", ROOT / "benchmarks" / "leave_one_out.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    model = cascade.load(ROOT / "sectors")
    choices = script.read_choices()
    assert len(choices) > 20
    for choice in choices:
        before = script.undone(model, [choice])
        for part in choice:
            assert before.processes[part["process"]] != model.processes[part["process"]], part


def test_links_and_pictures_exist() -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", TEXT)
    assert targets
    assert [t for t in targets if not (ROOT / t).exists()] == []
