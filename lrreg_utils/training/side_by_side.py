"""Several runs of the hidden-layer network as one program: one call does an operation for all of them.

A step of so small a network costs more to call than to compute. Every run draws from its own streams, in the
order in which `Trainer` draws, so that it gets what it would get alone: up to rounding, and to the bit where
the number of units is a multiple of 32.
"""

import itertools
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import torch
from torch.nn import functional as F
from torch.optim.sgd import sgd

from lrreg_utils.devices import choose_device, known_state
from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import SHARES, Config
from lrreg_utils.experiments.schedule import Schedule
from lrreg_utils.images import sources
from lrreg_utils.images.patches import GROUPS, write_patches
from lrreg_utils.provenance import provenance
from lrreg_utils.results.history import History
from lrreg_utils.training import hidden_layer
from lrreg_utils.training.evaluation import EVALUATION_BATCH, PROBES
from lrreg_utils.training.metrics import GroupSums, named
from lrreg_utils.training.trainer import Trainer, check_finite

MOST = 12  # runs in one program: with more of them the weights no longer fit a processor's cache
LARGEST = 2**24  # numbers in a training set that a run may hold as floats
ANY = Schedule("any", 1.0)
Part = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def together(configs: Iterable[Config], most: int) -> list[list[Config]]:
    """Split configs into lists of runs that can be trained side by side, in the order in which they come.

    These are runs of a hidden-layer network that differ in seed, schedule, patch strength and shares alone,
    at most ``most`` of them.
    """
    lists: dict[Config, list[list[Config]]] = {}
    for config in configs:
        found = lists.setdefault(_alike(config), [[]])
        if len(found[-1]) == (min(most, MOST) if _fits(config) else 1):
            found.append([])
        found[-1].append(config)
    return [part for found in lists.values() for part in found]


def _fits(config: Config) -> bool:
    numbers = (config.train_size or 60_000) * config.image_size**2
    return (config.model.startswith("hidden-") and numbers <= LARGEST and config.precision == "float32"
            and not config.compile and config.schedule.noise_kind == "activation")


def _alike(config: Config) -> Config:
    if not _fits(config):
        return config
    return replace(config, seed=0, schedule=ANY, patch_strength=0.0, shares=SHARES["code"])


@known_state(threads=1)
def train_side_by_side(
    configs: Sequence[Config], device: str = "auto", on_epoch: Callable[[int], object] = lambda epoch: None,
) -> list[History | UserError]:
    """Train runs that `together` has put into one list, and measure each after every epoch.

    Args:
        device: see `choose_device`.
        on_epoch: called with each epoch (from 1) when it is finished.

    Returns:
        A history for each config, or the error that ended the run: the others go on.

    Raises:
        UserError: a config that does not fit its data or device.
    """
    # runs of one rate are neighbours: one call updates them
    order = sorted(range(len(configs)), key=lambda place: str(configs[place].schedule))
    runs = SideBySide([configs[place] for place in order], choose_device(device))
    while runs.epoch < configs[0].epochs:
        runs.next_epoch()
        on_epoch(runs.epoch)
    found = dict(zip(order, runs.histories(), strict=True))
    return [found[place] for place in range(len(configs))]


class SideBySide:
    """Runs in progress, all in one network of `hidden_layer.side_by_side`.

    Attributes:
        runs: a `Trainer` for each, which holds its images, patterns, groups and streams.
        model: the networks.
        epoch: the last epoch that is finished.
    """

    def __init__(self, configs: Sequence[Config], device: torch.device) -> None:
        images = [sources.prepare(config) for config in configs]
        self.runs = [Trainer(config, its, device, graph=False)
                     for config, its in zip(configs, images, strict=True)]
        self.facts = [provenance(config.data_name, its.sha256, device, 1)
                      for config, its in zip(configs, images, strict=True)]
        self.first, self.device = self.runs[0], device
        self.model = hidden_layer.side_by_side([run.model for run in self.runs])
        self.momentum = {weights: torch.zeros_like(weights) for weights in self.model.parameters()}
        self.initial_lengths = [incoming.lengths() for incoming in self.model.incoming()]
        self.sums = GroupSums(len(GROUPS), device, len(configs))
        self.probes = {name: self._probe(name) for name in PROBES}
        self.failed: dict[int, UserError] = {}
        self.epoch, self.seconds = 0, 0.0

    def _probe(self, name: str) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """A test set of every run: inputs (runs, N, pixels), labels (runs, N), and which pixels these are.

        Pixels that are 0 in all of it are left out: of a patch without an image nearly all.
        """
        batches = [list(run.probes.batches(name, run.patterns)) for run in self.runs]
        inputs = torch.stack([torch.cat([images.flatten(1) for images, _ in its]) for its in batches])
        labels = torch.stack([torch.cat([labels for _, labels in its]) for its in batches])
        pixels = (inputs != 0).flatten(0, 1).any(0).nonzero().flatten()
        return inputs[..., pixels].contiguous(), labels, pixels

    def next_epoch(self) -> None:
        """Train and measure one more epoch of every run."""
        started, self.epoch = time.perf_counter(), self.epoch + 1
        config = self.first.config
        self._reset_lengths()
        schedules = [run.config.schedule for run in self.runs]
        rates = [schedule.lr(self.epoch) for schedule in schedules]
        noise = [schedule.noise_std(self.epoch) for schedule in schedules]
        self.model.relu.stds = noise
        self.model.relu.rngs = [run.streams["activation noise"] for run in self.runs]
        self.model.train()
        seen = []
        for _ in range(config.passes):
            passes = [_one_pass(run) for run in self.runs]
            inputs, labels, groups = (torch.stack(parts) for parts in zip(*passes, strict=True))
            for start in range(0, labels.shape[1], config.batch_size):
                batch = slice(start, start + config.batch_size)
                losses, logits = self.step(inputs[:, batch], labels[:, batch], rates)
                seen.append((losses, logits, labels[:, batch], groups[:, batch]))
        self.sums.add(*(torch.cat(parts, 1) for parts in zip(*seen, strict=True)))
        self._keep_rows(rates, noise)
        self.seconds += time.perf_counter() - started

    def step(
        self, inputs: torch.Tensor, labels: torch.Tensor, rates: list[float]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Take one training step of every run: inputs (runs, B, pixels), labels (runs, B).

        Returns:
            Losses (runs, B) and logits (runs, B, classes).
        """
        logits = self.model(inputs)
        losses = _losses(logits, labels)
        self.model.zero_grad()
        (losses.sum() / inputs.shape[1]).backward()  # the sum of every run's mean loss
        self._update(rates)
        return losses.detach(), logits.detach()

    def _reset_lengths(self) -> None:
        """Put the lengths of weights back where a run's config says so, at its first anneal."""
        now = [run.config.reset_lengths and self.epoch in run.config.schedule.anneal_epochs[:1]
               for run in self.runs]
        if any(now):
            (incoming,), (initial,) = self.model.incoming(), self.initial_lengths
            which = torch.tensor(now, device=self.device).view(-1, 1, 1)
            lengths = incoming.lengths()
            incoming.scale(torch.where(which, initial, lengths) / lengths)
            self.momentum[self.model.hidden] *= ~which

    @torch.no_grad()
    def _update(self, rates: list[float]) -> None:
        """Move the weights of every run at its own rate, as torch's optimizer does."""
        config = self.first.config
        for fused, parameters in self.model.by_way():
            for rate, block in _blocks(rates):
                parts = [[_of_runs(tensor, block, len(rates)) for tensor in tensors] for tensors in
                         (parameters, [weights.grad for weights in parameters],
                          [self.momentum[weights] for weights in parameters])]
                sgd(*parts, fused=fused, foreach=False, weight_decay=config.weight_decay, lr=rate,
                    momentum=config.momentum, dampening=0.0, nesterov=True, maximize=False)

    def _keep_rows(self, rates: list[float], noise: list[float]) -> None:
        """Add an epoch's row to each run that is still finite."""
        trained, tested = self.sums.read_runs(), self._evaluate()
        (incoming,) = self.model.incoming()
        lengths = incoming.lengths().mean((1, 2)).tolist()
        for place, run in enumerate(self.runs):
            row = {"epoch": self.epoch, "lr": rates[place], "noise_std": noise[place]}
            row |= named("train", GROUPS, *trained[place])
            for name, means in tested.items():
                row |= named("test", [name], *means[place])
            row["weight_length"] = lengths[place]
            try:
                check_finite(row, run.config)
                run.rows.append(row)
            except UserError as error:
                self.failed.setdefault(place, error)

    @torch.no_grad()
    def _evaluate(self) -> dict[str, list[tuple[list, list]]]:
        """Loss and accuracy on each test set, by run."""
        self.model.eval()
        found, size = {}, EVALUATION_BATCH[self.device.type]
        for name, (inputs, labels, pixels) in self.probes.items():
            sums = GroupSums(1, self.device, len(self.runs))
            for images, those in zip(inputs.split(size, 1), labels.split(size, 1), strict=True):
                logits = self.model(images, pixels)
                sums.add(_losses(logits, those), logits, those, torch.zeros_like(those))
            found[name] = sums.read_runs()
        return found

    def histories(self) -> list[History | UserError]:
        """What each run has come to."""
        seconds = {"seconds": round(self.seconds / len(self.runs), 1), "side_by_side": len(self.runs)}
        return [
            self.failed.get(place) or History(
                run.config, {name: [row[name] for row in run.rows] for name in run.rows[0]}, facts | seconds)
            for place, (run, facts) in enumerate(zip(self.runs, self.facts, strict=True))
        ]


def _blocks(rates: list[float]) -> list[tuple[float, slice]]:
    """Neighbours of one rate, and their places."""
    found, start = [], 0
    for rate, those in itertools.groupby(rates):
        stop = start + len(list(those))
        found.append((rate, slice(start, stop)))
        start = stop
    return found


def _of_runs(tensor: torch.Tensor, block: slice, runs: int) -> torch.Tensor:
    """The part of a parameter that belongs to some runs; those of a normalization lie in one row."""
    return tensor.view(runs, -1)[block]


def _losses(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Cross entropy of every example, (runs, B), from logits (runs, B, classes)."""
    losses = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none")
    return losses.view_as(labels)


def _one_pass(run: Trainer) -> Part:
    """The training set of a run in the order of its next pass: inputs (N, pixels), labels and groups (N,)."""
    order = run.begin_pass()
    rng = run.streams["patches"]
    draws = [torch.rand((2, len(batch)), generator=rng, device=run.device)
             for batch in order.split(run.batch_size)]
    labels, groups = run.train_split.labels[order], run.groups[order]
    clean = run.normalize(run.train_split.images[order])
    return write_patches(clean, labels, groups, run.patterns, torch.cat(draws, 1)).flatten(1), labels, groups
