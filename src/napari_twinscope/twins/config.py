"""The widths and sizes of a visual network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self, TypeGuard

from napari_twinscope.errors import InvalidInput
from napari_twinscope.specification import Specification

# Far beyond any network of this kind; what these allow can be compared with a file in a second.
RETINA_LIMIT = 1024
CHANNEL_LIMIT = 4096
KERNEL_LIMIT = 64
REPEAT_LIMIT = 16


def _sizes(config: Specification, limit: int, **values: object) -> None:
    """Refuse what is no whole number from 1 to `limit`: sizes come from files."""
    for name, value in values.items():
        if not _is_whole(value) or not 1 <= value <= limit:
            raise InvalidInput(
                f"The size {name} of the {type(config).__name__} is out of range.",
                given=f"{value!r}",
                needed=f"a whole number from 1 to {limit}",
            )


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _divisible(channels: int, groups: int, what: str) -> None:
    if channels % groups:
        raise InvalidInput(
            f"The {what} cannot be cut into equal groups.",
            given=f"{channels} channels, {groups} groups",
            needed="a multiple",
        )


def _only_gelu(name: str) -> None:
    if name != "gelu":
        raise InvalidInput("The nonlinearity is unknown.", given=name, needed="gelu")


@dataclass(frozen=True)
class FeedforwardConfig(Specification):
    """The encoder: an input convolution, then one dense block of grouped 3-D convolutions per entry."""

    input_spatial: int = 6
    input_stride: int = 2
    block_channels: tuple[int, ...] = (32, 64, 128)
    block_groups: tuple[int, ...] = (1, 2, 4)
    block_layers: tuple[int, ...] = (2, 2, 2)
    block_temporals: tuple[int, ...] = (3, 3, 3)
    block_spatials: tuple[int, ...] = (3, 3, 3)
    block_pools: tuple[int, ...] = (2, 2, 1)
    out_channels: int = 128
    nonlinear: str = "gelu"

    def __post_init__(self) -> None:
        names = ("channels", "groups", "layers", "temporals", "spatials", "pools")
        lists = {name: getattr(self, f"block_{name}") for name in names}
        for name, values in lists.items():
            if not isinstance(values, (tuple, list)):
                raise InvalidInput(
                    f"The {name} of the feedforward blocks are no list.",
                    given=repr(values),
                    needed="one entry per block",
                )
            object.__setattr__(self, f"block_{name}", tuple(values))
        if len({len(values) for values in lists.values()}) != 1 or not self.block_channels:
            raise InvalidInput(
                "The blocks of the feedforward network are described by lists of unequal length.",
                given={name: len(values) for name, values in lists.items()},
                needed="one entry per block in each list, and at least one block",
            )
        _sizes(self, REPEAT_LIMIT, blocks=self.blocks)
        for name, values in lists.items():
            limits = {"channels": CHANNEL_LIMIT, "groups": CHANNEL_LIMIT, "layers": REPEAT_LIMIT}
            for value in values:
                _sizes(self, limits.get(name, KERNEL_LIMIT), **{f"block_{name}": value})
        _sizes(self, KERNEL_LIMIT, input_spatial=self.input_spatial, input_stride=self.input_stride)
        _sizes(self, CHANNEL_LIMIT, out_channels=self.out_channels)
        for channels, groups in zip(self.block_channels, self.block_groups, strict=True):
            _divisible(channels, groups, "block channels")
        overlap = self.input_spatial - self.input_stride
        if overlap < 0 or overlap % 2 or any(k % 2 == 0 for k in self.block_spatials):
            raise InvalidInput(
                "A convolution cannot be padded symmetrically.",
                given=f"input kernel {self.input_spatial}, stride {self.input_stride}; "
                f"block kernels {self.block_spatials}",
                needed="kernel minus stride even and not negative",
            )
        _only_gelu(self.nonlinear)

    @property
    def blocks(self) -> int:
        """Number of dense blocks."""
        return len(self.block_channels)


@dataclass(frozen=True)
class RecurrentConfig(Specification):
    """The convolutional LSTM with attention over positions."""

    in_channels: int = 256
    out_channels: int = 128
    hidden_channels: int = 256
    common_channels: int = 512
    groups: int = 8
    spatial: int = 3

    def __post_init__(self) -> None:
        for name in ("in_channels", "out_channels", "hidden_channels", "common_channels", "groups"):
            _sizes(self, CHANNEL_LIMIT, **{name: getattr(self, name)})
        _sizes(self, KERNEL_LIMIT, spatial=self.spatial)
        for channels in (self.in_channels, self.hidden_channels, self.common_channels):
            _divisible(channels, self.groups, "recurrent channels")
        if self.spatial % 2 == 0:
            raise InvalidInput("The recurrent kernel is even.", given=self.spatial, needed="an odd number")


@dataclass(frozen=True)
class PerspectiveConfig(Specification):
    """The eye: retina of `height` x `width` pixels that sees `degrees` to each side of its axis."""

    mlp_features: int = 16
    mlp_layers: int = 3
    mlp_nonlinear: str = "gelu"
    height: int = 128
    width: int = 192
    degrees: float = 75.0

    def __post_init__(self) -> None:
        _sizes(self, CHANNEL_LIMIT, mlp_features=self.mlp_features)
        _sizes(self, REPEAT_LIMIT, mlp_layers=self.mlp_layers)
        _sizes(self, RETINA_LIMIT, height=self.height, width=self.width)
        if min(self.height, self.width) < 2:
            given = f"{self.height} x {self.width} pixels"
            raise InvalidInput("The retina has no extent.", given=given, needed="at least 2 x 2 pixels")
        degrees: object = self.degrees
        if not (isinstance(degrees, float) or _is_whole(degrees)) or not 0 < degrees <= 90:
            raise InvalidInput("The retina's extent is out of range.", given=self.degrees, needed="0 to 90")
        _only_gelu(self.mlp_nonlinear)


@dataclass(frozen=True)
class ModulationConfig(Specification):
    """The behavioural input: a perceptron and an LSTM cell."""

    mlp_features: int = 16
    mlp_layers: int = 1
    mlp_nonlinear: str = "gelu"
    lstm_features: int = 16

    def __post_init__(self) -> None:
        _sizes(self, CHANNEL_LIMIT, mlp_features=self.mlp_features, lstm_features=self.lstm_features)
        _sizes(self, REPEAT_LIMIT, mlp_layers=self.mlp_layers)
        _only_gelu(self.mlp_nonlinear)


_PARTS = {
    "feedforward": FeedforwardConfig,
    "recurrent": RecurrentConfig,
    "perspective": PerspectiveConfig,
    "modulation": ModulationConfig,
}


@dataclass(frozen=True)
class NetworkConfig(Specification):
    """Everything that fixes the parameter shapes of a `VisualNetwork`, but the number of units.

    The defaults are the published network (Wang et al. 2025, doi 10.1038/s41586-025-08829-y).

    Parameters
    ----------
    feedforward, recurrent, perspective, modulation
        The four trained parts before the readout.
    perspective_features, modulation_features
        Behavioural numbers per frame: pupil position, and pupil radius with running speed.
    streams
        Independent sub-networks whose logits are averaged.
    """

    feedforward: FeedforwardConfig = FeedforwardConfig()
    recurrent: RecurrentConfig = RecurrentConfig()
    perspective: PerspectiveConfig = PerspectiveConfig()
    modulation: ModulationConfig = ModulationConfig()
    perspective_features: int = 2
    modulation_features: int = 2
    streams: int = 4

    def __post_init__(self) -> None:
        for name, kind in _PARTS.items():
            if not isinstance(getattr(self, name), kind):
                raise InvalidInput(
                    f"The {name} part of the network is of another kind.",
                    given=type(getattr(self, name)).__name__,
                    needed=kind.__name__,
                )
        for name in ("perspective_features", "modulation_features"):
            _sizes(self, CHANNEL_LIMIT, **{name: getattr(self, name)})
        _sizes(self, REPEAT_LIMIT, streams=self.streams)
        if min(self.core_shape) < 1:
            rows, columns = self.core_shape
            eye, blocks = self.perspective, self.feedforward
            raise InvalidInput(
                "The retina is too small for the stride and the pools: nothing is left of it.",
                given=f"{eye.height} x {eye.width} pixels, stride {blocks.input_stride}, "
                f"pools {blocks.block_pools}: a core of {rows} x {columns}",
                needed="a core of at least 1 x 1",
            )

    @classmethod
    def published(cls) -> Self:
        """Return the configuration of the published network."""
        return cls()

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Build the configuration from `to_dict` or from a plain block of the published layout.

        The plain layout has the keys ``feedforward``, ``recurrent``, ``perspective`` and
        ``modulation``, and the numbers ``P``, ``M`` and ``S`` (behavioural inputs and streams). A
        number of units ``U`` is accepted and ignored.

        Raises
        ------
        InvalidInput
            If a part is missing, or has an unknown or missing field or an impossible size.
        """
        if "kind" in data:
            return super().from_dict(data)
        try:
            return cls(
                feedforward=FeedforwardConfig(**data["feedforward"]),
                recurrent=RecurrentConfig(**data["recurrent"]),
                perspective=PerspectiveConfig(**data["perspective"]),
                modulation=ModulationConfig(**data["modulation"]),
                perspective_features=data["P"],
                modulation_features=data["M"],
                streams=data["S"],
            )
        except (KeyError, TypeError) as error:
            raise InvalidInput(
                "The network configuration is not complete.",
                given=repr(error),
                needed="feedforward, recurrent, perspective, modulation, P, M and S",
            ) from error

    @property
    def core_shape(self) -> tuple[int, int]:
        """Rows and columns of the core feature map."""
        return self.grid_shapes[-1]

    @property
    def grid_shapes(self) -> tuple[tuple[int, int], ...]:
        """Rows and columns of each block before pooling, then of the core feature map."""
        stride = self.feedforward.input_stride
        shape = (self.perspective.height // stride, self.perspective.width // stride)
        shapes = [shape]
        for pool in self.feedforward.block_pools:
            shape = (shape[0] // pool, shape[1] // pool)
            shapes.append(shape)
        return tuple(shapes)
