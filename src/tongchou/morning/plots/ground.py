"""What all drawings of results stand on: colours, typeface, axes, and how a drawing is saved.

An HTML page holds all it needs, asks no other address for anything, and shows the numbers beside
the drawing; SVG and PNG are the drawing alone.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import altair as alt
import polars as pl
import vl_convert as vlc
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tongchou.morning.documents import ink
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Lang, Text, estimate

BLACK, FAINT, HAIR, REPORTED, FAN50, FAN95, FORECAST, ACCENT, PAPER = (
    ink.INK[stand_in][1]
    for stand_in in (
        ink.BLACK,
        ink.FAINT,
        ink.HAIR,
        ink.REPORTED,
        ink.FAN50,
        ink.FAN95,
        ink.FORECAST,
        ink.ACCENT,
        ink.PAPER,
    )
)
"""Colours: text, small marks, hairlines, reported counts, half and 95 % bands, estimates, alarms."""

PLACES_DRAWN = 12
"""Places that one drawing holds; a table holds them all."""
ROWS_SHOWN = 5_000
"""Rows of numbers that a page holds."""

HEADINGS: Mapping[str, Text] = {
    "place": Text(zh="地区", en="place"),
    "date": Text(zh="日期", en="date"),
    "mean": Text(zh="均值", en="mean"),
    "sd": Text(zh="标准差", en="sd"),
    "q025": Text(zh="下限 2.5%", en="lower 2.5%"),
    "median": Text(zh="中位数", en="median"),
    "q975": Text(zh="上限 97.5%", en="upper 97.5%"),
    "observed": Text(zh="观察", en="observed"),
    "expected": Text(zh="预期", en="expected"),
    "threshold": Text(zh="阈值", en="threshold"),
    "score": Text(zh="得分", en="score"),
    "alarm": Text(zh="预警", en="alarm"),
    "reported": Text(zh="已报告", en="reported"),
    "estimate": Text(zh="估计", en="estimate"),
    "q25": Text(zh="下限 25%", en="lower 25%"),
    "q75": Text(zh="上限 75%", en="upper 75%"),
    "group": Text(zh="分组", en="group"),
    "method": Text(zh="方法", en="method"),
    "cases": Text(zh="病例", en="cases"),
    "events": Text(zh="结局", en="events"),
    "known": Text(zh="已知结局", en="known outcomes"),
    "model": Text(zh="模型", en="model"),
    "ahead": Text(zh="第几天", en="days ahead"),
    "n": Text(zh="次数", en="n"),
    "wis": Text(zh="WIS", en="WIS"),
    "ratio": Text(zh="与持续性之比", en="ratio to persistence"),
    "log_wis": Text(zh="WIS（对数）", en="WIS of logs"),
    "log_ratio": Text(zh="对数之比", en="ratio of logs"),
    "in50": Text(zh="50%区间内", en="in 50%"),
    "in95": Text(zh="95%区间内", en="in 95%"),
}


def days(lang: Lang, field: str = "date", **more: Any) -> alt.X:
    """Give the axis of dates, labelled as each language writes a day."""
    axis = alt.Axis(
        format="%-m/%-d" if lang == "zh" else "%-d %b", title=None, tickCount=6, grid=False,
        labelAngle=0, labelFlush=True, labelOverlap=True,
    )  # fmt: skip
    return alt.X(f"{field}:T", scale=alt.Scale(type="utc", **more), axis=axis)


def drawn_places(frame: pl.DataFrame, weight: str | None = None) -> list[str]:
    """Give the places that a drawing shows: all, or those with the most of ``weight``.

    >>> frame = pl.DataFrame({"place": ["a", "b", "b"], "reported": [5, 1, 1]})
    >>> drawn_places(frame, "reported")
    ['a', 'b']
    """
    measure = pl.len() if weight is None else pl.col(weight).sum()
    ranked = frame.group_by("place", maintain_order=True).agg(by=measure)
    if ranked.height > PLACES_DRAWN:
        ranked = ranked.sort("by", descending=True, maintain_order=True).head(PLACES_DRAWN)
    chosen = set(ranked["place"])
    return [place for place in frame["place"].unique(maintain_order=True) if place in chosen]


def panels(layers: Any, frame: pl.DataFrame, weight: str | None = None) -> Any:
    """Give one panel for each place, or a single wide one where there is but one place.

    Parameters
    ----------
    layers
        The drawing of one place; it names no data.
    frame
        The result.
    weight
        Column by which places are chosen where there are more than a drawing holds.
    """
    places = drawn_places(frame, weight)
    data = frame.filter(pl.col("place").is_in(places)).to_dicts()
    rows = alt.InlineData(values=[_json(row) for row in data])
    if len(places) == 1:
        return layers.properties(data=rows, width=720, height=320)
    return (
        layers.properties(width=260, height=150)
        .facet(
            data=rows,
            facet=alt.Facet(
                "place:N", sort=places, title=None, header=alt.Header(labelFontSize=11)
            ),
            columns=3,
        )
        .resolve_scale(y="independent")
        .resolve_axis(x="independent")
        .properties(usermeta={"drawn": len(places), "of": frame["place"].n_unique()})
    )


def _json(row: Mapping[str, object]) -> dict[str, object]:
    return {
        name: value.isoformat() if isinstance(value, date | datetime) else value
        for name, value in row.items()
    }


def save(chart: Any, path: Path, lang: Lang, title: Text, frame: pl.DataFrame) -> None:
    """Write a drawing as HTML page, SVG or PNG, by the name of the file.

    Parameters
    ----------
    chart
        An Altair chart.
    path
        Ends in ``.html``, ``.svg`` or ``.png``.
    lang
        Language of the page.
    title
        Stands above the drawing.
    frame
        The numbers drawn, which the page shows as a table.

    Raises
    ------
    BadParameter
        If the name ends otherwise, or its folder is not there.
    """
    if path.suffix.lower() not in (".html", ".svg", ".png"):
        raise BadParameter("--plot", path.name, _SUFFIX)
    if not path.parent.is_dir():
        raise BadParameter("--plot", str(path), _FOLDER)
    spec = _specification(chart, lang, title if path.suffix.lower() != ".html" else None)
    match path.suffix.lower():
        case ".html":
            path.write_text(_page(spec, lang, title, frame), encoding="utf-8")
        case ".svg":
            path.write_text(str(vlc.vegalite_to_svg(spec)), encoding="utf-8")
        case _:
            ink.register_fonts()
            path.write_bytes(bytes(vlc.vegalite_to_png(spec, scale=2)))


def _specification(chart: Any, lang: Lang, title: Text | None) -> dict[str, Any]:
    with alt.data_transformers.enable("default", max_rows=None):
        spec: dict[str, Any] = chart.to_dict()
    if title is not None:
        spec["title"] = {"text": title[lang], "subtitle": left_out(spec, lang)}
    axis = {
        "labelColor": BLACK, "titleColor": BLACK, "domainColor": FAINT, "tickColor": FAINT,
        "gridColor": HAIR, "gridWidth": 0.6, "labelFontSize": 11, "titleFontSize": 11,
        "titleFontWeight": "normal", "tickSize": 3,
    }  # fmt: skip
    spec["config"] = {
        "font": ink.FONT,
        "axis": axis,
        "view": {"stroke": None},
        "background": PAPER,
        "padding": 6,
        "title": {
            "anchor": "start",
            "fontSize": 14,
            "color": BLACK,
            "offset": 12,
            "subtitleColor": FAINT,
            "subtitleFontSize": 11,
        },
        "header": {"labelColor": BLACK, "labelAnchor": "start", "labelFontWeight": "bold"},
        "legend": {"labelFontSize": 11, "orient": "top", "title": None, "labelColor": BLACK},
    }
    return spec


def left_out(spec: Mapping[str, Any], lang: Lang) -> str:
    """Say how many places a drawing leaves out, nothing where it shows them all.

    >>> left_out({"usermeta": {"drawn": 12, "of": 340}}, "en")
    '12 of 340 places are drawn, those with most to show.'
    """
    counts = spec.get("usermeta", {})
    if counts.get("drawn", 0) >= counts.get("of", 0):
        return ""
    return _SOME.fill(drawn=counts["drawn"], of=f"{counts['of']:,}")[lang]


@cache
def _template() -> Any:
    environment = Environment(
        loader=PackageLoader("tongchou.morning", "plots/templates"),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True,
    )  # fmt: skip
    return environment.get_template("plot.html.j2")


def _page(spec: Mapping[str, Any], lang: Lang, title: Text, frame: pl.DataFrame) -> str:
    rows = frame.head(ROWS_SHOWN)
    more = _MORE.fill(n=f"{ROWS_SHOWN:,}", all=f"{frame.height:,}")[lang]
    heads = [(_heading(n, lang), not frame[n].dtype.is_numeric()) for n in frame.columns]
    return str(
        _template().render(
            lang=lang, title=title[lang], font=ink.FONT,
            ink={"paper": PAPER, "ink": BLACK, "hair": HAIR, "soft": FAINT, "forecast": FORECAST},
            heads=heads,
            left_out=left_out(spec, lang),
            rows=[[_written(cell, lang) for cell in row] for row in rows.iter_rows()],
            numbers=_NUMBERS.fill(n=f"{frame.height:,}")[lang],
            more=more if frame.height > ROWS_SHOWN else "",
            script=Markup(_unclosed(vlc.javascript_bundle())),  # type: ignore[call-arg] # its stub lacks the default
            spec=Markup(_unclosed(json.dumps(spec, ensure_ascii=False))),
        )
    )  # fmt: skip


def _unclosed(script: str) -> str:
    """Keep a text inside a script element from ending it."""
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _heading(name: str, lang: Lang) -> str:
    return HEADINGS[name][lang] if name in HEADINGS else name


def _written(cell: object, lang: Lang) -> str:
    match cell:
        case None:
            return "–"
        case bool():
            return (_YES if cell else _NO)[lang]
        case float():
            return f"{cell:.0f}" if cell.is_integer() else estimate(cell, 4)
        case _:
            return str(cell)


_SOME = Text(
    zh="共 {of} 个地区，图中为数据最多的 {drawn} 个。",
    en="{drawn} of {of} places are drawn, those with most to show.",
)
_YES, _NO = Text(zh="是", en="yes"), Text(zh="否", en="no")
_NUMBERS = Text(zh="数字（{n} 行）", en="The numbers ({n} rows)")
_MORE = Text(
    zh="此处列出前 {n} 行，共 {all} 行；全部见 --out 写出的表。",
    en="The first {n} of {all} rows; --out writes them all.",
)
_SUFFIX = Text(
    zh="图写成网页、SVG 或 PNG，请让文件名以 .html、.svg 或 .png 结尾。",
    en="drawings are written as a page, SVG or PNG; let the name end in .html, .svg or .png.",
)
_FOLDER = Text(zh="没有这个文件夹，请先建立。", en="its folder is not there; make it first.")
