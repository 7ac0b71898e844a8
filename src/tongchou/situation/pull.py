"""Fetches public files at a pinned commit: resumable, polite, and the same every time.

Where a checksum is known beforehand it is held to. Where none is (the public repositories publish
none), three things stand guard: the pinned commit, the columns on record, and the checked totals of
the build. The checksum found at the first fetch is written beside the files (the lock); every later
fetch must match it.
"""

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from http.client import HTTPException, HTTPResponse
from pathlib import Path

import polars as pl

from tongchou.situation.manifest import sha256
from tongchou.version import __version__
from tongchou.vocabulary.errors import BadInput, Fault, SourceUnreachable
from tongchou.vocabulary.text import Text

BASE_URL = "https://raw.githubusercontent.com"
LOCK = "pulled.lock.csv"
LOCK_SCHEMA = {
    "file": pl.String,
    "sha256": pl.String,
    "bytes": pl.Int64,
    "source": pl.String,
    "first_fetched": pl.Date,
}
CHUNK = 1 << 16
GONE = (401, 403, 404, 410)
"""Answers that asking again will not change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One file to fetch: its path under the base address and under the folder, its columns."""

    path: str
    file: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How the fetch behaves towards a public server."""

    at_once: int = 4
    timeout_seconds: float = 30.0
    attempts: int = 4
    wait_seconds: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What came: the files in the order wanted, how many were fetched now, those that did not come."""

    files: tuple[Path, ...]
    fetched: int
    unreachable: tuple[SourceUnreachable, ...]


def fetch(
    wanted: Sequence[Wanted],
    folder: Path,
    *,
    today: date,
    base_url: str = BASE_URL,
    manners: Manners | None = None,
    tell: Callable[[Wanted], None] | None = None,
) -> Pulled:
    """Fetch files that are not yet here, go on with those cut short, and hold all to the lock.

    Parameters
    ----------
    wanted
        The files.
    folder
        Where they go; a file being fetched ends in ``.part``.
    today
        The day written beside a checksum that is new.
    base_url
        Where their paths start; a mirror may be named.
    manners
        How many at once, how long to wait, how often to try.
    tell
        Called after each file, for a progress bar.

    Raises
    ------
    BadInput
        With every file whose checksum is not the one in the lock or whose columns are not the ones
        on record. Such files are set aside as ``.refused``.
    """
    behaviour = manners or Manners()
    locked = {row["file"]: row for row in read_lock(folder).iter_rows(named=True)}
    faults: list[Fault] = []
    unreachable: list[SourceUnreachable] = []
    new: list[dict[str, object]] = []
    fetched = 0

    def get(file: Wanted) -> tuple[Wanted, bool, SourceUnreachable | None]:
        target = folder / file.file
        known = locked.get(file.file)
        if known and target.exists() and sha256(target) == known["sha256"]:
            return file, False, None
        try:
            _download(f"{base_url}/{file.path}", target, behaviour)
        except SourceUnreachable as error:
            return file, False, error
        return file, True, None

    with ThreadPoolExecutor(max_workers=behaviour.at_once) as pool:
        for file, is_new, error in pool.map(get, wanted):
            if error is not None:
                unreachable.append(error)
            elif is_new:
                found = _faults_of(folder, file, locked.get(file.file))
                faults += found
                fetched += not found
                if not found and file.file not in locked:
                    new.append(_lock_row(folder, file.file, file.path, today))
            if tell is not None:
                tell(file)
    add_to_lock(folder, new)
    if faults:
        raise BadInput(faults)
    files = tuple(p for w in wanted if (p := folder / w.file).exists())
    return Pulled(files=files, fetched=fetched, unreachable=tuple(unreachable))


def read_lock(folder: Path) -> pl.DataFrame:
    """Give the lock of a folder; an empty one where nothing was fetched yet."""
    path = folder / LOCK
    return (
        pl.read_csv(path, schema=LOCK_SCHEMA) if path.exists() else pl.DataFrame(schema=LOCK_SCHEMA)
    )


def add_to_lock(folder: Path, rows: Iterable[dict[str, object]]) -> None:
    """Add rows to the lock of a folder; a file that stands in it already gets the new row."""
    added = pl.DataFrame(list(rows), schema=LOCK_SCHEMA)
    if added.is_empty():
        return
    lock = pl.concat([read_lock(folder), added]).unique("file", keep="last", maintain_order=True)
    scratch = folder / f"{LOCK}.part"
    lock.sort("file").write_csv(scratch)
    scratch.replace(folder / LOCK)


def lock_made(folder: Path, made: Iterable[Path], source: str, today: date) -> None:
    """Write the checksums of files made from fetched ones into the lock."""
    add_to_lock(folder, [_lock_row(folder, path.name, source, today) for path in made])


def _lock_row(folder: Path, file: str, source: str, today: date) -> dict[str, object]:
    path = folder / file
    return {
        "file": file,
        "sha256": sha256(path),
        "bytes": path.stat().st_size,
        "source": source,
        "first_fetched": today,
    }


def _download(url: str, target: Path, manners: Manners) -> None:
    part = target.with_name(target.name + ".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    reason = ""
    for attempt in range(manners.attempts):
        if attempt:
            time.sleep(manners.wait_seconds * 2 ** (attempt - 1))
        try:
            _go_on(url, part, manners.timeout_seconds)
        except urllib.error.HTTPError as error:
            reason = f"HTTP {error.code} {error.reason}"
            error.close()
            if error.code in GONE:
                break
            if error.code == 416:
                part.unlink(missing_ok=True)
        except (OSError, HTTPException) as error:
            reason = str(error) or type(error).__name__
        else:
            part.replace(target)
            return
    raise SourceUnreachable(url, reason)


def _go_on(url: str, part: Path, timeout: float) -> None:
    """Fetch what is still missing of a file; a server that knows no ranges starts over."""
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"User-Agent": f"tongchou/{__version__}"})
    if have:
        request.add_header("Range", f"bytes={have}-")
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        resumed = answer.status == 206
        wanted = _length(answer)
        with part.open("ab" if resumed else "wb") as handle:
            got = 0
            while chunk := answer.read(CHUNK):
                handle.write(chunk)
                got += len(chunk)
    if wanted is not None and got < wanted:
        raise ConnectionError(f"cut off after {got:,} of {wanted:,} bytes")


def _length(answer: HTTPResponse) -> int | None:
    stated = answer.headers.get("Content-Length")
    return int(stated) if stated is not None else None


def _faults_of(folder: Path, file: Wanted, locked: dict[str, object] | None) -> list[Fault]:
    target = folder / file.file
    found = sha256(target)
    fault = None
    if locked is not None and found != locked["sha256"]:
        fault = _not_as_first(file, found, str(locked["sha256"]))
    elif file.columns and (columns := _header(target)) != file.columns:
        fault = _other_columns(file, columns)
    if fault is None:
        return []
    target.replace(target.with_name(target.name + ".refused"))
    return [fault]


def _header(path: Path) -> tuple[str, ...]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as handle:
        return tuple(c.strip('"') for c in handle.readline().strip().split(","))


def _not_as_first(file: Wanted, found: str, expected: str) -> Fault:
    return Fault(
        file=file.file,
        value=f"sha256 {found[:16]}",
        problem=Text(
            zh=f"与首次下载时记录的校验和（{expected[:16]}…）不符：固定版本的文件不应改变。",
            en=f"is not what was fetched first ({expected[:16]}…): a file at a pinned commit does not change.",
        ),
        remedy=Text(
            zh=f"换一个网络或镜像（--base-url）重试；确认来源确已变更时删除 {LOCK} 中的该行。",
            en=f"Try another network or mirror (--base-url); if the source really changed, remove its row from {LOCK}.",
        ),
    )


def _other_columns(file: Wanted, columns: tuple[str, ...]) -> Fault:
    return Fault(
        file=file.file,
        value=", ".join(columns)[:120],
        problem=Text(
            zh=f"列名与登记的不同（应为 {', '.join(file.columns)}）。",
            en=f"does not have the columns on record ({', '.join(file.columns)}).",
        ),
        remedy=Text(
            zh="可能取到了错误页面：检查网络代理与 --base-url 后重试。",
            en="It may be an error page: check the network, a proxy and --base-url, and try again.",
        ),
    )
