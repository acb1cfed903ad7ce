"""Write the digits of the home page's figure into digits.mjs: ``python scripts/digits.py``."""

from pathlib import Path

import torch

from lrreg_utils.images.sources import load_images

PATH = Path(__file__).parent.parent / "lrreg_utils" / "interactive" / "training" / "digits.mjs"
SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/!#%&()*"  # 71; 71^2 > 17^3
LEVELS = 17  # of a pixel: 0 to 16


def packed(levels: list[int]) -> str:
    """Three pixels as two signs."""
    threes = [(a * LEVELS + b) * LEVELS + c
              for a, b, c in zip(levels[::3], levels[1::3], levels[2::3], strict=True)]
    return "".join(SIGNS[three // len(SIGNS)] + SIGNS[three % len(SIGNS)] for three in threes)


def module() -> str:
    """Scikit-learn's digits, 8x8 pixels: those for training as the book splits them, then those for tests."""
    images = load_images("digits", 8)  # at this size each pixel is a level times 255 / 16, rounded
    splits = (images.train, images.test)
    pixels = torch.cat([split.images for split in splits]).flatten()
    levels = (pixels.double() * 16 / 255).round().int().tolist()
    labels = "".join(str(int(label)) for split in splits for label in split.labels)
    return f"""// Written by scripts/digits.py: 8x8 pixels from 0 to {LEVELS - 1}, three of them as two signs.
export const TRAINING_DIGITS = {len(images.train)}; // they come first
export const SIGNS = "{SIGNS}";
export const LABELS = "{labels}";
export const PIXELS = "{packed(levels)}";
"""


if __name__ == "__main__":
    PATH.write_text(module(), encoding="utf-8")
    print(PATH)
