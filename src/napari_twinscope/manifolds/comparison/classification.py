"""How well the stimuli can be told apart from a population's activity, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.comparison.classification_options import ClassificationOptions
from napari_twinscope.manifolds.comparison.classifiers import logistic_predictions, neighbor_predictions
from napari_twinscope.manifolds.decoding.conditions import conditions, order_to_show, recorded_frames
from napari_twinscope.progress import Progress, SilentProgress, raise_if_canceled
from napari_twinscope.stimuli import paper_stimuli

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVEL = 0.95
"""Level of the intervals."""

_ITERATIONS = {"published-2025": 200, "published-2026": 500, "corrected": 5000}
_CORRECTED = ClassificationOptions()


def classification_over_time(
    responses: xr.DataArray,
    options: ClassificationOptions = _CORRECTED,
    *,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Name the stimulus of each movie from the mean activity in a window of time.

    There is no noise between trials of a network, so that the score is how far what is learnt about a
    stimulus in some directions holds in others.

    Parameters
    ----------
    responses
        Dims unit, stimulus, direction, time in any order; stimulus by name, direction in degrees; raw. For
        some of the units take ``responses.isel(unit=...)``. Constant units change nothing.
    options
        How; by default the corrected preset with logistic regression.
    progress
        Told of each window.

    Returns
    -------
    xarray.Dataset
        ``accuracy``, ``lower``, ``upper``
            (window, time): share of movies named right, and its interval. ``time`` is the end of the
            growing windows, the beginning of the shrinking ones, and the frame itself: seconds, or
            frames where the recording has none. The interval is the 95 % one of the mean over
            directions (Student's t), in the published presets one standard error over runs.
        ``correct``
            (window, time, stimulus, direction): share of the runs in which this movie was named right.
        ``fold_accuracy``
            (window, time, run, fold).

        The attributes ``chance`` and ``chance_upper`` are the accuracy of guessing, and what 95 % of
        guessers do not exceed (binomial); ``unconverged`` the number of fits that were stopped;
        ``options`` the options as JSON. With the corrected preset nothing depends on the order in which
        stimuli and directions are stored.

    Raises
    ------
    InvalidInput
        If the responses do not fit, a response is missing or infinite, there are fewer than two stimuli,
        or too few directions for the split.

    References
    ----------
    arXiv 2601.21508, public code.
    """
    progress = SilentProgress() if progress is None else progress
    frames = conditions(responses, options.preset, options.stimuli, rectify=options.rectify)
    recorded_frames(frames, every=True)
    frames = _in_stored_order(frames, options)
    stimuli, directions = frames.sizes["stimulus"], frames.sizes["direction"]
    labels = np.tile(np.arange(stimuli), directions)  # direction slow, as in the papers
    folds = _folds(labels, stimuli, directions, options)
    starts = range(0, frames.sizes["time"], options.step)
    movies = frames.transpose("time", "direction", "stimulus", "unit").values
    movies = movies.reshape(len(movies), len(labels), -1)
    correct = np.empty((len(options.windows), len(starts), len(folds), len(labels)), dtype=bool)
    unconverged = 0
    progress.begin(len(options.windows) * len(starts), f"classify by {options.classifier}")
    for place in np.ndindex(correct.shape[:2]):
        raise_if_canceled(progress)
        samples = _mean(movies, options.windows[place[0]], starts[place[1]])
        for run, fold in enumerate(folds):
            named, stopped = _named(samples, labels, fold, options)
            correct[(*place, run)] = named == labels
            unconverged += stopped
        progress.advance()
    progress.end()
    made = _scores(correct, folds, directions, options)
    made["correct"] = (
        ("window", "time", "stimulus", "direction"),
        correct.mean(2).reshape(*correct.shape[:2], directions, stimuli).swapaxes(2, 3),
    )
    times = frames["time"].values if "time" in frames.coords else np.arange(frames.sizes["time"])
    coords = {"window": list(options.windows), "time": times[list(starts)]}
    made = made.assign_coords({**coords, "stimulus": frames["stimulus"], "direction": frames["direction"]})
    made = made.isel(stimulus=order_to_show([str(name) for name in frames["stimulus"].values], responses))
    guess = _guessing(len(labels), stimuli)
    return made.assign_attrs(
        responses.attrs,
        preset=options.preset,
        options=options.to_json(),
        chance=1 / stimuli,
        chance_upper=guess,
        unconverged=unconverged,
    )


def _in_stored_order(frames: xr.DataArray, options: ClassificationOptions) -> xr.DataArray:
    """Return the stimuli in the papers' order where the folds and the equal votes of their code need it."""
    names = [str(name) for name in frames["stimulus"].values]
    stored = [stimulus.name for stimulus in paper_stimuli()]
    if options.preset == "corrected" or set(names) != set(stored):
        return frames
    return frames.isel(stimulus=[names.index(name) for name in stored])


def _folds(
    labels: NDArray[np.int64], stimuli: int, directions: int, options: ClassificationOptions
) -> list[NDArray[np.int64]]:
    """Return for each run the fold in which each movie is tested."""
    needed = options.folds if options.left_out == "stratified" else 2
    if stimuli < 2 or directions < needed:
        raise InvalidInput(
            "There is too little to learn and to test on.",
            given=f"{stimuli} stimuli in {directions} directions",
            needed=f"two stimuli or more, in {needed} directions or more",
        )
    if options.left_out == "direction":
        return [np.repeat(np.arange(directions), stimuli)]
    if options.left_out == "sample":
        return [np.arange(len(labels))]
    from sklearn.model_selection import StratifiedKFold

    runs = []
    for run in range(options.runs):
        split = StratifiedKFold(options.folds, shuffle=True, random_state=options.seed + run)
        fold = np.empty(len(labels), dtype=np.int64)
        for number, (_, test) in enumerate(split.split(labels[:, None], labels)):
            fold[test] = number
        runs.append(fold)
    return runs


def _mean(movies: NDArray[np.float64], window: str, frame: int) -> NDArray[np.float64]:
    """Return the activity of each movie in a window, (movie, unit)."""
    taken = {"growing": slice(0, frame + 1), "shrinking": slice(frame, None)}
    mean: NDArray[np.float64] = movies[taken.get(window, slice(frame, frame + 1))].mean(axis=0)
    return mean


def _named(
    samples: NDArray[np.float64],
    labels: NDArray[np.int64],
    fold: NDArray[np.int64],
    options: ClassificationOptions,
) -> tuple[NDArray[np.int64], int]:
    if options.classifier == "logistic":
        return logistic_predictions(samples, labels, fold, _ITERATIONS[options.preset])
    wins = options.preset == "corrected"
    return neighbor_predictions(samples, labels, fold, options.neighbors, nearest_wins=wins), 0


def _scores(
    correct: NDArray[np.bool_],
    folds: list[NDArray[np.int64]],
    directions: int,
    options: ClassificationOptions,
) -> xr.Dataset:
    """Return accuracies and intervals from what was named right, (window, time, run, movie)."""
    from scipy.stats import t

    by_fold = np.stack(
        [
            np.stack([correct[:, :, run, fold == one].mean(-1) for one in np.unique(fold)], axis=-1)
            for run, fold in enumerate(folds)
        ],
        axis=2,
    )
    if options.preset == "corrected":
        accuracy = correct.mean((2, 3))
        by_direction = correct.mean(2).reshape(*correct.shape[:2], directions, -1).mean(-1)
        error = by_direction.std(-1, ddof=1) / np.sqrt(directions)
        bar = float(t.ppf((1 + LEVEL) / 2, directions - 1)) * error
    else:
        by_run = by_fold.mean(-1)
        accuracy = by_run.mean(-1)
        bar = by_run.std(-1) / np.sqrt(by_run.shape[-1])
    lower, upper = np.maximum(accuracy - bar, 0), np.minimum(accuracy + bar, 1)
    plane = ("window", "time")
    return xr.Dataset(
        {
            "accuracy": (plane, accuracy),
            "lower": (plane, lower),
            "upper": (plane, upper),
            "fold_accuracy": ((*plane, "run", "fold"), by_fold),
        }
    )


def _guessing(samples: int, stimuli: int) -> float:
    """Return the accuracy that 95 % of those who guess do not exceed."""
    from scipy.stats import binom

    return float(binom.ppf(LEVEL, samples, 1 / stimuli) / samples)
