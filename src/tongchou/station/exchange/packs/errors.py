"""What a data pack cannot be made or loaded for, in words.

::

    NothingHeld     the station holds no record of the area by that day
"""

from datetime import date

from tongchou.vocabulary.errors import TongchouError
from tongchou.vocabulary.text import Text, day


class NothingHeld(TongchouError):
    """The station holds no record of an area that was known by a day."""

    def __init__(self, place: Text, cut: date) -> None:
        self.place, self.cut = place, cut
        super().__init__(place.en)

    def text(self) -> Text:
        """Say what is missing, and what brings it."""
        return Text(
            zh="截至{d} 24时，平台没有{p}的任何记录，无从生成。请先报告病例、导入表格，或由系统管理员载入数据包（load_pack）。",
            en="By 24:00 on {d} the station holds no record of {p}, so there is nothing to work on. Report cases, import a table, or have the administrator load a data pack (load_pack) first.",
        ).fill(d=day(self.cut), p=self.place)
