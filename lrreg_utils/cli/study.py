"""The command ``study``: what is measured of networks beyond the history of a run."""

import argparse
from pathlib import Path

from lrreg_utils.cli.flags import add_command, path


def add_study(commands) -> None:
    command = add_command(
        commands, "study", run_study, "Make one of the book's recorded studies of networks, or all of them",
        "Each goes to FOLDER/NAME.json with its seeds and its origin; one that is there is not made again, "
        "and one that was stopped goes on.",
    )
    command.add_argument("name", metavar="NAME", help="a study of networks, or all")
    command.add_argument("--out", type=path, default=Path("data/studies"), metavar="FOLDER",
                         help="where to write (default: data/studies)")


def run_study(options: argparse.Namespace) -> None:
    from lrreg_utils.studies.registry import NETWORKS, make_studies

    make_studies(options.name, options.out, NETWORKS, "python -m lrreg_utils study")
