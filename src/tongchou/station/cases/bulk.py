"""Many rows at once: a frame straight into a table with COPY, defaults of the model filled in."""

from collections.abc import Mapping, Sequence
from typing import Any

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


def read_rows(rows: models.QuerySet, columns: Mapping[str, Any]) -> pl.DataFrame:
    """Read a query into a frame, however many rows it has.

    Parameters
    ----------
    rows
        The query; what its scope hides stays hidden, row-level security holds for COPY too.
    columns
        Fields, as for ``values_list``, and the type of each column of the frame.
    """
    sql, values = rows.order_by("pk").values_list(*columns).query.sql_with_params()
    with (
        connection.cursor() as cursor,
        # the driver's own cursor: the wrapper of a demonstration takes no values beside the statement
        cursor.cursor.copy(
            f"COPY ({sql}) TO STDOUT WITH (FORMAT csv, NULL '{NULL}')", values
        ) as copy,
    ):
        body = b"".join(copy)
    text = dict.fromkeys(columns, pl.String)
    if not body:
        return pl.DataFrame(schema=dict(columns))
    frame = pl.read_csv(body, has_header=False, schema=text, null_values=NULL)
    return frame.select(_typed(name, kind) for name, kind in columns.items())


def _typed(name: str, kind: Any) -> pl.Expr:
    column = pl.col(name)
    if kind == pl.Boolean:
        return column == "t"
    if isinstance(kind, pl.Datetime):
        plain = column.str.strip_suffix("+00")
        return plain.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", time_zone="UTC")
    if kind == pl.Date:
        return column.str.to_date("%Y-%m-%d")
    return column if kind == pl.String else column.cast(kind)


def existing(model: type[models.Model], numbers: Sequence[str]) -> set[str]:
    """Give those pseudonyms of a list that a table already holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT pseudonym FROM {model._meta.db_table} WHERE pseudonym = ANY(%s)",
            [list(numbers)],
        )
        return {row[0] for row in cursor.fetchall()}
