from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from qtpy.QtTest import QTest

from encoding_recordings import on_a_line, write_recording
from napari_twinscope.views.arrangement import open_all
from napari_twinscope.views.bench import bench_of

sys.path.insert(0, str(Path(__file__).parent))
from monkey import Monkey, answer_dialogs

SEED = int(os.environ.get("MONKEY_SEED", "5"))
DEEDS = int(os.environ.get("MONKEY_DEEDS", "300"))


@pytest.fixture
def other_path(tmp_path):
    path = tmp_path / "line.twinscope.zarr"
    write_recording(path, on_a_line(30)).close()
    return path


def test_a_few_hundred_random_deeds_end_without_an_error_or_a_moved_point(
    viewer, recording, recording_path, other_path, tmp_path, monkeypatch
):
    answer_dialogs(monkeypatch)
    viewer.window.resize(1000, 800)
    open_all(viewer)
    bench = bench_of(viewer)
    bench.open(recording)
    QTest.qWait(300)
    monkey = Monkey(viewer, [recording_path, other_path], tmp_path, SEED)
    try:
        for _ in range(DEEDS):
            monkey.act()
            monkey.check()
        for _ in range(200):
            if not bench.background.busy:
                break
            QTest.qWait(50)
        monkey.check()
    except BaseException:
        print(f"seed {SEED}, deed {len(monkey.told)}; the last ones were:")
        print("\n".join(monkey.told[-25:]))
        raise
    print(f"seed {SEED}:", *monkey.told[-25:], sep="\n")  # shown where only the end of the test fails
