"""Activation maps over movie frames as a figure, as pictures in a folder, and as a film."""

from __future__ import annotations

import textwrap
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.errors import InvalidInput, StoreError
from napari_twinscope.progress import SilentProgress, raise_if_canceled
from napari_twinscope.rig.figure_file import DARK_INK, INK, check_file, new_figure, save_figure
from napari_twinscope.rig.map_colors import map_colors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from napari_twinscope.progress import Progress
    from napari_twinscope.rig.map_film import MapFilm

FILMS = (".mp4", ".gif")
PANELS = 6
_COLUMNS = 3
_EDGE, _GAP, _TOP, _BOTTOM = 0.25, 0.12, 0.62, 0.62  # inches
_DPI = 120
_LINE = 0.19


def film_figure(
    film: MapFilm, frames: Sequence[int] | None = None, *, width: float = 7.5, dark: bool = False
) -> Figure:
    """Draw some frames of a movie with the activation map over each.

    Parameters
    ----------
    film
        The movie and the map.
    frames
        Which; `PANELS` of them evenly over time if not given.
    width
        In inches; the height follows.
    dark
        Whether the background is black.

    Raises
    ------
    InvalidInput
        If a frame is not there.
    """
    chosen = _even(film.frames) if frames is None else list(frames)
    if not chosen or min(chosen) < 0 or max(chosen) >= film.frames:
        raise InvalidInput(
            "There is no such frame.",
            given=", ".join(map(str, chosen)) or "none",
            needed=f"0 to {film.frames - 1}",
        )
    ink = DARK_INK if dark else INK
    columns = min(_COLUMNS, len(chosen))
    rows = -(-len(chosen) // columns)
    each = (width - 2 * _EDGE - (columns - 1) * _GAP) / columns
    tall = each * film.movie.shape[1] / film.movie.shape[2]
    lines = _lines(film, width)
    top = _TOP + _LINE * len(lines) - 0.1
    height = top + rows * (tall + 0.28) + _BOTTOM
    figure = new_figure(width, height, dark)
    _write_head(figure, film.title, lines, ink)
    for place, frame in enumerate(chosen):
        row, column = divmod(place, columns)
        left, down = _EDGE + column * (each + _GAP), top + row * (tall + 0.28)
        area = figure.add_axes((left / width, 1 - (down + 0.2 + tall) / height, each / width, tall / height))
        _show_frame(area, film, frame, each)
        figure.text(left / width, 1 - (down + 0.16) / height, film.time_text(frame), color=ink, fontsize=8)
    _draw_bar(figure, film, width, height, ink)
    return figure


def write_frames(
    film: MapFilm,
    folder: Path,
    *,
    dark: bool = False,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> list[Path]:
    """Write one PNG for each frame to a folder that is made for them.

    Parameters
    ----------
    film
        The movie and the map.
    folder
        Is made; if it is there it must be empty, unless files may be replaced.
    dark, overwrite
        As of `film_figure` and `save_figure`.
    progress
        Told about each frame; may cancel.

    Returns
    -------
    list of Path
        ``frame-000.png`` and so on, and last ``frames.txt``, which says what they show and how fast.

    Raises
    ------
    StoreError
        If the folder holds something, or cannot be made.
    Canceled
        If the progress says so; what was written stays.
    """
    progress = progress or SilentProgress()
    check_folder(folder, overwrite)
    folder.mkdir(exist_ok=True)
    digits = max(len(str(film.frames - 1)), 3)
    paths = []
    progress.begin(film.frames, "Drawing frames")
    for frame in range(film.frames):
        raise_if_canceled(progress)
        figure = film_figure(film, [frame], width=4.2, dark=dark)
        path = folder / f"frame-{frame:0{digits}d}.png"
        paths.append(save_figure(figure, path, overwrite, title=film.title, dpi=_DPI))
        progress.advance()
    progress.end()
    note = folder / "frames.txt"
    note.write_text("\n".join((film.title, *film.lines)) + "\n", encoding="utf-8")
    return [*paths, note]


def write_film(
    film: MapFilm,
    path: Path,
    *,
    speed: float = 1.0,
    dark: bool = False,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Write the movie with its map as a film, which says in itself how fast it is.

    Parameters
    ----------
    film
        The movie and the map.
    path
        ``.mp4`` (H.264) or ``.gif``. A GIF counts in hundredths of a second: each frame is shown for the
        multiple of these that keeps the film as a whole nearest to the time asked for.
    speed
        As a multiple of real time.
    dark, overwrite
        As of `film_figure` and `save_figure`.
    progress
        Told about each frame; may cancel.

    Raises
    ------
    InvalidInput, StoreError
        As `check_file`, or if the speed is not a positive number.
    Canceled
        If the progress says so; nothing is written.
    """
    check_file(path, FILMS, overwrite)
    check_speed(speed)
    half = path.with_name(f".{path.stem}.part{path.suffix.lower()}")
    try:
        pictures = _pictures(film, speed, dark, progress or SilentProgress())
        if path.suffix.lower() == ".gif":
            _write_gif(pictures, half, film.frame_rate * speed)
        else:
            _write_mp4(pictures, half, film.frame_rate * speed, film)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    return path


def check_folder(folder: Path, overwrite: bool = False) -> None:
    """Check, before any work, that pictures can be written to a folder.

    Raises
    ------
    StoreError
        If the folder holds something, or cannot be made.
    """
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not overwrite)):
        raise StoreError(
            "The folder for the pictures holds something already.",
            given=folder,
            remedy="choose a new or empty folder",
        )
    if not folder.parent.is_dir():
        raise StoreError("The folder for the pictures cannot be made there.", given=folder.parent)


def check_speed(speed: float) -> None:
    """Check, before any work, how fast a film shall be.

    Raises
    ------
    InvalidInput
        If it is not a positive number.
    """
    if not (np.isfinite(speed) and speed > 0):
        raise InvalidInput("There is no such speed.", given=speed, needed="a positive number")


def _pictures(film: MapFilm, speed: float, dark: bool, progress: Progress) -> list[npt.NDArray[np.uint8]]:
    """Draw every frame, uint8 [height, width, 3], with even sides as H.264 wants them."""
    from dataclasses import replace

    said = replace(film, lines=(*film.lines, f"Shown at {speed:g} × real time."))
    pictures = []
    progress.begin(film.frames, "Drawing frames")
    for frame in range(film.frames):
        raise_if_canceled(progress)
        figure = film_figure(said, [frame], width=5.0, dark=dark)
        figure.set_dpi(_DPI)
        canvas: Any = figure.canvas
        canvas.draw()
        drawn = np.asarray(canvas.buffer_rgba())[..., :3]
        pictures.append(drawn[: drawn.shape[0] // 2 * 2, : drawn.shape[1] // 2 * 2].copy())
        progress.advance()
    progress.end()
    return pictures


def _write_mp4(pictures: list[npt.NDArray[np.uint8]], path: Path, rate: float, film: MapFilm) -> None:
    import av

    with av.open(str(path), "w") as container:
        container.metadata["title"] = film.title
        container.metadata["comment"] = "; ".join(film.lines)
        stream: Any = container.add_stream("libx264", rate=Fraction(rate).limit_denominator(1001))
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": "14"}
        for picture in pictures:
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


def _write_gif(pictures: list[npt.NDArray[np.uint8]], path: Path, rate: float) -> None:
    from PIL import Image

    ends = np.rint(np.arange(len(pictures) + 1) / rate * 100).astype(int)
    durations = [max(int(lasting), 2) * 10 for lasting in np.diff(ends)]  # browsers refuse less than 20 ms
    first, *others = (Image.fromarray(picture) for picture in pictures)
    first.save(path, save_all=True, append_images=others, duration=durations, loop=0)


def _show_frame(area: Axes, film: MapFilm, frame: int, inches: float) -> None:
    height, width = film.movie.shape[1:]
    area.imshow(film.blended(frame), interpolation="none", extent=(-0.5, width - 0.5, height - 0.5, -0.5))
    if film.units is not None and film.colors is not None and len(film.units):
        points = inches * 72 / width  # of one stimulus pixel
        for colors, wide in (("white", 2.6), (list(map(tuple, film.colors)), 1.3)):
            area.scatter(
                film.units[:, 1],
                film.units[:, 0],
                s=(6.0 * points) ** 2,
                facecolors="none",
                edgecolors=colors,
                linewidths=wide * points,
            )
    area.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))
    area.set_axis_off()


def _lines(film: MapFilm, width: float) -> list[str]:
    rule = f"The limits of the colours are the {film.style.rule}, rounded up." if film.style.rule else ""
    room = int((width - 2 * _EDGE) / 0.066)
    return [part for line in (*film.lines, rule) for part in textwrap.wrap(line, room)]


def _write_head(figure: Figure, title: str, lines: Sequence[str], ink: str) -> None:
    width, height = (float(inches) for inches in figure.get_size_inches())
    left = _EDGE / width
    size = min(10.0, 1.32 * 72 * (width - 2 * _EDGE) / max(len(title), 1))
    figure.text(left, 1 - 0.2 / height, title, color=ink, fontsize=size, weight="bold", va="top")
    for number, line in enumerate(lines):
        down = 0.45 + number * _LINE
        figure.text(left, 1 - down / height, line, color=ink, fontsize=8, va="top")


def _draw_bar(figure: Figure, film: MapFilm, width: float, height: float, ink: str) -> None:
    area = figure.add_axes((_EDGE / width, 0.36 / height, 1.9 / width, 0.11 / height))
    low, high = film.style.limits
    steps = np.linspace(low, high, 129)
    colors = map_colors((steps[:-1] + steps[1:]) / 2, film.style)
    grey = 0.5 * (1 - colors[:, 3:]) + colors[:, :3] * colors[:, 3:]  # as over a middle grey
    area.imshow(grey[None], aspect="auto", extent=(low, high, 0.0, 1.0), interpolation="none")
    area.set_yticks([])
    middle = [0.0] if low < 0 < high else []
    area.set_xticks([low, *middle, high])
    area.tick_params(labelsize=7, colors=ink, length=2)
    for spine in area.spines.values():
        spine.set(color=ink, alpha=0.5, linewidth=0.5)
    figure.text((_EDGE + 2.05) / width, 0.37 / height, "a.u., shown over grey", color=ink, fontsize=7)


def _even(frames: int) -> list[int]:
    return sorted({round(float(at)) for at in np.linspace(0, frames - 1, min(PANELS, frames))})
