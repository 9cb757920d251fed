"""Sessions are saved to files and opened from them, with all that the window shows."""

from __future__ import annotations

import weakref
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from psygnal import Signal
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QFileDialog, QMessageBox

from napari_twinscope.errors import InvalidInput, TwinscopeError
from napari_twinscope.rig import Generations, Job
from napari_twinscope.rig.loaded_session import load_session, restore_session
from napari_twinscope.rig.saved_files import with_ways
from napari_twinscope.rig.saved_recording import LostRecording
from napari_twinscope.rig.saved_session import SUFFIX, SavedSession, write_session
from napari_twinscope.views.arrangement import close_dock, open_dock
from napari_twinscope.views.dialogs import show_error
from napari_twinscope.views.window_state import arrange_window, open_pages, show_canvas, window_state

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget

    from napari_twinscope.rig import Outcome
    from napari_twinscope.rig.loaded_session import LoadedSession
    from napari_twinscope.views.bench import Bench

SETTLED = 150  # milliseconds until docks that were opened have found their size
FILTER = f"Sessions (*{SUFFIX})"
PINNED = ("Rig",)  # never closed by opening a session: it may be recording


class SessionFile:
    """The file of a viewer's session.

    Every open dock puts what it shows into the file, by `DockPage.view_state`, and takes it back by
    `DockPage.restore_view`.

    Parameters
    ----------
    bench
        Of the viewer.

    Attributes
    ----------
    said
        Emitted with a line of text for the user.
    shown
        Emitted when a session that was opened is on the screen.
    path
        The file that was saved or opened last.
    """

    said = Signal(str)
    shown = Signal()

    def __init__(self, bench: Bench) -> None:
        self._bench = weakref.ref(bench)
        self._generations = Generations()
        self.path: Path | None = None

    @property
    def bench(self) -> Bench:
        """The bench."""
        return self._bench()

    # -- saving

    def choose_and_save(self, parent: QWidget | None = None) -> bool:
        """Ask for a file and save the session there; return whether that was done."""
        name, _ = QFileDialog.getSaveFileName(parent, "Save the session as", str(self._proposal()), FILTER)
        return bool(name) and self.save(Path(name), parent)

    def save(self, path: Path, parent: QWidget | None = None) -> bool:
        """Save the session; return whether that was possible."""
        try:
            self.path = self.write(path)
        except Exception as error:  # whatever a dock's part raises, the user reads it
            show_error("Saving the session", error, parent)
            return False
        self.bench.session.selection.groups.keep()
        self.said.emit(f"Saved {self.path.name}")
        return True

    def write(self, path: Path) -> Path:
        """Write the session to a file, with the suffix of sessions; return where it is.

        Raises
        ------
        StoreError
            If it cannot be written there.
        """
        if not path.name.endswith(SUFFIX):
            path = path.with_name(path.name.removesuffix(".json").removesuffix(".twinscope") + SUFFIX)
        viewer, session = self.bench.viewer, self.bench.session
        docks = {name: page.view_state() for name, page in open_pages(viewer).items()}
        saved = SavedSession.of(session, path.parent)
        window, docks = window_state(viewer, self.bench.canvas_fit), with_ways(docks, path.parent)
        write_session(path, replace(saved, window=window, docks=docks))
        return path

    def _proposal(self) -> Path:
        if self.path is not None:
            return self.path
        recording = self.bench.session.recording
        if recording is None:
            return Path.home() / f"session{SUFFIX}"
        folder = recording.origin.parent if recording.origin == recording.path else Path.home()
        return folder / f"{recording.name}{SUFFIX}"

    # -- opening

    def choose_and_open(self, parent: QWidget | None = None) -> None:
        """Ask for a file and open it, unless that would lose groups that the user wants to keep."""
        if not self.may_lose_groups(parent):
            return
        folder = str(self._proposal().parent)
        name, _ = QFileDialog.getOpenFileName(parent, "Open a session", folder, FILTER)
        if name:
            self.open(Path(name), parent)

    def open(
        self, path: Path, parent: QWidget | None = None, elsewhere: dict[int, Path] | None = None
    ) -> None:
        """Open a session in the background; what is open stays until all of it has been read.

        Parameters
        ----------
        path
            The file.
        parent
            Whose window asks for lost recordings.
        elsewhere
            Where recordings are that are not where they were, by their number in the session.
        """
        generation = self._generations.begin("open")

        def done(outcome: Outcome[LoadedSession]) -> None:
            if not self._generations.is_current("open", generation):
                return
            if isinstance(outcome.error, LostRecording):
                self._locate(path, parent, elsewhere or {}, outcome.error)
            elif outcome.error is not None:
                show_error("Opening the session", outcome.error, parent)
            else:
                self.path = path
                self._show(outcome.value)

        self.said.emit(f"Opening {path.name} …")
        self.bench.background.start(Job("Opening the session", lambda _: load_session(path, elsewhere)), done)

    def may_lose_groups(self, parent: QWidget | None = None) -> bool:
        """Return whether another session may replace the groups; ask where some are in no file."""
        groups = self.bench.session.selection.groups.unkept
        if not groups:
            return True
        answer = self.ask_about_groups(parent, ", ".join(f"“{group.name}”" for group in groups))
        return answer == "discard" or (answer == "save" and self.choose_and_save(parent))

    def ask_about_groups(self, parent: QWidget | None, names: str) -> str:
        """Ask what becomes of groups that are in no file: return ``save``, ``discard`` or ``cancel``."""
        box = QMessageBox(QMessageBox.Icon.Question, "Open a session", "", parent=parent)
        box.setText(f"These groups of units are in no file yet: {names}.")
        box.setInformativeText("The session that is opened brings its own groups.")
        save = box.addButton("Save session …", QMessageBox.ButtonRole.AcceptRole)
        discard = box.addButton("Open without them", QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.exec()
        return {save: "save", discard: "discard"}.get(box.clickedButton(), "cancel")

    def _locate(
        self, path: Path, parent: QWidget | None, elsewhere: dict[int, Path], lost: LostRecording
    ) -> None:
        found = self.ask_where(parent, lost)
        if found is None:
            self.said.emit("The session was not opened.")
        else:
            self.open(path, parent, {**elsewhere, lost.place: found})

    def ask_where(self, parent: QWidget | None, lost: LostRecording) -> Path | None:
        """Ask where a recording is now; ``None`` if the user gives up."""
        box = QMessageBox(QMessageBox.Icon.Warning, "A recording is missing", lost.problem, parent=parent)
        box.setInformativeText(f"It was at {lost.saved.path}.")
        folder = box.addButton("Locate folder …", QMessageBox.ButtonRole.AcceptRole)
        packed = box.addButton("Locate zip …", QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.exec()
        title, name = f"Where is {lost.saved.name}?", ""
        if box.clickedButton() is folder:
            name = QFileDialog.getExistingDirectory(parent, title)
        elif box.clickedButton() is packed:
            name, _ = QFileDialog.getOpenFileName(parent, title, "", "Zipped recordings (*.zip)")
        return Path(name) if name else None

    def _show(self, loaded: LoadedSession) -> None:
        bench, saved = self.bench, loaded.saved
        problems: list[TwinscopeError] = [] if loaded.lost is None else [loaded.lost]
        self._open_docks(saved, problems)  # first, since maps are computed for open docks only
        try:
            if loaded.opened is not None:
                bench.open(loaded.opened, looks=loaded.looks)
            restore_session(bench.session, loaded)
            if loaded.opened is not None:
                bench.show_frame(bench.session.condition, bench.session.frame)
        except Exception as error:  # as `RigDock.open_path`
            show_error("Opening the session", error)
            return
        QTimer.singleShot(SETTLED, lambda: self._arrange(saved, problems, last=False))

    def _open_docks(self, saved: SavedSession, problems: list[TwinscopeError]) -> None:
        viewer = self.bench.viewer
        for name in saved.docks:
            try:
                open_dock(viewer, name)
            except (KeyError, ValueError):
                problems.append(InvalidInput("The session shows a dock that is not known here.", given=name))
        for name in set(open_pages(viewer)) - set(saved.docks) - set(PINNED):
            close_dock(viewer, name)

    def _arrange(self, saved: SavedSession, problems: list[TwinscopeError], last: bool) -> None:
        """Arrange the window twice: what docks show decides how small they can be, and so may the window."""
        bench = self._bench()
        if bench is None or bench.viewer is None:
            return
        found = problems if last else []
        if not last:
            self._restore_docks(saved, found)
        _try(found, lambda: arrange_window(bench.viewer, saved.window))
        then = self._finish if last else partial(self._arrange, last=True)
        QTimer.singleShot(SETTLED, lambda: then(saved, problems))

    def _finish(self, saved: SavedSession, problems: list[TwinscopeError]) -> None:
        bench = self._bench()
        if bench is None or bench.viewer is None:
            return
        _try(problems, lambda: show_canvas(bench.viewer, bench.canvas_fit, saved.window))
        self._restore_docks(saved, problems)
        if problems:
            show_error("Showing the session as it was", problems[0])
        self.said.emit(f"Opened {self.path.name}")
        self.shown.emit()

    def _restore_docks(self, saved: SavedSession, problems: list[TwinscopeError]) -> None:
        for name, page in open_pages(self.bench.viewer).items():
            if name in saved.docks:
                _try(problems, partial(page.restore_view, saved.docks[name]))


def _try(problems: list[TwinscopeError], do: object) -> None:
    """Do one part; if it does not fit the others are done even so."""
    try:
        do()
    except TwinscopeError as error:
        problems.append(error)
