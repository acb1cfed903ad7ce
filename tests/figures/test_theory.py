"""The theory's figures, from made-up results whose numbers can be read off the axes."""

import pytest

from lrreg_utils.figures import theory as plots
from lrreg_utils.figures.style import BookFigure
from lrreg_utils.theory.formulas import correlation, kernel
from lrreg_utils.theory.setting import Setting, sample

SETTING = Setting(d=2, test_size=20)
KIND = {"loss": [[0.7, 0.6], [0.1, 0.3]], "error": [[50.0, 40.0], [0.0, 10.0]]}
COURSE = {name: {"u": [0, 1], "x1_half": KIND, "q_only": KIND} for name in ("L-S", "S")}
ROWS = {"ratio": [2.0, 3.0], "ratio_as_long": [1.0, 2.0]}
ERRORS = {
    "L-S": {"p_test_error": [1.0, 2.0], "q_only_error_before_anneal": [50.0, 33.0]},
    "S": {"p_test_error": [3.0, 4.0]},
}
REGIME = {
    "r": [0.01, 0.1], "lam": [1e-5, 1e-4], "predicted_r": {"large": [0.02, 0.05], "small": [0.01, 0.03]},
    "measured_r": {"large": [0.05, None], "small": [None, None]},
    "q_only_loss": {"large": [[0.7, 0.2], [0.7, 0.6]], "small": [[0.1, 0.1], [0.2, 0.1]]},
    "q_only_error": {"large": [[50, 20], [50, 50]], "small": [[0, 0], [0, 0]]},
}
FIGURES = {
    "groups": lambda: plots.plot_p_and_q(sample(SETTING, [0], "test"), SETTING),
    "patterns": plots.plot_patterns,
    "flips": lambda: plots.plot_flips({
        name: {"u": [0.1, 1], "changed": [[0.1, 0.2], [0.3, 0.4]], "predicted": [0.15, 0.35]}
        for name in ("large", "small")
    }),
    "course": lambda: plots.plot_course(COURSE),
    "losses": lambda: plots.plot_course(COURSE, "loss", ["q_only"]),
    "separation": lambda: plots.plot_separation({**ERRORS, "ratio": [3.0, 2.0], "control_ratio": [1.0, 1.1]}),
    "curves": lambda: plots.plot_ratio_curves(
        {"rows": [{"share": 0.4, **ROWS}, {"share": 0.8, **ROWS}]},
        {"S_length": 1.5, "rows": [{"length": 0.25, **ROWS}, {"length": 2.5, **ROWS}]},
    ),
    "regime": lambda: plots.plot_regime(REGIME, (0.1, 1e-4)),
    "width": lambda: plots.plot_width({
        "widths": [100, 400], "slope": {"mirrored": -0.5, "not mirrored": 0.0},
        "distance": {"mirrored": [[0.2, 0.2], [0.1, 0.1]], "not mirrored": [[0.9, 0.8], [0.8, 0.9]]},
    }),
    "finite": lambda: plots.plot_finite({"recipes": {"one": ERRORS, "other": ERRORS}, "linear_error": 25.0}),
}


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_fits_a_page_and_names_its_axes(name):
    figure = FIGURES[name]()
    assert isinstance(figure, BookFigure)
    assert figure.get_figwidth() == plots.WIDTH
    figure.draw_without_rendering()
    for ax in figure.axes:
        assert ax.get_xlabel() or ax.get_ylabel()


def test_patterns_draw_the_formulas():
    above, below = plots.plot_patterns().axes
    u = above.lines[1].get_xdata()
    assert above.lines[1].get_ydata() == pytest.approx(correlation(u, 1e9))
    assert below.lines[1].get_ydata() == pytest.approx(kernel(below.lines[1].get_xdata(), 0.999))


def test_course_shows_the_mean_over_seeds():
    assert list(plots.plot_course(COURSE, "loss").axes[0].lines[0].get_ydata()) == pytest.approx([0.65, 0.2])
    assert list(plots.plot_course(COURSE).axes[0].lines[0].get_ydata()) == [5]  # without the start


def test_separation_shows_every_seed_and_its_control():
    above, below = FIGURES["separation"]().axes
    assert [list(line.get_ydata()) for line in above.lines] == [[1, 2], [3, 4]]
    assert list(below.lines[1].get_ydata()) == [1.0, 1.1]


def test_map_draws_only_boundaries_that_were_found():
    large, small = FIGURES["regime"]().axes[:2]
    assert list(large.lines[2].get_xdata()) == [0.05]
    assert not len(small.lines[2].get_xdata())


def test_inputs_are_drawn_by_what_they_show():
    above, below = FIGURES["groups"]().axes
    drawn = sample(SETTING, [0], "test")
    assert sum(bar.get_height() for bar in above.patches) == drawn.has1.sum()
    assert sum(len(line.get_xdata()) for line in below.lines) == drawn.has2.sum()
    assert min(abs(edge) for bar in above.patches if bar.get_height()
               for edge in (bar.get_x(), bar.get_x() + bar.get_width())) >= 0.9  # a margin is left free
