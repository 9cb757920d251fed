"""How well stimulus and direction can be told from each stage of the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_twinscope.recording import Recording

FRAME = 0.8
"""Time of the single frame in seconds."""
STEP = 3
"""Every so many frames enter a trajectory."""

FEATURES = {
    "frame, averaged over space": ("frame", "space"),
    "trajectory, averaged over space": ("trajectory", "space"),
    "frame, each position": ("frame", "position"),
    "trajectory, each position": ("trajectory", "position"),
}
DECODERS = ("nearest neighbour", "logistic regression")


def features(
    recording: Recording, stage: str, when: str, where: str, skip: float
) -> NDArray[np.float64] | None:
    """Return what a decoder sees of each condition, [conditions, features].

    None where a stage has no space to average over: units that are not channels of a map.
    """
    info = recording.stage_info(stage)
    if where == "space" and info["channels"] == 1 and info["kind"] == "units":
        return None
    responses = recording.responses(stage)
    duration = float(responses.time[-1])
    if when == "frame":
        chosen = responses.sel(time=[min(FRAME, duration)], method="nearest")
    else:
        chosen = responses.isel(time=np.flatnonzero(responses.time.values >= skip)[::STEP])
    values = chosen.transpose("stimulus", "direction", "time", "unit").values.astype(np.float64)
    conditions = values.reshape(values.shape[0] * values.shape[1], values.shape[2], info["channels"], -1)
    if where == "space":
        conditions = conditions.mean(-1)
    return conditions.reshape(len(conditions), -1)


def decode(instances: Sequence[NDArray[np.float64]], decoder: str) -> NDArray[np.bool_]:
    """Tell the condition of each movie from the other instances.

    Parameters
    ----------
    instances
        Features of each instance, [conditions, features], conditions in the same order.
    decoder
        One of `DECODERS`: the nearest neighbour in Euclidean distance, or multinomial logistic regression
        (L2, C = 1) on features in units of their standard deviation in training.

    Returns
    -------
    ndarray
        Whether each was told right, bool [instances, conditions].
    """
    right = []
    labels = np.arange(len(instances[0]))
    for left, test in enumerate(instances):
        train = np.concatenate([one for k, one in enumerate(instances) if k != left])
        known = np.tile(labels, len(instances) - 1)
        tell = _nearest if decoder == "nearest neighbour" else _logistic
        right.append(tell(train, known, test) == labels)
    return np.array(right)


def score(instances: Sequence[NDArray[np.float64]], decoder: str) -> dict[str, float] | None:
    """Return the share told right, with its interval; None where all features are constant."""
    together = np.concatenate(instances)
    if (np.ptp(together, axis=0) <= 1e-6 * np.abs(together).max(axis=0)).all():
        return None
    right = decode(instances, decoder)
    low, high = wilson(int(right.sum()), right.size)
    return {"accuracy": float(right.mean()), "low": low, "high": high, "n": right.size}


def stage_scores(
    recordings: Sequence[Recording], stages: Sequence[str], skip: float
) -> dict[str, dict[str, dict[str, Any]]]:
    """Score every stage, feature and decoder: feature -> decoder -> stage -> score."""
    scores: dict[str, dict[str, dict[str, Any]]] = {f: {d: {} for d in DECODERS} for f in FEATURES}
    for stage in stages:
        for name, (when, where) in FEATURES.items():
            instances = [features(recording, stage, when, where, skip) for recording in recordings]
            if any(values is None for values in instances):
                continue
            for decoder in DECODERS:
                scores[name][decoder][stage] = score(instances, decoder)
    return scores


def wilson(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927, 10.1080/01621459.1927.10502953).

    It takes the trials for independent, which movies of one condition are only nearly.
    """
    share = successes / trials
    middle = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z / (1 + z**2 / trials) * np.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def _nearest(
    train: NDArray[np.float64], known: NDArray[np.int_], test: NDArray[np.float64]
) -> NDArray[np.int_]:
    middle = train.mean(0)
    train, test = train - middle, test - middle
    distance = (train**2).sum(1) - 2 * test @ train.T
    return known[distance.argmin(1)]


def _logistic(
    train: NDArray[np.float64], known: NDArray[np.int_], test: NDArray[np.float64]
) -> NDArray[np.int_]:
    from sklearn.linear_model import LogisticRegression

    middle, spread = train.mean(0), train.std(0)
    varied = spread > 1e-9 * np.abs(train).max(0)
    train, test = ((side - middle)[:, varied] / spread[varied] for side in (train, test))
    # The weights lie in the span of the training data, so that its principal axes lose nothing.
    left, size, _ = np.linalg.svd(train @ train.T, hermitian=True)
    kept = size > 1e-9 * size[0]
    axes = left[:, kept] / np.sqrt(size[kept])
    model = LogisticRegression(C=1.0, max_iter=5000).fit(train @ (train.T @ axes), known)
    return model.predict(test @ (train.T @ axes))
