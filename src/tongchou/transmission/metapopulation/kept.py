"""Every future on disk: Parquet files that one scan reads as one table, written as the futures are made.

The columns are ``replicate, place, date, variable, value``; a place is a row told (a place of the model, or an
area), value is persons a day for flows and persons for levels. Read a folder with
``polars.scan_parquet(folder / "*.parquet")``, or with any other reader of Parquet.
"""

import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Values = npt.NDArray[np.float32]


def tidy_futures(
    values: Values,
    first: int,
    places: Sequence[str],
    dates: npt.NDArray[np.datetime64],
    variables: Sequence[str],
) -> pl.DataFrame:
    """Give values (replicate, place, date, variable) as one row each; ``first`` numbers the first replicate.

    >>> days = np.array(["2020-01-01", "2020-01-02"], dtype="datetime64[D]")
    >>> tidy_futures(np.float32([[[[3], [5]]]]), 7, ["a"], days, ["deaths"]).rows()[1]
    (7, 'a', datetime.date(2020, 1, 2), 'deaths', 5.0)
    """
    count, rows, _, kinds = values.shape
    # Variable outermost: readers that want one of them skip the rest, and like lies beside like.
    ordered = np.ascontiguousarray(np.moveaxis(values, -1, 0))
    axes = np.broadcast_arrays(
        np.arange(kinds, dtype=np.uint32)[:, None, None, None],
        np.arange(first, first + count, dtype=np.uint32)[:, None, None],
        np.arange(rows, dtype=np.uint32)[:, None],
        dates.astype("datetime64[D]").astype(np.int32),
    )
    variable, replicate, place, day = (np.ascontiguousarray(a).ravel() for a in axes)
    return pl.DataFrame(
        {
            "replicate": replicate,
            "place": _named(places).gather(place),
            "date": pl.Series(day).cast(pl.Date),
            "variable": _named(variables).gather(variable),
            "value": ordered.ravel(),
        }
    )


def _named(names: Sequence[str]) -> pl.Series:
    return pl.Series(list(names), dtype=pl.Enum(list(names)))


def as_parquet(frame: pl.DataFrame) -> bytes:
    """Give a table as the bytes of a Parquet file: what a worker of a cluster sends back."""
    held = io.BytesIO()
    frame.write_parquet(held, compression="zstd", compression_level=3)
    return held.getvalue()


@dataclass(frozen=True, slots=True)
class KeptFutures:
    """The futures of one run in a folder, one file for each block and stretch of its days.

    Attributes
    ----------
    folder
        Holds the futures of this run alone.
    run
        Name of the run, the same only for the same model, seed, mode and rows told.
    """

    folder: Path
    run: str

    def __post_init__(self) -> None:
        strange = [
            f.name for f in self.folder.glob("*.parquet") if not f.name.startswith(self._mark)
        ]
        if strange:
            raise BadParameter("keep", f"{self.folder}: {strange[0]}", _ANOTHER)

    @property
    def _mark(self) -> str:
        return f"{hashlib.sha256(self.run.encode()).hexdigest()[:12]}-"

    def has(self, first: int, days: int) -> bool:
        """Say whether the block that begins with a replicate is there up to its last day."""
        return any(self.folder.glob(f"{self._mark}{first:08d}-*-{days:04d}.parquet"))

    def write(self, first: int, day: int, end: int, file: bytes) -> None:
        """Write the days from ``day`` up to ``end`` of a block, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        whole = self.folder / f"{self._mark}{first:08d}-{day:04d}-{end:04d}.parquet"
        half = whole.with_suffix(".part")
        half.write_bytes(file)
        half.replace(whole)

    def write_all(self, first: int, files: Iterable[tuple[int, int, bytes]]) -> None:
        """Write a block that a worker sent."""
        for day, end, file in files:
            self.write(first, day, end, file)


@dataclass(frozen=True, slots=True)
class KeptBlocks:
    """Finished blocks of one run in a folder, from which a run that was cut off goes on."""

    folder: Path
    run: str

    def _file(self, first: int) -> Path:
        return self.folder / f"{self.run}-{first}.npz"

    def has(self, first: int) -> bool:
        """Say whether the block that begins with a replicate is finished."""
        return self._file(first).exists()

    def load(self, first: int) -> dict[str, npt.NDArray[Any]]:
        """Give what was saved of a block, by name."""
        with np.load(self._file(first)) as read:
            return dict(read)

    def save(self, first: int, **arrays: npt.NDArray[Any]) -> None:
        """Keep a block, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self._file(first)
        half = file.with_suffix(".part.npz")
        np.savez(half, allow_pickle=False, **arrays)
        half.replace(file)


_ANOTHER = Text(
    zh="该文件夹存有另一次推演的结果，混在一起会读成一套。请换一个空文件夹，或先移走旧文件。",
    en="this folder holds the futures of another run, and they would be read as one. Name an empty folder, or move the old files away first.",
)
