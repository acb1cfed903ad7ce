"""Where a result came from: data, device, versions, date."""

import os
import platform
import subprocess
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import torch

from lrreg_utils import __version__


def provenance(data: str, data_sha256: str, device: torch.device, threads: int) -> dict[str, Any]:
    """The facts recorded with a history: taken before it is trained, since files can change meanwhile."""
    facts = {
        "data": data.removeprefix("folder:"),
        "data_sha256": data_sha256,
        "threads": threads,
        **origin(device),
    }
    if device.type == "cuda":
        facts["float32"] = "ieee"  # see known_state: never rounded to TF32
        facts["deterministic"] = torch.are_deterministic_algorithms_enabled()
    return facts


def origin(device: torch.device) -> dict[str, Any]:
    """The facts recorded with any result, before it is made: device, date, versions, commit."""
    return {
        "device": device_name(device),
        "seconds": 0.0,  # in its place; filled in at the end
        "date": datetime.now(timezone.utc).date().isoformat(),
        "versions": versions(),
        "commit": commit(),
    }


def versions() -> dict[str, str]:
    """Versions of Python, torch and this package."""
    return {"python": platform.python_version(), "torch": torch.__version__, "lrreg_utils": __version__}


def device_name(device: torch.device) -> str:
    """The GPU's name, or the processor's."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def commit() -> str | None:
    """The repository's commit, with ``-dirty`` where files differ.

    Outside a repository: what ``$LRREG_COMMIT`` says, where files were copied to another machine; else None.
    """
    root = Path(__file__).parent.parent
    if not (root / ".git").exists():
        return os.environ.get("LRREG_COMMIT", "").strip() or None
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=10"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
