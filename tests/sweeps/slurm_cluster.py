"""A whole Slurm cluster of one node in a folder: own ports, own keys, nothing of the machine's is touched."""

import os
import random
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from waiting import wait_for

NEEDED = ("munged", "slurmctld", "slurmd", "sbatch", "srun")
CONFIG = """\
ClusterName=lrreg
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
ReturnToService=2
KillWait=2
MailProg=/bin/true
NodeName={host} NodeAddr=127.0.0.1 CPUs=8 State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=60 PriorityTier=1
PartitionName=urgent Nodes={host} PriorityTier=2 OverSubscribe=NO
"""


def missing() -> str:
    """Why no cluster can be started here, or nothing."""
    absent = [name for name in NEEDED if shutil.which(name) is None]
    if absent:
        return f"not installed: {', '.join(absent)}"
    return "" if os.getuid() == 0 else "only root can start it"


def host() -> str:
    return socket.gethostname().split(".")[0]


def ask(*command: str) -> list[str]:
    """The lines that one of Slurm's commands prints."""
    return subprocess.run(command, capture_output=True, text=True).stdout.splitlines()


@contextmanager
def cluster(folder: Path) -> Iterator[None]:
    """Start the cluster in ``folder``, lead Slurm's commands and jobs to it, and end it."""
    for part in ("state", "spool"):
        (folder / part).mkdir()
    key = folder / "munge.key"
    key.write_bytes(secrets.token_bytes(128))
    key.chmod(0o600)
    config = folder / "slurm.conf"
    config.write_text(CONFIG.format(host=host(), folder=folder, ports=_free_ports(2)))
    paths = {name: folder / f"munge.{name}" for name in ("socket", "pid", "log", "seed")}
    munged = ["munged", "--foreground", "--force", f"--key-file={key}", f"--socket={paths['socket']}",
              f"--pid-file={paths['pid']}", f"--log-file={paths['log']}", f"--seed-file={paths['seed']}"]
    with ExitStack() as stack:
        stack.enter_context(pytest.MonkeyPatch.context()).setenv("SLURM_CONF", str(config))
        stack.enter_context(_daemon(munged))
        wait_for(paths["socket"].exists, "munged")
        stack.enter_context(_daemon(["slurmctld", "-D"]))
        stack.enter_context(_daemon(["slurmd", "-D", "-N", host()]))
        wait_for(lambda: ask("sinfo", "--noheader", "--states=idle"), "slurmd")
        try:
            yield
        finally:  # the keepers of jobs are no children of slurmd, and would outlive it
            ask("scontrol", "update", f"nodename={host()}", "state=resume")
            ask("scancel", "--user=root")
            wait_for(lambda: not ask("squeue", "--noheader"), "the end of all jobs")


@contextmanager
def _daemon(command: list[str]) -> Iterator[subprocess.Popen]:
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_ports(count: int) -> list[int]:
    """Ports that nobody has, below those that a system hands out meanwhile."""
    found = []
    for port in random.SystemRandom().sample(range(10_000, 30_000), 1000):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            found.append(port)
        if len(found) == count:
            return found
    raise AssertionError("no port is free")
