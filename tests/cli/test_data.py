"""``tongchou data``, as a person at a terminal meets it."""

import functools
import http.server
import json
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from tongchou.cli.data import data
from tongchou.situation import library, pack
from tongchou.situation.contract import contract
from tongchou.situation.manifest import Manifest
from tongchou.situation.recipes.china2020 import pulling
from tongchou.situation.recipes.china2020.upstream import UpstreamSet, upstream_sets
from tongchou.vocabulary.errors import (
    BadInput,
    CorruptPack,
    MissingData,
    SourceUnreachable,
    UnknownTable,
)
from tongchou.vocabulary.text import Text, same

FIRST, LAST = date(2020, 2, 10), date(2020, 2, 11)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Start with an empty library and no received files anywhere."""
    monkeypatch.setenv("TONGCHOU_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TONGCHOU_LANG", "en")
    monkeypatch.delenv("TONGCHOU_DATA", raising=False)
    return tmp_path / "home"


@pytest.fixture
def county(tmp_path: Path) -> Path:
    """Write a pack of two days of one city."""
    manifest = Manifest(
        name="county",
        title=Text(zh="某县", en="A county"),
        synthetic=False,
        places="china",
        first=FIRST,
        last=LAST,
        licence=same("CC0"),
        sources=(),
    )
    rows = [
        {"place": "420100", "date": d, "known_on": d, "confirmed": n}
        for d, n in ((FIRST, 18454), (LAST, 19558))
    ]
    counts = pl.DataFrame(rows, schema=contract("case_counts").schema)
    pack.write(tmp_path / "county", manifest, {"case_counts": counts})
    return tmp_path / "county"


def run(*words: object, typed: str | None = None) -> Result:
    """Run a command; a refusal of the project comes up as itself."""
    result = CliRunner().invoke(data, [str(w) for w in words], input=typed)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_list_says_what_there_is_and_how_to_get_what_there_is_not():
    shown = run("list").output
    assert "china2020  China, January to May 2020  [real]  not here" in shown
    assert "tongchou data pull china2020" in shown
    assert "exercise  Exercise (synthetic data)  [synthetic]" in shown


def test_list_speaks_chinese():
    assert "china2020  中国，2020年1月至5月  [真实]  此处没有" in run("list", "--lang", "zh").output


def test_list_as_json_holds_the_same(county):
    county.rename(
        library.pack_folder("county").parent.mkdir(parents=True) or library.pack_folder("county")
    )
    rows = {r["name"]: r for r in json.loads(run("list", "--json").output)}
    assert (rows["county"]["built"], rows["county"]["first"]) == (True, "2020-02-10")
    assert (rows["exercise"]["synthetic"], rows["exercise"]["buildable"]) == (True, True)


def test_check_says_that_there_is_no_fault_and_counts_the_rows(county):
    shown = run("check", county).output
    assert "The pack county has no fault and covers 2020-02-10 to 2020-02-11" in shown
    assert "case_counts                 2" in shown


def test_check_lists_every_fault(county):
    (county / "published.csv").unlink()
    (county / "corrections.csv").write_text("spoiled", encoding="utf-8")
    with pytest.raises(CorruptPack) as refused:
        run("check", county)
    assert {f.file for f in refused.value.faults} >= {"published.csv", "corrections.csv"}


def test_export_writes_csv_to_standard_output_or_a_file(county, tmp_path):
    assert run("export", county, "case_counts").output.splitlines() == [
        "place,date,known_on,confirmed,suspected,recovered,deaths,imported,source_row",
        "420100,2020-02-10,2020-02-10,18454,,,,,",
        "420100,2020-02-11,2020-02-11,19558,,,,,",
    ]
    out = tmp_path / "counts.csv"
    run("export", county, "case_counts", "--as-of", "2020-02-10", "--out", out)
    assert pl.read_csv(out)["confirmed"].to_list() == [18454]


def test_export_refuses_a_table_that_is_unknown_or_empty(county):
    with pytest.raises(UnknownTable):
        run("export", county, "counts")
    with pytest.raises(MissingData):
        run("export", county, "stocks")


def test_build_without_received_files_says_where_they_could_come_from():
    with pytest.raises(MissingData) as refused:
        run("build", "china2020")
    assert "--from" in refused.value.text()["zh"]


def test_build_from_a_folder_without_files_names_them(tmp_path):
    with pytest.raises(BadInput) as refused:
        run("build", "china2020", "--from", tmp_path)
    assert len(refused.value.faults) == 3


def test_pull_shows_the_licences_and_asks_before_it_fetches():
    result = run("pull", "china2020", typed="n\n")
    assert result.exit_code == 1
    assert "183 × canghailan/Wuhan-2019-nCoV @ 0dfcac450074, MIT" in result.output
    assert "CC0" in result.output
    assert "Baidu" not in result.output
    assert "Baidu copyright" in run("pull", "china2020", "--with-restricted", typed="n\n").output


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve two days of cases on loopback, in the shape of the public repository."""
    cases = next(s for s in upstream_sets() if s.name == "cases")
    kept = {f: getattr(cases, f) for f in UpstreamSet.__dataclass_fields__}
    two = UpstreamSet(**{**kept, "paths": ("Data/2020-02-09.csv", "Data/2020-02-10.csv")})
    monkeypatch.setattr(pulling, "upstream_sets", lambda: (two,))
    root = tmp_path / "mirror"
    for step, wanted in enumerate(pulling.wanted(two)):
        day = Path(wanted.path).stem
        file = root / wanted.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(
            f"{','.join(two.columns)}\n"
            f"{day},中国,CN,,,,,{30 + step},3,0,0\n"
            f"{day},中国,CN,湖北省,420000,,,{20 + step},0,0,0\n"
            f"{day},中国,CN,湖北省,420000,武汉市,420100,{10 + step},0,0,0\n",
            encoding="utf-8",
        )

    class Silent(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    handler = functools.partial(Silent, directory=str(root))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_from_nothing_to_a_pack_pull_build_check_export(mirror):
    pulled = run("pull", "china2020", "--base-url", mirror, "--yes").output
    assert "Fetched 2 files now, of 2 in all." in pulled
    assert "tongchou data build china2020 --from" in pulled
    assert "Fetched 0 files now" in run("pull", "china2020", "--base-url", mirror, "--yes").output

    built = run("build", "china2020").output
    assert "census2020_county.csv" in built
    assert "has no fault" in run("check", "china2020").output
    exported = run("export", "china2020", "case_counts", "--as-of", "2020-02-09").output
    assert "420100,2020-02-09,2020-02-09,11" in exported


def test_a_mirror_that_does_not_answer_is_a_source_that_cannot_be_reached(mirror, tmp_path):
    with pytest.raises(SourceUnreachable) as refused:
        run(
            "pull", "china2020", "--base-url", f"{mirror}nowhere", "--to", tmp_path / "raw", "--yes"
        )
    assert "HTTP 404" in refused.value.text()["en"]
    assert "(+1)" in refused.value.text()["en"]
