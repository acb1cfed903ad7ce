import io
from dataclasses import replace

import matplotlib
import numpy as np
import pytest

matplotlib.use("agg")

from matplotlib import pyplot as plt

from lrreg_utils.figures import histories as plots
from lrreg_utils.results.recording import recorded


@pytest.fixture
def runs():
    return recorded("digits-talk")


def test_mean_and_range_over_seeds_are_drawn(runs):
    (ax,) = plots.curves(runs, "test_clean_accuracy").axes
    large = [run for run in runs if run.config.schedule.name == "large_lr"]
    values = np.stack([run["test_clean_accuracy"] for run in large])
    (line,) = (line for line in ax.lines if line.get_label() == plots.SHORT["large_lr"])
    np.testing.assert_allclose(line.get_ydata(), values.mean(0))
    index = [line for line in ax.lines if not line.get_label().startswith("_")].index(line)
    band = ax.collections[index].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (values.min(), values.max())


def test_the_anneal_is_marked_once_before_its_epoch(runs):
    (ax,) = plots.curves(runs, "test_patch_only_accuracy").axes
    anneal = next(run for run in runs if run.config.schedule.anneal_epochs).config.schedule.anneal_epochs[0]
    vertical = [line.get_xdata()[0] for line in ax.lines if len(set(line.get_xdata())) == 1]
    assert vertical == [anneal - 0.5]


def test_every_panel_says_what_and_in_which_unit(runs):
    figure = plots.curves(runs, "test_clean_accuracy", "test_clean_loss")
    assert [ax.get_ylabel() for ax in figure.axes] == ["accuracy (%)", "cross entropy (nats)"]
    assert [ax.get_title("left") for ax in figure.axes] == ["Test images without a patch"] * 2
    assert figure.axes[-1].get_xlabel() == "epoch"


def test_one_history(runs):
    figure = plots.plot_history(runs[0])
    assert len(figure.axes) == 4
    assert "seed 0" in figure.get_suptitle()


def test_a_folder_may_have_any_name(runs):
    named = replace(runs[0], provenance={"data": "$x^{$ \udcff"})
    figure = plots.plot_history(named)
    figure.savefig(io.BytesIO())
    assert figure.get_suptitle().endswith("$x^{$ ?")


def test_pictures_have_a_row_each_and_no_ticks():
    figure = plots.show_pictures({"a": np.zeros((3, 4, 4)), "b": np.ones((3, 4, 4))}, ["x", "y", "z"])
    assert len(figure.axes) == 6
    assert figure.axes[3].get_ylabel() == "b"
    assert not any(len(ax.get_xticks()) for ax in figure.axes)


def test_pyplot_does_not_know_figures_so_that_a_notebook_shows_them_once(runs):
    plots.curves(runs, "test_clean_accuracy")
    assert plt.get_fignums() == []
