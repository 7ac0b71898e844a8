"""Imports: a file that came, its rows as received, what became of each, and what is known since."""

from django.db import models
from django.utils import timezone

from tongchou.station.access.managers import ScopedModel
from tongchou.station.access.policy import Scope
from tongchou.station.accounts.models import Post
from tongchou.station.places.models import PathField, Unit
from tongchou.vocabulary.text import Text

IMPORT_SCOPE = Scope(view="exchange.import", paths=("path",), units=("unit_id",))


class ImportState(models.TextChoices):
    """States of an import."""

    MAPPING = "mapping"
    RUNNING = "running"
    REVIEW = "review"
    FAULTY = "faulty"
    DONE = "done"
    STOPPED = "stopped"
    CANCELLED = "cancelled"


STATE_NAMES = {
    "mapping": Text(zh="待确认列对应", en="columns to be confirmed"),
    "running": Text(zh="正在导入", en="running"),
    "review": Text(zh="待审核", en="waiting for review"),
    "faulty": Text(zh="有错误行待更正", en="faulty rows to be corrected"),
    "done": Text(zh="已完成", en="done"),
    "stopped": Text(zh="已停止", en="stopped"),
    "cancelled": Text(zh="已放弃", en="given up"),
}


class RowState(models.TextChoices):
    """What became of a row."""

    WAITING = "waiting"
    ADDED = "added"
    UNCHANGED = "unchanged"
    UPDATED = "updated"
    REVIEW = "review"
    FAULTY = "faulty"
    LEFT_OUT = "left_out"


ROW_STATE_NAMES = {
    "waiting": Text(zh="待处理", en="waiting"),
    "added": Text(zh="新增", en="added"),
    "unchanged": Text(zh="未变", en="unchanged"),
    "updated": Text(zh="已更新", en="updated"),
    "review": Text(zh="待审核", en="waiting for review"),
    "faulty": Text(zh="有错误", en="faulty"),
    "left_out": Text(zh="审核后不导入", en="left out after review"),
}


class Decision(models.TextChoices):
    """What a person decided of a row that waits for review."""

    NONE = ""
    ADD = "add"
    UPDATE = "update"
    LEAVE = "leave"


class ImportBound(ScopedModel):
    """Columns that say whose import it is: the place and the unit of the post that brought the file."""

    scope = IMPORT_SCOPE

    path = PathField()
    unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        abstract = True


class Import(ImportBound):
    """One file brought by one person.

    The counters are moved in the transaction of each chunk together with its rows, so that they
    always add up to ``total``.
    """

    importable = models.CharField(max_length=40)
    by = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, db_index=True)
    size = models.IntegerField()
    format = models.CharField(max_length=8)
    encoding = models.CharField(max_length=12, blank=True)
    separator = models.CharField(max_length=2, blank=True)
    sheet = models.CharField(max_length=80, blank=True)
    sheets = models.JSONField(default=list)
    header = models.JSONField(default=list)
    header_line = models.IntegerField(default=1)
    epoch = models.SmallIntegerField(default=1900)
    columns = models.JSONField(default=list)
    orders = models.JSONField(default=dict)
    state = models.CharField(
        max_length=10, choices=ImportState.choices, default=ImportState.MAPPING, db_index=True
    )
    why_zh = models.TextField(blank=True)
    why_en = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    progressed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    resumed = models.IntegerField(default=0)
    forgotten_at = models.DateTimeField(null=True, blank=True)

    total = models.IntegerField(default=0)
    waiting = models.IntegerField(default=0)
    added = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    updated = models.IntegerField(default=0)
    review = models.IntegerField(default=0)
    faulty = models.IntegerField(default=0)
    left_out = models.IntegerField(default=0)

    class Meta:
        db_table = "exchange_import"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.file_name} ({self.pk})"

    @property
    def why(self) -> Text:
        """Why it stopped."""
        return Text(zh=self.why_zh, en=self.why_en)

    @property
    def done_share(self) -> int:
        """Per cent of the rows that no longer wait."""
        return 100 if not self.total else 100 * (self.total - self.waiting) // self.total


class ImportFile(ImportBound):
    """The bytes of the file, kept until the import begins: another sheet may be asked for."""

    of = models.OneToOneField(Import, on_delete=models.CASCADE, related_name="file")
    content = models.BinaryField()

    class Meta:
        db_table = "exchange_import_file"


class ImportRow(ImportBound):
    """A row as received, and what became of it.

    ``faults`` holds ``[column, value, problem_zh, problem_en, remedy_zh, remedy_en]`` lists;
    ``findings`` what a person is asked: possible duplicates, or changes in a known record.
    """

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    number = models.IntegerField()
    cells = models.JSONField()
    state = models.CharField(max_length=10, choices=RowState.choices, default=RowState.WAITING)
    target = models.CharField(max_length=80, blank=True)
    faults = models.JSONField(default=list)
    findings = models.JSONField(default=list)
    decision = models.CharField(max_length=6, choices=Decision.choices, blank=True)
    decided_by = models.ForeignKey(
        Post, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    corrected = models.SmallIntegerField(default=0)

    class Meta:
        db_table = "exchange_import_row"
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=("of", "number"), name="exchange_import_row_once"),
        ]
        indexes = [models.Index(fields=("of", "state", "number"), name="exchange_row_next")]

    def __str__(self) -> str:
        return f"{self.of_id}:{self.number}"


class Known(ImportBound):
    """That a row with this natural key has come in, what it said, and which record it is.

    ``key`` and ``said`` are keyed hashes: they name nobody.
    """

    importable = models.CharField(max_length=40)
    key = models.CharField(max_length=64)
    said = models.CharField(max_length=64)
    target = models.CharField(max_length=80)

    class Meta:
        db_table = "exchange_known"
        constraints = [
            models.UniqueConstraint(
                fields=("importable", "key", "path", "unit"),
                nulls_distinct=False,
                name="exchange_known_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.importable} {self.target}"


class RememberedMapping(ImportBound):
    """The mapping that was confirmed for a set of column names, offered the next time."""

    importable = models.CharField(max_length=40)
    header = models.CharField(max_length=64)
    columns = models.JSONField()
    orders = models.JSONField(default=dict)
    used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "exchange_mapping"
        constraints = [
            models.UniqueConstraint(
                fields=("importable", "header", "path", "unit"),
                nulls_distinct=False,
                name="exchange_mapping_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.importable} {self.header[:8]}"
