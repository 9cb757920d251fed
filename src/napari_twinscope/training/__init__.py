"""Training: the demonstration network, and new readouts on the frozen core of a twin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_twinscope.lazy import lazy_names

if TYPE_CHECKING:
    from napari_twinscope.training.demo_training import train_demo
    from napari_twinscope.training.fit_command import FitReport, run_fit
    from napari_twinscope.training.fit_options import FitOptions
    from napari_twinscope.training.readout_fit import Fit, fit_readout
    from napari_twinscope.training.recipe import DemoRecipe
    from napari_twinscope.training.scores import score_units
    from napari_twinscope.training.trial_folder import read_trials, write_trials
    from napari_twinscope.training.trials import Trial, TrialSet, make_trial_set

__getattr__ = lazy_names(
    __name__,
    {
        "DemoRecipe": "recipe",
        "Fit": "readout_fit",
        "FitOptions": "fit_options",
        "FitReport": "fit_command",
        "Trial": "trials",
        "TrialSet": "trials",
        "make_trial_set": "trials",
        "fit_readout": "readout_fit",
        "read_trials": "trial_folder",
        "run_fit": "fit_command",
        "score_units": "scores",
        "write_trials": "trial_folder",
        "train_demo": "demo_training",
    },
)

__all__ = [
    "DemoRecipe",
    "Fit",
    "FitOptions",
    "FitReport",
    "Trial",
    "TrialSet",
    "fit_readout",
    "make_trial_set",
    "read_trials",
    "run_fit",
    "score_units",
    "train_demo",
    "write_trials",
]
