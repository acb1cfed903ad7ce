"""Numbers for the text of a page: printed by a cell, and written into the text by ``make refresh``.

In the text a number stands between two marks that no renderer shows, ``<!--=NAME-->3.5<!--/-->``.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Protocol

MARK = re.compile(r"<!--=(\w+)-->(.*?)<!--/-->", re.DOTALL)
LINE = re.compile(r"^(\w+) = (.*)$", re.MULTILINE)


class HasNumbers(Protocol):
    """Anything with ``numbers``, name to text: `lrreg_utils.claims.evidence.Evidence`."""

    numbers: Mapping[str, str]


def quote(*evidence: HasNumbers, **values: str) -> None:
    """Print the numbers that the page's text quotes, one per line: ``NAME = VALUE``.

    Args:
        evidence: each hands over its ``numbers``.
        values: further numbers, as text that is formatted as it will be read.

    Raises:
        TypeError: a value that is not text, or a name that is given twice.
    """
    named = [pair for one in (*(each.numbers for each in evidence), values) for pair in one.items()]
    names = [name for name, _ in named]
    for name, value in named:
        if not isinstance(value, str):
            raise TypeError(f"quote: {name} must be text, formatted as it will be read, got {value!r}")
        if names.count(name) > 1:
            raise TypeError(f"quote: {name} is given twice")
    print("\n".join(f"{name} = {value}" for name, value in named))


def numbers_of(cells: Iterable[Mapping]) -> dict[str, str]:
    """The numbers that a notebook's stored outputs hold, by name.

    Raises:
        ValueError: two cells print the same name.
    """
    texts = [output.get("text", "") for cell in cells if "quote(" in cell["source"]
             for output in cell.get("outputs", ())]
    found = [pair for text in texts for pair in LINE.findall(text)]
    if len(dict(found)) < len(found):
        raise ValueError(f"quote: two cells print the same name among {', '.join(name for name, _ in found)}")
    return dict(found)


def quoted(text: str) -> list[tuple[str, str]]:
    """Name and number of every mark in a text, in order."""
    return MARK.findall(text)


def fill(text: str, numbers: Mapping[str, str]) -> str:
    """The text with the numbers between its marks.

    Raises:
        KeyError: a mark whose name has no number.
    """
    return MARK.sub(lambda mark: f"<!--={mark[1]}-->{numbers[mark[1]]}<!--/-->", text)
