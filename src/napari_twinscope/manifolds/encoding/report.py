"""What an encoding manifold came from and how it went, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_twinscope.manifolds.encoding.result import EncodingManifold

_SHOWN = 6  # names of dropped units in one line


def report_of(manifold: EncodingManifold) -> str:
    """Return the report of `EncodingManifold.report`.

    Parameters
    ----------
    manifold
        From `encoding_manifold`.
    """
    results, options = manifold.results, manifold.options
    restarts, graph, purity = manifold.restarts, results["neighborhoods"], manifold.purity
    errors = restarts["error_percent"].to_numpy()
    where = f"chosen among {options.ranks[0]} to {options.ranks[1]}" if options.rank is None else "as given"
    isolated, pieces = len(manifold.isolated), results["map"].attrs["components"]
    labels = manifold.clusters
    lines = [
        ("units", f"{int(manifold.on_map.sum())} on the map, of {len(manifold.units)} recorded"),
        *_dropped(manifold),
        ("preset", f"{options.preset}, stimuli {options.tensor.stimuli}, options {options.hash}"),
        ("rank", f"{manifold.rank}, {where}"),
        (
            "error",
            f"{manifold.error_percent:.4f} % of the squared responses",
        ),
        (
            "restarts",
            f"{len(restarts)}, {int(restarts['converged'].sum())} converged; errors: "
            f"median {np.median(errors):.4f} %, worst {errors.max():.4f} %",
        ),
        (
            "neural matrix",
            f"{results['neural_matrix'].sizes['used_component']} components, "
            f"{results['neural_matrix'].sizes['coordinate']} coordinates",
        ),
        (
            "edges",
            f"{graph.sizes['initial_edge']} before pruning, {graph.sizes['edge']} after, "
            f"{graph.sizes['iteration']} iterations ({options.objective})"
            + ("" if graph.attrs["converged"] else ", not converged"),
        ),
        ("scales", f"cover {graph.attrs['kernel_coverage']:.3f} of each edge for the kernel (C)"),
        ("graph", f"{isolated} isolated units; the kernel has {pieces} connected parts"),
        ("eigenvalues", ", ".join(f"{value:.3f}" for value in manifold.eigenvalues[:5])),
        ("dimension", _median(manifold.local_dimension)),
        (
            "clusters",
            f"{labels.max() + 1}, {int(((labels < 0) & manifold.on_map).sum())} units in none, "
            f"in {results['clusters'].attrs['coordinates']} coordinates",
        ),
        (
            "feature maps",
            f"cluster purity {_number(purity.weighted_purity)}, "
            f"shuffled {_number(float(np.mean(purity.null)))}; "
            f"edges within a map {_number(purity.edge_share)}, by chance {_number(purity.chance_share)}",
        ),
        *_times(manifold),
        *[("notice", notice) for notice in manifold.notices],
    ]
    width = max(len(name) for name, _ in lines)
    title = f"Encoding manifold of {manifold.stage}"
    return "\n".join([title, *[f"  {name:<{width}}  {text}" for name, text in lines]])


def _dropped(manifold: EncodingManifold) -> list[tuple[str, str]]:
    lines = []
    for reason, group in manifold.dropped.groupby("reason", sort=False):
        twins = group["duplicate_of"]
        names = [
            f"{name} (as {twin})" if twin else name
            for name, twin in zip(group["unit_id"], twins, strict=True)
        ]
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        lines.append(("dropped", f"{len(names)}, {reason}: {', '.join(names[:_SHOWN])}{more}"))
    return lines


def _times(manifold: EncodingManifold) -> list[tuple[str, str]]:
    def text(kind: str) -> str:
        stored = "" if kind in manifold.computed else ", found in the recording"
        return f"{manifold.results.seconds(kind):.2f} s{stored}"

    return [(f"time of {kind.replace('_', ' ')}", text(kind)) for kind in manifold.results]


def _median(values: NDArray[np.float64]) -> str:
    known = values[np.isfinite(values)]
    if not len(known):
        return "not known"
    low, middle, high = np.percentile(known, [25, 50, 75])
    return f"median {middle:.2f}, quartiles {low:.2f} and {high:.2f}"


def _number(value: float) -> str:
    return f"{value:.2f}" if np.isfinite(value) else "none"
