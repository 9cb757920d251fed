"""A movie of one's own: from a file, or from an array such as a napari layer."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from napari_twinscope.stimuli.checks import require
from napari_twinscope.stimuli.film import check_film_path, film_checksum, film_rate, grey_film, read_film
from napari_twinscope.stimuli.stimulus import Stimulus

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_twinscope.stimuli.screen import Screen

_RESIZES = ("crop", "none")
_ENDINGS = ("stop", "hold", "loop")


@dataclass(frozen=True)
class MovieFile(Stimulus):
    """A movie from a file or folder, the same for every direction and instance.

    Space: the film is scaled, its aspect kept, until it just covers the screen (Pillow's bilinear filter,
    which averages over area where it reduces), and its central part is cut out. Time: every frame of the
    screen shows the film's frame that is on at its onset. Colour: see `grey_film`.

    Parameters
    ----------
    name, label
        As of every stimulus.
    path
        ``.npy``, ``.npz``, ``.tif``, ``.gif``, ``.mp4`` and other video, or a folder of PNG files.
    sha256
        Checksum that the file must have; not checked if empty.
    frame_rate
        The film's frames per second. 0 takes what a GIF or video states, and the screen's rate for others.
    resize
        ``"crop"`` as above; ``"none"`` refuses a film that has not the screen's size.
    ending
        What follows a film that is too short: ``"stop"`` refuses it, ``"hold"`` shows its last frame,
        ``"loop"`` starts again.
    """

    path: str = ""
    sha256: str = ""
    frame_rate: float = 0.0
    resize: str = "crop"
    ending: str = "stop"

    directional: ClassVar[bool] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "path", str(self.path))
        require(bool(self.path), "The movie has no path.", given="nothing", needed="a file or folder")
        require(
            self.frame_rate >= 0, "The frame rate is negative.", given=self.frame_rate, needed="0 or more"
        )
        for name, choices in (("resize", _RESIZES), ("ending", _ENDINGS)):
            value = getattr(self, name)
            require(value in choices, f"There is no such {name}.", given=value, needed=" or ".join(choices))

    def render(
        self, direction: float, instance: int, frames: int, screen: Screen, seed: int
    ) -> NDArray[np.uint8]:
        """Read one movie; see `Stimulus.render`."""
        path = Path(self.path)
        check_film_path(path)
        if self.sha256:
            found = film_checksum(path)
            require(
                found == self.sha256,
                "The movie is not the one that was chosen; its file has changed.",
                given=f"{path}, SHA-256 {found[:16]}",
                needed=f"SHA-256 {self.sha256[:16]}",
                remedy="restore the file, or choose it again",
            )
        rate = self.frame_rate or film_rate(path) or screen.frame_rate
        # A millionth of a frame makes up for rates that are not exact in binary.
        shown = np.floor(np.arange(frames) * rate / screen.frame_rate + 1e-6).astype(int)
        film = read_film(path, max(int(shown[-1]) + 1, 2))
        shown = self._within(shown, len(film), rate, screen)
        if film.shape[1:] == (screen.height, screen.width):
            return film[shown]
        require(
            self.resize == "crop",
            "The movie has not the screen's size.",
            given=f"{film.shape[1]} x {film.shape[2]} pixels",
            needed=f"{screen.height} x {screen.width} (height x width)",
            remedy='resize it, or set resize="crop"',
        )
        used, place = np.unique(shown, return_inverse=True)
        return np.stack([_covering(film[frame], screen) for frame in used])[place]

    def check_source(self, frames: int, screen: Screen) -> None:
        """Read the movie once and refuse what does not fit."""
        self.render(0.0, 0, frames, screen, 0)

    def _within(self, shown: NDArray[np.int_], length: int, rate: float, screen: Screen) -> NDArray[np.int_]:
        if shown[-1] < length:
            return shown
        most = int(np.ceil(length * screen.frame_rate / rate - 1e-6))
        require(
            self.ending != "stop",
            "The movie is too short.",
            given=f"{length} frames at {rate:g} Hz: {length / rate:.3g} s",
            needed=f"{len(shown)} frames at {screen.frame_rate:g} Hz: {len(shown) / screen.frame_rate:.3g} s",
            remedy=f'show at most {most} frames, or set ending="loop" or ending="hold"',
        )
        return shown % length if self.ending == "loop" else np.minimum(shown, length - 1)

    @property
    def summary(self) -> str:
        """One line for people."""
        return f"movie {Path(self.path).name}"


def movie_from_array(
    array: Any, folder: str | Path, name: str = "movie", frame_rate: float = 0.0, ending: str = "stop"
) -> MovieFile:
    """Save an array, such as the data of a napari Image layer, and return the stimulus that shows it.

    Parameters
    ----------
    array
        uint8, or float from 0 to 1; [time, height, width], or [time, height, width, 3 or 4].
    folder
        Where the grey movie is saved, as ``<sha256>.npy``. Created if absent.
    name
        Name of the stimulus.
    frame_rate
        Frames per second; 0 for the screen's rate.
    ending
        As of `MovieFile`.

    Returns
    -------
    MovieFile
        With path and checksum.

    Raises
    ------
    InvalidInput
        If the array is no movie; see `grey_film`.
    """
    film = grey_film(array, "the array")
    buffer = io.BytesIO()
    np.save(buffer, film)
    content = buffer.getvalue()
    checksum = hashlib.sha256(content).hexdigest()
    path = Path(folder) / f"{checksum}.npy"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return MovieFile(name, path=str(path), sha256=checksum, frame_rate=frame_rate, ending=ending)


def _covering(frame: NDArray[np.uint8], screen: Screen) -> NDArray[np.uint8]:
    from PIL import Image

    rows, columns = frame.shape
    scale = max(screen.height / rows, screen.width / columns)
    high, wide = screen.height / scale, screen.width / scale
    left, top = (columns - wide) / 2, (rows - high) / 2
    image = Image.fromarray(frame).resize(
        (screen.width, screen.height), Image.Resampling.BILINEAR, box=(left, top, left + wide, top + high)
    )
    return np.asarray(image)
