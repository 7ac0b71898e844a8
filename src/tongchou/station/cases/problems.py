"""What is wrong with what was entered: every problem at once, each with its field."""

from collections.abc import Sequence
from dataclasses import dataclass

from tongchou.vocabulary.errors import TongchouError
from tongchou.vocabulary.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem; ``row`` counts lines of a line entry from 1."""

    field: str
    text: Text
    row: int | None = None


class NotAccepted(TongchouError):
    """An entry that a rule of the room refuses; nothing was kept of it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def text(self) -> Text:
        """Give all problems, one a line."""
        return Text(
            zh="\n".join(p.text.zh for p in self.problems),
            en="\n".join(p.text.en for p in self.problems),
        )


class ChangedMeanwhile(TongchouError):
    """Somebody else changed the record after this page was opened."""

    def __init__(self, number: str, opened: int, now: int) -> None:
        self.number, self.opened, self.now = number, opened, now
        super().__init__(number)

    def text(self) -> Text:
        """Say what happened and what to do."""
        return Text(
            zh=f"{self.number} 在您打开页面后已被他人修改（第 {self.opened} 版 → 第 {self.now} 版），您的修改没有保存。请刷新页面，核对后再提交。",
            en=f"{self.number} was changed by someone else after you opened the page (version {self.opened} → {self.now}); your change was not saved. Reload, check and send again.",
        )
