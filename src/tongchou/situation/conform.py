"""Holds received rows against the contract and gathers every fault before anything is used."""

from collections.abc import Collection, Mapping

import polars as pl

from tongchou.situation.contract import Column, TableContract, contracts
from tongchou.vocabulary.errors import Fault
from tongchou.vocabulary.text import Text, same

SHOWN_PER_KIND = 50
"""Rows written out for one kind of fault in one column; the rest are counted in one more line."""

_TRUE, _FALSE = ("true", "1", "yes", "是"), ("false", "0", "no", "否")


def conform(
    received: pl.DataFrame, table: TableContract, *, file: str
) -> tuple[pl.DataFrame, list[Fault]]:
    """Give the rows in the types of the contract, and every fault found.

    Parameters
    ----------
    received
        The rows as read; text columns are parsed, typed columns are cast.
    table
        The contract.
    file
        The name that faults carry.

    Returns
    -------
    DataFrame, list of Fault
        The typed table (to be used only when there is no fault) and the faults.
    """
    faults = _unknown_columns(received, table, file)
    typed: dict[str, pl.Series] = {}
    faulty: set[str] = set()
    for column in table.columns:
        if column.name in received.columns:
            series, bad, found = _typed(received[column.name], column, file)
            found = found + _limits(series, bad, column, file)
        else:
            series = pl.Series(column.name, [None] * received.height, column.dtype)
            found = [_missing_column(column, table, file)] if column.required else []
        typed[column.name] = series
        faults += found
        if found:
            faulty.add(column.name)
    frame = pl.DataFrame(typed, schema=table.schema)
    if not faulty.intersection(table.key):
        faults += _duplicates(frame, table, file)
    if not faulty.intersection((*table.with_role("event"), *table.with_role("known"))):
        faults += _known_before_event(frame, table, file)
    return frame, faults


def references(
    tables: Mapping[str, pl.DataFrame], files: Mapping[str, str], sound: Collection[str]
) -> list[Fault]:
    """Find rows that point to a row of another table which is not there.

    A reference into a table that the pack does not hold at all is not a fault: the pack
    simply does not cover it. Nor is one into a table outside ``sound``: its own faults come first.
    """
    faults: list[Fault] = []
    for name, frame in tables.items():
        for column in contracts()[name].columns:
            if column.refers is None or column.refers[0] not in sound:
                continue
            target, target_column = column.refers
            if target == name and column.name == target_column:
                continue
            known = tables[target][target_column]
            orphan = frame[column.name].is_not_null() & ~frame[column.name].is_in(known.implode())
            faults += _row_faults(
                frame[column.name],
                orphan,
                column,
                files[name],
                Text(
                    zh=f"在表 {target} 中没有对应的 {target_column}。",
                    en=f"has no counterpart in {target}.{target_column}.",
                ),
                Text(
                    zh=f"补充该行到 {target}，或改正此值。",
                    en=f"Add the row to {target} or correct this value.",
                ),
            )
    return faults


def _typed(
    series: pl.Series, column: Column, file: str
) -> tuple[pl.Series, pl.Series, list[Fault]]:
    """Give the values in their type, which rows could not be read, and the faults of those."""
    if series.dtype == column.dtype and column.type != "string":
        return series.alias(column.name), series.is_null() & False, []
    text = series.cast(pl.String).str.strip_chars()
    text = text.set((text == "").fill_null(False), None)
    match column.type:
        case "string":
            parsed = text
        case "date":
            parsed = text.str.to_date("%Y-%m-%d", strict=False)
        case "int":
            number = text.cast(pl.Float64, strict=False)
            parsed = number.set(number != number.round(), None).cast(pl.Int64, strict=False)
        case "float":
            parsed = text.cast(pl.Float64, strict=False)
        case "bool":
            lower = text.str.to_lowercase()
            yes, no = lower.is_in(list(_TRUE)), lower.is_in(list(_FALSE))
            parsed = pl.select(
                pl.when(yes).then(pl.lit(True)).when(no).then(pl.lit(False)).otherwise(None)
            ).to_series()
    bad = text.is_not_null() & parsed.is_null()
    wanted = {
        "string": same("text"),
        "date": Text(zh="日期，写作 YYYY-MM-DD", en="a date written YYYY-MM-DD"),
        "int": Text(zh="整数", en="a whole number"),
        "float": Text(zh="数字", en="a number"),
        "bool": Text(zh="true 或 false", en="true or false"),
    }[column.type]
    found = _row_faults(
        text,
        bad,
        column,
        file,
        Text(zh=f"不是{wanted.zh}。", en=f"is not {wanted.en}."),
        Text(zh="改正此值，未知则留空。", en="Correct it, or leave it blank if unknown."),
    )
    return parsed.alias(column.name), bad, found


def _limits(series: pl.Series, bad: pl.Series, column: Column, file: str) -> list[Fault]:
    """Find values beyond what the column allows; rows that could not be read are not named twice."""
    faults: list[Fault] = []
    if column.required:
        faults += _row_faults(
            series,
            series.is_null() & ~bad,
            column,
            file,
            Text(zh="必填项为空。", en="is required and empty."),
            Text(zh="填写此值或删除该行。", en="Fill it in or remove the row."),
        )
    if column.allowed:
        text = series.cast(pl.String)
        faults += _row_faults(
            series,
            series.is_not_null() & ~text.is_in(list(column.allowed)),
            column,
            file,
            Text(zh="不在允许值之内。", en="is not an allowed value."),
            Text(
                zh=f"可用：{'、'.join(column.allowed)}。",
                en=f"Use one of: {', '.join(column.allowed)}.",
            ),
        )
    if column.type == "float":
        faults += _row_faults(
            series,
            series.is_not_null() & ~series.is_finite(),
            column,
            file,
            Text(zh="不是有限的数字。", en="is not a finite number."),
            Text(zh="改正此值，未知则留空。", en="Correct it, or leave it blank if unknown."),
        )
    for limit, beyond, problem in _beyond(series, column):
        faults += _row_faults(
            series,
            beyond,
            column,
            file,
            problem.fill(limit=f"{limit:g}"),
            Text(zh="核对单位与数值后改正。", en="Check unit and value and correct it."),
        )
    return faults


def _beyond(series: pl.Series, column: Column) -> list[tuple[float, pl.Series, Text]]:
    """Give each limit of a column, which rows lie beyond it, and the sentence for it."""
    found: list[tuple[float, pl.Series, Text]] = []
    if column.minimum is not None:
        sentence = Text(zh="小于下限 {limit}。", en="is below the least allowed, {limit}.")
        found.append((column.minimum, series < column.minimum, sentence))
    if column.maximum is not None:
        sentence = Text(zh="大于上限 {limit}。", en="is above the most allowed, {limit}.")
        found.append((column.maximum, series > column.maximum, sentence))
    return found


def _row_faults(
    series: pl.Series, bad: pl.Series, column: Column, file: str, problem: Text, remedy: Text
) -> list[Fault]:
    rows = bad.fill_null(False).arg_true()
    faults = [
        Fault(
            file=file,
            row=int(i) + 1,
            column=column.name,
            value="" if series[int(i)] is None else str(series[int(i)]),
            problem=problem,
            remedy=remedy,
        )
        for i in rows.head(SHOWN_PER_KIND)
    ]
    if rows.len() > SHOWN_PER_KIND:
        more = rows.len() - SHOWN_PER_KIND
        faults.append(
            Fault(
                file=file,
                column=column.name,
                problem=Text(
                    zh=f"另有 {more} 行同样的错误：{problem.zh}",
                    en=f"{more} further rows have the same fault: {problem.en}",
                ),
                remedy=remedy,
            )
        )
    return faults


def _unknown_columns(received: pl.DataFrame, table: TableContract, file: str) -> list[Fault]:
    known = {c.name for c in table.columns}
    return [
        Fault(
            file=file,
            column=name,
            problem=Text(zh="契约中没有此列。", en="is not a column of the contract."),
            remedy=Text(
                zh=f"删除此列，或改用：{'、'.join(sorted(known - set(received.columns)))}。",
                en=f"Remove it, or use one of: {', '.join(sorted(known - set(received.columns)))}.",
            ),
        )
        for name in received.columns
        if name not in known
    ]


def _missing_column(column: Column, table: TableContract, file: str) -> Fault:
    return Fault(
        file=file,
        column=column.name,
        problem=Text(
            zh=f"缺少必需的列（{column.meaning.zh}）。",
            en=f"is required and missing ({column.meaning.en}).",
        ),
        remedy=Text(
            zh=f"按表 {table.name} 的契约补上此列。",
            en=f"Add it as the contract of table {table.name} says.",
        ),
    )


def _duplicates(frame: pl.DataFrame, table: TableContract, file: str) -> list[Fault]:
    if not table.key or frame.is_empty():
        return []
    key = pl.struct(table.key)
    twice = frame.select(~key.is_first_distinct()).to_series()
    shown = frame.select(
        pl.concat_str([pl.col(k).cast(pl.String) for k in table.key], separator=" | ")
    ).to_series()
    return _row_faults(
        shown,
        twice,
        table.column(table.key[0]),
        file,
        Text(
            zh=f"键（{'、'.join(table.key)}）重复。",
            en=f"repeats the key ({', '.join(table.key)}) of an earlier row.",
        ),
        Text(
            zh="保留一行；更正值请用更晚的 known_on 另起一行。",
            en="Keep one row; a revised value goes into a new row with a later known_on.",
        ),
    )


def _known_before_event(frame: pl.DataFrame, table: TableContract, file: str) -> list[Fault]:
    events = table.with_role("event")
    if table.known is None or not events:
        return []
    event = events[0]
    early = (frame[table.known] < frame[event]).fill_null(False)
    return _row_faults(
        frame[table.known],
        early,
        table.column(table.known),
        file,
        Text(
            zh=f"早于 {event}：事情发生前不可能已知。",
            en=f"lies before {event}: nothing is known before it happens.",
        ),
        Text(zh="改正两个日期之一。", en="Correct one of the two dates."),
    )
