import re
from dataclasses import replace
from pathlib import Path

import pytest

from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import SHARES, Shares
from lrreg_utils.experiments.presets import experiment
from lrreg_utils.experiments.sweep import ABOUT, about, load_sweep

SWEEPS = Path(__file__).parents[2] / "data" / "sweeps"


@pytest.fixture
def sweep(tmp_path):
    def load(text, data=None):
        (tmp_path / "some.toml").write_text(text)
        return load_sweep(tmp_path / "some.toml", data)

    return load


def test_schedules_times_seeds_times_fields(sweep):
    runs = sweep('''
        experiment = "digits"
        schedules = ["large_lr", "small_lr"]
        seeds = [0, 7]
        [set]
        epochs = 3
        shares = "talk"
        [grid]
        patch_strength = [0.5, 1.0]
        "schedule.initial_lr" = [0.1, 0.2, 0.3]
    ''')
    assert len(runs) == len({run.id for run in runs}) == 2 * 2 * 2 * 3
    assert {run.seed for run in runs} == {0, 7}
    assert {run.schedule.initial_lr for run in runs} == {0.1, 0.2, 0.3}
    assert {(run.epochs, run.shares) for run in runs} == {(3, SHARES["talk"])}


def test_nothing_but_an_experiment_is_all_of_its_schedules(sweep):
    assert sweep('experiment = "small"') == experiment("small").configs(range(1))


def test_lists_are_anneal_epochs_and_data_can_be_replaced(sweep):
    (run,) = sweep('''
        experiment = "small"
        schedules = ["large_lr"]
        grid."schedule.anneal_epochs" = [[4, 9]]
        set.data = "digits"
    ''', "folder:x")
    assert run.schedule.anneal_epochs == (4, 9)
    assert run.data == "folder:x"


def test_shares_may_be_a_table(sweep):
    (run,) = sweep('''
        experiment = "small"
        schedules = ["large_lr"]
        set.shares = {clean = 0.5, patch_only = 0.25, both = 0.25, redraw = true}
    ''')
    assert run.shares == Shares(0.5, 0.25, 0.25, redraw=True)


def test_runs_are_fields_that_change_together(sweep):
    runs = sweep('''
        experiment = "small"
        schedules = ["small_lr"]
        grid.patch_strength = [0.1, 0.2]
        set.epochs = 5
        [[runs]]
        train_size = 100
        "schedule.name" = "few"
        [[runs]]
        schedules = ["large_lr", "small_lr"]
        train_size = 200
        epochs = 7
    ''')
    said = {(run.schedule.name, run.train_size, run.epochs, run.patch_strength) for run in runs}
    assert said == {(name, size, epochs, strength) for strength in (0.1, 0.2) for name, size, epochs in (
        ("few", 100, 5), ("large_lr", 200, 7), ("small_lr", 200, 7))}


@pytest.mark.parametrize("name", ["digits-reference", "cifar-50k-reference"])
def test_references_show_images_alone_for_as_many_steps(name):
    """On the shares that bound the claim: 20 % clean, 84 % that show the image at all."""
    runs = load_sweep(SWEEPS / f"{name}.toml")
    of = experiment("digits" if name.startswith("digits") else "small-50k")
    total = of.base.train_size or 50_000
    assert {round(run.train_size / total, 2) for run in runs} == {0.2, 0.84}
    for run in runs:
        assert run.shares == Shares(1, 0, 0)
        assert run.train_size * run.epochs == pytest.approx(total * of.base.epochs, rel=0.02)
        for anneal in run.schedule.anneal_epochs:
            assert run.train_size * (anneal - 1) == pytest.approx(total * (of.anneal_epoch - 1), rel=0.06)


def test_a_whole_number_and_its_float_are_one_run(sweep):
    for one, other in (("1", "1.0"), ("0.0", "-0.0"), ("0", "-0")):
        said = (sweep(f'experiment = "small"\nset.patch_strength = {value}') for value in (one, other))
        first, second = ([run.id for run in runs] for runs in said)
        assert first == second


def test_a_run_said_twice_is_one_run(sweep):
    (run,) = sweep('experiment = "small"\nschedules = ["small_lr"]\nseeds = [1, 1]')
    assert run == replace(experiment("small").config("small_lr", 1))


@pytest.mark.parametrize(("text", "words"), [
    ("experiment = ", "is not TOML"),
    ("", "experiment is missing"),
    ('experiment = "nothing"', "'nothing' is unknown"),
    ('experiment = "small"\nsede = [1]', "'sede' is unknown; a sweep has experiment"),
    ('experiment = "small"\nabout = 3', "about must be a table of title, question, found, got 3"),
    ('experiment = "small"\nabout.result = "x"', "about must be a table of title, question, found"),
    ('experiment = "small"\nabout.found = 74.1', "about: found must be text, got 74.1"),
    ('experiment = "small"\nschedules = ["huge"]', "schedule: 'huge' is unknown"),
    ('experiment = "small"\nseeds = 3', "seeds must be a list"),
    ('experiment = "small"\nseeds = [-1]', "seed must be a whole number, 0 or more"),
    ('experiment = "small"\nset.sise = 3', "'sise' is not a field"),
    ('experiment = "small"\nset = 3', "set must be a table"),
    ('experiment = "small"\nruns = [3]', "runs must be a table"),
    ('experiment = "small"\n[[runs]]\nsise = 3', "'sise' is not a field"),
    ('experiment = "small"\nset."schedule.name" = "a/b"', "a name is made of letters"),
    ('experiment = "small"\nset.compile = 1', "compile must be true or false"),
    ('experiment = "small"\nset.epochs = 0', "epochs must be a whole number above 0"),
    ('experiment = "small"\nset.patch_strength = "a"', "patch_strength must be a number, got 'a'"),
    ('experiment = 3', "experiment must be text, got 3"),
    ('experiment = ["small"]', "experiment must be text"),
    ('experiment = "small"\nschedules = [["large_lr"]]', "each of schedules must be text, got ['large_lr']"),
    ('experiment = "small"\nseeds = [true]', "seed must be a whole number, got True"),
    ('experiment = "small"\nseeds = [9223372036854775808]', "seed must be below 2**63"),
    ('experiment = "small"\nset.model = 3', "model must be text, got 3"),
    ('experiment = "small"\nset.model = "huge"', "'huge' is unknown; choose hidden-K"),
    ('experiment = "small"\nset.data = ["digits"]', "data must be text"),
    ('experiment = "small"\nset.epochs = true', "epochs must be a whole number, got True"),
    ('experiment = "small"\nset.epochs = 1979-05-27', "epochs must be a whole number, got datetime.date"),
    ('experiment = "small"\nset.image_size = 1025', "image_size must be 1024 pixels or less"),
    ('experiment = "small"\nset.noise_per_sample = "no"', "noise_per_sample must be true or false, got 'no'"),
    ('experiment = "small"\nset.shares = 20', 'shares must be text such as "20/20/60"'),
    ('experiment = "small"\nset.shares = {cleen = 1}', "or a table of clean, patch_only, both and redraw"),
    ('experiment = "small"\nset.shares = {clean = "1", patch_only = 0, both = 0}', "shares: clean must be a"),
    ('experiment = "small"\nset."schedule.anneal_epochs" = [[[2]]]', "must be a list of whole numbers"),
    ('experiment = "small"\nset.patch_std = 1' + 400 * "0", "patch_std must be below 2**63"),
    pytest.param('experiment = ' + 9999 * "[" + 9999 * "]", "too deep within each other", id="deep"),
    pytest.param('experiment = "small"\n' + "\n".join(f"grid.{field} = {list(range(1, 100))}" for field in (
        "patch_std", "patch_strength", "weight_decay")), "it says more than 100000 runs", id="too many"),
    ('experiment = "small"\n[[runs]]\nschedules = 3', "schedules must be a list"),
    ('experiment = "small"\ngrid.epochs = []', "epochs must be a list with at least one value"),
    ('experiment = "small"\nset.shares = "1/2"', "shares: '1/2' is neither"),
])
def test_a_mistake_is_named_with_its_file(sweep, text, words):
    with pytest.raises(UserError, match=r"^sweep: .*some\.toml") as caught:
        sweep(text)
    assert words in str(caught.value)


def test_a_mark_of_byte_order_is_read_over_and_other_encodings_are_named(tmp_path):
    file, text = tmp_path / "windows.toml", 'experiment = "small"\r\nschedules = ["small_lr"]\r\n'
    file.write_text(text, encoding="utf-8-sig")
    assert load_sweep(file) == [experiment("small").config("small_lr", 0)]
    for content in (text.encode("utf-16"), text.replace("small", "größe").encode("latin-1")):
        file.write_bytes(content)
        with pytest.raises(UserError, match=r"windows\.toml is not UTF-8 .*; save it as UTF-8"):
            load_sweep(file)


def test_a_missing_file():
    with pytest.raises(UserError, match="cannot be read"):
        load_sweep("none.toml")


def test_what_a_sweep_is_about_changes_no_run(sweep, tmp_path):
    text = 'experiment = "small"\n'
    assert sweep(text + '[about]\ntitle = "A title"') == sweep(text)
    assert about(tmp_path / "some.toml") == {}
    (tmp_path / "some.toml").write_text(text + '[about]\ntitle = "A title"')
    assert about(tmp_path / "some.toml") == {"title": "A title"}
    (tmp_path / "some.toml").write_text(text + "about = []")
    with pytest.raises(UserError, match=r"some\.toml: about must be a table"):
        about(tmp_path / "some.toml")


@pytest.mark.parametrize("file", sorted(SWEEPS.glob("*.toml")), ids=lambda file: file.stem)
def test_every_sweep_that_comes_with_the_book_can_be_read(file):
    runs = load_sweep(file)
    assert len({run.label for run in runs}) == len(runs) > 0
    assert f"sweep data/sweeps/{file.name}" in file.read_text()


@pytest.mark.parametrize("file", sorted(SWEEPS.glob("*.toml")), ids=lambda file: file.stem)
def test_every_sweep_of_the_book_says_what_it_is_about_without_measured_numbers(file):
    text = about(file)
    assert tuple(text) == ABOUT and all(text.values())
    assert text["question"].endswith("?")
    assert not re.search(r"\d+\.\d|%|±", text["found"])
