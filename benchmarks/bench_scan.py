"""The space-time scan of a nation's counties, beside a plain search that asks every cylinder for its ratio.

Run: ``python -m benchmarks.bench_scan``. SaTScan is in no registry that a machine without its installer can
reach, so the peer is the method as it is written down: every circle, every length, one logarithm after the
other, compiled by the same compiler, on one replicate. Points are those of the counties of China; people are
drawn (lognormal, median 360,000), as the table of places holds none for counties.
"""

import time

import numpy as np
import numpy.typing as npt
import xarray as xr
from numba import njit

from benchmarks.measure import table
from tongchou.surveillance.detection.scan_kernel import log_likelihood_ratio
from tongchou.surveillance.detection.scan_places import scan_places
from tongchou.surveillance.detection.scan_zones import Circles, circles
from tongchou.vocabulary.places import china

Floats = npt.NDArray[np.float64]

DAYS, REPLICATES, BAR_SECONDS = 60, 999, 60
RUNS = (
    # cases in 60 days, share of people in a circle, longest cylinder, with people or by the cases alone
    (3_000, 0.1, 14, True),
    (3_000, 0.1, 14, False),
    (100_000, 0.1, 14, True),
    (100_000, 0.5, 28, True),
)


def world(total: int) -> tuple[xr.DataArray, xr.Dataset, xr.DataArray]:
    """Make counts of a nation's counties in which nothing goes on, their points and their people."""
    units = china().reporting_units("county")
    where = {"place": [p.code for p in units]}
    points = xr.Dataset(
        {
            "longitude": ("place", [p.longitude for p in units]),
            "latitude": ("place", [p.latitude for p in units]),
        },
        where,
    )
    rng = np.random.default_rng(20200223)
    people = xr.DataArray(rng.lognormal(12.8, 0.8, len(units)), where, ("place",))
    share = np.repeat(people.to_numpy()[:, None] / float(people.sum()) / DAYS, DAYS, axis=1)
    y = rng.multinomial(total, share.ravel() / share.sum()).reshape(share.shape)
    dates = np.datetime64("2020-01-01", "ns") + np.arange(DAYS) * np.timedelta64(1, "D")
    return xr.DataArray(y, {**where, "date": dates}, ("place", "date")), points, people


@njit(cache=True)
def plain_search(
    daily: Floats,
    expected: Floats,
    total: float,
    starts: npt.NDArray[np.int64],
    members: npt.NDArray[np.int32],
    ends: npt.NDArray[np.bool_],
    longest: int,
) -> float:
    """Give the highest ratio of one set of counts: every circle is a cumulative sum, every length a ratio."""
    best = 0.0
    days = daily.shape[1]
    for centre in range(starts.size - 1):
        c_day, mu_day = np.zeros(longest), np.zeros(longest)
        for row in range(starts[centre], starts[centre + 1]):
            for t in range(longest):
                c_day[t] += daily[members[row], days - 1 - t]
                mu_day[t] += expected[members[row], days - 1 - t]
            if not ends[row]:
                continue
            c, mu = 0.0, 0.0
            for t in range(longest):
                c += c_day[t]
                mu += mu_day[t]
                if c >= 2:
                    best = max(best, log_likelihood_ratio(c, mu, total))
    return best


def plain(
    cases: xr.DataArray, people: xr.DataArray, zones: Circles, longest: int
) -> tuple[float, float]:
    """Give the highest ratio by the plain search, and its processor seconds for one set of counts."""
    y = cases.to_numpy().astype(float)
    share = people.to_numpy() / float(people.sum())
    mean = np.repeat(share[:, None] * y.sum() / DAYS, DAYS, axis=1)
    ring = (zones.starts, zones.members, zones.ends)
    plain_search(y[:, -3:], mean[:, -3:], y.sum(), *ring, 1)
    began = time.process_time()
    best = plain_search(y, mean, y.sum(), *ring, longest)
    return best, time.process_time() - began


def main() -> None:
    """Time each setting, hold the observed score against the plain search, print the table."""
    cases, points, people = world(3_000)
    scan_places(cases, points, people, replicates=9, alpha=0.1, rng=np.random.default_rng(1))
    rows = []
    for total, share, longest, with_people in RUNS:
        cases, points, people = world(total)
        began, worked = time.perf_counter(), time.process_time()
        found = scan_places(
            cases, points, people if with_people else None, share=share, longest=longest,
            replicates=REPLICATES, rng=np.random.default_rng(1),
        )  # fmt: skip
        seconds = time.perf_counter() - began
        worked = time.process_time() - worked
        zones = circles(points, people, share=share)
        ratio = apart = "–"
        if with_people:
            best, one = plain(cases, people, zones, longest)
            ratio = f"{one * (REPLICATES + 1) / worked:,.0f}"
            apart = f"{abs(found.clusters['score'][0] / best - 1):.0e}"
        model = "people" if with_people else "cases alone"
        rows.append(
            [
                model,
                f"{total:,}",
                f"{share:g}",
                f"{longest}",
                f"{len(zones) * longest / 1e6:.0f}",
                f"{seconds:.1f}",
                f"{worked:.1f}",
                ratio,
                apart,
            ]
        )
    print(
        f"\n## Space-time scan, {len(points['place']):,} places × {DAYS} days, {REPLICATES} replicates\n"
    )
    print(
        f"Bar: {BAR_SECONDS} s. The plain search is timed on one set of counts (processor seconds) and taken {REPLICATES + 1} times.\n"
    )
    print(
        table(
            [
                "expected by",
                "cases",
                "largest share",
                "longest, days",
                "cylinders, million",
                "here, s",
                "processor, s",
                "plain ÷ processor",
                "largest difference",
            ],
            rows,
        )
    )


if __name__ == "__main__":
    main()
