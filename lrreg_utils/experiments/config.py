"""The settings of one run, immutable, with an id made from them."""

import hashlib
import json
import math
import os
import re
from dataclasses import asdict, dataclass, fields
from typing import Any

from lrreg_utils.errors import UserError
from lrreg_utils.experiments.schedule import Schedule
from lrreg_utils.field_checks import check_kinds, finite_above_0, finite_from_0, require, shown


@dataclass(frozen=True)
class Shares:
    """What part of the training set each group is, and when patch-only is drawn.

    With ``redraw=False`` the three groups are drawn once. With ``redraw=True`` only *patched or
    clean* is drawn once, and a patched example is patch-only afresh at every access with
    probability ``patch_only / (patch_only + both)``.
    """

    clean: float
    patch_only: float
    both: float
    redraw: bool = False

    def __post_init__(self) -> None:
        check_kinds(self, "shares: ")
        shares = (self.clean, self.patch_only, self.both)
        if any(not 0 <= share <= 1 for share in shares) or not math.isclose(sum(shares), 1):
            text = " + ".join(f"{100 * share:g}" for share in shares)
            raise UserError(
                f"shares: {text} percent (clean + patch-only + both) do not add up to 100; "
                "each must lie between 0 and 100"
            )


#: The two conventions for the groups. The authors' talk gives ``talk``; their code makes ``code``
#: (80 % patched, and 20 % of those patch-only at each access).
SHARES = {
    "talk": Shares(0.20, 0.20, 0.60),
    "code": Shares(0.20, 0.16, 0.64, redraw=True),
}


def parse_shares(text: str) -> Shares:
    """Shares from a name in `SHARES` or from percentages such as ``"20/20/60"``.

    Raises:
        UserError: neither a known name nor three numbers that add up to 100.
    """
    if text in SHARES:
        return SHARES[text]
    try:
        clean, patch_only, both = (float(part) / 100 for part in text.split("/"))
    except ValueError:
        names = ", ".join(SHARES)
        raise UserError(
            f"shares: {shown(text)} is neither one of {names} nor CLEAN/PATCH_ONLY/BOTH in percent, "
            "for example 20/20/60"
        ) from None
    return Shares(clean, patch_only, both)


MAX_IMAGE_SIZE = 1024  # pixels: beyond it a data set does not fit a memory
CHOICES = {
    "precision": ("float32", "bfloat16", "float16"),
    "initialization": ("he", "torch"),
    "patch_place": ("center", "corner"),
    "norm": ("batch", "group", "none"),
}
MODELS = "choose hidden-K (K units, for example hidden-128), small or wrn16-K, for example wrn16-10"


@dataclass(frozen=True)
class Config:
    """Everything that decides a run's history, apart from the machine.

    Defaults are the patch experiment of the authors' code. ``folder:PATH`` is written out as
    ``folder:NAME`` with PATH's last part, so that neither files nor ids hold a machine's paths.

    Raises:
        UserError: a value outside its range, naming the field.
    """

    schedule: Schedule
    seed: int = 0
    data: str = "cifar10"  # digits, cifar10 or folder:PATH
    image_size: int = 32  # height and width of an image, pixels
    train_size: int | None = None  # at most this many training images, balanced; None: all of them
    pixel_noise: float = 0.0  # std of fixed noise on every image, in stds of the data's pixels
    model: str = "wrn16-10"
    epochs: int = 60
    passes: int = 1  # times that an epoch goes through the training set
    batch_size: int = 128
    momentum: float = 0.9  # Nesterov
    weight_decay: float = 5e-4  # on every parameter
    initialization: str = "he"  # of the weights: see lrreg_utils.training.model.build_model
    norm: str = "batch"  # what follows each layer: batch norm, group norm of 8 groups, or none
    initial_scale: float = 1.0  # initial weights whose length batch norm hides, times this
    reset_lengths: bool = False  # at the first anneal these weights get their initial lengths back
    patch_size: int = 7  # height and width of the patch, pixels
    patch_place: str = "center"  # or corner: top left
    patch_std: float = 1.25  # std of z, in normalized units
    patch_strength: float = 0.1  # a class pattern is uniform in [-strength, strength]; 0: it says nothing
    patch_only_scale: float = 1.75  # patch-only: pattern times this times U[0, 1]
    shares: Shares = SHARES["code"]
    noise_per_sample: bool = False  # activation noise: a map for each image, not for the batch
    precision: str = "float32"  # what convolutions compute in: float32, bfloat16 or float16
    compile: bool = False  # torch.compile: rounds differently, and costs a minute or more at first

    def __post_init__(self) -> None:
        check_kinds(self)
        require(self, ("image_size", "epochs", "passes", "batch_size", "patch_size"),
                "a whole number above 0", lambda value: value > 0)
        require(self, ("image_size",), f"{MAX_IMAGE_SIZE} pixels or less",
                lambda value: value <= MAX_IMAGE_SIZE)
        require(self, ("patch_std", "patch_strength", "patch_only_scale", "pixel_noise", "weight_decay"),
                "0 or more and finite", finite_from_0)
        require(self, ("seed",), "a whole number, 0 or more", lambda value: value >= 0)
        require(self, ("momentum",), "above 0 and below 1", lambda value: 0 < value < 1)
        require(self, ("train_size",), "a whole number above 0, or left out",
                lambda value: value is None or value > 0)
        for name, allowed in CHOICES.items():
            require(self, (name,), f"{', '.join(allowed[:-1])} or {allowed[-1]}", allowed.__contains__)
        require(self, ("initial_scale",), "above 0 and finite", finite_above_0)
        if not re.fullmatch(r"small|hidden-[1-9]\d{0,3}|wrn16-[1-9]\d?", self.model, re.ASCII):
            raise UserError(f"model: {shown(self.model)} is unknown; {MODELS}")
        if self.norm == "group" and self.model.startswith("hidden-") and int(self.model[7:]) % 8:
            raise UserError(f"norm group has 8 groups, which {self.model} cannot be divided into")
        if self.norm != "batch" and (self.reset_lengths or self.initial_scale != 1):
            name = "reset_lengths" if self.reset_lengths else "initial_scale"
            raise UserError(f"{name} needs norm batch, which keeps the network's function the same")
        if self.patch_size > self.image_size:
            raise UserError(
                f"patch_size {self.patch_size} is larger than the image ({self.image_size} pixels)"
            )
        if self.data == "folder:":
            raise UserError("data: folder: needs a path, as in folder:PATH")
        if self.data not in ("digits", "cifar10") and not self.data.startswith("folder:"):
            raise UserError(
                f"data: {shown(self.data)} is unknown; choose digits, cifar10 or folder:PATH"
            )

    def batch_size_with(self, batch_noise: float) -> int:
        """Examples in a step at a level of batch noise: that many times fewer, and at least two."""
        return max(min(2, self.batch_size), round(self.batch_size / max(1.0, batch_noise)))

    def batch_sizes(self) -> set[int]:
        """Every number of examples in a step that the run uses, apart from last batches."""
        first_epochs = [epoch for epoch in (1, *self.schedule.change_epochs) if epoch <= self.epochs]
        of_batches = self.schedule.noise_kind == "batch"
        levels = {self.schedule.noise_std(epoch) if of_batches else 0.0 for epoch in first_epochs}
        return {self.batch_size_with(level) for level in levels}

    @property
    def data_name(self) -> str:
        """The data source without the machine's path; ``folder:.`` has its folder's name."""
        if self.data.startswith("folder:"):
            path = os.path.normpath(self.data.removeprefix("folder:"))
            if os.path.basename(path) in ("", ".", ".."):
                path = os.path.abspath(path)
            return "folder:" + (os.path.basename(path) or "root")
        return self.data

    @property
    def id(self) -> str:
        """Twelve hexadecimal digits that depend on the content alone."""
        return fingerprint(self.as_dict())

    @property
    def label(self) -> str:
        """A readable file name for the run, made of its schedule, seed and id."""
        return f"{self.schedule.name}-seed{self.seed}-{self.id}"

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON; `from_dict` reads them back."""
        return asdict(self) | {"data": self.data_name}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Config":
        """The config that `as_dict` wrote.

        Raises:
            UserError: a field that is missing or unknown, or a value outside its range.
        """
        try:
            schedule = dict(values["schedule"])
            if isinstance(schedule["anneal_epochs"], list):
                schedule["anneal_epochs"] = tuple(schedule["anneal_epochs"])
            nested = {"schedule": _made(Schedule, schedule), "shares": _made(Shares, values["shares"])}
            return _made(cls, values | nested)
        except UserError:
            raise
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UserError(f"config: a field is missing, unknown or of the wrong kind ({error})") from None


def _made(kind: type, values: dict[str, Any]) -> Any:
    """A dataclass from all of its fields: a default of today is not what an older file meant."""
    if missing := {field.name for field in fields(kind)} - set(values):
        raise KeyError(min(missing))
    return kind(**values)


def fingerprint(values: dict[str, Any]) -> str:
    """Twelve hexadecimal digits of what a config says as plain values."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:12]
