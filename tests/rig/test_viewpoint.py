from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from napari_twinscope.rig.projection import project
from napari_twinscope.rig.viewpoint import FILL, directions, viewpoint

ANGLE = st.floats(-180, 180)


@given(st.tuples(ANGLE, ANGLE, ANGLE))
def test_a_camera_looks_where_its_angles_say(angles):
    forward, up = directions(angles)
    turned = Rotation.from_euler("XYZ", -np.array(angles), degrees=True).as_matrix()
    np.testing.assert_allclose(forward, turned @ (-1, 0, 0), atol=1e-12)
    np.testing.assert_allclose(up, turned @ (0, -1, 0), atol=1e-12)


@pytest.mark.parametrize("perspective", [0, 30])
def test_a_whole_cloud_fits_into_the_canvas_and_fills_it(perspective):
    world = np.random.default_rng(0).normal(3, [5, 1, 0.2], (300, 3))
    world[::7] = np.nan
    size = np.array([640.0, 400.0])
    places = project(world, viewpoint(world, (20.0, 50.0, -10.0), perspective, tuple(size)))
    low, high = np.nanmin(places, axis=0), np.nanmax(places, axis=0)
    assert float(np.max((high - low) / size)) == pytest.approx(FILL, abs=0.02)
    np.testing.assert_allclose((low + high) / 2, size / 2, atol=4)


def test_a_cloud_of_one_point_or_of_none_can_be_looked_at():
    assert np.isfinite(project(np.ones((1, 3)), viewpoint(np.ones((1, 3))))).all()
    assert viewpoint(np.full((4, 3), np.nan)).zoom == 1.0
