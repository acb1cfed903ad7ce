"""Figures of the order of learning: example by example, and what is left of it with other lengths of weights.

Every function returns a figure of one panel, which a notebook shows as the value of its cell.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lrreg_utils.figures.histories import SHORT, STYLES, TITLES, UNITS, mark_anneal, plot_runs
from lrreg_utils.figures.style import (
    ALONE,
    PANEL,
    PATTERNS,
    PERCENT,
    head,
    label_lines,
    mark_chance,
    mark_y,
    plot_against,
    subplots,
)
from lrreg_utils.results.history import History
from lrreg_utils.results.learning_order import Tracked, of_schedule, recognized_by
from lrreg_utils.results.measures import after
from lrreg_utils.results.select import (
    LONG,
    ONE_EPOCH,
    RESET,
    WITH_PATCH,
    by_field,
    by_treatment,
    of_mixture,
    where,
)

SCHEDULES = {"large_lr": "Large rate, annealed", "small_lr": "Small rate"}
BY = {  # by what an example is recognized: the area's colour
    "image": PATTERNS["image"], "either": "#8C5A86", "patch": PATTERNS["patch"], "neither": "0.88",
}
LAYERS = {"own": "Own last layer", "held_out": "New last layer, same features"}
TREATED = {  # the line's name and style
    "large_lr": (SHORT["large_lr"], STYLES["large_lr"]),
    ONE_EPOCH: ("large for\none epoch", {"color": "0.2", "linestyle": "-."}),
    RESET: ("large,\nlengths reset", {"color": "0.2", "linestyle": (0, (5, 1))}),
    LONG: ("small, long\nweights", {"color": "0.5", "linestyle": (0, (1, 1))}),
    "small_lr": (SHORT["small_lr"], STYLES["small_lr"]),
}
IMAGE, PATCH = "test_clean_accuracy", "test_patch_only_accuracy"


def plot_recognized(runs: Sequence[Tracked], schedule: str) -> Figure:
    """By what a schedule's patched training examples are recognized after each epoch, mean over seeds.

    The line is the accuracy on test images.
    """
    chosen = of_schedule(runs, schedule)
    found = [recognized_by(run) for run in chosen]
    shares = {name: np.mean([one[name] for one in found], 0) for name in BY}
    tests = np.mean([run.columns[IMAGE] for run in chosen], 0)
    epochs = np.arange(1, len(tests) + 1)
    fig, ax = subplots(figsize=PANEL, grid=None)
    ax.stackplot(epochs, *shares.values(), colors=BY.values(), edgecolor="white", linewidth=0.5)
    edges = np.cumsum([np.zeros(len(tests)), *shares.values()], 0)
    for name, low, high in zip(BY, edges, edges[1:], strict=False):
        _name_area(ax, name, low, high)
    ax.plot(epochs, tests, color="white", linestyle="--", linewidth=1.8)
    ax.annotate("test\nimages", (1, tests[-1]), (4, 0), ("axes fraction", "data"), "offset points",
                color="0.3", va="center", fontsize=9)
    if chosen[0].anneal_epoch is not None:
        mark_anneal(ax, chosen[0].anneal_epoch)
    _epochs(ax, len(epochs))
    head(ax, SCHEDULES[schedule], ylabel="patched examples (%)", ylim=(0, 100))
    return fig


def _name_area(ax: Axes, name: str, low: np.ndarray, high: np.ndarray) -> None:
    """Write an area's name where it has most room above and below the whole word, if there is enough."""
    half, places = 1 + 0.09 * len(name), np.geomspace(1, len(low), 200)  # half a word's width is a factor
    low, high = (np.interp(places, np.arange(1, len(low) + 1), edge) for edge in (low, high))
    found = []
    for middle in np.geomspace(half, places[-1] / half, 60):
        under = (places >= middle / half) & (places <= middle * half)
        found.append((high[under].min() - low[under].max(), middle, high[under].min() + low[under].max()))
    room, middle, both = max(found)
    if room > 7:
        ax.annotate(name, (middle, both / 2), color="black" if name == "neither" else "white", ha="center",
                    va="center_baseline", fontsize=9)
    elif high[-1] - low[-1] > 7:  # beside the area's end
        ax.annotate(name, (1, (low[-1] + high[-1]) / 2), (4, 0), ("axes fraction", "data"), "offset points",
                    color=BY[name], va="center", fontsize=9)


def plot_last_layers(readouts: Mapping[str, list], layer: str) -> Figure:
    """Test images right before the anneal and at the end, with a network's own last layer or a new one.

    Args:
        readouts: what `studies.readout.new_readout` gives.
        layer: a key of `LAYERS`.
    """
    fig, ax = subplots(figsize=PANEL)
    for name in SCHEDULES:
        values = np.array([[moment[layer] for moment in run] for run in readouts[name]])
        plot_against(ax, (0, 1), values.T, label=SHORT[name], marker="o", **STYLES[name])
    if layer != "own":
        untrained = np.mean([run[0][layer] for run in readouts["untrained"]])
        mark_y(ax, untrained, "untrained\nfeatures", (0, (2, 3)))
    ax.set_xticks((0, 1), ("before\nthe anneal", "at the\nend"))
    head(ax, LAYERS[layer], ylabel="test images right (%)", ylim=(50, 90), xlim=(-0.15, 1.05))
    label_lines(ax)
    return fig


def plot_treated(histories: Sequence[History], names: Sequence[str]) -> Figure:
    """Accuracy on test images, the mean of each treatment (see `TREATED`), and the range of the two rates."""
    fig, ax = subplots(figsize=PANEL)
    for name, runs in _treated(histories, names).items():
        label, style = TREATED[name]
        if name in SCHEDULES:
            plot_runs(ax, runs, IMAGE, label=label, **style)
        else:
            ax.plot(runs[0]["epoch"], np.mean([run[IMAGE] for run in runs], 0), label=label, **style)
    ax.set_ylim(50, 90)
    _finish(ax, histories, TITLES["test_clean"], UNITS["accuracy"])
    return fig


def plot_effective_rates(histories: Sequence[History], names: Sequence[str]) -> Figure:
    """Rate over the squared length of a unit's weights, a line for each treatment."""
    fig, ax = subplots(figsize=PANEL)
    ax.set_yscale("log")
    for name, runs in _treated(histories, names).items():
        label, style = TREATED[name]
        rates = np.stack([run["lr"] / run["weight_length"] ** 2 for run in runs])
        plot_against(ax, runs[0]["epoch"], rates.T, label=label, **style)
    _finish(ax, histories, "Effective rate, hidden units", "rate / squared length")
    return fig


def plot_anneal_epochs(histories: Sequence[History], lowered: Sequence[History]) -> Figure:
    """Images and patches recognized at the end against the first epoch at the lower rate.

    Args:
        histories: runs of ``large_lr`` and of ``large_lr_constant``.
        lowered: runs at the lower rate from the first epoch on, as many as of each anneal epoch.
    """
    fig, ax = subplots(figsize=PANEL)
    annealed, never = where(histories, schedule="large_lr"), where(histories, schedule="large_lr_constant")
    for kind, column in (("image", IMAGE), ("patch", PATCH)):
        epochs, values = by_field(annealed, "schedule.anneal_epochs", after(column))
        ends = [[run.at(column, -1) for run in runs] for runs in (lowered, never)]
        plot_against(ax, range(len(epochs) + 2), np.vstack([ends[0], values, ends[1]]), label=kind,
                     marker="o", markersize=4, color=PATTERNS[kind])
    ax.set_xticks(range(len(epochs) + 2), ["1", *(str(epoch) for (epoch,) in epochs), "never"], fontsize=8)
    mark_chance(ax)
    head(ax, "Convnet: recognized at the end", xlabel="first epoch at the lower rate",
         ylabel=UNITS["accuracy"], ylim=PERCENT)
    label_lines(ax)
    return fig


def plot_lowered(histories: Sequence[History], lowered: Sequence[History]) -> Figure:
    """Test images against the epoch, by when the large rate is lowered: at once, after an epoch, or never.

    Args:
        histories: runs of ``large_lr``, annealed at epoch 2 and at others, and of ``large_lr_constant``.
        lowered: runs at the lower rate from the first epoch on.
    """
    fig, ax = subplots(figsize=ALONE)
    lines = {"never\nlowered": (where(histories, schedule="large_lr_constant"), STYLES["large_lr_constant"]),
             "small from\nthe start": (lowered, STYLES["small_lr"]),
             "large for\none epoch": (where(histories, schedule__anneal_epochs=(2,)), TREATED[ONE_EPOCH][1]),
             "large for\neight": (where(histories, schedule__anneal_epochs=(9,)), STYLES["large_lr"])}
    for label, (runs, style) in lines.items():
        plot_runs(ax, runs, IMAGE, label=label, **style)
    _epochs(ax, histories[0].config.epochs)
    head(ax, TITLES["test_clean"], ylabel=UNITS["accuracy"], ylim=(40, 90))
    label_lines(ax)
    return fig


def _treated(histories: Sequence[History], names: Sequence[str]) -> dict[str, list[History]]:
    groups = by_treatment(of_mixture(histories, WITH_PATCH))
    return {name: groups[name] for name in names}


def _finish(ax: Axes, histories: Sequence[History], title: str, unit: str) -> None:
    mark_anneal(ax, where(histories, schedule="large_lr")[0].config.schedule.anneal_epochs[0])
    _epochs(ax, histories[0].config.epochs)
    head(ax, title, ylabel=unit)
    label_lines(ax)


def _epochs(ax: Axes, last: int) -> None:
    """Epochs on a logarithmic axis: most of what is learned is learned early."""
    ticks = [epoch for epoch in (1, 3, 10, 30) if epoch < last / 2]
    ax.set(xscale="log", xlim=(1, last), xlabel="epoch")
    ax.set_xticks([*ticks, last], [*map(str, ticks), str(last)])
    ax.minorticks_off()
