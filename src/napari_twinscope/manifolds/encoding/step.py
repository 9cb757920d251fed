"""What a step of the chain to an encoding manifold is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import xarray as xr

    from napari_twinscope.manifolds.encoding.options import EncodingOptions
    from napari_twinscope.progress import Progress

    Results: TypeAlias = Mapping[str, xr.Dataset]


@dataclass(frozen=True)
class Run:
    """What a step is told besides the results that it takes.

    Attributes
    ----------
    options
        Of the whole chain.
    device
        Where to factorise.
    progress
        Told how far the step is; may cancel it.
    """

    options: EncodingOptions
    device: str
    progress: Progress


@dataclass(frozen=True)
class Step:
    """One step of the chain.

    Attributes
    ----------
    kind
        Name of its result.
    title
        What it does, as shown while it runs.
    takes
        Kinds of the results that it takes; ``"responses"`` are what was recorded.
    reads
        Names of the options that it depends on.
    make
        Returns its result.
    reports
        Whether it tells its progress itself.
    version
        Raised when the same input and options give another result.
    """

    kind: str
    title: str
    takes: tuple[str, ...]
    reads: tuple[str, ...]
    make: Callable[[Results, Run], xr.Dataset]
    reports: bool = False
    version: int = 1
