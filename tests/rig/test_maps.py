import numpy as np

from napari_twinscope.rig.maps import ConditionCache, MapMovie, Placement, Warp, map_style


def test_a_movie_of_maps_reads_like_an_array_and_fills_as_conditions_arrive():
    known = {(1, 0): np.arange(2 * 3 * 4).reshape(2, 3, 4)}
    movie = MapMovie((2, 3, 2), (3, 4), known.get)
    assert movie.shape == (2, 3, 2, 3, 4)
    assert movie.ndim == 5
    assert np.isnan(movie[0, 0, 0]).all()
    np.testing.assert_array_equal(movie[1, 0, 1], known[1, 0][1])
    np.testing.assert_array_equal(movie[1, 0, :, 2, 1:3], known[1, 0][:, 2, 1:3])
    full = np.asarray(movie)
    assert full.shape == movie.shape
    np.testing.assert_array_equal(full[1, 0], known[1, 0])
    known[0, 2] = np.ones((2, 3, 4))
    assert (movie[0, 2, 0, :, :] == 1).all()


def test_a_warp_looks_up_the_nearest_cell_and_leaves_the_outside_empty():
    rows, columns = np.meshgrid([-0.6, -0.4, 0.4, 0.6, 1.6, np.nan], [0.0, 1.0], indexing="ij")
    warp = Warp.from_coordinates(np.stack([rows, columns], axis=-1), (2, 2))
    warped = warp(np.array([[10.0, 11.0], [20.0, 21.0]]))
    assert warped.shape == (6, 2)
    np.testing.assert_array_equal(warped[:, 0], [np.nan, 10, 10, 20, np.nan, np.nan])
    np.testing.assert_array_equal(warped[1], [10, 11])


def test_a_warped_movie_has_the_size_of_the_stimulus():
    coordinates = np.stack(np.indices((6, 8)) / 2.0, axis=-1)
    warp = Warp.from_coordinates(coordinates, (4, 4))
    movie = MapMovie((1, 1, 5), (4, 4), lambda _: np.ones((5, 4, 4)), warp)
    assert movie.shape == (1, 1, 5, 6, 8)
    assert movie[0, 0, 3].shape == (6, 8)


def test_a_plain_grid_covers_the_frame_exactly():
    place = Placement.plain((18, 32), (144, 256))
    np.testing.assert_allclose(place.position([0, 17], [0, 31]), [[3.5, 3.5], [139.5, 251.5]])


def test_the_cache_drops_the_oldest_condition_and_keeps_the_newest():
    cache = ConditionCache(limit=250)
    for key in range(3):
        cache.put(key, np.zeros(100, np.uint8))
    assert [key in cache for key in range(3)] == [False, True, True]
    cache.get(1)
    cache.put(3, np.zeros(100, np.uint8))
    assert 1 in cache
    assert 2 not in cache
    cache.put(4, np.zeros(1000, np.uint8))
    assert 4 in cache


def test_signed_maps_are_shown_around_zero():
    assert map_style([1.0, -2.0, np.nan]).limits == (-2.0, 2.0)
    assert map_style([3.0, 0.0]).limits == (0.0, 3.0)
    assert map_style([0.0, 0.0]).limits == (0.0, 1.0)
