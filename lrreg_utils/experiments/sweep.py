"""Sweeps: a TOML file that says many runs as schedules x seeds x values of any field.

::

    experiment = "small"                       # what every field not named below is taken from
    schedules = ["large_lr", "small_lr"]       # default: all of the experiment
    seeds = [0, 1, 2]                          # default: [0]

    [set]                                      # one value for every run
    train_size = 10000
    "schedule.initial_lr" = 0.2

    [grid]                                     # every combination is run
    patch_strength = [0.1, 0.25]
    "schedule.anneal_epochs" = [[8], [16]]

    [[runs]]                                   # fields that change together: one table for each choice,
    schedules = ["large_lr"]                   # which may have schedules of its own
    train_size = 2000
    epochs = 60

    [about]                                    # for readers; nothing is trained by it
    title = "Fewer images"
    question = "Does the gap grow when there are fewer images?"
    found = "It does."

A field is one of `Config`'s, or one of `Schedule`'s after ``schedule.``; ``shares`` is text, as
on the command line, or a table of its fields. The recordings of the book are such files, in ``data/sweeps``.
"""

import itertools
import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from datetime import date, time
from pathlib import Path
from typing import Any

from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import Config, Shares, parse_shares
from lrreg_utils.experiments.presets import experiment
from lrreg_utils.experiments.schedule import Schedule
from lrreg_utils.field_checks import shown
from lrreg_utils.text_files import read_text

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MOST_RUNS = 100_000  # more are a slip, and may not fit a memory
KEYS = ("experiment", "schedules", "seeds", "set", "grid", "runs", "about")
ABOUT = ("title", "question", "found")
CONFIG_FIELDS = sorted({field.name for field in fields(Config)} - {"schedule", "seed"})
FIELDS = [*CONFIG_FIELDS, *sorted(f"schedule.{field.name}" for field in fields(Schedule))]


def load_sweep(path: Path | str, data: str | None = None) -> list[Config]:
    """Every run of a sweep file, each once, in the order of the file.

    Args:
        data: a data source to use in place of the file's.

    Raises:
        UserError: a file that cannot be read or is not TOML, an unknown key, field, schedule or
            experiment, a value of the wrong kind or outside its range, or more than 100,000 runs.
    """
    content = _content(path)
    try:
        runs = _runs(content, data)
    except UserError as error:
        raise UserError(f"sweep: {path}: {error}") from None
    return list(dict.fromkeys(runs))


def about(path: Path | str) -> dict[str, str]:
    """The table ``[about]`` of a sweep file: title, question and what was found; empty where there is none.

    Raises:
        UserError: a file that cannot be read or is not TOML, or a table with other keys or values.
    """
    content = _content(path)
    try:
        return _about(content.get("about", {}))
    except UserError as error:
        raise UserError(f"sweep: {path}: {error}") from None


def _content(path: Path | str) -> dict[str, Any]:
    text = read_text(path, "sweep")
    try:
        return tomllib.loads(text)
    except ValueError as error:
        raise UserError(f"sweep: {path} is not TOML: {error}") from None
    except RecursionError:
        raise UserError(f"sweep: {path} has lists or tables too deep within each other") from None


def _about(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not set(value) <= set(ABOUT):
        raise UserError(f"about must be a table of {', '.join(ABOUT)}, got {shown(value)}")
    return {name: _text(text, f"about: {name}") for name, text in value.items()}


def _runs(content: dict[str, Any], data: str | None) -> list[Config]:
    if unknown := set(content) - set(KEYS):
        raise UserError(f"{sorted(unknown)[0]!r} is unknown; a sweep has {', '.join(KEYS)}")
    _about(content.get("about", {}))
    if "experiment" not in content:
        raise UserError("experiment is missing")
    chosen = experiment(_text(content["experiment"], "experiment"), data)
    schedules = _list(content, "schedules", list(chosen.schedules))
    seeds = _list(content, "seeds", [0])
    fixed, grid = _table(content.get("set", {}), "set"), _table(content.get("grid", {}), "grid")
    together = [_table(one, "runs", "schedules") for one in _list(content, "runs", [{}])]
    each = [_list(one, "schedules", schedules) for one in together]
    values = [_list(grid, name, []) for name in grid]
    if len(seeds) * sum(map(len, each)) * math.prod(map(len, values)) > MOST_RUNS:
        raise UserError(f"it says more than {MOST_RUNS} runs; make its lists shorter")
    points = [dict(zip(grid, point, strict=True)) for point in itertools.product(*values)]
    replaced = {} if data is None else {"data": data}
    runs = []
    for seed, point, (one, of_one) in itertools.product(seeds, points, zip(together, each, strict=True)):
        change = {name: value for name, value in one.items() if name != "schedules"}
        for schedule in of_one:
            config = chosen.config(_text(schedule, "each of schedules"), seed)
            runs.append(with_fields(config, {**fixed, **point, **change, **replaced}))
    return runs


def _table(value: Any, name: str, *more: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UserError(f"{name} must be a table of fields, got {shown(value)}")
    check_names(value, (*FIELDS, *more))
    return value


def _list(table: dict[str, Any], name: str, default: list) -> list:
    value = table.get(name, default)
    if not isinstance(value, list) or not value:
        raise UserError(f"{name} must be a list with at least one value, got {shown(value)}")
    return value


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise UserError(f"{name} must be text, got {shown(value)}")
    return value


def named_values(pairs: Iterable[str], where: str) -> dict[str, Any]:
    """What ``NAME=VALUE`` says: a value is read as TOML, or else taken as text.

    Raises:
        UserError: a pair without its ``=``; the line begins with ``where``.
    """
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals):
            raise UserError(f"{where}: {shown(pair)} is not NAME=VALUE")
        found[name] = _value(value)
    return found


def _value(text: str) -> Any:
    try:
        read = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    value = read.pop("value")
    return text if read or isinstance(value, date | time) else value  # lines below it, or 1:30:00


def check_names(values: Iterable[str], names: Sequence[str] = FIELDS, where: str = "") -> None:
    """Refuse a name that is none of ``names``; the line begins with ``where``."""
    for name in values:
        if name not in names:
            raise UserError(f"{where}{shown(name)} is not a field; there are {', '.join(names)}")


def with_fields(config: Config, values: dict[str, Any]) -> Config:
    """The config with other values of some `FIELDS`, as a file or the command line gives them."""
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    if "shares" in values:
        values["shares"] = _shares(values["shares"])
    prefix = "schedule."
    inner = {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}
    outer = {name: value for name, value in values.items() if not name.startswith(prefix)}
    return replace(config, schedule=replace(config.schedule, **inner), **outer)


def _shares(value: Any) -> Shares:
    if isinstance(value, str):
        return parse_shares(value)
    try:
        return Shares(**value)
    except TypeError:
        raise UserError(
            'shares must be text such as "20/20/60", or a table of clean, patch_only, both and redraw, '
            f"got {shown(value)}"
        ) from None
