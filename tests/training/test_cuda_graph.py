"""The recorded step, with the recording emulated on a processor, operation by operation.

A recording holds every operation with the very tensors it read and wrote; a replay computes each again
into the same memory. So whatever a real one would miss (a number read on the host, a tensor that moves)
makes the replayed run differ from the launched one here, too.
"""

from contextlib import contextmanager, nullcontext
from dataclasses import replace

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from lrreg_utils.devices import known_state
from lrreg_utils.experiments.schedule import NOISE_KINDS, Schedule
from lrreg_utils.images.sources import prepare
from lrreg_utils.training.trainer import Trainer

CPU = torch.device("cpu")


class Recording(TorchDispatchMode):
    """Stands in for a CUDA graph. What it runs while it records counts as its first replay."""

    def __init__(self):
        super().__init__()
        self.operations, self.replays = [], 0

    def __torch_dispatch__(self, function, types, arguments=(), keywords=None):
        result = function(*arguments, **(keywords or {}))
        self.operations.append((function, arguments, keywords or {}, result))
        return result

    def register_generator_state(self, generator):
        assert isinstance(generator, torch.Generator)

    def replay(self):
        self.replays += 1
        if self.replays == 1:
            return
        with torch.no_grad():
            for function, arguments, keywords, result in self.operations:
                again = function(*arguments, **keywords)
                for old, new in zip(tree_leaves(result), tree_leaves(again), strict=True):
                    if isinstance(old, torch.Tensor) and old.data_ptr() != new.data_ptr():
                        old.copy_(new)


@pytest.fixture
def recordings(monkeypatch):
    made = []

    def start():
        made.append(Recording())
        return made[-1]

    class Stream:
        def wait_stream(self, other): ...

    @contextmanager
    def record(graph):
        with graph:
            yield

    monkeypatch.setattr(torch.cuda, "CUDAGraph", start)
    monkeypatch.setattr(torch.cuda, "graph", record)
    monkeypatch.setattr(torch.cuda, "Stream", Stream)
    monkeypatch.setattr(torch.cuda, "current_stream", Stream)
    monkeypatch.setattr(torch.cuda, "stream", lambda stream: nullcontext())
    return made


def test_a_hook_is_called_after_each_replay_and_sees_its_weights(tiny, recordings):
    """Hooks run on the host, outside of what is recorded: nothing of theirs is replayed."""
    seen = {False: [], True: []}
    with known_state(1):
        for graph, rows in seen.items():
            Trainer(tiny, prepare(tiny), CPU, graph, after_step=[
                lambda trainer, rows=rows: rows.append(trainer.model.linear.bias.tolist())]).next_epoch()
    assert len(seen[True]) == 5 and seen[True] == seen[False]
    assert recordings[0].replays == 2


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
@pytest.mark.parametrize("kind", NOISE_KINDS)
def test_a_replayed_step_trains_like_a_launched_one(tiny, recordings, precision, kind):
    level = {"batch": 2.0}.get(kind, 0.3)
    schedule = Schedule("noisy", 0.05, (3,), 0.1, noise=level, noise_until=3, noise_kind=kind)
    config = replace(tiny, schedule=schedule, train_size=110, batch_size=20, epochs=3, precision=precision)
    with known_state(1):
        runs = [Trainer(config, prepare(config), CPU, graph) for graph in (False, True)]
        launched, replayed = ([run.next_epoch() for _ in range(3)] for run in runs)
    assert launched == replayed
    assert len(recordings) == 2  # one for the first rate and noise, one for the second
    assert all(recording.replays > 1 for recording in recordings)
    for one, other in zip(runs[0].model.parameters(), runs[1].model.parameters(), strict=True):
        assert torch.equal(one, other)
