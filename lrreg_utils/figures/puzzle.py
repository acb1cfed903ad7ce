"""Figures of the puzzle: two rates, and all rates between them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from lrreg_utils.figures.histories import UNITS
from lrreg_utils.figures.style import WIDTH, plot_against, subplots
from lrreg_utils.results.history import History
from lrreg_utils.results.select import by_field

BEFORE = ("before the anneal", {"color": "#D55E00", "marker": "o"})
END = ("at the end", {"color": "#0072B2", "linestyle": "--", "marker": "s"})


def plot_rates(histories: Sequence[History]) -> Figure:
    """Test accuracy and loss against the initial rate: over ten epochs before the anneal, and at the end."""
    anneal = histories[0].config.schedule.anneal_epochs[0]
    fig, axes = subplots(2, 1, figsize=(WIDTH, 5.2), sharex=True)
    for ax, unit in zip(axes, UNITS, strict=True):
        column = f"test_clean_{unit}"
        early = slice(anneal - 11, anneal - 1)
        for (label, style), span in ((BEFORE, early), (END, slice(-1, None))):
            rates, values = by_field(histories, "schedule.initial_lr",
                                     lambda run, column=column, span=span: float(np.mean(run[column][span])))
            plot_against(ax, rates, values, label=label, **style)
        ax.set(xscale="log", ylabel=UNITS[unit])
    axes[0].legend(frameon=False, fontsize=9)
    axes[-1].set_xlabel("initial learning rate")
    return fig
