"""The figures of the puzzle."""

from dataclasses import replace

from lrreg_utils import Schedule
from lrreg_utils.figures.puzzle import plot_extremes, plot_jump


def test_the_jump_is_shown_with_the_patch_and_with_an_inert_one(make_history):
    runs = []
    for name, anneal in (("large_lr", (3,)), ("small_lr", ())):
        one = make_history(Schedule(name, 0.1, anneal, 0.1), test_clean_accuracy=[50.0, 60.0, 70.0, 80.0])
        inert = replace(one, config=replace(one.config, patch_strength=0.0))
        runs += [one, inert]
    fig = plot_jump(runs)
    (jump,) = [text for text in fig.axes[0].texts if text.get_text() == "this jump"]
    assert jump.xy == (3, 65)  # at the anneal, between the epochs beside it
    for ax in fig.axes:
        assert [line.get_label() for line in ax.lines if line.get_label()[0] != "_"] == [
            "large, annealed", "small"]


def test_of_a_sweep_the_extreme_rates_are_drawn(make_history):
    runs = [make_history(Schedule("large_lr", rate, (3,), 0.1), test_clean_loss=[rate] * 4)
            for rate in (0.1, 0.8, 0.4)]
    (ax,) = plot_extremes(runs, ["test_clean_loss"]).axes
    lines = {line.get_label(): list(line.get_ydata()) for line in ax.lines}
    assert lines["0.8 at first"] == [0.8] * 4 and lines["0.1 at first"] == [0.1] * 4
