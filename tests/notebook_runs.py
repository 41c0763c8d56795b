"""Notebooks run anew, with outputs that depend on nothing but the code: ``make notebooks`` stores them, a test compares them."""

import base64
import io
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from nbclient import NotebookClient
from PIL import Image

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
FORMAT = {
    "language_info": {"name": "python"},
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
}
CLEAN = f"%reset -f\nimport os, pandas\nos.chdir({str(FOLDER)!r})\npandas.reset_option('^display')"
WIDGET = "application/vnd.jupyter.widget-view+json"
ALLOWED = 0.005
"""Share of the pixels that may differ by more than ``STEP``: fonts are drawn a little differently elsewhere."""
STEP = 48
PICTURE = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=]+)")


@contextmanager
def kernel() -> Iterator[Any]:
    """One kernel for many notebooks, in English, without settings of the user's own."""
    from jupyter_client.manager import KernelManager

    with tempfile.TemporaryDirectory() as home:
        given = {
            **os.environ,
            "CASCADE_LANG": "en",
            "IPYTHONDIR": home,
            "TMPDIR": home,
            "JUPYTER_RUNTIME_DIR": home,
            "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
        }
        given = {k: v for k, v in given.items() if k not in ("CASCADE_MODEL", "MPLBACKEND", "PYTHONSTARTUP")}
        # nobody else on the machine can listen in on a file in a folder of one's own; Windows has no such files
        private = {"transport": "ipc"} if os.name == "posix" else {}
        manager = KernelManager(kernel_name="python3", connection_file=f"{home}/kernel.json", **private)
        manager.start_kernel(cwd=str(FOLDER), env=given)
        client = manager.client()
        try:
            client.start_channels()
            client.wait_for_ready(timeout=120)
            yield manager, client
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def run(path: Path, running: Any) -> Any:
    """Run a notebook from a clean slate and return it with outputs that are always the same."""
    notebook = read(path)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    reset = nbformat.v4.new_code_cell(CLEAN)  # type: ignore[no-untyped-call]
    notebook.cells.insert(0, reset)
    runner = NotebookClient(notebook, km=running[0], timeout=300, store_widget_state=False)
    runner.kc = running[1]
    runner.execute()
    notebook.cells.pop(0)
    return tidy(notebook)


def tidy(notebook: Any) -> Any:
    """Leave out what differs from run to run: counters, times, ids, widgets (the picture beside them stays)."""
    notebook.metadata = nbformat.from_dict(FORMAT)  # type: ignore[no-untyped-call]
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    number = 0
    for place, cell in enumerate(notebook.cells):
        cell.metadata = nbformat.from_dict({})  # type: ignore[no-untyped-call]
        cell.id = f"cell-{place:02d}"
        if cell.cell_type != "code":
            continue
        number += 1
        cell.execution_count = number
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = number
            data = output.get("data", {})
            data.pop(WIDGET, None)
            if "text/html" in data or "text/markdown" in data:
                data.pop("text/plain", None)
    return notebook


def differences(stored: Any, fresh: Any) -> list[str]:
    """Say where two notebooks differ: texts and HTML exactly, pictures by their pixels within ``ALLOWED``."""
    found = []
    if [c.source for c in stored.cells] != [c.source for c in fresh.cells]:
        return ["the cells are others"]
    if stored.metadata != fresh.metadata or [c.id for c in stored.cells] != [c.id for c in fresh.cells]:
        found.append("metadata or ids are not those of `make notebooks`")
    for place, (old, new) in enumerate(zip(stored.cells, fresh.cells, strict=True)):
        if old.cell_type != "code":
            continue
        a, b = (pictures_apart(cell.outputs) for cell in (old, new))
        if a[0] != b[0] or old.execution_count != new.execution_count:
            found.append(f"cell {place}: texts differ: {_where(a[0], b[0])}")
        elif len(a[1]) != len(b[1]) or not all(alike(x, y) for x, y in zip(a[1], b[1], strict=True)):
            found.append(f"cell {place}: a picture differs")
    return found


def _where(a: str, b: str) -> str:
    k = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return f"{a[max(0, k - 60) : k + 60]!r} against {b[max(0, k - 60) : k + 60]!r}"


def pictures_apart(outputs: list[Any]) -> tuple[str, list[bytes]]:
    """Return outputs as one text, and the pictures taken out of it in order."""
    pictures: list[bytes] = []

    def take(data: str) -> str:
        pictures.append(base64.b64decode(data))
        return "[picture]"

    texts = []
    for output in outputs:
        plain = nbformat.from_dict(output).copy()  # type: ignore[no-untyped-call]
        data = {
            kind: "".join(value) if isinstance(value, list) else value for kind, value in plain.get("data", {}).items()
        }
        for kind, value in sorted(data.items()):
            data[kind] = take(value) if kind == "image/png" else PICTURE.sub(lambda m: take(m[1]), str(value))
        rest = {k: v for k, v in plain.items() if k != "data"}
        texts.append(f"{sorted(rest.items())} {sorted(data.items())}")
    return "\n".join(texts), pictures


def alike(a: bytes, b: bytes) -> bool:
    """Whether two pictures have the same size and nearly the same pixels."""
    one, other = (Image.open(io.BytesIO(data)).convert("RGB") for data in (a, b))
    if one.size != other.size:
        return False
    apart = np.abs(np.asarray(one, np.int16) - np.asarray(other, np.int16)).max(axis=2) > STEP
    return float(apart.mean()) <= ALLOWED


def main() -> None:
    """Run every notebook, or those named, and store its outputs."""
    chosen = [Path(name) for name in sys.argv[1:]] or sorted(FOLDER.glob("*.ipynb"))
    with kernel() as running:
        for path in chosen:
            fresh = run(path, running)
            # pictures that look the same stay the same bytes, so that a refresh changes only what changed
            if path.exists() and not differences(read(path), fresh):
                continue
            nbformat.validate(fresh)
            path.write_text(nbformat.writes(fresh) + "\n", encoding="utf-8")  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
