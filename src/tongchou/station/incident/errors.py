"""What the incident desk refuses, in words for the person at the desk.

::

    NotPossible      the step does not follow from where the record stands
    └── Overtaken    someone else has moved it since the page was read
    BadEvidence      a file that is too large, or is not what its name says
"""

from tongchou.vocabulary.errors import TongchouError
from tongchou.vocabulary.text import Text


class NotPossible(TongchouError):
    """A step that does not follow from where the record stands, or lacks something."""

    def __init__(self, text: Text) -> None:
        self.words = text
        super().__init__(text.en)

    def text(self) -> Text:
        """Give what is wrong and the next step."""
        return self.words


class Overtaken(NotPossible):
    """The record has moved since the page was read."""

    http_status = 409

    def __init__(self, state: Text) -> None:
        super().__init__(
            Text(
                zh="这条记录在您打开页面之后已被他人处理，现为“{state}”。请查看最新状态后再操作。",
                en="Someone else has moved this since you opened the page; it is now “{state}”. Look at it again before you act.",
            ).fill(state=state)
        )


class BadEvidence(NotPossible):
    """A file that cannot be taken as evidence."""
