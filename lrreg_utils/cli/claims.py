"""The command ``claims``: what the recorded runs say of each claim."""

import argparse
import json
import textwrap
from itertools import groupby
from operator import itemgetter

from lrreg_utils import console
from lrreg_utils.cli.flags import add_command

WIDTH = 100  # characters
VERDICTS = (
    "An effect is one number per seed, given as its mean with a 95 % interval (Student's t). A verdict comes "
    "from both: holds (every seed meets the condition, and the interval lies within the claim's bounds), not "
    "reproduced (no seed meets it, or the interval lies outside), holds in part (all else). For a rival the "
    "claim is what it predicts. Nothing is trained."
)


def add_claims(commands) -> None:
    command = add_command(
        commands, "claims", run_claims, "Print each claim, what recorded runs measured of it, and a verdict",
        VERDICTS,
    )
    command.add_argument("--json", action="store_true", help="print a list of objects: group, claim, "
                         "experiment, measured, effect, interval, seeds, verdict")


def run_claims(options: argparse.Namespace) -> None:
    from lrreg_utils.claims.table import GROUPS, judge_claims

    found = judge_claims()
    if options.json:
        console.say(json.dumps(found, indent=1, ensure_ascii=False))
        return
    for group, title in GROUPS.items():
        rows = [row for row in found if row["group"] == group]
        console.say(f"{title}\n{'=' * len(title)}")
        for claim, of_claim in groupby(rows, key=itemgetter("claim")):
            console.say("\n".join([textwrap.fill(claim, WIDTH), *map(_line, of_claim), ""]))


def _line(row: dict) -> str:
    text = f"{row['verdict'].upper()} in {row['experiment']}: {row['measured']}"
    return textwrap.fill(text, WIDTH, initial_indent="  ", subsequent_indent="    ")
