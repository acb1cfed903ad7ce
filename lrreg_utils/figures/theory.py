"""Figures of the theory, one panel each, from arrays and from the results of its studies. No torch.

Every function returns the figure, which a notebook shows as the value of its cell.
"""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lrreg_utils.figures.histories import STYLES
from lrreg_utils.figures.style import (
    ALONE,
    PANEL,
    PATTERNS,
    head,
    label_lines,
    mark_x,
    mark_y,
    plot_against,
    subplots,
)
from lrreg_utils.theory.formulas import averaged_kernel, kernel

if TYPE_CHECKING:
    from lrreg_utils.theory.setting import Sample, Setting

NAMES = {"L-S": "large\n(L-S)", "S": "small\n(S)"}
SCHEDULES = {"L-S": STYLES["large_lr"], "S": STYLES["small_lr"]}
NOISES = {"injected noise": "injected", "minibatches": "minibatches", "no injected noise": "none"}
TITLES = {"x1_half": "On P, by the x1 half", "p_only": "On inputs with P alone",
          "q_only": "On inputs with Q alone", "both": "On inputs with both"}
U = "time u · λ"  # u is the sum of the learning rates
RATIO = "error on P, small over large"


def plot_errors(result: dict) -> Figure:
    """Error on P seed by seed, a stroke from L-S to S.

    Args:
        result: of ``separation``.
    """
    fig, ax = subplots(figsize=PANEL)
    errors = {name: result[name]["p_test_error"] for name in SCHEDULES}
    seeds = range(len(errors["S"]))
    ax.vlines(seeds, errors["L-S"], errors["S"], color="0.8", zorder=0)
    for (name, style), marker in zip(SCHEDULES.items(), "os", strict=True):
        ax.plot(seeds, errors[name], marker, color=style["color"], label=NAMES[name])
    ax.set_xticks(seeds)
    head(ax, "In the limit of infinite width", xlabel="seed", ylabel="error on image-like P (%)",
         ylim=(0, None))
    label_lines(ax)
    return fig


def plot_noises(result: dict) -> Figure:
    """The finite network's S over L-S under each kind of noise, a dot for each seed; hollow without Q.

    Args:
        result: of ``finite``.
    """
    fig, ax = subplots(figsize=PANEL, grid="x")
    for place, name in enumerate(NOISES):
        found = result["recipes"][name]
        for key, color, face, text in (("ratio", PATTERNS["patch"], PATTERNS["patch"], "with Q"),
                                       ("control_ratio", "0.55", "white", "without Q")):
            values = found[key]
            ax.plot(values, place + np.linspace(-0.15, 0.15, len(values)), "o", color=color,
                    markerfacecolor=face, markersize=5)
            if not place:
                ax.annotate(text, (np.mean(values), -0.4), color=color, fontsize=9, ha="center")
    ax.axvline(1, ymax=0.88, color="0.6", linewidth=0.8)  # below the words
    ax.set_yticks(range(len(NOISES)), NOISES.values())
    head(ax, "At finite width: a dot for each seed", xlabel=RATIO, ylabel="kind of noise", xlim=(0.5, None),
         ylim=(len(NOISES) - 0.5, -0.7))
    return fig


def plot_p(sample: "Sample", setting: "Setting") -> Figure:
    """P: the coordinate of x1 along w*, in units of its margin; full and hollow bars are the two labels.

    Args:
        sample: examples, of which the first seed's are drawn.
    """
    fig, ax = subplots(figsize=PANEL)
    shown = np.asarray(sample.has1[0])
    along = np.asarray(sample.x1[0, :, 0])[shown] / (setting.x1_scale * setting.gamma0)
    ax.set_axisbelow(True)
    edges = np.linspace(-np.abs(along).max(), np.abs(along).max(), 31)
    for sign, text in ((1, "y = +1"), (-1, "y = −1")):
        bars = along[np.asarray(sample.labels[0])[shown] == sign]
        ax.hist(bars, edges, **_face(sign, "image"), linewidth=0.8)
        ax.annotate(text, (np.mean(bars), 0.98), xycoords=("data", "axes fraction"), ha="center", va="top",
                    color=PATTERNS["image"])
    head(ax, "P: one direction in 400", xlabel="x1 along w*, in margins", ylabel="examples")
    ax.set_ylim(top=1.2 * ax.dataLim.y1)  # room for the labels
    return fig


def plot_q(sample: "Sample", setting: "Setting") -> Figure:
    """Q: x2 in the plane of z and zeta, on rays; full and hollow dots are the two labels."""
    fig, ax = subplots(figsize=PANEL)
    shown = np.asarray(sample.has2[0])
    x2, labels = np.asarray(sample.x2(setting)[0])[shown], np.asarray(sample.labels[0])[shown]
    for sign in (1, -1):
        dots = x2[labels == sign]
        ax.plot(dots[:, 0], dots[:, 1], "o", markersize=3, color=PATTERNS["patch"],
                markerfacecolor=_face(sign, "patch")["facecolor"], rasterized=True)  # as many as examples
    for angle, sign in zip(np.asarray(setting.angles), np.asarray(setting.ray_labels), strict=True):
        ax.plot((0, 1.02 * np.cos(angle)), (0, 1.02 * np.sin(angle)), color="0.7", linewidth=0.8, zorder=0)
        ax.annotate("+1" if sign > 0 else "−1", (np.cos(angle), np.sin(angle)), (8, 0),
                    textcoords="offset points", color=PATTERNS["patch"], va="center")
    head(ax, "Q: five rays, labels alternate", xlabel="x2 along z", ylabel="x2 along ζ", xlim=(0, 1.15))
    return fig


def _face(sign: float, pattern: str) -> dict:
    color = PATTERNS[pattern]
    return {"facecolor": color if sign > 0 else "white", "edgecolor": color}


def plot_kernels() -> Figure:
    """What a step on one input does to another at an angle: activations frozen, and refreshed."""
    fig, ax = subplots(figsize=PANEL)
    theta = np.linspace(-0.4, 0.4, 801)
    _two_kernels(ax, theta, kernel(theta, 1.0), averaged_kernel(theta))
    head(ax, "A step at angle 0, felt at angle θ", xlabel="angle θ (radians)", ylabel="effect on the output")
    label_lines(ax)
    return fig


def plot_rays(setting: "Setting") -> Figure:
    """Pulls that fit the rays with frozen activations, and what the same pulls do with refreshed ones."""
    fig, ax = subplots(figsize=PANEL)
    rays, labels = np.asarray(setting.angles), np.asarray(setting.ray_labels)
    pulls = np.linalg.solve(kernel(rays[:, None] - rays, 1.0), labels)
    theta = np.linspace(1.4 * rays[0], 1.4 * rays[-1], 401)
    between = theta[:, None] - rays
    _two_kernels(ax, theta, kernel(between, 1.0) @ pulls, averaged_kernel(between) @ pulls)
    for sign in (1, -1):
        ax.scatter(rays[labels == sign], labels[labels == sign], **_face(sign, "patch"), zorder=3)
    head(ax, "The same pulls, seen on the rays of Q", xlabel="angle (radians)", ylabel="output on Q",
         ylim=(-1.2, 1.6))
    label_lines(ax)
    return fig


def plot_two_times(setting: "Setting", rho: float) -> Figure:
    """A step made now and one felt with ``rho``: their kernels, less their tips, and the rays of Q."""
    fig, (above, below) = subplots(2, 1, figsize=(ALONE[0], 4.4))
    theta, words = np.linspace(-0.4, 0.4, 401), ("made\nnow", f"ρ =\n{rho:.4f}")
    _two_kernels(above, theta, *(kernel(theta, each) - kernel(0, each) for each in (1.0, rho)), words)
    head(above, "A step at angle 0: effect at θ, less that at 0", xlabel="angle θ (radians)")
    rays, labels = np.asarray(setting.angles), np.asarray(setting.ray_labels)
    pulls = np.linalg.solve(kernel(rays[:, None] - rays, 1.0), labels)
    theta = np.linspace(rays[0], rays[-1], 401)
    _two_kernels(below, theta, *(kernel(theta[:, None] - rays, each) @ pulls for each in (1.0, rho)), words)
    outputs = kernel(rays[:, None] - rays, rho) @ pulls
    for sign in (1, -1):
        below.scatter(rays[labels == sign], outputs[labels == sign], **_face(sign, "patch"), zorder=3)
    head(below, "The same pulls, seen on the rays of Q", xlabel="angle (radians)", ylabel="output on Q")
    for ax in (above, below):
        label_lines(ax)
    return fig


def _two_kernels(ax: Axes, theta: np.ndarray, frozen: np.ndarray, refreshed: np.ndarray,
                 words: tuple[str, str] = ("small:\nfrozen", "large:\nrefreshed")) -> None:
    ax.plot(theta, frozen, label=words[0], **SCHEDULES["S"])
    ax.plot(theta, refreshed, label=words[1], **SCHEDULES["L-S"])


def plot_course(
    course: dict, kind: str = "x1_half", unit: str = "error", levels: dict[str, float] | None = None
) -> Figure:
    """Loss or error against time, L-S and S: the mean over seeds, and the range.

    Args:
        course: ``result["course"]`` of ``separation``, or of a recipe in ``finite``.
        kind: one of `TITLES`.
        unit: ``error`` (percent) or ``loss`` (nats).
        levels: horizontal lines, ``{label: value}``.
    """
    fig, ax = subplots(figsize=PANEL)
    for name, style in SCHEDULES.items():
        first = 1 if unit == "error" else 0  # a network that starts at 0 says nothing yet
        values, u = np.array(course[name][kind][unit])[first:], course[name]["u"][first:]
        plot_against(ax, u, values, **style)
        middle = int(np.searchsorted(u, u[-1] / 2))
        ax.annotate(NAMES[name].replace("\n", " "), (u[middle], values[middle].max()), (0, 4),
                    textcoords="offset points", color=style["color"], fontsize=9, ha="center")
    for text, value in (levels or {}).items():
        mark_y(ax, value, text)
    head(ax, TITLES[kind], xlabel=U, ylabel="error (%)" if unit == "error" else "loss (nats)")
    top = ax.dataLim.y1
    ax.set_ylim(-0.03 * top, 1.15 * top)  # a line at 0 is no axis, and names stand above their bands
    label_lines(ax)
    return fig


def plot_lengths(result: dict) -> Figure:
    """S over L-S against the length of the annealed phase: mean and range over seeds.

    Args:
        result: of ``length``.
    """
    fig, ax = subplots(figsize=ALONE)
    rows = result["rows"]
    plot_against(ax, [row["length"] for row in rows], [row["ratio"] for row in rows], color="black")
    mark_y(ax, 1, "no\ngap")
    head(ax, "Annealed for longer", xlabel="length of the annealed phase (1/λ)", ylabel=RATIO, ylim=(0, None))
    label_lines(ax)
    return fig


def plot_toy(results: dict) -> Figure:
    """The toy over seeds, L-S and S against the step: error on P alone and on Q alone, mean and range.

    Args:
        results: of `toy_study.train_seeds`.
    """
    panels = {"test_p_error": "Error on P alone", "test_q_only_error": "Error on Q alone"}
    fig, axes = subplots(2, 1, figsize=(ALONE[0], 4.4), sharex=True)
    for ax, (column, title) in zip(axes, panels.items(), strict=True):
        for name, style in SCHEDULES.items():
            runs = results["runs"][name]
            steps, values = runs["step"][0][1:], np.array(runs[column])[:, 1:]  # not the start, at chance
            plot_against(ax, steps, values.T, label=NAMES[name].replace("\n", " "), **style)
        mark_x(ax, results["anneal_step"], "anneal")
        head(ax, title, ylabel="error (%)", ylim=(0, None))
        label_lines(ax)
    axes[-1].set_xlabel("step")
    return fig
