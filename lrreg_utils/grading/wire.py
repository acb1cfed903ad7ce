"""Plain values as text, to pass between the tests and a notebook that nobody trusts.

Only numbers, text, lists, tuples, dictionaries and arrays pass. No value is unpickled: reading an answer runs
no code of whoever gave it.
"""

import base64
import json
import sys
from typing import Any

import numpy as np

MOST_BYTES = 2**25  # of one value
KINDS = "biufc"  # of numbers in an array: bool, integer, unsigned, float, complex


class NotPlain(TypeError):
    """A value that is neither a number, text, a list, a tuple, a dictionary nor an array of numbers."""


class Tensor:
    """An array that is read as a torch tensor; whoever writes it needs no torch."""

    def __init__(self, array: Any) -> None:
        self.array = np.asarray(array)


def dumps(value: Any) -> bytes:
    """Write a value as JSON.

    Raises:
        NotPlain: for anything that cannot be written, or is larger than `MOST_BYTES`.
    """
    try:
        text = json.dumps(_encode(value)).encode()
    except RecursionError:
        raise NotPlain("a value that contains itself") from None
    if len(text) > MOST_BYTES:
        raise NotPlain(f"a value of more than {MOST_BYTES // 2**20} MB")
    return text


def loads(text: bytes, tensors: bool = False) -> Any:
    """Read what `dumps` wrote.

    Args:
        text: of `dumps`.
        tensors: give a tensor where one was written; otherwise an array, which needs no torch.

    Raises:
        ValueError: text that `dumps` never writes.
    """
    try:
        return _decode(json.loads(text), tensors)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not a value: {error}") from error


def _encode(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return {"list" if isinstance(value, list) else "tuple": [_encode(its) for its in value]}
    if isinstance(value, dict):
        return {"dict": [[_encode(key), _encode(its)] for key, its in value.items()]}
    if isinstance(value, Tensor):
        return {"tensor": _array(value.array)}
    if isinstance(value, np.generic):
        return _encode(value.item())
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return {"tensor": _array(value.detach().cpu().numpy())}
    if isinstance(value, np.ndarray):
        return {"array": _array(value)}
    raise NotPlain("..." if value is ... else f"a value of type {type(value).__name__}")


def _array(value: np.ndarray) -> dict[str, Any]:
    if value.dtype.kind not in KINDS:
        raise NotPlain(f"an array of {value.dtype}")
    if value.nbytes > MOST_BYTES:
        raise NotPlain(f"an array of more than {MOST_BYTES // 2**20} MB")
    numbers = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
    return {"dtype": value.dtype.str, "shape": list(value.shape), "numbers": numbers}


def _decode(value: Any, tensors: bool) -> Any:
    if not isinstance(value, dict):
        return value
    (kind, its), = value.items()
    if kind in ("list", "tuple"):
        return {"list": list, "tuple": tuple}[kind](_decode(part, tensors) for part in its)
    if kind == "dict":
        return {_decode(key, tensors): _decode(part, tensors) for key, part in its}
    dtype = np.dtype(its["dtype"])
    if kind not in ("array", "tensor") or dtype.kind not in KINDS:
        raise ValueError(f"not a value: {kind} of {dtype}")
    if min(its["shape"], default=0) < 0:
        raise ValueError("not a value: a negative length")
    array = np.frombuffer(base64.b64decode(its["numbers"]), dtype).reshape(its["shape"]).copy()
    if kind == "tensor" and tensors:
        import torch

        return torch.from_numpy(array)
    return array
