"""What a calibration found, as labelled arrays and tidy tables, and as the start of a forecast."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr

from tongchou.transmission.calibration.members import whole_persons
from tongchou.transmission.calibration.observation import CountScale
from tongchou.transmission.calibration.priors import Parameters
from tongchou.transmission.calibration.seeds import Seeds, starts_of
from tongchou.transmission.metapopulation.compartments import COMPARTMENTS
from tongchou.transmission.metapopulation.model import Model

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]

BAND = (0.025, 0.25, 0.5, 0.75, 0.975)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The ensemble after the counts, one draw for each member.

    Attributes
    ----------
    model
        The model fitted; ``group`` numbers the groups.
    groups
        Names of the groups.
    nobody_ill : ndarray (place, age, compartment), persons
        Everybody before anybody was infected.
    seeds
        Median infected before the first day, and those who come infected.
    parameters
        What each draw believes, of the days of the model and of those ahead.
    state : ndarray (draw, place, age, compartment), persons
        At the end of the last day, expected persons.
    infections, arriving : ndarray (draw, day, place), persons a day
        New infections, and the same on the day of their report if all were reported.
    delay : ndarray (day, lag)
    observed : DataArray (place, date)
        The counts.
    dispersion
        Of a group's daily count.
    """

    model: Model
    groups: tuple[str, ...]
    nobody_ill: Floats
    seeds: Seeds
    parameters: Parameters
    state: Floats
    infections: npt.NDArray[np.float32]
    arriving: npt.NDArray[np.float32]
    delay: Floats
    observed: xr.DataArray
    dispersion: float

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.state)

    def _labels(self) -> dict[str, npt.ArrayLike]:
        return {
            "draw": np.arange(self.draws),
            "date": self.model.dates.astype("datetime64[ns]"),
            "group": list(self.groups),
        }

    def dataset(self) -> xr.Dataset:
        """Give ``reproduction``, ``reporting``, ``infections`` and ``reported`` (draw, date, group).

        R is that of an average place of the group with all its people susceptible but for those
        infected so far; ``reported`` is the mean of a count, to which chance comes.
        """
        labels = self._labels()
        member_of = np.eye(len(self.groups))[self.model.group]
        infections = self.infections @ member_of
        lived = slice(0, len(self.model.dates))
        values = {
            "reproduction": (np.exp(self.parameters.log_reproduction[:, lived]), "1"),
            "reporting": (self.parameters.reporting[:, lived], "share"),
            "infections": (infections, "persons per day"),
            "reported": (
                (self.arriving @ member_of) * self.parameters.reporting[:, lived],
                "persons per day",
            ),
        }
        dims = ("draw", "date", "group")
        return xr.Dataset(
            {n: xr.DataArray(v, labels, dims, attrs={"units": u}) for n, (v, u) in values.items()}
        )

    def predicted(self, *, rng: np.random.Generator) -> xr.DataArray:
        """Give reported counts (draw, date, group) as they might have come: the mean, and chance."""
        means = self.dataset()["reported"]
        k = self.dispersion
        m = np.maximum(means.to_numpy(), 1e-12)
        return means.copy(data=rng.negative_binomial(k, k / (k + m)).astype(float))

    def predicted_places(self, *, rng: np.random.Generator) -> Floats:
        """Give reported counts (draw, day, place) as they might have come; places of a group share its uneven days."""
        days, k = len(self.model.dates), self.dispersion
        uneven = rng.gamma(k, 1 / k, (self.draws, days, len(self.groups)))
        share = self.parameters.reporting[:, :days] * uneven
        means = np.maximum(self.arriving, 0.0) * share[..., self.model.group]
        return rng.poisson(means).astype(float)

    def tidy(self, quantiles: Sequence[float] = BAND) -> pl.DataFrame:
        """Give one row for each variable, group and date: mean, and the quantiles as columns ``q025`` and so on."""
        data = self.dataset()
        names = [f"q{round(1000 * q):03d}" for q in quantiles]
        frames = []
        for name, array in data.data_vars.items():
            values = array.transpose("group", "date", "draw").to_numpy()
            levels = np.quantile(values, quantiles, axis=-1)
            groups, dates = values.shape[:2]
            frames.append(
                pl.DataFrame(
                    {
                        "variable": [str(name)] * (groups * dates),
                        "group": np.repeat(np.array(self.groups), dates).tolist(),
                        "date": np.tile(self.model.dates.astype("datetime64[D]"), groups),
                        "mean": values.mean(axis=-1).ravel(),
                    }
                    | {n: level.ravel() for n, level in zip(names, levels, strict=True)}
                )
            )
        return pl.concat(frames)

    def first_state(self) -> Floats:
        """Give the state before the first day (draw, place, age, compartment), from which to live it otherwise."""
        return starts_of(self.nobody_ill, self.seeds, self.parameters)

    def start(self, *, rng: np.random.Generator) -> xr.DataArray:
        """Give the state after the last day in whole persons, for ``build_model(state=…)``."""
        return xr.DataArray(
            whole_persons(self.state, rng),
            {
                "variant": np.arange(self.draws),
                "place": list(self.model.places),
                "age": list(self.model.ages),
                "compartment": list(COMPARTMENTS),
            },
            ("variant", "place", "age", "compartment"),
            attrs={"units": "persons"},
        )

    def scale(self, dates: Days) -> xr.DataArray:
        """Give R by draw, day and place for ``build_model(scale=…)``; after the last day drawn it stays as it is then.

        The group of ``scale`` is the place itself, for each place has its own factor beside its group's R.
        """
        days = np.asarray(dates, dtype="datetime64[D]")
        p = self.parameters
        last = p.log_reproduction.shape[1] - 1
        at = np.clip((days - self.model.dates[0]).astype(int), 0, last)
        R = np.exp(p.log_reproduction[:, at][..., self.model.group] + p.place[:, None])
        return xr.DataArray(
            R,
            {
                "variant": np.arange(self.draws),
                "date": days.astype("datetime64[ns]"),
                "group": list(self.model.places),
            },
            ("variant", "date", "group"),
        )

    def reported_share(self, dates: Days) -> Floats:
        """Give the share reported (draw, day, group) on any days, held after the last day drawn."""
        days = np.asarray(dates, dtype="datetime64[D]")
        last = self.parameters.reporting.shape[1] - 1
        at = np.clip((days - self.model.dates[0]).astype(int), 0, last)
        return self.parameters.reporting[:, at]

    def fit(self) -> pl.DataFrame:
        """Give for each group how its counts compare: totals, and the share of days inside the 95 % band."""
        counts = self.observed.transpose("date", "place").sel(place=list(self.model.places))
        member_of = np.eye(len(self.groups))[self.model.group]
        observed = counts.to_numpy() @ member_of
        first = int(
            (counts["date"].to_numpy()[0].astype("datetime64[D]") - self.model.dates[0]).astype(int)
        )
        inside = self.predicted(rng=np.random.default_rng(1)).to_numpy()
        inside = inside[:, first : first + len(observed)]
        low, high = np.quantile(inside, (0.025, 0.975), axis=0)
        scale = CountScale(self.dispersion)
        middle = np.median(inside, axis=0)
        return pl.DataFrame(
            {
                "group": list(self.groups),
                "observed": observed.sum(axis=0),
                "fitted": middle.sum(axis=0),
                "in95": ((observed >= low) & (observed <= high)).mean(axis=0),
                "error": np.sqrt(((scale.of(observed) - scale.of(middle)) ** 2).mean(axis=0)),
            }
        )
