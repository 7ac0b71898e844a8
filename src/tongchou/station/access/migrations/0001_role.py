"""The role of the database that requests run as."""

from django.db import migrations

from tongchou.station.access.rls import CREATE_ROLE


class Migration(migrations.Migration):
    """Create the role once for the whole server."""

    dependencies = []
    operations = [migrations.RunSQL(CREATE_ROLE, migrations.RunSQL.noop)]
