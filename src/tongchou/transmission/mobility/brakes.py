"""What holds travel back on a day: one factor for each origin and one for each destination, fitted to daily flows.

References
----------
Deming WE, Stephan FF. Ann Math Stat 1940;11:427, doi 10.1214/aoms/1177731829 (iterative proportional fitting).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from tongchou.transmission.mobility.flows import Flows

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brakes:
    """Daily multipliers at origin and destination, and how well they reproduce the daily flows.

    ``leave`` and ``enter`` (date, place); ``misplaced`` (date) share of the day's persons whom the two
    factors put on a wrong link.
    """

    leave: Floats
    enter: Floats
    misplaced: Floats


def fit_brakes(flows: Flows, *, rounds: int = 30) -> Brakes:
    """Give the two factors a day, F_ij(t) ≈ F_ij a_i(t) b_j(t), that keep the day's departures and arrivals.

    Iterative proportional fitting on the mean flow F_ij. Only the product a_i b_j is known: b is set so
    that its mean over the day's arrivals is 1. What they cannot reproduce is a change of one link against
    the others of its origin and destination; ``misplaced`` is 1 − Σ min(F, F̂) / Σ F of the day.

    Parameters
    ----------
    flows
        Persons a day by link and date.
    rounds
        Sweeps of the fitting.
    """
    n = len(flows.places)
    mean = flows.persons.mean(axis=1, dtype=float)
    matrix = sparse.csr_array((mean, (flows.origin, flows.destination)), shape=(n, n))
    out = _by_place(flows.persons, flows.origin, n)
    into = _by_place(flows.persons, flows.destination, n)
    enter = np.ones_like(into)
    leave = np.ones_like(out)
    for _ in range(rounds):
        leave = _ratio(out, matrix @ enter)
        enter = _ratio(into, matrix.T @ leave)
    total = into.sum(axis=0)
    level = np.divide((into * enter).sum(axis=0), total, out=np.ones_like(total), where=total > 0)
    leave, enter = leave * level, enter / np.where(level > 0, level, 1.0)
    return Brakes(leave=leave.T, enter=enter.T, misplaced=_misplaced(flows, mean, leave, enter))


def _by_place(persons: npt.NDArray[np.float32], place: npt.NDArray[np.int32], n: int) -> Floats:
    gather = sparse.csr_array(
        (np.ones(place.size), (place, np.arange(place.size))), (n, place.size)
    )
    return np.asarray(gather @ persons.astype(float))


def _ratio(wanted: Floats, got: Floats) -> Floats:
    return np.divide(wanted, got, out=np.zeros_like(wanted), where=got > 0)


def _misplaced(flows: Flows, mean: Floats, leave: Floats, enter: Floats) -> Floats:
    lost = np.zeros(flows.dates.size)
    for t in range(flows.dates.size):
        fitted = mean * leave[flows.origin, t] * enter[flows.destination, t]
        day = flows.persons[:, t].astype(float)
        total = day.sum()
        lost[t] = 1 - np.minimum(day, fitted).sum() / total if total > 0 else 0.0
    return lost
