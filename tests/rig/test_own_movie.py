import numpy as np
import pytest

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig import PlanDraft, resolve_protocol
from napari_twinscope.rig.own_movie import LONGEST, frames_as_shown, protocol_of_file, protocol_of_frames
from napari_twinscope.stimuli import movie_protocol


def test_frames_are_black_and_white_at_the_contrast_limits():
    data = np.array([[[0.0, 10.0], [20.0, 30.0]]] * 2)
    np.testing.assert_allclose(frames_as_shown(data, (10, 20), rgb=False)[0], [[0, 0], [1, 1]])


def test_colours_are_kept_and_no_frame_is_lost():
    data = np.zeros((305, 4, 6, 3), np.uint8)
    assert frames_as_shown(data, (0, 1), rgb=True).shape == (305, 4, 6, 3)


def test_a_movie_too_long_for_the_window_is_refused_and_not_cut():
    with pytest.raises(InvalidInput, match="too long"):
        frames_as_shown(np.zeros((LONGEST + 1, 1, 1), np.uint8), (0, 1), rgb=False)


@pytest.mark.parametrize("shape", [(4, 6), (1, 4, 6), (2, 3, 4, 6)])
def test_an_image_that_is_no_movie_is_refused(shape):
    with pytest.raises(InvalidInput, match="no movie"):
        frames_as_shown(np.zeros(shape), (0, 1), rgb=False)


def test_values_that_are_not_finite_are_refused():
    with pytest.raises(InvalidInput, match="not finite"):
        frames_as_shown(np.full((2, 3, 4), np.nan), (0, 1), rgb=False)


def test_a_draft_uses_its_own_movie_while_it_is_chosen(tmp_path):
    frames = np.random.default_rng(0).random((12, 144, 256), np.float32)
    own = protocol_of_frames(frames, tmp_path, "clouds")
    draft = PlanDraft(
        protocol="movie clouds", own=own, stimuli=("clouds",), directions=(0.0,), instances=1, frames=12
    )
    assert resolve_protocol(draft) == own
    shown = resolve_protocol(draft).movie("clouds", 0, 0)
    np.testing.assert_allclose(shown, frames * 255, atol=1)


def test_a_file_is_shown_once_and_whole_as_by_the_command_line(tmp_path):
    path = tmp_path / "film.npy"
    np.save(path, np.arange(120, dtype=np.uint8)[:, None, None] * np.ones((1, 9, 16), np.uint8))
    chosen = protocol_of_file(path)
    assert chosen.hash == movie_protocol(path).hash
    np.testing.assert_array_equal(chosen.movie(0, 0, 0)[:, 0, 0], np.arange(120))
    assert chosen.stimuli[0].sha256
    np.save(path, np.zeros((120, 9, 16), np.uint8))
    with pytest.raises(InvalidInput, match="has changed"):
        chosen.movie(0, 0, 0)
