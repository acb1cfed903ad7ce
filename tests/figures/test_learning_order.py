"""The figures of what is learned when draw what the records say."""

from dataclasses import replace

import numpy as np
import pytest

from lrreg_utils import History, Schedule
from lrreg_utils.errors import UserError
from lrreg_utils.figures import learning_order as figures
from lrreg_utils.results import select
from lrreg_utils.results.learning_order import ORDERS, Tracked

EPOCHS = 6


def tracked(schedule, seed, image, patch):
    """Four examples, the last two patched, each right from an epoch on (0: never)."""
    def from_epoch(first):
        first = np.array(first)
        return (first > 0) & (np.arange(1, EPOCHS + 1)[:, None] >= first)

    names = ("image_clean_loss", "image_patched_loss", "test_clean_loss", "test_clean_accuracy")
    columns = {name: np.full(EPOCHS, 1.0 + seed) for name in names}
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


def test_learned_shares(runs):
    clean, patched, patch = figures.plot_learned(runs).axes
    assert lines(clean)["small"] == pytest.approx([50, 100, 100, 100, 100, 100])
    assert lines(patched)["small"] == pytest.approx([0, 0, 25, 25, 25, 25])  # one of four, in one seed of two
    assert lines(patch)["large, annealed"] == pytest.approx([0, 0, 0, 75, 75, 75])
    band = patched.collections[list(lines(patched)).index("small")].get_paths()[0].vertices
    assert (band[:, 1].min(), band[:, 1].max()) == (0, 50)


def test_what_is_known_has_a_panel_for_each_schedule(runs):
    large, small = figures.plot_known(runs).axes
    assert (large.get_title(loc="left"), small.get_title(loc="left")) == ("large, annealed", "small")
    assert lines(small)["images of patched examples"] == pytest.approx([0, 0, 25, 25, 25, 25])
    assert lines(small)["images never seen (test)"] == pytest.approx([1.5] * EPOCHS)
    assert lines(large)["patches"] == pytest.approx([0, 0, 0, 75, 75, 75])
    assert [text.get_text() for text in large.texts] == ["anneal", "chance"]
    assert [text.get_text() for text in small.texts] == ["chance"]


def test_losses(runs):
    axes = figures.plot_losses(runs).axes
    assert [len(lines(ax)) for ax in axes] == [3, 3]  # two schedules and the anneal
    assert lines(axes[0])["small"] == pytest.approx([1.5] * EPOCHS)


def test_orders_are_bars_that_add_up(runs):
    (ax,) = figures.plot_orders(runs).axes
    widths = {bars.get_label(): [bar.get_width() for bar in bars] for bars in ax.containers}
    assert np.sum(list(widths.values()), 0) == pytest.approx([100, 100])
    assert tuple(widths) == ORDERS
    assert widths["patch only"] == pytest.approx([0, 75])  # large, small
    assert widths["patch first"] == pytest.approx([0, 25])
    assert widths["image first"] == pytest.approx([75, 0])
    assert widths["image only"] == pytest.approx([25, 0])


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
    clean, loss, patch, epoch = figures.plot_rate_strength(grid).axes
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
    above, below = figures.plot_anneal_epochs(runs + never, lowered).axes
    line = next(line for line in above.lines if line.get_label() == "Test images without a patch")
    assert line.get_ydata() == pytest.approx([1, 21, 51])
    assert [label.get_text() for label in below.get_xticklabels()] == ["1", "2", "5", "never"]
    assert [line.get_ydata()[0] for line in above.lines if len(line.get_ydata()) == 1] == [8, 8, 8]


def test_the_effective_rate_falls_with_the_square_of_the_length(make_history):
    def run(name, length, **changes):
        history = make_history(Schedule(name, 0.4, (3,) if name == "large_lr" else (), 0.1),
                               lr=[0.4] * 4, weight_length=[length] * 4)
        return replace(history, config=replace(history.config, **changes))

    figure = figures.plot_lengths([run("large_lr", 2.0), run("large_lr", 1.0, reset_lengths=True),
                                   run("small_lr", 1.0), run("small_lr", 6.0, initial_scale=6.0)])
    rate = figure.axes[2]
    assert rate.get_yscale() == "log"
    assert [line.get_ydata()[0] for line in rate.lines[:4]] == pytest.approx([0.1, 0.4, 0.4, 0.4 / 36])
