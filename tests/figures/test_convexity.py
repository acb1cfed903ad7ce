"""The figures of convex and non-convex training, from made-up numbers that can be read off the axes."""

import numpy as np
import pytest

from lrreg_utils.figures import convexity as plots
from lrreg_utils.figures.style import ALONE, PANEL
from lrreg_utils.problems.quadratic import Steps, descend

RUNS = [
    {"model": "network", "seed": seed, "variant": "", "schedule": name, "stage": stage,
     "scores": {"clean": {"accuracy": value + seed, "loss": 1.0 + seed}}}
    for seed in range(2) for name, value in (("large_lr", 50), ("small_lr", 60))
    for stage in ("schedule", "converged")
]
PAIRS = [
    {"model": model, "seed": 0, "kind": kind, "stage": stage, "test": "clean",
     "function": value if stage == "converged" else 0.3}
    for (model, kind), value in zip(plots.ROWS, (1e-7, 1e-8, 0.1, 0.05, 0.06), strict=True)
    for stage in ("schedule", "converged")
]
PATHS = {"large_lr": descend((1, 1), Steps(0.195), 0.05), "small_lr": descend((1, 1), Steps(0.01), 0.05)}


def test_paths_end_on_the_ellipse_of_the_target():
    plane = plots.plot_paths(PATHS, 0.05).axes[0]
    ends = [line for line in plane.lines if len(line.get_xdata()) == 1]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in ends] == [
        tuple(path[-1, ::-1]) for path in PATHS.values()
    ]
    ellipse = plane.lines[0]
    heights = 10 * ellipse.get_ydata() ** 2 + ellipse.get_xdata() ** 2
    np.testing.assert_allclose(heights / 2, 0.05)


def test_training_goes_to_the_right():
    figure = plots.plot_losses(PATHS, 0.05)
    (losses,) = figure.axes
    assert losses.get_xscale() == losses.get_yscale() == "log" and losses.xaxis_inverted()
    assert {"large", "small", "stopped"} <= {text.get_text() for text in losses.texts}


def test_distances_have_a_row_for_each_comparison():
    figure = plots.plot_distances(PAIRS)
    (ax,) = figure.axes
    assert tuple(figure.get_size_inches()) == ALONE
    assert [label.get_text() for label in ax.get_yticklabels()] == list(plots.ROWS.values())
    assert [float(line.get_xdata()[0]) for line in ax.lines[::2]] == [1e-7, 1e-8, 0.1, 0.05, 0.06]
    (network,) = plots.plot_distances(PAIRS, convex=False).axes
    assert len(network.get_yticklabels()) == 3


@pytest.mark.parametrize(("unit", "means"), [("accuracy", [50.5, 60.5]), ("loss", [1.5, 1.5])])
def test_scores_show_mean_and_range(unit, means):
    figure = plots.plot_scores(RUNS, unit=unit)
    (ax,) = figure.axes
    assert tuple(figure.get_size_inches()) == PANEL
    assert [line.get_ydata()[0] for line in ax.lines] == means
    lowest, highest = ax.collections[0].get_segments()[0][:, 1]
    assert (lowest, highest) == (means[0] - 0.5, means[0] + 0.5)
