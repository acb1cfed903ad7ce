"""A run on disk after an epoch: network, patterns, and all that the next epoch depends on.

Written whole or not at all, read without pickle. Source of the network and its patterns for
`evaluate`, and of everything for `lrreg_utils.training.train` to go on from.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import torch

from lrreg_utils.config import Config
from lrreg_utils.devices import choose_device
from lrreg_utils.errors import UserError
from lrreg_utils.files import write_atomically
from lrreg_utils.images import prepare
from lrreg_utils.models import WideResNet, build_model
from lrreg_utils.patches import Patterns
from lrreg_utils.probes import Probes
from lrreg_utils.seeding import generator

FORMAT = "lrreg-checkpoint"
VERSION = 2


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint holds, ready to use on the CPU."""

    config: Config
    model: WideResNet
    patterns: Patterns


def save_state(path: Path, config: Config, state: dict) -> None:
    """Write the state of a run after an epoch to ``path``.

    Raises:
        UserError: it cannot be written; what ``path`` held before is still there.
    """
    content = {"format": FORMAT, "version": VERSION, "config": config.as_dict(), "state": state}
    try:
        write_atomically(path, lambda target: torch.save(content, target))
    except (OSError, RuntimeError) as error:  # torch wraps a full disk in a RuntimeError
        reason = getattr(error, "strerror", None) or "no space left, or a failing disk"
        raise UserError(f"output: {path} cannot be written ({reason})") from None


def load_state(path: Path, config: Config) -> dict:
    """Read what `save_state` wrote for this very config; tensors on the CPU.

    Raises:
        UserError: a file that is missing, damaged, of another version, or of another run.
    """
    content = _load(path)
    if content["config"] != config.as_dict():
        raise UserError(
            f"checkpoint: {path} belongs to a run with other settings; move it away to begin this run"
        )
    return content["state"]


def _load(path: Path | str) -> dict:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        if error.filename is None:  # it could be opened; torch then looked for a part that is cut off
            raise UserError(f"checkpoint: {path} is damaged, or not a checkpoint") from None
        raise UserError(f"checkpoint: {path} cannot be read ({error.strerror})") from None
    except Exception:  # torch raises many kinds for a file that is cut short or not its own
        raise UserError(f"checkpoint: {path} is damaged, or not a checkpoint") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise UserError(f"checkpoint: {path} was not written by lrreg_utils")
    if content.get("version") != VERSION:
        raise UserError(f"checkpoint: {path} has version {content.get('version')}; {VERSION} is read here")
    if not {"config", "state"} <= set(content):
        raise UserError(f"checkpoint: {path} is damaged: parts are missing")
    return content


def load_checkpoint(path: Path | str) -> Checkpoint:
    """The network and the patterns that a checkpoint holds.

    Raises:
        UserError: a file that is missing, damaged, of another version, or no checkpoint.
    """
    content = _load(path)
    try:
        config, state = Config.from_dict(content["config"]), content["state"]
        patterns = Patterns(state["z"], state["pattern"], config.patch_only_scale)
        model = build_model(
            config.model, channels=len(patterns.z), classes=len(patterns.pattern),
            noise_per_sample=config.noise_per_sample, rng=generator(config.seed, "init"),
        )
        model.load_state_dict(state["model"])
    except (KeyError, TypeError, RuntimeError):
        raise UserError(f"checkpoint: {path} is damaged: its parts do not fit each other") from None
    model.eval()
    return Checkpoint(config, model, patterns)


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
    images = prepare(config)
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
    return Probes(config, images, chosen).measure(model, checkpoint.patterns.to(chosen))
