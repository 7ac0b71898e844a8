"""The situation: what was known that night, frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr

from tongchou.situation import corrections as corrections_of
from tongchou.situation.contract import TableContract, contract
from tongchou.vocabulary.errors import BadParameter, MissingData
from tongchou.vocabulary.places import Gazetteer
from tongchou.vocabulary.text import Text

Cells = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where the rows of a situation come from.

    ``digests`` is the SHA-256 of each file of the pack; ``published`` are the totals that the
    producer of the pack checked, with what was published at the time.
    """

    pack: str
    title: Text
    synthetic: bool
    licence: Text
    sources: tuple[str, ...]
    digests: Mapping[str, str]
    root: str
    first: date
    last: date
    published: pl.DataFrame
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A frozen set of typed tables at a cut-off: all that was known by 24:00 of ``cut``.

    Tables are Polars frames after the data contract. A table that the pack does not hold is not
    there, and asking for it raises :class:`MissingData`: nothing is made up. ``received`` holds
    every row of the pack, later ones too; read tables through :meth:`table`, which applies the
    cut-off.
    """

    origin: Origin
    cut: date
    gazetteer: Gazetteer
    received: Mapping[str, pl.DataFrame]
    known_corrections: pl.DataFrame
    _views: dict[str, pl.DataFrame] = field(default_factory=dict, compare=False, repr=False)
    _settled: dict[str, tuple[pl.DataFrame, bool]] = field(
        default_factory=dict, compare=False, repr=False
    )

    @property
    def corrections(self) -> pl.DataFrame:
        """The corrections that were known at the cut-off."""
        return corrections_of.known_at(self.known_corrections, self.cut)

    def has(self, table: str) -> bool:
        """Whether the situation holds at least one row of a table."""
        return not self._view(table).is_empty()

    def table(self, name: str, needed_for: Text | None = None) -> pl.DataFrame:
        """Give a table as known at the cut-off.

        Raises
        ------
        MissingData
            If the pack holds no row of it.
        """
        view = self._view(name)
        if view.is_empty():
            raise MissingData(name, needed_for or contract(name).title)
        return view

    def revisions(self, name: str) -> pl.DataFrame:
        """Give the rows known by the cut-off that a later version, also known by then, replaced."""
        terms = contract(name)
        if name not in self.received or terms.known is None or terms.known not in terms.key:
            return terms.empty()
        identity = [k for k in terms.key if k != terms.known]
        seen = self.received[name].filter(pl.col(terms.known) <= self.cut).sort(terms.known)
        return seen.filter(~pl.struct(identity).is_last_distinct())

    def as_of(self, cut: date | str) -> "Situation":
        """Give what was known on an earlier night.

        Raises
        ------
        BadParameter
            If ``cut`` lies after this situation's own cut-off: what was not yet known cannot be given.
        """
        night = date.fromisoformat(cut) if isinstance(cut, str) else cut
        if night > self.cut:
            raise BadParameter(
                "as_of",
                night,
                Text(
                    zh=f"须不晚于 {self.cut}：之后的情况当时尚不知道。",
                    en=f"it must not lie after {self.cut}: what followed was not known then.",
                ),
            )
        return replace(self, cut=night, _views={})

    def _view(self, name: str) -> pl.DataFrame:
        terms = contract(name)
        if name not in self._views:
            frame = self.received.get(name)
            self._views[name] = terms.empty() if frame is None else self._seen(frame, terms)
        return self._views[name]

    def _seen(self, frame: pl.DataFrame, terms: TableContract) -> pl.DataFrame:
        """Give the view of a table; whether it holds versions is found once for all nights."""
        if terms.name not in self._settled:
            self._settled[terms.name] = settled(frame, terms)
        ordered, versions = self._settled[terms.name]
        return known_at(ordered, terms, self.cut, versions=versions)

    def counts(self, places: list[str] | None = None) -> xr.Dataset:
        """Give the cumulative case counts as cubes over place and date.

        A day without a report carries the last one forward; before the first report a place counts
        zero. ``observed`` says which days had a report of their own.

        Returns
        -------
        Dataset
            ``confirmed``, ``recovered``, ``deaths`` (place, date), persons, cumulative (NaN where a
            column was never reported), and ``observed`` (place, date), bool.
        """
        return count_cubes(self.table("case_counts"), self.cut, places)


def settled(frame: pl.DataFrame, table: TableContract) -> tuple[pl.DataFrame, bool]:
    """Give the rows in an order of their identity, and whether any has more than one version.

    Rows that lie in the order of their identity, or in that of all but its first column (each place day by
    day), stay as they are: to sort three million rows takes two seconds of every morning.
    """
    if table.known is None or table.known not in table.key:
        return frame, False
    identity = [k for k in table.key if k != table.known]
    if any(_strictly_ordered(frame, order) for order in (identity, [*identity[1:], identity[0]])):
        return frame, False
    ordered = frame.sort([*identity, table.known])
    return ordered, not _strictly_ordered(ordered, identity)


def _strictly_ordered(frame: pl.DataFrame, columns: list[str]) -> bool:
    """Whether each row lies after the one before it; a tenth of the cost of sorting to see."""
    after = pl.lit(False)
    for column in reversed(columns):
        now, before = pl.col(column), pl.col(column).shift(1)
        after = (now > before) | ((now == before) & after)
    return bool(frame.select(after.slice(1).all()).item())


def known_at(
    frame: pl.DataFrame, table: TableContract, cut: date, *, versions: bool = True
) -> pl.DataFrame:
    """Give the rows of a table as they were known at a cut-off.

    Rows known later are not seen; of several versions of a row the one known last is; a milestone
    after the cut-off, and the outcome that hangs on it, is blank.

    Parameters
    ----------
    versions
        Whether a row may stand in several versions; :func:`settled` tells, and orders the rows.
    """
    known = table.known
    if known is None:
        return frame
    seen = frame.filter(pl.col(known) <= cut)
    if known in table.key and versions:
        identity = [k for k in table.key if k != known]
        seen = seen.sort(known).unique(subset=identity, keep="last", maintain_order=True)
        seen = seen.sort(identity)
    milestones = table.with_role("milestone")
    outcomes = [c for c in table.columns if c.outcome_of is not None]
    return seen.with_columns(
        *[pl.when(pl.col(m) <= cut).then(pl.col(m)).alias(m) for m in milestones],
        *[
            pl.when(pl.col(str(c.outcome_of)) <= cut).then(pl.col(c.name)).alias(c.name)
            for c in outcomes
        ],
    )


def count_cubes(frame: pl.DataFrame, cut: date, places: list[str] | None = None) -> xr.Dataset:
    """Give case counts as cubes; see :meth:`Situation.counts`."""
    codes = np.array(sorted(frame["place"].unique()) if places is None else places, dtype=object)
    first = frame["date"].min()
    assert isinstance(first, date)
    days = np.arange(np.datetime64(first), np.datetime64(cut) + 1).astype("datetime64[ns]")
    at = {c: i for i, c in enumerate(codes)}
    rows = frame.filter(pl.col("place").is_in(list(codes)) & (pl.col("date") <= cut))
    i = np.array([at[p] for p in rows["place"]], dtype=int)
    j = (rows["date"].to_numpy().astype("datetime64[D]") - np.datetime64(first)).astype(int)
    shape = (len(codes), len(days))
    observed = np.zeros(shape, dtype=bool)
    observed[i, j] = True
    has_rows = np.asarray(observed.any(axis=1))
    cubes: dict[str, tuple[tuple[str, str], npt.NDArray[Any], dict[str, str]]] = {
        "observed": (("place", "date"), observed, {"units": "1"})
    }
    for name in ("confirmed", "recovered", "deaths"):
        values = np.full(shape, np.nan)
        values[i, j] = rows[name].cast(pl.Float64).to_numpy()
        cubes[name] = (
            ("place", "date"),
            _carried(values, has_rows),
            {"units": "persons, cumulative"},
        )
    return xr.Dataset(cubes, coords={"place": codes.astype(str), "date": days})


def _carried(values: Cells, has_rows: npt.NDArray[np.bool_]) -> Cells:
    """Carry the last report forward along time; zero before the first.

    NaN where a place reports but never this column.
    """
    known = ~np.isnan(values)
    last = np.where(known, np.arange(values.shape[1]), -1)
    np.maximum.accumulate(last, axis=1, out=last)
    carried = np.where(last >= 0, np.take_along_axis(values, last.clip(min=0), axis=1), 0.0)
    carried[has_rows & ~known.any(axis=1)] = np.nan
    return carried
