"""How a response tensor is made: which stimuli, how smooth, on which scale, and after which code."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

from napari_twinscope.errors import InvalidInput
from napari_twinscope.specification import Specification

PRESETS = ("corrected", "published-2025", "published-2026")
STIMULI = ("per-unit", "medium", "high", "all")
STRENGTHS = ("mean", "peak")
SCALES = ("strength", "norm", "maximum", "mean")


@dataclass(frozen=True)
class TensorOptions(Specification):
    """How `response_tensor` prepares responses for the encoding manifold.

    Parameters
    ----------
    preset
        What happens where the public code of the papers errs or is silent.

        ``"corrected"``
            Silent units are left out and reported. Nothing but the unit's own responses enters its row.
            Responses that are not numbers are refused. Stimuli are chosen by name (in the public code by
            position, in an order that is not the stored one), and dims are named (there, values with
            direction fastest were read as if time were fastest).
        ``"published-2025"``
            As the code of December 2025: the smallest response of all units is subtracted, maps with a
            norm of at most 1e-8 count as zero, and a silent unit becomes not a number throughout. With
            ``stimuli="all"`` that code fails, so that this is refused.
        ``"published-2026"``
            As the later code: all stimuli can be taken, and frames that are not numbers are zero for the
            smoothing, left out of the mean, and zero in the tensor. The rest as in 2025.

        No preset repeats the errors of order; that of the selectivity is in `paper_selectivity`.
    stimuli
        ``"per-unit"``
            Six of the papers' eleven classes: for each unit those of the spatial frequencies, medium or
            high, that give the stronger responses in more of the six; high if neither does.
        ``"medium"``, ``"high"``
            The six of one set for all units.
        ``"all"``
            Whatever was recorded.
    smoothing
        Standard deviation of the Gaussian filter over time, in frames; 0 for none.
    strength
        How strong the response to a class is: ``"mean"`` over time in its best direction, as for the
        network, or the ``"peak"`` over directions and times, as for neurons.
    scale
        ``"strength"``
            Each map, that is direction by time, gets as its norm the strength relative to the unit's
            strongest class: the best has norm 1.
        ``"norm"``
            Each map gets norm 1, as for neurons; the relative strengths enter the neural matrix.
        ``"maximum"``, ``"mean"``
            The unit is divided by the maximum or the mean of all its maps.

    Raises
    ------
    InvalidInput
        If a name is unknown, the smoothing is negative or not finite, or ``"published-2025"`` is to take
        all stimuli.

    References
    ----------
    arXiv 2601.21508 and arXiv 2512.07869 with their public code; for neurons Dyballa et al. (2024), doi
    10.1073/pnas.2317773121

    Examples
    --------
    >>> TensorOptions().preset
    'corrected'
    >>> TensorOptions.neurons().scale
    'norm'
    """

    preset: str = "corrected"
    stimuli: str = "per-unit"
    smoothing: float = 3.0
    strength: str = "mean"
    scale: str = "strength"

    def __post_init__(self) -> None:
        for name, known in (
            ("preset", PRESETS),
            ("stimuli", STIMULI),
            ("strength", STRENGTHS),
            ("scale", SCALES),
        ):
            value = getattr(self, name)
            if value not in known:
                raise InvalidInput(f"There is no such {name}.", given=value, needed=", ".join(known))
        if isinstance(self.smoothing, bool) or not (math.isfinite(self.smoothing) and self.smoothing >= 0):
            raise InvalidInput(
                "Responses cannot be smoothed so.", given=self.smoothing, needed="0 frames or more"
            )
        if self.preset == "published-2025" and self.stimuli == "all":
            raise InvalidInput(
                "The public code of 2025 fails when it is to take all stimuli.",
                remedy="use the preset 'corrected' or 'published-2026'",
            )

    @classmethod
    def neurons(cls) -> Self:
        """Return the options for the rates of neurons: smooth already, each map of norm 1."""
        return cls(stimuli="all", smoothing=0.0, strength="peak", scale="norm")
