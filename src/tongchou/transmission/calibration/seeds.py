"""Who is infected before the first day."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from tongchou.transmission.calibration.priors import Parameters
from tongchou.transmission.metapopulation.kernel import E1, E2, S
from tongchou.transmission.metapopulation.model import Model
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]


def seeded_places(model: Model, seeds: Mapping[str, float]) -> tuple[Floats, Floats]:
    """Give the state before the first infection (place, age, compartment), and seeds (place)."""
    number = {p: i for i, p in enumerate(model.places)}
    strange = [p for p in seeds if p not in number]
    amount = np.zeros(len(model.places))
    for p, n in seeds.items():
        if p in number:
            amount[number[p]] = n
    if (
        strange
        or not (amount > 0).any()
        or (amount < 0).any()
        or (amount > model.people / 10).any()
    ):
        raise BadParameter("seeds", ", ".join(strange[:3]) or str(dict(seeds)), _SEEDS)
    start = np.zeros(model.start.shape[1:])
    start[..., S] = model.start[0].sum(axis=-1)
    return start, amount


def starts_of(start: Floats, seeded: Floats, parameters: Parameters) -> Floats:
    """Give the state of each member before the first day; the infected are half way through their latent time."""
    members = len(parameters.seeds)
    state = np.repeat(start[None], members, axis=0)
    for k, i in enumerate(np.flatnonzero(seeded)):
        people = start[i, :, S]
        infected = np.minimum(seeded[i] * np.exp(parameters.seeds[:, k]), 0.5 * people.sum())
        by_age = infected[:, None] * people / people.sum()
        state[:, i, :, S] -= by_age
        state[:, i, :, E1] += by_age / 2
        state[:, i, :, E2] += by_age / 2
    return state


_SEEDS = Text(
    zh="初始感染须给出模型中的地区，大于 0，且不超过当地人口的十分之一。",
    en="the infected of the first day must be in places of the model, above 0 and at most a tenth of the people.",
)
