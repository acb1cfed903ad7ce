"""Where every recorded result came from, as the files themselves say, and what all of them took.

Nothing here is typed by hand, and nothing imports torch: a recording that is added shows up by itself.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lrreg_utils.claims.evidence import Evidence
from lrreg_utils.files import data_folder
from lrreg_utils.results.recording import recording, recordings
from lrreg_utils.results.study import load_study
from lrreg_utils.tables import Table
from lrreg_utils.text_files import listed


def _like(pattern: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and bool(re.fullmatch(pattern, value))


FACTS: dict[str, Callable[[Any], bool]] = {  # what a complete provenance holds
    "device": _like(r".*\S.*"),
    "seconds": lambda value: isinstance(value, int | float) and value > 0,
    "date": _like(r"\d{4}-\d\d-\d\d"),
    "versions": lambda value: isinstance(value, dict) and {"python", "lrreg_utils"} < set(value),
    "commit": _like(r"[0-9a-f]{7,40}"),
}
OF_A_RUN = {"data_sha256": _like(r"[0-9a-f]{64}")}
FIRST_TUNING_SEED = 100  # seeds from here on chose settings; those below are reported


@dataclass(frozen=True)
class Origin:
    """Where one recorded result came from.

    Attributes:
        name: of the recording or the study.
        command: what makes it again.
        count: number of runs; 1 for a result that is one file.
        seeds: the seeds, in order.
        devices: each different one, in order; likewise the next three.
        dates: when runs were made.
        commits: of this repository.
        versions: of Python and the libraries.
        seconds: over all runs, each on one thread; 0 where it is not recorded.
        missing: facts that the provenance of some run lacks.
    """

    name: str
    command: str
    count: int
    seeds: tuple[int, ...]
    devices: tuple[str, ...]
    dates: tuple[str, ...]
    commits: tuple[str, ...]
    versions: tuple[str, ...]
    seconds: float
    missing: tuple[str, ...]


def missing_facts(provenance: dict[str, Any], of_a_run: bool = True) -> tuple[str, ...]:
    """Facts that a provenance lacks, or has in a form that says nothing: a commit with ``-dirty``, say.

    Args:
        of_a_run: whether it is a run's, which must name its data by their SHA-256.
    """
    facts = FACTS | OF_A_RUN if of_a_run else FACTS
    return tuple(name for name, complete in facts.items() if not complete(provenance.get(name)))


def recorded_runs() -> list[Origin]:
    """One origin for each recording, by name."""
    return [origin_of(found.sweep, found.command, {run.config.seed for run in found.runs},
                      [run.provenance for run in found.runs]) for found in map(recording, recordings())]


def recorded_studies() -> list[Origin]:
    """One origin for each study of the theory, of networks and of the toy, by name."""
    studies = [load_study(path) for path in listed(data_folder("studies"), "*.json")]
    return [origin_of(one["name"], one["command"], one["seeds"], [one["provenance"]], of_a_run=False)
            for one in studies if one["provenance"]]  # else it is a setting to check by, not a result


def origin_of(
    name: str, command: str, seeds: Iterable[int], provenances: list[dict], of_a_run: bool = True
) -> Origin:
    """Where the runs, or the study, with these provenances came from."""
    missing = {fact for one in provenances for fact in missing_facts(one, of_a_run)}
    return Origin(
        name, command, len(provenances), tuple(sorted(seeds)),
        devices=_each(one.get("device") for one in provenances),
        dates=_each(one.get("date") for one in provenances),
        commits=_each(one.get("commit") for one in provenances),
        versions=_each(", ".join(map(" ".join, (one.get("versions") or {}).items())) for one in provenances),
        seconds=sum(one.get("seconds") or 0 for one in provenances),
        missing=tuple(sorted(missing)),
    )


def _each(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(sorted({str(value) for value in values if value}))


def duration(seconds: float) -> str:
    """Seconds as a reader says them: 45 s, 12 min, 1 h 05 min."""
    minutes = round(seconds / 60)
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def seeds_text(seeds: Sequence[int]) -> str:
    """Seeds as a range where they are one: 0 to 4, else 0, 2, 5."""
    if len(seeds) > 2 and list(seeds) == list(range(seeds[0], seeds[-1] + 1)):
        return f"{seeds[0]} to {seeds[-1]}"
    return ", ".join(str(seed) for seed in seeds)


def recordings_table(origins: Sequence[Origin], made: bool = False) -> Table:
    """A table of four columns, a row for each origin.

    Args:
        made: when and from which commit, in place of how much and on what.
    """
    head = ("name", "date", "commit", "versions") if made else ("name", "runs", "time", "device")
    rows = [(one.name, ", ".join(one.dates), ", ".join(one.commits), "; ".join(one.versions)) if made else
            (one.name, f"{one.count}, seeds {seeds_text(one.seeds)}", duration(one.seconds),
             ", ".join(one.devices)) for one in origins]
    return Table(head, rows)


def unrecorded_sweeps() -> list[str]:
    """Names of the sweep files in ``data/sweeps`` whose runs nobody has made yet."""
    names = {path.stem for path in listed(data_folder("sweeps"), "*.toml")}
    return sorted(names - set(recordings()))


def evidence(runs: Sequence[Origin], studies: Sequence[Origin]) -> tuple[Evidence, ...]:
    """What every recording and every study must be able to say of itself."""
    def of_runs(condition: str, met: Sequence[bool]) -> Evidence:
        return Evidence("recordings", "", condition, range(len(runs)), met, counted="recordings")

    results = [*runs, *studies]
    return (
        of_runs("every run has data hash, device, time, date, versions and a clean commit",
                [not one.missing for one in runs]),
        of_runs("a file of settings says the runs",
                [(data_folder("sweeps") / f"{one.name}.toml").is_file() for one in runs]),
        of_runs("at least three seeds", [len(one.seeds) >= 3 for one in runs]),
        Evidence("studies", "", "each has device, time, date, versions, a clean commit and its command",
                 range(len(studies)), [bool(one.command) and not one.missing for one in studies],
                 counted="studies"),
        Evidence("recordings and studies", "", "no seed that was used for tuning", range(len(results)),
                 [max(one.seeds) < FIRST_TUNING_SEED for one in results], counted="results"),
    )


def totals(runs: Sequence[Origin], studies: Sequence[Origin]) -> dict[str, str]:
    """How much is recorded, how long it took on which devices, and which sweeps have no runs yet."""
    return {
        "recorded_runs": str(sum(one.count for one in runs)),
        "recorded_folders": str(len(runs)),
        "recorded_time": duration(sum(one.seconds for one in runs)),
        "study_count": str(len(studies)),
        "study_time": duration(sum(one.seconds for one in studies)),
        "devices": " and ".join(sorted({device for one in (*runs, *studies) for device in one.devices})),
        "missing_sweeps": ", ".join(unrecorded_sweeps()) or "none",
    }


def commands(origins: Sequence[Origin]) -> str:
    """The command that makes each result again, on the line below its name."""
    return "\n".join(f"{one.name}\n    {one.command}" for one in origins)


def time_table(runs: Sequence[Origin]) -> Table:
    """Mean time of a run of each recording, the longest first."""
    mean = {one.name: one.seconds / one.count for one in runs}
    return Table(("recording", "time of a run"), [
        (name, duration(mean[name])) for name in sorted(mean, key=mean.get, reverse=True)])
