"""Several runs of the hidden-layer network as one program: one call does an operation for all of them.

A step of so small a network costs more to call than to compute. Every run draws from its own streams, in the
order in which `Trainer` draws, so that it gets what it would get alone.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import torch
from torch.nn import functional as F

from lrreg_utils.devices import choose_device, known_state
from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import SHARES, Config
from lrreg_utils.images import sources
from lrreg_utils.images.patches import GROUPS, write_patches
from lrreg_utils.provenance import provenance
from lrreg_utils.results.history import History
from lrreg_utils.training import hidden_layer
from lrreg_utils.training.evaluation import EVALUATION_BATCH, PROBES
from lrreg_utils.training.metrics import GroupSums, named
from lrreg_utils.training.trainer import Row, Trainer, check_finite, optimizer_of, reset_lengths

MOST = 12  # runs in one program: with more of them the weights no longer fit a processor's cache
LARGEST = 2**24  # numbers in a training set that a run may hold as floats
Part = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def together(configs: Iterable[Config], most: int) -> list[list[Config]]:
    """Split configs into lists of runs that can be trained side by side, in the order in which they come.

    These are runs of a hidden-layer network that differ in seed, patch strength and shares alone, at most
    ``most`` of them.
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
            and not config.compile and config.schedule.noise_kind in ("activation", "dropout"))


def _alike(config: Config) -> Config:
    return replace(config, seed=0, patch_strength=0.0, shares=SHARES["code"]) if _fits(config) else config


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
    runs = SideBySide(configs, choose_device(device))
    while runs.epoch < configs[0].epochs:
        runs.next_epoch()
        on_epoch(runs.epoch)
    return runs.histories()


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
        self.optimizer = optimizer_of(configs[0], self.model)
        self.initial_lengths = [incoming.lengths() for incoming in self.model.incoming()]
        self.sums = GroupSums(len(GROUPS) * len(configs), device)
        self.probes = {name: self._probe(name) for name in PROBES}
        self.failed: dict[int, UserError] = {}
        self.epoch, self.seconds = 0, 0.0

    def _probe(self, name: str) -> Part:
        """A test set of every run: (runs, N, pixels), its labels, and the places of the runs, (runs, N)."""
        inputs, labels = [], []
        for run in self.runs:
            batches = list(run.probes.batches(name, run.patterns))
            inputs.append(torch.cat([images.flatten(1) for images, _ in batches]))
            labels.append(torch.cat([its for _, its in batches]))
        places = torch.arange(len(self.runs), device=self.device)[:, None].expand(-1, len(labels[0]))
        return torch.stack(inputs), torch.stack(labels), places

    def next_epoch(self) -> None:
        """Train and measure one more epoch of every run."""
        started, self.epoch = time.perf_counter(), self.epoch + 1
        config = self.first.config
        rate, noise = config.schedule.lr(self.epoch), config.schedule.noise_std(self.epoch)
        if config.reset_lengths and self.epoch in config.schedule.anneal_epochs[:1]:
            reset_lengths(self.model, self.optimizer, self.initial_lengths)
        for parameters in self.optimizer.param_groups:
            parameters["lr"] = rate
        kinds = {config.schedule.noise_kind: noise}
        rngs = [run.streams["activation noise"] for run in self.runs]
        self.model.set_noise(kinds.get("activation", 0.0), rngs, kinds.get("dropout", 0.0))
        self.model.train()
        for _ in range(config.passes):
            passes = [_one_pass(run) for run in self.runs]
            inputs, labels, groups = (torch.stack(parts) for parts in zip(*passes, strict=True))
            groups += len(GROUPS) * torch.arange(len(self.runs), device=self.device)[:, None]
            for start in range(0, labels.shape[1], config.batch_size):
                batch = slice(start, start + config.batch_size)
                self.step(inputs[:, batch], labels[:, batch], groups[:, batch])
        self._keep_rows({"epoch": self.epoch, "lr": rate, "noise_std": noise})
        self.seconds += time.perf_counter() - started

    def step(self, inputs: torch.Tensor, labels: torch.Tensor, groups: torch.Tensor) -> None:
        """Take one training step of every run: inputs (runs, B, pixels), labels and groups (runs, B)."""
        logits, labels = self.model(inputs).flatten(0, 1), labels.flatten()
        losses = F.cross_entropy(logits, labels, reduction="none")
        self.optimizer.zero_grad()
        (losses.sum() / inputs.shape[1]).backward()  # the sum of every run's mean loss
        self.optimizer.step()
        self.sums.add(losses, logits, labels, groups.flatten())

    def _keep_rows(self, common: Row) -> None:
        """Add an epoch's row to each run that is still finite."""
        trained, tested = self.sums.read(), self._evaluate()
        (incoming,) = self.model.incoming()
        lengths = incoming.lengths().mean((1, 2)).tolist()
        for place, run in enumerate(self.runs):
            own = slice(len(GROUPS) * place, len(GROUPS) * (place + 1))
            row = common | named("train", GROUPS, *(values[own] for values in trained))
            for name, (losses, accuracies) in tested.items():
                row |= named("test", [name], [losses[place]], [accuracies[place]])
            row["weight_length"] = lengths[place]
            try:
                check_finite(row, run.config)
                run.rows.append(row)
            except UserError as error:
                self.failed.setdefault(place, error)

    @torch.no_grad()
    def _evaluate(self) -> dict[str, tuple[list, list]]:
        """Losses and accuracies by test set, one for each run."""
        self.model.eval()
        found = {}
        for name, (inputs, labels, places) in self.probes.items():
            sums, size = GroupSums(len(self.runs), self.device), EVALUATION_BATCH[self.device.type]
            for images, those, its in zip(*(part.split(size, 1) for part in (inputs, labels, places)),
                                          strict=True):
                logits = self.model(images).flatten(0, 1)
                losses = F.cross_entropy(logits, those.flatten(), reduction="none")
                sums.add(losses, logits, those.flatten(), its.flatten())
            found[name] = sums.read()
        return found

    def histories(self) -> list[History | UserError]:
        """What each run has come to."""
        seconds = {"seconds": round(self.seconds / len(self.runs), 1), "side_by_side": len(self.runs)}
        return [
            self.failed.get(place) or History(
                run.config, {name: [row[name] for row in run.rows] for name in run.rows[0]}, facts | seconds)
            for place, (run, facts) in enumerate(zip(self.runs, self.facts, strict=True))
        ]


def _one_pass(run: Trainer) -> Part:
    """The training set of a run in the order of its next pass: inputs (N, pixels), labels and groups (N,)."""
    order = run.begin_pass()
    rng = run.streams["patches"]
    draws = [torch.rand((2, len(batch)), generator=rng, device=run.device)
             for batch in order.split(run.batch_size)]
    labels, groups = run.train_split.labels[order], run.groups[order]
    clean = run.normalize(run.train_split.images[order])
    return write_patches(clean, labels, groups, run.patterns, torch.cat(draws, 1)).flatten(1), labels, groups
