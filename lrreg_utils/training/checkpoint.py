"""A run on disk after an epoch: network, patterns, and all that the next epoch depends on.

Written whole or not at all, read without pickle. Source of the network and its patterns for
`evaluate`, and of everything for `lrreg_utils.training.train.train` to go on from.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from lrreg_utils.devices import choose_device, known_state
from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import Config
from lrreg_utils.field_checks import shown
from lrreg_utils.files import unwritten, whole_zip, write_atomically
from lrreg_utils.images.patches import Patterns
from lrreg_utils.images.sources import read_images
from lrreg_utils.results.history import completed
from lrreg_utils.seeding import Streams
from lrreg_utils.text_files import AGAIN
from lrreg_utils.training.evaluation import Probes
from lrreg_utils.training.model import Network, model_of

FORMAT = "lrreg-checkpoint"
VERSION = 3
PARTS = {"config": dict, "data_sha256": str, "state": dict}


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint holds, ready to use on the CPU."""

    config: Config
    model: Network
    patterns: Patterns


SECONDS = 30.0  # a checkpoint is due after this time at the latest
SHARE = 0.02  # of the time, and earlier where writing one costs no more than this


class CheckpointFile:
    """The file that keeps a run while it trains, written as often as costs little; None keeps nothing.

    A small network's state is written after every epoch; a large one's, which takes a second to reach the
    disk, about every half minute.
    """

    def __init__(self, path: Path | None, config: Config, data_sha256: str) -> None:
        self.path, self.config, self.data_sha256 = path, config, data_sha256
        self.due = 0.0  # on the clock of time.monotonic
        self.epoch = 0  # the last that was written

    def offer(self, epoch: int, state_dict: Callable[[], dict], last: bool) -> None:
        """Write the state after an epoch if it is due, or if it is the last that will be offered.

        Raises:
            UserError: see `save_state`.
        """
        started = time.monotonic()
        if self.path is None or epoch == self.epoch or (started < self.due and not last):
            return
        save_state(self.path, self.config, self.data_sha256, state_dict())
        self.epoch, ended = epoch, time.monotonic()
        self.due = ended + min(SECONDS, (ended - started) / SHARE)


def save_state(path: Path, config: Config, data_sha256: str, state: dict) -> None:
    """Write the state of a run after an epoch to ``path``.

    Args:
        data_sha256: the fingerprint of the run's images.

    Raises:
        UserError: it cannot be written; what ``path`` held before is still there.
    """
    content = {"format": FORMAT, "version": VERSION, "config": config.as_dict(),
               "data_sha256": data_sha256, "state": state}
    try:
        write_atomically(path, lambda target: torch.save(content, target))
    except (OSError, RuntimeError) as error:
        raise unwritten(path, error) from None


def load_state(path: Path, config: Config, data_sha256: str) -> dict:
    """Read what `save_state` wrote for this very config and these images; tensors on the CPU.

    Raises:
        UserError: a file that is missing, damaged, of another version, of another run or of other images.
    """
    content = _load(path)
    if not _same(content["config"], config.as_dict()):
        raise UserError(
            f"checkpoint: {path} belongs to a run with other settings; move it away to begin this run"
        )
    if content["data_sha256"] != data_sha256:  # a config names a folder, not what lies in it
        raise UserError(f"checkpoint: {path} was begun on other images; {AGAIN}")
    return content["state"]


def _load(path: Path | str) -> dict:
    try:
        with open(path, "rb"):
            pass
    except OSError as error:
        raise UserError(f"checkpoint: {path} cannot be read ({error.strerror})") from None
    try:
        content = torch.load(path, map_location="cpu", weights_only=True) if whole_zip(path) else None
    except Exception:  # torch raises many kinds for a file that is not its own
        content = None
    if content is None:
        raise UserError(f"checkpoint: {path} is damaged, or not a checkpoint; {AGAIN}")
    if not isinstance(content, dict) or not _same(content.get("format"), FORMAT):
        raise UserError(f"checkpoint: {path} was not written by lrreg_utils; {AGAIN}")
    if not _same(content.get("version"), VERSION):
        raise UserError(
            f"checkpoint: {path} has version {shown(content.get('version'))}; {VERSION} is read here: {AGAIN}"
        )
    if not all(isinstance(content.get(name), kind) for name, kind in PARTS.items()):
        raise UserError(f"checkpoint: {path} is damaged: parts are missing or of another kind; {AGAIN}")
    return content


def sound_rows(rows: list[dict]) -> list[dict]:
    """The rows, where they are what a run makes: an epoch each, from 1, of the same columns."""
    sound = [{**row}["epoch"] for row in rows] == list(range(1, len(rows) + 1))
    numbers = all(value is None or (type(value) in (int, float) and math.isfinite(value))
                  for row in rows for value in row.values())
    if not (rows and sound and numbers and all(row.keys() == rows[0].keys() for row in rows)):
        raise ValueError("rows that no run makes")
    return rows


def _same(found: object, wanted: object) -> bool:
    try:
        return bool(found == wanted)
    except Exception:  # a tensor where none belongs
        return False


@known_state()
def load_checkpoint(path: Path | str) -> Checkpoint:
    """The network and the patterns that a checkpoint holds.

    Raises:
        UserError: a file that is missing, damaged, of another version, or no checkpoint.
    """
    content = _load(path)
    try:
        config, state = Config.from_dict(completed(content["config"])), content["state"]
        patterns = Patterns(state["z"], state["pattern"], config.patch_only_scale, config.patch_place)
        model = model_of(config, channels=len(patterns.z), classes=len(patterns.pattern))
        model.load_state_dict(state["model"])
        side = (config.patch_size, config.patch_size)
        if patterns.z.dtype != torch.float32 or patterns.pattern.dtype != torch.float32:
            raise ValueError("patterns of another kind")
        if patterns.z.shape[1:] != side or patterns.pattern.shape[1:] != patterns.z.shape:
            raise ValueError("patterns of another size")
    except Exception:  # as many kinds as there are parts to be damaged
        raise UserError(
            f"checkpoint: {path} is damaged: its parts do not fit each other; {AGAIN}"
        ) from None
    model.eval()
    return Checkpoint(config, model, patterns)


@known_state()
def evaluate(checkpoint: Checkpoint, data: str | None = None, device: str = "auto") -> dict[str, float]:
    """Measure a checkpoint on the probes of its run, with its own patterns.

    Args:
        data: where the images are now (``folder:PATH``), if not where the config says.

    Returns:
        ``test_PROBE_loss`` and ``test_PROBE_accuracy``, as in the last row of the run's history.

    Raises:
        UserError: images that cannot be read or do not fit the network.
    """
    config = checkpoint.config if data is None else replace(checkpoint.config, data=data)
    images = read_images(config)
    if (images.channels, len(images.classes)) != (
        checkpoint.patterns.z.shape[0], checkpoint.patterns.pattern.shape[0],
    ):
        raise UserError(
            f"checkpoint: trained on {checkpoint.patterns.z.shape[0]} channels and "
            f"{len(checkpoint.patterns.pattern)} classes; {config.data} has {images.channels} and "
            f"{len(images.classes)}"
        )
    chosen = choose_device(device)
    model = checkpoint.model.to(chosen, memory_format=torch.channels_last)
    probes = Probes(images, Streams(config.seed, chosen), config.precision)
    return probes.measure(model, checkpoint.patterns.to(chosen))
