"""Samples and results that a FHIR bundle tells: new ones in bulk, known ones by the room's own services."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from tongchou.station.access.managers import require
from tongchou.station.audit.record import record
from tongchou.station.cases.fhir_told import FIXED, UNKNOWN, Told
from tongchou.station.cases.models import Case, Sample
from tongchou.station.cases.problems import NotAccepted
from tongchou.station.cases.services.history import assign, bounds, note
from tongchou.station.cases.services.history import save as save_case
from tongchou.station.cases.services.sampling import Entered, enter_results, priority_of
from tongchou.station.exchange.fhir.port import Done
from tongchou.station.exchange.fhir.records import SampleRecord
from tongchou.station.places.models import UnitKind
from tongchou.vocabulary.text import Text


class SampleSaving(Told):
    """The samples of a story on their way into the tables."""

    def _checked_samples(self, fresh: Mapping[str, Case]) -> list[SampleRecord]:
        """Give the new samples of the story, each checked."""
        new = []
        for told in self.told.samples:
            case = fresh.get(told.case or "") or self.cases.get(told.case or "")
            for at, text in self._sample_problems(told):
                self.refuse("Specimen", told.number, at, text)
            if told.number in self.samples:
                self._check_known_sample(told, self.samples[told.number])
                continue
            if case is None:
                self.refuse("Specimen", told.number, "case", _NO_CASE)
                continue
            if told.case in self.cases:
                self.ask(told.case or "", "samples.collect", case)
            new.append(told)
        return new

    def _sample_problems(self, told: SampleRecord) -> Iterable[tuple[str, Text]]:
        if told.taken_at > self.now or (told.result_at and told.result_at > self.now):
            yield "collection", _FUTURE
        if told.result_at and told.result_at < told.taken_at:
            yield "collection", _BACKWARDS
        lab = self.units.get(told.lab_unit or "")
        if told.lab_unit and (lab is None or lab.kind != UnitKind.LABORATORY):
            yield "laboratory", UNKNOWN.fill(value=told.lab_unit)
        if told.collected_by and told.collected_by not in self.units:
            yield "collecting-unit", UNKNOWN.fill(value=told.collected_by)

    def _check_known_sample(self, told: SampleRecord, sample: Sample) -> None:
        if told.taken_at != sample.taken_at or told.kind != sample.kind:
            self.refuse("Specimen", told.number, "collection", FIXED)
        if told.result and sample.result and told.result != sample.result:
            self.refuse("Specimen", told.number, "", _STANDS)

    def _write_samples(self, new: Iterable[SampleRecord]) -> None:
        rows = [self._sample(told) for told in new]
        Sample.objects.bulk_create(rows)
        known = {**self.samples, **{s.pseudonym: s for s in rows}}
        for told in self.told.samples:
            if told.retest_of and known[told.number].retest_of_id is None:
                known[told.number].retest_of = known.get(told.retest_of)
                known[told.number].save(update_fields=["retest_of"])
        taken: dict[str, list[Sample]] = defaultdict(list)
        for told, sample in zip(new, rows, strict=True):
            taken[told.case or ""].append(sample)
            self.done["Specimen", told.number] = "created"
            self.done["Observation", f"{told.number}-result"] = "created"
            record("samples.collect", sample, case=told.case, through="fhir")
        for number, samples in taken.items():
            self._tell_case(self.cases_by_number[number], samples)
        for told in self.told.samples:
            if told.number in self.samples:
                self._update_sample(told, self.samples[told.number])

    def _sample(self, told: SampleRecord) -> Sample:
        case = self.cases_by_number[told.case or ""]
        lab, by = self.units.get(told.lab_unit or ""), self.units.get(told.collected_by or "")
        return Sample(
            pseudonym=told.number,
            case=case,
            kind=told.kind,
            lab_unit=lab,
            collected_by=by,
            priority=priority_of(case, retest=told.retest_of is not None),
            taken_at=told.taken_at,
            received_at=told.received_at,
            result=told.result,
            result_at=told.result_at,
            **bounds(case),
        )

    def _tell_case(self, case: Case, samples: Iterable[Sample]) -> None:
        """Let the first sample and the first result stand on the case."""
        values = {}
        for name, times in (
            ("sampled_at", [s.taken_at for s in samples]),
            ("result_at", [s.result_at for s in samples if s.result_at]),
        ):
            now = getattr(case, name)
            if times and (now is None or min(times) < now):
                values[name] = min(times)
        changes = assign(case, values)
        if changes:
            save_case(case)
            note(case, "import", changes=changes)

    def _update_sample(self, told: SampleRecord, sample: Sample) -> None:
        changed = []
        lab = self.units.get(told.lab_unit or "")
        if lab is not None and sample.lab_unit_id != lab.pk:
            require("samples.collect", sample)
            sample.lab_unit = lab
            changed.append("lab_unit")
        if told.received_at is not None and sample.received_at != told.received_at:
            require("samples.collect", sample)
            sample.received_at = told.received_at
            changed.append("received_at")
        if changed:
            sample.save(update_fields=changed)
            record("samples.collect", sample, fields=changed, through="fhir")
        got = self._result(sample, told.result, told.result_at)
        self.done["Specimen", told.number] = "updated" if changed else "unchanged"
        self.done["Observation", f"{told.number}-result"] = got

    def _add_results(self) -> None:
        for told in self.told.results:
            sample = self.samples[told.sample]
            got = self._result(sample, told.result, told.result_at)
            self.done["Observation", f"{told.sample}-result"] = got

    def _result(self, sample: Sample, result: str, at: datetime | None) -> Done:
        if not result or at is None or sample.result == result:
            return "unchanged"
        try:
            enter_results([Entered(sample=sample, result=result, result_at=at)])
        except NotAccepted as refused:
            for problem in refused.problems:
                self.refuse("Observation", f"{sample.pseudonym}-result", "", problem.text)
            return "unchanged"
        return "updated"


_NO_CASE = Text(
    zh="新样本须指明病例（extension case）。",
    en="A new sample has to name its case (extension case).",
)
_FUTURE = Text(zh="时间晚于现在。请核对。", en="The time lies after now. Check it.")
_BACKWARDS = Text(zh="结果早于采样。请核对。", en="The result lies before the sample. Check both.")
_STANDS = Text(
    zh="此样本已有不同的结果。要更改请在页面上更正并写明原因。",
    en="This sample has another result already. Correct it on its page, with a reason.",
)
