"""Stored answers go after a day, counts after an hour."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tongchou.station.api.models import Answer, Usage
from tongchou.station.api.tasks import clear

pytestmark = pytest.mark.django_db


def test_what_is_old_goes_and_what_is_new_stays(post):
    held = post("duty_officer", "640104")
    for n, age in enumerate((timedelta(hours=25), timedelta(hours=23))):
        Answer.objects.create(user=held.user, post=held, key=str(n), created=timezone.now() - age)
    now = int(timezone.now().timestamp() / 60)
    Usage.objects.create(who="user:1", window=now - 70)
    Usage.objects.create(who="user:1", window=now)
    assert clear() == {"answers": 1, "counts": 1}
    assert (Answer.objects.count(), Usage.objects.count()) == (1, 1)
    assert clear() == {"answers": 0, "counts": 0}
