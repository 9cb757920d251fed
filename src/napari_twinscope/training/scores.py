"""How well predictions fit responses that vary from repeat to repeat."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[Any]

BURNIN = 10
"""Frames at the beginning of each clip that are not scored."""


def score_units(
    responses: Sequence[Array], predictions: Sequence[Array], burnin_frames: int = BURNIN
) -> pd.DataFrame:
    r"""Score each unit on clips that were shown repeatedly.

    ``cc_abs`` is Pearson's correlation of the mean response and the mean prediction over repeats, over all
    frames of all clips. ``cc_max`` is the largest value that the variability of the responses lets it
    expect, and ``cc_norm`` their quotient. With n repeats, R a response and M its mean over repeats,

    .. math::
        SP = (n \, \mathrm{Var}(M) - \overline{\mathrm{Var}(R)}) / (n - 1), \quad
        cc_{max} = \sqrt{SP / \mathrm{Var}_0(M)},

    with sample variances over frames, except :math:`\mathrm{Var}_0`, the population's. So `cc_max` of
    responses without noise exceeds 1 in the order of one over the number of frames.

    Parameters
    ----------
    responses, predictions
        One array a clip, [repeats, frames, units], in any units. Clips may differ in repeats and frames.
    burnin_frames
        Frames at the beginning of each clip that are left out.

    Returns
    -------
    pandas.DataFrame
        ``cc_abs``, ``cc_max`` and ``cc_norm`` per ``unit``. Not a number where undefined: ``cc_abs`` of a
        constant response or prediction; ``cc_max`` with fewer than two repeats, or where responses vary
        no more from frame to frame than from repeat to repeat, so that no signal power is left.

    Raises
    ------
    InvalidInput
        If there is no frame to score, or if shapes differ.

    Notes
    -----
    Where clips differ in repeats, n is the harmonic mean of the repeats over frames: noise of variance v
    has the variance v / n in M. The mean of Var(R) then weights each repeat by its frames.

    References
    ----------
    Schoppe et al. (2016), Measuring the performance of neural models, doi 10.3389/fncom.2016.00010.
    """
    import pandas as pd

    recorded = [_clip("responses", clip, burnin_frames) for clip in responses]
    predicted = [_clip("predictions", clip, burnin_frames) for clip in predictions]
    shapes = [[clip.shape for clip in clips] for clips in (recorded, predicted)]
    if shapes[0] != shapes[1] or len({clip.shape[2] for clip in recorded}) != 1:
        raise InvalidInput(
            "The predictions are not of these responses.",
            given=f"responses {shapes[0]}, predictions {shapes[1]} after the burn-in",
            needed="the same clips, with the same units in each",
        )
    mean = np.concatenate([clip.mean(0) for clip in recorded])
    prediction = np.concatenate([clip.mean(0) for clip in predicted])
    cc_abs = correlation(mean, prediction)
    with np.errstate(divide="ignore", invalid="ignore"):
        power = _signal_power(recorded, mean)
        ratio = power / mean.var(0)
        cc_max = np.sqrt(np.where((power > 0) & np.isfinite(ratio), ratio, np.nan))
        cc_norm = cc_abs / cc_max
    scores = pd.DataFrame({"cc_abs": cc_abs, "cc_max": cc_max, "cc_norm": cc_norm})
    scores.index.name = "unit"
    return scores


def correlation(first: Array, second: Array) -> NDArray[np.float64]:
    """Return Pearson's correlation over frames, [units]; not a number where one of them is constant.

    Parameters
    ----------
    first, second
        [frames, units].
    """
    varies = (first != first[:1]).any(0) & (second != second[:1]).any(0)
    a, b = (values - values.mean(0) for values in (first.astype(float), second.astype(float)))
    with np.errstate(divide="ignore", invalid="ignore"):
        value = (a * b).sum(0) / np.sqrt((a * a).sum(0) * (b * b).sum(0))
    return np.where(varies, np.clip(value, -1, 1), np.nan)


def _signal_power(clips: list[Array], mean: Array) -> Array:
    """Estimate the variance of the response that all repeats share, [units]."""
    frames = np.array([clip.shape[1] for clip in clips])
    repeats = np.array([len(clip) for clip in clips])
    count = float(frames.sum() / (frames / repeats).sum())
    if math.isclose(count, 1) or len(mean) < 2:
        return np.full(mean.shape[1], np.nan)
    total, weight = np.zeros(mean.shape[1]), 0
    for repeat in range(max(repeats)):
        trace = np.concatenate([clip[repeat] for clip in clips if len(clip) > repeat])
        if len(trace) > 1:
            total += len(trace) * trace.var(0, ddof=1)
            weight += len(trace)
    power: Array = (count * mean.var(0, ddof=1) - total / weight) / (count - 1)
    return power


def _clip(name: str, clip: Array, burnin_frames: int) -> Array:
    values = np.asarray(clip)
    if values.ndim != 3 or values.shape[1] <= burnin_frames or 0 in values.shape:
        raise InvalidInput(
            f"A clip of the {name} cannot be scored.",
            given=f"shape {values.shape}",
            needed=f"[repeats, frames, units], more than {burnin_frames} frames",
        )
    if not np.isfinite(values).all():
        raise InvalidInput(f"The {name} hold numbers that are not finite.", needed="finite numbers")
    return values[:, burnin_frames:].astype(np.float64)
