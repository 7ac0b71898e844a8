"""How many one case infects: infectious time along the discrete course, contacts, and the spectral radius.

References
----------
Diekmann O, Heesterbeek JAP, Metz JAJ. J Math Biol 1990;28:365, doi 10.1007/BF00178324.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from tongchou.transmission.metapopulation.chance import EXPECTED
from tongchou.transmission.metapopulation.compartments import (
    COUNT,
    E1,
    SUSCEPTIBILITY,
    TOLD,
    WEIGHT,
    C,
)
from tongchou.transmission.metapopulation.hospitals import beds_for_all
from tongchou.transmission.metapopulation.progression import progress
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]


def infectious_days(
    course: Floats,
    *,
    isolate: float = 0.0,
    trace: float = 0.0,
    traced: float = 0.0,
    steps: int = 1,
) -> Floats:
    """Give the infectious days of one infected person by age, weighted by infectiousness.

    The engine's own step, taken in expectation on one person at a time, is the matrix T of the
    infected compartments; the days spent at the start of a step in each are (I − T)⁻¹ e_exposed, so
    the result is that of the discrete course and not of its continuous limit. Everybody who needs
    a bed has one.

    Parameters
    ----------
    course
        Table of :func:`.course.course_of`.
    isolate, trace
        Hazards per day.
    traced
        Share found before they infect.
    steps
        Steps a day that the table was made for.

    Returns
    -------
    ndarray (age), days
    """
    ages = course.shape[1]
    days = np.empty(ages)
    for a in range(ages):
        T = _one_step(course, a, isolate / steps, trace / steps, traced)
        visits = np.linalg.solve(np.eye(len(INSIDE)) - T, np.eye(len(INSIDE))[:, 0])
        days[a] = course[WEIGHT + INSIDE, a] @ visits / steps
    return days


def infectious_moments(course: Floats, *, steps: int = 1) -> tuple[Floats, Floats]:
    """Give mean and variance (age) of the infectious days D of one infected person, without measures.

    A person's compartments at the start of each step are a Markov chain. With T of
    :func:`infectious_days` and w the infectiousness of each compartment, what is still to come from a
    compartment on has mean v = w + Tᵀ v and second moment u = w² + 2 w Tᵀ v + Tᵀ u.

    Parameters
    ----------
    course
        Table of :func:`.course.course_of`.
    steps
        Steps a day that the table was made for.

    Returns
    -------
    mean, variance : ndarray (age), days and days²
    """
    ages = course.shape[1]
    mean, variance = np.empty(ages), np.empty(ages)
    for a in range(ages):
        T = _one_step(course, a, 0.0, 0.0, 0.0)
        w = course[WEIGHT + INSIDE, a]
        left = np.eye(len(INSIDE)) - T.T
        v = np.linalg.solve(left, w)
        u = np.linalg.solve(left, w**2 + 2 * w * (T.T @ v))
        mean[a], variance[a] = v[0], max(u[0] - v[0] ** 2, 0.0)
    return mean / steps, variance / steps**2


INSIDE = np.arange(E1, C + 1)
"""Compartments of the infected."""


def _one_step(course: Floats, a: int, isolate: float, trace: float, traced: float) -> Floats:
    """Give where one person of an age is after a step (compartment, compartment before), in expectation."""
    zero = np.uint64(0)
    T = np.zeros((len(INSIDE), len(INSIDE)))
    for column, c in enumerate(INSIDE):
        state = np.zeros((1, course.shape[1], COUNT))
        state[0, a, c] = 1.0
        told = np.zeros((1, TOLD))
        progress(state, 0, a, course, isolate, trace, traced, zero, zero, EXPECTED, told)
        beds_for_all(state, 0, a)
        T[:, column] = state[0, a, INSIDE]
    return T


def next_generation(
    course: Floats, intensity: Floats, people: Floats, days: Floats | None = None
) -> Floats:
    """Give the next-generation matrix of one well-mixed place, per unit of transmissibility.

    K_ab = s_a N_a / N · k_ab D_b: those of age a whom an infected person of age b infects, with the
    contact intensity k_ab, susceptibility s_a and infectious days D_b.

    Parameters
    ----------
    course
        Table of :func:`.course.course_of`.
    intensity
        Contact intensity over all settings (age, contact age), contacts a day per share of people.
    people
        Persons by age.
    days
        Infectious days by age; by default without any measure.
    """
    days = infectious_days(course) if days is None else days
    share = people / max(float(people.sum()), 1.0)
    return np.asarray((course[SUSCEPTIBILITY] * share)[:, None] * intensity * days)


def spectral_radius(matrix: Floats) -> float:
    """Give the largest absolute eigenvalue.

    >>> round(spectral_radius(np.array([[1.0, 2.0], [2.0, 1.0]])), 6)
    3.0
    """
    return float(np.abs(np.linalg.eigvals(matrix)).max())


def transmissibility(
    reproduction: float, course: Floats, intensity: Floats, people: Floats, *, steps: int = 1
) -> float:
    """Give the probability of infection per contact with which one case infects ``reproduction`` at first.

    Raises
    ------
    BadParameter
        If nobody would ever infect anybody.
    """
    days = infectious_days(course, steps=steps)
    radius = spectral_radius(next_generation(course, intensity, people, days))
    if not radius > 0:
        raise BadParameter(
            "contacts",
            radius,
            Text(
                zh="没有人口、接触或传染性，无法换算再生数。",
                en="without people, contacts or infectiousness no reproduction number can be had.",
            ),
        )
    return reproduction / radius


def by_power(step: Callable[[Floats], Floats], start: Floats, *, rounds: int = 200) -> float:
    """Give the growth of one generation over many places by power iteration on a function.

    Parameters
    ----------
    step
        From the infected of a generation (place, age) to those they infect.
    start
        Any infected that reach all places.
    rounds
        Largest number of generations; it stops when the growth moves by less than 1e-10.
    """
    now = start / start.sum()
    growth = 0.0
    for _ in range(rounds):
        then = step(now)
        total = float(then.sum())
        if total <= 0:
            return 0.0
        if abs(total - growth) < 1e-10 * total:
            return total
        growth, now = total, then / total
    return growth
