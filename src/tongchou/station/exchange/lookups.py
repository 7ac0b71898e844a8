"""Places and units by what files call them: a code, a name, a name with those above it."""

from collections.abc import Callable, Iterable

from django.db.models import Q

from tongchou.station.places.models import Place, Unit
from tongchou.vocabulary.errors import UnknownPlace
from tongchou.vocabulary.places import china
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
    found = [(p.code, p.path) for p in rows[:50]]
    if not found:
        found = list(_by_gazetteer(word))
    return _one(word, found, within, _NO_PLACE)


def _by_gazetteer(word: str) -> Iterable[tuple[str, str]]:
    """Look for short names, old names and names written after those above: 宁夏银川兴庆区."""
    country = china()
    for begin in range(len(word) - 1):
        try:
            places = country.find(word[begin:].strip())
        except UnknownPlace:
            continue
        above = word[:begin].strip()
        codes = [p.code for p in places if not above or _is_under(p.code, above)]
        if codes:
            held = Place.objects.filter(code__in=codes)
            return [(p.code, p.path) for p in held]
    return []


def _is_under(code: str, above: str) -> bool:
    """Say whether a place's names above it stand in the rest of what was written."""
    country = china()
    names = [country.place(c).name for c in country.ancestors(code)]
    return any(n.zh[:2] in above or n.en.casefold() in above.casefold() for n in names)


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
