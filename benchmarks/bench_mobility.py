"""Movement among 2,849 counties: models, sharing out, layers of the engine; each in a process of its own.

Run: ``python -m benchmarks.bench_mobility``. Points are those of China; people are drawn (lognormal, median 360,000),
as the table of places holds none for counties, and flows among prefectures are made by a gravity law.
"""

import sys
import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from benchmarks.measure import in_fresh_process, table
from tongchou.transmission.mobility.counties import commuting_links, share_out
from tongchou.transmission.mobility.gravity import Gravity, fit_gravity
from tongchou.transmission.mobility.links import make_links
from tongchou.transmission.mobility.radiation import radiation_weights
from tongchou.transmission.mobility.spatial import spread
from tongchou.vocabulary.places import china

Floats = npt.NDArray[np.float64]

LAW = Gravity(constant=0.0, origin=0.9, destination=0.8, distance=1.9, errors=(), explained=1.0, pairs=0)  # fmt: skip
DAYS, CAP = 90, 100


def places(level: str) -> tuple[list[str], Floats, Floats]:
    """Give codes, drawn people and points of the places of a level."""
    units = china().reporting_units(level)
    people = np.random.default_rng(20200123).lognormal(12.8, 0.8, len(units))
    return [p.code for p in units], people, np.array([[p.longitude, p.latitude] for p in units])


def radiation() -> str:
    """Spread the departures of every county by radiation."""
    _, people, points = places("county")
    return f"{spread(radiation_weights(people, points), 0.1 * people, cap=CAP)[0].nnz:,} links"


def gravity() -> str:
    """Spread the departures of every county by gravity."""
    _, people, points = places("county")
    return f"{spread(LAW.weights(people, points), 0.1 * people, cap=CAP)[0].nnz:,} links"


def fit() -> str:
    """Fit the gravity model on all pairs of prefectures, departures given."""
    _, people, points = places("prefecture")
    flow, _ = spread(LAW.weights(people, points), 0.02 * people, cap=CAP)
    return f"{fit_gravity(flow, people, points, constrained=True).pairs:,} pairs"


def shared() -> str:
    """Share flows of prefectures out over counties and make the layer of a quarter."""
    above_codes, above_people, above_points = places("prefecture")
    codes, people, points = places("county")
    flow, _ = spread(LAW.weights(above_people, above_points), 0.02 * above_people, cap=CAP)
    number = {code: k for k, code in enumerate(above_codes)}
    above = [number[china().standing(code, "prefecture").code] for code in codes]
    matrix, _ = share_out(flow, above, people, points, LAW)
    matrix.data /= np.repeat(people, np.diff(matrix.indptr))
    matrix.data *= 0.5 / max(matrix.sum(axis=1).max(), 0.5)
    links = make_links(matrix, people, codes, days=DAYS, cap=CAP)
    return f"{links.layer.share.size:,} links, {DAYS} days"


def commuting() -> str:
    """Make the commuting layer of a quarter."""
    codes, people, points = places("county")
    links = commuting_links(people, points, codes, days=DAYS)
    return f"{links.layer.share.size:,} links, {DAYS} days"


JOBS: dict[str, Callable[[], str]] = {
    f"radiation, the {CAP} largest of each county": radiation,
    f"gravity, the {CAP} largest of each county": gravity,
    "gravity fitted on prefectures": fit,
    "prefecture flows shared out, travel layer": shared,
    "commuting layer, radiation within 150 km": commuting,
}


def main() -> None:
    """Print seconds (warm) and the peak memory of each job's own process."""
    peaks = [
        in_fresh_process([sys.executable, "-m", __spec__.name, name], {}).peak_mb for name in JOBS
    ]
    rows = []
    for name, peak in zip(JOBS, peaks, strict=True):
        seconds, made = _seconds(name)
        rows.append([name, made, f"{seconds:.2f} s", f"{peak:.0f} MB"])
    print(f"\n## Movement among counties\n\n{table(['what', 'made', 'warm', 'peak'], rows)}")


def _seconds(name: str) -> tuple[float, str]:
    made = JOBS[name]()
    start = time.perf_counter()
    JOBS[name]()
    return time.perf_counter() - start, made


if __name__ == "__main__":
    JOBS[sys.argv[1]]() if len(sys.argv) > 1 else main()
