"""Backup and restore, drilled: every table and the audit chain compared, and everything else refused."""

import json
import stat
import tarfile
from pathlib import Path

import psycopg
import pytest
from tests.station.operations.conftest import command

from tongchou.station.operations.archive import DUMP, MANIFEST
from tongchou.station.operations.embedded import used
from tongchou.station.operations.tables import PASSING, fingerprints
from tongchou.vocabulary.errors import ExitCode

pytestmark = pytest.mark.drill


@pytest.fixture(scope="module")
def saved(small_station: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("backups") / "station.tar"
    done = command(small_station, "backup", out)
    assert done.returncode == 0, done.stderr
    return out


def manifest(file: Path) -> dict[str, object]:
    with tarfile.open(file) as tar:
        return json.load(tar.extractfile(MANIFEST))


def prints(home: Path) -> dict[str, object]:
    with used(home / "station") as server, psycopg.connect(server.url()) as link:
        return dict(fingerprints(link))


def test_a_backup_restored_on_a_fresh_machine_is_equal_table_by_table(
    small_station, saved, tongchou, tmp_path
):
    done = tongchou("restore", saved)
    assert done.returncode == 0, done.stderr
    assert "the audit chain holds to entry" in done.stdout
    before, after = prints(small_station), prints(tmp_path / "home")
    assert before == after
    assert after["places_place"].rows > 3000
    assert after["audit_entry"].rows >= 2
    held = manifest(saved)
    anchor = f"{held['anchor_seq']}:{held['anchor_hash']}"
    assert tongchou("station", "audit", "verify", "--anchor", anchor).returncode == 0


def test_a_restored_station_goes_on_where_it_was(saved, tongchou):
    assert tongchou("restore", saved).returncode == 0
    assert tongchou("station", "administrator", "second", "--place", "640000").returncode == 0
    checked = json.loads(tongchou("doctor", "--json", "--full").stdout)
    assert [f["name"]["en"] for f in checked if f["state"] == "bad"] == []


def test_a_backup_is_for_its_owner_alone_and_holds_no_key_and_no_session(saved):
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    with tarfile.open(saved) as tar:
        assert "files/secret_key" not in tar.getnames()
    assert not set(PASSING) & set(manifest(saved)["tables"])


def test_the_secret_key_comes_along_when_asked_and_is_put_back(small_station, tongchou, tmp_path):
    out = tmp_path / "with-key.tar"
    assert command(small_station, "backup", out, "--with-secret-key").returncode == 0
    assert tongchou("restore", out).returncode == 0
    key = tmp_path / "home/station/secret_key"
    assert key.read_text() == (small_station / "station/secret_key").read_text()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.parametrize("part", [DUMP, MANIFEST])
def test_a_flipped_byte_is_refused_and_nothing_is_written(saved, tongchou, tmp_path, part):
    with tarfile.open(saved) as tar:
        middle = tar.getmember(part).offset_data + tar.getmember(part).size // 2
    spoilt = tmp_path / "spoilt.tar"
    content = bytearray(saved.read_bytes())
    content[middle] ^= 1
    spoilt.write_bytes(content)
    done = tongchou("restore", spoilt)
    assert done.returncode == ExitCode.STATION
    assert f"{part} in {spoilt}" in done.stderr
    assert prints(tmp_path / "home") == {}


def test_a_file_cut_short_is_refused(saved, tongchou, tmp_path):
    half = tmp_path / "half.tar"
    half.write_bytes(saved.read_bytes()[: saved.stat().st_size // 2])
    assert tongchou("restore", half).returncode == ExitCode.STATION


def test_a_database_that_is_not_empty_is_refused_and_stays(saved, small_station):
    before = prints(small_station)
    done = command(small_station, "restore", saved)
    assert done.returncode == ExitCode.STATION
    assert "not empty" in done.stderr
    assert prints(small_station) == before


def test_a_manifest_that_tells_another_story_empties_the_target_again(saved, tongchou, tmp_path):
    """Someone who can make all checksums anew still cannot make the tables agree."""
    import hashlib
    import io

    told = manifest(saved)
    told["tables"]["places_place"]["rows"] += 1
    body = json.dumps(told).encode()
    forged = tmp_path / "forged.tar"
    with tarfile.open(saved) as old, tarfile.open(forged, "w") as new:
        for member in old:
            content = old.extractfile(member).read()
            if member.name == MANIFEST:
                content = body
            elif member.name == "manifest.sha256":
                content = hashlib.sha256(body).hexdigest().encode()
            member.size = len(content)
            new.addfile(member, io.BytesIO(content))
    done = tongchou("restore", forged)
    assert done.returncode == ExitCode.STATION
    assert "places_place" in done.stderr
    assert prints(tmp_path / "home") == {}


def test_a_backup_overwrites_nothing_and_leaves_nothing_half_made(saved, small_station, tmp_path):
    assert command(small_station, "backup", saved).returncode == ExitCode.STATION
    nowhere = tmp_path / "a-file"
    nowhere.touch()
    assert command(small_station, "backup", nowhere / "x.tar").returncode == ExitCode.STATION
    assert [p.name for p in saved.parent.iterdir()] == [saved.name]


def test_what_is_set_aside_is_kept(saved, tongchou, tmp_path):
    assert tongchou("restore", saved).returncode == 0
    done = tongchou("restore", saved, "--set-aside")
    assert done.returncode == 0, done.stderr
    with used(tmp_path / "home/station") as server, psycopg.connect(server.url()) as link:
        names = [r[0] for r in link.execute("SELECT datname FROM pg_database ORDER BY 1")]
    assert sum(n.startswith("tongchou_") for n in names) == 1


def test_an_upgrade_backs_up_first_and_says_the_way_back(saved, tongchou, tmp_path):
    home = tmp_path / "home"
    assert tongchou("restore", saved).returncode == 0
    assert "Nothing to upgrade" in tongchou("upgrade").stdout
    with used(home / "station") as server, psycopg.connect(server.url()) as link:
        link.execute("DELETE FROM django_migrations WHERE app = 'audit' AND name = '0002_chain'")
    done = tongchou("upgrade")
    assert done.returncode == 0, done.stderr
    (kept,) = (home / "station/backups").iterdir()
    assert f"tongchou restore {kept} --set-aside" in done.stdout
    assert tongchou("restore", kept, "--set-aside").returncode == 0
