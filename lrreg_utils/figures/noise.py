"""Figures of noise as the mechanism: its levels, its kinds, and the large rate with less of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lrreg_utils.figures.histories import NAMES, STYLES, TITLES, UNITS, mark_anneal, plot_runs
from lrreg_utils.figures.style import (
    WIDTH,
    head,
    legend_above,
    mark_chance,
    mark_y,
    plot_against,
    plot_map,
    subplots,
)
from lrreg_utils.results.history import History
from lrreg_utils.results.measures import after, first_epoch, first_step, steps
from lrreg_utils.results.noise import Task
from lrreg_utils.results.select import WITH_PATCH, Measure, by_field, of_mixture, over_two, where

NOISES = {  # kind of noise: its name in a figure, colour, marker
    "activation": ("activation noise", "#009E73", "o"),
    "dropout": ("dropout", "#CC79A7", "D"),
    "gradient": ("gradient noise", "#000000", "v"),
    "label": ("random labels", "#E69F00", "s"),
    "batch": ("small batches", "#56B4E9", "^"),
}


@dataclass(frozen=True)
class Panel:
    """One panel of a figure: its title, its unit (a key of `histories.UNITS`), and a measure for each line.

    ``chance`` (percent) is drawn where it is given; the reference lines are drawn for the first measure.
    """

    title: str
    unit: str
    measures: dict[str, Measure]
    chance: float | None = None


def _panel(title: str, unit: str, *epochs: int) -> Panel:
    """Clean test images after some epochs."""
    measures = {f"noise, epoch {epoch}": after(f"test_clean_{unit}", epoch) for epoch in epochs}
    return Panel(title, unit, measures)


HELD = Panel("Patches without an image, before the noise stops", "accuracy",
             {"noise, epoch 8": after("test_patch_only_accuracy", 8)}, chance=10)
# The panels of two figures: the patch task by level, and by kind
PATCH_TASK = [HELD, _panel("Clean test images", "accuracy", 30, 12), _panel("Clean test images", "loss", 30)]
BY_KIND = [HELD, *(_panel("Clean test images, epoch 30", unit, 30) for unit in UNITS)]


def plot_levels(task: Task, panels: Sequence[Panel]) -> Figure:
    """Activation noise at several levels, evenly spaced: the mean over seeds, and a bar over their range.

    The small rate without noise and the large one are drawn as horizontal lines with bands.
    """
    noisy = {level: runs for (kind, level), runs in task.noisy.items() if kind == "activation"}
    groups = {0.0: task.small, **noisy}
    fig, axes = subplots(len(panels), 1, figsize=(WIDTH, 2.4 * len(panels)), sharex=True, squeeze=False)
    for ax, panel in zip(axes[:, 0], panels, strict=True):
        _references(ax, panel, task)
        lines = zip(panel.measures.items(), ("-", ":"), ("o", "s"), strict=False)
        for (name, measure), dash, marker in lines:
            values = [[measure(run) for run in runs] for runs in groups.values()]
            _bars(ax, range(len(groups)), values, "#009E73", marker, name, linestyle=dash)
        _finish(ax, panel)
    axes[-1, 0].set_xticks(range(len(groups)), [f"{level:g}" for level in groups])
    axes[-1, 0].set_xlabel("level of the noise until it is turned off")
    legend_above(fig)
    return fig


def plot_kinds(task: Task, panels: Sequence[Panel] = BY_KIND) -> Figure:
    """Noise of several kinds, side by side: the mean over seeds and a bar over their range.

    Of each kind the three highest levels are drawn; the lines are those of `plot_levels`.
    """
    order = [group for name in NOISES for group in [group for group in task.noisy if group[0] == name][-3:]]
    fig, axes = subplots(len(panels), 1, figsize=(WIDTH, 2.4 * len(panels)), sharex=True, squeeze=False)
    for ax, panel in zip(axes[:, 0], panels, strict=True):
        _references(ax, panel, task)
        measure = next(iter(panel.measures.values()))
        for kind in {group[0]: None for group in order}:
            name, color, marker = NOISES[kind]
            places = [place for place, group in enumerate(order) if group[0] == kind]
            values = [[measure(run) for run in task.noisy[order[place]]] for place in places]
            _bars(ax, places, values, color, marker, name, linestyle="-")
        _finish(ax, panel)
    axes[-1, 0].set_xticks(range(len(order)), [f"{level:g}" for _, level in order], rotation=45)
    axes[-1, 0].set_xlabel("level of the noise, in the unit of its kind")
    legend_above(fig)
    return fig


def plot_batches(histories: Sequence[History], small: Sequence[History]) -> Figure:
    """The annealed large rate at several batch sizes and the small rate, by epoch."""
    runs = where(histories, schedule="large_lr")
    lines = [(NAMES["small_lr"], small, STYLES["small_lr"])]
    sizes = sorted({run.config.batch_size for run in runs})
    for size, color, dash in zip(sizes, ("#D55E00", "#000000", "#E69F00"), ("-", "-.", ":"), strict=False):
        style = {"color": color, "linestyle": dash}
        lines.append((f"large, batches of {size}", where(runs, batch_size=size), style))
    columns = ("test_patch_only_accuracy", "test_clean_accuracy", "test_clean_loss")
    fig, axes = subplots(len(columns), 1, figsize=(WIDTH, 2.4 * len(columns)), sharex=True)
    for ax, column in zip(axes, columns, strict=True):
        probe, unit = column.rsplit("_", 1)
        for name, group, style in lines:
            plot_runs(ax, group, column, label=name, **style)
        mark_anneal(ax, runs[0].config.schedule.anneal_epochs[0])
        _finish(ax, Panel(TITLES[probe], unit, {}, 10 if probe == "test_patch_only" else None))
    axes[-1].set_xlabel("epoch")
    legend_above(fig)
    return fig


def plot_delay(histories: Sequence[History]) -> Figure:
    """Step at which half of the patches are recognized against rate over batch size, by batch size."""
    fig, ax = subplots(figsize=(WIDTH, 3.4))
    end = max(steps(run)[-1] for run in histories)
    sizes = sorted({run.config.batch_size for run in histories})
    colors = ("#56B4E9", "#D55E00", "#000000", "#E69F00")
    for size, color, marker in zip(sizes, colors, "^osD", strict=False):
        rates, found = by_field(where(histories, batch_size=size), "schedule.initial_lr",
                                lambda run: first_step(run, "test_patch_only_accuracy"))
        late = np.nan_to_num(found, nan=1.6 * end)
        plot_against(ax, np.array(rates) / size, late, color=color, marker=marker, label=f"batches of {size}")
    mark_y(ax, 1.15 * end, "never, above")
    ax.set(xscale="log", yscale="log")
    head(ax, "Half of the patches recognized", xlabel="learning rate over batch size", ylabel="step")
    ax.legend(frameon=False, fontsize=9)
    return fig


def plot_matched(fainter: Sequence[History], histories: Sequence[History]) -> Figure:
    """Clean test accuracy at the end against the epoch at which half of the patches are recognized.

    Args:
        fainter: the small rate with patches of several strengths.
        histories: the central experiment; of it the runs of the large rate with the same seeds are drawn.
    """
    fig, ax = subplots(figsize=(WIDTH, 3.6))
    seeds, last = {run.config.seed for run in fainter}, fainter[0].config.epochs
    large = [run for run in where(of_mixture(histories, WITH_PATCH), schedule="large_lr")
             if run.config.seed in seeds]
    strengths = sorted({run.config.patch_strength for run in fainter})
    groups = {f"{strength:g}": where(fainter, patch_strength=strength) for strength in strengths}
    for name, runs in (groups | {"large rate": large}).items():
        when = [np.nan_to_num(first_epoch(run, "test_patch_only_accuracy"), nan=last + 3) for run in runs]
        ends = [run.at("test_clean_accuracy", -1) for run in runs]
        style = STYLES["large_lr" if name == "large rate" else "small_lr"]
        ax.plot(when, ends, "s" if name == "large rate" else "o", markersize=4, color=style["color"])
        seen = [point for point in zip(when, ends, strict=True) if point[0] <= last]
        if seen:
            ax.annotate(name, (np.mean(seen, 0)[0], np.max(seen, 0)[1]), (0, 5), textcoords="offset points",
                        ha="center", fontsize=8, color=style["color"])
    head(ax, "Test images without a patch, at the end", ylabel=UNITS["accuracy"],
         xlabel=f"epoch with half of the patches recognized (never: {last + 3})")
    return fig


def plot_hiding(histories: Sequence[History]) -> Figure:
    """Patches recognized at the end at rates that are never annealed, by rate and strength: a map."""
    fig, ax = subplots(figsize=(WIDTH, 3.2), grid=None)
    rates, strengths, ends = over_two(histories, "schedule.initial_lr", "patch_strength",
                                      after("test_patch_only_accuracy"))
    image = plot_map(ax, rates, strengths, ends.mean(-1), vmin=0, vmax=100)
    fig.colorbar(image, label="patches recognized (%)")
    head(ax, "At the end, never annealed", xlabel="learning rate", ylabel="strength of the patch")
    return fig


def _references(ax: Axes, panel: Panel, task: Task) -> None:
    measure = next(iter(panel.measures.values()))
    for name, runs in (("large_lr", task.large), ("small_lr", task.small)):
        values = [measure(run) for run in runs]
        ax.axhspan(min(values), max(values), color=STYLES[name]["color"], alpha=0.12, linewidth=0)
        ax.axhline(np.mean(values), linewidth=1.2, label=NAMES[name], **STYLES[name])


def _bars(ax: Axes, places: Sequence[int], values: Sequence[list[float]], color, marker, name, linestyle):
    means = np.array([np.mean(one) for one in values])
    ends = [means - [min(one) for one in values], [max(one) for one in values] - means]
    ax.errorbar(list(places), means, ends, color=color, marker=marker, markersize=5, linewidth=1.2,
                capsize=2, linestyle=linestyle, label=name)


def _finish(ax: Axes, panel: Panel) -> None:
    if panel.chance is not None:
        mark_chance(ax, panel.chance)
    head(ax, panel.title, ylabel=UNITS[panel.unit])
