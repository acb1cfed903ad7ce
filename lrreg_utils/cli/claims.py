"""The command ``claims``: what the recorded runs say of each claim."""

import argparse
import json
import textwrap

from lrreg_utils import console
from lrreg_utils.cli.flags import add_command

WIDTH = 100  # characters


def add_claims(commands) -> None:
    command = add_command(
        commands, "claims", run_claims, "Print each claim, what recorded runs measured of it, and a verdict",
        "A verdict counts seeds: holds (every seed meets the condition), holds in part (some do), not "
        "reproduced (none does). Nothing is trained.",
    )
    command.add_argument("--json", action="store_true",
                         help="print a list of objects: claim, experiment, measured, seeds, verdict")


def run_claims(options: argparse.Namespace) -> None:
    from lrreg_utils.claims.table import judge_claims

    found = judge_claims()
    if options.json:
        console.say(json.dumps(found, indent=1, ensure_ascii=False))
        return
    last = None
    for row in found:
        if row["claim"] != last:
            console.say(("" if last is None else "\n") + textwrap.fill(row["claim"], WIDTH))
        last = row["claim"]
        text = f"{row['verdict'].upper()} in {row['experiment']}: {row['measured']}"
        console.say(textwrap.fill(text, WIDTH, initial_indent="  ", subsequent_indent="    "))
