"""Figures of convex and non-convex training, one panel each, from paths in two dimensions and study rows.

Every function returns the figure, which a notebook shows as the value of its cell. No torch.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from lrreg_utils.figures.histories import SHORT, STYLES, TITLES, UNITS
from lrreg_utils.figures.style import ALONE, PANEL, head, label_lines, mark_chance, mark_x, subplots
from lrreg_utils.problems.quadratic import CURVATURES, test_loss, train_loss
from lrreg_utils.results.study import rows_where

ROWS = {
    ("pixels", "schedules"): "convex: pixels", ("features", "schedules"): "convex: features",
    ("network", "schedules"): "network: schedules", ("network", "orders"): "batch orders",
    ("network", "starts"): "initial weights",
}
PLACES = {"large_lr": (0.2, 1.06), "small_lr": (1.04, 0.5)}  # of the paths' names, where no line comes
STAGES = {"schedule": "schedule ends", "converged": "converged"}


def plot_distances(pairs: Sequence[dict], test: str = "clean", convex: bool = True) -> Figure:
    """Distance between every two solutions, a dot each: hollow when the schedule ends, full when converged.

    Args:
        pairs: rows of `lrreg_utils.studies.convexity.convexity`'s ``pairs``.
        convex: whether the convex models have rows.
    """
    rows = [row for row in ROWS if convex or row[0] == "network"]
    fig, ax = subplots(figsize=ALONE, grid="x")
    ax.margins(x=0.12)  # room for the names of the stages
    for place, (model, kind) in enumerate(rows):
        for stage, color, face, side in (("converged", "black", "black", "center" if convex else "right"),
                                         ("schedule", "0.4", "white", "right")):
            found = rows_where(pairs, model=model, kind=kind, stage=stage, test=test)
            values = [row["function"] for row in found]
            ax.plot(values, place + np.linspace(-0.2, 0.2, len(values)), "o", color=color,
                    markerfacecolor=face, markersize=4.5)
            if not place:
                ax.annotate(STAGES[stage], (np.median(values), -0.5), color=color, fontsize=9, ha=side,
                            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})
    ax.set_yticks(range(len(rows)), [ROWS[row] for row in rows])
    head(ax, "", xscale="log", ylim=(len(rows) - 0.4, -0.9), xlabel="distance between two solutions, 0 to 1")
    return fig


def plot_paths(paths: dict[str, np.ndarray], target: float) -> Figure:
    """Paths of gradient descent on a quadratic, in the plane of its two errors.

    Args:
        paths: schedule to errors, float (steps + 1, 2).
        target: training loss at which the paths were stopped; its ellipse is the darker one.
    """
    fig, ax = subplots(figsize=PANEL)
    angle = np.linspace(0, 2 * np.pi, 200)
    for level in target * 10.0 ** np.arange(4):
        axes = np.sqrt(2 * level / np.array(CURVATURES))
        ax.plot(axes[1] * np.sin(angle), axes[0] * np.cos(angle), linewidth=1,
                color="0.3" if level == target else "0.8")
    for name, path in paths.items():
        style = STYLES[name]
        ax.plot(path[:, 1], path[:, 0], marker=".", markersize=3, linewidth=1, **style)
        ax.plot(path[-1, 1], path[-1, 0], "o", color=style["color"], markeredgecolor="white", zorder=5)
        ax.annotate(f"{SHORT[name]}\nrate" if name == "small_lr" else f"{SHORT[name]} rate", PLACES[name],
                    color=style["color"], fontsize=9)
    reach = 1.1 * max(np.abs(path).max() for path in paths.values())
    head(ax, "Paths to the same training loss", xlabel="error in the flat direction",
         ylabel="error in the steep direction", xlim=(-0.25 * reach, 1.2 * reach),
         ylim=(-reach, 1.15 * reach))
    return fig


def plot_losses(paths: dict[str, np.ndarray], target: float) -> Figure:
    """Test loss of those paths against their training loss, which falls to the right."""
    fig, ax = subplots(figsize=PANEL)
    for name, path in paths.items():
        ax.loglog(train_loss(path), test_loss(path), linewidth=1.8, label=SHORT[name], **STYLES[name])
    mark_x(ax, target, "stopped")
    ax.invert_xaxis()
    head(ax, "Test loss on the way", xlabel="training loss", ylabel="test loss")
    label_lines(ax)
    return fig


def plot_scores(runs: Sequence[dict], test: str = "clean", unit: str = "accuracy") -> Figure:
    """The network's accuracy or loss on a test set, by schedule and stage: mean and range over seeds."""
    fig, ax = subplots(figsize=PANEL)
    names = list(dict.fromkeys(row["schedule"] for row in runs))
    for shift, name in zip(np.linspace(-0.05, 0.05, len(names)), names, strict=True):
        values = [[row["scores"][test][unit] for row in rows_where(
            runs, model="network", stage=stage, schedule=name, variant="")] for stage in STAGES]
        means, places = np.mean(values, 1), shift + np.arange(len(STAGES))
        ax.plot(places, means, label=SHORT[name], **STYLES[name])
        ax.vlines(places, np.min(values, 1), np.max(values, 1), color=STYLES[name]["color"])
    if test == "patch_only" and unit == "accuracy":
        mark_chance(ax)
    ax.set_xticks(range(len(STAGES)), list(STAGES.values()))
    head(ax, TITLES[f"test_{test}"], ylabel=UNITS[unit], xlim=(-0.15, len(STAGES) - 0.85))
    label_lines(ax)
    return fig
