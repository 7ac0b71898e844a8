"""Names of places: how they are compared, and who bears which."""

import unicodedata

import polars as pl

from tongchou.vocabulary.crosswalk import Crosswalk


def normalise(name: str) -> str:
    """Write a name without case, accents, spaces and apostrophes, for comparison.

    >>> normalise("Xi'an City"), normalise("Lüliang"), normalise("江岸 区")
    ('xiancity', 'luliang', '江岸区')
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in plain if c.isalnum() and not unicodedata.combining(c))


def index_names(
    frame: pl.DataFrame, crosswalk: Crosswalk, levels: list[str]
) -> dict[str, tuple[str, ...]]:
    """Give the codes that bear each name, as written and normalised.

    Higher levels come first, former names last.
    """
    names: dict[str, dict[str, None]] = {}

    def enter(name: str, code: str) -> None:
        for key in {name, normalise(name)}:
            names.setdefault(key, {})[code] = None

    ordered = sorted(
        frame.iter_rows(named=True), key=lambda r: (levels.index(r["level"]), r["code"])
    )
    for row in ordered:
        for name in (row["name_zh"], row["name_en"], row["name_short_zh"], row["name_short_en"]):
            enter(name, row["code"])
        for name in filter(None, row["aliases"].split(";")):
            enter(name, row["code"])
    known = frozenset(frame["code"])
    for change in crosswalk.rows:
        if change.old_name and (now := crosswalk.resolve(change.old_code, known)):
            enter(change.old_name, now[0].new_code)
    return {key: tuple(codes) for key, codes in names.items()}
