from dataclasses import replace
from itertools import pairwise

import pytest
import torch

from lrreg_utils.errors import UserError
from lrreg_utils.training import checkpoint as checkpoints
from lrreg_utils.training.checkpoint import evaluate, load_checkpoint, load_state, save_state
from lrreg_utils.training.train import train


@pytest.fixture
def saved(tiny, tmp_path):
    return train(tiny, "cpu", checkpoint=tmp_path / "run.pt"), tmp_path / "run.pt"


def test_a_checkpoint_measures_what_its_history_ends_with(saved):
    trained, file = saved
    checkpoint = load_checkpoint(file)
    assert checkpoint.config == trained.history.config
    assert torch.equal(checkpoint.patterns.pattern, trained.patterns.pattern)
    for name, value in evaluate(checkpoint, device="cpu").items():
        assert value == pytest.approx(trained.history.at(name, -1), rel=1e-12)


def test_it_holds_no_pickled_code(saved):
    content = torch.load(saved[1], weights_only=True)
    assert {"model", "optimizer", "generators", "z", "pattern", "rows"} <= set(content["state"])


@pytest.mark.parametrize("part", [0, 0.1, 0.5, 0.99])
def test_cut_off(saved, part):
    file = saved[1]
    file.write_bytes(file.read_bytes()[: int(part * file.stat().st_size)])
    with pytest.raises(UserError, match="damaged, or not a checkpoint"):
        load_checkpoint(file)


def test_other_versions_and_other_files(saved):
    file = saved[1]
    content = torch.load(file, weights_only=True)
    torch.save({**content, "version": 9}, file)
    with pytest.raises(UserError, match="version 9"):
        load_checkpoint(file)
    torch.save({"weights": torch.zeros(1)}, file)
    with pytest.raises(UserError, match="not written by lrreg_utils"):
        load_checkpoint(file)


def test_one_from_before_a_field_has_the_value_that_all_had_then(tiny, tmp_path):
    first = replace(tiny, initialization="torch")
    train(first, "cpu", checkpoint=tmp_path / "run.pt")
    content = torch.load(tmp_path / "run.pt", weights_only=True)
    for name in ("initialization", "passes", "precision", "patch_place"):
        del content["config"][name]
    torch.save(content, tmp_path / "run.pt")
    assert load_checkpoint(tmp_path / "run.pt").config == first


def test_images_that_do_not_fit(saved, make_folder):
    with pytest.raises(UserError, match=r"1 channels and 10 classes; folder:.* has 3 and 2"):
        evaluate(load_checkpoint(saved[1]), data=f"folder:{make_folder()}")


def test_unwritable(saved, tmp_path):
    with pytest.raises(UserError, match="cannot be written"):
        save_state(tmp_path / "none" / "run.pt", saved[0].history.config, "", {})


@pytest.mark.parametrize("change", [
    lambda content: content.pop("config"),
    lambda content: content["state"].pop("z"),
    lambda content: content["state"]["model"].pop("stem.weight"),
    lambda content: content["config"].update(model="wrn16-1"),
    lambda content: content["config"].update(epochs="many"),
    lambda content: content["state"].update(z=None),
    lambda content: content["state"].update(z=content["state"]["z"].double()),
    lambda content: content["state"].update(z=content["state"]["z"][:, :1]),
    lambda content: content.update(state=[]),
])
def test_parts_that_do_not_fit_each_other(saved, change):
    file = saved[1]
    content = torch.load(file, weights_only=True)
    change(content)
    torch.save(content, file)
    with pytest.raises(UserError, match=r"damaged: (its parts do not fit each other|parts are missing)"):
        load_checkpoint(file)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(saved, monkeypatch):
    trained, file = saved
    before = file.read_bytes()

    def half(content, target):
        target.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", half)
    with pytest.raises(UserError, match="No space left"):
        save_state(file, trained.history.config, "", {})
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_the_state_of_another_run_is_refused(saved, tiny):
    with pytest.raises(UserError, match="other settings; move it away"):
        load_state(saved[1], replace(tiny, seed=5), saved[0].images.sha256)


def test_the_state_of_other_images_is_refused(saved, tiny):
    assert load_state(saved[1], tiny, saved[0].images.sha256)["rows"]
    with pytest.raises(UserError, match=r"run\.pt was begun on other images; move it away to begin again"):
        load_state(saved[1], tiny, "other")


def test_a_flipped_bit_is_found(saved):
    file = saved[1]
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(UserError, match="damaged, or not a checkpoint; move it away to begin again"):
        load_checkpoint(file)


@pytest.mark.parametrize("change", [
    {"rows": "abc"}, {"rows": []}, {"rows": [{"epoch": 2}]}, {"rows": [{"epoch": 1, "lr": "a"}]},
    {"groups": None}, {"model": 3}, {"generators": {}}, {"seconds": "long"}, {"resumed_after": None},
    {"optimizer": []},
])
def test_a_damaged_state_is_not_continued(saved, tiny, change):
    file = saved[1]
    content = torch.load(file, weights_only=True)
    content["state"].update(change)
    torch.save(content, file)
    with pytest.raises(UserError, match=r"run\.pt is damaged, or does not fit .*; move it away"):
        train(tiny, "cpu", checkpoint=file)


def test_a_checkpoint_may_be_measured_on_fewer_images_than_a_batch(tiny, make_folder, tmp_path):
    config = replace(tiny, data=f"folder:{make_folder('many')}", train_size=None)
    train(config, "cpu", checkpoint=tmp_path / "run.pt")
    assert evaluate(load_checkpoint(tmp_path / "run.pt"), f"folder:{make_folder('few', train=4)}", "cpu")


@pytest.mark.parametrize(("cost", "written"), [(0.001, [1, 2, 3, 4, 5]), (0.1, [1, 4]), (2.0, [1])])
def test_a_checkpoint_is_written_as_often_as_costs_little(monkeypatch, tmp_path, tiny, cost, written):
    """Epochs of two seconds: after each where it costs little, half a minute apart at the most, and last."""
    clock, kept = [0.0], []

    def save(path, config, data_sha256, state):
        kept.append(state)
        clock[0] += cost

    monkeypatch.setattr(checkpoints, "save_state", save)
    monkeypatch.setattr(checkpoints.time, "monotonic", lambda: clock[0])
    file = checkpoints.CheckpointFile(tmp_path / "a.pt", tiny, "")
    for epoch in range(1, 41):
        clock[0] += 2.0
        file.offer(epoch, lambda epoch=epoch: epoch, last=epoch == 40)
    assert [epoch for epoch in kept if epoch <= 5] == written
    assert kept[-1] == 40 and max(b - a for a, b in pairwise(kept)) <= 16
    count = len(kept)
    file.offer(40, lambda: 40, last=True)
    assert len(kept) == count  # what is written already is not written again
