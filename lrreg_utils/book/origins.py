"""Whether every recorded result says where it came from, and what all of them took."""

from collections.abc import Sequence

from lrreg_utils.claims.evidence import Evidence
from lrreg_utils.files import data_folder
from lrreg_utils.results.origins import Origin, duration, unrecorded_sweeps
from lrreg_utils.tables import Table

FIRST_TUNING_SEED = 100  # seeds from here on chose settings; those below are reported


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
