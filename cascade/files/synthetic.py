"""A synthetic country to measure and practise with: kinds of assets at Dutch counts, every place and feed made up.

What depends on what stands in the YAML files of ``cascade/synthetic``, as people read them; here the tables are made: how
many of each kind, in which region, where on a map that lies in the ocean, and who feeds whom.

All draws are whole numbers from counter-based streams (Philox), one a kind, so that the same seed gives the same bytes on
every machine, and more of one kind leaves the others where they are.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from cascade import __version__
from cascade.errors import UsageError
from cascade.files.parsing import read_document, to_yaml
from cascade.files.reading import bundled

Ints = npt.NDArray[np.int64]
Draws = npt.NDArray[np.uint64]

MOST_ASSETS: Final = 5_000_000
"""Largest country that is made; a table holds at most two million rows. Own choice."""
TOWNS: Final = 342
"""Places that assets lie around: as many as there were municipalities on 1 January 2024 (CBS), none of them real."""

NORTH, WEST = 4_800_000, 3_600_000
"""Corner of the map, degrees north and west x 100 000: open ocean, more than 600 km from any coast."""
TILE_HEIGHT, TILE_WIDTH = 33_000, 48_000
"""Size of a tile, degrees x 100 000: 37 by 37 km, so that 25 of them are as large as the land of the Netherlands."""
EDGE: Final = 3_000
"""How far the centre of a town keeps from the edge of its tile."""
REACH: Final = 6_000
"""How far the assets of a town lie from its centre at most, each way; most lie nearer."""


class Kind(NamedTuple):
    """One kind of asset: its process, what its ids and names begin with, how many there are, and how unequal."""

    process: str
    code: str
    name: str
    size: int
    largest: int = 1
    """Capacities lie between 1 and this."""
    by_area: bool = False
    """Whether its table says in which serving area each lies."""
    serves: bool = False
    """Whether every serving area must have one."""
    counts_people: bool = False


KINDS: Final = (
    # counts are own estimates of the Netherlands, rounded, but for those with a source behind them
    Kind("electricity-transmission", "HVS", "High-voltage station", 450, largest=3),
    Kind("electricity-substations", "SUB", "Regional substation", 2_500, largest=3),
    Kind("electricity-distribution", "MVS", "Distribution substation", 100_000, largest=3),
    Kind("gas-transmission", "GRS", "Gas receiving station", 1_100, largest=2),
    Kind("gas-distribution", "GDS", "Gas district station", 10_000),
    Kind("fuel-depots", "DEP", "Fuel depot", 30, largest=3),
    Kind("fuel-stations", "FUE", "Fuel station", 4_000),  # OMB25
    Kind("mobile-core", "COR", "Mobile core site", 4),  # two to four, mem
    Kind("internet-backbone", "EXC", "Exchange", 1_300, largest=3),
    Kind("mobile-access", "MAS", "Mast site", 20_000, largest=3),
    Kind("fixed-access", "CAB", "Street cabinet", 28_000, largest=2),
    Kind("data-centres", "DAT", "Data centre", 150, largest=3),
    Kind("drinking-water", "WAT", "Drinking-water pumping station", 180, largest=4, by_area=True, serves=True),
    Kind("sewerage", "SEW", "Sewage pumping station", 15_000, largest=3, by_area=True),
    Kind("wastewater-treatment", "TRE", "Sewage treatment works", 310, largest=4, by_area=True, serves=True),
    Kind("polder-drainage", "POL", "Polder pumping station", 4_000, largest=5),
    Kind("locks-and-barriers", "LOC", "Lock or movable bridge", 1_500),
    Kind("c2000-radio", "RAD", "C2000 radio site", 600),  # mem
    Kind("emergency-dispatch", "DIS", "Dispatch room", 10),  # mem
    Kind("fire-service", "FIR", "Fire station", 970),
    Kind("ambulance-care", "AMB", "Ambulance post", 250),
    Kind("hospital-care", "HOS", "Hospital", 115, largest=5, by_area=True),
    Kind("pharmacies", "PHA", "Pharmacy", 2_000),
    Kind("gp-care", "GPP", "GP practice", 5_000),
    Kind("nursing-homes", "NUR", "Nursing home", 2_400, largest=3, by_area=True),
    Kind("food-distribution-centres", "FDC", "Food distribution centre", 60, largest=3),
    Kind("supermarkets", "SHO", "Supermarket", 6_000, largest=3),
    Kind("cash-machines", "CAS", "Cash machine", 3_800),  # TUB21
    Kind("traffic-signals", "SIG", "Traffic signals", 5_500),
    Kind("neighbourhoods", "NEI", "Neighbourhood", 14_000, by_area=True, counts_people=True),
)
TRUE_TOTAL: Final = sum(kind.size for kind in KINDS)
FEEDS: Final = ("electricity-distribution", "electricity-substations", "electricity-feeds.csv")
"""The table of who feeds whom: consumers, suppliers, its name."""
DUTCH: Final = re.compile(r"\bnl: .*?(?=\ben: )", re.DOTALL)
GROUPS: Final = re.compile(r"(?<=\d),(?=\d{3}\b)")
"""Where numbers in Dutch text have a comma between thousands; the Dutch write a point."""


def counts(assets: int = TRUE_TOTAL) -> dict[str, int]:
    """Return how many of each kind make up a country of so many assets.

    In proportion, at least one of each; what rounding leaves falls to the largest kinds.

    Raises
    ------
    UsageError
        If that is fewer than there are kinds, or more than can be handled.
    """
    if not len(KINDS) <= assets <= MOST_ASSETS:
        raise UsageError(f"a country of {assets:,} assets cannot be made; ask for {len(KINDS)} to {MOST_ASSETS:,}")
    found = {kind.process: max(1, kind.size * assets // TRUE_TOTAL) for kind in KINDS}
    left = assets - sum(found.values())
    largest = sorted(KINDS, key=lambda kind: (-kind.size, kind.process))
    while left:
        for kind in largest:
            if left > 0:
                found[kind.process] += 1
                left -= 1
            elif left < 0 and found[kind.process] > 1:
                found[kind.process] -= 1
                left += 1
    return found


class _Region(NamedTuple):
    code: str
    population: int
    column: int
    row: int


def _regions(path: Path) -> list[_Region]:
    """Read the shipped regions, in order of their codes."""
    document, _ = read_document(path, path.as_posix())
    rows: list[dict[str, Any]] = document.data
    found = [_Region(r["code"], int(r["population"]), *(int(part) for part in r["tile"])) for r in rows]
    return sorted(found)


def _stream(seed: int, name: str, size: int) -> Draws:
    """Draw 64-bit whole numbers that depend on the seed and the name alone."""
    key = np.frombuffer(hashlib.sha256(f"cascade synthetic {seed} {name}".encode()).digest()[:16], "<u8")
    return np.asarray(np.random.Philox(key=key.astype(np.uint64)).random_raw(size))


def _below(draws: Draws, limit: int | Ints) -> Ints:
    """Turn the upper halves of draws into whole numbers from 0 up to, not including, a limit below 2**31."""
    return np.asarray(((draws >> np.uint64(32)) * np.asarray(limit).astype(np.uint64)) >> np.uint64(32)).astype(
        np.int64
    )


def _both(draws: Draws, limit: int) -> Ints:
    """Turn draws into whole numbers between -limit and +limit: the sum of two, so that most lie near 0."""
    low = (draws & np.uint64(0xFFFFFFFF)) << np.uint64(32)
    return _below(draws, limit) + _below(low, limit) - limit


@dataclass(frozen=True)
class _Placed:
    """The assets of one kind, in order of their towns: N entries each."""

    kind: Kind
    town: Ints
    area: Ints
    north: Ints
    west: Ints
    """Degrees x 100 000."""
    capacity: Ints

    @property
    def width(self) -> int:
        """Digits of a number in an id, so that ids sort as numbers do."""
        return max(5, len(str(self.town.size)))

    def id(self, number: int) -> str:
        """Return the id of an asset, numbered from 0."""
        return f"{self.kind.code}-{number + 1:0{self.width}d}"


class _Country:
    """One country: where its towns lie, and what stands in each."""

    def __init__(self, assets: int, seed: int, regions: list[_Region]) -> None:
        self.seed = seed
        self.regions = regions
        self.made = counts(assets)
        self.areas = min(self.made["drinking-water"], self.made["wastewater-treatment"], TOWNS)
        people = np.array([region.population for region in regions], np.int64)
        self.region_of_town = np.sort(_shared_out(TOWNS, people))
        number = np.bincount(self.region_of_town, minlength=len(regions))
        self.weight_of_town = people[self.region_of_town] // number[self.region_of_town]
        draws = _stream(seed, "towns", 2 * TOWNS)
        row = np.array([region.row for region in regions])[self.region_of_town]
        column = np.array([region.column for region in regions])[self.region_of_town]
        room = EDGE + _below(draws[:TOWNS], TILE_HEIGHT - 2 * EDGE)
        self.north = NORTH - row * TILE_HEIGHT - room
        self.west = WEST - column * TILE_WIDTH - EDGE - _below(draws[TOWNS:], TILE_WIDTH - 2 * EDGE)

    def place(self, kind: Kind) -> _Placed:
        """Spread a kind over the towns by inhabitants; what serves an area stands in each area in turn."""
        size = self.made[kind.process]
        draws = _stream(self.seed, kind.process, 4 * size).reshape(4, size)
        ends = np.cumsum(self.weight_of_town)
        if kind.serves:
            area = np.sort(np.arange(size) * self.areas // size)
            first, last = (-(-k * TOWNS // self.areas) for k in (area, area + 1))
            town = np.sort(first + _below(draws[0], last - first))
        else:
            # one in each of as many equal parts of the inhabitants: even, and in order of town
            part = int(ends[-1])
            at = (np.arange(size) * part + _below(draws[0], part)) // size
            town = np.searchsorted(ends, at, side="right")
        return _Placed(
            kind=kind,
            town=town,
            area=town * self.areas // TOWNS,
            north=self.north[town] + _both(draws[1], REACH),
            west=self.west[town] + _both(draws[2], REACH),
            capacity=1 + _below(draws[3], kind.largest),
        )

    @cached_property
    def codes(self) -> list[str]:
        """Code of the region of each town."""
        return [self.regions[r].code for r in self.region_of_town.tolist()]

    def people(self, placed: _Placed) -> Ints:
        """Share out the inhabitants of each region over its assets of one kind, exactly."""
        region = self.region_of_town[placed.town]
        number = np.bincount(region, minlength=len(self.regions))
        all_ = np.array([r.population for r in self.regions], np.int64)[region]
        rank = np.arange(region.size) - np.searchsorted(region, region)
        return np.asarray(all_ * (rank + 1) // number[region] - all_ * rank // number[region])


def _shared_out(size: int, weights: Ints) -> Ints:
    """Share out a number of things by weight, at least one to each: the owner of each thing."""
    left = size - weights.size
    exact = weights * left
    total = int(weights.sum())
    number = 1 + exact // total
    most = np.argsort(-(exact % total), kind="stable")[: size - int(number.sum())]
    number[most] += 1
    return np.repeat(np.arange(weights.size), number)


def _table(country: _Country, placed: _Placed) -> bytes:
    """Write the assets of one kind as CSV."""
    kind = placed.kind
    columns: dict[str, Iterator[str]] = {}
    numbers = range(placed.town.size)
    width, codes = placed.width, country.codes
    columns["id"] = (f"{kind.code}-{k + 1:0{width}d}" for k in numbers)
    columns["region"] = (codes[t] for t in placed.town.tolist())
    columns["capacity"] = map(str, placed.capacity.tolist())
    columns["name"] = (f"{kind.name} {k + 1:0{width}d} (made up)" for k in numbers)
    if kind.counts_people:
        columns["people"] = map(str, country.people(placed).tolist())
    columns["lat"] = (f"{v // 100_000}.{v % 100_000:05d}" for v in placed.north.tolist())
    columns["lon"] = (f"-{v // 100_000}.{v % 100_000:05d}" for v in placed.west.tolist())
    if kind.by_area:
        columns["area"] = (f"A{a + 1:03d}" for a in placed.area.tolist())
    rows = zip(*columns.values(), strict=True)
    return "\n".join([",".join(columns), *map(",".join, rows), ""]).encode()


def _feeds(seed: int, consumers: _Placed, suppliers: _Placed) -> bytes:
    """Write which supplier feeds which consumer: one of the same town, else the next one along the row of towns."""
    first = np.searchsorted(suppliers.town, consumers.town, side="left")
    last = np.searchsorted(suppliers.town, consumers.town, side="right")
    chosen = first + _below(_stream(seed, "feeds", first.size), np.maximum(last - first, 1))
    chosen = np.minimum(chosen, suppliers.town.size - 1)
    ids = [suppliers.id(k) for k in range(suppliers.town.size)]
    rows = (f"{consumers.id(k)},{ids[s]},1" for k, s in enumerate(chosen.tolist()))
    return "\n".join(["consumer,supplier,share", *rows, ""]).encode()


def _sources(texts: Mapping[str, str], path: Path) -> bytes:
    """Keep of the shipped sources those that the texts name."""
    document, _ = read_document(path, path.as_posix())
    named = {
        key for text in texts.values() for keys in re.findall(r"source: \[([^\]]*)\]", text) for key in keys.split(", ")
    }
    return to_yaml({key: entry for key, entry in document.data.items() if key in named}).encode()


def synthetic(
    assets: int = TRUE_TOTAL, seed: int = 1, progress: Callable[[int, int], None] | None = None
) -> dict[str, bytes]:
    """Make a synthetic country: a model folder and scenarios for it.

    Parameters
    ----------
    assets : int
        How many assets in all; by default the true counts of every kind.
    seed : int
        Where everything follows from.
    progress : callable, optional
        Called with how many assets are done, and of how many.

    Returns
    -------
    dict
        File name, below ``sectors/`` and ``scenarios/``, to bytes; equal arguments give equal bytes.

    Raises
    ------
    UsageError
        If the number of assets cannot be handled, or the seed is below 0.
    """
    if seed < 0:
        raise UsageError(f"the seed {seed} is below 0; take a whole number from 0 on")
    shipped = bundled("sectors")
    country = _Country(assets, seed, _regions(shipped / "regions.yaml"))
    files = {"sectors/regions.yaml": (shipped / "regions.yaml").read_bytes()}
    kept: dict[str, _Placed] = {}
    done = 0
    for kind in KINDS:
        placed = country.place(kind)
        files[f"sectors/{kind.process}.csv"] = _table(country, placed)
        if kind.process in FEEDS:
            kept[kind.process] = placed
        done += placed.town.size
        if progress is not None:
            progress(done, assets)
    consumers, suppliers, table = FEEDS
    files[f"sectors/{table}"] = _feeds(seed, kept[consumers], kept[suppliers])
    texts = _texts(country, assets, kept)
    files["sectors/sources.yaml"] = _sources(texts | {"": "source: [VRCODE, CBS]"}, shipped / "sources.yaml")
    return files | {name: text.encode() for name, text in texts.items()}


def _texts(country: _Country, assets: int, kept: Mapping[str, _Placed]) -> dict[str, str]:
    """Fill in the written part: counts, and the one asset and region that scenarios are about."""
    true = {kind.process: kind.size for kind in KINDS}

    def filled(found: re.Match[str]) -> str:
        what, process = found[1], found[2]
        if what in ("made", "true"):
            return f"{(country.made if what == 'made' else true)[process]:,}"
        middle = kept[process].town.size // 2
        return kept[process].id(middle) if what == "asset" else country.codes[int(kept[process].town[middle])]

    folder = Path(str(resources.files("cascade"))) / "synthetic"
    texts = {}
    for path in sorted(folder.glob("*/*.yaml")):
        text = re.sub(r"\{(made|true|asset|region) ([a-z0-9-]+)\}", filled, path.read_text(encoding="utf-8"))
        for name, value in (("assets", f"{assets:,}"), ("seed", str(country.seed)), ("version", __version__)):
            text = text.replace(f"{{{name}}}", value)
        texts[f"{path.parent.name}/{path.name}"] = DUTCH.sub(lambda dutch: GROUPS.sub(".", dutch[0]), text)
    return texts
