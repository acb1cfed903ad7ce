"""What a run computes on: the device, its threads and its number format."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from lrreg_utils.errors import UserError

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


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


def check_precision(precision: str, device: torch.device) -> None:
    """Refuse a number format that the device does not compute in.

    Raises:
        UserError: bfloat16 on a GPU without it, or float16 on a processor.
    """
    if device.type == "cpu" and precision == "float16":
        raise UserError("precision: float16 needs a GPU; on a processor choose bfloat16 or float32")
    if device.type == "cuda" and precision == "bfloat16":
        major, _ = torch.cuda.get_device_capability(device)
        if major < 8:  # older GPUs only imitate it, slowly
            raise UserError("precision: this GPU has no bfloat16; choose float16 or float32")


def autocast(precision: str, device: torch.device) -> torch.autocast:
    """Within it, convolutions and products compute in ``precision``; weights stay float32."""
    if precision == "float32":
        return torch.autocast(device.type, enabled=False)
    return torch.autocast(device.type, DTYPES[precision], cache_enabled=False)


@contextmanager
def thread_count(count: int) -> Iterator[None]:
    """Compute with this many processor threads, then put the former number back."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
