"""Examples of the three groups, as pictures."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from lrreg_utils.figures.histories import show_pictures


def show_examples(rows: Mapping[str, ArrayLike], classes: Sequence[str]) -> Figure:
    """Draw examples as a network sees them, one row for each entry and one column for each class.

    Args:
        rows: name to float (classes, channels, H, W) in normalized units; the first channel is drawn.
    """
    low, high = -4, 6  # black and white: patches go beyond the range of the images
    return show_pictures({name: np.clip((np.asarray(pixels)[:, 0] - low) / (high - low), 0, 1)
                          for name, pixels in rows.items()}, classes)


