"""What becomes of cases on a line list: competing outcomes, with those still open counted as open."""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import special

from tongchou.surveillance.severity import exact_binomial
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]

ENDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "death": ("died_on", ("recovered_on",)),
    "admission": ("admitted_on", ("recovered_on", "died_on")),
    "severe": ("severe_on", ("recovered_on", "died_on")),
    "critical": ("critical_on", ("recovered_on", "died_on")),
}
"""For each event: the milestone that is counted, and those that end the wait for it."""


def competing_outcomes(
    cases: pl.DataFrame,
    as_of: date,
    *,
    event: str = "death",
    start: str = "onset_on",
    by: Sequence[str] = (),
    level: float = 0.95,
) -> pl.DataFrame:
    """Give, for each group, the share of cases that come to an event, from dated outcomes of persons.

    On day t after the start, n_t persons are still waiting, e_t come to the event and o_t to another end
    (for death: recovery). Those without an end by ``as_of`` are open, watched until then ::

        S_t = Π_(u≤t) (1 − (e_u + o_u) / n_u)
        F_e = Σ_t S_(t−1) e_t / n_t        F_o = Σ_t S_(t−1) o_t / n_t
        share = F_e / (F_e + F_o)

    F_e and F_o are the cumulative incidences of Aalen and Johansen; the ratio of their last values shares
    out the still open among the two ends as those before them, the modified Kaplan-Meier estimate of Ghani and others.
    The share of closed cases e / (e + o), which forgets the open, is beside it.

    The interval is on the logit scale, with the infinitesimal jackknife: the sum of squares of what each
    person adds to the estimate.

    Parameters
    ----------
    cases
        One row per case, dates in the columns of the contract. Without the start, or with an end before
        the start, a case is left out and counted in ``left_out``.
    as_of
        Last day on which an end can be known; later ones are not looked at.
    event
        ``death``, ``admission``, ``severe`` or ``critical``.
    start
        Column from which the days are counted.
    by
        Columns that make the groups.
    level
        Coverage.

    Returns
    -------
    DataFrame
        The columns of ``by``, ``cases, events, others, open, left_out``; ``closed`` (e / (e + o)); ``incidence``
        (F_e at the last day seen) with ``incidence_low``, ``incidence_high``; ``estimate, low, high`` of the share.
        Null where no end was seen.

    References
    ----------
    Aalen OO, Johansen S. Scand J Stat 1978;5:141-150. Ghani AC et al. Am J Epidemiol 2005;162:479-486,
    doi 10.1093/aje/kwi230. Jewell NP et al. Stat Med 2007;26:1982-1998, doi 10.1002/sim.2691.

    Examples
    --------
    Ten fall ill on one day; one is dead after 2 days, three are well after 4, and six are open on day 5:

    >>> from datetime import timedelta
    >>> day = date(2020, 2, 1)
    >>> cases = pl.DataFrame({
    ...     "onset_on": [day] * 10,
    ...     "died_on": [day + timedelta(2)] + [None] * 9,
    ...     "recovered_on": [None] + [day + timedelta(4)] * 3 + [None] * 6,
    ... })
    >>> row = competing_outcomes(cases, day + timedelta(5)).row(0, named=True)
    >>> row["events"], row["others"], row["open"], round(row["incidence"], 2), round(row["estimate"], 2)
    (1, 3, 6, 0.1, 0.25)
    """
    own, others = ENDS[event]
    _need(cases, [start, own, *by], event)
    rivals = [
        name for name in others if name in cases.columns and cases[name].null_count() < cases.height
    ]
    table = _durations(cases, as_of, start, own, rivals)
    groups = table.group_by(list(by), maintain_order=True) if by else [((), table)]
    rows = []
    for key, group in groups:
        rows.append(dict(zip(by, key, strict=True)) | _estimate(group, level))
    schema = {name: cases.schema[name] for name in by}
    result = pl.DataFrame(rows, schema_overrides=schema, infer_schema_length=None)
    return result.sort(list(by)) if by else result


def _need(cases: pl.DataFrame, columns: Sequence[str], event: str) -> None:
    names = {
        "death": Text(zh="病亡结局", en="outcome of death"),
        "admission": Text(zh="住院结局", en="outcome of admission"),
        "severe": Text(zh="重型结局", en="outcome of severe illness"),
        "critical": Text(zh="危重型结局", en="outcome of critical illness"),
    }
    for column in columns:
        if column not in cases.columns:
            raise MissingData("cases", names[event], column=column)


def _durations(
    cases: pl.DataFrame, as_of: date, start: str, own: str, rivals: Sequence[str]
) -> pl.DataFrame:
    """Days waited and how the wait ended: 1 the event, 2 another end, 0 open, null if it cannot be told."""
    seen = {name: pl.when(pl.col(name) <= as_of).then(pl.col(name)) for name in (own, *rivals)}
    event = seen[own]
    other = pl.min_horizontal([seen[name] for name in rivals]) if rivals else pl.lit(None, pl.Date)
    first = pl.min_horizontal(event, other, pl.lit(as_of))
    days = (first - pl.col(start)).dt.total_days()
    kind = (
        pl.when(event.is_not_null() & (other.is_null() | (event <= other)))
        .then(1)
        .when(other.is_not_null())
        .then(2)
        .otherwise(0)
    )
    usable = pl.col(start).is_not_null() & (days >= 0)
    # Not known by as_of: nobody is left out for a case of the future.
    known = cases.filter(pl.col(start).is_null() | (pl.col(start) <= as_of))
    return known.with_columns(waited_=pl.when(usable).then(days), end_=pl.when(usable).then(kind))


def _estimate(group: pl.DataFrame, level: float) -> dict[str, float | int | None]:
    kept = group.filter(pl.col("end_").is_not_null())
    waited, end = kept["waited_"].to_numpy(), kept["end_"].to_numpy()
    counts = {
        name: int((end == k).sum()) for name, k in (("events", 1), ("others", 2), ("open", 0))
    }
    result: dict[str, float | int | None] = {"cases": kept.height, **counts}
    result["left_out"] = group.height - kept.height
    closed = counts["events"] + counts["others"]
    names = ("incidence", "incidence_low", "incidence_high", "estimate", "low", "high")
    if not closed:
        return result | {"closed": None} | dict.fromkeys(names)
    result["closed"] = counts["events"] / closed
    F, influence = _aalen_johansen(waited, end)
    z = float(special.ndtri((1 + level) / 2))
    share = F[0] / F.sum()
    of_share = (influence[:, 0] * F[1] - influence[:, 1] * F[0]) / F.sum() ** 2
    values = [*_logit_interval(F[0], influence[:, 0], z), *_logit_interval(share, of_share, z)]
    if not counts["events"] or not counts["others"]:
        # Nothing varies among the closed: the exact interval of as many persons.
        exact = [float(x) for x in exact_binomial(counts["events"], closed, level)]
        values[3:] = exact
        if not counts["events"]:
            values[:3] = [0.0, 0.0, float(exact_binomial(0, kept.height, level)[2])]
    return result | dict(zip(names, values, strict=True))


def _aalen_johansen(
    waited: npt.NDArray[np.int64], end: npt.NDArray[np.int32]
) -> tuple[Floats, Floats]:
    """Last cumulative incidences of the two ends, and what each person adds to them, (person, end).

    With h the hazard of a day, a person at risk moves it by dh = (own end − h) / n, and so the recursion
    S' = S (1 − Σh), F' = F + S h by its derivative.
    """
    S, F = 1.0, np.zeros(2)
    dS, dF = np.zeros(len(waited)), np.zeros((len(waited), 2))
    for day in np.unique(waited[end > 0]):
        at_risk = waited >= day
        n = at_risk.sum()
        own = np.stack([(waited == day) & (end == k) for k in (1, 2)], axis=1)
        h = own.sum(axis=0) / n
        dh = np.where(at_risk[:, None], (own - h) / n, 0.0)
        dF += dS[:, None] * h + S * dh
        F = F + S * h
        dS = dS * (1 - h.sum()) - S * dh.sum(axis=1)
        S *= 1 - h.sum()
    return F, dF


def _logit_interval(share: float, influence: Floats, z: float) -> tuple[float, float, float]:
    se = float(np.sqrt((influence**2).sum()))
    if not 0 < share < 1:
        return share, share, share
    wide = z * se / (share * (1 - share))
    centre = float(special.logit(share))
    return float(share), float(special.expit(centre - wide)), float(special.expit(centre + wide))
