"""Run the patch experiment of "Towards Explaining the Regularization Effect of Initial Large
Learning Rate in Training Neural Networks" (Li, Wei and Ma, NeurIPS 2019).

Every public name can be imported from here; nothing is loaded before it is used, so that drawing
a recorded figure never waits for torch.
"""

from importlib import import_module

_HOME = {
    "Checkpoint": "checkpoints",
    "evaluate": "checkpoints",
    "load_checkpoint": "checkpoints",
    "Outcome": "comparison",
    "compare": "comparison",
    "gaps": "comparison",
    "spread": "comparison",
    "table": "comparison",
    "Config": "config",
    "Shares": "config",
    "SHARES": "config",
    "parse_shares": "config",
    "UserError": "errors",
    "History": "history",
    "load_histories": "history",
    "load_history": "history",
    "data_folder": "history",
    "recorded": "history",
    "Images": "datasets",
    "Split": "datasets",
    "load_images": "images",
    "normalize": "images",
    "prepare": "images",
    "memory_table": "memory",
    "WideResNet": "models",
    "build_model": "models",
    "GROUPS": "patches",
    "Patterns": "patches",
    "draw_groups": "patches",
    "draw_patterns": "patches",
    "write_patches": "patches",
    "compare_precisions": "plots",
    "compare_schedules": "plots",
    "plot_history": "plots",
    "plot_runs": "plots",
    "show_pictures": "plots",
    "Experiment": "presets",
    "experiment": "presets",
    "experiment_for": "presets",
    "Ratio": "ratios",
    "draw_ratios": "ratios",
    "ratio_table": "ratios",
    "recorded_ratios": "ratios",
    "glue": "prose",
    "Origin": "recordings",
    "recorded_runs": "recordings",
    "recorded_studies": "recordings",
    "recordings_table": "recordings",
    "schedule_figure": "widgets",
    "run_all": "runs",
    "load_sweep": "sweeps",
    "submit_all": "cluster",
    "Schedule": "schedules",
    "compared_schedules": "schedules",
    "generator": "seeding",
    "Errors": "separation",
    "separate": "separation",
    "train_ls": "separation",
    "train_s": "separation",
    "Setting": "theory",
    "draw": "theory",
    "measure": "theory_metrics",
    "make_studies": "studies",
    "recorded_study": "study_files",
    "Network": "infinite_width",
    "Phase": "infinite_width",
    "Recipe": "two_layer",
    "TwoLayer": "two_layer",
    "Portable": "portable",
    "ToySettings": "toy",
    "by_field": "sweep_plots",
    "plot_against": "sweep_plots",
    "plot_map": "sweep_plots",
    "where": "sweep_plots",
    "Run": "training",
    "Trained": "training",
    "choose_device": "devices",
    "train": "training",
}
__all__ = list(_HOME)


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module 'lrreg_utils' has no attribute {name!r}")
    return getattr(import_module(f"lrreg_utils.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
