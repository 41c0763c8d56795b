"""Bytes to disk: text that programs can read, what a result was made from, and files written whole or not at all.

Everything is made in memory first and then written file by file. Equal input and versions give equal bytes; no file holds the moment
of writing.
"""

import contextlib
import hashlib
import json
import os
import platform
import re
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from cascade import __version__
from cascade.errors import UsageError
from cascade.files.cutting import WITHHELD, names_gone, withheld
from cascade.model import LOWEST, Input, Lang, Model
from cascade.simulation.run import Run
from cascade.telling.strips import Narrowed

if TYPE_CHECKING:
    pass


MOST_MANIFEST: Final = 1_000_000
"""Bytes; a larger manifest is not ours."""
LIBRARIES: Final = ("numba", "numpy", "pandas", "matplotlib", "networkx", "pydantic", "pyyaml", "jinja2")


def csv_text(frame: pd.DataFrame, mark: str = "") -> str:
    """Write a table as CSV (UTF-8, full precision); text that a spreadsheet could take for a formula is disarmed.

    A mark that restricts anything stands in every row, in a last column ``marking``.
    """
    texts = [c for c in frame.columns if frame[c].dtype == object or isinstance(frame[c].dtype, pd.StringDtype)]
    safe = frame.assign(**{c: frame[c].map(_safe) for c in texts})
    safe = safe if mark in ("", LOWEST) else safe.assign(marking=mark)
    return str(safe.to_csv(index=False, lineterminator="\n"))


def _safe(value: Any) -> Any:
    """Put ``'`` before text that begins like a formula; a bare carriage return would end a row."""
    if not isinstance(value, str):
        return value
    risky = value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return ("'" if risky else "") + value.replace("\r\n", "\n").replace("\r", "\n")


def json_bytes(data: Any) -> bytes:
    """Write JSON that a person can read, and that holds no NaN."""
    return (json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def sha256(data: bytes) -> str:
    """Return the fingerprint of bytes."""
    return hashlib.sha256(data).hexdigest()


def provenance(
    model: Model, lang: Lang, mark: str, inputs: Iterable[Input], options: Mapping[str, Any]
) -> dict[str, Any]:
    """Say from what, with what and how a result was made; nothing in it depends on when."""
    folder = Path(model.root).resolve().name if model.root else "model"
    if names_gone(folder, model.gone):
        folder = "model"
    read = {f"{folder}/{i.path}": i.sha256 for i in model.inputs}
    for other in withheld([Input(short_path(i.path), i.sha256) for i in inputs], model.gone):
        name = other.path
        read[f"scenario: {name}" if name in read else name] = other.sha256
    return {
        "marking": mark,
        "model": {"title": model.info.title[lang], "version": model.info.version},
        "options": {"lang": lang, "marking": mark, **options},
        "versions": {"cascade": __version__, "python": platform.python_version(), **{n: version(n) for n in LIBRARIES}},
        "inputs": dict(sorted(read.items())),
    }


def run_manifest(run: Run, lang: Lang, mark: str, inputs: Iterable[Input]) -> dict[str, Any]:
    """Say from what, with what and how a run was made."""
    scenario = json.dumps(run.scenario.model_dump(mode="json", by_alias=True), ensure_ascii=False, sort_keys=True)
    options: dict[str, Any] = {"seed": None} | ({"regions": list(run.shown)} if isinstance(run, Narrowed) else {})
    found = provenance(run.model, lang, mark, inputs, options)
    named = {"name": run.scenario.name[lang], "sha256_of_content": sha256(scenario.encode())}
    return {"marking": found.pop("marking"), "model": found.pop("model"), "scenario": named, **found}


def short_path(path: str) -> str:
    """Name an input from its folder on, so that nobody's home folder gets into a result."""
    if path.startswith(WITHHELD):
        return path
    full = Path(path).resolve()
    return f"{full.parent.name}/{full.name}"


def write_all(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write files whole or not at all: first all beside their places, then each into its place, the manifest last.

    So a full disk leaves a folder as it was. What an earlier run left there is removed.
    """
    order = sorted(files, key=lambda name: (name == "manifest.json", name))
    parts = {name: (folder / name).with_name(f".{Path(name).name}.{os.getpid()}.part") for name in order}
    _refuse_strangers(folder, files)
    name = ""
    try:
        for name in order:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            _write(parts[name], files[name])
        if "manifest.json" in files:
            for old in left_over(folder, files):
                old.unlink()
        for name in order:
            parts[name].replace(folder / name)
    except OSError as error:
        what = "is a file, not a folder" if isinstance(error, FileExistsError | NotADirectoryError) else error.strerror
        raise UsageError(f"cannot write {folder / name}: {what or error}") from error
    finally:
        for part in parts.values():
            with contextlib.suppress(OSError):
                part.unlink()
    return [folder / name for name in order]


def write_folder(folder: str | Path, files: Mapping[str, bytes], mark: str, manifest: Mapping[str, Any]) -> list[Path]:
    """Write a folder of results with its mark and its manifest, which lists every file with its SHA-256.

    Raises
    ------
    UsageError
        If the folder or a file cannot be written.
    """
    made = dict(files)
    if mark not in ("", LOWEST):
        made["MARKING.txt"] = f"{mark}\n".encode()
    digests = {name: sha256(data) for name, data in sorted(made.items())}
    made["manifest.json"] = json_bytes({**manifest, "files": digests})
    return write_all(Path(folder), made)


def _refuse_strangers(folder: Path, files: Mapping[str, bytes]) -> None:
    """Keep a report from overwriting what somebody else has put in its folder."""
    if "manifest.json" in files and listed(folder) is None:
        strange = [name for name in sorted(files) if name != "manifest.json" and (folder / name).exists()]
        if strange:
            raise UsageError(f"{folder / strange[0]} is there already and is no report of cascade; name another folder")


def write_file(data: str | bytes, path: str | Path) -> Path:
    """Write one file whole or not at all.

    Raises
    ------
    UsageError
        If it cannot be written.
    """
    path = Path(path)
    return write_all(path.parent, {path.name: data.encode() if isinstance(data, str) else data})[0]


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def listed(folder: Path) -> dict[str, str] | None:
    """Return the files that the manifest in a folder lists, with their SHA-256; None if there is none of ours."""
    manifest = folder / "manifest.json"
    try:
        if not manifest.is_file() or manifest.stat().st_size > MOST_MANIFEST:
            return None
        return {str(name): str(digest) for name, digest in json.loads(manifest.read_bytes())["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def changed_in(folder: Path, names: Iterable[str]) -> list[Path]:
    """Return the files in a folder that are not as its manifest lists them: somebody else made or changed them."""
    known = listed(folder) or {}
    there = [folder / name for name in names if (folder / name).exists()]
    return [place for place in there if place.is_dir() or sha256(place.read_bytes()) != known.get(place.name)]


def left_over(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Find files that the manifest in a folder lists, that are unchanged since, and that are not written anew."""
    found = []
    for name, digest in sorted((listed(folder) or {}).items()):
        # a manifest is only a text: nothing outside the folder, and nothing that somebody made or changed
        if name not in files and re.fullmatch(
            r"(pictures/)?[A-Za-z0-9_-]+\.(csv|json|html|svg|png|pdf|txt|md|xlsx|ics|docx)", name
        ):
            path = folder / name
            if path.is_file() and not path.is_symlink() and sha256(path.read_bytes()) == digest:
                found.append(path)
    return found
