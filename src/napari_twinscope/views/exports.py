"""What the views show becomes figures, tables and ordinary layers: the menu "Export" and its commands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QFileDialog

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig import Job, plain_layers
from napari_twinscope.rig.feature_map_figure import session_feature_maps
from napari_twinscope.rig.feature_maps import BY_NUMBER
from napari_twinscope.rig.figure_file import check_file, save_figure
from napari_twinscope.rig.film_figure import FILMS, film_figure, write_film, write_frames
from napari_twinscope.rig.manifold_figure import manifold_figure
from napari_twinscope.rig.map_film import session_film
from napari_twinscope.rig.own_measures import read_measures
from napari_twinscope.rig.session_picture import session_picture
from napari_twinscope.rig.session_responses import session_responses
from napari_twinscope.rig.unit_csv import read_units, select_units, selection_frame, unit_frame, write_units
from napari_twinscope.rig.viewpoint import viewpoint
from napari_twinscope.views.dialogs import show_error
from napari_twinscope.views.outlet import FIGURE_FILTER, FILM_FILTER, TABLE_FILTER, Outlet, put_layers
from napari_twinscope.views.settings import setting
from napari_twinscope.views.window_state import open_pages

if TYPE_CHECKING:
    from collections.abc import Callable

    from qtpy.QtWidgets import QMenu, QWidget

    from napari_twinscope.rig import Outcome, Session
    from napari_twinscope.rig.plain_layers import LayerTuple
    from napari_twinscope.views.dock_page import DockPage


class Exports(Outlet):
    """Takes what the docks of a viewer show out of the window.

    Every method asks for a file first where it needs one, and shows why where there is nothing to take.

    Parameters
    ----------
    viewer
        The viewer.
    parent
        Whose window the dialogs belong to.
    manifold
        The dock whose manifold and units are taken, if that is not the first.
    """

    def __init__(
        self, viewer: object, parent: QWidget | None = None, manifold: DockPage | None = None
    ) -> None:
        super().__init__(viewer, parent)
        self._manifold = manifold
        self.with_groups = True

    @property
    def session(self) -> Session:
        """The session."""
        return self.bench.session if self._manifold is None else self._manifold.session

    # -- the manifold

    def manifold_figure(self) -> None:
        """Save the manifold as its dock shows it now, as SVG, PDF or PNG."""

        def work() -> None:
            picture = session_picture(
                self.session, float(setting("appearance", "point_size")), self.with_groups
            )
            dock = self._manifold or open_pages(self.bench.viewer).get("Manifold")
            view = viewpoint(picture.world) if dock is None else dock.cloud.view()
            figure = manifold_figure(picture, view, dark=self.dark)
            path = self.ask("Save the manifold", f"{self.stem()}-manifold.svg", FIGURE_FILTER)
            if path is not None:
                self.say(save_figure(figure, *path, title=picture.title))

        self.attempt("Saving the figure", work)

    # -- responses and maps

    def response_figure(self) -> None:
        """Save the responses of the selected units: over time, as maps, and as tuning curves."""

        def work() -> None:
            figure, title = session_responses(self.session, dark=self.dark)
            path = self.ask("Save the responses", f"{self.stem()}-responses.svg", FIGURE_FILTER)
            if path is not None:
                self.say(save_figure(figure, *path, title=title))

        self.attempt("Saving the figure", work)

    def map_figure(self) -> None:
        """Save some frames of the movie with the activation map over them, as SVG, PDF or PNG."""

        def work() -> None:
            film = session_film(self.session, self.bench.source, compute=False)
            figure = film_figure(film, dark=self.dark)
            path = self.ask("Save the maps", f"{self.stem()}-maps.svg", FIGURE_FILTER)
            if path is not None:
                self.say(save_figure(figure, *path, title=film.title))

        self.attempt("Saving the figure", work)

    def feature_map_figure(self) -> None:
        """Save the feature maps that the dock shows at this frame, all pages, as SVG, PDF or PNG."""

        def work() -> None:
            dock = open_pages(self.bench.viewer).get("Feature maps")
            order, every = (BY_NUMBER, False) if dock is None else dock.chosen
            figure, title = session_feature_maps(
                self.session, self.bench.source, order, every=every, dark=self.dark
            )
            path = self.ask("Save the feature maps", f"{self.stem()}-feature-maps.svg", FIGURE_FILTER)
            if path is not None:
                self.say(save_figure(figure, *path, title=title))

        self.attempt("Saving the figure", work)

    def map_film(self) -> None:
        """Save the movie with the activation map over it as a film, at the speed of the time bar."""

        def work() -> None:
            film = session_film(self.session, self.bench.source, compute=False)
            asked = self.ask("Save the film", f"{self.stem()}-maps.mp4", FILM_FILTER)
            if asked is not None:
                path, overwrite = asked
                check_file(path, FILMS, overwrite)
                speed, dark = self.bench.playback.speed, self.dark
                self.in_background(
                    "Saving the film",
                    lambda progress: write_film(
                        film, path, speed=speed, dark=dark, overwrite=overwrite, progress=progress
                    ),
                )

        self.attempt("Saving the film", work)

    def map_frames(self) -> None:
        """Save each frame of the movie with the activation map over it as PNG, to a folder of their own."""

        def work() -> None:
            film = session_film(self.session, self.bench.source, compute=False)
            title = "In which folder shall the folder with the pictures be made?"
            name = QFileDialog.getExistingDirectory(self.parent, title, str(self.folder()))
            if name:
                folder, dark = Path(name) / f"{self.stem()}-frames", self.dark
                self.in_background(
                    "Saving the pictures",
                    lambda progress: write_frames(film, folder, dark=dark, progress=progress)[-1].parent,
                )

        self.attempt("Saving the pictures", work)

    # -- tables

    def unit_table(self) -> None:
        """Save everything known of the units of the stage as CSV."""

        def work() -> None:
            frame = unit_frame(self.session)
            path = self.ask("Save the unit table", f"{self.stem()}-units.csv", TABLE_FILTER)
            if path is not None:
                self.say(write_units(frame, *path))

        self.attempt("Saving the table", work)

    def selection_table(self) -> None:
        """Save the selected units of all stages as CSV."""

        def work() -> None:
            frame = selection_frame(self.session)
            path = self.ask("Save the selection", f"{self.name()}-selection.csv", TABLE_FILTER)
            if path is not None:
                self.say(write_units(frame, *path))

        self.attempt("Saving the selection", work)

    def open_selection(self) -> None:
        """Select the units that a CSV names; one step that can be undone."""

        def work() -> None:
            self.session.require_recording()
            name, _ = QFileDialog.getOpenFileName(
                self.parent, "Select the units of a table", str(self.folder()), TABLE_FILTER
            )
            if name:
                found = read_units(Path(name), self.session)
                select_units(self.session, found)
                if not self.session.selection.count(self.session.stage):
                    self.session.show_stage(next(iter(found.units)))
                self.bench.viewer.status = f"Selected {found.sentence}"

        self.attempt("Selecting the units of a table", work)

    def open_measures(self) -> None:
        """Take the columns of a CSV as measures that units can be coloured, filtered and selected by."""

        def work() -> None:
            session = self.session
            session.require_recording()
            name, _ = QFileDialog.getOpenFileName(
                self.parent, "Take measures of a table", str(self.folder()), TABLE_FILTER
            )
            if name:
                found = read_measures(Path(name), session)
                for stage, measures in found.measures.items():
                    session.add_own_measures(stage, measures)
                if session.stage not in found.measures:
                    session.show_stage(next(iter(found.measures)))
                session.measure = next(iter(found.measures[session.stage]))
                self.bench.viewer.status = f"Took {found.sentence}"

        self.attempt("Taking measures of a table", work)

    # -- layers

    def add_layers(self) -> None:
        """Add movie, map, units and manifold to this viewer as ordinary layers, for the present condition."""

        def work() -> None:
            self.session.require_recording()
            made, lacking = self._layers()
            longer = put_layers(self.bench.viewer, made)
            self.bench.viewer.status = " ".join([f"Added {len(made)} layers.", *longer, *lacking])

        self.attempt("Adding the layers", work)

    def add_trajectories(self) -> None:
        """Add decoding trajectories of the selected units, or of all, to this viewer as a Tracks layer."""

        def work() -> None:
            from napari_twinscope.manifolds import decoding_trajectories

            recording, stage = self.session.require_recording(), self.session.stage
            responses = self.session.responses()
            units = self.session.selection.indices(stage)
            chosen = responses.isel(unit=units) if len(units) else responses

            def done(outcome: Outcome) -> None:
                viewer = self.bench.viewer
                if viewer is None or outcome.canceled:
                    return
                if outcome.error is not None:
                    show_error("Computing the trajectories", outcome.error, self.parent)
                elif self.session.recording is not recording or self.session.stage != stage:
                    viewer.status = f"No trajectories of {stage} were added: something else is shown now."
                else:
                    count = chosen.sizes["unit"]
                    made = plain_layers.trajectory_layer(self.session, outcome.value, count)
                    viewer.status = " ".join(["Added the trajectories.", *put_layers(viewer, [made])])

            job = Job("Decoding trajectories", lambda _: decoding_trajectories(chosen))
            self.bench.background.start(job, done, show=True)

        self.attempt("Computing the trajectories", work)

    def _layers(self) -> tuple[list[LayerTuple], list[str]]:
        makers: tuple[Callable[[], LayerTuple], ...] = (
            lambda: plain_layers.movie_layer(self.session),
            lambda: plain_layers.map_layer(self.session, self.bench.source),
            lambda: plain_layers.units_layer(self.session),
            lambda: plain_layers.manifold_layer(self.session, float(setting("appearance", "point_size"))),
        )
        made, lacking = [], []
        for make in makers:
            try:
                made.append(make())
            except InvalidInput as error:
                lacking.append(error.problem)
        return made, lacking

    # -- details

    def menu(self, parent: QWidget) -> QMenu:
        """Return a menu of all that can be taken out."""
        deeds = (
            ("Manifold as figure …", "What this canvas shows, as SVG, PDF or PNG", self.manifold_figure),
            (
                "Responses as figure …",
                "Of the selected units over time, as maps and as tuning curves: SVG, PDF or PNG",
                self.response_figure,
            ),
            ("Maps as figure …", "Frames with the activation map, as SVG, PDF or PNG", self.map_figure),
            (
                "Feature maps as figure …",
                "Those of the selected units at this frame, as SVG, PDF or PNG",
                self.feature_map_figure,
            ),
            ("Maps as film …", "MP4 or GIF, at the speed of the time bar", self.map_film),
            ("Maps as pictures …", "One PNG for each frame", self.map_frames),
            ("Unit table …", "Everything known of the units of this stage, as CSV", self.unit_table),
            ("Selection …", "The selected units of all stages, as CSV", self.selection_table),
            ("Select units of a table …", "Select the units that a CSV names", self.open_selection),
            (
                "Measures of a table …",
                "Columns of a CSV, as values to colour, filter and select units by",
                self.open_measures,
            ),
            ("Add as layers", "Movie, map, units and manifold as ordinary napari layers", self.add_layers),
            (
                "Add trajectories as layer",
                "Decoding trajectories of the selected units, or of all, as a Tracks layer",
                self.add_trajectories,
            ),
        )
        return self.menu_of(parent, deeds, {"dark": "Figures on black", "with_groups": "Rings for groups"})
