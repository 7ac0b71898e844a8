"""Where and since when there are more cases than chance explains: a prospective space–time scan."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.surveillance.detection import scan_kernel
from tongchou.surveillance.detection.scan_clusters import Scan, gather
from tongchou.surveillance.detection.scan_counts import last_sums, share_of_time, whole_counts
from tongchou.surveillance.detection.scan_zones import Circles
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]
Draw = Callable[[np.random.Generator], Floats]

LONGEST_DAYS = int(parameter("scan_longest").value)
FEWEST = int(parameter("scan_fewest_cases").value)
REPLICATES = int(parameter("scan_replicates").value)
ALPHA = parameter("scan_alpha").value
WAVE = 64
"""Replicates drawn before they are scanned together: enough for two cores, few enough for memory."""
EXACT_IN_SINGLE = 2**24


def scan_poisson(
    cases: xr.DataArray,
    expected: xr.DataArray,
    zones: Circles,
    *,
    longest: int | None = None,
    replicates: int = REPLICATES,
    alpha: float = ALPHA,
    rng: np.random.Generator,
) -> Scan:
    """Give the clusters that are still alive, beside a population or an expected count.

    Among all cylinders of a circle of places and the last 1, 2, … ``longest`` steps, those whose c
    cases exceed the expected μ the most, by the likelihood ratio ::

        log λ = c log(c / μ) + (C − c) log((C − c) / (C − μ))   where c > μ

    with C all cases of all places and dates, and μ scaled so that Σ μ = C. The most likely cylinder
    comes first; then the next that shares no place with those before. p is the rank of λ among the
    highest λ of ``replicates`` random sets of C cases spread by μ.

    Parameters
    ----------
    cases : DataArray (place, date), persons per step
        New cases, days or weeks evenly spaced.
    expected : DataArray (place) or (place, date)
        Population, or a baseline of expected cases; only its proportions count.
    zones
        Circles over the same places (:func:`~tongchou.surveillance.detection.scan_zones.circles`).
    longest
        Longest cylinder, steps. By default 14 days.
    replicates
        Random sets.
    alpha
        p at which a cluster is an alarm.
    rng
        One stream of it is spawned for each replicate.

    Notes
    -----
    Where none of the replicates reaches λ, p is that of a Gumbel distribution with their mean and
    variance, if it is smaller than 1 / (replicates + 1). The recurrence interval is 1 / p steps: if
    nothing were going on, a score this high would come about once in that time.

    References
    ----------
    Kulldorff M. J R Stat Soc A 2001;164:61-72, doi 10.1111/1467-985X.00186. Kleinman K, Lazarus R,
    Platt R. Am J Epidemiol 2004;159:217-224, doi 10.1093/aje/kwh029 (recurrence). Abrams AM,
    Kleinman K, Kulldorff M. Int J Health Geogr 2010;9:61, doi 10.1186/1476-072X-9-61 (Gumbel).

    Examples
    --------
    Three towns of equal size, 10 days, 30 cases, of which 9 in the second in the last two days
    (expected 2): 9 log(9 / 2) + 21 log(21 / 28).

    >>> from tongchou.surveillance.detection.scan_zones import circles
    >>> dates = np.datetime64("2020-02-01", "ns") + np.arange(10) * np.timedelta64(1, "D")
    >>> daily = [[1] * 10, [1, 0, 0, 0, 0, 0, 0, 0, 4, 5], [1] * 10]
    >>> cases = xr.DataArray(daily, {"place": ["a", "b", "c"], "date": dates}, ("place", "date"))
    >>> points = xr.Dataset(
    ...     {"longitude": ("place", [100.0, 101.0, 102.0]), "latitude": ("place", [30.0, 30.0, 30.0])},
    ...     {"place": ["a", "b", "c"]})
    >>> people = xr.DataArray([1e4, 1e4, 1e4], {"place": ["a", "b", "c"]}, ("place",))
    >>> found = scan_poisson(
    ...     cases, people, circles(points, people, share=0.4), longest=3, alpha=0.05, rng=np.random.default_rng(1))
    >>> found.clusters.select("centre", "first", "observed", "expected").rows()[0]
    ('b', datetime.date(2020, 2, 9), 9, 2.0)
    >>> round(found.clusters["score"][0], 3)
    7.495
    >>> round(float(9 * np.log(9 / 2) + 21 * np.log(21 / 28)), 3)
    7.495
    """
    y, steps, days = _given(cases, zones, longest)
    total = int(y.sum())
    share = share_of_time(cases, expected)
    recent = last_sums(share, steps) * total
    cell = share[:, ::-1][:, :steps].ravel()
    cells = np.append(cell, max(1 - cell.sum(), 0.0))

    def draw(stream: np.random.Generator) -> Floats:
        drawn = stream.multinomial(total, cells / cells.sum())[:-1]
        return np.cumsum(drawn.reshape(len(y), steps), axis=1, dtype=float)

    return _scan(cases, y, recent, zones, steps, days, draw, replicates, alpha, rng)


def scan_permutation(
    cases: xr.DataArray,
    zones: Circles,
    *,
    longest: int | None = None,
    replicates: int = REPLICATES,
    alpha: float = ALPHA,
    rng: np.random.Generator,
) -> Scan:
    """Give the clusters that are still alive from the cases alone, without a population.

    As :func:`scan_poisson`, with what a place and a date would share if they had nothing to do with
    each other in place of μ ::

        μ_zd = (Σ_d' c_zd') (Σ_z' c_z'd) / C

    and replicates in which the dates are shuffled over the cases. What is always so of a place, and
    what is so everywhere on a date, is thereby taken out; so a rise that is the same everywhere is
    not seen.

    Parameters
    ----------
    cases : DataArray (place, date), persons per step
    zones
        Circles over the same places, weighted by their cases.
    longest, replicates, alpha, rng
        As for :func:`scan_poisson`.

    References
    ----------
    Kulldorff M, Heffernan R, Hartman J, Assunção R, Mostashari F. PLoS Med 2005;2:e59,
    doi 10.1371/journal.pmed.0020059.

    Examples
    --------
    Two places, two days; all four cases of today in one of them, where 4 × 5 / 8 = 2.5 are expected:

    >>> from tongchou.surveillance.detection.scan_zones import circles
    >>> dates = np.array(["2020-02-01", "2020-02-02"], "datetime64[ns]")
    >>> cases = xr.DataArray([[1, 4], [3, 0]], {"place": ["a", "b"], "date": dates}, ("place", "date"))
    >>> points = xr.Dataset(
    ...     {"longitude": ("place", [100.0, 101.0]), "latitude": ("place", [30.0, 30.0])}, {"place": ["a", "b"]})
    >>> one = circles(points, cases.sum("date"), share=0.5, most_places=1)
    >>> found = scan_permutation(cases, one, longest=1, alpha=0.05, rng=np.random.default_rng(1))
    >>> found.clusters.select("centre", "observed", "expected").rows()
    [('a', 4, 2.5)]
    """
    y, steps, days = _given(cases, zones, longest)
    total = y.sum()
    recent = last_sums(y.sum(axis=1, keepdims=True) * (y.sum(axis=0) / max(total, 1)), steps)
    length = y.shape[1]
    at, on = np.nonzero(y)
    times = y[at, on].astype(np.int64)
    where = np.repeat(at, times) * steps
    # Steps before the last: 0 is today. Those older than the cylinders are dropped after the shuffle.
    ago = np.repeat(length - 1 - on, times)

    def draw(stream: np.random.Generator) -> Floats:
        shuffled = stream.permutation(ago)
        recently = shuffled < steps
        cell = where[recently] + shuffled[recently]
        drawn = np.bincount(cell, minlength=len(y) * steps).reshape(len(y), steps)
        return np.cumsum(drawn, axis=1, dtype=float)

    return _scan(cases, y, recent, zones, steps, days, draw, replicates, alpha, rng)


def _given(cases: xr.DataArray, zones: Circles, longest: int | None) -> tuple[Floats, int, int]:
    """Give counts, longest cylinder in steps, and days in a step; refuse what does not fit."""
    y, days = whole_counts(cases)
    steps = max(LONGEST_DAYS // days, 1) if longest is None else longest
    if not steps >= 1:
        raise BadParameter("longest", steps, _LONGEST)
    if tuple(cases["place"].to_numpy().astype(str)) != zones.places:
        raise BadParameter("zones", f"{len(zones.places)}", _OTHER_PLACES)
    return y, min(steps, y.shape[1]), days


def _scan(
    cases: xr.DataArray,
    y: Floats,
    expected: Floats,
    zones: Circles,
    steps: int,
    days: int,
    draw: Draw,
    replicates: int,
    alpha: float,
    rng: np.random.Generator,
) -> Scan:
    if not (0 < alpha < 1 and alpha * (replicates + 1) >= 1):
        raise BadParameter("alpha", alpha, _TOO_FEW.fill(n=replicates))
    total = float(y.sum())
    counted = last_sums(y, steps)
    highest = np.sort(_replicates(draw, expected, total, zones, replicates, rng))[::-1]
    score, length = scan_kernel.every_circle(
        counted, expected, total, float(FEWEST), zones.starts, zones.members, zones.ends
    )
    critical = float(highest[int(alpha * (replicates + 1) + 1e-9) - 1])
    return gather(
        cases, counted, expected, total, zones, score, length, highest, critical, alpha, days
    )


def _replicates(
    draw: Draw,
    expected: Floats,
    total: float,
    zones: Circles,
    replicates: int,
    rng: np.random.Generator,
) -> Floats:
    streams = rng.spawn(replicates)
    places, steps = expected.shape
    abreast = scan_kernel.ABREAST
    kind = np.float32 if total < EXACT_IN_SINGLE else np.float64
    found = []
    for first in range(0, replicates, WAVE):
        wave = streams[first : first + WAVE]
        groups = -(-len(wave) // abreast)
        cube = np.zeros((groups, places, abreast * steps), kind)
        for k, stream in enumerate(wave):
            group, slot = divmod(k, abreast)
            cube[group, :, slot * steps : (slot + 1) * steps] = draw(stream)
        best = scan_kernel.highest(
            cube, expected, total, float(FEWEST), zones.starts, zones.members, zones.ends
        )
        found.append(best.ravel()[: len(wave)])
    return np.concatenate(found)


_LONGEST = Text(zh="至少为 1。", en="it must be at least 1.")
_OTHER_PLACES = Text(
    zh="须与病例数的地区相同且次序一致；请用同一批地区重建。",
    en="it must be over the places of the counts, in their order; build it from those.",
)
_TOO_FEW = Text(
    zh="须在 0 与 1 之间，且 {n} 次随机重复足以分辨：不小于 1/({n}+1)。可增加重复次数。",
    en="it must lie between 0 and 1, and {n} replicates must tell it: at least 1/({n}+1). Ask for more replicates.",
)
