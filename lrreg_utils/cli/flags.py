"""Flags that several commands have, and the kinds of their values."""

import argparse
import math
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from lrreg_utils.experiments.config import MAX_IMAGE_SIZE, Config
from lrreg_utils.experiments.sweep import check_names, named_values
from lrreg_utils.field_checks import LARGEST, shown

DATA_HELP = "digits (embedded), cifar10 (fetch it first with the data command) or folder:PATH"


def whole(text: str) -> int:
    """A whole number, or the line that argparse prints."""
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{shown(text)} is not a whole number") from None
    if abs(value) >= LARGEST:
        raise argparse.ArgumentTypeError(f"must be below 2**63, got {shown(value)}")
    return value


def number(text: str) -> float:
    """A number, or the line that argparse prints."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{shown(text)} is not a number") from None


def path(text: str) -> Path:
    """A path that a file can have, or the line that argparse prints: of no text, Path would make ``.``"""
    if not text or "\0" in text:
        raise argparse.ArgumentTypeError(f"{shown(text)} cannot be a path")
    return Path(text)


def at_least_one(text: str) -> int:
    if (value := whole(text)) < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more, got {value}")
    return value


def seed_count(text: str) -> int:
    """How many seeds: more than the most are a slip of a key, and days of work."""
    return _at_most(at_least_one(text), 10_000)


def image_size(text: str) -> int:
    return _at_most(at_least_one(text), MAX_IMAGE_SIZE)


def _at_most(value: int, most: int) -> int:
    if value > most:
        raise argparse.ArgumentTypeError(f"must be {most} or less")
    return value


def above_zero(text: str) -> float:
    """A positive number, or the line that argparse prints."""
    value = number(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"must be above 0, got {value}")
    return value


def add_command(commands, name: str, run: Callable, summary: str, more: str) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=summary, description=f"{summary}. {more}", allow_abbrev=False)
    command.set_defaults(run=run)
    return command


def add_device(command) -> None:
    command.add_argument("--device", default="auto",
                         help="cpu, cuda, or auto: a GPU where there is one (default: auto)")


def add_many(command) -> None:
    command.add_argument("--workers", type=at_least_one, metavar="N",
                         help="runs side by side (default: one for each core, or one on a GPU)")
    add_device(command)


def add_settings(command, names: Sequence[str]) -> None:
    """Add ``--set NAME=VALUE`` and, for each field but ``data``, a flag that says the same."""
    command.add_argument("--set", action="append", default=[], metavar="NAME=VALUE",
                         help="change a field of the experiment's settings; may be repeated. A VALUE is as "
                         "in a sweep's file. Each field is a flag too: --train-size 100 says --set "
                         f"train_size=100. The fields: {', '.join(names)}")
    switches = [field.name for field in fields(Config) if field.type is bool]
    for name in (name for name in names if name != "data"):
        alone = {"nargs": "?", "const": "true"} if name in switches else {}
        command.add_argument(field_flag(name), action="append", dest="set", type=f"{name}={{}}".format,
                             help=argparse.SUPPRESS, **alone)


def field_flag(name: str) -> str:
    """The flag of a field: ``--noise-until`` of ``schedule.noise_until``."""
    return "--" + name.removeprefix("schedule.").replace("_", "-")


def given_settings(options: argparse.Namespace, names: Sequence[str]) -> dict[str, Any]:
    """The fields that ``--set`` and the flags of fields change, by name."""
    values = named_values(options.set, "set")
    check_names(values, names, "set: ")
    return values
