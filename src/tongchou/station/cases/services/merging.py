"""Merging two records of one person, or two cases of one illness, and undoing it exactly.

The merged record stays, marked ``merged_into``; what hung on it moves to the record that is kept.
Everything happens in one transaction, so that a crash leaves nothing half done.
"""

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import timezone

from tongchou.station.access.context import current, system
from tongchou.station.access.managers import Refused, require
from tongchou.station.access.policy import decide
from tongchou.station.audit.record import record
from tongchou.station.cases import images
from tongchou.station.cases.models import (
    Case,
    CaseEvent,
    Identity,
    Investigation,
    Merge,
    Person,
    Suspicion,
)
from tongchou.station.cases.services.contacts import post_id, refuse
from tongchou.station.cases.services.history import bounds as case_bounds

PERSON_FIELDS = ("sex", "birth_year", "occupation", "health_worker")
IDENTITY_FIELDS = ("name", "document_kind", "document_number", "phone", "address")
CASE_FIELDS = (
    "classification", "severity", "age", "health_worker", "household_code", "exposed_at", "found_inside",
    "evidence", "onset_on", "visited_at", "suspected_at", "sampled_at", "result_at", "confirmed_at",
    "reported_at", "isolated_at", "admitted_at", "severe_at", "critical_at", "recovered_at", "died_at",
    "released_at", "investigated_at",
)  # fmt: skip
"""What may be chosen from either record; places stay those of the record that is kept."""
STAYS: tuple[type[models.Model], ...] = (Suspicion, Merge, CaseEvent, Investigation)
"""Rows that stay with the record they were written on: its history and its interview."""


def merge_persons(keeper: Person, other: Person, chosen: Mapping[str, str] | None = None) -> Merge:
    """Merge two records of one person.

    Parameters
    ----------
    keeper, other
        The record that is kept and the one merged into it.
    chosen
        ``{field: "other"}`` for each field whose value is taken from the other record.

    Raises
    ------
    Refused
        If either lies beyond the reach of whoever acts: propose it to the other place then.
    """
    require("cases.merge", keeper)
    require("cases.merge", other)
    return _merge_persons(keeper, other, chosen or {})


def _merge_persons(keeper: Person, other: Person, chosen: Mapping[str, str]) -> Merge:
    with system("merge of two persons"):
        keeper, other = _both(Person, keeper.pk, other.pk)
        merge = _begin("person", keeper, other, chosen)
        moves = _moves(Person, other.pk)
        identities = list(Identity.objects.filter(person__in=[keeper, other]))
        pair = Suspicion.objects.filter(
            first__in=[keeper, other], second__in=[keeper, other]
        ).values_list("pk", flat=True)
        touched = {
            Person: {keeper.pk, other.pk},
            Identity: {i.pk for i in identities},
            Suspicion: set(pair),
        }
        before = _images(touched, moves)
        _move(moves, keeper.pk)
        _take_over(keeper, other, PERSON_FIELDS, chosen)
        for path in ("responsible_path", "watch_path", "residence_path"):
            setattr(keeper, path, getattr(keeper, path) or getattr(other, path))
        keeper.save()
        _merge_identities(keeper, other, identities, chosen)
        Person.objects.filter(pk=other.pk).update(merged_into=keeper)
        Suspicion.objects.filter(pk__in=pair).update(
            state="merged", decided_at=timezone.now(), by_id=post_id()
        )
        return _finish(merge, before, touched, moves)


def _merge_identities(
    keeper: Person, other: Person, identities: list[Identity], chosen: Mapping[str, str]
) -> None:
    by_person = {i.person_id: i for i in identities}
    mine, theirs = by_person.get(keeper.pk), by_person.get(other.pk)
    if mine and theirs:
        _take_over(mine, theirs, IDENTITY_FIELDS, chosen)
        for path in ("responsible_path", "watch_path", "residence_path"):
            setattr(mine, path, getattr(mine, path) or getattr(theirs, path))
        mine.person = keeper
        mine.save()


def merge_cases(keeper: Case, other: Case, chosen: Mapping[str, str] | None = None) -> Merge:
    """Merge two cases of one illness of one person; samples, exposures and contacts move.

    Raises
    ------
    NotAccepted
        If they are cases of two persons: merge the persons first.
    """
    require("cases.merge", keeper)
    require("cases.merge", other)
    chosen = chosen or {}
    with system("merge of two cases"):
        keeper, other = _both(Case, keeper.pk, other.pk)
        if keeper.person_id != other.person_id:
            raise refuse("person", "{a} 与 {b} 属于两个人；如是同一人，请先合并人员。", "{a} and {b} are cases of two persons; if they are one, merge the persons first.", a=keeper.pseudonym, b=other.pseudonym)  # fmt: skip
        merge = _begin("case", keeper, other, chosen)
        moves = _moves(Case, other.pk)
        touched: dict[type[models.Model], set[int]] = {Case: {keeper.pk, other.pk}}
        before = _images(touched, moves)
        _move(moves, keeper.pk, case_bounds(keeper))
        keeper.refresh_from_db()
        _take_over(keeper, other, CASE_FIELDS, chosen)
        if keeper.infector_id in (keeper.pk, other.pk):
            keeper.infector_id = None
        if keeper.infector_id is None and other.infector_id != keeper.pk:
            keeper.infector_id = other.infector_id
        keeper.version += 1
        keeper.save()
        Case.objects.filter(pk=other.pk).update(merged_into=keeper, infector=None)
        return _finish(merge, before, touched, moves)


def _both(model: type[models.Model], keeper: int, other: int) -> tuple[Any, Any]:
    rows = {r.pk: r for r in model._base_manager.select_for_update().filter(pk__in=[keeper, other]).order_by("pk")}  # fmt: skip
    if len(rows) != 2 or any(r.merged_into_id for r in rows.values()):
        raise refuse("other", "两份记录必须不同，且都未被合并过。请刷新页面。", "The two records must be different, and neither merged already. Reload the page.")  # fmt: skip
    return rows[keeper], rows[other]


Moves = list[tuple[type[models.Model], Any, list[int]]]


def _moves(model: type[models.Model], other: int) -> Moves:
    """Give the rows that point at the record to be merged, wherever they stand in the database."""
    found: Moves = []
    for relation in model._meta.related_objects:
        related: Any = relation.related_model
        if relation.one_to_one or related in STAYS or not relation.field.concrete:
            continue
        rows = related._base_manager.filter(**{relation.field.attname: other})
        found.append((related, relation.field, sorted(rows.values_list("pk", flat=True))))
    return found


def _move(moves: Moves, keeper: int, where: Mapping[str, object] | None = None) -> None:
    for model, field, keys in moves:
        columns = {c.attname for c in model._meta.concrete_fields}
        follows = field.name == "case" and where and set(where) <= columns
        model._base_manager.filter(pk__in=keys).update(
            **{field.attname: keeper}, **(where if follows and where else {})
        )


def _take_over(keeper: Any, other: Any, fields: tuple[str, ...], chosen: Mapping[str, str]) -> None:
    """Take chosen values from the other record, and those that the kept one lacks."""
    for name in fields:
        mine, theirs = getattr(keeper, name), getattr(other, name)
        blank = mine in (None, "", "unknown") and name not in chosen
        if chosen.get(name) == "other" or (blank and theirs not in (None, "")):
            setattr(keeper, name, theirs)


def _begin(kind: str, keeper: Any, other: Any, chosen: Mapping[str, str]) -> Merge:
    def path(row: Any) -> str:
        return row.responsible_path or getattr(row, "watch_path", "") or row.residence_path

    return Merge(
        kind=kind, keeper=keeper.pseudonym, merged=other.pseudonym, keeper_path=path(keeper),
        merged_path=path(other), chosen=dict(chosen), by_id=post_id(),
    )  # fmt: skip


Images = dict[type[models.Model], dict[int, images.Row]]


def _images(touched: Mapping[type[models.Model], set[int]], moves: Moves) -> Images:
    keys: dict[type[models.Model], set[int]] = {m: set(k) for m, k in touched.items()}
    for model, _, moved in moves:
        keys.setdefault(model, set()).update(moved)
    return {model: images.take(model, wanted) for model, wanted in keys.items()}


def _finish(
    merge: Merge, before: Images, touched: Mapping[type[models.Model], set[int]], moves: Moves
) -> Merge:
    after = _images(touched, moves)
    merge.rows = [
        {"table": model._meta.label, "key": key, "before": rows[key], "after": after[model][key]}
        for model, rows in before.items()
        for key in images.changed(rows, after[model])
    ]
    merge.marks = {model._meta.label: images.highest(model) for model, _, _ in moves}
    merge.save()
    record("cases.merge", merge, keeper=merge.keeper, merged=merge.merged, rows=len(merge.rows))
    return merge


def undo_merge(merge: Merge) -> Merge:
    """Undo a merge: every row as it was, except what was edited since, which is kept and named.

    Raises
    ------
    NotAccepted
        If it was undone already, was emptied at the end of keeping, or a later merge of the same
        records stands in the way.
    """
    require("cases.merge", merge)
    with system("undoing of a merge"):
        merge = Merge.objects.select_for_update().get(pk=merge.pk)
        _check_undo(merge)
        conflicts: list[dict[str, object]] = []
        for image in merge.rows:
            model = apps.get_model(image["table"])
            now = images.take(model, [image["key"]]).get(image["key"])
            if now is None:
                conflicts.append({"table": image["table"], "key": image["key"], "gone": True})
                continue
            back = images.undo(image["before"], image["after"], now)
            images.put(model, back.row)
            if back.edited:
                conflicts.append({"table": image["table"], "key": image["key"], "kept": list(back.edited)})  # fmt: skip
        conflicts += _added_since(merge)
        merge.undone_at, merge.undone_by_id, merge.conflicts = timezone.now(), post_id(), conflicts
        merge.save()
    record("cases.merge", merge, did="undo", conflicts=len(conflicts))
    return merge


def _check_undo(merge: Merge) -> None:
    if merge.undone_at:
        raise refuse("merge", "这次合并已撤销。", "This merge has been undone already.")
    if not merge.rows:
        raise refuse("merge", "保存期已满，合并前的内容已删除，不能撤销。", "The time of keeping has ended and what stood before was deleted; it cannot be undone.")  # fmt: skip
    names = {merge.keeper, merge.merged}
    names |= set(
        Case.objects.filter(person__pseudonym__in=names).values_list("pseudonym", flat=True)
    )
    later = Merge.objects.filter(pk__gt=merge.pk, undone_at=None).filter(
        models.Q(keeper__in=names) | models.Q(merged__in=names)
    )
    if first := later.order_by("-pk").first():
        raise refuse("merge", "其后又有合并 {number}，请先撤销它。", "A later merge, {number}, builds on this one; undo that first.", number=first.pseudonym)  # fmt: skip


def _added_since(merge: Merge) -> list[dict[str, object]]:
    """Give what was written on the kept record after the merge: it stays there."""
    model: type[models.Model] = Person if merge.kind == "person" else Case
    keeper = model._base_manager.get(pseudonym=merge.keeper)
    found: list[dict[str, object]] = []
    for relation in model._meta.related_objects:
        related: Any = relation.related_model
        mark = merge.marks.get(related._meta.label)
        if mark is None or relation.one_to_one or related in STAYS:
            continue
        rows = related._base_manager.filter(**{relation.field.attname: keeper.pk, "pk__gt": mark})
        if count := rows.count():
            found.append({"table": related._meta.label, "stays": count})
    return found


def in_reach(person: Person) -> bool:
    """Say whether whoever acts may merge this person."""
    now = current()
    return now.is_system or (
        now.actor is not None
        and bool(decide(now.actor, "cases.merge", Person.scope, person, write=True))
    )


def propose(pair: Suspicion, *, keep: str, chosen: Mapping[str, str] | None = None) -> Suspicion:
    """Propose a merge to the other place: it is done when they accept."""
    require("cases.merge", pair)
    _open(pair)
    who = current().actor
    pair.state, pair.proposed_from = "proposed", who.path if who else ""
    pair.proposal = {"keep": keep, "chosen": dict(chosen or {})}
    pair.by_id = post_id()
    pair.save()
    record("cases.merge", pair, did="propose", score=pair.score)
    return pair


def accept(pair: Suspicion) -> Merge:
    """Accept a merge that the other place proposed: the two together have both persons in reach."""
    require("cases.merge", pair)
    with system("both sides of a proposal"):
        first, second = pair.first, pair.second
    reached = [p for p in (first, second) if in_reach(p)]
    who = current().actor
    if pair.state != "proposed" or not reached or (who and who.path == pair.proposed_from):
        raise refuse(
            "pair",
            "只有对方地区才能接受这一提请。",
            "Only the other place can accept this proposal.",
        )
    keeper, other = (first, second) if pair.proposal.get("keep") == "first" else (second, first)
    return _merge_persons(keeper, other, pair.proposal.get("chosen", {}))


def tell_apart(pair: Suspicion) -> Suspicion:
    """Settle that a pair is two different persons; it is not asked again."""
    require("cases.merge", pair)
    _open(pair)
    pair.state, pair.decided_at, pair.by_id = "apart", timezone.now(), post_id()
    pair.save()
    record("cases.merge", pair, did="apart", score=pair.score)
    return pair


def _open(pair: Suspicion) -> None:
    if pair.state not in ("open", "proposed"):
        raise refuse("pair", "这一对已有结论。", "This pair has been settled already.")


__all__ = [
    "Refused", "accept", "in_reach", "merge_cases", "merge_persons", "propose", "tell_apart", "undo_merge",
]  # fmt: skip
