"""The shape of the code: who may import whom, where each library lives, and how long a function may be."""

import ast
import importlib
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import cascade

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "cascade"

ORDER = [
    "errors",
    "units",
    "model",
    "exercise",
    "words",
    "files.parsing",
    "files.fields",
    "files.tables",
    "files.parameter_checks",
    "files.model_checks",
    "files.asset_checks",
    "files.scenario_checks",
    "files.capacity_checks",
    "files.checks",
    "files.amending",
    "files.cutting",
    "files.capacity_cutting",
    "files.reading",
    "files.joining",
    "files.synthetic",
    "files.clocks",
    "files.msel",
    "files.headings",
    "files.cells",
    "files.margins",
    "files.sheets",
    "files.recognition",
    "files.gathering",
    "files.workbook",
    "files.exercises",
    "files.priorities",
    "files.geo",
    "files.maps",
    "files.homes",
    "files.places",
    "simulation.distances",
    "simulation.feeding",
    "simulation.unfolding",
    "simulation.network",
    "simulation.events",
    "simulation.layout",
    "simulation.engine",
    "simulation.repairs",
    "simulation.run",
    "simulation.clocks",
    "simulation.numbers",
    "simulation.ensemble",
    "simulation.farm",
    "simulation.sweep",
    "simulation.placing",
    "simulation.attacking",
    "results.structure",
    "results.shortfall",
    "results.effects",
    "results.doubt",
    "results.sampling",
    "results.sensitivity",
    "results.impact",
    "results.comparison",
    "results.equality",
    "results.folding",
    "results.measuring",
    "results.interface",
    "results.judging",
    "results.hindcast",
    "results.evidence",
    "results.witness",
    "results.ranking",
    "results.diagrams",
    "results.faulttrees",
    "results.minimal",
    "results.targets",
    "results.cutsets",
    "results.pairs",
    "results.attribution",
    "results.orders",
    "results.recovery",
    "results.generators",
    "results.stocks",
    "results.reach",
    "results.wwke",
    "results.filing",
    "results.noticing",
    "results.whatif",
    "results.masters",
    "results.harm",
    "results.candidates",
    "results.bounds",
    "results.plans",
    "results.attacks",
    "results.attacker",
    "results.fronts",
    "results.phased",
    "results.rivals",
    "results.scanning",
    "results.advice",
    "results.protection",
    "telling.columns",
    "telling.wwke",
    "telling.dossier",
    "telling.causes",
    "telling.strips",
    "telling.aftermath",
    "telling.digest",
    "telling.contrast",
    "telling.grounds",
    "telling.testimony",
    "telling.doubts",
    "telling.standings",
    "telling.inspection",
    "telling.trial",
    "telling.shape",
    "telling.cuts",
    "telling.joint",
    "telling.recovery",
    "telling.protection",
    "telling.attack",
    "telling.advised",
    "telling.fronts",
    "telling.stocks",
    "telling.injects",
    "telling.timeline",
    "telling.screen",
    "telling.paper",
    "telling.reliance",
    "telling.safeguards",
    "telling.duties",
    "telling.filing",
    "telling.chronicle",
    "telling.interface",
    "telling.sheets",
    "telling.agenda",
    "telling.openaev",
    "telling.playbook",
    "telling.pages",
    "telling.lettering",
    "telling.plots",
    "telling.marks",
    "telling.scatters",
    "telling.choices",
    "telling.frontiers",
    "telling.reserves",
    "telling.courses",
    "telling.geometry",
    "telling.replay",
    "telling.handout",
    "telling.paperwork",
    "telling.gist",
    "telling.markup",
    "telling.writing",
    "telling.workbook",
    "telling.folders",
    "telling.exports",
    "telling.folio",
    "telling.living",
    "telling.moments",
    "telling.showing",
    "telling.notebook",
    "telling.report",
    "telling.places",
    "telling.talk",
    "commands.trust",
    "commands.wwke",
    "commands.rank",
    "commands.doubt",
    "commands.cutsets",
    "commands.joint",
    "commands.owners",
    "commands.protect",
    "commands.stocks",
    "commands.recover",
    "commands.pictures",
    "commands.timeline",
    "commands.synthetic",
    "commands.places",
    "commands.own",
    "commands.report",
    "commands.dossier",
    "cli",
]
"""A module may import only those above it. A new module gets its place here."""

HOMES = {
    "pydantic": {"model", "exercise"},
    "yaml": {"files.parsing"},
    "networkx": {"simulation.network"},
    "numba": {"simulation.engine"},
    "matplotlib": {"telling.lettering", "telling.plots", "telling.marks", "telling.scatters", "telling.choices", "telling.frontiers", "telling.reserves", "telling.courses", "telling.moments"},
    "jinja2": {"telling.markup"},
    "docx": {"telling.paperwork"},
    "xlsxwriter": {"telling.sheets"},
    "geopandas": {"files.geo"},
    "pyogrio": {"files.geo"},
    "pyproj": {"files.geo"},
    "shapely": {"files.geo"},
    "openpyxl": {"files.sheets"},
    "icalendar": {"telling.agenda"},
    "rich": {"telling.screen"},
    "ipywidgets": {"telling.notebook"},
    "scipy.special": {"simulation.numbers"},
    "scipy.stats.qmc": {"simulation.numbers"},
    "scipy.spatial": {"simulation.distances"},
    "scipy.optimize": {"results.masters"},
    "scipy.sparse": {"results.masters"},
    "distributed": {"simulation.farm"},
    "dask": {"simulation.farm"},
    "click": {
        "telling.talk", "cli", "commands.cutsets", "commands.doubt", "commands.joint", "commands.owners", "commands.rank", "commands.trust",
        "commands.wwke", "commands.report", "commands.dossier", "commands.stocks", "commands.protect", "commands.recover", "commands.pictures", "commands.timeline",
        "commands.synthetic", "commands.places", "commands.own",
    },
}  # fmt: skip
"""Where a library is known: one module; two of pictures, and those of the command line. A part of a library can have its own home."""
ALSO = {("files.fields", "pydantic"): {"ValidationError"}}
"""Names that another module may take from it: pydantic raises its own error, and `fields` words it."""
FREE = {"numpy", "pandas"}

LONGEST = 60
STDLIB_ROOTS = set(sys.stdlib_module_names)
FILES = sorted(PACKAGE.rglob("*.py"))
PACKAGES = {".".join(path.parent.relative_to(ROOT).parts) for path in FILES if path.name == "__init__.py"}
MODULES = [path for path in FILES if path.name != "__init__.py"]


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def imports(path: Path) -> Iterator[tuple[str, set[str]]]:
    """Every module imported, wherever in the file, with the names taken from it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, set()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}:{node.lineno}: relative import"
            for alias in node.names if node.module in PACKAGES else ():
                if alias.name != "__version__":
                    yield f"{node.module}.{alias.name}", set()
            if node.module not in PACKAGES:
                yield node.module or "", {alias.name for alias in node.names}


def defined(path: Path) -> set[str]:
    """The names a module makes itself, at its top level."""
    found: set[str] = set()
    for node in tree(path).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for target in ast.walk(node):
                if isinstance(target, ast.Name) and isinstance(target.ctx, ast.Store):
                    found.add(target.id)
    return found


def test_every_module_has_a_place_and_every_place_a_module() -> None:
    assert sorted(map(name_of, MODULES)) == sorted(ORDER)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_import_only_those_above(path: Path) -> None:
    above = ORDER[: ORDER.index(name_of(path))]
    for module, _ in imports(path):
        if module.startswith("cascade."):
            assert module.removeprefix("cascade.") in above, f"{name_of(path)} may not import {module}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_names_come_from_the_module_that_defines_them(path: Path) -> None:
    for module, names in imports(path):
        if module.startswith("cascade."):
            borrowed = names - defined(PACKAGE / f"{module.removeprefix('cascade.').replace('.', '/')}.py")
            assert not borrowed, f"{name_of(path)} takes {sorted(borrowed)} from {module}, which only imports them"


def parts_of(module: str, names: set[str]) -> list[str]:
    """Names under which a library can have a home, the longest first: ``from scipy import special`` is scipy.special."""
    found = [".".join(module.split(".")[:n]) for n in range(module.count(".") + 1, 0, -1)]
    return [f"{module}.{name}" for name in sorted(names)[:1] if len(names) == 1] + found


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_each_library_has_one_home(path: Path) -> None:
    for module, names in imports(path):
        library = module.partition(".")[0]
        if library in STDLIB_ROOTS | FREE | {"cascade"}:
            continue
        allowed = names and names <= ALSO.get((name_of(path), library), set())
        home = next((HOMES[part] for part in parts_of(module, names) if part in HOMES), set())
        assert allowed or name_of(path) in home, f"{name_of(path)} may not import {module}"


def test_what_the_package_asks_for_is_what_it_imports() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = project["dependencies"] + [
        line for name in ("cluster", "geo") for line in project["optional-dependencies"][name]
    ]
    asked = {re.split(r"[^A-Za-z0-9-]", line)[0].lower() for line in lines}
    # of the extra for notebooks only what the package itself imports; the rest is for whoever opens them
    asked |= {"ipywidgets"} & {line.partition(">")[0] for line in project["optional-dependencies"]["notebook"]}
    used = {module.partition(".")[0] for path in FILES for module, _ in imports(path)}
    assert {
        {"yaml": "pyyaml", "docx": "python-docx"}.get(name, name) for name in used - STDLIB_ROOTS - {"cascade"}
    } == asked


def test_package_roots_re_export_nothing() -> None:
    for path in PACKAGE.rglob("__init__.py"):
        for node in tree(path).body:
            if isinstance(node, ast.ImportFrom):
                assert node.module in ("importlib", "typing"), f"{path}:{node.lineno}: {ast.unparse(node)}"
            assert not isinstance(node, ast.Import), f"{path}:{node.lineno}: {ast.unparse(node)}"


def test_the_public_names_are_one_list_told_three_times() -> None:
    blocks = [node for node in tree(PACKAGE / "__init__.py").body if isinstance(node, ast.If)]
    typed = {a.name: n.module for n in ast.walk(blocks[0]) if isinstance(n, ast.ImportFrom) for a in n.names}
    assert typed == {name: f"cascade.{home}" for name, home in cascade._HOMES.items()}
    assert cascade.__all__ == sorted(cascade._HOMES)
    for name, home in cascade._HOMES.items():
        assert getattr(cascade, name) is getattr(importlib.import_module(f"cascade.{home}"), name)
        assert name in defined(PACKAGE / f"{home.replace('.', '/')}.py")


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_the_screen_talks(path: Path) -> None:
    for node in ast.walk(tree(path)):
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
        assert not called, f"{path.name}:{getattr(node, 'lineno', 0)}: print"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_functions_fit_on_a_screen(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= LONGEST, f"{path.name}:{node.lineno}: {node.name} has {lines} lines"
