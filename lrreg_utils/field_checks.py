"""The kinds of the fields of a frozen dataclass, checked where a value is made.

Files give any kind of value for any field: a mistake is named here, once, before it is computed with.
"""

import math
import reprlib
from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any

from lrreg_utils.errors import UserError

LARGEST = 2**63  # what torch and a file of numbers hold
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 100


def check_kinds(value: object, where: str = "") -> None:
    """Check each field against its annotation, and make whole numbers in float fields floats.

    1 and 1.0 are one run, with one id, and so are 0.0 and -0.0. Booleans are no numbers.

    Raises:
        UserError: a field of another kind; the line begins with ``where``.
    """
    for field in fields(value):
        given = getattr(value, field.name)
        if type(given) is int and field.type is not bool and abs(given) >= LARGEST:
            raise UserError(f"{where}{field.name} must be below 2**63, got {shown(given)}")
        if field.type is float and type(given) in (int, float):
            object.__setattr__(value, field.name, given + 0.0)
        elif not _fits(given, field.type):
            kind = KIND_NAMES.get(field.type, f"a {getattr(field.type, '__name__', field.type)}")
            raise UserError(f"{where}{field.name} must be {kind}, got {shown(given)}")


KIND_NAMES: dict[Any, str] = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    int | None: "a whole number, or left out",
    tuple[int, ...]: "a list of whole numbers",
}


def _fits(given: object, kind: Any) -> bool:
    if kind is int:
        return type(given) is int
    if kind == int | None:
        return given is None or type(given) is int
    if kind == tuple[int, ...]:
        return isinstance(given, tuple) and all(type(one) is int and abs(one) < LARGEST for one in given)
    return isinstance(given, kind)


def require(value: object, names: Iterable[str], allowed: str, test: Callable, where: str = "") -> None:
    """Check some fields by a test; the line of a `UserError` says what is ``allowed``."""
    for name in names:
        if not test(given := getattr(value, name)):
            raise UserError(f"{where}{name} must be {allowed}, got {shown(given)}")


def check_ranges(value: object, ranges: dict[str, tuple[float, float]], where: str) -> None:
    """Check that numbers lie in [low, high], which NaN does not; a `UserError` begins with ``where``."""
    for name, (low, high) in ranges.items():
        if not low <= (given := getattr(value, name)) <= high:
            raise UserError(f"{where}{name} must lie in [{low:g}, {high:g}], got {shown(given)}")


def finite_above_0(value: float) -> bool:
    """Whether a number is positive, and neither infinite nor NaN."""
    return math.isfinite(value) and value > 0


def finite_from_0(value: float) -> bool:
    """Whether a number is neither negative, nor infinite, nor NaN."""
    return math.isfinite(value) and value >= 0


def shown(value: object) -> str:
    """A value for a message: short, however large or deep it is."""
    try:
        return _SHORT.repr(value)
    except (ValueError, RecursionError):  # Python refuses to write a whole number of 5,000 digits
        return f"a {type(value).__name__} too large to show"
