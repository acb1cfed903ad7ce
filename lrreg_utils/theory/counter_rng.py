"""A random generator that a few lines of JavaScript repeat, number by number.

The number at position i of a stream is a hash of i and of the stream's key, so whole arrays are made at
once, and nothing has to be stored to begin again. With 32-bit unsigned arithmetic throughout::

    mix(x):  x ^= x >> 16;  x *= 0x7feb352d;  x ^= x >> 15;  x *= 0x846ca68b;  x ^= x >> 16
    key:     k1 = mix(seed + 0x9e3779b9 * (stream + 1)),  k2 = mix(k1 ^ 0x85ebca6b)
    bits:    mix(mix(i + k1) ^ k2),     uniform:  (bits + 1/2) / 2^32

Standard normal numbers are Box and Muller's: of n, rounded up to even, the first n/2 uniforms are u and the
next n/2 are v; sqrt(-2 log u) times cos(2 pi v), then times sin(2 pi v). The uniforms are the same in both
languages to the last bit; the normals, where the two libraries' log, cos and sin are.
"""

import math

import numpy as np

from lrreg_utils.errors import UserError


def mix(x: np.ndarray) -> np.ndarray:
    """A bijection of 32-bit numbers that scatters neighbours; uint32 in, uint32 out."""
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


class Portable:
    """A stream of random numbers, decided by a seed and by the number of the stream.

    Raises:
        UserError: a seed that is no whole number in [0, 2^32).
    """

    def __init__(self, seed: int, stream: int = 0) -> None:
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**32:
            raise UserError(f"seed must be a whole number in [0, 2^32), not {seed!r}")
        self._start = mix(np.array([(int(seed) + 0x9E3779B9 * (stream + 1)) % 2**32], np.uint32))
        self._key = mix(self._start ^ np.uint32(0x85EBCA6B))
        self.position = 0

    def uniform(self, count: int) -> np.ndarray:
        """Numbers in (0, 1), float64, shape (count,)."""
        places = np.arange(self.position, self.position + count, dtype=np.uint64).astype(np.uint32)
        self.position += count
        return (mix(mix(places + self._start) ^ self._key) + 0.5) / 2**32

    def normal(self, count: int) -> np.ndarray:
        """Standard normal numbers, float64, shape (count,)."""
        half = (count + 1) // 2
        u, v = self.uniform(2 * half).reshape(2, half)
        radius, angle = np.sqrt(-2 * np.log(u)), 2 * math.pi * v
        return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])[:count]
