import numpy as np
import pytest

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig import PlanDraft, resolve_protocol
from napari_twinscope.rig.own_movie import LONGEST, frames_as_shown, protocol_of_file, protocol_of_frames


def test_frames_are_black_and_white_at_the_contrast_limits():
    data = np.array([[[0.0, 10.0], [20.0, 30.0]]] * 2)
    np.testing.assert_allclose(frames_as_shown(data, (10, 20), rgb=False)[0], [[0, 0], [1, 1]])


def test_colours_are_kept_and_long_movies_cut():
    data = np.zeros((LONGEST + 5, 4, 6, 3), np.uint8)
    assert frames_as_shown(data, (0, 1), rgb=True).shape == (LONGEST, 4, 6, 3)


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
        protocol="clouds", own=own, stimuli=("clouds",), directions=(0.0,), instances=1, frames=12
    )
    shown = resolve_protocol(draft).movie("clouds", 0, 0)
    np.testing.assert_allclose(shown, frames * 255, atol=1)


def test_a_short_file_starts_again(tmp_path):
    np.save(tmp_path / "film.npy", np.zeros((5, 144, 256), np.uint8))
    protocol = protocol_of_file(tmp_path / "film.npy", frames=12)
    assert protocol.movie(0, 0, 0).shape == (12, 144, 256)
