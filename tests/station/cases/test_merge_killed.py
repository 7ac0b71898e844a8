"""A server killed in the middle of a merge leaves no half of it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from tongchou.station.access.context import acting, system
from tongchou.station.accounts.actors import actor_of
from tongchou.station.cases.models import Case, Identity, Merge, Person
from tongchou.station.cases.services import merging

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.drill]
SCRIPT = Path(__file__).with_name("merge_and_wait.py")


def dump():
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_app_config("cases").get_models():
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {model._meta.db_table} t ORDER BY id")
            found[model.__name__] = [row[0] for row in cursor.fetchall()]
    return found


@pytest.fixture
def two(flush_with_audit, places):
    county = places["640104"]
    where = {"responsible_path": county.path, "residence_path": county.path}
    made = []
    with system("set up"):
        for name in ("张伟", "张 伟"):
            one = Person.objects.create(sex="male", birth_year=1980, **where)
            Identity.objects.create(person=one, name=name, phone="13800001234", **where)
            Case.objects.create(
                person=one, disease="covid-19", definition="trial-5", responsible=county,
                suspected_at=timezone.now(), **where,
            )  # fmt: skip
            made.append(one)
    return made


def test_a_merge_killed_before_its_end_never_was(two, post, tmp_path):
    keeper, other = two
    clerk = post("epidemiologist", "640104")
    before, sign = dump(), tmp_path / "written"
    found = connection.settings_dict
    url = f"postgresql://{found['USER']}:@/{found['NAME']}?host={found['HOST']}"
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), str(clerk.pk), str(keeper.pk), str(other.pk), str(sign)],
        env={**os.environ, "DATABASE_URL": url},
    )
    try:
        until = time.monotonic() + 180
        while not sign.exists():
            assert process.poll() is None, "the merge ended by itself"
            assert time.monotonic() < until, "it took too long"
            time.sleep(0.1)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert dump() == before
    with acting(actor_of(clerk)):
        merge = merging.merge_persons(keeper, other)
        merging.undo_merge(merge)
    with system("look"):
        assert Merge.objects.count() == 1, "done once, after the restart, and undone"
