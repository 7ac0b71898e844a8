"""Who is infected before the first day, and who comes infected from outside afterwards."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.transmission.calibration.priors import Parameters
from tongchou.transmission.metapopulation.compartments import E1, E2, S
from tongchou.transmission.metapopulation.model import Model
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]


class Seeds(NamedTuple):
    """Medians of those infected elsewhere, in persons: before the first day ``first`` (place), then ``daily`` (day, place).

    A member multiplies both by a factor of the place.
    """

    first: Floats
    daily: Floats

    @property
    def seeded(self) -> npt.NDArray[np.bool_]:
        """Whether somebody is (place)."""
        return np.asarray((self.first > 0) | (self.daily > 0).any(axis=0))

    def factors(self, parameters: Parameters) -> Floats:
        """Give what each member multiplies them by (member, place)."""
        factors = np.ones((len(parameters.seeds), len(self.first)))
        factors[:, self.seeded] = np.exp(parameters.seeds)
        return factors


def seeded_places(
    model: Model, seeds: Mapping[str, float], arrivals: xr.DataArray | None = None
) -> tuple[Floats, Seeds]:
    """Give the state before the first infection (place, age, compartment), and the seeds."""
    number = {p: i for i, p in enumerate(model.places)}
    strange = [p for p in seeds if p not in number]
    first = np.zeros(len(model.places))
    for p, n in seeds.items():
        if p in number:
            first[number[p]] = n
    daily = _daily(model, arrivals)
    total = first + daily.sum(axis=0)
    if (
        strange
        or not (total > 0).any()
        or min(first.min(), daily.min()) < 0
        or (total > model.people / 2).any()
        or (first > model.people / 10).any()
    ):
        raise BadParameter("seeds", ", ".join(strange[:3]) or str(dict(seeds)), _SEEDS)
    start = np.zeros(model.start.shape[1:])
    start[..., S] = model.start[0].sum(axis=-1)
    return start, Seeds(first, daily)


def _daily(model: Model, arrivals: xr.DataArray | None) -> Floats:
    if arrivals is None:
        return np.zeros((len(model.dates), len(model.places)))
    there = arrivals["date"].to_numpy().astype("datetime64[D]")
    lost = np.setdiff1d(model.dates, there)
    strange = np.setdiff1d(np.array(model.places), arrivals["place"].to_numpy().astype(str))
    if len(lost) or len(strange):
        raise BadParameter("arrivals", str((*lost[:1], *strange[:3])), _ARRIVALS)
    laid = arrivals.assign_coords(date=there).sel(date=model.dates, place=list(model.places))
    values = laid.transpose("date", "place").to_numpy().astype(float)
    if not np.isfinite(values).all():
        raise BadParameter("arrivals", float("nan"), _ARRIVALS)
    return np.ascontiguousarray(values)


def starts_of(start: Floats, seeds: Seeds, parameters: Parameters) -> Floats:
    """Give the state of each member before the first day; the infected are half way through their latent time."""
    factors = seeds.factors(parameters)
    state = np.repeat(start[None], len(factors), axis=0)
    for i in np.flatnonzero(seeds.first > 0):
        people = start[i, :, S]
        infected = np.minimum(seeds.first[i] * factors[:, i], 0.5 * people.sum())
        by_age = infected[:, None] * people / people.sum()
        state[:, i, :, S] -= by_age
        state[:, i, :, E1] += by_age / 2
        state[:, i, :, E2] += by_age / 2
    return state


_SEEDS = Text(
    zh="初始感染须给出模型中的地区，大于 0，首日不超过当地人口的十分之一，连同其后输入不超过一半。",
    en="the infected of the first day must be in places of the model, above 0 and at most a tenth of the people, with those who come later at most half.",
)
_ARRIVALS = Text(
    zh="输入感染须覆盖模型的每个地区与日期，为不小于零的有限数。",
    en="arrivals must be there for every place and day of the model, as finite numbers of at least 0.",
)
