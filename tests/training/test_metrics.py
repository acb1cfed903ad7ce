import numpy as np
import pytest
import torch

from lrreg_utils.training.metrics import GroupSums


def test_sums_over_batches_are_the_means_of_each_group():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(60, 4)).astype(np.float32)
    losses = rng.exponential(size=60).astype(np.float32)
    labels, groups = rng.integers(0, 4, 60), rng.integers(0, 3, 60)
    sums = GroupSums(3, "cpu")
    for batch in np.array_split(np.arange(60), [1, 20, 45]):
        sums.add(*(torch.tensor(values[batch]) for values in (losses, logits, labels, groups)))
    mean, accuracy = sums.read()
    hits = logits.argmax(1) == labels
    for group in range(3):
        assert mean[group] == pytest.approx(losses[groups == group].astype(float).mean(), rel=1e-12)
        assert accuracy[group] == pytest.approx(100 * hits[groups == group].mean(), rel=1e-12)


def test_a_group_without_examples_has_no_value():
    sums = GroupSums(3, "cpu")
    sums.add(torch.tensor([2.0]), torch.tensor([[0.0, 1.0]]), torch.tensor([1]), torch.tensor([1]))
    assert sums.read() == ([None, 2.0, None], [None, 100.0, None])


def test_sums_keep_no_graph():
    losses = torch.ones(2, requires_grad=True)
    sums = GroupSums(1, "cpu")
    sums.add(losses, torch.zeros(2, 2, requires_grad=True), torch.tensor([0, 1]), torch.tensor([0, 0]))
    assert not sums.sums.requires_grad
    assert sums.read() == ([1.0], [50.0])
