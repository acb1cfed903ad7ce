"""Flags of the command line that change a field of a config or of a schedule."""

import argparse
import math
import re
from collections.abc import Callable
from pathlib import Path

from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import MAX_IMAGE_SIZE, parse_shares
from lrreg_utils.experiments.schedule import NOISE_KINDS
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


# Fields of Config and of Schedule that a flag of the same name changes: kind and help
CONFIG_FLAGS: dict[str, tuple[Callable, str]] = {
    "model": (str, "small, or wrn16-K for the paper's WideResNet-16 of width K"),
    "epochs": (whole, "epochs; each is measured at its end"),
    "passes": (whole, "times that an epoch goes through the training set"),
    "batch_size": (whole, "examples in a step"),
    "train_size": (whole, "use at most this many training images, as many of each class"),
    "image_size": (whole, "height and width of an image in pixels; folders are resized to it"),
    "pixel_noise": (number, "std of fixed noise on every image, in stds of the data's pixels"),
    "weight_decay": (number, "weight decay on every parameter"),
    "momentum": (number, "Nesterov momentum"),
    "patch_size": (whole, "height and width of the patch in pixels"),
    "patch_strength": (number, "class patterns are uniform in [-STRENGTH, STRENGTH]"),
    "initialization": (str, "of the weights: he, as in the authors' code, or torch, its defaults"),
    "patch_place": (str, "where the patch is written: center, or corner (top left)"),
    "precision": (str, "what convolutions compute in: float32, bfloat16, or float16 (GPU only)"),
    "compile": (bool, "use torch.compile: pays off in long runs, on a GPU"),
    "shares": (str, "groups: talk (20/20/60, drawn once), code (20/16/64, patch-only redrawn at "
               "each access), or CLEAN/PATCH_ONLY/BOTH in percent"),
}
SCHEDULE_FLAGS: dict[str, tuple[Callable, str]] = {
    "initial_lr": (number, "learning rate of the first epochs"),
    "anneal_epoch": (whole, "first epoch (from 1) at the lower rate"),
    "anneal_factor": (number, "what the rate is multiplied by then"),
    "noise": (number, "level of the noise: its std, or what --noise-kind says"),
    "noise_kind": (str, "; ".join(f"{kind}: {level}" for kind, level in NOISE_KINDS.items())),
    "noise_until": (whole, "first epoch (from 1) without that noise"),
}


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


def add_flags(command, title: str, flags: dict[str, tuple[Callable, str]]) -> None:
    """Give a command a group of flags; one that is left out leaves no trace in the options."""
    group = command.add_argument_group(title, "what the experiment sets, unless given here")
    for field, (kind, text) in flags.items():
        name = "--" + field.replace("_", "-")
        form = {"action": "store_true"} if kind is bool else {
            "type": kind, "metavar": field.rsplit("_", 1)[-1].upper()}
        group.add_argument(name, dest=field, default=argparse.SUPPRESS, help=text, **form)


def given(options: argparse.Namespace, flags: dict) -> dict:
    """Those of the flags that the user gave, by field."""
    given = {field: getattr(options, field) for field in flags if hasattr(options, field)}
    return given | ({"shares": parse_shares(given["shares"])} if "shares" in given else {})


def settings(pairs: list[str]) -> dict[str, int | str]:
    """``NAME=VALUE`` as a dict; a value of digits alone is a whole number.

    Raises:
        UserError: a pair without its ``=``.
    """
    found: dict[str, int | str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals):
            raise UserError(f"option: {shown(pair)} is not NAME=VALUE")
        found[name] = int(value) if re.fullmatch("[0-9]{1,18}", value) else value
    return found
