"""The main job on the embedded twin: record, open the linked views, export what they show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_twinscope.progress import SilentProgress
from napari_twinscope.virtual_display import display_present, virtual_display

if TYPE_CHECKING:
    from napari_twinscope.progress import Progress


def run_demo(folder: str | Path, *, progress: Progress | None = None, window: bool = True) -> list[Path]:
    """Record the papers' six classes and a natural movie through all stages of the demo twin, and draw them.

    Parameters
    ----------
    folder
        Where recordings and pictures go.
    progress
        Told about the recordings.
    window
        Open napari on the recording at the end, where there is a display.

    Returns
    -------
    list of Path
        The pictures.
    """
    from napari_twinscope.recording import RecordingPlan, open_recording, record
    from napari_twinscope.stimuli import gallery, protocol

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    recordings = []
    pictures = []
    for name in ("paper-6", "natural"):
        stimuli = protocol(name)
        path = folder / f"demo-{name}.twinscope.zarr"
        record(RecordingPlan(protocol=stimuli), path, progress=progress or SilentProgress())
        recordings.append(path)
        pictures.append(folder / f"stimuli-{name}.png")
        gallery(stimuli, pictures[-1])
    real_display = display_present()
    with virtual_display():
        from napari_twinscope.views.figures import draw_views

        for path in recordings:
            pictures.extend(draw_views(open_recording(path), folder / path.name.split(".")[0]))
        print("Recordings:", *recordings, "Pictures:", *pictures, sep="\n  ")
        if window and real_display:
            from napari_twinscope.views.launch import view

            view(recordings[0])
    return pictures
