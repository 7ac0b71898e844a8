"""``tongchou scenario``: a question asked, answered, cut off and asked again."""

import polars as pl
import pytest
from click.testing import CliRunner

from tongchou.cli.main import tongchou
from tongchou.scenario.question_faults import BadQuestion

QUESTION = """
title = { zh = "银川周一复工", en = "Yinchuan reopens on Monday" }
horizon = 10
in_force = [{ add = "close_nonessential_business" }]

[[options]]
id = "monday"
name = { zh = "周一复工", en = "reopen on Monday" }
entries = [{ lift = "close_nonessential_business", places = ["银川市"], from = "monday" }]

[[options]]
id = "again"
name = { zh = "照旧", en = "as it is" }
entries = [{ add = "close_nonessential_business" }]
"""


def run(*words):
    return CliRunner().invoke(tongchou, list(map(str, words)), catch_exceptions=False)


@pytest.fixture
def question(tmp_path):
    file = tmp_path / "question.toml"
    file.write_text(QUESTION, encoding="utf-8")
    return file


def test_the_example_may_be_copied_and_asked(exercise_folder, tmp_path):
    printed = run("scenario", "--example")
    assert printed.exit_code == 0
    file = tmp_path / "copied.toml"
    file.write_text(printed.stdout, encoding="utf-8")
    asked = run("scenario", file, "--data", exercise_folder, "--days", 12, "--replicates", 8)
    assert asked.exit_code == 0


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_reopening_one_city_on_monday(exercise_folder, question, tmp_path, lang):
    out, plot, days = tmp_path / "told.csv", tmp_path / "told.html", tmp_path / "days.parquet"
    result = run(
        "scenario", question, "--data", exercise_folder, "--replicates", 16, "--lang", lang,
        "--out", out, "--plot", plot, "--daily", days,
    )  # fmt: skip
    assert result.exit_code == 0
    for word in {"zh": ("银川周一复工", "权衡", "银川市"), "en": ("Yinchuan reopens", "trade-off", "Yinchuan")}[lang]:  # fmt: skip
        assert word in result.stdout
    rows = pl.read_csv(out, schema_overrides={"place": pl.String})
    assert rows.columns[:6] == ["option", "name_zh", "name_en", "place", "outcome", "unit"]
    told = {(r["option"], r["place"], r["outcome"]): r for r in rows.iter_rows(named=True)}
    assert told["monday", "640100", "work_stopped"]["difference"] < 0
    assert told["monday", "640100", "infections"]["difference"] >= 0
    assert told["again", "640000", "infections"]["difference"] == 0
    # What changes nothing is said, so that nobody takes it for a finding.
    assert {"zh": "毫无差别", "en": "differ by nothing"}[lang] in result.stderr
    page = plot.read_text(encoding="utf-8")
    assert {"zh": "周一复工", "en": "reopen on Monday"}[lang] in page
    assert pl.read_parquet(days)["date"].n_unique() == 10


def test_the_packaged_options_are_compared_where_no_file_is_given(exercise_folder):
    result = run(
        "scenario", "--data", exercise_folder, "--days", 7, "--replicates", 8, "--lang", "zh"
    )
    assert result.exit_code == 0
    assert "全面管控并要求居家" in result.stdout
    assert "维持现状" in result.stdout


def test_stopped_by_the_reader_it_goes_on_from_there(
    exercise_folder, question, tmp_path, monkeypatch
):
    from tongchou.scenario import comparison

    asked = ("scenario", question, "--data", exercise_folder, "--replicates", 8, "--lang", "en")
    lived = []
    live = comparison.live

    def interrupted(*a, **k):
        if len(lived) == 1:
            raise KeyboardInterrupt
        lived.append(1)
        return live(*a, **k)

    monkeypatch.setattr(comparison, "live", interrupted)
    stopped = run(*asked, "--keep", tmp_path / "kept")
    assert stopped.exit_code == 130
    assert "goes on from there" in stopped.stderr
    monkeypatch.setattr(comparison, "live", live)
    whole = run(*asked, "--keep", tmp_path / "kept")
    assert whole.exit_code == 0
    assert whole.stdout == run(*asked).stdout
    kept = pl.scan_parquet(tmp_path / "kept" / "monday" / "futures" / "*.parquet").collect()
    assert kept["replicate"].n_unique() == 8


def test_a_question_at_fault_is_not_run(exercise_folder, tmp_path):
    file = tmp_path / "wrong.toml"
    file.write_text("[[options]]\nentries = [{ lift = 'schools', places = '武汉市' }]\n", "utf-8")
    with pytest.raises(BadQuestion) as refused:
        run("scenario", file, "--data", exercise_folder)
    message = refused.value.text()
    assert "wrong.toml, line 2" in message.en
    assert "close_schools" in message.en
    assert "武汉市" in message.zh
    assert "宁夏" in message.zh
