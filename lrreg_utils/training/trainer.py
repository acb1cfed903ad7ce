"""The training of one network, step by step: the step is `Run.step`."""

import math
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch.nn import functional as F

from lrreg_utils.devices import autocast, check_compiler
from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import Config
from lrreg_utils.experiments.schedule import NOISE_KINDS
from lrreg_utils.images.dataset import Images
from lrreg_utils.images.patches import (
    GROUPS,
    draw_groups,
    draw_patterns,
    redraw_patch_only,
    write_patches,
)
from lrreg_utils.seeding import generator
from lrreg_utils.text_files import AGAIN
from lrreg_utils.training.checkpoint import load_state, sound_rows
from lrreg_utils.training.cuda_graph import GraphedStep
from lrreg_utils.training.evaluation import Probes, split_to
from lrreg_utils.training.metrics import GroupSums
from lrreg_utils.training.model import WideResNet, build_model

Row = dict[str, float | None]
DRAWN_IN_STEP = ("patches", "activation noise", "gradient noise", "label noise")


class Run:
    """The moving parts of a run, all on one device.

    Args:
        graph: whether the step is replayed as a CUDA graph; by default on a GPU, where it is not compiled.
    """

    def __init__(
        self, config: Config, images: Images, device: torch.device, graph: bool | None = None
    ) -> None:
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
        self.config, self.device = config, device
        self.graph = (device.type == "cuda" and not config.compile) if graph is None else graph
        self.train_split = split_to(images.train, device)
        self.probes = Probes(config, images, device)
        self.normalize = self.probes.normalize
        patterns = draw_patterns(config, images.channels, len(images.classes))
        self.patterns = patterns.to(device)
        groups = draw_groups(len(images.train), config.shares, generator(config.seed, "groups"))
        self.groups = groups.to(device)
        self.model = build_model(
            config.model, channels=images.channels, classes=len(images.classes),
            noise_per_sample=config.noise_per_sample, rng=generator(config.seed, "init"),
            initialization=config.initialization,
        ).to(device, memory_format=torch.channels_last)
        check_last_batches(config, len(images.train), self.model)
        if config.compile:
            check_compiler(device)
            self.model.compile()
        self.optimizer = torch.optim.SGD(
            self.model.parameters(), lr=config.schedule.initial_lr, momentum=config.momentum,
            nesterov=True, weight_decay=config.weight_decay, fused=True,
        )
        for weights in self.model.parameters():
            # torch makes them in the first step, and leaves them out when float16 overflows in it
            self.optimizer.state[weights]["momentum_buffer"] = torch.zeros_like(weights)
        # float16 gradients would vanish without it; for the other formats it does nothing
        self.scaler = torch.amp.GradScaler(device.type, enabled=config.precision == "float16")
        purposes = ("order", "redraw", *DRAWN_IN_STEP)
        self.rngs = {purpose: generator(config.seed, purpose, device) for purpose in purposes}
        self.sums = GroupSums(len(GROUPS), device)
        self.take_step: Callable[[torch.Tensor], None] = self.step
        self.settings: tuple[float, float] | None = None  # rate and noise of the last epoch
        self.noise = dict.fromkeys(NOISE_KINDS, 0.0)  # level of each kind in the steps to come
        self.rows: list[Row] = []
        self.resumed_after: list[int] = []
        self.seconds = 0.0  # spent on epochs, in every process that worked on the run

    def next_epoch(self) -> Row:
        """Train and measure one more epoch."""
        started = time.perf_counter()
        epoch = len(self.rows) + 1
        row = {"epoch": epoch, **self.train_epoch(epoch), **self.evaluate()}
        _check_finite(row, self.config)
        self.rows.append(row)
        self.seconds += time.perf_counter() - started
        return row

    def train_epoch(self, epoch: int) -> Row:
        """One epoch over the training set; its running mean loss and accuracy by group."""
        rate, noise = self.config.schedule.lr(epoch), self.config.schedule.noise_std(epoch)
        if (rate, noise) != self.settings:
            self.set_rates(rate, noise)
        self.model.train()
        for _ in range(self.config.passes):
            if self.config.shares.redraw:
                self.groups.copy_(redraw_patch_only(self.groups, self.config.shares, self.rngs["redraw"]))
            order = torch.randperm(len(self.groups), generator=self.rngs["order"], device=self.device)
            for batch in order.split(self.batch_size):
                self.take_step(batch)

        loss, accuracy = self.sums.read()
        row = {"lr": rate, "noise_std": noise}
        for name, group_loss, group_accuracy in zip(GROUPS, loss, accuracy, strict=True):
            row |= {f"train_{name}_loss": group_loss, f"train_{name}_accuracy": group_accuracy}
        return row

    def set_rates(self, rate: float, noise: float) -> None:
        """Change the learning rate and the noise of the steps to come."""
        for parameters in self.optimizer.param_groups:
            parameters["lr"] = rate
        self.noise = dict.fromkeys(NOISE_KINDS, 0.0) | {self.config.schedule.noise_kind: noise}
        self.model.set_noise(self.noise["activation"], self.rngs["activation noise"], self.noise["dropout"])
        self.settings = rate, noise
        if self.graph:  # a recorded step keeps the rate and the noise of its recording
            drawn_from = [self.rngs[name] for name in DRAWN_IN_STEP]
            self.take_step = GraphedStep(self.step, self.batch_size, self.device, drawn_from)

    @property
    def batch_size(self) -> int:
        """Examples in a step of the epochs to come."""
        return self.config.batch_size_with(self.noise["batch"])

    def step(self, batch: torch.Tensor) -> None:
        """One training step on the examples with these indices, int64 (B,). Nothing is read back."""
        labels, groups = self.train_split.labels[batch], self.groups[batch]
        clean = self.normalize(self.train_split.images[batch])
        inputs = write_patches(clean, labels, groups, self.patterns, self.rngs["patches"])
        with autocast(self.config.precision, self.device):
            logits = self.model(inputs).float()
        losses = F.cross_entropy(logits, labels, reduction="none")
        self.optimizer.zero_grad()
        self.scaler.scale(self._disturbed(losses, logits).mean()).backward()
        self._disturb_gradient()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.sums.add(losses, logits, labels, groups)

    def _disturbed(self, losses: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        """The losses (N,) with a share of the labels drawn at random; the true ones are what is recorded."""
        if not (share := self.noise["label"]):
            return losses
        rng, classes = self.rngs["label noise"], logits.shape[1]
        random = torch.randint(classes, losses.shape, generator=rng, device=self.device)
        chosen = torch.rand(losses.shape, generator=rng, device=self.device) < share
        return torch.where(chosen, F.cross_entropy(logits, random, reduction="none"), losses)

    def _disturb_gradient(self) -> None:
        if not (std := self.noise["gradient"]):
            return
        self.scaler.unscale_(self.optimizer)
        for weights in self.model.parameters():
            noise = torch.randn(weights.shape, generator=self.rngs["gradient noise"], device=self.device)
            weights.grad.add_(noise, alpha=std)

    def evaluate(self) -> Row:
        return self.probes.measure(self.model, self.patterns)

    def facts(self) -> dict:
        """What belongs to the provenance of the history, besides where it was made."""
        facts: dict = {"seconds": round(self.seconds, 1)}
        if self.resumed_after:
            facts["resumed_after"] = self.resumed_after
        if self.device.type == "cuda":
            facts["graph"] = self.graph
            facts["peak_memory_mib"] = round(torch.cuda.max_memory_allocated(self.device) / 2**20)
        return facts

    def state_dict(self) -> dict:
        """Everything that the next epoch depends on, as tensors and plain values."""
        return {
            "model": self.model.state_dict(),
            "z": self.patterns.z,
            "pattern": self.patterns.pattern,
            "groups": self.groups,
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
            "generators": {purpose: rng.get_state() for purpose, rng in self.rngs.items()},
            "rows": self.rows,
            "resumed_after": self.resumed_after,
            "seconds": self.seconds,
        }

    def resume(self, checkpoint: Path, data_sha256: str) -> None:
        """Go on from what `state_dict` gave."""
        state = load_state(checkpoint, self.config, data_sha256)
        kinds = {"groups": torch.Tensor, "generators": dict, "rows": list, "resumed_after": list}
        try:
            if not all(isinstance(state[name], kind) for name, kind in kinds.items()):
                raise ValueError("parts of another kind")
            self.model.load_state_dict(state["model"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.scaler.load_state_dict(state["scaler"])
            self.groups.copy_(state["groups"].reshape(self.groups.shape))
            for purpose, rng in self.rngs.items():
                rng.set_state(state["generators"][purpose])
            self.rows, self.seconds = sound_rows(state["rows"]), float(state["seconds"])
            self.resumed_after = [*state["resumed_after"], len(self.rows)]
        except Exception:  # as many kinds as there are parts to be damaged
            raise UserError(
                f"checkpoint: {checkpoint} is damaged, or does not fit this device or version; {AGAIN}"
            ) from None


def check_last_batches(config: Config, count: int, model: WideResNet) -> None:
    """Refuse a run in which a batch of one image meets a batch norm over one pixel.

    Raises:
        UserError: naming the batch size in use, which noise can make smaller than the configured one.
    """
    if config.image_size > 4 * model.stem.stride[0]:
        return
    for size in config.batch_sizes():
        if (count % size or size) == 1:
            raise UserError(
                f"batch_size {size} leaves one image of {count} for the last batch, too few for batch norm "
                f"on images of {config.image_size} pixels; choose another batch size or train_size"
            )


def _check_finite(row: Row, config: Config) -> None:
    for name, value in row.items():
        if value is not None and not math.isfinite(value):
            raise UserError(
                f"training: {config.label}: {name} is {value} after epoch {row['epoch']}: the run has "
                f"diverged at learning rate {row['lr']:g}; choose a lower rate, noise, strength or "
                "weight decay"
            )
