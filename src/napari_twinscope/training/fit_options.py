"""How a readout is fitted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from napari_twinscope.errors import InvalidInput
from napari_twinscope.specification import Specification
from napari_twinscope.training.sgd_clip import Schedule, SgdClipOptions

POSITIONS = ("search", "published")
PERSPECTIVES = ("twin", "published", "fixed")


@dataclass(frozen=True)
class FitOptions(Specification):
    """How a new readout is trained on a frozen core.

    Numbers default to the published ones. Where it starts and what is kept does not: these defaults suit
    recordings, and patience, smaller than the published; see `FitOptions.published`.

    Parameters
    ----------
    schedule, optimiser
        Learning rate over epochs, and sizes of the steps.
    sample_size, batch_size
        Frames of a window, and windows of a batch.
    training_size, validation_size
        Batches of an epoch, for either half.
    burnin_frames
        Frames at the beginning of each window, and of each clip, that are not scored.
    sample_stream
        Whether each training batch goes through one stream, drawn at random; else through all.
    seed
        Of every draw.
    positions
        Where units start: ``"search"`` at the position, and with the features, with which a regression on
        the core predicts them best, which a short fit needs; ``"published"`` all in the middle, with a
        wide spread and without features.
    perspective
        ``"twin"``: eye, monitor and the first layers of the modulation start from those of the twin,
        without jitter of the monitor, and are trained; ``"published"``: they start from the published
        initial values, with jitter; ``"fixed"``: those of the twin are kept, which is faster and right
        where the screen and the behaviour are the twin's own.
    keep
        Which epoch's parameters are the result: ``"best"``, that of the least validation loss, which
        guards small recordings from overfitting, or ``"last"``, as published.
    search_frames
        Frames that the search uses. It holds the core's features of all of them: at the published sizes
        0.4 MB a frame.

    Raises
    ------
    InvalidInput
        If a value is out of range.
    """

    schedule: Schedule = field(default_factory=Schedule)
    optimiser: SgdClipOptions = field(default_factory=SgdClipOptions)
    sample_size: int = 100
    batch_size: int = 4
    training_size: int = 500
    validation_size: int = 20
    burnin_frames: int = 10
    sample_stream: bool = True
    seed: int = 0
    positions: str = "search"
    perspective: str = "twin"
    keep: str = "best"
    search_frames: int = 4000

    def __post_init__(self) -> None:
        for name in ("sample_size", "batch_size", "training_size", "validation_size", "search_frames"):
            self._require(name, getattr(self, name) >= 1, "at least 1")
        self._require("burnin_frames", 0 <= self.burnin_frames < self.sample_size, "fewer than sample_size")
        self._require("seed", self.seed >= 0, "0 or more")
        self._require("positions", self.positions in POSITIONS, ", ".join(POSITIONS))
        self._require("keep", self.keep in ("best", "last"), "best, last")
        self._require("perspective", self.perspective in PERSPECTIVES, ", ".join(PERSPECTIVES))

    @classmethod
    def published(cls) -> Self:
        """Return the published procedure as a whole, which takes some 50,000 steps."""
        return cls(positions="published", perspective="published", keep="last")

    def _require(self, name: str, fits: bool, needed: str) -> None:
        if not fits:
            raise InvalidInput(
                f"The {name.replace('_', ' ')} is out of range.", given=getattr(self, name), needed=needed
            )
