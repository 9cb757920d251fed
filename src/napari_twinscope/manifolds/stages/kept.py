"""Results of a comparison kept in the recordings that they are of, and steps told as parts of a whole."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from napari_twinscope.errors import StoreError
from napari_twinscope.recording.analysis import analysis_key, has_analysis, read_analysis, write_analysis

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import xarray as xr

    from napari_twinscope.progress import Progress

VERSION = "2"
"""Raised when the same responses and options give another result."""


class Keeper:
    """Finds results under ``/analysis/comparison_<part>`` of a recording, or makes and keeps them.

    Attributes
    ----------
    notices
        What the user should know of keeping and finding results, one sentence each.
    """

    def __init__(self) -> None:
        self.notices: list[str] = []

    def take(
        self,
        path: Path | None,
        part: str,
        options: str,
        inputs: tuple[str, ...],
        make: Callable[[], xr.Dataset],
    ) -> xr.Dataset:
        """Return a result that is kept, or make and keep it; its attribute ``found`` tells which.

        Parameters
        ----------
        path
            The recording's folder; ``None`` where there is none.
        part
            What is measured.
        options
            Canonical text of all that it depends on but the responses.
        inputs
            Keys of the responses.
        make
            Makes it.
        """
        kind = f"comparison_{part}"
        key = analysis_key(kind, f"{VERSION} {options}", inputs)
        if path is not None and has_analysis(path, kind, key):
            try:
                return read_analysis(path, kind, key).assign_attrs(found=1)
            except StoreError:
                self._note(f"A stored result ({kind}) was damaged and has been made again.")
        begun = time.perf_counter()
        made = make()
        made = made.assign_attrs(seconds=round(time.perf_counter() - begun, 3))
        if path is not None:
            try:
                write_analysis(path, kind, key, made)
            except OSError as error:
                self._note(
                    f"The results were not kept in {path.name} ({error.strerror or error}): the next "
                    "comparison makes them again."
                )
        return made.assign_attrs(found=0)

    def _note(self, text: str) -> None:
        if text not in self.notices:
            self.notices.append(text)


class Share:
    """Tells the progress of one job as so many steps of a larger one.

    Parameters
    ----------
    progress
        Of the larger job.
    steps
        How many of its steps this job is.
    """

    def __init__(self, progress: Progress, steps: int) -> None:
        self._progress, self._steps = progress, steps
        self._total = self._done = self._told = 0

    @property
    def canceled(self) -> bool:
        """Whether the user asked to stop."""
        return self._progress.canceled

    def begin(self, total: int, description: str) -> None:
        """Count anew; the larger job's own description stays."""
        del description
        self._total, self._done = total, 0

    def advance(self, steps: int = 1) -> None:
        """Tell as much of the larger job as is done of this one."""
        self._done += steps
        self._tell(self._steps * self._done // max(1, self._total))

    def end(self) -> None:
        """Do nothing; another phase may follow."""

    def finish(self) -> None:
        """Tell that the whole share is done."""
        self._tell(self._steps)

    def _tell(self, reached: int) -> None:
        ahead = min(reached, self._steps) - self._told
        if ahead > 0:
            self._progress.advance(ahead)
            self._told += ahead
