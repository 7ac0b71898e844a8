"""A backup as a file: one tar with a manifest, the dump of the database, and files of the station.

::

    manifest.json       what is in it: version, time, anchor of the audit trail, digests
    manifest.sha256     digest of the manifest
    database.dump       pg_dump, custom format
    files/…             files of the station's folder
"""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tongchou.station.operations.errors import RestoreRefused
from tongchou.station.operations.tables import Fingerprint
from tongchou.vocabulary.text import Text

FORMAT = "tongchou-backup 1"
MANIFEST, SEAL, DUMP = "manifest.json", "manifest.sha256", "database.dump"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself."""

    version: str
    made_at: str
    server: str
    anchor_seq: int
    anchor_hash: str
    tables: Mapping[str, Fingerprint]
    digests: Mapping[str, str]
    """SHA-256 of every other member of the file."""

    def as_bytes(self) -> bytes:
        """Write it as JSON."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1, sort_keys=True).encode()


def digest_of(path: Path) -> str:
    """Give the SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


@contextmanager
def written(out: Path) -> Iterator[Path]:
    """Write a file beside its place, for its owner alone, and move it there once it is whole."""
    partial = out.with_name(f".{out.name}.{os.getpid()}.partial")
    try:
        partial.touch(mode=0o600, exist_ok=False)
        yield partial
        with partial.open("rb") as handle:
            os.fsync(handle.fileno())
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)


def pack(target: Path, manifest: Manifest, members: Mapping[str, Path]) -> None:
    """Write the tar."""
    body = manifest.as_bytes()
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in ((MANIFEST, body), (SEAL, hashlib.sha256(body).hexdigest().encode())):
            about = tarfile.TarInfo(name)
            about.size, about.mode = len(content), 0o600
            tar.addfile(about, io.BytesIO(content))
        for name, path in members.items():
            about = tarfile.TarInfo(name)
            about.size, about.mode = path.stat().st_size, 0o600
            with path.open("rb") as handle:
                tar.addfile(about, handle)


def unpack(file: Path, folder: Path) -> Manifest:
    """Take a backup apart into a folder and hold every part against its digest.

    Raises
    ------
    RestoreRefused
        If a part is missing, was changed, or is not named in the manifest.
    """
    try:
        with tarfile.open(file) as tar:
            tar.extractall(folder, filter="data")
    except (tarfile.TarError, OSError, ValueError, EOFError) as error:
        raise RestoreRefused(_NO_TAR.fill(file=file, why=error)) from error
    body, seal = _read(folder / MANIFEST, file), _read(folder / SEAL, file)
    if hashlib.sha256(body).hexdigest().encode() != seal:
        raise RestoreRefused(_CHANGED.fill(file=file, part=MANIFEST))
    held = json.loads(body)
    if held.pop("format", None) != FORMAT:
        raise RestoreRefused(_FORMAT.fill(file=file, known=FORMAT))
    held["tables"] = {n: Fingerprint(**f) for n, f in held["tables"].items()}
    manifest = Manifest(**held)
    found = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    if found - {MANIFEST, SEAL} != set(manifest.digests):
        odd = sorted((found - {MANIFEST, SEAL}) ^ set(manifest.digests))
        raise RestoreRefused(_PARTS.fill(file=file, part=", ".join(odd)))
    for name, digest in manifest.digests.items():
        if digest_of(folder / name) != digest:
            raise RestoreRefused(_CHANGED.fill(file=file, part=name))
    return manifest


def _read(path: Path, file: Path) -> bytes:
    if not path.is_file():
        raise RestoreRefused(_PARTS.fill(file=file, part=path.name))
    return path.read_bytes()


_NO_TAR = Text(
    zh="{file} 不是完整的备份文件（{why}）。请换用另一份备份",
    en="{file} is not a whole backup ({why}). Use another backup",
)
_CHANGED = Text(
    zh="{file} 中的 {part} 与其校验和不符，备份已损坏或被改动。请换用另一份备份",
    en="{part} in {file} does not match its checksum: the backup is damaged or was changed. Use another backup",
)
_PARTS = Text(
    zh="{file} 缺少或多出：{part}。请换用另一份备份",
    en="{file} lacks, or has beyond its manifest: {part}. Use another backup",
)
_FORMAT = Text(
    zh="{file} 的格式不是“{known}”。请用写出它的版本恢复",
    en="the format of {file} is not “{known}”. Restore it with the version that wrote it",
)
