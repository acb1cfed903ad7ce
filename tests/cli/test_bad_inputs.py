"""Bad input at every flag, place and file: status 2, one line that names it, and nothing written.

Commands and flags are taken from the parser, so that a new one is tried as well. What is bad is decided by
rules of this file, and its neighbours that are sound must be accepted.
"""

import argparse
import contextlib
import io
import json
import os
import pickle
import subprocess
import sys
import zipfile
from dataclasses import fields
from decimal import Decimal, InvalidOperation
from pathlib import Path
from string import ascii_letters
from zlib import crc32

import pytest
import torch
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from lrreg_utils.cli.flags import field_flag
from lrreg_utils.cli.main import build_parser, main
from lrreg_utils.experiments.config import Config, Shares
from lrreg_utils.experiments.schedule import Schedule

SMALL = ["--set=epochs=1", "--set=train_size=100", "--set=batch_size=20", "--set=image_size=8",
         "--set=patch_size=3"]
SWEEP = 'seeds = [0]\nset.epochs = 1 # ä\nschedules = ["small_lr"]\nexperiment = "digits"'
(COMMANDS,) = (action.choices for action in build_parser()._actions
               if isinstance(action, argparse._SubParsersAction))
SOUND_PLACE = {"evaluate": "sound.pt", "sweep": "sound.toml", "show": "sound.json", "data": "digits",
               "study": "curvature"}
# How a line may name a flag or a place, other than by its name
ALSO = {"first_seed": "seed", "source": "history|recorded|data", "files": "sweep", "name": "study",
        "out": "output"}
# Words that some flag takes
WORDS = {"digits", "cifar10", "small", "large_lr", "small_lr", "auto", "cpu", "cuda", "talk", "code", "all"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The current folder: a file, a folder with a picture's name, and one sound input of each kind."""
    folder = tmp_path_factory.mktemp("bad")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("LRREG_CACHE", str(folder / "cache"))
        (folder / "a-file").write_text("text")
        (folder / "folder.png").mkdir()
        (folder / "sound.toml").write_text(SWEEP, encoding="utf-8")
        assert told("train", *SMALL, "--out", "runs", "--checkpoint") == (0, [])
        for file in (folder / "runs").glob("*-seed0-*"):
            (folder / f"sound{file.suffix}").write_bytes(file.read_bytes())
        yield folder


def told(*arguments) -> tuple[int, list[str]]:
    """The exit status of a command, and its lines on standard error."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as errors:
        status = main([str(argument) for argument in arguments])
    return status, errors.getvalue().splitlines()


def refused(folder: Path, *arguments) -> str:
    """The one line of a command that must fail."""
    before = tree(folder)
    status, lines = told(*arguments)
    assert status == 2 and len(lines) == 1 and lines[0].startswith("error: "), (status, lines)
    assert tree(folder) == before
    return lines[0]


def tree(folder: Path) -> dict:
    return {path: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")
            if ".locks" not in path.parts}


ANYTHING = st.text(st.characters(), max_size=20) | st.sampled_from([
    "", " ", "\t", "\n", "a\nb", "\0", "\x1b[2J", "\udcff", "\u202e", "é", "²", "½", "None", "true", "[]",
    "%s", "%(prog)s", "$HOME", "~", "*", "..", "=", "=1", "1=2=3", 5000 * "x", 300 * "é",
])
NUMBERS = ANYTHING | st.sampled_from([
    "-1", "-0.5", "nan", "-nan", "inf", "-inf", "Infinity", "1e400", "-1e400", "1.5.2", "1,5", "1 000",
    "0x10", "1e", "1__0", "1²", "٫٥", "--1", "1/2", "-" + 5000 * "9",
])
WHOLES = NUMBERS | st.sampled_from(["1.5", "1.", "0.1", "1e2", str(2**63), "-1e19", 5000 * "9"])
TEXTS = ANYTHING | st.sampled_from([
    "Digits", "digits ", "folder:", "folder:none", "folder:a-file", "folder:/dev/null", "folder:a\0b",
    "folder:" + 300 * "a", "folder:~no-such-user/x", "folder:folder.png", "http://localhost/x", "wrn16-0",
    "wrn16-100", "wrn16-١", "20/20", "20/20/60/0", "nan/0/100", "-10/50/60", "1e400/0/0", "//", "cuda:99",
])
PLACES = st.sampled_from([
    "", "a\0b", "a\0b.json", 300 * "a", 300 * "a" + ".png", 5000 * "a/", "a-file", "a-file/below",
    "a-file/below.png", "/dev/null/x.png", "/dev/full/x.png", "/proc/none/x.png", "folder.png/../a-file/x",
])
UNREADABLE = PLACES | st.sampled_from(
    ["none", "none.json", "\udcff", "/dev/null", "/proc/self/mem", "/dev/fd/999", "folder.png"])


def may_be_sound(text: str, kind: type) -> bool:
    """Whether some flag of the kind takes it: a known word, NAME=VALUE, or a number from 0 below 2**63."""
    if kind is str:
        return text in WORDS or "=" in text[1:]
    try:
        value = Decimal(text)
    except InvalidOperation:
        return False
    if kind is float:
        return value.is_finite() and 0 <= value < Decimal("1.79e308")
    return value.is_finite() and 0 <= value < 2**63 and not set(text) & set(".eE")


def bad_values(action: argparse.Action) -> st.SearchStrategy[list[str]]:
    """Arguments that give one flag, or one place, what no flag of its kind takes."""
    flag = (action.option_strings or [""])[-1]
    if action.nargs == 0:
        return ANYTHING.map(lambda text: [f"{flag}={text}"])
    kind = type((action.type or str)("1"))
    if issubclass(kind, Path):
        values = PLACES if flag else UNREADABLE
    else:
        values = {int: WHOLES, float: NUMBERS, str: TEXTS}[kind]
        values = values.filter(lambda text: not may_be_sound(text, kind))
    if not flag:
        return values.filter(lambda text: not text.startswith("-")).map(lambda text: [text])
    dashed = st.sampled_from(["-x", "--", "--epochs", "-é"]).map(lambda text: [flag, text])
    return values.map(lambda text: [f"{flag}={text}"]) | dashed


def named(line: str, action: argparse.Action) -> bool:
    """Whether a line names the flag or the place, with or without ``-`` and ``_``."""
    letters = "".join(letter for letter in line if letter in ascii_letters)
    also = ALSO.get(action.dest, action.dest).split("|")
    return any(word in letters for word in [action.dest.replace("_", ""), action.metavar or "FILE", *also])


def test_every_flag_and_place(folder):
    tried = [arguments for command, parser in COMMANDS.items() for action in parser._actions
             if not (action.dest == "help" or says_set(action))
             for arguments in try_one(folder, command, action)]
    assert len(tried) >= 300


def says_set(action: argparse.Action) -> bool:
    """Whether a flag is one of a field: see `test_every_setting`."""
    return action.dest == "set" and action.option_strings != ["--set"]


def try_one(folder: Path, command: str, action: argparse.Action) -> set:
    tried, others = set(), []
    for other in COMMANDS[command]._actions:
        if not other.option_strings and other is not action:
            others.append(SOUND_PLACE.get(command, "x"))
    if action.dest == "option":
        others += ["--cluster", "local"]

    @seed(crc32(f"{command} {action.dest}".encode()))  # other values for each flag, the same at every run
    @settings(max_examples=8)
    @given(bad_values(action))
    def check(arguments):
        line = refused(folder, command, *others, *arguments)
        assert named(line, action), line
        tried.add((command, *arguments))

    check()
    return tried


def spoiled(sound: bytes) -> st.SearchStrategy[bytes]:
    """Text that is cut off, in another encoding, with bytes that are no text, or nested without end."""
    text, at = sound.decode(), st.integers(0, len(sound.rstrip()) - 1)
    return st.one_of(
        at.map(lambda end: sound[:end]),
        st.tuples(at, st.sampled_from([b"\xe4", b"\0", b"\x1b", b"\xff\xfe"])).map(
            lambda both: sound[:both[0]] + both[1] + sound[both[0]:]),
        st.sampled_from(["utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp500"]).map(text.encode),
        st.sampled_from([10**5 * b"[", 10**5 * b'{"a":', b"a = " + 10**5 * b"[", b"", b"\xef\xbb\xbf"]),
        st.binary(max_size=50),
    )


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def places(content, *path) -> list[tuple]:
    """The way to every part of nested lists and dicts."""
    inner = content.items() if isinstance(content, dict) else enumerate(content)
    found = [((*path, key), value) for key, value in inner]
    nested = [(way, value) for way, value in found if isinstance(value, dict | list)]
    return [way for way, _ in found] + [place for way, value in nested for place in places(value, *way)]


def part(content, way):
    for step in way:
        content = content[step]
    return content


def kind(value) -> str:
    return {bool: "truth", int: "number", float: "number"}.get(type(value), type(value).__name__)


def exchange(sound, way: tuple, value):
    """A copy of nested content with another part; ``...`` leaves it out."""
    content = pickle.loads(pickle.dumps(sound))
    if value is ...:
        del part(content, way[:-1])[way[-1]]
    else:
        part(content, way[:-1])[way[-1]] = value
    return content


def exchanged(sound, values: st.SearchStrategy, ways: list[tuple]) -> st.SearchStrategy:
    """Nested content of which one part is of another kind, or a tensor of another shape."""
    def at(way):
        was = part(sound, way)
        other = values.filter(lambda value: kind(value) != kind(was) or isinstance(was, torch.Tensor))
        return other.map(lambda value: exchange(sound, way, value))

    return st.sampled_from(ways).flatmap(at)


def test_histories(folder):
    sound = (folder / "sound.json").read_bytes()
    content, tried = json.loads(sound), set()
    ways = [way for way in places(content) if way[0] != "provenance" or way[1:] in ((), ("data",))]
    needed = [(name,) for name in content] + [("provenance", "data"), ("config", "schedule", "name")]
    numbers = [way for way in ways if kind(part(content, way)) == "number"]
    literals = ["NaN", "-Infinity", "1e400", 5000 * "9", "1_0", "0x1", "01", "null,"]

    def written(way, literal: str) -> bytes:
        return json.dumps(exchange(content, way, "@")).replace('"@"', literal).encode()

    def shorter(name: str) -> bytes:
        return json.dumps(content | {"columns": content["columns"] | {name: []}}).encode()

    changed = exchanged(content, VALUES.filter(lambda value: value is not None), ways)
    bad = st.one_of(
        spoiled(sound), changed.map(json.dumps).map(str.encode), VALUES.map(json.dumps).map(str.encode),
        exchanged(content, st.just(...), needed).map(json.dumps).map(str.encode),
        st.builds(written, st.sampled_from(numbers), st.sampled_from(literals)),
        st.sampled_from(sorted(content["columns"])).map(shorter),
        st.sampled_from([sound + sound, sound.replace(b'"version"', b'"version": 1, "version"'),
                         sound.replace(content["id"].encode(), b"0123456789ab")]),
    )

    @settings(max_examples=80)
    @given(bad)
    def check(text):
        (folder / "bad.json").write_bytes(text)
        assert "bad.json" in refused(folder, "show", "bad.json", "--out", "x.png")
        tried.add(text)
        if len(tried) % 8 == 0:  # and where a command would go on from it
            (run,) = (folder / "runs").glob("*.json")
            run.write_bytes(text)
            assert run.name in refused(folder, "train", *SMALL, "--out", "runs")
            run.write_bytes(sound)

    check()
    assert len(tried) >= 60


def test_recordings(folder):
    two = SWEEP.replace("[0]", "[0, 1]") + "\nset.train_size = 100"
    (folder / "two.toml").write_text(two, encoding="utf-8")
    assert told("sweep", "two.toml", "--out", "sound.jsonl", "--workers", "1") == (0, [])
    sound, tried = (folder / "sound.jsonl").read_bytes(), set()
    lines = [json.loads(line) for line in sound.splitlines()]
    ways = [way for way in places(lines) if part(lines, way) is not None and "provenance" not in way[:-1]]
    needed = [(0, name) for name in lines[0]] + [(1, name) for name in lines[1]]
    needed += [(0, "config", name) for name in lines[0]["config"]] + [(1,), (2,)]

    def text(content) -> bytes:
        return "".join(json.dumps(line) + "\n" for line in content).encode()

    bad = st.one_of(
        spoiled(sound), exchanged(lines, VALUES.filter(lambda value: value is not None), ways).map(text),
        exchanged(lines, st.just(...), needed).map(text),
        st.sampled_from([sound + sound, sound + b"{}", text([*lines, *lines[1:]]), text(lines[:2] * 2)]),
    )

    @settings(max_examples=60)
    @given(bad)
    def check(content):
        (folder / "bad.jsonl").write_bytes(content)
        assert "bad.jsonl" in refused(folder, "show", "bad.jsonl", "--out", "x.png")
        tried.add(content)
        if len(tried) % 8 == 0:  # and where a command would go on from it
            assert "bad.jsonl" in refused(folder, "sweep", "two.toml", "--out", "bad.jsonl")

    check()
    assert len(tried) >= 45


WRONG = {
    int: ["1.5", '"1"', "true", "[1]", "{}", "1979-05-27", "nan", "-inf", "-1", str(2**63)],
    float: ['"1"', "true", "[1.0]", "{}", "1979-05-27", "nan", "-inf", "-0.5", "1e400", "1" + 400 * "0"],
    bool: ["1", "0.0", '"true"', "[]", "{}", "nan"],
    str: ["1", "true", '["digits"]', "{}", '""', '"a b"', r'"\\u0000"', "nan"],
    tuple[int, ...]: ["2", '"2"', "[1.5]", "[true]", "[[2]]", "[0]", "[3, 2]", "[2, 2]", f"[{2**63}]", "{}"],
    Shares: ["3", '"20/20"', "[1]", "{}", "{clean = 1}", "{clean = nan, patch_only = 0, both = 1}", "true"],
}
WRONG[int | None] = WRONG[int]
FIELDS = {field.name: field.type for field in fields(Config) if field.name not in ("schedule", "seed")} | {
    f"schedule.{field.name}": field.type for field in fields(Schedule)}


def settings_of(command: str) -> list[str]:
    return [name for name in sorted(FIELDS) if command == "train" or not name.startswith("schedule.")]


@pytest.mark.parametrize("command", ["train", "demo"])
def test_every_setting(folder, command):
    names = settings_of(command)
    for name in names:
        for wrong in WRONG[FIELDS[name]]:
            line = refused(folder, command, "--set", f"{name}={wrong}")
            assert name == "data" or line == refused(folder, command, f"{field_flag(name)}={wrong}")
            word = name.removeprefix("schedule.")
            assert word in line or word.removesuffix("s").replace("_", " ") in line, line

    @settings(max_examples=60)
    @given(ANYTHING.filter(lambda text: text not in names), TEXTS)
    def check(name, value):
        line = refused(folder, command, "--set", f"{name}={value}")
        assert line.startswith("error: set: "), line

    check()
    for name in ("seed=1", "schedule=1", "schedule.=1", "Epochs=1", "train-size=100", "=", "epochs"):
        assert "error: set: " in refused(folder, command, "--set", name)
    for value in ("1\nb = 2", "1]", "[1", '"a', "00", "1:30:00", "{}", 100_000 * "["):
        assert "epochs must be a whole number" in refused(folder, command, "--set", f"epochs={value}")


@pytest.mark.parametrize("command", ["train", "demo"])
def test_every_flag_of_a_field(folder, command):
    flags = {action.option_strings[0] for action in COMMANDS[command]._actions if says_set(action)}
    assert flags == {field_flag(name) for name in settings_of(command) if name != "data"}
    for flag in flags:
        for rest in (["-x"], ["--", "x"], ["--epoch", "1"]):
            line = refused(folder, command, flag, *rest)
            assert flag in line or f"unrecognized arguments: {rest[0]}" in line, line
        assert f"unrecognized arguments: {flag}" in refused(folder, "claims", flag, "1")


def test_demo_takes_no_setting_of_a_schedule(folder):
    assert "set: 'schedule.noise' is not a field" in refused(folder, "demo", "--set", "schedule.noise=1")
    assert "unrecognized arguments: --noise" in refused(folder, "demo", "--noise", "1")


def test_sweeps(folder):
    tried = set()
    set_to_wrong = st.sampled_from(sorted(FIELDS)).flatmap(
        lambda name: st.sampled_from(WRONG[FIELDS[name]]).flatmap(lambda wrong: st.sampled_from([
            f'set."{name}" = {wrong}\n', f'grid."{name}" = [{wrong}]\n', f'runs = [{{"{name}" = {wrong}}}]\n',
        ])))
    more = st.sampled_from([
        "seeds = [1]\n", "set = 3\n", "runs = []\n", "runs = [3]\n", "grid = [1]\n", "grid.epochs = 3\n",
        "set.sise = 3\n", "runs = [{schedules = []}]\n", "[set]\n", "a = 'x\n", "sede = 1\n", "é = 1\n",
    ])
    bad = spoiled(SWEEP.encode()) | (set_to_wrong | more).map(lambda line: (line + SWEEP).encode())

    @settings(max_examples=100)
    @given(bad)
    def check(text):
        (folder / "bad.toml").write_bytes(text)
        assert "bad.toml" in refused(folder, "sweep", "bad.toml", "--dry-run")
        tried.add(text)

    check()
    assert len(tried) >= 70


def saved(content) -> bytes:
    target = io.BytesIO()
    torch.save(content, target)
    return target.getvalue()


def zipped(**members: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def test_checkpoints(folder):
    sound = (folder / "sound.pt").read_bytes()
    content, tried = torch.load(io.BytesIO(sound), weights_only=True), set()
    (run,) = (folder / "runs").glob("*.pt")
    (folder / "runs" / f"{run.stem}.json").unlink()
    values = st.sampled_from(["x", True, 7, 2.5, ["x"], {"x": 1}, torch.zeros(2), torch.zeros(2, 3)])
    state, of_config = content["state"], [way for way in places(content) if way[0] == "config"]
    network = [("state", name) for name in ("z", "pattern", "model")]
    network += [("state", "model", name) for name in state["model"]]
    evaluated = [("format",), ("version",), ("state",), *network, *of_config]
    kept = [("state", name) for name in ("groups", "optimizer", "generators", "rows", "resumed_after")]
    needed = [(name,) for name in content] + network
    swapped = content | {"state": state | {"z": state["pattern"], "pattern": state["z"]}}
    cut_off = st.integers(0, len(sound) - 1).map(lambda end: sound[:end])
    archives = cut_off | st.sampled_from([
        b"", zipped(), zipped(a=b"x"), zipped(**{"archive/data.pkl": b"x"}), sound[:99] + sound[100:],
        saved([]), saved({}), saved(state), saved(torch.zeros(3)), saved(swapped), pickle.dumps({"a": 1}),
    ])
    left_out = exchanged(content, st.just(...), needed)

    def check_of(strategy, *command):
        @settings(max_examples=30)
        @given(strategy)
        def check(bad):
            bad = bad if isinstance(bad, bytes) else saved(bad)
            run.write_bytes(bad)
            assert run.name in refused(folder, *command)
            tried.add(bad)

        check()

    check_of(archives | exchanged(content, values, evaluated) | left_out, "evaluate", run)
    going_on = exchanged(content, values, [("data_sha256",), *kept]) | cut_off
    check_of(going_on, "train", *SMALL, "--out", "runs", "--checkpoint")
    assert len(tried) >= 40


@pytest.mark.parametrize("arguments", [
    ["--seed", "-0"], ["--seed", "007"], ["--set", "epochs= 1 "], ["--set", "train_size=1_00"],
    ["--set", "schedule.noise=-0.0"], ["--set", "pixel_noise=0"], ["--set", "weight_decay=0"],
    ["--set", "schedule.initial_lr=1e-300"], ["--set", "momentum=0.999"], ["--set", "shares=0/0/100"],
    ["--set", "shares= 33.3/33.3/33.4 "], ["--set", "shares={clean=1, patch_only=0, both=0}"],
    ["--set", f"schedule.anneal_epochs=[{2**63 - 1}]"], ["--set", "patch_size=8"],
    ["--set", "batch_size=100"], ["--set", "compile=false"], ["--set", 'model="small"'],
    ["--set", "schedule.name=1979-05-27"],
    ["--set", "epochs=x", "--set", "epochs=1"], ["--epochs", "x", "--set", "epochs=1"],
    ["--weight-decay", "1e-3", "--noise-until", "2", "--shares=talk", "--anneal-epochs", "[2, 3]"],
    ["--noise-per-sample", "--momentum", "0.5"], ["--noise-per-sample", "false"], ["--name", "1979-05-27"],
    ["--out", "-1"], ["--out", "a\nb\udcff"], ["--out", " "],
])
def test_sound_settings_near_bad_ones(folder, arguments):
    assert told("train", *SMALL, "--out", "near", *arguments) == (0, [])


def test_sound_files_near_bad_ones(folder):
    history, sweep = (folder / "sound.json").read_bytes(), SWEEP.encode()
    for number, text in enumerate([b"\xef\xbb\xbf" + history.replace(b"\n", b"\r\n"),
                                   json.dumps(json.loads(history), indent=4).encode()]):
        (folder / f"{number}\udcff.json").write_bytes(text)
        assert told("show", f"{number}\udcff.json", "--out", f"é{number}.PNG") == (0, [])
    for text in (sweep, b"\xef\xbb\xbf" + sweep, sweep.replace(b"\n", b"\r\n"), b"\n" + sweep,
                 sweep.replace(b"[0]", b"[0, 0, 9223372036854775807]")):
        (folder / "near.toml").write_bytes(text)
        assert told("sweep", "near.toml", "--dry-run") == (0, [])
    (folder / "near.pt").write_bytes(saved(torch.load("sound.pt", weights_only=True)))
    assert told("evaluate", "near.pt") == (0, [])


@pytest.mark.parametrize(("arguments", "environment"), [
    (["train", "--data", b"nothing\xff\n"], {}),
    (["show", b"\xff\x1b[2J.json"], {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
    (["sweep", "gr\u00f6\u00dfe.toml"], {"PYTHONIOENCODING": "ascii", "COLUMNS": "1"}),
])
def test_in_a_shell_of_its_own(folder, arguments, environment):
    done = subprocess.run([sys.executable, "-m", "lrreg_utils", *arguments], capture_output=True,
                          env=os.environ | environment)
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1), done.stderr
    assert done.stderr.startswith(b"error: ")
