"""Figures of noise: one parameter's, the pre-activations', and what a noisy network fits. No torch."""

from collections.abc import Mapping, Sequence
from functools import partial
from operator import itemgetter

import numpy as np
from matplotlib.figure import Figure

from lrreg_utils.figures.histories import SHORT, STYLES, UNITS, mark_anneal
from lrreg_utils.figures.style import (
    CHANCE,
    PANEL,
    PATTERNS,
    head,
    label_lines,
    mark_chance,
    mark_x,
    mark_y,
    plot_against,
    subplots,
)
from lrreg_utils.problems.noisy_parameter import rippled, stationary_std, visibility
from lrreg_utils.results.history import History
from lrreg_utils.results.measures import after, by_rate, first_epoch, site_mean
from lrreg_utils.results.select import by_field, part_alone, where

PARTS = {"clean": "image", "patch_only": "patch"}
FAINTER = {0.5: ("half as strong", "--"), 0.25: ("a quarter", ":")}  # by share of the patch's strength
COURSES = {"noise": ("Noise over the patch's signal", "noise / signal", partial(site_mean, below="patch")),
           "patch": ("Patches recognized", UNITS["accuracy"], itemgetter("test_patch_only_accuracy"))}


def plot_growth(rows: Sequence[dict], epoch: int, low: float, high: float) -> Figure:
    """Noise of pre-activations over their spread at constant rates, and its growth between two of them."""
    fig, ax = subplots(figsize=PANEL)
    rates, values = by_rate(rows, epoch)
    plot_against(ax, rates, values, color="0.3", marker="o", markersize=4)
    least, most = (values[rates.index(rate)] for rate in (low, high))
    ax.annotate("", (high, most.mean()), (high, least.mean()),
                arrowprops={"arrowstyle": "->", "color": "0.3"})
    ax.hlines(least.mean(), low, high, color="0.5", linewidth=0.8, linestyle=":")
    ax.annotate(f"{np.mean(most / least):.1f} times", (high, least.mean()), (0, -4), fontsize=9,
                textcoords="offset points", ha="center", va="top")
    head(ax, "Noise grows with the rate", xscale="log", ylim=(0, None), xlabel="constant learning rate",
         ylabel="noise / spread")
    ax.set_xticks([0.01, 0.1, 1], ["0.01", "0.1", "1"])
    return fig


def plot_fitted(
    alone: Sequence[History], faint: Sequence[History], unit: str, title: str = "Fitted in spite of noise"
) -> Figure:
    """Training ``accuracy`` or ``loss`` at the end, noise on: images, and patches of three strengths.

    Args:
        alone: images alone, and patches alone of the strength that the others are told by.
        faint: patches alone of other strengths; no noisier level than theirs is drawn.
    """
    noisiest = max(run.config.schedule.noise for run in faint)
    (strength,) = {run.config.patch_strength for run in part_alone(alone, "patch_only")}
    groups = [(name, part_alone(alone, part), part, "-") for part, name in PARTS.items()]
    groups += [(name, where(faint, patch_strength=share * strength, schedule="small_lr"), "patch_only", dash)
               for share, (name, dash) in FAINTER.items()]
    fig, ax = subplots(figsize=PANEL)
    for name, runs, part, dash in groups:
        levels, values = by_field([run for run in runs if run.config.schedule.noise <= noisiest],
                                  "schedule.noise", after(f"train_{part}_{unit}"))
        plot_against(ax, levels, values, label=name, color=PATTERNS[PARTS[part]], linestyle=dash)
    mark_chance(ax, CHANCE[unit])
    head(ax, title, xlabel="std of the added noise", ylabel=UNITS[unit], ylim=(0, None))
    label_lines(ax)
    return fig


def plot_rippled(rates: Mapping[str, float], height: float, k: float) -> Figure:
    """The rippled bowl, what noise leaves of it at each schedule's rate, and how far theta jumps there."""
    fig, ax = subplots(figsize=PANEL)
    mu = np.linspace(-0.38, 0.38, 361)
    ax.plot(mu, rippled(mu, height, k), color="0.6", linewidth=1.2)
    ax.annotate("the loss itself", (mu[0], rippled(mu[0], height, k)), (12, -4), color="0.4", fontsize=9,
                textcoords="offset points")
    for line, (name, rate) in enumerate(rates.items()):
        std, low = stationary_std(rate), -0.022 - 0.012 * line
        felt = np.square(mu) / 2 - height * visibility(k, std) * np.cos(k * mu)
        ax.plot(mu, felt, linewidth=1.8, **STYLES[name])
        ax.plot([-std, std], [low, low], color=STYLES[name]["color"], linewidth=4, solid_capstyle="round")
        ax.annotate(SHORT[name], (std, low), (6, 0), color=STYLES[name]["color"], fontsize=9,
                    textcoords="offset points", va="center", annotation_clip=False)
    head(ax, "What noise leaves of the ripple", xlabel=r"$\theta$", ylabel="loss", yticks=(0, 0.03, 0.06))
    return fig


def plot_ripple_seen(course: np.ndarray, anneal: int, level: float) -> Figure:
    """Mean cos(k theta) of SGD against the step, float (steps,), through an anneal.

    Args:
        level: the same at a small rate from the beginning.
    """
    fig, ax = subplots(figsize=PANEL)
    ax.plot(course, linewidth=1, label=SHORT["large_lr"], color=STYLES["large_lr"]["color"])
    ax.plot([0, len(course) - 1], [level, level], label=SHORT["small_lr"], **STYLES["small_lr"])
    mark_x(ax, anneal, "anneal")
    head(ax, "How much of the ripple SGD fits", xlabel="step", ylabel=r"mean of $\cos(k\theta)$",
         ylim=(-0.15, 1.05))
    label_lines(ax)
    return fig


def plot_course(courses: Mapping[str, Sequence[dict]], anneal_epoch: int, kind: str) -> Figure:
    """Along the schedules: ``noise`` over the spread over patches, or accuracy on the ``patch`` alone."""
    fig, ax = subplots(figsize=PANEL)
    title, unit, measure = COURSES[kind]
    for name, rows in courses.items():
        epochs = sorted({row["epoch"] for row in rows})
        values = np.array([[measure(row) for row in rows if row["epoch"] == epoch] for epoch in epochs])
        plot_against(ax, epochs, values, label=SHORT[name], **STYLES[name])
    mark_anneal(ax, anneal_epoch)
    if kind == "noise":
        mark_y(ax, 1, "noise =\nsignal", "--")
    else:
        mark_chance(ax)
    head(ax, title, xlabel="epoch", ylabel=unit, ylim=(0, None))
    label_lines(ax)
    return fig


def plot_delay(alone: Sequence[History]) -> Figure:
    """First epoch with half of the training examples right, noise on, against the noise's std."""
    fig, ax = subplots(figsize=PANEL)
    for part, name in PARTS.items():
        column = f"train_{part}_accuracy"
        stds, epochs = by_field(part_alone(alone, part), "schedule.noise",
                                lambda run, column=column: first_epoch(run, column))
        reached = ~np.isnan(epochs).any(1)
        plot_against(ax, np.array(stds)[reached], epochs[reached], color=PATTERNS[name], label=name)
    head(ax, "Noise delays", yscale="log", xlabel="std of the added noise",
         ylabel="epochs until half are right")
    ax.set_yticks([1, 2, 5, 10, 20], ["1", "2", "5", "10", "20"])
    label_lines(ax)
    return fig
