"""What of each stage is measured in a comparison, how often units are drawn again, and after which code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.comparison.alignment_options import MEASURES, AlignmentOptions
from napari_twinscope.manifolds.comparison.classification_options import (
    CLASSIFIERS,
    WINDOWS,
    ClassificationOptions,
)
from napari_twinscope.manifolds.decoding.presets import check_preset
from napari_twinscope.manifolds.tubes.options import BUNDLES, TubularityOptions
from napari_twinscope.specification import Specification

PARTS = ("units", "trajectories", "classification", "tubularity", "encoding", "alignment")
"""What can be measured, in this order."""

ALIGNMENTS = MEASURES[:6]
"""Measures of alignment without a direction from one population to the other."""

# Table 5.3 of the survey of the public code: which stimuli its scripts cut for which stage.
_FIRST_SIX = {
    "trajectories": ("inputs0", "inputs2", "blocks2"),
    "tubularity": ("readout",),
}


@dataclass(frozen=True)
class ComparisonOptions(Specification):
    """How `stage_comparison` works.

    Parameters
    ----------
    preset
        ``"corrected"``, ``"published-2025"`` or ``"published-2026"``, handed to every measure: what it
        changes is said in `TubularityOptions`, `ClassificationOptions`, `AlignmentOptions`,
        `decoding_manifold` and `unit_measures`. The published presets also cut other stimuli for some
        stages than for others, as the public code does. Draws have a seed in all presets, so that a
        comparison can be made again.
    stimuli
        On which of the stimuli the stages are compared: ``"all"``, ``"medium"``, ``"high"``, in the
        published presets also ``"first-six"`` and ``"first-and-last-five"``. ``None`` takes the medium set
        of the papers' eleven or all of any other stimuli; in the published presets what the papers take
        for the stage. Classification then takes all that were recorded, as in the papers. An imported
        population that was not shown the papers' eleven takes part with all of its stimuli.
    parts
        What is measured, some of ``"units"`` (selectivity and dynamics), ``"trajectories"`` (explained
        variance and dimension), ``"classification"``, ``"tubularity"``, ``"encoding"`` (of a manifold that
        the recording holds) and ``"alignment"``.
    rectify
        Set negative responses to zero first, as the papers do.
    classifiers
        Some of ``"logistic"`` and ``"neighbors"``.
    windows
        Windows of the classification: ``"growing"``, ``"shrinking"``, and ``"frame"`` if it is wanted too.
    step
        Frames from one window of the classification to the next.
    bundles
        Which curves are one tube: those of a ``"stimulus"``, clusters by ``"hdbscan"``, or all as ``"one"``.
    bootstraps
        How often units are drawn again for the intervals of tubularity; 0 for none.
    alignments
        Some of ``"rsa"``, ``"cka"``, ``"cca"``, ``"procrustes"``, ``"dsa"`` and ``"gromov_wasserstein"``,
        for every pair.
    alignment_bootstraps, shuffles
        Draws of units and of shuffled conditions for each pair; 0 for none.
    unit_bootstraps
        Draws of units for the intervals of medians; 0 for none.
    seed
        Of all draws.

    Raises
    ------
    InvalidInput
        If a name is unknown, nothing is to be measured, or a number is not in its range.

    Examples
    --------
    >>> ComparisonOptions().parts[0]
    'units'
    >>> ComparisonOptions.quick("published-2026").preset
    'published-2026'
    """

    preset: str = "corrected"
    stimuli: str | None = None
    parts: tuple[str, ...] = PARTS
    rectify: bool = True
    classifiers: tuple[str, ...] = CLASSIFIERS
    windows: tuple[str, ...] = ("growing", "shrinking")
    step: int = 1
    bundles: str = "stimulus"
    bootstraps: int = 30
    alignments: tuple[str, ...] = ("rsa", "cka", "procrustes")
    alignment_bootstraps: int = 100
    shuffles: int = 50
    unit_bootstraps: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        check_preset(self.preset, self.stimuli)
        for name, known in (
            ("parts", PARTS),
            ("classifiers", CLASSIFIERS),
            ("windows", WINDOWS),
            ("alignments", ALIGNMENTS),
            ("bundles", BUNDLES),
        ):
            given = getattr(self, name)
            named = (given,) if isinstance(given, str) else given
            if not named or len(set(named)) != len(named) or not set(named) <= set(known):
                raise InvalidInput(
                    f"These {name} are not to be had.",
                    given=", ".join(named) or "none",
                    needed=f"different ones of {', '.join(known)}",
                )
        lacking = [name for name in WINDOWS[:2] if name not in self.windows]
        if lacking:  # they hold the whole trial, and the best of it
            raise InvalidInput(
                "A window is lacking.", given=", ".join(self.windows), needed=", ".join(lacking)
            )
        for name in (
            "bootstraps",
            "alignment_bootstraps",
            "shuffles",
            "unit_bootstraps",
            "seed",
            "step",
        ):
            number, least = getattr(self, name), int(name == "step")
            if isinstance(number, bool) or not isinstance(number, int) or number < least:
                raise InvalidInput(
                    f"The number of {name} does not fit.", given=number, needed=f"{least} or more"
                )

    @classmethod
    def quick(cls, preset: str = "corrected", **changes: object) -> Self:
        """Return options for a first look: few draws, so that intervals are rough, and every sixth frame."""
        few: dict[str, object] = {
            "step": 6,
            "bootstraps": 8,
            "alignment_bootstraps": 10,
            "shuffles": 10,
            "unit_bootstraps": 200,
        }
        return cls(preset=preset, **(few | changes))  # type: ignore[arg-type]

    def stimuli_for(self, part: str, stage: str, *, papers: bool, imported: bool = False) -> str | None:
        """Return which stimuli a measure takes of a population, as its own options name them.

        Parameters
        ----------
        part
            One of `PARTS`.
        stage
            Name of the stage; published presets cut other stimuli for some.
        papers
            Whether the population was shown the papers' eleven.
        imported
            Whether it is no recording of a twin.
        """
        if imported and not papers:
            return "all"
        if part == "classification":
            return self.stimuli or "all"
        if self.stimuli is not None or self.preset == "corrected" or not papers:
            return self.stimuli
        if part == "alignment":
            return "first-six"
        first = _FIRST_SIX["tubularity" if part == "tubularity" else "trajectories"]
        return "first-six" if stage in first else "first-and-last-five"

    def classification(self, classifier: str, stimuli: str | None) -> ClassificationOptions:
        """Return the options of a classification."""
        return ClassificationOptions(
            self.preset,
            classifier,
            self.windows,
            stimuli=stimuli or "all",
            rectify=self.rectify,
            step=self.step,
        )

    def tubularity(self, stimuli: str | None) -> TubularityOptions:
        """Return the options of the tubularity of a stage."""
        return TubularityOptions(
            self.preset,
            stimuli,
            self.bundles,
            bootstraps=self.bootstraps,
            seed=self.seed,
            rectify=self.rectify,
        )

    def alignment(self, stimuli: str | None, *, draws: bool = True) -> AlignmentOptions:
        """Return the options of the alignment of a pair, without draws for a population with itself."""
        return AlignmentOptions(
            self.preset,
            self.alignments,
            stimuli=stimuli,
            rectify=self.rectify,
            bootstraps=self.alignment_bootstraps if draws else 0,
            shuffles=self.shuffles if draws else 0,
            seed=self.seed,
        )
