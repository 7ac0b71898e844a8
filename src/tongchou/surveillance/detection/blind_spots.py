"""What nobody reports: a list of questions to the owners of places and settings, the most pressing first (M048).

Each line says what is missing and gives a score: how unlikely that would be if all were in order, as
the negative decimal logarithm of its probability. 2 is one in a hundred, 3 one in a thousand. A line is a
question and no finding: a place with few cases may simply be well.
"""

from collections.abc import Mapping
from datetime import date

import numpy as np
import polars as pl
import xarray as xr

from tongchou.surveillance.detection.improbably_few import improbably_few
from tongchou.surveillance.detection.reporting import reporting_habits
from tongchou.surveillance.detection.scan_zones import Circles
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text

VISIT_DAYS = int(parameter("closed_setting_visit_days").value)
FALSE_SHARE = parameter("blind_spot_false_share").value
IRREGULAR = parameter("reporting_irregular_p").value
HIGHEST = 16.0
"""Scores end here: what is less likely than 10⁻¹⁶ is not told apart."""
SPOTS = {
    "kind": pl.String, "place": pl.String, "subject": pl.String, "days": pl.Int64,
    "observed": pl.Float64, "expected": pl.Float64, "score": pl.Float64,
    "reason_zh": pl.String, "reason_en": pl.String,
}  # fmt: skip

KINDS: Mapping[str, Text] = {
    "silent": Text(
        zh="已{days}天没有报告（此前{share}的日子有报告）；没有病例也须报零。请今日补报并说明原因。",
        en="No report for {days} days (before that on {share} of days); no case must be reported as zero. Report today and say why.",
    ),
    "never": Text(
        zh="{days}天中从未报告。请确认谁负责报告，并自今日起逐日报告，零也要报。",
        en="Never reported in {days} days. Settle who reports, and report each day from today, zero included.",
    ),
    "irregular": Text(
        zh="只有{share}的日子有报告，时断时续；断报期间有无病例不得而知。请核实报告人和报送方式。",
        en="Reports on {share} of days only; whether there were cases in between is not known. See who reports and by what way.",
    ),
    "no_zero": Text(
        zh="只在有病例的日子报告，从未报过零；无报告的{days}天是无病例还是漏报，分不清。请执行零报告。",
        en="Reports on days with cases and never a zero; for the {days} days without a report, no case and no report look alike. Report zeros.",
    ),
    "few": Text(
        zh="报告{observed}例，按邻近地区和人口应有约{expected}例，如此之少的概率为{p}。请问：是确实少，还是就诊、检测、报告有缺口？这是提问，不是指责。",
        en="{observed} cases reported where neighbours and population suggest about {expected}; so few has a probability of {p}. Is it well there, or is there a gap in seeking care, testing or reporting? A question, no accusation.",
    ),
    "unvisited": Text(
        zh="“{subject}”已{days}天无人到访（规定{due}天一次）。请安排到访，并报告所见。",
        en="“{subject}” has not been visited for {days} days (the rule is every {due}). Send someone and report what they find.",
    ),
}


def blind_spots(
    counts: xr.DataArray,
    *,
    exposure: xr.DataArray | None = None,
    neighbours: Circles | None = None,
    visits: pl.DataFrame | None = None,
    false_share: float = FALSE_SHARE,
    visit_days: int = VISIT_DAYS,
) -> pl.DataFrame:
    """Give the blind spots of a day, the least explicable first.

    Parameters
    ----------
    counts : DataArray (place, date), persons per day
        NaN where there was no report. The last date is the day looked at.
    exposure : DataArray (place), persons
        People, or infections expected to arrive; with ``neighbours``, counts that are too few for
        them are asked about.
    neighbours
        Circles over the same places.
    visits
        ``subject, place, visited_on`` of closed settings (homes for the old, prisons, construction
        camps …), one row for each visit; ``visited_on`` null for one never visited.
    false_share
        Share of the places asked for too few counts for whom chance is enough.
    visit_days
        Days within which a closed setting is visited.

    Returns
    -------
    DataFrame
        ``kind`` (a key of :data:`KINDS`), ``place``, ``subject``, ``days``, ``observed``,
        ``expected``, ``score``, ``reason_zh``, ``reason_en``.

    Examples
    --------
    >>> dates = np.datetime64("2020-02-01", "ns") + np.arange(14) * np.timedelta64(1, "D")
    >>> heard = np.ones((2, 14))
    >>> heard[0, -3:] = np.nan
    >>> spots = blind_spots(xr.DataArray(heard, {"place": ["a", "b"], "date": dates}, ("place", "date")))
    >>> spots.select("kind", "place", "days").rows()
    [('silent', 'a', 3)]
    >>> print(spots["reason_en"][0])
    No report for 3 days (before that on 100% of days); no case must be reported as zero. Report today and say why.
    """
    counts = counts.transpose("place", "date")
    last = counts["date"].to_numpy()[-1].astype("datetime64[D]").item()
    parts = [_reporting(counts)]
    if exposure is not None and neighbours is not None:
        parts.append(_few(counts, exposure, neighbours, false_share))
    if visits is not None:
        parts.append(unvisited(visits, today=last, days=visit_days))
    return pl.concat(parts).sort(["score", "kind", "place"], descending=[True, False, False])


def unvisited(visits: pl.DataFrame, *, today: date, days: int = VISIT_DAYS) -> pl.DataFrame:
    """Give the closed settings that nobody has visited for ``days`` or more.

    If visits came by chance and on average every ``days``, a gap of d days would have the
    probability exp(−d / days): its logarithm is the score.

    Parameters
    ----------
    visits
        ``subject, place, visited_on``; the rows of a setting never visited have no day, and count as
        unvisited for twice the rule.
    today
        Day looked at.
    days
        The rule.

    Examples
    --------
    >>> seen = pl.DataFrame({
    ...     "subject": ["home A", "home A", "camp B"], "place": ["420100"] * 3,
    ...     "visited_on": [date(2020, 2, 1), date(2020, 2, 3), date(2020, 2, 9)]})
    >>> unvisited(seen, today=date(2020, 2, 12)).select("subject", "days").rows()
    [('home A', 9)]
    """
    last = (
        visits.filter(pl.col("visited_on").is_null() | (pl.col("visited_on") <= today))
        .group_by("subject", "place")
        .agg(pl.col("visited_on").max())
        .with_columns(
            days=(pl.lit(today) - pl.col("visited_on")).dt.total_days().fill_null(2 * days)
        )
        .filter(pl.col("days") >= days)
        .sort("place", "subject")
    )
    rows = [
        _spot(
            "unvisited",
            place,
            subject=subject,
            days=gap,
            score=gap / days / np.log(10),
            due=days,
        )
        for subject, place, gap in last.select("subject", "place", "days").iter_rows()
    ]
    return pl.DataFrame(rows, schema=SPOTS)


def _reporting(counts: xr.DataArray) -> pl.DataFrame:
    habits = {k: v.to_numpy() for k, v in reporting_habits(counts).items()}
    length = counts.sizes["date"]
    n = counts.notnull().sum("date").to_numpy()
    rows = []
    for i, place in enumerate(counts["place"].to_numpy().astype(str)):
        d, missed = int(habits["days"][i]), length - int(n[i])
        share = f"{n[i] / max(length - d, 1):.0%}"
        if n[i] == 0:
            rows.append(_spot("never", place, days=length, score=HIGHEST))
            continue
        if habits["silent"][i]:
            score = _score(habits["p_silence"][i])
            rows.append(_spot("silent", place, days=d, score=score, share=share))
        if (p := habits["p_no_zero"][i]) <= IRREGULAR:
            rows.append(_spot("no_zero", place, days=missed, score=_score(p)))
        elif (p := habits["p_irregular"][i]) <= IRREGULAR:
            rows.append(_spot("irregular", place, days=missed, score=_score(p), share=share))
    return pl.DataFrame(rows, schema=SPOTS)


def _few(
    counts: xr.DataArray, exposure: xr.DataArray, neighbours: Circles, false_share: float
) -> pl.DataFrame:
    """Ask only places that report: the silent are asked about their silence."""
    told = counts.notnull().mean("date")
    found = improbably_few(counts.sum("date"), exposure * told.clip(min=1e-9), neighbours)
    asked = (found["q"].to_numpy() <= false_share) & (told.to_numpy() > 0)
    rows = []
    for i in np.flatnonzero(asked):
        y, mean, p = (float(found[name][i]) for name in ("observed", "expected", "p"))
        rows.append(
            _spot(
                "few", str(found["place"].to_numpy()[i]), observed=y, expected=mean, score=_score(p),
                p=f"{p:.2g}",
            )
        )  # fmt: skip
    return pl.DataFrame(rows, schema=SPOTS)


def _score(p: float) -> float:
    return float(min(-np.log10(max(float(p), 10.0**-HIGHEST)), HIGHEST))


def _spot(
    kind: str,
    place: str,
    *,
    score: float,
    subject: str | None = None,
    days: int | None = None,
    observed: float | None = None,
    expected: float | None = None,
    **said: object,
) -> dict[str, object]:
    reason = KINDS[kind].fill(
        subject=subject, days=days,
        observed="" if observed is None else f"{observed:.0f}",
        expected="" if expected is None else f"{expected:.0f}",
        **said,
    )  # fmt: skip
    return {
        "kind": kind, "place": place, "subject": subject, "days": days, "observed": observed,
        "expected": expected, "score": abs(score), "reason_zh": reason.zh, "reason_en": reason.en,
    }  # fmt: skip
