"""From cells to values: each kind of field has one way of being read, and says why when it cannot.

What is refused is refused with the column, the value and what to do; nothing is guessed silently.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from tongchou.situation.files.cells import BLANKS, NO, ROUNDED, YES, choice_word
from tongchou.situation.files.dates import Ambiguous, NotADate, Order, read_date, read_datetime
from tongchou.station.desk.spreadsheet import unguard
from tongchou.station.exchange.importable import ImportField, Value
from tongchou.vocabulary.errors import Fault
from tongchou.vocabulary.text import Text, same

FREE = frozenset({"text", "name"})

Lookup = Callable[[str], str | Text]
"""Gives the code of a place or unit; a text instead of a string says why there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How the columns of one file are read.

    Parameters
    ----------
    columns
        For each column of the file, in order, the field it fills, None for a column left out.
    header
        Names of the columns, for faults.
    file
        Name of the file, for faults.
    required
        Fields that a new record must have.
    orders
        What was said of ambiguous dates, by place of the column.
    epoch
        First year of the workbook's calendar.
    place, unit
        Find places and units by code or name.
    """

    columns: Sequence[ImportField | None]
    header: Sequence[str]
    file: str
    required: Sequence[ImportField] = ()
    orders: Mapping[int, Order] = field(default_factory=dict)
    epoch: int = 1900
    place: Lookup = str
    unit: Lookup = str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRow:
    """The values of a row by field, and every fault found in it."""

    number: int
    values: Mapping[str, Value]
    faults: tuple[Fault, ...]


class Unfit(ValueError):
    """A cell that is not what its field holds."""

    def __init__(self, problem: Text, remedy: Text) -> None:
        self.problem, self.remedy = problem, remedy
        super().__init__(problem.en)


def read_row(number: int, cells: Sequence[str], reader: Reader) -> ReadRow:
    """Give the values of a row, and every fault in it."""
    values: dict[str, Value] = {}
    faults: list[Fault] = []

    def fault(column: str | None, value: str | None, problem: Text, remedy: Text) -> None:
        faults.append(
            Fault(
                file=reader.file,
                row=number,
                column=column,
                value=value,
                problem=problem,
                remedy=remedy,
            )
        )

    for at, (into, name) in enumerate(zip(reader.columns, reader.header, strict=True)):
        cell = str(unguard(cells[at])).strip() if at < len(cells) else ""
        if into is None:
            continue
        try:
            value = read_cell(cell, into, reader, reader.orders.get(at))
        except Unfit as unfit:
            fault(name, cell[:80], unfit.problem, unfit.remedy)
            continue
        if value is None:
            continue
        if into.key in values and values[into.key] != value:
            fault(name, cell[:80], _TWICE.fill(field=into.label), _TWICE_STEP)
        values.setdefault(into.key, value)
    beyond = [c for c in cells[len(reader.header) :] if c.strip()]
    if beyond:
        fault(None, beyond[0][:80], _BEYOND.fill(n=len(beyond)), _BEYOND_STEP)
    if not any(f and f.record and f.key in values for f in reader.columns):
        faults.extend(_missing(number, reader, values, {f.column for f in faults}))
    return ReadRow(number=number, values=values, faults=tuple(faults))


def _missing(
    number: int, reader: Reader, values: Mapping[str, Value], refused: set[str | None]
) -> list[Fault]:
    """Give a fault for each required field that a new record would lack, once for each column."""
    names = {f.key: n for n, f in zip(reader.header, reader.columns, strict=True) if f}
    return [
        Fault(
            file=reader.file, row=number, column=names.get(f.key), value=None,
            problem=_MISSING.fill(field=f.label), remedy=_MISSING_STEP,
        )
        for f in reader.required
        if f.key not in values and names.get(f.key, "") not in refused
    ]  # fmt: skip


def read_cell(
    cell: str, into: ImportField, reader: Reader, order: Order | None = None
) -> Value | None:
    """Give the value of a cell, None if it says nothing.

    Raises
    ------
    Unfit
        If it is not what the field holds.
    """
    if into.kind in FREE:
        if ROUNDED.match(cell):
            raise Unfit(_ROUNDED, _ROUNDED_STEP)
        return cell or None
    plain = unicodedata.normalize("NFKC", cell).strip()
    if plain in BLANKS and not (into.kind in ("flag", "choice") and plain == "无"):
        return None
    if ROUNDED.match(plain):
        raise Unfit(_ROUNDED, _ROUNDED_STEP)
    match into.kind:
        case "document":
            return re.sub(r"[\s-]", "", plain).upper()
        case "phone":
            return _phone(plain)
        case "date":
            return _date(plain, order, reader.epoch)
        case "datetime":
            return _datetime(plain, order, reader.epoch)
        case "integer" | "number":
            return _number(plain, into.kind == "integer")
        case "flag":
            return _flag(plain)
        case "choice":
            return _choice(plain, into)
        case "place":
            return _found(reader.place(plain))
        case _:
            return _found(reader.unit(plain))


def _phone(plain: str) -> str:
    digits = re.sub(r"(?<=\d)\.0$", "", plain)
    return re.sub(r"[\s\-()]", "", digits)


def _date(plain: str, order: Order | None, epoch: int) -> date:
    try:
        return read_date(plain, order=order, epoch=epoch)
    except Ambiguous as fault:
        raise Unfit(_AMBIGUOUS, _AMBIGUOUS_STEP) from fault
    except NotADate as fault:
        raise Unfit(_NO_DATE, _NO_DATE_STEP) from fault


def _datetime(plain: str, order: Order | None, epoch: int) -> datetime:
    try:
        return read_datetime(plain, order=order, epoch=epoch)
    except Ambiguous as fault:
        raise Unfit(_AMBIGUOUS, _AMBIGUOUS_STEP) from fault
    except NotADate as fault:
        raise Unfit(_NO_DATE, _NO_DATE_STEP) from fault


def _number(plain: str, whole: bool) -> int | float:
    digits = re.sub(r"(?<=\d)[,，](?=\d{3}\b)", "", plain)
    digits = re.sub(r"(岁|周岁|℃|°C|years?)$", "", digits).strip()
    try:
        number = float(digits)
    except ValueError as fault:
        raise Unfit(_NO_NUMBER, _NO_NUMBER_STEP) from fault
    if not abs(number) < 1e15 or (whole and number != int(number)):
        raise Unfit(_NO_WHOLE if whole else _NO_NUMBER, _NO_NUMBER_STEP)
    return int(number) if whole else number


def _flag(plain: str) -> bool:
    word = plain.casefold()
    if word in YES:
        return True
    if word in NO:
        return False
    raise Unfit(_NO_FLAG, _NO_FLAG_STEP)


def _choice(plain: str, into: ImportField) -> str:
    word = choice_word(plain)
    for value, words in into.choices.items():
        if word == choice_word(value) or word in map(choice_word, words):
            return value
    allowed = "、".join(words[0] if words else v for v, words in into.choices.items())
    english = ", ".join(words[1] if len(words) > 1 else v for v, words in into.choices.items())
    raise Unfit(_NO_CHOICE, _NO_CHOICE_STEP.fill(allowed=Text(zh=allowed, en=english)))


def _found(answer: str | Text) -> str:
    if isinstance(answer, Text):
        raise Unfit(answer, _FOUND_STEP)
    return answer


def written(value: Value | None, into: ImportField, lang: str = "zh") -> str:
    """Give a value as an export writes it: what :func:`read_cell` reads back to the same value.

    >>> flag = ImportField(key="worker", label=same("worker"), kind="flag")
    >>> written(True, flag), written(True, flag, "en"), written(None, flag)
    ('是', 'yes', '')
    """
    if value is None or value == "":
        return ""
    match into.kind:
        case "flag":
            return ("是" if value else "否") if lang == "zh" else ("yes" if value else "no")
        case "choice":
            words = into.choices.get(str(value), ())
            return (words[0] if lang == "zh" else words[1]) if len(words) > 1 else str(value)
        case "datetime":
            return f"{value:%Y-%m-%d %H:%M:%S}".removesuffix(":00")
        case "date":
            return f"{value:%Y-%m-%d}"
        case "number":
            return f"{value:.15g}"
        case _:
            return str(value)


def alike(one: Value | None, other: Value | None, into: ImportField) -> bool:
    """Say whether two values of a field are the same once both are read as a cell is."""
    if one == other or (one in (None, "") and other in (None, "")):
        return True
    if one is None or other is None:
        return False
    if isinstance(one, datetime) and isinstance(other, datetime):
        return _minute(one) == _minute(other)
    if isinstance(one, str) and isinstance(other, str):
        return _compared(one, into) == _compared(other, into)
    return False


def _minute(moment: datetime) -> datetime:
    return datetime.combine(moment.date(), time(moment.hour, moment.minute, moment.second))


def _compared(word: str, into: ImportField) -> str:
    if into.kind in FREE:
        return word.replace("\r\n", "\n").strip()
    plain = unicodedata.normalize("NFKC", word).strip()
    if into.kind == "document":
        return re.sub(r"[\s-]", "", plain).upper()
    return _phone(plain) if into.kind == "phone" else plain


_TWICE = Text(zh="两列都对应“{field}”，但内容不同。", en="Two columns fill “{field}” and differ.")
_TWICE_STEP = Text(
    zh="请在列对应中只保留一列，或改为一致。",
    en="Keep one of the columns in the mapping, or make them agree.",
)
_BEYOND = Text(
    zh="这一行比列名多出 {n} 个单元格，列可能错位。",
    en="The row has {n} cells more than there are column names; its columns may be shifted.",
)
_BEYOND_STEP = Text(
    zh="请检查这一行里的分隔符，需要时给单元格加引号。",
    en="See whether a separator stands inside a cell, and quote that cell.",
)
_MISSING = Text(zh="缺少“{field}”。", en="“{field}” is missing.")
_MISSING_STEP = Text(zh="请补填。", en="Fill it in.")
_ROUNDED = Text(
    zh="这个长号码已被电子表格改成科学记数，末尾数字丢失，不能使用。",
    en="A spreadsheet has rounded this long number; its last digits are lost and it cannot be used.",
)
_ROUNDED_STEP = Text(
    zh="请回到原始来源，把该列设为“文本”格式后重新填写号码。",
    en="Go back to the source, set the column to the format “Text”, and enter the number again.",
)
_AMBIGUOUS = Text(
    zh="日期可以读成两种：日/月 或 月/日。",
    en="The date can be read two ways: day first or month first.",
)
_AMBIGUOUS_STEP = Text(
    zh="请在列对应中选择顺序，或写成 2020-02-03。",
    en="Choose the order in the mapping, or write it as 2020-02-03.",
)
_NO_DATE = Text(zh="不是日期。", en="This is not a date.")
_NO_DATE_STEP = Text(
    zh="请写成 2020-02-03 或 2020年2月3日。", en="Write it as 2020-02-03 or 3 February 2020."
)
_NO_NUMBER = Text(zh="不是数字。", en="This is not a number.")
_NO_WHOLE = Text(zh="不是整数。", en="This is not a whole number.")
_NO_NUMBER_STEP = Text(zh="请只写数字。", en="Write digits only.")
_NO_FLAG = Text(zh="不是“是”或“否”。", en="This is neither yes nor no.")
_NO_FLAG_STEP = Text(zh="请写“是”或“否”。", en="Write yes or no.")
_NO_CHOICE = Text(zh="不是可选的词。", en="This is none of the words allowed.")
_NO_CHOICE_STEP = Text(zh="请写其中之一：{allowed}。", en="Write one of: {allowed}.")
_FOUND_STEP = Text(
    zh="请写代码或全名，例如“银川市兴庆区”。",
    en="Write its code or full name, such as “Xingqing District”.",
)

__all__ = [
    "ReadRow",
    "Reader",
    "Unfit",
    "alike",
    "read_cell",
    "read_row",
    "same",
    "written",
]
