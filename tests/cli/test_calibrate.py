"""``tongchou calibrate`` and ``tongchou project --from``: one night fitted, kept, and gone on from."""

import polars as pl
import pytest
from click.testing import CliRunner

from tongchou.cli.main import tongchou
from tongchou.morning.kept_fit import FitRefused


def run(*words):
    return CliRunner().invoke(tongchou, list(map(str, words)), catch_exceptions=False)


def quick(folder, *words):
    return run("calibrate", "--data", folder, "--members", 30, "--rounds", 1, *words)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_writes_a_table_a_drawing_and_the_fit(exercise_folder, tmp_path, lang):
    out, plot, kept = tmp_path / "fit.csv", tmp_path / "fit.svg", tmp_path / "fit.npz"
    result = quick(exercise_folder, "--lang", lang, "--out", out, "--plot", plot, "--keep", kept)
    assert result.exit_code == 0
    rows = pl.read_csv(out, schema_overrides={"place": pl.String})
    assert rows.columns == [
        "variable", "place", "date", "mean", "q025", "q25", "median", "q75", "q975", "observed",
    ]  # fmt: skip
    assert {"zh": "感染者被报告的比例", "en": "share of infections reported"}[
        lang
    ] in plot.read_text()
    assert {"zh": "来源地", "en": "source"}[lang] in result.stderr

    ahead = tmp_path / "ahead.csv"
    gone_on = run(
        "project", "--data", exercise_folder, "--from", kept, "--replicates", 64, "--days", 7,
        "--lang", lang, "--out", ahead,
    )  # fmt: skip
    assert gone_on.exit_code == 0
    rows = pl.read_csv(ahead, schema_overrides={"place": pl.String})
    assert rows.filter(pl.col("variable") == "confirmed")["date"].n_unique() == 7


def test_whole_areas_on_the_screen(exercise_folder):
    result = quick(exercise_folder, "--whole-areas", "--lang", "en")
    assert result.stdout.startswith("variable,place,date,mean")


def test_a_file_that_is_no_fit_is_named(exercise_folder, tmp_path):
    wrong = tmp_path / "wrong.npz"
    wrong.write_text("place,date,cases")
    with pytest.raises(FitRefused, match=r"wrong\.npz.*tongchou calibrate"):
        run("project", "--data", exercise_folder, "--from", wrong)
