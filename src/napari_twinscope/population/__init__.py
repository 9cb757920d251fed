"""What populations of units prefer, and how alike two populations respond."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_twinscope.lazy import lazy_names

if TYPE_CHECKING:
    from napari_twinscope.population.comparison import agreement, correlation
    from napari_twinscope.population.paper_tuning import paper_selectivity
    from napari_twinscope.population.tuning import (
        circular_difference,
        direction_tuning,
        preferred,
        preferred_class,
        selectivity,
    )

__getattr__ = lazy_names(
    __name__,
    {
        "agreement": "comparison",
        "circular_difference": "tuning",
        "correlation": "comparison",
        "direction_tuning": "tuning",
        "paper_selectivity": "paper_tuning",
        "preferred": "tuning",
        "preferred_class": "tuning",
        "selectivity": "tuning",
    },
)

__all__ = [
    "agreement",
    "circular_difference",
    "correlation",
    "direction_tuning",
    "paper_selectivity",
    "preferred",
    "preferred_class",
    "selectivity",
]
