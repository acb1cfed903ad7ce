import os
import signal
import subprocess
from dataclasses import replace

import pytest
from waiting import command, is_gone, wait_for

from lrreg_utils.errors import UserError
from lrreg_utils.experiments.schedule import Schedule
from lrreg_utils.sweeps import cluster
from lrreg_utils.sweeps.cluster import submit_all
from lrreg_utils.sweeps.runner import history_path, run_all


@pytest.fixture(autouse=True)
def looks_often(monkeypatch):
    monkeypatch.setattr(cluster, "POLL_SECONDS", 0.1)


def test_local_jobs_give_what_a_pool_gives_and_one_failure_is_named(tiny, tmp_path):
    bad = replace(tiny, schedule=Schedule("huge", 1e30))
    with pytest.raises(UserError, match=r"1 of 2 runs failed: .*huge-seed0.*diverged"):
        submit_all([tiny, bad], tmp_path, "cpu", "local", False)
    assert history_path(tiny, tmp_path).exists()
    (again,) = submit_all([tiny], tmp_path, "cpu", "local", False)  # nothing is submitted
    assert again.columns == run_all([tiny], "cpu", workers=1)[0].columns


def test_a_cluster_that_is_not_here(tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UserError, match="cluster: slurm cannot be used here"):
        submit_all([tiny], tmp_path)


def test_ctrl_c_ends_local_jobs_without_a_word_of_theirs(tmp_path):
    """A terminal sends it to every process of the command."""
    text = 'experiment = "digits"\nschedules = ["large_lr"]\nset.epochs = 9999'
    (tmp_path / "long.toml").write_text(text)
    arguments = ["sweep", str(tmp_path / "long.toml"), "--cluster", "local", "--out", str(tmp_path / "out")]
    with command(*arguments, stderr=subprocess.PIPE, text=True) as process:
        wait_for(lambda: list(tmp_path.glob("out/*.pt")) or process.poll() is not None, "a first epoch")
        assert process.poll() is None
        os.killpg(process.pid, signal.SIGINT)
        assert process.communicate(timeout=300) == (None, "stopped; finished runs and epochs are kept\n")
        assert process.returncode == 130
        wait_for(lambda: is_gone(process.pid), "the end of the jobs")


@pytest.mark.parametrize("option", [{"device": "cpu"}, {"self": 1}, {"timeout_min": "soon"}, {"none": 1}])
def test_an_option_that_submitit_does_not_take(tiny, tmp_path, option):
    with pytest.raises(UserError, match=f"cluster: local cannot be used here .*{next(iter(option))}"):
        submit_all([tiny], tmp_path, "cpu", "local", False, **option)
