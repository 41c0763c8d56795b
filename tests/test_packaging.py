"""What is built runs elsewhere: wheel from the sdist, installed into an empty folder, called from another one."""

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

import cascade

ROOT = Path(__file__).resolve().parents[1]


def call(*line: str | Path, cwd: Path, elsewhere: Path | None = None) -> str:
    """Run Python, if wished with an installation before anything else on its path, and hand back what it says."""
    keep = {k: v for k, v in os.environ.items() if k not in ("CASCADE_MODEL", "PYTHONPATH")}
    env = keep | ({"PYTHONPATH": str(elsewhere)} if elsewhere else {})
    done = subprocess.run([sys.executable, *map(str, line)], cwd=cwd, env=env, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist, and the wheel built from it."""
    folder = tmp_path_factory.mktemp("built")
    call("-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel in a folder of its own; its dependencies are those of this environment."""
    target = tmp_path_factory.mktemp("installed")
    wheel = next(built.glob("*.whl"))
    call("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", target, wheel, cwd=target)
    return target


def test_the_sdist_holds_what_the_tests_and_the_wheel_need(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    wanted = {"LICENCE", "README.md", "Makefile", "pyproject.toml", "requirements/lock-core.txt", "tests/naive.py"}
    assert wanted <= names
    shipped = [p.relative_to(ROOT).as_posix() for d in ("sectors", "scenarios") for p in (ROOT / d).rglob("*.yaml")]
    assert shipped
    assert names.issuperset(shipped)


def test_the_wheel_holds_code_data_and_licence_and_nothing_else(built: Path) -> None:
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    information = f"cascade_vitaal-{cascade.__version__}.dist-info"
    assert {name.partition("/")[0] for name in names} == {"cascade", information}
    assert f"{information}/licenses/LICENCE" in names
    assert "cascade/py.typed" in names
    for folder in ("sectors", "scenarios"):
        for path in (ROOT / folder).rglob("*.yaml"):
            assert f"cascade/data/{path.relative_to(ROOT).as_posix()}" in names
    templates = {
        f"cascade/{p.relative_to(ROOT / 'cascade').as_posix()}" for p in (ROOT / "cascade/telling/templates").iterdir()
    }
    assert templates <= names
    assert not any("__pycache__" in name or name.startswith("cascade/tests") for name in names)


@pytest.mark.parametrize("use", ["--version", "check"])
def test_the_installed_command_works_from_an_empty_folder(installed: Path, tmp_path: Path, use: str) -> None:
    code = "import sys; from cascade.cli import main; sys.argv[0] = 'cascade'; main()"
    said = call("-c", code, use, cwd=tmp_path, elsewhere=installed)
    assert cascade.__version__ in said if use == "--version" else said


def test_the_installation_has_the_command(installed: Path) -> None:
    (points,) = (d.entry_points for d in metadata.distributions(path=[str(installed)]) if d.name == "cascade-vitaal")
    assert [(p.name, p.value) for p in points.select(group="console_scripts")] == [("cascade", "cascade.cli:main")]


def test_the_bundled_model_is_the_one_of_the_repository(installed: Path, tmp_path: Path) -> None:
    code = (
        "import cascade, json; from cascade.files.reading import find_model, find_scenario; m = cascade.load(find_model());"
        "s = cascade.load_scenario(find_scenario('national-power-outage'), m);"
        "print(json.dumps([cascade.__file__, len(m.processes), len(s.events)]))"
    )
    file, processes, events = json.loads(call("-c", code, cwd=tmp_path, elsewhere=installed))
    assert Path(file).is_relative_to(installed)
    model = cascade.load(ROOT / "sectors")
    assert processes == len(model.processes)
    assert events == len(cascade.load_scenario(ROOT / "scenarios" / "national-power-outage.yaml", model).events)
