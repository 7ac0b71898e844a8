"""How much of a file is taken at once, and the refusal of a file that cannot be taken as it is."""

from dataclasses import dataclass

from tongchou.vocabulary.errors import ExitCode, TongchouError
from tongchou.vocabulary.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that a reader takes of one file.

    Parameters
    ----------
    file_bytes
        Bytes of the file.
    unpacked_bytes, packed_files
        Bytes and inner files of a workbook when unpacked.
    rows, columns
        Of the table.
    cell_characters
        Characters in one cell.
    """

    file_bytes: int
    unpacked_bytes: int
    packed_files: int
    rows: int
    columns: int
    cell_characters: int


class Unreadable(TongchouError):
    """A file that cannot be taken as it is: what is wrong with it, and what to do.

    ``why`` is a short name of the reason for tests and the log.
    """

    exit_code = ExitCode.BAD_INPUT

    def __init__(self, why: str, message: Text) -> None:
        self.why, self.message = why, message
        super().__init__(why)

    def text(self) -> Text:
        """Give the message."""
        return self.message


def too_much(what: Text, found: int, allowed: int, remedy: Text) -> Unreadable:
    """Give the refusal of a file that goes beyond a limit."""
    return Unreadable(
        "too much",
        Text(
            zh=f"文件{what.zh}为 {found:,}，上限为 {allowed:,}，未读入任何内容。{remedy.zh}",
            en=f"The file has {found:,} {what.en}; the limit is {allowed:,}, and nothing was read. {remedy.en}",
        ),
    )
