"""Another country is another table: the whole morning run for an invented one, no line of code changed."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tongchou.morning import run
from tongchou.situation import pack as packs
from tongchou.situation.pack import Pack, open_folder
from tongchou.vocabulary.text import Text, same

COUNTRY = """
[country]
code = "V"
levels = ["land", "shire", "parish"]
"""
PLACES = """code,level,name_zh,name_en,name_short_zh,name_short_en,aliases,parent,counted,longitude,latitude,source
V,land,谷国,Vale,谷国,Vale,,,true,1.0,0.5,invented
V1,shire,西郡,Westshire,西郡,West,,V,true,0.5,0.5,invented
V1a,parish,梣村,Ash,梣村,Ash,,V1,true,0.5,0.25,invented
V1b,parish,榉村,Beech,榉村,Beech,,V1,true,0.5,0.75,invented
V2,shire,东郡,Eastshire,东郡,East,,V,true,1.5,0.5,invented
V2a,parish,栎村,Oak,栎村,Oak,,V2,true,1.5,0.5,invented
"""
FIRST, DAYS = date(2031, 5, 1), 40


@pytest.fixture
def vale(tmp_path: Path) -> Pack:
    """Give a pack of three parishes: one still counting, one quiet for three weeks, one never hit."""
    rng = np.random.default_rng(4)
    daily = {
        "V1a": rng.poisson(9, DAYS),
        "V1b": np.r_[rng.poisson(3, 19), np.zeros(DAYS - 19, int)],
        "V2a": np.zeros(DAYS, int),
    }
    days = [FIRST + timedelta(days=d) for d in range(DAYS)]
    counts = pl.concat(
        pl.DataFrame(
            {"place": place, "date": days, "known_on": days, "confirmed": new.cumsum().tolist()}
        )
        for place, new in daily.items()
    )
    levels = pl.DataFrame({"place": ["V1"], "date": [FIRST], "known_on": [FIRST], "level": [2]})
    folder = tmp_path / "vale-pack"
    about = packs.Manifest(
        name="vale",
        title=Text(zh="谷国", en="Vale"),
        synthetic=False,
        places="vale",
        first=FIRST,
        last=days[-1],
        licence=same("invented"),
        sources=("invented",),
    )
    home = tmp_path / "vale"
    home.mkdir()
    (home / "country.toml").write_text(COUNTRY)
    (home / "places.csv").write_text(PLACES, encoding="utf-8")
    (home / "population.csv").write_text(
        "code,date,population,source,confidence\nV1a,2030-01-01,40000,invented,high\n"
    )
    (home / "crosswalk.csv").write_text(
        "old_code,old_name,new_code,share,effective,kind,source,confidence\n"
    )
    (home / "boundary_codes.csv").write_text("boundary_code,code,note\n")
    tables = {"case_counts": counts, "response_levels": levels}
    packs.write(folder, about, tables, country=home)
    return open_folder(folder)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_invented_country_gets_its_order_of_the_day(vale, tmp_path, lang):
    order = run.order_of_the_day(vale, vale.last)
    assert order.head.name == Text(zh="谷国", en="Vale")
    assert {r.place: r.tier for r in order.tiers.rows} == {
        "V1a": "high",
        "V1b": "low",
        "V2a": "low",
    }
    written = run.send(order, vale, tmp_path / "out", lang)
    page = next(p for p in written if p.name == "order.html").read_text(encoding="utf-8")
    assert {"zh": "榉村", "en": "Beech"}[lang] in page
    two_pages = page[: page.index('id="annex-A"')]
    assert "China" not in two_pages
    assert "中国" not in two_pages


def test_a_column_that_nobody_reports_is_said_and_not_guessed(vale):
    order = run.order_of_the_day(vale, vale.last)
    missing = {f.id: f.missing.en for f in order.figures if f.missing is not None}
    assert missing["case_fatality"] == "no data: table case_counts.deaths"
    assert missing["recovery_rate"] == "no data: table case_counts.recovered"


def test_its_shire_runs_the_same_command_and_inherits_nothing_foreign(vale):
    order = run.order_of_the_day(vale, vale.last, place="Westshire")
    assert order.head.place == "V1"
    assert order.head.level.zh == "二级响应"
    assert {r.place for r in order.tiers.rows} == {"V1a", "V1b"}
