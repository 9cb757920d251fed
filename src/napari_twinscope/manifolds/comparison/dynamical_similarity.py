"""How alike two systems move, whatever the coordinates they are seen in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.population.labelled import NUMBERS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_RIDGE = 1e-8
_COARSE = (300, 1e-5)  # steps at most, and the gain of several steps below which a start is given up
_FINE = (1000, 1e-9)  # the same for the best of all starts
_SPAN = 10  # steps over which a gain is counted


def one_step_operator(paths: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fit the linear operator that takes each frame to the next.

    Coordinates are those in which the paths have unit covariance about the origin, as of the published
    method with one delay.

    Parameters
    ----------
    paths
        (condition, time, component), two frames or more.

    Returns
    -------
    numpy.ndarray
        (rank, rank), for the components that vary.

    Raises
    ------
    InvalidInput
        If the paths are not of this shape or not finite, there are fewer than two frames, or the paths
        stay at the origin.

    References
    ----------
    Ostrow et al. (2023), arXiv 2306.10168
    """
    paths = _numbers(paths, "paths", "(condition, time, component)")
    if paths.ndim != 3 or paths.shape[1] < 2 or 0 in paths.shape:
        raise InvalidInput(
            "One frame does not move.",
            given=f"shape {paths.shape}",
            needed="(condition, time, component), two frames or more",
        )
    left, sizes, _ = np.linalg.svd(paths.reshape(-1, paths.shape[-1]), full_matrices=False)
    rank = int((sizes > 1e-10 * sizes[0]).sum()) if sizes[0] > 0 else 0
    if not rank:
        raise InvalidInput("The paths stay at the origin.", needed="responses that vary")
    states = left[:, :rank].reshape(*paths.shape[:2], rank)
    now, then = (part.reshape(-1, rank) for part in (states[:, :-1], states[:, 1:]))
    operator: NDArray[np.float64] = np.linalg.solve(now.T @ now + _RIDGE * np.eye(rank), now.T @ then).T
    return operator


def dynamical_distance(
    one: NDArray[np.float64], other: NDArray[np.float64], *, starts: int = 6, seed: int = 0
) -> float:
    """Return the angle between two operators after the best orthogonal change of basis.

    The published method descends by Adam from one or two starts in single precision; here each step
    turns to the best rotation of a bound that touches the objective, or of a closer one as long as the
    objective does not fall, from several starts of which the best is followed to the end. Systems that
    are the same but for a rotation are found to be so. It is a search all the same: the angle found may be
    too large.

    Parameters
    ----------
    one, other
        Operators (state, state), as from `one_step_operator`; the smaller is filled with zeros.
    starts, seed
        Number of random bases to start from, beside that in which both operators' symmetric parts are
        ordered alike, and the seed that draws them.

    Returns
    -------
    float
        Radians, 0 for systems that are the same but for a rotation.

    Raises
    ------
    InvalidInput
        If an operator is no square matrix of finite numbers.

    References
    ----------
    Ostrow et al. (2023), arXiv 2306.10168
    """
    one, other = (_numbers(side, "operators", "(state, state)") for side in (one, other))
    if any(side.ndim != 2 or side.shape[0] != side.shape[1] or not len(side) for side in (one, other)):
        raise InvalidInput(
            "An operator takes states to states.",
            given=f"shapes {one.shape} and {other.shape}",
            needed="square matrices, one state or more",
        )
    size = max(len(one), len(other))
    a, b = (np.pad(side, (0, size - len(side))) for side in (one, other))
    norm = float(np.linalg.norm(a) * np.linalg.norm(b))
    # A multiple of the identity is the same in every basis; what is left decides.
    shared = np.trace(a) * np.trace(b) / size
    a, b = (side - np.trace(side) / size * np.eye(size) for side in (a, b))
    reach = float(np.linalg.norm(a, 2) * np.linalg.norm(b, 2))
    if reach == 0:
        return _angle(shared, norm)
    random = np.random.default_rng(seed)
    frames = [np.linalg.eigh(side + side.T)[1] for side in (a, b)]
    bases = [_signed(a, b, np.eye(size), np.eye(size)), _signed(a, b, *frames)]
    bases += [np.linalg.qr(random.normal(size=(size, size)))[0] for _ in range(starts)]
    best = max((_climb(a, b, basis, reach, *_COARSE) for basis in bases), key=lambda found: found[0])
    return _angle(shared + _climb(a, b, best[1], reach, *_FINE)[0], norm)


def _numbers(values: ArrayLike, what: str, shape: str) -> NDArray[np.float64]:
    array = np.asarray(values)
    if array.dtype.kind not in NUMBERS or not np.isfinite(array).all():
        raise InvalidInput(
            f"The {what} are not finite numbers.", given=array.dtype, needed=f"numbers {shape}"
        )
    return array.astype(np.float64, copy=False)


def _signed(
    a: NDArray[np.float64], b: NDArray[np.float64], one: NDArray[np.float64], other: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the basis that turns one frame into the other, with signs by which the operators agree.

    The signs are those of the leading eigenvector of the products of the operators' entries: the right
    ones where one operator is the other turned.
    """
    products = (one.T @ a @ one) * (other.T @ b @ other)
    leading = np.linalg.eigh(products + products.T)[1][:, -1]
    basis: NDArray[np.float64] = (one * np.where(leading < 0, -1.0, 1.0)) @ other.T
    return basis


def _climb(
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    basis: NDArray[np.float64],
    reach: float,
    steps: int,
    least: float,
) -> tuple[float, NDArray[np.float64]]:
    """Return the largest trace of ``a.T @ c @ b @ c.T`` found over orthogonal c, and that c."""

    def slope(c: NDArray[np.float64]) -> NDArray[np.float64]:
        return a @ c @ b.T + a.T @ c @ b

    turned = slope(basis)
    value = before = float(np.vdot(turned, basis)) / 2
    # Adding 2 * reach of the basis makes the objective convex, so that a step cannot fall; less of it makes
    # larger steps, which are taken back where they do.
    added = reach / 8
    for step in range(1, steps + 1):
        left, _, right = np.linalg.svd(turned + added * basis)
        tried = left @ right
        slope_there = slope(tried)
        reached = float(np.vdot(slope_there, tried)) / 2
        if reached >= value:
            basis, turned, value = tried, slope_there, reached
            added = max(added / 2, 1e-4 * reach)
        else:
            added = min(4 * added, 2 * reach)
        if step % _SPAN == 0:
            if value - before <= least * reach:
                break
            before = value
    return value, basis


def _angle(inner: float, norm: float) -> float:
    return float(np.arccos(np.clip(inner / norm, -1, 1))) if norm > 0 else 0.0
