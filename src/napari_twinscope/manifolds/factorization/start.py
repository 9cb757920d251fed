"""Where the restarts of a factorisation begin."""

from __future__ import annotations

import numpy as np

from napari_twinscope.manifolds.factorization.misfit import Factors


def random_start(shape: tuple[int, ...], rank: int, seed: int, restart: int) -> Factors:
    """Return uniform random factors with columns of unit norm.

    Each restart has a generator of its own, so that it begins alike however many others there are.

    Parameters
    ----------
    shape
        Units, stimuli, directions, times.
    rank
        Number of components.
    seed, restart
        Not negative.
    """
    units, stimuli, directions, times = shape
    random = np.random.default_rng([seed, restart])
    unit, stimulus, response = (
        random.random((*rows, rank)) for rows in ((units,), (stimuli,), (directions, times))
    )
    return Factors(
        unit / np.linalg.norm(unit, axis=0),
        stimulus / np.linalg.norm(stimulus, axis=0),
        response / np.sqrt((response**2).sum(axis=(0, 1))),
    )
