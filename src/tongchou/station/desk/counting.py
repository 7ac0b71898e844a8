"""The exact number of rows of a list, also where they are a million."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from tongchou.station.access.context import actor
from tongchou.station.desk.filtering import Asked

PLANS = ("enable_indexscan", "enable_bitmapscan")


def count_of(asked: Asked) -> int:
    """Give how many rows a list has.

    Row-level security hides from the planner how many rows an actor may see, so it takes the way
    through the indexes even where that is the whole table. Whoever acts for the whole country and
    asks without a filter has the table read from end to end, by several workers at once: a
    million rows in a quarter of the time.
    """
    rows = asked.rows()
    if asked.narrowed or not is_whole_country(actor().path):
        return rows.count()
    with reading_through():
        return rows.count()


def is_whole_country(path: str) -> bool:
    """Say whether a path is that of the country itself.

    >>> is_whole_country("100000/"), is_whole_country("100000/640000/")
    (True, False)
    """
    return path.count("/") == 1


@contextmanager
def reading_through() -> Iterator[None]:
    """Let queries read whole tables, within the running transaction."""
    with connection.cursor() as cursor:
        for plan in PLANS:
            cursor.execute(f"SET LOCAL {plan} = off")
        yield
        for plan in PLANS:
            cursor.execute(f"SET LOCAL {plan} = on")
