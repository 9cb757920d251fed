"""The electrode: shows one task's movies to the twin and keeps what the plan asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import DeviceError
from napari_twinscope.recording.sampling import candidates

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from torch import Tensor

    from napari_twinscope.recording.plan import RecordingPlan, Task
    from napari_twinscope.twins import Stage, Twin

    Movies = NDArray[np.uint8]
    Sink = Callable[[str, int, Tensor], None]


def render(plan: RecordingPlan, task: Task) -> list[Movies]:
    """Return the distinct movies of each condition of a task: arrays (instance, time, y, x)."""
    return [
        np.stack([plan.protocol.movie(s, d, i) for i in range(plan.protocol.unique_instances(s))])
        for s, d in task.conditions
    ]


def show_movies(plan: RecordingPlan, twin: Twin, frames: Movies, stages: Sequence[str], sink: Sink) -> None:
    """Show movies to a twin in the state and with the arithmetic of a plan.

    Parameters
    ----------
    plan
        Its behaviour and its TF32 option are used.
    twin
        The twin.
    frames
        Movies, uint8 [movies, frames, height, width].
    stages, sink
        As of `Twin.record`.
    """
    behaviour = plan.behaviour
    shape = (frames.shape[0], frames.shape[1], 1)
    perspectives = np.tile(np.array([behaviour.pupil_x, behaviour.pupil_y], np.float32), shape)
    modulations = np.tile(np.array([behaviour.pupil_radius, behaviour.treadmill], np.float32), shape)
    twin.allow_tf32 = plan.allow_tf32
    twin.record(frames, stages, sink, perspectives=perspectives, modulations=modulations)


def out_of_memory(error: BaseException) -> bool:
    """Return whether an error says that memory ran out; each kind of device says it differently."""
    import torch

    words = ("out of memory", "can't allocate memory", "not enough memory")
    told = any(text in str(error).lower() for text in words)
    return told or isinstance(error, (MemoryError, torch.OutOfMemoryError))


class Electrode:
    """Runs a twin on the movies of a plan; where memory runs out it halves the batch and goes on.

    Parameters
    ----------
    plan
        What to record.
    twin
        The twin, on the device where it is to run.
    """

    def __init__(self, plan: RecordingPlan, twin: Twin) -> None:
        self.plan = plan
        self.twin = twin
        self.batch = plan.batch

    def responses(
        self,
        movies: Sequence[Movies],
        units: dict[str, NDArray[np.int64]],
        maps: Sequence[str] = (),
    ) -> tuple[dict[str, NDArray[np.float32]], dict[str, NDArray[np.float32]]]:
        """Record units, and whole maps, averaged over the instances of each condition.

        Parameters
        ----------
        movies
            For each condition its movies (instance, time, y, x).
        units
            For each stage the channel, row and column of its units (unit, 3).
        maps
            Stages of which the whole map is kept.

        Returns
        -------
        responses, maps
            For each stage signed float32 arrays (condition, time, unit) and
            (condition, time, channel, row, column).
        """
        import torch

        device = torch.device(self.twin.device)
        frames = self.plan.protocol.frames
        index = {name: _flat(self.twin.stage(name), u) for name, u in units.items()}
        index = {name: i.to(device) for name, i in index.items()}
        means = {name: np.zeros((len(movies), frames, len(u)), np.float32) for name, u in units.items()}
        stages = [self.twin.stage(name) for name in maps]
        whole = {
            s.name: np.zeros((len(movies), frames, s.channels, s.rows, s.columns), np.float32) for s in stages
        }
        conditions = [c for c, shown in enumerate(movies) for _ in shown]
        sequences = [movie for shown in movies for movie in shown]

        def show(first: int, last: int) -> None:
            count = last - first
            # Added up only once the batch is complete, so that a batch which fails leaves no trace.
            picked = {n: np.empty((count, *kept.shape[1:]), np.float32) for n, kept in means.items()}
            copied = {n: np.empty((count, *kept.shape[1:]), np.float32) for n, kept in whole.items()}

            def sink(name: str, frame: int, values: Tensor) -> None:
                window = slice(frame, frame + values.shape[1])
                if name in picked:
                    chosen = values.flatten(2).index_select(2, index[name])
                    picked[name][:, window] = chosen.cpu().numpy()
                if name in copied:
                    copied[name][:, window] = values.cpu().numpy()

            show_movies(self.plan, self.twin, np.stack(sequences[first:last]), list({*picked, *copied}), sink)
            for kept, new in ((means, picked), (whole, copied)):
                for name, values in new.items():
                    for owner, one in zip(conditions[first:last], values, strict=True):
                        kept[name][owner] += one / len(movies[owner])

        self._in_batches([1] * len(sequences), show)
        return means, whole

    def scores(self, movies: Sequence[Movies], stages: Sequence[Stage]) -> dict[str, NDArray[np.float32]]:
        """Score every candidate unit by its activity, as the papers do before they draw.

        A unit's activity is rectified after averaging over instances and divided by the largest
        activity of its stage in that frame; the score is the largest, over conditions, of the mean
        over time.

        Parameters
        ----------
        movies
            For each condition its movies (instance, time, y, x).
        stages
            The stages to score.

        Returns
        -------
        dict
            For each stage a float32 array (channel, row, column) restricted to `candidates`.
        """
        import torch

        window = {stage.name: candidates(stage, self.plan.sampling.rule) for stage in stages}
        best: dict[str, Tensor] = {}
        frames = self.plan.protocol.frames

        def show(first: int, last: int) -> None:
            counts = [len(shown) for shown in movies[first:last]]
            sums: dict[str, Tensor] = {}

            def sink(name: str, frame: int, values: Tensor) -> None:
                del frame
                cropped = values[:, :, window[name][0], window[name][1], window[name][2]]
                # The instances of a condition stand next to each other in the batch.
                mean = torch.stack([part.mean(0) for part in torch.split(cropped, counts)])
                rectified = mean.clamp_min(0)
                largest = rectified.amax(dim=(2, 3, 4), keepdim=True).clamp_min(1e-8)
                part = (rectified / largest).sum(1)
                sums[name] = sums[name] + part if name in sums else part

            show_movies(self.plan, self.twin, np.concatenate(movies[first:last]), list(window), sink)
            for name, total in sums.items():
                score = (total / frames).amax(0)
                best[name] = torch.maximum(best[name], score) if name in best else score

        self._in_batches([len(shown) for shown in movies], show)
        return {name: score.cpu().numpy() for name, score in best.items()}

    def _in_batches(self, sizes: Sequence[int], show: Callable[[int, int], None]) -> None:
        """Call `show(first, last)` for consecutive items whose sizes sum to at most the batch."""
        first = 0
        while first < len(sizes):
            last = first + 1
            while last < len(sizes) and sum(sizes[first : last + 1]) <= self.batch:
                last += 1
            try:
                show(first, last)
            except (RuntimeError, MemoryError) as error:
                if not out_of_memory(error):
                    raise
                if last == first + 1:
                    raise DeviceError(
                        f"The device {self.twin.device} has too little memory for this recording.",
                        given=f"{sizes[first]} movies of {self.plan.protocol.frames} frames at once",
                        remedy="record fewer stages, show fewer instances or frames, or use the CPU",
                    ) from error
                self.batch = max(1, sum(sizes[first:last]) // 2)
            else:
                first = last


def _flat(stage: Stage, units: NDArray[np.int64]) -> Tensor:
    import torch

    shape = (stage.channels, stage.rows, stage.columns)
    return torch.from_numpy(np.ravel_multi_index(tuple(units.T), shape).astype(np.int64))
