"""The figures of what is learned when draw what the records say."""

from dataclasses import replace

import numpy as np
import pytest

from lrreg_utils import Schedule
from lrreg_utils.errors import UserError
from lrreg_utils.figures import learning_order as figures
from lrreg_utils.results import select
from lrreg_utils.results.learning_order import Tracked

EPOCHS = 6


def tracked(schedule, seed, image, patch):
    """Four examples, the last two patched, each right from an epoch on (0: never)."""
    def from_epoch(first):
        first = np.array(first)
        return (first > 0) & (np.arange(1, EPOCHS + 1)[:, None] >= first)

    columns = {"test_clean_accuracy": np.full(EPOCHS, 1.0 + seed)}
    return Tracked(schedule, seed, 4 if schedule == "large_lr" else None,
                   np.array([False, False, True, True]),
                   {"image": from_epoch(image), "patch": from_epoch(patch)}, columns)


@pytest.fixture
def runs():
    return [
        tracked("small_lr", 0, (1, 2, 0, 0), (0, 0, 1, 1)),
        tracked("small_lr", 1, (1, 2, 3, 0), (0, 0, 1, 1)),
        tracked("large_lr", 0, (2, 2, 2, 2), (0, 0, 4, 4)),
        tracked("large_lr", 1, (2, 2, 2, 2), (0, 0, 4, 0)),
    ]


def lines(ax):
    return {line.get_label(): line.get_ydata() for line in ax.lines}


def test_areas_are_what_is_enough_to_recognize_an_example(runs):
    (ax,) = figures.plot_recognized(runs, "small_lr").axes
    tops = [area.get_paths()[0].vertices[:, 1].max() for area in ax.collections]
    assert tops == pytest.approx([0, 25, 100, 100])  # image, either, patch, neither; seed 1 adds one image
    assert ax.lines[0].get_ydata() == pytest.approx([1.5] * EPOCHS)
    assert {text.get_text() for text in ax.texts} == {"either", "patch", "test\nimages"}
    (ax,) = figures.plot_recognized(runs, "large_lr").axes
    assert "anneal" in {text.get_text() for text in ax.texts}


def test_last_layers_before_the_anneal_and_at_the_end():
    row = {"own": 60.0, "held_out": 80.0}
    readouts = {"large_lr": [[row, row]] * 2, "small_lr": [[row, {"own": 50.0, "held_out": 78.0}]] * 2,
                "untrained": [[{"own": 10.0, "held_out": 67.0}]] * 2}
    own, new = (figures.plot_last_layers(readouts, layer).axes[0] for layer in figures.LAYERS)
    assert lines(own)["small"] == pytest.approx([60, 50]) and lines(new)["small"] == pytest.approx([80, 78])
    assert "untrained\nfeatures" in {text.get_text() for text in new.texts}
    assert "untrained\nfeatures" not in {text.get_text() for text in own.texts}


def test_a_measure_over_two_fields(make_history):
    def run(rate, strength, seed):
        history = make_history(Schedule("large_lr", rate), seed, test_clean_accuracy=[10 * rate + seed] * 4)
        return replace(history, config=replace(history.config, patch_strength=strength))

    grid = [run(rate, strength, seed) for seed in (0, 1) for rate in (0.5, 2.0) for strength in (0.5, 2.0)]
    rates, strengths, values = select.over_two(
        grid, "schedule.initial_lr", "patch_strength", lambda run: run.at("test_clean_accuracy", -1))
    assert (rates, strengths) == ([0.5, 2.0], [0.5, 2.0])
    assert values == pytest.approx(np.array([[[5, 6], [20, 21]]] * 2))
    with pytest.raises(UserError, match=r"not every schedule\.initial_lr has as many runs"):
        select.over_two(grid[1:], "schedule.initial_lr", "patch_strength", lambda run: 0.0)


def test_the_anneal_epoch_none_and_never(make_history):
    runs = [make_history(Schedule("large_lr", 0.1, (first,), 0.1), seed, epochs=8,
                         test_clean_accuracy=[0.0] * 7 + [10 * first + seed])
            for first in (2, 5) for seed in (0, 2)]
    never = [make_history(Schedule("large_lr_constant", 0.1), seed, epochs=8) for seed in (0, 2)]
    lowered = [make_history(Schedule("constant", 0.01), seed, epochs=8, test_clean_accuracy=[seed] * 8)
               for seed in (0, 2)]
    (ax,) = figures.plot_anneal_epochs(runs + never, lowered).axes
    assert lines(ax)["image"] == pytest.approx([1, 21, 51, 8])
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "2", "5", "never"]


def test_the_large_rate_for_one_epoch_stands_beside_the_others(make_history):
    runs = [make_history(Schedule("large_lr", 0.1, (first,), 0.1), epochs=10,
                         test_clean_accuracy=[10.0 * first] * 10) for first in (2, 5, 9)]
    never = [make_history(Schedule("large_lr_constant", 0.1), epochs=10, test_clean_accuracy=[3.0] * 10)]
    lowered = [make_history(Schedule("constant", 0.01), epochs=10, test_clean_accuracy=[1.0] * 10)]
    (ax,) = figures.plot_lowered(runs + never, lowered).axes
    assert {name.replace("\n", " "): float(values[-1]) for name, values in lines(ax).items()} == {
        "never lowered": 3, "small from the start": 1, "large for one epoch": 20, "large for eight": 90}


@pytest.fixture
def treated(make_history):
    """One seed of each treatment: its patches are recognized at epoch 2, those of the small rate at once."""
    def run(name, length, anneal=3, **changes):
        schedule = Schedule(name, 0.4, (anneal,) if name == "large_lr" else (), 0.1)
        history = make_history(schedule, lr=[0.4] * 4, weight_length=[length] * 4,
                               test_patch_only_accuracy=[90 if name == "small_lr" else 10, 90, 90, 90],
                               test_clean_accuracy=[length] * 4)
        return replace(history, config=replace(history.config, **changes))

    return [run("large_lr", 2.0), run("large_lr", 1.0, reset_lengths=True), run("large_lr", 1.5, anneal=2),
            run("small_lr", 1.0), run("small_lr", 6.0, initial_scale=6.0)]


def test_the_effective_rate_falls_with_the_square_of_the_length(treated):
    (ax,) = figures.plot_effective_rates(treated, ["large_lr", figures.RESET, figures.LONG]).axes
    assert ax.get_yscale() == "log"
    assert [line.get_ydata()[0] for line in ax.lines[:3]] == pytest.approx([0.1, 0.4, 0.4 / 36])


def test_treatments_are_named_at_their_lines(treated):
    (ax,) = figures.plot_treated(treated, ["large_lr", figures.ONE_EPOCH, "small_lr"]).axes
    assert lines(ax)["large for\none epoch"] == pytest.approx([1.5] * 4)
    assert len(ax.collections) == 2  # bands of the two rates
    assert {"anneal", "large", "small"} < {text.get_text() for text in ax.texts}
