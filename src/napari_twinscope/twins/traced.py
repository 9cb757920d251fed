"""The values of a network that can be recorded: what they are called, and how far to compute for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_twinscope.twins.config import NetworkConfig


def traced_names(config: NetworkConfig, projections: int) -> tuple[str, ...]:
    """Return the names of all values, in the order in which they are computed.

    Parameters
    ----------
    config
        Sizes of the network.
    projections
        Number of inputs of the recurrent part that are projected.
    """
    names = [f"perspective.{name}" for name in ("angles", "rmat", "sample_grid", "sampled", "out")]
    names += [f"modulation.{name}" for name in ["mlp", "h", "c"]]
    for block, layers in enumerate(config.feedforward.block_layers):
        prefix = f"feedforward.blocks.{block}"
        names.append(f"feedforward.inputs.{block}")
        for layer in range(layers + 1):
            names.append(f"{prefix}.activations.{layer}")
            if layer < layers:
                names.append(f"{prefix}.convs.{layer}")
            if 0 < layer < layers:
                names.append(f"{prefix}.skips.{layer}")
        names.append(prefix)
    names.append("feedforward.out")
    names += [f"recurrent.proj_x.{index}" for index in range(projections)]
    inner = ["x", "z", "q", "k", "v", "attn", "a", "gate_i", "gate_f", "gate_g", "gate_o", "c", "h"]
    names += [f"recurrent.{name}" for name in inner]
    names += ["core.out", "readout.grid", "readout.sampled", "readout.features", "readout.out"]
    return (*names, "raw", "response")


def depth_of(names: Iterable[str], blocks: int) -> int:
    """Return how far to run for some values: 0 retina, b blocks, then encoder output, recurrence, readout.

    Parameters
    ----------
    names
        Among `traced_names`.
    blocks
        Number of blocks of the encoder.
    """
    deepest = 0
    for name in names:
        part, *rest = name.split(".")
        if part == "feedforward":
            depth = blocks + 1 if rest[0] == "out" else int(rest[1]) + 1
        else:
            depth = {"perspective": 0, "modulation": 0, "recurrent": blocks + 2, "core": blocks + 2}.get(
                part, blocks + 3
            )
        deepest = max(deepest, depth)
    return deepest
