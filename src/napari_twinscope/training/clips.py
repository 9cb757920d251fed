"""Clips to train on: movies, and how simulated cells respond to them, on disk."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.progress import Progress, SilentProgress, raise_if_canceled
from napari_twinscope.stimuli import Screen
from napari_twinscope.training.movies import training_movie
from napari_twinscope.twins.simulated.cells import draw_cells

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_twinscope.training.recipe import DemoRecipe
    from napari_twinscope.twins.simulated.cells import Cells
    from napari_twinscope.twins.simulated.model import CorticalModel

_AT_ONCE = 20  # clips that one worker renders between two signs of life


@dataclass(frozen=True, eq=False)
class Clips:
    """Movies and the responses to them.

    Attributes
    ----------
    frames
        uint8 [clips, frames, height, width], mapped from disk.
    rates
        float32 [clips, frames, units].
    """

    frames: NDArray[np.uint8]
    rates: NDArray[np.float32]

    def batch(self, chosen: NDArray[np.intp]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Return frames [T, N, height, width, 1] and rates [T, N, units] of some clips."""
        return np.moveaxis(self.frames[chosen], 0, 1)[..., None], np.moveaxis(self.rates[chosen], 0, 1)


def render_clips(
    recipe: DemoRecipe, folder: Path, *, processes: int = 2, progress: Progress | None = None
) -> Clips:
    """Draw the clips of a recipe, or what is missing of them.

    Takes 1.3 MB of disk a clip.

    Parameters
    ----------
    recipe
        Says which movies and which cells.
    folder
        Where the arrays are kept. What a run that was stopped has drawn is kept.
    processes
        That draw at the same time.
    progress
        Told about every clip.

    Raises
    ------
    InvalidInput
        If the folder holds the clips of another recipe.
    """
    progress = progress or SilentProgress()
    screen = Screen()
    shape = (recipe.clips, recipe.frames, screen.height, screen.width)
    folder.mkdir(parents=True, exist_ok=True)
    _claim(folder, recipe)
    frames = _open(folder / "frames.npy", np.uint8, shape)
    rates = _open(folder / "rates.npy", np.float32, (*shape[:2], recipe.units))
    drawn = _open(folder / "drawn.npy", np.bool_, shape[:1])
    missing = np.flatnonzero(~drawn)
    if len(missing):
        jobs = [missing[first : first + _AT_ONCE] for first in range(0, len(missing), _AT_ONCE)]
        progress.begin(len(missing), "Drawing clips")
        context = multiprocessing.get_context("spawn")  # what every system has
        with ProcessPoolExecutor(processes, context, _start_worker, (recipe,)) as pool:
            try:
                for job, (movies, responses) in zip(jobs, pool.map(_draw, jobs), strict=True):
                    frames[job], rates[job] = movies, responses
                    for array in (frames, rates):
                        array.flush()
                    drawn[job] = True
                    progress.advance(len(job))
                    raise_if_canceled(progress)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        drawn.flush()
        progress.end()
    return Clips(frames, np.asarray(rates))


def respond(model: CorticalModel, movies: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the rates [N, T, units] of cells that are adapted to grey to movies [N, T, height, width]."""
    import torch

    with torch.no_grad():
        rates = [
            model(torch.from_numpy(np.ascontiguousarray(movie))[None], model.rest(1))[0].rate[0].cpu().numpy()
            for movie in movies
        ]
    return np.stack(rates)


def recipe_cells(recipe: DemoRecipe) -> Cells:
    """Return the simulated cells of a recipe."""
    return draw_cells(recipe.units, recipe.population, extent=recipe.extent)


def _claim(folder: Path, recipe: DemoRecipe) -> None:
    """Refuse a folder in which other clips lie."""
    content = (recipe.clips, recipe.frames, recipe.seed, recipe_cells(recipe).checksum)
    label = "clips {} frames {} seed {} cells {}\n".format(*content)
    name = folder / "clips.txt"
    if not name.exists():
        name.write_text(label, "utf-8")
    elif name.read_text("utf-8") != label:
        raise InvalidInput(
            "The folder holds the clips of another training.",
            given=f"{folder}: {name.read_text('utf-8').strip()}",
            needed=label.strip(),
            remedy="choose another folder, or remove this one",
        )


def _open(path: Path, dtype: type, shape: tuple[int, ...]) -> np.memmap:
    """Map an array, which is all zero when it is new."""
    return np.lib.format.open_memmap(path, "r+" if path.exists() else "w+", dtype, shape)


_worker: dict[str, object] = {}


def _start_worker(recipe: DemoRecipe) -> None:
    import torch

    from napari_twinscope.twins.simulated.model import CorticalModel

    torch.set_num_threads(1)
    _worker["recipe"] = recipe
    _worker["model"] = CorticalModel(recipe_cells(recipe), Screen())


def _draw(numbers: NDArray[np.intp]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    from napari_twinscope.training.recipe import DemoRecipe
    from napari_twinscope.twins.simulated.model import CorticalModel

    recipe, model = _worker["recipe"], _worker["model"]
    assert isinstance(recipe, DemoRecipe)
    assert isinstance(model, CorticalModel)
    movies = np.stack([training_movie(recipe.seed, int(n), recipe.frames) for n in numbers])
    return movies, respond(model, movies)
