"""Figures of the theory, from arrays and from the results of its studies. No torch.

Every function returns the figure, which a notebook shows as the value of its cell.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from lrreg_utils.figures.histories import STYLES
from lrreg_utils.figures.style import WIDTH, head, mark_x, mark_y, plot_against, subplots
from lrreg_utils.theory.formulas import changed, correlation, kernel

if TYPE_CHECKING:
    from lrreg_utils.theory.setting import Sample, Setting

SCHEDULES = {"L-S": {**STYLES["large_lr"], "marker": "o"}, "S": {**STYLES["small_lr"], "marker": "s"}}
LABELS = {1: ("#E69F00", "o", "y = +1"), -1: ("#56B4E9", "s", "y = −1")}
LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9")
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1)))
TYPES = {"p_only": "P-only", "q_only": "Q-only", "both": "both", "x1_half": "x1 half alone",
         "x2_half": "x2 half alone"}
U = "u · λ (sum of the rates, times weight decay)"


def plot_p_and_q(sample: "Sample", setting: "Setting") -> Figure:
    """P, the coordinate of x1 along w* in units of its margin, and Q, x2 in the plane of z and zeta.

    Args:
        sample: examples, of which the first seed's are drawn.
    """
    has1, has2, labels = (np.asarray(part[0]) for part in (sample.has1, sample.has2, sample.labels))
    along = np.asarray(sample.x1[0, :, 0])[has1] / (setting.x1_scale * setting.gamma0)
    x2, p_labels, q_labels = np.asarray(sample.x2(setting)[0])[has2], labels[has1], labels[has2]
    fig, (left, right) = subplots(2, 1, figsize=(WIDTH, 5.2))
    edges = np.linspace(-np.abs(along).max(), np.abs(along).max(), 41)
    for sign, (color, marker, name) in LABELS.items():
        left.hist(along[p_labels == sign], edges, color=color, alpha=0.75, label=name,
                  hatch=None if sign > 0 else "//", edgecolor="white", linewidth=0.3)
        where = q_labels == sign
        right.plot(x2[where, 0], x2[where, 1], marker, color=color, markersize=3.5, label=name,
                   rasterized=True)  # as many dots as examples
    left.set(xlabel="x1 along w*, in margins γ0", ylabel="examples")
    right.set(xlabel="x2 along z", ylabel="x2 along ζ", xlim=(0, None))
    for ax, title in ((left, "P: separable, but buried in noise"), (right, "Q: rays a small angle r apart")):
        _finish(ax, title)
    return fig


def plot_patterns() -> Figure:
    """Correlation of the activation patterns with those at the start, and the kernel near angle 0."""
    fig, (above, below) = subplots(2, 1, figsize=(WIDTH, 5.2))
    u, theta = np.linspace(0, 3, 300), np.linspace(-0.4, 0.4, 801)
    for (name, style), one in zip(SCHEDULES.items(), (1.0, 1e9), strict=True):
        text = "large rate" if name == "L-S" else "small rate"
        above.plot(u, correlation(u, one), label=text, color=style["color"], linestyle=style["linestyle"])
    above.set(xlabel=U, ylabel="correlation ρ", ylim=(0, 1.05))
    for rho, color, dash in zip((1.0, 0.999, 0.99, 0.9), LINES, DASHES, strict=False):
        below.plot(theta, kernel(theta, rho), label=f"ρ = {rho:g}", color=color, linestyle=dash)
    below.set(xlabel="angle θ between two inputs (radians)", ylabel="kernel K(θ)")
    _finish(above, "How long activation patterns last")
    _finish(below, "What the network can tell apart")
    return fig


def plot_flips(result: dict) -> Figure:
    """Fraction of neurons whose activation on z changed: a finite network's, and arccos(rho)/pi.

    Args:
        result: of the study ``flips``.
    """
    fig, ax = subplots(figsize=(WIDTH, 3.2))
    for (name, found), style in zip(result.items(), SCHEDULES.values(), strict=True):
        measured = 100 * np.mean(found["changed"], 1)
        ax.plot(found["u"], measured, style["marker"], color=style["color"], label=f"{name} rate, measured")
        ax.plot(found["u"], 100 * np.array(found["predicted"]), color=style["color"],
                linestyle=style["linestyle"], label=f"{name} rate, predicted")
    ax.axhline(100 * float(changed(0.0)), color="0.6", linewidth=0.8)
    ax.set(xscale="log", xlabel=U, ylabel="neurons changed (%)")
    _finish(ax, "Activations on z that differ from the start's")
    return fig


def plot_course(
    course: dict, unit: str = "error", kinds: Sequence[str] = ("x1_half", "q_only"),
    levels: dict[str, dict[str, float]] | None = None,
) -> Figure:
    """Loss or error by type against time, L-S and S: the mean over seeds, and the range.

    Args:
        course: ``result["course"]`` of ``separation``, or of a recipe in ``finite``.
        unit: ``error`` (percent) or ``loss`` (nats).
        kinds: a panel each, of `TYPES`.
        levels: horizontal lines, ``{kind: {label: value}}``.
    """
    fig, axes = subplots(len(kinds), 1, figsize=(WIDTH, 2.5 * len(kinds)), sharex=True, squeeze=False)
    for ax, kind in zip(axes[:, 0], kinds, strict=True):
        for name, style in SCHEDULES.items():
            first = 1 if unit == "error" else 0  # a network that starts at 0 says nothing yet
            values, u = np.array(course[name][kind][unit])[first:], course[name]["u"][first:]
            plot_against(ax, u, values, label=name, color=style["color"], linestyle=style["linestyle"])
        for text, value in (levels or {}).get(kind, {}).items():
            mark_y(ax, value, text)
        ax.set(ylabel="error (%)" if unit == "error" else "loss (nats)", ylim=(0, None))
        _finish(ax, TYPES[kind])
    axes[-1, 0].set_xlabel(U)
    return fig


def plot_separation(result: dict) -> Figure:
    """Error of the x1 half seed by seed, a stroke from L-S to S, and the ratio with its control.

    Args:
        result: of ``separation``.
    """
    fig, (above, below) = subplots(2, 1, figsize=(WIDTH, 5.2), sharex=True)
    errors = {name: result[name]["p_test_error"] for name in SCHEDULES}
    seeds = range(len(errors["S"]))
    above.vlines(seeds, errors["L-S"], errors["S"], color="0.8", zorder=0)
    for name, style in SCHEDULES.items():
        above.plot(seeds, errors[name], style["marker"], color=style["color"], label=name)
    above.set(ylabel="error (%)", ylim=(0, None))
    below.plot(seeds, result["ratio"], "D", color="#009E73", label="with Q")
    below.plot(seeds, result["control_ratio"], "x", color="0.3", label="control without Q")
    below.axhline(1, color="0.6", linewidth=0.8)
    below.set(xlabel="seed", ylabel="S / L-S", ylim=(0, None))
    below.set_xticks(list(seeds))
    _finish(above, "What the x1 half has learned of P")
    _finish(below, "Ratio of the errors")
    return fig


def plot_ratio_curves(share: dict, length: dict) -> Figure:
    """S over L-S against N/d, and against the annealed phase's length: mean and range over seeds.

    Args:
        share, length: results of the studies of those names.
    """
    fig, (above, below) = subplots(2, 1, figsize=(WIDTH, 5.2))
    _band(above, [row["share"] for row in share["rows"]], [row["ratio"] for row in share["rows"]], 0,
          "annealed for 0.25/λ")
    lengths = [row["length"] for row in length["rows"]]
    _band(below, lengths, [row["ratio"] for row in length["rows"]], 0, f"S for {length['S_length']:g}/λ")
    _band(below, lengths, [row["ratio_as_long"] for row in length["rows"]], 1, "S for as long as L-S")
    below.set(xlabel="length of the annealed phase (1/λ)")
    for ax, title in ((above, "More examples, more separation"),
                      (below, "Annealed for longer, L-S approaches S")):
        ax.axhline(1, color="0.6", linewidth=0.8)
        ax.set(ylabel="S / L-S, error of the x1 half", ylim=(0, None))
        _finish(ax, title)
    # where L-S makes hardly an error left, the ratio is large and uncertain
    above.set(xlabel="training examples per dimension, N/d", yscale="log", ylim=(0.9, None))
    return fig


def plot_regime(result: dict, here: tuple[float, float]) -> Figure:
    """Who has learned Q, against r and lam, with predicted boundaries (lines) and measured ones (points).

    Args:
        result: of ``regime``.
        here: r and lam of a setting to mark.
    """
    fig, axes = subplots(2, 1, figsize=(WIDTH, 6.6), sharex=True, grid=None)
    titles = {"large": "after the large rate", "small": "after the small rate"}
    for ax, (name, title) in zip(axes, titles.items(), strict=True):
        picture = ax.pcolormesh(result["r"], result["lam"], result["q_only_loss"][name], cmap="cividis",
                                vmin=0, vmax=np.log(2), shading="nearest")
        for line, color, dash in (("large", "#D55E00", "-"), ("small", "white", "--")):
            ax.plot(result["predicted_r"][line], result["lam"], color=color, linestyle=dash,
                    label=f"predicted, {line} rate",
                    path_effects=[withStroke(linewidth=3, foreground="black")])
        measured = [(r, lam) for r, lam in zip(result["measured_r"][name], result["lam"], strict=True) if r]
        ax.plot(*zip(*measured, strict=True) if measured else ([], []), "o", color="white",
                markeredgecolor="black", label="measured here")
        ax.plot(*here, "*", color="white", markeredgecolor="black", markersize=13, label="setting here")
        ax.set(xscale="log", yscale="log", ylabel="weight decay λ", title=f"Q {title}",
               xlim=(min(result["r"]) / 1.2, max(result["r"]) * 1.2),
               ylim=(min(result["lam"]) / 1.35, max(result["lam"]) * 1.35))
        ax.set_xticks([0.02, 0.05, 0.1, 0.2], ["0.02", "0.05", "0.1", "0.2"])
        ax.xaxis.set_minor_formatter("")  # within less than two decades it would label every tick
        ax.legend(fontsize=8, loc="upper left", facecolor="0.75")
    axes[1].set_xlabel("angle r between rays (radians)")
    fig.colorbar(picture, ax=axes, label="Q-only loss (nats)", shrink=0.6)
    return fig


def plot_width(result: dict) -> Figure:
    """Distance to the infinitely wide network against the width, with and without mirrored pairs.

    Args:
        result: of ``width``.
    """
    fig, ax = subplots(figsize=(WIDTH, 3.4))
    widths = np.array(result["widths"])
    for place, (name, rows) in enumerate(result["distance"].items()):
        _band(ax, widths, rows, place, f"{name}, slope {result['slope'][name]:.2f}")
    first = np.mean(result["distance"]["mirrored"][0])
    ax.plot(widths, first * (widths / widths[0]) ** -0.5, color="0.4", linestyle=":", label="slope −1/2")
    ax.set(xscale="log", yscale="log", xlabel="neurons in each half, m", ylabel="relative distance")
    _finish(ax, "Towards infinite width")
    return fig


def plot_finite(result: dict) -> Figure:
    """The finite network under each kind of noise: errors of the x1 half, and Q before annealing.

    Args:
        result: of ``finite``.
    """
    recipes = result["recipes"]
    places = np.arange(len(recipes))[::-1]
    fig, (above, below) = subplots(2, 1, figsize=(WIDTH, 4.8), sharey=True)
    for shift, (name, style) in zip((0.12, -0.12), SCHEDULES.items(), strict=True):
        for place, found in zip(places, recipes.values(), strict=True):
            values = found[name]["p_test_error"]
            above.plot(values, [place + shift] * len(values), style["marker"], color=style["color"],
                       alpha=0.7, label=name if place == places[0] else None)
    for place, found in zip(places, recipes.values(), strict=True):
        values = found["L-S"]["q_only_error_before_anneal"]
        apart = place + np.linspace(-0.2, 0.2, len(values))  # seeds that agree lie side by side
        below.plot(values, apart, "D", color="#009E73", markersize=5)
    mark_x(below, result["linear_error"], "best linear rule")
    above.set_yticks(places, list(recipes))
    above.set(xlabel="error of the x1 half (%)", xlim=(0, None))
    below.set(xlabel="Q-only error before annealing (%)", xlim=(-2, 60))
    above.legend(frameon=False, fontsize=9)
    for ax in (above, below):
        ax.set_ylim(-0.5, len(recipes) - 0.5)
    return fig


def _band(ax: Axes, x: Sequence[float], rows: Sequence[Sequence[float]], place: int, name: str) -> None:
    plot_against(ax, x, rows, color=LINES[place], linestyle=DASHES[place], marker="os"[place], label=name)


def _finish(ax: Axes, title: str) -> None:
    head(ax, title)
    ax.legend(frameon=False, fontsize=9)


def plot_toy(results: dict) -> Figure:
    """The toy over seeds, L-S and S against the step: error on P alone and on Q alone, mean and range.

    Args:
        results: of `toy_study.train_seeds`.
    """
    panels = {"test_p_error": "Error on P alone", "test_q_only_error": "Error on Q alone"}
    fig, axes = subplots(2, 1, figsize=(WIDTH, 5.0), sharex=True)
    for ax, (column, title) in zip(axes, panels.items(), strict=True):
        for name, style in SCHEDULES.items():
            runs = results["runs"][name]
            steps, values = runs["step"][0][1:], np.array(runs[column])[:, 1:]  # not the start, at chance
            plot_against(ax, steps, values.T, label=name, color=style["color"], linestyle=style["linestyle"])
        ax.axvline(results["anneal_step"], color="0.5", linewidth=0.8, linestyle=":")
        ax.set(ylabel="error (%)", ylim=(0, None))
        _finish(ax, title)
    axes[-1].set_xlabel("step")
    return fig
