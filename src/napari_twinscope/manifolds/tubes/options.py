"""How tubularity is measured: on which stimuli, in which bundles, and after which code."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.decoding.presets import check_preset
from napari_twinscope.manifolds.tubes.curves import DISTANCES
from napari_twinscope.specification import Specification

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BUNDLES = ("stimulus", "hdbscan", "one")
SMOOTHING = {"corrected": 1e-4, "published-2025": 0.01, "published-2026": 2.0}
ERROR_BAR_DIVISORS = {"corrected": 1.0, "published-2025": 100.0, "published-2026": 30.0}
"""The standard deviation over bootstraps is divided by the square root of this."""


@dataclass(frozen=True)
class TubularityOptions(Specification):
    """How `tubularity` measures bundles of trajectories.

    Parameters
    ----------
    preset
        What happens where the public code of the papers errs.

        ``"corrected"``
            - Stimuli are chosen by name.
            - Units are drawn, and components found, from a seed, and without approximation.
            - The centre line may stray from the mean curve by a share of that curve's own variance, so
              that the scale of the coordinates does not matter.
            - Curves that HDBSCAN takes for noise are left out and counted.
            - Crossing is compared without dimension: it is not divided by a length.
            - The standard deviation over bootstraps, which is the standard error, is shown as it is, and
              populations are compared by the interval of their differences.
            - Constant units, and bundles that do not move, are left out and counted.
        ``"published-2025"``
            As the code of December 2025:

            - Six of the eleven stimuli are cut by position and shown under the names of others.
            - The bootstrap has no seed, and the components come from an approximate solver, also without.
            - A centre line may stray by 0.01, whatever is asked: the argument is overwritten.
            - The noise of HDBSCAN is scored as one more bundle.
            - Crossing is divided by a length, so that it shrinks with the number of units.
            - Error bars are the standard deviation over bootstraps divided by the square root of 100.
            - A bundle that does not move, and so has no length, is the tightest or the loosest of all.
            - Mann-Whitney tests pool bootstraps as if they were independent, one-sided for "less".
        ``"published-2026"``
            As the later code: a centre line may stray by 2, or by what is asked, and error bars are divided
            by the square root of 30. The rest as in 2025.

        The error of the published simulation, of noise that is turned with its tube, is in
        `crossing_tubes`. Which version made the printed figures is not known.
    stimuli
        ``"all"``, ``"medium"``, ``"high"``, or in the published presets ``"first-six"`` (as the papers for
        Readout) and ``"first-and-last-five"`` (for the other stages). ``None`` takes the medium set of the
        papers' eleven, or all of any other stimuli; in the published presets the first and the last five.
    bundles
        Which curves are one tube: those of a ``"stimulus"``, clusters by ``"hdbscan"``, or all as ``"one"``.
    bootstraps
        How often units are drawn again, 0 for none. For intervals of 95 % take 200 or more; the papers
        take 30.
    seed
        Of the draws. ``None`` is 0, in the published presets fresh numbers.
    rectify
        Set negative responses to zero first, as the papers do.
    n_components
        Principal components in which the curves run.
    samples
        Points of each curve.
    bins
        Bins along a tube; the papers take 100, 30 for simulated tubes and 20 for sensitivity.
    quantile
        Which distance from the centre line is the radius.
    smoothing
        How far a centre line may stray: the sum of its squared residuals, in ``"corrected"`` as a share
        of the sum of squares of the mean curve's average coordinate. ``None`` is 1e-4, and 0.01 and 2 in
        the published presets.
    distance
        Between curves, for HDBSCAN: ``"h1"`` as published, or ``"l2"``, which noise disturbs less.
    smallest_bundle
        Fewest curves of a cluster.
    level
        Of the confidence intervals.

    Raises
    ------
    InvalidInput
        If a name is unknown, a number is out of range, the corrected preset is to cut stimuli by position,
        or ``"published-2025"`` is to smooth otherwise.

    References
    ----------
    arXiv 2601.21508 and arXiv 2512.07869 with their public code

    Examples
    --------
    >>> TubularityOptions().preset
    'corrected'
    >>> TubularityOptions("published-2026").stray
    2.0
    """

    preset: str = "corrected"
    stimuli: str | None = None
    bundles: str = "stimulus"
    bootstraps: int = 30
    seed: int | None = None
    rectify: bool = True
    n_components: int = 10
    samples: int = 150
    bins: int = 100
    quantile: float = 0.9
    smoothing: float | None = None
    distance: str = "h1"
    smallest_bundle: int = 4
    level: float = 0.95

    def __post_init__(self) -> None:
        check_preset(self.preset, self.stimuli)
        for name, known in (("bundles", BUNDLES), ("distance", tuple(DISTANCES))):
            if getattr(self, name) not in known:
                raise InvalidInput(
                    f"There is no such {name}.", given=getattr(self, name), needed=", ".join(known)
                )
        for name, least in (
            ("bootstraps", 0),
            ("n_components", 1),
            ("samples", 3),
            ("bins", 1),
            ("smallest_bundle", 2),
        ):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise InvalidInput(
                    f"There is no such number of {name}.", given=value, needed=f"{least} or more"
                )
        if self.seed is not None and (
            isinstance(self.seed, bool) or not isinstance(self.seed, int) or self.seed < 0
        ):
            raise InvalidInput("There is no such seed.", given=self.seed, needed="0, 1, ... or none")
        for name in ("quantile", "level"):
            if not (_is_number(getattr(self, name)) and 0 < getattr(self, name) < 1):
                raise InvalidInput(
                    f"There is no such {name}.", given=getattr(self, name), needed="within 0 and 1"
                )
        if self.smoothing is not None and not (
            _is_number(self.smoothing) and math.isfinite(self.smoothing) and self.smoothing >= 0
        ):
            raise InvalidInput(
                "A centre line cannot be smoothed so.", given=self.smoothing, needed="0 or more"
            )
        if self.preset == "published-2025" and self.smoothing not in (None, SMOOTHING[self.preset]):
            raise InvalidInput(
                "The public code of 2025 smooths centre lines by 0.01, whatever is asked.",
                given=self.smoothing,
                remedy="use the preset 'corrected' or 'published-2026'",
            )

    @property
    def stray(self) -> float:
        """The smoothing that is in force."""
        return SMOOTHING[self.preset] if self.smoothing is None else self.smoothing

    def allowance(self, mean: NDArray[np.float64]) -> float:
        """Return by how much a centre line may stray from a mean curve, shape (sample, coordinate)."""
        if self.preset != "corrected":
            return self.stray
        return self.stray * len(mean) * float(mean.var(axis=0).mean())


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
