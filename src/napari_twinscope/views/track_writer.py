"""A Tracks layer as a CSV table; napari itself has no writer for tracks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd


def write_tracks(path: str, data: Any, attributes: dict[str, Any]) -> list[str]:
    """Write the vertices of tracks, one row each: track, its axes by name, and the layer's features.

    Parameters
    ----------
    path
        The file; ``.csv`` is added where it lacks.
    data
        float [vertices, 1 + axes], the track's number first.
    attributes
        Of the layer.

    Returns
    -------
    list of str
        The file.
    """
    written = Path(path) if path.endswith(".csv") else Path(f"{path}.csv")
    values = np.asarray(data)
    names = [str(name) for name in attributes.get("axis_labels", ())]
    if len(names) != values.shape[1] - 1:
        names = [f"axis-{number}" for number in range(values.shape[1] - 1)]
    table = pd.DataFrame(values, columns=["track", *names])
    features = attributes.get("features")
    if features is not None:
        for name in features.columns:
            if name not in table.columns:
                table[name] = np.asarray(features[name])
    table["track"] = table["track"].astype(int)
    table.to_csv(written, index=False, lineterminator="\n")
    return [str(written)]
