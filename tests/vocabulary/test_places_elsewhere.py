"""Another country is another folder of tables: a small one, invented, with no line of code."""

import json
from pathlib import Path

import pytest
import shapely

from tongchou.vocabulary.errors import BadInput, MissingData, UnknownPlace
from tongchou.vocabulary.places import Gazetteer, load
from tongchou.vocabulary.shapes import outline, shapes, without_shape

COUNTRY = """
[country]
code = "V"
levels = ["land", "shire", "parish"]

[words]
en = ["Parish"]
"""
BOUNDARIES = """
[boundaries]
file = "vale.geojson"
code_property = "id"

[plane]
crs = "EPSG:3857"
boundary_crs = "EPSG:4326"
tolerances_km = [0.1]
"""
PLACES = """code,level,name_zh,name_en,name_short_zh,name_short_en,aliases,parent,counted,longitude,latitude,source
V,land,Vale,Vale,Vale,Vale,,,true,1.0,0.5,invented
V1,shire,Westshire,Westshire,West,West,Occident,V,true,0.5,0.5,invented
V1a,parish,Ash,Ash,Ash,Ash,,V1,true,0.5,0.25,invented
V1b,parish,Beech,Beech,Beech,Beech,,V1,true,0.5,0.75,invented
V2,shire,Eastshire,Eastshire,East,East,,V,true,1.5,0.5,invented
"""
POPULATION = """code,date,population,source,confidence
V1,2010-01-01,900,invented,high
V1,2020-01-01,1000,invented,high
"""
CROSSWALK = """old_code,old_name,new_code,share,effective,kind,source,confidence
V9,Oakham,V1a,1,2001,merge,invented,high
V8,,V1b,0.4,2001,split,invented,high
"""
# Neighbours share their vertices: the east has one where the two parishes of the west meet.
AREAS = {
    "V1a": shapely.box(0, 0, 1, 0.5),
    "V1b": shapely.box(0, 0.5, 1, 1),
    "V2x": shapely.Polygon([(1, 0), (2, 0), (2, 1), (1, 1), (1, 0.5)]),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv("TONGCHOU_CACHE", str(tmp_path / "cache"))
    home = tmp_path / "vale"
    home.mkdir()
    (home / "country.toml").write_text(COUNTRY + BOUNDARIES)
    (home / "places.csv").write_text(PLACES)
    (home / "population.csv").write_text(POPULATION)
    (home / "crosswalk.csv").write_text(CROSSWALK)
    (home / "boundary_codes.csv").write_text("boundary_code,code,note\nV2x,V2,typing error\n")
    features = [
        {
            "type": "Feature",
            "properties": {"id": code},
            "geometry": shapely.geometry.mapping(area),
        }
        for code, area in AREAS.items()
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    (home / "vale.geojson").write_text(text)
    return home


@pytest.fixture
def vale(folder: Path) -> Gazetteer:
    return load(folder)


def test_names_hierarchy_and_population(vale):
    assert vale.find("ash parish")[0].code == "V1a"
    assert vale.find("Occident")[0].code == "V1"
    assert vale.path("V1a") == "V/V1/V1a"
    assert vale.population("V1") == 1000  # the newer of two counts
    assert [p.code for p in vale.reporting_units("parish")] == ["V1a", "V1b", "V2"]


def test_codes_of_another_year(vale):
    assert [(s.new_code, s.share) for s in vale.successors("V8")] == [("V1b", 0.4)]
    assert vale.resolve("V9").name.en == "Ash"
    assert vale.find("Oakham")[0].code == "V1a"
    assert [s.old_code for s in vale.predecessors("V1a")] == ["V9"]


def test_points_and_neighbours(vale):
    assert vale.at(0.2, 0.9).code == "V1b"
    assert vale.at(0.2, 0.9, level="shire").code == "V1"
    assert vale.at(1.7, 0.1, level="parish").code == "V2"  # not divided
    assert vale.locate(2.05, 0.5).method == "nearest boundary"
    assert [p.code for p in vale.neighbours("V1a")] == ["V1b", "V2"]
    assert [p.code for p in vale.neighbours("V2")] == ["V1"]


def test_maps(vale):
    parishes = shapes("parish", gazetteer=vale)
    units = parishes["objects"]["units"]["geometries"]
    assert [u["properties"]["code"] for u in units] == ["V1a", "V1b", "V2"]
    borders = outline("shire", gazetteer=vale)["objects"]["outline"]["geometries"]
    assert [f["properties"]["kind"] for f in borders] == ["border"]
    assert len(borders[0]["arcs"]) == 3  # two coasts and the border between the shires
    assert shapes("parish", gazetteer=vale, part="inset")["arcs"] == []


def test_a_map_of_old_codes_bears_the_old_codes(vale):
    drawn = shapes(["V9", "V8", "V2"], gazetteer=vale)["objects"]["units"]["geometries"]
    assert {u["properties"]["code"] for u in drawn} == {"V9", "V8", "V2"}
    assert without_shape(["V9", "V1a", "V2"], gazetteer=vale) == ("V9",)


def test_without_boundaries_the_nearest_point_decides_and_maps_say_what_is_missing(folder):
    (folder / "country.toml").write_text(COUNTRY)
    plain = load(folder)
    found = plain.locate(1.4, 0.6)
    assert (found.place.code, found.method) == ("V2", "nearest point")
    with pytest.raises(MissingData, match="boundaries"):
        shapes("parish", gazetteer=plain)
    with pytest.raises(MissingData, match="boundaries"):
        plain.neighbours("V1")


def test_all_faults_of_the_tables_are_told_at_once(folder):
    broken = PLACES.replace("V1b,parish,Beech", "V1b,hamlet,Beech").replace(",V1,true", ",V7,yes")
    broken = broken.replace("1.5,0.5", "1.5,95")
    (folder / "places.csv").write_text(broken + PLACES.splitlines()[-1] + "\n")
    (folder / "population.csv").write_text(POPULATION + "V5,2020-01-01,many,invented,high\n")
    (folder / "crosswalk.csv").write_text(CROSSWALK.replace("merge", "swap").replace("0.4", "4"))
    with pytest.raises(BadInput) as caught:
        load(folder)
    found = {(f.file, f.row, f.column) for f in caught.value.faults}
    assert found == {
        ("places.csv", 3, "parent"),
        ("places.csv", 3, "counted"),
        ("places.csv", 4, "level"),
        ("places.csv", 4, "parent"),
        ("places.csv", 4, "counted"),
        ("places.csv", 5, "latitude"),
        ("places.csv", 6, "code"),
        ("population.csv", 3, "code"),
        ("population.csv", 3, "population"),
        ("crosswalk.csv", 1, "kind"),
        ("crosswalk.csv", 2, "share"),
    }


def test_a_file_a_column_or_a_setting_that_is_missing_is_named(folder):
    (folder / "places.csv").write_text(PLACES.replace("name_en,", "english,"))
    with pytest.raises(BadInput, match="name_en"):
        load(folder)
    (folder / "places.csv").unlink()
    with pytest.raises(BadInput, match=r"places\.csv: The folder does not hold this file"):
        load(folder)
    (folder / "country.toml").write_text(COUNTRY + '[boundaries]\nfile = "vale.geojson"\n')
    with pytest.raises(BadInput) as caught:
        load(folder)
    assert [f.column for f in caught.value.faults] == ["boundaries.code_property", "plane"]
    (folder / "country.toml").write_text("levels = [")
    with pytest.raises(BadInput, match="not valid TOML"):
        load(folder)


def test_boundaries_and_places_that_do_not_match_are_refused(folder):
    (folder / "boundary_codes.csv").unlink()
    vale = load(folder)
    with pytest.raises(BadInput) as caught:
        vale.at(0.5, 0.5)
    assert {f.value for f in caught.value.faults} == {"V2x", "V2"}  # one strange, one without


def test_an_unknown_code_of_the_crosswalk_is_unknown(vale):
    with pytest.raises(UnknownPlace):
        vale.successors("V7")
