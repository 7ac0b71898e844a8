"""tongchou (统筹): one system for a public-health emergency and the recovery from it.

The morning run in five lines::

    import tongchou as tc

    pack = tc.open_pack("exercise")
    night = pack.as_of("2030-02-20")
    picture = tc.assess(night)
    outlook = tc.look_ahead(picture, seed=1)
    tc.show(picture, outlook, lang="en")

Names are loaded when first used, so that ``import tongchou`` stays quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tongchou.version import __version__

if TYPE_CHECKING:
    from tongchou.morning.outlook import look_ahead
    from tongchou.morning.picture import assess
    from tongchou.morning.run import order_of_the_day
    from tongchou.morning.shown import show
    from tongchou.situation.library import open_pack

__all__ = ["__version__", "assess", "look_ahead", "open_pack", "order_of_the_day", "show"]

_HOMES = {
    "assess": "tongchou.morning.picture",
    "look_ahead": "tongchou.morning.outlook",
    "open_pack": "tongchou.situation.library",
    "order_of_the_day": "tongchou.morning.run",
    "show": "tongchou.morning.shown",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
