import pytest
import torch

from lrreg_utils import generator
from lrreg_utils.seeding import Streams


def draw(seed, purpose):
    return torch.rand(4, generator=generator(seed, purpose)).tolist()


def test_seed_and_purpose_alone_decide_the_stream():
    first = draw(3, "patterns")
    torch.manual_seed(99)
    torch.rand(5)
    assert draw(3, "patterns") == first


def test_another_seed_or_purpose_gives_another_stream():
    streams = [draw(seed, purpose) for seed in (0, 1, 11) for purpose in ("init", "groups", "1/init")]
    assert len({tuple(stream) for stream in streams}) == 9


def test_drawing_leaves_the_global_random_state_alone():
    before = torch.get_rng_state()
    draw(0, "order")
    assert torch.equal(torch.get_rng_state(), before)


def test_a_stream_goes_on_and_a_fresh_one_begins_anew():
    streams, plain = Streams(3, purposes=("order",)), generator(3, "order")
    for _ in range(2):
        assert torch.equal(torch.rand(4, generator=streams["order"]), torch.rand(4, generator=plain))
    for _ in range(2):
        assert torch.rand(4, generator=streams.fresh("order")).tolist() == draw(3, "order")


def test_streams_go_on_from_a_state():
    first, second = Streams(3, purposes=("order", "redraw")), Streams(3, purposes=("order", "redraw"))
    torch.rand(4, generator=first["order"])
    second.load_state_dict(first.state_dict())
    for purpose in ("order", "redraw"):
        assert torch.equal(*(torch.rand(4, generator=streams[purpose]) for streams in (first, second)))
    with pytest.raises(KeyError):
        second.load_state_dict({"order": first["order"].get_state()})
