"""Three plain sentences made from the numbers: what changed, what matters most, what to decide."""

from tongchou.morning.order import Decision
from tongchou.morning.outlook import Outlook
from tongchou.morning.picture import Picture
from tongchou.vocabulary.text import Text, cases, count, day, estimate, share, signed


def headline(
    picture: Picture, outlook: Outlook, decisions: tuple[Decision, ...], further: int
) -> tuple[Text, Text, Text]:
    """Give the three sentences; no adjective that a number does not carry."""
    return (
        what_changed(picture),
        what_matters(picture, outlook),
        what_to_decide(decisions, further),
    )


def what_changed(picture: Picture) -> Text:
    """Say today's new cases against yesterday and a week ago, and the tiers that moved."""
    place = picture.scope.place
    new = picture.new.sel(place=place).to_numpy()
    moved = picture.tiers.frame["change"].to_list()
    return Text(
        zh="截至{d}24时，{a}累计确诊 {t} 例，当日新增 {n} 例（比前一日 {y}，比7日前 {w}）；{up} 个单位风险等级上调，{down} 个下调。",
        en="By 24:00 on {d} confirmed cases in {a}: {t}, new that day: {n} ({y} on the day before, {w} on seven days ago); units moved up a risk tier: {up}, down: {down}.",
    ).fill(
        d=day(picture.situation.cut),
        a=picture.scope.name,
        t=count(picture.total("confirmed")),
        n=count(float(new[-1])),
        y=signed(float(new[-1] - new[-2])) if new.size > 1 else "–",
        w=signed(float(new[-1] - new[-8])) if new.size > 7 else "–",
        up=moved.count("up"),
        down=moved.count("down"),
    )


def what_matters(picture: Picture, outlook: Outlook) -> Text:
    """Say R, where the cases are, where R is above one, and what the forecast says."""
    scope = picture.scope
    rt = picture.rt.isel(date=-1)
    week = picture.analytic.isel(date=slice(-7, None)).sum("date")
    below = scope.areas or scope.units
    rising = [a for a in below if float(rt["q025"].sel(place=a)) > 1]
    total = float(week.sel(place=scope.place))
    most = max(below, key=lambda a: float(week.sel(place=a)))
    part = float(week.sel(place=most)) / total if total else float("nan")
    own = rt.sel(place=scope.place)
    r = (
        Text(zh="R 为 {m}（{lo}～{hi}）", en="R is {m} ({lo} to {hi})").fill(
            m=estimate(float(own["median"])),
            lo=estimate(float(own["q025"])),
            hi=estimate(float(own["q975"])),
        )
        if bool(own["usable"])
        else Text(zh="病例不足以估计 R", en="too few cases to estimate R")
    )
    where = _where(scope.areas, total, part, scope.names[most], len(rising))
    return Text(
        zh="{r}；{w}今后14日预计新增 {f} 例（95% 区间 {lo}～{hi}）。",
        en="{r}; {w}new cases expected in the next 14 days: {f} (95 % interval {lo} to {hi}).",
    ).fill(
        r=r,
        w=where,
        f=cases(outlook.total(scope.place)),
        lo=cases(outlook.total(scope.place, 0.025)),
        hi=cases(outlook.total(scope.place, 0.975)),
    )


def _where(areas: tuple[str, ...], total: float, part: float, most: Text, rising: int) -> Text:
    """Say where the week's cases are; nothing of a place without parts, or without cases."""
    if total <= 0:
        return Text(zh="近7日无新增；", en="no new case in seven days; ")
    if not areas:
        return Text(zh="", en="")
    return Text(
        zh="近7日新增的 {s} 在{p}，R 的下限高于1的地区 {k} 个；",
        en="{s} of the new cases of seven days are in {p}; areas with the lower bound of R above 1: {k}; ",
    ).fill(s=share(part), p=most, k=rising)


def what_to_decide(decisions: tuple[Decision, ...], further: int) -> Text:
    """Say how many decisions wait, which comes first, and how many stand in the annexes only."""
    if not decisions:
        return Text(
            zh="今日没有需要签署的决定。",
            en="No decision waits for a signature today.",
        )
    first = decisions[0]
    more = (
        Text(zh="", en="")
        if further == 0
        else Text(
            zh="；另有 {n} 项危害较小，未列入", en="; further ones of less harm, not listed: {n}"
        ).fill(n=further)
    )
    return Text(
        zh="今日须决定 {n} 项，首项：{f}{m}。",
        en="Decisions that wait today: {n}, the first: {f}{m}.",
    ).fill(n=len(decisions), f=first.sentence, m=more)
