"""Fetching from a public server that is good, slow, rude, or broken: all of it on loopback."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import polars as pl
import pytest

from tongchou.situation import pack, pull
from tongchou.situation.pull import Manners, Wanted
from tongchou.situation.recipes.china2020 import pulling
from tongchou.situation.recipes.china2020.build import build
from tongchou.situation.recipes.china2020.upstream import UpstreamSet, upstream_sets
from tongchou.vocabulary.errors import BadInput, SourceUnreachable

TODAY = date(2026, 11, 23)
QUICK = Manners(at_once=2, timeout_seconds=30, attempts=3, wait_seconds=0.01)
IMPATIENT = replace(QUICK, timeout_seconds=2)
HELD_SECONDS = 0.01  # how long a request counts as being asked, so that two at once are seen


@dataclass
class Server:
    """What the server serves and how it behaves for a path; what it was asked."""

    url: str
    files: dict[str, bytes] = field(default_factory=dict)
    cut_after: dict[str, list[int]] = field(default_factory=dict)
    slow: dict[str, int] = field(default_factory=dict)
    broken: dict[str, list[int]] = field(default_factory=dict)
    knows_ranges: bool = True
    asked: Counter[str] = field(default_factory=Counter)
    ranges: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    busy: int = 0
    busiest: int = 0


@pytest.fixture
def server() -> Iterator[Server]:
    """Serve on loopback, with manners a test can spoil."""
    state = Server(url="")
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.lstrip("/")
            with lock:
                state.asked[path] += 1
                state.agents.add(self.headers["User-Agent"])
                state.busy += 1
                state.busiest = max(state.busiest, state.busy)
            time.sleep(HELD_SECONDS)
            with lock:  # before the answer: whoever has it may already be asking the next
                state.busy -= 1
            self.answer(path)

        def answer(self, path: str) -> None:
            if state.broken.get(path):
                self.send_error(state.broken[path].pop(0))
                return
            if path not in state.files:
                self.send_error(404)
                return
            if state.slow.get(path, 0) > 0:
                state.slow[path] -= 1
                time.sleep(2 * IMPATIENT.timeout_seconds)
            body, start = state.files[path], 0
            wanted = self.headers.get("Range")
            if wanted and state.knows_ranges:
                state.ranges.append(wanted)
                start = int(wanted.removeprefix("bytes=").rstrip("-"))
                if start >= len(body):
                    self.send_error(416)
                    return
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(body) - start))
            self.end_headers()
            body = body[start:]
            if state.cut_after.get(path):
                body = body[: state.cut_after[path].pop(0)]
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Say nothing: a client that hung up is part of these tests."""

    with Quiet(("127.0.0.1", 0), Handler) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        state.url = f"http://127.0.0.1:{httpd.server_port}"
        yield state
        httpd.shutdown()


ONE = Wanted(path="repo/commit/a.csv", file="up/a.csv", columns=("date", "n"))
BODY = b"date,n\n" + b"".join(b"2020-02-%02d,%d\n" % (d, d) for d in range(1, 29))


def fetch(server: Server, folder: Path, *wanted: Wanted, manners: Manners = QUICK) -> pull.Pulled:
    """Fetch with short waits between attempts."""
    return pull.fetch(wanted, folder, today=TODAY, base_url=server.url, manners=manners)


def test_a_file_comes_whole_and_its_checksum_is_written_down(server, tmp_path):
    server.files[ONE.path] = BODY
    came = fetch(server, tmp_path, ONE)
    assert came.files[0].read_bytes() == BODY
    assert pull.read_lock(tmp_path).row(0, named=True) == {
        "file": ONE.file,
        "sha256": pack.sha256(tmp_path / ONE.file),
        "bytes": len(BODY),
        "source": ONE.path,
        "first_fetched": TODAY,
    }
    (agent,) = server.agents
    assert agent.startswith("tongchou/")


def test_what_is_here_is_not_fetched_again(server, tmp_path):
    server.files[ONE.path] = BODY
    assert fetch(server, tmp_path, ONE).fetched == 1
    assert fetch(server, tmp_path, ONE).fetched == 0
    assert server.asked[ONE.path] == 1


def test_a_file_changed_here_is_fetched_again(server, tmp_path):
    server.files[ONE.path] = BODY
    fetch(server, tmp_path, ONE)
    (tmp_path / ONE.file).write_bytes(b"date,n\n")
    assert fetch(server, tmp_path, ONE).fetched == 1
    assert (tmp_path / ONE.file).read_bytes() == BODY


def test_a_fetch_cut_in_the_middle_goes_on_where_it_stopped(server, tmp_path):
    server.files[ONE.path] = BODY
    server.cut_after[ONE.path] = [100, 50]
    fetch(server, tmp_path, ONE)
    assert (tmp_path / ONE.file).read_bytes() == BODY
    assert server.ranges == ["bytes=100-", "bytes=150-"]


def test_a_run_that_gave_up_is_gone_on_with_by_the_next(server, tmp_path):
    server.files[ONE.path] = BODY
    server.cut_after[ONE.path] = [10, 10, 10]
    (gone,) = fetch(server, tmp_path, ONE).unreachable
    assert "cut off" in gone.reason
    assert not (tmp_path / ONE.file).exists()
    assert fetch(server, tmp_path, ONE).files[0].read_bytes() == BODY
    assert server.ranges[-1] == "bytes=30-"


def test_a_server_that_knows_no_ranges_starts_over(server, tmp_path):
    server.files[ONE.path] = BODY
    server.cut_after[ONE.path] = [100]
    server.knows_ranges = False
    assert fetch(server, tmp_path, ONE).files[0].read_bytes() == BODY


def test_a_part_that_is_too_long_is_thrown_away(server, tmp_path):
    server.files[ONE.path] = BODY
    part = tmp_path / f"{ONE.file}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(BODY + b"left over")
    assert fetch(server, tmp_path, ONE).files[0].read_bytes() == BODY


def test_a_missing_file_is_asked_for_once_and_named_with_its_address(server, tmp_path):
    (gone,) = fetch(server, tmp_path, ONE).unreachable
    assert server.asked[ONE.path] == 1
    assert "HTTP 404" in gone.text()["en"]
    assert f"{server.url}/{ONE.path}" in gone.text()["zh"]


def test_a_slow_answer_and_a_broken_one_are_tried_again(server, tmp_path):
    server.files[ONE.path] = BODY
    server.slow[ONE.path] = 1
    server.broken[ONE.path] = [503]
    assert fetch(server, tmp_path, ONE, manners=IMPATIENT).files[0].read_bytes() == BODY
    assert server.asked[ONE.path] == 3


def test_nobody_at_the_address_is_an_unreachable_source(tmp_path):
    came = pull.fetch([ONE], tmp_path, today=TODAY, base_url="http://127.0.0.1:1", manners=QUICK)
    assert "refused" in came.unreachable[0].reason


def test_other_content_than_the_first_time_is_refused_and_set_aside(server, tmp_path):
    server.files[ONE.path] = BODY
    fetch(server, tmp_path, ONE)
    (tmp_path / ONE.file).unlink()
    server.files[ONE.path] = BODY.replace(b",28", b",82")
    with pytest.raises(BadInput) as refused:
        fetch(server, tmp_path, ONE)
    assert "not what was fetched first" in refused.value.faults[0].problem.en
    assert not (tmp_path / ONE.file).exists()
    assert (tmp_path / f"{ONE.file}.refused").exists()
    assert pull.read_lock(tmp_path)["sha256"].n_unique() == 1


def test_an_error_page_in_place_of_a_table_is_refused_and_every_such_file_named(server, tmp_path):
    two = Wanted(path="repo/commit/b.csv", file="up/b.csv", columns=("date", "n"))
    server.files = {ONE.path: b"<html>log in first</html>", two.path: b"n,date\n1,2020-02-01\n"}
    with pytest.raises(BadInput) as refused:
        fetch(server, tmp_path, ONE, two)
    assert [f.file for f in refused.value.faults] == [ONE.file, two.file]
    assert pull.read_lock(tmp_path).is_empty()


def test_no_more_than_the_agreed_number_are_asked_for_at_once(server, tmp_path):
    many = [Wanted(path=f"r/{i}.csv", file=f"{i}.csv") for i in range(20)]
    server.files = {w.path: b"x" * 1000 for w in many}
    came = fetch(server, tmp_path, *many)
    assert came.fetched == 20
    assert server.busiest <= QUICK.at_once


# The recipe: three days of two provinces in the shape of the public repository.

HEAD = "date,country,countryCode,province,provinceCode,city,cityCode,confirmed,suspected,cured,dead"
DAYS = ("2020-02-08", "2020-02-09", "2020-02-10")


def upstream_day(day: str, step: int) -> bytes:
    """Write one day as the public repository does, foreign countries included."""
    rows = [
        f"{day},日本,JP,,,,,25,0,1,0",
        f"{day},中国,CN,,,,,{120 + step},9,1,2",
        f"{day},中国,CN,湖北省,420000,,,{100 + step},0,1,2",
        f"{day},中国,CN,湖北省,420000,监狱系统,,5,0,0,0",
        f"{day},中国,CN,湖北省,420000,武汉市,420100,{80 + step},0,1,2",
        f"{day},中国,CN,湖北省,420000,仙桃市,429004,15,0,0,0",
        f"{day},中国,CN,北京市,110000,,,20,0,0,0",
        f"{day},中国,CN,北京市,110000,未公布来源,1100xx,1,0,0,0",
        f"{day},中国,CN,北京市,110000,东城区,110101,19,0,0,0",
    ]
    return "\n".join([HEAD, *rows, ""]).encode()


@pytest.fixture
def small(server, monkeypatch) -> tuple[UpstreamSet, ...]:
    """Cut the upstream sets to three days and have the server serve them."""
    real = {s.name: s for s in upstream_sets()}

    def cut(name: str, paths: tuple[str, ...]) -> UpstreamSet:
        return UpstreamSet(
            **{f: getattr(real[name], f) for f in UpstreamSet.__dataclass_fields__ if f != "paths"},
            paths=paths,
        )

    sets = (
        cut("cases", tuple(f"Data/{d}.csv" for d in DAYS)),
        real["policy"],
        cut("mobility", ("data/BaiduMobility/outbound/all/BaiduNet_out_20200122.csv",)),
    )
    monkeypatch.setattr(pulling, "upstream_sets", lambda: sets)
    cases, policy, mobility = (pulling.wanted(s) for s in sets)
    for step, wanted in enumerate(cases):
        server.files[wanted.path] = upstream_day(DAYS[step], 10 * step)
    event = 'CHN,Hubei,Wuhan,travel_ban_local,"shut, all of it",2020-01-23,,N,http://x,2020-03-15,,False'
    server.files[policy[0].path] = f"{','.join(real['policy'].columns)}\n{event}\n".encode()
    matrix = ",武汉市,孝感市,湖北省\n武汉市,,13.3,50\n孝感市,62.07,,\n湖北省,1,1,\n"
    server.files[mobility[0].path] = matrix.encode()
    return sets


def pull_all(server: Server, folder: Path, *, restricted: bool = False) -> pulling.Outcome:
    """Pull with short waits."""
    return pulling.pull_china2020(
        folder, today=TODAY, restricted=restricted, base_url=server.url, manners=QUICK
    )


def test_upstream_days_become_the_received_files(server, small, tmp_path):
    outcome = pull_all(server, tmp_path)
    assert outcome.made == (
        "cases_city_daily.csv",
        "cases_province_daily.csv",
        "cases_national_daily.csv",
        "policy_events_gpl.csv",
    )
    cities = pl.read_csv(tmp_path / "cases_city_daily.csv", infer_schema=False).head(5)
    assert cities.columns == [
        "date",
        "province_adcode",
        "adcode",
        "name",
        "level",
        "confirmed",
        "recovered",
        "deaths",
    ]
    assert cities.select("adcode", "name", "level").rows() == [
        (None, "监狱系统", "unassigned"),
        ("420100", "武汉市", "prefecture"),
        ("429004", "仙桃市", "province_direct_county"),
        ("1100xx", "未公布来源", "municipality_district"),
        ("110101", "东城区", "municipality_district"),
    ]
    nation = pl.read_csv(tmp_path / "cases_national_daily.csv")
    assert nation["confirmed"].to_list() == [120, 130, 140]


def test_restricted_files_come_only_when_asked_for(server, small, tmp_path):
    pull_all(server, tmp_path)
    assert not (tmp_path / "mobility_od_outflow_share_2020.parquet").exists()
    pull_all(server, tmp_path, restricted=True)
    flows = pl.read_parquet(tmp_path / "mobility_od_outflow_share_2020.parquet")
    # the row and column of the province are no city and are left out
    assert flows.rows() == [
        (date(2020, 1, 22), 420100, 420900, 1330),
        (date(2020, 1, 22), 420900, 420100, 6207),
    ]


def test_the_pack_is_built_from_pulled_files_and_says_what_is_absent(server, small, tmp_path):
    pull_all(server, tmp_path / "raw", restricted=True)
    built = build(tmp_path / "raw", tmp_path / "pack")
    assert any("census2020_county.csv" in note.en for note in built.notes)
    opened = pack.open_folder(tmp_path / "pack")
    night = opened.as_of("2020-02-09")
    assert not night.has("prices")
    # city rows dated the 8th to the 10th speak of the 7th to the 9th
    counts = night.counts(["420100", "429004", "420000", "100000"])["confirmed"]
    assert counts.sel(date="2020-02-09").to_numpy().tolist() == [100, 15, 110, 130]
    assert counts.sel(date="2020-02-08").to_numpy().tolist() == [90, 15, 100, 120]
    assert night.table("mobility")["share"].to_list() == [0.133, 0.6207]
    assert night.table("mobility")["persons"].null_count() == 2
    assert night.table("measures")["place"].to_list() == ["420100"]
    # without the census file the packaged figure of the 2020 census stands in
    population = night.table("places").filter(pl.col("place") == "100000")["population"]
    assert population.to_list() == [1_409_778_724]
    assert "for analysis only" in opened.whole.origin.licence.en


def test_a_made_file_that_is_changed_afterwards_is_refused(server, small, tmp_path):
    pull_all(server, tmp_path / "raw")
    file = tmp_path / "raw" / "cases_city_daily.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("100,", "900,"), encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        build(tmp_path / "raw", tmp_path / "pack")
    assert [f.file for f in refused.value.faults] == ["cases_city_daily.csv"]
    assert not (tmp_path / "pack").exists()


def test_a_missing_day_stops_the_pull_and_the_next_run_goes_on(server, small, tmp_path):
    lost = pulling.wanted(small[0])[1].path
    body = server.files.pop(lost)
    with pytest.raises(SourceUnreachable) as refused:
        pull_all(server, tmp_path)
    assert refused.value.url.endswith("2020-02-09.csv")
    server.files[lost] = body
    assert pull_all(server, tmp_path).fetched == 2
    assert server.asked[pulling.wanted(small[0])[0].path] == 1


def test_a_set_that_only_adds_tables_may_be_missing(server, small, tmp_path):
    del server.files[pulling.wanted(small[1])[0].path]
    outcome = pull_all(server, tmp_path)
    assert len(outcome.without) == 1
    assert "policy_events_gpl.csv" not in outcome.made


def test_every_upstream_set_names_its_commit_and_its_licence():
    for part in upstream_sets():
        assert len(part.commit) == 40
        assert part.licence
        assert part.paths
    cases = next(s for s in upstream_sets() if s.name == "cases")
    # 1 December 2019 to 31 May 2020: 31 + 31 + 29 + 31 + 30 + 31
    assert (cases.paths[0], cases.paths[-1], len(cases.paths)) == (
        "Data/2019-12-01.csv",
        "Data/2020-05-31.csv",
        183,
    )
