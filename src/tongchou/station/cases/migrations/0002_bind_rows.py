from django.db import migrations

from tongchou.station.access.rls import BindRows
from tongchou.station.cases.scopes import BOUND


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0001_initial"),
        ("access", "0001_role"),
    ]

    operations = [BindRows(table, scope, identity=identity) for table, scope, identity in BOUND]
