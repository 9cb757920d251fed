"""How alike two populations respond, unit by unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from napari_twinscope.errors import InvalidInput
from napari_twinscope.population.labelled import check_labelled
from napari_twinscope.population.tuning import circular_difference, preferred

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    import pandas as pd
    from numpy.typing import NDArray

PREFERRED = "preferred class"
"""Row of `agreement` in which each unit is measured in its own class."""


def correlation(a: xr.DataArray, b: xr.DataArray, dim: str | Iterable[Hashable]) -> xr.DataArray:
    """Correlate two arrays along dimensions (Pearson), each entry of the others by itself.

    Computed in float64. The arrays are matched by the names of their dimensions; labels must be the same,
    in the same order.

    Parameters
    ----------
    a, b
        With the same dimensions and sizes, such as responses (unit, stimulus, direction, time).
    dim
        Along which to correlate, all of them together.

    Returns
    -------
    xarray.DataArray
        float64, the other dimensions. Not a number where either side is constant up to the rounding of
        its data type, or has a value that is not finite.

    Raises
    ------
    InvalidInput
        If dimensions, sizes or labels differ, or there are fewer than two values to correlate.
    """
    dims: list[Hashable] = [dim] if isinstance(dim, str) else list(dim)
    _check_alike(a, b, dims)
    b = b.transpose(*a.dims)
    x, y = (side.astype(np.float64).where(np.isfinite(side)) for side in (a, b))
    constant = _constant(a, x, dims) | _constant(b, y, dims)
    x, y = x - x.mean(dims, skipna=False), y - y.mean(dims, skipna=False)
    product = (x * y).sum(dims, skipna=False)
    size = ((x * x).sum(dims, skipna=False) * (y * y).sum(dims, skipna=False)) ** 0.5
    r: xr.DataArray = (product.where(~constant) / size.where(~constant)).clip(-1, 1)
    return r.rename("correlation").assign_attrs(long_name="Pearson correlation", units="1")


def agreement(
    measured: xr.Dataset,
    truth: xr.Dataset,
    *,
    classes: xr.DataArray,
    direction_selective: xr.DataArray,
    orientation_selective: xr.DataArray,
    within: float = 22.5,
) -> pd.DataFrame:
    """Say how well the selectivity measured in one population is that of another.

    Parameters
    ----------
    measured, truth
        From `selectivity`, of as many units in the same order; stimuli are matched by name.
    classes
        The class that each unit prefers, by the truth, str (unit): from `preferred_class`.
    direction_selective, orientation_selective
        The units whose preferred directions, and orientations, are compared: bool (unit), or
        (unit, stimulus) where it depends on the class.
    within
        Largest difference in degrees that counts as found.

    Returns
    -------
    pandas.DataFrame
        A row for each class, and one, `PREFERRED`, in which each unit is measured in its preferred class.
        For ``osi`` and ``dsi`` the columns ``_n`` (units entering), ``_dropped`` (units left out since
        it is undefined in either), ``_pearson`` and ``_spearman``; for ``direction`` and ``orientation``
        ``_n`` and ``_dropped`` (of the units named), ``_error`` (median absolute difference in
        degrees) and ``_within`` (share of those entering within the given difference). Not a number
        where nothing enters.

    Raises
    ------
    InvalidInput
        If units or stimuli differ.
    """
    import pandas as pd

    measured, truth = _matched(measured, truth)
    masks = {"direction": direction_selective, "orientation": orientation_selective}
    rows: dict[str, dict[str, float]] = {}
    for name in (*map(str, measured["stimulus"].values), PREFERRED):

        def at(values: xr.DataArray, name: str = name) -> NDArray[np.float64]:
            if "stimulus" in values.dims:
                values = preferred(values, classes) if name == PREFERRED else values.sel(stimulus=name)
            return np.asarray(values.values, np.float64)

        row: dict[str, float] = {}
        for index in ("osi", "dsi"):
            row |= _likeness(index, at(measured[index]), at(truth[index]))
        for angle, mask in masks.items():
            found, right = at(measured[f"preferred_{angle}"]), at(truth[f"preferred_{angle}"])
            named = at(mask.astype(np.float64)) > 0
            period = 360.0 if angle == "direction" else 180.0
            row |= _errors(angle, found[named], right[named], period, within)
        rows[name] = row
    table = pd.DataFrame.from_dict(rows, orient="index")
    counts = [column for column in table if str(column).endswith(("_n", "_dropped"))]
    return table.astype(dict.fromkeys(counts, int)).rename_axis("stimulus")


def _likeness(name: str, a: NDArray[np.float64], b: NDArray[np.float64]) -> dict[str, float]:
    from scipy.stats import rankdata

    both = np.isfinite(a) & np.isfinite(b)
    a, b = a[both], b[both]
    return {
        f"{name}_n": len(a),
        f"{name}_dropped": int((~both).sum()),
        f"{name}_pearson": _pearson(a, b),
        f"{name}_spearman": _pearson(rankdata(a), rankdata(b)),
    }


def _pearson(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    if len(a) < 2:
        return float("nan")
    return float(correlation(xr.DataArray(a, dims="unit"), xr.DataArray(b, dims="unit"), "unit"))


def _errors(
    name: str, a: NDArray[np.float64], b: NDArray[np.float64], period: float, within: float
) -> dict[str, float]:
    both = np.isfinite(a) & np.isfinite(b)
    error = np.abs(circular_difference(a[both], b[both], period))
    return {
        f"{name}_n": len(error),
        f"{name}_dropped": int((~both).sum()),
        f"{name}_error": float(np.median(error)) if len(error) else float("nan"),
        f"{name}_within": float((error <= within).mean()) if len(error) else float("nan"),
    }


def _matched(measured: xr.Dataset, truth: xr.Dataset) -> tuple[xr.Dataset, xr.Dataset]:
    """Return both with the stimuli in the order of the first."""
    units = measured.sizes["unit"], truth.sizes["unit"]
    names = [list(map(str, side["stimulus"].values)) for side in (measured, truth)]
    if units[0] != units[1] or sorted(names[0]) != sorted(names[1]):
        raise InvalidInput(
            "The two populations cannot be compared.",
            given=f"{units[0]} units, {', '.join(names[0])}; {units[1]} units, {', '.join(names[1])}",
            needed="the same units and the same stimuli",
        )
    return measured, truth.sel(stimulus=measured["stimulus"].values)


def _check_alike(a: xr.DataArray, b: xr.DataArray, dims: list[Hashable]) -> None:
    for side in (a, b):
        check_labelled(side, list(map(str, dims)))
    alike = set(a.dims) == set(b.dims) and all(a.sizes[dim] == b.sizes[dim] for dim in a.dims)
    alike = alike and all(
        np.array_equal(a[dim].values, b[dim].values) for dim in a.dims if dim in a.coords and dim in b.coords
    )
    if not alike:
        raise InvalidInput(
            "The two arrays cannot be correlated.",
            given=f"{dict(a.sizes)} and {dict(b.sizes)}, or other labels",
            needed="the same dimensions, sizes and labels",
        )
    absent = [dim for dim in dims if dim not in a.dims]
    if absent or np.prod([a.sizes[dim] for dim in dims if dim in a.dims]) < 2:
        raise InvalidInput(
            "There is nothing to correlate along.",
            given=", ".join(map(str, dims)) or "no dimension",
            needed=f"dimensions among {', '.join(map(str, a.dims))} with at least two values",
        )


def _constant(given: xr.DataArray, values: xr.DataArray, dims: list[Hashable]) -> xr.DataArray:
    """Return where values differ by no more than rounding in the data type they came in."""
    kind = given.dtype if np.issubdtype(given.dtype, np.floating) else np.dtype(np.float64)
    rounding = 4 * float(np.finfo(kind).eps)
    spread = values.max(dims, skipna=False) - values.min(dims, skipna=False)
    constant: xr.DataArray = spread <= rounding * abs(values).max(dims, skipna=False)
    return constant
