"""How stimuli in activity space are drawn and described: colours, axes, numbers, and tubes along paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.rig.colors import Legend, category_color, direction_color, hex_rgba
from napari_twinscope.rig.layers import arrow, movie_title, stimulus_labels

if TYPE_CHECKING:
    import numpy.typing as npt

    from napari_twinscope.rig.activity_space import StimulusSpace
    from napari_twinscope.rig.colors import RGBA
    from napari_twinscope.stimuli import StimulusProtocol

    Floats = npt.NDArray[np.float64]
    Labels = tuple[str, str, str]

COLOURED_BY = ("stimulus", "direction")
HALVED = 0.5
_SIDES = 5  # of a tube


def movie_colors(space: StimulusSpace, protocol: StimulusProtocol, by: str) -> tuple[RGBA, Legend]:
    """Return a colour for each movie, float32 [movies, 4], and the legend that explains them.

    Stimuli have the colours that units have which prefer them.
    """
    stimuli, directions = space.movies.T
    names = movie_groups(space, protocol, by)
    if by == "direction":
        shades = [direction_color(protocol.directions[place]) for place in directions]
        told = ["#{:02x}{:02x}{:02x}".format(*shade) for shade in shades]
    else:
        told = [category_color(int(place)) for place in stimuli]
    colors: RGBA = np.array([hex_rgba(color) for color in told], np.float32).reshape(-1, 4)
    entries = tuple(dict(zip(names, told, strict=True)).items())
    return colors, Legend("direction of motion" if by == "direction" else "stimulus", None, entries, 0)


def movie_groups(space: StimulusSpace, protocol: StimulusProtocol, by: str) -> tuple[str, ...]:
    """Return for each movie what those are called that have its colour."""
    stimuli, directions = space.movies.T
    if by == "direction":
        angles = [protocol.directions[place] for place in directions]
        return tuple(f"{arrow(angle)} {angle:g}°" for angle in angles)
    names = stimulus_labels(protocol)
    published = space.shown_as or ("",) * len(stimuli)
    return tuple(
        names[place] + (f" (published as {shown})" if shown else "")
        for place, shown in zip(stimuli, published, strict=True)
    )


def movie_name(space: StimulusSpace, place: int, protocol: StimulusProtocol) -> str:
    """Return what a movie is called."""
    stimulus, direction = (int(value) for value in space.movies[place])
    return movie_title(protocol, (stimulus, direction))


def drawn_paths(space: StimulusSpace, halve_third: bool = False) -> Floats:
    """Return the coordinates to draw, float64 [movies, frames, 3], the third halved where that is wanted."""
    return space.paths * (1.0, 1.0, HALVED if halve_third else 1.0)


def axis_labels(space: StimulusSpace, halve_third: bool = False) -> Labels:
    """Return what the three axes are, short enough for their arrows."""
    kind = "DC" if space.shares is None else "PC"
    if space.turned:
        kind = "axis"
    first, second, third = (f"{kind} {number}" for number in (1, 2, 3))
    return first, second, f"{third} (× {HALVED:g})" if halve_third else third


def numbers_text(space: StimulusSpace) -> str:
    """Return how much of the activity the axes show, in one line."""
    if space.eigenvalues is not None:
        return "Eigenvalues " + ", ".join(f"{value:.2g}" for value in space.eigenvalues)
    if space.shares is None:
        return ""
    percent = [f"{100 * share:.0f}" for share in space.shares]
    together = f"{100 * space.shares.sum():.0f} %"
    axes = "axes 1 to 3" if space.turned else "PC 1 to 3"
    return f"Variance along {axes}: {', '.join(percent)} %, together {together}"


def units_text(space: StimulusSpace, selected: int, total: int, stage: str, follows: bool) -> str:
    """Return of which units the picture is.

    Parameters
    ----------
    space
        The picture.
    selected, total
        How many units of the stage are selected, and how many there are.
    stage
        Its name.
    follows
        Whether the picture is of the selected units, where there are any.
    """
    if follows and selected:
        text = f"{selected} of {total} units of {stage}"
    elif follows:
        text = f"No unit is selected: all {total} units of {stage}"
    else:
        text = f"All {total} units of {stage}"
    lost = f"; {space.left_out} left out: a response is missing or infinite" if space.left_out else ""
    return text + lost


def tubes(paths: Floats, radii: Floats) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Return thin tubes along paths, as a mesh.

    Parameters
    ----------
    paths
        float64 [paths, frames, 3]. Where a point is not a number the tube is interrupted.
    radii
        float64 [paths].

    Returns
    -------
    vertices, faces
        float32 [paths x frames x sides, 3], path by path, and int64 [faces, 3].
    """
    frames = paths.shape[1]
    there = np.asarray(np.isfinite(paths).all(axis=-1))
    points = np.where(np.expand_dims(there, -1), paths, 0.0)
    tangents = np.gradient(points, axis=1) if frames > 1 else np.zeros_like(points)
    lengths: Floats = np.linalg.norm(tangents, axis=-1, keepdims=True)
    tangents = np.where(lengths > 0, tangents / np.where(lengths > 0, lengths, 1), (0.0, 0.0, 1.0))
    normals = _carried_normals(tangents)
    sideways = np.cross(tangents, normals)
    turns = np.arange(_SIDES) * 2 * np.pi / _SIDES
    around = (
        np.cos(turns)[:, None] * normals[:, :, None] + np.sin(turns)[:, None] * sideways[:, :, None]
    ) * radii[:, None, None, None]
    vertices = (points[:, :, None] + around).reshape(-1, 3).astype(np.float32)
    here = np.arange(_SIDES)
    beside = np.roll(here, -1)
    band = np.concatenate(
        [
            np.stack([here, here + _SIDES, beside], axis=1),
            np.stack([beside, here + _SIDES, beside + _SIDES], axis=1),
        ]
    )
    linked = np.flatnonzero((there[:, :-1] & there[:, 1:]).ravel())
    path, frame = np.divmod(linked, max(frames - 1, 1))
    starts = (path * frames + frame) * _SIDES
    return vertices, (starts[:, None, None] + band).reshape(-1, 3)


def vertices_of_each_path(frames: int) -> int:
    """Return how many vertices of `tubes` belong to each path."""
    return frames * _SIDES


def _carried_normals(tangents: Floats) -> Floats:
    """Return unit vectors across the paths, carried along so that tubes do not twist."""
    normals = np.empty_like(tangents)
    least = np.eye(3)[np.abs(tangents[:, 0]).argmin(axis=1)]
    carried = np.cross(tangents[:, 0], least)
    for frame in range(tangents.shape[1]):
        along = tangents[:, frame]
        carried = carried - along * np.einsum("ij,ij->i", carried, along)[:, None]
        length = np.linalg.norm(carried, axis=1, keepdims=True)
        spare = np.cross(along, np.eye(3)[np.abs(along).argmin(axis=1)])
        carried = np.where(length > 1e-9, carried, spare)
        carried = carried / np.linalg.norm(carried, axis=1, keepdims=True)
        normals[:, frame] = carried
    return normals
