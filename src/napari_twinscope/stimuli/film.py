"""Films on disk: reading them, and turning what was read into grey levels."""

from __future__ import annotations

import hashlib
import re
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.stimuli.checks import require
from napari_twinscope.stimuli.stimulus import grey_levels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

_LUMA = np.array([0.299, 0.587, 0.114])
_VIDEO = (".mp4", ".mov", ".avi", ".mkv", ".webm")
SUFFIXES = (".npy", ".npz", ".tif", ".tiff", ".gif", *_VIDEO)


def grey_film(values: Any, source: str = "the movie") -> NDArray[np.uint8]:
    """Turn an array into a film of grey levels.

    Colour becomes grey by the luma of ITU-R BT.601: 0.299 red + 0.587 green + 0.114 blue; a fourth
    (alpha) channel is left out. Floats from 0 to 1 become levels from 0 to 255.

    Parameters
    ----------
    values
        uint8, or float from 0 to 1; [time, height, width], or [time, height, width, 3 or 4].
    source
        What an error message calls it.

    Returns
    -------
    uint8 array [time, height, width]

    Raises
    ------
    InvalidInput
        If the shape, type or values do not fit, or if there are fewer than two frames.
    """
    array = np.asarray(values)
    require(
        array.ndim == 3 or (array.ndim == 4 and array.shape[-1] in (3, 4)),
        f"The shape of {source} does not fit.",
        given=list(array.shape),
        needed="[time, height, width], or [time, height, width, 3 or 4] for colour",
        remedy="order the axes so that time comes first" if array.ndim > 2 else "stack at least two frames",
    )
    require(array.size > 0, f"{_capital(source)} is empty.", given=list(array.shape), needed="pixels")
    require(
        len(array) >= 2,
        f"{_capital(source)} is a single frame.",
        given=list(array.shape),
        needed="at least two frames",
        remedy="repeat the picture along time if it should stand still",
    )
    floats = np.issubdtype(array.dtype, np.floating)
    require(
        floats or array.dtype == np.uint8,
        f"The type of {source} does not fit.",
        given=array.dtype,
        needed="uint8, or float from 0 to 1",
        remedy="divide by the largest possible value to get floats from 0 to 1",
    )
    if floats:
        least, most = float(array.min()), float(array.max())
        require(
            bool(np.isfinite([least, most]).all()),
            f"{_capital(source)} holds values that are not finite.",
            given=f"{least} to {most}",
            needed="0 to 1",
            remedy="replace NaN and infinite values",
        )
        require(
            least >= 0 and most <= 1,
            f"The values of {source} are out of range.",
            given=f"{least:g} to {most:g}",
            needed="0 to 1 for floats",
            remedy="rescale the values, or give uint8",
        )
    return np.concatenate([_grey(frame[None]) for frame in array])


def film_rate(path: Path) -> float | None:
    """Return the frames per second that a GIF or video file states; None for other files.

    Raises
    ------
    InvalidInput
        If the file cannot be read.
    """
    suffix = path.suffix.lower()
    if path.is_dir() or (suffix != ".gif" and suffix not in _VIDEO):
        return None
    try:
        if suffix == ".gif":
            return _gif_rate(path)
        import imageio.v3 as imageio

        return float(imageio.immeta(path, plugin="pyav")["fps"])
    except Exception as error:
        raise _unreadable(path, error) from error


def read_film(path: Path, frames: int | None = None) -> NDArray[np.uint8]:
    """Read a film as grey levels.

    Parameters
    ----------
    path
        A file with one of the suffixes in `SUFFIXES`, or a folder of PNG files, shown in the order of the
        numbers in their names. An ``.npz`` file must hold one array.
    frames
        Read at most so many from the start; all if left out.

    Returns
    -------
    uint8 array [time, height, width]

    Raises
    ------
    InvalidInput
        If the file is absent, of an unknown kind, unreadable, or its content does not fit `grey_film`.
    """
    check_film_path(path)
    try:
        values = _read(path, frames)
    except InvalidInput:
        raise
    except Exception as error:
        raise _unreadable(path, error) from error
    return grey_film(values, path.name)


def check_film_path(path: Path) -> None:
    """Refuse what is absent or no film.

    Raises
    ------
    InvalidInput
        If the path does not exist, its suffix is unknown, or a folder holds no PNG file.
    """
    require(
        path.exists(), "There is no such file.", given=path, needed="a movie file or a folder of PNG files"
    )
    if path.is_dir():
        require(
            len(_png_files(path)) > 0,
            "The folder holds no PNG file.",
            given=path,
            needed="one file per frame",
        )
    else:
        require(
            path.suffix.lower() in SUFFIXES,
            "The movie's file type is unknown.",
            given=path.name,
            needed=", ".join(SUFFIXES) + ", or a folder of PNG files",
        )


def film_checksum(path: Path) -> str:
    """Return the SHA-256 of a film's bytes; of all its PNG files, in order, for a folder."""
    digest = hashlib.sha256()
    for file in _png_files(path) if path.is_dir() else [path]:
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _read(path: Path, frames: int | None) -> Any:
    suffix = path.suffix.lower()
    if path.is_dir():
        return _stacked(_picture(file) for file in _png_files(path)[:frames])
    if suffix == ".npy":
        return np.load(path, mmap_mode="r", allow_pickle=False)[:frames]
    if suffix == ".npz":
        with np.load(path, allow_pickle=False) as archive:
            require(
                len(archive.files) == 1,
                "The file does not hold one array.",
                given=f"{path.name}: {', '.join(archive.files) or 'none'}",
                needed="one array",
                remedy="save the movie alone",
            )
            return archive[archive.files[0]][:frames]
    if suffix in (".tif", ".tiff"):
        import tifffile

        return tifffile.imread(path)[:frames]
    if suffix == ".gif":
        return _stacked(_gif_frames(path, frames))
    import imageio.v3 as imageio

    return _stacked(islice(imageio.imiter(path, plugin="pyav"), frames))


def _stacked(pictures: Iterator[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    # Grey at once: colour would need three times the memory.
    films = [_grey(picture[None]) for picture in pictures]
    sizes = sorted({film.shape[1:] for film in films})
    require(len(sizes) <= 1, "The frames differ in size.", given=sizes, needed="one size for all frames")
    return np.concatenate(films) if films else np.empty((0, 0, 0), np.uint8)


def _grey(film: NDArray[Any]) -> NDArray[np.uint8]:
    if film.ndim == 3 and film.dtype == np.uint8:
        return film
    levels = film * (1.0 if film.dtype == np.uint8 else 255.0)
    return grey_levels(levels[..., :3] @ _LUMA if film.ndim == 4 else levels)


def _gif_rate(path: Path) -> float | None:
    from PIL import Image

    with Image.open(path) as image:
        durations = []
        for frame in range(getattr(image, "n_frames", 1)):
            image.seek(frame)
            durations.append(float(image.info.get("duration", 0)))
    total = sum(durations)
    return 1000 * len(durations) / total if total > 0 else None


def _gif_frames(path: Path, frames: int | None) -> Iterator[NDArray[np.uint8]]:
    from PIL import Image, ImageSequence

    with Image.open(path) as image:
        for frame in islice(ImageSequence.Iterator(image), frames):
            yield np.asarray(frame.convert("RGB"))


def _picture(path: Path) -> NDArray[np.uint8]:
    from PIL import Image

    with Image.open(path) as image:
        require(
            image.mode in ("1", "L", "LA", "P", "RGB", "RGBA"),
            "The picture has more than 8 bits per channel.",
            given=f"{path.name}, mode {image.mode}",
            needed="8-bit grey or colour",
        )
        return np.asarray(image if image.mode == "L" else image.convert("RGB"))


def _png_files(folder: Path) -> list[Path]:
    def order(path: Path) -> list[Any]:
        return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", path.name.lower())]

    return sorted((file for file in folder.iterdir() if file.suffix.lower() == ".png"), key=order)


def _unreadable(path: Path, error: Exception) -> InvalidInput:
    return InvalidInput(
        "The movie cannot be read.",
        given=f"{path} ({type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no reason'})",
        needed="a complete movie file",
        remedy="open it in another program to see whether it is damaged, or save it as .npy",
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
