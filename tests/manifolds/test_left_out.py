from __future__ import annotations

import numpy as np
import pytest

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.encoding.left_out import CLOSEST, DUPLICATE, FARTHEST, KEPT, left_out_points


def test_distinct_units_all_stay() -> None:
    status, twin = left_out_points(np.arange(6.0)[:, None])
    assert (status == KEPT).all()
    assert (twin == -1).all()


def test_of_coinciding_units_the_first_stays() -> None:
    points = np.array([[0.0], [1.0], [1.0], [2.0], [1.0], [2.0]])
    status, twin = left_out_points(points)
    assert status.tolist() == [KEPT, KEPT, DUPLICATE, KEPT, DUPLICATE, DUPLICATE]
    assert twin.tolist() == [-1, -1, 1, -1, 1, 3]


def test_units_all_alike_leave_one() -> None:
    status, _ = left_out_points(np.ones((4, 2)))
    assert status.tolist() == [KEPT, DUPLICATE, DUPLICATE, DUPLICATE]


def test_nearly_coinciding_units_are_told_relative_to_the_whole() -> None:
    points = np.array([[0.0], [1e-9], [1.0]])
    assert left_out_points(points)[0].tolist() == [KEPT, DUPLICATE, KEPT]
    assert left_out_points(1e-6 * np.array([[0.0], [0.1], [1.0]]))[0].tolist() == [KEPT] * 3


def test_outliers_are_the_farthest_and_the_closest_to_their_nearest_neighbours() -> None:
    points = np.array([[0.0], [1.0], [2.1], [3.4], [3.5], [20.0]])
    status, _ = left_out_points(points, farthest=1, closest=2)
    assert status.tolist() == [KEPT, KEPT, KEPT, CLOSEST, CLOSEST, FARTHEST]


def test_more_outliers_than_units_are_refused() -> None:
    with pytest.raises(InvalidInput, match="More units"):
        left_out_points(np.arange(5.0)[:, None], farthest=3, closest=2)
