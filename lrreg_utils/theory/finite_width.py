"""The theory's network at a finite width: two layers, the second one fixed, trained step by step::

    f(x) = sum_j a_j relu(<W_j, x1>) + sum_j b_j relu(<V_j, x2>),    a_j, b_j = ±1/sqrt(width)

Full-batch gradient with injected Gaussian noise: U <- (1 - eta lam) U - eta (grad L + xi). The noise is
scaled so that its part of U has standard deviation tau0 for ever at the large rate:
Var(xi) = tau0^2 (2 lam - eta1 lam^2)/eta1. With momentum b <- momentum b + grad L, and (1 - momentum) b
takes the place of grad L; the noise has no momentum.

The noise part alone is a function, too, with standard deviation `tau0 |x| sqrt((1 - 1/pi)/2)` at every width.
Mirrored pairs (two neurons of opposite sign, with the same start and the same noise) cancel it exactly.
"""

import math
from dataclasses import dataclass

import torch

from lrreg_utils.devices import known_state
from lrreg_utils.errors import UserError
from lrreg_utils.field_checks import check_kinds, check_ranges, require
from lrreg_utils.seeding import generator
from lrreg_utils.theory.setting import Sample, Setting

NOISES = ("injected", "minibatch", "none")
BLOCK = 16  # steps whose noise is drawn at once


@dataclass(frozen=True)
class FiniteWidthSettings:
    """The network's widths and how it is trained."""

    width1: int = 32  # neurons that see x1; even
    width2: int = 1000  # neurons that see x2; even
    tau0: float = 50.0  # standard deviation of an entry of U at the start
    lam: float = 8e-5  # weight decay
    large_rate: float = 75.0  # eta1, at which the injected noise is stationary
    small_rate: float = 2.0  # eta2
    momentum: float = 0.9
    noise: str = "injected"  # or "minibatch": plain SGD, or "none": plain gradient descent
    batch: int = 24  # examples in a minibatch
    mirrored: bool = True

    def __post_init__(self) -> None:
        check_kinds(self, "theory: ")
        require(self, ("noise",), f"one of {', '.join(NOISES)}", NOISES.__contains__, "theory: ")
        check_ranges(self, {
            "width1": (2, 1e9), "width2": (2, 1e9), "batch": (1, 1e9), "momentum": (0, math.nextafter(1, 0)),
            **dict.fromkeys(("tau0", "lam", "large_rate", "small_rate"), (1e-12, 1e12)),
        }, "theory: ")
        require(self, ("width1", "width2"), "even", lambda width: width % 2 == 0, "theory: ")
        if self.large_rate * self.lam >= 1:
            product = self.large_rate * self.lam
            raise UserError(f"theory: large_rate times lam must be below 1, not {product:g}")

    @property
    def noise_std(self) -> float:
        """Standard deviation of an entry of xi; 0 unless noise is injected."""
        if self.noise != "injected":
            return 0.0
        return self.tau0 * math.sqrt((2 * self.lam - self.large_rate * self.lam**2) / self.large_rate)


class TwoLayer:
    """Networks of several seeds, trained side by side; each has streams of its own.

    Args:
        train: the training examples of the same seeds.
        device, dtype: where and in which format to train.

    Attributes:
        rows: W, shape (S, width1, d), and V, shape (S, width2, 2): x2 matters only in z and zeta.
    """

    @known_state()
    def __init__(
        self, setting: Setting, recipe: FiniteWidthSettings, train: Sample, seeds: list[int],
        device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32,
    ) -> None:
        if len(seeds) != len(train.labels):
            raise UserError(f"theory: {len(train.labels)} seeds of examples, but {len(seeds)} of networks")
        if recipe.noise == "minibatch" and recipe.batch > setting.train_size:
            raise UserError(
                f"theory: batch must be at most train_size, {setting.train_size}, not {recipe.batch}"
            )
        self.setting, self.recipe = setting, recipe
        place = {"device": device, "dtype": dtype}
        self.inputs = [train.x1.to(**place), train.x2(setting).to(**place)]
        self.labels = train.labels.to(**place)
        self.shown = (train.has1 | train.has2).to(**place)
        self.streams = [generator(seed, "theory network", device) for seed in seeds]
        self._places = place
        self._copies = 2 if recipe.mirrored else 1  # rows for each that is drawn
        self._shapes = [(recipe.width1 // self._copies, setting.d), (recipe.width2 // self._copies, 2)]
        self.rows = [recipe.tau0 * part for part in self._split(self._gaussians(1)[:, 0])]
        plus_minus = torch.tensor([1.0, -1.0], **place)
        self.signs = [plus_minus.repeat_interleave(width // 2) / math.sqrt(width)
                      for width in (recipe.width1, recipe.width2)]
        self.averages = [torch.zeros_like(part) for part in self.rows]
        self._noise: list[torch.Tensor] = []

    def _gaussians(self, steps: int) -> torch.Tensor:
        """Standard normal numbers for every row that is drawn, shape (S, steps, numbers)."""
        count = sum(map(math.prod, self._shapes))
        drawn = [torch.randn(steps, count, generator=stream, **self._places) for stream in self.streams]
        return torch.stack(drawn)

    def _split(self, flat: torch.Tensor) -> list[torch.Tensor]:
        parts = flat.split(list(map(math.prod, self._shapes)), 1)
        return [part.reshape(-1, *shape).repeat(1, self._copies, 1)
                for part, shape in zip(parts, self._shapes, strict=True)]

    def halves(self, inputs: list[torch.Tensor]) -> list[torch.Tensor]:
        """The x1 half and the x2 half of f, each (S, n), on inputs (S, n, d) and (S, n, 2)."""
        return [self._half(place, x) for place, x in enumerate(inputs)]

    def _half(self, place: int, inputs: torch.Tensor) -> torch.Tensor:
        return torch.relu(inputs @ self.rows[place].transpose(1, 2)) @ self.signs[place]

    def gradient(self, batch: torch.Tensor | None = None) -> list[torch.Tensor]:
        """The gradient of the mean logistic loss with respect to `rows`, written by hand.

        Args:
            batch: indices of examples, int64, shape (S, B); None takes all.
        """
        inputs, labels, shown = self.inputs, self.labels, self.shown
        if batch is not None:
            inputs = [x.gather(1, batch[..., None].expand(-1, -1, x.shape[-1])) for x in inputs]
            labels, shown = labels.gather(1, batch), shown.gather(1, batch)
        before = [x @ rows.transpose(1, 2) for x, rows in zip(inputs, self.rows, strict=True)]
        output = sum(torch.relu(z) @ signs for z, signs in zip(before, self.signs, strict=True))
        pull = -shown * labels * torch.sigmoid(-labels * output) / labels.shape[1]
        found = []
        for x, z, signs in zip(inputs, before, self.signs, strict=True):
            active = (z > 0).to(z.dtype) * pull[..., None]
            found.append(signs[:, None] * (active.transpose(1, 2) @ x))
        return found

    @known_state(1)  # the products are small: a second thread waits more than it helps
    def train(self, rate: float, steps: int) -> None:
        """Take steps at one rate; call it again to go on at another.

        Raises:
            UserError: no step, or a rate beyond `stable_rate`.
        """
        limit = self.stable_rate()
        if not 0 < rate < limit:
            raise UserError(f"theory: the rate must lie in (0, {limit:.3g}) to be stable, not {rate:g}")
        if steps < 1:
            raise UserError(f"theory: steps must be at least 1, not {steps}")
        for _ in range(steps):
            self.step(rate)

    def step(self, rate: float) -> None:
        """Take one step at a rate; `train` also checks the rate."""
        recipe = self.recipe
        keep, new = recipe.momentum, 1 - recipe.momentum
        noise = self._next_noise() if recipe.noise == "injected" else [None, None]
        gradients = self.gradient(self._batch())
        for rows, average, gradient, xi in zip(self.rows, self.averages, gradients, noise, strict=True):
            average.mul_(keep).add_(gradient)
            rows.mul_(1 - rate * recipe.lam).sub_(average, alpha=rate * new)
            if xi is not None:
                rows.sub_(xi, alpha=rate * recipe.noise_std)

    def _next_noise(self) -> list[torch.Tensor]:
        if not self._noise:
            self._noise = list(self._gaussians(BLOCK).unbind(1))[::-1]
        return self._split(self._noise.pop())

    def _batch(self) -> torch.Tensor | None:
        if self.recipe.noise != "minibatch":
            return None
        drawn = [
            torch.randint(self.labels.shape[1], (self.recipe.batch,), generator=stream, device=stream.device)
            for stream in self.streams
        ]
        return torch.stack(drawn)

    def stable_rate(self) -> float:
        """The rate at which gradient descent first diverges, at f = 0 and with today's patterns.

        Heavy-ball descent on a curvature K is stable below 2 (1 + momentum)/((1 - momentum) K) in units of
        the effective rate; K is the largest eigenvalue of the patterns' kernel over 4 N, plus lam.
        """
        kernel = 0
        for x, rows in zip(self.inputs, self.rows, strict=True):
            active = (x @ rows.transpose(1, 2) > 0).to(x.dtype)
            kernel = kernel + (x @ x.transpose(1, 2)) * (active @ active.transpose(1, 2)) / rows.shape[1]
        kernel = kernel * self.shown[:, None] * self.shown[..., None]
        largest = float(torch.linalg.eigvalsh(kernel.double()).max())
        curvature = largest / (4 * kernel.shape[-1]) + self.recipe.lam
        return 2 * (1 + self.recipe.momentum) / (1 - self.recipe.momentum) / curvature

    @known_state()
    def x1_output(self, x1: torch.Tensor) -> torch.Tensor:
        """The x1 half on new inputs (S, n, d), shape (S, n), float64."""
        return self._half(0, x1.to(self.rows[0])).double().cpu()

    @known_state()
    def ray_output(self) -> torch.Tensor:
        """The x2 half for alpha = 1 on every ray, shape (S, rays), float64."""
        angle = self.setting.angles
        rays = torch.stack([angle.cos(), angle.sin()], -1)
        return self._half(1, rays.to(self.rows[1])).double().cpu()
