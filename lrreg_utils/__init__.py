"""Run the patch experiment of "Towards Explaining the Regularization Effect of Initial Large
Learning Rate in Training Neural Networks" (Li, Wei and Ma, NeurIPS 2019).

The names here are those that several chapters use; everything else is imported from its room.
Nothing is loaded before it is used, so that drawing a recorded figure never waits for torch.
"""

from importlib import import_module

__version__ = "0.2.0"

_NAMES = {
    "book.notebook": "set_up",
    "book.quiz": "quiz",
    "book.quote": "quote",
    "book.source": "show_source",
    "book.verdicts": "check judge",
    "errors": "UserError",
    "experiments.config": "Config SHARES Shares",
    "experiments.presets": "experiment",
    "experiments.schedule": "Schedule",
    "experiments.sweep": "load_sweep",
    "figures.histories": "curves",
    "images.patches": "Patterns draw_patterns write_patches",
    "images.sources": "fetch load_images normalize prepare",
    "interactive.widgets": "interactive_figure",
    "live.lab": "lab",
    "results.history": "History",
    "results.recording": "load_histories recorded",
    "results.select": "by_field where",
    "results.study": "recorded_study",
    "results.summary": "compare table",
    "seeding": "generator",
    "sweeps.cluster": "submit_all",
    "sweeps.runner": "run_all",
    "tables": "Table",
    "theory.separation": "separate",
    "theory.setting": "Setting",
    "training.train": "train",
    "training.trainer": "Trainer",
}
_HOME = {name: module for module, names in _NAMES.items() for name in names.split()}
_ROOMS = ("book", "claims", "experiments", "figures", "grading", "images", "interactive", "live", "problems",
          "results", "studies", "sweeps", "theory", "training")
__all__ = sorted(_HOME)


def __getattr__(name: str):
    if name in _HOME:
        return getattr(import_module(f"lrreg_utils.{_HOME[name]}"), name)
    if name in _ROOMS:
        return import_module(f"lrreg_utils.{name}")
    raise AttributeError(f"module 'lrreg_utils' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, *_ROOMS]
