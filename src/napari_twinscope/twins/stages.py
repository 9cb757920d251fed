"""The stages of a network that one can record from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from napari_twinscope.errors import InvalidInput
from napari_twinscope.twins.config import NetworkConfig

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PUBLISHED_MAPS = 40
"""Maps of the recurrent output and of the readout that the papers draw their units from."""


@dataclass(frozen=True)
class Stage:
    """One place in a network where values can be recorded.

    Attributes
    ----------
    name
        Identifier, e.g. ``blocks0``.
    label
        What a figure calls it.
    paper_name
        What the papers call it (arXiv 2601.21508, arXiv 2512.07869), e.g. ``L2``.
    channels, rows, columns
        Shape of its values in one frame; a stage of units has one row per unit and one column.
    description
        Which value is recorded.
    published_maps
        Only so many first channels are candidates in the papers; None for all.
    cropped
        Whether the papers leave out a border of a quarter of the rows.
    kind
        "map" for channels on a grid of positions, "units" for one position per unit.
    """

    name: str
    label: str
    paper_name: str
    channels: int
    rows: int
    columns: int
    description: str
    published_maps: int | None = None
    cropped: bool = False
    kind: Literal["map", "units"] = "map"


def find_stage(stages: Sequence[Stage], name: str, twin: str) -> Stage:
    """Return the stage of that name among those of a twin.

    Raises
    ------
    InvalidInput
        If there is none.
    """
    for stage in stages:
        if stage.name == name:
            return stage
    names = ", ".join(stage.name for stage in stages)
    raise InvalidInput(f"The twin {twin} has no such stage.", given=name, needed=f"one of {names}")


def network_stages(config: NetworkConfig, units: int) -> tuple[Stage, ...]:
    """Return the stages of a network with `units` units, in the order of computation."""
    return tuple(_stages(config, units))


def traced_value(stage: str) -> str:
    """Return the name under which `VisualNetwork` knows the value that a stage records."""
    named = {
        "retina": "perspective.out",
        "recurrent": "recurrent.h",
        "recurrent_out": "core.out",
        "readout": "readout.features",
        "output": "response",
    }
    if stage in named:
        return named[stage]
    layer = 0 if stage.startswith("inputs") else 1
    return f"feedforward.blocks.{stage.removeprefix('inputs').removeprefix('blocks')}.activations.{layer}"


def _stages(config: NetworkConfig, units: int) -> Iterator[Stage]:
    streams, eye = config.streams, config.perspective
    yield Stage(
        "retina",
        "Retina",
        "Retina",
        1,
        eye.height,
        eye.width,
        "Response of the retina to light.",
    )
    for block, channels in enumerate(config.feedforward.block_channels):
        rows, columns = config.grid_shapes[block]
        yield Stage(
            f"inputs{block}",
            f"Block {block}, input",
            f"L{3 * block + 1}",
            streams * channels,
            rows,
            columns,
            f"Activation, 1.70 GELU(x), of the input convolution of encoder block {block}.",
            cropped=True,
        )
        yield Stage(
            f"blocks{block}",
            f"Block {block}, first convolution",
            f"L{3 * block + 2}",
            streams * channels,
            rows,
            columns,
            f"Activation, 1.70 GELU(x), of the first 3-D convolution of encoder block {block}.",
            cropped=True,
        )
    rows, columns = config.core_shape
    maps = PUBLISHED_MAPS if config == NetworkConfig.published() else None
    outputs = streams * config.recurrent.out_channels
    yield Stage(
        "recurrent",
        "Recurrent state",
        "Rec",
        streams * config.recurrent.hidden_channels,
        rows,
        columns,
        "Hidden state h of the recurrent network after the frame.",
        cropped=True,
    )
    yield Stage(
        "recurrent_out",
        "Recurrent output",
        "RecOut",
        outputs,
        rows,
        columns,
        "Core feature map: the output convolution of the recurrent network.",
        published_maps=maps,
    )
    yield Stage(
        "readout",
        "Readout features",
        "Readout",
        outputs,
        units,
        1,
        "Core feature map sampled at the position of each unit.",
        published_maps=maps,
        kind="units",
    )
    yield Stage(
        "output",
        "Response",
        "Output",
        1,
        units,
        1,
        "Predicted response of each unit, relative to its mean.",
        kind="units",
    )
