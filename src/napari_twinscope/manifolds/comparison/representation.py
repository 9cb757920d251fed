"""How alike two populations represent the same conditions: four measures, at many frames at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.population.labelled import NUMBERS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_RANK = 1e-10  # relative size below which a dimension, or a pattern, is rounding alone


def rsa(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Correlate how unlike any two conditions are in both populations (representational similarity).

    Two conditions are as unlike as one minus the Pearson correlation of their patterns over units; these
    dissimilarities are correlated by rank (Spearman).

    Parameters
    ----------
    one, other
        Responses (..., condition, unit), the same conditions; leading dims, such as time, are kept.

    Returns
    -------
    numpy.ndarray
        (...), -1 to 1. Not a number where the pattern of a condition is constant over units, so that
        nothing correlates with it, or all conditions are equally unlike.

    Raises
    ------
    InvalidInput
        As of all measures here: if the conditions differ in number, or are fewer than three, there is no
        unit, or a response is missing or infinite.

    References
    ----------
    Kriegeskorte, Mur & Bandettini (2008), doi 10.3389/neuro.06.004.2008
    """
    one, other = checked_conditions(one, other)
    return _rank_correlation(_dissimilarity(one), _dissimilarity(other))


def linear_cka(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compare the inner products of conditions in both populations (centred kernel alignment).

    Parameters
    ----------
    one, other
        As of `rsa`.

    Returns
    -------
    numpy.ndarray
        (...), 0 to 1; 1 for populations that differ by a rotation and a scale. It grows with the number
        of units over that of conditions, so that unrelated populations do not score 0: compare with
        shuffled conditions. Not a number where a population does not vary.

    References
    ----------
    Kornblith et al. (2019), arXiv 1905.00414
    """
    one, other = checked_conditions(one, other)
    k, m = _gram(_centred(one)), _gram(_centred(other))
    product = (k * m).sum((-2, -1))
    return _ratio(product, np.sqrt(np.square(k).sum((-2, -1)) * np.square(m).sum((-2, -1))))


def procrustes(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what is left of one population's conditions after the best rotation onto the other's.

    Both are centred and scaled to unit norm; rotations, reflections and scale are free.

    Parameters
    ----------
    one, other
        As of `rsa`.

    Returns
    -------
    numpy.ndarray
        The disparity (...), 0 for populations that differ by a rotation and a scale, up to 1; the papers'
        Procrustes R2 is one minus it. Not a number where a population does not vary.

    References
    ----------
    Schönemann (1966), doi 10.1007/BF02289451; as in arXiv 2601.21508.
    """
    one, other = checked_conditions(one, other)
    x, y = _centred(one), _centred(other)
    # The conditions span few dimensions: within them the singular values are the same.
    singular = np.linalg.svd(np.swapaxes(_coordinates(x), -1, -2) @ _coordinates(y), compute_uv=False)
    norms = np.sqrt(np.square(x).sum((-2, -1)) * np.square(y).sum((-2, -1)))
    explained = _ratio(singular.sum(-1), norms)
    return np.clip(1 - explained**2, 0, 1)


def cca(
    one: NDArray[np.float64],
    other: NDArray[np.float64],
    components: int = 3,
    fold: NDArray[np.int64] | None = None,
) -> NDArray[np.float64]:
    """Correlate both populations' leading components along their most alike directions.

    Parameters
    ----------
    one, other
        As of `rsa`.
    components
        Principal components of each population that count; fewer where one has fewer.
    fold
        Fold of each condition, (condition,): components and directions are found in the other folds and
        the correlations are those of the conditions left out, over all folds. Without it, as in the
        papers, they are those of the conditions that the directions were chosen for: for unrelated
        populations 0.2 with 48 conditions.

    Returns
    -------
    numpy.ndarray
        Mean canonical correlation (...), -1 to 1. Not a number where a population does not vary.

    Raises
    ------
    InvalidInput
        As `rsa`, or if there are no components, or the folds do not fit the conditions.

    References
    ----------
    Hotelling (1936), doi 10.1093/biomet/28.3-4.321; by singular values as Björck & Golub (1973), doi
    10.1090/S0025-5718-1973-0348991-3.
    """
    one, other = checked_conditions(one, other)
    if isinstance(components, bool) or not isinstance(components, int) or components < 1:
        raise InvalidInput("There is no such number of components.", given=components, needed="1 or more")
    if fold is None:
        left, right = (_leading(_centred(side), components) for side in (one, other))
        singular = np.linalg.svd(np.swapaxes(left, -1, -2) @ right, compute_uv=False)
        ranks = np.minimum(*(np.square(side).sum((-2, -1)).round() for side in (left, right)))
        return _ratio(np.clip(singular, 0, 1).sum(-1), ranks)
    _check_folds(fold, one.shape[-2])
    flat = [side.reshape(-1, *side.shape[-2:]) for side in _reduced(one, other)]
    scores = [_held_out_correlation(x, y, components, fold) for x, y in zip(*flat, strict=True)]
    return np.array(scores).reshape(one.shape[:-2])


def checked_conditions(one: ArrayLike, other: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the responses of two populations to the same conditions as float64, or refuse them.

    Raises
    ------
    InvalidInput
        If they are no numbers (..., condition, unit), the conditions differ in number or are fewer than
        three, there is no unit, or a response is missing or infinite.
    """
    sides = [np.asarray(side) for side in (one, other)]
    if any(side.dtype.kind not in NUMBERS for side in sides):
        raise InvalidInput(
            "The responses are no real numbers.",
            given=" and ".join(str(side.dtype) for side in sides),
            needed="two arrays of numbers (..., condition, unit)",
        )
    x, y = (side.astype(np.float64, copy=False) for side in sides)
    alike = x.ndim >= 2 and x.shape[:-1] == y.shape[:-1]
    if not alike or x.shape[-2] < 3 or 0 in x.shape or 0 in y.shape:
        raise InvalidInput(
            "The two populations were not shown the same conditions.",
            given=f"shapes {x.shape} and {y.shape}",
            needed="(..., condition, unit), the same three conditions or more, and one unit or more",
        )
    missing = [int((~np.isfinite(side)).sum()) for side in (x, y)]
    if any(missing):
        raise InvalidInput(
            "Responses are missing or infinite.",
            given=f"{missing[0]} of {x.size} and {missing[1]} of {y.size} values",
            remedy="leave out these units, or these conditions on both sides",
        )
    return x, y


def _check_folds(fold: NDArray[np.int64], conditions: int) -> None:
    given = np.asarray(fold)
    if given.shape != (conditions,) or len(np.unique(given)) < 2:
        raise InvalidInput(
            "The folds do not fit the conditions.",
            given=f"shape {given.shape}, {len(np.unique(given))} folds",
            needed=f"the fold of each of {conditions} conditions, two folds or more",
        )


def _dissimilarity(responses: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return one minus the correlation of any two conditions, (..., pair)."""
    patterns = responses - responses.mean(-1, keepdims=True)
    norms = np.linalg.norm(patterns, axis=-1, keepdims=True)
    constant = norms <= _RANK * np.linalg.norm(responses, axis=-1, keepdims=True)
    patterns = np.where(constant, np.nan, patterns / np.where(constant, 1, norms))
    rows, columns = np.triu_indices(responses.shape[-2], 1)
    return 1 - (patterns @ np.swapaxes(patterns, -1, -2))[..., rows, columns]


def _rank_correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.stats import rankdata

    known = ~(np.isnan(a).any(-1) | np.isnan(b).any(-1))
    # Equal dissimilarities may differ by rounding, which ranks would magnify.
    x, y = (_centred(rankdata(np.round(side, 12), axis=-1)[..., None])[..., 0] for side in (a, b))
    r = _ratio((x * y).sum(-1), np.sqrt(np.square(x).sum(-1) * np.square(y).sum(-1)))
    return np.where(known, r, np.nan)


def _centred(responses: NDArray[np.float64]) -> NDArray[np.float64]:
    centred = responses - responses.mean(-2, keepdims=True)
    size = np.abs(responses).max((-2, -1), keepdims=True)
    return np.where(np.abs(centred).max((-2, -1), keepdims=True) <= _RANK * size, 0.0, centred)


def _gram(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    product: NDArray[np.float64] = rows @ np.swapaxes(rows, -1, -2)
    return product


def _eigen(centred: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the condition space's eigenvalues, descending, zero beyond the rank, and its vectors."""
    values, vectors = np.linalg.eigh(_gram(centred))
    values, vectors = values[..., ::-1], vectors[..., ::-1]
    return np.where(values > _RANK * values[..., :1], np.maximum(values, 0), 0.0), vectors


def _coordinates(centred: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rotate centred conditions into the dimensions that they span, (..., condition, condition)."""
    values, vectors = _eigen(centred)
    rotated: NDArray[np.float64] = vectors * np.sqrt(values)[..., None, :]
    return rotated


def _leading(centred: NDArray[np.float64], components: int) -> NDArray[np.float64]:
    """Return the leading components of unit variance, (..., condition, component); zero beyond the rank."""
    values, vectors = _eigen(centred)
    return np.where(values[..., None, :components] > 0, vectors[..., :components], 0.0)


def _reduced(*sides: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Rotate populations into the dimensions that their conditions span, where that is fewer."""
    return [side if side.shape[-1] <= side.shape[-2] else _coordinates(_centred(side)) for side in sides]


def _held_out_correlation(
    x: NDArray[np.float64], y: NDArray[np.float64], components: int, fold: NDArray[np.int64]
) -> float:
    """Return the mean canonical correlation of conditions left out, by directions found in the others."""
    found: list[list[NDArray[np.float64]]] = [[], []]
    for one in np.unique(fold):
        test = fold == one
        bases = [_whitening(side[~test], components) for side in (x, y)]
        width = min(basis.shape[1] for basis in bases)
        if not width:
            return np.nan
        trained = [
            (side[~test] - side[~test].mean(0)) @ basis for side, basis in zip((x, y), bases, strict=True)
        ]
        left, _, right = np.linalg.svd(trained[0].T @ trained[1])
        for into, side, basis, turn in zip(found, (x, y), bases, (left, right.T), strict=True):
            into.append((side[test] - side[~test].mean(0)) @ basis @ turn[:, :width])
    width = min(part.shape[1] for part in found[0])
    a, b = (np.concatenate([part[:, :width] for part in side]) for side in found)
    return float(_ratio((a * b).sum(0), np.sqrt(np.square(a).sum(0) * np.square(b).sum(0))).mean())


def _whitening(rows: NDArray[np.float64], components: int) -> NDArray[np.float64]:
    """Return what turns centred rows into components of unit length, (unit, component)."""
    centred = _centred(rows)
    _, sizes, vectors = np.linalg.svd(centred, full_matrices=False)
    kept = min(components, int((sizes > np.sqrt(_RANK) * max(sizes[0], np.finfo(float).tiny)).sum()))
    basis: NDArray[np.float64] = vectors[:kept].T / sizes[:kept]
    return basis


def _ratio(over: NDArray[np.float64], under: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide; not a number where there is nothing to divide by."""
    some = np.asarray(under) > 0
    return np.where(some, over / np.where(some, under, 1.0), np.nan)
