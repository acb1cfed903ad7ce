"""Grade each assignment's solution on half a core with 768 MB, as the smallest machine of Gradescope has.

``python -m benchmarks.grading`` after `make assignments`, as root on Linux: control groups set the limits. It
prints seconds, the peak of memory, and points. The autograder installs a torch without CUDA, which needs less
memory than another: put one first on PYTHONPATH to measure that.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
BUILT = ROOT / "_build" / "assignments"
GROUPS = Path("/sys/fs/cgroup")
CORES, MEMORY = 0.5, 768 * 2**20
PERIOD = 100_000  # microseconds


def limited() -> tuple[list[Path], Path]:
    """Make a group with the limits: files that take a process's number, and the file that tells the peak."""
    if (GROUPS / "cgroup.controllers").exists():
        group = GROUPS / "lrreg-grading"
        group.mkdir(exist_ok=True)
        (group / "cpu.max").write_text(f"{int(CORES * PERIOD)} {PERIOD}")
        (group / "memory.max").write_text(str(MEMORY))
        return [group / "cgroup.procs"], group / "memory.peak"
    cpu, memory = (GROUPS / name / "lrreg-grading" for name in ("cpu", "memory"))
    for group in (cpu, memory):
        group.mkdir(exist_ok=True)
    (cpu / "cpu.cfs_period_us").write_text(str(PERIOD))
    (cpu / "cpu.cfs_quota_us").write_text(str(int(CORES * PERIOD)))
    (memory / "memory.limit_in_bytes").write_text(str(MEMORY))
    peak = memory / "memory.max_usage_in_bytes"
    peak.write_text("0")
    return [cpu / "tasks", memory / "tasks"], peak


def entering(doors: list[Path]) -> Callable[[], None]:
    """What a new process does first: it goes into the groups."""
    def enter() -> None:
        for door in doors:
            door.write_text(str(os.getpid()))

    return enter


def main() -> None:
    """Print a line for each assignment that is built."""
    python = Path(sys.prefix).with_name(".venv-otter") / "bin" / "python"
    print("assignment,seconds,MB,points")
    for archive in sorted(BUILT.glob("*-autograder.zip")):
        name = archive.name.removesuffix("-autograder.zip")
        doors, peak = limited()
        command = [python, "-m", "lrreg_utils.grading", archive, BUILT / f"{name}-solution.ipynb"]
        started = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, preexec_fn=entering(doors))
        seconds = time.monotonic() - started
        head, line = done.stdout.splitlines()[:2] if done.returncode == 0 else ("", "")
        points = f"{line.split(',')[1]} of {head.split(',')[1].split()[-1]}" if line else "failed"
        print(f"{name},{seconds:.0f},{int(peak.read_text()) / 2**20:.0f},{points}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"error: the limits cannot be set ({error}); run it as root on Linux")
