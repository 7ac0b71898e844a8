"""A process that merges two persons and stops just before the end, to be killed there."""

import os
import sys
import time
from pathlib import Path

import django


def main(post: str, keeper: str, other: str, sign: str) -> None:
    """Merge; leave a sign when all is written but not yet committed, and wait."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongchou.station.settings")
    django.setup()
    from tongchou.station.access.context import acting, system
    from tongchou.station.accounts.actors import actor_of
    from tongchou.station.accounts.models import Post
    from tongchou.station.cases.models import Merge, Person
    from tongchou.station.cases.services import merging

    def wait(*args: object, **kwargs: object) -> None:
        with system("is it written"):
            assert Merge.objects.exists()
        Path(sign).touch()
        time.sleep(600)  # longer than the test is patient

    merging.record = wait
    who = Post.objects.select_related("user", "place", "unit").get(pk=post)
    with acting(actor_of(who)):
        merging.merge_persons(Person.objects.get(pk=keeper), Person.objects.get(pk=other))


if __name__ == "__main__":
    main(*sys.argv[1:])
