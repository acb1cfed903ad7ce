"""The theoretical setting's inputs: the distributions P and Q, and their mixture.

An input is a pair (x1, x2) with a label y = +1 or -1, equally often. With probability p only x1 is
present, with probability q only x2, otherwise both. The setting is the one studied in this book,
after the idea of the paper; its constants are fields of `Setting`.
"""

import math
from dataclasses import dataclass

import torch

from lrreg_utils.devices import known_state
from lrreg_utils.errors import UserError
from lrreg_utils.field_checks import check_kinds, check_ranges
from lrreg_utils.seeding import generator


@dataclass(frozen=True)
class Setting:
    """A distribution and the sizes of a training set.

    ``gamma0``, the margin of P, is 1/sqrt(d). The field ``x1_scale`` multiplies x1.
    """

    d: int = 400  # dimension of x1; x2 matters only through two coordinates, z and zeta
    train_size: int = 320  # N
    test_size: int = 2000
    p: float = 0.2  # share of examples with x1 alone
    q: float = 0.2  # share of examples with x2 alone
    r: float = 0.05  # angle between neighbouring rays of Q (radians)
    rays: int = 5  # odd; labels alternate, and the outermost rays are positive for 5, negative for 3
    alpha_low: float = 0.5  # alpha is uniform on [alpha_low, 1] ...
    alpha_scale: float = 1.0  # ... times this
    x1_scale: float = 0.16
    with_q: bool = True  # False: the control, in which no example shows x2

    def __post_init__(self) -> None:
        check_kinds(self, "theory: ")
        check_ranges(self, {
            "d": (2, math.inf), "train_size": (2, math.inf), "test_size": (1, math.inf), "rays": (3, 99),
            "p": (0, 1), "q": (0, 1), "r": (1e-6, math.pi / (2 * max(self.rays, 1))),
            "alpha_low": (0, 1), "alpha_scale": (1e-9, 1e9), "x1_scale": (1e-9, 1e9),
        }, "theory: ")
        if self.rays % 2 == 0:
            raise UserError(f"theory: rays must be odd, not {self.rays}")
        if self.p + self.q > 1:
            raise UserError(f"theory: p + q must be at most 1, not {self.p + self.q:g}")

    @property
    def gamma0(self) -> float:
        return 1 / math.sqrt(self.d)

    @property
    def angles(self) -> torch.Tensor:
        """Angle of every ray from z, float64, shape (rays,)."""
        return self.r * (torch.arange(self.rays, dtype=torch.float64) - self.rays // 2)

    @property
    def ray_labels(self) -> torch.Tensor:
        """Label of every ray, +1 or -1, float64; the middle one, z, is +1 and signs alternate."""
        return 1.0 - 2.0 * ((torch.arange(self.rays) - self.rays // 2) % 2).double()

    @property
    def ray_shares(self) -> torch.Tensor:
        """Probability of every ray. Labels are equally frequent, and so are the rays of a label."""
        labels = self.ray_labels
        return torch.stack([0.5 / (labels == label).double().sum() for label in labels])

    @property
    def linear_error(self) -> float:
        """The least error, 0 to 1, of a rule that is linear in x2. A line through 0 cuts the fan once."""
        signed = self.ray_shares * self.ray_labels
        cuts = [abs(float(signed[:cut].sum() - signed[cut:].sum())) for cut in range(self.rays + 1)]
        return (1 - max(cuts)) / 2


@dataclass(frozen=True)
class Sample:
    """Examples of several seeds, float64; S seeds, n examples.

    Attributes:
        labels: +1 or -1, shape (S, n).
        x1: shape (S, n, d); 0 where the example shows x2 alone.
        alpha: length of x2, shape (S, n); 0 where the example shows x1 alone.
        ray: which ray x2 lies on, int64, shape (S, n).
        has1: whether the example shows x1, bool, shape (S, n).
        has2: whether it shows x2, likewise.
    """

    labels: torch.Tensor
    x1: torch.Tensor
    alpha: torch.Tensor
    ray: torch.Tensor
    has1: torch.Tensor
    has2: torch.Tensor

    def x2(self, setting: Setting) -> torch.Tensor:
        """x2 in the coordinates (z, zeta), shape (S, n, 2)."""
        angle = setting.angles[self.ray]
        return self.alpha[..., None] * torch.stack([angle.cos(), angle.sin()], -1)


@known_state()
def sample_x1(labels: torch.Tensor, setting: Setting, rng: torch.Generator) -> torch.Tensor:
    """x1 = y gamma0 w* + n, n ~ N(0, I/d) given y<w*, n> >= 0; w* is the first unit vector.

    By symmetry the condition only sets the sign of one coordinate, so nothing has to be rejected.

    Returns:
        float64, shape (n, d), times ``x1_scale``.
    """
    noise = torch.randn(len(labels), setting.d, generator=rng, dtype=torch.float64) / math.sqrt(setting.d)
    noise[:, 0] = labels * (noise[:, 0].abs() + setting.gamma0)
    return setting.x1_scale * noise


@known_state()
def sample_rays(labels: torch.Tensor, setting: Setting, rng: torch.Generator) -> torch.Tensor:
    """A ray with the label's sign, all such equally often; int64, shape (n,)."""
    ray_labels = setting.ray_labels
    ray = torch.empty(len(labels), dtype=torch.int64)
    for label in (-1.0, 1.0):
        choices, where = (ray_labels == label).nonzero()[:, 0], labels == label
        ray[where] = choices[torch.randint(len(choices), (int(where.sum()),), generator=rng)]
    return ray


def _draw(setting: Setting, size: int, rng: torch.Generator) -> tuple[torch.Tensor, ...]:
    labels = 1.0 - 2.0 * torch.randint(2, (size,), generator=rng).double()
    part = torch.rand(size, generator=rng, dtype=torch.float64)
    x1, ray = sample_x1(labels, setting, rng), sample_rays(labels, setting, rng)
    width = 1 - setting.alpha_low
    alpha = setting.alpha_low + width * torch.rand(size, generator=rng, dtype=torch.float64)
    has1, has2 = part >= setting.q, (part < setting.q) | (part >= setting.q + setting.p)
    if not setting.with_q:  # the same x1, and those examples alone that show it
        has2 = torch.zeros_like(has2)
    return labels, x1 * has1[:, None], setting.alpha_scale * alpha * has2, ray, has1, has2


@known_state()
def sample(setting: Setting, seeds: list[int], split: str) -> Sample:
    """Training (``split="train"``) or test examples, each seed from a stream of its own.

    Without Q, examples that would show x2 alone are empty: they tell nothing and teach nothing.

    Raises:
        UserError: no seed, or an unknown split.
    """
    if not seeds:
        raise UserError("theory: at least one seed is needed")
    if split not in ("train", "test"):
        raise UserError(f"theory: split must be train or test, not {split!r}")
    size = setting.train_size if split == "train" else setting.test_size
    parts = [_draw(setting, size, generator(seed, f"theory {split}")) for seed in seeds]
    return Sample(*(torch.stack(part) for part in zip(*parts, strict=True)))
