"""Loss and accuracy by group, summed on the device and read once an epoch."""

from collections.abc import Iterable

import torch
from torch.nn import functional as F


class GroupSums:
    """Running sums of examples, losses and hits for each of a few groups.

    Nothing is copied to the host before `read`.

    Args:
        groups: how many.
        runs: of how many runs side by side; tensors then have a first dimension for them.
    """

    def __init__(self, groups: int, device: torch.device | str, runs: int | None = None) -> None:
        # float64: sums over an epoch keep every digit of the float32 losses
        shape = (3, groups) if runs is None else (runs, 3, groups)
        self.sums = torch.zeros(shape, dtype=torch.float64, device=device)

    def add(
        self, losses: torch.Tensor, logits: torch.Tensor, labels: torch.Tensor, groups: torch.Tensor
    ) -> None:
        """Add a batch: losses (N,), logits (N, classes), labels int64 (N,), groups int64 (N,)."""
        hits = logits.detach().argmax(-1) == labels
        values = torch.stack([torch.ones_like(losses), losses.detach(), hits.float()], -2).double()
        # a product with the one-hot groups sums in a fixed order; index_add_ on a GPU does not
        self.sums += values @ F.one_hot(groups, self.sums.shape[-1]).double()

    def read(self) -> tuple[list[float | None], list[float | None]]:
        """Mean loss and accuracy in percent for each group, None for one without examples; then 0 again."""
        (found,) = self._means([self.sums.tolist()])
        return found

    def read_runs(self) -> list[tuple[list[float | None], list[float | None]]]:
        """What `read` gives, for each run."""
        return self._means(self.sums.tolist())

    def _means(self, sums: list) -> list[tuple[list[float | None], list[float | None]]]:
        self.sums.zero_()
        return [([loss / n if n else None for loss, n in zip(losses, counts, strict=True)],
                 [100 * hit / n if n else None for hit, n in zip(hits, counts, strict=True)])
                for counts, losses, hits in sums]


def named(
    split: str, names: Iterable[str], losses: Iterable, accuracies: Iterable
) -> dict[str, float | None]:
    """Columns of a history: ``SPLIT_NAME_loss`` and ``SPLIT_NAME_accuracy``."""
    row = {}
    for name, loss, accuracy in zip(names, losses, accuracies, strict=True):
        row |= {f"{split}_{name}_loss": loss, f"{split}_{name}_accuracy": accuracy}
    return row
