"""When an objective is on target."""

from collections.abc import Iterable

from tongchou.vocabulary.text import Text

DIRECTIONS = {
    "below": Text(zh="低于 {target}", en="below {target}"),
    "at_most": Text(zh="不超过 {target}", en="at most {target}"),
    "at_least": Text(zh="不低于 {target}", en="at least {target}"),
}


def on_target(value: float | None, direction: str, target: float) -> bool | None:
    """Say whether a value meets its target; None where there is no value.

    >>> on_target(0.9, "below", 1.0), on_target(0, "at_most", 0), on_target(None, "at_least", 1)
    (True, True, None)
    """
    if value is None:
        return None
    if direction == "below":
        return value < target
    return value <= target if direction == "at_most" else value >= target


def share_on_target(answers: Iterable[bool | None]) -> float | None:
    """Give the share of objectives on target among those with a value (M003).

    >>> share_on_target([True, False, None, True])
    0.6666666666666666
    """
    known = [a for a in answers if a is not None]
    return sum(known) / len(known) if known else None
