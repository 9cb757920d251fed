"""Folders of trials: what is read, what is refused, and the statistics."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_twinscope.errors import InvalidInput
from napari_twinscope.training.trial_folder import FOLDERS, read_trials, write_trials
from napari_twinscope.training.trials import Trial, make_trial_set

SHAPE = (6, 8)


def make_trial(name: str, frames: int = 12, units: int = 3, training: bool = True, seed: int = 0) -> Trial:
    rng = np.random.default_rng([seed, *name.encode()])
    return Trial(
        name,
        rng.integers(0, 256, (frames, *SHAPE, 1), np.uint8),
        rng.normal(3, 2, (frames, 2)).astype(np.float32),
        rng.normal(-1, 5, (frames, 2)).astype(np.float32),
        rng.exponential(2, (frames, units)).astype(np.float32),
        training,
    )


def make_clips() -> list[Trial]:
    movies = {name: make_trial(name).stimuli for name in "xy"}
    return [
        replace(make_trial(f"{name}/{repeat}"), stimuli=movies[name]) for name in "xy" for repeat in range(3)
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    trials = [make_trial("a"), make_trial("b", 15), make_trial("c", training=False)]
    write_trials(tmp_path, trials, make_clips())
    return tmp_path


def read(folder: Path, **options):
    return read_trials(folder, frame_shape=SHAPE, **options)


def change(folder: Path, name: str, function) -> None:
    path = folder / name
    np.save(path, function(np.load(path)))


def test_what_is_written_is_read(folder):
    trials = read(folder)
    assert [trial.name for trial in trials.training] == ["a", "b"]
    assert [trial.name for trial in trials.validation] == ["c"]
    assert [[clip.name for clip in video] for video in trials.clips] == [
        ["x/0", "x/1", "x/2"],
        ["y/0", "y/1", "y/2"],
    ]
    assert (trials.units, trials.frame_shape) == (3, SHAPE)
    for name in ("stimuli", "perspectives", "modulations", "units"):
        np.testing.assert_array_equal(getattr(trials.training[1], name), getattr(make_trial("b", 15), name))
    assert trials.checksum == read(folder).checksum


def test_movies_and_responses_stay_on_disk(folder):
    trial = read(folder).training[0]
    assert isinstance(trial.stimuli, np.memmap)
    assert isinstance(trial.units, np.memmap)


def test_clips_may_have_a_folder_of_their_own(folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("evaluation")
    write_trials(elsewhere, [], make_clips()[:2])
    assert len(read(folder, evaluation=elsewhere).clips) == 1
    with pytest.raises(InvalidInput, match="holds no clips"):
        read(folder, evaluation=tmp_path_factory.mktemp("empty"))


def test_a_folder_needs_no_clips(tmp_path):
    write_trials(tmp_path, [make_trial("a"), make_trial("b", training=False)])
    assert read(tmp_path).clips == ()


def test_the_training_trials_have_mean_one_and_standard_behaviour(folder):
    trials = read(folder)
    windows = [trials.statistics.window(trial) for trial in trials.training]
    np.testing.assert_allclose(np.concatenate([w.units for w in windows]).mean(0), 1, rtol=1e-5)
    for name in ("perspectives", "modulations"):
        values = np.concatenate([getattr(window, name) for window in windows])
        np.testing.assert_allclose(values.mean(0), 0, atol=1e-5)
        np.testing.assert_allclose(values.std(0), 1, rtol=1e-5)


def test_validation_trials_have_no_say_in_the_statistics(folder):
    before = read(folder).statistics
    change(folder, "units/c.npy", lambda units: 10 * units)
    change(folder, "modulations/c.npy", lambda values: values + 7)
    after = read(folder).statistics
    np.testing.assert_array_equal(before.units_mean, after.units_mean)
    assert before.behaviour() == after.behaviour()


@settings(max_examples=25, deadline=None)
@given(
    behaviour=arrays(np.float32, (12, 2), elements=st.floats(-1e6, 1e6, width=32)),
    constant=st.floats(-1e6, 1e6, width=32),
)
def test_no_behaviour_leads_to_numbers_that_are_not_finite(behaviour, constant):
    still = np.full((12, 2), np.float32(constant))
    trial = replace(make_trial("a"), perspectives=still, modulations=behaviour)
    other = make_trial("b", training=False)
    statistics = make_trial_set([trial, other]).statistics
    assert not statistics.window(trial).perspectives.any()
    assert not statistics.window(other).perspectives.any()
    assert np.isfinite(statistics.window(trial).modulations).all()
    assert {"perspectives 0", "perspectives 1"} <= set(statistics.constant)


def test_a_spread_of_next_to_nothing_makes_a_large_score_and_no_infinite_one():
    barely = np.zeros((12, 2), np.float32)
    barely[0, 0] = np.finfo(np.float32).tiny
    other = make_trial("b", training=False)
    statistics = make_trial_set([replace(make_trial("a"), modulations=barely), other]).statistics
    assert np.isfinite(statistics.window(other).modulations).all()


def test_a_window_and_its_mean_give_the_recorded_responses(folder):
    trials = read(folder)
    window = trials.statistics.window(trials.validation[0], slice(3, 9))
    recorded = trials.validation[0].units[3:9]
    np.testing.assert_allclose(window.units * trials.statistics.units_mean, recorded, rtol=1e-5)
    np.testing.assert_array_equal(window.stimuli, trials.validation[0].stimuli[3:9])


@pytest.mark.parametrize("missing", FOLDERS)
def test_a_missing_folder_is_named(folder, missing):
    (folder / missing).rename(folder / "elsewhere")
    with pytest.raises(InvalidInput, match=f"not complete[^!]*without {missing}\n"):
        read(folder)


@pytest.mark.parametrize("lacking", FOLDERS)
def test_trials_that_one_folder_lacks_are_named(folder, lacking):
    (folder / lacking / "b.npy").unlink()
    with pytest.raises(InvalidInput, match=rf"The folder {lacking} lacks trials[^!]*without b\.npy"):
        read(folder)


def test_clips_that_one_folder_lacks_are_named(folder):
    (folder / "units" / "y" / "1.npy").unlink()
    with pytest.raises(InvalidInput, match=r"folder units lacks[^!]*y/1\.npy"):
        read(folder)


@pytest.mark.parametrize(
    ("name", "function", "message"),
    [
        ("stimuli/a.npy", lambda v: v.astype(np.float32), "movie of trial a does not fit"),
        ("stimuli/a.npy", lambda v: v[..., 0], "movie of trial a does not fit"),
        ("stimuli/a.npy", lambda v: v[:, :5], r"uint8 \[frames, 6, 8, 1\]"),
        ("stimuli/a.npy", lambda v: v[:0], "movie of trial a does not fit"),
        ("stimuli/x/2.npy", lambda v: 255 - v, "repeats of the clip x show different movies"),
        ("stimuli/x/2.npy", lambda v: v[:-1], "x/2 are not as long"),
        ("perspectives/a.npy", lambda v: v[:, :1], r"perspectives of trial a have the wrong shape"),
        ("perspectives/a.npy", lambda v: v.astype(str), "wrong shape or type"),
        ("perspectives/b.npy", lambda v: v[:-1], "perspectives of trial b are not as long as its movie"),
        ("perspectives/c.npy", lambda v: v * np.nan, "perspectives of trial c hold numbers that are not fin"),
        ("modulations/b.npy", lambda v: np.where(v > 0, np.inf, v), "modulations of trial b hold numbers"),
        ("modulations/y/0.npy", lambda v: v * np.nan, "modulations of trial y/0 hold numbers"),
        ("units/a.npy", lambda v: v * np.nan, "units of trial a hold numbers that are not finite"),
        ("units/a.npy", lambda v: v - 1, "Responses of trial a are negative"),
        ("units/a.npy", lambda v: v[:, :2], "differ in their units"),
        ("units/x/0.npy", lambda v: v[:, :2], "differ in their units"),
        ("units/a.npy", lambda v: v[:, 0], "wrong shape"),
        ("samples/a.npy", lambda v: v + 1, "number of frames of trial a is not that of its movie"),
        ("samples/a.npy", lambda v: v.astype(float), "number of frames"),
        ("training/a.npy", lambda _: np.array(0.5), "does not say whether"),
        ("training/a.npy", lambda _: np.array([True, False]), "does not say whether"),
        ("training/c.npy", lambda v: ~v, "There is no validation trial"),
        ("units/a.npy", lambda _: np.array([{}]), "cannot be read"),
    ],
)
def test_what_does_not_fit_is_refused(folder, name, function, message):
    change(folder, name, function)
    with pytest.raises(InvalidInput, match=message):
        read(folder)


def test_a_folder_without_training_trials_is_refused(folder):
    for name in "ab":
        change(folder, f"training/{name}.npy", np.logical_not)
    with pytest.raises(InvalidInput, match="There is no training trial"):
        read(folder)


def test_silent_units_are_named(folder):
    for name in "ab":
        change(folder, f"units/{name}.npy", lambda v: v * [1, 0, 1])
    with pytest.raises(InvalidInput, match=r"never respond[^!]*1 silent units: 1"):
        read(folder)


def test_files_that_are_no_arrays_are_refused(folder):
    (folder / "units" / "a.npy").write_bytes(b"not an array")
    with pytest.raises(InvalidInput, match=r"cannot be read[^!]*a\.npy"):
        read(folder)


def test_an_empty_folder_is_refused(tmp_path):
    for name in FOLDERS:
        (tmp_path / name).mkdir()
    with pytest.raises(InvalidInput, match="holds no trials"):
        read(tmp_path)


def test_nothing_is_overwritten(folder):
    with pytest.raises(InvalidInput, match="such a trial already"):
        write_trials(folder, [make_trial("a")])


@pytest.mark.parametrize("name", ["x/0", "x/y/0"])
def test_a_trial_has_a_plain_name_and_a_clip_two(tmp_path, name):
    with pytest.raises(InvalidInput, match="name does not fit"):
        write_trials(tmp_path, [make_trial(name)])
    with pytest.raises(InvalidInput, match="name does not fit"):
        write_trials(
            tmp_path, [], [make_trial(name.partition("/")[2])] if name == "x/0" else [make_trial(name)]
        )
