"""What the figures of noise draw: the numbers they were given, and the formulas."""

from dataclasses import replace

import numpy as np
import pytest

from lrreg_utils import Config, History, Schedule, Shares, UserError
from lrreg_utils.figures import intuition as plots
from lrreg_utils.problems.noisy_parameter import stationary_std
from lrreg_utils.results import measures, select


@pytest.fixture
def rows():
    """Two ReLUs; noise rises with the rate and the seed."""
    return [
        {"rate": rate, "seed": seed, "epoch": epoch, "noise": [rate, 2 * rate + seed], "spread": [1.0, 2.0],
         "patch": [0.1, 0.4], "test_clean_accuracy": 50.0, "test_patch_only_accuracy": 30.0 + seed}
        for seed in (1, 0) for rate in (0.4, 0.1) for epoch in (3, 9)
    ]


@pytest.fixture
def alone(make_history):
    def run(shares, noise, seed):
        history = make_history(Schedule("small_lr", 0.004), seed)
        config = replace(history.config, shares=shares, schedule=Schedule("small_lr", 0.004, noise=noise))
        columns = dict(history.columns)
        for part in ("clean", "patch_only"):
            for split in ("train", "test"):
                columns[f"{split}_{part}_accuracy"] = [20, 50, 60, 90 - noise + seed]
                columns[f"{split}_{part}_loss"] = [2, 1, 0.5, 0.1]
        return History(config, columns, history.provenance)

    kinds = (Shares(1, 0, 0), Shares(0, 1, 0))
    return [run(kind, noise, seed) for kind in kinds for noise in (0.0, 1.6) for seed in (1, 0)]


def test_ratios_are_averaged_over_the_relus(rows):
    rates, values = measures.by_rate(rows, 9)
    assert rates == [0.1, 0.4]
    assert values == pytest.approx(np.array([[0.1, 0.35], [0.4, 0.65]]))  # (0.1 + 0.2/2)/2, (0.1 + 1.2/2)/2
    assert measures.site_mean(rows[0], below="patch") == pytest.approx((4 + 1.8 / 0.4) / 2)
    with pytest.raises(UserError, match="epoch 4 was not measured"):
        measures.by_rate(rows, 4)


def test_noise_against_rate_has_a_line_an_epoch(rows):
    fig = plots.plot_noise(rows, (3, 9))
    top = fig.axes[0].lines
    assert len(top) == 2
    assert top[1].get_ydata() == pytest.approx([0.225, 0.525])


def test_sites_and_courses(rows):
    (line,) = plots.plot_sites(rows, 3, [0.1]).axes[0].lines
    assert line.get_ydata() == pytest.approx([0.1, 0.35])
    fig = plots.plot_courses({"large_lr": [row for row in rows if row["rate"] == 0.4]}, 9)
    assert fig.axes[1].lines[0].get_ydata() == pytest.approx([30.5, 30.5])


def test_one_parameter():
    rates = [0.1, 0.2]
    fig = plots.plot_spread(rates, np.ones((2, 3)), 1.0, 1.0)
    x, y = fig.axes[0].lines[0].get_data()
    assert y == pytest.approx(stationary_std(x))
    mu = np.linspace(-1, 1, 61)
    felt = plots.plot_felt(rates, np.zeros((2, 61)), mu, 0.01, 20.0).axes[1].lines[1].get_ydata()
    assert felt == pytest.approx(mu**2 / 2, abs=1e-6)  # std 1/3: nothing of the ripple is left
    fig = plots.plot_ripple_seen(rates, np.ones((2, 3)), 20.0, np.zeros(11))
    assert fig.axes[1].lines[1].get_xdata() == pytest.approx([5, 5])


def test_what_a_noisy_network_fits(alone):
    assert measures.first_epoch(alone[0], "train_clean_accuracy") == 2
    assert np.isnan(measures.first_epoch(alone[0], "train_clean_accuracy", 99))
    fig = plots.plot_fitted(alone, "accuracy")
    assert len(fig.axes[0].lines) == 5  # two parts, training and test, and chance
    assert fig.axes[0].lines[0].get_ydata() == pytest.approx([90.5, 88.9])
    delay = plots.plot_delay(alone).axes[0].lines
    assert [list(line.get_ydata()) for line in delay] == [[2, 2], [2, 2]]


def test_patches_are_told_apart_by_their_strength(alone):
    strong = [replace(run, config=replace(run.config, patch_strength=1.4)) for run in alone]
    faint = [replace(run, config=replace(run.config, patch_strength=0.35)) for run in alone[4:]]
    top, bottom = plots.plot_strengths(strong, faint).axes
    lines = {line.get_label(): line for line in top.lines}
    assert {"images", "patches, 1.4", "patches, 0.35"} <= lines.keys()
    assert lines["patches, 0.35"].get_ydata() == pytest.approx([90.5, 88.9])
    assert len(bottom.lines) == 4  # and chance


def test_parts_are_told_apart(alone):
    assert {run.config.shares.clean for run in select.part_alone(alone, "clean")} == {1}
    assert isinstance(alone[0].config, Config)
