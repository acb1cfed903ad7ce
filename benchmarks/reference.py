"""The other sides of the ratios: what research code of the authors' kind does, written plainly."""

import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import functional as transforms

from lrreg_utils.images.dataset import Split
from lrreg_utils.images.patches import BOTH, CLEAN, PATCH_ONLY, Patterns, patch_slice


class PatchedDataset(Dataset):
    """One image at a time: an array becomes a picture, a tensor, is normalized, gets its patch.

    The draws of `lrreg_utils.images.patches.write_patches` on the whole set are handed in, so that both sides
    can be compared number by number.
    """

    def __init__(
        self, split: Split, groups: torch.Tensor, patterns: Patterns, mean: torch.Tensor, std: torch.Tensor,
        draws: torch.Tensor,
    ) -> None:
        self.arrays = split.images.permute(0, 2, 3, 1).numpy()
        self.labels, self.groups = split.labels.tolist(), groups.tolist()
        self.patterns, self.draws = patterns, draws.tolist()
        self.mean, self.std = (mean / 255).tolist(), (std / 255).tolist()

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        picture = Image.fromarray(self.arrays[index].squeeze())
        image = transforms.normalize(transforms.to_tensor(picture), self.mean, self.std)
        label, group = self.labels[index], self.groups[index]
        if group == CLEAN:
            return image, label
        amplitude = 1.0 if self.draws[0][index] < 0.5 else -1.0
        if group == PATCH_ONLY:
            image = torch.zeros_like(image)
            amplitude *= self.patterns.patch_only_scale * self.draws[1][index]
        assert group in (PATCH_ONLY, BOTH)
        place = patch_slice(image.shape[-1], self.patterns.z.shape[-1], self.patterns.place)
        image[:, place, place] = self.patterns.z + amplitude * self.patterns.pattern[label]
        return image, label


def loader(dataset: PatchedDataset, batch_size: int) -> DataLoader:
    """The loader in order, without workers: one processor thread."""
    return DataLoader(dataset, batch_size)


def plain_step(model: nn.Module, optimizer: torch.optim.Optimizer, inputs, labels) -> float:
    """A float32 step in the default layout that reads its loss at once."""
    loss = F.cross_entropy(model(inputs), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


class SpeedNet(nn.Module):
    """A network of the kind that speed records on CIFAR-10 use: few wide convolutions, pooling, GELU."""

    def __init__(self, channels: int = 3, classes: int = 10, width: int = 32) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(channels, 24, 2, bias=False), nn.GELU()]
        inputs = 24
        for outputs in (width, 2 * width, 2 * width):
            layers += [
                nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.MaxPool2d(2),
                nn.BatchNorm2d(outputs), nn.GELU(),
                nn.Conv2d(outputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.GELU(),
            ]
            inputs = outputs
        self.features = nn.Sequential(*layers)
        self.linear = nn.Linear(inputs, classes, bias=False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.linear(self.features(images).amax((2, 3)))

    def set_noise(self, std: float, rng: torch.Generator, dropout: float = 0.0) -> None:
        """It has no place for activation noise."""
