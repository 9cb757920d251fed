"""A protocol: which movies a twin is shown, in which directions and how often."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.specification import Specification
from napari_twinscope.stimuli.checks import require, settle_numbers
from napari_twinscope.stimuli.screen import Screen
from napari_twinscope.stimuli.stimulus import Stimulus

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr
    from numpy.typing import NDArray

EIGHT_DIRECTIONS = tuple(45.0 * step for step in range(8))


@dataclass(frozen=True)
class StimulusProtocol(Specification):
    """Every stimulus in every direction, a number of instances each.

    A stimulus that is not directional shows the same movie for every direction; one that does not vary
    shows the same movie for every instance. Movies depend on the seed, the stimulus, the direction in
    degrees and the number of the instance only, so that a subset shows the movies of the whole.

    Parameters
    ----------
    name
        What the protocol is called.
    stimuli
        Stimuli with different names.
    directions
        Degrees, 0 = rightwards, 90 = upwards, counter-clockwise; kept within 0 to 360.
    instances
        Movies per stimulus and direction.
    frames
        Length of a movie.
    screen
        Size, frame rate and geometry.
    seed
        Of all random patterns.

    Raises
    ------
    InvalidInput
        If names or directions repeat, if a count is not positive, or if a stimulus cannot be drawn in one
        of the directions, at this length or on this screen.
    """

    name: str
    stimuli: tuple[Stimulus, ...]
    directions: tuple[float, ...] = EIGHT_DIRECTIONS
    instances: int = 3
    frames: int = 37
    screen: Screen = field(default_factory=Screen)
    seed: int = 1

    def __post_init__(self) -> None:
        settle_numbers(self)
        object.__setattr__(self, "stimuli", tuple(self.stimuli))
        object.__setattr__(self, "directions", _settled(self.directions))
        require(len(self.stimuli) > 0, "The protocol has no stimulus.", given="none", needed="at least one")
        for stimulus in self.stimuli:
            require(
                isinstance(stimulus, Stimulus),
                "The protocol holds something that is no stimulus.",
                given=repr(stimulus),
                needed="objects such as DriftingGrating",
            )
        repeated = sorted({name for name in self.names if self.names.count(name) > 1})
        require(
            not repeated,
            "Stimuli share a name.",
            given=", ".join(repeated),
            needed="a name of its own for each stimulus",
        )
        for count in ("instances", "frames"):
            value = getattr(self, count)
            require(value >= 1, f"The number of {count} is not positive.", given=value, needed="at least 1")
        require(self.seed >= 0, "The seed is negative.", given=self.seed, needed="0 or more")
        for stimulus in self.stimuli:
            stimulus.check(self.directions, self.frames, self.screen)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the stimuli, in order."""
        return tuple(stimulus.name for stimulus in self.stimuli)

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the stimuli, in order."""
        return tuple(stimulus.label for stimulus in self.stimuli)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of stimuli, directions and instances."""
        return len(self.stimuli), len(self.directions), self.instances

    @property
    def duration(self) -> float:
        """Length of a movie in seconds."""
        return self.frames / self.screen.frame_rate

    @property
    def times(self) -> NDArray[np.float64]:
        """Onsets of the frames in seconds, [frame]."""
        return np.arange(self.frames) / self.screen.frame_rate

    def index(self, stimulus: int | str) -> int:
        """Return the position of a stimulus given by name or position.

        Raises
        ------
        InvalidInput
            If the protocol does not hold it.
        """
        if isinstance(stimulus, str):
            if stimulus in self.names:
                return self.names.index(stimulus)
        elif 0 <= stimulus < len(self.stimuli):
            return int(stimulus)
        raise InvalidInput(
            "The protocol does not hold this stimulus.",
            given=stimulus,
            needed=f"one of {', '.join(self.names)}, or a position from 0 to {len(self.stimuli) - 1}",
        )

    def unique_instances(self, stimulus: int | str) -> int:
        """Return how many instances of a stimulus differ: 1 if it does not vary."""
        return self.instances if self.stimuli[self.index(stimulus)].varies else 1

    def unique_directions(self, stimulus: int | str) -> int:
        """Return how many directions of a stimulus differ: 1 if it is not directional."""
        return len(self.directions) if self.stimuli[self.index(stimulus)].directional else 1

    def movie(self, stimulus: int | str, direction: int, instance: int) -> NDArray[np.uint8]:
        """Draw one movie.

        Parameters
        ----------
        stimulus
            Name or position.
        direction
            Position in `directions`.
        instance
            Position among the instances.

        Returns
        -------
        uint8 array [frames, height, width]

        Raises
        ------
        InvalidInput
            If the protocol does not hold the stimulus, direction or instance.
        """
        chosen = self.stimuli[self.index(stimulus)]
        for what, position, count in (
            ("direction", direction, len(self.directions)),
            ("instance", instance, self.instances),
        ):
            require(
                0 <= position < count,
                f"The protocol does not hold this {what}.",
                given=position,
                needed=f"a position from 0 to {count - 1}",
            )
        angle = self.directions[direction] if chosen.directional else 0.0
        number = instance if chosen.varies else 0
        return chosen.render(angle, number, self.frames, self.screen, self.seed)

    def movies(self) -> xr.DataArray:
        """Draw all movies.

        Returns
        -------
        xarray.DataArray of uint8
            Dims ``stimulus, direction, instance, time, y, x``; coordinates are the stimuli's names and
            labels, degrees, numbers, seconds and pixels. The attributes hold the protocol and its hash.
        """
        import xarray as xr

        values = np.empty((*self.shape, self.frames, self.screen.height, self.screen.width), np.uint8)
        for s in range(len(self.stimuli)):
            directions, instances = self.unique_directions(s), self.unique_instances(s)
            for d in range(directions):
                for i in range(instances):
                    values[s, d, i] = self.movie(s, d, i)
                values[s, d, instances:] = values[s, d, 0]
            values[s, directions:] = values[s, 0]
        return xr.DataArray(
            values,
            dims=("stimulus", "direction", "instance", "time", "y", "x"),
            coords={
                "stimulus": list(self.names),
                "label": ("stimulus", list(self.labels)),
                "direction": ("direction", np.array(self.directions), {"units": "degrees"}),
                "instance": np.arange(self.instances),
                "time": ("time", self.times, {"units": "s"}),
                "y": ("y", np.arange(self.screen.height), {"units": "pixels"}),
                "x": ("x", np.arange(self.screen.width), {"units": "pixels"}),
            },
            name="movie",
            attrs={"protocol": self.to_json(), "hash": self.hash},
        )

    def check_sources(self) -> None:
        """Check the files that stimuli read, before long work.

        Raises
        ------
        InvalidInput
            If a file is absent, unreadable, changed or too short.
        """
        for stimulus in self.stimuli:
            stimulus.check_source(self.frames, self.screen)

    def subset(
        self,
        stimuli: Sequence[str] | None = None,
        directions: Sequence[float] | None = None,
        instances: int | None = None,
    ) -> StimulusProtocol:
        """Return a part of the protocol, whose movies are those of the whole.

        Parameters
        ----------
        stimuli
            Names, in the order wanted; all if left out.
        directions
            Degrees, each one of the protocol's; all if left out.
        instances
            The first so many; all if left out.

        Raises
        ------
        InvalidInput
            If the protocol does not hold one of them.
        """
        names = self.names if stimuli is None else tuple(stimuli)
        angles = self.directions if directions is None else _settled(directions)
        count = self.instances if instances is None else instances
        foreign = [angle for angle in angles if angle not in self.directions]
        require(
            not foreign,
            "The protocol does not hold this direction.",
            given=", ".join(f"{angle:g}" for angle in foreign),
            needed="some of " + ", ".join(f"{angle:g}" for angle in self.directions),
        )
        require(
            1 <= count <= self.instances,
            "The protocol does not hold so many instances.",
            given=count,
            needed=f"1 to {self.instances}",
        )
        chosen = tuple(self.stimuli[self.index(name)] for name in names)
        part = replace(self, stimuli=chosen, directions=angles, instances=count)
        return self if part == self else replace(part, name=f"{self.name.removesuffix(' (part)')} (part)")

    def describe(self) -> str:
        """Return the protocol in words and units, for people."""
        screen = self.screen
        lines = [
            f"Protocol {self.name!r}: {len(self.stimuli)} stimuli x {len(self.directions)} directions "
            f"x {self.instances} instances, {self.frames} frames ({self.duration:.2f} s) each",
            f"Screen: {screen.width} x {screen.height} pixels, {screen.frame_rate:g} Hz, "
            f"{screen.degrees_per_pixel:.3f} degrees per pixel at the centre",
            "Directions: " + ", ".join(f"{angle:g}" for angle in self.directions) + " degrees "
            "(0 = rightwards, 90 = upwards)",
        ]
        for stimulus in self.stimuli:
            label = "" if stimulus.label == stimulus.name else f" ({stimulus.label})"
            lines.append(f"  {stimulus.name}{label}: {stimulus.summary}")
        return "\n".join(lines)


def _settled(directions: Sequence[float]) -> tuple[float, ...]:
    try:
        angles = tuple(float(angle) for angle in directions)
    except (TypeError, ValueError) as error:
        raise InvalidInput("The directions are not numbers.", given=repr(directions)) from error
    require(len(angles) > 0, "There is no direction.", given="none", needed="at least one, in degrees")
    require(
        bool(np.isfinite(angles).all()),
        "A direction is not finite.",
        given=angles,
        needed="degrees, 0 to 360",
    )
    angles = tuple(angle % 360 for angle in angles)
    require(
        len(set(angles)) == len(angles),
        "A direction occurs twice (directions are taken modulo 360 degrees).",
        given=", ".join(f"{angle:g}" for angle in angles),
        needed="different directions",
    )
    return angles
