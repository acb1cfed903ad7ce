"""The two-layer network in the limit of infinite width: a deterministic two-time kernel.

Write U for a first-layer row. It is the sum of its accumulated gradients and of a noise part that
is Gaussian and, in the limit, alone decides which inputs the neuron is active on. With rho(t, s)
the correlation of the noise part at two times, two inputs at angle theta are active together at
s and t with probability 1/4 + arcsin(rho cos(theta))/(2 pi), hence

    f_t(x) = integral ds e^(-lam (t-s)) sum_i c_i(s) <x, x_i> (1/4 + arcsin(rho(t, s) cos(theta))/(2 pi)),

c_i = y_i sigmoid(-y_i f(x_i))/N, time u = the sum of the learning rates. Noise that is stationary
at the large rate gives rho(t, s) = e^(R(s) - R(t)) with a clock R: R = lam u at the large rate, and
R = log(1 + (e^(2 lam u) - 1)/ratio)/2 at a rate that is ``ratio`` times smaller, u from its start.

arcsin is a power series of odd powers k, and rho^k decays exponentially in R, so each power is a
decaying state and no history is kept. In x1 different inputs are nearly orthogonal and one power
is enough; in x2 all inputs of a ray share their states, so thousands of powers cost nothing, gathered
beyond the 32nd into bins of neighbours.

The integrator is exponential Heun (ETD2RK), of second order in the step.
"""

import math
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, fields, replace
from functools import cache

import torch

from lrreg_utils.devices import known_state
from lrreg_utils.errors import UserError
from lrreg_utils.theory.setting import Sample, Setting

X1_POWERS = 1  # odd powers kept between different x1; the next one's share is cos^2/6 of it
EXACT, BIN_RATIO, TERMS = 32, 1.1, 2**20
CACHE = 4 * 320**2  # entries of a matrix N x N over all seeds that take their steps together


@dataclass(frozen=True)
class Phase:
    """Training at one rate for ``length`` (in units of 1/lam); ``ratio``: large rate over this one."""

    length: float
    ratio: float = 1.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.length) and self.length > 0):
            raise UserError(f"theory: the length of a phase must be positive and finite, not {self.length}")
        if not self.ratio >= 1:
            raise UserError(f"theory: ratio, large over this rate, must be at least 1, not {self.ratio}")


def clock(lam: float, ratio: float, u: float) -> float:
    """R(u), so that rho(t, s) = e^(R(s) - R(t)) within a phase; no units."""
    return lam * u if ratio == 1 else 0.5 * math.log1p(math.expm1(2 * lam * u) / ratio)


def arcsin_coefficients(count: int) -> torch.Tensor:
    """b_n of arcsin(x) = sum b_n x^(2n+1), n < count, float64."""
    n = torch.arange(count, dtype=torch.float64)
    log_central = torch.lgamma(2 * n + 1) - 2 * torch.lgamma(n + 1) - 2 * n * math.log(2)
    return log_central.exp() / (2 * n + 1)


def power_bins() -> tuple[torch.Tensor, torch.Tensor]:
    """First index of each bin of odd powers, and the power that stands for the bin."""
    starts = list(range(EXACT))
    while starts[-1] * BIN_RATIO < TERMS:
        starts.append(math.ceil((starts[-1] + 1) * BIN_RATIO))
    starts = torch.tensor([start for start in starts if start < TERMS])
    ends = torch.cat([starts[1:], torch.tensor([TERMS])])
    middle = torch.sqrt((2 * starts + 1.0).double() * (2 * ends - 1.0).double())
    return starts, torch.cat([middle, torch.tensor([4.0 * TERMS], dtype=torch.float64)])


@cache
def bin_weights(cosine: float) -> torch.Tensor:
    """Share of each bin in arcsin(cosine); they sum to it exactly. The last holds the tail."""
    powers = 2 * torch.arange(TERMS, dtype=torch.float64) + 1
    terms = arcsin_coefficients(TERMS) * math.copysign(1, cosine) * abs(cosine) ** powers
    starts, _ = power_bins()
    sums = torch.cat([torch.zeros(1, dtype=torch.float64), terms.cumsum(0)])
    ends = torch.cat([starts[1:], torch.tensor([TERMS])])
    binned = sums[ends] - sums[starts]
    return torch.cat([binned, (math.asin(max(-1.0, min(1.0, cosine))) - sums[-1])[None]])


class InfiniteWidthNetwork:
    """The infinitely wide network of several seeds: its kernels, its states, its functions.

    Args:
        train: the training examples; float64 throughout.
        lam: weight decay.
        spacing: the angle between neighbouring rays for each seed, instead of the setting's r for all: no
            draw depends on it, so that one stack can hold many.
    """

    @known_state()
    def __init__(
        self, setting: Setting, train: Sample, lam: float, spacing: Sequence[float] | None = None
    ) -> None:
        if not (math.isfinite(lam) and lam > 0):
            raise UserError(f"theory: lam must be positive and finite, not {lam}")
        if spacing is not None and len(spacing) != len(train.labels):
            raise UserError(f"theory: spacing must hold {len(train.labels)} angles, not {len(spacing)}")
        self.setting, self.train, self.lam = setting, train, lam
        seeds, size = train.labels.shape
        powers = 2 * torch.arange(X1_POWERS, dtype=torch.float64) + 1
        self.kernels1 = self._kernels1(train.x1)
        weights = bin_weights(1.0).clone()
        weights[:X1_POWERS] = 0  # already in kernels1
        _, self.powers2 = power_bins()
        constant = torch.zeros(1, dtype=torch.float64)
        self.all_powers = torch.cat([constant, powers, self.powers2, constant, self.powers2])
        self.norms1 = train.x1.square().sum(-1)
        self.self_weights = weights / (2 * math.pi)
        spacing = [setting.r] * seeds if spacing is None else spacing
        self.kernels2 = torch.stack([self._kernels2(replace(setting, r=r)) for r in spacing])
        self.ray_of = torch.nn.functional.one_hot(train.ray, setting.rays).double() * train.alpha[..., None]
        self.states1 = torch.zeros(seeds, X1_POWERS + 1, size, dtype=torch.float64)
        self.own1 = torch.zeros(seeds, len(weights), size, dtype=torch.float64)  # an input and itself
        self.states2 = torch.zeros(seeds, len(self.powers2) + 1, setting.rays, dtype=torch.float64)

    def _kernels1(self, x1: torch.Tensor) -> torch.Tensor:
        """<x, x'> times 1/4 and times each power's term, shape (S, powers + 1, n, N).

        For an input and itself, where the cosine is 1, `own1` adds the powers that are left out here.
        """
        train = self.train.x1
        inner = x1 @ train.transpose(1, 2)
        lengths = x1.norm(dim=-1)[..., None] * train.norm(dim=-1)[:, None]
        cosine = torch.where(lengths > 0, inner / lengths.clamp_min(1e-300), 0.0).clamp(-1, 1)
        terms = [torch.full_like(inner, 0.25)]
        for n, b in enumerate(arcsin_coefficients(X1_POWERS)):
            terms.append(b / (2 * math.pi) * cosine ** (2 * n + 1))
        return inner[:, None] * torch.stack(terms, 1)

    @staticmethod
    def _kernels2(setting: Setting) -> torch.Tensor:
        """For two rays, the cosine times 1/4 and times each bin's term: (bins + 1, rays, rays)."""
        by_distance = []
        for steps in range(setting.rays):
            cosine = math.cos(steps * setting.r)
            always = torch.tensor([0.25], dtype=torch.float64)
            by_distance.append(cosine * torch.cat([always, bin_weights(cosine) / (2 * math.pi)]))
        index = torch.arange(setting.rays)
        return torch.stack(by_distance)[(index[:, None] - index[None]).abs()].permute(2, 0, 1)

    def train_output(self) -> torch.Tensor:
        """f on the training examples, shape (S, N)."""
        size = self.states1.shape[-1]
        # the kernels are symmetric, and rows times matrices are the products that torch does fastest
        rows = self.states1.reshape(-1, 1, size) @ self.kernels1.reshape(-1, size, size)
        half1 = rows.reshape(self.states1.shape).sum(1)
        half1 = half1 + self.norms1 * (self.self_weights @ self.own1)
        return half1 + (self.ray_of @ self.ray_output()[..., None])[..., 0]

    @known_state()
    def ray_output(self) -> torch.Tensor:
        """The x2 half for alpha = 1 on every ray, shape (S, rays)."""
        return torch.einsum("skrq,skq->sr", self.kernels2, self.states2)

    @known_state()
    def x1_output(self, x1: torch.Tensor) -> torch.Tensor:
        """The x1 half on new inputs (S, n, d), shape (S, n)."""
        return torch.einsum("skij,skj->si", self._kernels1(x1), self.states1)

    def pull(self, output: torch.Tensor) -> torch.Tensor:
        """c = -dL/df of the mean logistic loss; 0 for examples that show nothing."""
        shown = (self.train.has1 | self.train.has2).double()
        labels = self.train.labels
        return shown * labels * torch.sigmoid(-labels * output) / labels.shape[1]

    def stiffness(self) -> float:
        """The fastest rate (per u) at which f can move, at most: largest eigenvalue of the kernel over 4N."""
        kernel = self.kernels1.sum(1)
        kernel = kernel + torch.diag_embed(self.norms1 * self.self_weights.sum())
        rays = self.ray_of @ self.kernels2.sum(1) @ self.ray_of.transpose(1, 2)
        return float(torch.linalg.eigvalsh(kernel + rays).max()) / (4 * kernel.shape[-1])

    def largest_step(self) -> float:
        """The step (du) below which the integrator is certainly stable."""
        return 2 / (self.stiffness() + self.lam)

    @known_state(1)  # the products are small: a second thread waits more than it helps
    def run(
        self, phase: Phase, step: float, every: Callable[[float], None] | None = None, interval: int = 100
    ) -> None:
        """Integrate one phase.

        Args:
            step: du; a little shorter if need be, so that a whole number of steps makes the phase.
            every: called with u (units of 1/lam, from the phase's start) after every ``interval`` steps.

        Raises:
            UserError: a step of `largest_step` or more, at which the integrator need not be stable.
        """
        limit = self.largest_step()
        if not 0 < step < limit:
            raise UserError(f"theory: step must lie in (0, {limit:.3g}) to be stable, not {step:g}")
        total = phase.length / self.lam
        count = math.ceil(total / step - 1e-9)
        h = total / count
        seeds, size = self.norms1.shape
        together = max(1, CACHE // size**2)
        parts = [self._part(slice(first, first + together)) for first in range(0, seeds, together)]
        for first in range(0, count, interval):
            last = min(first + interval, count)
            for part in parts:
                part._steps(phase, h, first, last)
            if every is not None and last == first + interval:
                every(last * h * self.lam)

    def _part(self, seeds: slice) -> "InfiniteWidthNetwork":
        """A view of some of the seeds; what it does to its states is done to this network's."""
        part = copy(self)
        for name in ("kernels1", "norms1", "kernels2", "ray_of", "states1", "own1", "states2"):
            setattr(part, name, getattr(self, name)[seeds])
        part.train = Sample(*(getattr(self.train, field.name)[seeds] for field in fields(Sample)))
        return part

    def _steps(self, phase: Phase, h: float, first: int, last: int) -> None:
        for index in range(first, last):
            if index == first or phase.ratio != 1:
                start, end = (clock(self.lam, phase.ratio, u) for u in (index * h, (index + 1) * h))
                decays = self._decays(h, end - start)
            self._heun(decays)

    def _decays(self, h: float, passed: float) -> list[tuple[torch.Tensor, ...]]:
        """For each family of states: decay over a step, and the weights of c and of its change."""
        exponent = (self.lam * h + self.all_powers * passed)[:, None]
        decay = torch.exp(-exponent)
        phi1 = -torch.expm1(-exponent) / exponent
        small = exponent < 1e-4  # where the difference below would cancel
        phi2 = torch.where(small, 0.5 - exponent / 6, (exponent - 1 + decay) / exponent.square())
        sizes = [state.shape[1] for state in self._states()]
        parts = [factor.split(sizes) for factor in (decay, h * phi1, h * phi2)]
        return list(zip(*parts, strict=True))

    def _heun(self, decays: list[tuple[torch.Tensor, ...]]) -> None:
        first = self._drives(self.pull(self.train_output()))
        for state, drive, (decay, weight, _) in zip(self._states(), first, decays, strict=True):
            state.mul_(decay).addcmul_(weight, drive)
        second = self._drives(self.pull(self.train_output()))
        for state, old, new, (_, _, weight) in zip(self._states(), first, second, decays, strict=True):
            state.addcmul_(weight, new - old)

    def _states(self) -> tuple[torch.Tensor, ...]:
        return self.states1, self.own1, self.states2

    def _drives(self, pull: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return pull[:, None], pull[:, None], pull[:, None] @ self.ray_of
