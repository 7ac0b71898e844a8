"""Calibration beside known truth and beside what was published of January and February 2020.

Run: ``python -m validation.validate_calibration``, with ``TONGCHOU_DATA`` for the real epidemic; ``--all`` takes
50 known epidemics in the place of 30. Li R and
others 2020 (doi 10.1126/science.abb3221): R 2.38 (2.03–2.77) and 14 % (10–18) of infections reported to 23
January; afterwards R 1.34 and then 0.98, 65 % and then 69 % reported. Hao X and others 2020 (doi
10.1038/s41586-020-2554-8): Wuhan 3.54 (3.40–3.67) before 11 January, 0.28 (0.23–0.33) after 16 February.
Lai S and others 2020 (doi 10.1038/s41586-020-2293-x): a week earlier 66 % fewer cases, a week later 3 times as many.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.transmission.calibration.abc_smc import abc_smc
from tongchou.transmission.calibration.members import live_members
from tongchou.transmission.calibration.observation import CountScale, delay_table
from tongchou.transmission.calibration.priors import Beliefs, Latents, Parameters, numbers_of
from tongchou.transmission.calibration.result import Calibration
from tongchou.transmission.calibration.seeds import seeded_places, starts_of
from tongchou.transmission.calibration.smoother import calibrate
from tongchou.transmission.calibration.twin import Country, small_country
from tongchou.transmission.metapopulation.chance import EXPECTED
from validation.january_2020 import FIRST, SEEDS, WUHAN, January, folder, january
from validation.lines import Line, band, report

Floats = npt.NDArray[np.float64]

TWINS = 50 if "--all" in sys.argv else 30
UNREAD = {"Wuhan": date(2020, 1, 27), "Hubei without Wuhan": date(2020, 1, 25)}
"""Until then counts in Hubei grew as tests did, tenfold in a night."""

BEFORE, AFTER = "2020-01-15", "2020-02-10"
EARLIER, LATER = -7, 7


def twins() -> list[Line]:
    """Give how often the bands hold the truth of epidemics drawn from the beliefs."""
    beliefs = Beliefs.from_table(break_on=date(2020, 2, 5), reporting_to=date(2020, 2, 15))
    level, share, seconds = [], [], []
    for n in range(TWINS):
        rng = np.random.default_rng([20200123, n])
        country = small_country(30, 75, rng=rng)
        twin = country.epidemic(beliefs, rng=rng)
        began = time.process_time()
        found = calibrate(
            country.model, twin.counts, groups=country.groups, sources=country.sources,
            seeds=country.seeds, delay=country.delay, beliefs=beliefs, rng=rng,
        )  # fmt: skip
        seconds.append(time.process_time() - began)
        days = np.arange(5, 66, 5)
        level.append(_inside(found.parameters.log_reproduction, twin.truth.log_reproduction)[days])
        share.append(_inside(found.parameters.reporting, twin.truth.reporting)[[15, 60]])
    R = np.array(level)
    return [
        band(f"{TWINS} twins of 30 places: R by group, every fifth day", R),
        band("the same, the source alone", R[..., 0]),
        band("the same, share of infections reported, before and after the turn", np.array(share)),
        Line(
            claim="one of them",
            found=f"{np.median(seconds):.1f} s of processor",
            wanted="told",
            holds=None,
        ),
    ]


def _inside(draws: Floats, truth: Floats) -> npt.NDArray[np.bool_]:
    low, high = np.quantile(draws, (0.025, 0.975), axis=0)
    return np.asarray((low <= truth[0]) & (truth[0] <= high))


def fitted(given: January, members: int = 180) -> tuple[Calibration, float]:
    """Fit the real epidemic; give it and the seconds of processor that it took."""
    began = time.process_time()
    found = calibrate(
        given.model, given.counts, groups=given.groups, sources=("Wuhan", "Hubei without Wuhan"),
        seeds=SEEDS, delay=given.delay, beliefs=given.beliefs, journeys=given.journeys,
        unread=UNREAD, members=members, threads=2, rng=np.random.default_rng(20200123),
    )  # fmt: skip
    return found, time.process_time() - began


def words(values: npt.ArrayLike, form: str = ".2f") -> str:
    """Write median and 95 % band."""
    low, middle, high = np.quantile(values, (0.025, 0.5, 0.975))
    return f"{middle:{form}} ({low:{form}}–{high:{form}})"


def elsewhere(data: xr.Dataset, name: str, weight: str = "infections") -> xr.DataArray:
    """Give a quantity of the groups outside Hubei, weighed by their infections."""
    groups = [g for g in data["group"].to_numpy() if g not in ("Wuhan", "Hubei without Wuhan")]
    part = data.sel(group=groups)
    return part[name].weighted(part[weight]).mean("group")


def real(found: Calibration, seconds: float) -> list[Line]:
    """Give what the fit of the real epidemic says, beside what was published."""
    data = found.dataset()
    fit = found.fit()
    wuhan = data.sel(group="Wuhan")
    lines = [
        Line(
            claim="January and February 2020, 369 prefectures: processor",
            found=f"{seconds:.0f} s",
            wanted="at most 60 s",
            holds=seconds <= 60,
        ),
        Line(
            claim="daily counts of 32 groups inside the 95 % band",
            found=f"{fit['in95'].mean():.1%}",
            wanted="90 % and more",
            holds=float(fit["in95"].mean()) >= 0.9,
        ),
    ]
    rest = elsewhere(data, "reproduction")
    told = [
        ("R, Wuhan, 15 January", wuhan["reproduction"].sel(date=BEFORE), "2.38 (2.03–2.77) Li, 3.54 (3.40–3.67) Hao", ".2f"),
        ("R, Wuhan, 10 February", wuhan["reproduction"].sel(date=AFTER), "0.98–1.34 Li to 8 February, 0.28 Hao after the 16th", ".2f"),
        ("R, other provinces, 15 January", rest.sel(date=BEFORE), "2.38 (2.03–2.77) Li", ".2f"),
        ("R, other provinces, 10 February", rest.sel(date=AFTER), "below 1", ".2f"),
        ("share reported, Wuhan, 15 January", wuhan["reporting"].sel(date=BEFORE), "0.14 (0.10–0.18) Li", ".2f"),
        ("share reported, Wuhan, 10 February", wuhan["reporting"].sel(date=AFTER), "0.65–0.69 Li", ".2f"),
        ("share reported, other provinces, 10 February", elsewhere(data, "reporting").sel(date=AFTER), "0.65–0.69 Li", ".2f"),
        ("infected in Wuhan to 23 January", wuhan["infections"].sel(date=slice(None, "2020-01-23")).sum("date"), "told", ",.0f"),
    ]  # fmt: skip
    return lines + [
        Line(claim=claim, found=words(values, form), wanted=wanted, holds=None)
        for claim, values, wanted, form in told
    ]


def moved_path(path: Floats, days: int) -> Floats:
    """Give paths (draw, day, group) whose turn comes so many days later; earlier if negative."""
    at = np.clip(np.arange(path.shape[1]) - days, 0, path.shape[1] - 1)
    return path[:, at]


def counterfactuals(found: Calibration, given: January) -> list[Line]:
    """Give what would have happened: the turn a week earlier or later, and nobody held back on the way."""
    path = found.parameters.log_reproduction + found.parameters.noise
    turn = int((np.datetime64("2020-01-20") - np.datetime64(FIRST)).astype(int))
    cases = {}
    for name, days, journeys in (
        ("as it was", 0, given.journeys),
        ("measures a week earlier", EARLIER, given.journeys),
        ("measures a week later", LATER, given.journeys),
        ("no ban on travel", 0, given.travelling_on()),
    ):
        moved = path.copy()
        if days:
            later = moved_path(path, days)
            begin = turn + min(days, 0)
            moved[:, begin:] = later[:, begin:]
            if days > 0:
                moved[:, turn : turn + days] = path[:, turn - 1 : turn]
        state = found.first_state()
        infections, _ = live_members(
            found.model, state, np.exp(moved), np.exp(found.parameters.place), found.delay,
            mode=EXPECTED, journeys=journeys,
        )  # fmt: skip
        wuhan = given.model.places.index(WUHAN)
        cases[name] = (
            infections.sum(axis=(1, 2)),
            np.delete(infections, wuhan, 2).sum(axis=(1, 2)),
        )
    base, base_rest = cases.pop("as it was")
    wanted = ("66 % fewer (Lai)", "3 times (Lai)", "told")
    return [
        Line(
            claim=f"{name}: infections to 29 February, times as many; outside Wuhan",
            found=f"{words(whole / base)}; {words(rest / base_rest)}",
            wanted=published,
            holds=None,
        )
        for (name, (whole, rest)), published in zip(cases.items(), wanted, strict=True)
    ]


def second_opinion() -> list[Line]:
    """Give R before and after a turn and the share reported of one twin by both methods."""
    rng = np.random.default_rng(7)
    beliefs = replace(
        Beliefs.from_table(break_on=date(2020, 1, 30), reporting_to=date(2020, 2, 8)),
        step_sd=1e-3, reporting_step_sd=1e-3, reporting_group_sd=1e-3, place_sd=1e-3,
    )  # fmt: skip
    country = small_country(12, 60, rng=rng)
    twin = country.epidemic(beliefs, rng=rng)
    found = calibrate(
        country.model, twin.counts, groups=country.groups, sources=country.sources, seeds=country.seeds,
        delay=country.delay, beliefs=beliefs, rng=rng,
    )  # fmt: skip
    distance = _distance(country, twin.counts, beliefs)
    kept = abc_smc(
        distance,
        {
            "before": (np.log(beliefs.reproduction), beliefs.reproduction_sd),
            "change": (np.log(beliefs.break_ratio), beliefs.break_sd * 2**0.5),
            "seeds": (0.0, beliefs.seeds_sd),
            "reporting": (0.0, beliefs.reporting_sd),
        },
        rng=rng,
    )
    low, middle, high = np.exp(kept.quantiles((0.025, 0.5, 0.975))[:, 0])
    mine = np.exp(found.parameters.log_reproduction[:, 20, 0])
    truth = float(np.exp(twin.truth.log_reproduction[0, 20, 0]))
    return [
        Line(
            claim="second opinion (ABC-SMC, four parameters for all places): R before the turn, one twin",
            found=f"{middle:.2f} ({low:.2f}–{high:.2f}) beside {words(mine)}",
            wanted=f"both bands hold {truth:.2f}",
            holds=bool(
                low <= truth <= high
                and np.quantile(mine, 0.025) <= truth <= np.quantile(mine, 0.975)
            ),
        )
    ]


def _distance(
    country: Country, counts: xr.DataArray, beliefs: Beliefs
) -> Callable[[Floats], Floats]:
    """Give the distance of simulated daily counts of the country from those reported."""
    names, group = numbers_of(country.groups, country.model.places)
    model = replace(country.model, group=group)
    start, seeds = seeded_places(model, country.seeds)
    table = delay_table(country.delay, model.dates)
    calm = np.full((len(model.dates), len(names)), 1e12)
    latents = Latents(beliefs, model.dates, names, country.sources, group, seeds.seeded, calm)
    turn = latents.weights @ np.cumsum(latents.drift) / np.log(beliefs.break_ratio)
    scale = CountScale(beliefs.dispersion)
    seen = scale.of(counts.transpose("date", "place").to_numpy().sum(axis=1))

    def distance(draws: Floats) -> Floats:
        n = len(draws)
        log_R = draws[:, :1] + draws[:, 1:2] * turn
        zero = np.zeros((n, len(model.dates), len(names)))
        parameters = Parameters(
            log_reproduction=zero + log_R[..., None], noise=zero, place=np.zeros((n, len(group))),
            seeds=draws[:, 2:3], reporting=zero,
        )  # fmt: skip
        state = starts_of(start, seeds, parameters)
        _, arriving = live_members(
            model,
            state,
            np.exp(parameters.log_reproduction),
            np.exp(parameters.place),
            table,
            mode=EXPECTED,
        )
        share = 1 / (
            1 + np.exp(-(np.log(beliefs.reporting / (1 - beliefs.reporting)) + draws[:, 3]))
        )
        means = arriving.sum(axis=2)[:, -len(seen) :] * share[:, None]
        return np.asarray(np.sqrt(((scale.expected(means) - seen) ** 2).mean(axis=1)))

    return distance


def main() -> None:
    """Print the lines."""
    lines = [*twins(), *second_opinion()]
    data = folder()
    if data is None:
        lines.append(
            Line(claim="the real epidemic", found="no data", wanted="TONGCHOU_DATA", holds=None)
        )
    else:
        given = january(data)
        found, seconds = fitted(given)
        lines += [*real(found, seconds), *counterfactuals(found, given)]
    report("Calibration", lines)


if __name__ == "__main__":
    main()
