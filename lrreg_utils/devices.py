"""What a run computes on: device, threads, number format, torch's optimizers and its global settings."""

import functools
import inspect
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch

from lrreg_utils.errors import UserError

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def choose_device(name: str = "auto") -> torch.device:
    """``cpu``, ``cuda`` or ``auto`` (a GPU where one can be used) as a device.

    Raises:
        UserError: an unknown name, or a GPU that is not there or does not compute.
    """
    if name not in ("auto", "cpu", "cuda"):
        raise UserError(f"device: {name!r} is unknown; choose auto, cpu or cuda")
    if name == "cpu":
        return torch.device("cpu")
    reason = _gpu_fault()
    if name == "cuda" and reason:
        raise UserError(f"device: {reason}; leave --device out or choose cpu")
    return torch.device("cpu" if reason else "cuda")


@functools.cache
def _gpu_fault() -> str | None:
    """Why no GPU can be used; None where one can. A GPU that is listed may be taken, too old or broken."""
    with warnings.catch_warnings():  # torch warns of a driver that is too old, then says that there is no GPU
        warnings.simplefilter("ignore")
        if not torch.cuda.is_available():
            return "no GPU is available to this torch"
    try:
        torch.ones(1, device="cuda").add_(1).item()
    except RuntimeError as error:
        return f"the GPU cannot be used ({str(error).splitlines()[0]})"
    return None


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


@functools.cache
def check_compiler(device: torch.device) -> None:
    """Try torch.compile on one small product, before a run depends on it.

    Raises:
        UserError: it does not work here, for example because there is no C++ compiler.
    """
    try:
        with warnings.catch_warnings():  # of libraries that it loads
            warnings.simplefilter("ignore")
            torch.compile(lambda x: torch.relu(x @ x + 1))(torch.ones(8, 8, device=device))
    except Exception as error:  # as many kinds as there are parts
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise UserError(
            f"compile: torch.compile does not work here ({reason}); install a C++ compiler such as g++, or "
            "leave compile out"
        ) from None


@functools.cache
def without_compiler(kind: type[torch.optim.Optimizer]) -> type[torch.optim.Optimizer]:
    """The same optimizer, which does not load torch's compiler: that takes seconds in each process.

    Torch wraps these methods so that its compiler leaves them out. A network may be compiled all the same,
    but not the optimizer's own step.
    """
    methods = "add_param_group", "zero_grad", "state_dict", "load_state_dict"
    plain = {name: inspect.unwrap(getattr(kind, name)) for name in methods}
    return type(kind.__name__, (kind,), plain | {"step": torch.no_grad()(inspect.unwrap(kind.step))})


def autocast(precision: str, device: torch.device) -> torch.autocast:
    """Within it, convolutions and products compute in ``precision``; weights stay float32."""
    if precision == "float32":
        return torch.autocast(device.type, enabled=False)
    return torch.autocast(device.type, DTYPES[precision], cache_enabled=False)


@contextmanager
def known_state(threads: int | None = None) -> Iterator[None]:
    """Torch's global settings as everything here expects them, whatever the reader's notebook has set.

    Within it float32 is the default and is computed as such, also on a GPU (no TF32); gradients are on,
    autocast is off, and the default device is the processor. Deterministic algorithms stay as they are set.
    Works as a decorator, too.

    Args:
        threads: processor threads; None leaves their number.
    """
    with ExitStack() as stack:
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.enable_grad())
        if torch.get_default_device().type != "cpu":  # this mode costs time in every call of torch
            stack.enter_context(torch.device("cpu"))
        for kind in ("cpu", "cuda"):
            stack.enter_context(torch.autocast(kind, dtype=torch.bfloat16, enabled=False))
        stack.callback(torch.set_default_dtype, torch.get_default_dtype())
        torch.set_default_dtype(torch.float32)
        stack.enter_context(_ieee_float32())
        # the fastest convolutions are chosen by trial, which is not the same choice every time
        stack.callback(setattr, torch.backends.cudnn, "benchmark", torch.backends.cudnn.benchmark)
        torch.backends.cudnn.benchmark = not torch.are_deterministic_algorithms_enabled()
        if threads is not None:
            stack.callback(torch.set_num_threads, torch.get_num_threads())
            torch.set_num_threads(threads)
        yield


@contextmanager
def _ieee_float32() -> Iterator[None]:
    """Keep float32 convolutions and products from being rounded to TF32 or bfloat16.

    Torch 2.9 has a word for each operation beside the older switches; the two must not contradict each other.
    """
    cuda, cudnn, cpu = torch.backends.cuda, torch.backends.cudnn, torch.backends.mkldnn
    parts = [cudnn.conv, cudnn.rnn, cuda.matmul, cpu.conv, cpu.matmul] if hasattr(cudnn, "conv") else []
    words, product = [part.fp32_precision for part in parts], torch.get_float32_matmul_precision()
    tf32 = words[0] == "tf32" if parts else cudnn.allow_tf32

    def switch(words: list[str], product: str, tf32: bool) -> None:
        torch.set_float32_matmul_precision(product)
        cudnn.allow_tf32 = tf32
        for part, word in zip(parts, words, strict=True):
            part.fp32_precision = word

    switch(["ieee"] * len(parts), "highest", False)
    try:
        yield
    finally:
        switch(words, product, tf32)
