"""Two classifiers that name the stimulus of a movie from the activity it evokes."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def logistic_predictions(
    samples: NDArray[np.float64],
    labels: NDArray[np.int64],
    fold: NDArray[np.int64],
    iterations: int,
) -> tuple[NDArray[np.int64], int]:
    """Name each sample by multinomial logistic regression on the samples of the other folds.

    The L2 penalty and the likelihood know the samples only by their inner products, so that the units are
    first rotated into the few dimensions that the samples span: the same solution, in less time.

    Parameters
    ----------
    samples
        float64 (sample, unit), not scaled.
    labels, fold
        Class of each sample, and the fold in which it is tested, (sample,).
    iterations
        After how many the fit stops, converged or not.

    Returns
    -------
    Named class of each sample, (sample,), and the number of fits that did not converge.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    spanned = _within_span(samples)
    named = np.empty_like(labels)
    unconverged = 0
    for one in np.unique(fold):
        test = fold == one
        model = LogisticRegression(C=1.0, max_iter=iterations)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # counted instead
            model.fit(spanned[~test], labels[~test])
        unconverged += int(model.n_iter_.max() >= iterations)
        named[test] = model.predict(spanned[test])
    return named, unconverged


def neighbor_predictions(
    samples: NDArray[np.float64],
    labels: NDArray[np.int64],
    fold: NDArray[np.int64],
    neighbors: int,
    *,
    nearest_wins: bool,
) -> NDArray[np.int64]:
    """Name each sample by the classes of its nearest neighbours in the other folds.

    Parameters
    ----------
    samples
        float64 (sample, unit).
    labels, fold
        Class of each sample, and the fold in which it is tested, (sample,).
    neighbors
        How many vote; fewer where there are fewer.
    nearest_wins
        Of classes with equal votes, whether that of the nearest neighbour wins, or the smallest.

    Returns
    -------
    Named class of each sample, (sample,).
    """
    from scipy.spatial.distance import cdist

    apart = cdist(samples, samples)
    apart[fold[:, None] == fold] = np.inf
    nearest = np.argsort(apart, axis=1, kind="stable")[:, :neighbors]
    known = np.isfinite(np.take_along_axis(apart, nearest, 1))
    votes = np.zeros((len(labels), int(labels.max()) + 1))
    rows = np.arange(len(labels))
    for rank in reversed(range(nearest.shape[1])):
        # A bonus below one vote, largest for the nearest, tells equal votes apart.
        bonus = 0.5 ** (rank + 1) / neighbors if nearest_wins else 0.0
        votes[rows, labels[nearest[:, rank]]] += np.where(known[:, rank], 1 + bonus, 0)
    named: NDArray[np.int64] = votes.argmax(axis=1)
    return named


def _within_span(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rotate samples into the dimensions that they span, (sample, dimension)."""
    if samples.shape[0] >= samples.shape[1]:
        return samples
    left, sizes, _ = np.linalg.svd(samples, full_matrices=False)
    rotated: NDArray[np.float64] = left * sizes
    return rotated
