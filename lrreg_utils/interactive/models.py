"""What each interactive figure asks its model for: settings and recorded numbers, as plain values."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import numpy as np

from lrreg_utils.experiments.config import SHARES
from lrreg_utils.experiments.presets import experiment
from lrreg_utils.interactive.modules import script
from lrreg_utils.results.recording import recorded
from lrreg_utils.results.select import where
from lrreg_utils.theory.toy_study import PAGE, PAGE_SCHEDULES

if TYPE_CHECKING:
    from lrreg_utils.images.dataset import Images

EVERY = 25  # steps between measurements
STRONGEST = 2.0  # strength of the patch, of its slider
DOTS = 120  # examples of P


def schedule_model() -> dict[str, dict]:
    """What ``schedule.mjs`` asks its model for: the toy's settings, and the schedule shown first."""
    large, annealed = PAGE_SCHEDULES["L-S"]
    choice = {
        "anneal": large[1], "large": large[0], "small": annealed[0], "steps": large[1] + annealed[1],
        "seed": 0, "noise": PAGE.noise, "with_q": PAGE.with_q, "every": EVERY,
    }
    return {"settings": asdict(PAGE) | {"noise_std": PAGE.noise_std}, "choice": choice}


def hero_model() -> dict:
    """What ``hero.mjs`` asks its model for: recorded curves and their end, and the text that trains."""
    runs, curves, patches = recorded("hidden"), {}, {}
    for name in ("large", "small"):
        chosen = where(runs, schedule=f"{name}_lr", patch_strength=1.4, shares=SHARES["code"])
        mean = np.mean([run["test_clean_accuracy"] for run in chosen], axis=0)
        curves[name] = mean.round(1).tolist()
        patches[name] = float(np.mean([run.at("test_patch_only_accuracy", -1) for run in chosen]).round(2))
    return {"recorded": curves, "patches": patches, "training": script("training/race")}


def patch_model() -> dict:
    """What ``patch.mjs`` asks its model for: a test digit of each class, and the squares of the patches.

    Squares have strength 1. Digits are given with the experiment's pixel noise, and without.
    """
    # torch makes these numbers; the room itself stays without it
    from lrreg_utils.images.patches import draw_patterns
    from lrreg_utils.images.sources import prepare
    from lrreg_utils.problems.linear_classifiers import both_points, ceiling

    config = experiment("hidden").config("small_lr", seed=0)
    variants = {"noisy": prepare(config), "plain": prepare(replace(config, pixel_noise=0.0))}
    data = variants["plain"]
    patterns = draw_patterns(replace(config, patch_strength=1.0), data.channels, len(data.classes))
    squares = patterns.pattern.flatten(1)
    _, classes, signs = both_points(patterns)
    of_two = classes < 2
    return {
        "images": {name: _digits(images) for name, images in variants.items()}, "size": config.image_size,
        "z": patterns.z.flatten().tolist(), "squares": squares.tolist(), "side": config.patch_size,
        "alone_scale": config.patch_only_scale, "strength": config.patch_strength,
        "strongest": STRONGEST, "longest": float(squares.norm(dim=1).max()),
        "ceilings": {"2": ceiling(classes[of_two], signs[of_two]), "10": ceiling(classes, signs)},
    }


def _digits(data: "Images") -> dict:
    """The first test image of each class as bytes in base64, and what normalizes them."""
    labels = data.test.labels.tolist()
    shown = [labels.index(label) for label in range(len(data.classes))]
    pixels = b64encode(data.test.images[shown].numpy().tobytes()).decode()
    return {"pixels": pixels, "mean": float(data.mean), "std": float(data.std)}


def kernel_model() -> dict:
    """What ``kernel.mjs`` asks its model for: the fan of Q, and examples of P in units of its margin."""
    from lrreg_utils.theory.setting import Setting, sample  # torch draws them

    setting = Setting()
    drawn = sample(setting, [0], "train")
    seen = drawn.has1[0]
    along = drawn.x1[0, seen][:DOTS, :2] / (setting.x1_scale * setting.gamma0)
    return {
        "r": setting.r, "rays": setting.rays, "directions": setting.d,
        "p": [[round(x, 2), round(y, 2), int(label)]
              for (x, y), label in zip(along.tolist(), drawn.labels[0, seen][:DOTS].tolist(), strict=True)],
    }


# Each figure's module, and what makes its model
MODELS: dict[str, Callable[[], dict]] = {
    "hero": hero_model, "kernel": kernel_model, "patch": patch_model, "schedule": schedule_model,
}
