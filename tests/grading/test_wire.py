"""Only plain values pass, they arrive as they were, and no text can make the reader do anything else."""

import json
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as stn

from lrreg_utils.grading import wire

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-2**70, 2**70) | st.floats(allow_nan=False) | st.text(),
    lambda its: st.lists(its) | st.lists(its).map(tuple) | st.dictionaries(st.integers() | st.text(), its))
DTYPES = (stn.boolean_dtypes() | stn.integer_dtypes() | stn.floating_dtypes(endianness="=")
          | stn.complex_number_dtypes(sizes=(64, 128)))


@given(PLAIN)
def test_plain_values_arrive_as_they_were(value):
    assert wire.loads(wire.dumps(value)) == value


@given(stn.arrays(DTYPES, stn.array_shapes(min_dims=0, min_side=0)))
def test_arrays_arrive_bit_for_bit(array):
    found = wire.loads(wire.dumps([array]))[0]
    assert (found.dtype, found.shape, found.tobytes()) == (array.dtype, array.shape, array.tobytes())


def test_infinite_numbers_arrive():
    assert repr(wire.loads(wire.dumps([np.nan, np.inf, np.float32(-np.inf)]))) == "[nan, inf, -inf]"


@pytest.mark.parametrize("value", [torch.arange(6.0).reshape(2, 3).T, wire.Tensor(np.arange(6.0))])
def test_a_tensor_arrives_as_one_where_it_is_asked_for(value):
    text = wire.dumps(value)
    assert isinstance(wire.loads(text), np.ndarray)
    found = wire.loads(text, tensors=True)
    assert isinstance(found, torch.Tensor)
    np.testing.assert_array_equal(found, value if isinstance(value, torch.Tensor) else value.array)


def test_a_tensor_that_needs_a_gradient_is_read():
    assert wire.loads(wire.dumps(torch.ones(2, requires_grad=True) * 2)).tolist() == [2.0, 2.0]


LOOP: list = []
LOOP.append(LOOP)


@pytest.mark.parametrize("value", [print, {1}, ..., np.array([object()]), np.array(["a"]), LOOP, b"x"])
def test_anything_else_is_refused(value):
    with pytest.raises(wire.NotPlain):
        wire.dumps(value)


def test_what_is_too_large_is_refused():
    with pytest.raises(wire.NotPlain, match="more than 32 MB"):
        wire.dumps(np.zeros(2**23))
    with pytest.raises(wire.NotPlain, match="more than 32 MB"):
        wire.dumps("x" * 2**26)


ARRAY = {"dtype": "<f8", "shape": [2], "numbers": ""}


@pytest.mark.parametrize("text", [
    b"", b"{", b"\xff", b"{}", b'{"list": 1}', b'{"list": [1], "tuple": []}', b'{"object": [1]}',
    b'{"dict": [[{"list": []}, 1]]}', b"[" * 10**5,
    json.dumps({"array": ARRAY}).encode(), json.dumps({"array": ARRAY | {"dtype": "O"}}).encode(),
    json.dumps({"array": ARRAY | {"shape": [-1, 3]}}).encode(), pickle.dumps(1),
], ids=repr)
def test_other_text_is_an_error_and_nothing_more(text):
    with pytest.raises(ValueError):
        wire.loads(text)
