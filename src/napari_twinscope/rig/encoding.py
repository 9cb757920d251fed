"""What is known of the units of a stage: their encoding manifold, or a first look, and their measures."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

from napari_twinscope.errors import InvalidInput, TwinscopeError
from napari_twinscope.rig.components import principal_components
from napari_twinscope.rig.measures import measures_of_manifold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import xarray as xr

    from napari_twinscope.manifolds.encoding.options import EncodingOptions
    from napari_twinscope.manifolds.encoding.result import EncodingManifold
    from napari_twinscope.progress import Progress
    from napari_twinscope.recording import Recording
    from napari_twinscope.rig.components import PrincipalComponents
    from napari_twinscope.rig.measures import Measure


@dataclass(frozen=True, eq=False)
class Look:
    """How the units of one stage are looked at.

    Parameters
    ----------
    manifold
        The encoding manifold that is shown; ``None`` while it is the principal components.
    components
        The principal components, once they were made.
    stored
        Options of the manifolds that the recording holds, the latest last.
    unstored
        Manifolds that could not be stored, as in a folder that cannot be written.
    placed, recorded, own
        Measures of units by name: of the manifold shown, of the responses as recorded, and of tables.
    problem
        Why what was asked for is not there.
    """

    manifold: EncodingManifold | None = None
    components: PrincipalComponents | None = None
    stored: tuple[EncodingOptions, ...] = ()
    unstored: tuple[EncodingManifold, ...] = ()
    placed: Mapping[str, Measure] = field(default_factory=dict)
    recorded: Mapping[str, Measure] = field(default_factory=dict)
    own: Mapping[str, Measure] = field(default_factory=dict)
    problem: BaseException | None = None

    @property
    def choices(self) -> tuple[EncodingOptions, ...]:
        """Options of all manifolds that can be shown."""
        return (*self.stored, *(manifold.options for manifold in self.unstored))

    @property
    def shown(self) -> EncodingOptions | None:
        """Options of the manifold that is shown; ``None`` for the principal components."""
        return None if self.manifold is None else self.manifold.options

    @property
    def is_ready(self) -> bool:
        """Whether there is something to show, or a reason why not."""
        return self.manifold is not None or self.components is not None or self.problem is not None

    def after(self, before: Look) -> Look:
        """Return this look with what is still true of the one before."""
        unstored = {manifold.options: manifold for manifold in before.unstored}
        if self.manifold is not None:
            unstored[self.manifold.options] = self.manifold
        return replace(
            self,
            components=before.components if self.components is None else self.components,
            recorded=self.recorded or before.recorded,
            own=self.own or before.own,
            unstored=tuple(made for options, made in unstored.items() if options not in self.stored),
        )


def first_look(recording: Recording, stage: str, responses: xr.DataArray) -> Look:
    """Open the latest manifold that a recording holds of a stage, or else take the principal components.

    Parameters
    ----------
    recording, stage
        What was recorded.
    responses
        Of the stage, dims (unit, stimulus, direction, time).

    Returns
    -------
    Look
        With a problem where a stored manifold cannot be opened, or the stage has no components.
    """
    from napari_twinscope.manifolds import stored_encoding_manifolds

    try:
        stored = stored_encoding_manifolds(recording, stage)
    except TwinscopeError as error:  # made by a later version, or damaged
        return replace(components_look(responses), problem=error)
    if not stored:
        return components_look(responses)
    opened = stored_look(recording, stage, stored[-1])
    if opened.manifold is not None:
        return opened
    return replace(components_look(responses), stored=stored, problem=opened.problem)


def components_look(responses: xr.DataArray, stored: Sequence[EncodingOptions] = ()) -> Look:
    """Take the principal components of the responses.

    Parameters
    ----------
    responses
        Dims (unit, stimulus, direction, time).
    stored
        Options of the manifolds that the recording holds.
    """
    try:
        return Look(components=principal_components(responses), stored=tuple(stored))
    except InvalidInput as error:
        return Look(stored=tuple(stored), problem=error)


def stored_look(recording: Recording, stage: str, options: EncodingOptions) -> Look:
    """Open a manifold that a recording holds.

    Parameters
    ----------
    recording, stage
        What was recorded.
    options
        Those with which the manifold was made.
    """
    from napari_twinscope.manifolds import open_encoding_manifold, stored_encoding_manifolds

    stored = stored_encoding_manifolds(recording, stage)
    try:
        return manifold_look(open_encoding_manifold(recording, stage, options), stored)
    except TwinscopeError as error:
        return Look(stored=stored, problem=error)


def wanted_look(
    recording: Recording, stage: str, responses: xr.DataArray, options: EncodingOptions | None
) -> Look:
    """Open the manifold that was asked for; without it the principal components, with the problem.

    Parameters
    ----------
    recording, stage, responses
        As for `first_look`.
    options
        Those of the manifold; ``None`` asks for the principal components.
    """
    from napari_twinscope.manifolds import stored_encoding_manifolds

    if options is None:
        return components_look(responses, stored_encoding_manifolds(recording, stage))
    opened = stored_look(recording, stage, options)
    if opened.manifold is not None:
        return opened
    return replace(components_look(responses, opened.stored), problem=opened.problem)


def chosen_look(
    recording: Recording, stage: str, responses: xr.DataArray, look: Look, options: EncodingOptions | None
) -> Look:
    """Look at another manifold of a stage than before, stored or not, or at the principal components.

    Parameters
    ----------
    recording, stage, responses
        As for `first_look`.
    look
        How the stage was looked at before.
    options
        Those of the manifold; ``None`` asks for the principal components.
    """
    kept = next((made for made in look.unstored if made.options == options), None)
    if kept is not None:
        return manifold_look(kept, look.stored)
    return wanted_look(recording, stage, responses, options)


def computed_look(recording: Recording, stage: str, options: EncodingOptions, progress: Progress) -> Look:
    """Compute the encoding manifold of a stage, or find in the recording what of it is there.

    Parameters
    ----------
    recording, stage
        What was recorded.
    options
        How to do it.
    progress
        Told about each step; may cancel.

    Raises
    ------
    InvalidInput, StoreError, Canceled
        As `manifolds.encoding_manifold`.
    """
    from napari_twinscope.manifolds import encoding_manifold, stored_encoding_manifolds

    made = encoding_manifold(recording, stage, options, progress=progress)
    return manifold_look(made, stored_encoding_manifolds(recording, stage))


def manifold_look(manifold: EncodingManifold, stored: Sequence[EncodingOptions]) -> Look:
    """Return how a manifold is looked at.

    Parameters
    ----------
    manifold
        The manifold.
    stored
        Options of the manifolds that the recording holds.
    """
    return Look(manifold=manifold, stored=tuple(stored), placed=measures_of_manifold(manifold))


def choice_labels(options: Sequence[EncodingOptions]) -> tuple[str, ...]:
    """Return a short name for each of several options: rank, preset, and in what else they differ.

    Examples
    --------
    >>> from napari_twinscope.manifolds import EncodingOptions
    >>> choice_labels([EncodingOptions(rank=9), EncodingOptions(rank=9, seed=1)])
    ('rank 9 · corrected · seed 0', 'rank 9 · corrected · seed 1')
    """
    said = []
    differing = [f.name for f in fields(options[0]) if _differ(options, f.name)] if options else []
    for how in options:
        rank = "proposed rank" if how.rank is None else f"rank {how.rank}"
        more = [_words(how, name) for name in differing if name != "rank"]
        said.append(" · ".join([rank, how.preset, *(text for text in more if text)]))
    return tuple(
        f"{text} · {how.hash[:6]}" if said.count(text) > 1 else text
        for text, how in zip(said, options, strict=True)
    )


def _differ(options: Sequence[EncodingOptions], name: str) -> bool:
    return any(getattr(how, name) != getattr(options[0], name) for how in options)


def _words(options: EncodingOptions, name: str) -> str:
    if name == "tensor":
        return f"stimuli {options.tensor.stimuli}"
    return f"{name.replace('_', ' ')} {getattr(options, name)}"
