from __future__ import annotations

import json
from pathlib import Path

import pytest

from napari_twinscope.cli import main
from napari_twinscope.recording import open_recording

BOTH = ["record", "--out", "x.twinscope.zarr", "--protocol", "paper"]
SMALL = ("--direction", "0", "--instances", "1", "--stage", "output", "--device", "cpu", "--units", "1")


def test_the_twins_are_listed_and_the_demo_is_of_simulated_cells(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["twins"]) == 0
    listed = capsys.readouterr().out
    assert "Demonstration network (simulated cells) [simulated]" in listed
    assert "untrained" not in listed


def test_the_stages_are_listed_in_the_order_of_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stages", "--twin", "demo"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]]
    assert names == [
        *("retina", "inputs0", "blocks0", "inputs1", "blocks1", "inputs2", "blocks2"),
        *("recurrent", "recurrent_out", "readout", "output"),
    ]


def test_record_then_info(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "x.twinscope.zarr")
    assert main(["record", "--protocol", "flash", "--out", out, *SMALL]) == 0
    assert "SIMULATED" in capsys.readouterr().err
    assert main(["info", out]) == 0
    assert "SIMULATED" in capsys.readouterr().out
    assert open_recording(out).plan.protocol.name.startswith("flash")


def test_a_movie_file_is_recorded_whole(tmp_path: Path) -> None:
    import numpy as np

    movie = tmp_path / "noise.npy"
    np.save(movie, np.random.default_rng(0).integers(0, 255, (7, 144, 256), dtype=np.uint8))
    out = tmp_path / "x.twinscope.zarr"
    assert main(["record", "--movie", str(movie), "--out", str(out), *SMALL]) == 0
    recording = open_recording(out)
    np.testing.assert_array_equal(recording.movie().to_numpy()[0, 0, 0], np.load(movie))
    assert recording.protocol.names == ("noise",)


def test_tasks_and_estimate_record_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "x.twinscope.zarr"
    assert main(["record", "--protocol", "flash", "--out", str(out), "--tasks", *SMALL]) == 0
    assert "conditions" in capsys.readouterr().out
    assert main(["record", "--protocol", "flash", "--out", str(out), "--estimate", *SMALL]) == 0
    assert "on disk" in capsys.readouterr().err
    assert not out.exists()


def test_protocols_are_listed_described_and_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stimuli"]) == 0
    assert "paper-6-medium" in capsys.readouterr().out
    assert main(["stimuli", "--protocol", "paper-6-physiologist"]) == 0
    text = capsys.readouterr().out
    assert "Hz" in text
    assert "degrees per pixel" in text
    picture = tmp_path / "gallery.png"
    assert main(["stimuli", "--protocol", "flash", "--gallery", str(picture)]) == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["record", "--out", "x.zarr"], "NAME.twinscope.zarr"),
        (["record", "--out", "x.twinscope.zarr", "--twin", "mouse"], "no such twin"),
        (["record", "--out", "x.twinscope.zarr", "--protocol", "dance"], "no protocol of this name"),
        (["record", "--out", "x.twinscope.zarr", "--stage", "liver"], "liver"),
        (["record", "--out", "x.twinscope.zarr", "--treadmill", "nan"], "not a finite number"),
        (["record", "--out", "x.twinscope.zarr", "--device", "cuda:7"], "cuda:7"),
        (["record", "--out", "x.twinscope.zarr", "--movie", "absent.npy"], "absent.npy"),
        (["info", "absent.twinscope.zarr"], "no recording"),
        (["stimuli", "--gallery", "absent/g.png"], "absent/g.png"),
        (["stimuli", "--gallery", "g.xyz"], ".png"),
        (["record", "--out", "/dev/null/x.twinscope.zarr"], "/dev/null"),
        (["view", "absent.twinscope.zarr"], "no recording"),
    ],
)
def test_errors_are_explained_and_nothing_is_made(
    words: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words) == 1
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [[], ["record"], ["dance"], ["record", "--out", "x", "--batch", "many"], [*BOTH, "--movie", "a.npy"]],
)
def test_wrong_usage_has_exit_code_two(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert stop.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_an_interrupted_command_has_exit_code_130(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from napari_twinscope.recording import recorder

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(recorder, "run_row", interrupt)
    out = str(tmp_path / "x.twinscope.zarr")
    assert main(["record", "--protocol", "flash", "--out", out, *SMALL]) == 130
    assert "the same command goes on" in capsys.readouterr().err
    monkeypatch.undo()
    assert main(["record", "--protocol", "flash", "--out", out, *SMALL]) == 0


def test_the_plan_in_a_recording_is_readable_json(tmp_path: Path) -> None:
    out = tmp_path / "x.twinscope.zarr"
    main(["record", "--protocol", "flash", "--out", str(out), *SMALL])
    attributes = json.loads((out / "zarr.json").read_text())["attributes"]
    assert attributes["plan"]["protocol"]["stimuli"][0]["kind"] == "FullFieldFlash"


def test_a_fit_says_what_is_missing_before_any_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fit", "--data", str(tmp_path), "--out", str(tmp_path / "fit.safetensors")]) == 1
    assert "training" in capsys.readouterr().err
    assert not (tmp_path / "fit.safetensors").exists()


def test_a_readout_is_fitted_and_can_be_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import numpy as np

    from napari_twinscope.training import Trial, write_trials

    rng = np.random.default_rng(0)
    frames, units = 24, 2
    trials = [
        Trial(
            f"{n:02}",
            rng.integers(0, 256, (frames, 144, 256, 1), dtype=np.uint8),
            rng.normal(size=(frames, 2)).astype(np.float32),
            rng.normal(size=(frames, 2)).astype(np.float32),
            rng.gamma(1.0, 1.0, (frames, units)).astype(np.float32),
            n > 0,
        )
        for n in range(3)
    ]
    write_trials(tmp_path / "data", trials)
    out = tmp_path / "fit.safetensors"
    words = f"fit --data {tmp_path / 'data'} --out {out} --perspective fixed --epochs 1 --batches 1"
    assert main([*words.split(), "--window", "20", "--device", "cpu"]) == 0
    assert "cc_abs" in capsys.readouterr().out
    path = tmp_path / "x.twinscope.zarr"
    assert main(["record", "--twin", f"file:{out}", "--protocol", "flash", "--out", str(path), *SMALL]) == 0
    assert len(open_recording(path).units("output")) == 2
    assert "simulated core" in capsys.readouterr().err


def test_training_refuses_a_folder_of_another_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "checkpoint.pt").write_bytes(b"of something else")
    assert main(["train-demo", "--out", str(tmp_path), "--device", "cpu"]) == 1
    assert "checkpoint" in capsys.readouterr().err
    assert not (tmp_path / "clips").exists()
