"""The command ``sweep``: the runs that TOML files say."""

import argparse
import sys
import time
from pathlib import Path

from lrreg_utils import console
from lrreg_utils.cli.flags import DATA_HELP, above_zero, add_command, add_many, path
from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import Config
from lrreg_utils.experiments.sweep import load_sweep, named_values
from lrreg_utils.results.history import History
from lrreg_utils.results.recording import ENDING
from lrreg_utils.tables import counted


def add_sweep(commands) -> None:
    command = add_command(
        commands, "sweep", run_sweep, "Make the runs that TOML files say: schedules x seeds x any field",
        "The book's own recordings are such files, in data/sweeps. "
        "A sweep that was stopped goes on where it was: finished runs are read, and the run in flight is "
        "continued after its last whole epoch. A run that fails is reported at the end; the others go on. "
        "The form of a file: help(lrreg_utils.experiments.sweep).",
    )
    command.add_argument("files", type=path, nargs="+", metavar="FILE", help="a .toml file; several in turn")
    command.add_argument("--data", help=f"{DATA_HELP} (default: what the file or its experiment says)")
    command.add_argument("--out", type=path, metavar="FOLDER|FILE.jsonl",
                         help="where to write (default: runs/NAME for NAME.toml); for several files, "
                         "FOLDER/NAME; NAME.jsonl: one file for all runs, which lie in the folder NAME.runs "
                         "until every run is finished; runs that are in it are not trained again")
    command.add_argument("--dry-run", action="store_true", help="only list the runs, with their epochs")
    command.add_argument("--minutes", type=above_zero, metavar="M",
                         help="stop after this time, at the end of the epochs in flight, with exit status 3; "
                         "the same command again goes on")
    command.add_argument("--cluster", choices=("slurm", "local"),
                         help="make every run a job: on Slurm, or on this machine with the same code; the "
                         "same command again waits for jobs still in Slurm's queue, and submits the rest")
    command.add_argument("--option", action="append", default=[], metavar="NAME=VALUE",
                         help="a setting of submitit: slurm_partition=gpu, say, or timeout_min=60, the limit "
                         "of a job in minutes (on Slurm 5 unless given); a job at its limit is queued again "
                         "and goes on, slurm_max_num_timeout times (3 unless given)")
    command.set_defaults(keeps=lambda options: not options.dry_run)
    add_many(command)


def run_sweep(options: argparse.Namespace) -> None:
    from lrreg_utils.sweeps.packing import pack, working_folder

    if options.cluster and options.minutes:
        raise UserError("minutes: jobs of a cluster have their own limit, --option timeout_min=MINUTES")
    if options.option and not options.cluster:
        raise UserError("option: --option is for jobs of a cluster; give --cluster too, or leave it out")
    packs = options.out is not None and options.out.suffix == ENDING
    if packs and len(options.files) > 1:
        raise UserError(f"out: {options.out} is for one sweep; for several files give a folder")
    sweeps = {file: load_sweep(file, options.data) for file in options.files}
    end = None if options.minutes is None else time.monotonic() + 60 * options.minutes
    for file, configs in sweeps.items():
        if options.dry_run:
            for config in configs:
                console.say(f"{config.epochs:4d} epochs  {config.label}")
            continue
        several = options.out is None or len(sweeps) > 1
        target = (options.out or Path("runs")) / file.stem if several else options.out
        folder = working_folder(target) if packs else target
        minutes = None if end is None else (end - time.monotonic()) / 60
        histories = _sweep(configs, folder, options, minutes)
        if packs:
            pack(target, file.stem, _command(file, configs, options), histories)
        console.say(f"{counted(len(configs), 'history', 'histories')} in {target}")


def _command(file: Path, configs: list[Config], options: argparse.Namespace) -> str:
    """What makes the runs again, without the folders of this machine."""
    source, target = (one.name if one.is_absolute() else one.as_posix() for one in (file, options.out))
    data = f" --data {configs[0].data_name}" if options.data else ""
    return f"python -m lrreg_utils sweep {source}{data} --out {target}"


def _sweep(
    configs: list[Config], folder: Path, options: argparse.Namespace, minutes: float | None
) -> list[History]:
    progress = sys.stderr.isatty()
    if options.cluster:
        from lrreg_utils.sweeps.cluster import submit_all

        return submit_all(configs, folder, options.device, options.cluster, progress,
                          **named_values(options.option, "option"))
    from lrreg_utils.sweeps.runner import run_all

    return run_all(configs, options.device, options.workers, folder, progress, minutes)
