"""How alike two populations, or two stages of a network, answer the same stimuli."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.comparison.alignment_options import DISTANCES, AlignmentOptions
from napari_twinscope.manifolds.comparison.dynamical_similarity import dynamical_distance, one_step_operator
from napari_twinscope.manifolds.comparison.pairing import paired
from napari_twinscope.manifolds.comparison.prediction import encoding, published_encoding
from napari_twinscope.manifolds.comparison.representation import cca, linear_cka, procrustes, rsa
from napari_twinscope.manifolds.comparison.transport import gromov_wasserstein
from napari_twinscope.population.components import unit_components
from napari_twinscope.progress import Progress, SilentProgress, raise_if_canceled

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVEL = 0.95
"""Share of the draws that the intervals cover."""

DYNAMICS = 10
"""Principal components whose dynamics are compared."""

_SPLITS = 10
_CORRECTED = AlignmentOptions()


def alignment(
    one: xr.DataArray,
    other: xr.DataArray,
    options: AlignmentOptions = _CORRECTED,
    *,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Compare two populations on the same stimuli.

    Parameters
    ----------
    one, other
        Responses with dims unit, stimulus, direction, time in any order, as of `paired`. They need not
        have the same number of units.
    options
        How; by default the corrected preset.
    progress
        Told of each draw.

    Returns
    -------
    xarray.Dataset
        Over ``measure``, float64:

        ``score``
            ``rsa``, ``cka``, ``cca`` and ``encoding``: high is alike; ``procrustes`` (disparity), ``dsa``
            (radians) and ``gromov_wasserstein`` (between cosine distances of the units' mean responses;
            root of the cost): low is alike. The coordinate ``alike`` tells which.
        ``lower``, ``upper``
            What 95 % of the bootstraps lie between; drawing units with replacement lowers their
            diversity, so that the score need not lie in the middle.
        ``chance``, ``chance_lower``, ``chance_upper``
            Mean and 95 % of the scores with the conditions of the other population shuffled, of ``dsa``
            with its frames shuffled; of ``gromov_wasserstein``, which knows no conditions, the distance
            under a coupling of all units with all.
        ``z``
            How many standard deviations the score is more alike than chance.
        ``frames``
            Number of frames that the score is a mean of.

        Not a number where nothing was drawn or a measure is undefined. The result depends on neither order
        nor names of the units, but for some percent of ``dsa`` and ``gromov_wasserstein``, which are searched
        for, and in the corrected preset not on the order of stimuli and directions, except in what is drawn.

    Raises
    ------
    InvalidInput
        If the recordings do not fit, there are fewer than three conditions, one direction where directions
        are to be left out, or fewer than two frames for ``dsa``.

    References
    ----------
    See `rsa`, `linear_cka`, `cca`, `procrustes`, `dynamical_distance`, `gromov_wasserstein` and `encoding`;
    together in the public code of arXiv 2601.21508.
    """
    progress = SilentProgress() if progress is None else progress
    sides = paired(one, other, options.preset, options.stimuli, rectify=options.rectify)
    x, y = (
        np.ascontiguousarray(side.transpose("time", "stimulus", "direction", "unit").values) for side in sides
    )
    fold = np.tile(np.arange(x.shape[2]), x.shape[1])
    x, y = (side.reshape(len(side), -1, side.shape[-1]) for side in (x, y))
    _check(x, fold, options)
    random = np.random.default_rng(options.seed)
    measures = options.measures
    shown = (x, y) if options.compared == "each" else (x.mean(0, keepdims=True), y.mean(0, keepdims=True))
    progress.begin(1 + options.bootstraps + options.shuffles, "compare two populations")

    def scores(*units: NDArray[np.int64]) -> NDArray[np.float64]:
        raise_if_canceled(progress)
        found = []
        for name in measures:
            pair = (x, y) if name == "dsa" else shown
            a, b = (side[..., some] for side, some in zip(pair, units, strict=True))
            found.append(_score(name, a, b, fold, options))
        progress.advance()
        return np.array(found)

    sizes = x.shape[-1], y.shape[-1]
    score, frames = scores(*map(np.arange, sizes)).T
    drawn = [scores(*(random.integers(n, size=n) for n in sizes)) for _ in range(options.bootstraps)]
    chance = np.full((max(1, options.shuffles), len(measures)), np.nan)
    moved = [_paths(side) for side in (x, y)] if "dsa" in measures else []
    for draw in range(options.shuffles):
        raise_if_canceled(progress)
        condition, frame = random.permutation(x.shape[1]), random.permutation(len(y))
        for place, name in enumerate(measures):
            if name == "gromov_wasserstein":
                chance[draw, place] = (
                    _coupled(shown[0], shown[1], options)[1] if draw == 0 else chance[0, place]
                )
            elif name == "dsa":
                chance[draw, place] = _apart(moved[0], moved[1][:, frame], options)
            else:
                chance[draw, place] = _score(name, shown[0], shown[1][:, condition], fold, options)[0]
        progress.advance()
    progress.end()
    return _described(score, frames, np.array(drawn), chance, options, sides)


def _check(x: NDArray[np.float64], fold: NDArray[np.int64], options: AlignmentOptions) -> None:
    if x.shape[1] < 3:
        raise InvalidInput(
            "Too few conditions to compare.",
            given=f"{x.shape[1]} stimuli and directions",
            needed="three or more",
        )
    if options.preset == "corrected" and {"cca", "encoding"} & set(options.measures) and fold.max() == 0:
        raise InvalidInput(
            "No direction can be left out.",
            given="one direction",
            needed="two or more for cca and encoding",
            remedy="leave these measures out",
        )
    if "dsa" in options.measures and len(x) < 2:
        raise InvalidInput(
            "One frame does not move.",
            needed="two frames or more that both recorded, for dsa",
            remedy="leave this measure out",
        )


def _score(
    name: str,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    fold: NDArray[np.int64],
    options: AlignmentOptions,
) -> tuple[float, int]:
    """Return the score of one measure, and the number of frames it is a mean of."""
    if name == "dsa":
        return _apart(_paths(x), _paths(y), options), len(x)
    if name == "gromov_wasserstein":
        return _coupled(x, y, options)[0], len(x)
    corrected = options.preset == "corrected"
    if name == "rsa":
        found = rsa(x, y)
    elif name == "cka":
        found = linear_cka(x, y)
    elif name == "procrustes":
        found = procrustes(x, y)
    elif name == "cca":
        found = cca(x, y, options.components, fold if corrected else None)
    elif corrected:
        found = encoding(x, y, [np.flatnonzero(fold == one) for one in np.unique(fold)])
    else:
        found = published_encoding(x, y, _shuffles(x, options.seed))
    known = np.isfinite(found)
    if not known.any() or not (corrected or known.all()):
        return np.nan, 0
    return float(found[known].mean()), int(known.sum())


def _shuffles(x: NDArray[np.float64], seed: int) -> NDArray[np.int64]:
    legacy = np.random.RandomState(seed)  # that of the public code
    return np.array([[legacy.permutation(x.shape[1]) for _ in range(_SPLITS)] for _ in range(len(x))])


def _paths(responses: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the paths of the conditions in the leading components, (condition, time, component)."""
    rows = responses.reshape(-1, responses.shape[-1])
    loadings = unit_components(rows, min(DYNAMICS, rows.shape[1])).loadings
    moved = (rows - rows.mean(0)) @ loadings.T
    paths: NDArray[np.float64] = moved.reshape(*responses.shape[:2], -1).swapaxes(0, 1)
    return paths


def _apart(one: NDArray[np.float64], other: NDArray[np.float64], options: AlignmentOptions) -> float:
    return dynamical_distance(one_step_operator(one), one_step_operator(other), seed=options.seed)


def _coupled(
    x: NDArray[np.float64], y: NDArray[np.float64], options: AlignmentOptions
) -> tuple[float, float]:
    """Return how far the units' distances are apart, at best and by a coupling that knows nothing."""
    sides = [_unit_distances(side.mean(0).T, options) for side in (x, y)]
    if any(side is None for side in sides):
        return np.nan, np.nan
    found = gromov_wasserstein(*(side for side in sides if side is not None))
    return found.distance, float(np.sqrt(found.independent))


def _unit_distances(profiles: NDArray[np.float64], options: AlignmentOptions) -> NDArray[np.float64] | None:
    """Return cosine distances between the units' profiles, or none where they are all alike."""
    norms = np.linalg.norm(profiles, axis=1)
    profiles = profiles[norms > 0] / norms[norms > 0, None]
    if len(profiles) > options.units:
        # The same draw for both sides, so that a population is at no distance from itself.
        random = np.random.default_rng(options.seed)
        profiles = profiles[np.sort(random.permutation(len(profiles))[: options.units])]
    apart = np.clip(1 - profiles @ profiles.T, 0, None)
    np.fill_diagonal(apart, 0)
    return apart if len(apart) > 1 and apart.max() > 1e-12 else None


def _described(
    score: NDArray[np.float64],
    frames: NDArray[np.float64],
    drawn: NDArray[np.float64],
    chance: NDArray[np.float64],
    options: AlignmentOptions,
    pair: tuple[xr.DataArray, xr.DataArray],
) -> xr.Dataset:
    lower, upper = _interval(drawn[..., 0]) if len(drawn) else np.full((2, len(score)), np.nan)
    chance_lower, chance_upper = _interval(chance)
    distance = np.isin(options.measures, DISTANCES)
    spread = chance.std(0)
    away = np.where(distance, -1, 1) * (score - chance.mean(0))
    variables = {
        "score": score,
        "lower": lower,
        "upper": upper,
        "chance": chance.mean(0),
        "chance_lower": chance_lower,
        "chance_upper": chance_upper,
        "z": np.where(spread > 0, away / np.where(spread > 0, spread, 1), np.nan),
        "frames": frames.astype(np.int64),
    }
    names = [str(name) for name in pair[0]["stimulus"].values]
    return xr.Dataset(
        {name: ("measure", values) for name, values in variables.items()},
        coords={
            "measure": list(options.measures),
            "alike": ("measure", np.where(distance, "low", "high")),
        },
        attrs={
            "preset": options.preset,
            "options": options.to_json(),
            "stimuli": names,
            "paired_with": [str(name) for name in pair[1]["stimulus"].values],
            "units": [side.sizes["unit"] for side in pair],
        },
    )


def _interval(draws: NDArray[np.float64]) -> NDArray[np.float64]:
    tail = (1 - LEVEL) / 2
    quantiles: NDArray[np.float64] = np.quantile(draws, [tail, 1 - tail], axis=0)
    return quantiles
