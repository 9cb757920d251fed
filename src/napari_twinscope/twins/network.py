"""The visual network: a compatible implementation of the published foundation model of mouse vision."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from napari_twinscope.errors import InvalidInput
from napari_twinscope.twins.arithmetic import keep_memory, tf32
from napari_twinscope.twins.core import Core, StreamState, StreamWeights
from napari_twinscope.twins.inputs import Video, check_video
from napari_twinscope.twins.modulation import Modulation
from napari_twinscope.twins.perspective import PADDING, Noise, Perspective
from napari_twinscope.twins.probe import ChunkProbe, NoProbe, Probe
from napari_twinscope.twins.readout import Readout
from napari_twinscope.twins.traced import depth_of, traced_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from napari_twinscope.twins.config import NetworkConfig

CHUNK = 16
"""Frames times sequences that are encoded at once. More does not go faster, and arrays of more than
about 30 MB are returned to the operating system each time they are freed, which costs as much as
computing them."""

TRAINED_AT_ONCE = 144
"""The same where gradients are kept, and all arrays with them: there, fewer and larger steps are faster."""

NO_PROBE = NoProbe()

TOGETHER = 4
"""Sequences that `VisualNetwork.predict` runs side by side."""


class VisualNetwork(nn.Module):
    """Dynamic model of visual cortex: video and behaviour in, responses of units out.

    Parameters and buffers have the names and shapes of the published weight files, and
    ``load_state_dict`` is strict as usual. Effective weights are computed anew in every call, so that
    a changed parameter is always noticed, however it was changed. No method changes the training mode.

    Parameters
    ----------
    config
        Sizes.
    units
        Number of units that are read out.

    Attributes
    ----------
    allow_tf32
        Whether CUDA may round products to TF32 in calls without gradients: faster, and wrong by about
        1e-3. No by default.

    References
    ----------
    Wang et al., Foundation model of neural activity predicts response to new stimulus types, Nature 640
    (2025), 470-477, doi 10.1038/s41586-025-08829-y
    """

    def __init__(self, config: NetworkConfig, units: int) -> None:
        super().__init__()
        if not isinstance(units, int) or units < 1:
            raise InvalidInput("A network needs units.", given=units, needed="a whole number, at least 1")
        self.config = config
        self.allow_tf32 = False
        self.perspective = Perspective(config.perspective, config.perspective_features)
        self.modulation = Modulation(config.modulation, config.streams, config.modulation_features)
        self.core = Core(config)
        self.readout = Readout(units, config.streams, config.recurrent.out_channels)

    @property
    def units(self) -> int:
        """Number of units."""
        return len(self.readout.position.mu)

    def predict(
        self,
        frames: Any,
        perspectives: Any = None,
        modulations: Any = None,
        stream: int | None = None,
    ) -> NDArray[np.float32]:
        """Predict the responses to a video.

        Parameters
        ----------
        frames
            uint8 [T, H, W], [T, H, W, 1] or [T, N, H, W, 1], 30 frames per second.
        perspectives, modulations
            Behaviour [T, 2] or [T, N, 2], z-scored; the recording's mean if None. The prediction ends
            with the shortest input; inputs of one sequence are shared by all.
        stream
            Use one stream instead of the mean of all.

        Returns
        -------
        ndarray
            Response per frame relative to the unit's mean, float32 [T, U], or [T, N, U] if any input
            had an axis of sequences.

        Raises
        ------
        InvalidInput
            If an input does not fit; see `check_video`.
        """
        video = self._check(frames, perspectives, modulations)
        out = np.empty((video.length, video.sequences, self.units), np.float32)
        keep_memory()
        with torch.inference_mode(), tf32(self.allow_tf32):
            weights = self._prepare(self._streams(stream), self._depth())
            for first in range(0, video.sequences, TOGETHER):
                part = slice(first, first + TOGETHER)
                time = 0
                for logits in self._run(video.part(part), weights):
                    assert logits is not None
                    responses = logits.mean(2).exp().transpose(0, 1).float().cpu().numpy()
                    out[time : time + len(responses), part] = responses
                    time += len(responses)
        return out if video.batched else out[:, 0]

    def trace(
        self,
        frames: Any,
        names: Iterable[str],
        perspectives: Any = None,
        modulations: Any = None,
        stream: int | None = None,
        periphery: str = "dark",
    ) -> dict[str, NDArray[np.floating[Any]]]:
        """Record intermediate values.

        Parameters
        ----------
        frames, perspectives, modulations, stream
            As for `predict`.
        names
            Values to record: see `trace_names`.
        periphery
            What lies beyond the monitor's edge: "dark", or "extend" for the pixels of its border.

        Returns
        -------
        dict
            Name to array [T, N, ...]; streams lie side by side on the channels, stream after stream.
        """
        names = list(names)
        unknown = sorted(set(names) - set(self.trace_names))
        if unknown:
            raise InvalidInput(
                "There is no such value to trace.",
                given=", ".join(unknown),
                needed=", ".join(self.trace_names),
            )
        chunks: dict[str, list[NDArray[np.floating[Any]]]] = defaultdict(list)

        def sink(name: str, _first: int, value: Tensor) -> None:
            chunks[name].append(value.transpose(0, 1).cpu().numpy().copy())

        self.stream_values(
            frames,
            names,
            sink,
            perspectives=perspectives,
            modulations=modulations,
            stream=stream,
            periphery=periphery,
        )
        traces = {name: np.concatenate(values) for name, values in chunks.items()}
        if stream is not None and "readout.out" in traces:
            traces["readout.out"] = traces["readout.out"][:, :, 0]
        return traces

    def stream_values(
        self,
        frames: Any,
        names: Sequence[str],
        sink: Callable[[str, int, Tensor], None],
        *,
        perspectives: Any = None,
        modulations: Any = None,
        stream: int | None = None,
        periphery: str = "dark",
    ) -> None:
        """Hand intermediate values to `sink` chunk by chunk, without computing what nobody asked for.

        Parameters
        ----------
        frames, names, perspectives, modulations, stream, periphery
            As for `trace`.
        sink
            Called as ``sink(name, first_frame, value)``, value [N, frames of the chunk, ...]. A value
            may be a view that is not contiguous.
        """
        video = self._check(frames, perspectives, modulations)
        probe = ChunkProbe(names, sink)
        depth = self._depth(names)
        keep_memory()
        with torch.inference_mode(), tf32(self.allow_tf32):
            weights = self._prepare(self._streams(stream), depth)
            first = 0
            for logits in self._run(video, weights, periphery=periphery, probe=probe, depth=depth):
                if logits is not None:
                    raw = logits.mean(2)
                    for name, value in (("raw", raw), ("response", raw.exp())):
                        if probe.wants(name):
                            probe.put(name, value)
                probe.flush(first)
                first += self._chunk(video)

    def forward(
        self,
        frames: Any,
        perspectives: Any = None,
        modulations: Any = None,
        stream: int | None = None,
        noise: Noise | None = None,
        periphery: str = "dark",
    ) -> Tensor:
        """Return the logits of each stream, differentiable with respect to all parameters.

        Parameters
        ----------
        frames, perspectives, modulations, stream, periphery
            As for `trace`.
        noise
            Jitter of the monitor and of the readout positions, held for the whole video. In training
            mode it is drawn from PyTorch's generator if None; in evaluation mode None means none.

        Returns
        -------
        Tensor
            [T, N, S, U], S = 1 if one stream was asked for. The response is the exponential of the
            mean over S.
        """
        video = self._check(frames, perspectives, modulations)
        if noise is None and self.training:
            noise = self.draw_noise(video.sequences)
        weights = self._prepare(self._streams(stream), self._depth())
        chunks = [
            chunk
            for chunk in self._run(video, weights, noise=noise, periphery=periphery)
            if chunk is not None
        ]
        return torch.cat(chunks, dim=1).transpose(0, 1)

    def draw_noise(self, sequences: int) -> Noise:
        """Draw the jitter of one training pass: centre, angle and positions, in this order."""
        mu = self.readout.position.mu
        center = torch.randn(sequences, 3, device=mu.device, dtype=mu.dtype)
        angle = torch.randn(sequences, 3, device=mu.device, dtype=mu.dtype)
        return Noise(center, angle, torch.randn(sequences, *mu.shape, device=mu.device, dtype=mu.dtype))

    @property
    def trace_names(self) -> tuple[str, ...]:
        """Names that `trace` knows, in the order in which they are computed."""
        return traced_names(self.config, len(self.core.recurrent.proj_x))

    def _check(self, frames: Any, perspectives: Any, modulations: Any) -> Video:
        features = (self.config.perspective_features, self.config.modulation_features)
        like = self.readout.position.mu
        return check_video(frames, perspectives, modulations, features=features, like=like)

    def _streams(self, stream: int | None) -> list[int]:
        if stream is None:
            return list(range(self.config.streams))
        if not 0 <= stream < self.config.streams:
            needed = f"0 to {self.config.streams - 1}, or None for all"
            raise InvalidInput("There is no such stream.", given=stream, needed=needed)
        return [stream]

    def _depth(self, names: Iterable[str] | None = None) -> int:
        """Return how far to run for some values, or for the response; see `depth_of`."""
        return depth_of(["response"] if names is None else names, self.config.feedforward.blocks)

    def _prepare(self, streams: list[int], depth: int) -> dict[int, StreamWeights]:
        """Compute the effective weights of the streams, as far as `depth` needs them."""
        recurrent = depth >= self._depth(["core.out"])
        return {
            stream: StreamWeights(
                self.core.feedforward.prepare(stream),
                self.core.recurrent.prepare(stream) if recurrent else None,
            )
            for stream in streams
        }

    def _chunk(self, video: Video) -> int:
        """Return the number of frames that are computed at once."""
        together = TRAINED_AT_ONCE if torch.is_grad_enabled() else CHUNK
        return max(1, together // video.sequences)

    def _run(
        self,
        video: Video,
        weights: dict[int, StreamWeights],
        *,
        noise: Noise | None = None,
        periphery: str = "dark",
        probe: Probe = NO_PROBE,
        depth: int | None = None,
    ) -> Iterator[Tensor | None]:
        """Yield the logits [N, frames, S, U] of each chunk, or None where `depth` stops before them."""
        if periphery not in PADDING:
            raise InvalidInput("The periphery is unknown.", given=periphery, needed=", ".join(PADDING))
        depth = self._depth() if depth is None else depth
        modulations = {stream: self._modulate(video, stream) for stream in weights}
        positions = self.readout.position(noise)
        states: dict[int, StreamState] = {}
        for start in range(0, video.length, self._chunk(video)):
            frames = slice(start, start + self._chunk(video))
            images = self.perspective(
                video.frames[:, frames],
                None if video.perspectives is None else video.perspectives[:, frames],
                sequences=video.sequences,
                noise=noise,
                periphery=periphery,
                probe=probe,
            )
            if probe.wants("readout.grid"):
                grid = positions[:, None].expand(video.sequences, images.shape[1], -1, -1)
                probe.put("readout.grid", grid)
            logits = []
            for stream, prepared in weights.items():
                modulation = {name: value[:, frames] for name, value in modulations[stream].items()}
                for name, value in modulation.items():
                    if probe.wants(f"modulation.{name}"):
                        probe.put(f"modulation.{name}", value)
                if stream not in states:
                    states[stream] = self._initial_state(video.sequences, images)
                core = self._advance(images, modulation["h"], states[stream], prepared, probe, depth)
                if core is not None and depth >= self._depth(["response"]):
                    logits.append(self.readout(core, positions, stream, probe))
            yield torch.stack(logits, dim=2) if logits else None

    def _modulate(self, video: Video, stream: int) -> dict[str, Tensor]:
        behaviour = video.modulations
        if behaviour is None:
            mu = self.readout.position.mu
            behaviour = mu.new_zeros(1, video.length, self.config.modulation_features)
        return self.modulation(behaviour.expand(video.sequences, -1, -1), stream)  # type: ignore[no-any-return]

    def _initial_state(self, sequences: int, like: Tensor) -> StreamState:
        shapes = self.config.grid_shapes
        return StreamState(
            self.core.feedforward.initial_state(sequences, shapes, like),
            self.core.recurrent.initial_state(sequences, self.config.core_shape, like),
        )

    def _advance(
        self,
        images: Tensor,
        modulation: Tensor,
        state: StreamState,
        weights: StreamWeights,
        probe: Probe,
        depth: int,
    ) -> Tensor | None:
        """Run one stream over a chunk of frames; return its core feature map if `depth` reaches it."""
        if depth == 0:
            return None
        blocks = depth if depth <= self.config.feedforward.blocks else None
        features = self.core.feedforward(images, state.feedforward, weights.feedforward, probe, blocks)
        if weights.recurrent is None:
            return None
        core, state.recurrent = self.core.recurrent(
            features, modulation, state.recurrent, weights.recurrent, probe
        )
        return core  # type: ignore[no-any-return]
