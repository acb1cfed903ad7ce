"""Where a result came from: data, device, versions, date."""

import platform
import subprocess
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from lrreg_utils.config import Config


def provenance(
    config: Config, data_sha256: str, device: torch.device, threads: int, seconds: float
) -> dict[str, Any]:
    """The facts recorded with a history."""
    return {
        "data": config.data_name.removeprefix("folder:"),
        "data_sha256": data_sha256,
        "threads": threads,
        **origin(device, seconds),
    }


def origin(device: torch.device, seconds: float) -> dict[str, Any]:
    """The facts recorded with any result: device, seconds, date, versions, commit."""
    return {
        "device": device_name(device),
        "seconds": round(seconds, 1),
        "date": datetime.now(timezone.utc).date().isoformat(),
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "lrreg_utils": metadata.version("lrreg_utils"),
        },
        "commit": commit(),
    }


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
    """The repository's commit, with ``-dirty`` where files differ; None outside a repository."""
    root = Path(__file__).parent.parent
    if not (root / ".git").exists():
        return None
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=10"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
