"""The twin and the cells it was fitted to, recorded on the same movies through the rig."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from napari_twinscope.recording import Recording, RecordingPlan, Sampling, open_recording, record
from napari_twinscope.stimuli import DriftingGrating, MovieFile, StimulusProtocol, protocol
from napari_twinscope.stimuli.stimulus import random_generator
from napari_twinscope.twins.demo import untrained_twin

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr
    from numpy.typing import NDArray

    from napari_twinscope.stimuli import Screen
    from napari_twinscope.twins import Twin
    from napari_twinscope.twins.network_twin import NetworkTwin
    from napari_twinscope.twins.simulated import SimulatedCortex

LEFT_OUT = {"plaid": ("plaid",), "bar": None, "sparse-noise": tuple(f"sparse noise {n}" for n in range(1, 7))}
"""Classes that no training movie shows, and which stimuli of their protocol are taken; None for all."""


@dataclass(frozen=True)
class Pair:
    """Responses of the twin and of the cells to the same movies, dims (unit, stimulus, direction, time)."""

    twin: xr.DataArray
    truth: xr.DataArray


def untrained_control(twin: NetworkTwin) -> NetworkTwin:
    """Return the demonstration network before any training, whose units read at the twin's positions."""
    import torch

    control = untrained_twin()
    with torch.no_grad():
        control.network.readout.position.mu.copy_(twin.network.readout.position.mu)
    return control


def record_units(
    twin: Twin, shown: StimulusProtocol, path: Path, stages: tuple[str, ...] = ("output",)
) -> Recording:
    """Record every unit of some stages; all stages if none is named."""
    plan = RecordingPlan(
        twin=twin.id, protocol=shown, stages=stages, sampling=Sampling("all"), device=twin.device
    )
    record(plan, path, twin=twin)
    return open_recording(path)


def record_pair(twin: Twin, cortex: SimulatedCortex, shown: StimulusProtocol, folder: Path) -> Pair:
    """Record the responses of the twin and of the cells."""
    name = shown.name.replace(" ", "-")
    responses = []
    for who in (twin, cortex):
        recording = record_units(who, shown, folder / f"{name}-{who.id}.twinscope.zarr")
        responses.append(recording.responses("output").load())
        recording.close()
    return Pair(*responses)


def held_out_clips(folder: Path, clips: int, frames: int) -> StimulusProtocol:
    """Return a protocol of movies that were not trained on, written to a folder to be recorded from."""
    from napari_twinscope.training.movies import held_out_movie

    stimuli = []
    for index in range(clips):
        path = folder / f"clip{index:03}.npy"
        np.save(path, held_out_movie(index, frames))
        stimuli.append(MovieFile(f"clip {index}", path=str(path), resize="none"))
    return StimulusProtocol("held-out", tuple(stimuli), (0.0,), instances=1, frames=frames)


def training_clips(folder: Path, clips: int, frames: int, *, seen: bool) -> StimulusProtocol:
    """Return a protocol of the first movies of training, or of others drawn in the same way."""
    from napari_twinscope.training import DemoRecipe
    from napari_twinscope.training.movies import training_movie

    seed, name = DemoRecipe().seed + (not seen), "training clips" if seen else "clips like those of training"
    stimuli = []
    for index in range(clips):
        path = folder / f"training{seed}-{index:03}.npy"
        np.save(path, training_movie(seed, index, frames))
        stimuli.append(MovieFile(f"clip {index}", path=str(path), resize="none"))
    return StimulusProtocol(name, tuple(stimuli), (0.0,), instances=1, frames=frames)


def left_out_movies(name: str, frames: int | None = None) -> StimulusProtocol:
    """Return a protocol of a class that was left out of training, shortened to a number of frames."""
    whole = protocol(name)
    part = whole.subset(LEFT_OUT.get(name), instances=1)
    return replace(part, name=name, frames=frames or whole.frames)


@dataclass(frozen=True)
class PhasedGrating(DriftingGrating):
    """A grating whose phase is another in each instance and direction."""

    varies: ClassVar[bool] = True

    def render(
        self, direction: float, instance: int, frames: int, screen: Screen, seed: int
    ) -> NDArray[np.uint8]:
        """Draw one movie; see `Stimulus.render`."""
        phase = random_generator(seed, self.name, float(direction % 360), int(instance)).uniform(0, 360)
        return replace(self, phase=self.phase + phase).steady().render(direction, 0, frames, screen, seed)

    def steady(self) -> DriftingGrating:
        """Return the grating of this very phase."""
        return DriftingGrating(**{field.name: getattr(self, field.name) for field in fields(DriftingGrating)})


def instances_apart(shown: StimulusProtocol, count: int) -> tuple[StimulusProtocol, ...]:
    """Return protocols that show one instance each, as a recording averages over instances.

    Dots have other positions in each. A grating has no instances of its own; here it gets a random phase
    in each: otherwise its movies would be the same, and telling them no test.
    """
    stimuli = tuple(
        PhasedGrating(**{field.name: getattr(s, field.name) for field in fields(s)})
        if isinstance(s, DriftingGrating)
        else s
        for s in shown.stimuli
    )
    return tuple(
        replace(shown, name=f"{shown.name} {k + 1}", stimuli=stimuli, instances=1, seed=shown.seed + k)
        for k in range(count)
    )
