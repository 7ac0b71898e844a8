"""Places and units by what files call them: a code, a name, a name with those above it."""

from collections.abc import Callable, Iterable

from django.db.models import Q

from tongchou.station.places.models import Place, Unit
from tongchou.vocabulary.errors import UnknownPlace
from tongchou.vocabulary.text import Text


def place_finder(within: str) -> Callable[[str], str | Text]:
    """Give a finder of places; of several that bear a name the one at or below ``within`` counts."""
    known: dict[str, str | Text] = {}

    def find(word: str) -> str | Text:
        if word not in known:
            known[word] = _place(word, within)
        return known[word]

    return find


def unit_finder(within: str) -> Callable[[str], str | Text]:
    """Give a finder of units by code or full name, those at or below ``within`` first."""
    known: dict[str, str | Text] = {}

    def find(word: str) -> str | Text:
        if word not in known:
            rows = Unit.objects.filter(Q(code=word) | Q(name_zh=word) | Q(name_en__iexact=word))
            known[word] = _one(word, [(u.code, u.path) for u in rows[:20]], within, _NO_UNIT)
        return known[word]

    return find


def _place(word: str, within: str) -> str | Text:
    rows = Place.objects.filter(Q(code=word) | Q(name_zh=word) | Q(name_en__iexact=word))
    found = [(p.code, p.path) for p in rows[:50]] or _after_those_above(word)
    return _one(word, found, within, _NO_PLACE)


def _after_those_above(word: str) -> list[tuple[str, str]]:
    """Look for names written after those above, 宁夏银川市兴庆区第1网格, and for short and old names.

    The longest ending that is a name counts, if what stands before it names a place above.
    """
    endings = [word[begin:].strip() for begin in range(min(len(word) - 1, 60))]
    held = {p.name_zh: p.pk for p in Place.objects.filter(name_zh__in=endings)}
    for begin, ending in enumerate(endings):
        rows = Place.objects.filter(name_zh=ending) if ending in held else _by_gazetteer(ending)
        above = word[:begin].strip()
        found = [(p.code, p.path) for p in rows if not above or _is_under(p.path, above)]
        if found:
            return found
    return []


def _by_gazetteer(word: str) -> Iterable[Place]:
    from tongchou.vocabulary.places import china

    try:
        found = china().find(word)
    except UnknownPlace:
        return []
    return Place.objects.filter(code__in=[p.code for p in found])


def _is_under(path: str, above: str) -> bool:
    """Say whether a name of a place above stands in what was written before."""
    higher = Place.objects.filter(code__in=path.split("/")[:-2])
    return any(p.name_zh[:2] in above or p.name_en.casefold() in above.casefold() for p in higher)


def _one(word: str, found: list[tuple[str, str]], within: str, none: Text) -> str | Text:
    near = [code for code, path in found if path.startswith(within)]
    chosen = near or [code for code, _ in found]
    if len(chosen) == 1:
        return chosen[0]
    if not chosen:
        return none.fill(word=word)
    return _SEVERAL.fill(word=word, codes="、".join(chosen[:5]), english=", ".join(chosen[:5]))


_NO_PLACE = Text(zh="没有叫“{word}”的地区。", en="No place is called “{word}”.")
_NO_UNIT = Text(zh="没有叫“{word}”的机构。", en="No unit is called “{word}”.")
_SEVERAL = Text(
    zh="叫“{word}”的不止一个：{codes}。", en="“{word}” is the name of more than one: {english}."
)
