"""Figures of convex and non-convex training, from paths in two dimensions and from study rows. No torch.

Every function returns the figure, which a notebook shows as the value of its cell.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from lrreg_utils.figures.histories import NAMES, STYLES, UNITS
from lrreg_utils.figures.style import WIDTH, head, legend_above, mark_chance, mark_x, subplots
from lrreg_utils.problems.quadratic import CURVATURES, test_loss, train_loss
from lrreg_utils.results.study import rows_where

MODELS = {"pixels": "pixels", "features": "random features", "network": "network"}
STAGES = {"schedule": "when the schedule ends", "converged": "after convergence"}
COMPARISONS = {
    "schedules": ("#000000", "o", "two schedules"),
    "orders": ("#E69F00", "s", "one schedule, other minibatches"),
    "starts": ("#56B4E9", "^", "one schedule, other initial weights"),
}


def plot_descent(paths: dict[str, np.ndarray], target: float) -> Figure:
    """Paths of gradient descent on a quadratic, and their test loss against their training loss.

    Args:
        paths: schedule to errors, float (steps + 1, 2).
        target: training loss at which the paths were stopped; its ellipse is drawn.
    """
    fig, (plane, losses) = subplots(2, 1, figsize=(WIDTH, 6.6))
    angle = np.linspace(0, 2 * np.pi, 200)
    for level in (target, *(target * 10.0 ** np.arange(1, 4))):
        axes = np.sqrt(2 * level / np.array(CURVATURES))
        style = {"color": "0.3", "linewidth": 1.4} if level == target else {"color": "0.8", "linewidth": 0.8}
        plane.plot(axes[1] * np.sin(angle), axes[0] * np.cos(angle), **style)
    for name, path in paths.items():
        style, train = {"label": NAMES[name]} | STYLES[name], train_loss(path)
        end = {"color": style["color"], "markersize": 7, "markeredgecolor": "white", "zorder": 5}
        plane.plot(path[:, 1], path[:, 0], marker=".", markersize=3, linewidth=1, **style)
        plane.plot(path[-1, 1], path[-1, 0], "o", **end)
        losses.loglog(train, test_loss(path), linewidth=1.8, **style)
        losses.plot(train[-1], test_loss(path[-1]), "o", **end)
    reach = 1.1 * max(np.abs(path).max() for path in paths.values())
    plane.set(xlabel="error in the flat direction, $e_2$", ylabel="error in the steep direction, $e_1$",
              xlim=(-0.25 * reach, reach), ylim=(-reach, reach))
    mark_x(losses, target, "stopped")
    losses.invert_xaxis()
    losses.set(xlabel="training loss (training goes to the right)", ylabel="test loss")
    losses.legend(frameon=False, fontsize=9, loc="lower left")
    return fig


def plot_distances(pairs: Sequence[dict], test: str = "clean") -> Figure:
    """Distance between every two functions, a dot each, on a logarithmic axis; a panel for each stage.

    Args:
        pairs: rows of `lrreg_utils.studies.convexity.convexity`'s ``pairs``.
    """
    rows = [(model, kind) for model in MODELS for kind in COMPARISONS
            if rows_where(pairs, model=model, kind=kind)]
    places = range(len(rows) - 1, -1, -1)  # the first on top
    fig, axes = subplots(2, 1, figsize=(WIDTH, 1.6 + 0.7 * len(rows)), sharex=True)
    for ax, (stage, title) in zip(axes, STAGES.items(), strict=True):
        for place, (model, kind) in zip(places, rows, strict=True):
            found = rows_where(pairs, model=model, kind=kind, stage=stage, test=test)
            values = [row["function"] for row in found]
            color, marker, name = COMPARISONS[kind]
            ax.plot(values, place + np.linspace(-0.2, 0.2, len(values)), marker, color=color, alpha=0.7,
                    markersize=5, label=name if model == "network" else None)
        ax.set_yticks(places, [MODELS[model] for model, _ in rows])
        head(ax, title, ylim=(-0.6, len(rows) - 0.4), xscale="log")
        ax.grid(axis="x", alpha=0.25)
    axes[1].set_xlabel("distance of the functions (mean total variation)")
    legend_above(fig, 1)
    return fig


def plot_scores(runs: Sequence[dict], test: str = "clean") -> Figure:
    """Accuracy and cross entropy on a test set by model, stage and schedule: mean and range over seeds."""
    columns = [(model, stage) for model in MODELS for stage in STAGES if rows_where(runs, model=model)]
    fig, axes = subplots(2, 1, figsize=(WIDTH, 5.2), sharex=True)
    names = list(dict.fromkeys(row["schedule"] for row in runs))
    for ax, unit in zip(axes, UNITS, strict=True):
        for shift, name in zip(np.linspace(-0.2, 0.2, len(names)), names, strict=True):
            for place, (model, stage) in enumerate(columns):
                found = rows_where(runs, model=model, stage=stage, schedule=name, variant="")
                values = np.array([row["scores"][test][unit] for row in found])
                mean = values.mean()
                ax.errorbar(place + shift, mean, [[mean - values.min()], [values.max() - mean]], capsize=3,
                            fmt="osD"[names.index(name)], color=STYLES[name]["color"], markersize=5,
                            label=NAMES[name] if place == 0 else None)
        ax.set_ylabel(UNITS[unit])
    if test == "patch_only":
        mark_chance(axes[0])
    axes[1].set_xticks(range(len(columns)),
                       [f"{MODELS[model].replace(' ', chr(10))}\n{stage}" for model, stage in columns],
                       fontsize=8)
    legend_above(fig, 3)
    return fig
