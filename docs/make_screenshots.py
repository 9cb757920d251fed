"""Make the pictures in docs/images: ``python docs/make_screenshots.py`` (on a display, or under Xvfb)."""

from __future__ import annotations

import tempfile
from pathlib import Path

from napari_twinscope.recording import Recording, RecordingPlan, Sampling, record
from napari_twinscope.rig.plan import part_of
from napari_twinscope.stimuli import protocol
from napari_twinscope.views.launch import share_contexts, window_with
from napari_twinscope.virtual_display import virtual_display

IMAGES = Path(__file__).parent / "images"
SIZE = (1500, 900)


def make_recording(folder: Path) -> Recording:
    """Record a few units of the demonstration twin."""
    whole = protocol("paper-6")
    chosen = part_of(whole, instances=1, frames=24)
    plan = RecordingPlan(
        protocol=chosen,
        stages=("recurrent", "recurrent_out", "output"),
        sampling=Sampling("uniform", maps=20, units_per_map=25),
        device="cpu",
    )
    return record(plan, folder / "demo.twinscope.zarr")


def save(viewer: object, name: str) -> None:
    """Save the whole window."""
    from PIL import Image

    from napari_twinscope.views.figures import settle

    settle(0.6)
    write(Image.fromarray(viewer.screenshot(canvas_only=False, flash=False)), name)


def write(picture: object, name: str) -> None:
    """Save a picture; with fewer colours it would be smaller, and the legends wrong."""
    picture.convert("RGB").save(IMAGES / f"{name}.png", optimize=True)


def save_dock(viewer: object, page: object, name: str) -> None:
    """Save the part of the window that a dock takes."""
    from PIL import Image
    from qtpy.QtCore import QPoint

    from napari_twinscope.views.pinned import dock_around

    dock = dock_around(page)
    corner, size = dock.mapTo(page.window(), QPoint(0, 0)), dock.size()
    window = Image.fromarray(viewer.screenshot(canvas_only=False, flash=False))
    scale = window.width / page.window().width()
    box = (corner.x(), corner.y(), corner.x() + size.width(), corner.y() + size.height())
    write(window.crop([round(scale * edge) for edge in box]), name)


def slug(name: str) -> str:
    """Return a dock's name as part of a file name."""
    return name.lower().replace(" ", "-")


def pictures_of_every_dock(recording: Recording) -> None:
    """Each dock of the manifest, dark and light, with units selected on an encoding manifold."""
    import napari

    from napari_twinscope.views.arrangement import dock_names, open_dock
    from napari_twinscope.views.bench import bench_of
    from napari_twinscope.views.figures import select_middle, settle, wait_for

    viewer = napari.Viewer()
    viewer.window.resize(1500, 1050)  # before the docks find their places
    settle(0.3)
    bench = bench_of(viewer)
    session = bench.session
    open_dock(viewer, "Rig")
    bench.open(recording, "recurrent_out")
    pages = {name: open_dock(viewer, name) for name in dock_names()}
    manifold = pages["Manifold"]
    wait_for(lambda: not bench.background.busy)
    manifold.encoding.compute()
    wait_for(lambda: manifold.encoding.job is None)
    wait_for(lambda: not bench.background.busy)
    pages["Compare stages"].compute()
    wait_for(lambda: pages["Compare stages"].job is None)
    session.measure = "preferred stimulus"
    open_dock(viewer, "Manifold")
    settle(0.5)
    manifold.cloud.reset_view()
    select_middle(manifold, 0.1, 0.4)
    session.selection.group("recurrent_out", "left wing", "#56B4E9")
    select_middle(manifold, 0.4, 0.8)
    session.selection.group("recurrent_out", "middle", "#E69F00")
    settle(0.5)
    manifold.cloud.reset_view()
    bench.show_frame((1, 2), 14)
    for theme in ("dark", "light"):
        viewer.theme = theme
        for name in pages:
            page = open_dock(viewer, name)
            settle(0.5)
            wait_for(lambda: not bench.background.busy)
            settle(0.5)
            save_dock(viewer, page, f"dock-{slug(name)}-{theme}")
        open_dock(viewer, "Manifold")
        save(viewer, f"window-{theme}")
    viewer.theme = "dark"
    viewer.close()
    settle(0.2)


def picture_of_the_empty_rig() -> None:
    """Before anything is recorded."""
    import napari

    from napari_twinscope.views.arrangement import open_dock
    from napari_twinscope.views.figures import settle, wait_for

    viewer = napari.Viewer()
    viewer.window.resize(*SIZE)
    rig = open_dock(viewer, "Rig")
    rig.form.path.setText("/data/first.twinscope.zarr")
    rig.form.instances.setValue(1)
    wait_for(lambda: "on disk" in rig.estimate_label.text())
    save(viewer, "rig-before-recording")
    rig.preview()
    settle(0.5)
    wait_for(lambda: not rig.bench.background.busy)
    rig.bench.show_frame((3, 1), 12)
    save(viewer, "rig-preview")
    viewer.close()
    settle(0.2)


def pictures_of_a_recording(recording: Recording) -> None:
    """After recording: a box selection, a picked unit, and the light theme."""
    from napari_twinscope.views.arrangement import open_views
    from napari_twinscope.views.bench import bench_of
    from napari_twinscope.views.figures import select_middle, settle, wait_for

    viewer = window_with(recording)
    viewer.window.resize(*SIZE)
    bench = bench_of(viewer)
    manifold, _ = open_views(viewer)
    settle(0.5)
    wait_for(lambda: not bench.background.busy)
    manifold.cloud.reset_view()
    bench.fit()
    save(viewer, "after-recording")
    manifold.box_button.click()
    bench.show_frame((1, 2), 14)
    select_middle(manifold)
    wait_for(lambda: not bench.background.busy)
    save(viewer, "box-selection")
    bench.session.measure = "preferred stimulus"
    bench.session.show_stage("output")
    wait_for(lambda: not bench.background.busy)
    manifold.box_button.click()
    bench.session.selection.apply("output", range(0, 60, 3), picked=12)
    bench.show_frame((3, 4), 14)
    wait_for(lambda: not bench.background.busy)
    viewer.theme = "light"
    save(viewer, "light-theme")
    viewer.theme = "dark"
    bench.session.selection.clear()
    bench.session.show_stage("recurrent_out")
    wait_for(lambda: not bench.background.busy)
    manifold.encoding.compute()
    wait_for(lambda: manifold.encoding.job is None)
    wait_for(lambda: not bench.background.busy)
    bench.session.measure = "feature map"
    manifold.cloud.reset_view()
    save(viewer, "encoding-manifold")
    viewer.close()
    settle(0.2)


def main() -> None:
    """Make all pictures."""
    IMAGES.mkdir(exist_ok=True)
    with virtual_display(), tempfile.TemporaryDirectory() as folder:
        share_contexts()
        picture_of_the_empty_rig()
        recording = make_recording(Path(folder))
        pictures_of_a_recording(recording)
        pictures_of_every_dock(recording)
    for path in sorted(IMAGES.glob("*.png")):
        print(f"{path.name}: {path.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
