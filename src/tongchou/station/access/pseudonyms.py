"""Pseudonyms: numbers that stand for persons, cases and samples without saying anything about them."""

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No 0 and O, 1, I and L, U and V read over the telephone: what is left is hard to mistake."""
LENGTH = 8


def pseudonym(prefix: str) -> str:
    """Give a new pseudonym such as ``P-7K3M9Q2X``: 30⁸ of them, drawn at random, in no order.

    >>> made = pseudonym("P")
    >>> made[:2], len(made), set(made[2:]) <= set(ALPHABET)
    ('P-', 10, True)
    """
    number, letters = secrets.randbelow(len(ALPHABET) ** LENGTH), []
    for _ in range(LENGTH):
        number, left = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[left])
    return f"{prefix}-{''.join(letters)}"


def typed(text: str) -> str:
    """Give a pseudonym as it is kept, however it was typed.

    >>> typed(" c 7k3m9q2x "), typed("C-7K3M 9Q2X")
    ('C-7K3M9Q2X', 'C-7K3M9Q2X')
    """
    plain = "".join(ch for ch in text.upper() if ch.isalnum())
    return (
        f"{plain[:1]}-{plain[1:]}" if len(plain) == LENGTH + 1 else text.replace("\x00", "").strip()
    )
