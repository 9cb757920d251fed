"""How two populations are compared: by which measures, at which times, with how many draws."""

from __future__ import annotations

from dataclasses import dataclass

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.decoding.presets import check_preset
from napari_twinscope.specification import Specification

MEASURES = ("rsa", "cka", "cca", "procrustes", "dsa", "gromov_wasserstein", "encoding")
DISTANCES = ("procrustes", "dsa", "gromov_wasserstein")
"""Measures of which low values are close; of the others high ones are."""

TIMES = ("mean", "each")


@dataclass(frozen=True)
class AlignmentOptions(Specification):
    """How `alignment` compares two populations.

    Parameters
    ----------
    preset
        ``"corrected"``
            Stimuli are paired by name and frames by their time in seconds. Canonical correlations and
            predictions are those of directions left out. Frames in which a measure is not defined, as
            before the first response, are left out of its mean and counted.
        ``"published-2025"``, ``"published-2026"``
            As the public code: of the papers' eleven stimuli the first six stored are paired with the
            other's six in class order, though they are others; a recording of another length is squeezed
            or stretched to the first one's frames by the Fourier method; canonical correlations are
            those that were maximised; predictions are clipped to 0...1 before the mean; and one
            undefined frame makes the score undefined. The scores of dynamical similarity that the papers
            give are one minus the distance here.
    measures
        Some of ``"rsa"``, ``"cka"``, ``"cca"``, ``"procrustes"``, ``"dsa"``, ``"gromov_wasserstein"`` and
        ``"encoding"``.
    time
        Compare the ``"mean"`` responses, or those at ``"each"`` frame, averaging the scores; ``None`` is
        the mean, in the published presets each. Dynamical similarity takes all frames in either case.
    stimuli
        As of `decoding_manifold`; ``None`` is the medium set of the papers' eleven or all of any others,
        in the published presets the first six of the eleven.
    rectify
        Set negative responses to zero first, as the papers do.
    components
        Principal components of the canonical correlations.
    units
        Largest number of units of each population whose distances are compared by
        ``"gromov_wasserstein"``; of more, so many are drawn. Two draws from one population are some
        distance apart.
    bootstraps
        Draws of units of both populations with replacement, for the intervals. 0 for none.
    shuffles
        Draws of shuffled conditions (frames, for ``"dsa"``), for chance. 0 for none.
    seed
        Of all draws.

    Raises
    ------
    InvalidInput
        If a name is unknown, or a number is not in its range.
    """

    preset: str = "corrected"
    measures: tuple[str, ...] = MEASURES[:6]
    time: str | None = None
    stimuli: str | None = None
    rectify: bool = True
    components: int = 3
    units: int = 150
    bootstraps: int = 200
    shuffles: int = 50
    seed: int = 42

    def __post_init__(self) -> None:
        check_preset(self.preset, self.stimuli)
        foreign = [name for name in self.measures if name not in MEASURES]
        if foreign or not self.measures or len(set(self.measures)) != len(self.measures):
            raise InvalidInput(
                "These measures cannot be taken.",
                given=", ".join(self.measures) or "none",
                needed=f"different ones of {', '.join(MEASURES)}",
            )
        if self.time is not None and self.time not in TIMES:
            raise InvalidInput("There is no such time.", given=self.time, needed=", ".join(TIMES))
        for name, least in (("components", 1), ("units", 3), ("bootstraps", 0), ("shuffles", 0), ("seed", 0)):
            number = getattr(self, name)
            if isinstance(number, bool) or not isinstance(number, int) or number < least:
                raise InvalidInput(
                    f"The number of {name} does not fit.", given=number, needed=f"{least} or more"
                )

    @property
    def compared(self) -> str:
        """What is compared, one of `TIMES`."""
        return self.time or ("mean" if self.preset == "corrected" else "each")
