"""What the exchange keeps."""

from tongchou.station.exchange.models.held import HeldPack, HeldTable
from tongchou.station.exchange.models.imports import (
    Decision,
    Import,
    ImportFile,
    ImportRow,
    ImportState,
    Known,
    RememberedMapping,
    RowState,
)

__all__ = [
    "Decision",
    "HeldPack",
    "HeldTable",
    "Import",
    "ImportFile",
    "ImportRow",
    "ImportState",
    "Known",
    "RememberedMapping",
    "RowState",
]
