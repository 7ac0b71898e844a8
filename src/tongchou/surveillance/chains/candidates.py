"""Who may have infected whom: for each case the cases it may have it from, with their weight.

The weight of a candidate is the probability of the days between the two onsets times what else speaks
for the pair. Kept sparse: only candidates within the window of the serial interval, in the same place,
household or cluster, or named by investigators.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl
from numba import njit

from tongchou.surveillance.chains.interval import AnyInterval
from tongchou.surveillance.chains.listed import ListedLinks
from tongchou.vocabulary.parameter import parameter

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

LIST_TRUST = parameter("chain_list_trust").value
MOST = 200
"""Candidates kept for one case; the weight of those beyond is given to the kept, so that the pressure stays."""

UNKNOWN_DAY = -(2**31)
KINDS = ("elsewhere", "place", "cluster", "household")
"""What two cases share, the closest counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Candidate links in rows by infectee: those of case j stand in ``start[j]`` … ``start[j + 1]``.

    ``time`` is the probability of the days between the onsets, ``named`` the factor of the
    investigators' list, ``kind`` what the two share (index into :data:`KINDS`), ``groups`` (3, case) the
    number of the place, cluster and household of each case (−1 not known). ``outside`` is the factor of an infector who
    is not on the list: 0 where the link is known. ``exposure`` is the share of the infections of
    each case that can be on the list already. ``span`` is the time observed, days.
    """

    case_id: tuple[str, ...]
    onset: Ints
    start: Ints
    infector: Ints
    time: Floats
    named: Floats
    kind: Ints
    listed: Bools
    known: Bools
    groups: Ints
    outside: Floats
    imported: Bools
    exposure: Floats
    span: float

    @property
    def infectee(self) -> Ints:
        """Index of the infectee of each candidate link."""
        return np.repeat(np.arange(len(self.case_id)), np.diff(self.start))


def find_candidates(
    cases: pl.DataFrame,
    listed: ListedLinks,
    interval: AnyInterval,
    *,
    as_of: date | None = None,
    beyond_list: bool = True,
    list_trust: float = LIST_TRUST,
) -> Candidates:
    """Give the candidate links of every case.

    With p(d) the probability of the serial interval and L_j the people named for case j among N_j
    candidates, an investigators' list holds the true infector with probability τ; a candidate's
    weight is p(t_j − t_i) times τ N_j / L_j if named, (1 − τ) N_j / (N_j − L_j) if not, and the
    outside's factor is 1 − τ. Without a list the factor is 1. A known link stands alone.

    Parameters
    ----------
    cases
        ``case_id, onset_on``; used if there: ``place, cluster_id, household_id, exposed_at``
        (``travel``: infected elsewhere) and ``imported``.
    listed
        From :func:`.listed.check_links`.
    interval
        Serial interval, days.
    as_of
        Last day of the list; by default the list is final and nothing more can come.
    beyond_list
        Whether cases may also have been infected by someone nobody named.
    list_trust
        τ.
    """
    cases = cases.unique("case_id", keep="first", maintain_order=True)
    onset = _onsets(cases)
    n = len(cases)
    row = dict(zip(cases["case_id"].cast(pl.String).to_list(), range(n), strict=True))
    source = np.array([row[c] for c in listed.links["infector"].to_list()], dtype=np.int64)
    target = np.array([row[c] for c in listed.links["infectee"].to_list()], dtype=np.int64)
    known = listed.links["known"].to_numpy().astype(bool)
    order = np.lexsort((source, target))
    source, target, known = source[order], target[order], known[order]

    certain = np.zeros(n, dtype=bool)
    certain[target[known]] = True
    has_list = np.bincount(target, minlength=n) > 0
    imported = _imported(cases)
    first, last = interval.range()
    p = interval.probabilities(first, last)
    closed = certain | (imported & ~has_list) | (onset == UNKNOWN_DAY) | (not beyond_list)
    codes = [_codes(cases, column) for column in ("place", "cluster_id", "household_id")]
    found = _scan(
        onset,
        np.argsort(onset, kind="stable"),
        closed,
        p,
        first,
        codes[0],
        codes[1],
        codes[2],
        MOST,
    )
    infectee, infector, time, kind, near = found
    return _merge(
        _Listed(source, target, known, certain),
        (infectee, infector, time, kind, near),
        cases=tuple(row),
        onset=onset,
        interval=interval,
        codes=codes,
        trust=list_trust,
        imported=imported,
        as_of=as_of,
    )


@dataclass(frozen=True, slots=True)
class _Listed:
    source: Ints
    target: Ints
    known: Bools
    certain: Bools


def _merge(
    listed: _Listed,
    found: tuple[Ints, Ints, Floats, Ints, Ints],
    *,
    cases: tuple[str, ...],
    onset: Ints,
    interval: AnyInterval,
    codes: list[Ints],
    trust: float,
    imported: Bools,
    as_of: date | None,
) -> Candidates:
    """Put named candidates and those of the window together, each pair once."""
    infectee, infector, time, kind, near = found
    n = len(cases)
    target = np.concatenate([listed.target, infectee])
    source = np.concatenate([listed.source, infector])
    is_listed = np.arange(len(target)) < len(listed.target)
    known = np.concatenate([listed.known, np.zeros(len(infectee), dtype=bool)])
    kinds = np.concatenate([_kinds(listed.source, listed.target, codes), kind])
    times = np.concatenate([_times(listed, onset, interval), time])
    # Stable: the named one of a pair stands before the same pair found in the window.
    _, first = np.unique(target * n + source, return_index=True)
    first = first[~listed.certain[target[first]] | known[first]]
    target, source, is_listed, known = target[first], source[first], is_listed[first], known[first]
    kinds, times = kinds[first], times[first]

    named = np.bincount(target[is_listed], minlength=n)[target].astype(float)
    kept = np.bincount(target, minlength=n)
    around = np.maximum(near, kept)[target].astype(float)
    factor = np.ones(len(target))
    some = (named > 0) & ~known
    inside, beside = some & is_listed, some & ~is_listed
    factor[inside] = trust * around[inside] / named[inside]
    factor[beside] = (1 - trust) * around[beside] / np.maximum(around - named, 1)[beside]
    outside = np.ones(n)
    outside[target[some]] = 1 - trust
    outside[listed.certain] = 0.0
    dated = onset[onset != UNKNOWN_DAY]
    exposure, span = np.ones(n), 1.0
    if len(dated):
        span = float(dated.max() - dated.min() + 1)
        if as_of is not None:
            end = (as_of - date(1970, 1, 1)).days
            passed = interval.at_most(np.maximum(end - onset, -1000))
            exposure = np.where(onset == UNKNOWN_DAY, 1.0, np.clip(passed, 0.0, 1.0))
    start = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(np.bincount(target, minlength=n), out=start[1:])
    return Candidates(
        case_id=cases,
        onset=onset,
        start=start,
        infector=source,
        time=times,
        named=factor,
        kind=kinds,
        listed=is_listed,
        known=known,
        groups=np.stack(codes),
        outside=outside,
        imported=imported,
        exposure=exposure,
        span=span,
    )


def _onsets(cases: pl.DataFrame) -> Ints:
    days = cases["onset_on"].cast(pl.Date).cast(pl.Int32).cast(pl.Int64)
    return np.asarray(days.fill_null(UNKNOWN_DAY).to_numpy(), dtype=np.int64)


def _imported(cases: pl.DataFrame) -> Bools:
    flag = pl.lit(value=False)
    if "exposed_at" in cases.columns:
        flag = flag | (pl.col("exposed_at").cast(pl.String) == "travel").fill_null(value=False)
    if "imported" in cases.columns:
        flag = flag | pl.col("imported").cast(pl.Boolean).fill_null(value=False)
    return np.asarray(cases.with_columns(travelled=flag)["travelled"].to_numpy(), dtype=bool)


def _codes(cases: pl.DataFrame, column: str) -> Ints:
    """Give the values of a column as numbers; −1 is not known."""
    if column not in cases.columns:
        return np.full(len(cases), -1, dtype=np.int64)
    ranks = cases[column].cast(pl.String).rank("dense").cast(pl.Int64)
    return np.asarray(ranks.fill_null(0).to_numpy(), dtype=np.int64) - 1


def _kinds(source: Ints, target: Ints, codes: list[Ints]) -> Ints:
    kind = np.where((codes[0] == -1).all(), 1, 0) * np.ones(len(source), dtype=np.int64)
    for value, code in enumerate(codes, 1):
        same = (code[source] == code[target]) & (code[source] >= 0)
        kind = np.where(same, value, kind)
    return np.asarray(kind, dtype=np.int64)


def _times(listed: _Listed, onset: Ints, interval: AnyInterval) -> Floats:
    both = (onset[listed.source] != UNKNOWN_DAY) & (onset[listed.target] != UNKNOWN_DAY)
    days = np.where(both, onset[listed.target] - onset[listed.source], 0)
    p = interval.probabilities(*interval.range())
    # A pair without dates gets the probability that two intervals agree: no word for or against it.
    usual = float((p * p).sum())
    return np.where(both, np.maximum(interval.probability(days), 1e-12), usual)


@njit(cache=True)
def _scan(
    onset: Ints,
    order: Ints,
    closed: Bools,
    p: Floats,
    first: int,
    place: Ints,
    cluster: Ints,
    household: Ints,
    most: int,
) -> tuple[Ints, Ints, Floats, Ints, Ints]:
    """Find the candidates of every case in the window of the serial interval."""
    n = len(onset)
    last = first + len(p) - 1
    placeless = True
    for i in range(n):
        if place[i] >= 0:
            placeless = False
            break
    near = np.zeros(n, np.int64)
    capacity = max(16 * n, 1024)
    target = np.empty(capacity, np.int64)
    source = np.empty(capacity, np.int64)
    time = np.empty(capacity)
    kind = np.empty(capacity, np.int64)
    size = 0
    low = 0
    for position in range(n):
        j = order[position]
        if onset[j] == UNKNOWN_DAY:
            continue
        while low < n and (onset[order[low]] == UNKNOWN_DAY or onset[j] - onset[order[low]] > last):
            low += 1
        if closed[j]:
            continue
        began = size
        total = 0.0
        at = low
        while at < n and onset[j] - onset[order[at]] >= first:
            i = order[at]
            at += 1
            if i == j:
                continue
            shared = 1 if placeless else 0
            if place[i] >= 0 and place[i] == place[j]:
                shared = 1
            if cluster[i] >= 0 and cluster[i] == cluster[j]:
                shared = 2
            if household[i] >= 0 and household[i] == household[j]:
                shared = 3
            if shared == 0:
                continue
            weight = p[onset[j] - onset[i] - first]
            if weight <= 0:
                continue
            if size == capacity:
                capacity *= 2
                target = np.concatenate((target, np.empty(capacity - size, np.int64)))
                source = np.concatenate((source, np.empty(capacity - size, np.int64)))
                time = np.concatenate((time, np.empty(capacity - size)))
                kind = np.concatenate((kind, np.empty(capacity - size, np.int64)))
            target[size], source[size], time[size], kind[size] = j, i, weight, shared
            total += weight
            size += 1
        near[j] = size - began
        if near[j] > most:
            rank = np.argsort(-(time[began:size] * (1.0 + 1e6 * (kind[began:size] > 1))))[:most]
            rank = np.sort(rank) + began
            source[began : began + most] = source[rank]
            time[began : began + most] = time[rank]
            kind[began : began + most] = kind[rank]
            size = began + most
            time[began:size] *= total / time[began:size].sum()
    return target[:size], source[:size], time[:size], kind[:size], near
