"""The training step as a CUDA graph: a narrow network's kernels run faster than they can be launched.

A graph is a recording of kernels with their arguments; replaying it costs one launch. So the step
must find its tensors where they were at the recording, and every number that it read on the host
(the learning rate, the noise) stays what it was.
"""

from collections.abc import Callable, Iterable

import torch

WARM_UP = 3  # ordinary steps before the recording, in which libraries choose kernels and buffers come to be


class GraphedStep:
    """A step that runs as it is a few times, is then recorded, and is replayed from there on.

    Args:
        step: takes indices, int64 (B,); changes only tensors that stay in place, reads nothing back.
        indices: how many indices a call must have to be replayed; other calls run as they are.
        device: a GPU.
        generators: every generator that the step draws from, on that GPU.
    """

    def __init__(
        self, step: Callable[[torch.Tensor], None], indices: int, device: torch.device,
        generators: Iterable[torch.Generator],
    ) -> None:
        self.step = step
        self.indices = torch.zeros(indices, dtype=torch.int64, device=device)
        self.generators = list(generators)
        self.calls = 0
        self.graph: torch.cuda.CUDAGraph | None = None

    def __call__(self, batch: torch.Tensor) -> None:
        if len(batch) != len(self.indices):
            self.step(batch)
            return
        self.indices.copy_(batch)
        self.calls += 1
        if self.calls <= WARM_UP:
            self._aside()
            return
        if self.graph is None:
            self.graph = self._record()
        self.graph.replay()

    def _aside(self) -> None:
        """One real step on a stream of its own, as a recording needs before it."""
        here, aside = torch.cuda.current_stream(), torch.cuda.Stream()
        aside.wait_stream(here)
        with torch.cuda.stream(aside):
            self.step(self.indices)
        here.wait_stream(aside)

    def _record(self) -> torch.cuda.CUDAGraph:
        graph = torch.cuda.CUDAGraph()
        for rng in self.generators:
            graph.register_generator_state(rng)
        with torch.cuda.graph(graph):  # records; nothing runs yet
            self.step(self.indices)
        return graph
