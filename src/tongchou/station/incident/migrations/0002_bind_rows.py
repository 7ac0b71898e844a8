"""The second net under the incident, and a log that only grows."""

from django.db import migrations

from tongchou.station.access.rls import BindRows
from tongchou.station.incident.scopes import BOUND

ONLY_GROWS = """
CREATE OR REPLACE FUNCTION incident_log_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the decision log only grows: correct an entry with a further one';
END $$;
CREATE TRIGGER incident_log_only_grows BEFORE UPDATE OR DELETE ON incident_decisionrecord
  FOR EACH ROW EXECUTE FUNCTION incident_log_only_grows();
CREATE TRIGGER incident_steps_only_grow BEFORE UPDATE OF move, before, after, at, by, note
  ON incident_step FOR EACH ROW EXECUTE FUNCTION incident_log_only_grows();
"""
UNDO = """
DROP TRIGGER incident_log_only_grows ON incident_decisionrecord;
DROP TRIGGER incident_steps_only_grow ON incident_step;
DROP FUNCTION incident_log_only_grows();
"""


class Migration(migrations.Migration):
    """Bind the rows of every table in the list of scopes."""

    dependencies = [("incident", "0001_initial"), ("access", "0001_role")]
    operations = [
        *(BindRows(table, scope) for table, scope in BOUND),
        migrations.RunSQL(ONLY_GROWS, UNDO),
    ]
