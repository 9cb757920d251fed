"""The coordinate along which activity grows is found, and what falls along it."""

from __future__ import annotations

import numpy as np
import pytest

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds import activity_arm


def planted(seed: int = 0) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Return units whose activity falls along their second coordinate, and whose selectivity grows."""
    random = np.random.default_rng(seed)
    places = random.normal(size=(120, 3))
    activity = np.exp(-places[:, 1] + 0.2 * random.normal(size=120))
    selectivity = places[:, 1] + 0.5 * random.normal(size=120)
    return places, activity, {"osi": selectivity, "border": random.normal(size=120)}


def test_the_coordinate_that_follows_activity_is_found_whatever_its_sign() -> None:
    places, activity, measures = planted()
    for sign in (1, -1):
        found = activity_arm(places * [1, sign, 1], activity, measures, draws=200)
        assert found.attrs["component"] == 2
        assert found["correlation"].sel(measure="activity") > 0.9
        assert found["upper"].sel(measure="osi") < -0.5
        assert found["lower"].sel(measure="border") < 0 < found["upper"].sel(measure="border")
    again = activity_arm(places * [1, -1, 1], activity, measures, draws=200)
    np.testing.assert_array_equal(found["lower"], again["lower"])


def test_the_correlations_are_those_of_ranks() -> None:
    from scipy.stats import spearmanr

    places, activity, measures = planted(3)
    found = activity_arm(places, activity, measures, draws=10)
    expected = spearmanr(-places[:, 1], measures["osi"]).statistic
    np.testing.assert_allclose(found["correlation"].sel(measure="osi"), expected)


def test_units_off_the_manifold_and_measures_that_are_missing_do_not_count() -> None:
    places, activity, measures = planted()
    places[:20] = np.nan
    measures["osi"][20:30] = np.nan
    measures["constant"] = np.ones(120)
    found = activity_arm(places, activity, measures, draws=50)
    assert found.attrs["units"] == 100
    assert np.isfinite(found.sel(measure="osi").to_array()).all()
    assert np.isnan(found.sel(measure="constant").to_array()).all()


def test_what_does_not_fit_is_refused() -> None:
    places, activity, _ = planted()
    with pytest.raises(InvalidInput, match="same units"):
        activity_arm(places, activity[:-1], {})
    with pytest.raises(InvalidInput, match="Too few"):
        activity_arm(places[:3], activity[:3], {})
