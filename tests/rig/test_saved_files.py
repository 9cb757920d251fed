"""Files that docks name in a session's file are found again when a folder was moved, and told when lost."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from encoding_recordings import on_a_line, write_recording
from napari_twinscope.rig import Session
from napari_twinscope.rig.loaded_session import load_session
from napari_twinscope.rig.saved_files import with_found_files, with_ways
from napari_twinscope.rig.saved_session import SavedSession, write_session


def docks(path: Path, *others: Path) -> dict[str, dict[str, object]]:
    named = [{"name": one.stem, "path": str(one), "said": "30 units"} for one in (path, *others)]
    return {"Compare stages": {"populations": named, "shown": "table"}, "Rig": {"draft": {"path": "/x"}}}


def paths(docks):
    return [one["path"] for one in docks["Compare stages"]["populations"]]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "work" / "neurons" / "V1.npz"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"responses")
    return path


def written(docks, folder):
    """What the file says, after a way through JSON."""
    return json.loads(json.dumps(with_ways(docks, folder)))


def test_what_names_no_file_stays_as_it_is_and_the_way_is_not_kept_by_docks(file):
    folder, shown = file.parents[1], docks(file)
    saved = written(shown, folder)
    assert saved["Compare stages"]["populations"][0]["beside"] == "neurons/V1.npz"
    assert saved["Rig"] == shown["Rig"]
    assert with_found_files(saved, folder) == (shown, None)


def test_a_folder_that_was_moved_with_its_session_is_whole(file, tmp_path):
    saved = written(docks(file), file.parents[1])
    moved = file.parents[1].rename(tmp_path / "elsewhere")
    found, lost = with_found_files(saved, moved)
    assert (paths(found), lost) == ([str(moved / "neurons" / "V1.npz")], None)


def test_a_copy_reads_its_own_files(file, tmp_path):
    saved = written(docks(file), file.parents[1])
    copy = tmp_path / "copy" / "neurons" / "V1.npz"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(b"others")
    assert paths(with_found_files(saved, tmp_path / "copy")[0]) == [str(copy)]


def test_a_session_that_was_moved_alone_finds_files_where_they_were_or_beside_it(file, tmp_path):
    saved = written(docks(file), file.parents[1])
    alone = tmp_path / "far" / "away"
    alone.mkdir(parents=True)
    assert paths(with_found_files(saved, alone)[0]) == [str(file)]
    beside = file.rename(alone / file.name)
    assert paths(with_found_files(saved, alone)[0]) == [str(beside)]


def test_sessions_of_before_that_say_no_way_are_read(file):
    assert with_found_files(docks(file), file.parents[1]) == (docks(file), None)


def test_lost_files_are_named_and_all_else_is_opened(file, tmp_path):
    recording = write_recording(tmp_path / "line.twinscope.zarr", on_a_line(12))
    session, path = Session(), file.parents[1] / "a.twinscope.json"
    session.open(recording)
    gone = file.with_name("LM.npz")
    named = with_ways(docks(file, gone), path.parent)
    write_session(path, replace(SavedSession.of(session, path.parent), docks=named))
    loaded = load_session(path)
    assert str(gone) in str(loaded.lost)
    assert str(file) not in str(loaded.lost)
    assert str(path.parent) in str(loaded.lost)
    assert paths(loaded.saved.docks) == [str(file), str(gone)]
    assert loaded.opened is not None
