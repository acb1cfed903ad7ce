"""How much a network's pre-activations jump about while it trains.

A pre-activation is the input of a ReLU. A probe batch that never changes goes through the network after
every single step of an epoch; whatever changes in its pre-activations is the work of the steps. Part of
that is drift, which is learning and not noise: a straight line through the epoch is taken off, and
what is left is called noise.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import torch
from torch import nn

from lrreg_utils.devices import known_state
from lrreg_utils.experiments.config import Config
from lrreg_utils.experiments.presets import experiment
from lrreg_utils.experiments.schedule import Schedule
from lrreg_utils.images.patches import BOTH, CLEAN, PATCH_ONLY, redraw_patch_only, write_patches
from lrreg_utils.images.sources import prepare
from lrreg_utils.seeding import generator
from lrreg_utils.training.trainer import Run

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

    def __init__(self, run: Run, sizes: dict[int, int] = PROBE) -> None:
        clean = (run.groups == CLEAN).nonzero()[:, 0]
        patched = (run.groups != CLEAN).nonzero()[:, 0]
        chosen = torch.cat([clean[: sizes[CLEAN]], patched[: sizes[PATCH_ONLY] + sizes[BOTH]]])
        self.groups = torch.cat([torch.full((size,), group) for group, size in sizes.items()])
        rng = generator(run.config.seed, "preactivation probe")
        images = run.normalize(run.train_split.images[chosen])
        self.inputs = write_patches(images, run.train_split.labels[chosen], self.groups, run.patterns, rng)


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


def measured_epoch(run: Run, epoch: int, probe: Probe) -> list[dict[str, float]]:
    """Train one more epoch and look at the probe after every step: `site_measures` of each ReLU."""
    run.set_rates(run.config.schedule.lr(epoch), run.config.schedule.noise_std(epoch))
    run.model.train()
    run.groups.copy_(redraw_patch_only(run.groups, run.config.shares, run.rngs["redraw"]))
    order = torch.randperm(len(run.groups), generator=run.rngs["order"], device=run.device)
    seen = []
    for batch in order.split(run.batch_size):
        run.step(batch)
        seen.append(preactivations(run.model, probe.inputs))
    return [site_measures(torch.stack(site), probe.groups) for site in zip(*seen, strict=True)]


@known_state(1)
def noise_course(config: Config, epochs: Sequence[int]) -> list[dict]:
    """Train on the processor and measure the noise during some epochs (from 1).

    Returns:
        A row for each of ``epochs``: ``rate``, ``seed``, ``epoch``, each measure of `site_measures` with
        one number a ReLU, and after that epoch ``test_clean_accuracy``, ``test_patch_only_accuracy``.
    """
    rows = []
    run = Run(config, prepare(config), torch.device("cpu"))
    probe = Probe(run)
    for epoch in range(1, max(epochs) + 1):
        if epoch not in epochs:
            run.train_epoch(epoch)
            continue
        sites = measured_epoch(run, epoch, probe)
        tests = run.evaluate()
        names = ("test_clean_accuracy", "test_patch_only_accuracy")
        rows.append({
            "rate": config.schedule.lr(epoch), "seed": config.seed, "epoch": epoch,
            **{name: [site[name] for site in sites] for name in sites[0]},
            **{name: round(tests[name], 2) for name in names},
        })
    return rows


def noise_study(
    seeds: Sequence[int], rates: Sequence[float] = RATES, epochs: Sequence[int] = EPOCHS,
    course: Sequence[int] = COURSE, base: Config | None = None,
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
            found["rates"] += noise_course(config, epochs)
        for name, rows in found["courses"].items():
            rows += noise_course(replace(base, schedule=digits.schedules[name], seed=seed), course)
    return found
