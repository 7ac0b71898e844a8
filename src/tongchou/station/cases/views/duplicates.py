"""Pages of suspected duplicates: side by side, field by field, and the undoing of a merge."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from tongchou.station.access.context import actor
from tongchou.station.access.managers import require, require_any
from tongchou.station.audit.record import record
from tongchou.station.cases.labels import label, shown
from tongchou.station.cases.models import Case, Contact, Identity, Merge, Person, Suspicion
from tongchou.station.cases.models.merge import SUSPICION_NAMES
from tongchou.station.cases.services import merging
from tongchou.station.cases.services.history import find_case
from tongchou.station.cases.views.acting_on import say, tried
from tongchou.station.cases.watch import number
from tongchou.station.places.models import Place
from tongchou.vocabulary.text import Text, join, same

SIDES = ("first", "second")


@require_http_methods(["GET", "POST"])
def suspicion(request: HttpRequest, pk: int) -> HttpResponse:
    """Show two records side by side, and settle whether they are one person."""
    pair = get_object_or_404(Suspicion.objects.all(), pk=pk)
    people = {side: Person.objects.filter(pk=getattr(pair, f"{side}_id")).first() for side in SIDES}
    if request.method == "POST":
        answer = _settle(request, pair, people)
        if answer:
            return answer
        pair.refresh_from_db()
    identities = {side: _identity(person) for side, person in people.items()}
    record("cases.identity", f"cases.suspicion:{pair.pk}", persons=[p.pseudonym for p in people.values() if p])  # fmt: skip
    reached = {side: p is not None and merging.in_reach(p) for side, p in people.items()}
    context = {
        "pair": pair,
        "people": people,
        "reached": reached,
        "both": all(reached.values()),
        "state": SUSPICION_NAMES[pair.state],
        "score": f"{pair.score:.1%}",
        "reasons": join([Text(**r) for r in pair.reasons]),
        "lines": _lines(people, identities),
        "holders": {s: _holder(getattr(pair, f"{s}_path")) for s in SIDES},
        "hanging": {s: _hanging(p) for s, p in people.items()},
        "open": pair.state in ("open", "proposed"),
        "theirs": pair.state == "proposed" and pair.proposed_from != actor().path and any(reached.values()),
        "merge": Merge.objects.filter(kind="person", keeper__in=[p.pseudonym for p in people.values() if p]).order_by("-pk").first(),
    }  # fmt: skip
    return render(request, "cases/merge_pair.html", context)


def _identity(person: Person | None) -> Identity | None:
    return Identity.objects.filter(person=person).first() if person else None


def _holder(path: str) -> Text:
    code = path.rstrip("/").rpartition("/")[2]
    place = Place.objects.filter(code=code).first()
    return place.name if place else same("–")


def _hanging(person: Person | None) -> Text:
    if person is None:
        return Text(
            "由对方地区管理，内容不可见", "held by the other place; its contents are not shown"
        )
    return Text("{c} 例病例，{k} 条密接或到达记录", "cases: {c}; contact or arrival records: {k}").fill(
        c=Case.objects.filter(person=person).count(), k=Contact.objects.filter(person=person).count()
    )  # fmt: skip


def _lines(people: Mapping[str, Any], identities: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give one line a field: both values and whether they differ."""
    lines = []
    for source, names in ((identities, merging.IDENTITY_FIELDS), (people, merging.PERSON_FIELDS)):
        for name in names:
            values = [getattr(source[s], name, None) if source[s] else None for s in SIDES]
            lines.append(_line(name, values, known=all(source[s] for s in SIDES)))
    return lines


def _line(name: str, values: list[Any], *, known: bool = True) -> dict[str, Any]:
    blank = [v in (None, "", "unknown") for v in values]
    return {
        "name": name,
        "label": label(name),
        "one": shown(name, values[0]),
        "other": shown(name, values[1]),
        "differs": known and values[0] != values[1],
        "prefer": "second" if blank[0] and not blank[1] else "first",
    }


def _chosen(request: HttpRequest, keep: str, names: tuple[str, ...]) -> dict[str, str]:
    """Give the fields whose value comes from the record that is not kept."""
    picked = {n: request.POST.get(f"field-{n}") for n in names}
    return {n: "other" if side != keep else "keeper" for n, side in picked.items() if side in SIDES}


def _settle(
    request: HttpRequest, pair: Suspicion, people: Mapping[str, Any]
) -> HttpResponse | None:
    what = request.POST.get("do")
    keep = request.POST.get("keep") if request.POST.get("keep") in SIDES else "first"
    chosen = _chosen(request, keep, merging.IDENTITY_FIELDS + merging.PERSON_FIELDS)
    if what == "apart" and tried(request, lambda: merging.tell_apart(pair)):
        say(request, "已确认为两人，不再提示。", "Settled as two persons; it is not asked again.")
        return redirect("cases:suspicions")
    if what == "propose" and tried(
        request, lambda: merging.propose(pair, keep=keep, chosen=chosen)
    ):
        say(request, "已提请对方地区合并。", "Proposed to the other place.")
        return redirect("cases:suspicions")
    if what == "accept" and (made := tried(request, lambda: merging.accept(pair))):
        return _merged(request, made)
    if what == "merge":
        other = "second" if keep == "first" else "first"
        if not people[keep] or not people[other]:
            raise Http404
        made = tried(request, lambda: merging.merge_persons(people[keep], people[other], chosen))
        if made:
            return _merged(request, made)
    return None


def _merged(request: HttpRequest, made: Merge) -> HttpResponse:
    say(request, "已合并：{merged} 并入 {keeper}。可随时撤销。", "{merged} is merged into {keeper}. It can be undone at any time.", merged=made.merged, keeper=made.keeper)  # fmt: skip
    return redirect("cases:merge", number=made.pseudonym)


@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, number: str) -> HttpResponse:
    """Show what a merge changed, and undo it."""
    found = get_object_or_404(Merge.objects.all(), pseudonym=number)
    if request.method == "POST":
        undone = tried(request, lambda: merging.undo_merge(found))
        if undone:
            say(request, "已撤销合并。", "The merge is undone.")
        return redirect("cases:merge", number=number)
    record("cases.merge", found, did="read")
    context = {
        "merge": found,
        "changes": _all_changes(found),
        "conflicts": [_conflict(c) for c in found.conflicts],
        "same_person": _same_illness(found),
    }
    return render(request, "cases/merge_page.html", context)


HIDDEN = ("former", "search", "name_key")


POINTERS = ("person_id", "case_id", "infector_id", "became_case_id", "merged_into_id")


def _all_changes(found: Merge) -> list[dict[str, Any]]:
    """Give every value that a merge changed; keys of records are written as their numbers."""
    keys = {
        side[name]
        for row in found.rows
        for side in (row["before"], row["after"])
        for name in POINTERS
        if side.get(name)
    }
    people = dict(Person.objects.filter(pk__in=keys).values_list("pk", "pseudonym"))
    cases = dict(Case.objects.filter(pk__in=keys).values_list("pk", "pseudonym"))
    return [c for row in found.rows for c in _changes(row, people, cases)]


def _changes(
    row: Mapping[str, Any], people: Mapping[int, str], cases: Mapping[int, str]
) -> list[dict[str, Any]]:
    table = row["table"].partition(".")[2].lower()
    before, after = row["before"], row["after"]

    def value(name: str, side: Mapping[str, Any]) -> Text:
        known: Mapping[Any, Any] = people if name == "person_id" or table == "person" else cases
        found = side.get(name)
        return shown(name, known.get(found, found) if name in POINTERS else found)

    holder = int(before.get("person_id") or 0)
    own = before.get("pseudonym") or people.get(holder, f"#{row['key']}")
    return [
        {
            "table": label(table),
            "number": own,
            "field": label(name.removesuffix("_id")),
            "before": value(name, before),
            "after": value(name, after),
        }
        for name in before
        if before[name] != after.get(name) and not name.startswith("block_") and name not in HIDDEN
    ]


def _conflict(found: Mapping[str, Any]) -> Text:
    what = label(found["table"].partition(".")[2].lower())
    if "stays" in found:
        return Text("合并后新增的 {n} 条{what}留在保留的记录上。", "{n} rows ({what}) written after the merge stay on the record that was kept.").fill(n=found["stays"], what=what)  # fmt: skip
    if "gone" in found:
        return Text("{what} #{key} 已不存在，没有恢复。", "{what} #{key} is no longer there and was not restored.").fill(what=what, key=found["key"])  # fmt: skip
    fields = join(
        [label(n.removesuffix("_id")) for n in found["kept"] if not n.startswith("block_")]
    )
    return Text("{what} #{key}：合并后有人改过 {fields}，改动已保留。", "{what} #{key}: someone changed {fields} after the merge; the change is kept.").fill(what=what, key=found["key"], fields=fields)  # fmt: skip


def _same_illness(found: Merge) -> list[tuple[Case, Case]]:
    """Give pairs of cases of the person that may be one illness."""
    if found.kind != "person" or found.undone_at:
        return []
    cases = list(
        Case.objects.filter(person__pseudonym=found.keeper, merged_into=None).order_by("pk")
    )
    most = number("episode_days")
    return [
        (a, b)
        for n, a in enumerate(cases)
        for b in cases[n + 1 :]
        if a.onset_on is None or b.onset_on is None or abs((a.onset_on - b.onset_on).days) <= most
    ]


@require_http_methods(["GET", "POST"])
def cases_pair(request: HttpRequest, one: str, other: str) -> HttpResponse:
    """Show two cases of one person side by side, and merge them."""
    require_any("cases.merge")
    pair = {"first": find_case(one), "second": find_case(other)}
    for case in pair.values():
        require("cases.merge", case)
    if request.method == "POST":
        keep = "second" if request.POST.get("keep") == "second" else "first"
        chosen = _chosen(request, keep, merging.CASE_FIELDS)
        lost = pair["second" if keep == "first" else "first"]
        made = tried(request, lambda: merging.merge_cases(pair[keep], lost, chosen))
        if made:
            return _merged(request, made)
    record("cases.view", pair["first"], other=pair["second"].pseudonym)
    lines = [_line(n, [getattr(pair[s], n) for s in SIDES]) for n in merging.CASE_FIELDS]
    context = {"pair": pair, "lines": [x for x in lines if x["differs"] or x["one"] != same("")]}
    return render(request, "cases/merge_cases.html", context)
