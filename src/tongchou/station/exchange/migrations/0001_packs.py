import django.db.models.deletion
from django.db import migrations, models

import tongchou.station.places.models
from tongchou.station.access.policy import Scope
from tongchou.station.access.rls import BindRows

SCOPE = Scope(view="exchange.pack", paths=("path",))


class Migration(migrations.Migration):
    initial = True

    dependencies = [("access", "0001_role")]

    operations = [
        migrations.CreateModel(
            name="HeldPack",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                (
                    "path",
                    tongchou.station.places.models.PathField(
                        db_collation="C", db_index=True, max_length=100
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("manifest", models.JSONField()),
                ("first", models.DateField()),
                ("last", models.DateField()),
                ("synthetic", models.BooleanField()),
                ("loaded_at", models.DateTimeField(auto_now_add=True)),
                ("loaded_by", models.CharField(max_length=160)),
            ],
            options={
                "db_table": "exchange_pack",
                "ordering": ("-last", "-id"),
                "constraints": [
                    models.UniqueConstraint(fields=("digest",), name="exchange_pack_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="HeldTable",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "path",
                    tongchou.station.places.models.PathField(
                        db_collation="C", db_index=True, max_length=100
                    ),
                ),
                ("table", models.CharField(max_length=40)),
                ("rows", models.IntegerField()),
                ("cut", models.DateField()),
                ("digest", models.CharField(max_length=64)),
                ("content", models.BinaryField()),
                (
                    "pack",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tables",
                        to="exchange.heldpack",
                    ),
                ),
            ],
            options={
                "db_table": "exchange_held_table",
                "ordering": ("table",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("pack", "table"), name="exchange_held_table_once"
                    )
                ],
            },
        ),
        BindRows("exchange_pack", SCOPE),
        BindRows("exchange_held_table", SCOPE),
    ]
