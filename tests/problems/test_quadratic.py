"""Two dimensions: simulation against the closed forms, and who wins when."""

import numpy as np
import pytest

from lrreg_utils.errors import UserError
from lrreg_utils.problems import quadratic
from lrreg_utils.problems.quadratic import CURVATURES, Steps, descend, train_loss

START = (1.0, 1.0)
LARGE, SMALL, ANNEALED = Steps(0.195), Steps(0.01), Steps(0.195, 20, 0.01)
loss_on_test = quadratic.test_loss


def errors_after(start, rate, steps):
    """The closed form."""
    return np.array(start) * (1 - rate * np.array(CURVATURES)) ** steps


def test_by_hand():
    errors = np.array([0.1, 0.2])
    assert train_loss(errors) == pytest.approx((10 * 0.01 + 0.04) / 2)
    assert loss_on_test(errors) == pytest.approx(0.025)
    path = descend((1.0, 1.0), Steps(0.1), 0.4)  # 1 - 0.1 * 10 = 0, 1 - 0.1 * 1 = 0.9
    np.testing.assert_allclose(path, [[1, 1], [0, 0.9], [0, 0.81]][: len(path)], atol=1e-12)


@pytest.mark.parametrize("schedule", [LARGE, SMALL])
def test_every_step_of_a_path_is_the_closed_form(schedule):
    path = descend(START, schedule, 0.05)
    for step, errors in enumerate(path):
        np.testing.assert_allclose(errors, errors_after(START, schedule.rate, step), rtol=1e-10, atol=1e-300)


def test_an_annealed_path_is_two_closed_forms():
    path = descend(START, ANNEALED, 0.05)
    turned = errors_after(START, 0.195, 20)
    np.testing.assert_allclose(path[20], turned, rtol=1e-10)
    np.testing.assert_allclose(path[-1], errors_after(turned, 0.01, len(path) - 21), rtol=1e-10)


def test_the_number_of_steps_is_that_of_the_slow_direction():
    # the whole training loss is in one direction: curvature * factor ** (2 t) / 2 = target
    for schedule, curvature, factor in ((LARGE, 10, 0.95), (SMALL, 1, 0.99)):
        exact = np.log(2 * 0.05 / curvature) / (2 * np.log(factor))
        assert len(descend(START, schedule, 0.05)) - 1 == np.ceil(exact)


def test_at_equal_training_loss_the_test_losses_differ_by_the_ratio_of_curvatures():
    ends = {name: descend(START, schedule, 0.001)[-1]
            for name, schedule in (("large", LARGE), ("annealed", ANNEALED), ("small", SMALL))}
    for errors in ends.values():
        assert 0.0008 < train_loss(errors) <= 0.001
    small, large = loss_on_test(ends["small"]), loss_on_test(ends["large"])
    assert small / large == pytest.approx(10, rel=0.2)
    for found, curvature in ((small, 1.0), (large, 10.0)):  # the training loss lies in one direction
        assert found == pytest.approx(0.001 / curvature, rel=0.1)
    assert loss_on_test(ends["annealed"]) < 0.5 * small


def test_run_on_all_agree():
    ends = [descend(START, schedule, 1e-20)[-1] for schedule in (LARGE, SMALL, ANNEALED)]
    assert np.abs(ends).max() < 1e-9


def test_too_large_a_rate_is_told():
    with pytest.raises(UserError, match=r"below 2/curvature = 0\.2"):
        descend(START, Steps(0.2), 0.05, most=1000)


def test_the_table_says_where_each_path_stops():
    paths = {"small_lr": descend(START, SMALL, 0.001), "large_lr_constant": descend(START, LARGE, 0.001)}
    (name, steps, train, test), _ = quadratic.table(paths).rows
    assert (name, int(steps)) == ("small_lr", len(paths["small_lr"]) - 1)
    assert float(train) == pytest.approx(train_loss(paths["small_lr"][-1]), abs=1e-4)
    assert float(test) == pytest.approx(0.001, rel=0.1)
