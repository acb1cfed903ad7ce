"""Figures of the puzzle: two rates, and all rates between them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from lrreg_utils.figures.histories import NAMES, STYLES, UNITS, mark_anneal, panels, plot_runs
from lrreg_utils.figures.style import WIDTH, head, legend_above, plot_against, subplots
from lrreg_utils.results.history import History, by_schedule
from lrreg_utils.results.select import INERT, WITH_PATCH, by_field, of_mixture, where

BEFORE = ("before the anneal", {"color": "#D55E00", "marker": "o"})
END = ("at the end", {"color": "#0072B2", "linestyle": "--", "marker": "s"})


def plot_jump(histories: Sequence[History]) -> Figure:
    """Clean test accuracy at two rates against the epoch, with the patch and with an inert one."""
    fig, axes = subplots(2, 1, figsize=(WIDTH, 5), sharex=True, sharey=True)
    titles = {WITH_PATCH: "The patch gives the class away", INERT: "The patch says nothing"}
    (anneal,) = by_schedule(histories)["large_lr"][0].config.schedule.anneal_epochs
    for ax, (mixture, title) in zip(axes, titles.items(), strict=True):
        for name, runs in by_schedule(of_mixture(histories, mixture)).items():
            plot_runs(ax, runs, "test_clean_accuracy", label=NAMES[name], **STYLES[name])
        mark_anneal(ax, anneal)
        head(ax, title, ylabel=UNITS["accuracy"])
    large = by_schedule(of_mixture(histories, WITH_PATCH))["large_lr"]
    height = np.mean([run["test_clean_accuracy"][anneal - 2:anneal] for run in large])
    axes[0].annotate("this jump", (anneal, height), (0.14, 0.12), textcoords="axes fraction", fontsize=11,
                     fontweight="bold", arrowprops={"arrowstyle": "->", "color": "0.3"})
    axes[-1].set_xlabel("epoch")
    legend_above(fig)
    return fig


def plot_extremes(histories: Sequence[History], columns: Sequence[str]) -> Figure:
    """The largest and the smallest initial rate of a sweep against the epoch, a panel for each column."""
    rates = [run.config.schedule.initial_lr for run in histories]
    return panels([(f"{rate:g} at first", where(histories, schedule__initial_lr=rate), STYLES[name])
                   for name, rate in (("large_lr", max(rates)), ("small_lr", min(rates)))], columns)


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
