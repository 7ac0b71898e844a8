"""Refusals of the engine room.

::

    TongchouError
    └── OperationRefused
        ├── DatabaseWillNotStart    the embedded server did not come up
        ├── DatabaseUnreachable     a server that was named does not answer
        ├── DemonstrationRefused    a demonstration where real work is done, or beyond this machine
        ├── BackupRefused           a backup that cannot be written
        ├── RestoreRefused          a backup that cannot be trusted, or a database that is not empty
        └── CheckFailed             a check that found something: its findings were printed
"""

from tongchou.vocabulary.errors import ExitCode, TongchouError
from tongchou.vocabulary.text import Text


class OperationRefused(TongchouError):
    """Something the engine room cannot do; ``reason`` fills the sentence of the class."""

    exit_code = ExitCode.STATION
    sentence = Text(zh="{reason}", en="{reason}")

    def __init__(self, reason: Text) -> None:
        self.reason = reason
        super().__init__(reason)

    def text(self) -> Text:
        """Give the sentence with its reason."""
        return self.sentence.fill(reason=self.reason)


class DatabaseWillNotStart(OperationRefused):
    """The embedded PostgreSQL did not come up."""

    sentence = Text(
        zh="内置数据库未能启动：{reason}。数据未受影响。请运行 tongchou doctor 查看原因，修复后重新运行同一命令。",
        en="The embedded database did not start: {reason}. The data are untouched. See tongchou doctor for the cause, then run the same command again.",
    )


class DatabaseUnreachable(OperationRefused):
    """The database that ``DATABASE_URL`` names does not answer."""

    sentence = Text(
        zh="数据库无法连接：{reason}。请核对 DATABASE_URL 和数据库服务是否运行，然后重新运行同一命令。",
        en="The database cannot be reached: {reason}. Check DATABASE_URL and that the server runs, then run the same command again.",
    )


class DemonstrationRefused(OperationRefused):
    """A demonstration is refused here."""

    sentence = Text(
        zh="不能在此演示：{reason}。演示账户的口令会显示在屏幕上，只能用于本机。",
        en="No demonstration here: {reason}. The passwords of its accounts are shown on the screen, so it is for this machine only.",
    )


class BackupRefused(OperationRefused):
    """A backup could not be made; no file was left."""

    sentence = Text(
        zh="未能备份：{reason}。没有留下不完整的文件。",
        en="No backup was made: {reason}. No incomplete file was left behind.",
    )


class RestoreRefused(OperationRefused):
    """A backup was not restored; the database is as it was."""

    sentence = Text(
        zh="未恢复：{reason}。数据库保持原样。",
        en="Nothing was restored: {reason}. The database is as it was.",
    )


class CheckFailed(OperationRefused):
    """A check found faults, which stand above."""

    exit_code = ExitCode.CHECK_FAILED
