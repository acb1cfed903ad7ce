"""Figures over the settings of many runs: a measure against one field, or a map over two. No torch."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from lrreg_utils.config import Config
from lrreg_utils.errors import UserError
from lrreg_utils.history import History

Measure = Callable[[History], float]


def field_of(config: Config, name: str) -> Any:
    """A field of a config, or of its schedule after ``schedule.``."""
    holder = config.schedule if name.startswith("schedule.") else config
    return getattr(holder, name.removeprefix("schedule."))


def where(histories: Sequence[History], **fields: Any) -> list[History]:
    """Those runs whose config has these values; the schedule's name is ``schedule``.

    A field of the schedule is written with two underscores: ``schedule__initial_lr=0.1``.

    Raises:
        UserError: there is no such run.
    """
    names = {name: "schedule.name" if name == "schedule" else name.replace("__", ".") for name in fields}
    found = [history for history in histories
             if all(field_of(history.config, names[name]) == value for name, value in fields.items())]
    if not found:
        wanted = ", ".join(f"{name} = {value!r}" for name, value in fields.items())
        raise UserError(f"where: no run has {wanted}")
    return found


def by_field(histories: Sequence[History], field: str, measure: Measure) -> tuple[list, np.ndarray]:
    """A measure for each value of a field.

    Returns:
        The values, ascending, and float64 (values, seeds), seeds ascending.

    Raises:
        UserError: a value without a run for every seed.
    """
    values = sorted({field_of(history.config, field) for history in histories})
    rows = []
    for value in values:
        runs = [history for history in histories if field_of(history.config, field) == value]
        rows.append([measure(run) for run in sorted(runs, key=lambda run: run.config.seed)])
    if len({len(row) for row in rows}) > 1:
        raise UserError(f"by_field: not every {field} has as many runs")
    return values, np.array(rows, dtype=float)


def plot_against(ax: Axes, xs: Sequence[float], values: np.ndarray, **style) -> None:
    """Draw the mean over seeds against ``xs``, and a band from the lowest seed to the highest.

    Args:
        values: float (xs, seeds).
        style: passed to matplotlib's ``plot``.
    """
    (line,) = ax.plot(xs, np.mean(values, 1), linewidth=1.8, **style)
    ax.fill_between(xs, np.min(values, 1), np.max(values, 1), color=line.get_color(), alpha=0.18, linewidth=0)


def plot_map(ax: Axes, columns: Sequence, rows: Sequence, values: np.ndarray, text: str = ".0f", **style):
    """A heat map with each mean written in its cell; gives the image, for a colour bar.

    Args:
        columns, rows: what the cells stand for, written at the axes.
        values: float (rows, columns); NaN stays empty.
        text: format of the numbers.
        style: passed to matplotlib's ``imshow``.
    """
    image = ax.imshow(values, aspect="auto", origin="lower", **({"cmap": "viridis"} | style))
    ax.set_xticks(range(len(columns)), [f"{column:g}" for column in columns])
    ax.set_yticks(range(len(rows)), [f"{row:g}" for row in rows])
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            dark = sum(image.cmap(image.norm(value))[:3]) < 1.5
            ax.text(column, row, format(value, text), ha="center", va="center", fontsize=8,
                    color="white" if dark else "black")
    return image
