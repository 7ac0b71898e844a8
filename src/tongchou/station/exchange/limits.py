"""How much the exchange takes at once: ``reference/station/import_limits.csv``, read once."""

import csv
from functools import cache

from tongchou import reference
from tongchou.vocabulary.errors import TongchouError
from tongchou.vocabulary.text import Text


@cache
def limit(name: str) -> int:
    """Give a limit by name.

    >>> limit("chunk_rows")
    500
    """
    with reference.path("station/import_limits.csv").open(encoding="utf-8", newline="") as handle:
        return int(next(r["value"] for r in csv.DictReader(handle) if r["name"] == name))


class Unreadable(TongchouError):
    """A file that cannot be taken as it is: what is wrong with it, and what to do.

    ``why`` is a short name of the reason for tests and the log.
    """

    def __init__(self, why: str, message: Text) -> None:
        self.why, self.message = why, message
        super().__init__(why)

    def text(self) -> Text:
        """Give the message."""
        return self.message


def too_much(what: Text, found: int, allowed: int, remedy: Text) -> Unreadable:
    """Give the refusal of a file that goes beyond a limit."""
    return Unreadable(
        "too much",
        Text(
            zh=f"文件{what.zh}为 {found:,}，上限为 {allowed:,}，未读入任何内容。{remedy.zh}",
            en=f"The file has {found:,} {what.en}; the limit is {allowed:,}, and nothing was read. {remedy.en}",
        ),
    )
