"""Who the simulated cells are: their types, receptive fields and preferences, drawn from a seed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_twinscope.errors import InvalidInput
from napari_twinscope.stimuli import Screen

if TYPE_CHECKING:
    import pandas as pd

Values = NDArray[np.float64]

CELL_TYPES = ("simple", "simple-DS", "complex", "complex-DS", "ON", "OFF")
"""Simple and complex cells selective for orientation, the same selective for direction, unoriented cells."""

DIRECTION_SELECTIVE = ("simple-DS", "complex-DS")
COMPLEX = ("complex", "complex-DS")
UNORIENTED = ("ON", "OFF")

# Every ten cells: two of each oriented type, one ON and one OFF.
_MIXTURE = (*CELL_TYPES[:4], *CELL_TYPES[:4], *CELL_TYPES[4:])

_SPATIAL_FREQUENCIES = 0.02, 0.3  # cycles/deg
_TEMPORAL_FREQUENCIES = 1.0, 6.0  # Hz
_SIZES = 2.5, 12.0  # deg
_CENTRE_SIZES = 2.5, 7.0  # deg, of unoriented cells
_CYCLES_PER_SIZE = 0.35, 0.6
_DIRECTION_SELECTIVITY = 0.7, 1.0
_GAINS = 0.6, 1.6  # of a cell that prefers `_TYPICAL`
_TYPICAL = 0.05  # cycles/deg
_SPONTANEOUS = 0.05, 0.2

SURROUND_SIZE = 2.0
"""Size of the surround of an unoriented cell, relative to its centre."""
SURROUND_WEIGHT = 0.8
"""Weight of the surround of an unoriented cell, relative to its centre."""


@dataclass(frozen=True, eq=False)
class Cells:
    """The parameters of a simulated population, one entry a cell, each array of shape [units].

    Attributes
    ----------
    cell_type
        One of `CELL_TYPES`.
    y, x
        Centre of the receptive field in stimulus pixels, rows counted downwards.
    direction
        Preferred direction of motion in degrees, 0 rightwards, 90 upwards; its bars are perpendicular
        to it. 0 to 360 for direction-selective cells, 0 to 180 for cells selective for orientation
        alone (they prefer the opposite as well), not a number for ON and OFF cells.
    direction_selectivity
        Share of the response to the opposite direction that is taken away, 0 to 1, in amplitude.
    spatial_frequency
        Preferred spatial frequency in cycles per degree.
    temporal_frequency
        Preferred temporal frequency in Hz.
    size
        Standard deviation of the receptive field's Gaussian (of its centre, for ON and OFF) in degrees.
    phase
        Spatial phase of the receptive field in degrees: 0 for a light centre, 90 for an edge that is
        light on the side of the preferred direction, 180 for a dark centre. Not a number for complex
        cells.
    gain
        Factor of the response.
    spontaneous
        Rate without a stimulus.

    Notes
    -----
    Degrees are those at the screen's centre (`Screen.degrees_per_pixel`), as for the stimuli.
    """

    cell_type: NDArray[np.str_]
    y: Values
    x: Values
    direction: Values
    direction_selectivity: Values
    spatial_frequency: Values
    temporal_frequency: Values
    size: Values
    phase: Values
    gain: Values
    spontaneous: Values

    def __len__(self) -> int:
        return len(self.cell_type)

    def of_type(self, *types: str) -> NDArray[np.bool_]:
        """Return which cells are of one of the types, bool [units]."""
        return np.isin(self.cell_type, types)

    @property
    def checksum(self) -> str:
        """Sixteen hexadecimal digits that identify these parameters."""
        digest = hashlib.sha256()
        for field in fields(self):
            values: NDArray[Any] = getattr(self, field.name)
            text = values.astype("S") if values.dtype.kind == "U" else values.astype("<f8")
            digest.update(field.name.encode() + text.tobytes())
        return digest.hexdigest()[:16]

    def table(self) -> pd.DataFrame:
        """Return the parameters as a table, one row a cell, one column an attribute."""
        import pandas as pd

        columns = {field.name: getattr(self, field.name) for field in fields(self)}
        table = pd.DataFrame(columns | {"cell_type": pd.Categorical(self.cell_type, CELL_TYPES)})
        table.index.name = "unit"
        return table


def draw_cells(units: int = 400, seed: int = 0, screen: Screen | None = None, extent: float = 1.0) -> Cells:
    """Draw a population.

    Each parameter takes evenly spaced quantiles of its distribution in random order, within each type,
    so that a population of a few dozen covers the ranges too.

    Parameters
    ----------
    units
        Number of cells.
    seed
        The same seed gives the same cells, on every machine.
    screen
        What they look at; the default screen if left out.
    extent
        Share of the screen's width and height, about its middle, over which the centres are spread.

    Raises
    ------
    InvalidInput
        If the number, the seed or the extent is not usable.
    """
    if not 0 < extent <= 1:
        raise InvalidInput("The extent of the population is out of range.", given=extent, needed="0 to 1")
    if units < 1:
        raise InvalidInput("A population needs cells.", given=f"{units} units", needed="at least 1")
    if seed < 0:
        raise InvalidInput("The seed is negative.", given=seed, needed="0 or more")
    screen = screen or Screen()
    rng = np.random.Generator(np.random.PCG64(seed))
    kinds = np.resize(np.array(_MIXTURE), units)
    drawn = {field.name: np.zeros(units) for field in fields(Cells)[1:]}
    for kind in CELL_TYPES:
        chosen = kinds == kind
        for name, values in _preferences(kind, int(chosen.sum()), rng).items():
            drawn[name][chosen] = values
    drawn["y"], drawn["x"] = _centres(drawn["size"], rng, screen, extent)
    # Six digits: tidy labels, free of the last bit in which machines differ.
    return Cells(kinds, **{name: np.round(values, 6) for name, values in drawn.items()})


def visual_angles(pixels: Values, screen: Screen) -> Values:
    """Return the direction in which stimulus pixels are seen from in front of the screen's centre.

    Parameters
    ----------
    pixels
        (y, x), [..., 2].
    screen
        The flat screen that they belong to.

    Returns
    -------
    ndarray
        (elevation, azimuth) in degrees, upwards and rightwards positive, [..., 2].
    """
    down, right = np.moveaxis((pixels - _middle(screen)) * 2 / screen.width, -1, 0)
    elevation = np.arctan2(-down, np.hypot(right, screen.distance))
    angles: Values = np.degrees(np.stack((elevation, np.arctan2(right, screen.distance)), axis=-1))
    return angles


def _preferences(kind: str, count: int, rng: np.random.Generator) -> dict[str, Values]:
    """Draw everything but the positions of the cells of one type."""
    unoriented, directed = kind in UNORIENTED, kind in DIRECTION_SELECTIVE
    frequency = _scaled(rng, count, *_SPATIAL_FREQUENCIES)
    size = np.clip(_spread(rng, count, *_CYCLES_PER_SIZE) / frequency, *_SIZES)
    direction = _spread(rng, count, 0, 360 if directed else 180)
    selectivity = _spread(rng, count, *_DIRECTION_SELECTIVITY) if directed else np.zeros(count)
    phase = _spread(rng, count, 0, 360)
    if unoriented:
        size = _scaled(rng, count, *_CENTRE_SIZES)
        frequency = _centre_surround_frequency(size)
        direction = np.full(count, np.nan)
        phase = np.full(count, 0.0 if kind == "ON" else 180.0)
    elif kind in COMPLEX:
        phase = np.full(count, np.nan)
    return {
        "spatial_frequency": frequency,
        "temporal_frequency": _scaled(rng, count, *_TEMPORAL_FREQUENCIES),
        "size": size,
        "direction": direction,
        "direction_selectivity": selectivity,
        "phase": phase,
        # finer detail is weaker in most movies, natural ones among them
        "gain": _scaled(rng, count, *_GAINS) * np.sqrt(frequency / _TYPICAL),
        "spontaneous": _spread(rng, count, *_SPONTANEOUS),
    }


def _centre_surround_frequency(size: Values) -> Values:
    """Return the frequency at which a difference of Gaussians passes most, in cycles per degree."""
    ratio = SURROUND_SIZE**2
    frequency: Values = np.sqrt(np.log(SURROUND_WEIGHT * ratio) / (2 * np.pi**2 * (ratio - 1))) / size
    return frequency


def _centres(size: Values, rng: np.random.Generator, screen: Screen, extent: float) -> tuple[Values, Values]:
    """Spread the centres evenly over a part of the screen, one size away from the part's border.

    They are points of the R2 sequence (M. Roberts, 2018), which leaves neither gaps nor clusters.
    """
    root = 1.3247179572447460  # of x^3 = x + 1
    steps = rng.permutation(len(size))[:, None] * np.array([1 / root, 1 / root**2])
    even = (steps + rng.uniform(size=2)) % 1
    margin = screen.pixels(1.0) * size[:, None]
    last = 2 * _middle(screen)
    corner = (1 - extent) / 2 * last
    y, x = (corner + margin + even * (extent * last - 2 * margin)).T
    return y, x


def _middle(screen: Screen) -> Values:
    return np.array([screen.height - 1, screen.width - 1]) / 2


def _spread(rng: np.random.Generator, count: int, low: float, high: float) -> Values:
    """Draw numbers that cover a range evenly, in random order."""
    return low + (high - low) * (rng.permutation(count) + rng.uniform(size=count)) / max(count, 1)


def _scaled(rng: np.random.Generator, count: int, low: float, high: float) -> Values:
    """Draw numbers that cover a range evenly on a logarithmic scale, in random order."""
    return low * (high / low) ** _spread(rng, count, 0, 1)
