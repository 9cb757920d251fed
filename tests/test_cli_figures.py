from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from napari_twinscope.cli import main
from napari_twinscope.manifolds import decoding_trajectories
from napari_twinscope.recording import open_recording
from napari_twinscope.rig import Session
from napari_twinscope.rig.encoding import components_look
from napari_twinscope.rig.layers import condition_text
from napari_twinscope.rig.sample import sample_path
from napari_twinscope.rig.saved_session import SavedSession, write_session

SVG = "{http://www.w3.org/2000/svg}"
SAMPLE = str(sample_path())


def texts_of(path: Path) -> str:
    root = ElementTree.parse(path).getroot()
    return " ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))


def test_units_become_a_table_and_a_table_says_what_is_drawn(tmp_path: Path) -> None:
    table, chosen, figure = tmp_path / "units.csv", tmp_path / "chosen.csv", tmp_path / "a.svg"
    assert main(["units", SAMPLE, "--stage", "output", "--out", str(table)]) == 0
    units = pd.read_csv(table)
    assert len(units) == 180
    units[["stage", "unit_id"]].head(7).to_csv(chosen, index=False)
    words = ["draw", "manifold", SAMPLE, "--stage", "output", "--select", str(chosen), "--size-by", "OSI"]
    assert main([*words, "--color-by", "DSI", "--perspective", "30", "--out", str(figure)]) == 0
    assert "180 units, 7 selected" in texts_of(figure)
    assert "Size: OSI" in texts_of(figure)
    before = figure.read_bytes()
    assert main([*words, "--out", str(figure)]) == 1
    assert figure.read_bytes() == before


def test_responses_are_drawn_of_the_units_of_a_table_or_of_all(tmp_path: Path) -> None:
    figure = tmp_path / "a.svg"
    words = ["draw", "responses", SAMPLE, "--stage", "output", "--panel", "psth", "--out", str(figure)]
    assert main(words) == 0
    assert "Responses of 180 units" in texts_of(figure)


def test_feature_maps_are_drawn_of_the_units_of_a_table_or_of_all(tmp_path: Path) -> None:
    table, figure = tmp_path / "units.csv", tmp_path / "a.svg"
    recording = open_recording(sample_path())
    units = recording.units("recurrent_out")
    channel = int(units["channel"].iloc[0])
    chosen = units[units["channel"] == channel].head(2)
    table.write_text("stage,unit_id\n" + "".join(f"recurrent_out,{unit}\n" for unit in chosen["unit_id"]))
    words = ["draw", "feature-maps", SAMPLE, "--stage", "recurrent_out", "--out", str(figure)]
    words += ["--stimulus", recording.protocol.names[1], "--direction", "90", "--frame", "5"]
    assert main([*words, "--select", str(table)]) == 0
    drawn = texts_of(figure)
    maps = units["channel"].nunique()
    assert f"{len(chosen)} selected" in drawn
    assert f"on 1 of {maps} recorded feature maps" in " ".join(drawn.split())
    assert "90°" in drawn
    assert main([*words, "--overwrite", "--select", str(table), "--all"]) == 0
    assert sum(f"map {number}" in texts_of(figure) for number in units["channel"].unique()) == maps


def test_a_saved_session_is_drawn_as_it_was(tmp_path: Path) -> None:
    recording = open_recording(sample_path())
    session = Session()
    session.open(recording, "output")
    session.show_look("output", components_look(session.responses()))
    session.selection.apply("output", range(12))
    session.selection.group("output", "dozen")
    session.measure = "preferred stimulus"
    saved = SavedSession.of(session, tmp_path)
    camera = {"center": [0.0, 0.0, 0.0], "zoom": 4.0, "angles": [5.0, 50.0, 10.0], "perspective": 0.0}
    path = tmp_path / "a.twinscope.json"
    write_session(path, replace(saved, docks={"Manifold": {"camera": camera}}))
    figure = tmp_path / "a.svg"
    assert main(["draw", "manifold", str(path), "--out", str(figure)]) == 0
    drawn = texts_of(figure)
    assert "dozen (12)" in drawn
    assert "preferred stimulus" in drawn
    session.show_stage("recurrent_out")
    session.show_look("recurrent_out", components_look(session.responses()))
    session.condition, session.frame = (1, 2), 5
    write_session(path, replace(SavedSession.of(session, tmp_path), docks={"Feature maps": {"every": True}}))
    maps = tmp_path / "maps.svg"
    assert main(["draw", "feature-maps", str(path), "--out", str(maps)]) == 0
    moment = condition_text(recording.protocol, (1, 2), 5)
    assert moment.split() == [word for word in texts_of(maps).split() if word in moment.split()]
    near = tmp_path / "near.svg"
    write_session(path, replace(saved, docks={"Manifold": {"camera": {**camera, "zoom": 40.0}}}))
    assert main(["draw", "manifold", str(path), "--out", str(near)]) == 0
    assert "lie outside this section" in texts_of(near)


def test_stimuli_in_activity_space_are_drawn_and_their_places_written(tmp_path: Path) -> None:
    table, places, figure = tmp_path / "units.csv", tmp_path / "a.csv", tmp_path / "a.svg"
    recording = open_recording(sample_path())
    protocol = recording.protocol
    movies = len(protocol.stimuli) * len(protocol.directions)
    ids = recording.units("output")["unit_id"][:9]
    table.write_text("stage,unit_id\n" + "".join(f"output,{unit}\n" for unit in ids))
    words = ["draw", "stimuli", SAMPLE, "--stage", "output", "--select", str(table), "--trajectories"]
    assert main([*words, "--no-turn", "--out", str(places)]) == 0
    written = pd.read_csv(places)
    assert len(written) == movies * protocol.frames
    expected = decoding_trajectories(recording.responses("output").load().isel(unit=range(9)))
    found = written[["PC 1", "PC 2", "PC 3"]].to_numpy().reshape(expected["coordinates"].shape)
    np.testing.assert_allclose(np.abs(found), np.abs(expected["coordinates"].values), atol=1e-9)
    name = protocol.names[1]
    marked = ["--stimulus", name, "--direction", "90", "--frame", "4", "--color-by", "direction"]
    assert main([*words, *marked, "--angles", "20", "30", "0", "--out", str(figure)]) == 0
    drawn = texts_of(figure)
    assert "9 of 180 units of output" in drawn
    assert f"at {4 / protocol.screen.frame_rate:.2f} s" in drawn
    assert "direction of motion" in drawn
    before = figure.read_bytes()
    assert main([*words, "--out", str(figure)]) == 1
    assert figure.read_bytes() == before


def test_what_is_computed_of_stimuli_can_be_chosen(tmp_path: Path) -> None:
    from napari_twinscope.rig.activity_space import SpaceOptions, stimulus_space

    recording = open_recording(sample_path())
    stage = next(name for name in recording.stages if name != "output")
    responses = recording.responses(stage).load()
    assert (responses < 0).any()
    places = tmp_path / "a.csv"
    words = ["draw", "stimuli", SAMPLE, "--stage", stage, "--overwrite", "--out", str(places)]
    for more, options, axis in (
        (["--diffusion"], SpaceOptions("diffusion"), "DC"),
        (["--signed"], SpaceOptions(rectify=False), "PC"),
    ):
        assert main([*words, *more]) == 0
        found = pd.read_csv(places)[[f"{axis} {number}" for number in (1, 2, 3)]].to_numpy()
        expected = stimulus_space(responses, options).paths[:, 0]
        np.testing.assert_allclose(np.abs(found), np.abs(expected), atol=1e-9)


def test_the_third_axis_of_trajectories_can_be_halved_as_published(tmp_path: Path) -> None:
    figure = tmp_path / "a.svg"
    words = ["draw", "stimuli", SAMPLE, "--stage", "output", "--trajectories", "--overwrite"]
    drawn = []
    for more in ([], ["--halve-third"]):
        assert main([*words, *more, "--out", str(figure)]) == 0
        drawn.append(texts_of(figure))
    assert ["PC 3 (× 0.5)" in text for text in drawn] == [False, True]


def test_histograms_are_drawn_inside_and_outside_a_table_and_written(tmp_path: Path) -> None:
    table, bins, figure = tmp_path / "units.csv", tmp_path / "a.csv", tmp_path / "a.svg"
    ids = open_recording(sample_path()).units("output")["unit_id"][:20]
    table.write_text("stage,unit_id\n" + "".join(f"output,{unit}\n" for unit in ids))
    words = ["draw", "histogram", SAMPLE, "--stage", "output", "--select", str(table)]
    assert main([*words, "--measure", "DSI", "--counts", "--out", str(figure)]) == 0
    drawn = texts_of(figure)
    assert "20 selected, median" in drawn
    assert "160 others, median" in drawn
    assert main([*words, "--measure", "DSI", "--out", str(bins)]) == 0
    counted = pd.read_csv(bins)
    assert (counted["selected"].sum(), counted["others"].sum()) == (20, 160)
    assert main([*words[:-2], "--out", str(tmp_path / "all.svg")]) == 0
    assert "180 units, median" in texts_of(tmp_path / "all.svg")
    assert "mean activity (a.u.)" in texts_of(tmp_path / "all.svg")


def test_a_group_of_a_session_says_which_units_are_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session = Session()
    session.open(open_recording(sample_path()), "output")
    session.show_look("output", components_look(session.responses()))
    session.selection.apply("output", range(12))
    session.selection.group("output", "dozen")
    session.selection.apply("output", range(30, 35))
    session.condition, session.frame = (1, 2), 5
    path, figure = tmp_path / "a.twinscope.json", tmp_path / "a.svg"
    dock = {"picture": "trajectories", "colour_by": "direction"}
    docks = {"Stimuli in activity space": dock}
    write_session(path, replace(SavedSession.of(session, tmp_path), docks=docks))
    words = ["--out", str(figure), "--overwrite"]
    assert main(["draw", "histogram", str(path), "--group", "dozen", "--measure", "OSI", *words]) == 0
    assert "12 selected, median" in texts_of(figure)
    assert main(["draw", "histogram", str(path), "--group", "dozen", "--measure", "groups", *words]) == 0
    assert "12 selected" in texts_of(figure)
    assert main(["draw", "stimuli", str(path), "--group", "dozen", *words]) == 0
    drawn = texts_of(figure)
    assert "12 of 180 units of output" in drawn
    assert f"at {5 / session.recording.protocol.screen.frame_rate:.2f} s" in drawn
    assert "direction of motion" in drawn
    assert main(["draw", "stimuli", str(path), *words]) == 0
    assert "5 of 180 units of output" in texts_of(figure)
    before = figure.read_bytes()
    capsys.readouterr()
    for wrong, message in (
        (["--group", "thirteen"], "no such group"),
        (["--group", "dozen", "--stage", "recurrent_out"], "of another stage"),
    ):
        assert main(["draw", "histogram", str(path), *wrong, *words]) == 1
        assert message in capsys.readouterr().err
    assert main(["draw", "histogram", SAMPLE, "--group", "dozen", *words]) == 1
    assert "A recording has no named groups" in capsys.readouterr().err
    assert figure.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["manifold", "--color-by", "beauty"], "not known of the units"),
        (["manifold", "--axes", "1", "1", "2"], "no such coordinates"),
        (["maps", "--stimulus", "nothing"], "no such stimulus"),
        (["maps", "--channel", "999"], "no such feature map"),
        (["maps", "--direction", "7"], "no such direction"),
        (["maps", "--frame", "99"], "no such frame"),
        (["maps", "--speed", "0"], "no such speed"),
        (["feature-maps", "--stimulus", "nothing"], "no such stimulus"),
        (["feature-maps", "--frame", "99"], "no such frame"),
        (["feature-maps", "--stage", "output"], "lie on no feature maps"),
        (["histogram", "--measure", "beauty"], "not known of the units"),
        (["stimuli", "--stimulus", "nothing"], "no such stimulus"),
        (["stimuli", "--frame", "99"], "no such frame"),
        (["stimuli", "--stimuli", "first-six"], "published"),
    ],
)
def test_what_cannot_be_drawn_is_explained(
    words: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "a.svg"
    stage = "recurrent_out" if words[0].endswith("maps") else "output"
    assert main(["draw", words[0], SAMPLE, "--stage", stage, *words[1:], "--out", str(out)]) == 1
    assert message in capsys.readouterr().err
    assert not out.exists()


def test_the_kind_of_file_is_checked_before_anything_is_computed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for what in ("maps", "stimuli", "histogram"):
        assert main(["draw", what, "absent.twinscope.zarr", "--out", str(tmp_path / "a.avi")]) == 1
        assert "kind of file" in capsys.readouterr().err


def test_sub_populations_are_scored_and_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, figure = tmp_path / "a.csv", tmp_path / "a.svg"
    words = ["subpopulations", SAMPLE, "--stage", "output", "--out", str(table), "--draws", "5"]
    words += ["--share", "10", "--share", "100", "--by", "DSI"]
    assert main([*words, "--highest", "10", "--figure", str(figure)]) == 0
    assert "18 of 180 units (10 %) against all" in capsys.readouterr().out
    scores = pd.read_csv(table)
    assert set(scores["taken"]) == {"selected", "random", "DSI high", "DSI low"}
    at = (scores["fraction"] == 0.1) & (scores["score"] == "linear_cka")
    one = scores[at & (scores["draws"] == 0)].set_index("taken")["value"]
    assert one["selected"] == pytest.approx(one["DSI high"])
    assert "highest DSI" in texts_of(figure)
    before = table.read_bytes()
    assert main([*words, "--lowest", "10"]) == 1
    assert table.read_bytes() == before
    assert main([*words, "--overwrite", "--by", "beauty"]) == 1
    assert "cannot be ranked" in capsys.readouterr().err
    assert main([*words, "--overwrite", "--lowest", "10", "--select", str(table)]) == 1
    assert main([*words, "--overwrite"]) == 0
    assert set(pd.read_csv(table)["taken"]) == {"random", "DSI high", "DSI low"}
