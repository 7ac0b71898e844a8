"""Which packs lie over an area, and what a pack of it is called: light, for pages that show no more."""

from datetime import date

from tongchou.station.exchange.models import HeldPack
from tongchou.station.places.models import Place, until

ORIGIN = "station"
"""Where the rows of live tables come from, as the manifest names it."""


def packs_over(place: Place) -> list[HeldPack]:
    """Give the packs that hold something of an area, the oldest first."""
    inside = HeldPack.objects.filter(path__gte=place.path, path__lt=until(place.path))
    over = HeldPack.objects.filter(path__in=_prefixes(place.path))
    return sorted({*inside, *over}, key=lambda p: (p.last, p.pk))


def _prefixes(path: str) -> list[str]:
    parts = path.rstrip("/").split("/")
    return ["/".join(parts[: n + 1]) + "/" for n in range(len(parts))]


def pack_name(place: Place, cut: date) -> str:
    """Give the name of the pack of an area.

    >>> pack_name(Place(code="360100"), date(2030, 3, 1))
    'station-360100-20300301'
    """
    return f"{ORIGIN}-{place.code}-{cut:%Y%m%d}"
