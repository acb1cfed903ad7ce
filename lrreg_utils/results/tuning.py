"""How settings were chosen: the numbers that were noted while tuning, and what follows from them.

Each file ``data/tuning/NAME.csv`` has one row per run, with units in its head. No torch.
"""

import csv
from collections.abc import Iterable, Sequence
from statistics import fmean

from lrreg_utils.errors import UserError
from lrreg_utils.experiments.sweep import about
from lrreg_utils.files import data_folder
from lrreg_utils.tables import Table, spread
from lrreg_utils.text_files import listed, read_text

Row = dict[str, str]


def tuning(name: str) -> list[Row]:
    """Read ``data/tuning/NAME.csv``: one dict per row, by the names in its head.

    Raises:
        UserError: no such file, or a row of another length than the head.
    """
    path = data_folder("tuning") / f"{name}.csv"
    rows = list(csv.DictReader(read_text(path, "tuning").splitlines(), strict=True))
    for number, row in enumerate(rows, 2):
        if None in row or None in row.values():
            raise UserError(f"tuning: {path} has another number of cells in line {number} than in its head")
    return rows


def numbers(rows: Iterable[Row], column: str) -> list[float]:
    """The numbers of a column, without empty cells."""
    return [float(row[column]) for row in rows if row[column]]


def by_setting(rows: Iterable[Row], *columns: str) -> dict[tuple[str, ...], list[Row]]:
    """Rows grouped by the values of some columns, in the order of the file."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[column] for column in columns), []).append(row)
    return groups


def tried(rows: Iterable[Row], settings: Sequence[str], measured: Sequence[str]) -> Table:
    """A table with one row per setting: mean ± standard deviation of each measured column over its seeds."""
    lines = []
    for setting, group in by_setting(rows, *settings).items():
        found = (numbers(group, column) for column in measured)
        lines.append((*setting, str(len(group)), *(spread(one) if one else "" for one in found)))
    return Table((*settings, "seeds", *measured), lines)


def best(rows: Iterable[Row], settings: Sequence[str], measured: str) -> tuple[str, ...]:
    """The setting with the largest mean of a measured column; of equal ones, the first."""
    groups = by_setting(rows, *settings)
    return max(groups, key=lambda setting: fmean(numbers(groups[setting], measured)))


def sweeps_table() -> Table:
    """A table of the sweep files that come with the book: name, question, and what was found."""
    files = listed(data_folder("sweeps"), "*.toml")
    found = {file.stem: about(file) for file in files}
    return Table(("sweep", "question", "found"),
                 [(name, text["question"], text["found"]) for name, text in found.items()])
