"""Lists of the administration: posts of the area, entries of the audit trail."""

from typing import Any

from django.db.models import Q
from django.urls import reverse

from tongchou.station.access.roles import ROLE_NAMES, Role, actions
from tongchou.station.administration import services
from tongchou.station.audit.models import Entry, Outcome
from tongchou.station.desk.lists import Column, Filter, ListSpec, register_list
from tongchou.station.places.names import query_key
from tongchou.vocabulary.text import Text

_POSTS = Text(zh="用户与岗位", en="Users and posts")
_OUTCOMES = {
    Outcome.DONE: Text(zh="已做", en="done"),
    Outcome.REFUSED: Text(zh="被拒", en="refused"),
}
_CHANNELS = {
    "web": Text(zh="网页", en="pages"),
    "api": Text(zh="接口", en="interface"),
    "job": Text(zh="后台作业", en="job"),
}


def words_of(entry: Entry) -> dict[str, Text | str]:
    """Give the outcome and the way of an entry in words."""
    return {
        "outcome": _OUTCOMES[Outcome(entry.outcome)],
        "channel": _CHANNELS.get(entry.channel, entry.channel or "–"),
    }


def register() -> None:
    """Make the lists known to the desk."""
    register_list(
        ListSpec(
            name="posts",
            title=_POSTS,
            action=services.MANAGE,
            rows=services.posts_here,
            columns=(
                Column(
                    "username",
                    Text(zh="用户名", en="Username"),
                    value=lambda p: p.user.username,
                    sort="user__username",
                ),
                Column(
                    "name",
                    Text(zh="姓名", en="Name"),
                    value=lambda p: p.user.display_name,
                    sort="user__display_name",
                ),
                Column(
                    "role",
                    Text(zh="岗位", en="Role"),
                    value=lambda p: ROLE_NAMES[Role(p.role)],
                    sort="role",
                ),
                Column(
                    "place",
                    Text(zh="地区", en="Place"),
                    value=lambda p: p.place.name,
                    sort="place__path",
                ),
                Column(
                    "unit",
                    Text(zh="单位", en="Unit"),
                    value=lambda p: p.unit.name if p.unit else "",
                ),
                Column("starts", Text(zh="到任", en="From"), kind="date", sort="starts"),
                Column("ends", Text(zh="离任", en="Until"), kind="date", sort="ends"),
            ),
            filters=(
                Filter(
                    "role",
                    Text(zh="岗位", en="Role"),
                    kind="choice",
                    choices=tuple((r.value, name) for r, name in ROLE_NAMES.items()),
                    apply=lambda rows, value: rows.filter(role=value),
                ),
                Filter(
                    "in_force",
                    Text(zh="只看在任", en="In force only"),
                    kind="flag",
                    apply=lambda rows, value: rows.in_force(),
                ),
            ),
            order=("user__username", "id"),
            row_url=lambda p: reverse("administration:user", args=[p.user.username]),
            find=_find_posts,
        )
    )
    register_list(
        ListSpec(
            name="audit",
            title=Text(zh="审计记录", en="Audit trail"),
            action="audit.view",
            rows=Entry.objects.all,
            columns=(
                Column("seq", Text(zh="序号", en="Number"), kind="count", sort="seq"),
                Column("at", Text(zh="时间", en="Time"), kind="datetime", sort="seq"),
                Column("actor", Text(zh="操作者", en="Who")),
                Column(
                    "channel",
                    Text(zh="途径", en="Way"),
                    value=lambda e: _CHANNELS.get(e.channel, e.channel),
                ),
                Column("action", Text(zh="动作", en="What"), value=_meaning),
                Column("resource", Text(zh="对象", en="On what")),
                Column(
                    "outcome", Text(zh="结果", en="Outcome"), value=lambda e: _OUTCOMES[e.outcome]
                ),
            ),
            filters=(
                Filter(
                    "action",
                    Text(zh="动作", en="What"),
                    kind="choice",
                    choices=tuple((name, a.meaning) for name, a in actions().items()),
                    apply=lambda rows, value: rows.filter(action=value),
                ),
                Filter(
                    "outcome",
                    Text(zh="结果", en="Outcome"),
                    kind="choice",
                    choices=tuple((o.value, text) for o, text in _OUTCOMES.items()),
                    apply=lambda rows, value: rows.filter(outcome=value),
                ),
                Filter("on", Text(zh="日期", en="Day"), kind="dates", apply=_between),
            ),
            order=("-seq",),
            row_url=lambda e: reverse("administration:entry", args=[e.seq]),
            find=lambda rows, typed: rows.filter(
                Q(actor__icontains=typed) | Q(resource__icontains=typed)
            ),
        )
    )


def _meaning(entry: Entry) -> Text:
    found = actions().get(entry.action)
    return (
        found.meaning if found else _OWN.get(entry.action, Text(zh=entry.action, en=entry.action))
    )


def _find_posts(rows: Any, typed: str) -> Any:
    return rows.filter(
        Q(user__username__icontains=typed)
        | Q(user__display_name__icontains=typed)
        | Q(place__search__contains=query_key(typed))
    )


def _between(rows: Any, value: tuple[Any, Any]) -> Any:
    first, last = value
    if first:
        rows = rows.filter(at__date__gte=first)
    return rows.filter(at__date__lte=last) if last else rows


_OWN = {
    "accounts.sign_in": Text(zh="登录", en="sign in"),
    "accounts.sign_out": Text(zh="退出", en="sign out"),
}
