"""What the errors of the papers' code do that lie in its figures, its notebooks and its explorer.

No preset has them, since no measure does: they are repeated here, on the twin and the recording at hand.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.distance import cdist

from napari_twinscope.manifolds import (
    ClassificationOptions,
    EncodingOptions,
    classification_over_time,
    encoding_manifold,
)
from napari_twinscope.population import TensorOptions, direction_tuning
from napari_twinscope.twins import load_twin

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from napari_twinscope.manifolds import EncodingManifold
    from napari_twinscope.recording import Recording
    from napari_twinscope.twins.network_twin import NetworkTwin

ENCODER = {
    "L1": "inputs0",
    "L2": "blocks0",
    "L4": "inputs1",
    "L5": "blocks1",
    "L7": "inputs2",
    "L8": "blocks2",
}
TITLES_2025 = ("L1", "L5", "L2", "L7", "L4", "L8")
"""What the panels are called that show L1, L2, L4, L5, L7, L8."""

WEB_RIGHT = (2, 6)
"""The preferred directions, of eight, that the web page puts where they belong."""


class FigureErrors:
    """Errors 13 to 16, 20 and 21; see `published_errors`."""

    recording: Recording
    stage: str
    responses: xr.DataArray
    medium: xr.DataArray

    @cached_property
    def twin(self) -> NetworkTwin:
        """The network that was recorded."""
        found: NetworkTwin = load_twin(self.recording.plan.twin)
        return found

    @cached_property
    def manifold(self) -> EncodingManifold:
        """An encoding manifold of the stage."""
        options = EncodingOptions(TensorOptions(stimuli="medium"), rank=6, restarts=2)
        return encoding_manifold(self.recording, self.stage, options, device="cpu")

    def error_13(self) -> str:
        """Title panels by others."""
        how = ClassificationOptions("published-2025", windows=("growing",), step=36, runs=1)
        accuracy = {
            label: float(classification_over_time(self.recording.responses(stage), how).accuracy[0, -1])
            for label, stage in ENCODER.items()
        }
        told = [
            f"{title} {accuracy[label]:.2f} instead of {accuracy[title]:.2f}"
            for label, title in zip(ENCODER, TITLES_2025, strict=True)
            if title != label
        ]
        return f"Accuracy at the end of the movie, as the panels of 2025 have it: {', '.join(told)}."

    def error_14(self) -> str:
        """Draw convolutions that are not there, and before their nonlinearity."""
        feedforward = self.twin.network.core.feedforward
        count = len(feedforward.blocks[2].convs)
        ranges = {
            name: [np.inf, -np.inf]
            for name in ("feedforward.blocks.0.convs.0", "feedforward.blocks.0.activations.1")
        }

        def widen(name: str, _: int, value: object) -> None:
            low, high = (float(getattr(value, end)()) for end in ("min", "max"))
            ranges[name] = [min(ranges[name][0], low), max(ranges[name][1], high)]

        movies = self.movies()[:, 0]
        self.twin.network.stream_values(np.moveaxis(movies, 0, 1)[..., None], list(ranges), widen)
        drawn, received = ranges.values()
        return (
            f"The last block has {count} convolutions: the third is not there. Of L2 the figure takes "
            f"values from {drawn[0]:.2f} to {drawn[1]:.2f}; the next layer receives {received[0]:.2f} to "
            f"{received[1]:.2f}."
        )

    def error_15(self) -> str:
        """Take one stream for all."""
        streams = [part.detach().double().numpy()[:, 0] for part in self.twin.network.readout.feature.weights]
        if len(streams) == 1:
            return "This twin has one stream, of which copies tell nothing false."
        weights, first = np.concatenate(streams, axis=1), streams[0]
        share = float(np.square(first).sum() / np.square(weights).sum())
        pairs = np.triu_indices(len(weights), 1)
        alike = [1 - cdist(side, side, "cosine")[pairs] for side in (first, weights)]
        return (
            f"Stream 0 holds {share:.0%} of the squared readout weights. The similarity of any two units by "
            f"its copies correlates by {np.corrcoef(*alike)[0, 1]:.2f} with that by all {weights.shape[1]} "
            "features."
        )

    def error_16(self) -> str:
        """Take incoming weights for outgoing ones."""
        block = self.twin.network.core.feedforward.blocks[2]
        outgoing, incoming = [], []
        for stream in range(self.twin.network.config.streams):
            weights = block.convs[1].weight(stream).detach().double().numpy()
            by_group = weights.reshape(block.groups, -1, *weights.shape[1:])  # (group, to, from, ...)
            squares = np.square(by_group).reshape(*by_group.shape[:3], -1).sum(-1)
            outgoing.append(np.sqrt(squares.sum(1)).ravel())
            incoming.append(np.sqrt(squares.sum(2)).ravel())
        r = np.corrcoef(np.concatenate(outgoing), np.concatenate(incoming))[0, 1]
        return (
            f"Channels of L8: the strength of the weights that leave a channel correlates by {r:.2f} with "
            "what is taken for it."
        )

    def error_20(self) -> str:
        """Roll maps, and measure boxes and radii, as the explorer does."""
        best = direction_tuning(self.medium).argmax("direction").values
        wrong = ~np.isin(best, WEB_RIGHT)
        places = self.manifold.coordinates.values[self.manifold.on_map]
        shown = places[:, 1:4]  # the second to the fourth axis on display
        limits = places[:, :3].min(0), places[:, :3].max(0)
        lost = 1 - ((shown >= limits[0]) & (shown <= limits[1])).all(1).mean()
        radius = float(np.median(cdist(places[:, :3], places[:, :3])))
        near = [(cdist(some, some) < radius).sum(1).mean() - 1 for some in (places, places[:, :3])]
        return (
            f"The web page puts {wrong.mean():.0%} of all response maps into a wrong row. With axes 2 to 4 "
            f"shown, {lost:.0%} of {len(places)} units are beyond the widest box. Within one radius lie on "
            f"average {near[0]:.0f} units in all coordinates and {near[1]:.0f} in three."
        )

    def error_21_in_one_video(self) -> str:
        """Carry the state over from one direction to the next."""
        movies = self.movies()
        stimuli, directions, frames = movies.shape[:3]
        alone = self._output(movies.reshape(-1, *movies.shape[2:])).reshape(stimuli, directions, -1)
        video = self._output(movies.reshape(stimuli, directions * frames, *movies.shape[3:]), frames)
        angles = np.arange(directions) * 2 * np.pi / directions
        osi, dsi = (
            [
                np.abs((np.exp(1j * turns * angles)[:, None] * r).sum(1)) / (r.sum(1) + 1e-8)
                for r in (video.reshape(stimuli, directions, -1), alone)
            ]
            for turns in (2, 1)
        )
        told = [
            f"{name} {found[0].mean():.3f} instead of {found[1].mean():.3f} (correlation over units "
            f"{np.corrcoef(found[0].mean(0), found[1].mean(0))[0, 1]:.2f})"
            for name, found in (("OSI", osi), ("DSI", dsi))
        ]
        return f"With all directions in one video, mean of the output over classes: {', '.join(told)}."

    def movies(self) -> NDArray[np.uint8]:
        """Return the first instance of each movie, uint8 (stimulus, direction, time, y, x)."""
        ordered = self.recording.movie().sortby("direction").isel(instance=0)
        return np.asarray(ordered.transpose("stimulus", "direction", "time", "y", "x").values)

    def _output(self, movies: NDArray[np.uint8], frames: int | None = None) -> NDArray[np.float64]:
        """Return the mean response over each run of frames, (movie, run, unit)."""
        length = movies.shape[1]
        frames = frames or length
        made = np.zeros((len(movies), length // frames, self.twin.units))

        def add(_: str, first: int, values: object) -> None:
            numbers = np.asarray(values.cpu().numpy(), dtype=np.float64).reshape(
                len(movies), -1, self.twin.units
            )
            for frame in range(numbers.shape[1]):
                made[:, (first + frame) // frames] += numbers[:, frame]

        self.twin.record(movies, ["output"], add)
        return made / frames
