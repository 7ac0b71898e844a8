"""The sizes of type with which the two pages each fill one sheet of A4, and no more.

Print knows no script, so the size is reckoned from the amount of text before the page is written:
the width of a text in ems, the lines it takes in its column, the height of all lines. The largest
size that holds everything is taken. A text that no readable size can hold runs on to a further
sheet; nothing is cut off.

The measures below are those of ``static/order.css`` under ``@media print``, in points.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from unicodedata import east_asian_width

from tongchou.morning.order import Decision, Order
from tongchou.vocabulary.text import Lang, Text

WIDTH, HEIGHT = 527.0, 776.0
"""The printable field of A4 within margins of 11, 12 and 12 mm."""
SMALLEST, LARGEST = 5.6, 8.8
SAFETY = 0.97
"""Share of the sheet that is reckoned with: line breaks are only known to about three in a hundred."""
CHART_SMALLEST, CHART_LARGEST = 95.0, 215.0


@dataclass(frozen=True, slots=True)
class Sizes:
    """Type sizes of the two pages and the height of the drawings, in points."""

    one: float
    two: float
    chart: float


def page_sizes(
    order: Order, lang: Lang, shown: Sequence[Text], corrections: Sequence[Text]
) -> Sizes:
    """Give the type sizes of the two pages, in points, and the height left for the drawings.

    Parameters
    ----------
    order
        The content.
    lang
        Language, for the same sentence differs in length.
    shown
        The entries of the next fourteen days that page two shows.
    corrections
        The corrections that page two shows.
    """
    one = _largest(lambda size: _page_one(order, lang, size) + CHART_SMALLEST * 1.25)
    left = HEIGHT * SAFETY - _page_one(order, lang, one)
    # Of the room that is left, type grows first to 8.2 points, then the drawings grow.
    while one > 8.2 or (left < 150 and one > 7.4):
        one = round(one - 0.1, 1)
        left = HEIGHT * SAFETY - _page_one(order, lang, one)
    two = _largest(lambda size: _page_two(order, lang, size, shown, corrections))
    return Sizes(one, two, round(min(max(left, CHART_SMALLEST), CHART_LARGEST), 0))


def ems(text: str) -> float:
    """Give the width of a text in ems: one for a Chinese character, about half for a Latin one.

    >>> ems("武汉"), ems("ab")
    (2.0, 1.0)
    """
    return round(sum(1.0 if east_asian_width(c) in "WFA" else 0.5 for c in text), 2)


def _lines(text: str, size: float, width: float, further: float = 0.0) -> int:
    """Give the lines that a text and ``further`` ems beside it take in a column."""
    # A line ends before the word that does not fit: about one em of each line stays empty.
    room = max(width / size - 1.0, 4.0)
    return max(1, ceil((ems(text) + further) / room))


def _largest(height: Callable[[float], float]) -> float:
    size = LARGEST
    while size > SMALLEST and height(size) > HEIGHT * SAFETY:
        size = round(size - 0.1, 1)
    return size


def _page_one(order: Order, lang: Lang, size: float) -> float:
    """Give the height of page one without its drawings."""
    notices = sum(_lines(n[lang], 0.88 * size, WIDTH) for n in order.head.notices)
    level = order.head.level[lang] + order.head.level_basis[lang] + order.head.level_review[lang]
    head = size * (6.7 + 1.2 * _lines(level, 0.86 * size, 0.42 * WIDTH, 9) + 1.2 * notices)
    headline = sum(
        _lines(s[lang], 1.12 * size, WIDTH - 8 * size) * 1.12 * 1.36 * size + 0.3 * size
        for s in order.headline
    )
    strip = sum(
        _lines(
            f.small[lang] if f.small else "",
            0.8 * size,
            0.25 * WIDTH,
            5.0 * bool(f.was or set(f.flags) - set(order.head.flags)),
        )
        * size
        + (0.48 if f.missing else 0.72) * size
        for f in order.figures
    )
    coarse = order.tiers.coarse[lang] if order.tiers.coarse else ""
    tiers = size * (1.5 + 4 * 1.35 + 1.8)
    tiers += _lines(coarse, 0.86 * size, WIDTH / 2 - size) * 1.15 * size * bool(coarse)
    curve = size * (1.5 + 2.6) + _lines(order.curve.sentence[lang], size, WIDTH / 2) * 1.5 * size
    gaps = sum(
        _lines("　".join(p[lang] for p, _ in g.worst), 0.88 * size, 0.5 * WIDTH) * 1.06 * size
        + 0.5 * size
        for g in order.gaps
    )
    fixed = size * 8.8
    return head + headline + strip + max(tiers, curve) + gaps + fixed


_LABELS = {"zh": (16.0, 30.0, 8.0), "en": (25.0, 43.0, 6.5)}
"""Width in ems of our own words in a decision: line of place, line of terms, each option."""


def _decision(d: Decision, lang: Lang, size: float) -> float:
    width = WIDTH / 2 - 7
    by_place, by_terms, by_option = _LABELS[lang]
    title = _lines(d.sentence[lang], 1.18 * size, width - 2.2 * size) * 1.1 * 1.35 * size
    freedom = (16.0 if lang == "zh" else 22.0) * d.takes_freedom
    place = _lines(d.where[lang], 0.94 * size, width, by_place + freedom)
    told = d.legal_basis[lang] + d.owner[lang] + d.due[lang] + d.would_change[lang]
    terms = _lines(told, 0.94 * size, width, by_terms)
    options = sum(
        _lines(
            o.effect[lang] + o.cost[lang] + o.burden[lang],
            size,
            width - 0.9 * size,
            1.1 * ems(o.name[lang]) + by_option + 2.5 * o.recommended,
        )
        for o in d.options
    )
    return title + (1.17 * (place + terms) + 1.24 * options + 2.4) * size


def _columns(heights: Iterable[float]) -> float:
    """Give the height of two columns that are balanced without breaking a decision."""
    todo = list(heights)
    best = sum(todo)
    for cut in range(1, len(todo)):
        best = min(best, max(sum(todo[:cut]), sum(todo[cut:])))
    return best


def _page_two(
    order: Order, lang: Lang, size: float, shown: Sequence[Text], corrections: Sequence[Text]
) -> float:
    decisions = _columns(_decision(d, lang, size) for d in order.decisions)
    third = (WIDTH - 23) / 3.35
    line = 0.96 * 1.24 * size
    ahead = sum(_lines(a[lang], size, 1.3 * third - 4.6 * size) for a in shown) + 2
    past = order.yesterday
    told = [past.orders, past.score_sentence, *corrections]
    yesterday = sum(_lines(text[lang], size, third) for text in told) + 2
    notes = sum(len(n[lang]) for n in order.signoff.handover)
    sign = 11 + notes * (1 if lang == "zh" else 0.5) * size / third
    return decisions + max(ahead, yesterday, sign) * line + 5.5 * size
