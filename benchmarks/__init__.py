"""Speed: ratios (``python -m benchmarks``), and frames a second (``python -m benchmarks.frames``)."""

import re
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "data" / "benchmarks"


def file_name(device: str) -> str:
    """The name of the file for what was measured on a device."""
    return re.sub(r"[^a-z0-9]+", "-", device.lower()).strip("-") + ".json"
