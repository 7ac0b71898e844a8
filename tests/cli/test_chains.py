"""The journey of one analyst: a line list and a file of links in, probabilities and a picture out."""

import json

import polars as pl
import pytest
from click.testing import CliRunner

from tongchou.cli.main import tongchou

CASES = """编号,发病日期,确诊日期
A,2020-02-01,2020-02-04
B,2020-02-05,2020-02-08
C,2020-02-04,2020-02-08
D,2020-02-09,2020-02-11
E,,2020-02-12
"""
LINKS = """from,to
A,B
A,C
B,D
C,D
D,E
X,B
"""


@pytest.fixture
def files(tmp_path):
    (tmp_path / "cases.csv").write_text(CASES, encoding="gb18030")
    (tmp_path / "links.csv").write_text(LINKS, encoding="utf-8")
    return tmp_path


def run(files, *more):
    arguments = ["chains", str(files / "cases.csv"), "--links", str(files / "links.csv")]
    found = CliRunner().invoke(
        tongchou,
        [*arguments, "--today", "2020-02-20", "--draws", "50", *map(str, more)],
        catch_exceptions=False,
    )
    assert found.exit_code == 0, found.output
    return found


def test_tidy_links_with_probabilities(files):
    run(files, "--out", files / "links_out.csv")
    links = pl.read_csv(files / "links_out.csv")
    assert links.columns[:6] == [
        "infector",
        "infectee",
        "probability",
        "known",
        "listed",
        "serial_interval_days",
    ]
    sure = links.filter(pl.col("infector") == "A", pl.col("infectee") == "B").row(0, named=True)
    assert (sure["probability"], sure["known"], sure["serial_interval_days"]) == (1.0, True, 4)
    total = links.group_by("infectee").agg(pl.col("probability").sum())
    assert total["probability"].to_list() == pytest.approx([1] * 5)


def test_the_summary_in_both_languages_and_as_json(files):
    assert "reproduction number R" in run(files, "--lang", "en").stdout
    said = run(files, "--lang", "zh").stdout
    assert "再生数 R" in said
    assert "X → B" in said
    found = json.loads(run(files, "--json").stdout)
    assert found["cases"] == 5
    assert found["problems"] == [{"infector": "X", "infectee": "B", "problem": "not_listed"}]
    assert found["serial_interval"]["infectees"] == 3
    assert found["R"]["low"] < found["R"]["value"] < found["R"]["high"]
    assert 0.2 <= found["share_of_top_fifth_found"] <= 1
    assert found["from_cluster_sizes"] is None


def test_sizes_of_clusters_where_there_are_no_links(tmp_path):
    clusters = ["K1"] * 6 + ["K2"] * 2 + [""] * 4
    rows = [f"C{i},2020-02-{i + 1:02},{cluster}" for i, cluster in enumerate(clusters)]
    (tmp_path / "cases.csv").write_text(
        "\n".join(["case_id,onset_on,cluster_id", *rows]), encoding="utf-8"
    )
    told = [
        CliRunner().invoke(
            tongchou,
            ["chains", str(tmp_path / "cases.csv"), "--today", "2020-06-01", *more],
            catch_exceptions=False,
        )
        for more in (["--json"], ["--lang", "en"], ["--lang", "zh"])
    ]
    found = json.loads(told[0].stdout)
    # Four lone cases, one pair and one of six: R = 1 - 6 / 12.
    assert found["from_cluster_sizes"]["R"]["value"] == pytest.approx(0.5, abs=0.001)
    assert "R from the sizes of clusters" in told[1].stdout
    assert "R，只由聚集规模" in told[2].stdout


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_picture(files, lang):
    run(files, "--plot", files / "tree.svg", "--lang", lang)
    svg = (files / "tree.svg").read_text(encoding="utf-8")
    assert {"zh": "已认定", "en": "known"}[lang] in svg
    assert all(f">{case}<" in svg for case in "ABCDE")


def test_links_that_only_say_that_two_met(files):
    (files / "links.csv").write_text("from,to\nB,A\nA,B\nD,C\n", encoding="utf-8")
    run(files, "--undirected", "--listed-only", "--out", files / "out.csv")
    inside = pl.read_csv(files / "out.csv").drop_nulls("infector")
    assert inside.select("infector", "infectee").rows() == [("A", "B"), ("C", "D")]


def test_one_number_of_two_is_a_misuse(files):
    found = CliRunner().invoke(tongchou, ["chains", str(files / "cases.csv"), "--si-mean", "5"])
    assert found.exit_code == 2
    assert "--si-sd" in found.output


def test_without_links_the_serial_interval_is_from_elsewhere(files):
    found = CliRunner().invoke(
        tongchou,
        [
            "chains",
            str(files / "cases.csv"),
            "--today",
            "2020-02-20",
            "--draws",
            "50",
            "--lang",
            "en",
        ],
        catch_exceptions=False,
    )
    assert "from elsewhere" in found.stdout
