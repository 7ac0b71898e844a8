"""The scan on the prefectures of China in spring 2020: which known outbreaks it names, and when.

Run: ``TONGCHOU_DATA=… python -m validation.validate_real_scan``. Each night sees the 42 days before it, by the
cases alone. The two local outbreaks of the north-east are those of the health commissions' announcements: Harbin,
first local case after four weeks on 9 April; Shulan, a county-level city of Jilin, one case on 7 May and eleven more
on 9 May, raised to high risk on 10 May. In between most cases were imported, and nearly all alarms of late March are theirs.
"""

import os
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import xarray as xr

from tongchou.situation.plain.places import locate_places
from tongchou.surveillance.detection.scan_places import scan_places
from validation.lines import Line, absent, report

LOOK_BACK = 42
OUTBREAKS = (
    # code, name, day it began by what was announced, last night by which it must be named, what was announced
    ("230100", "Harbin", date(2020, 4, 9), date(2020, 4, 12), "9 April: first local case"),
    ("220200", "Jilin (Shulan)", date(2020, 5, 7), date(2020, 5, 10), "7 May: first; 9 May: 11 more"),
)  # fmt: skip


def panel(path: Path) -> xr.DataArray:
    """Give new cases by prefecture and day; what was revised downwards counts as none."""
    rows = pl.read_csv(path, schema_overrides={"adcode": pl.String}, try_parse_dates=True)
    wide = rows.pivot("date", index="adcode", values="confirmed").sort("adcode")
    days = [c for c in wide.columns if c != "adcode"]
    new = np.clip(np.diff(wide.select(days).to_numpy().astype(float), axis=1), 0, None)
    return xr.DataArray(
        new,
        {"place": wide["adcode"].to_list(), "date": np.array(days[1:], "datetime64[ns]")},
        ("place", "date"),
    )


def nights(
    cases: xr.DataArray, points: xr.Dataset, code: str, first: date, last: date
) -> list[tuple[date, date]]:
    """Give the nights on which an alarm that began on ``first`` or later held the place, with its first day."""
    found = []
    for offset in range((last - first).days + 1):
        night = first + timedelta(days=offset)
        known = cases.sel(date=slice(night - timedelta(days=LOOK_BACK - 1), night))
        scan = scan_places(known, points, rng=np.random.default_rng(night.toordinal()))
        told = scan.members.join(scan.alarms.select("cluster", "first"), on="cluster")
        since = told.filter((pl.col("place") == code) & (pl.col("first") >= first))["first"]
        found += [(night, day) for day in since]
    return found


def main() -> None:
    """Print for each outbreak the first night of an alarm."""
    title = "Space-time scan on the prefectures of China, spring 2020"
    folder = os.environ.get("TONGCHOU_DATA")
    path = Path(folder or "", "china2020", "cases_prefecture_panel.csv")
    if folder is None or not path.is_file():
        report(title, [absent("known outbreaks of the north-east", "the case panel")])
        return
    cases = panel(path)
    points = locate_places([str(p) for p in cases["place"].to_numpy()]).points
    lines = []
    for code, name, began, last, said in OUTBREAKS:
        found = nights(cases, points, code, began, last)
        lines.append(
            Line(
                claim=f"{name}: first night of an alarm that begins with it ({said})",
                found=f"{found[0][0]:%-d %B}, since {found[0][1]:%-d %B}" if found else "none",
                wanted=f"by {last:%-d %B}",
                holds=bool(found),
            )
        )
    report(title, lines)


if __name__ == "__main__":
    main()
