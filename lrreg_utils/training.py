"""One run: a config goes in, a history and a trained network come out."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import torch
from torch.nn import functional as F

from lrreg_utils import images as image_sources
from lrreg_utils.config import Config
from lrreg_utils.datasets import Images, Split
from lrreg_utils.errors import UserError
from lrreg_utils.history import History
from lrreg_utils.images import normalize
from lrreg_utils.metrics import GroupSums
from lrreg_utils.models import WideResNet, build_model
from lrreg_utils.patches import (
    BOTH,
    CLEAN,
    GROUPS,
    PATCH_ONLY,
    Patterns,
    draw_groups,
    draw_patterns,
    redraw_patch_only,
    write_patches,
)
from lrreg_utils.provenance import provenance
from lrreg_utils.seeding import generator

PROBES = {"clean": CLEAN, "patched": BOTH, "patch_only": PATCH_ONLY}
PATCH_ONLY_PROBE_SIZE = 1000  # as in the authors' code
EVALUATION_BATCH = 250  # small enough for a processor cache


@dataclass(frozen=True)
class Trained:
    """What `train` returns: the history, and the network with the patterns it was trained on."""

    history: History
    model: WideResNet
    patterns: Patterns
    images: Images


def choose_device(name: str = "auto") -> torch.device:
    """``cpu``, ``cuda`` or ``auto`` (a GPU where there is one) as a device.

    Raises:
        UserError: an unknown name, or a GPU that is not there.
    """
    if name not in ("auto", "cpu", "cuda"):
        raise UserError(f"device: {name!r} is unknown; choose auto, cpu or cuda")
    if name == "cuda" and not torch.cuda.is_available():
        raise UserError("device: no GPU is available to this torch; leave --device out or choose cpu")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def train(
    config: Config,
    device: str = "auto",
    threads: int = 1,
    on_epoch: Callable[[int, dict[str, float | None]], None] = lambda epoch, row: None,
) -> Trained:
    """Train one network and measure every group after every epoch.

    The same config gives the same history on the same machine, in any process.

    Args:
        device: see `choose_device`.
        threads: processor threads. Sums depend on their number, so it belongs to what must be
            equal for equal histories; two runs side by side use two cores better than one run.
        on_epoch: called after each epoch (from 1) with its row of the history.

    Raises:
        UserError: a config that does not fit its data, or a loss that is no longer finite.
    """
    chosen = choose_device(device)
    started = time.perf_counter()
    with _threads(threads):
        images = image_sources.prepare(config)
        run = _Run(config, images, chosen)
        columns: dict[str, list] = {}
        for epoch in range(1, config.epochs + 1):
            row = {"epoch": epoch, **run.train_epoch(epoch), **run.evaluate()}
            _check_finite(row, config)
            for name, value in row.items():
                columns.setdefault(name, []).append(value)
            on_epoch(epoch, row)
    facts = provenance(config, images.sha256, chosen, threads, time.perf_counter() - started)
    return Trained(History(config, columns, facts), run.model, run.patterns, images)


class _Run:
    """The moving parts of a run, all on one device."""

    def __init__(self, config: Config, images: Images, device: torch.device) -> None:
        self.config, self.device = config, device
        self.train_split = _to(images.train, device)
        self.probes = Probes(config, images, device)
        self.normalize = self.probes.normalize
        patterns = draw_patterns(config, images.channels, len(images.classes))
        self.patterns = patterns.to(device)
        groups = draw_groups(len(images.train), config.shares, generator(config.seed, "groups"))
        self.groups = groups.to(device)
        self.model = build_model(
            config.model, channels=images.channels, classes=len(images.classes),
            noise_per_sample=config.noise_per_sample, rng=generator(config.seed, "init"),
        ).to(device, memory_format=torch.channels_last)
        last_batch = len(images.train) % config.batch_size or config.batch_size
        if last_batch == 1 and config.image_size <= 4 * self.model.stem.stride[0]:
            raise UserError(
                f"batch_size {config.batch_size} leaves one image for the last batch, too few for batch "
                f"norm on images of {config.image_size} pixels; choose another batch size"
            )
        self.optimizer = torch.optim.SGD(
            self.model.parameters(), lr=config.schedule.initial_lr, momentum=config.momentum,
            nesterov=True, weight_decay=config.weight_decay, fused=True,
        )
        purposes = ("order", "redraw", "patches", "activation noise")
        self.rngs = {purpose: generator(config.seed, purpose, device) for purpose in purposes}

    def train_epoch(self, epoch: int) -> dict[str, float | None]:
        """One pass over the training set; its running mean loss and accuracy by group."""
        schedule, rngs = self.config.schedule, self.rngs
        for parameters in self.optimizer.param_groups:
            parameters["lr"] = schedule.lr(epoch)
        self.model.set_noise(schedule.noise_std(epoch), rngs["activation noise"])
        self.model.train()
        if self.config.shares.redraw:
            self.groups = redraw_patch_only(self.groups, self.config.shares, rngs["redraw"])

        sums = GroupSums(len(GROUPS), self.device)
        order = torch.randperm(len(self.groups), generator=rngs["order"], device=self.device)
        for batch in order.split(self.config.batch_size):
            labels, groups = self.train_split.labels[batch], self.groups[batch]
            clean = self.normalize(self.train_split.images[batch])
            inputs = write_patches(clean, labels, groups, self.patterns, rngs["patches"])
            logits = self.model(inputs)
            losses = F.cross_entropy(logits, labels, reduction="none")
            self.optimizer.zero_grad()
            losses.mean().backward()
            self.optimizer.step()
            sums.add(losses, logits, labels, groups)

        loss, accuracy = sums.read()
        row = {"lr": schedule.lr(epoch), "noise_std": schedule.noise_std(epoch)}
        for name, group_loss, group_accuracy in zip(GROUPS, loss, accuracy, strict=True):
            row |= {f"train_{name}_loss": group_loss, f"train_{name}_accuracy": group_accuracy}
        return row

    def evaluate(self) -> dict[str, float | None]:
        return self.probes.measure(self.model, self.patterns)


class Probes:
    """The three test sets of the patch experiment, with the same random draws at every call.

    ``clean``: the test images. ``patched``: the same with their class's patch. ``patch_only``: 1,000
    patches with random labels and no image, drawn by the law of the training set.
    """

    def __init__(self, config: Config, images: Images, device: torch.device) -> None:
        self.seed, self.device = config.seed, device
        self.mean, self.std = images.mean.to(device), images.std.to(device)
        test = _to(images.test, device)
        rng = generator(config.seed, "probe labels")
        labels = torch.randint(len(images.classes), (PATCH_ONLY_PROBE_SIZE,), generator=rng)
        blank = test.images.new_zeros(PATCH_ONLY_PROBE_SIZE, *test.images.shape[1:])
        self.splits = {"clean": test, "patched": test, "patch_only": Split(blank, labels.to(device))}

    def normalize(self, images: torch.Tensor) -> torch.Tensor:
        pixels = normalize(images, self.mean, self.std)
        return pixels.contiguous(memory_format=torch.channels_last)

    @torch.no_grad()
    def measure(self, model: WideResNet, patterns: Patterns) -> dict[str, float | None]:
        """``test_PROBE_loss`` and ``test_PROBE_accuracy`` of a network for every probe."""
        model.eval()
        row = {}
        for name, group in PROBES.items():
            (loss,), (accuracy,) = self._sums(name, group, model, patterns).read()
            row |= {f"test_{name}_loss": loss, f"test_{name}_accuracy": accuracy}
        return row

    def _sums(self, name: str, group: int, model: WideResNet, patterns: Patterns) -> GroupSums:
        rng = generator(self.seed, f"probe {name}", self.device)
        sums = GroupSums(1, self.device)
        split = self.splits[name]
        for images, labels in zip(
            split.images.split(EVALUATION_BATCH), split.labels.split(EVALUATION_BATCH), strict=True
        ):
            groups = torch.full_like(labels, group)
            inputs = write_patches(self.normalize(images), labels, groups, patterns, rng)
            logits = model(inputs)
            losses = F.cross_entropy(logits, labels, reduction="none")
            sums.add(losses, logits, labels, torch.zeros_like(labels))
        return sums


def _to(split: Split, device: torch.device) -> Split:
    return replace(split, images=split.images.to(device), labels=split.labels.to(device))


def _check_finite(row: dict[str, float | None], config: Config) -> None:
    for name, value in row.items():
        if value is not None and not math.isfinite(value):
            raise UserError(
                f"training: {config.label}: {name} is {value} after epoch {row['epoch']}: the run has "
                f"diverged at learning rate {row['lr']:g}; choose a lower one"
            )


@contextmanager
def _threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
