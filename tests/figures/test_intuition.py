"""What the figures of noise draw: the numbers they were given, and the formulas."""

from dataclasses import replace

import numpy as np
import pytest

from lrreg_utils import Config, History, Schedule, Shares, UserError
from lrreg_utils.figures import intuition as plots
from lrreg_utils.figures.histories import STYLES
from lrreg_utils.figures.style import PATTERNS
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


def lines(figure):
    return {line.get_label(): line for line in figure.axes[0].lines if line.get_label()[0] != "_"}


def words(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_growth_is_written_between_its_two_rates(rows):
    fig = plots.plot_growth(rows, 9, 0.1, 0.4)
    assert fig.axes[0].lines[0].get_ydata() == pytest.approx([0.225, 0.525])
    assert "2.9 times" in words(fig)  # the mean of 0.4/0.1 and of 0.65/0.35


def test_courses_have_the_colours_of_their_schedules(rows):
    courses = {"large_lr": [row for row in rows if row["rate"] == 0.4]}
    noise, patch = (lines(plots.plot_course(courses, 9, kind))["large"] for kind in ("noise", "patch"))
    assert patch.get_ydata() == pytest.approx([30.5, 30.5])
    assert noise.get_ydata() == pytest.approx([(4.25 + 3) / 2] * 2)  # seed 1, seed 0
    assert noise.get_color() == STYLES["large_lr"]["color"]


def test_the_ripple_is_flat_where_the_parameter_jumps_over_it():
    fig = plots.plot_rippled({"large_lr": 0.2}, 0.01, 20.0)
    itself, felt, jumps = fig.axes[0].lines
    assert felt.get_ydata() == pytest.approx(felt.get_xdata() ** 2 / 2, abs=1e-6)
    assert np.abs(itself.get_ydata() - felt.get_ydata()).max() == pytest.approx(0.01, abs=1e-6)
    assert jumps.get_xdata() == pytest.approx([-1 / 3, 1 / 3])


def test_the_course_through_an_anneal_ends_at_the_small_rates_level():
    found = lines(plots.plot_ripple_seen(np.array([0.0, 0.1, 0.9]), 1, 0.9))
    assert list(found["small"].get_ydata()) == [0.9, 0.9] and list(found["small"].get_xdata()) == [0, 2]


def test_the_delay_is_drawn_as_far_as_every_seed_gets_there(alone):
    assert measures.first_epoch(alone[0], "train_clean_accuracy") == 2
    assert np.isnan(measures.first_epoch(alone[0], "train_clean_accuracy", 99))
    lost = [replace(run, columns=dict(run.columns) | {"train_patch_only_accuracy": [10] * 4})
            if run.config.schedule.noise else run for run in alone]
    found = lines(plots.plot_delay(lost))
    assert {name: list(line.get_ydata()) for name, line in found.items()} == {"image": [2, 2], "patch": [2]}


def test_patches_are_told_apart_by_their_strength(alone):
    strong = [replace(run, config=replace(run.config, patch_strength=1.4)) for run in alone]
    faint = [replace(run, config=replace(run.config, patch_strength=strength))
             for run in alone[4:] for strength in (0.35, 0.7)]
    found = lines(plots.plot_fitted(strong, faint, "accuracy"))
    assert found.keys() == {"image", "patch", "half as strong", "a quarter", "chance"}
    assert found["a quarter"].get_ydata() == pytest.approx([90.5, 88.9])
    patches = found.keys() - {"image", "chance"}
    assert {found[name].get_color() for name in patches} == {PATTERNS["patch"]}


def test_parts_are_told_apart(alone):
    assert {run.config.shares.clean for run in select.part_alone(alone, "clean")} == {1}
    assert isinstance(alone[0].config, Config)
