"""A finished recording, read from disk as labelled arrays."""

from __future__ import annotations

import shutil
import tempfile
import weakref
import zipfile
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_twinscope.errors import StoreError
from napari_twinscope.recording.plan import RecordingPlan
from napari_twinscope.recording.store import SUFFIX, UNIT_COLUMNS, damage_explained, read_attributes
from napari_twinscope.recording.units import unit_ids
from napari_twinscope.twins import caution

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from napari_twinscope.stimuli import StimulusProtocol


class Recording:
    """The responses of a twin's units to a protocol.

    Parameters
    ----------
    path
        The folder on disk.
    tree
        Its contents, lazily read.
    unpacked
        The temporary folder that holds them, where they came out of a zip; it goes with the recording.
    origin
        What was opened, where that is not `path`: the zip.
    """

    def __init__(
        self, path: Path, tree: xr.DataTree, unpacked: Path | None = None, origin: Path | None = None
    ) -> None:
        self.path = path
        self.origin = path if origin is None else origin
        self._forget = weakref.finalize(self, _remove, unpacked)
        self.tree = tree
        self.attributes: dict[str, Any] = {str(k): v for k, v in tree.attrs.items()}
        self.plan = RecordingPlan.from_dict(self.attributes["plan"])
        self._infos: dict[str, dict[str, Any]] = {}  # of stages; views ask at every gesture

    def __repr__(self) -> str:
        return f"<Recording {self.path.name}: twin {self.twin_id}, stages {', '.join(self.stages)}>"

    @property
    def name(self) -> str:
        """The file's name without its suffixes."""
        return self.path.name.split(".twinscope")[0]

    @property
    def protocol(self) -> StimulusProtocol:
        """The stimuli."""
        return self.plan.protocol

    @property
    def twin(self) -> dict[str, Any]:
        """The twin's id, title, description, checksum, and whether it was trained."""
        return dict(self.attributes["twin"])

    @property
    def twin_id(self) -> str:
        """The twin's name in the catalogue."""
        return str(self.twin["id"])

    @property
    def trained(self) -> bool | None:
        """Whether the twin's weights were fitted to recordings; None if that is not known."""
        trained: bool | None = self.twin["trained"]
        return trained

    @property
    def status(self) -> str:
        """Why the responses are not those of a mouse, as of `Twin`; `twins.caution` says it in words."""
        return str(self.twin["status"])

    @property
    def stages(self) -> tuple[str, ...]:
        """Names of the recorded stages, in the order of the data."""
        return tuple(self.attributes["stages"])

    @cached_property
    def stored_maps(self) -> tuple[str, ...]:
        """Names of the stages whose whole maps are stored."""
        return tuple(name for name in self.stages if "maps" in self._node(f"stages/{name}").children)

    def stage_info(self, stage: str) -> dict[str, Any]:
        """Return label, paper name, channels, rows, columns, description and kind of a stage."""
        if stage not in self._infos:
            self._infos[stage] = {str(k): v for k, v in self._stage(stage).attrs.items()}
        return dict(self._infos[stage])

    def responses(self, stage: str) -> xr.DataArray:
        """Return the responses of a stage's recorded units.

        Returns
        -------
        xarray.DataArray
            Signed float32 (unit, stimulus, direction, time), mean over instances. Coordinates:
            stimulus names and labels, direction in degrees (0 rightwards, 90 upwards), time in
            seconds, and for each unit ``unit_id``, channel, row and column in the stage,
            receptive-field centre y and x in stimulus pixels, elevation and azimuth in degrees.

        Raises
        ------
        StoreError
            If the stage was not recorded.
        """
        group = self._stage(stage).to_dataset(inherit=False)
        array = group["responses"]
        table = self.units(stage)
        array = array.assign_coords(
            {name: ("unit", table[name].to_numpy()) for name in UNIT_COLUMNS}
            | {
                "unit_id": ("unit", table["unit_id"].to_numpy(dtype=object)),
                "stimulus": self._stimulus_names(),
                "label": ("stimulus", list(self.protocol.labels)),
            }
        )
        array.attrs.update(stage=stage, plan=self.plan.to_json(), units="activation, arbitrary units")
        return array

    def units(self, stage: str) -> pd.DataFrame:
        """Return the unit table of a stage: one row a unit, in the order of `responses`."""
        import pandas as pd

        group = self._stage(stage)
        table = pd.DataFrame({name: group[name].to_numpy() for name in UNIT_COLUMNS})
        table.insert(0, "unit_id", unit_ids(stage, table))
        table.index.name = "unit"
        return table

    def movie(self) -> xr.DataArray:
        """Return the stimulus movie: uint8 (stimulus, direction, instance, time, y, x), read lazily."""
        movie = self._node("stimulus").to_dataset()["movie"]
        return movie.assign_coords(stimulus=self._stimulus_names())

    def maps(self, stage: str) -> xr.DataArray:
        """Return a stage's whole maps: float16 (stimulus, direction, time, channel, row, column).

        Raises
        ------
        StoreError
            If the maps of this stage were not stored.
        """
        if stage not in self.stored_maps:
            raise StoreError(
                f"The maps of stage {stage} are not in this recording.",
                given=", ".join(self.stored_maps) or "no maps at all",
                remedy="record again with the maps of this stage stored",
            )
        maps = self._node(f"stages/{stage}/maps").to_dataset()["activation"]
        return maps.assign_coords(stimulus=self._stimulus_names())

    def describe(self) -> str:
        """Return what was recorded, of which twin, by what, as text."""
        attributes = self.attributes
        status = f"  {caution(self.status)}" if self.status else ""
        lines = [
            str(self.path),
            f"twin       {self.twin_id} ({self.twin['title']}), weights {self.twin['checksum']}{status}",
            f"protocol   {self.protocol.name}: {', '.join(self._stimulus_names())}",
            f"           {len(self.protocol.directions)} directions, {self.protocol.instances} instances, "
            f"{self.protocol.frames} frames at {self.protocol.screen.frame_rate:g} Hz",
            f"sampling   {self.plan.sampling.rule}, seed {self.plan.seed}",
            *([f"behaviour  {self.plan.behaviour}"] if str(self.plan.behaviour) != "average" else []),
            f"stored as  {self.plan.dtype}" + (", products rounded to TF32" if self.plan.allow_tf32 else ""),
            f"made       {attributes['created']} on {attributes['device']}, plan {attributes['plan_hash']}",
            "versions   " + ", ".join(f"{k} {v}" for k, v in attributes["versions"].items()),
            "stages",
        ]
        for name in self.stages:
            info = self.stage_info(name)
            size = f"{info['channels']} x {info['rows']} x {info['columns']}"
            units = self._stage(name).sizes["unit"]
            maps = ", maps stored" if name in self.stored_maps else ""
            lines.append(f"  {name:<14} {info['paper_name']:<8} {size:<16} {units} units{maps}")
        return "\n".join(lines)

    def close(self) -> None:
        """Close the files."""
        self.tree.close()
        self._forget()

    def _stimulus_names(self) -> list[str]:
        return list(self.protocol.names)

    def _stage(self, stage: str) -> xr.DataTree:
        if stage not in self.stages:
            raise StoreError(
                f"Stage {stage} is not in this recording.",
                given=stage,
                needed="one of " + ", ".join(self.stages),
            )
        return self._node(f"stages/{stage}")

    def _node(self, path: str) -> xr.DataTree:
        import xarray as xr

        node = self.tree[path]
        if not isinstance(node, xr.DataTree):
            raise StoreError(f"The recording is damaged: {path} is no group.", given=self.path)
        return node


def open_recording(path: str | Path) -> Recording:
    """Open a finished recording.

    Parameters
    ----------
    path
        ``NAME.twinscope.zarr``, or the same zipped (it is unpacked to a temporary folder).

    Raises
    ------
    StoreError
        If it is absent, not a recording, not finished, or written by a newer version.
    """
    path = Path(path)
    if not path.exists():
        raise StoreError(f"There is no recording at {path}.")
    unpacked, origin = None, path
    if path.is_file() and zipfile.is_zipfile(path):
        unpacked, path = _unpacked(path)
    try:
        return _opened(path, unpacked, origin)
    except StoreError:
        _remove(unpacked)
        raise


def _opened(path: Path, unpacked: Path | None, origin: Path) -> Recording:
    import xarray as xr

    attributes = read_attributes(path)
    if attributes.get("state") != "complete":
        raise StoreError(
            f"The recording {path} is not finished.",
            given=f"state {attributes.get('state')!r}",
            remedy="start the same recording again: it goes on where it stopped",
        )
    with damage_explained(path):
        tree = xr.open_datatree(path, engine="zarr", chunks=None, consolidated=False, decode_times=False)
        recording = Recording(path, tree, unpacked, origin)
        _check_whole(recording)
    return recording


def _check_whole(recording: Recording) -> None:
    """Refuse a recording of which responses are missing on disk; absent chunks would read as NaN."""
    import zarr

    for stage in recording.stages:
        responses = zarr.open_array(recording.path / "stages" / stage / "responses", mode="r")
        recording.units(stage)
        missing = responses.nchunks - responses.nchunks_initialized
        if missing:
            raise StoreError(
                f"The recording {recording.path} is damaged.",
                given=f"{missing} of {responses.nchunks} pieces of the responses of {stage} are missing",
                remedy="restore it from a copy, or record again to another path",
            )


def _unpacked(path: Path) -> tuple[Path, Path]:
    """Unpack a zip with the recording at its top or one folder down; return the folder and the recording."""
    folder = Path(tempfile.mkdtemp(prefix="twinscope-"))
    place = folder / path.name.removesuffix(".zip")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(place)
    inside = [entry for entry in place.iterdir() if entry.is_dir() and entry.name.endswith(SUFFIX)]
    return folder, inside[0] if len(inside) == 1 else place


def _remove(folder: Path | None) -> None:
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
