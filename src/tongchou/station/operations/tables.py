"""Every table of the database: how many rows it has, and a digest over them.

The digest is SHA-256 over the rows as ``COPY`` writes them, in the order of the primary key, with
the settings of the session fixed: two databases with the same rows give the same digest, whatever
machine they are on.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import psycopg
from psycopg import sql

PASSING = ("django_session", "station_cache", "procrastinate_workers", "usersessions_usersession")
"""Tables that a backup leaves empty: a copy of a session would let its finder in."""
_FIXED = {
    "client_encoding": "UTF8",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "bytea_output": "hex",
    "extra_float_digits": "1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """Rows of a table and the digest over them."""

    rows: int
    digest: str


def names(link: psycopg.Connection) -> list[str]:
    """Give the tables of the station's schema."""
    found = link.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') ORDER BY 1"
    )
    return [row[0] for row in found]


def fingerprints(link: psycopg.Connection) -> Mapping[str, Fingerprint]:
    """Give the fingerprint of every table but the passing ones, as this transaction sees them."""
    for name, value in _FIXED.items():
        link.execute("SELECT set_config(%s, %s, true)", [name, value])
    return {name: fingerprint(link, name) for name in names(link) if name not in PASSING}


def fingerprint(link: psycopg.Connection, table: str) -> Fingerprint:
    """Give the fingerprint of one table; rows are streamed, never held."""
    statement = sql.SQL("COPY (SELECT * FROM {} t ORDER BY {}) TO STDOUT").format(
        sql.Identifier(table), sql.SQL(", ").join(_order(link, table))
    )
    digest, rows = hashlib.sha256(), 0
    with link.cursor() as cursor, cursor.copy(statement) as copy:
        for block in copy:
            digest.update(block)
            rows += bytes(block).count(b"\n")
    return Fingerprint(rows=rows, digest=digest.hexdigest())


def _order(link: psycopg.Connection, table: str) -> Iterator[sql.Composable]:
    """Give the primary key, texts byte by byte; the whole row where a table has no key."""
    found = link.execute(
        "SELECT a.attname, a.attcollation <> 0 FROM pg_index i "
        "CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k(number, place) "
        "JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number "
        "WHERE i.indisprimary AND i.indrelid = %s::regclass ORDER BY k.place",
        [sql.Identifier(table).as_string(link)],
    ).fetchall()
    for name, is_text in found:
        column = sql.Identifier("t", name)
        yield sql.SQL('{} COLLATE "C"').format(column) if is_text else column
    if not found:
        yield sql.SQL('t::text COLLATE "C"')
