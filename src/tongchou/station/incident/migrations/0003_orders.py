"""The order of the day: its tables, the second net under them, and the seal of what was signed."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import tongchou.station.incident.models.ground
import tongchou.station.places.models
from tongchou.station.access.policy import Scope
from tongchou.station.access.rls import BindRows

SCOPE = Scope(view="incident.view", paths=("path",))

SEAL = """
CREATE OR REPLACE FUNCTION incident_order_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE open_columns text[] := ARRAY['state', 'published_at', 'published_by'];
BEGIN
  IF OLD.signed_at IS NULL THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - open_columns) IS DISTINCT FROM (to_jsonb(OLD) - open_columns)
     OR NEW.state NOT IN ('signed', 'published', 'superseded') THEN
    RAISE EXCEPTION 'order % is signed: % refused; make a new edition', OLD.id, TG_OP;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER incident_order_sealed BEFORE UPDATE OR DELETE ON incident_order
  FOR EACH ROW EXECUTE FUNCTION incident_order_sealed();

CREATE OR REPLACE FUNCTION incident_part_sealed() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE whole bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.order_id ELSE NEW.order_id END;
BEGIN
  IF EXISTS (SELECT FROM incident_order WHERE id = whole AND signed_at IS NOT NULL) THEN
    RAISE EXCEPTION 'order % is signed: % of % refused', whole, TG_OP, TG_TABLE_NAME;
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER incident_line_sealed BEFORE INSERT OR UPDATE OR DELETE ON incident_orderline
  FOR EACH ROW EXECUTE FUNCTION incident_part_sealed();
CREATE TRIGGER incident_document_sealed BEFORE INSERT OR UPDATE OR DELETE ON incident_orderdocument
  FOR EACH ROW EXECUTE FUNCTION incident_part_sealed();
"""
BREAK_SEAL = """
DROP TRIGGER incident_order_sealed ON incident_order;
DROP TRIGGER incident_line_sealed ON incident_orderline;
DROP TRIGGER incident_document_sealed ON incident_orderdocument;
DROP FUNCTION incident_order_sealed();
DROP FUNCTION incident_part_sealed();
"""

STATES = ("queued", "running", "failed", "drafted", "signing", "signed", "published", "superseded")


def path():
    return tongchou.station.places.models.PathField(
        db_collation="C", db_index=True, editable=False, max_length=100
    )


def stamp():
    return tongchou.station.incident.models.ground.StampField(blank=True, editable=False, null=True)


def number():
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


def of_order(name):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.CASCADE, related_name=name, to="incident.order"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("incident", "0002_bind_rows"),
        ("places", "0001_initial"),
        ("access", "0001_role"),
    ]

    operations = [
        migrations.CreateModel(
            name="Order",
            fields=[
                ("id", number()),
                ("path", path()),
                ("cut", models.DateField(db_index=True)),
                ("edition", models.PositiveIntegerField(default=1)),
                ("seed", models.PositiveIntegerField(default=1)),
                (
                    "state",
                    models.CharField(
                        choices=[(s, s.capitalize()) for s in STATES],
                        db_index=True,
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("step", models.PositiveSmallIntegerField(default=0)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("asked_by", stamp()),
                ("beat_at", models.DateTimeField(editable=False, null=True)),
                ("drafted_at", models.DateTimeField(editable=False, null=True)),
                ("failure_zh", models.TextField(blank=True)),
                ("failure_en", models.TextField(blank=True)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("inputs", models.JSONField(default=dict)),
                ("version", models.CharField(blank=True, max_length=40)),
                ("pack", models.CharField(blank=True, max_length=120)),
                ("receipts", models.JSONField(null=True)),
                ("synthetic", models.BooleanField(default=False)),
                ("headline", models.JSONField(default=list)),
                ("figures", models.JSONField(default=list)),
                ("signed_at", models.DateTimeField(editable=False, null=True)),
                ("signed_name", models.CharField(blank=True, max_length=80)),
                ("signed_by", stamp()),
                ("anchor_seq", models.BigIntegerField(editable=False, null=True)),
                ("anchor_hash", models.CharField(blank=True, max_length=64)),
                ("published_at", models.DateTimeField(editable=False, null=True)),
                ("published_by", stamp()),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
            ],
            options={
                "ordering": ("-cut", "-edition", "path"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("place", "cut", "edition"), name="one_order_an_edition"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderLine",
            fields=[
                ("id", number()),
                ("path", path()),
                ("number", models.PositiveSmallIntegerField()),
                ("decision", models.CharField(max_length=80)),
                ("proposed", models.JSONField()),
                (
                    "reply",
                    models.CharField(
                        blank=True,
                        choices=[("sign", "Sign"), ("change", "Change"), ("refuse", "Refuse")],
                        max_length=8,
                    ),
                ),
                ("text_zh", models.CharField(blank=True, max_length=600)),
                ("text_en", models.CharField(blank=True, max_length=900)),
                ("owner", models.CharField(blank=True, max_length=160)),
                ("due", models.DateTimeField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=600)),
                ("replied_at", models.DateTimeField(editable=False, null=True)),
                ("replied_by", stamp()),
                (
                    "directive",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incident.directive",
                    ),
                ),
                ("order", of_order("lines")),
            ],
            options={
                "ordering": ("order", "number"),
                "constraints": [
                    models.UniqueConstraint(fields=("order", "number"), name="one_line_a_number")
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderDocument",
            fields=[
                ("id", number()),
                ("path", path()),
                ("name", models.CharField(max_length=40)),
                ("lang", models.CharField(blank=True, max_length=2)),
                ("signed", models.BooleanField(default=False)),
                ("public", models.BooleanField(default=False)),
                ("content_type", models.CharField(max_length=80)),
                ("digest", models.CharField(max_length=64)),
                ("size", models.PositiveIntegerField()),
                ("content", models.BinaryField()),
                ("order", of_order("documents")),
            ],
            options={
                "ordering": ("name", "lang"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("order", "name", "lang", "signed"), name="one_document_a_name"
                    )
                ],
            },
        ),
        BindRows("incident_order", SCOPE),
        BindRows("incident_orderline", SCOPE),
        BindRows("incident_orderdocument", SCOPE),
        migrations.RunSQL(SEAL, BREAK_SEAL),
    ]
