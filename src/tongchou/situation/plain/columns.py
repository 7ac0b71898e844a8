"""Which column of a file is which: by the caller's word, else by its name in Chinese or English."""

import csv
import difflib
from collections.abc import Collection, Mapping
from functools import cache

from tongchou import reference
from tongchou.situation.contract import contract
from tongchou.situation.files.headers import plain_header
from tongchou.situation.plain.sheet import Sheet
from tongchou.vocabulary.text import Text

NAMED = 12
"""Columns of a file that a message names."""


@cache
def names_of(kind: str) -> Mapping[str, frozenset[str]]:
    """Give for each column of a kind of file the names it is known by, as they are compared.

    The names in ``reference/plain_columns.csv`` and, for line lists, those of the data contract.

    >>> "发病日期" in names_of("linelist")["onset_on"], "新增病例" in names_of("counts")["cases"]
    (True, True)
    """
    with reference.path("plain_columns.csv").open(encoding="utf-8", newline="") as handle:
        rows = [r for r in csv.DictReader(handle) if r["kind"] == kind]
    names = {
        r["column"]: {r["column"], r["zh"], r["en"], *filter(None, r["aliases"].split("|"))}
        for r in rows
    }
    if kind == "linelist":
        for column in contract("cases").columns:
            names.setdefault(column.name, {column.name}).update(
                (column.meaning.zh, column.meaning.en)
            )
    return {column: frozenset(map(plain_header, known)) for column, known in names.items()}


def find_columns(
    sheet: Sheet, kind: str, said: Mapping[str, str] | None, need: Collection[str]
) -> dict[str, str]:
    """Give for each column found its name in the file; what is missing or double is a fault.

    Parameters
    ----------
    sheet
        The file.
    kind
        ``counts`` or ``linelist``.
    said
        What the caller said: our name to the file's.
    need
        Columns without which the file is of no use.
    """
    found: dict[str, str] = {}
    header = sheet.cells.columns
    for ours, theirs in (said or {}).items():
        if ours not in names_of(kind):
            sheet.faults.whole(_UNKNOWN.fill(ours=ours), _known(kind), column=theirs)
        elif theirs not in header:
            sheet.faults.whole(_ABSENT, _near(theirs, header), column=theirs)
        else:
            found[ours] = theirs
    free = [name for name in header if name not in found.values()]
    for ours, known in names_of(kind).items():
        if ours in found or ours in (said or {}):
            continue
        fits = [name for name in free if plain_header(name) in known]
        exact = [name for name in fits if name == ours]
        if len(exact or fits) > 1:
            sheet.faults.whole(
                _TWICE.fill(ours=ours), _SAY.fill(ours=ours, name=fits[0]), column=", ".join(fits)
            )
        elif fits:
            found[ours] = (exact or fits)[0]
            free.remove(found[ours])
    for ours in need:
        if ours not in found and ours not in (said or {}):
            sheet.faults.whole(
                _NEEDED.fill(label=label(kind, ours)),
                _SAY_WHICH.fill(ours=ours, names=", ".join(header[:NAMED])),
                column=ours,
            )
    return found


@cache
def label(kind: str, column: str) -> Text:
    """Give what a column is called.

    >>> label("counts", "cases")
    Text(zh='新增病例', en='cases')
    """
    with reference.path("plain_columns.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            if (row["kind"], row["column"]) == (kind, column):
                return Text(zh=row["zh"], en=row["en"])
    return contract("cases").column(column).meaning


def _known(kind: str) -> Text:
    names = ", ".join(names_of(kind))
    return Text(zh=f"可用的列：{names}。", en=f"Use one of: {names}.")


def _near(name: str, header: Collection[str]) -> Text:
    near = difflib.get_close_matches(name, header, 3, 0.3) or list(header)[:8]
    return Text(zh=f"文件中的列名有：{'、'.join(near)}。", en=f"The file has: {', '.join(near)}.")


_UNKNOWN = Text(
    zh="“{ours}”不是可对应的列。", en="cannot be taken as “{ours}”: there is no such column."
)
_ABSENT = Text(zh="文件中没有这一列。", en="is not in the file.")
_TWICE = Text(zh="几列都可能是 {ours}。", en="may each be {ours}.")
_NEEDED = Text(zh="没有找到这一列（{label}）。", en="was not found ({label}).")
_SAY_WHICH = Text(
    zh="文件的列：{names}。请用 --column {ours}=列名 指明是哪一列。",
    en="The file has: {names}. Say which it is with --column {ours}=NAME.",
)
_SAY = Text(
    zh="请用 --column {ours}=列名 指明，例如 --column {ours}={name}。",
    en="Say which it is with --column {ours}=NAME, such as --column {ours}={name}.",
)
