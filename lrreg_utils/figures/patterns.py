"""Images alone against patches alone: how soon each is fitted, how far each carries. No torch."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from lrreg_utils.figures.histories import UNITS, show_pictures
from lrreg_utils.figures.style import CHANCE, WIDTH, head, legend_above, mark_chance, plot_against, subplots
from lrreg_utils.results.history import History
from lrreg_utils.results.measures import curve, steps
from lrreg_utils.results.select import by_field, by_kind

LOOKS = {
    "images": {"color": "#009E73", "marker": "o", "markersize": 4},
    "patches": {"color": "#CC79A7", "marker": "s", "markersize": 4},
}
RATES = {"small_lr": ("small rate", "--"), "large_lr_constant": ("large rate", "-")}


def plot_fitting(histories: Sequence[History], until: int | None = None) -> Figure:
    """Training accuracy and loss against the number of steps, a panel for each of them at each rate.

    Args:
        histories: runs of images alone and patches alone, of one size of the training set.
        until: the last step that is drawn.
    """
    groups = by_kind(histories)
    panels = [(unit, rate) for unit in UNITS for rate in RATES if any(key[1] == rate for key in groups)]
    fig, axes = subplots(len(panels), 1, figsize=(WIDTH, 2.0 * len(panels)), sharex=True, squeeze=False)
    for ax, (unit, rate) in zip(axes[:, 0], panels, strict=True):
        for (kind, _), runs in ((key, runs) for key, runs in groups.items() if key[1] == rate):
            count = sum(steps(runs[0]) <= until) if until else None
            values = np.stack([curve(run, "train", unit)[:count] for run in runs], axis=1)
            plot_against(ax, steps(runs[0])[:count], values, label=f"{kind} alone", **LOOKS[kind])
        mark_chance(ax, CHANCE[unit])
        if unit == "accuracy":
            ax.axhline(80, color="0.45", linewidth=1, linestyle=(0, (4, 2)))  # from here on it is fitted
            ax.set_ylim(0, 104)
        head(ax, f"training, {RATES[rate][0]}", ylabel=UNITS[unit])
    axes[-1, 0].set_xlabel("steps")
    legend_above(fig)
    return fig


def plot_generalizing(histories: Sequence[History]) -> Figure:
    """Test accuracy and loss at the end of training against the number of training examples."""
    measured, styles, sizes = {}, {}, []
    for (kind, rate), runs in by_kind(histories).items():
        name = f"{kind}, {RATES[rate][0]}"
        sizes, ends = by_field(runs, "train_size", lambda run: [curve(run, "test", u)[-1] for u in UNITS])
        measured[name] = np.moveaxis(ends, -1, 0)
        styles[name] = {"linestyle": RATES[rate][1], **LOOKS[kind]}
    return _carrying(sizes, measured, styles, "training examples")


def plot_fixed_examples(sizes: Sequence[int], measured: dict[str, np.ndarray]) -> Figure:
    """Accuracy and loss of rules on new examples against the number of those they were trained on.

    Args:
        measured: ``KIND, RULE`` to float (2, sizes, seeds): accuracy in percent, then loss in nats.
    """
    styles = {}
    for name in measured:
        kind, rule = name.split(", ")
        styles[name] = {"linestyle": ":" if rule == "linear" else "-", **LOOKS[kind]}
    return _carrying(sizes, measured, styles, "training examples, drawn once")


def _carrying(
    sizes: Sequence[int], measured: dict[str, np.ndarray], styles: dict[str, dict], xlabel: str
) -> Figure:
    fig, axes = subplots(2, 1, figsize=(WIDTH, 6), sharex=True)
    for row, (ax, unit) in enumerate(zip(axes, UNITS, strict=True)):
        for name, values in measured.items():
            plot_against(ax, sizes, values[row], label=name, **styles[name])
        mark_chance(ax, CHANCE[unit])
        ax.set(xscale="log", ylabel=f"test {UNITS[unit]}")
        ax.set_xticks(sizes, [str(size) for size in sizes])
        ax.minorticks_off()
    axes[0].set_ylim(0, 104)
    axes[1].set_ylim(bottom=0)
    axes[1].set_xlabel(xlabel)
    legend_above(fig)
    return fig


def plot_rules(tried: Sequence[dict[str, tuple[float, float]]]) -> Figure:
    """Accuracy and loss of a few rules on ten classes, one dot for each seed.

    Args:
        tried: for each seed, rule to its accuracy in percent and its loss in nats.
    """
    names = list(tried[0])
    lines = {"accuracy": {"chance": 10, "ceiling 55": 55}, "loss": {"log 10": np.log(10)}}
    fig, axes = subplots(2, 1, figsize=(WIDTH, 0.75 + 1.1 * len(names)), grid="x")
    colors = ("#0072B2", "#56B4E9", "#D55E00", "#E69F00")
    for row, (ax, unit) in enumerate(zip(axes, UNITS, strict=True)):
        for place, name in enumerate(names):
            seeds = [rules[name][row] for rules in tried]
            heights = place + np.linspace(-0.28, 0.28, len(seeds))
            ax.plot(seeds, heights, "o", markersize=4, color=colors[place % 4], label=name)
        for text, value in lines[unit].items():
            ax.axvline(value, color="0.3", linewidth=1, linestyle=(0, (4, 2)))
            ax.annotate(text, (value, 1), (0, 2), xycoords=("data", "axes fraction"), ha="center",
                        textcoords="offset points", fontsize=8, color="0.2")
        ax.set_yticks(range(len(names)), names)
        ax.set(xlabel=UNITS[unit], ylim=(len(names) - 0.5, -0.5))
    axes[0].set_xlim(0, 104)
    return fig


def show_patches(pictures: dict, titles: Sequence[str]) -> Figure:
    """A grid of patches and examples in the units of normalized pixels, a row for each entry.

    Args:
        pictures: name to a tensor, float (columns, 1, H, W); -5 is black, 5 is white.
    """
    rows = {name: ((pixels[:, 0] + 5) / 10).clamp(0, 1).numpy() for name, pixels in pictures.items()}
    return show_pictures(rows, titles)


def plot_regions(
    rules: dict[str, Callable[[np.ndarray], np.ndarray]], points: np.ndarray, labels: np.ndarray
) -> Figure:
    """Which of two classes each rule gives to every place of a plane, and points of both classes.

    Args:
        rules: title to a function of float32 (N, 2) that gives classes, int (N,), 0 or 1.
        points: float (M, 2), within -2 to 2; a wrong one is crossed out. labels: int (M,).
    """
    side = np.linspace(-2, 2, 161, dtype=np.float32)
    plane = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    fig, axes = subplots(len(rules), 1, figsize=(WIDTH * 0.62, 3.3 * len(rules)), squeeze=False,
                         grid=None)
    for ax, (title, rule) in zip(axes[:, 0], rules.items(), strict=True):
        ax.imshow(rule(plane).reshape(161, 161), extent=(-2, 2, -2, 2), origin="lower", vmin=0, vmax=1,
                  cmap=ListedColormap(["#BFE3F5", "#FBE3B5"]), interpolation="nearest")
        for one, color, marker in ((0, "#0072B2", "o"), (1, "#D55E00", "s")):
            ax.plot(*points[labels == one].T, marker, color=color, markersize=9, label=f"class {one}")
        wrong = rule(points.astype(np.float32)) != labels
        ax.plot(*points[wrong].T, "x", color="black", markersize=16, markeredgewidth=2, label="wrong")
        ax.plot(0, 0, "+", color="0.3", markersize=10)
        ax.annotate("$z$", (0, 0), (5, 5), textcoords="offset points", fontsize=11)
        head(ax, title, xticks=range(-2, 3), yticks=range(-2, 3), xlabel="pixel 1 − $z$",
              ylabel="pixel 2 − $z$")
    axes[0, 0].legend(frameon=True, fontsize=8, loc="upper right")
    return fig
