"""What populations of units prefer, how alike they respond, and the tensors that manifolds are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_twinscope.lazy import lazy_names

if TYPE_CHECKING:
    from napari_twinscope.population.bandwidth import spike_bandwidth
    from napari_twinscope.population.comparison import agreement, correlation
    from napari_twinscope.population.dynamics import classifiability, unit_dynamics
    from napari_twinscope.population.measured_units import unit_measures
    from napari_twinscope.population.paper_tuning import paper_selectivity
    from napari_twinscope.population.response_file import open_responses
    from napari_twinscope.population.significance import responsive_classes, spike_counts
    from napari_twinscope.population.smoothing import smooth, spike_rate
    from napari_twinscope.population.tensor import response_tensor
    from napari_twinscope.population.tensor_options import TensorOptions
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
        "TensorOptions": "tensor_options",
        "agreement": "comparison",
        "circular_difference": "tuning",
        "classifiability": "dynamics",
        "correlation": "comparison",
        "direction_tuning": "tuning",
        "open_responses": "response_file",
        "paper_selectivity": "paper_tuning",
        "preferred": "tuning",
        "preferred_class": "tuning",
        "response_tensor": "tensor",
        "responsive_classes": "significance",
        "selectivity": "tuning",
        "smooth": "smoothing",
        "spike_bandwidth": "bandwidth",
        "spike_counts": "significance",
        "spike_rate": "smoothing",
        "unit_dynamics": "dynamics",
        "unit_measures": "measured_units",
    },
)

__all__ = [
    "TensorOptions",
    "agreement",
    "circular_difference",
    "classifiability",
    "correlation",
    "direction_tuning",
    "open_responses",
    "paper_selectivity",
    "preferred",
    "preferred_class",
    "response_tensor",
    "responsive_classes",
    "selectivity",
    "smooth",
    "spike_bandwidth",
    "spike_counts",
    "spike_rate",
    "unit_dynamics",
    "unit_measures",
]
