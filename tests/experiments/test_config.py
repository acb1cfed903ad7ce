import json
import math
from dataclasses import FrozenInstanceError, asdict, fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrreg_utils import SHARES, Config, Schedule, Shares
from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import parse_shares

LARGE = Schedule("large_lr", 0.1, (30,), 0.04)
CHANGES = {
    "schedule": Schedule("small_lr", 0.004), "seed": 1, "data": "digits", "image_size": 16,
    "train_size": 100, "pixel_noise": 1.0, "model": "small", "epochs": 61, "batch_size": 64,
    "momentum": 0.8, "weight_decay": 0.0, "patch_size": 5, "patch_std": 1.0, "patch_strength": 0.2,
    "patch_only_scale": 1.5, "shares": SHARES["talk"], "noise_per_sample": True, "precision": "bfloat16",
    "compile": True, "passes": 2, "initialization": "torch", "patch_place": "corner",
    "norm": "none", "initial_scale": 2.0, "reset_lengths": True,
}
SCHEDULE_CHANGES = {
    "name": "other", "initial_lr": 0.2, "anneal_epochs": (29,), "anneal_factor": 0.05, "noise": 0.4,
    "noise_until": 30, "noise_factor": 1e-4, "noise_kind": "gradient",
}
POSITIVE = st.floats(1e-4, 10)
CONFIGS = st.builds(
    Config,
    schedule=st.builds(
        Schedule, name=st.from_regex(r"[A-Za-z0-9_.-]{1,8}", fullmatch=True), initial_lr=POSITIVE,
        anneal_factor=POSITIVE,
        anneal_epochs=st.sets(st.integers(2, 99), max_size=3).map(lambda found: tuple(sorted(found))),
        noise=POSITIVE, noise_until=st.none() | st.integers(2, 99),
        noise_kind=st.sampled_from(["activation", "gradient", "batch"]),
    ),
    passes=st.integers(1, 3),
    seed=st.integers(0, 10**6), data=st.sampled_from(["digits", "cifar10", "folder:pictures"]),
    image_size=st.integers(8, 40), patch_size=st.integers(1, 8), epochs=st.integers(1, 200),
    train_size=st.none() | st.integers(1, 10**5), pixel_noise=POSITIVE, weight_decay=POSITIVE,
    shares=st.sampled_from([*SHARES.values(), Shares(0.5, 0.5, 0)]), noise_per_sample=st.booleans(),
    precision=st.sampled_from(["float32", "bfloat16", "float16"]), compile=st.booleans(),
    norm=st.just("batch"), initial_scale=POSITIVE, reset_lengths=st.booleans(),
    initialization=st.sampled_from(["he", "torch"]), patch_place=st.sampled_from(["center", "corner"]),
)


def test_the_defaults_are_the_patch_experiment_of_the_paper():
    assert asdict(Config(LARGE)) | {"schedule": None} == {
        "schedule": None, "seed": 0, "data": "cifar10", "image_size": 32, "train_size": None,
        "pixel_noise": 0.0, "model": "wrn16-10", "epochs": 60, "batch_size": 128, "momentum": 0.9,
        "weight_decay": 5e-4, "patch_size": 7, "patch_std": 1.25, "patch_strength": 0.1,
        "patch_only_scale": 1.75,
        "shares": {"clean": 0.2, "patch_only": 0.16, "both": 0.64, "redraw": True},
        "noise_per_sample": False, "precision": "float32", "compile": False, "passes": 1,
        "initialization": "he", "patch_place": "center",
        "norm": "batch", "initial_scale": 1.0, "reset_lengths": False,
    }


def test_the_shares_of_the_talk_and_of_the_code():
    assert {
        "talk": Shares(0.20, 0.20, 0.60, redraw=False), "code": Shares(0.20, 0.16, 0.64, redraw=True),
    } == SHARES


@given(CONFIGS)
def test_a_config_survives_json_with_its_id(config):
    back = Config.from_dict(json.loads(json.dumps(config.as_dict())))
    assert back == config
    assert back.id == config.id


@given(CONFIGS, CONFIGS)
def test_two_configs_share_an_id_only_if_they_are_equal(one, other):
    assert (one.id == other.id) == (one == other)


def test_every_field_is_changed_below():
    assert set(CHANGES) == {field.name for field in fields(Config)}
    assert set(SCHEDULE_CHANGES) == {field.name for field in fields(Schedule)}


def test_each_changed_field_gives_another_id():
    configs = [Config(LARGE)]
    configs += [replace(configs[0], **{field: value}) for field, value in CHANGES.items()]
    schedules = [replace(LARGE, **{field: value}) for field, value in SCHEDULE_CHANGES.items()]
    configs += [Config(schedule) for schedule in schedules]
    configs += [Config(LARGE, shares=Shares(0.2, 0.16, 0.64)), Config(LARGE, shares=Shares(0.2, 0.8, 0))]
    assert len({config.id for config in configs}) == len(configs)


def test_the_id_is_the_same_in_every_process(run_python):
    code = "from lrreg_utils import Config, Schedule; print(Config(Schedule('large_lr', .1, (30,), .04)).id)"
    ids = {run_python(code, PYTHONHASHSEED=seed).strip() for seed in "12"}
    assert ids == {Config(LARGE).id}
    assert len(Config(LARGE).id) == 12
    int(Config(LARGE).id, 16)


def test_the_label_is_readable_and_a_file_name():
    config = Config(LARGE, seed=3)
    assert config.label == f"large_lr-seed3-{config.id}"


def test_the_path_of_a_folder_is_neither_stored_nor_part_of_the_id():
    here, there = (Config(LARGE, data=f"folder:{path}") for path in ("/home/me/ants", "ants"))
    assert here.data_name == here.as_dict()["data"] == "folder:ants"
    assert here.id == there.id != Config(LARGE, data="folder:/home/me/bees").id


def test_the_folder_that_one_is_in_has_its_name(tmp_path, monkeypatch):
    (tmp_path / "ants").mkdir()
    monkeypatch.chdir(tmp_path / "ants")
    here = Config(LARGE, data="folder:.")
    assert here.data_name == "folder:ants"
    assert Config.from_dict(here.as_dict()).id == here.id
    assert Config.from_dict(Config(LARGE, data="folder:/").as_dict())
    assert Config(LARGE, data="folder:../ants/").data_name == "folder:ants"


@pytest.mark.parametrize("model", ["", "resnet50", "wrn16-0", "wrn16-100", "wrn16-4\n", "hidden-0",
                                   "hidden-16384"])
def test_an_unknown_model_is_refused(model):
    with pytest.raises(UserError, match=r"^model: .* is unknown; choose hidden-K .*, small or wrn16-K"):
        Config(LARGE, model=model)


def test_a_config_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Config(LARGE).seed = 1


@pytest.mark.parametrize(("field", "value"), [
    ("image_size", 0), ("epochs", 0), ("epochs", -1), ("epochs", 1.5), ("epochs", "3"),
    ("batch_size", 0), ("batch_size", -128), ("patch_size", 0), ("seed", -1), ("seed", 0.5),
    ("train_size", 0), ("train_size", -5), ("momentum", 0), ("momentum", 1), ("momentum", math.nan),
    ("patch_std", -1), ("patch_strength", math.nan), ("patch_only_scale", -1), ("pixel_noise", math.inf),
    ("weight_decay", -1e-4), ("weight_decay", math.nan),
    ("initialization", "xavier"), ("initialization", None), ("patch_place", "edge"), ("precision", "tf32"),
    ("image_size", 1025), ("epochs", True), ("seed", 2**63), ("train_size", 10**400),
    ("pixel_noise", 10**400),
    ("model", 3), ("shares", "talk"), ("data", None), ("noise_per_sample", 1),
    ("patch_std", "a"), ("precision", []),
])
def test_a_value_outside_its_range_is_named(field, value):
    with pytest.raises(UserError, match=rf"^{field} must be .*, got "):
        Config(LARGE, **{field: value})


def test_a_schedule_by_name_is_none():
    with pytest.raises(UserError, match="schedule must be a Schedule, got 'large_lr'"):
        Config("large_lr")


def test_the_patch_may_fill_the_image_but_not_more():
    assert Config(LARGE, image_size=7).patch_size == 7
    with pytest.raises(UserError, match="patch_size 7 is larger than the image"):
        Config(LARGE, image_size=6)


@pytest.mark.parametrize("data", ["", "mnist", "Digits", "folder", "folder:"])
def test_an_unknown_data_source_is_refused(data):
    with pytest.raises(UserError, match=r"^data: "):
        Config(LARGE, data=data)


@given(st.integers(0, 100), st.integers(0, 100))
def test_shares_in_percent_are_read(clean, patch_only):
    text = f"{clean}/{patch_only}/{100 - clean - patch_only}"
    if clean + patch_only > 100:
        with pytest.raises(UserError):
            parse_shares(text)
    else:
        read = parse_shares(text)
        assert (read.clean, read.patch_only, read.redraw) == (clean / 100, patch_only / 100, False)
        assert read.clean + read.patch_only + read.both == pytest.approx(1)


@pytest.mark.parametrize("name", ["talk", "code"])
def test_shares_are_read_by_name(name):
    assert parse_shares(name) == SHARES[name]


@pytest.mark.parametrize("text", ["20/20/50", "-20/60/60", "nan/0/100", "150/-50/0", "inf/0/0"])
def test_shares_that_do_not_add_up_are_refused(text):
    with pytest.raises(UserError, match=r"do not add up to 100"):
        parse_shares(text)


@pytest.mark.parametrize("text", ["", "all", "20/80", "20/20/20/40", "a/b/c", "Talk"])
def test_shares_that_are_no_shares_are_refused(text):
    with pytest.raises(UserError, match="neither one of talk, code nor"):
        parse_shares(text)


@pytest.mark.parametrize("damage", [
    lambda values: values.pop("schedule"),
    lambda values: values.pop("shares"),
    lambda values: values.update(unknown=1),
    lambda values: values.update(schedule=None),
    lambda values: values["schedule"].pop("initial_lr"),
    lambda values: values["schedule"].update(anneal_epochs=3),
    lambda values: values["shares"].update(clean="some"),
    lambda values: values.update(epochs=0),
    lambda values: values.update(data=5),
])
def test_a_damaged_dictionary_is_a_user_error(damage):
    values = json.loads(json.dumps(Config(LARGE).as_dict()))
    damage(values)
    with pytest.raises(UserError):
        Config.from_dict(values)


@pytest.mark.parametrize("name", ["initialization", "passes", "train_size", "schedule.noise_kind"])
def test_no_field_is_taken_from_todays_defaults(name):
    values = Config(LARGE).as_dict()
    *outer, last = name.split(".")
    del (values[outer[0]] if outer else values)[last]
    with pytest.raises(UserError, match=rf"config: a field is missing.*{last}"):
        Config.from_dict(values)


@pytest.mark.parametrize(("schedule", "epochs", "sizes"), [
    (LARGE, 60, {128}),
    (Schedule("batch", 0.1, noise=2.0, noise_until=9, noise_kind="batch"), 60, {64, 128}),
    (Schedule("batch", 0.1, noise=2.0, noise_until=9, noise_kind="batch"), 8, {64}),
    (Schedule("batch", 0.1, noise=1000.0, noise_kind="batch"), 60, {2}),
    (Schedule("noise", 0.1, noise=2.0, noise_until=9), 60, {128}),
])
def test_the_batch_sizes_in_use(schedule, epochs, sizes):
    assert Config(schedule, epochs=epochs).batch_sizes() == sizes
    assert Config(schedule, epochs=epochs, batch_size=1).batch_sizes() == {1}
