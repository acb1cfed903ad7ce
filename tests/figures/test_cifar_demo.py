"""Maps and lines over settings: the right runs in the right cells."""

from dataclasses import replace

import numpy as np
import pytest

from lrreg_utils import History, Schedule
from lrreg_utils.errors import UserError
from lrreg_utils.figures import cifar_demo as setting_plots
from lrreg_utils.results import select


@pytest.fixture
def grid(make_history):
    """Patches are read from epoch 2 on where rate * strength is below 1, by seed 0 alone at 1, else never."""
    def run(rate, strength, seed):
        read = rate * strength < 1 or (rate * strength == 1 and seed == 0)
        patch = [10, 60, 70, 80.0] if read else [10.0] * 4
        history = make_history(Schedule("large_lr", rate), seed, test_patch_only_accuracy=patch,
                               test_clean_accuracy=[0, 0, 0, 10 * rate + seed])
        return History(replace(history.config, patch_strength=strength), history.columns, history.provenance)

    return [run(rate, strength, seed) for seed in (0, 1) for rate in (0.5, 2.0) for strength in (0.5, 2.0)]


def test_a_measure_over_two_fields(grid):
    rates, strengths, values = select.over_two(
        grid, "schedule.initial_lr", "patch_strength", lambda run: run.at("test_clean_accuracy", -1))
    assert (rates, strengths) == ([0.5, 2.0], [0.5, 2.0])
    assert values == pytest.approx(np.array([[[5, 6], [20, 21]]] * 2))
    with pytest.raises(UserError, match=r"not every schedule\.initial_lr has as many runs"):
        select.over_two(grid[1:], "schedule.initial_lr", "patch_strength", lambda run: 0.0)


def test_maps_write_means_and_how_many_seeds_there_are(grid):
    clean, loss, patch, epoch = setting_plots.draw_rate_strength(grid).axes
    assert [text.get_text() for text in clean.texts] == ["6", "20", "6", "20"]
    assert [text.get_text() for text in loss.texts] == ["4.00"] * 4
    assert [text.get_text() for text in patch.texts] == ["80", "45", "45", "10"]
    assert [text.get_text() for text in epoch.texts] == ["2", "1 of 2", "1 of 2", "never"]


def test_the_anneal_epoch_and_never(make_history):
    runs = [make_history(Schedule("large_lr", 0.1, (first,), 0.1), seed, epochs=8,
                         test_clean_accuracy=[0.0] * 7 + [10 * first + seed])
            for first in (2, 5) for seed in (0, 2)]
    never = [make_history(Schedule("large_lr_constant", 0.1), seed, epochs=8) for seed in (0, 2)]
    lowered = [make_history(Schedule("constant", 0.01), seed, epochs=8, test_clean_accuracy=[seed] * 8)
               for seed in (0, 2)]
    above, below = setting_plots.draw_anneal_epochs(runs + never, lowered).axes
    line = next(line for line in above.lines if line.get_label() == "Test images without a patch")
    assert line.get_ydata() == pytest.approx([1, 21, 51])
    assert [label.get_text() for label in below.get_xticklabels()] == ["1", "2", "5", "never"]
    assert [line.get_ydata()[0] for line in above.lines if len(line.get_ydata()) == 1] == [8, 8, 8]


def test_examples_are_drawn_between_black_and_white():
    figure = setting_plots.show_examples({"row": [[[[-9.0, -4.0], [1.0, 9.0]]]] * 2}, ["a", "b"])
    first, _ = figure.axes
    assert first.images[0].get_array().tolist() == [[0, 0], [0.5, 1]]
