"""What the panel offers is what the book ran; what cannot be run is one clear line."""

from dataclasses import replace

import pytest

from lrreg_utils.errors import UserError
from lrreg_utils.experiments.presets import experiment
from lrreg_utils.live.choices import BEGIN, data_here, folder_source, networks_for, suggested


@pytest.mark.parametrize(("data", "network", "name"), [
    ("digits" if group == "digits" else "cifar10", network, name)
    for group, networks in BEGIN.items() for network, name in networks.items()])
def test_untouched_choices_are_the_books_runs(data, network, name):
    """To the last bit: a run of the same id is read from where the book's own runs are kept."""
    assert suggested(data, network, seeds=2).configs() == experiment(name).configs(range(2))


def test_an_inert_patch_and_none_are_the_books_references():
    book = experiment("hidden").references(range(1))
    assert suggested(patch="inert", schedules=["large_lr"]).configs() == [book[0]]
    (plain,) = suggested(patch="none", schedules="small_lr").configs()
    assert (plain.shares.clean, plain.patch_strength) == (1, 1.4)


def test_changes_reach_the_schedules_and_the_config():
    (large, noisy) = suggested(schedules=["small_lr_noise", "large_lr"], large=1, small=0.02, annealed=0.1,
                               anneal_epoch=5, noise=0.5, epochs=7, train_size=100).configs()
    assert [large.schedule.lr(epoch) for epoch in (1, 4, 5)] == [1, 1, pytest.approx(0.1)]
    assert noisy.schedule.noise_std(4) == 0.5 and noisy.schedule.lr(7) == 0.02
    assert (large.epochs, large.train_size) == (7, 100)


def test_a_network_of_ones_own_begins_from_the_quickest_settings():
    (run, *_) = suggested("digits", "hidden-64").configs()
    assert run == replace(experiment("hidden").config("large_lr", 0), model="hidden-64")


@pytest.mark.parametrize(("changes", "words"), [
    ({"large": "0,3"}, "large must be a number, got '0,3'"),
    ({"small": 0}, "schedule small_lr: initial_lr must be above 0"),
    ({"anneal_epoch": 91}, "anneal_epoch must lie between 2 and the number of epochs, 90; got 91"),
    ({"seeds": 0}, "seeds must be a whole number from 1 to 100, got 0"),
    ({"seeds": True}, "seeds must be a whole number, got True"),
    ({"patch": "off"}, "patch must be one of on, inert, none, got 'off'"),
    ({"schedules": []}, "schedules: choose at least one of large_lr, "),
    ({"schedules": ["large"]}, r"got \['large'\]"),
    ({"schedules": [["large_lr"]]}, r"schedules: choose at least one"),
    ({"schedules": 3}, "schedules must be a list of names, got 3"),
    ({"network": "huge"}, "model: 'huge' is unknown"),
    ({"network": 5}, "network must be text, got 5"),
    ({"data": None}, "data must be text, got None"),
    ({"data": "cats"}, "data: 'cats' is unknown"),
    ({"epoch": 3}, "lab: 'epoch' is unknown; choose among anneal_epoch, "),
    ({"train_size": -1}, "train_size must be a whole number above 0"),
])
def test_mistakes_are_one_line(changes, words):
    with pytest.raises(UserError, match=words) as caught:
        suggested(**changes).configs()
    assert "\n" not in str(caught.value)


def test_data_that_needs_no_download(tmp_path):
    assert data_here() == ["digits"]
    (tmp_path / "cache" / "cifar-10-batches-py").mkdir(parents=True)
    assert data_here() == ["digits", "cifar10"] and networks_for("folder:x") == networks_for("cifar10")


def test_folders_that_are_typed(tmp_path):
    assert folder_source(f" {tmp_path} ") == f"folder:{tmp_path}"
    for typed, words in (("", "type the folder"), (f"{tmp_path}/no", "there is no folder"),
                         ("~nobody-here/x", "there is no folder"), ("a\0b", "there is no folder")):
        with pytest.raises(UserError, match=words):
            folder_source(typed)
