"""The figures of what is learned when draw what the records say."""

import numpy as np
import pytest

from lrreg_utils.figures import learning_order as order_plots
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
    clean, patched, patch = order_plots.draw_learned(runs).axes
    assert lines(clean)["small"] == pytest.approx([50, 100, 100, 100, 100, 100])
    assert lines(patched)["small"] == pytest.approx([0, 0, 25, 25, 25, 25])  # one of four, in one seed of two
    assert lines(patch)["large, annealed"] == pytest.approx([0, 0, 0, 75, 75, 75])
    band = patched.collections[list(lines(patched)).index("small")].get_paths()[0].vertices
    assert (band[:, 1].min(), band[:, 1].max()) == (0, 50)


def test_what_is_known_has_a_panel_for_each_schedule(runs):
    large, small = order_plots.draw_known(runs).axes
    assert (large.get_title(loc="left"), small.get_title(loc="left")) == ("large, annealed", "small")
    assert lines(small)["images of patched examples"] == pytest.approx([0, 0, 25, 25, 25, 25])
    assert lines(small)["images never seen (test)"] == pytest.approx([1.5] * EPOCHS)
    assert lines(large)["patches"] == pytest.approx([0, 0, 0, 75, 75, 75])
    assert [text.get_text() for text in large.texts] == ["anneal", "chance"]
    assert [text.get_text() for text in small.texts] == ["chance"]


def test_losses(runs):
    axes = order_plots.draw_losses(runs).axes
    assert [len(lines(ax)) for ax in axes] == [3, 3]  # two schedules and the anneal
    assert lines(axes[0])["small"] == pytest.approx([1.5] * EPOCHS)


def test_orders_are_bars_that_add_up(runs):
    (ax,) = order_plots.draw_orders(runs).axes
    widths = {bars.get_label(): [bar.get_width() for bar in bars] for bars in ax.containers}
    assert np.sum(list(widths.values()), 0) == pytest.approx([100, 100])
    assert tuple(widths) == ORDERS
    assert widths["patch only"] == pytest.approx([0, 75])  # large, small
    assert widths["patch first"] == pytest.approx([0, 25])
    assert widths["image first"] == pytest.approx([75, 0])
    assert widths["image only"] == pytest.approx([25, 0])
