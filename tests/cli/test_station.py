"""The commands of the station as a shell sees them; what they do is drilled in tests/station/operations."""

import json
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
    ("lang", "words"), [("zh", "不能在此演示"), ("en", "No demonstration here")]
)
@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7"])
def test_a_demonstration_beyond_this_machine_is_refused(
    tongchou, monkeypatch, tmp_path, lang, words, host
):
    monkeypatch.setenv("TONGCHOU_HOME", str(tmp_path))
    monkeypatch.delenv("TONGCHOU_DEBUG", raising=False)
    code, _, err = tongchou("serve", "--demo", "--host", host, "--lang", lang)
    assert code == ExitCode.STATION
    assert words in err
    assert host in err
    assert list(tmp_path.iterdir()) == []


def test_a_demonstration_is_refused_where_it_is_turned_off(tongchou, monkeypatch, tmp_path):
    monkeypatch.setenv("TONGCHOU_HOME", str(tmp_path))
    monkeypatch.setenv("TONGCHOU_DEBUG", "0")
    code, _, err = tongchou("serve", "--demo", "--lang", "en")
    assert code == ExitCode.STATION
    assert "TONGCHOU_DEBUG" in err


def test_debug_without_the_word_demo_is_bound_to_this_machine_too(tongchou, monkeypatch, tmp_path):
    monkeypatch.setenv("TONGCHOU_HOME", str(tmp_path))
    monkeypatch.setenv("TONGCHOU_DEBUG", "1")
    assert tongchou("serve", "--host", "0.0.0.0", "--lang", "en")[0] == ExitCode.STATION


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", "数据库无法连接"), ("en", "The database cannot be reached")]
)
def test_a_server_that_does_not_answer_is_named_without_its_password(
    tongchou, monkeypatch, tmp_path, lang, words
):
    monkeypatch.setenv("TONGCHOU_HOME", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", f"postgresql://station:s3cret@/tongchou?host={tmp_path}")
    code, _, err = tongchou("backup", tmp_path / "out.tar", "--lang", lang)
    assert code == ExitCode.STATION
    assert words in err
    assert "s3cret" not in err
    assert not (tmp_path / "out.tar").exists()


def test_the_doctor_says_what_is_wrong_in_both_languages_and_by_exit_code(
    tongchou, monkeypatch, tmp_path
):
    monkeypatch.setenv("TONGCHOU_HOME", str(tmp_path))
    monkeypatch.setenv("TONGCHOU_TIME_ZONE", "Asia/Nowhere")
    monkeypatch.setenv("DATABASE_URL", f"postgresql://station@/tongchou?host={tmp_path}")
    folder = tmp_path / "station"
    folder.mkdir(mode=0o755)
    folder.chmod(0o777)
    (folder / "secret_key").write_text("x")
    (folder / "secret_key").chmod(0o644)
    code, out, _ = tongchou("doctor", "--json")
    assert code == ExitCode.CHECK_FAILED
    bad = {f["name"]["en"]: f for f in json.loads(out) if f["state"] == "bad"}
    assert set(bad) == {"folder permissions", "secret key", "time zone", "database"}
    for finding in bad.values():
        assert finding["found"]["zh"]
        assert finding["step"]["zh"]
        assert finding["step"]["en"]


def test_an_anchor_is_a_number_and_a_hash(tongchou):
    code, _, err = tongchou("station", "audit", "verify", "--anchor", "17")
    assert code == ExitCode.USAGE
    assert "SEQ:HASH" in err
