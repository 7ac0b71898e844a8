"""Finding persons by what somebody types: number, name, pinyin, telephone or document.

Every way is the beginning of something an index holds, so that a search over the whole country
reads a handful of rows; a name is found from each of its syllables on.
"""

from typing import Any, TypeAlias

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.utils.deconstruct import deconstructible

from tongchou.station.access.pseudonyms import typed as as_number
from tongchou.station.places.names import query_key

Rows: TypeAlias = QuerySet[Any]


@deconstructible(path="tongchou.station.cases.finding.Words")
class Words(Func):
    """The words of a column, for an index that finds them by their beginning."""

    template = "array_to_tsvector(array_remove(string_to_array(%(expressions)s, ' '), ''))"
    output_field = SearchVectorField()


class _Begins(Func):
    """Whether any of some words begins with a key of letters and digits."""

    template = "(%(expressions)s::tsquery)"
    arg_joiner = " @@ "
    output_field = BooleanField()

    def __init__(self, words: Words, key: str) -> None:
        super().__init__(words, Value(f"'{key}':*"))


class _Among(Func):
    """Whether a key is one of some, which are looked up first: they are few, and the planner knows it."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY ("
    output_field = BooleanField()


def words_index(column: str, name: str) -> GinIndex:
    """Give the index under which :func:`identities_like` finds a name."""
    return GinIndex(Words(column), name=name)


def identities_like(typed: str) -> Rows:
    """Give identities by name, pinyin, telephone or document number, within reach.

    Latin letters with several digits are no name, and what has no digit is neither a telephone
    nor a document: only the indexes that can answer are asked.
    """
    from tongchou.station.cases.models import Identity

    plain = typed.strip()
    key = query_key(plain)
    digits = sum(sign.isdigit() for sign in key)
    found = Q(pk__in=[])
    if len(key) >= 2 and not (digits >= 2 and key.isascii()):
        found = Q(_Begins(Words("name_key"), key))
    if digits:
        found |= Q(phone__startswith=plain) | Q(document_number__in={plain, plain.upper()})
    return Identity.objects.filter(found)


def numbered(typed: str, field: str = "pseudonym") -> Q:
    """Give the condition that a number is, or begins with, what was typed."""
    plain = typed.strip()
    found = Q()
    for begin in {as_number(typed), plain, plain.upper()}:
        found |= Q(**{f"{field}__startswith": begin})
    return found


def either(*ways: Rows) -> Q:
    """Give the condition that a row is found in one of several ways, each through its own index."""
    found = Q()
    for way in ways:
        found |= Q(_Among(F("pk"), ArraySubquery(way.order_by().values("pk"))))
    return found
