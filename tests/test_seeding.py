import torch

from lrreg_utils import generator


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
