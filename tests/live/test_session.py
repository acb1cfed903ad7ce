"""Own runs are started, stopped and gone on with, and equal `lr.train` to the bit."""

import multiprocessing
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from lrreg_utils import load_histories, train
from lrreg_utils.errors import UserError
from lrreg_utils.live import crew, worker
from lrreg_utils.live.exam import ASKED, answers_path
from lrreg_utils.live.session import FINISHED, RUNNING, STOPPED, Clock, RunSoFar, Session
from lrreg_utils.live.words import told


@pytest.fixture(scope="module")
def alone():
    """`lr.train` of a config, once for all tests."""
    kept = {}

    def train_once(config):
        if config not in kept:
            kept[config] = train(config, "cpu").history.columns
        return kept[config]

    return train_once


def test_stopped_and_gone_on_with_it_is_the_run_that_train_makes(make_session, longer, alone, until):
    session = make_session([longer])
    session.start()
    assert session.state == RUNNING and "Getting ready" in told(session)
    with pytest.raises(UserError, match="training already; stop them first"):
        session.start()
    until(lambda: session.epochs[0] >= 3)
    assert session.seconds_left() > 0 and " left" in told(session)
    session.stop()
    done, total = session.epochs
    assert (session.state, session.problems, total) == (STOPPED, [], 25) and 3 <= done < 25
    assert session.histories == [] and f"{done} of 25 epochs are kept" in told(session)
    session.start()
    session.wait()
    assert session.state == FINISHED and session.problems == []
    (history,) = session.histories
    assert history.columns == alone(longer) and history.provenance["resumed_after"] == [done]
    run = session.runs[longer]
    assert [row["test_clean_accuracy"] for row in run.rows] == history.columns["test_clean_accuracy"]
    assert len(run.answers) == 25 and {len(part) for one in run.answers for part in one} == {ASKED}
    assert [kept.columns for kept in load_histories(session.folder)] == [history.columns]


def test_a_worker_that_does_not_end_its_epoch_is_ended(make_session, longer, alone, until, monkeypatch):
    monkeypatch.setattr(crew, "GRACE", 0.0)
    long = replace(longer, epochs=50)
    session = make_session([long])
    session.start()
    until(lambda: session.epochs[0] >= 3)
    session.stop()
    assert (session.state, session.problems, session.histories) == (STOPPED, [], [])
    assert multiprocessing.active_children() == []
    session.start()
    session.wait()
    assert session.histories[0].columns == alone(long)


def test_stopped_before_the_first_epoch(make_session, longer, alone):
    session = make_session([longer])
    session.start()
    session.stop()
    assert (session.state, session.epochs, session.problems) == (STOPPED, (0, 25), [])
    session.start()
    session.wait()
    assert session.histories[0].columns == alone(longer)


def test_an_interrupted_cell_does_not_reach_a_worker_that_begins(make_session, tiny, until, capfd):
    session = make_session([tiny])
    session.start()
    until(multiprocessing.active_children)
    for child in multiprocessing.active_children():
        os.kill(child.pid, signal.SIGINT)
    session.wait()
    assert (session.state, session.problems) == (FINISHED, []) and "Traceback" not in capfd.readouterr().err


def test_another_kernel_goes_on_in_the_same_folder(make_session, longer, alone, until):
    first, second = make_session([longer]), make_session([longer, replace(longer, seed=1)])
    first.start()
    until(lambda: first.epochs[0] >= 4)
    first.stop()
    second.start()
    second.wait()
    histories = second.histories
    assert histories[0].columns == alone(longer) and histories[0].provenance["resumed_after"][0] >= 4
    assert histories[1].columns == alone(replace(longer, seed=1))
    assert len(second.runs[longer].answers) == 25  # those of before the stop were kept, too
    assert second.runs[replace(longer, seed=1)].answers == []  # single examples are asked of the first seed
    third = make_session([longer])
    third.start()
    third.wait()
    assert third.histories[0] == histories[0] and third.runs[longer].answers == second.runs[longer].answers


def test_two_labs_at_once(make_session, longer, alone):
    sessions = [make_session([replace(longer, seed=seed)]) for seed in (0, 1)]
    for session in sessions:
        session.start()
    for session in sessions:
        session.wait()
    assert [session.histories[0].columns for session in sessions] == [
        alone(longer), alone(replace(longer, seed=1))]


def test_a_killed_worker_is_told_and_loses_nothing_kept(make_session, longer, alone, until):
    session = make_session([longer])
    session.start()
    until(lambda: session.epochs[0] >= 3)
    (process,) = multiprocessing.active_children()
    os.kill(process.pid, signal.SIGKILL)
    session.wait()
    assert session.state == STOPPED
    assert [line[:31] for line in session.problems] == ["workers: a process was killed, "]
    session.start()
    session.wait()
    assert session.histories[0].columns == alone(longer) and session.problems == []


def test_a_file_that_cannot_be_written_is_one_line_and_others_go_on(make_session, tiny, alone):
    other = replace(tiny, seed=1)
    session = make_session([tiny, other])
    blocked = answers_path(tiny, session.folder)
    (blocked / "in the way").mkdir(parents=True)
    session.start()
    session.wait()
    assert session.state == STOPPED and [run.config for run in session.histories] == [other]
    assert len(session.problems) == 1 and f"output: {blocked} cannot be written" in session.problems[0]
    (blocked / "in the way").rmdir()
    blocked.rmdir()
    session.start()
    session.wait()
    assert session.state == FINISHED and session.histories[0].columns == alone(tiny)


def test_a_folder_that_cannot_be_used_is_refused_before_anything(tmp_path, tiny):
    (tmp_path / "file").write_text("")
    session = Session([tiny], tmp_path / "file" / "runs", "cpu")
    with pytest.raises(UserError, match=r"output: .* cannot be written .*choose another folder"):
        session.start()
    assert session.state == "ready" and not session.alive


@pytest.mark.parametrize(("device", "data", "words"), [
    ("tpu", "digits", "device: 'tpu' is unknown; choose auto, cpu or cuda"),
    ("cpu", "folder:nowhere", "data: "),
])
def test_what_only_a_worker_can_find_out_is_told(tmp_path, tiny, device, data, words):
    session = Session([replace(tiny, data=data)], tmp_path, device)
    session.start()
    session.wait()
    assert session.state == STOPPED and len(session.problems) == 1 and session.problems[0].startswith(words)


def test_a_gpu_that_is_lost_is_one_line(monkeypatch, tiny, tmp_path):
    def lost(*arguments):
        raise RuntimeError("CUDA error: unspecified launch failure\nCUDA kernel errors might be ...")

    monkeypatch.setattr(worker, "_train", lost)
    assert worker._outcome(None, worker.Order(tiny, False), "cuda", tmp_path) == (
        "failed", "training: a run ended (RuntimeError: CUDA error: unspecified launch failure); what was "
                  "kept is kept, and goes on where it was")


def test_a_display_that_is_gone_does_not_end_a_run(make_session, tiny):
    def broken():
        raise OSError("no front end")

    session = make_session([tiny], on_change=broken)
    session.start()
    session.wait()
    assert session.state == FINISHED and session.problems == [
        "lab: the display ended (OSError: no front end); runs go on"]


ORPHANS = """
import multiprocessing, time
from lrreg_utils.live.choices import suggested
from lrreg_utils.live.session import Session
if __name__ == "__main__":
    session = Session(suggested(epochs=500).configs()[:1], {folder!r}, "cpu")
    session.start()
    while not session.epochs[0]:
        time.sleep(0.1)
    print(*[process.pid for process in multiprocessing.active_children()], flush=True)
    time.sleep(100)
"""


def test_a_kernel_that_is_killed_leaves_no_process_behind(tmp_path, until):
    program = tmp_path / "program.py"
    program.write_text(ORPHANS.format(folder=str(tmp_path / "runs")))
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as kernel:
        pids = [int(pid) for pid in kernel.stdout.readline().split()]
        kernel.kill()

    def gone(pid):
        try:
            return "State:\tZ" in Path(f"/proc/{pid}/status").read_text()
        except OSError:
            return True

    assert pids
    until(lambda: all(map(gone, pids)), 20)


def test_rows_that_come_again_change_nothing(tiny):
    run = RunSoFar(tiny)
    for epoch in (1, 2, 1, 2):
        run.add({"epoch": epoch}, ("1", "0"))
    assert run.rows == [{"epoch": 1}, {"epoch": 2}] and len(run.answers) == 2 and run.part_done == 1


def test_the_time_left_is_what_the_epochs_so_far_say(monkeypatch):
    clock, now = Clock(), [0.0]
    monkeypatch.setattr("lrreg_utils.live.session.time.monotonic", lambda: now[0])
    assert clock.left(5) is None
    for now[0] in (10.0, 12.0, 14.0):
        clock.count()
    assert clock.left(5) == 10  # two seconds each
