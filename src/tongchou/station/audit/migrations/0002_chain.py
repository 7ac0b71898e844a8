from django.db import migrations

from tongchou.station.audit.chain import INSTALL


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("access", "0001_role")]
    operations = [migrations.RunSQL(INSTALL, migrations.RunSQL.noop)]
