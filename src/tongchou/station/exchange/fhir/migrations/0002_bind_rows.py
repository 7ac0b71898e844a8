from django.db import migrations

from tongchou.station.access.rls import BindRows
from tongchou.station.exchange.fhir.models import SCOPE


class Migration(migrations.Migration):
    dependencies = [("fhir", "0001_initial"), ("access", "0001_role")]
    operations = [BindRows("fhir_senderkey", SCOPE)]
