"""Made-up records for the benchmark of the station, written straight into the tables.

Half of them lie in one province, so that a county of it holds what a busy county holds; the other
half is spread over all counties. Names and numbers are made from running numbers.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

BUSY = "360000"
"""The province that half of the records lie in."""
_NOW = "now()"
_PLACE = "p.code, p.path"


def literal(value: object) -> str:
    """Write a value as SQL; only values of the models' own defaults come here."""
    import json

    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, dict | list):
        return f"'{json.dumps(value)}'::jsonb"
    return "'" + str(value).replace("'", "''") + "'"


def fill(model: Any, rows: int, given: Mapping[str, str]) -> None:
    """Insert rows ``n = 1 … rows``; columns not given take the model's defaults.

    ``p`` is the county of row ``n``.
    """
    from django.db import connection

    columns, values = [], []
    for field in model._meta.concrete_fields:
        if field.column in given:
            columns.append(field.column)
            values.append(given[field.column])
        elif not field.primary_key:
            default = field.default if not callable(field.default) else field.default()
            blank = None if field.null else "" if field.empty_strings_allowed else None
            columns.append(field.column)
            if getattr(field, "auto_now_add", False) or field.column.endswith("known_at"):
                values.append(_NOW)
            else:
                values.append(literal(default if field.has_default() else blank))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) "
            f"SELECT {', '.join(values)} FROM generate_series(1, {rows}) AS n "
            "JOIN bench_counties p ON p.k = CASE WHEN n % 2 = 0 "
            "THEN (n / 2) % (SELECT count(*) FROM bench_counties WHERE busy) "
            "ELSE (n / 2) % (SELECT count(*) FROM bench_counties) END"
        )


def make(persons: int, contacts: int) -> None:
    """Write persons with their identities and cases, and contacts of them."""
    from django.db import connection

    from tongchou.station.cases.models import Case, Contact, Identity, Person

    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_counties AS SELECT row_number() OVER (ORDER BY NOT busy, code) - 1 AS k, * FROM "
            f"(SELECT code, path, path LIKE '%/{BUSY}/%' AS busy FROM places_place WHERE level = 'county') c"
        )
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET synchronous_commit = off")
    watched = max(0, contacts - persons)
    fill(
        Person,
        persons + watched,
        {
            "id": "n", "pseudonym": "'P-B' || n", "sex": "CASE n % 2 WHEN 0 THEN 'female' ELSE 'male' END",
            "birth_year": "1930 + n % 90",
            "responsible_path": f"CASE WHEN n <= {persons} THEN p.path ELSE '' END",
            "watch_path": f"CASE WHEN n > {persons} THEN p.path ELSE '' END",
            "residence_path": "p.path",
        },
    )  # fmt: skip
    surnames = "(ARRAY['王','李','张','刘','陈','杨','黄','赵','吴','周'])[1 + n % 10]"
    given = "(ARRAY['伟','芳','娜','敏','静','丽','强','磊','军','洋','勇','艳'])[1 + n / 10 % 12]"
    fill(
        Identity,
        persons,
        {
            "id": "n", "person_id": "n", "name": f"{surnames} || {given}", "name_key": f"{surnames} || {given}",
            "document_number": "'3601' || lpad((n::bigint * 7919 % 10000000000000)::text, 14, '0')",
            "phone": "'139' || lpad((n::bigint * 104729 % 100000000)::text, 8, '0')",
            "responsible_path": "p.path", "residence_path": "p.path",
        },
    )  # fmt: skip
    ago = "now() - (n % 60) * interval '1 day'"
    fill(
        Case,
        persons,
        {
            "id": "n", "pseudonym": "'C-B' || n", "person_id": "n", "disease": "'covid-19'", "definition": _definition(),
            "classification": "'confirmed'", "state": "(ARRAY['confirmed','admitted','recovered','suspected'])[1 + n % 4]",
            "age": "n % 90", "sex": "CASE n % 2 WHEN 0 THEN 'female' ELSE 'male' END", "responsible_id": "p.code",
            "residence_id": "p.code", "responsible_path": "p.path", "residence_path": "p.path",
            "onset_on": f"({ago} - interval '3 days')::date", "visited_at": f"{ago} - interval '1 day'", "suspected_at": ago, "sampled_at": ago, "result_at": ago,
            "confirmed_at": ago, "reported_at": ago, "isolated_at": ago, "form_token": "NULL",
        },
    )  # fmt: skip
    fill(
        Contact,
        contacts,
        {
            "id": "n", "pseudonym": "'K-B' || n", "person_id": f"CASE WHEN n <= {watched} THEN {persons} + n ELSE 1 + n % {persons} END",
            "case_id": f"1 + n % {persons}", "setting": "'household'", "state": "(ARRAY['released','released','released','placed','traced'])[1 + n % 5]",
            "responsible_id": "p.code", "responsible_path": "p.path", "residence_path": "p.path", "exposed_on": f"({ago})::date",
            "named_at": ago, "traced_at": ago, "placed_at": f"CASE WHEN n % 5 < 4 THEN {ago} END",
            "release_due": f"({ago} + interval '14 days')::date", "released_at": f"CASE WHEN n % 5 < 3 THEN {ago} + interval '14 days' END",
            "form_token": "NULL",
        },
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = DEFAULT")
        for model in (Person, Identity, Case, Contact):
            table = model._meta.db_table
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
            )
        cursor.execute("DROP TABLE bench_counties")
        cursor.execute("VACUUM ANALYZE")


def _definition() -> str:
    from tongchou.station.cases.tables import definition_on

    found = definition_on("covid-19", date.today() - timedelta(days=1))  # noqa: DTZ011 - any day will do
    return literal(found.name)
