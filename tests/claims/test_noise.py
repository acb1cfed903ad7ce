"""What noise says of the claim, on runs whose answer is known by hand."""

from dataclasses import replace

import numpy as np
import pytest

from lrreg_utils import Schedule, recorded
from lrreg_utils.claims import conclusion, noise
from lrreg_utils.results.noise import Task, recorded_tasks


@pytest.fixture
def task(make_history):
    """Two seeds, noise until epoch 3; it gives back 3/4 of the gap in seed 0, and 1/4 in seed 1."""
    def run(name, seed, clean, patch, **level):
        schedule = Schedule(name, 0.1, (3,) if name == "large_lr" else (), 0.1, noise_until=3, **level)
        ends = {"test_clean_accuracy": clean, "test_clean_loss": clean}
        return make_history(schedule, seed, 12, test_patch_only_accuracy=patch + patch[-1:] * 8,
                            **{column: [10, 20, 30] + [end] * 9 for column, end in ends.items()})

    waits, read = [10, 20, 40, 50], [10, 50, 60, 90]
    return Task.of([
        *(run("large_lr", seed, 80, waits) for seed in (0, 1)),
        *(run("small_lr", seed, 60, read) for seed in (0, 1)),
        run("small_lr_noise", 0, 75, waits, noise=0.8), run("small_lr_noise", 1, 65, read, noise=0.8),
        *(run("small_lr_noise", seed, 70, read, noise=8.0, noise_kind="batch") for seed in (0, 1)),
    ])


def test_a_patch_waits_where_it_is_unknown_while_there_is_noise_and_known_at_the_end(task):
    # read without noise, and not at the large rate
    assert list(noise.patch_without_noise(task).met) == [True, True]
    order = noise.patch_waits(task)
    assert list(order.met) == [True, False]
    assert "35.0 ± 21.2 %, in the end 70.0 ± 28.3 %" in order.measured
    assert noise.kind_holds_patch(task, "batch").verdict == "not reproduced"


def test_noise_gives_back_a_share_of_the_gap(task):
    gap = noise.gap_given_back(task)
    assert "small 60.0 ± 0.0 %, with noise 0.8 70.0 ± 7.1 %, large 80.0 ± 0.0 %: 50 ± 35 % of the gap" in (
        gap.measured)
    assert list(gap.met) == [True, False]
    assert noise.share(task, epoch=-1) == "0.50 ± 0.35"
    assert noise.share(task, epoch=-1, kind="batch") == "0.50 ± 0.00"


def test_one_epoch_at_the_large_rate_delays_the_patch(make_history):
    def run(schedule, seed, epoch):
        course = [0] * (epoch - 1) + [50] * (9 - epoch)
        return make_history(schedule, seed, 8, test_patch_only_accuracy=course)

    at_once = [run(Schedule("constant_0.01", 0.01), seed, 3) for seed in (0, 1)]
    moved = [run(Schedule("large_lr", 0.1, (2,), 0.1), seed, epoch) for seed, epoch in enumerate((4, 7))]
    found = noise.waits_for_noise_alone(moved, at_once)
    assert list(found.effect.values) == [1, 4] and list(found.met) == [True, False]


@pytest.fixture
def batches(make_history):
    """The large rate, annealed at epoch 3: batches of 64 read the patch and keep a quarter of the lead."""
    def run(name, size, clean, patch):
        schedule = Schedule(name, 0.1, (3,) if name == "large_lr" else (), 0.1)
        history = make_history(schedule, 0, 8, test_clean_accuracy=[0] * 7 + [clean],
                               test_patch_only_accuracy=[0, patch, 90, 90, 90, 90, 90, 40])
        return replace(history, config=replace(history.config, batch_size=size))

    return [run("large_lr", 16, 80, 20), run("large_lr", 64, 65, 70), run("large_lr_constant", 16, 0, 0)]


def test_larger_batches_are_less_noise(batches, make_history):
    found = noise.patch_by_batch(batches)
    assert found.verdict == "holds"
    assert found.numbers == {"of_16": "20.0", "of_64": "70.0", "of_16_late": "40.0"}
    small = [make_history(Schedule("small_lr", 0.1), 0, test_clean_accuracy=[0, 0, 0, 60])]
    left = noise.lead_by_batch(batches, small)
    assert left.numbers == {"left": "0.25"} and left.verdict == "not reproduced"


def test_tables_have_a_row_for_each_kind_and_batch_size():
    tasks = recorded_tasks()
    assert [row[0] for row in noise.kinds_table(*tasks).rows] == list(noise.BEST)
    rows = noise.batches_table(recorded("batch-size"), tasks[0].small).rows
    assert rows[2][:3] == ("small, batches of 16", "65.4 60.2 58.8", "61.5 ± 3.5")


def test_the_text_quotes_the_shares_of_the_table():
    found = noise.numbers(noise.evidence())
    assert found["conv_share"] == "0.22 [-0.26, 0.70]" and found["hidden_mean"] == "0.58"
    for kind, _, _, patched, plain in noise.kinds_table(*recorded_tasks()).rows:
        if kind in ("activation", "gradient", "batch"):
            assert patched.startswith(found[f"{kind}_patched"]) and plain.startswith(found[f"{kind}_plain"])


@pytest.fixture
def constant(make_history):
    """A run whose patches are recognized from an epoch on (None: never), with fields of its config."""
    def run(name, first, clean=0.0, seed=0, rate=0.1, **fields):
        patch = [10.0 if first is None or epoch < first else 90.0 for epoch in range(1, 9)]
        anneal = (2,) if name == "large_lr" else ()
        history = make_history(Schedule(name, rate, anneal, 0.1), seed, 8, test_patch_only_accuracy=patch,
                               test_clean_accuracy=[0.0] * 7 + [clean])
        return replace(history, config=replace(history.config, **fields))

    return run


def test_a_small_rate_is_matched_to_the_large_one_by_the_time_of_recognition(constant):
    central = [constant(name, first, clean, seed) for seed in (0, 1) for name, first, clean in
               (("large_lr", 6, 80 + seed), ("small_lr", 2, 60))]
    fainter = [constant("small_lr", first, clean, seed, patch_strength=strength) for seed in (0, 1)
               for strength, first, clean in ((0.9, 3, 65), (0.6, 6, 76), (0.3, None, 82))]
    found = conclusion.matched_by_time(fainter, central)
    assert found.numbers["strength"] == "0.6"
    assert list(found.effect.values) == [4, 5] and list(found.met) == [True, True]
    assert found.numbers["share"].startswith("0.78 ")


def test_a_stronger_patch_takes_a_larger_rate_to_stay_hidden(constant):
    def sweep(hidden):
        return [constant("large_lr_constant", None if (rate, strength) in hidden else 2, rate=rate,
                         patch_strength=strength) for rate in (0.1, 0.2) for strength in (1.0, 2.0)]

    found = noise.hidden_for_ever(sweep({(0.1, 1.0), (0.2, 1.0), (0.2, 2.0)}))
    assert found.numbers == {"from_1": "0.1", "from_2": "0.2"} and list(found.met) == [True]
    assert noise.hidden_for_ever(sweep({(0.2, 1.0)})).numbers["from_2"] == "none"
    assert noise.hidden_for_ever(sweep({(0.2, 1.0), (0.1, 2.0)})).verdict == "not reproduced"


def test_delays_are_compared_at_one_ratio_of_rate_to_batch_and_at_one_rate(constant):
    def run(rate, size, first):
        return constant("large_lr_constant", first, rate=rate, batch_size=size, train_size=64,
                        passes=size // 8)

    # 0.1/8 and 0.2/16: epoch 2 both; 0.2/8 and 0.4/16: epoch 2 and never, 8; rate 0.2: epoch 2 both
    found = noise.delay_by_ratio([run(0.1, 8, 2), run(0.2, 8, 2), run(0.2, 16, 2), run(0.4, 16, None)])
    assert found.numbers == {"ratio": "2.0", "rate": "1.00", "seen": "1.00"}
    assert list(found.met) == [True]


def test_each_normalization_has_its_own_verdicts(constant):
    def runs(norm, inert_gap):
        return [constant(name, first, clean, rate=rate, norm=norm, patch_strength=strength)
                for strength, ahead in ((1.4, 80), (0.0, 60 + inert_gap))
                for name, first, clean, rate in (("large_lr", 4, ahead, 0.5), ("small_lr", 1, 60, 0.05))]

    both = runs("none", inert_gap=19) + runs("group", inert_gap=2)
    due = {norm: list(found["due"].effect.values) for norm, found in noise.by_norm(both).items()}
    assert due == {"group": [18], "none": [1]}
    rows = noise.norms_table(both).rows
    assert rows[1] == ("none", "0.5, 0.05", "90.0", "10.0", "90.0", "20.0", "19.0")


def test_the_recorded_runs_say_it_in_part():
    verdicts = {name: one.verdict for name, one in noise.evidence().items()}
    assert [name for name, verdict in verdicts.items() if verdict == "not reproduced"] == [
        "gap", "batches_lead", "delay", "none_due"]
    assert [name for name, verdict in verdicts.items() if verdict == "holds in part"] == [
        "noise", "match", "group_due", "none_order"]


def ends(name, column, keep):
    """The last value of a column by seed, read from the histories without the package's helpers."""
    return {run.config.seed: run.columns[column][-1] for run in recorded(name) if keep(run.config)}


def test_the_share_of_the_gap_is_that_of_the_recorded_ends():
    def noisy(level):
        return ends("noise-level", "test_clean_accuracy",
                    lambda config: config.shares.clean < 1 and config.schedule.noise == level)

    small, noise_08 = noisy(0.0), noisy(0.8)
    large = ends("anneal-epoch", "test_clean_accuracy", lambda config: config.schedule.anneal_epochs == (9,))
    shares = [100 * (noise_08[seed] - small[seed]) / (large[seed] - small[seed]) for seed in (0, 1, 2)]
    found = noise.gap_given_back(recorded_tasks()[0])
    assert f"{np.mean(shares):.0f} ± {np.std(shares, ddof=1):.0f} % of the gap" in found.measured
    assert list(found.met) == [share >= 50 for share in shares]
