"""The embedded PostgreSQL: durable, alone on its data, and back after every kind of end."""

import os
import shutil
import signal
import stat
from pathlib import Path

import psutil
import psycopg
import pytest

from tongchou.station.operations import embedded
from tongchou.station.operations.embedded import Embedded, used
from tongchou.station.operations.errors import DatabaseWillNotStart
from tongchou.station.operations.tuning import configuration


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("embedded") / "station"
    with used(folder) as server, psycopg.connect(server.url()) as link:
        link.execute("CREATE TABLE kept (n int)")
    return folder


def rows(server: Embedded) -> int:
    with psycopg.connect(server.url()) as link:
        return link.execute("SELECT count(*) FROM kept").fetchone()[0]


def test_the_last_user_stops_it_and_nobody_else(folder):
    with used(folder) as first:
        with used(folder) as second:
            assert first.pid() == second.pid()
        assert first.pid() is not None
    assert Embedded(folder).pid() is None


def test_what_was_saved_is_there_after_a_kill(folder):
    with used(folder) as server:
        with psycopg.connect(server.url()) as link:
            link.execute("TRUNCATE kept")
            link.execute("INSERT INTO kept VALUES (1)")
        os.kill(server.pid(), signal.SIGKILL)
        psutil.wait_procs(server._remains(), timeout=10)
        assert server.crashed()
        assert server.start()
        assert rows(server) == 1


@pytest.mark.parametrize("left", ["", "not a number", "{me}\n/elsewhere\n", "999999\n"])
def test_a_pid_file_that_names_no_server_of_ours_does_not_stop_a_start(folder, left):
    (folder / "postgres" / "postmaster.pid").write_text(left.format(me=os.getpid()))
    assert Embedded(folder).pid() is None
    with used(folder) as server:
        assert server.pid() is not None


def test_a_first_start_cut_off_leaves_nothing_that_a_second_trips_over(tmp_path):
    half = tmp_path / "station" / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")
    with used(tmp_path / "station") as server:
        assert server.pid() is not None
    assert not half.exists()


def test_it_is_durable_and_says_no_statement_in_its_log(folder):
    with used(folder) as server, psycopg.connect(server.url(), autocommit=True) as link:
        assert [
            link.execute(f"SHOW {s}").fetchone()[0]
            for s in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums")
        ] == ["on"] * 4
        assert link.execute("SHOW listen_addresses").fetchone() == ("",)
        with pytest.raises(psycopg.Error):
            link.execute("INSERT INTO kept VALUES ('张三 110101199003078515')")
    assert "张三" not in server.log.read_text()
    assert "110101199003078515" not in server.log.read_text()


def test_only_its_owner_reaches_data_and_socket(folder):
    with used(folder) as server:
        assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
        socket = server.socket / ".s.PGSQL.5432"
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700


def test_a_path_too_long_for_a_socket_gets_a_short_one(tmp_path):
    deep = tmp_path / ("a" * 60) / ("b" * 40) / "station"
    with used(deep) as server:
        assert len(str(server.socket)) < 60
        with psycopg.connect(server.url()) as link:
            assert link.execute("SELECT 1").fetchone() == (1,)
    shutil.rmtree(server.socket)


def test_a_start_that_fails_says_the_last_words_of_the_server(folder):
    setting = folder / "postgres" / "postgresql.auto.conf"
    before = setting.read_text()
    setting.write_text("shared_buffers = 'much'\n")
    with pytest.raises(DatabaseWillNotStart, match="shared_buffers"), used(folder):
        pass
    setting.write_text(before)


def test_small_machines_get_small_settings():
    small = configuration(1 << 30, 2 << 30)
    assert "shared_buffers = 256MB" in small
    assert "max_wal_size = 204MB" in small


def test_the_programs_of_a_backup_come_with_it():
    for name in ("pg_dump", "pg_restore", "psql", "initdb", "pg_ctl"):
        assert embedded.program(name).is_file()
