"""Models of the figures that compute: pixels and squares of the patch builder, and the kernel's examples."""

from base64 import b64encode
from dataclasses import replace
from typing import TYPE_CHECKING

from lrreg_utils.experiments.presets import experiment

if TYPE_CHECKING:
    from lrreg_utils.images.dataset import Images

STRONGEST = 2.0  # strength of the patch, of its slider
DOTS = 120  # examples of P


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
