"""A protocol made of a movie of one's own: a file, or an image as it is shown in napari."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    from pathlib import Path

    from napari_twinscope.stimuli import StimulusProtocol

LONGEST = 10_000  # frames, over five minutes at 30 Hz; a window has no place for longer movies


def frames_as_shown(
    data: Any, limits: tuple[float, float], rgb: bool
) -> npt.NDArray[np.uint8] | npt.NDArray[np.float32]:
    """Return the frames of an image layer as they are shown: black and white at its contrast limits.

    Parameters
    ----------
    data
        [time, y, x], or [time, y, x, colour] of 8 bits if `rgb`.
    limits
        The values shown as black and as white; not used for colours.
    rgb
        Whether the last axis is colour.

    Returns
    -------
    float32 from 0 to 1, or uint8 colours unchanged; all frames.

    Raises
    ------
    InvalidInput
        If the image is no movie, has more than `LONGEST` frames, or holds values that are not finite.
    """
    axes = np.ndim(data) - int(rgb)
    if axes != 3 or len(data) < 2:
        raise InvalidInput(
            "This image is no movie.",
            given=f"an array of shape {tuple(np.shape(data))}",
            needed="axes (time, y, x) with at least two frames",
            remedy="choose a layer with one time axis",
        )
    _check_length(len(data))
    frames = np.asarray(data)
    if rgb:
        return frames
    if not np.isfinite(frames).all():
        raise InvalidInput("The image holds values that are not finite.", remedy="replace NaN and infinities")
    low, high = limits
    span = max(float(high - low), 1e-30)
    shown: npt.NDArray[np.float32] = np.clip((frames.astype(np.float32) - low) / span, 0, 1).astype(
        np.float32
    )
    return shown


def protocol_of_frames(
    frames: npt.NDArray[np.uint8] | npt.NDArray[np.float32], folder: Path, name: str
) -> StimulusProtocol:
    """Save frames and return the protocol that shows them once at the screen's rate.

    Raises
    ------
    InvalidInput
        As `napari_twinscope.stimuli.movie_from_array`.
    """
    from napari_twinscope.stimuli import StimulusProtocol, movie_from_array

    movie = movie_from_array(frames, folder, name)
    return StimulusProtocol(f"movie {name}", (movie,), directions=(0.0,), instances=1, frames=len(frames))


def protocol_of_file(path: Path) -> StimulusProtocol:
    """Return the protocol that shows a movie file once and whole, the same as on the command line.

    Raises
    ------
    InvalidInput
        If the file cannot be read as a movie, or is longer than `LONGEST` frames.
    """
    from napari_twinscope.stimuli import movie_protocol

    protocol = movie_protocol(path)
    _check_length(protocol.frames)
    return protocol


def _check_length(frames: int) -> None:
    if frames > LONGEST:
        raise InvalidInput(
            "This movie is too long to be shown in the window.",
            given=f"{frames} frames",
            needed=f"at most {LONGEST}",
            remedy="cut it into parts, or record its file with: twinscope record --movie",
        )
