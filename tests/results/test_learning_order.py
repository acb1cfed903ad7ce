"""When an example counts as learned and as forgotten, counted by hand; and what travels in a study."""

import json

import numpy as np
import pytest

from lrreg_utils.errors import UserError
from lrreg_utils.results.learning_order import (
    ORDERS,
    Tracked,
    first_learned,
    forgotten,
    of_schedule,
    order_shares,
    pack,
    recognized_by,
    share_learned,
    unpack,
)
from lrreg_utils.results.measures import first_epoch


def hits(*examples: str) -> np.ndarray:
    """Bool (epochs, N) from one string of 0 and 1 an example."""
    return np.array([[mark == "1" for mark in example] for example in examples]).T


BY_HAND = {  # example: first epoch of three right ones, whether three wrong ones follow
    "111111": (1, False),
    "011011": (0, False),
    "011100": (2, False),
    "011000": (0, False),
    "011100011": (2, True),
    "001110110": (3, False),
    "000111000": (4, True),
    "000000111": (7, False),
    "000000011": (0, False),
    "110111000111": (4, True),
}


@pytest.mark.parametrize(("example", "expected"), BY_HAND.items())
def test_learned_and_forgotten_by_hand(example, expected):
    assert (first_learned(hits(example), 3)[0], forgotten(hits(example), 3)[0]) == expected


def test_every_example_of_a_batch_by_a_plain_loop():
    rng = np.random.default_rng(0)
    record = rng.random((20, 200)) < 0.6

    def by_loop(one, steady):
        first = next((e + 1 for e in range(len(one) - steady + 1) if all(one[e:e + steady])), 0)
        lost = first and any(not any(one[e:e + steady]) for e in range(first, len(one) - steady + 1))
        return first, bool(lost)

    for steady in (1, 2, 5):
        expected = [by_loop(one, steady) for one in record.T]
        assert [*zip(first_learned(record, steady), forgotten(record, steady), strict=True)] == expected


@pytest.mark.parametrize("steady", [0, 7])
def test_the_window_must_fit(steady):
    with pytest.raises(UserError, match="steady must lie between 1 and the number of epochs, 6"):
        first_learned(hits("111111"), steady)


def test_shares():
    first = np.array([0, 1, 3, 3])
    assert share_learned(first, 4).tolist() == [25, 25, 75, 75]
    image, patch = np.array([1, 2, 3, 4, 0, 0, 2, 1]), np.array([2, 2, 1, 0, 5, 0, 3, 9])
    assert order_shares(image, patch) == dict(zip(ORDERS, [37.5, 12.5, 12.5, 12.5, 12.5, 12.5], strict=True))


def test_first_epoch(make_history):
    history = make_history(test_clean_accuracy=[1.0, 50, 51, 20])
    assert first_epoch(history, "test_clean_accuracy", 50) == 2
    assert first_epoch(history, "test_clean_accuracy", np.nextafter(50, 100)) == 3
    assert np.isnan(first_epoch(make_history(), "test_clean_accuracy", 50))


def test_bits_travel_as_text():
    bits = np.random.default_rng(1).random((7, 13)) < 0.5
    packed = json.loads(json.dumps(pack(bits)))
    assert (unpack(packed) == bits).all()
    assert len(packed["bits"]) == 4 * -(-12 // 3)  # 91 bits in 12 bytes, three bytes in four letters


def test_what_is_enough_to_recognize_an_example():
    run = Tracked("small_lr", 0, None, np.array([True, True, False]),
                  {"image": hits("0110", "0111", "1111"), "patch": hits("0011", "0001", "0000")}, {})
    found = {name: share.tolist() for name, share in recognized_by(run).items()}
    assert found == {"image": [0, 100, 50, 0], "either": [0, 0, 50, 50], "patch": [0, 0, 0, 50],
                     "neither": [100, 0, 0, 0]}


def test_a_tracked_run_travels_as_json():
    run = Tracked("small_lr", 4, None, np.array([True, False]), {"image": hits("0111", "1111")},
                  {"test_clean_loss": np.array([2.0, 1.0, 0.5, 0.25])})
    read = Tracked.from_dict(json.loads(json.dumps(run.as_dict())))
    assert read.first("image").tolist() == [2, 1]
    assert read.right("image", read.patched).tolist() == [0, 100, 100, 100]
    assert read.columns["test_clean_loss"].tolist() == [2.0, 1.0, 0.5, 0.25]
    assert of_schedule([read], "small_lr") == [read]
    with pytest.raises(UserError, match="no run of 'large_lr'; there are small_lr"):
        of_schedule([read], "large_lr")
