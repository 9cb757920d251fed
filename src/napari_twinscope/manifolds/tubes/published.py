"""The tubularity that the papers' figures show, to compare with."""

from __future__ import annotations

import numpy as np
import xarray as xr

_POPULATIONS = ("retina", "V1", "L1", "L8", "Rec", "RecOut", "Readout", "Output")
_VALUES = {  # (bundles, measure): means and standard deviations, crossing in units of 1e-6
    ("stimulus", "s_tight"): (
        (0.0688, 0.1357, 0.2018, 1.9885, 0.1228, 0.1209, 0.3307, 0.1483),
        (0.0021, 0.0048, 0.0087, 0.0619, 0.0032, 0.0048, 0.0086, 0.0027),
    ),
    ("stimulus", "s_cross"): (
        (12.94, 40.6, 286.6, 1.77, 0.265, 0.572, 3.96, 3.53),
        (1.67, 4.2, 54.0, 2.3, 0.050, 0.149, 0.64, 0.50),
    ),
    ("hdbscan", "s_tight"): (
        (0.1017, 0.186, 0.768, 4.35, 0.170, 0.165, 0.432, 0.278),
        (0.0083, 0.026, 0.167, 0.89, 0.018, 0.013, 0.031, 0.040),
    ),
    ("hdbscan", "s_cross"): (
        (10.6, 35.0, 165.7, 1.09, 0.153, 0.534, 5.40, 1.12),
        (2.4, 5.2, 40.0, 1.6, 0.043, 0.149, 2.3, 0.75),
    ),
}


def published_tubularity() -> xr.Dataset:
    """Return the tubularity in the figures of arXiv 2512.07869, for retina, V1 and stages of the network.

    Returns
    -------
    xarray.Dataset
        ``mean`` and ``standard_error``, float64 (bundles, measure, population). All values are
        *uncertain*, as the text (``uncertain``) of each kind of bundle says: they were read from
        coordinates in the figures (to 0.1 %), the standard error is the drawn bar times ten, the stages
        of the network were measured on six stimuli cut by position, not those that the figures name, and
        which of the two figures shows which bundles rests on the names of their files.

        Lower is tighter; the notes on the papers read it the other way.

    Examples
    --------
    >>> shown = published_tubularity().sel(bundles="stimulus", measure="s_tight", population="retina")
    >>> float(shown["mean"])
    0.0688
    """
    bundles, measures = ("stimulus", "hdbscan"), ("s_tight", "s_cross")
    units = {"s_tight": 1.0, "s_cross": 1e-6}
    values = np.array(
        [
            [[np.multiply(row, units[measure]) for row in _VALUES[kind, measure]] for measure in measures]
            for kind in bundles
        ]
    )
    dims = ("bundles", "measure", "population")
    doubt = "read from a figure; stages on stimuli cut by position; its bundles inferred from the file's name"
    return xr.Dataset(
        {
            "mean": (dims, values[:, :, 0]),
            "standard_error": (dims, values[:, :, 1]),
            "uncertain": ("bundles", [doubt] * len(bundles)),
        },
        coords={
            "bundles": list(bundles),
            "measure": list(measures),
            "population": list(_POPULATIONS),
        },
        attrs={"source": "figures of arXiv 2512.07869", "bootstraps": 30},
    )
