"""Arrivals under watch in an exercise: who came from a county of higher tier, and who is watched.

Who comes to stay is drawn from the trips of the table ``mobility``: of the whole trips between two
counties on a day on which the county of origin has the higher tier, each is one of somebody who
stays, with chance ``arrival_stay_share``. So no county registers more arrivals than came to it.
"""

import numpy as np
import polars as pl

from tongchou.situation.exercise.rules import START
from tongchou.situation.exercise.settings import NEVER, Ints, improving, setting, whole_days
from tongchou.situation.exercise.world import World

UNWATCHED = 2
"""Newest arrivals not yet under watch: a gap the morning must find."""


def arrival_table(world: World, mobility: pl.DataFrame, tier: Ints) -> pl.DataFrame:
    """Give the rows of the table ``contacts`` that are arrivals under watch.

    Registration begins with the first measures. ``exposed_on`` is the day of travel; watch ends
    ``arrival_observed_days`` later. A few are never found at home and never watched.

    Parameters
    ----------
    mobility
        Table ``mobility`` of the exercise: persons a day by origin and destination.
    tier
        (county, day): 0 low, 1 medium, 2 high.
    """
    rng = world.stream("arrivals")
    county, day = _come(world, rng, mobility, tier)
    n = len(day)
    registered = day + whole_days(setting("arrival_register_delay"), rng, n)
    watched = registered + whole_days(improving("arrival_watch_delay", day, world.days), rng, n)
    watched[rng.random(n) < setting("arrival_missed_share")] = NEVER
    known = np.flatnonzero(registered < world.days)
    known = known[np.lexsort((known, county[known], registered[known]))]
    watched[known[len(known) - UNWATCHED :]] = NEVER
    county, day, registered, watched = (a[known] for a in (county, day, registered, watched))
    due = day + int(setting("arrival_observed_days"))
    n = len(known)
    return pl.DataFrame(
        {
            "contact_id": [f"{world.tag}-A{i + 1:06d}" for i in range(n)],
            "case_id": pl.Series([None] * n, dtype=pl.String),
            "place": world.codes[county],
            "known_on": world.dates(registered),
            "setting": ["arrival"] * n,
            "exposed_on": world.dates(day),
            "traced_on": world.dates(registered),
            "placed_on": world.dates(watched),
            "release_due": world.planned(due),
            "released_on": world.dates(np.where(watched < NEVER, np.maximum(due, watched), NEVER)),
            "became_case_id": pl.Series([None] * n, dtype=pl.String),
        },
        schema_overrides={"place": pl.String, "setting": pl.String, "contact_id": pl.String},
    )


def _come(
    world: World, rng: np.random.Generator, mobility: pl.DataFrame, tier: Ints
) -> tuple[Ints, Ints]:
    """Give county and day of everybody who came to stay from a county of higher tier."""
    at = pl.DataFrame({"place": world.codes, "at": np.arange(len(world.counties))})
    trips = mobility.join(at, left_on="origin", right_on="place").join(
        at, left_on="destination", right_on="place", suffix="_to"
    )
    day = (trips["date"] - world.first).dt.total_days().to_numpy()
    origin, county = trips["at"].to_numpy(), trips["at_to"].to_numpy()
    higher = (tier[origin, day] > tier[county, day]) & (day >= START)
    whole = np.floor(trips["persons"].to_numpy()).astype(np.int64)
    stay = rng.binomial(np.where(higher, whole, 0), setting("arrival_stay_share"))
    return np.repeat(county, stay), np.repeat(day, stay)
