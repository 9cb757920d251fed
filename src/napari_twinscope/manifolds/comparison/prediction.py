"""How well one population's responses are predicted linearly from another's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.comparison.representation import checked_conditions
from napari_twinscope.manifolds.decoding.principal import principal_components

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

PREDICTORS, TARGETS = 10, 2
"""Principal components that predict, and that are predicted, in the papers."""

_RIDGE = 1.0


def encoding(
    one: NDArray[np.float64], other: NDArray[np.float64], tests: Sequence[NDArray[np.int64]]
) -> NDArray[np.float64]:
    """Predict the other population's components for conditions left out.

    Units are scaled to unit variance; 10 principal components of the one predict 2 of the other by ridge
    regression (penalty 1, with an intercept). Scaling and components are found in the training conditions.

    Parameters
    ----------
    one, other
        Responses (..., condition, unit), the same conditions.
    tests
        Conditions left out in each split, which together should be all of them.

    Returns
    -------
    numpy.ndarray
        (...), the share of the variance of the conditions left out that is predicted (R2), over all splits
        together; below 0 where the mean would have predicted better. Not a number where the other
        population does not vary.

    References
    ----------
    After the public code of arXiv 2601.21508.
    """
    one, other = checked_conditions(one, other)

    def at_one_time(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
        missed, spread = 0.0, 0.0
        for test in tests:
            train = np.setdiff1d(np.arange(len(x)), test)
            predictors, targets = _components(x, train, PREDICTORS), _components(y, train, TARGETS)
            predicted = _ridge(predictors[train], targets[train], predictors[test])
            missed += float(np.square(targets[test] - predicted).sum())
            spread += float(np.square(targets[test] - targets[train].mean(0)).sum())
        return 1 - missed / spread if spread > 0 else np.nan

    flat = (side.reshape(-1, *side.shape[-2:]) for side in (one, other))
    return np.array([at_one_time(x, y) for x, y in zip(*flat, strict=True)]).reshape(one.shape[:-2])


def published_encoding(
    one: NDArray[np.float64], other: NDArray[np.float64], shuffles: NDArray[np.int64], test_size: int = 8
) -> NDArray[np.float64]:
    """Predict the other population's components as the public code does.

    Scaling and components are found in all conditions, those of the test included; the score of each split
    and component is clipped to 0...1 before the mean, which biases it upwards; conditions that differ by
    little stand on both sides of a split.

    Parameters
    ----------
    one, other
        Responses (time, condition, unit), the same conditions.
    shuffles
        Orders of the conditions, (time, split, condition); the first `test_size` are left out.
    test_size
        Number of conditions left out.

    Returns
    -------
    numpy.ndarray
        (time,), 0 to 1.

    Raises
    ------
    InvalidInput
        As `rsa`, or if fewer than two conditions are left to learn from.

    References
    ----------
    Public code of arXiv 2601.21508.
    """
    one, other = checked_conditions(one, other)
    if one.shape[-2] < test_size + 2:
        raise InvalidInput(
            "Too few conditions for the published prediction.",
            given=f"{one.shape[-2]} stimuli and directions",
            needed=f"{test_size} that are left out, and two or more to learn from",
            remedy="use the corrected preset, or leave encoding out",
        )
    scores = np.empty(len(one))
    every = np.arange(one.shape[-2])
    for frame, orders in enumerate(shuffles):
        x, y = _components(one[frame], every, PREDICTORS), _components(other[frame], every, TARGETS)
        found = []
        for order in orders:
            test, train = order[:test_size], order[test_size:]
            missed = np.square(y[test] - _ridge(x[train], y[train], x[test])).sum(0)
            spread = np.square(y[test] - y[test].mean(0)).sum(0)
            some = spread > 0
            found.append(np.where(some, 1 - missed / np.where(some, spread, 1), 0.0))
        scores[frame] = np.clip(found, 0, 1).mean()
    return scores


def _components(responses: NDArray[np.float64], train: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """Return all conditions along the components of standardised training conditions."""
    mean, spread = responses[train].mean(0), responses[train].std(0)
    standard = (responses - mean) / np.where(spread > 0, spread, 1.0)
    standard[:, spread == 0] = 0
    found = principal_components(standard[train], min(count, len(train) - 1, standard.shape[1]))
    projected: NDArray[np.float64] = standard @ found.components.T
    return projected


def _ridge(
    x: NDArray[np.float64], y: NDArray[np.float64], wanted: NDArray[np.float64]
) -> NDArray[np.float64]:
    centred = x - x.mean(0)
    gram = centred.T @ centred + _RIDGE * np.eye(x.shape[1])
    weights = np.linalg.solve(gram, centred.T @ (y - y.mean(0)))
    predicted: NDArray[np.float64] = (wanted - x.mean(0)) @ weights + y.mean(0)
    return predicted
