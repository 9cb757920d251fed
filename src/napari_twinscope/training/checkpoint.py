"""The state of an unfinished fit on disk."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Checkpoint(NamedTuple):
    """What an unfinished fit goes on from.

    Attributes
    ----------
    fingerprint
        Of the twin, the recording and the options.
    values
        Parameters that are trained.
    best
        Those of the epoch that is to be kept.
    momentum
        Their momentum; None where a parameter has not moved yet.
    curve
        Epoch, training loss, validation loss and learning rate of each finished epoch.
    """

    fingerprint: str
    values: dict[str, Tensor]
    best: dict[str, Tensor]
    momentum: dict[str, Tensor | None]
    curve: Sequence[tuple[float, ...]]


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Replace the file at once, so that a run that is killed leaves a whole one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    content = checkpoint._asdict() | {"curve": [list(point) for point in checkpoint.curve]}
    torch.save(content, partial)
    partial.replace(path)


def read_checkpoint(path: Path, fingerprint: str) -> Checkpoint | None:
    """Read the file if there is one.

    Raises
    ------
    InvalidInput
        If it cannot be read or is of another fit.
    """
    if not path.exists():
        return None
    try:
        content = torch.load(path, weights_only=True, map_location="cpu")
        checkpoint = Checkpoint(**content)
    except (pickle.UnpicklingError, RuntimeError, OSError, EOFError, TypeError, ValueError) as error:
        raise InvalidInput(
            "The checkpoint cannot be read.",
            given=f"{path}: {error}".splitlines()[0],
            remedy="remove it to start anew",
        ) from error
    if checkpoint.fingerprint != fingerprint:
        raise InvalidInput(
            "The checkpoint is of another fit.",
            given=path,
            needed="the same twin, recording and options",
            remedy="remove it to start anew, or choose another output",
        )
    return checkpoint
