from dataclasses import replace

import pytest

from lrreg_utils.cluster import submit_all
from lrreg_utils.errors import UserError
from lrreg_utils.runs import history_path, run_all
from lrreg_utils.schedules import Schedule


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


@pytest.mark.parametrize("option", [{"device": "cpu"}, {"self": 1}, {"timeout_min": "soon"}, {"none": 1}])
def test_an_option_that_submitit_does_not_take(tiny, tmp_path, option):
    with pytest.raises(UserError, match=f"cluster: local cannot be used here .*{next(iter(option))}"):
        submit_all([tiny], tmp_path, "cpu", "local", False, **option)
