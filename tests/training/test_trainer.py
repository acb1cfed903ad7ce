import json
import subprocess
import sys
from dataclasses import replace

import pytest
import torch

from lrreg_utils.devices import _gpu_fault, check_compiler, choose_device
from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import SHARES, Shares
from lrreg_utils.experiments.presets import experiment
from lrreg_utils.experiments.schedule import Schedule
from lrreg_utils.images.sources import prepare
from lrreg_utils.seeding import Streams
from lrreg_utils.training.evaluation import Probes
from lrreg_utils.training.train import train
from lrreg_utils.training.trainer import Trainer

CPU = torch.device("cpu")


def test_same_config_same_history_and_another_seed_another(tiny):
    first = train(tiny, "cpu").history
    assert first.columns == train(tiny, "cpu").history.columns
    assert first.columns != train(replace(tiny, seed=1), "cpu").history.columns


def test_same_history_in_another_process(tiny, tmp_path):
    code = (
        "import json, sys; from lrreg_utils import Config, train;"
        "print(json.dumps(train(Config.from_dict(json.loads(sys.argv[1])), 'cpu').history.columns))"
    )

    argument = json.dumps(tiny.as_dict())
    done = subprocess.run([sys.executable, "-c", code, argument], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == train(tiny, "cpu").history.columns


def test_every_column_has_a_value_for_every_epoch(tiny):
    history = train(tiny, "cpu").history
    names = {"epoch", "lr", "noise_std", "weight_length"}
    for unit in ("loss", "accuracy"):
        names |= {f"train_{group}_{unit}" for group in ("clean", "patch_only", "both")}
        names |= {f"test_{probe}_{unit}" for probe in ("clean", "patched", "patch_only")}
    assert set(history.columns) == names
    assert history.columns["epoch"] == [1, 2]
    assert history.columns["lr"] == pytest.approx([0.05, 0.005])
    assert history.columns["noise_std"] == pytest.approx([0.3, 3e-6])


def test_hooks_get_the_trainer_after_each_step_and_after_each_epoch(tiny, trained):
    steps, rows = [], []

    def look(trainer):
        rows.append(dict(trainer.rows[-1]))
        trainer.model.eval()  # the next epoch trains all the same

    found = train(tiny, "cpu", after_step=[lambda trainer: steps.append(trainer.epoch)], after_epoch=[look])
    assert steps == [1] * 5 + [2] * 5
    assert [row["epoch"] for row in rows] == [1, 2]
    assert rows[1]["test_clean_loss"] == found.history.at("test_clean_loss", -1)
    assert found.history.columns == trained.history.columns


def test_provenance_names_data_and_code(tiny):
    facts = train(tiny, "cpu").history.provenance
    assert facts["data"] == "digits"
    assert facts["data_sha256"] == prepare(tiny).sha256
    assert facts["versions"]["torch"] == torch.__version__


def test_schedules_of_one_seed_share_data_patterns_groups_and_initial_weights(tiny):
    runs = [
        Trainer(replace(tiny, schedule=Schedule(name, rate)), prepare(tiny), CPU)
        for name, rate in (("large_lr", 0.5), ("small_lr", 0.01))
    ]
    assert torch.equal(runs[0].groups, runs[1].groups)
    assert torch.equal(runs[0].patterns.z, runs[1].patterns.z)
    assert torch.equal(runs[0].patterns.pattern, runs[1].patterns.pattern)
    for first, second in zip(runs[0].model.parameters(), runs[1].model.parameters(), strict=True):
        assert torch.equal(first, second)


def test_optimizer_is_nesterov_sgd_with_decay_on_every_weight():
    config = replace(experiment("paper").config("large_lr", 0), model="wrn16-1", data="digits", image_size=16)
    run = Trainer(config, prepare(config), CPU)
    (group,) = run.optimizer.param_groups
    assert isinstance(run.optimizer, torch.optim.SGD)
    assert (group["nesterov"], group["momentum"], group["weight_decay"]) == (True, 0.9, 5e-4)
    assert len(group["params"]) == len(list(run.model.parameters()))


def test_groups_stay_in_the_talk_and_are_redrawn_in_the_code(tiny):
    for name, redrawn in (("talk", False), ("code", True)):
        run = Trainer(replace(tiny, shares=SHARES[name]), prepare(tiny), CPU)
        before = run.groups.clone()
        run.train_epoch(1)
        assert torch.equal(before == 0, run.groups == 0)
        assert torch.equal(before, run.groups) is not redrawn


def test_training_fits_plain_images(tiny):
    plain = {"schedule": Schedule("plain", 0.05), "shares": Shares(1, 0, 0), "pixel_noise": 0.0}
    config = replace(tiny, epochs=12, **plain)
    history = train(config, "cpu").history
    assert history.at("train_clean_loss", -1) < 0.5 * history.at("train_clean_loss", 1)
    assert history.at("test_clean_accuracy", -1) > 50
    assert history.columns["train_both_loss"] == [None] * 12


def test_probes_repeat_their_draws(tiny):
    run = Trainer(tiny, prepare(tiny), CPU)
    assert run.evaluate() == run.evaluate()


def test_patch_only_probe_is_a_thousand_blank_images_with_random_labels(tiny):
    split = Probes(prepare(tiny), Streams(tiny.seed), "float32").splits["patch_only"]
    assert len(split) == 1000
    assert not split.images.any()
    assert int(torch.bincount(split.labels, minlength=10).min()) > 60


def test_evaluation_leaves_the_weights_alone(tiny):
    run = Trainer(tiny, prepare(tiny), CPU)
    before = {name: value.clone() for name, value in run.model.state_dict().items()}
    run.evaluate()
    assert all(torch.equal(before[name], value) for name, value in run.model.state_dict().items())


def test_divergence_is_reported(tiny):
    with pytest.raises(UserError, match="diverged at learning rate 1e"):
        train(replace(tiny, schedule=Schedule("huge", 1e30)), "cpu")


def test_thread_count_is_put_back(tiny):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        train(replace(tiny, epochs=1), "cpu")
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_devices(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    _gpu_fault.cache_clear()
    assert choose_device("auto") == CPU
    with pytest.raises(UserError, match="no GPU"):
        choose_device("cuda")
    with pytest.raises(UserError, match="choose auto, cpu or cuda"):
        choose_device("tpu")


def test_one_image_in_the_last_batch_is_too_few_for_batch_norm(tiny):
    for changes in ({"batch_size": 33, "train_size": 100}, {"batch_size": 1}):
        with pytest.raises(UserError, match="leaves one image of 100 for the last batch"):
            train(replace(tiny, **changes), "cpu")
    train(replace(tiny, batch_size=33, image_size=9, epochs=1), "cpu")


def test_the_network_sees_normalized_images_patches_and_their_three_groups(tiny):
    config = replace(tiny, shares=SHARES["talk"])
    images = prepare(config)
    run = Trainer(config, images, CPU)
    seen = []
    run.model.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].detach().clone()))
    run.train_epoch(1)
    inputs = torch.cat(seen)
    assert len(inputs) == 100
    originals = (images.train.images.float() - images.mean) / images.std
    same = (inputs[:, None] - originals[None]).abs().flatten(2).amax(2) < 1e-5
    outside = torch.ones(8, 8, dtype=torch.bool)
    outside[2:5, 2:5] = False
    blank = ~inputs[..., outside].flatten(1).any(1)
    region, z, pattern = inputs[..., 2:5, 2:5], run.patterns.z, run.patterns.pattern
    full = torch.stack([(region == z + sign * own).flatten(1).all(1) for own in pattern for sign in (1, -1)])
    assert (int(same.any(1).sum()), int(blank.sum()), int(full.any(0).sum())) == (20, 20, 60)


def test_rate_and_noise_of_the_schedule_reach_optimizer_and_network(tiny):
    run = Trainer(tiny, prepare(tiny), CPU)
    for epoch, rate, noise in ((1, 0.05, 0.3), (2, 0.005, 0.3e-5)):
        run.train_epoch(epoch)
        assert run.optimizer.param_groups[0]["lr"] == pytest.approx(rate)
        assert [site.stds for site in run.model.noise_sites] == [pytest.approx([noise])] * 7


def test_groups_of_the_talk_are_the_same_at_every_epoch_and_those_of_the_code_never(tiny):
    for name, different in (("talk", 1), ("code", 4)):
        run = Trainer(replace(tiny, shares=SHARES[name]), prepare(tiny), CPU)
        drawn = []
        for epoch in range(1, 5):
            run.train_epoch(epoch)
            drawn.append(tuple(run.groups.tolist()))
        assert len(set(drawn)) == different
        assert len({tuple(group == 0 for group in groups) for groups in drawn}) == 1
        assert drawn[0].count(0) == 20


def test_an_epoch_of_two_passes_shows_every_image_twice(tiny):
    run = Trainer(replace(tiny, passes=2), prepare(tiny), CPU)
    taken = []
    run.take_step = taken.append
    run.settings = tiny.schedule.lr(1), tiny.schedule.noise_std(1)
    run.train_epoch(1)
    assert torch.equal(torch.cat(taken).sort().values, torch.arange(100).repeat_interleave(2))


def noisy(tiny, kind, level):
    schedule = Schedule("noisy", 0.05, noise=level, noise_until=2, noise_kind=kind)
    return Trainer(replace(tiny, schedule=schedule), prepare(tiny), CPU)


def test_noise_of_small_batches_ends_with_its_epoch(tiny):
    run = noisy(tiny, "batch", 4)
    sizes = []
    for epoch in (1, 2):
        run.set_rates(0.05, run.config.schedule.noise_std(epoch))
        run.take_step = lambda batch: sizes.append(len(batch))
        run.train_epoch(epoch)
    assert sizes == [5] * 20 + [20] * 5


@pytest.mark.parametrize(("kind", "level"), [("label", 0.5), ("gradient", 0.1), ("dropout", 0.5)])
def test_noise_disturbs_while_it_lasts_and_comes_from_its_own_stream(tiny, kind, level):
    quiet, first, again = noisy(tiny, kind, 0.0), noisy(tiny, kind, level), noisy(tiny, kind, level)
    rows = [run.next_epoch() for run in (quiet, first, again)]
    assert rows[1] == rows[2]
    weights = [run.model.linear.weight for run in (quiet, first, again)]
    assert torch.equal(weights[1], weights[2]) and not torch.equal(weights[0], weights[1])
    order = [run.streams["order"].get_state() for run in (quiet, first)]
    assert torch.equal(*order)


def test_label_noise_replaces_its_share_of_the_labels(tiny):
    run = noisy(tiny, "label", 0.6)
    run.set_rates(0.05, 0.6)
    logits = torch.zeros(30_000, 10)
    logits[:, 3] = 5.0  # certain of class 3, which is every example's true label
    losses = torch.nn.functional.cross_entropy(logits, torch.full((30_000,), 3), reduction="none")
    changed = (run._with_label_noise(losses, logits) > 1).float().mean()
    assert float(changed) == pytest.approx(0.6 * 0.9, abs=0.01)  # one random label in ten is the true one


def test_gradient_noise_has_its_std(tiny):
    run = noisy(tiny, "gradient", 0.2)
    run.set_rates(0.05, 0.2)
    for weights in run.model.parameters():
        weights.grad = torch.zeros_like(weights)
    run._add_gradient_noise()
    noise = torch.cat([weights.grad.flatten() for weights in run.model.parameters()])
    assert float(noise.std()) == pytest.approx(0.2, rel=0.02)
    assert float(noise.mean()) == pytest.approx(0, abs=0.003)


def test_dropout_keeps_the_mean_of_the_activations(tiny):
    run = noisy(tiny, "dropout", 0.25)
    run.set_rates(0.05, 0.25)
    site = run.model.noise_sites[0].train()
    dropped = site(torch.ones(1, 1, 200, 200))
    assert dropped.unique().tolist() == pytest.approx([0, 4 / 3])
    assert float((dropped == 0).float().mean()) == pytest.approx(0.25, abs=0.01)
    assert torch.equal(site.eval()(torch.ones(1, 1, 4, 4)), torch.ones(1, 1, 4, 4))


def noise_of_batches(tiny, **changes):
    schedule = Schedule("noisy", 0.05, noise=2.0, noise_until=9, noise_kind="batch")
    return replace(tiny, **{"schedule": schedule, "batch_size": 64, "epochs": 1, **changes})


def test_the_batch_size_in_use_decides_whether_a_last_batch_is_too_small(tiny):
    with pytest.raises(UserError, match="batch_size 32 leaves one image of 97 for the last batch"):
        train(noise_of_batches(tiny, train_size=97), "cpu")
    train(noise_of_batches(tiny, train_size=65 + 32, image_size=9), "cpu")
    train(noise_of_batches(tiny, batch_size=99, train_size=100), "cpu")  # 99 would leave one, and is not used


def test_momentum_begins_at_0_and_the_first_step_is_torch_s_own(tiny):
    run = Trainer(tiny, prepare(tiny), CPU)
    buffers = [state["momentum_buffer"] for state in run.optimizer.state.values()]
    assert len(buffers) == len(list(run.model.parameters())) and not any(buffer.any() for buffer in buffers)
    weights, gradient = torch.randn(2, 50)
    ours, theirs = (torch.nn.Parameter(weights.clone()) for _ in range(2))
    optimizers = [torch.optim.SGD([one], 0.1, 0.9, nesterov=True, weight_decay=5e-4, fused=True)
                  for one in (ours, theirs)]
    optimizers[0].state[ours]["momentum_buffer"] = torch.zeros_like(ours)
    for _ in range(3):
        for one, optimizer in zip((ours, theirs), optimizers, strict=True):
            one.grad = gradient.clone()
            optimizer.step()
    assert torch.equal(ours, theirs)


def test_a_compiler_that_is_not_there_is_one_line_before_any_training(tiny, monkeypatch):
    def fail(*arguments, **keywords):
        raise RuntimeError("No working C++ compiler found\nand many more lines")

    monkeypatch.setattr(torch, "compile", fail)
    check_compiler.cache_clear()
    try:
        with pytest.raises(UserError, match=r"^compile: torch.compile does not work here \(No working"):
            train(replace(tiny, compile=True), "cpu")
    finally:
        check_compiler.cache_clear()


def test_a_gpu_that_is_listed_and_does_not_compute_is_not_taken(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    _gpu_fault.cache_clear()
    try:
        assert choose_device("auto") == CPU
        with pytest.raises(UserError, match=r"^device: the GPU cannot be used \("):
            choose_device("cuda")
    finally:
        _gpu_fault.cache_clear()
