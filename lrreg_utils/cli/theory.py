"""The command ``theory``: L-S against S in the limit of infinite width; and ``study``: recorded studies."""

import argparse
import json
from pathlib import Path

from lrreg_utils import console
from lrreg_utils.cli.flags import add_command, path, seed_count
from lrreg_utils.errors import UserError


def add_theory(commands) -> None:
    command = add_command(
        commands, "theory", run_theory, "Train the theory's network, infinitely wide, by L-S and by S",
        "Prints test errors in percent for both, and their ratio in a control without the pattern Q. "
        "L-S: large rate, then small; S: small from the start. P is easy to fit and hard to generalize, like "
        "an image; Q is hard to fit and easy to generalize, like a patch.",
    )
    command.add_argument("--seeds", type=seed_count, default=10, metavar="N",
                         help="seeds 0 to N - 1; the setting was chosen on 100 to 103 (default: 10)")
    command.add_argument("--json", action="store_true", help="print one JSON object, a number for each seed")
    command.add_argument("--study", metavar="NAME",
                         help="make a recorded study of the theory instead, with its own seeds, or all")
    command.add_argument("--out", type=path, metavar="FOLDER",
                         help="where studies go; one that is there is not made again (default: data/studies)")


def run_theory(options: argparse.Namespace) -> None:
    if options.study is not None:
        from lrreg_utils.studies.registry import THEORY, make_studies

        folder = options.out or Path("data/studies")
        make_studies(options.study, folder, THEORY, "python -m lrreg_utils theory --study")
        return
    if options.out is not None:
        raise UserError("out: --out is for studies; give --study too, or leave it out")
    from lrreg_utils.theory.separation import separate, table

    found = separate(range(options.seeds))
    console.say(json.dumps(found) if options.json else str(table(found)))


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
