"""What a row says that its record does not: nothing, more, or something else."""

from collections.abc import Mapping
from dataclasses import dataclass

from tongchou.station.exchange.converting import alike
from tongchou.station.exchange.importable import ImportField, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """Fields that the record leaves blank and the row fills, and fields in which they differ.

    A blank cell says nothing and never empties a field.
    """

    filled: Mapping[str, Value]
    changed: Mapping[str, tuple[Value, Value]]

    @property
    def none(self) -> bool:
        """Whether the row says nothing new."""
        return not self.filled and not self.changed

    @property
    def all_new(self) -> Mapping[str, Value]:
        """The values to write if the row is believed."""
        return {**self.filled, **{k: new for k, (_, new) in self.changed.items()}}


def compare(
    said: Mapping[str, Value],
    held: Mapping[str, Value | None],
    fields: Mapping[str, ImportField],
) -> Differences:
    """Compare a row with its record; fields that the record does not show are passed over.

    Filling a blank loses nothing and needs nobody; writing over a value is asked of a person.
    """
    filled: dict[str, Value] = {}
    changed: dict[str, tuple[Value, Value]] = {}
    for key, new in said.items():
        if key not in held or fields[key].record:
            continue
        old = held[key]
        if old is None or old == "":
            filled[key] = new
        elif not alike(old, new, fields[key]):
            changed[key] = (old, new)
    return Differences(filled=filled, changed=changed)
