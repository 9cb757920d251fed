"""The encoding manifold: units of one stage in a space in which neighbours respond alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_twinscope.errors import StoreError
from napari_twinscope.manifolds.encoding.chain import Chain, remembered
from napari_twinscope.manifolds.encoding.options import EncodingOptions
from napari_twinscope.manifolds.encoding.result import EncodingManifold
from napari_twinscope.progress import Progress, SilentProgress

if TYPE_CHECKING:
    from napari_twinscope.recording import Recording


def encoding_manifold(
    recording: Recording,
    stage: str,
    options: EncodingOptions | None = None,
    *,
    device: str = "auto",
    progress: Progress | None = None,
) -> EncodingManifold:
    """Place the units of a stage on their encoding manifold.

    The steps: response tensor, factorisation with a free shift over directions, neural matrix, adaptive
    neighbourhoods, diffusion map, local dimension, clusters, feature maps. Each is kept in the recording
    under ``/analysis``, and found there if its own options and all before it are the same. The order in
    which units were recorded does not matter.

    Parameters
    ----------
    recording
        From `open_recording`.
    stage
        One of its stages.
    options
        How to do it; by default `EncodingOptions.for_stimuli` of what was recorded, corrected.
    device
        Where to factorise: ``auto``, ``cpu``, ``cuda``...
    progress
        Told about each step; may cancel between steps, and within the long ones.

    Raises
    ------
    InvalidInput
        If the responses or the options do not allow a step, as with fewer units than components.
    StoreError
        If the stage was not recorded.
    Canceled
        If the user stops the job; what is finished is kept.

    References
    ----------
    Dyballa et al. (2024), PNAS 121, e2317773121, doi:10.1073/pnas.2317773121; arXiv 2601.21508.
    """
    chosen = options or EncodingOptions.for_stimuli(recording.protocol.names)
    chain = Chain(recording, stage, chosen, device)
    chain.run(progress or SilentProgress())
    return EncodingManifold(recording, chain)


def open_encoding_manifold(
    recording: Recording, stage: str, options: EncodingOptions | None = None
) -> EncodingManifold:
    """Read an encoding manifold that was computed before; nothing is computed.

    Parameters
    ----------
    recording, stage
        As for `encoding_manifold`.
    options
        Those with which it was made; by default those of the latest one of this stage.

    Raises
    ------
    StoreError
        If it is not there, or damaged.
    """
    if options is None:
        made = stored_encoding_manifolds(recording, stage)
        if not made:
            raise StoreError(
                f"The recording holds no encoding manifold of {stage}.",
                given=recording.path,
                remedy="compute it: encoding_manifold(recording, stage)",
            )
        options = made[-1]
    chain = Chain(recording, stage, options)
    chain.open()
    return EncodingManifold(recording, chain)


def stored_encoding_manifolds(recording: Recording, stage: str) -> tuple[EncodingOptions, ...]:
    """Return the options of the encoding manifolds of a stage that the recording holds, the latest last."""
    entries = [entry for entry in remembered(recording.path) if entry.get("stage") == stage]
    return tuple(EncodingOptions.from_dict(entry["options"]) for entry in entries)
