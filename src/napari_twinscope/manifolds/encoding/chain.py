"""The chain of steps of an encoding manifold: each is found in the recording, or made and kept there."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from napari_twinscope.errors import InvalidInput, StoreError
from napari_twinscope.manifolds.encoding.step import Run, Step
from napari_twinscope.manifolds.encoding.steps import AFTER_RANK, RANK, TENSOR
from napari_twinscope.population.tensor import DIMS
from napari_twinscope.progress import raise_if_canceled
from napari_twinscope.recording.analysis import (
    analysis_attributes,
    analysis_key,
    has_analysis,
    read_analysis,
    stored_analyses,
    write_analysis,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_twinscope.manifolds.encoding.options import EncodingOptions
    from napari_twinscope.progress import Progress
    from napari_twinscope.recording import Recording

KIND = "encoding"
"""Kind of the entry that names the results of a whole chain."""


class Chain:
    """The steps for one stage and one set of options; behaves as a mapping from kind to result.

    A result's key is a hash of its options and of the keys of what it is made from, so that a changed
    option makes new those results alone that depend on it.

    Parameters
    ----------
    recording, stage
        What was recorded.
    options
        Of all steps.
    device
        Where to factorise. Not part of the keys: devices differ by rounding.

    Attributes
    ----------
    notices
        What the user should know of keeping and finding results, one sentence each.
    made
        Kinds of the results that were made and not found.

    Raises
    ------
    InvalidInput
        If the stage has no unit.
    """

    def __init__(
        self, recording: Recording, stage: str, options: EncodingOptions, device: str = "auto"
    ) -> None:
        self.path: Path = recording.path
        self.stage = stage
        self.options = options
        self.device = device
        self.notices: list[str] = []
        self.made: list[str] = []
        responses = in_order(recording.responses(stage))
        self._results: dict[str, xr.Dataset] = {"responses": responses.to_dataset(name="responses")}
        self._keys = {"responses": _key_of_responses(stage, responses)}
        self._keys[KIND] = analysis_key(KIND, options.to_json(), (self._keys["responses"],))
        self._steps: dict[str, Step] = {}

    def __getitem__(self, kind: str) -> xr.Dataset:
        if kind not in self._results:
            self._results[kind] = read_analysis(self.path, kind, self._keys[kind])
        return self._results[kind]

    def __contains__(self, kind: object) -> bool:
        return kind in self._steps

    def __iter__(self) -> Iterator[str]:
        return iter(self._steps)

    def __len__(self) -> int:
        return len(self._steps)

    @property
    def keys(self) -> dict[str, str]:
        """The key of each result, by kind."""
        return {kind: self._keys[kind] for kind in self._steps}

    def seconds(self, kind: str) -> float:
        """Return how long a result took to make, now or when it was kept."""
        known = self._results.get(kind)
        attributes = analysis_attributes(self.path, kind, self._keys[kind]) if known is None else known.attrs
        return float(attributes["seconds"])

    def run(self, progress: Progress) -> None:
        """Make what is not there.

        Raises
        ------
        InvalidInput
            If the responses or the options do not allow a step.
        Canceled
            If the user stops the job. What is finished is kept.
        """
        first = (TENSOR,) if self.options.rank is not None else (TENSOR, RANK)
        steps = first + AFTER_RANK
        for number, step in enumerate(steps, start=1):
            raise_if_canceled(progress)
            self._take(step)
            if not self._found(step):
                self._make(step, _Numbered(progress, number, len(steps)))
        self._remember()
        del self._results["responses"]
        if has_analysis(self.path, TENSOR.kind, self._keys[TENSOR.kind]):
            self._results.pop(TENSOR.kind, None)  # large, and rarely asked for

    def open(self) -> None:
        """Find the results, without making any.

        Raises
        ------
        StoreError
            If one is not there, or damaged.
        """
        if not has_analysis(self.path, KIND, self._keys[KIND]):
            raise StoreError(
                f"This encoding manifold of {self.stage} is not in the recording.",
                given=f"options {self.options.hash}",
                remedy="compute it first: encoding_manifold(recording, stage, options)",
            )
        first = (TENSOR,) if self.options.rank is not None else (TENSOR, RANK)
        for step in first + AFTER_RANK:
            self._take(step)
            if step is not TENSOR:
                self[step.kind]
        del self._results["responses"]

    def _take(self, step: Step) -> None:
        options: dict[str, Any] = {name: self._option(name) for name in step.reads}
        text = json.dumps([step.version, options], sort_keys=True)
        self._keys[step.kind] = analysis_key(step.kind, text, tuple(self._keys[kind] for kind in step.takes))
        self._steps[step.kind] = step

    def _option(self, name: str) -> Any:
        if name == "rank":  # one that was proposed is as good as one that was given
            return self.options.rank or self["rank"].attrs["proposed"]
        return self.options.to_dict()[name]

    def _found(self, step: Step) -> bool:
        if not has_analysis(self.path, step.kind, self._keys[step.kind]):
            return False
        try:
            if step is not TENSOR:
                self[step.kind]
        except StoreError:
            self.notices.append(f"The stored {step.kind} was damaged and has been made again.")
            return False
        return True

    def _make(self, step: Step, progress: _Numbered) -> None:
        taken = {kind: self._sound(kind, progress) for kind in step.takes}
        if not step.reports:
            progress.begin(1, step.title)
        begun = time.perf_counter()
        options = replace(self.options, rank=self._option("rank")) if "rank" in step.reads else self.options
        result = step.make(taken, Run(options, self.device, progress))
        seconds = time.perf_counter() - begun
        if not step.reports:
            progress.advance()
            progress.end()
        result = result.assign_attrs(
            seconds=round(seconds, 3),
            stage=self.stage,
            preset=self.options.preset,
            options={name: self._option(name) for name in step.reads},
            made_from={kind: self._keys[kind] for kind in step.takes},
        )
        self._results[step.kind] = result
        self.made.append(step.kind)
        self._keep(step.kind, result)

    def _sound(self, kind: str, progress: _Numbered) -> xr.Dataset:
        """Return a result, made again where the stored one turns out to be damaged."""
        try:
            return self[kind]
        except StoreError:
            self.notices.append(f"The stored {kind} was damaged and has been made again.")
            self._make(self._steps[kind], progress)
            return self[kind]

    def _keep(self, kind: str, result: xr.Dataset) -> None:
        try:
            write_analysis(self.path, kind, self._keys[kind], result)
        except OSError as error:
            notice = (
                f"The results were not stored in {self.path}: {error.strerror or error}. They are lost when "
                "this program ends; copy the recording to a folder in which you may write to keep them."
            )
            if notice not in self.notices:
                self.notices.append(notice)

    def _remember(self) -> None:
        """Keep an entry that names the results of the whole chain, once they are all there."""
        key = self._keys[KIND]
        if all(has_analysis(self.path, kind, self._keys[kind]) for kind in self) and not (
            has_analysis(self.path, KIND, key) and not self.made
        ):
            entry = xr.Dataset(
                attrs={
                    "stage": self.stage,
                    "preset": self.options.preset,
                    "options": self.options.to_dict(),
                    "responses": self._keys["responses"],
                    "results": self.keys,
                }
            )
            self._keep(KIND, entry)


def remembered(path: Path) -> tuple[dict[str, Any], ...]:
    """Return the attributes of each whole chain in a recording: stage, preset, options, results, date.

    Parameters
    ----------
    path
        The recording's folder.
    """
    return tuple(analysis_attributes(path, KIND, key) for key in stored_analyses(path, KIND).get(KIND, ()))


def in_order(responses: xr.DataArray) -> xr.DataArray:
    """Return responses with units by feature map, row and column; ``unit_id`` is where each was recorded.

    Raises
    ------
    InvalidInput
        If there is no unit.
    """
    if not responses.sizes["unit"]:
        raise InvalidInput("The stage has no unit.", given=dict(responses.sizes))
    order = np.lexsort([responses[name].values for name in ("column", "row", "channel")])
    ordered = responses.transpose(*DIMS).isel(unit=order).load()
    return ordered.assign_coords(unit_id=("unit", order.astype(np.int64)))


def _key_of_responses(stage: str, responses: xr.DataArray) -> str:
    """Return a hash of the responses and of all that names them, whatever the order of their units."""
    digest = hashlib.sha256(stage.encode())
    digest.update(json.dumps([str(name) for name in responses["stimulus"].values]).encode())
    for name in ("direction", "time", "channel", "row", "column"):
        digest.update(np.ascontiguousarray(responses[name].values, dtype=np.float64).tobytes())
    values = np.ascontiguousarray(responses.values)
    digest.update(f"{values.dtype.str} {values.shape}".encode())
    digest.update(values.tobytes())
    return digest.hexdigest()[:16]


class _Numbered:
    """Progress of one step, told with its number."""

    def __init__(self, progress: Progress, number: int, total: int) -> None:
        self._progress, self._prefix = progress, f"{number} of {total}: "

    @property
    def canceled(self) -> bool:
        return self._progress.canceled

    def begin(self, total: int, description: str) -> None:
        self._progress.begin(total, self._prefix + description)

    def advance(self, steps: int = 1) -> None:
        self._progress.advance(steps)

    def end(self) -> None:
        self._progress.end()
