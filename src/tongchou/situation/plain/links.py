"""Links between cases from a plain file: who is said to have infected whom, one row each."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tongchou.situation.files.cells import NO, YES, choice_word
from tongchou.situation.plain.columns import find_columns
from tongchou.situation.plain.sheet import read_sheet
from tongchou.situation.plain.values import read_words
from tongchou.vocabulary.text import Text, join, same


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Links as written: ``infector, infectee, known`` (null where nothing is said of it)."""

    links: pl.DataFrame
    notes: tuple[Text, ...]


def read_links(path: Path, *, columns: Mapping[str, str] | None = None) -> Links:
    """Give the links of a plain file.

    Parameters
    ----------
    path
        CSV or other separated text in any usual encoding, xlsx or xls, with two columns of case
        numbers and, if there is more to say, a third that says whether the link is known.
    columns
        ``infector``, ``infectee`` or ``known`` to the file's name of it, where that does not say.

    Raises
    ------
    BadInput
        With every fault: row, column, value and next step.
    """
    sheet = read_sheet(path)
    found = find_columns(sheet, "links", columns, ("infector", "infectee"))
    sheet.faults.raise_any()
    read = [sheet.cells[found[name]].alias(name) for name in ("infector", "infectee")]
    known = pl.Series("known", [None] * sheet.cells.height, pl.Boolean())
    if "known" in found:
        known = read_words(sheet, found["known"], _yes_or_no, _YES_OR_NO, pl.Boolean())
    for series in read:
        blank = series.is_null()
        sheet.faults.rows(blank, series, sheet.numbers, _BLANK, _BLANK_STEP, column=series.name)
    sheet.faults.raise_any()
    renamed = [same(f"{ours} ← {theirs}") for ours, theirs in found.items() if ours != theirs]
    notes = (_READ_AS.fill(pairs=join(renamed)),) if renamed else ()
    return Links(links=pl.DataFrame([*read, known.alias("known")]), notes=notes)


def _yes_or_no(word: str) -> bool | None:
    plain = choice_word(word)
    return True if plain in YES else False if plain in NO else None


_YES_OR_NO = Text(zh="是、否", en="yes, no")
_BLANK = Text(zh="没有病例编号。", en="has no case number.")
_BLANK_STEP = Text(
    zh="请填写编号；来源不明的病例不必列入。",
    en="Write the number; a case whose source is not known needs no row.",
)
_READ_AS = Text(zh="链接文件的列：{pairs}。", en="Columns of the links: {pairs}.")
