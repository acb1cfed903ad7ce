"""Figures from histories, in the book's one style. No torch."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lrreg_utils.figures.style import (
    ALONE,
    CHANCE,
    PANEL,
    PERCENT,
    WIDTH,
    head,
    label_lines,
    mark_chance,
    mark_x,
    plot_against,
    subplots,
)
from lrreg_utils.results.history import History, by_schedule

# Okabe and Ito's palette: told apart with every common colour blindness. Line styles repeat what
# the colours say.
STYLES = {
    "large_lr": {"color": "#D55E00", "linestyle": "-"},
    "small_lr": {"color": "#0072B2", "linestyle": "--"},
    "small_lr_noise": {"color": "#009E73", "linestyle": "-."},
    "large_lr_constant": {"color": "#8C6BB1", "linestyle": ":"},
}
NAMES = {
    "large_lr": "large, annealed",
    "small_lr": "small",
    "small_lr_noise": "small + noise",
    "large_lr_constant": "large, never annealed",
    "clean": "clean",
    "patch_only": "patch only",
    "both": "image and patch",
    "patched": "image and patch",
}
SHORT = {  # at the ends of lines
    "large_lr": "large",
    "small_lr": "small",
    "small_lr_noise": "small\n+ noise",
    "large_lr_constant": "never\nannealed",
}
TITLES = {
    "test_clean": "Test images without a patch",
    "test_patched": "Test images with a patch",
    "test_patch_only": "Patches without an image",
    "train_clean": "Training examples: clean",
    "train_patch_only": "Training examples: patch only",
    "train_both": "Training examples: image and patch",
}
UNITS = {"accuracy": "accuracy (%)", "loss": "cross entropy (nats)"}


def plot_runs(ax: Axes, histories: Sequence[History], column: str, **style) -> None:
    """Draw the mean of a column over seeds, and a band from the lowest seed to the highest.

    Args:
        histories: runs of one schedule with equal numbers of epochs.
        column: a column of the histories, such as ``test_clean_accuracy``.
        style: passed to matplotlib's ``plot``.
    """
    values = np.stack([history[column] for history in histories], axis=1)
    plot_against(ax, histories[0]["epoch"], values, **style)


def mark_anneal(ax: Axes, epoch: int) -> None:
    """Draw where the large learning rate is lowered: between ``epoch - 1`` and ``epoch``."""
    mark_x(ax, epoch - 0.5, "anneal")


def curves(histories: Sequence[History], *columns: str, **axes) -> Figure:
    """A panel for each column: each schedule against the epoch, its name at the line's end.

    Args:
        columns: such as ``test_clean_accuracy``.
        axes: passed to ``Axes.set``.
    """
    width, height = PANEL
    fig, panels = subplots(len(columns), 1, figsize=(width, len(columns) * height), squeeze=False)
    for ax, column in zip(panels[:, 0], columns, strict=True):
        _draw_curves(ax, histories, column, **axes)
    return fig


def _draw_curves(ax: Axes, histories: Sequence[History], column: str, **axes) -> None:
    for name, runs in by_schedule(histories).items():
        plot_runs(ax, runs, column, label=SHORT.get(name, name), **STYLES.get(name, {}))
    anneals = sorted({epoch for run in histories for epoch in run.config.schedule.anneal_epochs})
    for epoch in anneals:
        mark_x(ax, epoch - 0.5, "anneal" if epoch == anneals[0] else "")
    split_and_set, unit = column.rsplit("_", 1)
    if split_and_set.endswith("patch_only"):
        mark_chance(ax, CHANCE[unit])
    limits = {"ylim": PERCENT} if unit == "accuracy" else {}
    words = {"xlabel": "epoch", "ylabel": UNITS.get(unit, unit)} | limits | axes
    head(ax, TITLES.get(split_and_set, column), **words)
    label_lines(ax)


def plot_history(history: History) -> Figure:
    """One run: accuracy and loss of each training group and each probe, against the epoch."""
    fig, axes = subplots(2, 2, figsize=(1.4 * WIDTH, 5.2), sharex=True)
    sets = {"train": ("clean", "patch_only", "both"), "test": ("clean", "patched", "patch_only")}
    for row, unit in enumerate(UNITS):
        for ax, (split, names) in zip(axes[row], sets.items(), strict=True):
            for name in names:
                ax.plot(history["epoch"], history[f"{split}_{name}_{unit}"], label=NAMES[name])
            for epoch in history.config.schedule.change_epochs:
                mark_anneal(ax, epoch)
            ax.set_ylabel(UNITS[unit])
    for ax, split in zip(axes[0], sets, strict=True):
        head(ax, split)
        ax.legend(frameon=False, fontsize=8)
    for ax in axes[1]:
        ax.set_xlabel("epoch")
    schedule = NAMES.get(history.config.schedule.name, history.config.schedule.name)
    title = f"{schedule}, seed {history.config.seed}, {history.provenance['data']}"
    # a folder may have any name, of dollars or of bytes that are no text
    title = title.encode(errors="replace").decode()
    fig.suptitle(title, fontsize=11, parse_math=False)
    return fig


def show_pictures(rows: dict[str, Sequence[np.ndarray]], titles: Sequence[str]) -> Figure:
    """A grid of pictures, one row for each entry.

    Args:
        rows: name to pictures, float (H, W) or (H, W, 3), values in [0, 1].
        titles: one for each column.
    """
    fig, axes = subplots(len(rows), len(titles), squeeze=False, grid=None,
                         figsize=(ALONE[0], 1.15 * ALONE[0] * len(rows) / len(titles)))
    for axes_row, (name, pictures) in zip(axes, rows.items(), strict=True):
        for ax, picture in zip(axes_row, pictures, strict=True):
            ax.imshow(picture, cmap="gray", vmin=0, vmax=1)
            ax.set(xticks=[], yticks=[])
        axes_row[0].set_ylabel(name, fontsize=11)
    fig.photographs = True
    for ax, title in zip(axes[0], titles, strict=True):
        ax.set_title(title, fontsize=11)
    return fig
