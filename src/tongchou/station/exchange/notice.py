"""The notice on every page of an area whose data are invented, so that no exercise is taken for real."""

import time
from collections.abc import Sequence
from functools import lru_cache

from tongchou.station.access.context import system
from tongchou.station.access.policy import Actor
from tongchou.station.exchange.models import HeldPack
from tongchou.vocabulary.text import Text

SECONDS = 60
"""How long the answer is kept: a pack is loaded seldom, and every page asks."""
WORDS = Text(zh="演练数据：这里的一切都不是真的。", en="Exercise data: nothing here is real.")


def exercise_notice(actor: Actor | None) -> Text | None:
    """Give the notice where a synthetic pack covers, or lies in, the actor's area; to a stranger where any is held."""
    paths = _synthetic(int(time.monotonic() / SECONDS))
    return WORDS if paths and (actor is None or touches(actor.path, paths)) else None


def touches(path: str, others: Sequence[str]) -> bool:
    """Say whether a place lies in one of others, or one of them in it.

    >>> touches("100000/360000/", ["100000/360000/360700/"]), touches("100000/640000/", ["100000/360000/"])
    (True, False)
    """
    return any(path.startswith(other) or other.startswith(path) for other in others)


def forget() -> None:
    """Ask the database again next time."""
    _synthetic.cache_clear()


@lru_cache(maxsize=1)
def _synthetic(minute: int) -> tuple[str, ...]:
    with system("look whether data are those of an exercise"):
        return tuple(HeldPack.objects.filter(synthetic=True).values_list("path", flat=True).distinct())  # fmt: skip
