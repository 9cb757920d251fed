"""What the Manifold dock edits, and the options of an encoding manifold it amounts to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from psygnal import SignalGroupDescriptor

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_twinscope.manifolds.encoding.options import EncodingOptions

PROPOSED = 0
"""Stands for the rank that is proposed from several."""
PAPER_RANK = 14
RANKS_TRIED = 3  # fewest that make a curve


@dataclass
class EncodingDraft:
    """Options in the making; every change is announced by ``events``.

    Parameters
    ----------
    preset, stimuli
        See `napari_twinscope.population.TensorOptions`.
    rank
        Components of the factorisation, `PROPOSED` to have it proposed.
    restarts, seed, objective
        See `napari_twinscope.manifolds.EncodingOptions`.
    """

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    preset: str = "corrected"
    stimuli: str = "all"
    rank: int = PAPER_RANK
    restarts: int = 30
    seed: int = 0
    objective: str = "l1"

    def suit(self, names: Iterable[str], units: int) -> None:
        """Take the stimuli and the rank that suit what was recorded, and the preset's restarts."""
        from napari_twinscope.manifolds import EncodingOptions

        names = tuple(names)
        suited = EncodingOptions.for_stimuli(names)
        self.preset, self.stimuli, self.restarts = suited.preset, suited.tensor.stimuli, suited.restarts
        self.rank = suited_rank(names, units)

    def take_preset(self, preset: str) -> None:
        """Take a preset, with its number of restarts."""
        from napari_twinscope.manifolds import EncodingOptions
        from napari_twinscope.population import TensorOptions

        # the tensor is given since a preset may refuse stimuli, which `problems` says
        self.restarts = EncodingOptions.for_stimuli((), preset, tensor=TensorOptions(preset)).restarts
        self.preset = preset


def suited_rank(names: Iterable[str], units: int) -> int:
    """Return a rank to begin with: the papers' for their stimuli, else two components for each stimulus.

    Examples
    --------
    >>> suited_rank(["bars", "dots"], 100), suited_rank(["bars", "dots"], 3)
    (4, 3)
    """
    from napari_twinscope.manifolds import EncodingOptions

    names = tuple(names)
    papers = EncodingOptions.for_stimuli(names).tensor.stimuli != "all"
    return max(1, min(PAPER_RANK if papers else 2 * len(names), PAPER_RANK, units))


def missing_stimuli(choice: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return what a choice of stimuli needs and was not recorded.

    Examples
    --------
    >>> missing_stimuli("all", ["bars"])
    ()
    """
    from napari_twinscope.stimuli import PAPER_SETS

    sets = {"per-unit": tuple(PAPER_SETS), "all": ()}.get(choice, (choice,))
    needed = dict.fromkeys(name for each in sets for name in PAPER_SETS[each])
    there = set(names)
    return tuple(name for name in needed if name not in there)


def problems(draft: EncodingDraft, names: Iterable[str], units: int) -> dict[str, str]:
    """Return what does not fit, by field; empty if all does.

    Parameters
    ----------
    draft
        What was chosen.
    names
        The recorded stimuli.
    units
        How many units were recorded of the stage.
    """
    from napari_twinscope.manifolds import EncodingOptions
    from napari_twinscope.population import TensorOptions

    found: dict[str, str] = {}
    missing = missing_stimuli(draft.stimuli, names)
    if missing:
        found["stimuli"] = f"Not recorded: {', '.join(missing)}."
    else:
        _try(found, "stimuli", lambda: TensorOptions(draft.preset, stimuli=draft.stimuli))
    rank = None if draft.rank == PROPOSED else draft.rank
    for name, value in (("restarts", draft.restarts), ("seed", draft.seed), ("objective", draft.objective)):
        changes: dict[str, Any] = {name: value}
        _try(found, name, lambda changes=changes: EncodingOptions(**changes))
    if not _try(found, "rank", lambda: EncodingOptions(rank=rank)):
        return found
    lowest, _ = EncodingOptions().ranks
    if rank is not None and rank > units:
        found["rank"] = f"More components than the {units} units of this stage."
    elif rank is None and units < lowest + RANKS_TRIED - 1:
        found["rank"] = f"{units} units are too few to propose a rank."
    return found


def resolve_options(draft: EncodingDraft, names: Iterable[str], units: int) -> EncodingOptions:
    """Return the options that a draft describes.

    Parameters
    ----------
    draft, names, units
        As for `problems`.

    Raises
    ------
    InvalidInput
        If something does not fit; the problem of the first such field.
    """
    from napari_twinscope.manifolds import EncodingOptions
    from napari_twinscope.population import TensorOptions

    names = tuple(names)
    for name, problem in problems(draft, names, units).items():
        raise InvalidInput(problem, given=f"{name} {getattr(draft, name)}")
    return EncodingOptions.for_stimuli(
        names,
        draft.preset,
        tensor=TensorOptions(draft.preset, stimuli=draft.stimuli),
        rank=None if draft.rank == PROPOSED else draft.rank,
        restarts=draft.restarts,
        seed=draft.seed,
        objective=draft.objective,
    )


def _try(found: dict[str, str], name: str, make: Any) -> bool:
    """Return whether options can be made, and note under a field's name why not."""
    try:
        make()
    except InvalidInput as error:
        found[name] = error.problem + (f" Needed: {error.needed}." if error.needed else "")
        return False
    return True
