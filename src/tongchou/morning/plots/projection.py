"""The engine's outlook of one area: a panel for each of what it tells, median with two bands."""

from typing import Any

import polars as pl

from tongchou.morning.plots.forecast import forecast_chart
from tongchou.vocabulary.text import Lang, Text

LABELS = {
    "infections": Text(zh="新增感染（人/日）", en="new infections a day"),
    "confirmed": Text(zh="新增确诊（人/日）", en="newly confirmed a day"),
    "admissions": Text(zh="新增需住院（人/日）", en="newly in need of a bed a day"),
    "ward": Text(zh="住院（人）", en="on wards"),
    "icu": Text(zh="重症监护（人）", en="in intensive care"),
    "waiting": Text(zh="待床（人）", en="waiting for a bed"),
    "deaths": Text(zh="死亡（人/日）", en="deaths a day"),
}

_MEASURE = Text(zh="人数，见各图标题", en="persons, as each panel says")


def projection_chart(frame: pl.DataFrame, place: str, lang: Lang) -> Any:
    """Give the drawing of one place.

    Parameters
    ----------
    frame
        Columns ``variable, place, date, mean, q025, q25, median, q75, q975``.
    place
        Code of the place drawn.
    lang
        Language of the panels.
    """
    named = {k: v[lang] for k, v in LABELS.items()}
    rows = frame.filter(pl.col("place") == place).with_columns(
        place=pl.col("variable").replace_strict(named)
    )
    return forecast_chart(rows.drop("variable"), lang, _MEASURE)
