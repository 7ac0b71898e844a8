"""What to decide first: harm avoided per day of delay, on one scale of infection-equivalents.

The weights are rows of ``reference/scenario/harm_weights.csv``, each with its source or marked as
an assumption that the commander may change. They put decisions in order; they price nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import polars as pl

from tongchou.scenario.measures import KEEP
from tongchou.vocabulary.errors import BadParameter, NotFound
from tongchou.vocabulary.fact_table import assumption, packaged
from tongchou.vocabulary.text import Text

UNIT = Text(zh="感染当量/天", en="infection-equivalents a day")
"""Unit of the scale, as printed."""


class UnknownHarm(NotFound):
    """A kind of harm without a weight."""

    kind = Text(zh="危害种类", en="kind of harm")


@dataclass(frozen=True, slots=True, kw_only=True)
class HarmWeight:
    """The weight of one kind of harm, infection-equivalents per unit."""

    kind: str
    label: Text
    weight: float
    unit: str
    source: str
    confidence: str
    may_change: Text


@cache
def weights() -> MappingProxyType[str, HarmWeight]:
    """Give the weights by kind.

    >>> weights()["patient_waiting_day"].weight
    0.293
    """
    return MappingProxyType(
        {
            row["kind"]: HarmWeight(
                kind=row["kind"],
                label=Text(zh=row["zh"], en=row["en"]),
                weight=row["weight"],
                unit=row["unit"],
                source=row["source"],
                confidence=row["confidence"],
                may_change=Text(zh=row["may_change_zh"] or "", en=row["may_change_en"] or ""),
            )
            for row in packaged("scenario/harm_weights").iter_rows(named=True)
        }
    )


def harm_per_day(
    amounts: Mapping[str, float], scale: Mapping[str, HarmWeight] | None = None
) -> float:
    """Give the harm of one day of delay, H = Σ_k w_k a_k, infection-equivalents a day.

    Parameters
    ----------
    amounts
        What one day of delay adds, by kind, in the unit of its row: 40 patients waiting are 40
        patient-days a day. What a decision costs is entered as a negative amount.
    scale
        Weights; by default the packaged ones.

    Raises
    ------
    UnknownHarm
        If a kind has no weight.
    BadParameter
        If an amount is not finite.

    Examples
    --------
    Forty confirmed patients waiting, against two hundred families unpaid.

    >>> harm_per_day({"patient_waiting_day": 40}) > harm_per_day({"family_unpaid_day": 200})
    True
    """
    known = weights() if scale is None else scale
    for kind, amount in amounts.items():
        if kind not in known:
            raise UnknownHarm(
                kind,
                near=tuple(known),
                next_step=Text(
                    zh="请在 reference/scenario/harm_weights.csv 中加入这一种类及其依据。",
                    en="Add this kind, with its basis, to reference/scenario/harm_weights.csv.",
                ),
            )
        if not float("-inf") < amount < float("inf"):
            raise BadParameter(
                kind, amount, Text(zh="须为有限的数。", en="it must be a finite number.")
            )
    return sum(known[kind].weight * amount for kind, amount in amounts.items())


def rank(harm: Mapping[str, float], limit: int | None = None) -> list[str]:
    """Give the decisions to put forward, most harm avoided per day of delay first.

    Decisions that avoid no harm are left out. Equals stand in the order of their ids, so that
    the same night gives the same list.

    Parameters
    ----------
    harm
        Harm avoided per day of delay by decision id.
    limit
        Largest number; by default twelve, as the order of the day allows.

    Examples
    --------
    >>> rank({"beds": 20.0, "masks": 31.5, "visits": 0.0, "firms": 20.0}, limit=2)
    ['masks', 'beds']
    """
    most = int(assumption("scenario", "decisions_shown")) if limit is None else limit
    return sorted((d for d in harm if harm[d] > 0), key=lambda d: (-harm[d], d))[:most]


def package_harm_per_day(outcomes: pl.DataFrame, days: int) -> pl.DataFrame:
    """Add to compared packages the harm that a day of delay costs, net of their own burden.

    H = [w_i (averted) − w_o (output beyond keep) − w_b (burden-days beyond keep)] ÷ days. Deaths
    are not added: the infections averted carry them. Output counts as zero where it is not known.

    Parameters
    ----------
    outcomes
        Result of :func:`tongchou.scenario.compare.compare`.
    days
        Days of the forecast.

    Returns
    -------
    DataFrame
        The same with ``harm_per_day``, infection-equivalents a day; 0 for "keep".
    """
    keep = outcomes.filter(pl.col("option") == KEEP).row(0, named=True)
    million = 1e6
    net = [
        harm_per_day(
            {
                "infection": row["averted"],
                "output_million": ((keep["output_at_stake"] or 0) - (row["output_at_stake"] or 0))
                / million,
                "burden_day": keep["burden_days"] - row["burden_days"],
            }
        )
        / days
        for row in outcomes.iter_rows(named=True)
    ]
    return outcomes.with_columns(harm_per_day=pl.Series(net, dtype=pl.Float64))
