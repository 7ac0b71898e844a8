"""What cases and samples bring to the desk: inbox entries, search, navigation."""

from django.urls import reverse

from tongchou.station.access.context import actor
from tongchou.station.audit.record import record
from tongchou.station.cases import case_lists, conditions
from tongchou.station.cases.models import Identity
from tongchou.station.cases.states import states
from tongchou.station.desk.registry import (
    Hit,
    InboxSource,
    NavItem,
    SearchSource,
    Section,
    register_inbox,
    register_nav,
    register_search,
)
from tongchou.vocabulary.text import Text, same

GROUP = Text(zh="个案", en="Cases")
MOST_HITS = 10
CASE_ENTRIES: tuple[tuple[str, Section, str, str], ...] = (
    ("late_report", "late", "cases.view", "suspected_at"),
    ("late_sample", "late", "cases.view", "suspected_at"),
    ("late_result", "late", "cases.view", "sampled_at"),
    ("late_isolate", "late", "cases.view", "suspected_at"),
    ("late_admit", "late", "cases.view", "confirmed_at"),
    ("late_investigate", "late", "cases.view", "reported_at"),
    ("positive", "do", "cases.update", "result_at"),
    ("to_sample", "do", "samples.collect", "suspected_at"),
    ("to_admit", "do", "cases.update", "confirmed_at"),
    ("to_investigate", "do", "cases.investigate", "reported_at"),
    ("new", "new", "cases.view", "assigned_at"),
)
"""Named condition, section of the inbox, action of those it is for, and the time it waits since."""
SAMPLE_ENTRIES: tuple[tuple[str, Section, str], ...] = (
    ("to_receive", "new", "taken_at"),
    ("queue", "do", "taken_at"),
    ("late", "late", "taken_at"),
)
PAGES = (
    (Text(zh="报告病例", en="Report a case"), "cases:report", "cases.report"),
    (Text(zh="逐行录入", en="Line entry"), "cases:lines", "cases.report"),
    (Text(zh="全部个案", en="All cases"), "cases:cases", "cases.view"),
    (Text(zh="四早时延", en="The four delays"), "cases:delays", "cases.view"),
    (Text(zh="样本", en="Samples"), "cases:samples", "samples.view"),
    (Text(zh="录入检测结果", en="Enter results"), "cases:results", "samples.result"),
)


def register() -> None:
    """Make inbox entries, search and navigation known to the desk."""
    for name, section, action, clock in CASE_ENTRIES:
        register_inbox(
            InboxSource(
                name=f"cases_{name}",
                section=section,
                label=conditions.CASES[name].label,
                action=action,
                rows=lambda name=name: conditions.waiting(name),
                url=lambda name=name: f"{reverse('cases:cases')}?waiting={name}",
                clock=clock,
            )
        )
    for name, section, clock in SAMPLE_ENTRIES:
        register_inbox(
            InboxSource(
                name=f"samples_{name}",
                section=section,
                label=Text(zh="样本{what}", en="Samples {what}").fill(
                    what=conditions.SAMPLES[name].label
                ),
                action="samples.result",
                rows=lambda name=name: conditions.samples(name),
                url=lambda name=name: f"{reverse('cases:samples')}?waiting={name}",
                clock=clock,
            )
        )
    register_search(SearchSource(name="cases", label=GROUP, action="cases.view", find=hits))
    for order, (label, name, action) in enumerate(PAGES):
        register_nav(
            NavItem(label=label, url_name=name, action=action, group=GROUP, order=100 + order)
        )


def hits(typed: str) -> list[Hit]:
    """Give cases by number, and by name, pinyin, telephone or document where identities may be seen."""
    found = conditions.cases().filter(case_lists.matching(typed)).select_related("responsible")
    rows = list(found[:MOST_HITS])
    names: dict[int, str] = {}
    if "cases.identity" in actor().may and rows:
        people = Identity.objects.filter(person_id__in=[c.person_id for c in rows])
        names = dict(people.values_list("person_id", "name"))
    if rows:
        record("cases.view", "search:cases", cases=[c.pseudonym for c in rows])
    return [
        Hit(
            title=same(f"{c.pseudonym} {names.get(c.person_id, '')}".strip()),
            note=Text(zh="{state} · {place}", en="{state} · {place}").fill(
                state=states()[c.state].label, place=c.responsible.name
            ),
            url=case_lists.case_url(c),
        )
        for c in rows
    ]
