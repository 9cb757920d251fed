"""What the Rig dock edits, and the recording plan it amounts to."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from psygnal import SignalGroupDescriptor

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    from napari_twinscope.recording import RecordingPlan
    from napari_twinscope.rig.json_fields import Fields
    from napari_twinscope.stimuli import StimulusProtocol

SUFFIX = ".twinscope.zarr"
QUICK_FRAMES = 24


@dataclass
class PlanDraft:
    """A recording in the making; every change is announced by ``events``.

    Parameters
    ----------
    twin
        Name in the catalogue of twins, or ``file:PATH``.
    stages
        Names of the stages to record.
    protocol
        Name of the protocol from which the stimuli are taken.
    stimuli
        Names of the chosen stimulus classes.
    directions
        Movement directions in degrees, counter-clockwise from rightwards.
    instances
        Repetitions of each stimulus with other random elements.
    frames
        Frames of each movie, at the screen's frame rate.
    rule, maps, units_per_map
        Which units are recorded; see `napari_twinscope.recording.Sampling`.
    seed
        Seed of the choice of units.
    device
        ``auto`` or a torch device.
    store_maps
        Stages whose complete activation maps are kept.
    path
        Where the recording is written.
    own
        A protocol made of one's own movie; it is used while `protocol` is its name.
    """

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    twin: str = "demo"
    stages: tuple[str, ...] = ()
    protocol: str = "paper-6"
    stimuli: tuple[str, ...] = ()
    directions: tuple[float, ...] = (0.0, 45.0, 90.0, 135.0, 180.0, 225.0, 270.0, 315.0)
    instances: int = 3
    frames: int = 37
    rule: str = "corrected"
    maps: int = 40
    units_per_map: int = 50
    seed: int = 1
    device: str = "auto"
    store_maps: tuple[str, ...] = ()
    path: str = ""
    own: StimulusProtocol | None = None


def quick_draft(path: Path) -> PlanDraft:
    """Return a recording of the demonstration twin that takes seconds: the papers' six stimuli, few units.

    Parameters
    ----------
    path
        Where it is written.
    """
    from napari_twinscope.stimuli import protocol

    whole = protocol("paper-6")
    return PlanDraft(
        stages=("recurrent_out", "output"),
        protocol=whole.name,
        stimuli=whole.names,
        directions=whole.directions,
        instances=1,
        frames=QUICK_FRAMES,
        rule="uniform",
        maps=20,
        units_per_map=25,
        path=str(path),
    )


def draft_to_dict(draft: PlanDraft) -> dict[str, Any]:
    """Return a draft as plain JSON values."""
    values = {each.name: getattr(draft, each.name) for each in dataclasses.fields(draft)}
    return {**values, "own": None if draft.own is None else draft.own.to_dict()}


def draft_from_dict(fields: Fields) -> PlanDraft:
    """Return the draft that `draft_to_dict` returned; what is lacking is as in a new one.

    Raises
    ------
    InvalidInput
        If a field does not fit.
    """
    from napari_twinscope.stimuli import StimulusProtocol

    new = PlanDraft()
    names = [each.name for each in dataclasses.fields(new) if each.name not in ("own", "directions")]
    values = {name: fields.like(name, getattr(new, name)) for name in names if name in fields}
    if "directions" in fields:
        values["directions"] = fields.numbers("directions", None)
    own = fields.plain("own", None)
    return PlanDraft(**values, own=None if own is None else StimulusProtocol.from_dict(own))


def resolve_protocol(draft: PlanDraft) -> StimulusProtocol:
    """Return the stimuli that a draft describes.

    Raises
    ------
    InvalidInput
        If no stimulus or direction is chosen, or as the protocol's own checks.
    """
    from napari_twinscope.stimuli import protocol

    own = draft.own
    whole = own if own is not None and own.name == draft.protocol else protocol(draft.protocol)
    chosen = tuple(stimulus for stimulus in whole.stimuli if stimulus.name in draft.stimuli)
    if not chosen:
        raise InvalidInput("No stimulus is chosen.", remedy="check at least one stimulus class")
    if not draft.directions:
        raise InvalidInput("No direction is chosen.", remedy="press at least one direction")
    return part_of(
        whole,
        stimuli=tuple(stimulus.name for stimulus in chosen),
        directions=draft.directions,
        instances=draft.instances,
        frames=draft.frames,
    )


def part_of(
    whole: StimulusProtocol,
    stimuli: tuple[str, ...] | None = None,
    directions: tuple[float, ...] | None = None,
    instances: int | None = None,
    frames: int | None = None,
) -> StimulusProtocol:
    """Return a part of a protocol, under a name that says what is different.

    Parameters
    ----------
    whole
        The protocol.
    stimuli, directions, instances
        As of `StimulusProtocol.subset`; there may also be more instances than in the whole.
    frames
        Length of each movie; the whole's if left out.

    Returns
    -------
    StimulusProtocol
        The whole itself where nothing differs.

    Raises
    ------
    InvalidInput
        If the protocol does not hold a stimulus or direction, or cannot be drawn at this length.

    Examples
    --------
    >>> from napari_twinscope.stimuli import protocol
    >>> part_of(protocol("paper-6-medium"), directions=(0.0,), frames=20).name
    'paper-6-medium (part, 20 frames)'
    """
    count = whole.instances if instances is None else instances
    length = whole.frames if frames is None else frames
    part = whole.subset(stimuli, directions, min(count, whole.instances))
    remarks = [] if part == whole else ["part"]
    if count > whole.instances:
        remarks.append(f"{count} instances")
    if length != whole.frames:
        remarks.append(f"{length} frames")
    if not remarks:
        return whole
    name = f"{whole.name} ({', '.join(remarks)})"
    return dataclasses.replace(part, name=name, instances=count, frames=length)


def resolve_plan(draft: PlanDraft) -> RecordingPlan:
    """Return the frozen plan that a draft describes.

    Raises
    ------
    InvalidInput
        If nothing is chosen where something must be, or as the plan's own checks.
    """
    from napari_twinscope.recording import RecordingPlan, Sampling

    if not draft.stages:
        raise InvalidInput("No stage is chosen.", remedy="check at least one stage to record from")
    return RecordingPlan(
        twin=draft.twin,
        protocol=resolve_protocol(draft),
        stages=draft.stages,
        sampling=Sampling(draft.rule, maps=draft.maps, units_per_map=draft.units_per_map),
        device=draft.device,
        seed=draft.seed,
        store_maps=tuple(name for name in draft.store_maps if name in draft.stages),
    )


def resolve_path(draft: PlanDraft) -> Path:
    """Return where the recording goes, with the suffix of recordings.

    Raises
    ------
    InvalidInput
        If no place is given or its folder does not exist.

    Examples
    --------
    >>> resolve_path(PlanDraft(path="first")).name
    'first.twinscope.zarr'
    """
    text = draft.path.strip()
    if not text:
        raise InvalidInput("There is no place for the recording yet.", remedy="choose where to save it")
    path = Path(text).expanduser()
    if not path.name.endswith(SUFFIX):
        path = path.with_name(path.name.removesuffix(".zarr") + SUFFIX)
    if not path.parent.is_dir():
        raise InvalidInput(
            "The folder for the recording does not exist.",
            given=path.parent,
            remedy="create it or choose another place",
        )
    return path
