import pytest
import torch

from lrreg_utils.training.memory import kept_bytes, memory_table


def test_kept_bytes_of_a_network_counted_by_hand():
    """The small network on one image of 32 x 32 after a stem of stride 2, float32.

    Each of its 7 norms keeps its input and two numbers a channel; each ReLU its output, which the next
    convolution shares; the stem its image; a second input in blocks 2 and 3 is the same tensor.
    """
    units = [(16, 256), (16, 256), (16, 256), (32, 64), (32, 64), (64, 16), (64, 16)]  # channels, pixels
    norms = sum(channels * pixels + 2 * channels for channels, pixels in units)
    relus = sum(channels * pixels for channels, pixels in units)
    head = 64 + 10 + 1  # the mean that the last layer takes; log-probabilities; the loss's total weight
    counted = 4 * (norms + relus + 3 * 32 * 32 + head) + 8  # the label
    assert kept_bytes("small", 1, torch.float32) == pytest.approx(counted, rel=1e-3)


def test_twice_the_images_keep_twice_as_much_and_16_bits_half():
    one, two = (kept_bytes("wrn16-1", batch, torch.float32) for batch in (32, 64))
    assert two / one == pytest.approx(2, rel=1e-3)
    assert kept_bytes("wrn16-1", 32, torch.bfloat16) / one == pytest.approx(0.5, rel=1e-3)


def test_the_table_has_the_paper_s_network_and_fits_16_gb():
    (line,) = [line for line in str(memory_table()).splitlines() if line.startswith("wrn16-10")]
    weights, *_, together = map(int, line.split()[1:])
    assert weights == round(3 * 4 * 17_116_634 / 2**20)
    assert together < 16_000
