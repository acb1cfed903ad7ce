"""The memory that training on a GPU needs, counted without one.

Counted exactly: weights, their gradients and momentum (float32), every tensor that the backward
pass keeps, and the data set. Not counted: what the libraries use as they work, and a convolution's scratch
space. A run on a GPU records its true peak as ``peak_memory_mib`` in the provenance of its history.
"""

import torch
from torch.nn import functional as F

from lrreg_utils.seeding import generator
from lrreg_utils.tables import Table
from lrreg_utils.training.model import build_model

DATA_SET = 60_000 * 3 * 32 * 32  # bytes: train and test
SIZES = ("small", "wrn16-1", "wrn16-4", "wrn16-10")


def kept_bytes(model: str, batch_size: int, dtype: torch.dtype) -> int:
    """Bytes of all that a forward pass keeps for the backward one, weights left out.

    Shapes alone are computed (torch's meta device), so any size can be counted anywhere.
    """
    rng = generator(0, "init")
    network = build_model(model, channels=3, classes=10, noise_per_sample=False, rng=rng)
    network = network.to("meta", dtype)
    own = {tensor.untyped_storage()._cdata for tensor in (*network.parameters(), *network.buffers())}
    kept: dict[int, torch.UntypedStorage] = {}  # each once, though several operations may keep it

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in own:
            kept[storage._cdata] = storage
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        images = torch.zeros(batch_size, 3, 32, 32, device="meta", dtype=dtype)
        labels = torch.zeros(batch_size, device="meta", dtype=torch.int64)
        loss = F.cross_entropy(network(images).float(), labels)
    assert loss.requires_grad
    return sum(storage.nbytes() for storage in kept.values())


def memory_table(batch_size: int = 128) -> Table:
    """A row for every size of network: MiB on 32 x 32 colour images, 32-bit and 16-bit activations."""
    head = (f"MiB, batch {batch_size}", "weights x 3", "kept, 32 bit", "kept, 16 bit", "in all, 16 bit")
    rows = []
    for model in SIZES:
        rng = generator(0, "init")
        network = build_model(model, channels=3, classes=10, noise_per_sample=False, rng=rng)
        weights = 3 * 4 * sum(parameter.numel() for parameter in network.parameters())
        full, half = (kept_bytes(model, batch_size, dtype) for dtype in (torch.float32, torch.bfloat16))
        numbers = [weights, full, half, weights + half + DATA_SET]
        rows.append((model, *(f"{number / 2**20:.0f}" for number in numbers)))
    return Table(head, rows)
