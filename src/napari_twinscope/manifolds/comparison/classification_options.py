"""How the stimuli are read out of a population's activity: which classifier, trained on what."""

from __future__ import annotations

from dataclasses import dataclass

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.decoding.presets import check_preset
from napari_twinscope.specification import Specification

CLASSIFIERS = ("logistic", "neighbors")
WINDOWS = ("growing", "shrinking", "frame")
SPLITS = ("direction", "stratified", "sample")


@dataclass(frozen=True)
class ClassificationOptions(Specification):
    """How `classification_over_time` works.

    Parameters
    ----------
    preset
        ``"corrected"``
            Each direction is left out in turn and the stimuli shown in it are named by what was learnt
            from the others, so that the folds are fixed and no seed decides. Intervals are those of the
            mean over directions. Of neighbours with equal votes the class of the nearest wins.
            Logistic regression runs until it has converged.
        ``"published-2025"``, ``"published-2026"``
            As the public code: logistic regression stops after 200 (2025) or 500 (2026) iterations, in
            five stratified folds drawn five times over, and the bars are the standard deviation over
            these runs, which share their data, divided by the root of their number; neighbours leave
            one movie out, and of equal votes the stimulus stored first wins.
    classifier
        ``"logistic"`` regression, multinomial with an L2 penalty (C = 1), units not scaled; or nearest
        ``"neighbors"`` by Euclidean distance.
    windows
        What the responses are averaged over: ``"growing"``, from the first frame to each;
        ``"shrinking"``, from each frame to the last; ``"frame"``, each by itself (not in the papers).
    split
        What is left out: each ``"direction"``, a ``"stratified"`` share of the movies, or each
        ``"sample"``, that is movie. ``None`` is as the preset.
    folds, runs, seed
        Of the stratified split. The seed of each run is `seed` plus its number.
    neighbors
        Number of neighbours that vote.
    stimuli
        As of `decoding_manifold`; by default all that were recorded, in every preset.
    rectify
        Set negative responses to zero first, as the papers do.
    step
        Frames from one window to the next.

    Raises
    ------
    InvalidInput
        If a name is unknown, or a number is not in its range.

    References
    ----------
    arXiv 2601.21508, public code.
    """

    preset: str = "corrected"
    classifier: str = "logistic"
    windows: tuple[str, ...] = WINDOWS
    split: str | None = None
    folds: int = 5
    runs: int = 5
    neighbors: int = 3
    stimuli: str = "all"
    rectify: bool = True
    step: int = 1
    seed: int = 42

    def __post_init__(self) -> None:
        check_preset(self.preset, self.stimuli)
        for what, value, known in (
            ("classifier", (self.classifier,), CLASSIFIERS),
            ("window", self.windows, WINDOWS),
            ("split", () if self.split is None else (self.split,), SPLITS),
        ):
            foreign = [name for name in value if name not in known]
            if foreign:
                raise InvalidInput(f"There is no such {what}.", given=foreign[0], needed=", ".join(known))
        if not self.windows or len(set(self.windows)) != len(self.windows):
            raise InvalidInput("Each window is named once.", given=self.windows, needed=", ".join(WINDOWS))
        for name, least in (
            ("folds", 2),
            ("runs", 1),
            ("neighbors", 1),
            ("step", 1),
            ("seed", 0),
        ):
            number = getattr(self, name)
            if isinstance(number, bool) or not isinstance(number, int) or number < least:
                raise InvalidInput(
                    f"The number of {name} does not fit.", given=number, needed=f"{least} or more"
                )

    @property
    def left_out(self) -> str:
        """What is left out of the training: one of `SPLITS`."""
        if self.split is not None:
            return self.split
        if self.preset == "corrected":
            return "direction"
        return "stratified" if self.classifier == "logistic" else "sample"
