"""Is an area ready to step its response level down: a checklist, never a decision."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tongchou.tiering.levels import LEVELS, Level, level_name
from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.text import Text, count, estimate, share

Status = Literal["pass", "between", "fail", "no_data"]
Advice = Literal["step_down", "stay", "step_up"]
Daily = Sequence[float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of the checklist.

    ``pass``: the threshold to step down was kept on each of the last ``hold_days``;
    ``fail``: the threshold to relapse was broken on each of them; ``between``: neither, so
    nothing moves; ``no_data``: at least one of those days is missing. An item without ``relapse``
    holds a step down back and never asks for a step up.
    """

    item: str
    name: Text
    unit: str
    status: Status
    value: float | None
    ready: float
    relapse: float | None
    hold_days: int
    reason: Text
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The checklist for one step from one level to another."""

    from_level: Level
    to_level: Level
    items: tuple[Item, ...]

    @property
    def ready(self) -> bool:
        """Whether every item passes; an item without data does not."""
        return all(item.status == "pass" for item in self.items)

    @property
    def missing(self) -> list[str]:
        """Items without data."""
        return [item.item for item in self.items if item.status == "no_data"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What is proposed, and the sheets it rests on; the province decides."""

    level: Level
    advice: Advice
    proposed: Level
    sheets: tuple[Sheet, ...]
    reason: Text


def check_readiness(level: Level, indicators: Mapping[str, Daily]) -> Readiness:
    """Propose to step down, stay or step up.

    Stepping down needs every item of a sheet to pass; the lowest level whose sheet is ready is
    proposed, so I to III directly is possible. Stepping up is proposed if any item of the sheet
    by which the present level was reached fails. Between the two thresholds nothing moves:
    a figure that swings around one threshold does not move the level to and fro.

    Parameters
    ----------
    level
        Level in force.
    indicators
        Daily values, the latest last, None where missing: ``days_without_case`` (days),
        ``r_upper`` (upper 95 % bound of R), ``share_low`` (share of counties at low risk),
        ``bed_occupancy`` (share of designated beds), ``import_pressure`` (expected imported
        cases per day). An indicator left out counts as no data.

    Examples
    --------
    >>> quiet = {"days_without_case": [15], "r_upper": [0.8] * 7, "share_low": [0.97] * 3,
    ...          "bed_occupancy": [0.2] * 3, "import_pressure": [0.1] * 7}
    >>> check_readiness("I", quiet).proposed
    'II'
    """
    down = [_sheet(level, to, indicators) for to in _steps(from_level=level)]
    ready = [sheet for sheet in down if sheet.ready]
    back = [_sheet(start, level, indicators) for start in _steps(to_level=level)]
    # the sheet of the single step, not of the leap, says whether the level was left too early
    relapsed = [
        item
        for sheet in back
        if LEVELS.index(level) - LEVELS.index(sheet.from_level) == 1
        for item in sheet.items
        if item.status == "fail"
    ]
    if relapsed:
        up = LEVELS[LEVELS.index(level) - 1]
        return Readiness(
            level=level,
            advice="step_up",
            proposed=up,
            sheets=tuple(back),
            reason=Text(
                zh="建议上调为{level}：{why}", en="Step up to {level} is proposed: {why}"
            ).fill(level=level_name(up), why=relapsed[0].reason),
        )
    if ready:
        lowest = max((sheet.to_level for sheet in ready), key=LEVELS.index)
        return Readiness(
            level=level,
            advice="step_down",
            proposed=lowest,
            sheets=tuple(down),
            reason=Text(
                zh="各项条件均已满足，建议下调为{level}，由省级决定。",
                en="Every condition holds; step down to {level} is proposed, the province decides.",
            ).fill(level=level_name(lowest)),
        )
    open_ = [item for sheet in down[:1] for item in sheet.items if item.status != "pass"]
    return Readiness(
        level=level,
        advice="stay",
        proposed=level,
        sheets=tuple(down),
        reason=Text(zh="建议保持{level}：{why}", en="Stay at {level}: {why}").fill(
            level=level_name(level),
            why=open_[0].reason
            if open_
            else Text(zh="没有更低的级别。", en="there is no lower level."),
        ),
    )


def _steps(*, from_level: Level | None = None, to_level: Level | None = None) -> list[Level]:
    rows = (
        packaged("tiering/readiness").select("from_level", "to_level").unique(maintain_order=True)
    )
    pairs = list(rows.iter_rows())
    found = {t for f, t in pairs if f == from_level} | {f for f, t in pairs if t == to_level}
    return sorted(found, key=LEVELS.index)


def _sheet(start: Level, to: Level, indicators: Mapping[str, Daily]) -> Sheet:
    rows = [
        row
        for row in packaged("tiering/readiness").iter_rows(named=True)
        if (row["from_level"], row["to_level"]) == (start, to)
    ]
    return Sheet(
        from_level=start,
        to_level=to,
        items=tuple(_item(row, indicators.get(row["item"], ())) for row in rows),
    )


def _item(row: Mapping[str, Any], daily: Daily) -> Item:
    hold = int(row["hold_days"])
    recent = list(daily)[-hold:]
    known = [value for value in recent if value is not None]
    at_least = row["direction"] == "at_least"

    def kept(value: float, threshold: float) -> bool:
        return value >= threshold if at_least else value < threshold

    status: Status = "between"
    if len(known) < hold:
        status = "no_data"
    elif all(kept(value, row["ready"]) for value in known):
        status = "pass"
    elif row["relapse"] is not None and not any(kept(value, row["relapse"]) for value in known):
        status = "fail"
    latest = known[-1] if known else None
    name = Text(zh=row["zh"], en=row["en"])
    write = WRITTEN.get(row["unit"], estimate)
    return Item(
        item=row["item"],
        name=name,
        unit=row["unit"],
        status=status,
        value=latest,
        ready=row["ready"],
        relapse=row["relapse"],
        hold_days=hold,
        reason=(REASONS[status] if row["relapse"] is not None else ONE_WAY[status]).fill(
            name=name,
            value=write(latest),
            word=Text(zh="不低于", en="at least") if at_least else Text(zh="低于", en="below"),
            ready=write(row["ready"]),
            relapse=write(row["relapse"]),
            days=hold,
            have=len(known),
        ),
        source=row["source"],
    )


WRITTEN: Mapping[str, Callable[[float | None], str]] = {"days": count, "share": share}
"""How values of a unit are written; estimates otherwise."""

REASONS: dict[Status, Text] = {
    "pass": Text(
        zh="{name}为{value}，已连续{days}天满足“{word}{ready}”。",
        en="{name}: {value}; {word} {ready} on each of {days} days.",
    ),
    "between": Text(
        zh="{name}为{value}，未连续{days}天满足“{word}{ready}”，也未连续突破{relapse}。",
        en="{name}: {value}; not {word} {ready} on each of {days} days, nor beyond {relapse} on each.",
    ),
    "fail": Text(
        zh="{name}为{value}，连续{days}天突破{relapse}（要求{word}{ready}）。",
        en="{name}: {value}; beyond {relapse} on each of {days} days (wanted: {word} {ready}).",
    ),
    "no_data": Text(
        zh="{name}没有足够数据：需{days}天，仅有{have}天。",
        en="{name}: no data; {days} days are needed, {have} are there.",
    ),
}

ONE_WAY: dict[Status, Text] = {
    **REASONS,
    "between": Text(
        zh="{name}为{value}，未连续{days}天满足“{word}{ready}”。",
        en="{name}: {value}; not {word} {ready} on each of {days} days.",
    ),
}
"""For items that hold a step down back and never ask for a step up."""
