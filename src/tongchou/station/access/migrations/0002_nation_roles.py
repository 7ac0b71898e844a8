"""The roles of those who act for the whole country."""

from django.db import migrations

from tongchou.station.access.rls import CREATE_ROLE


class Migration(migrations.Migration):
    """Create them where the first migration ran before there were any."""

    dependencies = [("access", "0001_role")]
    operations = [migrations.RunSQL(CREATE_ROLE, migrations.RunSQL.noop)]
