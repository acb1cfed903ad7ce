"""``python -m benchmarks``: time both sides of every ratio in turn and print the table.

Each ratio is the median over rounds in which the two sides are timed one after the other, so that
what else the machine does falls on both; ``low`` and ``high`` are the extremes.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

import torch

from benchmarks import FOLDER, file_name, gpu, rows
from benchmarks.rows import Row, Side
from lrreg_utils.devices import choose_device
from lrreg_utils.provenance import origin
from lrreg_utils.results.study import write_study
from lrreg_utils.tables import counted

ROWS = (*rows.ROWS, *gpu.ROWS)
WARM_UP = 2  # calls of each side before the clock: a GPU's kernels are chosen, and a graph is recorded, then
SECONDS = 0.3  # a side is repeated until it has run this long, so that one reading of the clock is enough


def seconds(side: Side) -> float:
    """Time of one call, averaged over as many as fill `SECONDS`."""
    calls, spent, started = 0, 0.0, time.perf_counter()
    while calls == 0 or spent < SECONDS:
        side()
        calls += 1
        spent = time.perf_counter() - started
    return spent / calls


def measure(row: Row, rounds: int) -> dict:
    """The ratio of a row, with its spread over rounds."""
    above, below = row.sides()
    for _ in range(WARM_UP):
        above(), below()
    if row.gpu:
        torch.cuda.reset_peak_memory_stats()
    ratios = [seconds(above) / seconds(below) for _ in range(rounds)]
    found = {"id": row.id, "ratio": statistics.median(ratios), "low": min(ratios), "high": max(ratios),
             "bar": row.bar, "at_least": row.at_least, "what": row.what, "rounds": rounds}
    peak = {"peak_memory_mib": round(torch.cuda.max_memory_allocated() / 2**20)} if row.gpu else {}
    return found | peak


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="timings of each side, 5 or more (default: 7)")
    parser.add_argument("--rows", nargs="*", default=[row.id for row in ROWS], help="only these rows")
    parser.add_argument("--out", type=Path, help="the JSON file (default: data/benchmarks/DEVICE.json)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    started = time.perf_counter()
    facts = origin(choose_device())
    print("{device}, torch {versions[torch]}, python {versions[python]}, one thread".format_map(facts))
    path = options.out or FOLDER / file_name(facts["device"])
    path.parent.mkdir(parents=True, exist_ok=True)
    measured, failed = [], []
    for row in ROWS:
        if row.id not in options.rows:
            continue
        if row.gpu and not torch.cuda.is_available():
            print(f"{row.id:3s} not measured: needs a GPU          {row.what}")
            continue
        try:
            found = measure(row, max(5, options.rounds))
        except Exception as error:  # the other rows are measured all the same
            failed.append(row.id)
            reason = " ".join(str(error).split())[:200]
            print(f"{row.id:3s} FAILED  {type(error).__name__}: {reason}", flush=True)
            continue
        measured.append(found)
        facts["seconds"] = round(time.perf_counter() - started, 1)
        write_study(path, "python -m benchmarks", [], facts, {"rows": measured})
        sign = ">=" if row.at_least else "<="
        good = (found["ratio"] >= row.bar) if row.at_least else (found["ratio"] <= row.bar)
        print(f"{row.id:3s} {found['ratio']:7.3f} ({found['low']:.3f} to {found['high']:.3f}) "
              f"{sign} {row.bar:g} {'met' if good else 'MISSED'}  {row.what}", flush=True)
    if measured:
        print(f"written: {path}")
    if failed:
        sys.exit(f"error: {counted(len(failed), 'row')} failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
