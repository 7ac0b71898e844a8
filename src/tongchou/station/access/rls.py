"""Row-level security: the second net, in the database itself.

Each scoped table gets policies made from its :class:`~tongchou.station.access.policy.Scope`, so
that the two nets are cut from one pattern. They bind the role ``station_app``, which every request
runs as; the owner of the tables (migrations, ``system()``) is free of them.
"""

from collections.abc import Sequence

from django.db.migrations.operations.special import RunSQL

from tongchou.station.access.context import DATABASE_ROLE, NAMED_ROLE, NATION_ROLE
from tongchou.station.access.policy import Scope

_CREATE = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
    CREATE ROLE {role} NOLOGIN NOBYPASSRLS;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$ BEGIN EXECUTE format('GRANT {role} TO %I', current_user); END $$;
"""
_WITHIN = """
DO $$ BEGIN
  IF NOT pg_has_role('{role}', '{wider}', 'MEMBER') THEN GRANT {wider} TO {role}; END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
"""
CREATE_ROLE = (
    "".join(_CREATE.format(role=role) for role in (DATABASE_ROLE, NATION_ROLE, NAMED_ROLE))
    + _WITHIN.format(role=NATION_ROLE, wider=DATABASE_ROLE)
    + _WITHIN.format(role=NAMED_ROLE, wider=NATION_ROLE)
)
"""The roles are of the whole server: two databases on one server may both ask for them."""


def policy_sql(table: str, scope: Scope, *, identity: bool = False) -> str:
    """Give the statements that bind a table.

    Parameters
    ----------
    table
        Name of the table in the database.
    scope
        How its rows belong to places and units.
    identity
        Whether its rows exist only for actors who may see identities.
    """
    read = _reaches(scope.paths, scope.units, identity)
    write = _reaches(scope.written_by_paths, scope.written_by_units, identity)
    nation = NAMED_ROLE if identity else NATION_ROLE
    return f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS station_read ON {table};
DROP POLICY IF EXISTS station_insert ON {table};
DROP POLICY IF EXISTS station_update ON {table};
DROP POLICY IF EXISTS station_delete ON {table};
DROP POLICY IF EXISTS station_nation ON {table};
CREATE POLICY station_read ON {table} FOR SELECT TO {DATABASE_ROLE} USING ({read});
CREATE POLICY station_insert ON {table} FOR INSERT TO {DATABASE_ROLE} WITH CHECK ({write});
CREATE POLICY station_update ON {table} FOR UPDATE TO {DATABASE_ROLE} USING ({write}) WITH CHECK ({write});
CREATE POLICY station_delete ON {table} FOR DELETE TO {DATABASE_ROLE} USING ({write});
CREATE POLICY station_nation ON {table} FOR SELECT TO {nation} USING ({"true" if scope.paths else "false"});
"""


def _reaches(paths: Sequence[str], units: Sequence[str], identity: bool) -> str:
    """Give the condition; each setting is read once a query, and the ranges can use an index."""
    parts = [
        f"({path} >= (SELECT current_setting('station.from_path', true)) "
        f"AND {path} < (SELECT current_setting('station.until_path', true)))"
        for path in paths
    ]
    parts += [
        f"{unit} = (SELECT nullif(current_setting('station.unit', true), '')::bigint)"
        for unit in units
    ]
    reach = " OR ".join(parts) or "false"
    if identity:
        return f"(SELECT current_setting('station.identity', true)) = 'on' AND ({reach})"
    return reach


class BindRows(RunSQL):
    """A migration step that binds the rows of a table."""

    def __init__(self, table: str, scope: Scope, *, identity: bool = False) -> None:
        super().__init__(
            policy_sql(table, scope, identity=identity),
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
        )
        self.table, self.bound_scope, self.identity = table, scope, identity

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        """Give what a squashed migration writes down."""
        return (
            self.__class__.__qualname__,
            [self.table, self.bound_scope],
            {"identity": self.identity},
        )


GRANT_TABLES = f"""
GRANT USAGE ON SCHEMA public TO {DATABASE_ROLE};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {DATABASE_ROLE};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {DATABASE_ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {DATABASE_ROLE};
REVOKE UPDATE, DELETE, TRUNCATE ON audit_entry FROM {DATABASE_ROLE};
REVOKE ALL ON audit_head, django_migrations FROM {DATABASE_ROLE};
"""
"""What the bound role may touch at all; given anew after each migration."""
