"""What waits to be done about cases and samples: one condition for a list, an inbox entry and a count."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from tongchou.station.cases.clocks import any_late, clocks, late, running
from tongchou.station.cases.models import Case, Sample
from tongchou.station.cases.states import OPEN
from tongchou.station.cases.tables import number
from tongchou.vocabulary.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Something that waits, and the condition of its rows at a moment."""

    label: Text
    condition: Callable[[datetime], Q]


def _positive(now: datetime) -> Q:
    """Give cases with a positive result that nobody has acted on."""
    positive = Sample.objects.filter(case_id=OuterRef("pk"), result="positive")
    return Q(Exists(positive), state__in=("suspected", "tested"))


def _new(now: datetime) -> Q:
    return Q(assigned_at__gte=now - timedelta(hours=number("report_new_hours")))


CASES: Mapping[str, Waiting] = {
    "late": Waiting(label=Text(zh="任一时限超时", en="any clock late"), condition=any_late),
    "late_report": Waiting(
        label=Text(zh="诊断超过 2 小时未报告", en="diagnosed, not reported within 2 h"),
        condition=lambda now: late("report", now),
    ),
    "late_sample": Waiting(
        label=Text(zh="疑似超过 24 小时未采样", en="suspected over 24 h, no sample"),
        condition=lambda now: late("sample", now),
    ),
    "late_result": Waiting(
        label=Text(zh="采样超过 24 小时无结果", en="sampled over 24 h, no result"),
        condition=lambda now: late("result", now),
    ),
    "late_isolate": Waiting(
        label=Text(zh="诊断超过 24 小时未隔离", en="diagnosed over 24 h, not isolated"),
        condition=lambda now: late("isolate", now),
    ),
    "late_admit": Waiting(
        label=Text(zh="确诊超过 24 小时未收治", en="confirmed over 24 h, not admitted"),
        condition=lambda now: late("admit", now),
    ),
    "late_investigate": Waiting(
        label=Text(
            zh="报告超过 24 小时未完成流调", en="reported over 24 h, investigation not complete"
        ),
        condition=lambda now: late("investigate", now),
    ),
    "to_sample": Waiting(
        label=Text(zh="疑似待采样", en="suspected, to be sampled"),
        condition=lambda now: running("sample"),
    ),
    "to_admit": Waiting(
        label=Text(zh="确诊待收治", en="confirmed, to be admitted"),
        condition=lambda now: running("admit"),
    ),
    "to_investigate": Waiting(
        label=Text(zh="待完成流调", en="investigation to complete"),
        condition=lambda now: running("investigate"),
    ),
    "positive": Waiting(
        label=Text(zh="阳性待确诊", en="positive result, to be confirmed"), condition=_positive
    ),
    "new": Waiting(
        label=Text(zh="新报告或新移交", en="newly reported or handed over"), condition=_new
    ),
}
"""Named conditions on cases; the clocks behind ``late_…`` and ``to_…`` stand in ``case_clocks.csv``."""


def cases() -> "object":
    """Give the cases that the present actor may see, merged ones left out."""
    return Case.objects.filter(merged_into__isnull=True)


def waiting(name: str) -> "object":
    """Give the cases that a named condition holds for, now."""
    return cases().filter(CASES[name].condition(timezone.now()))


def open_cases() -> Q:
    """Give the condition that there is still work on a case."""
    return Q(state__in=OPEN)


SAMPLES: Mapping[str, Waiting] = {
    "queue": Waiting(label=Text(zh="待检", en="to test"), condition=lambda now: Q(result="")),
    "to_receive": Waiting(
        label=Text(zh="待接收", en="to receive"),
        condition=lambda now: Q(result="", received_at__isnull=True),
    ),
    "late": Waiting(
        label=Text(zh="采样超过 24 小时无结果", en="taken over 24 h ago, no result"),
        condition=lambda now: Q(
            result="", taken_at__lt=now - timedelta(hours=clocks()["result"].hours)
        ),
    ),
    "positive": Waiting(
        label=Text(zh="近 24 小时阳性", en="positive in the last 24 h"),
        condition=lambda now: Q(
            result="positive", result_at__gte=now - timedelta(hours=number("result_new_hours"))
        ),
    ),
}


def samples(name: str) -> "object":
    """Give the samples that a named condition holds for, now."""
    return Sample.objects.filter(SAMPLES[name].condition(timezone.now()))
