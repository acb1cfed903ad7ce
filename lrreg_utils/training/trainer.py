"""The training of one network: `Trainer.step` is the training step."""

import math
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path

import torch
from torch.nn import functional as F

from lrreg_utils.devices import autocast, check_compiler, without_compiler
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
from lrreg_utils.seeding import Streams
from lrreg_utils.text_files import AGAIN
from lrreg_utils.training.checkpoint import load_state, sound_rows
from lrreg_utils.training.cuda_graph import GraphedStep
from lrreg_utils.training.evaluation import Probes, split_to
from lrreg_utils.training.hidden_layer import HiddenLayer
from lrreg_utils.training.metrics import GroupSums, named
from lrreg_utils.training.model import Network, model_of

Row = dict[str, float | None]
Hook = Callable[["Trainer"], object]
DRAWN_IN_STEP = ("patches", "activation noise", "gradient noise", "label noise")


class Trainer:
    """One run in progress, all on one device: `step` after step, `next_epoch` after epoch.

    A hook is a function that gets the trainer. It may read everything here and draw from streams of its own;
    the network must be in training mode when an ``after_step`` hook returns.

    Args:
        graph: whether the step is replayed as a CUDA graph; by default on a GPU, where it is not compiled.
        after_step: hooks called after each step. They are no part of a recorded step, so that a replayed one
            keeps its speed; they see the weights that it has left, for a replay writes into the same tensors.
        after_epoch: hooks called after each epoch that is trained here, when its row is the last of ``rows``.

    Attributes:
        config: what is run.
        device: where it is run.
        model: the network.
        patterns: the patterns of the patches.
        groups: the group of each training example (N,).
        train_split: the training images and labels, on the device.
        streams: the random streams.
        epoch: the epoch in progress, or the last; from 1.
        rows: a row of the history for each epoch that is finished.
    """

    def __init__(
        self, config: Config, images: Images, device: torch.device, graph: bool | None = None,
        after_step: Iterable[Hook] = (), after_epoch: Iterable[Hook] = (),
    ) -> None:
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
        self.config, self.device = config, device
        self.graph = (device.type == "cuda" and not config.compile) if graph is None else graph
        self.after_step, self.after_epoch = tuple(after_step), tuple(after_epoch)
        self.streams = Streams(config.seed, device, ("order", "redraw", *DRAWN_IN_STEP))
        self.train_split = split_to(images.train, device)
        self.probes = Probes(images, self.streams, config.precision)
        self.normalize = self.probes.normalize
        self.patterns = draw_patterns(config, images.channels, len(images.classes)).to(device)
        self.groups = draw_groups(len(images.train), config.shares, self.streams.fresh("groups")).to(device)
        self.model = model_of(config, images.channels, len(images.classes))
        self.model = self.model.to(device, memory_format=torch.channels_last)
        self.initial_lengths = [incoming.lengths() for incoming in self.model.incoming()]
        check_last_batches(config, len(images.train), self.model)
        if config.compile:
            check_compiler(device)
            self.model.compile()
        # float16 gradients would vanish without it; for the other formats it does nothing
        self.scaler = torch.amp.GradScaler(device.type, enabled=config.precision == "float16")
        self.sums = GroupSums(len(GROUPS), device)
        self.take_step: Callable[[torch.Tensor], None] = self.step
        self.settings: tuple[float, float] | None = None  # rate and noise of the last epoch
        self.noise = dict.fromkeys(NOISE_KINDS, 0.0)  # level of each kind in the steps to come
        self.epoch = 0
        self.rows: list[Row] = []
        self.resumed_after: list[int] = []
        self.seconds = 0.0  # spent on epochs, in every process that worked on the run

    @cached_property
    def optimizer(self) -> torch.optim.SGD:
        """The optimizer, made at its first use."""
        return optimizer_of(self.config, self.model)

    def step(self, batch: torch.Tensor) -> None:
        """Take one training step on the images with these indices, int64 (B,); nothing is read back."""
        labels, groups = self.train_split.labels[batch], self.groups[batch]  # int64 (B,)
        clean = self.normalize(self.train_split.images[batch])  # float32 (B, channels, size, size)
        inputs = write_patches(clean, labels, groups, self.patterns, self.streams["patches"])
        with autocast(self.config.precision, self.device):
            logits = self.model(inputs).float()  # (B, classes)
        losses = F.cross_entropy(logits, labels, reduction="none")  # (B,)
        self.optimizer.zero_grad()
        self.scaler.scale(self._with_label_noise(losses, logits).mean()).backward()
        self._add_gradient_noise()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.sums.add(losses, logits, labels, groups)  # for the epoch's row

    def _with_label_noise(self, losses: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        """The losses (N,) with a share of the labels drawn at random; the true ones are what is recorded."""
        if not (share := self.noise["label"]):
            return losses
        rng, classes = self.streams["label noise"], logits.shape[1]
        random = torch.randint(classes, losses.shape, generator=rng, device=self.device)
        chosen = torch.rand(losses.shape, generator=rng, device=self.device) < share
        return torch.where(chosen, F.cross_entropy(logits, random, reduction="none"), losses)

    def _add_gradient_noise(self) -> None:
        if not (std := self.noise["gradient"]):
            return
        self.scaler.unscale_(self.optimizer)
        for weights in self.model.parameters():
            noise = torch.randn(weights.shape, generator=self.streams["gradient noise"], device=self.device)
            weights.grad.add_(noise, alpha=std)

    def next_epoch(self) -> Row:
        """Train and measure one more epoch, and call the hooks."""
        started = time.perf_counter()
        epoch = len(self.rows) + 1
        row = {"epoch": epoch, **self.train_epoch(epoch), **self.evaluate(),
               "weight_length": mean_length(self.model)}
        check_finite(row, self.config)
        self.rows.append(row)
        self.seconds += time.perf_counter() - started
        for hook in self.after_epoch:
            hook(self)
        return row

    def train_epoch(self, epoch: int) -> Row:
        """Train through the training set; return the running mean loss and accuracy by group."""
        self.epoch = epoch
        rate, noise = self.config.schedule.lr(epoch), self.config.schedule.noise_std(epoch)
        if self.config.reset_lengths and epoch in self.config.schedule.anneal_epochs[:1]:
            momentum = {weights: state["momentum_buffer"] for weights, state in self.optimizer.state.items()}
            reset_lengths(self.model, self.initial_lengths, momentum)
        if (rate, noise) != self.settings:
            self.set_rates(rate, noise)
        self.model.train()
        for _ in range(self.config.passes):
            for batch in self.begin_pass().split(self.batch_size):
                self.take_step(batch)
                for hook in self.after_step:
                    hook(self)

        return {"lr": rate, "noise_std": noise, **named("train", GROUPS, *self.sums.read())}

    def begin_pass(self) -> torch.Tensor:
        """Draw which examples are patch-only, and the order of a pass through the data, int64 (N,)."""
        if self.config.shares.redraw:
            self.groups.copy_(redraw_patch_only(self.groups, self.config.shares, self.streams["redraw"]))
        return torch.randperm(len(self.groups), generator=self.streams["order"], device=self.device)

    def set_rates(self, rate: float, noise: float) -> None:
        """Change the learning rate and the noise of the steps to come."""
        for parameters in self.optimizer.param_groups:
            parameters["lr"] = rate
        self.noise = dict.fromkeys(NOISE_KINDS, 0.0) | {self.config.schedule.noise_kind: noise}
        rng = self.streams["activation noise"]
        self.model.set_noise(self.noise["activation"], rng, self.noise["dropout"])
        self.settings = rate, noise
        if self.graph:  # a recorded step keeps the rate and the noise of its recording
            drawn_from = [self.streams[name] for name in DRAWN_IN_STEP]
            self.take_step = GraphedStep(self.step, self.batch_size, self.device, drawn_from)

    @property
    def batch_size(self) -> int:
        """Examples in a step of the epochs to come."""
        return self.config.batch_size_with(self.noise["batch"])

    def evaluate(self) -> Row:
        """Measure the network on the three test sets."""
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
            "generators": self.streams.state_dict(),
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
            self.streams.load_state_dict(state["generators"])
            self.rows, self.seconds = sound_rows(state["rows"]), float(state["seconds"])
            self.epoch = len(self.rows)
            self.resumed_after = [*state["resumed_after"], self.epoch]
        except Exception:  # as many kinds as there are parts to be damaged
            raise UserError(
                f"checkpoint: {checkpoint} is damaged, or does not fit this device or version; {AGAIN}"
            ) from None


def optimizer_of(config: Config, model: Network) -> torch.optim.SGD:
    """SGD with Nesterov momentum and weight decay on every parameter."""
    settings = {"lr": config.schedule.initial_lr, "momentum": config.momentum, "nesterov": True,
                "weight_decay": config.weight_decay}
    sgd = without_compiler(torch.optim.SGD)
    if isinstance(model, HiddenLayer):
        ways = [{"params": params, "fused": fused} for fused, params in model.by_way() if params]
        optimizer = sgd(ways, **settings, foreach=False)
    else:
        optimizer = sgd(model.parameters(), **settings, fused=True)
    for weights in model.parameters():
        # torch makes them in the first step, and leaves them out when float16 overflows in it
        optimizer.state[weights]["momentum_buffer"] = torch.zeros_like(weights)
    return optimizer


def reset_lengths(
    model: Network, lengths: list[torch.Tensor], momentum: Mapping[torch.Tensor, torch.Tensor]
) -> None:
    """Give incoming weights other lengths and no momentum; the network's function stays the same."""
    for incoming, length in zip(model.incoming(), lengths, strict=True):
        incoming.scale(length / incoming.lengths())
        for weights in incoming.weights:
            momentum[weights].zero_()


def mean_length(model: Network) -> float:
    """Mean length of a channel's incoming weights, over all channels that a normalization follows."""
    return float(torch.cat([incoming.lengths().flatten() for incoming in model.incoming()]).mean())


def check_last_batches(config: Config, count: int, model: Network) -> None:
    """Refuse a run in which a batch of one image meets a batch norm over one pixel.

    Raises:
        UserError: naming the batch size in use, which noise can make smaller than the configured one.
    """
    if config.norm != "batch" or model.pixels_normalized(config.image_size) > 1:
        return
    for size in config.batch_sizes():
        if (count % size or size) == 1:
            raise UserError(
                f"batch_size {size} leaves one image of {count} for the last batch, too few for batch norm "
                f"on images of {config.image_size} pixels; choose another batch size or train_size"
            )


def check_finite(row: Row, config: Config) -> None:
    """Refuse a row of a history that a diverged run has made.

    Raises:
        UserError: naming the run, the column and the epoch.
    """
    for name, value in row.items():
        if value is not None and not math.isfinite(value):
            raise UserError(
                f"training: {config.label}: {name} is {value} after epoch {row['epoch']}: the run has "
                f"diverged at learning rate {row['lr']:g}; choose a lower rate, noise, strength or "
                "weight decay"
            )
