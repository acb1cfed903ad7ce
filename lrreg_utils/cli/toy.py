"""The command ``toy``: L-S against S in a network small enough for a browser."""

import argparse
import json
import time

from lrreg_utils import console
from lrreg_utils.cli.flags import add_command, path, seed_count
from lrreg_utils.files import writable_folder


def add_toy(commands) -> None:
    command = add_command(
        commands, "toy", run_toy, "Train the theory's network at a size for a browser, by L-S and by S",
        "Then it trains longer, without the pattern Q, and without injected noise. Prints test errors in "
        "percent and the ratios S / L-S. About a minute per seed.",
    )
    command.add_argument("--size", choices=("full", "page"), default="full",
                         help="page: the smaller toy of the book's first page, ten seconds a seed "
                         "(default: full)")
    command.add_argument("--seeds", type=seed_count, default=10, metavar="N",
                         help="seeds 0 to N - 1; the setting was chosen on 100 to 103 (default: 10)")
    command.add_argument("--json", action="store_true", help="print one JSON object with every time course")
    command.add_argument("--out", type=path, metavar="FOLDER",
                         help="write toy.json and toy-reference.json (a setting and a run to check by) here; "
                         "of the page's size, toy-page.json")


def run_toy(options: argparse.Namespace) -> None:
    import numpy as np
    import torch

    from lrreg_utils.provenance import origin
    from lrreg_utils.results.study import write_study
    from lrreg_utils.theory.toy import reference
    from lrreg_utils.theory.toy_study import SIZES, table, train_seeds

    folder = writable_folder(options.out) if options.out else None
    facts = origin(torch.device("cpu"))  # first: the files can change while networks train
    facts["versions"]["numpy"] = np.__version__  # the toy is trained by it
    start = time.perf_counter()
    full = options.size == "full"
    found = train_seeds(range(options.seeds), *SIZES[options.size])
    if folder:
        size = "" if full else f" --size {options.size}"
        command = f"python -m lrreg_utils toy{size} --seeds {options.seeds} --out FOLDER"
        facts["seconds"] = round(time.perf_counter() - start, 1)
        path = folder / ("toy.json" if full else "toy-page.json")
        result = {name: found[name] for name in ("anneal_step", "runs")}
        write_study(path, command, found["seeds"], facts, result)
        if full:
            write_study(folder / "toy-reference.json", command, [0], facts, reference())
    console.say(json.dumps(found) if options.json else str(table(found)))
