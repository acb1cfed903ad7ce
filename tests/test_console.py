"""What a shell can do to a command's streams: nothing is lost, and no traceback is shown."""

import subprocess
import sys

import pytest

from lrreg_utils.results.recording import load_histories

TRAIN = ("train --set epochs=3 --set train_size=100 --set batch_size=20 --set image_size=8 "
         "--set patch_size=3 --out runs")


def shell(command, folder) -> subprocess.CompletedProcess:
    """Run ``command``, where LRREG stands for the program, in a shell that tells of a pipe's first part."""
    program = f"'{sys.executable}' -m lrreg_utils"
    text = "set -o pipefail; " + command.replace("LRREG", program)
    return subprocess.run(["bash", "-c", text], cwd=folder, capture_output=True, text=True, timeout=600)


@pytest.mark.parametrize(("streams", "status", "said"), [
    ("| true", 0, ""),
    ("| head -1 > /dev/null", 0, ""),
    ("> /dev/full", 2, "error: standard output cannot be written (No space left on device)\n"),
    (">&-", 0, ""),
    ("2>&- >&-", 0, ""),
    ("2>/dev/full", 0, ""),
])
def test_a_run_is_kept_whoever_listens(tmp_path, streams, status, said):
    done = shell(f"LRREG {TRAIN} {streams}", tmp_path)
    assert (done.returncode, done.stderr) == (status, said)
    assert [len(history.columns["epoch"]) for history in load_histories(tmp_path / "runs")] == [3]


@pytest.mark.parametrize(("command", "status", "said"), [
    ("LRREG show digits-talk | true", 0, ""),
    ("PYTHONUNBUFFERED= LRREG --help > /dev/full", 2,
     "error: standard output cannot be written (No space left on device)\n"),
    ("LRREG --help | true", 0, ""),
    ("PYTHONUNBUFFERED=1 LRREG --help | true", 0, ""),
    ("PYTHONUNBUFFERED=1 LRREG train --help > /dev/full", 2,
     "error: standard output cannot be written (No space left on device)\n"),
    ("LRREG --help >&-", 0, ""),
    ("LRREG train --set epochs=x 2>/dev/full", 2, ""),
    ("PYTHONIOENCODING=ascii LRREG show digits-talk > /dev/null", 0, ""),
    ("MPLBACKEND=foo LRREG show digits-talk > /dev/null", 0, ""),
    ("MPLBACKEND=foo LRREG claims > /dev/null", 0, ""),
    ("LRREG data nothing 2>&-", 2, ""),
    ("LRREG data nothing 2>/dev/full", 2, ""),
])
def test_other_commands(tmp_path, command, status, said):
    done = shell(command, tmp_path)
    assert (done.returncode, done.stderr) == (status, said)
