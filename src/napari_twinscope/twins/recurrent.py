"""The recurrent core: a convolutional LSTM with attention over positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from napari_twinscope.twins.layers import Convolution, InterGroup

if TYPE_CHECKING:
    from napari_twinscope.twins.config import NetworkConfig
    from napari_twinscope.twins.probe import Probe

# Inside this module maps lie as [positions of all sequences, groups, channels], so that every grouped
# 1x1 layer is one batched matrix product. Layers that read the same map are fused: q, k and v into
# one product, the four gates into another, and the concatenation [z, a] that the gates read is
# replaced by the sum of a product with z and one with a.

VECTOR_NORM_FLOOR = 1e-12


class RecurrentState(NamedTuple):
    """Hidden state [positions, hidden] and cell [groups, positions, hidden / groups]."""

    hidden: Tensor
    cell: Tensor


class RecurrentWeights(NamedTuple):
    """Effective weights of one stream."""

    from_hidden: Tensor | None  # [hidden, in]
    from_features: tuple[Tensor, Tensor]  # [features, in], [in]
    from_modulation: Tensor  # [modulation, in]
    conv: Tensor
    qkv: Tensor  # [groups, common, 3 common]
    scale: Tensor  # [groups, 1, common]
    gates_from_z: Tensor  # [groups, common, 4 hidden], in the order i, f, o, g
    gates_from_a: Tensor
    gate_bias: Tensor  # [groups, 1, 4 hidden]
    out: tuple[Tensor, Tensor]  # [hidden, out], [out]


class Recurrent(nn.Module):
    """CvT-LSTM of every stream.

    Parameters
    ----------
    config
        Sizes of the whole network.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        sizes, streams = config.recurrent, config.streams
        groups, hidden, common = sizes.groups, sizes.hidden_channels, sizes.common_channels
        self.config = sizes
        gain = (3.0 if groups > 1 else 2.0) ** -0.5
        inputs: list[nn.Module] = [
            Convolution(
                streams, config.feedforward.out_channels, sizes.in_channels, bias_groups=groups, gain=gain
            ),
            Convolution(
                streams,
                config.modulation.lstm_features,
                sizes.in_channels,
                bias_groups=groups,
                gain=gain,
                bias=None,
            ),
        ]
        if groups > 1:
            inputs.insert(0, InterGroup(streams, hidden, sizes.in_channels, groups=groups, gain=gain))
        self.proj_x = nn.ModuleList(inputs)
        self.conv = Convolution(
            streams,
            sizes.in_channels + hidden,
            common,
            groups=groups,
            kernel=(1, sizes.spatial, sizes.spatial),
            gain=None,
            bias=None,
        )
        for name in "qkv":
            layer = Convolution(streams, common, common, groups=groups, gain=None, bias=None)
            self.add_module(f"proj_{name}", layer)
        for name, bias in (("i", -1.0), ("f", 1.0), ("g", 0.0), ("o", 0.0)):
            self.add_module(
                f"proj_{name}", Convolution(streams, 2 * common, hidden, groups=groups, bias=bias)
            )
        self.scales = nn.ParameterList(
            nn.Parameter(torch.ones(groups, common // groups)) for _ in range(streams)
        )
        self.out = Convolution(streams, hidden, sizes.out_channels)

    def prepare(self, stream: int) -> RecurrentWeights:
        """Compute the effective weights of one stream."""
        *mixing, features, modulation = self.proj_x
        assert isinstance(features, Convolution)
        assert isinstance(modulation, Convolution)
        gates = [self._projection(name) for name in "ifog"]
        gate_matrix = torch.cat([gate.matrix(stream) for gate in gates], dim=2)
        groups = self.config.groups
        common = gate_matrix.shape[1] // 2
        biases = [gate.bias(stream).view(groups, 1, -1) for gate in gates]
        kernel = self.conv.weight(stream).squeeze(2)
        return RecurrentWeights(
            from_hidden=mixing[0].matrix(stream) if mixing else None,  # type: ignore[operator]
            from_features=(features.matrix(stream)[0], features.bias(stream)),
            from_modulation=modulation.matrix(stream)[0],
            conv=kernel.contiguous(memory_format=torch.channels_last),
            qkv=torch.cat([self._projection(name).matrix(stream) for name in "qkv"], dim=2),
            scale=self.scales[stream][:, None],
            gates_from_z=gate_matrix[:, :common].contiguous(),
            gates_from_a=gate_matrix[:, common:].contiguous(),
            gate_bias=torch.cat(biases, dim=2),
            out=(self.out.matrix(stream)[0], self.out.bias(stream)),
        )

    def _projection(self, name: str) -> Convolution:
        layer = getattr(self, f"proj_{name}")
        assert isinstance(layer, Convolution)
        return layer

    def initial_state(self, sequences: int, shape: tuple[int, int], like: Tensor) -> RecurrentState:
        """Return the state before the first frame: zeros, of the dtype and device of `like`."""
        positions, groups = sequences * shape[0] * shape[1], self.config.groups
        hidden = self.config.hidden_channels
        return RecurrentState(
            like.new_zeros(positions, hidden),
            like.new_zeros(groups, positions, hidden // groups),
        )

    def forward(
        self,
        features: Tensor,
        modulation: Tensor,
        state: RecurrentState,
        weights: RecurrentWeights,
        probe: Probe,
    ) -> tuple[Tensor, RecurrentState]:
        """Run consecutive frames of one stream.

        Parameters
        ----------
        features
            Output of the encoder, [sequences, frames, rows, columns, channels].
        modulation
            [sequences, frames, channels].
        state, weights, probe
            State before the first frame, what `prepare` returned, and what to record.

        Returns
        -------
        core
            Core feature map [sequences, frames, rows, columns, channels].
        state
            State after the last frame.
        """
        step = Step(features[:, 0].shape, self.config.groups, weights, probe)
        cores = []
        for frame in range(features.shape[1]):
            state = step(features[:, frame], modulation[:, frame], state)
            cores.append(torch.addmm(weights.out[1], state.hidden, weights.out[0]))
        step.flush()
        core = torch.stack([core.view(*features[:, 0].shape[:3], -1) for core in cores], dim=1)
        if probe.wants("core.out"):
            probe.put("core.out", core.movedim(-1, 2))
        return core, state


class Step:
    """One frame of one stream.

    Parameters
    ----------
    shape
        Sequences, rows, columns and channels of the features.
    groups, weights, probe
        Groups of channels, effective weights, and what to record.
    """

    def __init__(self, shape: torch.Size, groups: int, weights: RecurrentWeights, probe: Probe) -> None:
        self.sequences, self.rows, self.columns = shape[:3]
        self.groups = groups
        self.weights = weights
        self.probe = probe
        self._recorded: dict[str, list[Tensor]] = {}

    def __call__(self, features: Tensor, modulation: Tensor, state: RecurrentState) -> RecurrentState:
        """Return the state after a frame of features [n, rows, columns, c] and modulation [n, c]."""
        x = self._drive(features, modulation, state.hidden)
        z = self._joint(x, state.hidden)
        weights = self.weights
        gates = torch.baddbmm(weights.gate_bias, z, weights.gates_from_z)
        gates = gates.baddbmm_(self._attend(z), weights.gates_from_a)
        width = gates.shape[2] // 4
        i, f, o = gates[..., : 3 * width].sigmoid().chunk(3, dim=2)
        cell = f * state.cell + i * gates[..., 3 * width :].tanh()
        hidden = (o * cell.tanh()).transpose(0, 1).flatten(1)
        for index, name in enumerate("ifog"):
            self._record(f"gate_{name}", gates[..., index * width : (index + 1) * width])
        self._record("c", cell)
        self._record("h", hidden)
        return RecurrentState(hidden, cell)

    def flush(self) -> None:
        """Hand the recorded frames to the probe."""
        for name, frames in self._recorded.items():
            self.probe.put(name, torch.stack(frames, dim=1))

    def _drive(self, features: Tensor, modulation: Tensor, hidden: Tensor) -> Tensor:
        """Project and squash the inputs: [positions, in]."""
        weights = self.weights
        constant = modulation @ weights.from_modulation
        matrix, bias = weights.from_features
        rows = features.flatten(1, 2)
        x = torch.baddbmm(
            (constant + bias)[:, None], rows, matrix.expand(self.sequences, *matrix.shape)
        ).flatten(0, 1)
        first = 0 if weights.from_hidden is None else 1
        if weights.from_hidden is not None:
            if self.probe.wants("recurrent.proj_x.0"):
                self._record("proj_x.0", hidden @ weights.from_hidden)
            x = x.addmm_(hidden, weights.from_hidden)
        if self.probe.wants(f"recurrent.proj_x.{first}"):
            self._record(f"proj_x.{first}", (rows @ matrix + bias).flatten(0, 1))
        if self.probe.wants(f"recurrent.proj_x.{first + 1}"):
            self._recorded.setdefault(f"recurrent.proj_x.{first + 1}", []).append(constant[..., None, None])
        x = x.tanh()
        self._record("x", x)
        return x

    def _joint(self, x: Tensor, hidden: Tensor) -> Tensor:
        """Convolve inputs and hidden state jointly: [groups, positions, common / groups]."""
        groups = self.groups
        both = torch.cat(
            [torch.unflatten(x, 1, (groups, -1)), torch.unflatten(hidden, 1, (groups, -1))], dim=2
        )
        maps = both.view(self.sequences, self.rows, self.columns, -1).permute(0, 3, 1, 2)
        kernel = self.weights.conv
        z = functional.conv2d(maps, kernel, padding=kernel.shape[-1] // 2, groups=groups)
        z = z.permute(0, 2, 3, 1).reshape(len(x), groups, -1).transpose(0, 1)
        self._record("z", z)
        return z

    def _attend(self, z: Tensor) -> Tensor:
        """Attend to all positions of the same sequence and group: [groups, positions, common / groups]."""
        q, k, v = torch.bmm(z, self.weights.qkv).chunk(3, dim=2)
        for name, value in (("q", q), ("k", k), ("v", v)):
            self._record(name, value)
        q = functional.normalize(q, dim=2, eps=VECTOR_NORM_FLOOR) * self.weights.scale
        k = functional.normalize(k, dim=2, eps=VECTOR_NORM_FLOOR)
        # every group of every sequence is one attention problem
        q, k, v = (torch.unflatten(value, 1, (self.sequences, -1)).flatten(0, 1) for value in (q, k, v))
        if self.probe.wants("recurrent.attn"):
            attention = torch.softmax(q @ k.transpose(1, 2), dim=-1)
            attention = torch.unflatten(attention, 0, (self.groups, self.sequences)).transpose(0, 1)
            self._recorded.setdefault("recurrent.attn", []).append(attention)
        a = functional.scaled_dot_product_attention(q[:, None], k[:, None], v[:, None], scale=1.0)
        a = a.reshape(self.groups, -1, a.shape[-1])
        self._record("a", a)
        return a

    def _record(self, name: str, value: Tensor) -> None:
        """Record maps [positions, channels] or [groups, positions, channels / groups]."""
        name = f"recurrent.{name}"
        if not self.probe.wants(name):
            return
        if value.dim() == 3:
            value = value.transpose(0, 1).flatten(1)
        maps = value.reshape(self.sequences, self.rows, self.columns, -1).movedim(-1, 1)
        self._recorded.setdefault(name, []).append(maps)
