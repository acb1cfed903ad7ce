"""Numbers for the text of a page: printed by a cell, and written into the text by ``make refresh``.

In the text a number stands between two marks that no renderer shows, ``<!--=NAME-->3.5<!--/-->``.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

MARK = re.compile(r"<!--=(\w+)-->(.*?)<!--/-->", re.DOTALL)
LINE = re.compile(r"^(\w+) = (.*)$", re.MULTILINE)


def quote(*groups: Mapping[str, Any], **values: Any) -> None:
    """Print the numbers that the page's text quotes, one per line: ``NAME = VALUE``.

    Args:
        groups: names and values, as in ``values``.
        values: text, formatted as it will be read; or evidence (anything with ``numbers``), or a dict of
            either, whose parts are named after it: ``quote(digits=evidence)`` prints its number ``lead``
            as ``digits_lead``.

    Raises:
        TypeError: a value that is none of these, or a name that is given twice.
    """
    pairs = [pair for group in (*groups, values) for pair in _flat(group)]
    found = dict(pairs)
    if len(found) < len(pairs):
        raise TypeError(f"quote: a name is given twice among {', '.join(name for name, _ in pairs)}")
    print("\n".join(f"{name} = {value}" for name, value in found.items()))


def _flat(group: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in group.items():
        parts = getattr(value, "numbers", value)
        if isinstance(parts, Mapping):
            yield from _flat(parts, f"{prefix}{name}_")
        elif isinstance(value, str):
            yield prefix + name, value
        else:
            raise TypeError(f"quote: {name} must be text, formatted as it will be read, got {value!r}")


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


def fill(text: str, numbers: Mapping[str, str]) -> str:
    """The text with the numbers between its marks.

    Raises:
        KeyError: a mark whose name has no number.
    """
    return MARK.sub(lambda mark: f"<!--={mark[1]}-->{numbers[mark[1]]}<!--/-->", text)
