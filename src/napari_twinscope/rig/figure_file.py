"""Figures become files: SVG and PDF with text that stays text, and PNG."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_twinscope import __version__
from napari_twinscope.errors import InvalidInput, StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.figure import Figure

FIGURES = (".svg", ".pdf", ".png")
DPI = 300
INK, DARK_INK = "#222222", "#E6E6E6"
PAPER, DARK_PAPER = "#FFFFFF", "#000000"


def new_figure(width: float, height: float, dark: bool = False) -> Figure:
    """Return an empty figure, in inches, that needs no window and is never closed."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), facecolor=DARK_PAPER if dark else PAPER)
    FigureCanvasAgg(figure)
    return figure


def check_file(path: Path, suffixes: Sequence[str], overwrite: bool = False) -> Path:
    """Check, before any work, that a file can be written.

    Parameters
    ----------
    path
        The file.
    suffixes
        Its kind must be one of these.
    overwrite
        Whether a file that is there may be replaced.

    Raises
    ------
    InvalidInput
        If the suffix is of another kind.
    StoreError
        If the folder is not there, or the file is.
    """
    if path.suffix.lower() not in suffixes:
        raise InvalidInput(
            "This kind of file cannot be written.",
            given=path.name,
            needed="a name that ends in " + ", ".join(suffixes),
        )
    if not path.parent.is_dir():
        raise StoreError("The folder for the file is not there.", given=path.parent)
    if path.exists() and not overwrite:
        raise StoreError(
            "There is a file of this name already; it was left as it is.",
            given=path,
            remedy="choose another name, or allow it to be overwritten",
        )
    return path


def save_figure(
    figure: Figure, path: Path, overwrite: bool = False, *, title: str = "", dpi: float = DPI
) -> Path:
    """Write a figure; in SVG and PDF its text can be searched and edited.

    Parameters
    ----------
    figure
        From one of the functions of this room.
    path
        Its suffix says what is written, one of `FIGURES`.
    overwrite
        Whether a file that is there may be replaced.
    title
        Kept in the file's own description.
    dpi
        Dots per inch of a PNG.

    Raises
    ------
    InvalidInput, StoreError
        As `check_file`.
    """
    from matplotlib import rc_context

    check_file(path, FIGURES, overwrite)
    kind = path.suffix.lower()[1:]
    creator = f"napari-twinscope {__version__}"
    facts: dict[str, Any] = {"Title": title}
    if kind == "png":
        facts["Software"] = creator
    else:
        facts["Creator"] = creator
        facts["Date" if kind == "svg" else "CreationDate"] = None  # the same figure, the same file
    half = path.with_name(f".{path.name}.part")
    with rc_context({"svg.fonttype": "none", "pdf.fonttype": 42, "svg.hashsalt": "twinscope"}):
        try:
            figure.savefig(half, format=kind, dpi=dpi, metadata=facts, facecolor=figure.get_facecolor())
            half.replace(path)
        finally:
            half.unlink(missing_ok=True)
    return path
