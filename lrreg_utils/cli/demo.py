"""The command ``demo``: every schedule with several seeds, and the table."""

import argparse
import json
import sys
from dataclasses import asdict, replace

from lrreg_utils import console
from lrreg_utils.cli.flags import (
    DATA_HELP,
    add_command,
    add_many,
    add_settings,
    given_settings,
    path,
    seed_count,
    whole,
)
from lrreg_utils.experiments.config import Config
from lrreg_utils.experiments.presets import Experiment, experiment_for
from lrreg_utils.experiments.sweep import CONFIG_FIELDS, with_fields
from lrreg_utils.results.select import MIXTURES, WITH_PATCH, mixture_of, of_mixture
from lrreg_utils.results.summary import Outcome, compare, reference_table, table
from lrreg_utils.tables import counted


def add_demo(commands) -> None:
    command = add_command(
        commands, "demo", run_demo, "Train every schedule with several seeds and print the table",
        "The schedules: large_lr (annealed), small_lr, small_lr_noise (small, with activation noise that "
        "stops) and the control large_lr_constant (never annealed). Both rates are also trained in the same "
        "mixture with a patch that says nothing, and with the image removed wherever there is a patch. About "
        "half a minute on two processor cores for digits and three seeds.",
    )
    command.add_argument("--data", default="digits", help=f"{DATA_HELP} (default: digits)")
    command.add_argument("--seeds", type=seed_count, default=3, metavar="N",
                         help="how many seeds (default: 3)")
    command.add_argument("--first-seed", type=whole, default=0, metavar="SEED",
                         help="the lowest seed (default: 0)")
    command.add_argument("--json", action="store_true", help="print one JSON object, not the table")
    command.add_argument("--out", type=path, metavar="FOLDER",
                         help="keep each history here; a run whose history is here is not repeated")
    command.set_defaults(keeps=lambda options: options.out is not None)
    add_many(command)
    add_settings(command, CONFIG_FIELDS)


def run_demo(options: argparse.Namespace) -> None:
    from lrreg_utils.sweeps.runner import run_all

    chosen = experiment_for(options.data)
    chosen = replace(chosen, base=with_fields(chosen.base, given_settings(options, CONFIG_FIELDS)))
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    histories = run_all(chosen.configs(seeds) + chosen.references(seeds), options.device, options.workers,
                        options.out, progress=sys.stderr.isatty(), on_run=_print_run,
                        keep=options.out is not None)
    by_mixture = {mixture: compare(of_mixture(histories, mixture)) for mixture in MIXTURES}
    outcomes = by_mixture[WITH_PATCH]
    if options.json:
        found = {mixture: {name: asdict(outcome) for name, outcome in its.items()}
                 for mixture, its in by_mixture.items()}
        console.say(json.dumps({"data": chosen.base.data_name, "seeds": list(seeds),
                                "schedules": found.pop(WITH_PATCH), "references": found}))
        return
    several = f"seeds {seeds[0]} to {seeds[-1]}, mean ± standard deviation"
    console.say(f"{chosen.base.data_name}, {several if len(seeds) > 1 else f'seed {seeds[0]}'}; "
          f"clean: images without a patch; patch only: patches without an image\n\n{table(outcomes)}")
    console.say("\nclean test % at the end, by what the patched examples show\n\n"
                f"{reference_table(histories)}")
    for note in _notes(chosen, outcomes):
        console.say(f"note: {note}")


def _print_run(config: Config, finished: int, total: int) -> None:
    console.note(f"{finished} of {counted(total, 'run')}: {config.schedule.name}, {mixture_of(config)}, "
                 f"seed {config.seed}")


def _notes(chosen: Experiment, outcomes: dict[str, Outcome]) -> list[str]:
    """What a reader of the table must know before trusting it."""
    from lrreg_utils.images.sources import prepare

    chance = 100 / len(prepare(chosen.base).classes)
    best = max(max(outcome.patch_only_accuracy) for outcome in outcomes.values())
    anneal = chosen.anneal_epoch
    if chosen.base.epochs < anneal:
        return [f"the runs end before large_lr is lowered, in epoch {anneal}: they compare nothing yet"]
    found = [f'"before" is after epoch {anneal - 1}, the last before large_lr is lowered']
    if best < 1.5 * chance:
        found.append(f"no schedule learned the patch (chance: {chance:.0f} %): give it more images or epochs")
    return found
