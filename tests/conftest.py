"""What all tests share: the shipped model is read once for each state of its files, because hundreds of commands ask for it."""

import os
from pathlib import Path

from cascade.files import reading
from cascade.model import Model

SHIPPED = Path(__file__).parent.parent / "sectors"
_read = reading.load
_found: dict[tuple[object, ...], Model] = {}


def _load(path: str | Path) -> Model:
    """Read a model folder; the shipped one, which nothing changes once it is read, only where it is not at hand."""
    if not isinstance(path, str | Path) or Path(path).resolve() != SHIPPED:
        return _read(path)
    files = tuple((file.name, file.stat().st_mtime_ns, file.stat().st_size) for file in sorted(SHIPPED.iterdir()))
    key = (str(path), files)
    if key not in _found:
        _found[key] = _read(path)
    return _found[key]


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than cores: some tests wait for a browser, a cluster or another process."""
    return (os.cpu_count() or 1) + 1


_load.__doc__ = _read.__doc__
reading.load = _load
