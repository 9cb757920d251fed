"""Training: the demonstration network, and new readouts on the frozen core of a twin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_twinscope.lazy import lazy_names

if TYPE_CHECKING:
    from napari_twinscope.training.demo_training import train_demo
    from napari_twinscope.training.recipe import DemoRecipe
    from napari_twinscope.training.trial_folder import read_trials, write_trials
    from napari_twinscope.training.trials import Trial, TrialSet, make_trial_set

__getattr__ = lazy_names(
    __name__,
    {
        "DemoRecipe": "recipe",
        "Trial": "trials",
        "TrialSet": "trials",
        "make_trial_set": "trials",
        "read_trials": "trial_folder",
        "write_trials": "trial_folder",
        "train_demo": "demo_training",
    },
)

__all__ = ["DemoRecipe", "Trial", "TrialSet", "make_trial_set", "read_trials", "train_demo", "write_trials"]
