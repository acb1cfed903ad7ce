"""The figures of convex and non-convex training, from made-up numbers that can be read off the axes."""

import numpy as np

from lrreg_utils.figures.convexity import plot_descent, plot_distances, plot_scores
from lrreg_utils.figures.style import BookFigure
from lrreg_utils.problems.quadratic import Steps, descend

RUNS = [
    {"model": model, "seed": seed, "variant": "", "schedule": name, "stage": stage,
     "scores": {"clean": {"accuracy": 50.0 + seed, "loss": 1.0 + seed}}}
    for model in ("pixels", "network") for seed in range(2)
    for name in ("large_lr", "small_lr") for stage in ("schedule", "converged")
]
PAIRS = [
    {"model": model, "seed": 0, "kind": kind, "pair": ["large_lr", "small_lr"], "stage": stage,
     "test": "clean", "weights": 0.5, "function": value, "flips": 1.0}
    for model, kind, value in (("pixels", "schedules", 1e-7), ("network", "schedules", 0.1),
                               ("network", "orders", 0.05))
    for stage in ("schedule", "converged")
]


def test_descent_marks_where_each_path_stops():
    paths = {"large_lr": descend((1, 1), Steps(0.195), 0.05), "small_lr": descend((1, 1), Steps(0.01), 0.05)}
    figure = plot_descent(paths, 0.05)
    plane, losses = figure.axes
    ends = [line for line in plane.lines if len(line.get_xdata()) == 1]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in ends] == [
        tuple(path[-1, ::-1]) for path in paths.values()
    ]
    assert losses.get_xscale() == losses.get_yscale() == "log" and losses.xaxis_inverted()
    ellipse = plane.lines[0]
    heights = 10 * ellipse.get_ydata() ** 2 + ellipse.get_xdata() ** 2
    np.testing.assert_allclose(heights / 2, 0.05)


def test_distances_have_a_row_for_each_comparison():
    figure = plot_distances(PAIRS)
    assert isinstance(figure, BookFigure)
    for ax in figure.axes:
        assert [label.get_text() for label in ax.get_yticklabels()] == ["pixels", "network", "network"]
        drawn = sorted(float(line.get_xdata()[0]) for line in ax.lines)
        assert drawn == [1e-7, 0.05, 0.1]


def test_scores_show_mean_and_range():
    figure = plot_scores(RUNS)
    accuracy, loss = figure.axes
    assert loss.get_xticklabels()[0].get_text() == "pixels\nschedule"
    means = [container.lines[0].get_ydata()[0] for container in accuracy.containers]
    assert means == [50.5] * 8
    bar = accuracy.containers[0].lines[1]
    assert sorted(float(cap.get_ydata()[0]) for cap in bar) == [50, 51]
    assert loss.containers[0].lines[0].get_ydata()[0] == 1.5
