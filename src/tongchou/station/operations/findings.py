"""What a check of the doctor says: well, to be looked at, or wrong, and the next step."""

from dataclasses import dataclass
from typing import Literal

from tongchou.vocabulary.text import Text

State = Literal["ok", "warn", "bad"]
STATE_NAMES: dict[State, Text] = {
    "ok": Text(zh="正常", en="ok"),
    "warn": Text(zh="留意", en="look"),
    "bad": Text(zh="有误", en="wrong"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at. ``step`` says what to do, empty where there is nothing to do."""

    name: Text
    state: State
    found: Text
    step: Text = Text(zh="", en="")  # noqa: RUF009 - a frozen value

    def as_dict(self) -> dict[str, object]:
        """Give it for JSON."""
        return {
            "name": self.name.as_dict(),
            "state": self.state,
            "found": self.found.as_dict(),
            "step": self.step.as_dict(),
        }


def ok(name: Text, found: Text) -> Finding:
    """Give a finding that all is well."""
    return Finding(name=name, state="ok", found=found)


def warn(name: Text, found: Text, step: Text) -> Finding:
    """Give a finding to be looked at."""
    return Finding(name=name, state="warn", found=found, step=step)


def bad(name: Text, found: Text, step: Text) -> Finding:
    """Give a finding of something wrong."""
    return Finding(name=name, state="bad", found=found, step=step)
