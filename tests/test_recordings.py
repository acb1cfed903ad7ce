import pytest

from lrreg_utils import SHARES, Config, Schedule, recording
from lrreg_utils.errors import UserError
from lrreg_utils.presets import Experiment
from lrreg_utils.recordings import RECORDINGS, constant_rate_runs, image_only_runs

SCHEDULES = {"large_lr": Schedule("large_lr", 0.1, (5,), 0.1), "small_lr": Schedule("small_lr", 0.01)}
BASE = Config(SCHEDULES["large_lr"], data="digits", train_size=1000, epochs=12, shares=SHARES["talk"])
CHOSEN = Experiment("chosen", BASE, SCHEDULES)


def test_references_show_images_alone_for_as_many_steps():
    fewer, more, *small = image_only_runs(CHOSEN, range(1))
    assert [run.schedule.name for run in small] == ["small_lr", "small_lr"]
    assert (fewer.train_size, more.train_size) == (200, 800)
    for run in (fewer, more):
        assert (run.shares.clean, run.shares.patch_only, run.shares.both) == (1, 0, 0)
        assert run.train_size * run.epochs == 1000 * 12
        (anneal,) = run.schedule.anneal_epochs
        assert run.train_size * (anneal - 1) == 1000 * 4


def test_a_reference_needs_a_size_to_take_a_share_of():
    with pytest.raises(UserError, match="train_size must be given"):
        image_only_runs(CHOSEN.with_(train_size=None), range(1))


def test_constant_rates_are_never_annealed():
    runs = constant_rate_runs(CHOSEN, (0.01, 0.5), range(2))
    assert [(run.seed, run.schedule.lr(1), run.schedule.lr(1000)) for run in runs] == [
        (0, 0.01, 0.01), (0, 0.5, 0.5), (1, 0.01, 0.01), (1, 0.5, 0.5),
    ]


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_run_of_a_recording_has_its_own_file(name):
    configs = recording(name)
    assert len({config.label for config in configs}) == len(configs) > 0


def test_a_recording_can_use_another_data_source():
    assert {config.data for config in recording("cifar-small", "folder:x")} == {"folder:x"}


def test_an_unknown_recording_is_a_user_error():
    with pytest.raises(UserError, match="'nothing' is unknown"):
        recording("nothing")
