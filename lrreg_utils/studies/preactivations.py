"""How much a network's pre-activations jump about while it trains.

A pre-activation is the input of a ReLU. A probe batch that never changes goes through the network after
every single step of an epoch; whatever changes in its pre-activations is the work of the steps. Part of
that is drift, which is learning and not noise: a straight line through the epoch is taken off, and
what is left is called noise.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache

import torch
from torch import nn

from lrreg_utils.experiments.config import Config
from lrreg_utils.experiments.presets import experiment
from lrreg_utils.experiments.schedule import Schedule
from lrreg_utils.images.patches import BOTH, CLEAN, PATCH_ONLY, write_patches
from lrreg_utils.studies.pieces import Keep, at_once
from lrreg_utils.training.train import train
from lrreg_utils.training.trainer import Trainer

PROBE = {CLEAN: 25, PATCH_ONLY: 20, BOTH: 80}  # examples of each group: the shares of the training set
RATES = (0.004, 0.016, 0.05, 0.1, 0.2, 0.4, 0.8)
EPOCHS = (3, 9, 25)  # measured, of each constant rate
COURSE = (2, 4, 6, 8, 9, 10, 12, 16, 20, 24)  # measured, of each schedule


def step_noise(values: torch.Tensor) -> dict[str, torch.Tensor]:
    """Three measures of noise over time, each (…) of values (steps, …).

    For noise that is independent from step to step all three estimate its std.

    Returns:
        ``noise``: std about the least-squares straight line in time, drift taken off.
        ``window``: std about the mean, drift counted.
        ``successive``: root mean square of the differences of neighbours, over sqrt(2); it misses
        whatever moves slowly.
    """
    steps = len(values)
    time = torch.arange(steps, dtype=values.dtype) - (steps - 1) / 2
    centred = values - values.mean(0)
    slope = torch.tensordot(time, centred, dims=([0], [0])) / time.square().sum()
    total = centred.square().sum(0)
    about_line = (total - slope.square() * time.square().sum()).clamp(min=0)
    return {
        "noise": (about_line / (steps - 2)).sqrt(),
        "window": (total / (steps - 1)).sqrt(),
        "successive": (values.diff(dim=0).square().mean(0) / 2).sqrt(),
    }


def site_measures(values: torch.Tensor, groups: torch.Tensor) -> dict[str, float]:
    """Noise and signals at one ReLU, each a root mean square over its pre-activations.

    Args:
        values: float (steps, examples, units), a unit being one channel at one place.
        groups: int64 (examples,).

    Returns:
        The measures of `step_noise`, and signals, each the std over examples of the mean over steps:
        ``spread`` over all, ``image`` over the clean ones, ``patch`` over the patch-only ones.
    """
    found = {name: _rms(std) for name, std in step_noise(values).items()}
    mean = values.mean(0)
    found["spread"] = _rms(mean.std(0))
    for name, group in (("image", CLEAN), ("patch", PATCH_ONLY)):
        found[name] = _rms(mean[groups == group].std(0))
    return found


def _rms(values: torch.Tensor) -> float:
    return float(f"{values.square().mean().sqrt().item():.5g}")


class Probe:
    """A batch of training examples whose patches are drawn once, with the shares of the training set."""

    def __init__(self, trainer: Trainer, sizes: dict[int, int] = PROBE) -> None:
        split = trainer.train_split
        clean = (trainer.groups == CLEAN).nonzero()[:, 0]
        patched = (trainer.groups != CLEAN).nonzero()[:, 0]
        chosen = torch.cat([clean[: sizes[CLEAN]], patched[: sizes[PATCH_ONLY] + sizes[BOTH]]])
        self.groups = torch.cat([torch.full((size,), group) for group, size in sizes.items()])
        rng = trainer.streams.fresh("preactivation probe")
        images = trainer.normalize(split.images[chosen])
        self.inputs = write_patches(images, split.labels[chosen], self.groups, trainer.patterns, rng)


@contextmanager
def _as_in_training(model: nn.Module) -> Iterator[None]:
    """Batch norm by the batch, but its running statistics stay, and no noise is drawn."""
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    model.train()
    for site in model.noise_sites:
        site.eval()
    for norm in norms:
        norm.track_running_stats = False
    try:
        yield
    finally:
        for norm in norms:
            norm.track_running_stats = True
        model.train()


@torch.no_grad()
def preactivations(model: nn.Module, inputs: torch.Tensor) -> list[torch.Tensor]:
    """The input of every ReLU, in order, each float (N, units); training is not disturbed."""
    seen: list[torch.Tensor] = []
    hooks = [site.register_forward_pre_hook(lambda _, args: seen.append(args[0].flatten(1).clone()))
             for site in model.noise_sites]
    try:
        with _as_in_training(model):
            model(inputs)
    finally:
        for hook in hooks:
            hook.remove()
    return seen


def noise_course(config: Config, epochs: Sequence[int]) -> list[dict]:
    """Train on the processor and measure the noise during some epochs (from 1).

    The probe is looked at after every step of these epochs.

    Returns:
        A row for each of ``epochs``: ``rate``, ``seed``, ``epoch``, each measure of `site_measures` with
        one number per ReLU, and after that epoch ``test_clean_accuracy``, ``test_patch_only_accuracy``.
    """
    rows, seen = [], []
    probe_of = cache(Probe)  # made once: training does not change which examples carry a patch

    def look(trainer: Trainer) -> None:
        if trainer.epoch in epochs:
            seen.append(preactivations(trainer.model, probe_of(trainer).inputs))

    def measure(trainer: Trainer) -> None:
        if not seen:
            return
        groups, row = probe_of(trainer).groups, trainer.rows[-1]
        sites = [site_measures(torch.stack(site), groups) for site in zip(*seen, strict=True)]
        seen.clear()
        rows.append({
            "rate": row["lr"], "seed": config.seed, "epoch": row["epoch"],
            **{name: [site[name] for site in sites] for name in sites[0]},
            **{name: round(row[name], 2) for name in ("test_clean_accuracy", "test_patch_only_accuracy")},
        })

    train(replace(config, epochs=max(epochs)), "cpu", after_step=[look], after_epoch=[measure])
    return rows


def noise_study(
    seeds: Sequence[int], rates: Sequence[float] = RATES, epochs: Sequence[int] = EPOCHS,
    course: Sequence[int] = COURSE, base: Config | None = None, keep: Keep = at_once,
) -> dict:
    """The noise at constant rates, and along ``large_lr`` and ``small_lr``; rows of `noise_course`.

    Args:
        base: the digits experiment by default.
    """
    digits = experiment("digits")
    base = base or digits.base
    found: dict = {"rates": [], "courses": {name: [] for name in ("large_lr", "small_lr")}}
    for seed in seeds:
        for rate in rates:
            config = replace(base, schedule=Schedule("constant", rate), seed=seed)
            found["rates"] += keep(f"{rate:g}-{seed}", noise_course, config, epochs)
        for name, rows in found["courses"].items():
            config = replace(base, schedule=digits.schedules[name], seed=seed)
            rows += keep(f"{name}-{seed}", noise_course, config, course)
    return found
