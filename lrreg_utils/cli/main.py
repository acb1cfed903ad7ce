"""``python -m lrreg_utils``: run the patch experiment, train one network, draw what was recorded."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from lrreg_utils import console
from lrreg_utils.cli.claims import add_claims
from lrreg_utils.cli.demo import add_demo
from lrreg_utils.cli.flags import (
    DATA_HELP,
    add_command,
    add_device,
    add_settings,
    given_settings,
    image_size,
    path,
    whole,
)
from lrreg_utils.cli.sweep import add_sweep
from lrreg_utils.cli.theory import add_study, add_theory
from lrreg_utils.cli.toy import add_toy
from lrreg_utils.errors import OutOfTime, UserError
from lrreg_utils.experiments.config import Config
from lrreg_utils.experiments.presets import EXPERIMENTS, experiment, experiment_for
from lrreg_utils.experiments.sweep import FIELDS, with_fields
from lrreg_utils.files import writable_folder
from lrreg_utils.results.recording import histories_at, recordings
from lrreg_utils.results.summary import compare, table


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status: 0; 2 after a line about a user's mistake; 3 out of time."""
    console.begin()
    os.environ["MPLBACKEND"] = "agg"  # no window is opened, and matplotlib fails on a name it does not know
    status = _command(arguments)
    try:
        console.end()
    except UserError as error:
        console.note(f"error: {error}")
        return 2
    return status


class Parser(argparse.ArgumentParser):
    """A parser that speaks as the commands do: its help to a reader who may leave, a mistake in one line."""

    def print_help(self, file=None) -> None:
        console.say(self.format_help().rstrip())

    def parse_known_args(self, args=None, namespace=None):
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:  # here the command is known whose help lists what there is
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message}; see {self.prog} --help")


def _command(arguments: Sequence[str] | None) -> int:
    options = argparse.Namespace()
    try:
        _check_current_folder()
        build_parser().parse_args(arguments, options)
        options.run(options)
    except SystemExit as stop:  # after the help
        return stop.code
    except UserError as error:
        console.note(f"error: {error}")
        return 2
    except OutOfTime as error:
        console.note(f"out of time: {error}")
        return 3
    except KeyboardInterrupt as stop:
        kept = getattr(options, "keeps", lambda options: False)(options)
        console.note(str(stop) or ("stopped; finished runs and epochs are kept" if kept else "stopped"))
        return 130
    return 0


def _check_current_folder() -> None:
    try:
        os.getcwd()
    except OSError:  # torch would end the process in its own way
        raise UserError("the current folder was deleted; change to another one") from None


def build_parser() -> argparse.ArgumentParser:
    """The parser with every command."""
    parser = Parser(prog="python -m lrreg_utils", description=__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (add_demo, _add_train, _add_evaluate, add_sweep, _add_show, _add_data,
                add_claims, add_study, add_theory, add_toy):
        add(commands)
    return parser


def _add_train(commands) -> None:
    command = add_command(
        commands, "train", run_train, "Train one network and write its history",
        "The history goes to FOLDER/SCHEDULE-seedSEED-ID.json, and with --checkpoint the network "
        "and its patch patterns go to a .pt file beside it.",
    )
    command.add_argument("--experiment",
                         help=f"settings to start from: {', '.join(EXPERIMENTS)} (default: what demo uses)")
    command.add_argument("--data", help=f"{DATA_HELP} (default: the experiment's own, or digits)")
    command.add_argument("--schedule", default="large_lr",
                         help="large_lr, small_lr, small_lr_noise or large_lr_constant (default: large_lr)")
    command.add_argument("--seed", type=whole, default=0, help="decides every random draw (default: 0)")
    command.add_argument("--out", type=path, default=Path("runs"), metavar="FOLDER",
                         help="where to write (default: runs)")
    command.add_argument("--checkpoint", action="store_true",
                         help="keep the network after each epoch; a run that was stopped goes on from there")
    add_device(command)
    command.set_defaults(keeps=lambda options: options.checkpoint)
    add_settings(command, FIELDS)


def run_train(options: argparse.Namespace) -> None:
    config = train_config(options)
    from lrreg_utils.devices import check_precision, choose_device
    from lrreg_utils.images.sources import prepare
    from lrreg_utils.sweeps.runner import alone, history_path, kept_history
    from lrreg_utils.training.train import train

    check_precision(config.precision, choose_device(options.device))
    prepare(config)  # what cannot be trained ends here, before anything is written
    target = history_path(config, writable_folder(options.out))
    checkpoint = target.with_suffix(".pt") if options.checkpoint else None
    with alone(config, options.out):
        kept_history(config, options.out)  # other images' history is not overwritten
        train(config, options.device, on_epoch=_print_epoch, checkpoint=checkpoint).history.save(target)
    console.say(f"history: {target}")
    if checkpoint:
        console.say(f"checkpoint: {checkpoint}")


def train_config(options: argparse.Namespace) -> Config:
    """The config that the options of ``train`` say."""
    if options.experiment is None:
        chosen = experiment_for("digits" if options.data is None else options.data)
    else:
        chosen = experiment(options.experiment, options.data)
    return with_fields(chosen.config(options.schedule, options.seed), given_settings(options, FIELDS))


def _print_epoch(epoch: int, row: dict) -> None:
    console.say(f"epoch {epoch:3d}  lr {row['lr']:<7.4g} clean test {row['test_clean_accuracy']:5.1f} %  "
                f"patch only {row['test_patch_only_accuracy']:5.1f} %")


def _add_evaluate(commands) -> None:
    command = add_command(
        commands, "evaluate", run_evaluate, "Measure a checkpoint on its clean, patched and patch-only tests",
        "It uses the patterns that the network was trained on, which lie in the checkpoint.",
    )
    command.add_argument("checkpoint", type=path, metavar="FILE", help="a .pt file that train wrote")
    command.add_argument("--data", help="folder:PATH, where the images are not where they were")
    add_device(command)


def run_evaluate(options: argparse.Namespace) -> None:
    from lrreg_utils.training.checkpoint import evaluate, load_checkpoint

    for name, value in evaluate(load_checkpoint(options.checkpoint), options.data, options.device).items():
        console.say(f"{name:26s} {value:.4f}")


def _add_show(commands) -> None:
    command = add_command(
        commands, "show", run_show, "Draw a recorded history, or compare the schedules of a whole folder",
        "One history gives its groups and probes; a folder gives a line for each schedule, with a band "
        "over seeds, and the table. No network is trained and torch is not needed.",
    )
    command.add_argument("source", metavar="FILE|FOLDER|NAME",
                         help="a history, a folder or a .jsonl file of them, or a recording of the book: "
                         + ", ".join(recordings()))
    command.add_argument("--out", type=path, default=Path("history.png"), metavar="PICTURE",
                         help="the picture to write; its ending says the format (default: history.png)")


def run_show(options: argparse.Namespace) -> None:
    histories = histories_at(options.source)
    from lrreg_utils.cli.picture import check_ending, save_picture
    from lrreg_utils.figures.histories import curves, plot_history

    check_ending(options.out)

    try:
        if len(histories) == 1:
            figure = plot_history(histories[0])
        else:
            console.say(str(table(compare(histories))))
            figure = curves(histories, "test_clean_accuracy", "test_patch_only_accuracy")
    except UserError as error:
        raise UserError(f"show: {options.source}: {error}") from None
    save_picture(figure, options.out)
    console.say(f"picture: {options.out}")


def _add_data(commands) -> None:
    command = add_command(
        commands, "data", run_data, "Fetch a data set where needed, check it, and say what it holds",
        "Downloads and decoded folders are kept in $LRREG_CACHE, or else in ~/.cache/lrreg_utils.",
    )
    command.add_argument("source", metavar="DATA", help="digits, cifar10 (170 MB to download) or folder:PATH")
    command.add_argument("--image-size", type=image_size, default=32, metavar="PIXELS",
                         help="height and width to bring the images to (default: 32)")


def run_data(options: argparse.Namespace) -> None:
    from lrreg_utils.images.sources import fetch, load_images

    if options.source == "cifar10":
        fetch(options.source)
    images = load_images(options.source, options.image_size)
    size = "x".join(str(side) for side in images.train.images.shape[1:])
    console.say(f"data     {options.source}")
    console.say(f"images   {len(images.train)} train, {len(images.test)} test, {size}")
    console.say(f"classes  {', '.join(images.classes)}")
    console.say(f"mean     {' '.join(f'{value:.2f}' for value in images.mean)}")
    console.say(f"std      {' '.join(f'{value:.2f}' for value in images.std)}\nsha256   {images.sha256}")
