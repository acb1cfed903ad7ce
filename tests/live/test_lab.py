"""`lr.lab()` by plain calls, where there is no panel."""

import os
import signal
import sys
from dataclasses import replace
from threading import Timer

import pytest

import lrreg_utils as lr
from lrreg_utils.errors import UserError
from lrreg_utils.live import lab as lab_module
from lrreg_utils.live.lab import VIEW, no_panel

QUICK = {"network": "small", "image_size": 8, "train_size": 100, "batch_size": 20, "patch_size": 3,
         "schedules": ["large_lr", "small_lr"], "anneal_epoch": 2}


def test_without_a_notebook_it_says_so_and_trains_in_a_table_that_grows(tmp_path, capsys):
    lab = lr.lab(**QUICK, epochs=20, folder=tmp_path)
    assert "lab: no panel (this is no notebook). lab.run() trains" in capsys.readouterr().err
    assert repr(lab) == "<lab: 2 runs, 40 epochs>" and lab._repr_mimebundle_() == {"text/plain": repr(lab)}
    with pytest.raises(UserError, match=r"nothing was started yet; lab.start\(\) begins"):
        lab.go_on()
    histories = lab.run()
    head, *lines, last = capsys.readouterr().out.splitlines()
    assert head.split()[:3] == ["schedule", "seed", "epoch"] and len(lines) <= 20
    assert [line for line in lines if "20/20" in line] and last.startswith("Finished: 2 of 2 runs finished")
    assert [run.config for run in histories] == lab.configs
    assert [run.columns for run in histories] == [lr.train(run, "cpu").history.columns for run in lab.configs]


def test_interrupted_it_keeps_what_was_done_and_goes_on(tmp_path, capsys, monkeypatch, until):
    lab = lr.lab(**QUICK | {"schedules": "large_lr"}, epochs=30, folder=tmp_path)
    waiting = lab.session.wait

    def wait(seconds=None):
        waiting(seconds)
        if seconds and lab.session.epochs[0] >= 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(lab.session, "wait", wait)
    assert lab.run() == [] and lab.state == "stopped"
    assert "are kept in" in (said := capsys.readouterr().out) and said.endswith("lab.run() goes on.\n")
    monkeypatch.undo()
    (history,) = lab.run()
    assert history.columns == lr.train(history.config, "cpu").history.columns


def test_interrupting_the_wait_stops_the_runs(tmp_path, until):
    lab = lr.lab(**QUICK, epochs=2000, folder=tmp_path)
    lab.start()
    until(lambda: lab.session.epochs[0] >= 1)
    Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        lab.wait()
    assert lab.state == "stopped" and not lab.session.alive and lab.session.epochs[0] < 4000


def test_other_choices_are_refused_while_runs_train(tmp_path):
    lab = lr.lab(**QUICK, epochs=200, folder=tmp_path)
    lab.start()
    with pytest.raises(UserError, match="runs are training; stop them first"):
        lab.choose(lab.choices, tmp_path)
    lab.stop()
    lab.choose(replace(lab.choices, seeds=2), tmp_path)
    assert len(lab.configs) == 4 and lab.state == "ready"
    with pytest.raises(UserError, match="folder: type where the runs are kept"):
        lab.choose(lab.choices, " ")


class Shell:
    """Stands for a notebook's."""

    kernel = object()


def test_without_ipywidgets_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(lab_module, "get_ipython", Shell)
    assert no_panel() is None
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    assert no_panel() == "ipywidgets is not installed: pip install ipywidgets"


def test_in_a_notebook_it_is_a_panel_and_in_words_a_line(monkeypatch, tmp_path, capsys):
    pytest.importorskip("ipywidgets")
    monkeypatch.setattr(lab_module, "get_ipython", Shell)
    lab = lr.lab(folder=tmp_path)
    bundle = lab._repr_mimebundle_()
    assert bundle[VIEW]["model_id"] == lab.panel.box.model_id and "lab.run() trains" in bundle["text/plain"]
    assert capsys.readouterr().err == ""
