"""A toy of the theoretical setting that trains in a browser: two layers, L-S against S.

The data follow the law of `theory.setting`. The network, its mirrored pairs and its step are those of
`theory.finite_width`, with m1 and m2 neurons in its halves. x2 lies on a few rays, x2 = alpha R_k with
`|R_k| = 1`, and relu(<V_j, x2>) = alpha relu(<V_j, R_k>): the second half is computed once a ray, not once an
example.

All is NumPy in float64, with random numbers that JavaScript repeats (`lrreg_utils.theory.counter_rng`):
``interactive/training/toy.mjs`` holds the same dynamics.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lrreg_utils.errors import UserError
from lrreg_utils.field_checks import check_kinds, check_ranges, require
from lrreg_utils.theory.counter_rng import Portable

SHOWN = ("both", "p_only", "q_only")  # what an example shows: x1 and x2, x1 alone, x2 alone
TRAIN, TEST, NETWORK = range(3)  # streams of random numbers, see `Portable`
TIE = 1e-9  # outputs this small are rounding errors of f = 0, and count as half an error

RANGES = {
    "p": (0, 1), "q": (0, 1), "r": (1e-6, math.pi / 2), "alpha_low": (0, 1), "momentum": (0, 1 - 1e-9),
    "d": (2, 1e5), "train_size": (2, 1e5), "test_size": (1, 1e6), "rays": (3, 99), "m1": (2, 1e5),
    "m2": (2, 1e6),
    **dict.fromkeys(("alpha_scale", "x1_scale", "tau0", "lam", "large_rate", "small_rate"), (1e-12, 1e9)),
}
Schedule = Sequence[tuple[float, int]]  # (rate, steps), one pair a phase


@dataclass(frozen=True)
class ToySettings:
    """The data and the network of the toy; the rates are part of it, because the noise fits the large one.

    Raises:
        UserError: a number out of its range, an odd width, an even number of rays.
    """

    d: int = 320  # dimension of x1
    train_size: int = 240  # N
    test_size: int = 2000
    p: float = 0.2  # share of examples with x1 alone
    q: float = 0.2  # share of examples with x2 alone
    r: float = 0.12  # angle between neighbouring rays (radians)
    rays: int = 3  # odd; labels alternate, the middle ray is +1
    alpha_low: float = 0.5  # alpha is uniform on [alpha_low, 1] ...
    alpha_scale: float = 3.0  # ... times this
    x1_scale: float = 0.3
    with_q: bool = True  # False: the control, in which no example shows x2
    m1: int = 48  # neurons that see x1; even
    m2: int = 8000  # neurons that see x2, in two dimensions; even
    tau0: float = 50.0  # standard deviation of an entry of U at the start
    lam: float = 6e-5  # weight decay
    large_rate: float = 70.0  # eta1
    small_rate: float = 3.0  # eta2
    momentum: float = 0.9
    noise: bool = True  # False: nothing is injected; the start is the same

    def __post_init__(self) -> None:
        check_kinds(self, "toy: ")
        check_ranges(self, RANGES, "toy: ")
        require(self, ("rays",), "odd", lambda count: count % 2 == 1, "toy: ")
        require(self, ("m1", "m2"), "even", lambda count: count % 2 == 0, "toy: ")
        if self.p + self.q > 1:
            raise UserError(f"toy: p + q must be at most 1, not {self.p + self.q:g}")
        if self.r * (self.rays // 2) >= math.pi / 2:
            raise UserError("toy: r must leave every ray within pi/2 of the middle one")
        if self.large_rate * self.lam >= 1:
            raise UserError(f"toy: large_rate times lam must be below 1, not {self.large_rate * self.lam:g}")

    @property
    def noise_std(self) -> float:
        """Standard deviation of an entry of xi."""
        if not self.noise:
            return 0.0
        return self.tau0 * math.sqrt((2 * self.lam - self.large_rate * self.lam**2) / self.large_rate)

    @property
    def R(self) -> np.ndarray:
        """The rays as unit vectors (z, zeta), float64, shape (rays, 2)."""
        angle = self.r * (np.arange(self.rays) - self.rays // 2)
        return np.stack([np.cos(angle), np.sin(angle)], 1)

    @property
    def ray_labels(self) -> np.ndarray:
        """+1 or -1, float64, shape (rays,)."""
        return 1.0 - 2.0 * (np.abs(np.arange(self.rays) - self.rays // 2) % 2)


SETTINGS = ToySettings()
SCHEDULES = {  # as many steps for both
    "L-S": ((SETTINGS.large_rate, 1000), (SETTINGS.small_rate, 1500)),
    "S": ((SETTINGS.small_rate, 2500),),
}


@dataclass(frozen=True)
class Data:
    """n examples.

    Attributes:
        y: +1 or -1, float64, shape (n,).
        x1: float64, shape (n, d); 0 where the example shows x2 alone.
        alpha: length of x2, float64, shape (n,); 0 where the example shows x1 alone.
        ray: the ray that x2 lies on, shape (n,).
        kind: place in `SHOWN`, shape (n,).
    """

    y: np.ndarray
    x1: np.ndarray
    alpha: np.ndarray
    ray: np.ndarray
    kind: np.ndarray


def sample(s: ToySettings, seed: int, stream: int) -> Data:
    """Training (``stream=TRAIN``) or test examples; the law is that of `lrreg_utils.theory.setting.sample`.

    In this order: n numbers for the labels, n for the kinds, n for the rays, n for alpha, n d normals.
    """
    rng, n = Portable(seed, stream), s.train_size if stream == TRAIN else s.test_size
    y = np.where(rng.uniform(n) < 0.5, 1.0, -1.0)
    part, pick, height = rng.uniform(n), rng.uniform(n), rng.uniform(n)
    kind = np.where(part < s.q, 2, np.where(part < s.q + s.p, 1, 0))
    ray = np.zeros(n, int)
    for label in (1.0, -1.0):
        choices, where = np.flatnonzero(s.ray_labels == label), y == label
        ray[where] = choices[(pick[where] * len(choices)).astype(int)]
    alpha = s.alpha_scale * (s.alpha_low + (1 - s.alpha_low) * height)
    noise = rng.normal(n * s.d).reshape(n, s.d)
    noise[:, 0] = y * (np.abs(noise[:, 0]) + 1)  # w* is the first unit vector, and gamma0 sqrt(d) = 1
    x1 = s.x1_scale / math.sqrt(s.d) * noise * (kind != 2)[:, None]
    return Data(y, x1, alpha * (kind != 1) * s.with_q, ray, kind)


@dataclass
class Net:
    """W (m1, d) and V (m2, 2), sums G of their past gradients, signs a and b, and the noise's stream."""

    W: np.ndarray
    V: np.ndarray
    GW: np.ndarray
    GV: np.ndarray
    a: np.ndarray
    b: np.ndarray
    rng: Portable


def paired_normals(s: ToySettings, rng: Portable) -> tuple[np.ndarray, np.ndarray]:
    """Standard normals for W and for V; of a pair, drawn once. First those of W, row by row, then V's."""
    flat = rng.normal(s.m1 // 2 * s.d + s.m2)
    w, v = flat[: s.m1 // 2 * s.d].reshape(-1, s.d), flat[s.m1 // 2 * s.d :].reshape(-1, 2)
    return np.concatenate([w, w]), np.concatenate([v, v])


def init(s: ToySettings, seed: int) -> Net:
    """The network at the start: the zero function."""
    rng = Portable(seed, NETWORK)
    W, V = (s.tau0 * normals for normals in paired_normals(s, rng))
    a, b = (np.repeat([1.0, -1.0], m // 2) / math.sqrt(m) for m in (s.m1, s.m2))
    return Net(W, V, np.zeros_like(W), np.zeros_like(V), a, b, rng)


def gradient(s: ToySettings, net: Net, data: Data) -> tuple[np.ndarray, np.ndarray]:
    """The gradient of L with respect to W and V."""
    z1, z2 = data.x1 @ net.W.T, s.R @ net.V.T
    f = np.maximum(z1, 0) @ net.a + data.alpha * (np.maximum(z2, 0) @ net.b)[data.ray]
    pull = -data.y / (1 + np.exp(np.minimum(data.y * f, 700))) / len(f)  # dL/df; 700: exp must not overflow
    ray_pull = np.bincount(data.ray, pull * data.alpha, s.rays)
    dW = net.a[:, None] * (((z1 > 0) * pull[:, None]).T @ data.x1)
    dV = net.b[:, None] * (((z2 > 0) * ray_pull[:, None]).T @ s.R)
    return dW, dV


def step(s: ToySettings, net: Net, data: Data, eta: float) -> None:
    """One step at the rate eta, in place."""
    dW, dV = gradient(s, net, data)
    net.GW = s.momentum * net.GW + dW
    net.GV = s.momentum * net.GV + dV
    net.W = (1 - eta * s.lam) * net.W - eta * (1 - s.momentum) * net.GW
    net.V = (1 - eta * s.lam) * net.V - eta * (1 - s.momentum) * net.GV
    if s.noise:
        xi_W, xi_V = paired_normals(s, net.rng)
        net.W -= eta * s.noise_std * xi_W
        net.V -= eta * s.noise_std * xi_V


def flop_per_step(s: ToySettings) -> int:
    """Multiply-adds of the matrix products of a step, forward and backward, as 2 each.

    An upper bound: every example counts as if it showed x1. Noise and updates, a few operations for each of
    the m1 d + 2 m2 weights, are left out.
    """
    return 2 * 2 * (s.train_size * s.d * s.m1 + s.rays * 2 * s.m2)


def measure(s: ToySettings, net: Net, train: Data, test: Data) -> dict[str, float | None]:
    """Losses in nats, errors in percent.

    ``train_KIND_loss`` for every kind; ``test_p_only_error``, ``test_p_error`` (the x1 half, on every input
    that shows x1) and ``test_q_only_error``, exactly: rays weighted by their probabilities. None for a
    kind that no example has.
    """
    halves = [np.maximum(data.x1 @ net.W.T, 0) @ net.a for data in (train, test)]
    on_rays = np.maximum(s.R @ net.V.T, 0) @ net.b
    loss = np.logaddexp(0, -train.y * (halves[0] + train.alpha * on_rays[train.ray]))
    found = {f"train_{name}_loss": _mean(loss[train.kind == k]) for k, name in enumerate(SHOWN)}
    wrong, wrong_rays = _errors(test.y * halves[1]), _errors(s.ray_labels * on_rays)
    shares = np.array([0.5 / np.sum(s.ray_labels == label) for label in s.ray_labels])
    return found | {
        "test_p_only_error": _mean(100 * wrong[test.kind == 1]),
        "test_q_only_error": 100 * float(wrong_rays @ shares),
        "test_p_error": _mean(100 * wrong[test.kind != 2]),
    }


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean()) if len(values) else None


def _errors(margin: np.ndarray) -> np.ndarray:
    return np.where(np.abs(margin) < TIE, 0.5, margin < 0)


def run(s: ToySettings, seed: int, schedule: Schedule, every: int = 50) -> dict[str, list]:
    """Train, and measure at the start, after every ``every`` steps and at the end of each phase.

    Returns:
        columns, a value a measurement: ``step``, and those of `measure`.

    Raises:
        UserError: a schedule without a phase, a rate or a number of steps that is not positive, a bad seed.
    """
    if not schedule:
        raise UserError("toy: a schedule needs at least one phase (rate, steps)")
    for eta, steps in [*schedule, (1.0, every)]:
        if not (math.isfinite(eta) and eta > 0 and eta * s.lam < 1):
            raise UserError(f"toy: a rate must be positive and below 1/lam, not {eta!r}")
        if not isinstance(steps, int) or steps < 1:
            raise UserError(f"toy: steps must be a whole number from 1 on, not {steps!r}")
    train, test, net = sample(s, seed, TRAIN), sample(s, seed, TEST), init(s, seed)
    rows, done = [{"step": 0} | measure(s, net, train, test)], 0
    for eta, steps in schedule:
        for left in reversed(range(steps)):
            step(s, net, train, eta)
            done += 1
            if done % every == 0 or not left:
                rows.append({"step": done} | measure(s, net, train, test))
    return {name: [row[name] for row in rows] for name in rows[0]}


def reference(s: ToySettings = SETTINGS, seed: int = 0) -> dict[str, Any]:
    """Give what a browser needs to train the toy, and a short run to check it by, as plain values.

    Data and first weights are a recipe (`sample`, `init`), so that any seed can be trained; ``data`` is the
    seed's training set for drawing: kinds, labels, rays, alpha, and <w*, x1>, to 4 digits.
    """
    train = sample(s, seed, TRAIN)
    short = ((s.large_rate, 40), (s.small_rate, 20))
    return {
        "settings": asdict(s) | {"noise_std": s.noise_std},
        "schedules": SCHEDULES,
        "flop_per_step": flop_per_step(s),
        "seed": seed,
        "data": {
            "y": train.y.astype(int).tolist(), "kind": train.kind.tolist(), "ray": train.ray.tolist(),
            "alpha": train.alpha.round(4).tolist(), "along": train.x1[:, 0].round(4).tolist(),
        },
        "reference": {"seed": seed, "schedule": short, "every": 5, "columns": run(s, seed, short, 5)},
    }
