"""Annexes A and B: places, forecasts, tiers that may move."""

from collections.abc import Mapping

from tongchou.morning.annexes.common import CASES, DAYS, Row, head, real, whole
from tongchou.morning.order import Table
from tongchou.morning.outlook import Outlook
from tongchou.morning.picture import Picture
from tongchou.tiering.rules import tier_name
from tongchou.vocabulary.text import Text, same


def places_table(picture: Picture, which: str) -> Table:
    """Give the situation of each area, or of each finest unit."""
    scope = picture.scope
    codes = scope.areas if which == "areas" else scope.units
    tiers = {r["place"]: r for r in picture.tiers.frame.iter_rows(named=True)}
    silent = dict(picture.quality.silent.select("place", "days").iter_rows())
    rows = [_place_row(picture, c, tiers.get(c), silent) for c in codes]
    headings = [
        head("name", "地区", "Place"),
        head("place", "代码", "Code", "code"),
        *([head("area", "所属", "In")] if which == "units" else []),
        head("tier", "等级", "Tier"),
        head("confirmed", "累计确诊", "Confirmed", "count", CASES),
        head("new", "当日新增", "New", "count", CASES),
        head("new7", "7日新增", "New in 7 days", "count", CASES),
        head(
            "weekly",
            "7日发病率",
            "7-day incidence",
            "estimate",
            Text(zh="／10万", en="per 100,000"),
        ),
        head("r", "R", "R", "estimate"),
        head("r_low", "R 下限", "R low", "estimate"),
        head("r_high", "R 上限", "R high", "estimate"),
        head(
            "doubling",
            "倍增时间（负为减半）",
            "Doubling time (negative: halving)",
            "estimate",
            DAYS,
        ),
        head("recovered", "累计治愈", "Recovered", "count", CASES),
        head("deaths", "累计死亡", "Deaths", "count", CASES),
        head("silent", "未报天数", "Silent", "count", DAYS),
    ]
    title = (
        Text(zh="下一级地区", en="Areas of the next level")
        if which == "areas"
        else Text(zh="最细报告单位", en="Finest reporting units")
    )
    return Table(id=which, title=title, headings=tuple(headings), rows=tuple(rows))


def _place_row(
    picture: Picture, code: str, tier: Row | None, silent: Mapping[str, int]
) -> dict[str, object]:
    counts = picture.counts.sel(place=code).isel(date=-1)
    new = picture.new.sel(place=code)
    rt = picture.rt.sel(place=code).isel(date=-1)
    growth = picture.growth.sel(place=code).isel(date=-1)
    scope = picture.scope
    return {
        "place": code,
        "name": scope.names[code],
        "area": scope.names.get(scope.area_of(code), same("")),
        "tier": None if tier is None or tier["tier"] is None else tier_name(tier["tier"]),  # type: ignore[arg-type]
        "confirmed": whole(counts["confirmed"]),
        "new": whole(new[-1]),
        "new7": whole(new[-7:].sum()),
        "weekly": real(picture.weekly.sel(place=code)[-1]),
        "r": real(rt["median"]),
        "r_low": real(rt["q025"]),
        "r_high": real(rt["q975"]),
        "doubling": _doubling(growth),
        "recovered": whole(counts["recovered"]),
        "deaths": whole(counts["deaths"]),
        "silent": silent.get(code, 0),
    }


def _doubling(growth: object) -> float | None:
    double, halve = real(growth["doubling_time"]), real(growth["halving_time"])  # type: ignore[index]
    return double if double is not None else None if halve is None else -halve


def forecast_table(outlook: Outlook) -> Table:
    """Give the new cases of the next 7 and 14 days for the scope and its areas."""
    scope = outlook.picture.scope
    rows = []
    for code in (scope.place, *scope.areas):
        one = outlook.upper["cumulative"].sel(place=code)
        row: dict[str, object] = {"place": code, "name": scope.names[code]}
        for days in (7, 14):
            for name, level in (
                ("low", 0.025),
                ("q25", 0.25),
                ("median", 0.5),
                ("q75", 0.75),
                ("high", 0.975),
            ):
                row[f"{name}{days}"] = float(one.sel(quantile=level)[days - 1])
        rows.append(row)
    headings = [head("name", "地区", "Place")]
    for days in (7, 14):
        headings += [
            head(f"median{days}", f"{days}日中位", f"{days} days, median", "estimate", CASES),
            head(f"q25{days}", f"{days}日50%低", f"{days} days, 50 % low", "estimate", CASES),
            head(f"q75{days}", f"{days}日50%高", f"{days} days, 50 % high", "estimate", CASES),
            head(f"low{days}", f"{days}日95%低", f"{days} days, 95 % low", "estimate", CASES),
            head(f"high{days}", f"{days}日95%高", f"{days} days, 95 % high", "estimate", CASES),
        ]
    return Table(
        id="forecasts",
        title=Text(zh="今后14日新增确诊", en="New confirmed in the next 14 days"),
        headings=tuple(headings),
        rows=tuple(rows),
        note=Text(
            zh="各地分别预测，中位数不可相加。",
            en="Each place is forecast by itself; medians do not add up.",
        ),
    )


def tier_moves_table(outlook: Outlook) -> Table:
    """Give the tier changes possible within the horizon, with their probability."""
    scope = outlook.picture.scope
    rows = [
        {
            "place": r["place"],
            "name": scope.names[r["place"]],
            "tier": tier_name(r["tier"]),
            "to": tier_name(r["to"]),
            "on": r["on"],
            "probability": r["probability"],
        }
        for r in outlook.tier_moves.iter_rows(named=True)
    ]
    return Table(
        id="tier_moves",
        title=Text(zh="14日内可能的等级变化", en="Tier changes possible within 14 days"),
        headings=(
            head("name", "单位", "Unit"),
            head("tier", "现为", "Now"),
            head("to", "可变为", "May become"),
            head("on", "最早／不迟于", "On or by", "date"),
            head("probability", "概率", "Probability", "share"),
        ),
        rows=tuple(rows),
    )
