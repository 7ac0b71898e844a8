"""``tongchou scan`` and ``tongchou clusters`` on plain files, sound and hostile."""

import polars as pl
import pytest
from click.testing import CliRunner

from tongchou.cli.main import tongchou
from tongchou.vocabulary.errors import BadInput, BadParameter

CLUSTERS = [
    "cluster", "centre", "radius_km", "places", "first", "last", "observed", "expected",
    "relative_risk", "score", "p_value", "recurrence_days",
]  # fmt: skip
QUICK = ("--replicates", "99", "--alpha", "0.05", "--today", "2020-03-01")


def run(*words, lang="en"):
    return CliRunner().invoke(tongchou, [*map(str, words), "--lang", lang], catch_exceptions=False)


def table(result):
    assert result.exit_code == 0, result.stderr
    return pl.read_csv(
        result.stdout.encode(), try_parse_dates=True, schema_overrides={"centre": pl.String}
    )


@pytest.fixture
def counts(tmp_path):
    """Write twenty days of five cities of Hubei, with ten cases a day in one at the end."""
    codes = ("420100", "420200", "420300", "420500", "421100")
    rows = [
        f"2020-02-{day:02d},{code},{10 if code == '420500' and day > 16 else 1}"
        for day in range(1, 21)
        for code in codes
    ]
    path = tmp_path / "counts.csv"
    path.write_text("date,place,cases\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def places(tmp_path):
    path = tmp_path / "places.csv"
    path.write_text(
        "代码,经度,纬度,人口\n420100,114.3,30.6,100\n420200,115.0,30.2,100\n420300,110.8,32.6,100\n"
        "420500,111.3,30.7,100\n421100,114.9,30.4,100\n999999,120,30,100\n",
        encoding="gb18030",
    )
    return path


def test_a_city_with_a_rise_is_named_with_its_first_day(counts, places, tmp_path):
    members = tmp_path / "members.csv"
    result = run("scan", counts, "--places", places, *QUICK, "--share", "0.4", "--members", members)
    frame = table(result)
    assert frame.columns == CLUSTERS
    first = frame.row(0, named=True)
    assert (first["centre"], str(first["first"]), first["observed"]) == ("420500", "2020-02-17", 40)
    assert "Poisson model" in result.stderr
    assert "1 of them have p at most 0.05" in result.stderr
    assert pl.read_csv(members)["place"].to_list()[0] == 420500


def test_codes_and_names_of_china_need_no_table_of_places(counts, tmp_path):
    result = run("scan", counts, *QUICK, "--model", "permutation", lang="zh")
    assert table(result)["centre"][0] == "420500"
    assert "时空置换" in result.stderr
    named = tmp_path / "named.csv"
    named.write_text(
        counts.read_text(encoding="utf-8").replace("420500", "宜昌市"), encoding="utf-8"
    )
    assert table(run("scan", named, *QUICK, "--model", "permutation"))["centre"][0] == "宜昌市"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_draws_a_map_with_the_clusters_beside_it(counts, places, tmp_path, lang):
    page = tmp_path / "map.html"
    assert run("scan", counts, "--places", places, *QUICK, "--plot", page, lang=lang).exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert {"zh": "预期", "en": "expected"}[lang] in text
    assert "420500" in text


def test_faults_of_the_table_of_places_are_named_together(counts, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("place,longitude,latitude\n420100,30.6,114.3\n420100,,30\n", encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        run("scan", counts, "--places", path, *QUICK)
    said = refused.value.text().en
    assert "out of range" in said
    assert "has a row already" in said
    assert "is blank" in said


def test_places_without_a_point_are_refused(counts, tmp_path):
    path = tmp_path / "few.csv"
    path.write_text("place,longitude,latitude\n420100,114.3,30.6\n", encoding="utf-8")
    with pytest.raises(BadParameter, match="no point"):
        run("scan", counts, "--places", path, *QUICK)
    strange = tmp_path / "strange.csv"
    strange.write_text("date,place,cases\n2020-02-01,Atlantis,1\n", encoding="utf-8")
    with pytest.raises(BadInput, match="Atlantis"):
        run("scan", strange, *QUICK)


def test_poisson_without_people_is_refused(counts, tmp_path):
    path = tmp_path / "points.csv"
    path.write_text(
        "place,longitude,latitude\n420100,114.3,30.6\n420200,115,30.2\n420300,110.8,32.6\n"
        "420500,111.3,30.7\n421100,114.9,30.4\n",
        encoding="utf-8",
    )
    result = CliRunner().invoke(
        tongchou, ["scan", str(counts), "--places", str(path), "--model", "poisson", *QUICK]
    )
    assert result.exit_code == 2
    assert "population" in result.stderr


@pytest.fixture
def linelist(tmp_path):
    path = tmp_path / "cases.csv"
    path.write_text(
        "编号,发病日期,户号,venue,传染者编号\n"
        "1,2020年2月1日,H1,mill,\n2,2020-02-05,H1,,1\n3,2020/2/9,H2,mill; inn,\n4,2020-01-01,H3,inn,\n",
        encoding="gb18030",
    )
    return path


def test_clusters_of_a_line_list(linelist, tmp_path):
    members = tmp_path / "members.csv"
    result = run(
        "clusters", linelist, "--setting", "venue", "--members", members, "--today", "2020-02-20"
    )
    assert result.exit_code == 0, result.stderr
    frame = pl.read_csv(result.stdout.encode(), try_parse_dates=True)
    assert frame.select("cases", "households", "settings", "open", "generations").rows() == [
        (3, 2, "household H1; venue mill", True, 2)
    ]
    assert pl.read_csv(members)["case_id"].to_list() == [1, 2, 3]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_clusters_are_drawn_as_a_timeline(linelist, tmp_path, lang):
    page = tmp_path / "clusters.svg"
    result = run(
        "clusters",
        linelist,
        "--setting",
        "venue",
        "--plot",
        page,
        "--today",
        "2020-02-20",
        lang=lang,
    )
    assert result.exit_code == 0, result.stderr
    assert {"zh": "未结束", "en": "open"}[lang] in page.read_text(encoding="utf-8")


def test_a_list_with_nothing_to_share_says_so(tmp_path):
    path = tmp_path / "bare.csv"
    path.write_text("case_id,onset_on\na,2020-02-01\nb,2020-02-02\n", encoding="utf-8")
    result = run("clusters", path, "--today", "2020-02-20")
    assert "nothing to link by" in result.stderr
    drawn = run("clusters", path, "--today", "2020-02-20", "--plot", tmp_path / "none.png")
    assert drawn.exit_code == 0, drawn.stderr


def test_counts_without_cases_draw_a_map_without_clusters(places, tmp_path):
    path = tmp_path / "none.csv"
    path.write_text(
        "date,place,cases\n2020-02-01,420100,0\n2020-02-02,420100,0\n", encoding="utf-8"
    )
    drawing = tmp_path / "none.svg"
    result = run("scan", path, "--places", places, *QUICK, "--share", "0.5", "--plot", drawing)
    assert result.exit_code == 0, result.stderr
    assert "There is no cluster" in drawing.read_text(encoding="utf-8")


def test_a_file_without_places_cannot_be_scanned_and_is_told_why(tmp_path):
    path = tmp_path / "all.csv"
    path.write_text("date,cases\n2020-02-01,1\n2020-02-02,3\n", encoding="utf-8")
    with pytest.raises(BadInput, match="--places"):
        run("scan", path, *QUICK)
