"""The figures of the puzzle."""

import pytest

from lrreg_utils import Schedule
from lrreg_utils.figures.puzzle import plot_jump, plot_rates


@pytest.fixture
def runs(make_history):
    return [make_history(Schedule(name, 0.1, anneal, 0.1), test_clean_accuracy=[50.0, 60.0, 70.0, 80.0])
            for name, anneal in (("large_lr", (3,)), ("small_lr", ()), ("small_lr_noise", ()))]


def lines(figure):
    return {line.get_label(): list(line.get_ydata()) for line in figure.axes[0].lines
            if line.get_label()[0] != "_"}


def test_the_jump_is_at_the_anneal_of_the_large_rate(runs):
    fig = plot_jump(runs, ylim=(0, 100))
    (jump,) = [text for text in fig.axes[0].texts if text.get_text() == "this jump"]
    assert jump.xy == (3, 65)  # between the epochs beside the anneal
    assert lines(fig).keys() == {"large", "small"}
    assert fig.axes[0].get_ylim() == (0, 100)


def test_of_a_sweep_the_extreme_rates_are_drawn(make_history):
    sweep = [make_history(Schedule("large_lr", rate, (3,), 0.1), test_clean_loss=[rate] * 4)
             for rate in (0.1, 0.8, 0.4)]
    fig = plot_rates(sweep, "test_clean_loss", "Digits")
    assert fig.axes[0].get_title("left") == "Digits"
    assert lines(fig) == {"large": [0.8] * 4, "small": [0.1] * 4}
