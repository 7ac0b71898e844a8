"""Cells that a spreadsheet must not take for formulas.

A text that begins like a formula gets an apostrophe in front; so does one that begins with
apostrophes and then like a formula, which makes the rule one-to-one: the importer takes exactly
one apostrophe off again.

References
----------
OWASP, CSV Injection. https://owasp.org/www-community/attacks/CSV_Injection
"""

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_GUARDED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")


def guard(value: object) -> object:
    """Give a cell that is shown and never run; numbers and dates stay what they are.

    >>> guard("=1+1"), guard("'=1+1"), guard("it's"), guard(-5), guard("")
    ("'=1+1", "''=1+1", "it's", -5, '')
    """
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def unguard(value: object) -> object:
    """Give back what :func:`guard` was given.

    >>> unguard("'=1+1"), unguard("''=1+1"), unguard("'tis"), unguard("plain")
    ('=1+1', "'=1+1", "'tis", 'plain')
    """
    return value[1:] if isinstance(value, str) and _GUARDED.match(value) else value
