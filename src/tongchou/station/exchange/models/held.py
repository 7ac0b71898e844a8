"""Tables of the data contract that no room of the station keeps as records yet: held whole.

A pack that is loaded loses nothing: what the station has no live records for is kept as the bytes
of its Parquet file, with the pack it came from, and goes out again when an area is exported.
"""

from django.db import models

from tongchou.station.access.managers import ScopedModel
from tongchou.station.access.policy import Scope
from tongchou.station.places.models import PathField
from tongchou.vocabulary.text import Text

HELD_SCOPE = Scope(view="exchange.pack", paths=("path",))


class HeldPack(ScopedModel):
    """A data pack that was loaded: what its manifest says, and the area it covers.

    ``path`` is the smallest area that holds every place the pack reports on; ``digest`` is the
    SHA-256 of its manifest, which carries the checksum of every file.
    """

    scope = HELD_SCOPE

    name = models.CharField(max_length=120)
    path = PathField()
    digest = models.CharField(max_length=64)
    manifest = models.JSONField()
    first = models.DateField()
    last = models.DateField()
    synthetic = models.BooleanField()
    loaded_at = models.DateTimeField(auto_now_add=True)
    loaded_by = models.CharField(max_length=160)

    class Meta:
        db_table = "exchange_pack"
        ordering = ("-last", "-id")
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="exchange_pack_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def title(self) -> Text:
        """The title in both languages."""
        return Text(**self.manifest["title"])


class HeldTable(ScopedModel):
    """One table of a pack, as Parquet, whole.

    It is a table of the contract, or one that stands beside them: corrections, published totals, the
    tally of the line list as it was loaded.
    """

    scope = HELD_SCOPE

    pack = models.ForeignKey(HeldPack, on_delete=models.CASCADE, related_name="tables")
    path = PathField()
    table = models.CharField(max_length=40)
    rows = models.IntegerField()
    cut = models.DateField()
    digest = models.CharField(max_length=64)
    content = models.BinaryField()

    class Meta:
        db_table = "exchange_held_table"
        ordering = ("table",)
        constraints = [
            models.UniqueConstraint(fields=["pack", "table"], name="exchange_held_table_once"),
        ]

    def __str__(self) -> str:
        return f"{self.table} ({self.pack_id})"
