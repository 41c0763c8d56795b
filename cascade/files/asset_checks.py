"""Judging who feeds whom among assets: by a table, by distance, by serving area."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final

from cascade.errors import Path_, short
from cascade.files.model_checks import Check, Problems, copies_of, fault, some
from cascade.model import Assets, By, Model, Need

ASSET_CHECKS: Final[dict[str, Check]] = {}


def _asset_check(name: str) -> Callable[[Callable[[Model], Problems]], Callable[[Model], Problems]]:
    def register(run: Callable[[Model], Problems]) -> Callable[[Model], Problems]:
        about = (run.__doc__ or "").partition("\n")[0]
        ASSET_CHECKS[name] = Check(name, about, "model", True, False, run)
        return run

    return register


def _needs(model: Model, by: By) -> Iterator[tuple[str, Need, Path_]]:
    """Walk over the needs in which this says who feeds whom: the process, the need, and where that is written."""
    for process, definition in model.processes.items():
        for name, need in definition.needs.items():
            if need.by == by:
                yield process, need, ("processes", process, "needs", name, by)


def _no_supplier(model: Model, need: Need, path: Path_, what: str) -> Problems:
    """Refuse a need whose supplier cannot be told apart into assets."""
    if len(need.supplies) != 1 or need.rule != "from" or need.supplies[0].process not in model.assets:
        told = f"{what} needs exactly one supplier, one with assets"
        yield fault(model.places, path, told, "write from: and that supplier")


def _no_assets(model: Model, process: str, need: Need, path: Path_) -> Problems:
    """Refuse ``by_nearest`` and ``by_area`` where they have nothing to go by, or a place that they would not look at."""
    by, supply = path[-1], need.supplies[0]
    if process not in model.assets:
        what = f"{by} tells assets which assets feed them, and {process!r} has none"
        yield fault(model.places, path, what, f"give it assets, or leave {by} out")
    elif supply.place is not None:
        what = f"{by} looks in all regions, so '@{supply.place}' means nothing"
        yield fault(model.places, path, what, f"write from: {supply.process}")


@_asset_check("table-rows")
def _table_rows(model: Model) -> Problems:
    """Refuse tables of who feeds whom that miss a consumer or name what is not there."""
    for process, need, path in _needs(model, "by_table"):
        links = model.links.get((process, str(path[3])))
        if links is None:
            continue
        unfit = list(_no_supplier(model, need, path, "a table"))
        if unfit:
            yield from unfit
            continue
        consumers, named = _consumers(model, process), set(links.consumers)
        suppliers = set(model.assets[need.supplies[0].process].ids)
        yield from _strange_rows(model, path, "consumer", named, consumers)
        yield from _strange_rows(model, path, "supplier", set(links.suppliers), suppliers)
        missing = sorted(consumers - named)
        if missing:
            what = f"the table names no supplier for {some(missing)}"
            yield fault(model.places, path, what, "add a row for each")


def _consumers(model: Model, process: str) -> set[str]:
    """Names by which a table calls the copies of a process."""
    if process in model.assets:
        return set(model.assets[process].ids)
    return {f"{process}@{region}" for region in copies_of(model, process)} or {process}


def _strange_rows(model: Model, path: Path_, column: str, named: set[str], known: set[str]) -> Problems:
    strange = sorted(named - known)
    if strange:
        what = f"the table names {some(strange)} as {column}, which is not there"
        yield fault(model.places, path, what, "correct or remove these rows")


@_asset_check("no-place")
def _no_place(model: Model) -> Problems:
    """Refuse needs that are met by the nearest where it is not known where an asset is."""
    for process, need, path in _needs(model, "by_nearest"):
        unfit = [*_no_supplier(model, need, path, "by_nearest"), *_no_assets(model, process, need, path)]
        yield from unfit
        if not unfit:
            for one in dict.fromkeys((process, need.supplies[0].process)):
                locations = model.assets[one].locations
                yield from _lacking(model, path, one, locations, "a place", "fill in lat and lon there")


@_asset_check("no-area")
def _no_area(model: Model) -> Problems:
    """Refuse needs that are met by serving area where an asset has none, or nothing serves it."""
    for process, need, path in _needs(model, "by_area"):
        unfit = [*_no_supplier(model, need, path, "by_area"), *_no_assets(model, process, need, path)]
        if not unfit:
            unfit = list(_lacking(model, path, process, model.assets[process].areas, "an area", "fill in area there"))
        yield from unfit
        if unfit:
            continue
        supplier = need.supplies[0].process
        served = {area for area in model.assets[supplier].areas or () if area}
        unserved = sorted(set(_areas(model.assets[process])) - served)
        if unserved:
            what = f"no asset of {supplier!r} serves {some([repr(short(area)) for area in unserved])}"
            remedy = f"correct the column area in {model.processes[supplier].assets}, or here in "
            yield fault(model.places, path, what, f"{remedy}{model.processes[process].assets}")


def _areas(assets: Assets) -> Iterator[str]:
    return (area for area in assets.areas or () if area)


def _lacking(
    model: Model, path: Path_, process: str, values: Sequence[object] | None, what: str, remedy: str
) -> Problems:
    """Refuse assets without a place or an area; the message says how many there are, and which comes first."""
    ids: Collection[str] = model.assets[process].ids
    lacking = [asset for asset, value in zip(ids, values or [None] * len(ids), strict=True) if value is None]
    if lacking:
        table = model.processes[process].assets
        told = f"{table} leaves {len(lacking):,} of its {len(ids):,} assets without {what}, {lacking[0]} first"
        yield fault(model.places, path, told, remedy)
