"""The toy over several seeds: L-S against S, and what becomes of them when something is changed.

Six runs a seed: L-S and S (`toy.SCHEDULES`), each then run on at the small rate to ``LONG`` steps in all;
both in the control without Q; both without injected noise.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from lrreg_utils.errors import UserError
from lrreg_utils.tables import Table, spread
from lrreg_utils.theory.toy import SCHEDULES, SETTINGS, ToySettings, run

EVERY = 50  # steps between measurements
SPARSE = 5  # of the runs that go on, every fifth measurement is kept
LONG = 7500  # steps, three times as many
# A smaller toy, a second or two in a browser: the interactive figure of the book's first page
PAGE = replace(SETTINGS, d=120, train_size=90, m1=16, m2=2000, small_rate=6.0)
PAGE_SCHEDULES = {"L-S": ((PAGE.large_rate, 600), (PAGE.small_rate, 600)), "S": ((PAGE.small_rate, 1200),)}
SIZES = {"full": (SETTINGS, SCHEDULES, LONG), "page": (PAGE, PAGE_SCHEDULES, 3600)}
CHANGES = {"control without Q": {"with_q": False}, "without injected noise": {"noise": False}}


def train_seeds(
    seeds: Sequence[int], s: ToySettings = SETTINGS, schedules: dict = SCHEDULES, long: int = LONG
) -> dict:
    """Train all runs of all seeds; about a minute a seed at the default size.

    Args:
        schedules: the phases of "L-S" and "S"; both must have as many steps.
        long: steps in all of the runs that go on; more than the schedules have.

    Returns:
        ``seeds``; ``anneal_step``, the last at the large rate; and ``runs``: name of the run, name of the
        column (`toy.run`), one list a seed.

    Raises:
        UserError: no seed, or one that is no whole number from 0 on.
    """
    if not seeds:
        raise UserError("toy: at least one seed is needed")
    runs: dict[str, dict[str, list]] = {}
    for seed in seeds:
        for name, columns in _runs(s, seed, schedules, long).items():
            for column, values in columns.items():
                rounded = [value if value is None else round(value, 4) for value in values]
                runs.setdefault(name, {}).setdefault(column, []).append(rounded)
    return {"seeds": list(seeds), "anneal_step": schedules["L-S"][0][1], "runs": runs}


def _runs(s: ToySettings, seed: int, schedules: dict, long: int) -> dict[str, dict[str, list]]:
    found, end = {}, sum(steps for _, steps in schedules["S"])
    for name, phases in schedules.items():
        whole = run(s, seed, [*phases, (s.small_rate, long - end)], EVERY)
        rows = whole["step"].index(end) + 1  # the run that goes on begins as the one that does not
        found[name] = {column: values[:rows] for column, values in whole.items()}
        found[f"{name}, {long} steps"] = {column: [*values[:-1:SPARSE], values[-1]]
                                          for column, values in whole.items()}
    for change, fields in CHANGES.items():
        for name, phases in schedules.items():
            found[f"{name}, {change}"] = run(replace(s, **fields), seed, phases, EVERY)
    return found


def ratios(runs: dict, change: str = "", column: str = "test_p_error") -> list[float]:
    """S over L-S at the end, seed by seed; of two runs without an error, 1.

    Args:
        change: what stands behind the comma in the runs' names.
    """
    suffix = change and f", {change}"
    small, annealed = ([values[-1] for values in runs[name + suffix][column]] for name in ("S", "L-S"))
    return [above / below if below else (math.inf if above else 1.0)
            for above, below in zip(small, annealed, strict=True)]


def late_large_phase(columns: dict, column: str, anneal: int) -> list[float]:
    """A column's mean over the last two fifths of the large phase, seed by seed: single steps swing."""
    steps = columns["step"][0]
    chosen = [row for row, step in enumerate(steps) if 0.6 * anneal < step <= anneal]
    return [sum(values[row] for row in chosen) / len(chosen) for values in columns[column]]


def table(found: dict) -> Table:
    """The result of `train_seeds`, mean ± standard deviation over seeds."""
    runs = found["runs"]
    head = ("test_p_only_error", "test_p_error", "test_q_only_error", "train_p_only_loss",
            "train_q_only_loss")
    rows = [(name, *(spread([values[-1] for values in columns[column]], 2) for column in head))
            for name, columns in runs.items()]
    lines = ["S / L-S in test_p_error:"]
    for change in dict.fromkeys(name.partition(", ")[2] for name in runs):
        each = ratios(runs, change)
        mean = spread(each, 2) if max(each) < math.inf else "infinite in a seed without an error"
        lines.append(f"  {change or 'as it is':28s}{mean}, lowest seed {min(each):.2f}")
    lines.append("L-S before the anneal:")
    for change in ("", ", without injected noise"):
        columns = runs[f"L-S{change}"]
        error, loss = (
            late_large_phase(columns, name, found["anneal_step"])
            for name in ("test_q_only_error", "train_q_only_loss")
        )
        lines.append(f"  {change[2:] or 'as it is':28s}Q-only error {spread(error)}, lowest seed "
                     f"{min(error):.1f}; Q-only loss {spread(loss, 2)}")
    return Table(("", *head), rows, "At the end; errors in percent, losses in nats", lines)
