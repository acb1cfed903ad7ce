"""Figures of the puzzle: two rates, and the jump where the large one is lowered."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure

from lrreg_utils.figures.histories import curves
from lrreg_utils.figures.style import head
from lrreg_utils.results.history import History, by_schedule
from lrreg_utils.results.select import where

NAMES = "large_lr", "small_lr"


def plot_rates(
    histories: Sequence[History], column: str = "test_clean_accuracy", title: str = "Test images", **axes
) -> Figure:
    """One panel: a column of the large and of the small rate against the epoch.

    Args:
        histories: of several schedules, or a sweep over initial rates, of which the extremes are drawn.
        axes: passed to ``Axes.set``.
    """
    fig = curves(two_rates(histories), column, **axes)
    head(fig.axes[0], title)
    return fig


def plot_jump(histories: Sequence[History], **axes) -> Figure:
    """`plot_rates` on test images, with an arrow at the jump where the large rate is lowered."""
    fig = plot_rates(histories, **axes)
    large = by_schedule(histories)["large_lr"]
    (anneal,) = large[0].config.schedule.anneal_epochs
    height = np.mean([run["test_clean_accuracy"][anneal - 2:anneal] for run in large])
    fig.axes[0].annotate("this jump", (anneal, height), (0.3, 0.12), textcoords="axes fraction", fontsize=10,
                         fontweight="bold", arrowprops={"arrowstyle": "->", "color": "0.3"})
    return fig


def two_rates(histories: Sequence[History]) -> list[History]:
    """The runs named ``large_lr`` and ``small_lr``; of a sweep, those of its extreme initial rates."""
    if set(NAMES) <= by_schedule(histories).keys():
        return [run for run in histories if run.config.schedule.name in NAMES]
    rates = [run.config.schedule.initial_lr for run in histories]
    return [_renamed(run, name) for name, rate in zip(NAMES, (max(rates), min(rates)), strict=True)
            for run in where(histories, schedule__initial_lr=rate)]


def _renamed(run: History, name: str) -> History:
    return replace(run, config=replace(run.config, schedule=replace(run.config.schedule, name=name)))
