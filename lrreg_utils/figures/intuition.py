"""Figures of noise: one parameter's, the pre-activations', and what a noisy network fits. No torch."""

from collections.abc import Sequence
from functools import partial
from operator import itemgetter

import numpy as np
from matplotlib.figure import Figure

from lrreg_utils.figures.histories import NAMES, STYLES, UNITS, mark_anneal
from lrreg_utils.figures.style import CHANCE, WIDTH, head, legend_above, mark_chance, plot_against, subplots
from lrreg_utils.problems.noisy_parameter import rippled, stationary_std, visibility
from lrreg_utils.results.history import History
from lrreg_utils.results.measures import after, by_rate, first_epoch, site_mean
from lrreg_utils.results.select import by_field, part_alone, where

IMAGE, PATCH = "#0072B2", "#E69F00"
SHADES = ("#56B4E9", "#009E73", "#D55E00", "#8C6BB1")
PARTS = {"clean": ("images alone", IMAGE), "patch_only": ("patches alone", PATCH)}


def plot_spread(rates: Sequence[float], measured: np.ndarray, curvature: float, sigma: float) -> Figure:
    """Std of one parameter against the rate: the formula as a line, simulations (rates, seeds) as dots."""
    fig, ax = subplots(figsize=(WIDTH, 3.2))
    fine = np.geomspace(rates[0] / 1.5, 1.95 / curvature, 300)
    ax.plot(fine, stationary_std(fine, curvature, sigma), color="0.3", label="formula")
    ax.plot(fine, sigma * np.sqrt(fine / (2 * curvature)), color="0.6", linestyle=":",
            label=r"for small rates: $\sigma\sqrt{\eta/2h}$")
    for seed, stds in enumerate(measured.T):
        ax.plot(rates, stds, "o", color=STYLES["large_lr"]["color"], markersize=5, alpha=0.6,
                label="simulation, one dot a seed" if seed == 0 else None)
    ax.set(xscale="log", yscale="log", xlabel="learning rate $\\eta$", ylabel=r"std of $\theta$")
    ax.legend(frameon=False, fontsize=9)
    return fig


def plot_felt(rates: Sequence[float], drawn: np.ndarray, mu: np.ndarray, height: float, k: float) -> Figure:
    """The rippled bowl as a parameter feels it at each rate: formula as a line, draws (rates, mu) as dots."""
    fig, axes = subplots(len(rates), 1, figsize=(WIDTH, 1.7 * len(rates)), sharex=True, sharey=True)
    bare = rippled(mu, height, k)
    for ax, lr, values, color in zip(axes, rates, drawn, SHADES, strict=False):
        std = stationary_std(lr)
        felt = np.square(mu) / 2 - height * visibility(k, std) * np.cos(k * mu)
        ax.plot(mu, bare, color="0.75", linewidth=1, label="the loss itself")
        ax.plot(mu, felt, color=color, linewidth=1.8, label="felt, formula")
        ax.plot(mu[::6], values[::6] - std**2 / 2, ".", color="black", markersize=4, label="felt, by drawing")
        head(ax, f"learning rate {lr:g}: $\\theta$ has std {std:.2f}", ylabel="loss")
    axes[0].legend(frameon=False, fontsize=8, ncols=3, loc="upper center")
    axes[-1].set_xlabel(r"mean of $\theta$")
    return fig


def plot_ripple_seen(rates: Sequence[float], seen: np.ndarray, k: float, anneal: np.ndarray) -> Figure:
    """Mean cos(k theta) against the rate, (rates, seeds), and on the way through an anneal, (steps,)."""
    fig, (top, bottom) = subplots(2, 1, figsize=(WIDTH, 5))
    fine = np.geomspace(rates[0], rates[-1], 200)
    top.plot(fine, visibility(k, stationary_std(fine)), color="0.3", linestyle="--",
             label="formula, for the bowl alone")
    plot_against(top, rates, seen, color=STYLES["large_lr"]["color"], marker="o", label="SGD on the ripple")
    top.set(xscale="log", xlabel="learning rate $\\eta$")
    top.legend(frameon=False, fontsize=9)
    bottom.plot(anneal, color=STYLES["large_lr"]["color"], linewidth=1)
    bottom.set_xlabel("step (the rate is lowered half-way)")
    bottom.axvline((len(anneal) - 1) / 2, color="0.45", linewidth=1)
    for ax in (top, bottom):
        ax.set(ylabel=r"mean of $\cos(k\theta)$", ylim=(-0.15, 1.05))
    return fig


def plot_noise(rows: Sequence[dict], epochs: Sequence[int]) -> Figure:
    """Noise of pre-activations against a constant rate: over the spread of examples, and over the patch's."""
    fig, axes = subplots(2, 1, figsize=(WIDTH, 5.6), sharex=True)
    panels = {"spread": "noise / spread over examples", "patch": "noise / spread over patches"}
    for ax, (below, title) in zip(axes, panels.items(), strict=True):
        for epoch, color, marker in zip(epochs, SHADES, "os^d", strict=False):
            rates, values = by_rate(rows, epoch, below=below)
            plot_against(ax, rates, values, color=color, marker=marker, label=f"epoch {epoch}")
        ax.set(xscale="log", ylabel=title, ylim=(0, None))
    axes[1].axhline(1, color="0.45", linewidth=1, linestyle="--")
    axes[0].legend(frameon=False, fontsize=9)
    axes[1].set_xlabel("constant learning rate")
    return fig


def plot_sites(rows: Sequence[dict], epoch: int, rates: Sequence[float]) -> Figure:
    """Noise over the spread of examples at each ReLU, from the input to the output."""
    fig, ax = subplots(figsize=(WIDTH, 3.2))
    for rate, color, marker in zip(rates, SHADES, "os^d", strict=False):
        runs = [row for row in rows if row["rate"] == rate and row["epoch"] == epoch]
        values = np.array([np.divide(row["noise"], row["spread"]) for row in runs]).T
        plot_against(ax, range(1, len(values) + 1), values, color=color, marker=marker,
                     label=f"rate {rate:g}")
    ax.set(xlabel="ReLU, from the input to the output", ylabel="noise / spread", ylim=(0, None))
    ax.legend(frameon=False, fontsize=9)
    return fig


def plot_courses(courses: dict[str, list[dict]], anneal_epoch: int) -> Figure:
    """Noise over the patch's spread along the schedules, above; what is known of the patch, below."""
    fig, axes = subplots(2, 1, figsize=(WIDTH, 5), sharex=True)
    measures = (partial(site_mean, below="patch"), itemgetter("test_patch_only_accuracy"))
    for name, rows in courses.items():
        epochs = sorted({row["epoch"] for row in rows})
        for ax, measure in zip(axes, measures, strict=True):
            values = np.array([[measure(row) for row in rows if row["epoch"] == epoch] for epoch in epochs])
            plot_against(ax, epochs, values, label=NAMES[name], marker=".", **STYLES[name])
    for ax in axes:
        mark_anneal(ax, anneal_epoch)
    axes[0].axhline(1, color="0.45", linewidth=1, linestyle="--")
    axes[0].set(ylabel="noise / spread over patches", ylim=(0, None))
    axes[0].legend(frameon=False, fontsize=9)
    mark_chance(axes[1])
    axes[1].set(xlabel="epoch", ylabel="patch accuracy (%)", ylim=(0, 100))
    return fig


def plot_fitted(histories: Sequence[History], unit: str) -> Figure:
    """``accuracy`` or ``loss`` at the end against the noise's std: images alone and patches alone.

    Training values are running means of the last epoch, with the noise on; test values are without it.
    """
    fig, ax = subplots(figsize=(WIDTH, 3.2))
    for part, (name, color) in PARTS.items():
        for split, line in (("train", "-"), ("test", ":")):
            column = f"{split}_{part}_{unit}"
            stds, values = by_field(part_alone(histories, part), "schedule.noise", after(column))
            note = "training, noise on" if split == "train" else "test, noise off"
            plot_against(ax, range(len(stds)), values, color=color, linestyle=line, marker="o",
                         label=f"{name}: {note}")
    mark_chance(ax, CHANCE[unit])
    ax.set_xticks(range(len(stds)), [f"{std:g}" for std in stds])
    ax.set(xlabel="std of the noise before each ReLU", ylabel=UNITS[unit], ylim=(0, None))
    legend_above(fig)
    return fig


def plot_delay(histories: Sequence[History]) -> Figure:
    """First epoch with half of the training examples right, noise on, against the noise's std."""
    fig, ax = subplots(figsize=(WIDTH, 3))
    for part, (name, color) in PARTS.items():
        column = f"train_{part}_accuracy"
        stds, epochs = by_field(part_alone(histories, part), "schedule.noise",
                                lambda run, column=column: first_epoch(run, column))
        plot_against(ax, range(len(stds)), epochs, color=color, marker="o", label=name)
    ax.set_xticks(range(len(stds)), [f"{std:g}" for std in stds])
    ax.set(yscale="log", xlabel="std of the noise before each ReLU", ylabel="epochs until 50 %")
    ax.set_yticks([1, 2, 5, 10, 20], ["1", "2", "5", "10", "20"])
    ax.legend(frameon=False, fontsize=9)
    return fig


def plot_strengths(alone: Sequence[History], faint: Sequence[History]) -> Figure:
    """Training accuracy and loss at the end against the noise's std: images, and patches of three strengths.

    Args:
        alone: images alone, and patches alone of the strength that the others are told by.
        faint: patches alone of other strengths; no noisier level than theirs is drawn.
    """
    noisiest = max(run.config.schedule.noise for run in faint)
    groups = {"images": (part_alone(alone, "clean"), "clean", IMAGE, "-")}
    patches = part_alone([*alone, *faint], "patch_only")
    strengths = sorted({run.config.patch_strength for run in patches}, reverse=True)
    looks = zip((PATCH, "#D55E00", "#CC79A7"), ("-", "--", ":"), strict=True)
    for strength, (color, dash) in zip(strengths, looks, strict=False):
        runs = where(patches, patch_strength=strength, schedule="small_lr")
        groups[f"patches, {strength:g}"] = (runs, "patch_only", color, dash)
    fig, axes = subplots(2, 1, figsize=(WIDTH, 5.6), sharex=True)
    for ax, unit in zip(axes, UNITS, strict=True):
        for label, (runs, part, color, dash) in groups.items():
            column = f"train_{part}_{unit}"
            levels, values = by_field([run for run in runs if run.config.schedule.noise <= noisiest],
                                      "schedule.noise", after(column))
            plot_against(ax, levels, values, label=label, color=color, linestyle=dash, marker="o")
        mark_chance(ax, CHANCE[unit])
        ax.set(ylabel=UNITS[unit])
    axes[1].set_xlabel("std of the noise before each ReLU")
    legend_above(fig)
    return fig
