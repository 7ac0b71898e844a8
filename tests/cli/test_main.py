"""The command line as a shell sees it: what it prints, what it writes, how it leaves."""

import json
import shutil
import sys
from collections.abc import Callable

import pytest

from tongchou.cli.main import main
from tongchou.vocabulary.errors import ExitCode

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def tongchou(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tongchou", *map(str, words)])
        with pytest.raises(SystemExit) as leave:
            main()
        said = capsys.readouterr()
        return int(leave.value.code or 0), said.out, said.err

    return run


@pytest.mark.parametrize(
    ("lang", "headline", "step"),
    [
        ("zh", "截至2030年3月1日24时", "1/8 核对数据"),
        ("en", "By 24:00 on 1 March 2030", "1/8 Check the data"),
    ],
)
def test_morning_writes_every_document_and_says_where(
    tongchou, exercise_folder, tmp_path, lang, headline, step
):
    code, out, err = tongchou(
        "morning", "--data", exercise_folder, "--lang", lang, "--out", tmp_path
    )
    assert code == ExitCode.OK
    assert headline in out
    assert step in err
    for name in ("order.html", "order.docx", "order.json", "bulletin.html"):
        assert str(tmp_path / name) in out
        assert (tmp_path / name).stat().st_size > 1000


def test_morning_for_one_city_on_an_earlier_night(tongchou, exercise_folder, tmp_path):
    code, out, _ = tongchou(
        "morning", "--data", exercise_folder, "--as-of", "2030-02-10", "--place", "银川",
        "--seed", "3", "--out", tmp_path, "--lang", "en",
    )  # fmt: skip
    assert code == ExitCode.OK
    assert "Yinchuan · 2030-02-10 24:00" in out
    held = json.loads((tmp_path / "order.json").read_text(encoding="utf-8"))
    assert held["signoff"]["seed"] == 3


@pytest.mark.parametrize(("lang", "words"), [("zh", "数据包有"), ("en", "The data pack has")])
def test_a_corrupt_pack_is_refused_with_every_fault_and_its_exit_code(
    tongchou, exercise_folder, tmp_path, lang, words
):
    broken = tmp_path / "broken"
    shutil.copytree(exercise_folder, broken)
    (broken / "stocks.parquet").write_bytes(b"not a table")
    (broken / "prices.parquet").unlink()
    code, out, err = tongchou(
        "morning", "--data", broken, "--lang", lang, "--out", tmp_path / "out"
    )
    assert code == ExitCode.CORRUPT_PACK
    assert out == ""
    assert words in err
    assert "stocks.parquet" in err
    assert "prices.parquet" in err
    assert "[CORRUPT_PACK 4]" in err
    assert not (tmp_path / "out").exists()


def test_unknown_names_leave_with_not_found(tongchou, exercise_folder, tmp_path):
    code, _, err = tongchou("morning", "--data", "chnia2020", "--lang", "en", "--out", tmp_path)
    assert code == ExitCode.NOT_FOUND
    assert "china2020" in err
    code, _, err = tongchou(
        "morning",
        "--data",
        exercise_folder,
        "--place",
        "Atlantis",
        "--lang",
        "zh",
        "--out",
        tmp_path,
    )
    assert code == ExitCode.NOT_FOUND
    assert "找不到地区“Atlantis”" in err


def test_a_day_outside_the_pack_leaves_with_bad_parameter(tongchou, exercise_folder, tmp_path):
    code, _, err = tongchou(
        "morning",
        "--data",
        exercise_folder,
        "--as-of",
        "2020-02-22",
        "--lang",
        "en",
        "--out",
        tmp_path,
    )
    assert code == ExitCode.BAD_PARAMETER
    assert "covers 2030-01-01 to 2030-03-01" in err


def test_a_misspelt_option_leaves_with_usage(tongchou):
    code, _, err = tongchou("morning", "--dta", "x")
    assert code == ExitCode.USAGE
    assert "--data" in err


def test_backtest_prints_every_area_and_writes_every_score(tongchou, exercise_folder, tmp_path):
    code, out, _ = tongchou(
        "backtest", "--data", exercise_folder, "--from", "2030-02-10", "--to", "2030-02-12",
        "--lang", "zh", "--out", tmp_path / "scores.csv",
    )  # fmt: skip
    assert code == ExitCode.OK
    assert "银川市" in out
    rows = (tmp_path / "scores.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0].startswith("made_on,place,date,observed")
    cities, nights, days = 5, 3, 14
    assert len(rows) - 1 == cities * nights * days


def test_tiers_says_so_where_no_list_was_published(tongchou, exercise_folder):
    code, _, err = tongchou("tiers", "--data", exercise_folder, "--lang", "en")
    assert code == ExitCode.MISSING_DATA
    assert "published_tiers" in err


def test_help_is_given_in_both_languages(tongchou):
    code, out, _ = tongchou("--help")
    assert code == ExitCode.OK
    for command in ("morning", "backtest", "tiers", "data", "exercise"):
        assert command in out
    assert "统筹" in out
