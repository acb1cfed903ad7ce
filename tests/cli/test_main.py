"""The commands, and every mistake a user can make: one line, status 2, nothing written."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from PIL import Image

from lrreg_utils.cli.main import build_parser, main, train_config
from lrreg_utils.experiments.schedule import Schedule
from lrreg_utils.images import cifar10
from lrreg_utils.results.history import load_history
from lrreg_utils.results.recording import load_histories

SMALL = ["--set=epochs=2", "--set=train_size=100", "--set=batch_size=20", "--set=image_size=8",
         "--set=patch_size=3"]
COMMANDS = ("demo", "train", "evaluate", "sweep", "show", "data")


def run(*arguments) -> int:
    return main([str(argument) for argument in arguments])


def files(folder) -> set:
    """Every file below a folder, outside the cache of downloads."""
    return {path for path in folder.rglob("*") if path.is_file() and "cache" not in path.parts}


@pytest.fixture
def fails(tmp_path, capsys, monkeypatch):
    """Runs a command that must fail with one line holding the words, and write nothing."""
    monkeypatch.chdir(tmp_path)

    def check(*arguments, words):
        before = files(tmp_path)
        assert run(*arguments) == 2
        captured = capsys.readouterr()
        (line,) = [line for line in captured.err.splitlines() if line and "%|" not in line]  # beside a bar
        assert line.startswith("error: ") and re.search(words, line), line
        assert files(tmp_path) == before

    return check


def test_demo_json_has_every_schedule_and_seed(capsys):
    assert run("demo", *SMALL, "--seeds", 2, "--json", "--workers", 1) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["data"] == "digits"
    assert result["seeds"] == [0, 1]
    assert set(result["schedules"]) == {"large_lr", "small_lr", "small_lr_noise", "large_lr_constant"}
    assert set(result["references"]) == {"inert patch", "image removed"}
    assert all(set(its) == {"large_lr", "small_lr"} for its in result["references"].values())
    for outcome in result["schedules"].values():
        for name in ("clean_test_accuracy", "patch_only_accuracy_before_anneal", "patch_only_accuracy"):
            assert len(outcome[name]) == 2
            assert all(0 <= value <= 100 for value in outcome[name])


def test_demo_prints_the_table_and_keeps_the_histories(capsys, tmp_path):
    arguments = ("demo", *SMALL, "--seeds", 1, "--workers", 1, "--out", tmp_path / "runs")
    assert run(*arguments) == 0
    printed = capsys.readouterr().out
    for words in ("clean test %", "with patch", "inert patch", "image removed", "gap by seed"):
        assert words in printed
    assert len(load_histories(tmp_path / "runs")) == 8
    assert run(*arguments) == 0
    assert capsys.readouterr().out == printed


def test_train_evaluate_and_show(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("train", *SMALL, "--schedule", "small_lr_noise", "--set=schedule.initial_lr=0.05",
               "--set=schedule.noise=0.2", "--set=schedule.noise_until=2", "--set=shares=talk",
               "--checkpoint") == 0
    printed = capsys.readouterr().out
    assert printed.count("epoch") == 2
    (file,) = (tmp_path / "runs").glob("*.json")
    history = load_history(file)
    assert history.config.schedule.initial_lr == 0.05
    assert history.config.shares.patch_only == 0.2
    assert history.columns["noise_std"] == pytest.approx([0.2, 2e-6])

    assert run("evaluate", file.with_suffix(".pt")) == 0
    measured = dict(line.split() for line in capsys.readouterr().out.splitlines())
    assert {name: float(value) for name, value in measured.items()} == {
        name: round(history.at(name, -1), 4) for name in measured
    }
    assert run("show", file, "--out", "one.svg") == 0
    assert (tmp_path / "one.svg").read_text().startswith("<?xml")


def test_train_overwrites_no_history_of_other_images(fails, make_folder, tmp_path):
    one, other = (make_folder(f"{name}/pets", train=count) for name, count in (("a", 10), ("b", 11)))
    arguments = ("--set=epochs=1", "--set=batch_size=8", "--out", tmp_path / "runs")
    assert run("train", *arguments, "--data", f"folder:{one}") == 0
    (file,) = (tmp_path / "runs").glob("*.json")
    before = file.read_text()
    fails("train", *arguments, "--data", f"folder:{other}", words="was made from other images")
    assert file.read_text() == before
    (tmp_path / "runs" / f".{file.stem}.pt.x1y2").write_text("left by a process that was killed")
    assert run("train", *arguments, "--data", f"folder:{one}") == 0
    assert sorted(path.name for path in (tmp_path / "runs").glob("*.*")) == [".locks", file.name]


def test_settings_change_the_schedule(tmp_path):
    assert run("train", *SMALL, "--set=schedule.anneal_epochs=[2]", "--set=schedule.anneal_factor=0.5",
               "--set=schedule.initial_lr=0.02", "--out", tmp_path) == 0
    (file,) = tmp_path.glob("*.json")
    assert load_history(file).columns["lr"] == pytest.approx([0.02, 0.01])


def test_each_field_but_data_is_a_flag_too():
    values = {"compile": "true", "epochs": "3", "shares": "20/20/60", "schedule.noise": "0.5",
              "schedule.anneal_epochs": "[2, 3]", "schedule.noise_kind": "label"}
    named = [word for name, value in values.items() for word in ("--set", f"{name}={value}")]
    flags = ["--epochs", "9", "--compile", "--epochs", "3", "--shares=20/20/60", "--noise", "0.5",
             "--anneal-epochs", "[2, 3]", "--noise-kind", "label"]
    parsed = (build_parser().parse_args(["train", *words]) for words in (named, flags))
    of_set, of_flags = map(train_config, parsed)
    assert of_flags == of_set and of_flags.epochs == 3


def test_data_says_what_there_is(capsys, make_folder):
    assert run("data", f"folder:{make_folder()}") == 0
    printed = capsys.readouterr().out
    assert "20 train, 10 test, 3x32x32" in printed
    assert "cat, dog" in printed


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_every_flag_with_its_meaning(command, capsys):
    assert run(command, "--help") == 0
    text = capsys.readouterr().out
    for flag in re.findall(r"\[(--[a-z-]+)", text):
        assert len(re.findall(rf"{flag}\b", text)) >= 2
    assert "None" not in text


def test_no_traceback_from_the_shell():
    done = subprocess.run([sys.executable, "-m", "lrreg_utils", "demo", "--data", "folder:/nowhere"],
                          capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: data: the folder /nowhere does not exist\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--data", "imagenet"], "'imagenet' is unknown; choose digits, cifar10 or folder:PATH"),
        (["--data", "folder:"], "folder: needs a path"),
        (["--data", "cifar10"], "fetch it with: python -m lrreg_utils data cifar10"),
        (["--schedule", "huge_lr"], "'huge_lr' is unknown; choose one of large_lr"),
        (["--experiment", "other"], "'other' is unknown; choose one of paper"),
        (["--set=model=resnet50"], "'resnet50' is unknown; choose hidden-K"),
        (["--device", "tpu"], "'tpu' is unknown; choose auto, cpu or cuda"),
        (["--set=patch_size=17"], r"patch_size 17 is larger than the image \(16 pixels\)"),
        (["--set=shares=20/20/70"], "do not add up to 100"),
        (["--set=shares=most"], "neither one of talk, code"),
        (["--set=schedule.initial_lr=-0.1"], "initial_lr must be above 0 and finite, got -0.1"),
        (["--set=schedule.initial_lr=0"], "initial_lr must be above 0 and finite, got 0"),
        (["--set=schedule.initial_lr=nan"], "initial_lr must be above 0 and finite, got nan"),
        (["--set=schedule.initial_lr=fast"], "initial_lr must be a number, got 'fast'"),
        (["--set=schedule.anneal_factor=0"], "anneal_factor must be above 0"),
        (["--set=schedule.anneal_epochs=[0]"], "anneal epoch must be 2 or later"),
        (["--set=schedule.noise=-1"], "noise must be 0 or more"),
        (["--set=epochs=0"], "epochs must be a whole number above 0"),
        (["--set=epochs=-3"], "epochs must be a whole number above 0"),
        (["--set=epochs=1.5"], "epochs must be a whole number, got 1.5"),
        (["--set=batch_size=0"], "batch_size must be a whole number above 0"),
        (["--set=batch_size=5000"], r"batch_size 5000 is larger than the training set \(640 images\)"),
        (["--set=train_size=-1"], "train_size must be"),
        (["--set=weight_decay=-1"], "weight_decay must be 0 or more"),
        (["--set=momentum=1"], "momentum must be above 0 and below 1"),
        (["--seed", "-1"], "seed must be a whole number, 0 or more"),
        (["--seed", str(2**63)], r"--seed: must be below 2\*\*63"),
        (["--data", ""], "data: '' is unknown; choose digits"),
        (["--set=image_size=1025"], "image_size must be 1024 pixels or less"),
        (["--set=schedule.noise_until=1"], "noise_until must be 2 or later, got 1"),
        (["--epoch", "3"], "unrecognized arguments: --epoch 3"),
    ],
)
def test_wrong_settings(fails, arguments, words):
    fails("train", *arguments, words=words)


def test_demo_refuses_the_same(fails):
    fails("demo", "--seeds", "0", words="must be 1 or more")
    fails("demo", "--workers", "0", words="must be 1 or more")
    fails("demo", "--first-seed", "-1", words="seed must be")
    fails("demo", "--set=epochs=0", words="epochs must be")
    fails("demo", "--data", "folder:none", words="does not exist")
    fails("demo", "--data", "", words="data: '' is unknown")
    fails("demo", "--seed", "7", words="unrecognized arguments: --seed 7")
    fails("demo", "--seeds", "10001", words="must be 10000 or less")
    fails("theory", "--seed", "7", words="unrecognized arguments")
    fails("toy", "--seed", "7", words="unrecognized arguments")
    fails("data", "digits", "--image-size", "1025", words="must be 1024 or less")
    fails("sweep", "none.toml", "--option", "a=1", words="give --cluster too, or leave it out")


def test_no_command_and_unknown_command(fails):
    fails(words="required")
    fails("fly", words="invalid choice")


def test_no_gpu(fails, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    fails("train", "--device", "cuda", words="no GPU is available")
    fails("demo", "--device", "cuda", words="no GPU is available")


def test_output_that_cannot_be_written(fails, tmp_path):
    (tmp_path / "file").write_text("")
    fails("train", *SMALL, "--out", tmp_path / "file" / "runs", words="output: .* cannot be written")
    fails("demo", *SMALL, "--out", tmp_path / "file" / "runs", words="output: .* cannot be written")
    fails("show", "digits-talk", "--out", tmp_path / "none" / "x.png", words="output: .* cannot be written")
    fails("show", "digits-talk", "--out", tmp_path / "x.docx", words="output: .*x.docx needs an ending")
    fails("show", "digits-talk", "--out", tmp_path / "plain", words="output: .*plain needs an ending")


def test_a_picture_is_lost_only_to_a_whole_new_one(fails, tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    (tmp_path / "keep.png").write_text("old")
    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        fails("show", "digits-talk", "--out", "keep.png", words="keep.png cannot be written .No space left")
    assert (tmp_path / "keep.png").read_text() == "old"
    monkeypatch.setenv("PATH", "")
    fails("show", "digits-talk", "--out", "x.pgf", words="x.pgf cannot be drawn .*choose .png")


def test_a_folder_without_an_anneal_is_not_compared(fails, make_history, tmp_path):
    for seed in (0, 1):
        make_history(Schedule("large_lr", 0.1), seed).save(tmp_path / f"{seed}.json")
    fails("show", tmp_path, words=f"show: {tmp_path}: compare: large_lr never anneals")


def break_folder(folder, how):
    """Make one mistake in a sound folder of 32x32 pictures."""
    picture = folder / "train" / "cat" / "0.png"
    if how == "empty":
        for file in folder.rglob("*.png"):
            file.unlink()
    elif how == "no classes":
        for file in sorted(folder.rglob("*"), reverse=True):
            file.unlink() if file.is_file() else file.rmdir()
        (folder / "train").mkdir()
        (folder / "test").mkdir()
    elif how == "no test":
        (folder / "test").rename(folder / "other")
    elif how == "other classes":
        (folder / "test" / "dog").rename(folder / "test" / "wolf")
    elif how == "unreadable":
        picture.write_text("not a picture")
    elif how == "truncated":
        picture.write_bytes(picture.read_bytes()[:500])
    elif how == "truncated jpeg":
        Image.open(picture).save(picture.with_suffix(".jpg"))
        picture.with_suffix(".jpg").write_bytes(picture.with_suffix(".jpg").read_bytes()[:600])
    elif how == "no bytes":
        picture.write_bytes(b"")
    elif how == "too small":
        Image.new("RGB", (32, 31)).save(picture)
    elif how == "grayscale":
        Image.open(picture).convert("L").save(picture)
    elif how == "transparent":
        Image.open(picture).convert("RGBA").save(picture)
    else:
        picture.unlink()
        {"link above": lambda: (picture.parent / "up").symlink_to(folder / "train"),
         "link to nothing": lambda: picture.symlink_to("none.png"),
         "link to itself": lambda: picture.symlink_to(picture),
         "pipe": lambda: os.mkfifo(picture)}[how]()


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("empty", "no picture in cat, dog"),
        ("no classes", "holds no class folder"),
        ("no test", "has no test/ folder"),
        ("other classes", "only one of them has dog, wolf"),
        ("unreadable", r"cat/0.png is not a readable image"),
        ("truncated", r"cat/0.png is not a readable image"),
        ("truncated jpeg", r"cat/0.jpg is not a readable image"),
        ("no bytes", r"cat/0.png is not a readable image"),
        ("too small", r"cat/0.png is 32x31; every image must be at least 32x32"),
        ("grayscale", r"cat/0.png is grayscale; every image must be RGB"),
        ("transparent", r"cat/0.png is of mode RGBA; every image must be RGB"),
        ("link above", r"cat/up is a link to a folder above it; remove the link"),
        ("link to nothing", r"cat/0.png is a link to nothing; remove it or put the picture there"),
        ("link to itself", r"cat/0.png is a link to nothing"),
        ("pipe", r"cat/0.png is not an ordinary file; remove it"),
    ],
)
def test_broken_folders(fails, make_folder, how, words):
    folder = make_folder()
    break_folder(folder, how)
    fails("demo", "--data", f"folder:{folder}", "--set=epochs=1", "--set=batch_size=10", words=words)
    fails("data", f"folder:{folder}", words=words)


def test_what_is_no_folder(fails, make_folder, monkeypatch):
    folder = make_folder()
    fails("data", f"folder:{folder}/train/cat/0.png", words="cat/0.png is a file, not a folder")
    fails("data", f"folder:{300 * 'a'}", words="cannot be read .File name too long")
    fails("data", "folder:~nobody-here/x", words="there is no such home folder")
    fails("show", 300 * "a", words="no recording 'a")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    fails("data", f"folder:{folder}", words="pictures cannot be read .Permission denied")


def test_a_class_folder_that_cannot_be_read(fails, make_folder, monkeypatch):
    folder, original = make_folder(), os.listdir

    def closed(path):
        if os.fspath(path).endswith("dog"):
            raise PermissionError(13, "Permission denied", path)
        return original(path)

    monkeypatch.setattr(os, "listdir", closed)
    fails("data", f"folder:{folder}", words="train/dog cannot be read .Permission denied")


def test_names_that_are_not_text(capsys, make_folder, tmp_path):
    folder = make_folder()
    os.rename(folder / "train" / "cat" / "0.png", os.fsencode(folder / "train" / "cat") + b"/\xff.png")
    os.rename(folder, os.fsencode(tmp_path) + b"/\xff")
    assert run("data", "folder:" + os.fsdecode(os.fsencode(tmp_path) + b"/\xff")) == 0


def test_one_class_and_more_classes_than_needed(fails, make_folder):
    fails("data", f"folder:{make_folder('one', classes=('cat',))}", words="at least two are needed")


def test_corrupt_download(fails, tmp_path, monkeypatch, serve):
    (tmp_path / "served.tar.gz").write_bytes(b"not the archive")
    here = replace(cifar10.ARCHIVE, sources=(f"{serve(tmp_path)}/served.tar.gz",))
    monkeypatch.setattr(cifar10, "ARCHIVE", here)
    fails("data", "cifar10", words="CIFAR-10 could not be fetched")
    (tmp_path / "cache" / "cifar-10-batches-py").mkdir(parents=True)
    (tmp_path / "cache" / "cifar-10-batches-py" / "data_batch_1").write_bytes(b"wrong")
    fails("demo", "--data", "cifar10", words="no intact CIFAR-10")


def test_no_network(fails, monkeypatch):
    monkeypatch.setattr(cifar10, "ARCHIVE", replace(cifar10.ARCHIVE, sources=("http://127.0.0.1:9/",)))
    fails("data", "cifar10", words="CIFAR-10 could not be fetched")


def test_files_that_cannot_be_shown_or_evaluated(fails, tmp_path):
    (tmp_path / "cut.json").write_text('{"format": "lrreg-hist')
    (tmp_path / "other.json").write_text("{}")
    (tmp_path / "cut.pt").write_bytes(b"PK")
    fails("show", tmp_path / "cut.json", words="cut off")
    fails("show", tmp_path / "other.json", words="not a history")
    fails("show", tmp_path / "none.json", words="cannot be read")
    fails("show", tmp_path / "cache", words="cannot be read|no recording|there is no history")
    fails("show", "none", words="no recording 'none'")
    fails("sweep", "none.toml", words="cannot be read")
    fails("sweep", "none.toml", "--minutes", "0", words="must be above 0")
    fails("evaluate", tmp_path / "cut.pt", words="damaged, or not a checkpoint")
    fails("evaluate", tmp_path / "none.pt", words="cannot be read")
