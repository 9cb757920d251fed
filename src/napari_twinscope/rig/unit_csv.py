"""Units as a CSV table with identifiers that stay, and such a table back into the selection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.errors import InvalidInput, StoreError
from napari_twinscope.rig.figure_file import check_file
from napari_twinscope.rig.unit_index import INDEX
from napari_twinscope.rig.unit_set import UnitSet
from napari_twinscope.rig.unit_table import GROUPS, IDENTIFYING, UNIT, unit_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy.typing as npt
    import pandas as pd

    from napari_twinscope.rig.selection import Manner
    from napari_twinscope.rig.session import Session

IDENTITY = ("recording", "stage", "unit_id", "channel", "row", "column", "readout_id", INDEX)
SELECTED = "selected"


def unit_frame(session: Session, stage: str | None = None) -> pd.DataFrame:
    """Return all that is known of the units of a stage, one row each, in the order of the recording.

    Parameters
    ----------
    session
        With a recording.
    stage
        A recorded stage; the one that is looked at if not given. Measures and coordinates are known of
        that one alone.

    Returns
    -------
    DataFrame
        `IDENTITY`: the recording's name, the stage, the unit's name for good, its channel, row and column
        on the stage's grid, for read-out units the number in the twin's output, and its index among the
        recorded units of the stage. Then the centre of the receptive field (``y``, ``x`` in stimulus
        pixels, ``elevation``, ``azimuth`` in degrees), the coordinates shown, every measure and the groups
        as in `unit_table.unit_table`, and whether the unit is selected.

    Raises
    ------
    InvalidInput
        If there is no recording, or no such stage.
    """
    import pandas as pd

    recording = session.require_recording()
    stage = session.stage if stage is None else stage
    if stage not in recording.stages:
        raise InvalidInput(
            "The recording has no such stage.", given=stage, needed=", ".join(recording.stages)
        )
    units = recording.units(stage)
    kind, looked_at = session.stage_kind(stage), stage == session.stage
    table = unit_table(
        stage, units, session.measures() if looked_at else {}, session.selection.groups, kind=kind
    )
    known = {column.name: column for column in table.columns}
    ids, readout = known[UNIT].cells(), kind == "units"
    columns: dict[str, Any] = {
        "recording": np.full(len(ids), recording.name, dtype=object),
        "stage": np.full(len(ids), stage, dtype=object),
        "unit_id": ids,
        **{name: units[name].to_numpy() for name in ("channel", "row", "column")},
        "readout_id": pd.array(units["row"].to_numpy() if readout else [pd.NA] * len(ids), dtype="Int64"),
        INDEX: np.arange(len(ids)),
        **{n: units[n].to_numpy() for n in ("y", "x", "elevation", "azimuth") if n in units.columns},
    }
    if looked_at:
        columns |= _coordinates(session)
    measured = [column for name, column in known.items() if name not in IDENTIFYING and name != GROUPS]
    columns |= {column.heading: column.cells() for column in measured}
    columns[GROUPS] = "" if GROUPS not in known else [names or "" for names in known[GROUPS].cells()]
    columns[SELECTED] = np.isin(ids.astype(np.str_), session.selection.ids(stage))
    return pd.DataFrame(columns)


def selection_frame(session: Session) -> pd.DataFrame:
    """Return the rows of the selected units of all stages, as of `unit_frame`.

    Raises
    ------
    InvalidInput
        If nothing is selected, or there is no recording.
    """
    import pandas as pd

    recording = session.require_recording()
    stages = [stage for stage in recording.stages if session.selection.count(stage)]
    if not stages:
        raise InvalidInput(
            "There is no selection to save.", given="no selected unit", remedy="select units first"
        )
    frames = [unit_frame(session, stage) for stage in stages]
    chosen = pd.concat([frame[frame[SELECTED]] for frame in frames], ignore_index=True)
    last = [GROUPS, SELECTED]
    return chosen[[name for name in chosen.columns if name not in last] + last]


def write_units(frame: pd.DataFrame, path: Path, overwrite: bool = False) -> Path:
    """Write a table of units, whole or not at all; numbers with all their digits.

    Raises
    ------
    InvalidInput, StoreError
        As `figure_file.check_file`, for ``.csv``.
    """
    check_file(path, (".csv",), overwrite)
    half = path.with_name(f".{path.name}.part")
    try:
        frame.to_csv(half, index=False, lineterminator="\n", encoding="utf-8")
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    return path


@dataclass(frozen=True)
class FoundUnits:
    """Units that a table names.

    Parameters
    ----------
    units
        By stage; those that the recording has.
    unknown
        How many more the table names.
    source
        The file's name.
    """

    units: Mapping[str, UnitSet]
    unknown: int
    source: str

    @property
    def count(self) -> int:
        """How many units were found."""
        return sum(len(units) for units in self.units.values())

    @property
    def sentence(self) -> str:
        """What was found, in words."""
        lost = f"; {self.unknown} are not in this recording" if self.unknown else ""
        where = ", ".join(f"{len(units)} of {stage}" for stage, units in self.units.items())
        return f"{self.count} units of {self.source}: {where}{lost}"


def read_table(path: Path) -> pd.DataFrame:
    """Read a CSV table.

    Raises
    ------
    StoreError
        If the file cannot be read.
    InvalidInput
        If it is no table.
    """
    import pandas as pd

    try:
        return pd.read_csv(path, encoding="utf-8", skipinitialspace=True)
    except OSError as error:
        raise StoreError("The table cannot be read.", given=path, needed=error.strerror) from error
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InvalidInput("This is no CSV table.", given=path.name) from error


def read_units(path: Path, session: Session) -> FoundUnits:
    """Find the units that a CSV table names in the recording that is looked at.

    A unit is known by ``stage`` and ``unit_id``, or without the latter by ``stage``, ``channel``, ``row``
    and ``column``. Where there is a column ``selected``, only rows count in which it is true. Any other
    column is ignored, and so is the name of the recording: the same units can be selected in another one.

    Raises
    ------
    StoreError
        If the file cannot be read.
    InvalidInput
        If it is no such table, or the recording has none of its units.
    """
    recording, frame = session.require_recording(), read_table(path)
    if SELECTED in frame.columns:
        frame = frame[_true(frame[SELECTED], path)]
    _, stages, ids = named_units(frame, path)
    found: dict[str, UnitSet] = {}
    unknown = 0
    for stage in dict.fromkeys(stages.tolist()):
        wanted = np.unique(ids[stages == stage])
        if stage not in recording.stages:
            unknown += len(wanted)
            continue
        there = recording.units(stage)["unit_id"].to_numpy().astype(np.str_)
        known = np.isin(there, wanted)
        unknown += len(wanted) - int(np.count_nonzero(known))
        if known.any():
            found[stage] = UnitSet.of_ids(stage, there[known].tolist())
    if not len(ids):
        raise InvalidInput("The table names no unit.", given=path.name, needed="a row that is selected")
    if not found:
        raise InvalidInput(
            "The recording has none of the units of this table.",
            given=f"{path.name} with {unknown} units",
            needed=f"units of {', '.join(recording.stages)}",
        )
    return FoundUnits(found, unknown, path.name)


def select_units(session: Session, found: FoundUnits, manner: Manner = "replace") -> None:
    """Select the units of a table, in every stage that it names; one step that can be undone."""
    selection = session.selection
    with selection.history.one_step(f"selected the units of {found.source}"):
        for stage, units in found.units.items():
            ids = session.require_recording().units(stage)["unit_id"].to_numpy().astype(np.str_)
            if stage not in selection.stages:
                selection.register(stage, ids)
            places = np.flatnonzero(units.mask_on(ids))
            selection.apply(stage, places, manner, tool="table", parameters=(("file", found.source),))


def _coordinates(session: Session) -> dict[str, npt.NDArray[np.float64]]:
    cloud = session.cloud()
    if cloud is None:
        return {}
    word = "PC" if session.look.manifold is None else "MDS" if session.turned else "axis"
    return {f"{word} {number}": column for number, column in enumerate(cloud.coordinates.T, start=1)}


def _true(column: pd.Series[Any], path: Path) -> npt.NDArray[np.bool_]:
    words = column.astype(str).str.strip().str.lower()
    yes, no = words.isin(("true", "1", "1.0", "yes")), words.isin(("false", "0", "0.0", "no", "nan", ""))
    if not (yes | no).all():
        raise InvalidInput(
            f"The column {SELECTED!r} of {path.name} holds something else than true and false.",
            given=str(column[~(yes | no)].iloc[0]),
        )
    return np.asarray(yes.to_numpy(), bool)


def named_units(
    frame: pd.DataFrame, path: Path
) -> tuple[pd.DataFrame, npt.NDArray[Any], npt.NDArray[np.str_]]:
    """Return the rows of a table that name a unit, with the stage and the identifier of each.

    Raises
    ------
    InvalidInput
        If the table does not say which units it names.
    """
    if {"stage", "unit_id"} <= set(frame.columns):
        named = frame.dropna(subset=["stage", "unit_id"])
        return named, named["stage"].to_numpy().astype(object), named["unit_id"].to_numpy().astype(np.str_)
    places = ["channel", "row", "column"]
    if {"stage", *places} <= set(frame.columns):
        named = frame.dropna(subset=["stage", *places])
        try:
            numbers = named[places].to_numpy(np.int64)
        except ValueError as error:
            raise InvalidInput("Channel, row and column must be whole numbers.", given=path.name) from error
        stages = named["stage"].to_numpy().astype(object)
        names = [f"{stage}:{c}:{r}:{k}" for stage, (c, r, k) in zip(stages, numbers, strict=True)]
        return named, stages, np.array(names, np.str_)
    raise InvalidInput(
        "This table does not say which units it names.",
        given=f"{path.name} with the columns " + ", ".join(map(str, frame.columns[:12])),
        needed="the columns stage and unit_id, or stage, channel, row and column",
    )
