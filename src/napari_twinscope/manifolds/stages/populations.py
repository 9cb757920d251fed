"""What is compared: the stages of recordings, and populations that were recorded elsewhere."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.decoding.conditions import DIMS, conditions, recorded_frames
from napari_twinscope.population.response_file import open_responses
from napari_twinscope.recording.recording import Recording
from napari_twinscope.stimuli import paper_stimuli

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_PAPERS = {stimulus.name: stimulus.label for stimulus in paper_stimuli()}


@dataclass(frozen=True, eq=False)
class Population:
    """One row of a comparison.

    Attributes
    ----------
    name
        Unique among those that are compared: the stage, with its recording where there are several.
    recording, stage
        Names of both; the recording is empty for an imported population.
    given
        Responses as they were given, dims unit, stimulus, direction, time in any order.
    source
        The recording; ``None`` for an imported population.
    """

    name: str
    recording: str
    stage: str
    given: xr.DataArray = field(repr=False)
    source: Recording | None = field(default=None, repr=False)

    @property
    def imported(self) -> bool:
        """Whether it is no recording of a twin."""
        return self.source is None

    @property
    def path(self) -> Path | None:
        """Where results of it are kept; ``None`` for an imported population."""
        return None if self.source is None else self.source.path

    @property
    def shows_papers(self) -> bool:
        """Whether it was shown the papers' eleven stimuli."""
        return {str(name) for name in self.given["stimulus"].values} == set(_PAPERS)

    @cached_property
    def responses(self) -> xr.DataArray:
        """The responses (unit, stimulus, direction, time) in memory, the same whatever their order on disk.

        Stimuli by name, directions and times ascending.

        Raises
        ------
        InvalidInput
            If the dims do not fit, stimuli or directions are not usable, a response is missing or infinite,
            or no unit varies.
        """
        try:
            ordered = conditions(self.given, "corrected", "all", rectify=False)
            recorded_frames(ordered, every=True)
        except InvalidInput as error:
            raise about(self.name, error) from error
        single = self.given.dtype == np.float32  # half the memory, the same numbers
        return ordered.astype(np.float32) if single else ordered

    @cached_property
    def key(self) -> str:
        """Sixteen hexadecimal digits that identify the responses and all that names them."""
        digest = hashlib.sha256(self.stage.encode())
        digest.update(json.dumps([str(name) for name in self.responses["stimulus"].values]).encode())
        for name in ("direction", "time"):
            if name in self.responses.coords:
                digest.update(np.ascontiguousarray(self.responses[name].values, dtype=np.float64).tobytes())
        values = np.ascontiguousarray(self.responses.values)
        digest.update(f"{values.dtype.str} {values.shape}".encode())
        digest.update(values.tobytes())
        return digest.hexdigest()[:16]

    def in_stored_order(self) -> xr.DataArray:
        """Return the responses with stimuli as they were given, which the published presets go by."""
        order = [str(name) for name in self.given["stimulus"].values]
        return self.responses.sel(stimulus=order)

    def provenance(self) -> dict[str, Any]:
        """Return where the responses are from, as plain JSON values."""
        facts: dict[str, Any] = {"population": self.name, "units": int(self.responses.sizes["unit"])}
        facts |= {
            "stimuli": [str(name) for name in self.responses["stimulus"].values],
            "directions": [float(angle) for angle in self.responses["direction"].values],
            "frames": int(self.responses.sizes["time"]),
            "responses": self.key,
        }
        recording = self.source
        if recording is None:
            return facts | {"imported": str(self.given.attrs.get("source", "given as an array"))}
        info, attributes = recording.stage_info(self.stage), recording.attributes
        return facts | {
            "recording": recording.path.name,
            "stage": self.stage,
            "paper_name": str(info.get("paper_name", "")),
            "twin": recording.twin_id,
            "twin_title": str(recording.twin.get("title", "")),
            "twin_checksum": str(recording.twin.get("checksum", "")),
            "twin_status": recording.status,
            "protocol": recording.protocol.name,
            "sampling": recording.plan.sampling.rule,
            "recording_seed": recording.plan.seed,
            "plan_hash": str(attributes.get("plan_hash", recording.plan.hash)),
            "recorded": str(attributes.get("created", "")),
            "recorded_with": dict(attributes.get("versions", {})),
        }


def populations_of(
    recordings: Recording | Sequence[Recording],
    stages: Sequence[str] | None = None,
    others: Mapping[str, xr.DataArray | str | Path] | None = None,
) -> tuple[Population, ...]:
    """Return what is compared: stages in the order of the data, recording by recording, then the others.

    Parameters
    ----------
    recordings
        One or several, from `open_recording`.
    stages
        Names of stages; each is taken from every recording that holds it. ``None`` takes all.
    others
        Imported populations by name: arrays, or files that `open_responses` reads.

    Raises
    ------
    InvalidInput
        If nothing is given, no recording holds a stage, a name is given twice, or an imported array or
        file does not fit.
    """
    given = [recordings] if isinstance(recordings, Recording) else list(recordings)
    wanted = None if stages is None else [str(stage) for stage in stages]
    known = [stage for recording in given for stage in recording.stages]
    unknown = [stage for stage in wanted or () if stage not in known]
    if unknown:
        raise InvalidInput(
            "No recording holds this stage.",
            given=", ".join(unknown),
            needed=", ".join(dict.fromkeys(known)) or "a recording with stages",
        )
    found = []
    names = _numbered([recording.name for recording in given])
    for recording, label in zip(given, names, strict=True):
        for stage in recording.stages:
            if wanted is None or stage in wanted:
                name = f"{label}: {stage}" if len(given) > 1 else stage
                found.append(Population(name, label, stage, recording.responses(stage), recording))
    for name, other in (others or {}).items():
        array = other if isinstance(other, xr.DataArray) else open_responses(other)
        if set(array.dims) != set(DIMS) or "stimulus" not in array.coords:
            raise InvalidInput(
                f"{name}: these are not the responses of a population.",
                given=", ".join(f"{dim} {size}" for dim, size in array.sizes.items()),
                needed=", ".join(DIMS) + ", with named stimuli",
            )
        found.append(Population(name, "", name, array))
    if not found:
        raise InvalidInput("There is nothing to compare.", needed="a recording with a stage")
    clash = {one.name for one in found if sum(one.name == other.name for other in found) > 1}
    if clash:
        raise InvalidInput("Two populations have one name.", given=", ".join(sorted(clash)))
    return tuple(found)


def classes(responses: xr.DataArray) -> tuple[str, ...]:
    """Return the stimuli of responses, those of the papers by their class, sorted."""
    return tuple(sorted(_PAPERS.get(str(name), str(name)) for name in responses["stimulus"].values))


def about(name: str, error: InvalidInput) -> InvalidInput:
    """Return an error that says of which population it speaks."""
    return InvalidInput(
        f"{name}: {error.problem}", given=error.given, needed=error.needed, remedy=error.remedy
    )


def _numbered(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    made = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        made.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return made
