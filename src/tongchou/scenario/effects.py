"""Measures in force and measures to come, put into a model that goes on as tonight."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy import sparse

from tongchou.transmission.metapopulation.compartments import WEIGHT
from tongchou.transmission.metapopulation.contacts import SETTINGS
from tongchou.transmission.metapopulation.course import course_of
from tongchou.transmission.metapopulation.disease import Disease
from tongchou.transmission.metapopulation.model import Model
from tongchou.transmission.metapopulation.next_generation import (
    infectious_days,
    next_generation,
    spectral_radius,
)
from tongchou.transmission.metapopulation.world import Layer
from tongchou.transmission.mobility.links import MOST_AWAY

Floats = npt.NDArray[np.float64]
INSIDE = (*(str(s) for s in SETTINGS), "isolate", "trace", "traced", "transmissibility")


@dataclass(slots=True)
class Growth:
    """How many one case infects in a place left to itself, per unit of transmissibility, under any measures.

    ρ of the next-generation matrix of the discrete course, as
    :func:`tongchou.transmission.metapopulation.reproduction.reproduction_factor` has it, for the
    people and contacts of a model.
    """

    model: Model
    illness: Disease
    _days: dict[tuple[float, float, float], Floats] = field(default_factory=dict)

    def __call__(
        self, contacts: Sequence[float], isolate: float, trace: float, traced: float
    ) -> float:
        """Give ρ with multipliers on contacts by setting, hazards a day, and a share traced."""
        world = self.model.world
        met = sum(
            c * np.asarray(getattr(world, str(s))) for c, s in zip(contacts, SETTINGS, strict=True)
        )
        heads = self.model.start[0].sum(axis=(0, 2))
        key = (isolate, trace, traced)
        if key not in self._days:
            self._days[key] = infectious_days(
                self._course(isolate, trace), isolate=isolate, trace=trace, traced=traced
            )
        course = self._course(0.0, 0.0)
        return spectral_radius(next_generation(course, np.asarray(met), heads, self._days[key]))

    def _course(self, isolate: float, trace: float) -> Floats:
        return course_of(self.illness, fastest_isolation=isolate, fastest_tracing=trace)


def relative(growth: Growth, tonight: xr.Dataset, ahead: xr.Dataset) -> dict[str, Floats]:
    """Give what measures to come do to a model whose R holds what is in force tonight.

    With E₀ what is in force tonight and E what is on a later day, b the isolation that the model
    has already, and R̂ the reproduction number of the engine (ρ of the next-generation matrix):

    - contacts are those of E;
    - isolation goes on as max(0, b + E − E₀), and tracing beyond tonight's is added to the model's:
      its hazard is max(0, E − E₀), its share traced 1 − (1 − E) / (1 − E₀), none below 0;
    - transmissibility is multiplied so that R changes by R̂(E) / R̂(E₀) in all, tonight's isolation
      being b: what is lifted beyond the levers that the model has (tracing) acts through it, and
      with E = E₀ every place keeps its R.

    Parameters
    ----------
    growth
        Of the model as it goes on tonight; multipliers on contacts that it has already are taken as part of
        its contacts, not of what is in force.
    tonight : Dataset (place), ahead : Dataset (date, place)
        Effects in full, from :func:`tongchou.transmission.metapopulation.timeline.timeline`.

    Returns
    -------
    Arrays (date, place) by name: multipliers on contacts and on transmissibility, and the hazards and
    share to be put in the place of the model's.
    """
    days = growth.model.days
    base = np.stack([days.isolate, days.trace, days.traced], axis=-1).astype(float)
    shape = base.shape[:2]
    before = np.stack([tonight[n].to_numpy() for n in INSIDE], axis=-1)
    after = np.stack([ahead[n].to_numpy() for n in INSIDE], axis=-1)
    cells = np.concatenate([np.broadcast_to(before, after.shape), after, base], axis=-1).reshape(
        shape[0] * shape[1], -1
    )
    kinds, which = _distinct(cells, shape)
    rows = np.array([_one(growth, kind) for kind in kinds])
    return dict(zip(INSIDE, np.moveaxis(rows[which].reshape(*shape, -1), -1, 0), strict=True))


def _distinct(cells: Floats, shape: tuple[int, ...]) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Give the different rows, and which each is; a day like the one before is not looked at again."""
    by_day = cells.reshape(shape[0], -1)
    new = np.concatenate([[True], (by_day[1:] != by_day[:-1]).any(axis=1)])
    shown = cells.reshape(*shape, -1)[new].reshape(-1, cells.shape[1])
    kinds, which = np.unique(shown, axis=0, return_inverse=True)
    return kinds, which.reshape(-1, shape[1])[np.cumsum(new) - 1].reshape(-1)


def _one(growth: Growth, kind: Floats) -> Floats:
    """Give contacts, isolation, tracing, share traced and transmissibility of one kind of place and day."""
    n = len(INSIDE)
    isolated, followed, caught = kind[2 * n :].tolist()
    *met0, isolate0, trace0, traced0, transmissibility0 = kind[:n].tolist()
    *met, isolate1, trace1, traced1, transmissibility1 = kind[n : 2 * n].tolist()
    isolate = max(0.0, isolated + isolate1 - isolate0)
    trace = followed + max(0.0, trace1 - trace0)
    more = max(0.0, 1 - (1 - traced1) / (1 - traced0)) if traced0 < 1 else 0.0
    traced = 1 - (1 - caught) * (1 - more)
    wanted = (transmissibility1 * growth(met, isolate, trace1, traced1)) / (
        transmissibility0 * growth(met0, isolated, trace0, traced0)
    )
    alone = growth([1.0] * len(met), isolated, followed, caught)
    made = growth(met, isolate, trace, traced) / alone
    return np.array([*met, isolate, trace, traced, wanted / made if made > 0 else 0.0])


def with_measures(
    model: Model,
    found: Mapping[str, Floats],
    tonight: xr.Dataset,
    ahead: xr.Dataset,
    course: Floats,
) -> Model:
    """Give the model with measures to come.

    Parameters
    ----------
    found
        From :func:`relative`.
    tonight, ahead
        As there; journeys go by the ratio of their brakes.
    course
        From :func:`common_course`, the same for all that are compared.
    """
    plain = {n: found[n] for n in ("isolate", "trace", "traced")} | {
        str(s): found[str(s)] * getattr(model.days, str(s)) for s in SETTINGS
    }
    brakes = [_ratio(ahead[n].to_numpy(), tonight[n].to_numpy()) for n in ("leave", "enter")]
    return replace(
        model,
        days=model.days._replace(**{k: v.astype(np.float32) for k, v in plain.items()}),
        factor=model.factor * found["transmissibility"],
        travel=braked(model.travel, brakes[0], brakes[1], model.people),
        course=course,
    )


def _ratio(after: Floats, before: Floats) -> Floats:
    return np.divide(after, before, out=np.ones_like(after), where=before > 0)


def common_course(model: Model, illness: Disease, found: Sequence[Mapping[str, Floats]]) -> Floats:
    """Give a course of illness whose substeps are short enough for the fastest isolation and tracing of all.

    One course for all that are compared, because the address of a random number names the substep.
    """
    fastest = [max(float(f[n].max()) for f in found) for n in ("isolate", "trace")]
    made = course_of(
        illness, steps=model.steps, fastest_isolation=fastest[0], fastest_tracing=fastest[1]
    )
    course = model.course.copy()
    course[:WEIGHT] = made[:WEIGHT]
    return course


def braked(layer: Layer, leave: Floats, enter: Floats, people: Floats) -> Layer:
    """Give a layer of links with its daily brakes multiplied, and who is where then.

    Who could be away more than half of the time once a place opens is held at that.

    Parameters
    ----------
    layer
        Of a model.
    leave, enter
        Factors (date, place) at origin and destination.
    people
        Residents (place).
    """
    if not len(layer.share) or ((leave == 1).all() and (enter == 1).all()):
        return layer
    shares = sparse.csr_array((layer.share, layer.place, layer.start), shape=(len(people),) * 2)
    a, b = layer.leave * leave, layer.enter * enter
    away = a * (shares @ b.T).T
    most = np.maximum(MOST_AWAY, 1 - np.asarray(layer.stay, dtype=float))
    held = np.minimum(1.0, np.divide(most, away, out=np.ones_like(away), where=away > 0))
    a, away = a * held, away * held
    present = (1 - away) * people + (shares.T @ (a * people).T).T * b
    made = (a, b, 1 - away, present)
    return Layer(*layer[:3], *(np.ascontiguousarray(x, dtype=np.float32) for x in made))
