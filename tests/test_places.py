"""Maps in and out: every way a map can come, every way it can be wrong, and back again the same."""

import builtins
import json
import sqlite3
import struct
import textwrap
import time
from pathlib import Path
from typing import Any

import geopandas
import pyogrio
import pytest
import shapely
from click.testing import CliRunner

from cascade.cli import main
from cascade.errors import CascadeError, UsageError
from cascade.files.geo import geopackage, read_geopackage
from cascade.files.places import Imported, import_places
from cascade.files.reading import load
from cascade.model import Assets, Model, Scenario
from cascade.simulation.network import compile_network
from cascade.simulation.run import simulate
from cascade.telling.places import chosen, geojson, links, points

MODEL = {
    "model.yaml": "title: {nl: Kaart, en: Map}\nversion: 1\n",
    "regions.yaml": """
        - {code: R1, name: Fryslân, population: 1000, neighbours: [R2]}
        - {code: R2, name: Utrecht, population: 3000, neighbours: [R1]}
    """,
    "sources.yaml": "HAND: {title: A handbook}\n",
    "energy.yaml": """
        sector: energy
        name: {nl: Energie, en: Energy}
        processes:
          stations: {name: {nl: Stations, en: Stations}, assets: stations.csv, source: HAND}
          pumps:
            name: {nl: Gemalen, en: Pumps}
            assets: pumps.csv
            source: HAND
            needs: {power: {from: stations, by_nearest: 1, source: HAND, endures: 2h}}
          taps:
            name: {nl: Kranen, en: Taps}
            assets: taps.csv
            source: HAND
            needs: {water: {from: pumps, by_area: true, source: HAND}}
          masts: {name: {nl: Masten, en: Masts}, per: region, source: HAND}
    """,
    "stations.csv": "id,name,region,lat,lon,capacity\nS1,Noord,R1,53.1,5.7,2\nS2,Zuid; de tweede,R2,52.123456789012,5.1,1.5\n",
    "pumps.csv": "id,region,lat,lon,capacity,people,area\nP1,R1,53.2,5.8,1,500,west\nP2,R2,52.0,5.2,1,700,east\nP3,R2,52.2,5.4,1,9,east\n",
    "taps.csv": "id,region,lat,lon,capacity,area\nT1,R1,53.3,5.9,1,west\nT2,R2,52.1,5.3,3,east\nT3,R2,,,1,east\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "model"
    root.mkdir()
    for name, text in MODEL.items():
        (root / name).write_text(textwrap.dedent(text), "utf-8")
    return root


def point(x: float, y: float, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": [x, y]}}


def square(x: float, y: float, size: float, **properties: Any) -> dict[str, Any]:
    ring = [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def collection(path: Path, *features: dict[str, Any], **more: Any) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features), **more}), "utf-8")
    return path


def table(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def rows(made: Imported) -> list[str]:
    return made.data.decode().splitlines()


def fault(path: Path, root: Path, process: str = "stations", **more: Any) -> str:
    with pytest.raises(CascadeError) as caught:
        import_places(path, process, root, **more)
    return str(caught.value).replace(f"{path.parent.as_posix()}/", "")


RD = [point(155_000, 463_000, code="S1", Naam="Amersfoort", regio="Utrecht", Capaciteit=12.5, klanten=300.0)]
UTRECHT = "S1,Amersfoort,R2,52.1551723,5.3872035,12.5,300"
"""The central point of RD New is at 52.155174 N 5.387206 E (Kadaster); without a grid it is off by 0.3 m."""


# ------------------------------------------------------------------ in


def test_points_of_geojson_become_assets_under_dutch_headings(folder: Path, tmp_path: Path) -> None:
    path = collection(tmp_path / "m.geojson", point(5.7, 53.1, code="S1", Naam="Noord", regio="fryslan", soort="x"))
    made = import_places(path, "stations", folder)
    assert rows(made) == ["id,name,region,lat,lon,capacity", "S1,Noord,R1,53.1,5.7,1"]
    assert made.target == folder / "stations.csv"
    assert (made.home.file, made.home.line) == ((folder / "energy.yaml").as_posix(), 5)
    assert made.unused == ("soort",)
    assert not made.weighed


def test_rd_new_becomes_degrees_from_every_kind_of_file(folder: Path, tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::28992"}}
    old = collection(tmp_path / "m.geojson", *RD, crs=crs)
    frame = geopandas.GeoDataFrame.from_features(RD, crs="EPSG:28992")
    frame.to_file(tmp_path / "m.gpkg", driver="GPKG")
    sheet = table(
        tmp_path / "m.csv", "code;Naam;regio;X;Y;Capaciteit;klanten\nS1;Amersfoort;Utrecht;155000,0;463000;12,5;300\n"
    )
    wanted = ["id,name,region,lat,lon,capacity,people", UTRECHT]
    assert rows(import_places(old, "stations", folder)) == wanted
    assert rows(import_places(tmp_path / "m.gpkg", "stations", folder)) == wanted
    assert rows(import_places(sheet, "stations", folder, crs="epsg:28992")) == wanted


def test_a_missing_coordinate_system_is_an_error_that_says_how_to_give_it(folder: Path, tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame.from_features(RD)
    with pytest.warns(UserWarning, match="crs"):
        pyogrio.write_dataframe(frame, tmp_path / "m.gpkg", driver="GPKG")
    sheet = table(tmp_path / "m.csv", "id,regio,x,y\nS1,R2,155000,463000\n")
    remedy = "say it with --crs, for example --crs EPSG:28992 for RD New or --crs EPSG:4326 for degrees"
    for path in (tmp_path / "m.gpkg", sheet):
        assert fault(path, folder) == f"{path.name}: does not say in which coordinate system it is; {remedy}"
    modern = collection(tmp_path / "m.geojson", *RD)
    told = "m.geojson: 155000 and 463000 of feature 1 are no longitude and latitude"
    assert fault(modern, folder) == f"{told}; {remedy}"
    for path in (tmp_path / "m.gpkg", modern):
        assert rows(import_places(path, "stations", folder, crs="EPSG:28992"))[1] == UTRECHT
    assert "EPSG:28992 (RD New)" in fault(sheet, folder, crs="rd")
    assert "is no coordinate system that is known here" in fault(sheet, folder, crs="EPSG:999999")


def test_a_coordinate_system_that_the_file_says_otherwise_is_refused(folder: Path, tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame.from_features(RD, crs="EPSG:28992")
    frame.to_file(tmp_path / "m.gpkg", driver="GPKG")
    told = fault(tmp_path / "m.gpkg", folder, crs="EPSG:4326")
    assert told == "m.gpkg: says that it is in EPSG:28992, not in EPSG:4326; leave --crs out, or mend the file"


def test_polygons_become_a_point_inside(folder: Path, tmp_path: Path) -> None:
    corner = square(5, 52, 1, id="S1", region="R2")
    # a hook: its middle lies outside it
    ring = [[0, 0], [4, 0], [4, 4], [3, 4], [3, 1], [0, 1], [0, 0]]
    hook = {**square(0, 0, 1, id="S2", region="R2"), "geometry": {"type": "MultiPolygon", "coordinates": [[ring]]}}
    path = collection(tmp_path / "m.geojson", corner, hook, point(5.5, 52.5, id="S3", region="R1"))
    cells = [line.split(",") for line in rows(import_places(path, "stations", folder))[1:]]
    assert [cell[0] for cell in cells] == ["S1", "S2", "S3"]
    assert cells[2][2:4] == ["52.5", "5.5"]
    assert shapely.Polygon(ring).contains(shapely.Point(float(cells[1][3]), float(cells[1][2])))
    line = {**point(0, 0, id="S4", region="R1"), "geometry": {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}}
    told = fault(collection(tmp_path / "m.geojson", corner, line), folder)
    assert (
        told == "m.geojson: feature 2 is no point and no polygon (1 in all); give each asset one point or one polygon"
    )
    bow = {**corner, "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}}
    assert "the polygon of feature 1 is not sound: Self-intersection" in fault(collection(path, bow), folder)


def test_regions_and_areas_follow_from_outlines(folder: Path, tmp_path: Path) -> None:
    outlines = collection(
        tmp_path / "regions.geojson",
        square(5, 53, 1, statnaam="Veiligheidsregio Fryslân"),
        square(5, 52, 1, statcode="R2"),
        square(0, 0, 1, statnaam="elsewhere"),
    )
    zones = geopandas.GeoDataFrame.from_features(
        [square(5, 52.5, 0.4, zone="mid"), square(5, 53.1, 0.4, zone="north")], crs="EPSG:4326"
    ).to_crs("EPSG:28992")
    zones.to_file(tmp_path / "zones.gpkg", driver="GPKG")
    path = collection(
        tmp_path / "m.geojson",
        {**point(0, 0, id="P0", region="R2"), "geometry": None},
        point(5.2, 53.2, id="P1", region="R2"),
        point(5.1, 52.6, id="P2"),
        point(5.9, 53, id="P3", region="R1"),  # on the border of both
        point(9, 53, id="P4", region="Utrecht"),
    )
    made = import_places(path, "pumps", folder, regions_from=outlines, areas=tmp_path / "zones.gpkg", area_name="zone")
    assert rows(made) == [
        "id,region,lat,lon,capacity,area",
        "P0,R2,,,1,",
        "P1,R1,53.2,5.2,1,north",
        "P2,R2,52.6,5.1,1,mid",
        "P3,R1,53,5.9,1,",
        "P4,R2,53,9,1,",
    ]
    assert made.unserved == (1, 4, 5)
    told = fault(path, folder, "pumps", regions_from=outlines, areas=tmp_path / "zones.gpkg", area_name="naam")
    assert told.endswith("which column holds the names of the areas; name it with --area-name; columns: zone")


def test_points_in_two_outlines_or_in_none_are_named_by_row(folder: Path, tmp_path: Path) -> None:
    outlines = collection(tmp_path / "regions.geojson", square(5, 53, 1, code="R1"), square(5, 52, 1, code="R2"))
    zones = collection(tmp_path / "zones.geojson", square(5, 52, 1, zone="a"), square(5.5, 52, 1, zone="b"))
    path = collection(tmp_path / "m.geojson", point(5.2, 53, id="P1"), point(5.6, 52.5, id="P2"), point(7, 52, id="P3"))
    told = fault(path, folder, "pumps", regions_from=outlines, areas=zones, area_name="zone")
    assert told.splitlines() == [
        "m.geojson: area: feature 2 ('a and b') lies in two serving areas - move the points off the border, or give a column area",
        "m.geojson: region: feature 1 ('R1 and R2') lies in the outlines of two regions - move the points off the border, or give a column region",
        f"m.geojson: region: feature 3 lies in no region of {outlines.as_posix().replace(tmp_path.as_posix() + '/', '')} - "
        "move the points, take wider outlines, or give a column region",
    ]  # fmt: skip


def test_every_faulty_row_is_told_at_once_and_many_are_counted(folder: Path, tmp_path: Path) -> None:
    good = [point(5, 52, id=f"S{i}", region="R1", capacity=1, people=1) for i in range(20)]
    bad = [point(5, 52, id=f"a {i}", region="R1", capacity=1, people=1) for i in range(12)]
    strange = [
        point(5, 52, id="S1", region="Utrech", capacity=0, people=1.5, name="=1+cmd"),
        point(5, 52, id="S99", region="R1", people=2, name="a\u200bb"),
    ]
    told = fault(collection(tmp_path / "m.geojson", *good, *bad, *strange), folder).splitlines()
    shown = ", ".join(f"{i + 21} ('a {i}')" for i in range(10))
    assert told == [
        "m.geojson: capacity: feature 33 ('0') is no number above 0 - write a number above 0, for example 12.5",
        "m.geojson: capacity: feature 34 has nothing here - write a number above 0, for example 12.5",
        "m.geojson: id: feature 33 ('S1') stands higher up as well - keep one",
        f"m.geojson: id: features {shown} and 2 more are no id - use letters, digits and - _ . +",
        "m.geojson: name: features 33 ('=1+cmd'), 34 ('a\\u200bb') hold an invisible character or begins like a formula"
        " - write it as plain text",
        "m.geojson: people: feature 33 ('1.5') is no whole number - write for example 12000",
        "m.geojson: region: feature 33 ('Utrech') is no region of the model - did you mean 'R2' (Utrecht)?",
    ]  # fmt: skip


def test_columns_are_told_apart_or_asked_for(folder: Path, tmp_path: Path) -> None:
    path = collection(tmp_path / "m.geojson", point(5, 52, OBJECT="S1", code="S2", nummer="S3", kring="R1"))
    assert "both 'code' and 'nummer' can be the id; say which with --mapping" in fault(path, folder)
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("id: OBJECT\n")
    assert "no column is known as the region; say which with --mapping, or give outlines" in fault(
        path, folder, mapping=mapping
    )
    mapping.write_text("id: OBJECT\nregion: kring\nname: nummer\n")
    assert rows(import_places(path, "stations", folder, mapping=mapping))[1] == "S1,S3,R1,52,5,1"
    mapping.write_text("id: OBJEKT\n")
    assert "no column 'OBJEKT' for id; did you mean 'OBJECT'?" in fault(path, folder, mapping=mapping)
    mapping.write_text("idee: OBJECT\n")
    assert "no field 'idee'; did you mean 'id'?" in fault(path, folder, mapping=mapping)
    mapping.write_text("- id\n")
    assert "write one line for each field" in fault(path, folder, mapping=mapping)
    nameless = collection(tmp_path / "n.geojson", point(5, 52, hoogte=3))
    told = "n.geojson: no column is known as the id; say which column is the id with --mapping"
    assert fault(nameless, folder).startswith(told)


def test_a_table_without_coordinates_is_taken_and_half_a_pair_is_not(folder: Path, tmp_path: Path) -> None:
    made = import_places(table(tmp_path / "m.csv", "id,region,lat,lon\nS1,R1,52.5,5.25\nS2,R2,,\n"), "stations", folder)
    assert rows(made)[1:] == ["S1,R1,52.5,5.25,1", "S2,R2,,,1"]
    assert made.unplaced == 1
    bare = import_places(table(tmp_path / "m.csv", "id,region\nS1,R1\n"), "stations", folder)
    assert rows(bare) == ["id,region,capacity", "S1,R1,1"]
    told = fault(table(tmp_path / "m.csv", "id,region,lat,lon\nS1,R1,52.5,\nS2,R1,5,6\n"), folder)
    assert told == "m.csv: lon: row 1 has only one of the two coordinates - give both, or neither"
    assert "column 'lat' stands alone" in fault(table(tmp_path / "m.csv", "id,region,lat\nS1,R1,52.5\n"), folder)
    told = fault(table(tmp_path / "m.csv", "id,region,lat,lon\nS1,R1,N52,5\n"), folder)
    assert told == "m.csv: lat: row 1 ('N52') is no number - write for example 52.1 or 155000"
    assert "m.csv:3: 1 cells under 2 column names" in fault(table(tmp_path / "m.csv", "id,region\nS1,R1\nS2\n"), folder)


def test_the_process_is_found_before_its_table_is_there(folder: Path, tmp_path: Path) -> None:
    (folder / "stations.csv").unlink()
    path = collection(tmp_path / "m.geojson", point(5, 52, id="S1", region="R1"))
    assert import_places(path, "stations", folder).target.name == "stations.csv"
    masts = import_places(path, "masts", folder)
    assert (masts.target, masts.home.per, masts.home.assets) == (folder / "masts.csv", True, None)
    assert "--process: no process 'mast' in" in fault(path, folder, "mast")
    assert "did you mean 'masts'?" in fault(path, folder, "mast")
    sector = (folder / "energy.yaml").read_text().replace("assets: stations.csv", "assets: ../out.csv")
    (folder / "energy.yaml").write_text(sector)
    assert "assets: '../out.csv' is no .csv inside the model folder" in fault(path, folder)
    with pytest.raises(UsageError, match="no such model folder"):
        import_places(path, "stations", tmp_path / "nowhere")


def unmarked(path: Path) -> Path:
    data = json.loads(path.read_text())
    return collection(path.with_name("unmarked.geojson"), *data["features"])


def test_a_mark_on_the_map_must_be_on_the_process_first(folder: Path, tmp_path: Path) -> None:
    path = collection(tmp_path / "m.geojson", point(5, 52, id="S1", region="R1", marking="TLP:AMBER"))
    remedy = "write marking: TLP:AMBER under stations first (model/energy.yaml:5), since a CSV carries no mark"
    assert fault(path, folder) == f"m.geojson: is marked TLP:AMBER, and stations is not; {remedy}"
    whole = collection(tmp_path / "n.geojson", point(5, 52, id="S1", region="R1"), marking="Dep. V.")
    assert "is marked Dep. V., and stations is not" in fault(whole, folder)
    plain = collection(tmp_path / "p.geojson", point(5.2, 52.2, id="S1"))
    drawn = collection(tmp_path / "r.geojson", square(5, 52, 1, code="R1", zone="a"), marking="TLP:GREEN")
    for outlines in ({"regions_from": drawn}, {"areas": drawn, "area_name": "zone", "regions_from": unmarked(drawn)}):
        assert "r.geojson: is marked TLP:GREEN, and stations is not" in fault(plain, folder, **outlines)
    marked = (folder / "energy.yaml").read_text().replace("{nl: Stations, en: Stations}", "Stations, marking: TLP:RED")
    (folder / "energy.yaml").write_text(marked)
    assert import_places(path, "stations", folder).count == 1
    assert "is marked Dep. V., and stations is not" in fault(whole, folder)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "this is no GeoJSON"),
        ("[1, 2]", "this is no FeatureCollection of GeoJSON; export it as one"),
        ('{"type": "FeatureCollection", "features": [1]}', "this is no FeatureCollection"),
        ('{"type": "FeatureCollection", "features": {}}', "this is no FeatureCollection"),
        ("[" * 100_000, "nested too deep for GeoJSON; export it again"),
        ('{"features": [{"type": "Feature", "geometry": {"type": "Point", "coordinates": [1e999, 5]}}]}', "is no point"),
        ('{"features": [{"type": "Feature", "geometry": {"type": "Point", "coordinates": [NaN, 5]}}]}', "NaN is no number"),
        ('{"features": [{"type": "Feature", "geometry": {"type": "Point", "coordinates": [true, 5]}}]}', "is no point"),
        ('{"features": [{"type": "Feature", "geometry": {"type": "Point", "coordinates": "x"}}]}', "is no point"),
        ('{"features": [{"type": "Feature", "geometry": 5}]}', "feature 1 has no geometry that can be read"),
        ('{"features": [{"type": "Feature", "geometry": {"type": "Polygon"}}]}', "the outline of feature 1 cannot be read"),
        ('{"features": [{"type": "Feature", "geometry": null, "properties": [1]}]}', "are no mapping"),
        (
            '{"features": [{"type": "Feature", "geometry": null, "properties": {"a": {"type": "Feature", "geometry": null}}}]}',
            "features stand within features",
        ),
        ('{"features": [], "crs": {"type": "link", "properties": {"href": "http://x"}}}', "cannot be understood"),
    ],
)  # fmt: skip
def test_a_hostile_geojson_ends_in_a_sentence(folder: Path, tmp_path: Path, text: str, told: str) -> None:
    assert told in fault(table(tmp_path / "m.geojson", text), folder)


def test_a_hostile_geopackage_is_refused_before_gdal_sees_it(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "m.gpkg"
    path.write_bytes(b"<OGRVRTDataSource><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTDataSource>")
    assert fault(path, folder) == "m.gpkg: this is no GeoPackage; export it as one"
    path.unlink()
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE sites (id)")
    base.close()
    assert fault(path, folder) == "m.gpkg: this is no GeoPackage; export it as one"
    frame = geopandas.GeoDataFrame.from_features([point(5, 52, id="S1", region="R1")], crs="EPSG:4326")
    for name, sql in (
        ("spy", "CREATE VIEW spy AS SELECT ogr_geocode('x') AS geom"),
        ("sum", "CREATE TABLE sum (a, b GENERATED ALWAYS AS (abs(a)))"),
        ("net", "CREATE VIRTUAL TABLE net USING fts5(a)"),
    ):
        path.unlink(missing_ok=True)
        frame.to_file(path, driver="GPKG", layer="sites")
        assert import_places(path, "stations", folder).count == 1
        with sqlite3.connect(path) as base:
            base.execute(sql)
        base.close()
        told = fault(path, folder)
        assert f"{name!r}; export the layer to a new GeoPackage" in told, told
    path.unlink()
    frame.to_file(path, driver="GPKG", layer="sites")
    # a polygon of one ring of two points
    broken = b"GP\0\1" + struct.pack("<i", 4326) + struct.pack("<bIII4d", 1, 3, 1, 2, 5, 52, 6, 53)
    with sqlite3.connect(path) as base:
        for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{name}"')
        base.execute("UPDATE sites SET geom = ?", (broken,))
    base.close()
    assert "m.gpkg: cannot be read as a GeoPackage: " in fault(path, folder)
    (tmp_path / "m.gpkg-wal").write_bytes(b"x")
    assert "m.gpkg-wal holds rows that are not in it yet" in fault(path, folder)
    (tmp_path / "m.gpkg-wal").unlink()
    cut = path.read_bytes()[:5_000]
    path.write_bytes(cut)
    assert "cannot be read as a GeoPackage" in fault(path, folder)
    for name in ("/vsicurl/http://127.0.0.1/m.gpkg", "GPKG:m.gpkg", "m.shp", "http://127.0.0.1/m.geojson"):
        with pytest.raises(CascadeError, match=r"is not there|ends in none of \.gpkg"):
            import_places(name, "stations", folder)


def test_layers_are_chosen_by_name(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "m.gpkg"
    for layer, id_ in (("one", "S1"), ("two", "S2")):
        frame = geopandas.GeoDataFrame.from_features([point(5, 52, id=id_, region="R1")], crs="EPSG:4326")
        frame.to_file(path, driver="GPKG", layer=layer)
    assert fault(path, folder) == "m.gpkg: 2 layers: one, two; choose one with --layer"
    assert rows(import_places(path, "stations", folder, layer="two"))[1].startswith("S2,")
    assert fault(path, folder, layer="twee") == "m.gpkg: no layer 'twee'; known: one, two"
    plain = collection(tmp_path / "m.geojson", point(5, 52, id="S1", region="R1"))
    assert "m.geojson has no layers" in fault(plain, folder, layer="one")


def test_without_geopandas_points_in_degrees_work_and_the_rest_says_what_to_install(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load(folder)
    data = geopackage(points(model, ["stations"], ""), {})
    real = builtins.__import__

    def missing(name: str, *args: Any) -> Any:
        if name.partition(".")[0] in ("geopandas", "pyogrio", "shapely", "pyproj"):
            raise ImportError(name)
        return real(name, *args)

    monkeypatch.setattr(builtins, "__import__", missing)
    written = table(tmp_path / "m.geojson", geojson(points(model, chosen(model), ""), {}))
    assert import_places(written, "stations", folder).count == 2
    (tmp_path / "m.gpkg").write_bytes(data)
    remedy = 'needs geopandas, which is not here; run: pip install "cascade-vitaal[geo]"'
    assert fault(tmp_path / "m.gpkg", folder) == f"a GeoPackage {remedy}"
    assert fault(written, folder, crs="EPSG:28992").startswith("EPSG:28992 needs geopandas")
    with pytest.raises(UsageError, match="writing a GeoPackage needs geopandas"):
        geopackage(points(model, ["stations"], ""), {})


# ------------------------------------------------------------------ out, and in again


def again(folder: Path, file: Path, model: Model) -> dict[str, Assets]:
    """Import every process from a map into the folder, and read the folder again."""
    for process in model.assets:
        made = import_places(file, process, folder)
        made.target.write_bytes(made.data)
    return dict(load(folder).assets)


def test_what_goes_out_comes_in_the_same(folder: Path, tmp_path: Path) -> None:
    model = load(folder)
    layers = points(model, chosen(model), "TLP:CLEAR")
    layers.append(links(compile_network(model), chosen(model), "TLP:CLEAR"))
    file = table(tmp_path / "m.geojson", geojson(layers, {"marking": "TLP:CLEAR"}))
    assert again(folder, file, model) == model.assets
    (tmp_path / "m.gpkg").write_bytes(geopackage(layers, {"marking": "TLP:CLEAR"}))
    assert again(folder, tmp_path / "m.gpkg", model) == model.assets
    assert model.assets["stations"].locations == ((53.1, 5.7), (52.123456789012, 5.1))


def test_geojson_is_as_the_rfc_has_it(folder: Path) -> None:
    model = load(folder)
    text = geojson(points(model, ["taps"], "TLP:GREEN"), {"marking": "TLP:GREEN", "name": "Map"})
    data = json.loads(text)
    assert list(data) == ["type", "marking", "name", "features"]
    assert data["features"][0] == {
        "type": "Feature",
        "properties": {
            "process": "taps", "id": "T1", "name": "T1", "region": "R1", "capacity": 1, "area": "west", "marking": "TLP:GREEN"
        },
        "geometry": {"type": "Point", "coordinates": [5.9, 53.3]},
    }  # fmt: skip
    assert data["features"][2]["geometry"] is None
    frame = geopandas.read_file(text)
    assert frame.crs == "EPSG:4326"
    assert len(frame) == 3


def test_links_are_those_of_the_network(folder: Path) -> None:
    model = load(folder)
    layer = links(compile_network(model), ["taps"], "")
    told = list(zip(layer.columns["supplier"], layer.columns["consumer"], layer.columns["share"], strict=True))
    # by area: P2 and P3 share the east, 1 and 1 by capacity
    assert told == [("P1", "T1", 1.0), ("P2", "T2", 0.5), ("P3", "T2", 0.5)]  # T3 has no place
    assert layer.places.tolist() == [[5.8, 53.2, 5.9, 53.3], [5.2, 52.0, 5.3, 52.1], [5.4, 52.2, 5.3, 52.1]]
    both = links(compile_network(model), ["pumps"], "")
    assert list(zip(both.columns["supplier"], both.columns["consumer"], strict=True))[:3] == [
        ("S1", "P1"), ("S2", "P2"), ("S2", "P3"),
    ]  # fmt: skip
    assert set(both.columns["need"]) == {"power", "water"}
    assert both.name == "links"


def test_levels_are_those_of_the_run_at_that_moment(folder: Path) -> None:
    model = load(folder)
    event = {"hits": ["stations"], "assets": ["S1"], "at": "1h", "level": "0%", "for": "4h"}
    run = simulate(model, Scenario.model_validate({"name": "x", "horizon": "2d", "events": [event]}))
    for at, wanted in ((0, [1.0, 1.0, 1.0]), (2 * 3600, [1.0, 1.0, 1.0]), (3 * 3600, [0.0, 1.0, 1.0])):
        (layer,) = points(model, ["pumps"], "", run, at)
        assert layer.columns["level"] == wanted, at


def test_same_input_same_bytes(folder: Path, tmp_path: Path) -> None:
    model = load(folder)
    layers = [*points(model, chosen(model), "TLP:GREEN"), links(compile_network(model), chosen(model), "TLP:GREEN")]
    first = geopackage(layers, {"marking": "TLP:GREEN"})
    time.sleep(0.02)
    assert geopackage(layers, {"marking": "TLP:GREEN"}) == first
    path = tmp_path / "m.gpkg"
    path.write_bytes(first)
    with sqlite3.connect(path) as base:
        assert {row[0] for row in base.execute("SELECT last_change FROM gpkg_contents")} == {"1970-01-01T00:00:00.000Z"}
        assert {row[0] for row in base.execute("SELECT description FROM gpkg_contents")} == {"TLP:GREEN"}
    base.close()
    assert read_geopackage(path, "links").marks == ("TLP:GREEN",)


# ------------------------------------------------------------------ the commands


def command(*words: str | Path, code: int = 0, lang: str = "en") -> list[str]:
    """What a command says on stderr, its lines without the folder of the test."""
    found = CliRunner().invoke(main, [*map(str, words), "--lang", lang], catch_exceptions=False)
    assert found.exit_code == code, found.output
    assert found.stdout == ""
    here = next((str(w.parent) + "/" for w in words if isinstance(w, Path)), "/")
    return found.stderr.replace(here, "").splitlines()


def test_import_writes_the_table_once_and_says_what_is_left_to_do(folder: Path, tmp_path: Path) -> None:
    path = collection(
        tmp_path / "m.geojson",
        point(5, 52, id="M1", region="R1", hoogte=4),
        point(5, 53, id="M2", region="R2", hoogte=9),
    )
    told = command("import", path, "--process", "masts", "--into", folder)
    assert told == [
        "2 assets from m.geojson are in model/masts.csv.",
        "No column is known as the capacity; all assets weigh the same.",
        "Columns not taken over: hoogte.",
        "To be written in model/energy.yaml under masts (line 16) in place of per: region:  assets: masts.csv",
        f"  cascade check {folder}".replace(f"{tmp_path}/", ""),
    ]
    assert (folder / "energy.yaml").read_text().splitlines()[15].lstrip().startswith("masts:")
    assert (folder / "masts.csv").read_text().splitlines()[1] == "M1,R1,52,5,1"
    collection(path, point(5, 52, id="M9", region="R1"))
    told = command("import", path, "--process", "masts", "--into", folder, code=2)
    assert told == ["cascade: model/masts.csv is there already; --replace writes over it"]
    assert "M9" not in (folder / "masts.csv").read_text()
    command("import", path, "--process", "masts", "--into", folder, "--replace", lang="nl")
    assert "M9" in (folder / "masts.csv").read_text()
    before = sorted(file.name for file in folder.iterdir())
    collection(path, point(5, 52, id="M 9", region="R1"))
    command("import", path, "--process", "pumps", "--into", folder, code=3)
    assert sorted(file.name for file in folder.iterdir()) == before
    assert (folder / "pumps.csv").read_text() == MODEL["pumps.csv"]


def test_points_with_latitude_first_are_said(folder: Path, tmp_path: Path) -> None:
    path = collection(tmp_path / "m.geojson", point(52, 5, id="M1", region="R1"), point(53, 5, id="M2", region="R2"))
    assert command("import", path, "--process", "masts", "--into", folder)[2].startswith("All points lie in the Indian")
    one = collection(tmp_path / "n.geojson", point(52, 5, id="M1", region="R1"), point(5, 53, id="M2", region="R2"))
    assert not import_places(one, "stations", folder).swapped


def test_options_of_maps_and_of_spreadsheets_are_kept_apart(folder: Path, tmp_path: Path) -> None:
    path = collection(tmp_path / "m.geojson", point(5, 52, id="M1", region="R1"))
    for words, told in (
        (("import", path), "m.geojson is a map; say with --process where it belongs"),
        (("import", path, "--process", "masts"), "say with --into where it belongs, as in --into my-model"),
        (("import", path, "--process", "masts", "--into", folder, "--onto", "x"), "--onto belongs to spreadsheets"),
        (("import", path, "--process", "masts", "--into", folder, "--area-name", "x"), "--area-name is a column of --areas"),
        (("import", tmp_path / "m.xlsx", "--crs", "EPSG:28992", "--out", "x"), "--crs belongs to maps, and m.xlsx is none"),
        (("export", folder, "--out", tmp_path / "m.xlsx", "--run", "x"), "--run belongs to maps"),
        (("export", folder, "--out", tmp_path / "m.csv", "--process", "pumps"), "--process belongs to maps"),
        (("export", folder, "--out", tmp_path / "m.gpkg", "--at", "6h"), "--run and --at belong together"),
        (("export", folder, "--out", tmp_path / "m.gpkg", "--format", "json"), "leave --format out"),
        (("export", folder, "--out", tmp_path / "m.gpkg", "--process", "masts"), "masts has no assets"),
        (("export", folder, "--out", tmp_path / "m.gpkg", "--process", "pump"), "did you mean 'pumps'?"),
    ):  # fmt: skip
        assert told in " ".join(command(*words, code=2)), words


def test_export_carries_marks_leaves_out_what_is_above_the_limit_and_the_levels(folder: Path, tmp_path: Path) -> None:
    text = (folder / "energy.yaml").read_text()
    (folder / "energy.yaml").write_text(text.replace("assets: taps.csv", "assets: taps.csv\n    marking: TLP:AMBER"))
    event = "{hits: [stations], assets: [S1], at: 1h, level: 0%, for: 4h}"
    scenario = table(tmp_path / "out.yaml", f"name: Out\nhorizon: 2d\nevents: [{event}]\n")
    out = tmp_path / "m.geojson"
    command("export", folder, "--out", out, "--run", scenario, "--at", "3h", "--links")
    data = json.loads(out.read_bytes())
    assert (data["marking"], data["scenario"], data["at"]) == ("TLP:AMBER", "Out", "3h")
    levels = {f["properties"]["id"]: f["properties"]["level"] for f in data["features"] if "id" in f["properties"]}
    assert levels == {"P1": 0, "P2": 1, "P3": 1, "S1": 0, "S2": 1, "T1": 0, "T2": 1, "T3": 1}
    assert {f["properties"]["marking"] for f in data["features"]} == {"TLP:AMBER"}
    assert sum(f["geometry"] is not None and f["geometry"]["type"] == "LineString" for f in data["features"]) == 6
    told = command("export", folder, "--out", out, "--max-marking", "TLP:GREEN")
    data = json.loads(out.read_bytes())
    assert {f["properties"]["process"] for f in data["features"]} == {"stations", "pumps"}
    assert data["marking"] == "TLP:CLEAR"
    assert "TLP:GREEN" in data["note"]
    assert told[-1] == "Written: m.geojson"


def test_help_lists_what_is_for_maps_alone() -> None:
    for name, heading in (
        ("import", "For maps (.gpkg, .geojson, or .csv with --process):"),
        ("export", "For maps (.gpkg, .geojson):"),
    ):
        above, found, below = CliRunner().invoke(main, [name, "--help"]).output.partition(heading)
        assert found
        assert "--process" in below
        assert "--lang" in above
        assert "--lang" not in below
