"""Pulls the public sources of ``china2020`` and makes the received files from them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tongchou.situation import pull
from tongchou.situation.manifest import sha256
from tongchou.situation.pull import Manners, Wanted
from tongchou.situation.recipes.china2020.received import sources
from tongchou.situation.recipes.china2020.upstream import UpstreamSet, convert, upstream_sets
from tongchou.vocabulary.errors import SourceUnreachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a pull made: received files, which of them equal the ones the totals were checked on."""

    folder: Path
    made: tuple[str, ...]
    identical: tuple[str, ...]
    fetched: int
    without: tuple[SourceUnreachable, ...]


def plan(restricted: bool) -> tuple[UpstreamSet, ...]:
    """Give the sets that would be fetched; restricted ones only when they are asked for."""
    return tuple(s for s in upstream_sets() if restricted or not s.restricted)


def wanted(upstream: UpstreamSet) -> tuple[Wanted, ...]:
    """Give the files of a set, kept under ``upstream/`` as the repository names them."""
    return tuple(
        Wanted(
            path=f"{upstream.repository}/{upstream.commit}/{path}",
            file=f"upstream/{upstream.repository}/{path}",
            columns=upstream.columns,
        )
        for path in upstream.paths
    )


def _together(errors: tuple[SourceUnreachable, ...]) -> SourceUnreachable:
    """Give one refusal for all files of a set that did not come."""
    first, *others = errors
    more = f" (+{len(others)})" if others else ""
    return SourceUnreachable(first.url, f"{first.reason}{more}")


def pull_china2020(
    folder: Path,
    *,
    today: date,
    restricted: bool = False,
    base_url: str = pull.BASE_URL,
    manners: Manners | None = None,
    tell: Callable[[Wanted], None] | None = None,
) -> Outcome:
    """Fetch the sets and make the received files that ``data build --from`` reads.

    Raises
    ------
    SourceUnreachable
        If a file of a needed set did not come. What came is kept, and the next run goes on.
    BadInput
        If a file is not what it should be.
    """
    made: list[str] = []
    without: list[SourceUnreachable] = []
    fetched = 0
    folder.mkdir(parents=True, exist_ok=True)
    for upstream in plan(restricted):
        came = pull.fetch(
            wanted(upstream), folder, today=today, base_url=base_url, manners=manners, tell=tell
        )
        fetched += came.fetched
        if came.unreachable:
            if upstream.needed:
                raise _together(came.unreachable)
            without += came.unreachable
            continue
        files = convert(upstream.name, came.files, folder)
        source = f"{upstream.repository}@{upstream.commit}"
        pull.lock_made(folder, files, source, today)
        made += [f.name for f in files]
    described = {s.file: s.sha256 for s in sources()}
    same = tuple(name for name in made if sha256(folder / name) == described.get(name))
    return Outcome(
        folder=folder, made=tuple(made), identical=same, fetched=fetched, without=tuple(without)
    )
