"""The user's own movies as stimuli: from a file, or from an Image layer."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from napari.layers import Image
from qtpy.compat import isalive
from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QFileDialog, QMenu, QWidget

from napari_twinscope.rig import Job
from napari_twinscope.rig.own_movie import frames_as_shown, protocol_of_file, protocol_of_frames
from napari_twinscope.views.roles import KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_twinscope.rig import Outcome
    from napari_twinscope.stimuli import StimulusProtocol
    from napari_twinscope.views.bench import Bench


class OwnMovies(QObject):
    """Makes a protocol of a movie in the background.

    Parameters
    ----------
    bench
        Of the viewer whose layers are offered.
    parent
        The widget over which dialogs open.
    folder
        Returns the folder beside which the frames of layers are kept.

    Attributes
    ----------
    chosen, failed
        Emitted with the protocol, or with what went wrong.
    """

    chosen = Signal(object)
    failed = Signal(object)

    def __init__(self, bench: Bench, parent: QWidget, folder: Callable[[], Path]) -> None:
        super().__init__(parent)
        self._bench, self._parent, self._folder = bench, parent, folder

    def offer(self, below: QWidget) -> None:
        """Ask for a movie file or one of the Image layers, in a menu below a widget."""
        menu = QMenu(self._parent)
        menu.addAction("From a file …", self._choose_file)
        for layer in self._bench.viewer.layers:
            if isinstance(layer, Image) and layer.metadata.get(KEY) is None:
                menu.addAction(f"Image layer: {layer.name}", partial(self.use_layer, layer))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(below.mapToGlobal(below.rect().bottomLeft()))

    def _choose_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self._parent, "A movie to show", "", "Movies (*.npy *.npz *.tif *.tiff *.gif *.mp4 *.avi *.mov)"
        )
        if name:
            self.use_file(Path(name))

    def use_file(self, path: Path) -> None:
        """Show the whole of a movie file to the twin."""
        self._use(lambda _: protocol_of_file(path))

    def use_layer(self, layer: Image) -> None:
        """Show an Image layer's frames to the twin, as they are shown here."""
        data, limits, rgb = layer.data, tuple(layer.contrast_limits), bool(layer.rgb)
        name, folder = layer.name, self._folder() / "twinscope-movies"
        self._use(lambda _: protocol_of_frames(frames_as_shown(data, limits, rgb), folder, name))

    def _use(self, make: Callable[[object], StimulusProtocol]) -> None:
        def done(outcome: Outcome) -> None:
            if not isalive(self):  # the dock was closed meanwhile
                return
            if outcome.error is not None:
                self.failed.emit(outcome.error)
            else:
                self.chosen.emit(outcome.value)

        self._bench.background.start(Job("Reading the movie", make), done)
