"""The faults of one file, gathered until all are known: a few of each kind in full, the rest counted."""

from dataclasses import dataclass, field

import polars as pl

from tongchou.vocabulary.errors import BadInput, Fault
from tongchou.vocabulary.text import Text

SHOWN, SHOWN_OF_A_KIND = 20, 5
"""Faults written out of one file, and of one kind in one column; all others are counted."""


@dataclass(slots=True, kw_only=True)
class Faults:
    """What is wrong with one file.

    Parameters
    ----------
    file
        Its name, as the reader of the message knows it.
    forgiving
        Whether a cell that cannot be used is taken as unknown and counted in ``blanked`` (by column,
        true where), where the file would otherwise be refused.
    """

    file: str
    kept: list[Fault] = field(default_factory=list)
    unlisted: int = 0
    forgiving: bool = False
    blanked: dict[str, pl.Series] = field(default_factory=dict)

    def whole(self, problem: Text, remedy: Text, *, column: str | None = None) -> None:
        """Note what is wrong with the file or one column as a whole."""
        self._keep(Fault(file=self.file, column=column, problem=problem, remedy=remedy))

    def rows(
        self,
        bad: pl.Series,
        cells: pl.Series,
        numbers: pl.Series,
        problem: Text,
        remedy: Text,
        *,
        column: str,
    ) -> None:
        """Note the rows in which one column is wrong in one way.

        Parameters
        ----------
        bad
            True where the fault is.
        cells
            The column as received.
        numbers
            Row numbers, from 1 below the header.
        """
        bad = bad.fill_null(False)
        if self.forgiving:
            self.blanked[column] = self.blanked.get(column, bad) | bad
            return
        at = bad.arg_true()
        for place in at.head(SHOWN_OF_A_KIND):
            cell = cells[int(place)]
            self._keep(
                Fault(
                    file=self.file,
                    row=int(numbers[int(place)]),
                    column=column,
                    value="" if cell is None else str(cell)[:80],
                    problem=problem,
                    remedy=remedy,
                )
            )
        self.unlisted += max(len(at) - SHOWN_OF_A_KIND, 0)

    def _keep(self, fault: Fault) -> None:
        if len(self.kept) < SHOWN:
            self.kept.append(fault)
        else:
            self.unlisted += 1

    def raise_any(self) -> None:
        """Refuse the file if anything is wrong with it.

        Raises
        ------
        BadInput
            With the faults written out, and how many more there are.
        """
        if self.kept:
            raise BadInput(sorted(self.kept, key=lambda f: f.row or 0), unlisted=self.unlisted)
