"""The scan and the questions on too few cases where the truth is known: nothing, or something planted."""

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.surveillance.detection.improbably_few import improbably_few
from tongchou.surveillance.detection.scan_places import scan_places
from tongchou.surveillance.detection.scan_zones import Circles, circles
from validation.lines import Line, report

REPEATS, PLACES, DAYS, REPLICATES = 300, 40, 30, 99
PLANTED, RISES = 200, ((4, 3.0), (4, 5.0), (7, 3.0))
"""Outbreaks planted, and each one's days and relative risk."""
Floats = npt.NDArray[np.float64]


def world(rng: np.random.Generator, places: int) -> tuple[xr.Dataset, xr.DataArray]:
    """Make points and people of some places."""
    where = {"place": [f"p{i:03d}" for i in range(places)]}
    points = xr.Dataset(
        {
            "longitude": ("place", 110 + 4 * rng.random(places)),
            "latitude": ("place", 28 + 4 * rng.random(places)),
        },
        where,
    )
    return points, xr.DataArray(rng.lognormal(11.5, 0.7, places), where, ("place",))


def counts(
    rng: np.random.Generator, people: xr.DataArray, risk: Floats, mean: float
) -> xr.DataArray:
    """Draw counts: Poisson by people, ``mean`` a day in all places together, times a relative risk."""
    rate = people.to_numpy()[:, None] / float(people.sum()) * mean * risk
    dates = np.datetime64("2020-02-01", "ns") + np.arange(DAYS) * np.timedelta64(1, "D")
    return xr.DataArray(
        rng.poisson(rate), {"place": people["place"], "date": dates}, ("place", "date")
    )


def share_line(claim: str, hits: npt.ArrayLike, wanted: float) -> Line:
    """Give the line of a probability that is known: three standard errors either way."""
    found = np.asarray(hits, dtype=bool)
    error = 3 * np.sqrt(wanted * (1 - wanted) / found.size)
    return Line(
        claim=claim,
        found=f"{found.mean():.1%} of {found.size}",
        wanted=f"{wanted:.0%} ± {error:.1%}",
        holds=bool(abs(found.mean() - wanted) <= error),
    )


def null(rng: np.random.Generator, with_people: bool) -> Floats:
    """Give p of the most likely cluster where nothing goes on; 1 where there is none."""
    points, people = world(rng, PLACES)
    # The permutation stands whatever is always so of a place and on a day; the Poisson needs the people.
    risk = np.ones((PLACES, DAYS))
    if not with_people:
        risk = rng.lognormal(0, 0.8, (PLACES, 1)) * rng.lognormal(0, 0.4, (1, DAYS))
    p = np.ones(REPEATS)
    for k in range(REPEATS):
        cases = counts(rng, people, risk, 20.0)
        found = scan_places(
            cases, points, people if with_people else None, share=0.3, longest=7,
            replicates=REPLICATES, alpha=0.05, rng=rng.spawn(1)[0],
        )  # fmt: skip
        if found.clusters.height:
            p[k] = found.clusters["p_value"][0]
    return p


def power(rng: np.random.Generator, days: int, risk: float) -> tuple[Floats, Floats]:
    """Plant an outbreak in a circle of 3 places; give whether it was an alarm, and the share of its places named."""
    points, people = world(rng, PLACES)
    zones = circles(points, people, share=0.3)
    seen, named = np.zeros(PLANTED), np.zeros(PLANTED)
    for k in range(PLANTED):
        inside = _circle(zones, int(rng.integers(PLACES)), 3)
        rise = np.ones((PLACES, DAYS))
        rise[inside, -days:] = risk
        found = scan_places(
            counts(rng, people, rise, 40.0), points, people, share=0.3, longest=7,
            replicates=REPLICATES, alpha=0.05, rng=rng.spawn(1)[0],
        )  # fmt: skip
        wanted = {zones.places[i] for i in inside}
        told = found.members.join(found.alarms.select("cluster"), on="cluster")
        overlap = len(wanted & set(told["place"]))
        seen[k], named[k] = overlap > 0, overlap / len(wanted)
    return seen, named


def _circle(zones: Circles, centre: int, places: int) -> npt.NDArray[np.int32]:
    last = min(zones.starts[centre] + places, zones.starts[centre + 1]) - 1
    return zones.of(centre, int(last))


def few(rng: np.random.Generator, hidden: int, variety: float) -> tuple[int, int, Floats]:
    """Give how many were asked, how many of them hid 95 % of their cases, and p of the others."""
    asked = right = 0
    p = []
    for _ in range(20):
        points, people = world(rng, 200)
        around = circles(points, people, share=0.5, most_places=9)
        wave = 1 + 0.8 * np.sin(points["longitude"].to_numpy())
        rate = people * 3e-4 * wave * rng.gamma(variety, 1 / variety, 200)
        y = xr.DataArray(rng.poisson(rate).astype(float), people.coords, ("place",))
        hides = rng.choice(200, hidden, replace=False)
        y[hides] = np.floor(y.to_numpy()[hides] * 0.05)
        found = improbably_few(y, people, around)
        flagged = np.flatnonzero(found["q"].to_numpy() <= 0.1)
        asked, right = asked + len(flagged), right + len(set(flagged) & set(hides))
        p.append(np.delete(found["p"].to_numpy(), hides))
    return asked, right, np.concatenate(p)


def main() -> None:
    """Print p under the null, power by size of outbreak, and the truth of questions."""
    rng = np.random.default_rng(20200223)
    lines = []
    for with_people, model in ((True, "by people"), (False, "by the cases alone")):
        p = null(rng, with_people)
        lines += [
            share_line(f"nothing goes on, {model}: p ≤ {at:g}", p <= at, at)
            for at in (0.05, 0.2, 0.5)
        ]
    for days, risk in RISES:
        seen, named = power(rng, days, risk)
        lines.append(
            Line(
                claim=f"3 of {PLACES} places at {risk:g} times the risk for {days} days: alarm at p ≤ 0.05",
                found=f"{seen.mean():.0%} of {PLANTED}; {named[seen > 0].mean():.0%} of the places named",
                wanted="above 50 %",
                holds=bool(seen.mean() > 0.5),
            )
        )
    asked, _, p = few(rng, 0, 10.0)
    lines.append(
        Line(
            claim="nobody hides: places asked why so few",
            found=f"{asked} of 4,000; p ≤ 0.05 in {np.mean(p <= 0.05):.1%}",
            wanted="at most 2 in 20 nations; at most 5 %",
            holds=asked <= 8 and bool(np.mean(p <= 0.05) <= 0.05),
        )
    )
    for variety in (6.0, 30.0):
        asked, right, _ = few(rng, 10, variety)
        lines.append(
            Line(
                claim=f"10 of 200 hide 95 % of their cases, rates of neighbours vary by {variety**-0.5:.0%}",
                found=f"{right / 200:.0%} found; {(asked - right) / max(asked, 1):.0%} of those asked hide nothing",
                wanted="at most 10 % of those asked",
                holds=(asked - right) <= 0.1 * asked + 3,
            )
        )
    report("Space-time scan and counts that are too few", lines)


if __name__ == "__main__":
    main()
