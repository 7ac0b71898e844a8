"""Resident identity numbers: eighteen signs, the last of which checks the others.

References
----------
GB 11643-1999, Citizen identification number: weights and check characters of ISO 7064 MOD 11-2.
"""

from dataclasses import dataclass
from datetime import date

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a sound number says of its bearer."""

    born: date
    sex: str


def check_sign(first: str) -> str:
    """Give the eighteenth sign for the first seventeen digits.

    >>> check_sign("11010519491231002")
    'X'
    """
    return CHECKS[sum(int(d) * w for d, w in zip(first, WEIGHTS, strict=True)) % 11]


def read_number(number: str) -> Told | None:
    """Give what a resident identity number tells, None if it is not one.

    >>> read_number("11010519491231002X")
    Told(born=datetime.date(1949, 12, 31), sex='female')
    >>> read_number("110105194912310021") is None
    True
    """
    plain = number.strip().upper()
    if len(plain) != 18 or not plain[:17].isascii() or not plain[:17].isdigit():
        return None
    if check_sign(plain[:17]) != plain[17]:
        return None
    try:
        born = date(int(plain[6:10]), int(plain[10:12]), int(plain[12:14]))
    except ValueError:
        return None
    return Told(born=born, sex="male" if int(plain[16]) % 2 else "female")
