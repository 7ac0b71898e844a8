"""``tongchou project``: the outlook as a table and a drawing, in both languages."""

import polars as pl
import pytest
from click.testing import CliRunner

from tongchou.cli.main import tongchou
from tongchou.transmission.metapopulation.disease import UnknownDisease


def run(*words):
    return CliRunner().invoke(tongchou, list(map(str, words)), catch_exceptions=False)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_writes_a_table_and_a_drawing(exercise_folder, tmp_path, lang):
    out, plot = tmp_path / "ahead.csv", tmp_path / "ahead.svg"
    result = run(
        "project", "--data", exercise_folder, "--replicates", 64, "--days", 7,
        "--lang", lang, "--out", out, "--plot", plot,
    )  # fmt: skip
    assert result.exit_code == 0
    rows = pl.read_csv(out, schema_overrides={"place": pl.String})
    assert rows.columns == [
        "variable", "place", "date", "mean", "q025", "q25", "median", "q75", "q975",
    ]  # fmt: skip
    assert rows["date"].n_unique() == 7
    assert {"zh": "待床", "en": "waiting for a bed"}[lang] in plot.read_text()
    assert {"zh": "年龄构成", "en": "age structure"}[lang] in result.stderr


def test_an_unknown_disease_is_named(exercise_folder):
    with pytest.raises(UnknownDisease, match="plague"):
        run("project", "--data", exercise_folder, "--disease", "plague")
