"""The visual network as its description reads: one frame, one layer, one concatenation after another.

A reference for speed and for numbers. It takes the state dict of `VisualNetwork`, keeps the streams
side by side on the channels, standardises weights once per video, and does nothing clever.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

if TYPE_CHECKING:
    from napari_twinscope.twins import NetworkConfig


GAMMA = 1.7015043497085571


def standardise(weight: Tensor, axes: tuple[int, ...]) -> Tensor:
    fan = 1
    for axis in axes:
        fan *= weight.shape[axis]
    mean = weight.mean(axes, keepdim=True)
    variance = weight.var(axes, unbiased=False, keepdim=True)
    return (weight - mean) / torch.sqrt(fan * variance + 1e-5)


def activate(x: Tensor) -> Tensor:
    return functional.gelu(x) * GAMMA


def grouped_concatenation(tensors: list[Tensor], groups: int) -> Tensor:
    """Interleave the channel groups of several maps [N, C, rows, columns]."""
    first = tensors[0]
    parts = []
    for tensor in tensors:
        tensor = tensor.expand(first.shape[0], -1, *first.shape[2:])
        parts.append(tensor.reshape(first.shape[0], groups, -1, *first.shape[2:]))
    return torch.cat(parts, dim=2).flatten(1, 2)


class Layer:
    """One convolution of all streams."""

    def __init__(self, state: dict[str, Tensor], name: str, groups: int, raw: bool = False) -> None:
        weights, biases = [], []
        streams = sum(key.startswith(f"{name}.weights.") for key in state)
        for stream in range(streams):
            weight = state[f"{name}.weights.{stream}"]
            if not raw:
                weight = standardise(weight, (1, 2, 3, 4))
            if f"{name}.gains.{stream}" in state:
                weight = weight * state[f"{name}.gains.{stream}"].reshape(-1, 1, 1, 1, 1)
            weights.append(weight)
            if f"{name}.biases.{stream}" in state:
                biases.append(state[f"{name}.biases.{stream}"].flatten())
        self.weight = torch.cat(weights)
        self.bias = torch.cat(biases) if biases else None
        self.groups = groups * streams
        self.taps = self.weight.shape[2]
        self.past: deque[Tensor] = deque(maxlen=self.taps)

    def __call__(self, x: Tensor, stride: int = 1, mode: str = "constant") -> Tensor:
        """Pad, append to the past, stack and correlate one frame."""
        pad = (self.weight.shape[-1] - stride) // 2
        x = functional.pad(x, (pad, pad, pad, pad), mode=mode)
        if not self.past:
            self.past.extend([torch.zeros_like(x)] * self.taps)
        self.past.append(x)
        stacked = torch.stack(list(self.past), dim=2)
        y = functional.conv3d(stacked, self.weight, self.bias, stride=(1, stride, stride), groups=self.groups)
        return y.squeeze(2)


class InterGroup:
    """Mixing of each group from all others, of all streams."""

    def __init__(self, state: dict[str, Tensor], name: str, streams: int, groups: int) -> None:
        matrices = []
        for stream in range(streams):
            weight = standardise(state[f"{name}.weights.{stream}"], (1, 3))
            weight = weight * state[f"{name}.gains.{stream}"][:, None, :, None]
            outputs, inputs = weight.shape[2:]
            dense = torch.zeros(groups, outputs, groups, inputs)
            for a in range(groups):
                for m in range(groups - 1):
                    dense[a, :, m if m < a else m + 1] = weight[a, m]
            matrices.append(dense.reshape(groups * outputs, groups * inputs))
        self.weight = torch.cat(matrices)[:, :, None, None]
        self.streams = streams

    def __call__(self, x: Tensor) -> Tensor:
        """Mix the groups of a map."""
        return functional.conv2d(x, self.weight, groups=self.streams)


class StraightforwardNetwork:
    """The network of a state dict, frame by frame.

    Parameters
    ----------
    config
        Sizes.
    state
        State dict of a `VisualNetwork` of that configuration.
    """

    def __init__(self, config: NetworkConfig, state: dict[str, Tensor]) -> None:
        self.config = config
        self.state = {name: value.detach().cpu() for name, value in state.items()}

    def reset(self) -> None:
        """Forget the past and compute the effective weights."""
        config, state = self.config, self.state
        ff, rec = config.feedforward, config.recurrent
        prefix = "core.feedforward"
        self.inputs = [Layer(state, f"{prefix}.inputs.{b}", 1, raw=b == 0) for b in range(ff.blocks)]
        self.convs = [
            [Layer(state, f"{prefix}.blocks.{b}.convs.{layer}", ff.block_groups[b]) for layer in range(n)]
            for b, n in enumerate(ff.block_layers)
        ]
        self.skips = [
            [Layer(state, f"{prefix}.blocks.{b}.skips.{layer}", ff.block_groups[b]) for layer in range(1, n)]
            for b, n in enumerate(ff.block_layers)
        ]
        self.encoded = Layer(state, f"{prefix}.out", 1)
        prefix = "core.recurrent"
        self.mixing = None
        if rec.groups > 1:
            self.mixing = InterGroup(state, f"{prefix}.proj_x.0", config.streams, rec.groups)
        first = 0 if self.mixing is None else 1
        self.from_features = Layer(state, f"{prefix}.proj_x.{first}", 1)
        self.from_modulation = Layer(state, f"{prefix}.proj_x.{first + 1}", 1)
        self.joint = Layer(state, f"{prefix}.conv", rec.groups)
        self.projections = {name: Layer(state, f"{prefix}.proj_{name}", rec.groups) for name in "qkvifgo"}
        self.scale = torch.stack([state[f"{prefix}.scales.{s}"] for s in range(config.streams)])
        self.core_out = Layer(state, f"{prefix}.out", 1)
        self.perspective = [
            Layer(state, f"perspective.mlp.linears.{i}", 1, raw=i == 0)
            for i in range(config.perspective.mlp_layers + 1)
        ]
        self.behaviour = [
            Layer(state, f"modulation.mlp.linears.{i}", 1, raw=i == 0)
            for i in range(config.modulation.mlp_layers)
        ]
        self.gates = {name: Layer(state, f"modulation.lstm.proj_{name}", 1) for name in "ifgo"}
        self.h = self.c = torch.zeros(1, config.streams * rec.hidden_channels, 1, 1)
        self.mh = self.mc = torch.zeros(1, config.streams * config.modulation.lstm_features, 1, 1)

    @torch.inference_mode()
    def predict(
        self, frames: Tensor, perspectives: Tensor | None = None, modulations: Tensor | None = None
    ) -> Tensor:
        """Return the responses [T, N, U] to uint8 frames [T, N, H, W] with behaviour [T, N, 2]."""
        self.reset()
        responses = []
        for t, frame in enumerate(frames):
            zeros = torch.zeros(len(frame), 2)
            eye = zeros if perspectives is None else perspectives[t]
            state = zeros if modulations is None else modulations[t]
            responses.append(self.step(frame, eye, state))
        return torch.stack(responses)

    def step(self, frame: Tensor, eye: Tensor, behaviour: Tensor) -> Tensor:
        """Return the responses [N, U] to one frame [N, H, W]."""
        streams = self.config.streams
        retina = self.retina_image(frame[:, None].float() / 255, eye)
        features = self.encode(retina.expand(-1, streams, -1, -1))
        return self.read_out(self.recur(features, self.modulate(behaviour)))

    def retina_image(self, frame: Tensor, eye: Tensor) -> Tensor:
        """Return the retina images [N, 1, height, width]."""
        state = self.state
        angles = eye[:, :, None, None]
        for layer in self.perspective[:-1]:
            angles = activate(layer(angles))
        turn = rotation(self.perspective[-1](angles)[:, :, 0, 0])
        rays = torch.einsum("nij,hwj->nhwi", turn, state["perspective.retina.grid"])
        axes = rotation(state["perspective.monitor.angle"][None])[0]
        center = state["perspective.monitor.center"]
        a = axes[:, 2] @ center
        b = (rays @ axes[:, 2]).clamp_min(1e-5)
        d = (a / b)[..., None] * rays - center
        px, py = d @ axes[:, 0], d @ axes[:, 1]
        rows, columns = frame.shape[2:]
        height, width = rays.shape[1:3]
        gx = px * (columns / (columns - 1)) * ((width - 1) / width)
        gy = py * (columns / rows) * (columns / (columns - 1)) * ((height - 1) / height)
        pixel = {name: state[f"perspective.monitor_pixel.{name}"] for name in ("power", "scale", "offset")}
        light = frame ** pixel["power"] * pixel["scale"] + pixel["offset"]
        sampled = functional.grid_sample(light, torch.stack((gx, gy), -1), align_corners=False)
        power = state["perspective.retina_pixel.logit"].sigmoid()
        scale, offset = state["perspective.retina_pixel.scale"], state["perspective.retina_pixel.offset"]
        return (sampled + 1e-5) ** power * scale + offset

    def modulate(self, behaviour: Tensor) -> Tensor:
        """Return the modulation [N, S * features, 1, 1]."""
        streams = self.config.streams
        m = behaviour.repeat(1, streams)[:, :, None, None]
        for layer in self.behaviour:
            m = activate(layer(m))
        u = grouped_concatenation([m, self.mh], streams)
        i, f, o = (self.gates[name](u).sigmoid() for name in "ifo")
        self.mc = f * self.mc + i * self.gates["g"](u).tanh()
        self.mh = o * self.mc.tanh()
        return self.mh

    def encode(self, x: Tensor) -> Tensor:
        """Return the encoder's output [N, S * channels, rows, columns]."""
        sizes, streams = self.config.feedforward, self.config.streams
        for b in range(sizes.blocks):
            stride = sizes.input_stride if b == 0 else 1
            x = self.inputs[b](x, stride, "replicate")
            groups = streams * sizes.block_groups[b]
            xs, ys = [x], []
            for layer, conv in enumerate(self.convs[b]):
                ys.append(activate(xs[-1]))
                y = conv(ys[-1])
                if layer:
                    y = y + self.skips[b][layer - 1](grouped_concatenation(ys[:-1], groups))
                xs.append(y)
            x = grouped_concatenation(xs, groups)
            if sizes.block_pools[b] > 1:
                x = functional.avg_pool2d(x, sizes.block_pools[b])
        return self.encoded(x)

    def recur(self, features: Tensor, modulation: Tensor) -> Tensor:
        """Return the core feature map [N, S * channels, rows, columns]."""
        groups = self.config.streams * self.config.recurrent.groups
        x = self.from_features(features) + self.from_modulation(modulation)
        if self.mixing is not None:
            x = x + self.mixing(self.h)
        x = x.tanh()
        z = self.joint(grouped_concatenation([x, self.h], groups))
        q, k, v = (self.projections[name](z).flatten(2).unflatten(1, (groups, -1)) for name in "qkv")
        q = q / q.norm(dim=2, keepdim=True) * self.scale.flatten(0, 1)[..., None]
        k = k / k.norm(dim=2, keepdim=True)
        attention = torch.einsum("ngcq,ngck->ngqk", q, k).softmax(-1)
        a = torch.einsum("ngqk,ngck->ngcq", attention, v).flatten(1, 2).view_as(z)
        za = grouped_concatenation([z, a], groups)
        i, f, o = (self.projections[name](za).sigmoid() for name in "ifo")
        self.c = f * self.c + i * self.projections["g"](za).tanh()
        self.h = o * self.c.tanh()
        return self.core_out(self.h)

    def read_out(self, core: Tensor) -> Tensor:
        """Return the responses [N, U]."""
        state, streams = self.state, self.config.streams
        position = state["readout.position.mu"].tanh()[None, :, None].expand(len(core), -1, -1, -1)
        logits = []
        for stream, part in enumerate(core.chunk(streams, dim=1)):
            sampled = functional.grid_sample(part, position, padding_mode="border", align_corners=False)
            weight = state[f"readout.feature.weights.{stream}"][:, 0]
            bias = state[f"readout.biases.{stream}"][:, 0]
            logits.append(torch.einsum("ncu,uc->nu", sampled[..., 0], weight) + bias)
        return torch.stack(logits).mean(0).exp()


def rotation(angles: Tensor) -> Tensor:
    """Return Rz Ry Rx [n, 3, 3] of angles [n, 3]."""
    (a, b, c), one, zero = angles.unbind(1), torch.ones(len(angles)), torch.zeros(len(angles))

    def matrix(*entries: Tensor) -> Tensor:
        return torch.stack(entries, dim=1).view(-1, 3, 3)

    rx = matrix(one, zero, zero, zero, a.cos(), -a.sin(), zero, a.sin(), a.cos())
    ry = matrix(b.cos(), zero, b.sin(), zero, one, zero, -b.sin(), zero, b.cos())
    rz = matrix(c.cos(), -c.sin(), zero, c.sin(), c.cos(), zero, zero, zero, one)
    return rz @ ry @ rx
