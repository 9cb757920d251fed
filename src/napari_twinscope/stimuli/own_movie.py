"""The protocol that shows one movie of the user's own, whole."""

from __future__ import annotations

from pathlib import Path

from napari_twinscope.stimuli.film import check_film_path, film_checksum, film_rate, read_film
from napari_twinscope.stimuli.movie_file import MovieFile
from napari_twinscope.stimuli.protocol import StimulusProtocol
from napari_twinscope.stimuli.screen import Screen


def movie_protocol(path: str | Path, screen: Screen | None = None) -> StimulusProtocol:
    """Return the protocol that shows a movie file once, from its first frame to its last.

    Parameters
    ----------
    path
        npy, npz, tif, gif, mp4 or another video, or a folder of PNG files.
    screen
        Size and frame rate to which the movie is resampled; the published twin's if left out.

    Returns
    -------
    StimulusProtocol
        One stimulus, one direction, one instance, with the file's checksum.

    Raises
    ------
    InvalidInput
        If the file is absent, unreadable, empty or has a single frame.
    """
    path = Path(path).absolute()
    check_film_path(path)
    screen = screen or Screen()
    length = len(read_film(path))
    rate = film_rate(path) or screen.frame_rate
    name = path.name.split(".")[0] or path.name
    movie = MovieFile(name, path=str(path), sha256=film_checksum(path))
    # The last frame is shown for as long as the others.
    frames = max(1, int(length * screen.frame_rate / rate + 1e-6))
    return StimulusProtocol(f"movie {name}", (movie,), (0.0,), instances=1, frames=frames, screen=screen)
