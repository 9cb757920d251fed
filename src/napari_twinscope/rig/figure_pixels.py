"""Figures as pixels in the colours of a theme."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.figure import Figure

PER_INCH = 76.0  # logical pixels of a figure

Color = tuple[float, float, float]


def themed_pixels(figure: Figure, ratio: float, text: Color, background: Color) -> npt.NDArray[np.uint8]:
    """Draw a figure in the colours of a theme, uint8 [height, width, RGBA].

    Parameters
    ----------
    figure
        Its size in inches is that of the picture; `PER_INCH` logical pixels each.
    ratio
        Device pixels for each logical one.
    text, background
        Red, green and blue, 0 to 1.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    dress(figure, text, background)
    figure.set_dpi(PER_INCH * ratio)
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    pixels: npt.NDArray[np.uint8] = np.array(canvas.buffer_rgba(), np.uint8)
    return pixels


def dress(figure: Figure, text: Color, background: Color) -> None:
    """Draw the frame of a figure in other colours; what it shows keeps its own."""
    from matplotlib.text import Text

    figure.set_facecolor(background)
    inside = {id(label) for panel in figure.axes for label in panel.texts}
    for label in figure.findobj(Text):
        if id(label) not in inside:
            label.set_color(text)
    for panel in figure.axes:
        panel.set_facecolor(background)
        panel.tick_params(colors=text, which="both")
        for spine in panel.spines.values():
            spine.set_edgecolor(text)
        legend = panel.get_legend()
        for frame in [] if legend is None else [legend.get_frame()]:
            frame.set_facecolor(background)
