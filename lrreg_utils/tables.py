"""Tables: HTML on a page and in a notebook, aligned text in a terminal."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import zip_longest
from statistics import fmean, stdev

NUMBER = re.compile(r"([−+-]?\d.*)?")  # a cell that holds one, or nothing


def spread(values: Sequence[float], digits: int = 1) -> str:
    """Mean ± sample standard deviation over seeds; the value alone for one seed."""
    if len(values) == 1:
        return f"{values[0]:.{digits}f}"
    return f"{fmean(values):.{digits}f} ± {stdev(values):.{digits}f}"


def counted(count: int, one: str, several: str | None = None) -> str:
    """A number with its noun, in the singular or the plural: ``1 run``, ``2 runs``.

    Args:
        several: the plural; without it, the noun with an s.
    """
    return f"{count} {one if count == 1 else several or one + 's'}"


@dataclass(frozen=True, repr=False)
class Table:
    """Rows under a head, as text; columns of numbers are flush right; a lone cell titles the rows below it.

    A notebook shows it as the value of a cell or by ``display``; ``print`` writes aligned text.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    notes: Sequence[str] = ()  # lines below

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) not in (1, len(self.head)):
                raise ValueError(f"table: a row of {len(row)} cells under a head of {len(self.head)}: {row}")

    def _flush_right(self) -> list[bool]:
        return [column > 0 and all(NUMBER.fullmatch(row[column]) for row in self.rows if len(row) > 1)
                for column in range(len(self.head))]

    def __str__(self) -> str:
        lines = [self.head, *self.rows]
        full = [line for line in lines if len(line) == len(self.head)]
        widths = [max(len(line[column]) for line in full) for column in range(len(self.head))]
        layout = list(zip(widths, self._flush_right(), strict=True))
        text = ["  ".join(cell.rjust(width) if right else cell.ljust(width)
                          for cell, (width, right) in zip(line, layout, strict=True)).rstrip()
                if len(line) == len(self.head) else line[0] for line in lines]
        return "\n".join(filter(None, [self.caption, *text, *self.notes]))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        classes = [' class="number"' if right else "" for right in self._flush_right()]
        caption = f"<caption>{_html(self.caption)}</caption>\n" if self.caption else ""
        notes = "".join(f"\n<p>{_html(note)}</p>" for note in self.notes)
        return (f'<table class="results">\n{caption}<thead><tr>{_head(self.head, classes)}</tr></thead>\n'
                f"<tbody>\n{_body(self.rows, len(self.head), classes)}</tbody>\n</table>{notes}")


@dataclass(frozen=True, repr=False)
class Fold:
    """A table that is folded up below one line.

    Attributes:
        summary: the line.
        table: what is behind it.
    """

    summary: str
    table: Table

    def __str__(self) -> str:
        return f"{self.summary}\n{self.table}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return _folded(self.summary, self.table._repr_html_())


@dataclass(frozen=True)
class Cell:
    """A cell of a `Grid`.

    Attributes:
        symbol: what is seen at first sight, such as ``●``.
        word: the symbol for those who hear the page.
        count: what follows the symbol.
        rows: the rows behind the cell, as those of a `Table`.
        share: percent of the symbol that is filled.
    """

    symbol: str
    word: str
    count: str
    rows: Sequence[Sequence[str]]
    share: int = 0

    def __str__(self) -> str:
        return f"{self.symbol} {self.count}"

    def html(self, address: str) -> str:
        """The cell with a link to its rows."""
        symbol = (f'<span role="img" aria-label="{escape(self.word)}" style="--held: {self.share}%">'
                  f"{self.symbol}</span>")
        kind = self.word.replace(" ", "-")
        return f'<td class="{kind}"><a href="#{address}">{symbol}&nbsp;{_html(self.count)}</a></td>'


@dataclass(frozen=True, repr=False)
class Grid:
    """A table to be taken in at a glance; each cell leads to its rows, which stand in a fold below.

    Attributes:
        head: of the columns; the first one has the names of the rows.
        rows: a name, and for each other column a cell or None.
        behind: head of the rows behind the cells.
        note: a line below, which explains the cells.
    """

    head: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Cell | None]]]
    behind: Sequence[str]
    note: str = ""

    def __str__(self) -> str:
        shown = Table(self.head, [(name, *(str(cell or "") for cell in cells)) for name, cells in self.rows],
                      notes=[self.note])
        behind = Table(self.behind, [row for title, rows in self._folded() for row in ((title,), *rows)])
        return f"{shown}\n\n{behind}"

    __repr__ = __str__

    def _folded(self) -> list[tuple[str, Sequence[Sequence[str]]]]:
        """The rows behind each cell that has some, with the cell's name."""
        return [(f"{name}, {place}", cell.rows) for name, cells in self.rows
                for place, cell in zip(self.head[1:], cells, strict=True) if cell]

    def _repr_html_(self) -> str:
        columns, shown = len(self.behind), ""
        for name, cells in self.rows:
            shown += f'<tr id="{_address(name)}"><th scope="row">{_html(name)}</th>' + "".join(
                cell.html(_address(f"{name}, {place}")) if cell else "<td></td>"
                for place, cell in zip(self.head[1:], cells, strict=True)) + "</tr>\n"
        folded = "".join(f'<tbody id="{_address(title)}">\n<tr class="cell">{_title(title, columns)}</tr>\n'
                         f"{_body(rows, columns)}</tbody>\n" for title, rows in self._folded())
        return (f'<table class="results grid">\n<thead><tr>{_head(self.head)}</tr></thead>\n'
                f"<tbody>\n{shown}</tbody>\n</table>\n<p>{_html(self.note)}</p>\n"
                + _folded("The numbers behind each cell", '<table class="results">\n'
                          f"<thead><tr>{_head(self.behind)}</tr></thead>\n{folded}</table>"))


def _address(name: str) -> str:
    return re.sub(r"\W+", "-", f"rows {name}".lower())


def _folded(summary: str, html: str) -> str:
    return f'<details class="fold rows"><summary>{_html(summary)}</summary>\n{html}\n</details>'


def _head(names: Sequence[str], classes: Sequence[str] = ()) -> str:
    return "".join(f'<th scope="col"{kind}>{_html(name)}</th>'
                   for name, kind in zip_longest(names, classes, fillvalue=""))


def _body(rows: Sequence[Sequence[str]], columns: int, classes: Sequence[str] = ()) -> str:
    def cells(row: Sequence[str]) -> str:
        if len(row) < columns:
            return _title(row[0], columns)
        return "".join(f"<td{kind}>{_html(cell)}</td>"
                       for cell, kind in zip_longest(row, classes, fillvalue=""))

    return "".join(f"<tr>{cells(row)}</tr>\n" for row in rows)


def _title(text: str, columns: int) -> str:
    return f'<th colspan="{columns}" scope="rowgroup" style="text-align: left">{_html(text)}</th>'


def _html(cell: str) -> str:
    """A number and its spread stay on one line; a name may break at its underscores."""
    return escape(cell).replace(" ± ", "&nbsp;±&nbsp;").replace("_", "_<wbr>")
