"""Maps of China, and the topology they are written in."""

import itertools

import numpy as np
import polars as pl
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tongchou.vocabulary.boundaries import shared_lines
from tongchou.vocabulary.places import china
from tongchou.vocabulary.shapes import outline, shapes
from tongchou.vocabulary.topology import GRID, encode

CHINA = china()
APART = ["710000", "810000", "820000"]


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TONGCHOU_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def decode(topology, name="units"):
    """Draw a topology again: the second half of the TopoJSON specification."""
    steps = [np.cumsum(np.array(arc), axis=0) * GRID for arc in topology["arcs"]]

    def ring(indexes):
        parts = [steps[i] if i >= 0 else steps[~i][::-1] for i in indexes]
        return np.concatenate([parts[0], *(p[1:] for p in parts[1:])])

    return {
        g["properties"]["code"]: shapely.MultiPolygon(
            [(ring(p[0]), [ring(h) for h in p[1:]]) for p in g["arcs"]]
        )
        for g in topology["objects"][name]["geometries"]
    }


def codes_of(topology):
    return {g["properties"]["code"] for g in topology["objects"]["units"]["geometries"]}


# --- the topology ------------------------------------------------------------------------------


@settings(max_examples=60)
@given(
    cells=st.lists(st.integers(0, 3), min_size=16, max_size=16),
)
def test_a_patchwork_comes_back_whole(cells):
    squares = [shapely.box(x, y, x + 1, y + 1) for x, y in itertools.product(range(4), repeat=2)]
    areas = {
        str(k): shapely.union_all([s for s, c in zip(squares, cells, strict=True) if c == k])
        for k in set(cells)
    }
    drawn = decode(encode(areas))
    for code, area in areas.items():
        assert shapely.make_valid(drawn[code]).symmetric_difference(area).area < 1e-9


def test_an_enclave_shares_its_border_with_what_surrounds_it():
    inner = shapely.box(1, 1, 2, 2)
    made = encode({"around": shapely.box(0, 0, 3, 3) - inner, "within": inner})
    assert len(made["arcs"]) == 2


def test_corners_are_not_common_lines_but_edges_in_either_direction_are():
    a, b, c = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(1, 1, 2, 2)
    assert shared_lines([a, b, c]) == {(0, 1), (1, 2)}
    assert shared_lines([a, shapely.reverse(b), c]) == {(0, 1), (1, 2)}


# --- maps of China -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def counties():
    return shapes("county", gazetteer=CHINA)


def test_every_unit_is_on_the_map_or_in_the_box(counties):
    for level, topology in [
        ("county", counties),
        ("prefecture", shapes("prefecture", gazetteer=CHINA)),
        ("province", shapes("province", gazetteer=CHINA)),
    ]:
        wanted = {p.code for p in CHINA.reporting_units(level, counted=False)}
        box = codes_of(shapes(level, gazetteer=CHINA, part="inset"))
        assert codes_of(topology) | box == wanted
        assert set(APART) <= codes_of(topology)


def test_neighbours_on_the_map_neither_overlap_nor_gape(counties):
    areas = shapely.make_valid(np.array(list(decode(counties).values()), dtype=object))
    whole = shapely.union_all(areas)
    # Rounding to 100 m may fold a spit of land over itself: a millionth of the country at most.
    assert shapely.area(areas).sum() == pytest.approx(whole.area, rel=1e-6)
    # The ellipsoid as a second opinion: geodesic area of the boundaries as delivered. The plane
    # keeps areas; simplification to 4 km moves coasts both ways, 0.1 % at most.
    geodesic = sum(
        abs(pyproj.Geod(ellps="GRS80").geometry_area_perimeter(area)[0])
        for code, area in CHINA.boundaries.degrees.items()
    )
    assert whole.area == pytest.approx(geodesic / 1e6, rel=1e-3)
    # Between the boundaries of the mainland no sliver: holes are the sea inside Hong Kong only.
    mainland = max(shapely.get_parts(whole), key=shapely.area)
    holes = shapely.area(shapely.polygons(shapely.get_rings(mainland)[1:]))
    assert holes.sum() < 300


def test_areas_of_provinces_are_those_commonly_stated():
    # Thousand km2 as commonly stated (general knowledge); 1 % because the figures are round.
    # (Xinjiang and Qinghai are left out: what is stated lies 2 to 4 % above what is enclosed.)
    known = {"420000": 185.9, "410000": 167.0, "500000": 82.4, "110000": 16.41, "430000": 211.8}
    drawn = decode(shapes("province", gazetteer=CHINA))
    for code, area in known.items():
        assert drawn[code].area / 1000 == pytest.approx(area, rel=0.01), code


def test_borders_of_provinces_lie_on_those_of_counties(counties):
    def segments(topology):
        found = set()
        for arc in topology["arcs"]:
            points = np.cumsum(np.array(arc), axis=0).tolist()
            found |= {frozenset(map(tuple, pair)) for pair in itertools.pairwise(points)}
        return found

    borders = outline("province", gazetteer=CHINA)
    kinds = [g["properties"]["kind"] for g in borders["objects"]["outline"]["geometries"]]
    assert kinds == ["border", "line"]
    lines = borders["objects"]["outline"]["geometries"][1]["arcs"]
    borders["arcs"] = [
        a for i, a in enumerate(borders["arcs"]) if [i] not in lines and [~i] not in lines
    ]
    assert segments(borders) <= segments(counties)


def test_the_box_holds_the_islands_and_the_ten_dashes():
    box = outline("province", gazetteer=CHINA, part="inset")["objects"]["outline"]["geometries"]
    assert [len(g["arcs"]) for g in box if g["properties"]["kind"] == "line"] == [10]
    islands = codes_of(shapes("county", gazetteer=CHINA, part="inset"))
    assert {"460321", "460322", "440305"} <= islands
    assert "110101" not in islands


def test_a_map_of_one_province_is_finer_and_has_neither_box_nor_dashes():
    hubei = [p.code for p in CHINA.descendants("420000", "county")]
    made = shapes(hubei, gazetteer=CHINA)
    assert codes_of(made) == set(hubei)
    assert shapes(hubei, gazetteer=CHINA, part="inset")["arcs"] == []
    borders = outline(["420000"], gazetteer=CHINA)["objects"]["outline"]["geometries"]
    assert [g["properties"]["kind"] for g in borders] == ["border"]
    nation = decode(shapes("county", gazetteer=CHINA))
    fine, coarse = (shapely.get_num_coordinates(x["420102"]) for x in (decode(made), nation))
    assert fine > coarse


def test_the_same_map_is_made_once():
    assert shapes("province", gazetteer=CHINA) == shapes("province", gazetteer=CHINA)


@pytest.mark.real
def test_the_366_units_of_2020_cover_the_country_without_holes(china2020):
    panel = china2020("cases_prefecture_panel.csv")["adcode"].unique().sort().to_list()
    assert len(panel) == 366
    made = shapes([*panel, *APART], gazetteer=CHINA)
    assert codes_of(made) == {*panel, *APART}
    # The three cities founded since are drawn with the land they were taken from.
    whole = shapely.union_all(shapely.make_valid(np.array(list(decode(made).values()))))
    today = decode(shapes("province", gazetteer=CHINA))
    nation = shapely.union_all(shapely.make_valid(np.array(list(today.values()))))
    assert whole.area == pytest.approx(nation.area, rel=1e-6)


def test_points_of_the_census_frame_are_on_the_plane():
    frame = CHINA.frame.filter(pl.col("code") == "110000")
    there = CHINA.boundaries.project(shapely.Point(frame["longitude"][0], frame["latitude"][0]))
    assert decode(shapes("province", gazetteer=CHINA))["110000"].contains(there)
