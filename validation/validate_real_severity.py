"""Severity of the real counts and line lists of early 2020 beside the figures published on them.

Run: ``TONGCHOU_DATA=… python -m validation.validate_real_severity``. The line lists are public ones, put together
from announcements: they hold the severe and the early cases, and outcomes only where somebody announced one. What
they give is shown beside what was published to show the difference, not to agree.
"""

import os
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import xarray as xr

from tongchou.surveillance.outcomes import competing_outcomes
from tongchou.surveillance.severity import static_severity
from tongchou.surveillance.severity_table import severity_of_cases
from tongchou.vocabulary.distributions import Gamma
from tongchou.vocabulary.parameter import parameter
from validation.lines import Line, absent, report

HOSPITAL_TO_DEATH = Gamma(mean=10.1, sd=5.4)
"""From 39 cases (Mizumoto K, Chowell G. Emerg Infect Dis 2020;26:1251, doi 10.3201/eid2606.200233; from memory)."""
AREAS: Mapping[str, tuple[str, float, float]] = {
    "Wuhan": ("as high as 12%", 0.10, 0.15),
    "Hubei without Wuhan": ("4.2% (from memory)", 0.035, 0.05),
    "China without Hubei": ("about 1%", 0.005, 0.015),
}
"""Published to 11 February 2020 by Mizumoto and Chowell, and the range that counts as the same."""


def area_counts(folder: Path, last: date) -> tuple[xr.DataArray, xr.DataArray]:
    """Read new cases and deaths of three areas by day of report."""
    table = pl.read_csv(
        folder / "cases_prefecture_panel.csv",
        try_parse_dates=True,
        schema_overrides={"adcode": pl.String},
    )
    wuhan, hubei, rest = AREAS
    area = (
        pl.when(pl.col("adcode") == "420100").then(pl.lit(wuhan))
        .when(pl.col("adcode").str.starts_with("42")).then(pl.lit(hubei))
        .otherwise(pl.lit(rest))
    )  # fmt: skip
    sums = (
        table.filter(pl.col("date") <= last)
        .group_by(area.alias("area"), "date")
        .agg(pl.col("confirmed", "deaths").sum())
    )

    def new(column: str) -> xr.DataArray:
        wide = sums.pivot(on="area", index="date", values=column).sort("date")
        total = wide.drop("date").to_numpy().T.astype(float)
        # A fall is a correction; it is taken from the days before, not counted as negative persons.
        total = np.minimum.accumulate(total[:, ::-1], axis=1)[:, ::-1]
        return xr.DataArray(
            np.diff(total, axis=1, prepend=0.0),
            {"place": wide.columns[1:], "date": wide["date"].to_numpy().astype("datetime64[ns]")},
            ("place", "date"),
        )

    return new("confirmed"), new("deaths")


def areas(folder: Path) -> Iterator[Line]:
    """Three areas as they stood on 11 February."""
    cases, deaths = area_counts(folder, date(2020, 2, 11))
    naive = static_severity(cases, deaths)
    adjusted = static_severity(cases, deaths, HOSPITAL_TO_DEATH)
    for name, (published, low, high) in AREAS.items():
        crude = float(naive["estimate"].sel(place=name))
        p, a, b = (float(adjusted[v].sel(place=name)) for v in ("estimate", "low", "high"))
        yield Line(
            claim=f"{name}, counts to 11 February 2020, delay of 10.1 days: adjusted fatality",
            found=f"{p:.1%} ({a:.1%}-{b:.1%}); naive {crude:.1%}",
            wanted=f"{published} (Mizumoto and Chowell 2020)",
            holds=low <= p <= high,
        )
    whole, dead = (
        x.sum("place").expand_dims(place=["China"]) for x in area_counts(folder, date(2020, 3, 31))
    )
    end = static_severity(whole, dead, parameter("onset_to_death_mean").delay()).isel(place=0)
    yield Line(
        claim="mainland, counts to 31 March: adjusted and naive have met",
        found=f"{float(end['estimate']):.2%}, known {float(end['known'] / end['cases']):.0%}",
        wanted="crude 3.67% when Verity and others 2020 wrote; 4.0% at the end of March",
        holds=0.036 <= float(end["estimate"]) <= 0.044,
    )


def _day(column: str, *formats: str) -> pl.Expr:
    return pl.coalesce(
        pl.col(column).str.to_date(f, strict=False) for f in (formats or ("%Y-%m-%d",))
    )


def tianjin(folder: Path) -> pl.DataFrame:
    """Read 135 cases of one city: the most complete of the lists."""
    raw = pl.read_csv(folder / "linelist_tianjin.csv", infer_schema=False)
    onset, confirmed = _day("symptom_onset"), _day("confirm_date")
    return raw.select(
        place=pl.lit("Tianjin"), age=pl.col("age").cast(pl.Int64, strict=False),
        onset_on=onset, confirmed_on=confirmed, died_on=_day("death"), recovered_on=pl.lit(None, pl.Date),
        severe=pl.col("severity") == "severe",
    )  # fmt: skip


def announced(folder: Path) -> pl.DataFrame:
    """Read the list kept from announcements in many countries (DXY and others)."""
    raw = pl.read_csv(folder / "linelist_kudos_dxy.csv", infer_schema=False)
    days = ("%Y-%m-%d", "%m/%d/%Y", "%m-%d-%Y")
    died, well = _day("death", *days), _day("recovered", *days)
    return raw.select(
        place=pl.col("country"), age=pl.col("age").cast(pl.Float64, strict=False).floor().cast(pl.Int64),
        onset_on=_day("symptom_onset", *days), reported_on=_day("reporting_date", *days),
        died_on=pl.when(died > date(2020, 1, 1)).then(died),
        recovered_on=pl.when(well > date(2020, 1, 1)).then(well),
        dead=(pl.col("death") != "0"), well=(pl.col("recovered") != "0"),
    )  # fmt: skip


def lists(folder: Path) -> Iterator[Line]:
    """Show what the public line lists give."""
    cases = tianjin(folder)
    known = cases.filter(pl.col("onset_on").is_not_null())
    table = severity_of_cases(known, date(2020, 2, 22), parameter("onset_to_death_mean").delay())
    naive, adjusted = (table.filter(method=m).row(0, named=True) for m in ("naive", "adjusted"))
    yield Line(
        claim=f"Tianjin, {known.height} with onset, 22 February: naive and adjusted fatality",
        found=f"{naive['estimate']:.1%}; {adjusted['estimate']:.1%} ({adjusted['q025']:.1%}-{adjusted['q975']:.1%})",
        wanted="0.4% naive outside Hubei to 11 February (44 of 11,305, China CDC 2020)",
        holds=None,
    )
    severe = cases.filter(pl.col("severe"))
    yield Line(
        claim=f"Tianjin: severe of {cases.height}",
        found=f"{severe.height / cases.height:.1%}",
        wanted="18.6% severe or critical (8,255 of 44,415, China CDC 2020)",
        holds=abs(severe.height / cases.height - 0.186) < 0.07,
    )
    people = announced(folder)
    dated = people.with_columns(start=pl.coalesce("onset_on", "reported_on"))
    row = competing_outcomes(dated, date(2020, 2, 28), start="start").row(0, named=True)
    told = people.filter(pl.col("dead") | pl.col("well"))
    yield Line(
        claim=f"announced list, {row['cases']} cases, {row['events']} dated deaths, {row['others']} dated recoveries: competing outcomes",
        found=f"{row['estimate']:.1%} ({row['low']:.1%}-{row['high']:.1%}); of closed {row['closed']:.1%}",
        wanted="1.4% adjusted (Verity and others 2020): a list of announcements is no sample",
        holds=None,
    )
    yield Line(
        claim=f"the same: of {told.height} with an outcome marked, dead",
        found=f"{float(told['dead'].mean()):.1%}",
        wanted="misleads: nobody announces who is still ill", holds=None,
    )  # fmt: skip
    singapore = pl.read_csv(folder / "linelist_singapore.csv", infer_schema=False)
    gone = singapore.filter(pl.col("outcome") == "Discharged").height
    yield Line(
        claim=f"Singapore: dead of {singapore.height}, of whom discharged",
        found=f"0 dead, {gone} discharged", wanted="no death by 26 February", holds=True,
    )  # fmt: skip
    open_list = pl.read_csv(folder / "linelist_open_china.csv", infer_schema=False)
    ended = open_list.filter(
        pl.col("outcome").fill_null("").is_in(["died", "death", "discharged", "discharge"])
    )
    yield Line(
        claim=f"open list: outcome known of {open_list.height:,}",
        found=f"{ended.height}", wanted="too few to say anything", holds=None,
    )  # fmt: skip


def main() -> None:
    """Print the lines."""
    root = os.environ.get("TONGCHOU_DATA")
    if not root or not Path(root, "china2020").is_dir():
        report("Severity of real data", [absent("all", "the folder of TONGCHOU_DATA")])
        return
    folder = Path(root, "china2020")
    report("Severity of real data", [*areas(folder), *lists(folder)])


if __name__ == "__main__":
    main()
