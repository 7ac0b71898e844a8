"""Rows of samples: taking is recorded by the service that takes one; results belong to the laboratory."""

from collections.abc import Iterator, Mapping, Sequence

from tongchou.station.cases.importing import rows as shared
from tongchou.station.cases.models import Sample
from tongchou.station.cases.problems import NotAccepted, Problem
from tongchou.station.cases.services.history import find_case
from tongchou.station.cases.services.reporting import own_unit
from tongchou.station.cases.services.sampling import take_sample
from tongchou.station.exchange.importable import ChangedRow, NewRow, Outcome, Record, Value
from tongchou.station.exchange.importables import FIELDS
from tongchou.vocabulary.text import Text

COLUMNS = {
    "sample_number": "pseudonym", "case_number": "case__pseudonym", "kind": "kind", "lab_unit": "lab_unit__code",
    "taken_at": "taken_at", "received_at": "received_at", "result_at": "result_at", "result": "result",
}  # fmt: skip
LABELS = {f.key: f.label for f in FIELDS["samples"]()}
OF_LABORATORY = ("received_at", "result_at", "result")


def records() -> Iterator[Record]:
    """Give every sample within reach."""
    return shared.records_of(Sample.objects.all(), COLUMNS, "sample_number")


def held(targets: Sequence[str]) -> Mapping[str, Mapping[str, Value | None]]:
    """Give the present values of samples by number."""
    return shared.held_of(Sample.objects.all(), COLUMNS, "sample_number", targets)


def save(rows: Sequence[NewRow]) -> list[Outcome]:
    """Record that samples were taken."""
    units = shared.units_of(rows, "lab_unit")
    collector = own_unit()

    def one(row: NewRow) -> str:
        if any(n in row.values for n in OF_LABORATORY):
            raise NotAccepted([Problem(field="result", text=_LABORATORY)])
        sample = take_sample(
            find_case(str(row.values["case_number"])),
            kind=str(row.values.get("kind", "throat")),
            lab_unit=units.get(str(row.values["lab_unit"])),
            taken_at=shared.moment_of(row.values["taken_at"]),
            collected_by=collector,
        )
        return str(sample.pseudonym)

    return shared.each(rows, one)


def update(rows: Sequence[ChangedRow]) -> list[Outcome]:
    """Change nothing: a sample is what it was when it was taken, and its result is the laboratory's."""
    return [shared.not_here(r.number, list(r.changes), LABELS) for r in rows]


_LABORATORY = Text(
    zh="接收时间和结果由实验室登记，不能随采样导入。请把这几格留空，由实验室录入结果。",
    en="Times of receipt and results are entered by the laboratory and do not come in with the taking. Leave these cells blank and let the laboratory enter them.",
)
