"""Which units of a stage are recorded: every one, a random subset, or the papers' draw by activity."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.specification import Specification

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from napari_twinscope.twins import Stage

RULES = ("corrected", "published", "uniform", "all", "explicit")
DRAWN_EVENLY = ("retina", "output")
"""Stages whose units are never drawn by activity: the papers draw output units evenly, and the retina's
signed picture, which they do not sample, may have no positive value at all."""
_SILENT = 1e-8  # scores this close to zero count as silent (paper-pipeline: "non-zero")


@dataclass(frozen=True)
class Sampling(Specification):
    """How the recorded units of each stage are chosen.

    Parameters
    ----------
    rule
        ``corrected``
            The papers' draw (Bertram et al., arXiv 2601.21508): feature maps with probability
            proportional to their activity, then positions within each map likewise. Units of the
            border (a quarter of the rows, on every side) are left out, since padding distorts them.
            Units of the output and pixels of the retina are drawn evenly.
        ``published``
            The same with the crop of the public code, which removes the top and left border only.
        ``uniform``
            The same number of units, all units equally likely, no crop.
        ``all``
            Every unit.
        ``explicit``
            The units listed in `units`.
    maps, units_per_map
        Size of the draw: at most `maps` feature maps and `units_per_map` positions in each. Stages
        with a single map (retina, output) give ``maps * units_per_map`` units.
    units
        For ``explicit``: tuples (stage, channel, row, column).

    Raises
    ------
    InvalidInput
        If the rule is unknown, a count is not positive, or `units` and the rule do not fit.
    """

    rule: str = "corrected"
    maps: int = 40
    units_per_map: int = 50
    units: tuple[tuple[str, int, int, int], ...] = ()

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise InvalidInput("Unknown sampling rule.", given=self.rule, needed="one of " + ", ".join(RULES))
        for name in ("maps", "units_per_map"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise InvalidInput(f"{name} must be a positive whole number.", given=value)
        if (self.rule == "explicit") != bool(self.units):
            raise InvalidInput(
                "A list of units goes with the rule 'explicit', and only with it.",
                given=f"rule {self.rule!r} with {len(self.units)} units",
            )
        if len(set(self.units)) != len(self.units):
            raise InvalidInput("The list of units names a unit twice.")

    @property
    def needs_survey(self) -> bool:
        """Whether a first pass over all stimuli must score the units by activity."""
        return self.rule in ("corrected", "published")

    @property
    def size(self) -> int:
        """The largest number of units drawn from a stage (not for ``all`` and ``explicit``)."""
        return self.maps * self.units_per_map


def candidates(stage: Stage, rule: str) -> tuple[slice, slice, slice]:
    """Return the slices (channels, rows, columns) among which the papers' draw chooses.

    The public code meant to remove a border of ``rows // 4`` on every side, and removes it at the top
    and the left only; ``published`` does the same, ``corrected`` removes all four sides. From the core
    feature map and the readout the papers take the first 40 maps only (one stream of the network).
    """
    channels = slice(0, stage.published_maps or stage.channels)
    if not stage.cropped:
        return channels, slice(0, stage.rows), slice(0, stage.columns)
    border = stage.rows // 4
    end = border if rule == "corrected" else 0
    return channels, slice(border, stage.rows - end), slice(border, stage.columns - end)


def draw_by_activity(
    score: NDArray[np.float64], seed: int, maps: int = 40, units_per_map: int = 50
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw maps, then positions within each, with probability proportional to their score.

    Parameters
    ----------
    score
        Activity of each unit, shape (map, position), not negative.
    seed
        Seed of the legacy NumPy generator, as in the papers.
    maps, units_per_map
        At most so many maps, and positions in each; silent ones are never drawn.

    Returns
    -------
    maps, positions
        Two arrays of length n: the map and the position of each unit, in the order drawn.

    Raises
    ------
    InvalidInput
        If no unit is active.

    References
    ----------
    Bertram et al. (2026), arXiv 2601.21508, public code.
    """
    generator = np.random.RandomState(seed)
    map_score = score.mean(axis=1)
    active = int(np.sum(map_score > _SILENT))
    if active == 0:
        raise InvalidInput(
            "No unit of this stage responded to any stimulus, so none can be drawn by activity.",
            needed="at least one unit with a positive response",
            remedy="choose other stimuli or the sampling rule 'uniform', and another output path",
        )
    # Silent maps and positions keep their (vanishing) share of the probability, as published.
    drawn = generator.choice(
        len(map_score), size=min(maps, active), replace=False, p=map_score / map_score.sum()
    )
    map_of_unit, position_of_unit = [], []
    for index in drawn:
        row = score[index]
        count = min(units_per_map, row.size, int(np.sum(row > _SILENT)))
        positions = generator.choice(row.size, size=count, replace=False, p=row / row.sum())
        map_of_unit.append(np.full(count, index))
        position_of_unit.append(positions)
    return (
        np.concatenate(map_of_unit).astype(np.int64),
        np.concatenate(position_of_unit).astype(np.int64),
    )


def draw_output_units(count: int, units: int, seed: int) -> NDArray[np.int64]:
    """Draw `units` of `count` output units uniformly, with the papers' random numbers.

    They first draw the only map there is, which uses up no random number.
    """
    generator = np.random.RandomState(seed)
    return generator.choice(count, size=min(units, count), replace=False).astype(np.int64)


def choose_units(
    stage: Stage,
    sampling: Sampling,
    seed: int,
    score: Callable[[], NDArray[np.float32]] | None = None,
) -> NDArray[np.int64]:
    """Return the units to record from a stage as an array (unit, 3) of channel, row and column.

    Parameters
    ----------
    stage
        The stage, whose map has shape (channels, rows, columns).
    sampling, seed
        The rule and its seed.
    score
        For the rules that need a survey: returns the activity score, shape (channels, rows, columns)
        restricted to `candidates`.

    Raises
    ------
    InvalidInput
        If a listed unit does not exist in the stage, or no unit of the stage is active.
    """
    shape = (stage.channels, stage.rows, stage.columns)
    if sampling.rule == "all":
        return np.stack(np.unravel_index(np.arange(np.prod(shape)), shape), axis=1)
    if sampling.rule == "explicit":
        return _listed(stage, sampling, shape)
    if sampling.rule == "uniform" or stage.name == "retina":
        generator = np.random.default_rng([seed, zlib.crc32(stage.name.encode())])
        total = int(np.prod(shape))
        flat = np.sort(generator.choice(total, size=min(sampling.size, total), replace=False))
        return np.stack(np.unravel_index(flat, shape), axis=1)
    if stage.name == "output":
        rows = draw_output_units(stage.rows, sampling.size, seed)
        return np.stack([np.zeros_like(rows), rows, np.zeros_like(rows)], axis=1)
    if score is None:
        raise TypeError("the rule draws by activity and needs a score")
    return _drawn(stage, sampling, seed, score())


def _listed(stage: Stage, sampling: Sampling, shape: tuple[int, int, int]) -> NDArray[np.int64]:
    units = [unit[1:] for unit in sampling.units if unit[0] == stage.name]
    for unit in units:
        if any(not 0 <= i < n for i, n in zip(unit, shape, strict=True)):
            raise InvalidInput(
                f"Stage {stage.name} has no such unit.",
                given=f"channel, row, column = {unit}",
                needed=f"less than {shape}",
            )
    return np.array(units, dtype=np.int64).reshape(-1, 3)


def _drawn(stage: Stage, sampling: Sampling, seed: int, score: NDArray[np.float32]) -> NDArray[np.int64]:
    channels, rows, columns = score.shape
    single = stage.channels == 1
    try:
        maps, positions = draw_by_activity(
            score.reshape(channels, rows * columns).astype(np.float64),
            seed,
            maps=1 if single else sampling.maps,
            units_per_map=sampling.size if single else sampling.units_per_map,
        )
    except InvalidInput as error:
        raise InvalidInput(
            f"No unit of stage {stage.name} responded to any stimulus.",
            needed=error.needed,
            remedy=error.remedy,
        ) from error
    _, first_row, first_column = (s.start for s in candidates(stage, sampling.rule))
    row, column = np.divmod(positions, columns)
    return np.stack([maps, row + first_row, column + first_column], axis=1)
