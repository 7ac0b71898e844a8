"""Gaps of the morning: what is open on the last night of an exercise, counted a second way."""

from datetime import timedelta
from pathlib import Path

import pytest

from tongchou.morning import gaps
from tongchou.morning.scope import scope_of
from tongchou.situation import pack
from tongchou.situation.exercise import make
from tongchou.situation.situation import Situation
from tongchou.vocabulary.errors import MissingData


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> pack.Pack:
    folder: Path = tmp_path_factory.mktemp("packs") / "exercise"
    make(folder, 1, province="640000", population=200_000, hospitals=5)
    return pack.open_folder(folder)


def loose(situation: Situation, *, arrivals: bool) -> int:
    return sum(
        (row["setting"] == "arrival") is arrivals
        and row["placed_on"] is None
        and row["release_due"] > situation.cut
        for row in situation.table("contacts").iter_rows(named=True)
    )


def test_contacts_and_arrivals_are_two_gaps_and_nobody_stands_in_both(drill):
    night = drill.as_of()
    scope = scope_of(night, "640000")
    for kind, arrivals in ((gaps.NOT_PLACED, False), (gaps.NOT_WATCHED, True)):
        items = scope.inside(kind.find(night, scope))
        assert items.height == loose(night, arrivals=arrivals) > 0
        assert items["since"].max() <= night.cut


def test_where_nobody_registers_arrivals_the_gap_says_so_and_does_not_say_none(drill):
    """Registration begins on the fifth day of the exercise."""
    early = drill.as_of(drill.first + timedelta(days=2))
    with pytest.raises(MissingData):
        gaps.NOT_WATCHED.find(early, scope_of(early, "640000"))
