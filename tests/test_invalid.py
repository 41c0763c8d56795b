"""One fault per file: the first line of each says what must be read, to the letter and with nothing else.

``definitions/invalid/sector`` files join the sound model of ``definitions/valid/base``; files of the other folders
take the place of the file of that name, or are scenarios or capacity files for it.
"""

import shutil
from pathlib import Path

import pytest
import yaml

from cascade.errors import DefinitionError
from cascade.files import parsing
from cascade.files.reading import load, load_capacity, load_scenario
from cascade.model import Model

DEFINITIONS = Path(__file__).parent / "definitions"
BASE = DEFINITIONS / "valid" / "base"
CASES = sorted((DEFINITIONS / "invalid").glob("*/*.yaml"))


@pytest.fixture(scope="module")
def model() -> Model:
    return load(BASE)


def expected(case: Path) -> str:
    line = case.read_bytes().split(b"\n", 1)[0].removeprefix(b"\xef\xbb\xbf").decode()
    assert line.startswith("# ")
    return line.removeprefix("# ")


def faults(case: Path, folder: Path, model: Model) -> list[str]:
    kind = case.parent.name
    if kind in ("scenario", "capacity"):
        shutil.copy(case, folder / "case.yaml")
        with pytest.raises(DefinitionError) as caught:
            (load_scenario if kind == "scenario" else load_capacity)(folder / "case.yaml", model)
    else:
        shutil.copytree(BASE, folder, dirs_exist_ok=True)
        shutil.copy(case, folder / ("case.yaml" if kind == "sector" else f"{kind}.yaml"))
        if case.with_suffix(".csv").exists():
            shutil.copy(case.with_suffix(".csv"), folder / "case.csv")
        with pytest.raises(DefinitionError) as caught:
            load(folder)
    return [str(problem).replace(f"{folder.as_posix()}/", "") for problem in caught.value.problems]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.stem}")
def test_the_one_fault_is_named(case: Path, tmp_path: Path, model: Model) -> None:
    assert faults(case, tmp_path, model) == [expected(case)]


def test_there_are_many_cases_and_each_names_a_remedy() -> None:
    assert len(CASES) > 150
    assert [case.name for case in CASES if " - " not in expected(case)] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.stem}")
def test_both_parsers_say_the_same(case: Path, tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "_Loader", yaml.SafeLoader)
    assert faults(case, tmp_path, model) == [expected(case)]


def test_all_faults_of_all_files_come_at_once_and_in_order(tmp_path: Path) -> None:
    shutil.copytree(BASE, tmp_path, dirs_exist_ok=True)
    for name in ("regions/population-half", "measures/lever", "model/self-reliance"):
        shutil.copy(DEFINITIONS / "invalid" / f"{name}.yaml", tmp_path / f"{name.partition('/')[0]}.yaml")
    for name in ("unknown-supplier", "fades-fall", "enumeration"):
        text = (DEFINITIONS / "invalid" / "sector" / f"{name}.yaml").read_text()
        text = text.replace("sector: extra", f"sector: {name}").replace("  extra:", f"  {name}:")
        (tmp_path / f"{name}.yaml").write_text(text)
    with pytest.raises(DefinitionError) as caught:
        load(tmp_path)
    places = [(Path(p.file).name, p.line) for p in caught.value.problems]
    assert places == [
        ("enumeration.yaml", 11),
        ("fades-fall.yaml", 9),
        ("measures.yaml", 4),
        ("model.yaml", 4),
        ("regions.yaml", 3),
        ("unknown-supplier.yaml", 10),
    ]
