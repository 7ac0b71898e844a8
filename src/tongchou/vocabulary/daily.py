"""Daily counts over place × date: one shape, and one refusal when the shape is broken."""

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text, join

ONE_DAY = np.timedelta64(1, "D")


def daily_counts(counts: xr.DataArray, name: str) -> xr.DataArray:
    """Give counts as ``(place, date)`` floats, or refuse them with every fault named.

    Dates must follow each other day by day, and no count may be missing or negative: a missing
    report is filled in sight (:func:`tongchou.surveillance.incidence.fill_gaps`), a negative one is
    a correction (:func:`tongchou.surveillance.incidence.daily_new`).

    Parameters
    ----------
    counts : DataArray (place, date), persons per day
        In either order of dimensions.
    name
        What the caller calls them, for the message.

    Raises
    ------
    BadParameter
        With all faults in one sentence.
    """
    faults = _shape_faults(counts)
    if not faults:
        counts = counts.transpose("place", "date").astype(float)
        faults = _value_faults(counts)
    if faults:
        raise BadParameter(name, f"({', '.join(map(str, counts.dims))})", _sentence(faults))
    return counts


def _shape_faults(counts: xr.DataArray) -> list[Text]:
    if set(counts.dims) != {"place", "date"}:
        return [Text(zh="维度必须是 place 与 date", en="the dimensions must be place and date")]
    steps = np.diff(counts["date"].to_numpy().astype("datetime64[D]"))
    if not (steps == ONE_DAY).all():
        return [
            Text(
                zh="日期必须逐日连续，可先用 reindex 补齐",
                en="dates must follow day by day; complete them with reindex",
            )
        ]
    return []


def _value_faults(counts: xr.DataArray) -> list[Text]:
    values = counts.to_numpy()
    faults = []
    if (missing := np.isnan(values)).any():
        where = _first_places(counts, missing)
        faults.append(
            Text(
                zh=f"缺报 {missing.sum()} 处（如 {where}），请先用 fill_gaps 补缺并标明",
                en=f"{missing.sum()} reports are missing (such as {where}); fill them in sight with fill_gaps",
            )
        )
    if (negative := values < 0).any():
        where = _first_places(counts, negative)
        faults.append(
            Text(
                zh=f"负值 {negative.sum()} 处（如 {where}），请先用 daily_new 把更正数分开",
                en=f"{negative.sum()} counts are negative (such as {where}); set corrections apart with daily_new",
            )
        )
    return faults


def _first_places(counts: xr.DataArray, where: npt.NDArray[np.bool_]) -> str:
    rows = np.flatnonzero(where.any(axis=1))[:3]
    return ", ".join(str(place) for place in counts["place"].to_numpy()[rows])


def _sentence(faults: list[Text]) -> Text:
    listed = join(faults)
    return Text(
        zh=f"{listed.zh}。否则估计会悄悄出错。",
        en=f"{listed.en}. Otherwise the estimate would be wrong without a sign of it.",
    )
