"""Sharpness against Hessians that can be written down, and the share of active units against a count."""

from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.autograd.functional import hessian
from torch.nn import functional as F

from lrreg_utils import Schedule, experiment, generator
from lrreg_utils.studies import curvature as curvature_study
from lrreg_utils.studies.curvature import active_share, sharpness
from lrreg_utils.training.model import build_model


def test_of_a_linear_model_against_the_whole_hessian():
    rng = torch.Generator().manual_seed(1)  # how fast the iteration converges depends on what is drawn
    inputs, labels = torch.randn(30, 4, generator=rng), torch.arange(30) % 3
    model = nn.Linear(4, 3, bias=False)
    nn.init.normal_(model.weight, std=0.3, generator=rng)

    def loss(weight):
        return F.cross_entropy(inputs @ weight.view(3, 4).T, labels)

    matrix = hessian(loss, model.weight.detach().flatten())
    largest = float(torch.linalg.eigvalsh(matrix)[-1])
    assert sharpness(model, inputs, labels, 200) == pytest.approx(largest, rel=1e-4)


def test_of_two_classes_and_one_weight_each_against_the_formula():
    """With logits (a x, b x) at a = b = 0 the Hessian is x^2/4 [[1, -1], [-1, 1]], its eigenvalue x^2/2."""
    model = nn.Linear(1, 2, bias=False)
    nn.init.zeros_(model.weight)
    assert sharpness(model, torch.full((5, 1), 3.0), torch.zeros(5, dtype=torch.int64)) == pytest.approx(4.5)


def test_active_units_are_counted_after_the_last_relu():
    model = build_model("small", channels=1, classes=10, noise_per_sample=False, rng=generator(0, "init"))
    inputs = torch.randn(6, 1, 8, 8)
    model.eval()
    with torch.no_grad():
        features = F.relu(model.norm(model.blocks(model.stem(inputs))))
    assert active_share(model, inputs) == pytest.approx(100 * float((features > 0).float().mean()))
    with torch.no_grad():
        model.norm.bias.fill_(100.0)
    assert active_share(model, inputs) == 100.0


def test_the_study_measures_each_schedule_twice(monkeypatch):
    monkeypatch.setattr(curvature_study, "SCHEDULES", ("large_lr",))
    demo = experiment("digits")
    tiny = replace(demo.with_(train_size=100, image_size=8, epochs=3), schedules={
        "large_lr": Schedule("large_lr", 0.1, (2,), 0.1)})
    monkeypatch.setattr(curvature_study, "experiment", lambda name: tiny)
    found = curvature_study.curvature([0, 1])
    for name in ("sharpness", "active"):
        before, end = found["large_lr"][name]
        assert len(before) == len(end) == 2 and before != end
    assert all(0 < value < 100 for values in found["large_lr"]["active"] for value in values)
