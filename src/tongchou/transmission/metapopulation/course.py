"""The course of an illness as the engine takes it: one table of probabilities and shares by age."""

from math import ceil

import numpy as np
import numpy.typing as npt

from tongchou.transmission.metapopulation.compartments import (
    CLINICAL,
    COUNT,
    CRITICAL,
    DISPERSION,
    E1,
    E2,
    ICU_DEATH,
    MOVE,
    NO_BED_DEATH,
    NO_ICU_DEATH,
    QA,
    ROWS,
    SEVERE,
    SUBSTEPS,
    SUSCEPTIBILITY,
    WARD_DEATH,
    WEIGHT,
    A,
    C,
    I,
    P,
    Q,
    U,
    W,
    X,
)
from tongchou.transmission.metapopulation.disease import Disease
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]

LARGEST_MOVE = 0.3
"""Probability to leave a compartment in a substep above which the step is cut into more of them."""


def course_of(
    illness: Disease,
    *,
    steps: int = 1,
    fastest_isolation: float = 0.0,
    fastest_tracing: float = 0.0,
) -> Floats:
    """Give the table of a course of illness (row, age); rows as :mod:`.compartments` names them.

    Parameters
    ----------
    illness
        Mean stays in days; shares by age.
    steps
        Steps a day.
    fastest_isolation, fastest_tracing
        The largest daily hazards that the measures bring, per day: with them the compartments that
        they act on may need substeps.

    Raises
    ------
    BadParameter
        If a stay is not above zero (a presymptomatic stay of zero is allowed: nobody infects before
        the onset), a share lies outside 0 to 1, or ages differ between shares.
    """
    days = {
        E1: illness.latent_days / 2,
        E2: illness.latent_days / 2,
        P: illness.presymptomatic_days,
        A: illness.subclinical_days,
        I: illness.symptomatic_days,
        Q: illness.symptomatic_days,
        QA: illness.subclinical_days,
        U: illness.waiting_days,
        W: illness.ward_days,
        X: illness.no_icu_days,
        C: illness.icu_days,
    }
    for c, stay in days.items():
        if not (stay > 0 or (c == P and stay == 0)):
            raise BadParameter("stay", stay, _STAY)
    rates = np.zeros(COUNT)
    for c, stay in days.items():
        rates[c] = 1 / stay / steps if stay > 0 else 0.0
    fastest = rates.copy()
    fastest[I] += fastest_isolation / steps
    fastest[[P, A]] += fastest_tracing / steps
    cut = max(1, ceil(fastest.max() / LARGEST_MOVE - 1e-9))
    substeps = np.where(fastest > LARGEST_MOVE + 1e-12, cut, 1)
    move = rates / substeps
    if illness.presymptomatic_days == 0:
        substeps[P], move[P] = cut, 1.0
    table = np.empty((ROWS, len(illness.clinical)))
    table[MOVE : MOVE + COUNT] = move[:, None]
    table[SUBSTEPS : SUBSTEPS + COUNT] = substeps[:, None]
    table[WEIGHT : WEIGHT + COUNT] = _infectiousness(illness)[:, None]
    for row, name in SHARES.items():
        share = np.asarray(getattr(illness, name), dtype=float)
        if share.shape != (table.shape[1],) or not ((share >= 0) & (share <= 1)).all():
            raise BadParameter(name, str(share), _SHARE)
        table[row] = share
    table[SUSCEPTIBILITY] = illness.susceptibility
    table[DISPERSION] = np.inf
    return table


SHARES = {
    CLINICAL: "clinical",
    SEVERE: "severe",
    CRITICAL: "critical",
    WARD_DEATH: "ward_death",
    ICU_DEATH: "icu_death",
    NO_ICU_DEATH: "no_icu_death",
    NO_BED_DEATH: "no_bed_death",
}


def _infectiousness(illness: Disease) -> Floats:
    weight = np.zeros(COUNT)
    weight[P] = illness.presymptomatic_infectiousness
    weight[A] = illness.subclinical_infectiousness
    weight[[I, U]] = 1.0
    weight[Q] = illness.isolated_infectiousness
    weight[QA] = illness.isolated_infectiousness * illness.subclinical_infectiousness
    weight[[W, X, C]] = illness.ward_infectiousness
    return weight


_STAY = Text(
    zh="停留天数须大于 0（仅症状前期可以为 0）。",
    en="a stay must be above 0 days (the presymptomatic one alone may be 0).",
)
_SHARE = Text(
    zh="须为各年龄组 0 至 1 之间的比例，且年龄组数与其他比例相同。",
    en="it must be shares from 0 to 1, one for each age group of the other shares.",
)
