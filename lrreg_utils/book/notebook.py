"""Set-up of a notebook: what it runs on, and one clear line where something went wrong."""

import sys

from joblib import cpu_count

from lrreg_utils import console

SWITCH_ON = "In Colab choose Runtime > Change runtime type > T4 GPU, then run this cell again."
RUN_ABOVE = "If a cell above makes it, run the cells from the first one on."
STOPPED = "Stopped. Runs that were finished are kept: run this cell again, and it goes on."


def set_up(gpu: bool = False) -> None:
    """Print what a notebook runs on, and turn interrupts and missing names into one line each.

    Args:
        gpu: whether the notebook needs a GPU; where there is none, it then says how to get one.
    """
    console.say(_device(gpu))
    if "IPython" in sys.modules and (shell := sys.modules["IPython"].get_ipython()):
        shell.set_custom_exc((NameError, KeyboardInterrupt), _one_line)


def _device(gpu: bool) -> str:
    import torch

    from lrreg_utils.devices import choose_device

    if choose_device().type == "cuda":
        memory = torch.cuda.get_device_properties(0).total_memory / 2**30
        return f"Runs on a GPU: {torch.cuda.get_device_name()}, {memory:.0f} GiB."
    if gpu:
        return f"No GPU here. {SWITCH_ON}"
    cores = f"{cpu_count()} core{'s' if cpu_count() != 1 else ''}"  # that this process may use
    return f"Runs on the processor ({cores}), which is all that this page needs."


def _one_line(shell, kind, error, trace, tb_offset=None) -> None:
    """Show an interrupt, or a name that a cell of the notebook lacks, as one line; all else as always."""
    line = _line(shell, kind, error, trace)
    if line is None:
        stack = shell.InteractiveTB.structured_traceback(kind, error, trace, tb_offset=tb_offset or 1)
    shell._showtraceback(kind, error, [line] if line else stack)


def _line(shell, kind, error, trace) -> str | None:
    if issubclass(kind, KeyboardInterrupt):
        return STOPPED
    while trace.tb_next:
        trace = trace.tb_next
    frame = trace.tb_frame
    in_a_cell = frame.f_globals is shell.user_ns is frame.f_locals  # and in none of its functions
    return f"NameError: {error}. {RUN_ABOVE}" if in_a_cell else None
