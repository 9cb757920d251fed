"""How the stimuli lie and move in the activity space of some units: points or paths, ready to be drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.specification import Specification

if TYPE_CHECKING:
    import numpy.typing as npt
    import xarray as xr

    Floats = npt.NDArray[np.float64]

PICTURES = ("manifold", "diffusion", "trajectories")
"""The decoding manifold by principal components or by a diffusion map, and the decoding trajectories."""

COMPONENTS = 3
_SEED = 0  # of the approximate solver in the published presets, so that a picture can be made again


@dataclass(frozen=True)
class SpaceOptions(Specification):
    """What of the activity space is computed.

    Parameters
    ----------
    picture
        One of `PICTURES`.
    preset, stimuli, rectify
        As of `decoding_manifold`.

    Raises
    ------
    InvalidInput
        If there is no such picture, preset or choice of stimuli.
    """

    picture: str = "manifold"
    preset: str = "corrected"
    stimuli: str | None = None
    rectify: bool = True

    def __post_init__(self) -> None:
        if self.picture not in PICTURES:
            raise InvalidInput("There is no such picture.", given=self.picture, needed=", ".join(PICTURES))
        from napari_twinscope.manifolds.decoding.presets import check_preset

        check_preset(self.preset, self.stimuli)


@dataclass(frozen=True, eq=False)
class StimulusSpace:
    """Movies, each a stimulus in a direction, in the activity space of some units.

    Parameters
    ----------
    options
        What was computed.
    paths
        float64 [movies, frames, 3], in the unit of the responses; one frame for a point. Not a number in
        frames that were not recorded.
    movies
        int [movies, 2], stimulus and direction as positions in the responses.
    shares
        float64 [3], part of the variance along each axis; ``None`` for a diffusion map.
    eigenvalues
        float64 [3] of the diffusion map; ``None`` for principal components.
    shown_as
        Under which names the published figures show the stimuli, one for each movie; empty where by their
        own.
    units, left_out
        How many units it was made of, and how many of those asked for are left out, because a response is
        missing or infinite.
    turned
        Whether the axes were turned, so that they are not single components any more.
    """

    options: SpaceOptions
    paths: Floats
    movies: npt.NDArray[np.intp]
    shares: Floats | None
    eigenvalues: Floats | None
    shown_as: tuple[str, ...]
    units: int
    left_out: int
    turned: bool = False

    @property
    def is_still(self) -> bool:
        """Whether each movie is one point."""
        return len(self.paths[0]) == 1

    @property
    def spread(self) -> float:
        """Root mean square distance from the centre, in the unit of the coordinates."""
        points = self.paths.reshape(-1, COMPONENTS)
        centered = points - np.nanmean(points, axis=0)
        return float(np.sqrt(np.nansum(centered**2) / max(1, np.isfinite(points).all(axis=1).sum())))

    def place_of(self, condition: tuple[int, int]) -> int | None:
        """Return which movie is a stimulus in a direction; ``None`` if it is not among those taken."""
        found = np.flatnonzero((self.movies == np.asarray(condition)).all(axis=1))
        return int(found[0]) if len(found) else None


def stimulus_space(
    responses: xr.DataArray, options: SpaceOptions, units: npt.NDArray[np.intp] | None = None
) -> StimulusSpace:
    """Compute the decoding manifold or the decoding trajectories of some units.

    Parameters
    ----------
    responses
        Of a stage, dims (unit, stimulus, direction, time).
    options
        What to compute.
    units
        Positions of the units; all by default.

    Raises
    ------
    InvalidInput
        As `decoding_manifold` and `decoding_trajectories`, or if no unit has finite responses.
    """
    from napari_twinscope.manifolds import decoding_manifold, decoding_trajectories

    chosen = responses if units is None else responses.isel(unit=units)
    whole = complete_units(chosen)
    if not whole.any():
        raise InvalidInput(
            "No unit has responses that are all finite.",
            given=f"{len(whole)} units",
            needed="one or more without missing or infinite responses",
            remedy="select other units",
        )
    used = chosen if whole.all() else chosen.isel(unit=np.flatnonzero(whole))
    how = {"preset": options.preset, "stimuli": options.stimuli, "rectify": options.rectify, "seed": _SEED}
    if options.picture == "trajectories":
        found = decoding_trajectories(used, **how)  # type: ignore[arg-type]
        paths = found["coordinates"].transpose("stimulus", "direction", "time", "component").values
    else:
        method = "pca" if options.picture == "manifold" else "diffusion"
        found = decoding_manifold(used, method=method, **how)  # type: ignore[arg-type]
        paths = found["coordinates"].transpose("stimulus", "direction", "component").values[:, :, None]
    shared = found.get("explained_variance_ratio")
    return StimulusSpace(
        options,
        paths.reshape(-1, paths.shape[2], COMPONENTS),
        _positions(found, responses),
        None if shared is None else np.asarray(shared.values),
        found["eigenvalue"].values if "eigenvalue" in found else None,
        tuple(map(str, np.repeat(found["shown_as"].values, found.sizes["direction"])))
        if "shown_as" in found.coords
        else (),
        int(whole.sum()),
        int((~whole).sum()),
    )


def complete_units(responses: xr.DataArray) -> npt.NDArray[np.bool_]:
    """Return which units have finite responses, but for frames that are missing in all units alike."""
    values = responses.transpose("unit", ...).values.reshape(responses.sizes["unit"], -1)
    finite = np.isfinite(values)
    if finite.all():
        return np.ones(len(values), np.bool_)
    recorded = ~np.isnan(values).all(axis=0)
    complete: npt.NDArray[np.bool_] = (finite | ~recorded).all(axis=1)
    return complete


def held_steady(space: StimulusSpace, reference: StimulusSpace, turn: bool) -> StimulusSpace:
    """Turn a picture so that it lies as another of the same movies, for the sign of a component is free.

    Parameters
    ----------
    space
        What is to be turned; it is neither stretched nor moved.
    reference
        As what it is to lie, such as the picture of all units.
    turn
        Whether to turn and mirror it onto the reference as a rigid body (orthogonal Procrustes), after
        which the axes are not single components any more. Otherwise only the signs of components are
        chosen.

    Returns
    -------
    StimulusSpace
        The same if the movies or frames differ.
    """
    if reference.paths.shape != space.paths.shape or not np.array_equal(reference.movies, space.movies):
        return space
    points, target = (one.paths.reshape(-1, COMPONENTS) for one in (space, reference))
    both = np.isfinite(points).all(axis=1) & np.isfinite(target).all(axis=1)
    if not both.any():
        return space
    points, target = (values[both] - values[both].mean(axis=0) for values in (points, target))
    agreement = points.T @ target
    if turn and not np.array_equal(points, target):
        left, _, right = np.linalg.svd(agreement)
        rotation = left @ right
    else:
        rotation = np.diag(np.where(np.diag(agreement) < 0, -1.0, 1.0))
        turn = False
    shares = space.shares
    if turn and shares is not None:
        total = float(np.einsum("ij,ij->", points, points))
        along = np.einsum("ij,ij->j", points @ rotation, points @ rotation)
        shares = shares.sum() * along / total if total else shares
    return replace(space, paths=space.paths @ rotation, shares=shares, turned=turn)


def steady_space(
    responses: xr.DataArray,
    options: SpaceOptions,
    units: npt.NDArray[np.intp] | None = None,
    *,
    turn: bool = True,
    whole: StimulusSpace | None = None,
) -> tuple[StimulusSpace, StimulusSpace]:
    """Compute the picture of all units, and that of some of them lying as it does.

    Parameters
    ----------
    responses, options, units
        As of `stimulus_space`.
    turn
        As of `held_steady`.
    whole
        The picture of all units, if it is there.

    Returns
    -------
    whole, part
        The same twice if no units are given.

    Raises
    ------
    InvalidInput
        As `stimulus_space`.
    """
    if whole is None:
        whole = stimulus_space(responses, options)
    if units is None:
        return whole, whole
    return whole, held_steady(stimulus_space(responses, options, units), whole, turn)


def _positions(found: xr.Dataset, responses: xr.DataArray) -> npt.NDArray[np.intp]:
    """Return stimulus and direction of each movie as positions in the responses, int [movies, 2]."""
    names = [str(name) for name in responses["stimulus"].values]
    stimuli = [names.index(str(name)) for name in found["stimulus"].values]
    turns = np.asarray(responses["direction"].values, np.float64) % 360
    directions = [int(np.argmin(np.abs(turns - float(d) % 360))) for d in found["direction"].values]
    return np.stack(np.meshgrid(stimuli, directions, indexing="ij"), axis=-1).reshape(-1, 2).astype(np.intp)
