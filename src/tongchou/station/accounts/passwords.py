"""Words that a password of this station must not lean on: a table whoever runs it may extend."""

import csv
from functools import cache

from django.core.exceptions import ValidationError

from tongchou import reference
from tongchou.station.accounts.models import User


@cache
def context_words() -> frozenset[str]:
    """Give the words of ``reference/station/password_words.csv``."""
    path = reference.path("station/password_words.csv")
    with path.open(encoding="utf-8", newline="") as handle:
        return frozenset(row["word"].casefold() for row in csv.DictReader(handle))


class ContextWords:
    """Refuse a password that is little more than a word everybody here would try first.

    The person's own name counts too. A word of the table may be part of a longer password: what is left without it must still have
    eight characters (assumption; the least that ASVS 5.0 allows for a whole password, 6.2.1).
    """

    LEFT = 8

    def validate(self, password: str, user: User | None = None) -> None:
        """Refuse a password made of such words.

        Raises
        ------
        ValidationError
            If too little is left without them.
        """
        rest = password.casefold()
        own: set[str] = (
            {user.username.casefold(), user.display_name.casefold()} - {""} if user else set()
        )
        for word in sorted(context_words() | own, key=len, reverse=True):
            rest = rest.replace(word, "")
        if len(rest) < min(self.LEFT, len(password)):
            raise ValidationError(self.get_help_text(), code="password_context_word")

    def get_help_text(self) -> str:
        """Say what is asked, in the reader's language."""
        from django.utils.translation import get_language

        if (get_language() or "zh").startswith("zh"):
            return "不要只用系统、岗位、地名或自己的名字做密码。"
        return "Do not build the password on the names of the system, of roles, of places or your own alone."


__all__ = ["ContextWords", "context_words"]
