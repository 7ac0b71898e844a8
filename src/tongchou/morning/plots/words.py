"""Words of the tables beside the drawings: columns, and what stands in their cells, as a reader says it."""

from collections.abc import Mapping
from functools import cache

from tongchou.surveillance.delays import EARLIES, STEPS
from tongchou.surveillance.timeliness.late import LATE_STANDINGS, service_levels
from tongchou.surveillance.timeliness.strata import BASES
from tongchou.vocabulary.text import Lang, Text

METHODS = {
    "naive": Text(zh="粗率（未校正）", en="naive"),
    "closed": Text(zh="仅已结案", en="closed cases"),
    "adjusted": Text(zh="校正延迟", en="adjusted for delay"),
    "competing": Text(zh="竞争结局", en="competing outcomes"),
}
"""Ways to compute severity."""
MODELS = {
    "renewal": Text(zh="更新方程", en="renewal"),
    "ensemble": Text(zh="集合", en="ensemble"),
    "persistence": Text(zh="持续性", en="persistence"),
    "random_walk": Text(zh="对数随机游走", en="random walk of logs"),
    "damped_trend": Text(zh="阻尼趋势", en="damped trend"),
    "weekday": Text(zh="上周同日", en="same weekday"),
}
"""Forecasts."""
_FAMILIES = {
    "gamma": Text(zh="伽马", en="gamma"),
    "lognormal": Text(zh="对数正态", en="lognormal"),
    "weibull": Text(zh="韦布尔", en="Weibull"),
}
_ALL = Text(zh="合计", en="all")


@cache
def _cells() -> dict[tuple[str, str], Text]:
    words: dict[str, Mapping[str, Text]] = {
        "method": METHODS,
        "model": MODELS,
        "family": _FAMILIES,
        "basis": BASES,
        "delay": {span.name: span.label for span in (*EARLIES, *STEPS)},
        "standing": {str(k): v for k, v in LATE_STANDINGS.items()},
        "clock": {k: v.label for k, v in service_levels().items()},
    }
    return {(column, code): text for column, of in words.items() for code, text in of.items()}


def said(column: str, code: str, lang: Lang) -> str:
    """Give what stands in a cell as a reader says it: a word for a code, all else as it is.

    >>> said("method", "naive", "zh"), said("place", "all", "zh"), said("place", "武汉", "en")
    ('粗率（未校正）', '合计', '武汉')
    """
    found = _cells().get((column, code))
    if found is None and code == "all":
        return _ALL[lang]
    return found[lang] if found is not None else code


def heading(column: str, lang: Lang) -> str:
    """Give the name of a column in words, or the column's own where it has none.

    >>> heading("q025", "en"), heading("发病", "en")
    ('lower 2.5%', '发病')
    """
    return HEADINGS[column][lang] if column in HEADINGS else column


HEADINGS: Mapping[str, Text] = {
    "place": Text(zh="地区", en="place"),
    "date": Text(zh="日期", en="date"),
    "week": Text(zh="周（首日）", en="week of"),
    "mean": Text(zh="均值", en="mean"),
    "sd": Text(zh="标准差", en="sd"),
    "q025": Text(zh="下限 2.5%", en="lower 2.5%"),
    "q25": Text(zh="下限 25%", en="lower 25%"),
    "median": Text(zh="中位数", en="median"),
    "q75": Text(zh="上限 75%", en="upper 75%"),
    "q975": Text(zh="上限 97.5%", en="upper 97.5%"),
    "observed": Text(zh="观察", en="observed"),
    "expected": Text(zh="预期", en="expected"),
    "threshold": Text(zh="阈值", en="threshold"),
    "score": Text(zh="得分", en="score"),
    "alarm": Text(zh="预警", en="alarm"),
    "reported": Text(zh="已报告", en="reported"),
    "estimate": Text(zh="估计", en="estimate"),
    "group": Text(zh="分组", en="group"),
    "method": Text(zh="方法", en="method"),
    "cases": Text(zh="病例", en="cases"),
    "events": Text(zh="结局", en="events"),
    "known": Text(zh="已知", en="known"),
    "model": Text(zh="模型", en="model"),
    "ahead": Text(zh="第几天", en="days ahead"),
    "n": Text(zh="次数", en="n"),
    "wis": Text(zh="WIS", en="WIS"),
    "ratio": Text(zh="与持续性之比", en="ratio to persistence"),
    "log_wis": Text(zh="WIS（对数）", en="WIS of logs"),
    "log_ratio": Text(zh="对数之比", en="ratio of logs"),
    "in50": Text(zh="50%区间内", en="in 50%"),
    "in95": Text(zh="95%区间内", en="in 95%"),
    "delay": Text(zh="时延", en="delay"),
    "measured": Text(zh="可测例数", en="measured"),
    "before": Text(zh="早于开始", en="before the start"),
    "fault": Text(zh="日期颠倒", en="dates reversed"),
    "open": Text(zh="未结束", en="open"),
    "unknown": Text(zh="不明", en="not known"),
    "same_day": Text(zh="同日", en="same day"),
    "observed_mean": Text(zh="所见均值", en="mean as seen"),
    "observed_median": Text(zh="所见中位数", en="median as seen"),
    "basis": Text(zh="依据", en="fitted to"),
    "fitted": Text(zh="拟合例数", en="cases fitted"),
    "family": Text(zh="分布", en="distribution"),
    "rivals": Text(zh="相近的分布", en="about as good"),
    "mean_low": Text(zh="均值下限", en="mean, lower"),
    "mean_high": Text(zh="均值上限", en="mean, upper"),
    "sd_low": Text(zh="标准差下限", en="sd, lower"),
    "sd_high": Text(zh="标准差上限", en="sd, upper"),
    "median_low": Text(zh="中位数下限", en="median, lower"),
    "median_high": Text(zh="中位数上限", en="median, upper"),
    "p90": Text(zh="第90百分位", en="90th percentile"),
    "p90_low": Text(zh="第90百分位下限", en="90th, lower"),
    "p90_high": Text(zh="第90百分位上限", en="90th, upper"),
    "p95": Text(zh="第95百分位", en="95th percentile"),
    "p95_low": Text(zh="第95百分位下限", en="95th, lower"),
    "p95_high": Text(zh="第95百分位上限", en="95th, upper"),
    "per_case": Text(zh="每例天数", en="days per case"),
    "lost": Text(zh="合计天数", en="days in all"),
    "slowest": Text(zh="最费时", en="slowest"),
    "case_id": Text(zh="病例编号", en="case"),
    "clock": Text(zh="时限", en="service level"),
    "early": Text(zh="四早", en="early"),
    "started_on": Text(zh="开始", en="started"),
    "ended_on": Text(zh="完成", en="ended"),
    "standing": Text(zh="状态", en="standing"),
    "days": Text(zh="天数", en="days"),
    "days_late": Text(zh="超时天数", en="days late"),
    "confirmed": Text(zh="确诊", en="confirmed"),
    "inside": Text(zh="隔离中发现", en="found inside"),
    "share": Text(zh="比例", en="share"),
    "low": Text(zh="下限", en="lower"),
    "high": Text(zh="上限", en="upper"),
    "cluster": Text(zh="序号", en="cluster"),
    "centre": Text(zh="中心", en="centre"),
    "radius_km": Text(zh="半径（千米）", en="radius, km"),
    "places": Text(zh="地区数", en="places"),
    "first": Text(zh="首日", en="first day"),
    "last": Text(zh="末日", en="last day"),
    "relative_risk": Text(zh="相对危险", en="relative risk"),
    "p_value": Text(zh="P 值", en="p"),
    "recurrence_days": Text(zh="重现间隔（天）", en="recurrence, days"),
    "households": Text(zh="户数", en="households"),
    "settings": Text(zh="场所", en="settings"),
    "kinds": Text(zh="类别", en="kinds"),
    "index_case": Text(zh="首发病例", en="index case"),
    "first_on": Text(zh="首日", en="first day"),
    "last_on": Text(zh="末日", en="last day"),
    "days_since_last": Text(zh="距末例天数", en="days since the last"),
    "last_7_days": Text(zh="近7日", en="last 7 days"),
    "week_before": Text(zh="前7日", en="the 7 before"),
    "growth": Text(zh="增长倍数", en="growth"),
    "generations": Text(zh="代数", en="generations"),
    "infector": Text(zh="传染者", en="infector"),
    "infectee": Text(zh="被传染者", en="infectee"),
    "probability": Text(zh="概率", en="probability"),
    "listed": Text(zh="已列", en="listed"),
    "serial_interval_days": Text(zh="序列间隔（天）", en="serial interval, days"),
    "infectee_on": Text(zh="发病", en="fell ill"),
    "dated": Text(zh="发病日已知", en="onset known"),
    "shown": Text(zh="图中首选", en="likeliest"),
}
"""Columns of the results in words."""
