"""How long the tiers of 2,900 places over 180 days take, and the proposals of one day.

Run: ``python -m benchmarks.bench_tiering``.
"""

import numpy as np
import xarray as xr

from benchmarks.measure import median_seconds, table
from tongchou.tiering.engine import tier_history
from tongchou.tiering.rules import tier_rules
from tongchou.tiering.tiers import assign_tiers

RUNS = 5


def case_cube(places: int = 2900, days: int = 180, seed: int = 1) -> xr.DataArray:
    """Give a synthetic cumulative cube with quiet and busy places, gaps and corrections."""
    rng = np.random.default_rng(seed)
    busy = rng.gamma(0.2, 1.0, (places, 1))
    total = np.cumsum(rng.poisson(busy, (places, days)), axis=1).astype(float)
    total[rng.random((places, days)) < 0.01] = np.nan
    return xr.DataArray(
        total,
        dims=("place", "date"),
        coords={
            "place": [f"{i:06d}" for i in range(places)],
            "date": (np.datetime64("2020-01-01") + np.arange(days)).astype("datetime64[ns]"),
        },
        attrs={"units": "persons"},
    )


def main(places: int = 2900, days: int = 180) -> None:
    """Time the whole history, and one day with reasons and sensitivity; print the table."""
    cube, rules = case_cube(places, days), tier_rules()
    assign_tiers(cube[:10], rules)  # reads the tables and solves the resurgence curves once
    jobs = {
        "`tier_history`, every day": lambda: tier_history(cube, rules),
        "`assign_tiers`, one day with reasons and sensitivity": lambda: assign_tiers(cube, rules),
    }
    rows = [[name, f"{median_seconds(job, RUNS):.3f}"] for name, job in jobs.items()]
    print(f"\n## Tiers, {places:,} places × {days} days\n\nMedian of {RUNS} calls.\n")
    print(table(["call", "seconds"], rows))


if __name__ == "__main__":
    main()
