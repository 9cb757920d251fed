"""What is to be recorded, and the table of tasks it falls into."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from napari_twinscope.errors import InvalidInput
from napari_twinscope.recording.sampling import Sampling
from napari_twinscope.specification import Specification
from napari_twinscope.stimuli import StimulusProtocol, protocol

DTYPES = ("float32", "float16")
_FARTHEST = 100.0


@dataclass(frozen=True)
class Behaviour(Specification):
    """The animal's state during a recording, held constant.

    All four are in standard deviations from the mean of the animal's own training data; 0 is its
    average state, which the papers use throughout.

    Parameters
    ----------
    pupil_x, pupil_y
        Position of the pupil's centre. It rotates the eye, and so moves the receptive fields.
    pupil_radius
        Size of the pupil.
    treadmill
        Running speed.
    """

    pupil_x: float = 0.0
    pupil_y: float = 0.0
    pupil_radius: float = 0.0
    treadmill: float = 0.0

    def __post_init__(self) -> None:
        for name, value in self.values.items():
            finite = isinstance(value, (int, float)) and math.isfinite(value)
            if not finite or abs(value) > _FARTHEST:
                raise InvalidInput(
                    f"The behaviour {name} is not a finite number."
                    if not finite
                    else f"The behaviour {name} is far beyond any animal's.",
                    given=value,
                    needed=f"at most {_FARTHEST:g} standard deviations from the mean of the training data",
                    remedy="use 0 where the behaviour was not measured",
                )

    @property
    def values(self) -> dict[str, float]:
        """The four numbers by name."""
        return {
            "pupil_x": self.pupil_x,
            "pupil_y": self.pupil_y,
            "pupil_radius": self.pupil_radius,
            "treadmill": self.treadmill,
        }

    def __str__(self) -> str:
        changed = [f"{name} {value:g}" for name, value in self.values.items() if value]
        return ", ".join(changed) + " s.d." if changed else "average"


@dataclass(frozen=True)
class Task:
    """A batch of conditions that one worker records: all that it needs is the plan and `row`.

    Parameters
    ----------
    row
        Position in the task table.
    conditions
        Pairs (stimulus, direction) of indices into the protocol.
    sequences
        Number of movies to show: conditions times their distinct instances.
    """

    row: int
    conditions: tuple[tuple[int, int], ...]
    sequences: int


@dataclass(frozen=True)
class RecordingPlan(Specification):
    """Everything that determines a recording.

    Parameters
    ----------
    twin
        The twin's name in the catalogue, or ``file:PATH``.
    protocol
        The stimuli.
    stages
        Names of the stages to record; none means all of them.
    sampling
        Which units of each stage.
    device
        ``auto`` (CUDA, then MPS, then CPU) or the name of a torch device.
    batch
        Movies shown at once.
    dtype
        Precision in which responses are stored: ``float32`` or ``float16``. Computation is float32.
    seed
        Seed of the choice of units.
    store_maps
        Stages whose complete activation maps are stored too (float16).
    behaviour
        Constant behavioural state.
    allow_tf32
        Let CUDA round matrix products to TF32: faster, and wrong by about 1e-3.

    Raises
    ------
    InvalidInput
        If a value is out of range, a stage is named twice, or maps of an unrecorded stage are asked for.
    """

    twin: str = "demo"
    protocol: StimulusProtocol = field(default_factory=lambda: protocol("paper-6"))
    stages: tuple[str, ...] = ()
    sampling: Sampling = field(default_factory=Sampling)
    device: str = "auto"
    batch: int = 8
    dtype: str = "float32"
    seed: int = 1
    store_maps: tuple[str, ...] = ()
    behaviour: Behaviour = field(default_factory=Behaviour)
    allow_tf32: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.batch, bool) or not isinstance(self.batch, int) or self.batch < 1:
            raise InvalidInput("The batch must be a positive whole number of movies.", given=self.batch)
        if self.dtype not in DTYPES:
            raise InvalidInput("Unknown storage precision.", given=self.dtype, needed=" or ".join(DTYPES))
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or not 0 <= self.seed < 2**32:
            raise InvalidInput("The seed must be a whole number from 0 to 2**32 - 1.", given=self.seed)
        for field_name in ("stages", "store_maps"):
            names = tuple(sorted(getattr(self, field_name)))  # their order is that of the data
            object.__setattr__(self, field_name, names)
            if len(set(names)) != len(names):
                raise InvalidInput("A stage is named twice.", given=", ".join(names))
        if self.stages and not set(self.store_maps) <= set(self.stages):
            raise InvalidInput(
                "Maps can be stored for recorded stages only.",
                given=", ".join(self.store_maps),
                needed="among " + ", ".join(self.stages),
            )

    def tasks(self) -> tuple[Task, ...]:
        """Return the task table: conditions in order, as many in a task as the batch holds.

        A stimulus that is the same in all directions is shown in the first, and stands for all.
        """
        tasks: list[Task] = []
        conditions: list[tuple[int, int]] = []
        sequences = 0
        for stimulus in range(len(self.protocol.stimuli)):
            instances = self.protocol.unique_instances(stimulus)
            for direction in range(self.protocol.unique_directions(stimulus)):
                if conditions and sequences + instances > self.batch:
                    tasks.append(Task(len(tasks), tuple(conditions), sequences))
                    conditions, sequences = [], 0
                conditions.append((stimulus, direction))
                sequences += instances
        tasks.append(Task(len(tasks), tuple(conditions), sequences))
        return tuple(tasks)

    @property
    def sequences(self) -> int:
        """Number of distinct movies in the whole recording."""
        return sum(task.sequences for task in self.tasks())

    def task_table(self) -> str:
        """Return the task table as text: row, number of movies, conditions."""
        names = [stimulus.name for stimulus in self.protocol.stimuli]
        lines = [f"{'row':>4}  {'movies':>6}  conditions"]
        for task in self.tasks():
            shown: dict[str, list[str]] = {}
            for s, d in task.conditions:
                known = self.protocol.stimuli[s].directional
                shown.setdefault(names[s], []).extend([f"{self.protocol.directions[d]:g}"] if known else [])
            text = "; ".join(
                f"{name} at {', '.join(angles)} deg" if angles else name for name, angles in shown.items()
            )
            lines.append(f"{task.row:>4}  {task.sequences:>6}  {text}")
        return "\n".join(lines)
