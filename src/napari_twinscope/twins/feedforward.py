"""The encoder: dense blocks of grouped, causal 3-D convolutions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from napari_twinscope.twins.layers import GAMMA, Convolution

if TYPE_CHECKING:
    from napari_twinscope.twins.config import FeedforwardConfig
    from napari_twinscope.twins.probe import Probe

# Inside this module maps lie as [sequences, frames, rows, columns, channels]: a 1x1 layer is a matrix
# product and PyTorch's fastest convolutions read this order without copying. The factor GAMMA after
# each GELU is moved into the weights of the layers that read the activation.


ONEDNN = bool(torch._C._has_mkldnn)


class BlockWeights(NamedTuple):
    """Effective weights of one block of one stream."""

    convs: list[tuple[Tensor, Tensor]]  # with GAMMA
    skips: list[list[Tensor]]  # per layer, one [channels, channels] matrix per earlier activation


class FeedforwardWeights(NamedTuple):
    """Effective weights of the encoder of one stream."""

    input_kernel: tuple[Tensor, Tensor]
    mixers: list[tuple[Tensor, Tensor]]  # input layers of the later blocks, then the output layer
    blocks: list[BlockWeights]


class DenseBlock(nn.Module):
    """Convolutions of which each also reads the activations before the previous layer."""

    def __init__(self, streams: int, channels: int, groups: int, layers: int, kernel: tuple[int, int, int]):
        super().__init__()
        self.groups = groups
        gains = [1.0] + [2**-0.5] * (layers - 1)
        self.convs = nn.ModuleList(
            Convolution(streams, channels, channels, groups=groups, kernel=kernel, gain=gain)
            for gain in gains
        )
        self.skips = nn.ModuleDict(
            {
                str(layer): Convolution(
                    streams, layer * channels, channels, groups=groups, gain=2**-0.5, bias=None
                )
                for layer in range(1, layers)
            }
        )

    def prepare(self, stream: int) -> BlockWeights:
        """Compute the effective weights of one stream."""
        convs, skips = [], []
        for layer in self.convs:
            assert isinstance(layer, Convolution)
            kernel = (layer.weight(stream) * GAMMA).contiguous(memory_format=torch.channels_last_3d)
            convs.append((kernel, layer.bias(stream)))
        for name, layer in self.skips.items():
            assert isinstance(layer, Convolution)
            # per group: inputs ordered by earlier layer, then channel
            matrix = torch.unflatten(layer.matrix(stream) * GAMMA, 1, (int(name), -1))
            skips.append([_block_diagonal(part) for part in matrix.unbind(1)])
        return BlockWeights(convs, skips)


class Feedforward(nn.Module):
    """Encoder of every stream.

    Parameters
    ----------
    config
        Sizes.
    streams
        Parameter sets.
    """

    def __init__(self, config: FeedforwardConfig, streams: int) -> None:
        super().__init__()
        self.config = config
        kernel = (1, config.input_spatial, config.input_spatial)
        first = Convolution(
            streams,
            1,
            config.block_channels[0],
            bias_groups=config.block_groups[0],
            kernel=kernel,
            standardised=False,
        )
        self.inputs = nn.ModuleList([first])
        self.blocks = nn.ModuleList()
        inputs = 0
        for block, (channels, groups, layers, time, space) in enumerate(
            zip(
                config.block_channels,
                config.block_groups,
                config.block_layers,
                config.block_temporals,
                config.block_spatials,
                strict=True,
            )
        ):
            if block:
                self.inputs.append(Convolution(streams, inputs, channels, bias_groups=groups))
            self.blocks.append(DenseBlock(streams, channels, groups, layers, (time, space, space)))
            inputs = (layers + 1) * channels
        self.out = Convolution(streams, inputs, config.out_channels)

    def prepare(self, stream: int) -> FeedforwardWeights:
        """Compute the effective weights of one stream."""
        first, *later = [*self.inputs, self.out]
        assert isinstance(first, Convolution)
        kernel = first.weight(stream).squeeze(2).contiguous(memory_format=torch.channels_last)
        mixers = []
        for layer, groups, layers in zip(
            later, self.config.block_groups, self.config.block_layers, strict=True
        ):
            assert isinstance(layer, Convolution)
            # the grouped concatenation is never made: its order is undone in the rows of the matrix
            matrix = torch.unflatten(layer.matrix(stream)[0], 0, (groups, layers + 1, -1))
            mixers.append((matrix.transpose(0, 1).flatten(0, 2), layer.bias(stream)))
        blocks = []
        for block in self.blocks:
            assert isinstance(block, DenseBlock)
            blocks.append(block.prepare(stream))
        return FeedforwardWeights((kernel, first.bias(stream)), mixers, blocks)

    def initial_state(
        self, sequences: int, shapes: tuple[tuple[int, int], ...], like: Tensor
    ) -> list[Tensor]:
        """Return the past of each convolution before the first frame: zeros.

        Parameters
        ----------
        sequences
            Number of sequences.
        shapes
            Rows and columns of each block.
        like
            A tensor of the dtype and device to use.
        """
        config = self.config
        return [
            like.new_zeros(sequences, config.block_temporals[b] - 1, *shapes[b], config.block_channels[b])
            for b in range(config.blocks)
            for _ in range(config.block_layers[b])
        ]

    def forward(
        self,
        images: Tensor,
        state: list[Tensor],
        weights: FeedforwardWeights,
        probe: Probe,
        depth: int | None = None,
    ) -> Tensor:
        """Encode consecutive frames of one stream.

        Parameters
        ----------
        images
            Retina images [sequences, frames, height, width].
        state
            Past of each convolution; replaced in place by the past of the next frame.
        weights
            What `prepare` returned.
        probe
            What to record.
        depth
            Number of blocks to run; all of them and the output layer if None.

        Returns
        -------
        Tensor
            [sequences, frames, rows, columns, channels]: the output, or that of the last block run.
        """
        config = self.config
        x = self._first(images, weights.input_kernel)
        slot = 0
        for block in range(config.blocks if depth is None else min(depth, config.blocks)):
            name = f"feedforward.inputs.{block}"
            if probe.wants(name):
                probe.put(name, _channels_first(x))
            layers = config.block_layers[block]
            past = state[slot : slot + layers]
            parts, state[slot : slot + layers] = self._dense(x, past, weights.blocks[block], block, probe)
            slot += layers
            pool = config.block_pools[block]
            x = torch.cat([_pool(part, pool) for part in parts], dim=-1)
            name = f"feedforward.blocks.{block}"
            if probe.wants(name):
                groups = config.block_groups[block]
                grouped = torch.unflatten(x, -1, (layers + 1, groups, -1)).transpose(-2, -3).flatten(-3)
                probe.put(name, _channels_first(grouped))
            matrix, bias = weights.mixers[block]
            x = functional.linear(x, matrix.t(), bias)
        if depth is None and probe.wants("feedforward.out"):
            probe.put("feedforward.out", _channels_first(x))
        return x

    def _first(self, images: Tensor, kernel: tuple[Tensor, Tensor]) -> Tensor:
        stride = self.config.input_stride
        pad = (self.config.input_spatial - stride) // 2
        x = functional.pad(images.flatten(0, 1)[:, None], (pad, pad, pad, pad), mode="replicate")
        x = functional.conv2d(x, *kernel, stride=stride)
        return torch.unflatten(x.permute(0, 2, 3, 1), 0, images.shape[:2])

    def _dense(
        self, x: Tensor, past: list[Tensor], weights: BlockWeights, block: int, probe: Probe
    ) -> tuple[list[Tensor], list[Tensor]]:
        """Return the block's input and layer outputs, and the past of the next frame."""
        groups = self.config.block_groups[block]
        space = self.config.block_spatials[block] // 2
        name = f"feedforward.blocks.{block}"
        xs, ys, pasts = [x], [], []
        for layer, (kernel, bias) in enumerate(weights.convs):
            history = past[layer].shape[1]
            padded = _activate_after(past[layer], x)
            pasts.append(padded[:, padded.shape[1] - history :])
            y = padded[:, history:]
            ys.append(y)
            if probe.wants(f"{name}.activations.{layer}"):
                probe.put(f"{name}.activations.{layer}", _channels_first(GAMMA * y))
            x = _convolve(padded, kernel, bias, space, groups)
            if probe.wants(f"{name}.convs.{layer}"):
                probe.put(f"{name}.convs.{layer}", _channels_first(x.clone()))
            if layer:
                x = self._add_skips(x, ys[:-1], weights.skips[layer - 1], f"{name}.skips.{layer}", probe)
            xs.append(x)
        last = f"{name}.activations.{len(weights.convs)}"
        if probe.wants(last):
            probe.put(last, _channels_first(GAMMA * functional.gelu(x)))
        return xs, pasts

    def _add_skips(
        self, x: Tensor, earlier: list[Tensor], matrices: list[Tensor], name: str, probe: Probe
    ) -> Tensor:
        if probe.wants(name):
            pairs = zip(earlier, matrices, strict=True)
            skip = torch.stack([y @ matrix for y, matrix in pairs]).sum(0)
            probe.put(name, _channels_first(skip))
        rows = x.flatten(1, 3)
        for y, matrix in zip(earlier, matrices, strict=True):
            # in place: a layer's output is not needed to differentiate the layer
            rows = rows.baddbmm_(y.flatten(1, 3), matrix.expand(len(rows), -1, -1))
        return rows.view_as(x)


def _activate_after(past: Tensor, x: Tensor) -> Tensor:
    """Return the past activations followed by the GELU of `x`, along the frames."""
    if torch.is_grad_enabled():
        return torch.cat([past, functional.gelu(x)], dim=1)
    padded = x.new_empty(len(x), past.shape[1] + x.shape[1], *x.shape[2:])
    padded[:, : past.shape[1]] = past
    for sequence, target in zip(x, padded[:, past.shape[1] :], strict=True):
        # one by one, because gelu.out ignores the strides of a target that is not contiguous
        torch.ops.aten.gelu.out(sequence, out=target)
    return padded


def _convolve(x: Tensor, kernel: Tensor, bias: Tensor, space: int, groups: int) -> Tensor:
    """Correlate maps with a 3-D kernel, padding rows and columns but not frames."""
    maps = x.permute(0, 4, 1, 2, 3)
    short = len(x) == 1 and x.device.type == "cpu" and x.dtype == torch.float32
    if short and ONEDNN and not torch.is_grad_enabled():
        # for a short single sequence conv3d chooses an algorithm that is ten times slower
        y = torch.mkldnn_convolution(maps, kernel, bias, (0, space, space), (1, 1, 1), (1, 1, 1), groups)
    else:
        y = functional.conv3d(maps, kernel, bias, padding=(0, space, space), groups=groups)
    return y.permute(0, 2, 3, 4, 1)


def _block_diagonal(matrices: Tensor) -> Tensor:
    """Return [groups, inputs, outputs] as one matrix, zero between groups."""
    groups, inputs, outputs = matrices.shape
    apart = torch.eye(groups, dtype=matrices.dtype, device=matrices.device)
    return torch.einsum("gio,gh->giho", matrices, apart).reshape(groups * inputs, groups * outputs)


def _pool(x: Tensor, size: int) -> Tensor:
    if size == 1:
        return x
    images = functional.avg_pool2d(x.flatten(0, 1).permute(0, 3, 1, 2), size)
    return torch.unflatten(images.permute(0, 2, 3, 1), 0, x.shape[:2])


def _channels_first(x: Tensor) -> Tensor:
    return x.movedim(-1, 2)
