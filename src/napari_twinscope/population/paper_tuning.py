"""One selectivity index for each unit, as the papers define it, with and without their error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from napari_twinscope.errors import InvalidInput
from napari_twinscope.population.tuning import by_angle, direction_tuning

if TYPE_CHECKING:
    from numpy.typing import NDArray

PRESETS = ("corrected", "published-2025", "published-2026")
DIRECTIONS = 8
"""Number of directions in the papers."""

_SMALL = 1e-12


def paper_selectivity(responses: xr.DataArray, *, preset: str = "corrected") -> xr.Dataset:
    """Measure the selectivity of each unit by the papers' two-point indices, the largest over classes.

    With C the response averaged over time, p its best direction, and o the mean of both directions
    orthogonal to it, OSI is the largest over classes of (C_p - C_o) / (C_p + C_o), and DSI the same with
    the opposite direction.

    Parameters
    ----------
    responses
        Dims unit, stimulus, direction, time in any order, not negative: rectify signed ones first, as
        the papers do. The papers take the smoothed and normalised responses of the encoding manifold;
        raw ones give other values.
    preset
        ``"corrected"``
            As defined above.
        ``"published-2025"``, ``"published-2026"``
            As computed by the public code for the encoding manifold: time and direction are confused,
            because values with direction fastest are read as if time were fastest. What comes out
            depends on the time course and is no selectivity. The 2025 code has no DSI.

    Returns
    -------
    xarray.Dataset
        ``osi`` and, but for 2025, ``dsi``: float64 (unit); not a number where a response is missing or
        infinite.

    Raises
    ------
    InvalidInput
        If the preset is unknown, a dimension is missing, a response is negative, or the directions are not
        the eight of the papers.

    References
    ----------
    Bertram et al. (2026), arXiv 2601.21508, and arXiv 2512.07869, public code.
    """
    if preset not in PRESETS:
        raise InvalidInput("There is no such preset.", given=preset, needed=", ".join(PRESETS))
    tuning = by_angle(direction_tuning(responses))
    responses = responses.where(abs(responses) < np.inf)
    tuning = tuning.where(abs(tuning) < np.inf)
    if not tuning.sizes["unit"] or not tuning.sizes["stimulus"]:
        raise InvalidInput("There is no unit or no stimulus.", needed="one of both or more")
    if not np.array_equal(tuning["direction"].values, np.arange(DIRECTIONS) * 360 / DIRECTIONS):
        raise InvalidInput(
            "The papers' selectivity needs their eight directions.",
            given=", ".join(f"{angle:g}" for angle in tuning["direction"].values),
            needed="0, 45, ..., 315 degrees",
        )
    if bool((responses < 0).any()):
        raise InvalidInput(
            "Selectivity is defined for responses that are not negative.",
            given=f"a response of {float(responses.min()):.3g}",
            remedy="rectify them: responses.clip(min=0)",
        )
    curves = tuning.values if preset == "corrected" else _confused(responses)
    peak = curves.argmax(-1)[..., None]

    def largest(*turns: int) -> tuple[str, NDArray[np.float64]]:
        best = np.take_along_axis(curves, peak, -1)[..., 0]
        others = [np.take_along_axis(curves, (peak + turn) % DIRECTIONS, -1)[..., 0] for turn in turns]
        other = np.mean(others, axis=0)
        return "unit", ((best - other) / (best + other + _SMALL)).max(-1)

    measures = {"osi": largest(2, -2)}
    if preset != "published-2025":
        measures["dsi"] = largest(4)
    coords = {name: c for name, c in tuning.coords.items() if c.dims == ("unit",)}
    return xr.Dataset(measures, coords=coords, attrs={**responses.attrs, "preset": preset})


def _confused(responses: xr.DataArray) -> NDArray[np.float64]:
    """Return what the public code takes for tuning curves, (unit, stimulus, 8)."""
    ordered = responses.assign_coords(direction=responses["direction"] % 360).sortby("direction")
    flat = ordered.transpose("unit", "stimulus", "time", "direction").values.astype(np.float64)
    curves: NDArray[np.float64] = flat.reshape(*flat.shape[:2], DIRECTIONS, -1).mean(-1)
    return curves
