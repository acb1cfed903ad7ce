"""A trained network on disk, with the patterns it was trained on, read without pickle."""

from dataclasses import dataclass, replace
from pathlib import Path

import torch

from lrreg_utils.config import Config
from lrreg_utils.errors import UserError
from lrreg_utils.files import write_atomically
from lrreg_utils.images import prepare
from lrreg_utils.models import WideResNet, build_model
from lrreg_utils.patches import Patterns
from lrreg_utils.seeding import generator
from lrreg_utils.training import Probes, Trained, choose_device

FORMAT = "lrreg-checkpoint"
VERSION = 1


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint holds, ready to use on the CPU."""

    config: Config
    model: WideResNet
    patterns: Patterns


def save_checkpoint(trained: Trained, path: Path) -> None:
    """Write a trained network to ``path``, whole or not at all.

    Raises:
        UserError: it cannot be written.
    """
    config, patterns = trained.history.config, trained.patterns
    content = {
        "format": FORMAT,
        "version": VERSION,
        "config": config.as_dict(),
        "channels": trained.images.channels,
        "classes": len(trained.images.classes),
        "model": trained.model.state_dict(),
        "z": patterns.z,
        "pattern": patterns.pattern,
    }
    try:
        write_atomically(path, lambda target: torch.save(content, target))
    except OSError as error:
        raise UserError(f"output: {path} cannot be written ({error.strerror})") from None


def load_checkpoint(path: Path | str) -> Checkpoint:
    """Read what `save_checkpoint` wrote.

    Raises:
        UserError: a file that is missing, damaged, of another version, or no checkpoint.
    """
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
    try:
        config = Config.from_dict(content["config"])
        model = build_model(
            config.model, channels=content["channels"], classes=content["classes"],
            noise_per_sample=config.noise_per_sample, rng=generator(config.seed, "init"),
        )
        model.load_state_dict(content["model"])
        patterns = Patterns(content["z"], content["pattern"], config.patch_only_scale)
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
