"""How an encoding manifold is made: the options of every step, and the papers' presets."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.graph.coverage import STATISTICS
from napari_twinscope.manifolds.graph.outliers import METHODS
from napari_twinscope.population.tensor_options import PRESETS, TensorOptions
from napari_twinscope.specification import Specification
from napari_twinscope.stimuli import PAPER_SETS

if TYPE_CHECKING:
    from collections.abc import Iterable

_OBJECTIVES = ("l1", "greedy")


@dataclass(frozen=True)
class EncodingOptions(Specification):
    """How `encoding_manifold` gets from responses to a manifold; the defaults are the papers', corrected.

    Parameters
    ----------
    tensor
        How responses are prepared; its ``preset`` is that of the whole chain. With a published one,
        degrees and same-map edges are counted on the kernel, which is nearly dense, and the measures of
        units are those of the public code.
    rank
        Number of components of the factorisation; ``None`` takes what `choose_rank` proposes among
        `ranks`, which means a factorisation for each of them.
    restarts, seed
        Random starts of the factorisation, of which the best counts, and what they are drawn from.
    ranks, rank_restarts
        The lowest and the highest rank that is tried where none is given, and the restarts of each.
    variance
        As many principal components of the neural matrix are kept as explain more than this share of its
        variance; ``None`` keeps the matrix itself.
    farthest, closest
        Units left out as outliers: those with the largest and the smallest distances to their nearest
        neighbour.
    objective, n_stds, max_prune, stdev_method, kernel_statistic, nearest
        Of the neighbourhood graph: see `adaptive_neighborhoods`.
    n_components, alpha
        Coordinates of the diffusion map, as many as the units allow, and how far the density of units is
        divided out.
    dimension_order
        Steps on the graph within which the local dimension is measured.
    cluster_components
        Coordinates in which clusters are sought; ``None`` takes as many as there are principal components
        of the neural matrix.
    cluster_size
        Fewest units of a cluster.

    Raises
    ------
    InvalidInput
        If a value does not fit.

    References
    ----------
    arXiv 2601.21508 and arXiv 2512.07869 with their public code; Dyballa et al. (2024), PNAS 121,
    e2317773121, doi:10.1073/pnas.2317773121

    Examples
    --------
    >>> EncodingOptions(rank=14).restarts
    30
    >>> EncodingOptions.published_2025(rank=9).farthest
    3
    """

    tensor: TensorOptions = field(default_factory=TensorOptions)
    rank: int | None = None
    restarts: int = 30
    seed: int = 0
    ranks: tuple[int, int] = (2, 20)
    rank_restarts: int = 5
    variance: float | None = 0.8
    farthest: int = 0
    closest: int = 0
    objective: str = "l1"
    n_stds: float = 4.5
    max_prune: float | None = 0.1
    stdev_method: str = "C3"
    kernel_statistic: str | None = "median"
    nearest: int | None = None
    n_components: int = 20
    alpha: float = 1.0
    dimension_order: int = 2
    cluster_components: int | None = None
    cluster_size: int = 10

    def __post_init__(self) -> None:
        if not isinstance(self.tensor, TensorOptions):
            raise InvalidInput("The options of the tensor are of another kind.", given=self.tensor)
        for name, lowest in (
            ("rank", 1),
            ("restarts", 1),
            ("seed", 0),
            ("rank_restarts", 1),
            ("farthest", 0),
            ("closest", 0),
            ("n_components", 1),
            ("dimension_order", 1),
            ("cluster_components", 1),
            ("nearest", 2),
            ("cluster_size", 2),
        ):
            optional = name in ("rank", "cluster_components", "nearest")
            value = getattr(self, name)
            if not (optional and value is None) and not _whole(value, lowest):
                raise InvalidInput(
                    f"{name} does not fit.", given=value, needed=f"a whole number from {lowest}"
                )
        if (
            len(self.ranks) != 2
            or not _whole(self.ranks[0], 2)
            or not _whole(self.ranks[1], self.ranks[0] + 2)
        ):
            raise InvalidInput(
                "ranks are the lowest and the highest to try.",
                given=self.ranks,
                needed="three or more ranks from 2 on, as (2, 20)",
            )
        if self.variance is not None and not 0 < self.variance < 1:
            raise InvalidInput("variance is a share between 0 and 1.", given=self.variance)
        for name, known in (
            ("objective", _OBJECTIVES),
            ("stdev_method", METHODS),
            ("kernel_statistic", (*STATISTICS, None)),
        ):
            if getattr(self, name) not in known:
                raise InvalidInput(
                    f"There is no such {name}.", given=getattr(self, name), needed=", ".join(map(str, known))
                )
        if not (math.isfinite(self.n_stds) and self.n_stds > 0):
            raise InvalidInput("n_stds must be a positive number.", given=self.n_stds)
        if self.max_prune is not None and not (_whole(self.max_prune, 1) or 0 < self.max_prune < 1):
            raise InvalidInput(
                "max_prune does not fit.",
                given=self.max_prune,
                needed="a fraction between 0 and 1, a whole number from 1, or None",
            )
        if not math.isfinite(self.alpha):
            raise InvalidInput("alpha must be a finite number.", given=self.alpha)

    @property
    def preset(self) -> str:
        """``"corrected"``, ``"published-2025"`` or ``"published-2026"``."""
        return self.tensor.preset

    @classmethod
    def published_2025(cls, **changes: Any) -> Self:
        """Return the settings of the public code of December 2025: 13 outliers, 50 restarts.

        The outliers of the publication were picked by hand; these are as many, by the same measure.
        """
        return cls._published("published-2025", (3, 10), changes)

    @classmethod
    def published_2026(cls, **changes: Any) -> Self:
        """Return the settings of the later public code: 7 outliers, 50 restarts."""
        return cls._published("published-2026", (2, 5), changes)

    @classmethod
    def _published(cls, preset: str, outliers: tuple[int, int], changes: dict[str, Any]) -> Self:
        farthest, closest = outliers
        settings: dict[str, Any] = {"restarts": 50, "farthest": farthest, "closest": closest}
        return cls(**({"tensor": TensorOptions(preset)} | settings | changes))

    @classmethod
    def for_stimuli(cls, names: Iterable[str], preset: str = "corrected", **changes: Any) -> Self:
        """Return the settings of a preset, with what was recorded of the papers' stimuli.

        Of the papers' eleven classes each unit gets the six of its spatial frequencies; of one set of six
        all units get these; any other stimuli are all taken as they are.

        Parameters
        ----------
        names
            The recorded stimuli, such as ``recording.protocol.names``.
        preset
            ``"corrected"``, ``"published-2025"`` or ``"published-2026"``.
        **changes
            Options other than those of the preset.

        Raises
        ------
        InvalidInput
            If the preset is unknown or cannot take these stimuli, or an option does not fit.

        Examples
        --------
        >>> EncodingOptions.for_stimuli(["bars", "dots"], rank=2).tensor.stimuli
        'all'
        """
        if preset not in PRESETS:
            raise InvalidInput("There is no such preset.", given=preset, needed=", ".join(PRESETS))
        if "tensor" not in changes:
            changes["tensor"] = TensorOptions(preset, stimuli=_recorded_set(set(names)))
        if preset == "published-2025":
            return cls.published_2025(**changes)
        if preset == "published-2026":
            return cls.published_2026(**changes)
        return cls(**changes)


def _recorded_set(names: set[str]) -> str:
    """Return which of the papers' choices of stimuli these names allow."""
    there = [name for name, wanted in PAPER_SETS.items() if set(wanted) <= names]
    if len(there) > 1:
        return "per-unit"
    return there[0] if there else "all"


def _whole(value: Any, lowest: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= lowest
