"""The protocols that can be asked for by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_twinscope.errors import InvalidInput
from napari_twinscope.stimuli.bars import MovingBar
from napari_twinscope.stimuli.flashes import FullFieldFlash, SparseNoise
from napari_twinscope.stimuli.flow import DotFlow
from napari_twinscope.stimuli.gratings import DriftingGrating, Plaid, StaticGrating
from napari_twinscope.stimuli.natural import NaturalMovie
from napari_twinscope.stimuli.paper import PAPER_SETS, paper_stimuli
from napari_twinscope.stimuli.protocol import StimulusProtocol

if TYPE_CHECKING:
    from collections.abc import Callable


def _paper() -> StimulusProtocol:
    return StimulusProtocol("paper", paper_stimuli())


def _paper_set(which: str) -> StimulusProtocol:
    by_name = {stimulus.name: stimulus for stimulus in paper_stimuli()}
    return StimulusProtocol(f"paper-6-{which}", tuple(by_name[name] for name in PAPER_SETS[which]))


def _physiologist() -> StimulusProtocol:
    """Build the six classes in the units of an experiment.

    Both gratings drift at 4 Hz, near which the papers' animals were stimulated. Dots are as wide as a bar
    of the finer grating and move with it, 25 degrees per second in every direction, so that their lattice
    too passes a point 4 times a second.
    """

    def grating(name: str, spatial_frequency: float) -> DriftingGrating:
        return DriftingGrating(name, "", spatial_frequency, 4.0, 60 / 128, 128.0, wave="square")

    def flow(name: str, dots: int, light: bool) -> DotFlow:
        return DotFlow(name, "", dots, 3.125, 25.0, light, 120 / 128, 128.0)

    return StimulusProtocol(
        "paper-6-physiologist",
        (
            grating("LF-grating", 0.04),
            grating("HF-grating", 0.16),
            flow("−1dot", 1, light=False),
            flow("−3dot", 3, light=False),
            flow("+1dot", 1, light=True),
            flow("+3dot", 3, light=True),
        ),
    )


def _natural() -> StimulusProtocol:
    scenes = [(photograph, path) for photograph in ("china", "flower") for path in (1, 2)]
    return StimulusProtocol(
        "natural",
        tuple(NaturalMovie(f"{photograph} {path}", photograph=photograph) for photograph, path in scenes),
        directions=(0.0,),
        instances=1,
        frames=90,
    )


def _tuning() -> StimulusProtocol:
    frequencies = (0.02, 0.04, 0.08, 0.16, 0.32)
    return StimulusProtocol(
        "tuning",
        tuple(DriftingGrating(f"{sf:g} cycles/deg", spatial_frequency=sf) for sf in frequencies),
        instances=1,
    )


def _temporal_frequency() -> StimulusProtocol:
    frequencies = (1.0, 2.0, 4.0, 8.0)
    return StimulusProtocol(
        "temporal-frequency",
        tuple(DriftingGrating(f"{tf:g} Hz", temporal_frequency=tf) for tf in frequencies),
        instances=1,
    )


def _contrast() -> StimulusProtocol:
    contrasts = (0.05, 0.1, 0.2, 0.4, 0.8)
    return StimulusProtocol(
        "contrast",
        tuple(DriftingGrating(f"contrast {contrast:g}", contrast=contrast) for contrast in contrasts),
        instances=1,
    )


def _orientation() -> StimulusProtocol:
    phases = (0.0, 90.0, 180.0, 270.0)
    return StimulusProtocol(
        "orientation",
        tuple(StaticGrating(f"phase {phase:g} deg", phase=phase) for phase in phases),
        directions=(0.0, 45.0, 90.0, 135.0),
        instances=1,
    )


def _plaid() -> StimulusProtocol:
    return StimulusProtocol("plaid", (DriftingGrating("grating"), Plaid("plaid")), instances=1)


def _bar() -> StimulusProtocol:
    bars = (MovingBar("light bar", light=True), MovingBar("dark bar", light=False))
    return StimulusProtocol("bar", bars, instances=1, frames=60)


def _flash() -> StimulusProtocol:
    flashes = (FullFieldFlash("light flash", light=True), FullFieldFlash("dark flash", light=False))
    return StimulusProtocol("flash", flashes, directions=(0.0,), instances=1, frames=45)


def _sparse_noise() -> StimulusProtocol:
    # Stimuli of their own rather than instances, over which a recording averages: reverse correlation
    # needs the response to each movie.
    noise = tuple(SparseNoise(f"sparse noise {number}") for number in range(1, 21))
    return StimulusProtocol("sparse-noise", noise, directions=(0.0,), instances=1, frames=90)


_PROTOCOLS: dict[str, Callable[[], StimulusProtocol]] = {
    "paper": _paper,
    "paper-6-medium": lambda: _paper_set("medium"),
    "paper-6-high": lambda: _paper_set("high"),
    "paper-6-physiologist": _physiologist,
    "natural": _natural,
    "tuning": _tuning,
    "temporal-frequency": _temporal_frequency,
    "contrast": _contrast,
    "orientation": _orientation,
    "plaid": _plaid,
    "bar": _bar,
    "flash": _flash,
    "sparse-noise": _sparse_noise,
}
_ALIASES = {"paper-6": "paper-6-medium"}


def protocol_names() -> tuple[str, ...]:
    """Return the names that `protocol` knows, without aliases."""
    return tuple(_PROTOCOLS)


def protocol(name: str) -> StimulusProtocol:
    """Return a protocol by name; ``"paper-6"`` stands for ``"paper-6-medium"``.

    Raises
    ------
    InvalidInput
        If there is no such protocol.

    Examples
    --------
    >>> protocol("paper").shape
    (11, 8, 3)
    """
    build = _PROTOCOLS.get(_ALIASES.get(name, name))
    if build is None:
        raise InvalidInput(
            "There is no protocol of this name.",
            given=name,
            needed="one of " + ", ".join((*_PROTOCOLS, *_ALIASES)),
            remedy="choose one of these or build a StimulusProtocol",
        )
    return build()
