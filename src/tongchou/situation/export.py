"""Tables out of the house as CSV, a slice at a time so that a million rows need little memory."""

from typing import IO

import polars as pl

from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

ROWS_AT_ONCE = 50_000


def write_csv(frame: pl.DataFrame, handle: IO[bytes], rows_at_once: int = ROWS_AT_ONCE) -> None:
    """Write a table as CSV in UTF-8, whole, never cut short.

    >>> import io
    >>> out = io.BytesIO()
    >>> write_csv(pl.DataFrame({"place": ["420100", "420200"], "confirmed": [3, 4]}), out, 1)
    >>> out.getvalue().decode().splitlines()
    ['place,confirmed', '420100,3', '420200,4']
    """
    if rows_at_once < 1:
        allowed = Text(zh="须至少为1行。", en="it must be at least one row.")
        raise BadParameter("rows_at_once", rows_at_once, allowed)
    frame.head(0).write_csv(handle)
    for part in frame.iter_slices(rows_at_once):
        part.write_csv(handle, include_header=False)
