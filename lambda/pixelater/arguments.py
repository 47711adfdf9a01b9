"""Checks of arguments: TypeError and ValueError, with the name of the argument."""

from __future__ import annotations

from operator import index
from typing import TypeVar

T = TypeVar("T")


def check_type(name: str, value: object, type_: type[T], wanted: str) -> T:
    """Return a value of a type. Raises TypeError.

    >>> check_type("optimize", 1, bool, "a bool")
    Traceback (most recent call last):
    TypeError: optimize must be a bool, not int
    """
    if not isinstance(value, type_):
        raise TypeError(f"{name} must be {wanted}, not {type(value).__name__}")
    return value


def check_integer(
    name: str, value: object, least: int, most: int | None = None, wanted: str = "an integer"
) -> int:
    """Return an integer, which may be one of NumPy's. Raises TypeError and ValueError.

    >>> check_integer("quality", 101, 1, 100)
    Traceback (most recent call last):
    ValueError: quality: 101 is not from 1 to 100
    """
    try:
        number = index(value)  # type: ignore[arg-type]
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        raise TypeError(f"{name} must be {wanted}, not {type(value).__name__}")
    if number < least or (most is not None and number > most):
        limits = f"less than {least}" if most is None else f"not from {least} to {most}"
        raise ValueError(f"{name}: {number} is {limits}")
    return number
