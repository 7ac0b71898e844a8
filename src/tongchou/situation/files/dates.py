"""Dates as people write them in China and elsewhere; what is ambiguous is asked, never guessed."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Literal

Order = Literal["dmy", "mdy"]
"""How dates such as 3/2/2020 are meant: day first or month first."""

FIRST_SERIAL, LAST_SERIAL = 18_264, 73_050
"""Excel's numbers of 1 January 1950 and 31 December 2099: what lies outside is not taken as a date."""

_DIGITS = {c: str(n) for n, c in enumerate("〇一二三四五六七八九")} | {
    "零": "0",
    "○": "0",
    "Ｏ": "0",
}
_YEAR_FIRST = re.compile(r"^(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_YEAR_LAST = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$")
_NAMED = re.compile(r"^(?:(\d{1,2})[ -])?([A-Za-z]{3,9})\.?[ -](?:(\d{1,2}),? )?(\d{4})$")
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_CLOCK = re.compile(
    r"[ T]*(上午|下午|晚上|中午|凌晨)?[ ]*(\d{1,2})(?::|时|点)(\d{1,2})?(?:分|:(\d{1,2})(?:\.\d+)?)?秒?[ ]*(AM|PM)?(?:Z|[+-]\d{2}:?\d{2})?$",
    re.IGNORECASE,
)


class NotADate(ValueError):
    """Text that is no date."""


class Ambiguous(NotADate):
    """A date that may be read two ways."""


def plain(text: str) -> str:
    """Write full-width digits and Chinese numerals of a date as plain digits.

    >>> plain("二〇二〇年二月十三日"), plain("２０２０／２／３")
    ('2020年2月13日', '2020/2/3')
    """
    text = unicodedata.normalize("NFKC", text).strip()
    if not any(c in text for c in "〇一二三四五六七八九十零○"):
        return text
    return re.sub(r"[〇一二三四五六七八九十零○]+", lambda m: _numeral(m.group()), text)


def _numeral(word: str) -> str:
    """Give digits for a numeral: 二〇二〇 digit by digit, 二十三 by tens."""
    if "十" not in word:
        return "".join(_DIGITS[c] for c in word)
    tens, _, ones = word.partition("十")
    return (_DIGITS[tens] if tens else "1") + (_DIGITS[ones] if ones else "0")


def read_date(text: str, *, order: Order | None = None, epoch: int = 1900) -> date:
    """Give the date that a text states.

    >>> read_date("2020年2月3日"), read_date("2020/2/3 08:30"), read_date("43864")
    (datetime.date(2020, 2, 3), datetime.date(2020, 2, 3), datetime.date(2020, 2, 3))

    Parameters
    ----------
    text
        The cell.
    order
        What the person who imports said of dates with the year last.
    epoch
        1900 or 1904: the workbook's first year, for dates that are bare numbers.

    Raises
    ------
    Ambiguous
        If day and month can be taken for each other and nobody said which is which.
    NotADate
        If it is none.
    """
    return read_datetime(text, order=order, epoch=epoch).date()


def read_datetime(text: str, *, order: Order | None = None, epoch: int = 1900) -> datetime:
    """Give the date and time that a text states; midnight where it states none."""
    text = plain(text)
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        return _serial(float(text), epoch)
    day, clock = _parted(text)
    for read in (_year_first, _compact, _named):
        if (found := read(day)) is not None:
            return found + clock
    return _year_last(day, order) + clock


def _parted(text: str) -> tuple[str, timedelta]:
    """Part a text into its date and its time of day."""
    found = _CLOCK.search(text)
    if found is None or found.start() == 0:
        return text, timedelta()
    noon, hour, minute, second, half = found.groups()
    hours = int(hour)
    late = noon in ("下午", "晚上") or (half or "").upper() == "PM"
    if late and hours < 12:
        hours += 12
    elif (noon in ("凌晨", "上午") or (half or "").upper() == "AM") and hours == 12:
        hours = 0
    if hours > 23 or int(minute or 0) > 59 or int(second or 0) > 59:
        raise NotADate(text)
    return text[: found.start()].strip(), timedelta(
        hours=hours, minutes=int(minute or 0), seconds=int(second or 0)
    )


def _serial(number: float, epoch: int) -> datetime:
    if epoch == 1904:
        number += 1462
    if not FIRST_SERIAL <= number <= LAST_SERIAL:
        raise NotADate(str(number))
    return datetime(1899, 12, 30) + timedelta(seconds=round(number * 86_400))  # noqa: DTZ001 - a wall clock


def _made(year: int, month: int, day: int) -> datetime:
    try:
        return datetime(year, month, day)  # noqa: DTZ001 - a wall clock
    except ValueError as fault:
        raise NotADate(f"{year}-{month}-{day}") from fault


def _year_first(text: str) -> datetime | None:
    found = _YEAR_FIRST.match(text.replace(" ", ""))
    return _made(*map(int, found.groups())) if found else None


def _compact(text: str) -> datetime | None:
    found = _COMPACT.match(text)
    return _made(*map(int, found.groups())) if found else None


def _named(text: str) -> datetime | None:
    found = _NAMED.match(text)
    if not found:
        return None
    before, word, after, year = found.groups()
    months = [n for n, name in enumerate(_MONTHS, 1) if name.startswith(word.lower())]
    if len(months) != 1 or not (before or after):
        raise NotADate(text)
    return _made(int(year), months[0], int(before or after))


def _year_last(text: str, order: Order | None) -> datetime:
    found = _YEAR_LAST.match(text)
    if not found:
        raise NotADate(text)
    first, second, year = map(int, found.groups())
    if order is None:
        if first == second:
            return _made(year, first, second)
        if first > 12:
            order = "dmy"
        elif second > 12:
            order = "mdy"
        else:
            raise Ambiguous(text)
    return _made(year, second, first) if order == "dmy" else _made(year, first, second)


def order_of(cells: Iterable[str]) -> Order | Literal["ask", "mixed"] | None:
    """Say how a column writes dates with the year last.

    Gives the order that its unambiguous dates show, ``ask`` if all are ambiguous, ``mixed`` if they
    contradict each other, None if no date has its year last.

    >>> order_of(["3/2/2020", "25/2/2020"]), order_of(["3/2/2020"]), order_of(["2020-02-03"])
    ('dmy', 'ask', None)
    """
    shown: set[Order] = set()
    ambiguous = False
    for cell in cells:
        if not cell:
            continue
        found = _YEAR_LAST.match(_day_of(cell))
        if not found:
            continue
        first, second, _ = map(int, found.groups())
        if first > 12 >= second:
            shown.add("dmy")
        elif second > 12 >= first:
            shown.add("mdy")
        elif first != second:
            ambiguous = True
    if len(shown) == 2:
        return "mixed"
    if shown:
        return shown.pop()
    return "ask" if ambiguous else None


def _day_of(cell: str) -> str:
    try:
        return _parted(plain(cell))[0]
    except NotADate:
        return ""
