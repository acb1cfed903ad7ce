"""Random streams: one generator for each purpose, so that no draw shifts another."""

import hashlib
from collections.abc import Iterable

import torch


def generator(seed: int, purpose: str, device: torch.device | str = "cpu") -> torch.Generator:
    """A generator on ``device`` that depends on the run's seed and the purpose alone.

    The same in every process: the state comes from SHA-256, not from Python's salted ``hash``.
    """
    digest = hashlib.sha256(f"{seed}/{purpose}".encode()).digest()
    return torch.Generator(device).manual_seed(int.from_bytes(digest[:7], "big"))


class Streams:
    """The random streams of one run: ``streams["order"]`` goes on where its last draw ended.

    Args:
        seed: the run's.
        device: where these streams draw.
        purposes: their names.
    """

    def __init__(
        self, seed: int, device: torch.device | str = "cpu", purposes: Iterable[str] = ()
    ) -> None:
        self.seed, self.device = seed, torch.device(device)
        self._kept = {purpose: generator(seed, purpose, device) for purpose in purposes}

    def __getitem__(self, purpose: str) -> torch.Generator:
        return self._kept[purpose]

    def fresh(self, purpose: str, device: torch.device | str = "cpu") -> torch.Generator:
        """Begin a stream anew: for draws made once (on the processor: alike on every device), or repeated."""
        return generator(self.seed, purpose, device)

    def state_dict(self) -> dict[str, torch.Tensor]:
        """The state of every named stream, for a checkpoint."""
        return {purpose: rng.get_state() for purpose, rng in self._kept.items()}

    def load_state_dict(self, states: dict[str, torch.Tensor]) -> None:
        """Go on from what `state_dict` gave.

        Raises:
            KeyError: a stream is missing.
        """
        for purpose, rng in self._kept.items():
            rng.set_state(states[purpose])
