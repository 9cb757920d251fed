"""What the permuted factorisation minimises: the misfit after the best shift over directions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr
    from numpy.typing import ArrayLike, NDArray

DIMS = ("unit", "stimulus", "direction", "time")


class Factors(NamedTuple):
    """The factors of a non-negative model, or the gradient with respect to them.

    The model of a unit's responses to a stimulus is the sum over components of ``unit[u, r] *
    stimulus[s, r] * response[:, :, r]``. Published response factors are flat, with the direction
    fastest: ``response.transpose(1, 0, 2).reshape(-1, rank)``.

    Attributes
    ----------
    unit
        Shape (unit, component).
    stimulus
        Shape (stimulus, component).
    response
        Shape (direction, time, component).
    """

    unit: NDArray[np.float64]
    stimulus: NDArray[np.float64]
    response: NDArray[np.float64]


def permuted_objective(
    tensor: xr.DataArray | ArrayLike, factors: Sequence[ArrayLike]
) -> tuple[float, Factors, NDArray[np.int64]]:
    """Return half the squared misfit of a model, with each response at its best shift over directions.

    Each unit's responses to each stimulus are shifted circularly over directions, ``np.roll`` by k along
    the direction, to where they overlap most with the model.

    Parameters
    ----------
    tensor
        Dims unit, stimulus, direction, time; a plain array in that order.
    factors
        Unit (unit, component), stimulus (stimulus, component) and response (direction, time, component).

    Returns
    -------
    value
        Half the sum of squared differences.
    gradients
        Its derivatives with the shifts held fixed: exact wherever no two shifts are equally good.
    shifts
        k, shape (unit, stimulus), from 0 to directions - 1; the smallest of equally good ones, and so 0
        for a response of zeros.

    Raises
    ------
    InvalidInput
        If the tensor or the factors do not fit.

    References
    ----------
    Dyballa et al. (2024), PNAS 121, e2317773121, doi:10.1073/pnas.2317773121.

    Examples
    --------
    >>> tensor = [[[[0.0], [1.0], [0.0]]]]  # one unit, one stimulus, three directions
    >>> value, _, shifts = permuted_objective(tensor, ([[1.0]], [[1.0]], [[[1.0]], [[0.0]], [[0.0]]]))
    >>> value, shifts.tolist()
    (0.0, [[2]])
    """
    responses = checked_tensor(tensor)
    unit, stimulus, response = checked_factors(factors, responses.shape)
    units, stimuli, directions, times = responses.shape
    rank = unit.shape[1]
    flat = responses.reshape(units * stimuli, directions * times)
    # moving the response by k is moving the model by -k
    moved = np.stack([np.roll(response, -k, axis=0).reshape(-1, rank) for k in range(directions)], axis=1)
    overlaps = (flat @ moved.reshape(len(moved), -1)).reshape(units, stimuli, directions, rank)
    scores = np.einsum("ur,sr,uskr->usk", unit, stimulus, overlaps, optimize=True)
    shifts = scores.argmax(axis=2)
    chosen = np.take_along_axis(overlaps, shifts[:, :, None, None], axis=2)[:, :, 0]
    shifted = shift_directions(responses, shifts)
    of_unit, of_stimulus = unit.T @ unit, stimulus.T @ stimulus
    of_response = np.einsum("dtr,dtq->rq", response, response)
    value = (
        0.5 * np.vdot(flat, flat)
        - scores.max(axis=2).sum()
        + 0.5 * (of_unit * of_stimulus * of_response).sum()
    )
    gradients = Factors(
        unit @ (of_stimulus * of_response) - np.einsum("usr,sr->ur", chosen, stimulus),
        stimulus @ (of_unit * of_response) - np.einsum("usr,ur->sr", chosen, unit),
        response @ (of_unit * of_stimulus)
        - np.einsum("usdt,ur,sr->dtr", shifted, unit, stimulus, optimize=True),
    )
    return float(value), gradients, shifts


def shift_directions(responses: NDArray[np.float64], shifts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Shift each response circularly over directions.

    Parameters
    ----------
    responses
        Shape (unit, stimulus, direction, time).
    shifts
        How far, shape (unit, stimulus): what was at direction d goes to d + shift.
    """
    directions = responses.shape[2]
    source = (np.arange(directions) - shifts[:, :, None]) % directions
    return np.take_along_axis(responses, source[:, :, :, None], axis=2)


def checked_tensor(tensor: xr.DataArray | ArrayLike) -> NDArray[np.float64]:
    """Return a response tensor as an array of dims unit, stimulus, direction, time; refuse others."""
    import xarray as xr

    if isinstance(tensor, xr.DataArray):
        if set(tensor.dims) != set(DIMS):
            raise _wrong_dims(", ".join(map(str, tensor.dims)))
        tensor = tensor.transpose(*DIMS).values
    try:
        values = np.ascontiguousarray(tensor, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidInput("A response tensor must be an array of numbers.") from error
    if values.ndim != len(DIMS) or 0 in values.shape:
        raise _wrong_dims(f"an array of shape {values.shape}")
    if not np.isfinite(values).all():
        raise InvalidInput(
            "A response is missing or infinite.",
            given=f"{int((~np.isfinite(values)).any(axis=(1, 2, 3)).sum())} units with such values",
            needed="a finite number for each unit, stimulus, direction and time",
            remedy="leave these units out, or set responses that do not count to zero",
        )
    if values.min() < 0:
        raise InvalidInput(
            "A response is negative.",
            given=f"values down to {values.min():g}",
            needed="zero or more, since the factors are not negative",
            remedy="clip the responses at zero, as response_tensor does",
        )
    return values


def checked_factors(factors: Sequence[ArrayLike], shape: tuple[int, ...]) -> Factors:
    """Return factors that fit a tensor of a shape as arrays; refuse others."""
    units, stimuli, directions, times = shape
    try:
        unit, stimulus, response = (np.asarray(factor, dtype=np.float64) for factor in factors)
    except (TypeError, ValueError) as error:
        raise InvalidInput(
            "The factors are not three arrays of numbers.", needed="unit, stimulus and response"
        ) from error
    rank = unit.shape[-1] if unit.ndim else 0
    needed = ((units, rank), (stimuli, rank), (directions, times, rank))
    given = (unit.shape, stimulus.shape, response.shape)
    if given != needed or rank == 0:
        raise InvalidInput(
            "The factors do not fit the tensor.",
            given=f"shapes {', '.join(map(str, given))}",
            needed=f"({units}, rank), ({stimuli}, rank), ({directions}, {times}, rank)",
        )
    if not all(np.isfinite(factor).all() for factor in (unit, stimulus, response)):
        raise InvalidInput("A factor is not finite.")
    return Factors(unit, stimulus, response)


def _wrong_dims(given: str) -> InvalidInput:
    return InvalidInput(
        "The tensor does not have the dims of a response tensor.",
        given=given,
        needed=", ".join(DIMS) + ", none of them empty",
    )
