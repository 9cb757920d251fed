"""What linked views cost, beside napari's own cost for the same layers, in one run.

    python benchmarks/linked_selection.py                       # 10 000 and 100 000 units
    python benchmarks/linked_selection.py --sizes 10000 --repeats 9 --each-dock

Made-up units of feature maps are opened in napari with every dock that the manifest lists. A box is dragged
over the manifold with real mouse events, and what happens from the release of the button on is timed:

* own work: processor time of the main thread until every view has its new data, with painting switched off;
* end to end: time on the clock until the window has painted itself for the last time.

Beside it a plain napari window shows the same layers: the movie, the map, the units over them, and the units
in three dimensions in a second canvas. Recolouring there is what napari itself needs for a new colour of
every unit; stepping there is what napari needs for the next frame. Both windows are used in turn.

Printed are medians of seven, or of three from 50 000 units on, where each takes seconds; a step of the
movie is repeated over eight frames, or over four. What a single dock costs is measured by the difference it
makes to hide it, which takes as long as all the rest and is left out unless asked for.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("QT_API", "pyside6")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from napari_twinscope.virtual_display import virtual_display

if TYPE_CHECKING:
    from collections.abc import Callable

PLUGIN = "napari-twinscope"
SIZE = (1600, 950)
FLUSH = 150  # milliseconds within which throttled views have been brought up to date
QUIET = 0.15  # seconds without painting, after which nothing more is expected
LIMITS = {10_000: 15.0, 100_000: 60.0}  # milliseconds of own work
MANY = 50_000  # units from which on everything is repeated less often


# -- a fresh process: what opening the docks adds to napari's start

START = """
import sys, time
began = time.perf_counter(), time.process_time()
import napari
from qtpy.QtWidgets import QApplication
viewer = napari.Viewer()
QApplication.processEvents()
started = time.perf_counter(), time.process_time()
from napari_twinscope.views.arrangement import open_all
open_all(viewer)
QApplication.processEvents()
opened = time.perf_counter(), time.process_time()
import json
print(json.dumps({
    "napari": [started[i] - began[i] for i in (0, 1)],
    "docks": [opened[i] - started[i] for i in (0, 1)],
    "torch": "torch" in sys.modules,
}))
viewer.close()
"""


def measure_start(repeats: int) -> None:
    """Print what opening all docks adds to napari's start, in fresh processes."""
    runs = []
    for _ in range(repeats):
        done = subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, check=True)
        runs.append(json.loads(done.stdout.strip().splitlines()[-1]))
    napari, docks = (np.median([run[name] for run in runs], axis=0) for name in ("napari", "docks"))
    print(f"start: napari {napari[0]:.2f} s ({napari[1]:.2f} s of processor time)", end="")
    print(f", all docks {docks[0]:.2f} s more ({docks[1]:.2f} s); torch imported: {runs[-1]['torch']}")


# -- what is timed


def spin(milliseconds: int) -> None:
    """Let the window work."""
    from qtpy.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()  # sleeps where there is nothing to do


def in_loop(act: Callable[[], object]) -> None:
    """Do something as an answer to an event, with Qt's loop running, as all that a user does is."""
    from qtpy.QtCore import QEventLoop, QTimer

    loop = QEventLoop()

    def answer() -> None:
        try:
            act()
        finally:
            loop.quit()

    QTimer.singleShot(0, answer)
    loop.exec()


def own_work(
    window: Any, act: Callable[[], object], prepare: Callable[[], object] = lambda: None
) -> np.ndarray:
    """Return the milliseconds of the main thread's processor time that an action costs without painting.

    Two numbers: what is done at once, and what comes later, as the answers of workers do.
    """
    window.setUpdatesEnabled(False)
    try:
        prepare()
        spin(FLUSH)
        idle = time.thread_time()
        spin(FLUSH)
        idle = time.thread_time() - idle
        times = []

        def timed() -> None:
            times.append(time.thread_time())
            act()
            times.append(time.thread_time())

        in_loop(timed)
        begun, ended = times
        spin(2 * FLUSH)
        return 1e3 * np.array([ended - begun, time.thread_time() - ended - 2 * idle])
    finally:
        window.setUpdatesEnabled(True)
        spin(FLUSH)


class Painted:
    """Notes when a window last painted itself."""

    def __init__(self, window: Any) -> None:
        from qtpy.QtCore import QEvent, QObject

        class Watch(QObject):
            count = 0

            def eventFilter(self, _: object, event: QEvent) -> bool:  # noqa: N802 - Qt's name
                Watch.count += event.type() == QEvent.Type.UpdateRequest
                return False

        self._watch = Watch(window)
        self._window = window
        window.installEventFilter(self._watch)

    def until_quiet(self, act: Callable[[], object]) -> float:
        """Return the milliseconds on the clock from an action until the last painting that follows."""
        begun = last = time.perf_counter()
        before = self._watch.count
        in_loop(act)
        while last - begun < 2:
            if self._watch.count != before:
                before, last = self._watch.count, time.perf_counter()
            elif time.perf_counter() - last > QUIET:
                break
            spin(1)
        return 1e3 * (last - begun)

    def stop(self) -> None:
        """Watch no more."""
        self._window.removeEventFilter(self._watch)


def median(values: list[Any]) -> Any:
    return np.median(values, axis=0)


def said(work: list[np.ndarray]) -> str:
    at_once, later = median(work)
    return f"{at_once:7.1f} ms, later {later:.1f} ms"


# -- the two windows


class Linked:
    """Our window: every dock of the manifest, all of them visible or as they open."""

    def __init__(self, recording: Any) -> None:
        import napari

        from napari_twinscope.views.arrangement import open_all
        from napari_twinscope.views.bench import bench_of

        self.viewer = napari.Viewer()
        self.viewer.window.resize(*SIZE)
        self.bench = bench_of(self.viewer)
        self.session = self.bench.session
        self.session.in_stimulus_coordinates = False  # the made-up stage is no twin's
        self.docks = open_all(self.viewer)
        self.bench.open(recording)
        self.manifold = next(dock for dock in self.docks if type(dock).__name__ == "ManifoldDock")
        wait_for(lambda: self.manifold.cloud.layer is not None and not self.bench.background.busy)
        self.manifold.cloud.reset_view()
        self.window = self.manifold.window()
        self.names = [name.rsplit(" (", 1)[0] for name in self.viewer.window.dock_widgets if PLUGIN in name]

    def dock_around(self, widget: Any) -> Any:
        """Return the dock that holds a page."""
        from napari_twinscope.views.pinned import dock_around

        return dock_around(widget)

    def show_all(self) -> None:
        """Put docks that lie behind one another side by side."""
        from qtpy.QtCore import Qt

        areas = (Qt.DockWidgetArea.RightDockWidgetArea, Qt.DockWidgetArea.BottomDockWidgetArea)
        others = [dock for dock in self.docks if dock is not self.manifold]
        for place, page in enumerate(others):
            dock = self.dock_around(page)
            self.window.addDockWidget(areas[place % 2], dock)
            dock.show()
        spin(500)

    def visible(self) -> list[str]:
        """Return the docks that can be seen."""
        return [type(dock).__name__ for dock in self.docks if not dock.visibleRegion().isEmpty()]

    def box(self, low: float = 0.25, high: float = 0.6) -> tuple[Callable[[], None], Callable[[], None]]:
        """Return what draws a box over the manifold, and what lets the button go."""
        from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
        from qtpy.QtGui import QMouseEvent
        from qtpy.QtTest import QTest
        from qtpy.QtWidgets import QApplication

        canvas, button = self.manifold.cloud.native, Qt.MouseButton.LeftButton
        places = self.manifold.cloud.positions()
        start, end = (np.nanquantile(places, part, axis=0) for part in (low, high))
        none = Qt.KeyboardModifier.NoModifier

        def point(part: float) -> QPoint:
            return QPoint(*(int(value) for value in start + part * (end - start)))

        def draw() -> None:
            QTest.mousePress(canvas, button, none, point(0))
            for part in (0.25, 0.5, 0.75, 1.0):
                here, there = QPointF(point(part)), QPointF(canvas.mapToGlobal(point(part)))
                move = QMouseEvent(QEvent.Type.MouseMove, here, there, Qt.MouseButton.NoButton, button, none)
                QApplication.sendEvent(canvas, move)
                spin(20)

        return draw, lambda: QTest.mouseRelease(canvas, button, none, point(1))

    def alternate(self, turn: int) -> tuple[Callable[[], None], Callable[[], None]]:
        """Return one of two boxes in turn, so that every drag changes the selection."""
        return self.box(0.25, 0.6) if turn % 2 else self.box(0.3, 0.7)

    def close(self) -> None:
        """Close the window."""
        self.viewer.close()
        spin(200)


class Plain:
    """A napari window with the same layers, on a canvas of the same size."""

    def __init__(self, linked: Linked) -> None:
        import napari
        from napari.components import ViewerModel
        from napari.layers import Image, Points
        from napari.qt import QtViewer

        from napari_twinscope.views.roles import find_layer

        self.viewer = napari.Viewer()
        for role in ("movie", "map"):
            layer = find_layer(linked.viewer, role)
            if layer is None:
                continue
            copy = Image(
                layer.data,
                scale=layer.scale,
                translate=layer.translate,
                contrast_limits=layer.contrast_limits,
                colormap=layer.colormap,
                blending=layer.blending,
                rgb=False,
                multiscale=False,
            )
            self.viewer.add_layer(copy)
        self.layers = []
        for layer, model in (
            (find_layer(linked.viewer, "units"), self.viewer),
            (linked.manifold.cloud.layer, ViewerModel(ndisplay=3)),
        ):
            points = Points(
                np.array(layer.data), size=float(layer.size[0]), border_width=0.0, blending=layer.blending
            )
            model.add_layer(points)
            self.layers.append(points)
            if model is not self.viewer:
                self.canvas = QtViewer(model)
                self.viewer.window.add_dock_widget(self.canvas, name="3D", area="right")
        self.window = self.canvas.window()
        self._fit(linked.viewer.canvas.size)
        camera, ours = self.viewer.scene.camera, linked.viewer.scene.camera
        camera.center, camera.zoom = ours.center, ours.zoom

    def _fit(self, wanted: tuple[int, int]) -> None:
        """Fill a window of the same size up with nothing, until its canvas is as large as ours."""
        from qtpy.QtWidgets import QWidget

        below = QWidget()
        self.viewer.window.add_dock_widget(below, name="nothing", area="bottom")
        self.viewer.window.resize(*SIZE)
        height, width = 200, 400
        for _ in range(3):
            below.setFixedHeight(max(height, 1))
            self.canvas.setFixedWidth(max(width, 200))
            spin(300)
            rows, columns = self.viewer.canvas.size
            height, width = height + rows - wanted[0], width + columns - wanted[1]

    def recolor(self, colors: np.ndarray) -> None:
        """Give every unit another colour, in both layers."""
        for layer in self.layers:
            layer.face_color = colors

    def close(self) -> None:
        """Close the window."""
        self.viewer.close()
        self.canvas.close()
        spin(200)


def wait_for(condition: Callable[[], bool], patience: float = 300.0) -> None:
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("The window did not get ready.")
        spin(50)


# -- the measurements


def measure(size: int, folder: Path, repeats: int, each_dock: bool) -> None:
    """Print all that is measured with one number of units."""
    from made_up_recording import made_up_recording

    path = folder / f"{size}.twinscope.zarr"
    if path.exists():
        from napari_twinscope.recording import open_recording

        recording = open_recording(path)
    else:
        recording = made_up_recording(path, size)
    linked = Linked(recording)
    print(f"\n{size} units; docks: {', '.join(linked.names)}", flush=True)
    measure_drags(linked, repeats)
    plain = Plain(linked)
    measure_steps(linked, plain, repeats, 4 if size >= MANY else 8)
    measure_colors(linked, plain, size, repeats)
    plain.close()
    measure_work(linked, size, repeats, each_dock)  # last, since it moves the docks
    linked.close()


def measure_drags(linked: Linked, repeats: int) -> None:
    """Print what a user waits for, with the docks as they open."""
    linked.manifold.tools.choose("box")
    painted = Painted(linked.window)
    ends = []
    for turn in range(repeats):
        draw, release = linked.alternate(turn)
        draw()
        spin(FLUSH)
        ends.append(painted.until_quiet(release))
    painted.stop()
    count = linked.session.selection.count(linked.session.stage)
    seen = ", ".join(linked.visible())
    print(f"  end of a drag to the last painting {median(ends):7.1f} ms ({count} selected; seen: {seen})")


def measure_work(linked: Linked, size: int, repeats: int, each_dock: bool) -> None:
    """Print what happens from the end of a drag on, with all docks side by side and with none."""
    linked.show_all()
    work = []
    for turn in range(repeats):
        draw, release = linked.alternate(turn)
        work.append(own_work(linked.window, release, draw))
    limit = f", limit {LIMITS[size]:.0f}" if size in LIMITS else ""
    seen = ", ".join(linked.visible())
    print(f"  own work from the end of a drag    {said(work)}{limit} (seen: {seen})", flush=True)
    selection, stage = linked.session.selection, linked.session.stage
    random = np.random.default_rng(0)
    picks = [np.sort(random.choice(size, size // 10, replace=False)) for _ in range(2)]

    def selecting() -> str:
        return said(
            [
                own_work(linked.window, lambda turn=turn: selection.apply(stage, picks[turn % 2]))
                for turn in range(repeats)
            ]
        )

    everything, docks = selecting(), [linked.dock_around(dock) for dock in linked.docks]
    print(f"  a tenth selected, all docks seen   {everything}")
    for name, dock in zip(linked.docks, docks, strict=True) if each_dock else ():
        dock.hide()
        spin(100)
        print(f"    without {type(name).__name__:26} {selecting()}", flush=True)
        dock.show()
        spin(300)
    for dock in docks:
        dock.hide()
    spin(100)
    print(f"  a tenth selected, all docks hidden {selecting()} (layers of the main canvas)")
    for dock in docks:
        dock.show()
    spin(500)
    selection.clear()


def measure_colors(linked: Linked, plain: Plain, size: int, repeats: int) -> None:
    random = np.random.default_rng(1)
    colors = [random.uniform(size=(size, 4)).astype(np.float32) for _ in range(2)]
    names = ("feature map", "mean activity")
    theirs, ours = [], []
    for turn in range(repeats):
        theirs.append(own_work(plain.window, lambda turn=turn: plain.recolor(colors[turn % 2])))
        ours.append(
            own_work(linked.window, lambda turn=turn: setattr(linked.session, "measure", names[turn % 2]))
        )
    print(f"  napari recolours both layers       {said(theirs)}")
    ratio = median(ours).sum() / median(theirs).sum()
    print(f"  another colour-by                  {said(ours)}, {ratio:.2f} times")
    linked.session.selection.clear()


def measure_steps(linked: Linked, plain: Plain, repeats: int, steps: int) -> None:
    frames, times = linked.session.recording.protocol.frames, {}
    windows = (("napari alone", plain), ("with all docks", linked))
    stage = linked.session.stage
    linked.session.selection.apply(stage, range(100))
    spin(500)
    for turn in range(repeats + 1):
        for name, shown in windows:
            painted = Painted(shown.window)
            for frame in range(1, min(frames, steps + 1)):
                begun = time.process_time()
                wall = painted.until_quiet(
                    lambda shown=shown, frame=frame: shown.viewer.dims.set_current_step(2, frame)
                )
                spent = 1e3 * (time.process_time() - begun)
                if turn:
                    times.setdefault(name, []).append((wall, spent))
            painted.stop()
            shown.viewer.dims.set_current_step(2, 0)
            spin(FLUSH)
    found = {name: np.median(values, axis=0) for name, values in times.items()}
    for name, (wall, spent) in found.items():
        rows, columns = dict(windows)[name].viewer.canvas.size
        print(
            f"  a step of the movie, {name:14} {wall:7.1f} ms, {spent:.1f} ms of processor time",
            f"(canvas {columns} x {rows})",
        )
    ratio = found["with all docks"] / found["napari alone"]
    print(f"    ratio {ratio[0]:.2f}, of processor time {ratio[1]:.2f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--repeats", type=int, help="7 by default, 3 for many units")
    parser.add_argument("--each-dock", action="store_true", help="also what each dock costs by itself")
    parser.add_argument("--folder", type=Path, help="where recordings are kept for the next run")
    arguments = parser.parse_args()
    with virtual_display(), tempfile.TemporaryDirectory() as scratch:
        os.environ["NAPARI_CONFIG"] = str(Path(scratch) / "napari.yaml")
        measure_start(min(arguments.repeats or 3, 3))
        from napari_twinscope.views.launch import share_contexts

        share_contexts()
        folder = arguments.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for size in arguments.sizes:
            repeats = arguments.repeats or (3 if size >= MANY else 7)
            measure(size, folder, repeats, arguments.each_dock)


if __name__ == "__main__":
    main()
