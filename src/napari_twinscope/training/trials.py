"""What a readout is fitted to: trials with movie, behaviour and responses, and their statistics."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

BEHAVIOUR = ("perspectives", "modulations")
FEATURES = 2

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Trial:
    """One presentation of one movie; its arrays may be mapped from files.

    Attributes
    ----------
    name
        File name without ``.npy``; ``VIDEO/REPEAT`` for a clip.
    stimuli
        Frames, uint8 [n, height, width, 1].
    perspectives, modulations
        Pupil centre, and pupil radius with running speed, [n, 2], in any units.
    units
        Responses, [n, units], not negative, in any units.
    training
        Whether it is for training; else for validation.
    """

    name: str
    stimuli: Array
    perspectives: Array
    modulations: Array
    units: Array
    training: bool = True

    def __len__(self) -> int:
        return len(self.stimuli)


class Window(NamedTuple):
    """Frames of one trial in the network's units.

    Attributes
    ----------
    stimuli
        uint8 [n, height, width, 1].
    perspectives, modulations
        Behaviour in standard deviations from its mean, float32 [n, 2].
    units
        Responses relative to their mean, float32 [n, units].
    """

    stimuli: Array
    perspectives: Array
    modulations: Array
    units: Array


@dataclass(frozen=True, eq=False)
class Statistics:
    """Means and standard deviations over all frames of the training trials, float64.

    They lead from the recording's units to the network's and back: a prediction times `units_mean` is in
    the units of the recording.

    Attributes
    ----------
    units_mean
        Mean response of each unit, [units].
    perspectives_mean, perspectives_sd, modulations_mean, modulations_sd
        Of the behaviour, [2].
    """

    units_mean: Array
    perspectives_mean: Array
    perspectives_sd: Array
    modulations_mean: Array
    modulations_sd: Array

    @property
    def constant(self) -> tuple[str, ...]:
        """Which columns of behaviour never vary, such as ``perspectives 0``; they are zero throughout."""
        return tuple(
            f"{name} {column}"
            for name in BEHAVIOUR
            for column in np.flatnonzero(getattr(self, f"{name}_sd") == 0)
        )

    def window(self, trial: Trial, frames: slice = slice(None)) -> Window:
        """Return frames of a trial in the network's units."""

        def scored(name: str) -> Array:
            mean, sd = getattr(self, f"{name}_mean"), getattr(self, f"{name}_sd")
            centred = np.asarray(getattr(trial, name)[frames], np.float64) - mean
            # what never varied in training says nothing: a later change has no scale to be put on
            scores = np.where(sd > 0, centred / np.where(sd > 0, sd, 1), 0)
            largest = np.finfo(np.float32).max  # which a change beyond a minute spread would exceed
            return np.clip(scores, -largest, largest).astype(np.float32)

        responses = np.asarray(trial.units[frames], np.float64) / self.units_mean
        return Window(
            np.asarray(trial.stimuli[frames]),
            scored("perspectives"),
            scored("modulations"),
            responses.astype(np.float32),
        )

    def behaviour(self) -> dict[str, list[float]]:
        """Return means and standard deviations of the behaviour as plain numbers."""
        names = [f"{name}_{kind}" for name in BEHAVIOUR for kind in ("mean", "sd")]
        return {name: [float(value) for value in getattr(self, name)] for name in names}


@dataclass(frozen=True, eq=False)
class TrialSet:
    """A recording.

    Attributes
    ----------
    training, validation
        Trials in the order of their names.
    clips
        Clips that were shown repeatedly: for each video its repeats, all of the same length.
    statistics
        Of the training trials.
    """

    training: tuple[Trial, ...]
    validation: tuple[Trial, ...]
    clips: tuple[tuple[Trial, ...], ...]
    statistics: Statistics

    @property
    def units(self) -> int:
        """Number of units."""
        return int(self.training[0].units.shape[1])

    @property
    def frame_shape(self) -> tuple[int, int]:
        """Rows and columns of the frames."""
        rows, columns = self.training[0].stimuli.shape[1:3]
        return int(rows), int(columns)

    @property
    def checksum(self) -> str:
        """Sixteen hexadecimal digits that identify names, lengths and statistics."""
        digest = hashlib.sha256()
        for trial in (*self.training, *self.validation):
            digest.update(f"{trial.name} {len(trial)} {trial.training};".encode())
        for name in ("units_mean", "perspectives_mean", "modulations_mean"):
            digest.update(getattr(self.statistics, name).tobytes())
        return digest.hexdigest()[:16]


def make_trial_set(trials: Sequence[Trial], clips: Sequence[Trial] = ()) -> TrialSet:
    """Check trials against each other and take their statistics.

    Parameters
    ----------
    trials
        For training and for validation.
    clips
        Repeats of evaluation clips, named ``VIDEO/REPEAT``.

    Raises
    ------
    InvalidInput
        If a trial is not whole, if there is none for training or for validation, if the trials differ in
        units or frames, if repeats of a clip differ in length or movie, or if a unit never responds.
    """
    for trial in (*trials, *clips):
        check_trial(trial)
    training = tuple(trial for trial in trials if trial.training)
    validation = tuple(trial for trial in trials if not trial.training)
    for kind, found in (("training", training), ("validation", validation)):
        if not found:
            raise InvalidInput(
                f"There is no {kind} trial.",
                given=f"{len(trials)} trials",
                needed="at least one for training and one for validation",
                remedy=f"set training/NAME.npy to {kind == 'training'} for some trials",
            )
    first = training[0]
    for trial in (*trials, *clips):
        for name, what in (("units", "units"), ("stimuli", "pixels")):
            shapes = [getattr(each, name).shape[1:] for each in (first, trial)]
            if shapes[0] != shapes[1]:
                raise InvalidInput(
                    f"Two trials differ in their {what}.",
                    given=f"{first.name}: {shapes[0]}, {trial.name}: {shapes[1]}",
                    needed=f"the same {what} in all trials",
                )
    return TrialSet(training, validation, _videos(clips), _statistics(training))


def check_trial(trial: Trial, frame_shape: tuple[int, int] | None = None) -> None:
    """Refuse a trial whose arrays do not fit each other or hold impossible numbers.

    Parameters
    ----------
    trial
        To be checked.
    frame_shape
        Rows and columns that its movie must have; any if None.

    Raises
    ------
    InvalidInput
        With what is wrong first.
    """
    shape, dtype = trial.stimuli.shape, trial.stimuli.dtype
    rows, columns = frame_shape or ("height", "width")
    whole = len(shape) == 4 and shape[3] == 1 and min(shape) > 0
    if not whole or dtype != np.uint8 or (frame_shape and shape[1:3] != frame_shape):
        raise InvalidInput(
            f"The movie of trial {trial.name} does not fit.",
            given=f"{dtype} {list(shape)}",
            needed=f"uint8 [frames, {rows}, {columns}, 1]",
        )
    for name, width in (("perspectives", FEATURES), ("modulations", FEATURES), ("units", None)):
        values = getattr(trial, name)
        fits = values.ndim == 2 and values.shape[1] > 0 and width in (None, values.shape[1])
        if not fits or values.dtype.kind not in "fiu":
            raise InvalidInput(
                f"The {name} of trial {trial.name} have the wrong shape or type.",
                given=f"{values.dtype} {list(values.shape)}",
                needed=f"numbers [frames, {width or 'units'}]",
            )
        if len(values) != len(trial):
            raise InvalidInput(
                f"The {name} of trial {trial.name} are not as long as its movie.",
                given=f"{len(values)} and {len(trial)} frames",
                needed="one row a frame",
            )
        if bad := int((~np.isfinite(values)).sum()):
            raise InvalidInput(
                f"The {name} of trial {trial.name} hold numbers that are not finite.",
                given=f"{bad} of {values.size}",
                needed="finite numbers: one NaN would spread to all later frames",
                remedy="interpolate what is missing, or leave the trial out",
            )
    if (negative := int((trial.units < 0).sum())) > 0:
        raise InvalidInput(
            f"Responses of trial {trial.name} are negative.",
            given=f"{negative} of {trial.units.size}, the least {float(trial.units.min()):.3g}",
            needed="0 or more: rates, counts or deconvolved activity",
        )


def _statistics(training: Sequence[Trial]) -> Statistics:
    """Take means and standard deviations (of the population) over all frames of the trials."""
    behaviour = {}
    for name in BEHAVIOUR:
        values = np.concatenate([np.asarray(getattr(trial, name), np.float64) for trial in training])
        varies = (values != values[0]).any(0)
        behaviour[f"{name}_mean"] = values.mean(0)
        # the rounding of the mean leaves a constant a tiny standard deviation, which must not count
        behaviour[f"{name}_sd"] = np.where(varies, values.std(0), 0)
    frames = sum(len(trial) for trial in training)
    total = sum(np.asarray(trial.units, np.float64).sum(0) for trial in training)
    units_mean = np.asarray(total) / frames
    if len(silent := np.flatnonzero(units_mean == 0)):
        shown = ", ".join(map(str, silent[:10])) + (", ..." if len(silent) > 10 else "")
        raise InvalidInput(
            "Some units never respond in the training trials; responses are divided by their mean.",
            given=f"{len(silent)} silent units: {shown}",
            remedy="leave these columns out of units/",
        )
    return Statistics(units_mean, **behaviour)


def _videos(clips: Sequence[Trial]) -> tuple[tuple[Trial, ...], ...]:
    """Group the repeats of each video."""
    videos: dict[str, list[Trial]] = defaultdict(list)
    for clip in clips:
        videos[clip.name.split("/")[0]].append(clip)
    for name, repeats in videos.items():
        for repeat in repeats[1:]:
            if not np.array_equal(repeat.stimuli, repeats[0].stimuli):
                raise InvalidInput(
                    f"The repeats of the clip {name} show different movies.",
                    given=f"{repeats[0].name} and {repeat.name}",
                    needed="the same frames in every repeat",
                )
    return tuple(map(tuple, videos.values()))
