"""Recordings to fit a readout to: a folder for each quantity, in each a file for each trial.

::

    training/NAME.npy       bool: a training trial, or one for validation
    samples/NAME.npy        whole number n of frames
    stimuli/NAME.npy        uint8 [n, height, width, 1]
    perspectives/NAME.npy   [n, 2] pupil centre, horizontal and vertical
    modulations/NAME.npy    [n, 2] pupil radius and running speed
    units/NAME.npy          [n, units] responses, not negative

Clips that were shown repeatedly, for the scores, lie one level deeper, as ``stimuli/VIDEO/REPEAT.npy``
and likewise in the three folders after it, in the same folder or in one of their own.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.training.trials import Array, Trial, TrialSet, check_trial, make_trial_set

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDERS = ("training", "samples", "stimuli", "perspectives", "modulations", "units")
QUANTITIES = FOLDERS[2:]


def read_trials(
    folder: Path, evaluation: Path | None = None, frame_shape: tuple[int, int] = (144, 256)
) -> TrialSet:
    """Open a folder of trials. Every file is checked now; frames and responses stay on disk.

    Parameters
    ----------
    folder
        With the folders that the module names.
    evaluation
        Folder of the repeated clips; `folder` itself if None. No clips is fine.
    frame_shape
        Rows and columns that the twin is shown.

    Raises
    ------
    InvalidInput
        If folders or files are missing, are no arrays or do not fit together, if behaviour or responses
        are not finite, and as `make_trial_set`.
    """
    missing = [name for name in FOLDERS if not (folder / name).is_dir()]
    if missing:
        raise InvalidInput(
            "The folder of trials is not complete.",
            given=f"{folder}, without {', '.join(missing)}",
            needed="the folders " + ", ".join(FOLDERS),
        )
    names = {name: {path.name for path in (folder / name).glob("*.npy")} for name in FOLDERS}
    everywhere = _same_names(folder, names)
    trials = [_read_trial(folder, name.removesuffix(".npy"), frame_shape) for name in everywhere]
    return make_trial_set(trials, _read_clips(evaluation or folder, frame_shape, evaluation is not None))


def write_trials(folder: Path, trials: Iterable[Trial], clips: Iterable[Trial] = ()) -> None:
    """Write trials and clips in the layout that `read_trials` reads.

    Parameters
    ----------
    folder
        Made if absent.
    trials
        Trials with a plain name each.
    clips
        Repeats of evaluation clips, named ``VIDEO/REPEAT``.

    Raises
    ------
    InvalidInput
        If a trial is not whole, or if a trial of that name is there already.
    """
    for trial, depth in [*((trial, 1) for trial in trials), *((clip, 2) for clip in clips)]:
        check_trial(trial)
        if len(Path(trial.name).parts) != depth:
            needed = "NAME" if depth == 1 else "VIDEO/REPEAT"
            raise InvalidInput("The name does not fit.", given=trial.name, needed=needed)
        values: dict[str, Any] = {name: getattr(trial, name) for name in QUANTITIES}
        if depth == 1:
            values |= {"training": np.bool_(trial.training), "samples": np.int64(len(trial))}
        for name, value in values.items():
            path = folder / name / f"{trial.name}.npy"
            if path.exists():
                raise InvalidInput("There is such a trial already.", given=path)
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, value)


def _same_names(folder: Path, names: dict[str, set[str]]) -> list[str]:
    """Return the sorted file names of a set of folders, which all of them must hold."""
    union = set().union(*names.values())
    if not union:
        raise InvalidInput("The folder holds no trials.", given=folder, needed=".npy files")
    for name, found in names.items():
        if lacking := sorted(union - found):
            shown = ", ".join(lacking[:4]) + (f" and {len(lacking) - 4} more" if len(lacking) > 4 else "")
            raise InvalidInput(
                f"The folder {name} lacks trials that other folders hold.",
                given=f"{folder / name} without {shown}",
                needed="the same file names in " + ", ".join(names),
                remedy="add them, or remove these trials from the other folders",
            )
    return sorted(union)


def _read_trial(folder: Path, name: str, frame_shape: tuple[int, int]) -> Trial:
    training, samples = (_load(folder / kind / f"{name}.npy") for kind in ("training", "samples"))
    if training.size != 1 or training.dtype.kind not in "biu" or training.item() not in (0, 1):
        raise InvalidInput(
            f"The file training/{name}.npy does not say whether the trial is for training.",
            given=f"{training.dtype} of shape {training.shape}",
            needed="one boolean",
        )
    trial = _load_trial(folder, name, frame_shape, training=bool(training.item()))
    if samples.size != 1 or samples.dtype.kind not in "iu" or samples.item() != len(trial):
        raise InvalidInput(
            f"The number of frames of trial {name} is not that of its movie.",
            given=f"samples/{name}.npy: {samples.tolist()}, movie: {len(trial)}",
            needed="the same whole number",
        )
    return trial


def _read_clips(folder: Path, frame_shape: tuple[int, int], required: bool) -> list[Trial]:
    names = {
        name: {path.relative_to(folder / name).as_posix() for path in (folder / name).glob("*/*.npy")}
        for name in QUANTITIES
    }
    if not any(names.values()):
        if required:
            needed = "files VIDEO/REPEAT.npy in the folders " + ", ".join(QUANTITIES)
            raise InvalidInput("The evaluation folder holds no clips.", given=folder, needed=needed)
        return []
    return [
        _load_trial(folder, name.removesuffix(".npy"), frame_shape, training=False)
        for name in _same_names(folder, names)
    ]


def _load_trial(folder: Path, name: str, frame_shape: tuple[int, int], training: bool) -> Trial:
    stimuli, perspectives, modulations, units = (_load(folder / kind / f"{name}.npy") for kind in QUANTITIES)
    trial = Trial(name, stimuli, perspectives, modulations, units, training)
    check_trial(trial, frame_shape)
    return trial


def _load(path: Path) -> Array:
    """Map an array from a file; code in it is not run."""
    try:
        loaded = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InvalidInput(
            "A file of the trials cannot be read.", given=f"{path}: {error}", needed="an array in .npy"
        ) from error
    if not isinstance(loaded, np.ndarray):
        raise InvalidInput("A file of the trials holds no array.", given=path, needed="an array in .npy")
    return loaded
