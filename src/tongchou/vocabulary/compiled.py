"""Turn a function of plain arrays into machine code, once per machine."""

from collections.abc import Callable
from typing import Any, cast

from numba import njit


def compiled(**options: bool | str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give the decorator: numba without Python objects, kept on disk between runs."""

    def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
        return cast(Callable[..., Any], njit(cache=True, **options)(function))  # type: ignore[call-overload]

    return wrap
