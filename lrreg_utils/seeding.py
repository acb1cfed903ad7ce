"""Random streams: one generator for each purpose, so that no draw shifts another."""

import hashlib

import torch


def generator(seed: int, purpose: str, device: torch.device | str = "cpu") -> torch.Generator:
    """A generator on ``device`` that depends on the run's seed and the purpose alone.

    The same in every process: the state comes from SHA-256, not from Python's salted ``hash``.
    """
    digest = hashlib.sha256(f"{seed}/{purpose}".encode()).digest()
    return torch.Generator(device).manual_seed(int.from_bytes(digest[:7], "big"))
