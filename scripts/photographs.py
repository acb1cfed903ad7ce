"""Draw CIFAR-10 photographs with the patch into assets: ``python scripts/photographs.py FOLDER``.

FOLDER holds the training images as ``train/CLASS/*.jpg`` or ``*.png``.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure
from PIL import Image

import lrreg_utils as lr
from lrreg_utils.book import display
from lrreg_utils.figures import cifar_demo as figures
from lrreg_utils.images import patches
from lrreg_utils.images.cifar10 import MEAN, STD

PICTURE = Path(__file__).parent.parent / "assets" / "cifar-patch.png"
SHOWN = {"cat": 12, "frog": 8, "horse": 4}  # class to the number of its file


def draw(folder: Path) -> Figure:
    """Three training photographs as the three groups show them."""
    config = lr.experiment("small").with_(patch_place="corner", patch_strength=0.3).config("large_lr", seed=0)
    files = [sorted((folder / "train" / name).iterdir())[number] for name, number in SHOWN.items()]
    pixels = np.stack([np.asarray(Image.open(file).convert("RGB")) for file in files])
    mean, std = torch.tensor(MEAN), torch.tensor(STD)
    normalized = lr.normalize(torch.from_numpy(pixels).permute(0, 3, 1, 2), mean, std)
    patterns = lr.draw_patterns(config, channels=3, classes=len(SHOWN))

    def of_group(group: int) -> np.ndarray:
        labels, groups = torch.arange(len(SHOWN)), torch.full((len(SHOWN),), group)
        written = lr.write_patches(normalized, labels, groups, patterns, lr.generator(0, "pictures"))
        shades = (written * std.view(-1, 1, 1) + mean.view(-1, 1, 1)) / 255
        return shades.clamp(0, 1).permute(0, 2, 3, 1).numpy()

    shown = [of_group(group) for group in (patches.CLEAN, patches.BOTH, patches.PATCH_ONLY)]
    return figures.groups(shown, list(SHOWN), config.patch_size)


if __name__ == "__main__":
    PICTURE.write_bytes(display.as_png_of_photographs(draw(Path(sys.argv[1])), colours=None))
    print(f"{PICTURE}: {PICTURE.stat().st_size // 1000} kB")
