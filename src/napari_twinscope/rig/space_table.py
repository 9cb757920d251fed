"""Stimuli in activity space as a table with identifiers: one row for each movie, or each of its frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.rig.layers import stimulus_labels
from napari_twinscope.rig.space_style import axis_labels, movie_groups

if TYPE_CHECKING:
    import pandas as pd

    from napari_twinscope.rig.activity_space import StimulusSpace
    from napari_twinscope.rig.session import Session


def space_frame(session: Session, space: StimulusSpace, coloured_by: str = "stimulus") -> pd.DataFrame:
    """Return where movies lie in activity space.

    Parameters
    ----------
    session
        Of whose stage the picture is.
    space
        What was computed, as by `space_choice.chosen_space`.
    coloured_by
        One of `space_style.COLOURED_BY`.

    Returns
    -------
    DataFrame
        One row for each movie, of trajectories for each of its frames that was recorded: the
        ``recording``, the ``stage``, of how many ``units`` the space is; the movie's number in the picture
        (``movie``), its ``stimulus`` by name and by ``label``, its ``direction`` in degrees, and the
        ``group`` of movies that have its colour; of trajectories the ``frame`` and its time in ``seconds``.
        Then the coordinates in the unit of the responses, called as the axes are (``PC 1``, of a diffusion
        map ``DC 1``, of a picture that was turned ``axis 1``); the options ``picture``, ``preset``,
        ``stimuli`` and ``rectify``; and, where the published figures show stimuli under other names, these
        (``shown_as``).

    Raises
    ------
    InvalidInput
        If there is no recording.
    """
    import pandas as pd

    recording = session.require_recording()
    protocol, options = recording.protocol, space.options
    labels = stimulus_labels(protocol)
    stimuli, directions = space.movies.T
    movies, frames = space.paths.shape[:2]
    group = movie_groups(space, protocol, coloured_by)
    points = space.paths.reshape(-1, space.paths.shape[2])
    there = np.asarray(np.isfinite(points).all(axis=1))
    movie = np.repeat(np.arange(movies), frames)
    columns: dict[str, Any] = {
        "recording": str(recording.name),
        "stage": session.stage,
        "units": space.units,
        "movie": movie,
        "stimulus": [protocol.stimuli[stimuli[place]].name for place in movie],
        "label": [labels[stimuli[place]] for place in movie],
        "direction": [float(protocol.directions[directions[place]]) for place in movie],
        "group": [group[place] for place in movie],
    }
    if not space.is_still:
        frame = np.tile(np.arange(frames), movies)
        columns |= {"frame": frame, "seconds": frame / float(protocol.screen.frame_rate)}
    columns |= {name: points[:, place] for place, name in enumerate(axis_labels(space))}
    columns |= {
        "picture": options.picture,
        "preset": options.preset,
        "stimuli": options.stimuli or "by preset",
        "rectify": options.rectify,
    }
    if space.shown_as:
        columns["shown_as"] = [space.shown_as[place] for place in movie]
    return pd.DataFrame(columns)[there].reset_index(drop=True)
