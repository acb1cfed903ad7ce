"""The generator that two languages share."""

import numpy as np
import pytest

from lrreg_utils.errors import UserError
from lrreg_utils.theory.counter_rng import Portable, mix


def test_mix_is_its_formula():
    def slowly(x):
        x ^= x >> 16
        x = x * 0x7FEB352D % 2**32
        x ^= x >> 15
        x = x * 0x846CA68B % 2**32
        return x ^ (x >> 16)

    numbers = [0, 1, 2, 12345, 2**31, 2**32 - 1]
    assert mix(np.array(numbers, np.uint32)).tolist() == [slowly(number) for number in numbers]


def test_a_stream_goes_on_where_it_was():
    whole, parts = Portable(3, 1), Portable(3, 1)
    assert np.array_equal(whole.uniform(8), np.concatenate([parts.uniform(5), parts.uniform(3)]))
    assert np.array_equal(whole.normal(7), parts.normal(7))


def test_uniform_and_normal_have_their_moments():
    uniform, normal = Portable(0).uniform(10**6), Portable(0, 1).normal(10**6)
    assert uniform.min() > 0 and uniform.max() < 1
    counts = np.histogram(uniform, 100, (0, 1))[0]
    assert ((counts - 1e4) ** 2 / 1e4).sum() == pytest.approx(99, abs=5 * np.sqrt(2 * 99))  # chi squared
    for power, right, spread in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        assert (normal**power).mean() == pytest.approx(right, abs=5e-3 * spread**0.5)
    for lag in (1, 2, 320):
        assert (normal[lag:] * normal[:-lag]).mean() == pytest.approx(0, abs=5e-3)


@pytest.mark.parametrize("other", [(0, 1), (1, 0), (1, 1)])
def test_streams_and_seeds_are_unrelated(other):
    one, two = Portable(0, 0).normal(10**5), Portable(*other).normal(10**5)
    spectrum = np.fft.irfft(np.fft.rfft(one) * np.conj(np.fft.rfft(two))) / 10**5  # at every shift
    assert np.abs(spectrum).max() < 6 / 10**2.5


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, "0", True, None])
def test_a_bad_seed_is_refused(seed):
    with pytest.raises(UserError, match="seed must be a whole number"):
        Portable(seed)
