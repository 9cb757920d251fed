"""The state of an unfinished training or fit on disk."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any, NamedTuple

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
    content = checkpoint._asdict() | {"curve": [list(point) for point in checkpoint.curve]}
    write_state(path, content)


def read_checkpoint(path: Path, fingerprint: str) -> Checkpoint | None:
    """Read the file if there is one.

    Raises
    ------
    InvalidInput
        If it cannot be read or is of another fit.
    """
    content = read_state(path)
    if content is None:
        return None
    try:
        checkpoint = Checkpoint(**content)
    except TypeError as error:
        raise _unreadable(path, error) from error
    if checkpoint.fingerprint != fingerprint:
        raise InvalidInput(
            "The checkpoint is of another fit.",
            given=path,
            needed="the same twin, recording and options",
            remedy="remove it to start anew, or choose another output",
        )
    return checkpoint


def write_state(path: Path, content: dict[str, Any]) -> None:
    """Write tensors and plain values, replacing the file at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    torch.save(content, partial)
    partial.replace(path)


def read_state(path: Path) -> dict[str, Any] | None:
    """Read what `write_state` wrote; None if there is no file.

    Raises
    ------
    InvalidInput
        If it cannot be read.
    """
    if not path.exists():
        return None
    try:
        content = torch.load(path, weights_only=True, map_location="cpu")
    except (pickle.UnpicklingError, RuntimeError, OSError, EOFError, TypeError, ValueError) as error:
        raise _unreadable(path, error) from error
    if not isinstance(content, dict):
        raise _unreadable(path, type(content).__name__)
    return content


def _unreadable(path: Path, why: object) -> InvalidInput:
    return InvalidInput(
        "The checkpoint cannot be read.",
        given=f"{path}: {why}".splitlines()[0],
        remedy="remove it to start anew",
    )
