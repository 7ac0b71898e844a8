"""Tables out of the house as CSV, a day at a time so that a million rows need little memory."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import polars as pl

from tongchou.situation.contract import contract
from tongchou.situation.situation import Situation, known_at


def slices(situation: Situation, name: str) -> Iterator[pl.DataFrame]:
    """Give a table as known at the cut-off in parts: by day of the event where it is kept by day.

    Raises
    ------
    MissingData
        If nothing of the table is known at the cut-off.
    """
    terms = contract(name)
    file = Path(situation.origin.root) / f"{name}.parquet"
    days = [c for c in terms.with_role("event") if c in terms.key]
    by_day = bool(days) and file.is_file() and pl.read_parquet_schema(file) == terms.schema
    if not by_day or terms.known is None:
        yield situation.table(name)
        return
    day = days[0]
    rows = pl.scan_parquet(file).filter(pl.col(terms.known) <= situation.cut)
    dates = rows.select(pl.col(day).unique().sort()).collect().to_series()
    if dates.is_empty():
        yield situation.table(name)
    for one in dates:
        yield known_at(rows.filter(pl.col(day) == one).collect(), terms, situation.cut)


def write_csv(parts: Iterable[pl.DataFrame], handle: IO[bytes]) -> int:
    """Write the parts of a table as one CSV in UTF-8, whole, and give the number of rows.

    >>> import io
    >>> out = io.BytesIO()
    >>> parts = [pl.DataFrame({"place": [c], "confirmed": [n]}) for c, n in (("420100", 3), ("420200", 4))]
    >>> write_csv(parts, out)
    2
    >>> out.getvalue().decode().splitlines()
    ['place,confirmed', '420100,3', '420200,4']
    """
    written = 0
    for number, part in enumerate(parts):
        part.write_csv(handle, include_header=number == 0)
        written += part.height
    return written
