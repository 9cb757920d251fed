"""Stimuli in activity space out of the window: as a figure, as a table and as ordinary layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_twinscope.rig.figure_file import save_figure
from napari_twinscope.rig.space_choice import SpaceChoice, chosen_space
from napari_twinscope.rig.space_figure import space_figure
from napari_twinscope.rig.space_layers import space_layers
from napari_twinscope.rig.space_picture import space_picture
from napari_twinscope.rig.space_table import space_frame
from napari_twinscope.rig.unit_csv import write_units
from napari_twinscope.rig.viewpoint import viewpoint
from napari_twinscope.views.outlet import FIGURE_FILTER, TABLE_FILTER, Outlet, put_layers
from napari_twinscope.views.settings import setting
from napari_twinscope.views.window_state import open_pages

if TYPE_CHECKING:
    from qtpy.QtWidgets import QMenu, QWidget

    from napari_twinscope.rig.activity_space import StimulusSpace
    from napari_twinscope.rig.projection import View
    from napari_twinscope.rig.space_picture import SpacePicture
    from napari_twinscope.views.activity_space import ActivitySpaceDock

DOCK = "Stimuli in activity space"


class SpaceExports(Outlet):
    """Takes what the dock shows, or would show of the units selected now, out of the window.

    Parameters
    ----------
    viewer, parent
        As of `Outlet`.
    """

    def __init__(self, viewer: object, parent: QWidget | None = None) -> None:
        super().__init__(viewer, parent)
        self.marked = True

    def figure(self) -> None:
        """Save what the canvas shows from its camera, as SVG, PDF or PNG."""

        def work() -> None:
            self.session.require_recording()
            dock = self._dock()
            picture = self._picture(*self._shown(dock))
            figure = space_figure(picture, self._view(dock, picture), dark=self.dark)
            path = self.ask("Save stimuli in activity space", f"{self.stem()}-stimuli.svg", FIGURE_FILTER)
            if path is not None:
                self.say(save_figure(figure, *path, title=picture.title))

        self.attempt("Saving the figure", work)

    def table(self) -> None:
        """Save the coordinates of all movies, of trajectories of all frames, as CSV."""

        def work() -> None:
            self.session.require_recording()
            space, choice = self._shown(self._dock())
            frame = space_frame(self.session, space, choice.coloured_by)
            path = self.ask("Save the coordinates", f"{self.stem()}-stimuli.csv", TABLE_FILTER)
            if path is not None:
                self.say(write_units(frame, *path))

        self.attempt("Saving the table", work)

    def layers(self) -> None:
        """Add the points, and the paths of trajectories, to this viewer as ordinary layers."""

        def work() -> None:
            self.session.require_recording()
            space, choice = self._shown(self._dock())
            made = space_layers(self.session, space, choice, float(setting("appearance", "point_size")))
            longer = put_layers(self.bench.viewer, made)
            added = "1 layer" if len(made) == 1 else f"{len(made)} layers"
            self.bench.viewer.status = " ".join([f"Added {added}.", *longer])

        self.attempt("Adding the layers", work)

    def menu(self, parent: QWidget) -> QMenu:
        """Return a menu of all that can be taken out."""
        deeds = (
            ("Figure …", "What this canvas shows from its camera, as SVG, PDF or PNG", self.figure),
            ("Table …", "Coordinates of all movies with identifiers, as CSV", self.table),
            (
                "Add as layers",
                "Points, and the paths of trajectories, as ordinary napari layers with features",
                self.layers,
            ),
        )
        return self.menu_of(
            parent, deeds, {"dark": "Figure on black", "marked": "Mark the movie on the screen"}
        )

    # -- what is taken

    def _dock(self) -> ActivitySpaceDock | None:
        return open_pages(self.bench.viewer).get(DOCK)

    def _shown(self, dock: ActivitySpaceDock | None) -> tuple[StimulusSpace, SpaceChoice]:
        """Return what the dock shows; what it would show where it is hidden, closed or still computing."""
        if dock is None:
            choice = SpaceChoice()
            return chosen_space(self.session, choice), choice
        choice = dock.form.choice()
        if dock.space is None or dock.latest.busy or not dock.isVisible():
            return chosen_space(self.session, choice), choice
        return dock.space, choice

    def _picture(self, space: StimulusSpace, choice: SpaceChoice) -> SpacePicture:
        session = self.session
        return space_picture(
            session,
            space,
            choice,
            condition=session.condition if self.marked else None,
            frame=session.frame,
            point_size=float(setting("appearance", "point_size")),
        )

    def _view(self, dock: ActivitySpaceDock | None, picture: SpacePicture) -> View:
        if dock is None or dock.space is None:
            return viewpoint(picture.world)
        return dock.canvas.view()
