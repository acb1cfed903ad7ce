"""The rows of the table: each gives the two sides of a ratio, to be timed in turn."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch.nn import functional as F

from benchmarks.reference import PatchedDataset, SpeedNet, loader, plain_step
from lrreg_utils.devices import autocast, known_state
from lrreg_utils.experiments.config import Config, Shares
from lrreg_utils.experiments.presets import experiment
from lrreg_utils.images.dataset import Images, Split, with_statistics
from lrreg_utils.images.patches import draw_groups, draw_patterns, write_patches
from lrreg_utils.images.sources import normalize
from lrreg_utils.seeding import generator
from lrreg_utils.theory.infinite_width import InfiniteWidthNetwork, Phase
from lrreg_utils.theory.setting import Setting, sample
from lrreg_utils.training.evaluation import split_to
from lrreg_utils.training.model import build_model
from lrreg_utils.training.trainer import Trainer

Side = Callable[[], object]


@dataclass(frozen=True)
class Row:
    """A ratio, time of ``theirs`` over time of ``ours`` unless said otherwise."""

    id: str
    what: str
    bar: float
    at_least: bool  # whether the ratio must reach the bar, or stay below it
    sides: Callable[[], tuple[Side, Side]]  # (above the line, below it)
    gpu: bool = False  # whether it can be measured on a GPU only


def pictures(count: int) -> Images:
    """Random pictures of CIFAR-10's shape: speed does not depend on what they show."""
    rng = generator(0, "benchmark pictures")
    draw = torch.randint(256, (count, 3, 32, 32), generator=rng, dtype=torch.uint8)
    split = Split(draw, torch.arange(count) % 10)
    return with_statistics(split, split, tuple("abcdefghij"))


def wait(device: torch.device) -> None:
    """Until a GPU has done what it was given: its clock would stop too early otherwise."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def loading(device: str = "cpu", count: int = 50_000) -> tuple[Side, Side]:
    """Both sides are first compared on 2,000 images, patches included."""
    images, config = pictures(count), experiment("paper").config("large_lr", 0)
    patterns = draw_patterns(config, 3, 10)
    groups = draw_groups(len(images.train), config.shares, generator(0, "groups"))
    draws = torch.rand((2, len(groups)), generator=generator(0, "patches"))
    dataset = PatchedDataset(images.train, groups, patterns, images.mean, images.std, draws)
    place = torch.device(device)
    split, there = split_to(images.train, place), patterns.to(place)
    mean, std, groups_there = images.mean.to(place), images.std.to(place), groups.to(place)

    def ours() -> None:
        rng = generator(0, "patches", place)
        for part in torch.arange(len(groups), device=place).split(config.batch_size):
            clean = normalize(split.images[part], mean, std)
            write_patches(clean, split.labels[part], groups_there[part], there, rng)
        wait(place)

    def theirs() -> None:
        for batch, labels in loader(dataset, config.batch_size):
            batch.to(place), labels.to(place)
        wait(place)

    single = torch.stack([dataset[index][0] for index in range(2000)])
    rng_all = generator(0, "patches")  # one draw for the whole set, as the dataset was given
    clean = normalize(images.train.images, images.mean, images.std)
    whole = write_patches(clean, images.train.labels, groups, patterns, rng_all)[:2000]
    torch.testing.assert_close(single, whole, rtol=1e-4, atol=1e-4)
    return theirs, ours


def step() -> tuple[Side, Side]:
    x = torch.randn(128, 3, 32, 32, generator=generator(0, "x"))
    y = torch.arange(128) % 10
    shape = {"channels": 3, "classes": 10, "noise_per_sample": False}
    plain, fast = (build_model("small", **shape, rng=generator(0, "init")) for _ in range(2))
    fast = fast.to(memory_format=torch.channels_last)
    torch.testing.assert_close(plain(x), fast(x), rtol=1e-3, atol=1e-3)
    arguments = {"lr": 0.01, "momentum": 0.9, "nesterov": True, "weight_decay": 5e-4}
    theirs = torch.optim.SGD(plain.parameters(), **arguments)
    ours = torch.optim.SGD(fast.parameters(), **arguments, fused=True)
    x_last = x.contiguous(memory_format=torch.channels_last)

    def fast_step() -> None:
        with autocast("bfloat16", x.device):
            logits = fast(x_last).float()
        ours.zero_grad()
        F.cross_entropy(logits, y).backward()
        ours.step()

    return (lambda: plain_step(plain, theirs, x, y)), fast_step


class NoSums:
    """Stands in for the sums by group where a row asks what they cost."""

    def add(self, *arguments) -> None: ...

    def read(self) -> tuple[list, list]:
        return [None] * 3, [None] * 3


def run_of(config: Config, count: int, device: str = "cpu", graph: bool | None = None) -> Trainer:
    return Trainer(config, pictures(count), torch.device(device), graph)


def epoch_of(run: Trainer) -> Side:
    """One training epoch of a run, under the settings of torch that `training.train.train` chooses."""
    return known_state(1)(partial(run.train_epoch, 1))


def group_metrics(count: int = 2560) -> tuple[Side, Side]:
    run = run_of(experiment("small-50k").config("large_lr", 0), count)
    sums = run.sums

    def epoch(chosen) -> None:
        run.sums = chosen
        run.train_epoch(1)

    return (lambda: epoch(sums)), (lambda: epoch(NoSums()))


def trainer(count: int = 2560) -> tuple[Side, Side]:
    plain = {"shares": Shares(1, 0, 0), "precision": "float32"}
    config = replace(experiment("small-50k").config("large_lr", 0), **plain)
    run, bare = run_of(config, count), run_of(config, count)
    for one in (run, bare):
        torch.manual_seed(0)
        one.model = SpeedNet().to(memory_format=torch.channels_last)
        one.optimizer = torch.optim.SGD(
            one.model.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4, fused=True
        )
    pixels, labels = bare.normalize(bare.train_split.images), bare.train_split.labels

    def by_hand() -> None:
        bare.model.train()
        for batch in torch.randperm(len(labels)).split(config.batch_size):
            loss = F.cross_entropy(bare.model(pixels[batch]), labels[batch])
            bare.optimizer.zero_grad()
            loss.backward()
            bare.optimizer.step()

    return by_hand, epoch_of(run)


def theory(count: int = 64) -> tuple[Side, Side]:
    """Both sides are first compared after 20 steps."""
    setting, lam, seeds = Setting(d=200, train_size=120), 1e-5, list(range(count))
    phase, du = Phase(20 * 20.0 * lam), 20.0
    stacked = InfiniteWidthNetwork(setting, sample(setting, seeds, "train"), lam)
    single = [InfiniteWidthNetwork(setting, sample(setting, [seed], "train"), lam) for seed in seeds]

    def one_by_one() -> None:
        for network in single:
            network.run(phase, du)

    one_by_one()
    stacked.run(phase, du)
    apart = torch.cat([network.train_output() for network in single])
    torch.testing.assert_close(apart, stacked.train_output(), rtol=1e-9, atol=1e-12)
    return one_by_one, lambda: stacked.run(phase, du)


ROWS = (
    Row("L1", "50,000 patched images, one thread: one by one / whole batches", 10, True, loading),
    Row("C1", "small network, a step: float32, default layout / bfloat16, channels-last", 1.3, True, step),
    Row("G1", "training epoch with sums by group / without", 1.03, False, group_metrics),
    Row("A1", "a speed-record network, epoch: loop by hand / our trainer", 0.97, True, trainer),
    Row("T1", "the theory's network, 64 seeds: one by one / stacked", 1.2, True, theory),
)
