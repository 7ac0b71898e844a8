"""Words in two languages, and numbers as each language writes them."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

Lang = Literal["zh", "en"]
LANGUAGES: tuple[Lang, ...] = get_args(Lang)
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence or term, original in both languages.

    Placeholders are named in braces and filled by :meth:`fill`; a value that is itself a
    ``Text`` is filled in the same language.

    Examples
    --------
    >>> Text(zh="{n} 个区县", en="{n} counties").fill(n=3)["en"]
    '3 counties'
    """

    zh: str
    en: str

    def __getitem__(self, lang: Lang) -> str:
        return self.zh if lang == "zh" else self.en

    def fill(self, **values: object) -> "Text":
        """Give the same sentence with its placeholders filled in both languages."""
        return Text(
            zh=self.zh.format(**{k: _in(v, "zh") for k, v in values.items()}),
            en=self.en.format(**{k: _in(v, "en") for k, v in values.items()}),
        )

    def as_dict(self) -> dict[Lang, str]:
        """Give both languages as a plain mapping, for JSON."""
        return {"zh": self.zh, "en": self.en}


def _in(value: object, lang: Lang) -> object:
    return value[lang] if isinstance(value, Text) else value


def same(word: str) -> Text:
    """Give a word that is written alike in both languages, such as a code or a number."""
    return Text(zh=word, en=word)


def join(parts: list[Text]) -> Text:
    """Give a list of terms as each language enumerates them.

    >>> join([Text("甲", "A"), Text("乙", "B"), Text("丙", "C")])
    Text(zh='甲、乙、丙', en='A, B, C')
    """
    return Text(zh="、".join(p.zh for p in parts), en=", ".join(p.en for p in parts))


def run_on(sentences: Iterable[Text]) -> Text:
    """Give whole sentences one after another, as each language runs them on.

    >>> run_on([Text("甲。", "A."), Text("乙。", "B.")])
    Text(zh='甲。乙。', en='A. B.')
    """
    said = list(sentences)
    return Text(zh="".join(s.zh for s in said), en=" ".join(s.en for s in said))


def count(value: float | int | None) -> str:
    """Write a count exactly, thousands separated; an unknown count is a dash.

    >>> count(64287), count(None)
    ('64,287', '–')
    """
    return "–" if value is None or math.isnan(value) else f"{round(value):,}"


def estimate(value: float | None, figures: int = 3) -> str:
    """Write an estimate with at most three significant figures: no false precision.

    >>> estimate(2.1666), estimate(0.04567), estimate(123456.0), estimate(0.0)
    ('2.17', '0.0457', '123,000', '0')
    """
    if value is None or not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    digits = figures - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, digits)
    return f"{rounded:,.{max(digits, 0)}f}"


def cases(value: float | None) -> str:
    """Write an expected number of people: whole, and beyond 999 with three significant figures.

    >>> cases(23.4), cases(3684.2), cases(0.3)
    ('23', '3,680', '0')
    """
    if value is None or not math.isfinite(value):
        return "–"
    return count(value) if abs(value) < 1000 else estimate(value)


def share(value: float | None) -> str:
    """Write a share as per cent with one decimal.

    >>> share(0.0345)
    '3.5%'
    """
    return "–" if value is None or not math.isfinite(value) else f"{100 * value:.1f}%"


def signed(value: float | None, write: object = None) -> str:
    """Write a change with its sign, ``±0`` for none.

    >>> signed(12), signed(-3), signed(0), signed(-0.0002, share)
    ('+12', '−3', '±0', '±0')
    """
    if value is None or not math.isfinite(value):
        return "–"
    text = write(abs(value)) if callable(write) else count(abs(value))
    if not text.strip("0.,%"):
        return "±0"
    return f"{'+' if value > 0 else '−'}{text}"


def day(value: date | None) -> Text:
    """Write a date as each language does.

    >>> day(date(2020, 2, 22))
    Text(zh='2020年2月22日', en='22 February 2020')
    """
    if value is None:
        return same("–")
    return Text(
        zh=f"{value.year}年{value.month}月{value.day}日",
        en=f"{value.day} {MONTHS[value.month - 1]} {value.year}",
    )


def text_of(row: Mapping[str, object], stem: str) -> Text:
    """Give the pair of columns ``stem_zh`` and ``stem_en`` of a table row as a text."""
    return Text(zh=str(row[f"{stem}_zh"]), en=str(row[f"{stem}_en"]))
