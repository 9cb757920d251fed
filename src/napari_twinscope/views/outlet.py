"""How things leave the window: dialogs that ask for files, threads that write them, and layers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QFileDialog, QMenu

from napari_twinscope.rig import Job
from napari_twinscope.views.bench import bench_of
from napari_twinscope.views.dialogs import show_error
from napari_twinscope.views.settings import recordings_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from qtpy.QtWidgets import QWidget

    from napari_twinscope.rig import Outcome, Session, WatchedProgress
    from napari_twinscope.rig.plain_layers import LayerTuple

FIGURE_FILTER = "SVG: vectors, text stays text (*.svg);;PDF (*.pdf);;PNG, 300 dots per inch (*.png)"
FILM_FILTER = "Films (*.mp4);;Animated GIF (*.gif)"
TABLE_FILTER = "Tables (*.csv)"


class Outlet:
    """What all exports of a viewer have in common.

    Parameters
    ----------
    viewer
        The viewer.
    parent
        Whose window the dialogs belong to.

    Attributes
    ----------
    dark
        Whether figures are drawn on black.
    """

    def __init__(self, viewer: object, parent: QWidget | None = None) -> None:
        self.bench = bench_of(viewer)
        self.parent = parent
        self.dark = False

    @property
    def session(self) -> Session:
        """The session."""
        return self.bench.session

    def menu_of(
        self,
        parent: QWidget,
        deeds: Iterable[tuple[str, str, Callable[[], None]]],
        switches: Mapping[str, str],
    ) -> QMenu:
        """Return a menu.

        Parameters
        ----------
        parent
            The widget that owns it.
        deeds
            The text of each entry, its tooltip, and what it does.
        switches
            Attributes that are on or off, and what their entries say.
        """
        menu = QMenu(parent)
        menu.setToolTipsVisible(True)
        for text, tip, do in deeds:
            menu.addAction(text, do).setToolTip(tip)
        menu.addSeparator()
        for name, text in switches.items():
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(getattr(self, name))
            action.toggled.connect(lambda on, name=name: setattr(self, name, on))
        return menu

    def ask_and_do(
        self, title: str, proposal: str, filters: str, write: Callable[[Path, bool], None]
    ) -> None:
        """Ask for a file beside the recording, named after the stage, and let something be written there."""

        def work() -> None:
            path = self.ask(title, f"{self.stem()}-{proposal}", filters)
            if path is not None:
                write(*path)

        self.attempt(title, work)

    def attempt(self, doing: str, work: Callable[[], None]) -> None:
        """Do something; whatever goes wrong is told in a dialog."""
        try:
            work()
        except Exception as error:  # the user reads whatever went wrong
            show_error(doing, error, self.parent)

    def ask(self, title: str, proposal: str, filters: str) -> tuple[Path, bool] | None:
        """Ask for a file; return it and whether the user agreed to replace it."""
        name, chosen = QFileDialog.getSaveFileName(self.parent, title, str(self.folder() / proposal), filters)
        if not name:
            return None
        path = Path(name)
        suffix = "." + chosen.rsplit("*.", 1)[-1].split(")")[0].split(" ")[0] if "*." in chosen else ""
        if not path.suffix and suffix:
            return path.with_name(path.name + suffix), False  # of this name the dialog asked nothing
        return path, True

    def in_background(self, doing: str, work: Callable[[WatchedProgress], Path]) -> None:
        """Write something in a thread, with its progress in sight."""

        def done(outcome: Outcome) -> None:
            if outcome.canceled:
                self._tell("Stopped.")
            elif outcome.error is not None:
                show_error(doing, outcome.error, self.parent)
            else:
                self.say(outcome.value)

        self.bench.background.start(Job(doing, work), done, show=True)

    def say(self, path: Path) -> None:
        """Say where a file is."""
        self._tell(f"Saved {path}")

    def _tell(self, text: str) -> None:
        viewer = self.bench.viewer
        if viewer is not None:  # the window may be closed while something is written
            viewer.status = text

    def name(self) -> str:
        """Return the name of the recording."""
        return self.session.require_recording().name

    def stem(self) -> str:
        """Return how files of this stage begin."""
        return f"{self.name()}-{self.session.stage}"

    def folder(self) -> Path:
        """Return where files are proposed to be."""
        recording = self.session.recording
        beside = recording is not None and recording.origin == recording.path
        return recording.path.parent if beside else recordings_folder()


def put_layers(viewer: object, made: list[LayerTuple]) -> list[str]:
    """Add layers; say whether sliders now run over axes of theirs, beyond the movie."""
    from napari.layers import Layer

    before = viewer.dims.nsteps
    for data, settings, kind in made:
        viewer.add_layer(Layer.create(data, settings, kind))
    names, after = viewer.dims.axis_labels[-len(before) : -2], viewer.dims.nsteps[-len(before) : -2]
    longer = [name for name, old, new in zip(names, before[:-2], after, strict=True) if new > old]
    if not longer:
        return []
    return [f"The slider of {' and '.join(longer)} is longer than the movie for as long as they are there."]
