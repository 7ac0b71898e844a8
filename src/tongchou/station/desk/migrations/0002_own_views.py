"""A person's saved views are the person's own, in the database too."""

from django.db import migrations

BIND = """
ALTER TABLE desk_savedview ENABLE ROW LEVEL SECURITY;
CREATE POLICY station_own ON desk_savedview TO station_app
  USING (user_id = (SELECT nullif(current_setting('station.user', true), '')::bigint))
  WITH CHECK (user_id = (SELECT nullif(current_setting('station.user', true), '')::bigint));
"""


class Migration(migrations.Migration):
    """Bind saved views to their owner."""

    dependencies = [("desk", "0001_initial"), ("access", "0001_role")]
    operations = [migrations.RunSQL(BIND, "ALTER TABLE desk_savedview DISABLE ROW LEVEL SECURITY")]
