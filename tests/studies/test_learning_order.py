"""The questions of the learning-order study are what they say, and asking them changes no run."""

from dataclasses import replace

import pytest
import torch

from lrreg_utils import prepare
from lrreg_utils.experiments.presets import Experiment
from lrreg_utils.images import patches
from lrreg_utils.results.learning_order import QUESTIONS
from lrreg_utils.studies import learning_order as learning_order_study
from lrreg_utils.studies.learning_order import TESTS, Exam, track
from lrreg_utils.training.trainer import Trainer


@pytest.fixture(scope="module")
def run(tiny):
    return Trainer(tiny, prepare(tiny), torch.device("cpu"))


def test_each_question_shows_what_it_says(run):
    exam = Exam.of(run)
    images = run.normalize(run.train_split.images)
    place = patches.patch_slice(8, 3)
    outside = torch.ones(8, 8, dtype=torch.bool)
    outside[place, place] = False
    assert torch.equal(exam.inputs["image"], images)
    assert (exam.inputs["patch"][..., outside] == 0).all()
    patch = exam.inputs["patch"][..., place, place]
    added = patch - run.patterns.z
    sign = (added / run.patterns.pattern[exam.labels]).round(decimals=3)  # full strength, of either sign
    assert set(sign.flatten().tolist()) == {-1.0, 1.0}
    assert (sign == sign[:, :, :1, :1]).all()
    assert exam.patched.sum() == 80


def test_asking_changes_no_run(tiny, trained):
    tracked = track(tiny)
    for name in TESTS:
        assert tracked.columns[name].tolist() == trained.history.columns[name]
    assert {question: hits.shape for question, hits in tracked.hits.items()} == dict.fromkeys(
        QUESTIONS, (2, 100))
    assert (tracked.schedule, tracked.seed, tracked.anneal_epoch) == ("large_lr", 0, 2)


def test_hits_are_those_of_the_network(run):
    run.next_epoch()
    exam = Exam.of(run)
    with torch.no_grad():
        run.model.eval()
        answers = run.model(exam.inputs["image"]).argmax(1)
    assert torch.equal(exam.ask(run, "image"), answers == exam.labels)


@pytest.mark.parametrize("study", ["learning_order", "hidden_order"])
def test_a_study_has_every_schedule_and_seed(study, tiny, monkeypatch):
    small = replace(tiny.schedule, name="small_lr", anneal_epochs=())
    both = Experiment("tiny", replace(tiny, epochs=1), {"large_lr": tiny.schedule, "small_lr": small})
    monkeypatch.setattr(learning_order_study, "experiment", lambda name: both)
    runs = getattr(learning_order_study, study)(range(2))["runs"]
    assert [(run["schedule"], run["seed"], run["anneal_epoch"]) for run in runs] == [
        ("large_lr", 0, 2), ("small_lr", 0, None), ("large_lr", 1, 2), ("small_lr", 1, None)]
    assert set(runs[0]["columns"]) == set(TESTS)
