"""Pages of compacts between regions."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongchou.station.access.context import actor
from tongchou.station.access.managers import require_any
from tongchou.station.desk.lists import Badge, Tone
from tongchou.station.incident.forms.desk_work import (
    AidForm,
    AlertForm,
    CompactForm,
    FiguresForm,
    RulesForm,
)
from tongchou.station.incident.models import AidRequest, Compact, SharedAlert
from tongchou.station.incident.rules.partners import TIERS, Mismatch, recognised
from tongchou.station.incident.rules.tables import _rows
from tongchou.station.incident.services import compacts
from tongchou.station.incident.services.standing import own_place
from tongchou.station.incident.views.attempt import attempt, form_page, typed
from tongchou.station.places.models import Place
from tongchou.vocabulary.text import Text, count, share

AID_TONES: dict[str, Tone] = {
    "asked": "info",
    "offered": "warn",
    "declined": "bad",
    "sent": "warn",
    "received": "good",
}


def item_names() -> dict[str, Text]:
    """Give the names of items."""
    return {r["item"]: Text(zh=r["zh"], en=r["en"]) for r in _rows("items.csv")}


def _compact(number: int) -> Compact:
    found = get_object_or_404(compacts.mine(), pk=number)
    compacts.member_of(found)
    return found


@require_GET
def all_compacts(request: HttpRequest) -> HttpResponse:
    """Show the compacts that this place takes part in."""
    require_any("incident.view")
    return render(
        request,
        "incident/compacts.html",
        {
            "compacts": compacts.mine().filter(members__place=own_place()),
            "may": "incident.direct" in actor().may,
        },
    )


@require_GET
def compact(request: HttpRequest, number: int) -> HttpResponse:
    """Show a compact: partners, alerts, where rules differ, who can help whom."""
    found = _compact(number)
    there = compacts.partners(found)
    names = {p.place.pk: p.place.name for p in there}
    items = item_names()
    pool = compacts.pool(there)
    agreed = [(p.place.pk, p.agreed and p.recognises_watch) for p in there]
    here = own_place()
    timely, of = compacts.share_acknowledged_in_time()
    context = {
        "compact": found,
        "partners": [
            {"partner": p, "recognised": p.place.pk != here.pk and recognised(agreed, here.pk, p.place.pk), "own": p.place.pk == here.pk}
            for p in there
        ],
        "joined": any(p.place.pk == here.pk and p.agreed for p in there),
        "mismatches": _differences(compacts.compare(there), names),
        "alerts": [
            {"alert": a, "incoming": a.place_id == here.pk, "badge": alert_badge(a)}
            for a in SharedAlert.objects.filter(compact=found).select_related("place", "from_place")[:30]
        ],
        "timely": "–" if timely is None else share(timely),
        "timely_of": of,
        "aid": [
            {"aid": a, "item": items.get(a.item, Text(zh=a.item, en=a.item)), "badge": Badge(a.state_name, AID_TONES[a.state]),
             "steps": _steps(a, here)}
            for a in AidRequest.objects.filter(compact=found).select_related("place", "from_place")[:30]
        ],
        "balance": _balance_rows(pool, names, items),
        "transfers": _transfers(pool, names, items),
        "may": "incident.direct" in actor().may,
    }  # fmt: skip
    return render(request, "incident/compact.html", context)


def _differences(found: list[Mismatch], names: dict[str, Text]) -> list[tuple[Text, list[Any]]]:
    """Group what differs, so that a page says first where and how much."""
    groups: dict[Text, list[Any]] = {}
    for m in found:
        row = {"point": m.point, "values": [(names[c], v) for c, v in m.values]}
        groups.setdefault(m.group, []).append(row)
    return list(groups.items())


def alert_badge(alert: SharedAlert) -> Badge:
    """Say whether an alert was acknowledged in time."""
    if alert.acknowledged_at is None:
        if alert.late:
            return Badge(Text(zh="未确认·已超时", en="not acknowledged, late"), "bad")
        return Badge(Text(zh="待确认", en="to acknowledge"), "info")
    if alert.late:
        return Badge(Text(zh="已确认（超时）", en="acknowledged late"), "warn")
    return Badge(Text(zh="已确认", en="acknowledged"), "good")


STEP_WORDS = {
    "offered": Text(zh="承诺支援", en="Offer"),
    "declined": Text(zh="无力支援", en="Decline"),
    "sent": Text(zh="已发出", en="Sent"),
    "received": Text(zh="已收到", en="Received"),
}


def _steps(aid: AidRequest, here: Place) -> list[tuple[str, Text]]:
    side, allowed = compacts.NEXT.get(aid.state, ("", ()))
    if not side or getattr(aid, f"{side}_id") != here.pk:
        return []
    return [(state, STEP_WORDS[state]) for state in allowed]


def _balance_rows(
    pool: Any, names: dict[str, Text], items: dict[str, Text]
) -> list[dict[str, object]]:
    if pool is None:
        return []
    return [
        {
            "place": names[r["place"]],
            "item": items.get(r["item"], Text(zh=r["item"], en=r["item"])),
            "days": "–" if r["days"] is None else f"{r['days']:.1f}",
            "surplus": count(r["surplus"]),
            "deficit": count(r["deficit"]),
            "floor": r["floor_deficit"] > 0,
        }
        for r in pool.table.iter_rows(named=True)
    ]


def _transfers(
    pool: Any, names: dict[str, Text], items: dict[str, Text]
) -> list[dict[str, object]]:
    if pool is None:
        return []
    return [
        {
            "item": items.get(r["item"], Text(zh=r["item"], en=r["item"])),
            "origin": names[r["origin"]],
            "destination": names[r["destination"]],
            "quantity": count(r["quantity"]),
            "reason": Text(zh=r["reason_zh"], en=r["reason_en"]),
        }
        for r in pool.transfers.iter_rows(named=True)
    ]


@require_http_methods(["GET", "POST"])
def new_compact(request: HttpRequest) -> HttpResponse:
    """Propose a compact."""
    require_any("incident.direct")

    def save(data: dict) -> str:
        partners = list(data.pop("partners"))
        made = compacts.found(Compact(**data), partners)
        return reverse("incident:compact", args=[made.pk])

    return form_page(
        request,
        CompactForm(own_place(), request.POST or None),
        save,
        title=Text(zh="建立区域协作", en="Propose a compact"),
        button=Text(zh="发起", en="Propose"),
        back=reverse("incident:compacts"),
        note=Text(
            zh="伙伴地区各自同意后才共享：预警、响应级别与措施、物资余缺。不共享个案。",
            en="Each partner joins by its own agreement. Shared are alerts, response levels and measures, and stocks; never cases.",
        ),
    )


@require_POST
def agree(request: HttpRequest, number: int) -> HttpResponse:
    """Join a compact."""
    found = _compact(number)
    attempt(request, lambda: compacts.agree(found), Text(zh="已加入。", en="Joined."))
    return redirect("incident:compact", number)


@require_http_methods(["GET", "POST"])
def rules(request: HttpRequest, number: int) -> HttpResponse:
    """Enter this place's rules."""
    require_any("incident.direct")
    found = _compact(number)
    member = compacts.member_of(found)
    initial = dict(member.rules) | {"recognises_watch": member.recognises_watch}

    def save(data: dict) -> str:
        compacts.enter_rules(
            found,
            level=data["level"],
            tiers={t: data[t] for t in TIERS},
            recognises_watch=data["recognises_watch"],
        )
        return reverse("incident:compact", args=[number])

    return form_page(
        request,
        RulesForm(request.POST or None, initial=initial),
        save,
        title=Text(zh="本地规则", en="Rules of this place"),
        button=Text(zh="保存", en="Save"),
        back=reverse("incident:compact", args=[number]),
    )


@require_http_methods(["GET", "POST"])
def figures(request: HttpRequest, number: int) -> HttpResponse:
    """Enter this place's stocks."""
    require_any("incident.direct")
    found = _compact(number)
    member = compacts.member_of(found)
    initial = {
        f"{item}_{kind}": value
        for item, pair in member.figures.items()
        for kind, value in zip(("held", "used"), pair, strict=True)
    }
    form = FiguresForm(request.POST or None, initial=initial, names=item_names())

    def save(data: dict) -> str:
        compacts.enter_figures(found, form.figures())
        return reverse("incident:compact", args=[number])

    return form_page(
        request,
        form,
        save,
        title=Text(zh="本地物资", en="Stocks of this place"),
        button=Text(zh="保存", en="Save"),
        back=reverse("incident:compact", args=[number]),
    )


@require_http_methods(["GET", "POST"])
def alert(request: HttpRequest, number: int) -> HttpResponse:
    """Share an alert with all partners."""
    require_any("incident.direct")
    found = _compact(number)

    def save(data: dict) -> str:
        compacts.share_alert(found, Text(zh=data["text_zh"], en=data["text_en"]))
        return reverse("incident:compact", args=[number])

    return form_page(
        request,
        AlertForm(request.POST or None),
        save,
        title=Text(zh="共享预警", en="Share an alert"),
        button=Text(zh="发送给所有伙伴", en="Send to all partners"),
        back=reverse("incident:compact", args=[number]),
        note=Text(
            zh="写地点、事件和请求的配合，不写个人信息。伙伴须在 1 小时内确认。",
            en="Say where, what, and what you ask; no personal data. Partners acknowledge within 1 hour.",
        ),
    )


@require_POST
def acknowledge(request: HttpRequest, number: int) -> HttpResponse:
    """Acknowledge an alert."""
    found = get_object_or_404(SharedAlert.objects.select_related("place", "from_place"), pk=number)
    attempt(
        request,
        lambda: compacts.acknowledge(found, typed(request, "note")),
        Text(zh="已确认。", en="Acknowledged."),
    )
    return redirect("incident:compact", found.compact_id)


@require_http_methods(["GET", "POST"])
def aid(request: HttpRequest, number: int) -> HttpResponse:
    """Ask a partner for aid."""
    require_any("incident.direct")
    found = _compact(number)
    here = own_place()
    others = [p.place.pk for p in compacts.partners(found) if p.agreed and p.place.pk != here.pk]

    def save(data: dict) -> str:
        compacts.ask_for_aid(found, AidRequest(**data))
        return reverse("incident:compact", args=[number])

    return form_page(
        request,
        AidForm(Place.objects.filter(pk__in=others), item_names(), request.POST or None),
        save,
        title=Text(zh="请求支援", en="Ask for aid"),
        button=Text(zh="发送", en="Send"),
        back=reverse("incident:compact", args=[number]),
    )


@require_POST
def aid_move(request: HttpRequest, number: int) -> HttpResponse:
    """Move a request for aid on."""
    found = get_object_or_404(AidRequest.objects.select_related("place", "from_place"), pk=number)
    offered = request.POST.get("offered", "")
    attempt(
        request,
        lambda: compacts.answer_aid(
            found,
            typed(request, "state", 12),
            offered=int(offered) if offered.isdecimal() and len(offered) < 10 else None,
            note=typed(request, "note"),
        ),
        Text(zh="已记录。", en="Recorded."),
    )
    return redirect("incident:compact", found.compact_id)
