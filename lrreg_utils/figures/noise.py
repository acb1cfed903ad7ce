"""Figures of noise as the mechanism: added at the small rate, and taken away at the large one."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from lrreg_utils.figures.histories import SHORT, STYLES, TITLES, UNITS, curves, mark_anneal, plot_runs
from lrreg_utils.figures.style import (
    ALONE,
    PANEL,
    PERCENT,
    head,
    label_lines,
    mark_chance,
    mark_y,
    ordered,
    plot_against,
    subplots,
)
from lrreg_utils.results.history import History
from lrreg_utils.results.measures import first_epoch, first_step, steps
from lrreg_utils.results.noise import Task
from lrreg_utils.results.select import WITH_PATCH, by_field, of_mixture, where

KINDS = {  # kind of noise: its name in a figure, its marker, and how far the name stands from its first point
    "activation": ("activation noise", "o", (4, -16)),
    "dropout": ("dropout (◆)", "D", (6, -4)),
    "gradient": ("gradient\nnoise (▼)", "v", (6, -4)),
    "label": ("random labels (■)", "s", (-54, -16)),
    "batch": ("small batches (▲)", "^", (-58, 50)),
}


def plot_added(histories: Sequence[History], column: str) -> Figure:
    """One panel: both rates of the central experiment, and the small one with noise, against the epoch.

    Args:
        column: such as ``test_clean_accuracy``.
    """
    shown = ("large_lr", "small_lr", "small_lr_noise")
    return curves([run for run in of_mixture(histories, WITH_PATCH) if run.config.schedule.name in shown],
                  column)


def plot_batches(histories: Sequence[History], small: Sequence[History], column: str) -> Figure:
    """One panel: the annealed large rate at each batch size, and the small rate, against the epoch.

    Args:
        column: such as ``test_clean_accuracy``.
    """
    fig, ax = subplots(figsize=PANEL)
    runs = where(histories, schedule="large_lr")
    for size, dash in zip(sorted({run.config.batch_size for run in runs}), ("-", ":"), strict=False):
        plot_runs(ax, where(runs, batch_size=size), column, label=f"large,\nbatch {size}",
                  **STYLES["large_lr"] | {"linestyle": dash})
    plot_runs(ax, small, column, label=SHORT["small_lr"], **STYLES["small_lr"])
    mark_anneal(ax, runs[0].config.schedule.anneal_epochs[0])
    test_set, unit = column.rsplit("_", 1)
    if test_set.endswith("patch_only"):
        mark_chance(ax)
    head(ax, TITLES[test_set], xlabel="epoch", ylabel=UNITS[unit])
    ax.set_ylim(PERCENT if unit == "accuracy" else (0, None))
    label_lines(ax)
    return fig


def plot_kinds(task: Task, epoch: int) -> Figure:
    """What each noise gives back of the lead against the patches recognized while it lasts: means over seeds.

    The levels of a kind are joined; the two rates without noise stand at 0 and 1.

    Args:
        epoch: after which the share of the lead is read.
    """
    fig, ax = subplots(figsize=ALONE)

    def recognized(runs: Sequence[History]) -> float:
        return np.mean([run.at("test_patch_only_accuracy", task.until - 1) for run in runs])

    for kind, (name, marker, place) in KINDS.items():
        groups = {level: runs for (one, level), runs in task.noisy.items() if one == kind}
        points = [(recognized(runs), np.mean(task.shares("test_clean_accuracy", epoch, kind, level)))
                  for level, runs in groups.items()]
        color = STYLES["small_lr_noise"]["color"] if kind == "activation" else "0.4"
        ax.plot(*np.transpose(points), marker=marker, markersize=5, linewidth=0.8, color=color)
        _name(ax, name, points[0], place, color)
    for schedule, runs, share in (("large_lr", task.large, 1), ("small_lr", task.small, 0)):
        color = STYLES[schedule]["color"]
        ax.plot(recognized(runs), share, "o", markersize=8, color=color)
        _name(ax, f"{SHORT[schedule]} rate", (recognized(runs), share), (8, -3), color)
    head(ax, "What noise gives back of the lead", xlim=(0, 100), ylim=(-0.25, 1.1),
         xlabel="patches recognized while it lasts (%)", ylabel="share of the lead")
    return fig


def plot_matched(fainter: Sequence[History], histories: Sequence[History]) -> Figure:
    """Clean test accuracy at the end against the epoch at which half of the patches are recognized.

    Args:
        fainter: the small rate with patches of several strengths.
        histories: the central experiment; of it the runs of the large rate with the same seeds are drawn.
    """
    fig, ax = subplots(figsize=ALONE)
    seeds, last = {run.config.seed for run in fainter}, fainter[0].config.epochs
    large = [run for run in where(of_mixture(histories, WITH_PATCH), schedule="large_lr")
             if run.config.seed in seeds]
    strengths = sorted({run.config.patch_strength for run in fainter})
    groups = {f"{strength:g}": where(fainter, patch_strength=strength) for strength in strengths}
    for name, runs in (groups | {"large rate": large}).items():
        when = [np.nan_to_num(first_epoch(run, "test_patch_only_accuracy"), nan=last + 3) for run in runs]
        ends = [run.at("test_clean_accuracy", -1) for run in runs]
        color = STYLES["large_lr" if name == "large rate" else "small_lr"]["color"]
        ax.plot(when, ends, "s" if name == "large rate" else "o", markersize=4, color=color)
        seen = [point for point in zip(when, ends, strict=True) if point[0] <= last]
        if seen:
            _name(ax, name, (np.mean(seen, 0)[0], np.max(seen, 0)[1]), (0, 5), color, ha="center")
    ax.set_xticks([*range(0, last, 20), last + 3], [*range(0, last, 20), "never"])
    head(ax, "Test images without a patch, at the end", ylabel=UNITS["accuracy"],
         xlabel="epoch when half of the patches are recognized")
    return fig


def plot_delay(histories: Sequence[History]) -> Figure:
    """Step at which half of the patches are recognized against rate over batch size, by batch size."""
    fig, ax = subplots(figsize=ALONE)
    end = max(steps(run)[-1] for run in histories)
    sizes = sorted({run.config.batch_size for run in histories})
    for size, color, marker in zip(sizes, ordered(len(sizes)), "^osD", strict=False):
        rates, found = by_field(where(histories, batch_size=size), "schedule.initial_lr",
                                lambda run: first_step(run, "test_patch_only_accuracy"))
        late, ratios = np.nan_to_num(found, nan=2 * end), np.array(rates) / size
        plot_against(ax, ratios, late, color=color, marker=marker, markersize=4)
        _name(ax, f"batch {size}", (ratios[0], late[0].mean()), (-6, -3), color, ha="right")
    mark_y(ax, 1.15 * end, "never,\nabove")
    ax.set(xscale="log", yscale="log")
    ax.set_xlim(left=ax.get_xlim()[0] / 4)  # the names stand there
    head(ax, "Half of the patches recognized", xlabel="learning rate over batch size", ylabel="step")
    label_lines(ax)
    return fig


def _name(ax, text: str, point: Sequence[float], place: tuple[float, float], color, **style) -> None:
    """Write a name beside a point, ``place`` points away from it, in its colour."""
    ax.annotate(text, point, place, textcoords="offset points", fontsize=9, color=color, **style)
