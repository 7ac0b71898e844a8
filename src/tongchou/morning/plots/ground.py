"""What all drawings of results stand on: colours, typeface, axes, and how a drawing is saved.

An HTML page holds all it needs, asks no other address for anything, and shows the numbers beside
the drawing; SVG and PNG are the drawing alone.
"""

import json
import re
from collections.abc import Mapping, Sequence
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
from tongchou.morning.plots import words
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

FONT = f"Noto Sans CJK SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, {ink.FONT}"
"""Chinese as the mainland prints it wherever its typeface is installed, else that of the wheel."""
INK_OF_PAGE: Mapping[str, str] = {fixed: page for page, fixed in ink.INK.values() if "--" in page}
"""Fixed colour to the variable of the page's style sheet, which is light or dark as the reader has it."""

PLACES_DRAWN = 12
"""Places that one drawing holds; a table holds them all."""
ROWS_SHOWN = 5_000
"""Rows of numbers that a page holds."""
LEAST_WRITTEN, MOST_WRITTEN = 1e-4, 1e9
"""Numbers smaller or larger than these are written with a power of ten."""


def days(
    lang: Lang, field: str = "date", *, axis: Mapping[str, Any] | None = None, **more: Any
) -> alt.X:
    """Give the axis of dates, labelled as each language writes a day."""
    how = {
        "format": "%-m/%-d" if lang == "zh" else "%-d %b", "title": None, "tickCount": 6,
        "grid": False, "labelAngle": 0, "labelFlush": True, "labelOverlap": "greedy",
        "labelSeparation": 8, **(axis or {}),
    }  # fmt: skip
    return alt.X(f"{field}:T", scale=alt.Scale(type="utc", **more), axis=alt.Axis(**how))


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


def counts(title: str | None) -> alt.Axis:
    """Give the axis of a count of persons, whose ticks are whole."""
    return alt.Axis(title=title, tickCount=5, tickMinStep=1)


def marked(base: Any, text: str) -> Any:
    """Give a chart whose marks stand in the legend under ``text``, with :func:`legend`."""
    return base.transform_calculate(what=json.dumps(text))


def legend(texts: Sequence[str], inks: Sequence[str], **more: Any) -> alt.Color:
    """Give the colours of the marks that :func:`marked` named, in the order of the legend."""
    return alt.Color(
        "what:N",
        scale=alt.Scale(domain=list(texts), range=list(inks)),
        sort=list(texts),
        legend=alt.Legend(labelLimit=0, **more),
    )


def panels(
    layers: Any,
    frame: pl.DataFrame,
    weight: str | None = None,
    *,
    measure: str = "",
    lang: Lang = "zh",
    said: Sequence[str] = (),
    shared: bool = False,
) -> Any:
    """Give one panel for each place, or a single wide one where there is but one place.

    Parameters
    ----------
    layers
        The drawing of one place; it names no data.
    frame
        The result.
    weight
        Column by which places are chosen where there are more than a drawing holds.
    measure
        What the vertical axes of several panels show, said once above them.
    lang
        Language of what is said above the panels.
    said
        Further sentences above the drawing.
    shared
        Whether the panels share their vertical scale.
    """
    places = drawn_places(frame, weight)
    shown = frame.filter(pl.col("place").is_in(places))
    rows = alt.InlineData(values=[_json(row) for row in shown.to_dicts()])
    if len(places) == 1:
        return layers.properties(data=rows, width=720, height=320, usermeta={"said": [*said]})
    upward = _UPWARD_SHARED if shared else _UPWARD
    above = [upward.fill(measure=measure)[lang], *said] if measure else [*said]
    return (
        layers.properties(width=260, height=150)
        .facet(
            data=rows,
            facet=alt.Facet(
                "place:N", sort=places, title=None, header=alt.Header(labelFontSize=11)
            ),
            columns=3,
            bounds="flush",
            spacing={"row": 56, "column": 58},
        )
        .resolve_scale(y="independent")
        .resolve_axis(x="independent")
        .properties(usermeta={"drawn": len(places), "of": frame["place"].n_unique(), "said": above})
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
    spec = _specification(chart, lang, title if path.suffix.lower() != ".html" else None, frame)
    match path.suffix.lower():
        case ".html":
            path.write_text(_page(spec, lang, title, frame), encoding="utf-8")
        case ".svg":
            path.write_text(str(vlc.vegalite_to_svg(spec)), encoding="utf-8")
        case _:
            ink.register_fonts()
            path.write_bytes(bytes(vlc.vegalite_to_png(spec, scale=2)))


def nothing(lang: Lang) -> Any:
    """Give the drawing of a result without a row: a sentence."""
    mark = alt.Chart(alt.InlineData(values=[{}])).mark_text(
        align="left", x=0, fontSize=12, color=BLACK
    )
    return mark.encode(text=alt.value(_NOTHING[lang])).properties(width=420, height=40)


def _specification(
    chart: Any, lang: Lang, title: Text | None, frame: pl.DataFrame
) -> dict[str, Any]:
    with alt.data_transformers.enable("default", max_rows=None):
        spec: dict[str, Any] = chart.to_dict()
        if frame.is_empty() and not spec.get("usermeta", {}).get("speaks"):
            spec = nothing(lang).to_dict()
    if title is not None:
        above = [line for line in (left_out(spec, lang), *spoken(spec)) if line]
        spec["title"] = {"text": title[lang], **({"subtitle": above} if above else {})}
    axis = {
        "labelColor": BLACK, "titleColor": BLACK, "domainColor": FAINT, "tickColor": FAINT,
        "gridColor": HAIR, "gridWidth": 0.6, "labelFontSize": 11, "titleFontSize": 11,
        "titleFontWeight": "normal", "tickSize": 3,
    }  # fmt: skip
    spec["config"] = {
        "font": FONT,
        "axis": axis,
        "axisY": {"labelLimit": 420},
        "view": {"stroke": None},
        "background": PAPER,
        "padding": 6,
        "title": {
            "anchor": "start",
            "fontSize": 14,
            "color": BLACK,
            "offset": 12,
            "subtitleColor": BLACK,
            "subtitleFontSize": 11,
            "subtitlePadding": 6,
            "subtitleLineHeight": 16,
        },
        "header": {"labelColor": BLACK, "labelAnchor": "start", "labelFontWeight": "bold"},
        "legend": {
            "labelFontSize": 11,
            "orient": "top",
            "title": None,
            "labelColor": BLACK,
            "titleColor": BLACK,
            "titleFontSize": 11,
            "titleFontWeight": "normal",
            "titleOrient": "left",
            "symbolOpacity": 1,
        },
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


def spoken(spec: Mapping[str, Any]) -> list[str]:
    """Give the sentences that a drawing bears above it."""
    return list(spec.get("usermeta", {}).get("said", []))


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
    heads = [(words.heading(n, lang), not frame[n].dtype.is_numeric()) for n in frame.columns]
    return str(
        _template().render(
            lang=lang, title=title[lang], font=FONT, said=spoken(spec),
            heads=heads,
            left_out=left_out(spec, lang),
            rows=[
                [_written(cell, lang, name) for name, cell in zip(rows.columns, row, strict=True)]
                for row in rows.iter_rows()
            ],
            numbers=_NUMBERS.fill(n=f"{frame.height:,}")[lang],
            more=more if frame.height > ROWS_SHOWN else "",
            script=Markup(_unclosed(vlc.javascript_bundle())),  # type: ignore[call-arg] # its stub lacks the default
            spec=Markup(_unclosed(_inked(json.dumps(spec, ensure_ascii=False)))),
        )
    )  # fmt: skip


def _inked(spec: str) -> str:
    """Put the variables of the page's style sheet for the fixed colours of a picture."""
    return re.sub(r"#[0-9a-f]{6}", lambda m: INK_OF_PAGE.get(m.group(), m.group()), spec)


def _unclosed(script: str) -> str:
    """Keep a text inside a script element from ending it."""
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _written(cell: object, lang: Lang, column: str) -> str:
    match cell:
        case None:
            return "–"
        case bool():
            return (_YES if cell else _NO)[lang]
        case float() if cell and not LEAST_WRITTEN <= abs(cell) < MOST_WRITTEN:
            return f"{cell:.2e}"
        case float():
            return f"{cell:,.0f}" if cell.is_integer() else estimate(cell, 4)
        case int():
            return f"{cell:,}"
        case str():
            return words.said(column, cell, lang)
        case _:
            return str(cell)


_SOME = Text(
    zh="共 {of} 个地区，图中为数据最多的 {drawn} 个。",
    en="{drawn} of {of} places are drawn, those with most to show.",
)
_UPWARD = Text(
    zh="纵轴：{measure}；各图刻度不同。",
    en="Vertical axes: {measure}; each panel has its own scale.",
)
_UPWARD_SHARED = Text(zh="纵轴：{measure}。", en="Vertical axes: {measure}.")
_NOTHING = Text(
    zh="结果中没有可画的数字；原因见说明。",
    en="The result holds nothing to draw; the notes say why.",
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
