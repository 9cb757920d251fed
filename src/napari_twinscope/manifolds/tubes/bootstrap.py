"""What bootstraps of tubularity say: intervals, error bars, and whether populations differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.tubes.options import ERROR_BAR_DIVISORS, TubularityOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_FROM_DRAWS = ("seed", "bootstraps", "stimuli")


def summary(values: xr.DataArray, options: TubularityOptions) -> xr.Dataset:
    """Return mean, spread and interval over the dim bootstrap; see `tubularity`."""
    spread = values.std("bootstrap")
    return xr.Dataset(
        {
            "bootstrap_mean": values.mean("bootstrap"),
            "standard_error": spread,
            "error_bar": spread / np.sqrt(ERROR_BAR_DIVISORS[options.preset]),
            "interval": _interval(values, "bootstrap", options.level),
        }
    )


def compare_tubularity(
    first: xr.Dataset | Sequence[xr.Dataset], second: xr.Dataset | Sequence[xr.Dataset]
) -> xr.Dataset:
    """Say whether one population, or several on average, differ in tubularity from others.

    Parameters
    ----------
    first, second
        Results of `tubularity` with bootstraps, each of another population of units, measured with the
        same options but for seeds and numbers of bootstraps, and on the same stimuli. Only the published
        presets let stimuli differ, as they do in the papers.

    Returns
    -------
    xarray.Dataset
        With the dim measure. In the preset ``"corrected"``:

        ``difference``
            Mean score of the first less that of the second; negative where the first is tighter.
        ``interval``
            (measure, bound), percentiles of the differences between all pairs of bootstraps. It holds
            the uncertainty from the choice of units alone; of stimuli and networks there is one.
        ``p_value``
            Twice the share of those differences on the rarer side of zero, at most 1, and not below one
            over the smaller number of bootstraps.
        ``differs``
            Whether the interval leaves zero out.

        In the published presets, as in the public code, ``statistic`` and ``p_value`` of a Mann-Whitney
        test that pools the bootstraps of all populations of a side, one-sided for the first being less:
        more bootstraps make any difference significant, so that this p value has no meaning. ``valid`` is
        false.

    Raises
    ------
    InvalidInput
        If a side is empty, a result has no bootstraps, or options or stimuli differ.

    References
    ----------
    Public code of arXiv 2512.07869 for the published test; Efron & Tibshirani (1993), An Introduction to
    the Bootstrap, chapter 13, for percentile intervals
    """
    sides = [_results(side) for side in (first, second)]
    options = _common_options([made for side in sides for made in side], min(map(len, sides)))
    measures = sides[0][0]["measure"]
    if options.preset != "corrected":
        from scipy.stats import mannwhitneyu

        pooled = [np.concatenate([made["bootstrap_score"].values for made in side]) for side in sides]
        test = mannwhitneyu(*pooled, alternative="less", axis=0)
        return xr.Dataset(
            {"statistic": ("measure", test.statistic), "p_value": ("measure", test.pvalue), "valid": False},
            coords={"measure": measures},
            attrs={"preset": options.preset, "alternative": "less"},
        )
    score = [np.mean([made["score"].values for made in side], axis=0) for side in sides]
    repeats = [_averaged(side) for side in sides]
    apart = repeats[0][:, None] - repeats[1]
    differences = xr.DataArray(
        apart.reshape(-1, apart.shape[-1]), dims=("pair", "measure"), coords={"measure": measures}
    )
    interval = _interval(differences, "pair", options.level)
    rarer = np.minimum((differences <= 0).mean("pair"), (differences >= 0).mean("pair"))
    least = 1 / min(len(values) for values in repeats)
    return xr.Dataset(
        {
            "difference": ("measure", score[0] - score[1]),
            "interval": interval,
            "p_value": (2 * rarer).clip(least, 1.0),
            "differs": (interval.isel(bound=0, drop=True) > 0) | (interval.isel(bound=1, drop=True) < 0),
        },
        attrs={"preset": options.preset, "level": options.level},
    )


def _results(side: xr.Dataset | Sequence[xr.Dataset]) -> list[xr.Dataset]:
    results: list[Any] = list(side) if isinstance(side, (list, tuple)) else [side]
    foreign = [type(one).__name__ for one in results if not isinstance(one, xr.Dataset)]
    if foreign:
        raise InvalidInput(
            "These are no results of tubularity.",
            given=", ".join(foreign),
            needed="what tubularity returns, or a list of it",
        )
    return results


def _averaged(side: list[xr.Dataset]) -> NDArray[np.float64]:
    """Return the mean over populations of each bootstrap, (bootstrap, measure)."""
    fewest = min(made.sizes["bootstrap"] for made in side)
    mean: NDArray[np.float64] = np.mean([made["bootstrap_score"].values[:fewest] for made in side], axis=0)
    return mean


def _interval(values: xr.DataArray, dim: str, level: float) -> xr.DataArray:
    bounds = [(1 - level) / 2, (1 + level) / 2]
    return values.quantile(bounds, dim).rename(quantile="bound").transpose(..., "bound")


def _common_options(results: list[xr.Dataset], fewest: int) -> TubularityOptions:
    if not fewest:
        raise InvalidInput("There is nothing to compare.", needed="at least one result on each side")
    for made in results:
        if "bootstrap_score" not in made:
            raise InvalidInput(
                "A result without bootstraps cannot be compared.",
                remedy="measure it again with TubularityOptions(bootstraps=200)",
            )
    options = [TubularityOptions.from_json(made.attrs["options"]) for made in results]
    decisive = {
        tuple((name, value) for name, value in one.to_dict().items() if name not in _FROM_DRAWS)
        for one in options
    }
    if len(decisive) > 1:
        raise InvalidInput(
            "The results were measured with different options.",
            given="; ".join(sorted({one.to_json() for one in options})),
            needed="the same but for " + ", ".join(_FROM_DRAWS),
        )
    shown = {tuple(sorted(map(str, made["stimulus"].values))) for made in results}
    if len(shown) > 1 and options[0].preset == "corrected":
        raise InvalidInput(
            "The results were measured on different stimuli.",
            given="; ".join(sorted(", ".join(names) for names in shown)),
            needed="the same stimuli in all",
            remedy="measure them again on the stimuli that all have",
        )
    return options[0]
