"""How much of the large rate noise gives back: the share of a gap, and its figures. No torch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lrreg_utils.figures.histories import NAMES, STYLES, TITLES, UNITS, mark_anneal, plot_runs
from lrreg_utils.figures.style import WIDTH, head, legend_above, mark_chance, subplots
from lrreg_utils.results.history import History
from lrreg_utils.results.measures import by_seed
from lrreg_utils.results.select import Measure

KINDS = {  # kind of noise: its name in a figure, colour, marker
    "activation": ("activation noise", "#009E73", "o"),
    "dropout": ("dropout", "#CC79A7", "D"),
    "gradient": ("gradient noise", "#000000", "v"),
    "label": ("random labels", "#E69F00", "s"),
    "batch": ("small batches", "#56B4E9", "^"),
}


@dataclass(frozen=True)
class Panel:
    """One panel of a figure: its title, its unit (a key of `plots.UNITS`), and a measure for each line.

    ``chance`` (percent) is drawn where it is given; the reference lines are drawn for the first measure.
    """

    title: str
    unit: str
    measures: dict[str, Measure]
    chance: float | None = None


def draw_levels(
    runs: Sequence[History], panels: Sequence[Panel], references: dict[str, Sequence[History]]
) -> Figure:
    """Runs at several noise levels, evenly spaced: the mean over seeds, and a bar over their range.

    Args:
        references: schedule to runs, drawn as a horizontal line and a band in the schedule's colour.
    """
    levels = sorted({run.config.schedule.noise for run in runs})
    fig, axes = subplots(len(panels), 1, figsize=(WIDTH, 2.4 * len(panels)), sharex=True, squeeze=False)
    for ax, panel in zip(axes[:, 0], panels, strict=True):
        _references(ax, panel, references)
        lines = zip(panel.measures.items(), ("-", ":"), ("o", "s"), strict=False)
        for (name, measure), dash, marker in lines:
            values = [by_seed([run for run in runs if run.config.schedule.noise == level], measure)
                      for level in levels]
            _bars(ax, range(len(levels)), values, "#009E73", marker, name, linestyle=dash)
        _finish(ax, panel)
    axes[-1, 0].set_xticks(range(len(levels)), [f"{level:g}" for level in levels])
    axes[-1, 0].set_xlabel("level of the noise until it is turned off")
    legend_above(fig)
    return fig


def draw_kinds(
    runs: Sequence[History], panels: Sequence[Panel], references: dict[str, Sequence[History]]
) -> Figure:
    """Noise of several kinds, side by side: the mean over seeds and a bar over their range at every level."""
    groups: dict[tuple[str, float], list[History]] = {}
    for run in runs:
        groups.setdefault((run.config.schedule.noise_kind, run.config.schedule.noise), []).append(run)
    order = sorted(groups, key=lambda group: (list(KINDS).index(group[0]), group[1]))
    fig, axes = subplots(len(panels), 1, figsize=(WIDTH, 2.4 * len(panels)), sharex=True, squeeze=False)
    for ax, panel in zip(axes[:, 0], panels, strict=True):
        _references(ax, panel, references)
        for kind, (name, color, marker) in KINDS.items():
            places = [place for place, group in enumerate(order) if group[0] == kind]
            measure = next(iter(panel.measures.values()))
            values = [by_seed(groups[order[place]], measure) for place in places]
            if places:
                _bars(ax, places, values, color, marker, name, linestyle="-")
        _finish(ax, panel)
    axes[-1, 0].set_xticks(range(len(order)), [f"{level:g}" for _, level in order], rotation=45)
    axes[-1, 0].set_xlabel("level of the noise, in the unit of its kind")
    legend_above(fig)
    return fig


def draw_batches(runs: Sequence[History], small: Sequence[History], columns: Sequence[str]) -> Figure:
    """The large rate at several batch sizes and the small rate, by epoch; a panel for each column."""
    lines = [(NAMES["small_lr"], small, STYLES["small_lr"])]
    sizes = sorted({run.config.batch_size for run in runs})
    for size, color, dash in zip(sizes, ("#D55E00", "#000000", "#E69F00"), ("-", "-.", ":"), strict=False):
        group = [run for run in runs if run.config.batch_size == size]
        lines.append((f"large, batches of {size}", group, {"color": color, "linestyle": dash}))
    fig, axes = subplots(len(columns), 1, figsize=(WIDTH, 2.4 * len(columns)), sharex=True, squeeze=False)
    for ax, column in zip(axes[:, 0], columns, strict=True):
        probe, unit = column.rsplit("_", 1)
        for name, group, style in lines:
            plot_runs(ax, group, column, label=name, **style)
        mark_anneal(ax, runs[0].config.schedule.anneal_epochs[0])
        chance = 10 if (probe, unit) == ("test_patch_only", "accuracy") else None
        _finish(ax, Panel(TITLES[probe], unit, {}, chance))
    axes[-1, 0].set_xlabel("epoch")
    legend_above(fig)
    return fig


def _references(ax: Axes, panel: Panel, references: dict[str, Sequence[History]]) -> None:
    measure = next(iter(panel.measures.values()))
    for name, runs in references.items():
        values = by_seed(runs, measure)
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
