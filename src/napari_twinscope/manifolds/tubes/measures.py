"""Tubularity: whether the movies of a class run through activity space as one narrow tube."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.decoding.activity_space import ActivitySpace
from napari_twinscope.manifolds.decoding.conditions import order_to_show
from napari_twinscope.manifolds.decoding.manifold import REFERENCES
from napari_twinscope.manifolds.tubes.bootstrap import summary
from napari_twinscope.manifolds.tubes.bundle_scores import MEASURES, Scores, score_bundles
from napari_twinscope.manifolds.tubes.curves import resample
from napari_twinscope.manifolds.tubes.options import TubularityOptions
from napari_twinscope.progress import Progress, SilentProgress, raise_if_canceled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

_CORRECTED = TubularityOptions()


def tubularity(
    responses: xr.DataArray,
    options: TubularityOptions = _CORRECTED,
    *,
    drawn: ArrayLike | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Measure how tight the bundles of a population's trajectories are, and how they cross.

    Units are standardised over all frames, and the movies become curves in the leading principal
    components. The measures, of which *lower is tighter*, are

    ``s_tight``
        The mean radius of a bundle over its length, without dimension.
    ``s_cross``
        The published crossing of a bundle with itself, per length of its centre line in components of
        standardised units: it shrinks as units are added, so that populations of different sizes cannot
        be compared by it.
    ``crossing``
        The same without the division by a length, without dimension: this can be compared.

    Parameters
    ----------
    responses
        Dims unit, stimulus, direction, time in any order; stimulus by name, direction in degrees; raw. For
        some of the units take ``responses.isel(unit=...)``. Responses with more frames, or smoothed, are
        not on one scale with others.
    options
        How to do it; by default the corrected preset.
    drawn
        Units of each bootstrap, whole numbers (bootstrap, unit), such as ``drawn`` of another result to
        repeat it exactly. By default they are drawn here.
    progress
        Told of each bootstrap.

    Returns
    -------
    xarray.Dataset
        For all units as they are:

        ``score``, ``bundle_variance``
            float64 (measure), mean over bundles and variance between them, weighted by numbers of curves.
        ``bundle_score``
            (bundle, measure); bundles are named by stimulus, or numbered. Not numbers for a bundle that does
            not move, which counts for no mean. With ``size``, ``epsilon`` (the
            median distance to the nearest other curve), ``length`` and ``radius`` (bundle, bin) of each,
            and its ``center_line`` (bundle, position, component).
        ``label``, ``noise``, ``fell_back``
            Bundle of each movie, int (stimulus, direction), -1 for noise; number of noisy curves; whether
            no bundle was found, so that all curves were taken for one.

        For the bootstraps, unless there are none:

        ``bootstrap_score``
            (bootstrap, measure), and with bundles that are given ``bootstrap_bundle_score`` (bootstrap,
            bundle, measure). ``bootstrap_noise`` and ``bootstrap_fell_back`` (bootstrap) as above.
        ``bootstrap_mean``, ``standard_error``, ``error_bar``, ``interval``
            (measure): mean and standard deviation over bootstraps; the error bar as the preset draws it;
            the percentile interval (measure, bound). A bootstrap holds fewer different units than there
            are, so that the mean may differ from the score.
        ``drawn``
            int (bootstrap, draw), places among the units given.

        No value depends on the order in which stimuli and directions are stored. The attributes tell
        ``preset``, ``options`` (JSON) and ``constant_units``, the places of those left out.

    Raises
    ------
    InvalidInput
        If the responses or the stimuli do not fit, a response is missing or infinite, no unit varies,
        there are fewer than three frames, or, with bundles by stimulus, one stimulus or one direction.
    Canceled
        If the user stops the job.

    References
    ----------
    Bertram et al. (2026), arXiv 2601.21508, and arXiv 2512.07869, public code
    """
    space = ActivitySpace(responses, options)
    draws = space.draws(drawn)
    frames = space.frames
    names = [str(name) for name in frames["stimulus"].values]
    order = order_to_show(names, responses)
    scores = score_bundles(space.curves(space.units), space.labels, options)
    made = _described(scores)
    labels = scores.labels.reshape(frames.sizes["stimulus"], frames.sizes["direction"])
    coords = {name: frames[name] for name in ("stimulus", "shown_as", "direction") if name in frames.coords}
    made = made.assign(label=(("stimulus", "direction"), labels)).assign_coords(coords)
    made = made.isel(stimulus=order)
    if len(draws):
        progress = progress or SilentProgress()
        progress.begin(len(draws), "Measuring tubes again for units drawn again")
        repeats = []
        for units in draws:
            raise_if_canceled(progress)
            repeats.append(score_bundles(space.curves(units), space.labels, options))
            progress.advance()
        progress.end()
        made = made.merge(_repeated(repeats, options)).assign(drawn=(("bootstrap", "draw"), draws))
    if options.bundles == "stimulus":
        made = made.assign_coords(bundle=names).isel(bundle=order)
    return made.assign_attrs(
        responses.attrs,
        preset=options.preset,
        options=options.to_json(),
        constant_units=space.constant.tolist(),
        references=REFERENCES,
    )


def curve_tubularity(
    curves: Sequence[ArrayLike], labels: ArrayLike | None = None, options: TubularityOptions = _CORRECTED
) -> xr.Dataset:
    """Measure how tight bundles of any curves are.

    Parameters
    ----------
    curves
        Each of shape (point, coordinate), such as from `single_tube`; numbers of points may differ.
    labels
        Bundle of each curve, whole numbers (curve,), -1 for none. By default HDBSCAN finds them, whatever
        the options say.
    options
        Of them the preset and all that concerns curves.

    Returns
    -------
    xarray.Dataset
        What `tubularity` returns for all units, with ``label`` (curve,).

    Raises
    ------
    InvalidInput
        If a curve does not fit the others, is not finite or has fewer than three points, there are fewer
        than two curves, or labels do not fit.

    Examples
    --------
    >>> from napari_twinscope.manifolds import parallel_tubes
    >>> curves, labels = parallel_tubes()
    >>> apart, together = (curve_tubularity(curves, which) for which in (labels, 0 * labels))
    >>> bool(together.score[0] > 3 * apart.score[0])
    True
    """
    even = resample(curves, options.samples)
    if len(even) < 2:
        raise InvalidInput("One curve is no bundle.", needed="at least two curves")
    given = None if labels is None else np.asarray(labels)
    if given is not None and (given.shape != (len(even),) or given.dtype.kind not in "iu"):
        raise InvalidInput(
            "The labels are not those of these curves.",
            given=f"{given.dtype} {given.shape}",
            needed=f"whole numbers, one for each of {len(even)} curves",
        )
    scores = score_bundles(even, None if given is None else given.astype(np.int64), options)
    made = _described(scores).assign(label=("curve", scores.labels))
    return made.assign_attrs(preset=options.preset, options=options.to_json(), references=REFERENCES)


def _described(scores: Scores) -> xr.Dataset:
    tubes = scores.tubes
    return xr.Dataset(
        {
            "score": ("measure", scores.values),
            "bundle_variance": ("measure", scores.variances),
            "bundle_score": (("bundle", "measure"), scores.bundle_values),
            **{
                name: ("bundle", np.array([getattr(tube, name) for tube in tubes]))
                for name in ("size", "epsilon", "length")
            },
            "radius": (("bundle", "bin"), np.stack([tube.radius for tube in tubes])),
            "center_line": (("bundle", "position", "component"), np.stack([tube.center for tube in tubes])),
            "noise": scores.noise,
            "fell_back": scores.fell_back,
        },
        coords={"measure": list(MEASURES), "bundle": list(scores.bundles)},
    )


def _repeated(repeats: list[Scores], options: TubularityOptions) -> xr.Dataset:
    values = np.stack([scores.values for scores in repeats])
    made = xr.Dataset(
        {
            "bootstrap_score": (("bootstrap", "measure"), values),
            "bootstrap_noise": ("bootstrap", [scores.noise for scores in repeats]),
            "bootstrap_fell_back": ("bootstrap", [scores.fell_back for scores in repeats]),
        },
        coords={"measure": list(MEASURES)},
    )
    if options.bundles != "hdbscan":
        each = np.stack([scores.bundle_values for scores in repeats])
        made = made.assign(bootstrap_bundle_score=(("bootstrap", "bundle", "measure"), each))
    return made.merge(summary(made["bootstrap_score"], options))
