"""What a reader's notebook has set in torch changes no result and breaks nothing."""

import warnings
from contextlib import contextmanager

import pytest
import torch

from lrreg_utils import generator, load_images, train
from lrreg_utils.devices import known_state
from lrreg_utils.images import sources as images
from lrreg_utils.problems.fixed_data import freeze
from lrreg_utils.studies.curvature import sharpness
from lrreg_utils.theory.finite_width import FiniteWidthSettings, TwoLayer
from lrreg_utils.theory.infinite_width import InfiniteWidthNetwork, Phase
from lrreg_utils.theory.setting import Setting, sample
from lrreg_utils.training.checkpoint import evaluate, load_checkpoint
from lrreg_utils.training.model import build_model

SMALL = Setting(d=20, train_size=10)


@contextmanager
def switched(switch, on, off):
    switch(on)
    try:
        yield
    finally:
        switch(off)


STATES = {
    "float64": lambda: switched(torch.set_default_dtype, torch.float64, torch.float32),
    "float16": lambda: switched(torch.set_default_dtype, torch.float16, torch.float32),
    "no gradients": torch.no_grad,
    "inference": torch.inference_mode,
    "device": lambda: switched(torch.set_default_device, "meta", None),
    "device block": lambda: torch.device("meta"),
    "autocast": lambda: torch.autocast("cpu", torch.bfloat16),
    "deterministic": lambda: switched(torch.use_deterministic_algorithms, True, False),
    "products": lambda: switched(torch.set_float32_matmul_precision, "medium", "highest"),
    "anomalies": torch.autograd.detect_anomaly,
}


@pytest.fixture(params=STATES, ids=list(STATES))
def state(request):
    def enter():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # anomaly detection says that it is slow
            return STATES[request.param]()

    images._digits.cache_clear()  # images must be read in this state, too
    yield enter
    images._digits.cache_clear()


def columns_and_tests(tiny, folder):
    history = train(tiny, "cpu", checkpoint=folder / "run.pt").history
    return history.columns, evaluate(load_checkpoint(folder / "run.pt"), device="cpu")


def test_a_run_and_its_evaluation_are_the_same(state, tiny, tmp_path):
    for name in ("plain", "other"):
        (tmp_path / name).mkdir()
    expected = columns_and_tests(tiny, tmp_path / "plain")
    images._digits.cache_clear()
    with state():
        found = columns_and_tests(tiny, tmp_path / "other")
    assert found == expected


def networks(tiny):
    recipe = FiniteWidthSettings(width1=8, width2=8)
    finite = TwoLayer(SMALL, recipe, sample(SMALL, [0], "train"), [0], torch.device("cpu"))
    finite.train(2.0, 3)
    infinite = InfiniteWidthNetwork(SMALL, sample(SMALL, [0], "train"), 1e-3)
    infinite.run(Phase(0.1), 10.0)
    model = build_model("small", channels=1, classes=10, noise_per_sample=False, rng=generator(0, "init"))
    split = load_images("digits", 8).test
    with known_state():
        inputs, labels = split.images[:20].float() / 255, split.labels[:20]
    tensors = [*finite.rows, infinite.train_output(), freeze(tiny).train.inputs]
    return tensors, sharpness(model, inputs, labels, iterations=2)


def test_the_theory_and_what_is_measured_of_networks_are_the_same(state, tiny):
    expected, sharp = networks(tiny)
    images._digits.cache_clear()
    with state():
        found, also_sharp = networks(tiny)
    assert sharp == also_sharp
    for one, other in zip(expected, found, strict=True):
        assert one.dtype == other.dtype and torch.equal(one, other)


def test_every_setting_is_put_back_even_after_an_error():
    def settings():
        return (torch.get_default_dtype(), torch.get_num_threads(), torch.is_grad_enabled(),
                torch.get_default_device(), torch.get_float32_matmul_precision(),
                torch.backends.cudnn.allow_tf32, torch.backends.cudnn.benchmark)

    before = settings()
    with pytest.raises(KeyboardInterrupt), torch.no_grad(), known_state(2):
        assert torch.is_grad_enabled() and not torch.backends.cudnn.allow_tf32
        raise KeyboardInterrupt
    assert settings() == before
