"""How long the tiers of 2,900 places over 180 days take, and the proposals of one day."""

from time import perf_counter

import numpy as np
import xarray as xr

from tongchou.tiering.engine import tier_history
from tongchou.tiering.rules import tier_rules
from tongchou.tiering.tiers import assign_tiers


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


def bench_tiering(places: int = 2900, days: int = 180) -> dict[str, float]:
    """Give seconds for the whole history and for one day with reasons and sensitivity."""
    cube, rules = case_cube(places, days), tier_rules()
    assign_tiers(cube[:10], rules)  # reads the tables and solves the resurgence curves once
    start = perf_counter()
    tier_history(cube, rules)
    middle = perf_counter()
    assign_tiers(cube, rules)
    return {"history_s": middle - start, "one_day_s": perf_counter() - middle}


if __name__ == "__main__":
    for name, seconds in bench_tiering().items():
        print(f"{name:12s} {seconds:.3f}")
