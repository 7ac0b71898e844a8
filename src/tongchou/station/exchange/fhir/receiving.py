"""Taking a bundle in: keys to pseudonyms, everything checked, everything saved or nothing."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.utils import timezone

from tongchou.station.access.context import actor
from tongchou.station.access.managers import Refused, require_any
from tongchou.station.access.policy import Decision
from tongchou.station.audit.record import record
from tongchou.station.exchange.fhir.bundles import SYSTEMS, Key, Taken, keys_of, take_apart
from tongchou.station.exchange.fhir.models import SenderKey
from tongchou.station.exchange.fhir.outcome import Issue, NotTaken, issue
from tongchou.station.exchange.fhir.port import Done, Refusal, port
from tongchou.vocabulary.text import Text

IMPORT, RESULT = "exchange.import", "samples.result"


def receive(bundle: dict[str, Any]) -> list[tuple[str, str, Done]]:
    """Take a bundle in; give type, number and what was done for each entry, in its order.

    Raises
    ------
    NotTaken
        With every fault; nothing is kept then.
    """
    may_import = IMPORT in actor().may
    if not may_import:
        require_any(RESULT)
    numbers, new = _numbers(keys_of(bundle))
    taken = take_apart(
        bundle,
        zone=timezone.get_current_timezone(),
        number_of=numbers.__getitem__,
        known=_known,
    )
    if not may_import and (taken.story.persons or taken.story.cases or taken.story.samples):
        raise Refused(IMPORT, "fhir", Decision(allowed=False, reason=_ONLY_RESULTS))
    _may_name(taken)
    done, refusals = port().save(taken.story)
    if refusals:
        raise NotTaken([_issue(taken, r) for r in refusals])
    _remember(new, numbers)
    record(IMPORT if may_import else RESULT, "fhir", entries=len(taken.keys))
    return [(kind, number, done[kind, number]) for kind, number in taken.keys]


_ONLY_RESULTS = Text(zh="本岗位只能发送检测结果", en="this post may send results of samples only")


def _may_name(taken: Taken) -> None:
    if taken.sent_names and "cases.identity" not in actor().may:
        raise NotTaken(
            [
                issue(taken.places["Patient", p.number], "forbidden", "identity")
                for p in taken.story.persons
                if p.name
            ]
        )


def _numbers(keys: Collection[Key]) -> tuple[dict[Key, str], set[Key]]:
    """Give our number for every key: ours if the actor may see it, else what the sender's stands for.

    A number of ours that the actor may not see is a stranger's word like any other: the answer
    does not tell whether it exists.
    """
    found: dict[Key, str] = {}
    for kind, system in SYSTEMS.items():
        mine = {k[2] for k in keys if k[0] == kind and k[1] == system}
        seen = port().visible(kind, mine) if mine else set()
        found |= {(kind, system, number): number for number in seen}
    sent = {k for k in keys if k not in found}
    known = {
        (k.kind, k.system, k.value): k.number
        for k in SenderKey.objects.filter(**_whose(), value__in={k[2] for k in sent})
    }
    still = {
        (kind, n)
        for kind in ("Patient", "Condition", "Specimen")
        for n in port().visible(kind, {n for k, n in known.items() if k[0] == kind})
    }
    for key in sent:
        number = known.get(key)
        if number and (key[0], number) in still:
            found[key] = number
    new = {k for k in keys if k not in found}
    return found | {k: port().new_number(k[0]) for k in new}, new


def _whose() -> dict[str, object]:
    who = actor()
    return {"path": who.path, "unit_id": who.unit_id or 0}


def _remember(new: Iterable[Key], numbers: Mapping[Key, str]) -> None:
    """Keep what the sender calls the new records; a key whose record is gone is written anew."""
    SenderKey.objects.bulk_create(
        [SenderKey(kind=k[0], system=k[1], value=k[2], number=numbers[k], **_whose()) for k in new],
        update_conflicts=True,
        unique_fields=["path", "unit_id", "kind", "system", "value"],
        update_fields=["number"],
    )


def _known(kind: str, to: str) -> str | None:
    """Give the number of a record that a bundle refers to and does not hold."""
    head, _, number = to.rpartition("/")
    if head.rpartition("/")[2] != kind:
        return None
    return number if port().visible(kind, {number}) else None


def _issue(taken: Taken, refused: Refusal) -> Issue:
    at = taken.places.get((refused.kind, refused.number), "Bundle")
    where = f"{at}.{refused.field}" if refused.field else at
    return Issue(at=where, kind="business-rule", text=Text(zh=refused.zh, en=refused.en))


def forget(numbers: Collection[str]) -> int:
    """Forget what senders called records that are erased; called by the room that erases them."""
    return SenderKey.objects.filter(number__in=numbers).delete()[0]
