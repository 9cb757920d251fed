"""The feature maps of units: which there are, who lies on them, what they hold, and their colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.layers import condition_text
from napari_twinscope.rig.map_colors import map_colors
from napari_twinscope.rig.maps import MapChoice
from napari_twinscope.rig.session_maps import style_of_map

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_twinscope.rig.map_source import MapSource
    from napari_twinscope.rig.maps import Condition, MapStyle
    from napari_twinscope.rig.session import Session

BY_NUMBER, BY_COUNT = "number", "count"
ORDERS = {
    BY_NUMBER: ("By number", "Feature maps in the order of their numbers"),
    BY_COUNT: ("By selected units", "Feature maps with the most selected units come first"),
}
"""Orders of feature maps: what each is called, and what it means."""
GREY = 0.5
"""Over this grey maps are drawn, so that a colour means the same everywhere."""


@dataclass(frozen=True, eq=False)
class FeatureMap:
    """One feature map with its recorded units.

    Parameters
    ----------
    channel
        Its number within the stage.
    units
        intp [selected], positions of its selected units within the stage.
    cells
        int64 [selected, 2], their (row, column).
    others, other_cells
        The same of its recorded units that are not selected.
    """

    channel: int
    units: npt.NDArray[np.intp]
    cells: npt.NDArray[np.int64]
    others: npt.NDArray[np.intp]
    other_cells: npt.NDArray[np.int64]

    @property
    def recorded(self) -> int:
        """How many of its units are recorded."""
        return len(self.units) + len(self.others)

    @property
    def title(self) -> str:
        """Number of the map, and how many selected units are on it."""
        count = len(self.units)
        return f"map {self.channel}" + (f" · {count} selected" if count else "")


@dataclass(frozen=True, eq=False)
class FeatureMaps:
    """Feature maps of a stage that are shown side by side, all on one scale of colours.

    Parameters
    ----------
    stage
        The stage.
    maps
        Those with selected units; all that are recorded where no unit is selected, or all were asked for.
    recorded, channels
        How many feature maps with recorded units there are, and how many feature maps the stage has.
    selected
        How many units of the stage are selected.
    grid
        Rows and columns of a map.
    aspect
        Height of the stimulus, which the map covers, over its width.
    style
        Limits and colours, those of the activation map over the movie.
    instances
        What the maps are with respect to the instances of a stimulus, in words; empty where there is one.
    """

    stage: str
    maps: tuple[FeatureMap, ...]
    recorded: int
    channels: int
    selected: int
    grid: tuple[int, int]
    aspect: float
    style: MapStyle
    instances: str = ""

    @property
    def title(self) -> str:
        """Say how many maps are shown, of how many, and why these."""
        if not self.selected:
            return (
                f"{self.stage}: all {self.recorded} recorded of {self.channels} feature maps; "
                "no unit is selected"
            )
        units = "1 selected unit is" if self.selected == 1 else f"{self.selected} selected units are"
        on = sum(1 for one in self.maps if len(one.units))
        return f"{self.stage}: {units} on {on} of {self.recorded} recorded feature maps"

    def page_text(self, first: int, count: int) -> str:
        """Say which of the maps are on a page that begins at position `first`."""
        last = min(first + count, len(self.maps))
        if last - first == len(self.maps):
            return f"all {last} shown" if last > 1 else "1 map"
        which = f"{first + 1}" if last - first == 1 else f"{first + 1} to {last}"
        return f"{which} of {len(self.maps)}"


def feature_maps(
    session: Session, source: MapSource | None = None, order: str = BY_NUMBER, *, every: bool = False
) -> FeatureMaps:
    """Return the feature maps of the selected units of the stage that is looked at.

    Parameters
    ----------
    session
        With a recording.
    source
        Where the maps come from; tells how instances are treated.
    order
        One of `ORDERS`.
    every
        Whether recorded maps without a selected unit are shown too.

    Raises
    ------
    InvalidInput
        If the stage has no feature maps, or the order is unknown.
    """
    recording, stage = session.require_recording(), session.stage
    if order not in ORDERS:
        raise InvalidInput("There is no such order.", given=order, needed=", ".join(ORDERS))
    if session.stage_kind(stage) == "units":
        raise InvalidInput(
            f"Units of {stage} lie on no feature maps.",
            given=f"stage {stage}, whose units are read out from all maps",
            remedy="look at a stage with feature maps",
        )
    units, info = session.units(), recording.stage_info(stage)
    cells = np.stack([units[name].to_numpy() for name in ("row", "column")], axis=1).astype(np.int64)
    mask = session.selection.mask(stage)
    selected = int(np.count_nonzero(mask))
    maps, on_maps = [], session.units_of_maps()
    for number, recorded in on_maps.items():
        chosen, others = recorded[mask[recorded]], recorded[~mask[recorded]]
        if every or chosen.size or not selected:
            maps.append(FeatureMap(number, chosen, cells[chosen], others, cells[others]))
    if order == BY_COUNT:
        maps.sort(key=lambda one: -len(one.units))
    first = MapChoice(stage, channel=maps[0].channel if maps else 0)
    style, screen = style_of_map(session, first), recording.protocol.screen
    assert style is not None  # of feature maps it is always known
    instances, which = int(recording.protocol.shape[2]), ""
    if instances > 1 and source is not None:
        stored = source.is_stored(first)
        which = f"mean of {instances} instances" if stored else f"instance 1 of {instances}"
    return FeatureMaps(
        stage,
        tuple(maps),
        len(on_maps),
        int(info["channels"]),
        selected,
        (int(info["rows"]), int(info["columns"])),
        screen.height / screen.width,
        style,
        which,
    )


def moment_text(session: Session, shown: FeatureMaps) -> str:
    """Say when the maps are what is shown: stimulus, direction and time."""
    text = condition_text(session.require_recording().protocol, session.condition, session.frame)
    return text + (f"   {shown.instances}" if shown.instances else "")


def activations(
    source: MapSource | None, stage: str, maps: Sequence[FeatureMap], condition: Condition, frame: int
) -> npt.NDArray[np.float32] | None:
    """Return feature maps at one frame, float32 [maps, rows, columns]; ``None`` while they are not there."""
    found = []
    for one in maps:
        movie = None if source is None else source.lookup(MapChoice(stage, channel=one.channel), condition)
        if movie is None:
            return None
        found.append(np.asarray(movie[frame], np.float32))
    return np.stack(found) if found else None


def map_pixels(values: npt.ArrayLike, style: MapStyle) -> npt.NDArray[np.uint8]:
    """Return maps [..., rows, columns] over `GREY`, uint8 [..., rows, columns, RGBA].

    What is not a number is left out: its opacity is 0.

    Examples
    --------
    >>> from napari_twinscope.rig.maps import MapStyle
    >>> map_pixels([0.0, float("nan")], MapStyle((-1.0, 1.0), "diverging")).tolist()
    [[128, 128, 128, 255], [128, 128, 128, 0]]
    """
    known = np.asarray(values, np.float32)
    colors = map_colors(known, style).astype(np.float64)
    opacity = colors[..., 3:]
    mixed = np.concatenate(
        [GREY * (1 - opacity) + colors[..., :3] * opacity, np.isfinite(known)[..., None]], -1
    )
    return np.asarray(np.floor(255 * mixed + 0.5), np.uint8)
