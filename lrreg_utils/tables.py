"""Tables: HTML on a page and in a notebook, aligned text in a terminal."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from statistics import fmean, stdev

NUMBER = re.compile(r"([−+-]?\d.*)?")  # a cell that holds one, or nothing


def spread(values: Sequence[float], digits: int = 1) -> str:
    """Mean ± sample standard deviation over seeds; the value alone for one seed."""
    if len(values) == 1:
        return f"{values[0]:.{digits}f}"
    return f"{fmean(values):.{digits}f} ± {stdev(values):.{digits}f}"


@dataclass(frozen=True, repr=False)
class Table:
    """Rows under a head, as text; columns of numbers are flush right.

    A notebook shows it as the value of a cell or by ``display``; ``print`` writes aligned text.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    notes: Sequence[str] = ()  # lines below

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.head):
                raise ValueError(f"table: a row of {len(row)} cells under a head of {len(self.head)}: {row}")

    def _flush_right(self) -> list[bool]:
        return [column > 0 and all(NUMBER.fullmatch(row[column]) for row in self.rows)
                for column in range(len(self.head))]

    def __str__(self) -> str:
        lines = [self.head, *self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.head))]
        layout = list(zip(widths, self._flush_right(), strict=True))
        text = ["  ".join(cell.rjust(width) if right else cell.ljust(width)
                          for cell, (width, right) in zip(line, layout, strict=True)).rstrip()
                for line in lines]
        return "\n".join(filter(None, [self.caption, *text, *self.notes]))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        classes = [' class="number"' if right else "" for right in self._flush_right()]
        head = "".join(f'<th scope="col"{kind}>{_html(cell)}</th>'
                       for cell, kind in zip(self.head, classes, strict=True))
        body = "".join("<tr>" + "".join(f"<td{kind}>{_html(cell)}</td>"
                                        for cell, kind in zip(row, classes, strict=True)) + "</tr>\n"
                       for row in self.rows)
        caption = f"<caption>{_html(self.caption)}</caption>\n" if self.caption else ""
        notes = "".join(f"\n<p>{_html(note)}</p>" for note in self.notes)
        return (f'<table class="results">\n{caption}<thead><tr>{head}</tr></thead>\n'
                f"<tbody>\n{body}</tbody>\n</table>{notes}")


def _html(cell: str) -> str:
    """A number and its spread stay on one line; a name may break at its underscores."""
    return escape(cell).replace(" ± ", "&nbsp;±&nbsp;").replace("_", "_<wbr>")
