"""An order in a notebook or at a prompt: the two pages where they can be drawn, else in words."""

from dataclasses import dataclass

from tongchou.morning.documents import html
from tongchou.morning.documents.tier_map import Shapes
from tongchou.morning.gaps import find_gaps
from tongchou.morning.order import Order
from tongchou.morning.outlook import Outlook
from tongchou.morning.picture import Picture
from tongchou.morning.run import complete, shapes_of_order, spoken
from tongchou.vocabulary.text import Lang


@dataclass(frozen=True, slots=True)
class Shown:
    """An order ready to be looked at in one language."""

    order: Order
    lang: Lang
    shapes: Shapes | None

    def __repr__(self) -> str:
        return "\n".join(spoken(self.order, self.lang))

    def _repr_html_(self) -> str:
        """Draw the two pages; notebooks call this."""
        return html.fragment(self.order, self.lang, self.shapes)


def show(picture: Picture, outlook: Outlook, *, lang: Lang = "en") -> Shown:
    """Complete the order from a picture and its outlook, and show it.

    Parameters
    ----------
    picture, outlook
        From ``assess`` and ``look_ahead``; the outlook's seed is the order's.
    lang
        Language shown.
    """
    gaps = find_gaps(picture.situation, picture.scope, picture.quality)
    order = complete(picture, outlook, gaps)
    return Shown(order, lang, shapes_of_order(order, picture.situation.gazetteer))
