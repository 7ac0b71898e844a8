"""Tokens and stored answers exist only for their own user; counts need not survive a crash."""

from django.db import migrations

from tongchou.station.access.context import DATABASE_ROLE

OWN_ROWS = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY station_own ON {table} TO {role}
  USING (user_id = (SELECT nullif(current_setting('station.user', true), '')::bigint))
  WITH CHECK (user_id = (SELECT nullif(current_setting('station.user', true), '')::bigint));
"""


class Migration(migrations.Migration):
    dependencies = [("api", "0001_initial"), ("access", "0001_role")]
    operations = [
        *(
            migrations.RunSQL(
                OWN_ROWS.format(table=table, role=DATABASE_ROLE),
                f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
            )
            for table in ("api_token", "api_answer")
        ),
        migrations.RunSQL("ALTER TABLE api_usage SET UNLOGGED", migrations.RunSQL.noop),
    ]
