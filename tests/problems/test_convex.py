"""One objective, several ways down: against scikit-learn's optimum, numbers by hand, and certificates."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from lrreg_utils.experiments.presets import experiment
from lrreg_utils.experiments.schedule import Schedule
from lrreg_utils.problems.convex import (
    CLASSES,
    Problem,
    apart,
    converge,
    draw_layer,
    follow,
    hidden,
    linear,
    norm,
    score,
    two_layers,
    with_one,
)
from lrreg_utils.problems.fixed_data import Examples, freeze
from lrreg_utils.studies.convexity import ConvexitySetting, convexity, pose

QUICK = ConvexitySetting(width=8, epochs=3, anneal_epoch=2, most=100, network_tolerance=1e-2)


def blobs(count=60, inputs=5):
    rng = torch.Generator().manual_seed(0)
    labels = torch.arange(count) % 10
    centres = torch.randn(10, inputs, generator=rng, dtype=torch.float64)
    return Examples(centres[labels] + torch.randn(count, inputs, generator=rng, dtype=torch.float64), labels)


@pytest.fixture(scope="module")
def problem():
    return Problem(linear, blobs(), 0.01)


def test_numbers_by_hand():
    examples = Examples(torch.zeros(1, 1, dtype=torch.float64), torch.tensor([3]))
    weights = [torch.zeros(10, 2, dtype=torch.float64)]
    weights[0][3, 1] = 2.0  # only the bias of the right class: p = e^2/(e^2 + 9)
    problem = Problem(linear, examples, 0.5)
    right = math.exp(2) / (math.exp(2) + 9)
    assert float(problem.loss(weights)) == pytest.approx(-math.log(right) + 0.25 * 4)
    # the gradient: 0.5 * 2 - (1 - right) for that weight, 1/(e^2 + 9) for each of the nine others
    gradient = math.hypot(right, 3 / (math.exp(2) + 9))
    assert problem.residual(weights) == pytest.approx(gradient / (0.5 * 2))
    assert score(problem, weights, examples) == {"accuracy": 100, "loss": pytest.approx(-math.log(right))}


def test_apart_by_hand():
    examples = Examples(torch.zeros(2, 1, dtype=torch.float64), torch.tensor([0, 0]))
    one, other = torch.zeros(10, 2, dtype=torch.float64), torch.zeros(10, 2, dtype=torch.float64)
    one[0, 1], other[1, 1] = 3.0, 3.0
    found = apart(Problem(linear, examples, 1.0), [one], [other], examples)
    high, low = math.exp(3) / (math.exp(3) + 9), 1 / (math.exp(3) + 9)
    assert found == {"weights": pytest.approx(2**0.5), "flips": 100, "function": pytest.approx(high - low)}
    assert apart(Problem(linear, examples, 1.0), [one], [one], examples)["function"] == 0


def test_hidden_is_nearly_a_relu():
    inputs = torch.tensor([[-2.0], [0.0], [2.0]], dtype=torch.float64)
    first = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    features = hidden(first, inputs)[:, 0].tolist()
    assert features == pytest.approx([0, math.log(2) / 4, 2], abs=1e-4)
    weights = [first, torch.ones(10, 2, dtype=torch.float64)]
    assert two_layers(weights, inputs)[:, 0].tolist() == pytest.approx([f + 1 for f in features])


def test_the_optimum_is_scikit_learns(problem):
    """Its objective is ``C * sum of losses + |w|^2/2``, so C = 1/(penalty * N); the bias is a feature."""
    train = problem.train
    ours = converge(problem, [draw_layer(CLASSES, 5, 0, "second")], 1e-8)
    theirs = LogisticRegression(C=1 / (problem.penalty * len(train)), fit_intercept=False, tol=1e-12,
                                max_iter=10_000).fit(with_one(train.inputs).numpy(), train.labels.numpy())
    np.testing.assert_allclose(ours[0].numpy(), theirs.coef_, atol=1e-5 * np.abs(theirs.coef_).max())


def test_the_residual_bounds_the_distance_to_the_optimum(problem):
    optimum = converge(problem, [draw_layer(CLASSES, 5, 0, "second")], 1e-10)
    for start in range(3):
        weights = [draw_layer(CLASSES, 5, start, "second")]
        distance = norm([weights[0] - optimum[0]]) / norm(weights)
        assert float(distance) <= problem.residual(weights)


def test_schedules_differ_when_they_end_and_agree_after_convergence(problem):
    start = [draw_layer(CLASSES, 5, 0, "second")]
    ends = [follow(problem, start, schedule, 5, 0)
            for schedule in (Schedule("large_lr", 0.3, (3,), 0.1), Schedule("small_lr", 0.003))]
    assert apart(problem, *ends, problem.train)["weights"] > 0.1
    ends = [converge(problem, end, 1e-8) for end in ends]
    assert apart(problem, *ends, problem.train)["weights"] < 1e-7


def test_sgd_with_the_whole_set_as_batch_is_gradient_descent(problem):
    start = [draw_layer(CLASSES, 5, 0, "second")]
    weights = [start[0].clone().requires_grad_()]
    whole = len(problem.train)
    one = follow(problem, start, Schedule("small_lr", 0.1), 1, 0, batch_size=whole, momentum=0.5)
    problem.loss(weights).backward()
    expected = start[0] - 0.1 * 1.5 * weights[0].grad  # Nesterov's first step: (1 + momentum) gradients
    torch.testing.assert_close(one[0], expected)
    assert float(norm([start[0] - draw_layer(CLASSES, 5, 0, "second")])) == 0  # the start is left as it is


def test_order_and_noise_matter_only_where_they_should(problem):
    start = [draw_layer(CLASSES, 5, 0, "second")]
    quiet = Schedule("small_lr", 0.01)
    noisy = Schedule("small_lr_noise", 0.01, noise=1.0, noise_until=2, noise_factor=0.0)

    def run(schedule, order):
        return follow(problem, start, schedule, 2, order, batch_size=16)[0]

    assert torch.equal(run(quiet, 0), run(quiet, 0))
    assert not torch.equal(run(quiet, 0), run(quiet, 1))
    assert not torch.equal(run(quiet, 0), run(noisy, 0))


def test_the_study_has_every_row():
    found = convexity([100], QUICK)
    runs, pairs = found["runs"], found["pairs"]
    assert len(runs) == (3 + 3 + 9) * 2 and len(pairs) == (3 + 3 + 9) * 4
    assert {row["kind"] for row in pairs if row["model"] == "network"} == {"schedules", "orders", "starts"}
    assert all(set(row["scores"]) == {"train", "clean", "patched", "patch_only"} for row in runs)
    assert len(convexity([100], QUICK, ["pixels"])["runs"]) == 6


def test_a_pose_shares_the_first_layer():
    frozen = freeze(replace(experiment("digits").config("large_lr", 100), train_size=50))
    setting = replace(ConvexitySetting(), width=8)
    fixed, start, tests = pose("features", frozen, 100, setting)
    network, both, plain = pose("network", frozen, 100, setting)
    torch.testing.assert_close(fixed.model(start, tests["clean"].inputs),
                               network.model(both, plain["clean"].inputs))
