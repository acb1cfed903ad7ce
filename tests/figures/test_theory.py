"""The theory's figures, from made-up results whose numbers can be read off the axes."""

import numpy as np
import pytest

from lrreg_utils.figures import theory as plots
from lrreg_utils.figures.style import ALONE, PANEL
from lrreg_utils.theory.formulas import averaged_kernel, kernel
from lrreg_utils.theory.setting import Setting, sample

SETTING = Setting(d=2, test_size=20)
DRAWN = sample(SETTING, [0], "test")
KIND = {"loss": [[0.7, 0.6], [0.1, 0.3]], "error": [[50.0, 40.0], [0.0, 10.0]]}
COURSE = {name: {"u": [0, 1], "x1_half": KIND, "q_only": KIND} for name in ("L-S", "S")}
ERRORS = {"L-S": {"p_test_error": [1.0, 2.0]}, "S": {"p_test_error": [3.0, 4.0]}}
FINITE = {"recipes": {name: {"ratio": [2.0, 3.0], "control_ratio": [1.0, 1.1]} for name in plots.NOISES}}
LENGTH = {"rows": [{"length": 0.25, "ratio": [2.0, 3.0]}, {"length": 2.5, "ratio": [1.0, 1.4]}]}
FIGURES = {
    "errors": lambda: plots.plot_errors(ERRORS),
    "noises": lambda: plots.plot_noises(FINITE),
    "p": lambda: plots.plot_p(DRAWN, SETTING),
    "q": lambda: plots.plot_q(DRAWN, SETTING),
    "kernels": plots.plot_kernels,
    "rays": lambda: plots.plot_rays(SETTING),
    "course": lambda: plots.plot_course(COURSE, levels={"best line": 25.0}),
    "losses": lambda: plots.plot_course(COURSE, "q_only", "loss"),
    "lengths": lambda: plots.plot_lengths(LENGTH),
}


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_one_panel_that_names_its_axis(name):
    figure = FIGURES[name]()
    assert tuple(figure.get_size_inches()) == (ALONE if name == "lengths" else PANEL)
    figure.draw_without_rendering()
    (ax,) = figure.axes
    assert ax.get_xlabel()


def lines_of(name):
    return FIGURES[name]().axes[0].lines


def test_kernels_draw_the_formulas():
    frozen, refreshed = lines_of("kernels")
    theta = frozen.get_xdata()
    assert frozen.get_ydata() == pytest.approx(kernel(theta, 1.0))
    assert refreshed.get_ydata() == pytest.approx(averaged_kernel(theta))


def test_frozen_activations_fit_the_rays_and_refreshed_ones_answer_all_alike():
    frozen, refreshed = (np.interp(SETTING.angles, line.get_xdata(), line.get_ydata())
                         for line in lines_of("rays"))
    assert frozen == pytest.approx(np.asarray(SETTING.ray_labels), abs=0.05)
    assert np.ptp(refreshed) < 0.01


def test_course_shows_the_mean_over_seeds():
    assert list(lines_of("losses")[0].get_ydata()) == pytest.approx([0.65, 0.2])
    assert list(lines_of("course")[0].get_ydata()) == [5]  # without the start


def test_every_seed_is_shown_and_its_control():
    assert [list(line.get_ydata()) for line in lines_of("errors")] == [[1, 2], [3, 4]]
    assert [list(line.get_xdata()) for line in lines_of("noises")[:2]] == [[2.0, 3.0], [1.0, 1.1]]


def test_inputs_are_drawn_by_what_they_show():
    bars, dots = FIGURES["p"]().axes[0].patches, lines_of("q")[:2]
    assert sum(bar.get_height() for bar in bars) == DRAWN.has1.sum()
    assert sum(len(line.get_xdata()) for line in dots) == DRAWN.has2.sum()
    assert min(abs(edge) for bar in bars if bar.get_height()
               for edge in (bar.get_x(), bar.get_x() + bar.get_width())) >= 0.9  # a margin is left free


def test_the_picture_of_two_times_shows_what_its_correlation_gives():
    setting, rho = Setting(), 0.9985
    above, below = plots.plot_two_times(setting, rho).axes
    assert all(line.get_ydata().max() == 0 for line in above.lines)  # less the tip
    outputs = np.concatenate([dots.get_offsets()[:, 1] for dots in below.collections])
    assert (outputs > 0).all() and len(outputs) == setting.rays  # one answer for all
