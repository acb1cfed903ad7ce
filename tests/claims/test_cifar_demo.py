"""The patch experiment's claims on two seeds whose numbers are known by hand."""

from dataclasses import replace

import pytest

from lrreg_utils import Schedule, Shares
from lrreg_utils.claims import cifar_demo as claims

LARGE, SMALL = Schedule("large_lr", 0.1, (3,), 0.1), Schedule("small_lr", 0.01)
NOISY = Schedule("small_lr_noise", 0.01, noise=0.3, noise_until=3)


@pytest.fixture
def runs(make_history):
    """The large rate ends 20 points ahead; the small one reads the patch from epoch 2, or 3 in seed 1."""
    courses = [
        (LARGE, ([40, 50, 84, 80.0], [10, 10, 60, 90.0]), ([40, 50, 86, 80.0], [10, 25, 60, 90.0])),
        (SMALL, ([50, 60, 60, 60.0], [20, 50, 90, 95.0]), ([50, 60, 60, 60.0], [20, 40, 90, 95.0])),
        (NOISY, ([50, 60, 60, 65.0], [10, 20, 60, 90.0]), ([50, 60, 60, 65.0], [10, 21, 60, 90.0])),
    ]
    return [make_history(schedule, seed, test_clean_accuracy=image, test_patch_only_accuracy=patch)
            for schedule, *seeds in courses for seed, (image, patch) in enumerate(seeds)]


@pytest.fixture
def references(make_history):
    """Images alone: the large rate ends at 60 on few and 84 on many, the small one at 40 and 70."""
    found = []
    for schedule, ends in ((LARGE, (60, 84)), (SMALL, (40, 70))):
        for size, end in zip((20, 84), ends, strict=True):
            for seed, around in ((0, -1), (1, 1)):
                history = make_history(schedule, seed, test_clean_accuracy=[0, 0, 0, float(end + around)])
                found.append(replace(history, config=replace(history.config, train_size=size)))
    return found


def test_the_patch_is_read_by_the_small_rate_alone_before_the_anneal(runs):
    found = claims.patch_before_anneal(runs)
    assert list(found.met) == [True, False]
    assert "before the anneal: small 45.0 ± 7.1 %, large 17.5 ± 10.6 %" in found.measured
    assert found.numbers == {"small_from": "2 to 3", "small_seeds": "1 of 2", "large_seeds": "1 of 2",
                             "small": "45.0 ± 7.1", "large": "17.5 ± 10.6", "end": "90.0 ± 0.0"}


def test_noise_hides_the_patch_as_long_as_it_lasts(runs):
    found = claims.noise_delays_patch(runs)
    assert list(found.met) == [True, False] and "20.5 ± 0.7 %" in found.measured


def test_a_rate_that_is_never_annealed_may_learn_the_patch(make_history):
    constant = Schedule("large_lr_constant", 0.1)
    runs = [make_history(constant, seed, test_patch_only_accuracy=[0, 0, 0, end])
            for seed, end in enumerate((20.0, 49.0, 50.0))]
    found = claims.ignored_for_ever(runs)
    assert list(found.met) == [True, False, False] and found.numbers["seeds"] == "1 of 3"


def test_each_rate_ends_between_its_two_lines(runs, references):
    found = claims.evidence(runs, references=references)["shares"]
    assert list(found.met) == [False, False]  # the small rate is two thirds of the way up
    assert found.numbers == {
        "large_cost": "4.0", "large_lead": "20.0", "large_way": "83 %",
        "small_cost": "10.0", "small_lead": "20.0", "small_way": "67 %", "gap_without_patches": "70 %",
    }
    assert "shares" not in claims.evidence(runs)


def test_recorded_networks_have_references_where_they_were_run():
    found = claims.recorded_evidence()
    isolated = [found.pop(name)["due"].experiment for name in ("convnet", "photos", "all_photos")]
    assert isolated == ["convnet", "photographs", "photographs-50k"]
    assert [one["win"].experiment for one in found.values()] == ["digits-fresh", "cifar-small", "cifar-50k"]
    assert ["shares" in one for one in found.values()] == [True, False, True]


@pytest.fixture
def mixtures(make_history, runs):
    """The runs, and their references: rates 1 apart with an inert patch, 4 with the image removed."""
    found = list(runs)
    for schedule, inert, removed in ((LARGE, [40, 50, 86, 84.0], [20, 20, 40, 44.0]),
                                     (SMALL, [50, 86, 84, 83.0], [30, 50, 40, 40.0])):
        for seed in (0, 1):
            for image, change in ((inert, {"patch_strength": 0.0}),
                                  (removed, {"shares": Shares(0.2, 0.8, 0.0)})):
                history = make_history(schedule, seed, test_clean_accuracy=image,
                                       test_patch_only_accuracy=[10, 70, 80, 90])
                found.append(replace(history, config=replace(history.config, **change)))
    return found


def test_the_gap_less_the_one_with_an_inert_patch_is_due_to_the_signal(mixtures):
    found = claims.mechanism(mixtures)
    assert found["due"].numbers["due"] == "19.0 ± 0.0" and found["due"].numbers["share"] == "95 %"
    assert found["alike"].numbers["gap"] == "1.0 ± 0.0"
    assert found["way"].numbers["large_way"] == "90 ± 0" and found["way"].numbers["small_way"] == "47 ± 0"
    assert found["noise"].numbers["share"] == "25 ± 0"
    assert "never" not in found  # there is no run of that schedule


def test_a_table_of_effects_has_a_row_for_each(mixtures):
    found = claims.mechanism(mixtures)
    assert len(claims.effect_table(found).rows) == len(found)
    assert claims.effect_table({"due": found["due"]}).rows == [
        ("what the patch's signal adds", "19.0 [19.0, 19.0] points", "2 of 2 seeds")]


def test_what_is_unlearned_is_counted_from_the_best_epoch(mixtures):
    assert claims.unlearned(mixtures) == {
        "epoch": "2", "best": "60.0 ± 0.0", "before": "60.0 ± 0.0", "lost": "0.0 ± 0.0",
        "inert": "86.0 ± 0.0", "inert_lost": "3.0 ± 0.0", "removed": "50.0 ± 0.0", "alone": "70.0 ± 0.0"}


def test_images_that_were_known_before_the_anneal_were_learned(make_history):
    """From 40 (image removed) to 80 (inert patch): at 75 or 55 in epoch 2, and at 50 in the end."""
    runs = []
    for seed, before in enumerate((75, 55)):
        for strength, shares, clean in ((1.4, (0.2, 0.16, 0.64), [0, before, 60, 50]),
                                        (0.0, (0.2, 0.16, 0.64), [0, 0, 0, 80]),
                                        (1.4, (0.2, 0.8, 0.0), [0, 0, 0, 40])):
            for schedule in (LARGE, SMALL):
                run = make_history(schedule, seed, test_clean_accuracy=[float(one) for one in clean])
                fields = {"patch_strength": strength, "shares": Shares(*shares)}
                runs.append(replace(run, config=replace(run.config, **fields)))
    found = claims.images_never_learned(runs)
    assert list(found.met) == [False, True] and list(found.effect.values) == [87.5, 37.5]
    assert found.numbers == {"before": "62 ± 35", "end": "25 ± 0"}


def test_accuracies_on_three_test_sets_at_the_end(runs, make_history):
    never = [make_history(Schedule("large_lr_constant", 0.1), seed) for seed in (0, 1)]
    assert claims.by_test_set(runs + never).rows[0] == ("large_lr", "80.0 ± 0.0", "4.0 ± 0.0", "90.0 ± 0.0")
