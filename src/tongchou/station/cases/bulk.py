"""Many rows at once: a frame straight into a table with COPY, defaults of the model filled in."""

from collections.abc import Sequence

import polars as pl
from django.db import connection, models
from django.utils import timezone

NULL = "\\N"


def next_ids(model: type[models.Model], count: int) -> list[int]:
    """Take numbers from a table's own sequence."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def copy_rows(model: type[models.Model], frame: pl.DataFrame) -> int:
    """Write a frame as rows of a model; call it inside ``system()``.

    Parameters
    ----------
    model
        The table.
    frame
        Columns named as in the database; what is missing gets the model's default, or null.

    Returns
    -------
    int
        Rows written.
    """
    if frame.is_empty():
        return 0
    filled = frame.with_columns(
        **{
            f.column: pl.lit(_default(f))
            for f in model._meta.concrete_fields
            if f.column not in frame.columns and not f.primary_key
        }
    )
    columns = filled.columns
    body = filled.write_csv(
        None,
        include_header=False,
        null_value=NULL,
        datetime_format="%Y-%m-%dT%H:%M:%S%.6f%:z",
    )
    names = ", ".join(f'"{c}"' for c in columns)
    with (
        connection.cursor() as cursor,
        cursor.copy(
            f"COPY {model._meta.db_table} ({names}) FROM STDIN WITH (FORMAT csv, NULL '{NULL}')"
        ) as copy,
    ):
        copy.write(body.encode())
    return filled.height


def _default(field: models.Field) -> object:
    if getattr(field, "auto_now_add", False):
        return timezone.now()
    if not field.has_default():
        return None if field.null else ""
    value = field.get_default()
    return str(value).replace("'", '"') if isinstance(value, (dict, list)) else value


def existing(model: type[models.Model], numbers: Sequence[str]) -> set[str]:
    """Give those pseudonyms of a list that a table already holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT pseudonym FROM {model._meta.db_table} WHERE pseudonym = ANY(%s)",
            [list(numbers)],
        )
        return {row[0] for row in cursor.fetchall()}
