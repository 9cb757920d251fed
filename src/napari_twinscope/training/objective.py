"""What training makes small: the Poisson loss, with a weight for each unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

WEIGHT_LIMITS = 1 / 3, 6.0


def poisson_loss(logits: Tensor, rates: Tensor, weights: Tensor | None = None) -> Tensor:
    """Return the mean over frames, clips and units of exp(l) - l y, weighted by unit.

    This is the negative logarithm of a Poisson likelihood without what does not depend on the prediction.

    Parameters
    ----------
    logits
        Logarithms l of the predicted responses, [..., units].
    rates
        Responses y, [..., units], not negative.
    weights
        [units], of mean 1; the same for all if left out.
    """
    loss = logits.exp() - logits * rates
    return (loss if weights is None else loss * weights).mean()


def loss_limits(rates: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each unit's Poisson loss if its mean is predicted, and if its rate is, [units].

    Parameters
    ----------
    rates
        [..., units], positive.

    Raises
    ------
    InvalidInput
        If a rate is not positive.
    """
    rates = np.asarray(rates)
    if not np.isfinite(rates).all() or rates.min() <= 0:
        raise InvalidInput("Rates must be positive.", given=f"a minimum of {rates.min()}", needed="above 0")
    rows = rates.reshape(-1, rates.shape[-1])
    mean = rows.mean(0, dtype=np.float64)
    perfect = mean - np.mean(rows * np.log(rows), axis=0, dtype=np.float64)
    return mean - mean * np.log(mean), perfect


def unit_weights(rates: NDArray[np.floating]) -> NDArray[np.float64]:
    """Weigh each unit by what there is to gain from it.

    The Poisson loss of a unit that responds seldom hardly depends on whether it is predicted, so that
    training would leave it to the last. The weight is the inverse of the difference between the unit's
    loss at its mean and at its true rate, relative to the mean difference, within `WEIGHT_LIMITS`.

    Parameters
    ----------
    rates
        True rates [..., units], positive.

    Returns
    -------
    ndarray
        float64 [units], of mean 1.
    """
    at_mean, perfect = loss_limits(rates)
    gap = at_mean - perfect
    weights = np.clip(gap.mean() / np.maximum(gap, 1e-12), *WEIGHT_LIMITS)
    normalised: NDArray[np.float64] = weights / weights.mean()
    return normalised
