"""The job of ``twinscope fit``: read a recording, fit a readout, score it, write it down."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.training.readout_fit import Fit, check_lengths, fit_readout
from napari_twinscope.training.readout_start import core_of
from napari_twinscope.training.scores import score_units
from napari_twinscope.training.trial_folder import read_trials
from napari_twinscope.twins import load_twin
from napari_twinscope.twins.network_twin import checksum

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from napari_twinscope.progress import Progress
    from napari_twinscope.training.fit_options import FitOptions
    from napari_twinscope.training.trials import Statistics, Trial, TrialSet
    from napari_twinscope.twins import Twin, VisualNetwork

SUFFIX = ".safetensors"
REPEATS = "evaluation clips"
SINGLE = "validation trials"
CORE = " core"


@dataclass(frozen=True, eq=False)
class FitReport:
    """What `run_fit` made.

    Attributes
    ----------
    fit
        The network and its learning curve.
    scores
        Of each unit: ``cc_abs``, ``cc_max``, ``cc_norm``, the unit's mean response in the recording's
        units and its position on the core feature map.
    scored_on
        ``"evaluation clips"``, or ``"validation trials"`` where there are none; then there is no ceiling.
    files
        Weights, their companion, scores and learning curve.
    """

    fit: Fit
    scores: pd.DataFrame
    scored_on: str
    files: tuple[Path, ...]

    def summary(self) -> str:
        """Return a few lines for the terminal."""
        kept = self.fit.curve[self.fit.kept_epoch]
        lines = [
            f"{len(self.scores)} units, epoch {kept.epoch} of {self.fit.curve[-1].epoch} kept, "
            f"validation loss {kept.validation_loss:.4f}",
            f"scored on the {self.scored_on}:",
        ]
        for name in ("cc_abs", "cc_max", "cc_norm"):
            values = self.scores[name].dropna()
            if len(values):
                low, middle, high = values.quantile([0.25, 0.5, 0.75])
                lines.append(
                    f"  {name:<8} median {middle:.3f} (quartiles {low:.3f} to {high:.3f}), "
                    f"{len(values)} of {len(self.scores)} units"
                )
            else:
                lines.append(f"  {name:<8} undefined")
        if constant := self.fit.statistics.constant:
            lines.append(f"constant behaviour, taken as its mean: {', '.join(constant)}")
        lines += [f"wrote {path}" for path in self.files]
        return "\n".join(lines)


def run_fit(
    twin: str,
    data: Path,
    out: Path,
    options: FitOptions,
    *,
    evaluation: Path | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
) -> FitReport:
    """Fit a readout to a folder of trials and write the new twin beside its scores.

    A fit that was stopped goes on from its checkpoint when the same is asked for again.

    Parameters
    ----------
    twin
        Whose core is used; as of `load_twin`.
    data
        Folder of trials; see `read_trials`.
    out
        Weight file ``NAME.safetensors``. Beside it are written ``NAME.json`` (sizes, provenance, statistics
        of the behaviour), ``NAME.scores.csv``, ``NAME.curve.csv`` and, until it is done,
        ``NAME.checkpoint``.
    options
        How to train.
    evaluation
        Folder of the repeated clips; that of the trials if None.
    device
        Where to compute.
    progress
        Told of every batch.

    Raises
    ------
    InvalidInput
        If the name does not fit or is taken, and as `read_trials` and `fit_readout`.
    WeightsError, DeviceError
        As `load_twin`.
    Canceled
        If the user asked to stop.
    """
    if out.suffix != SUFFIX:
        raise InvalidInput("The output is no weight file.", given=out, needed=f"NAME{SUFFIX}")
    files = _files(out)
    checkpoint = out.with_suffix(".checkpoint")
    taken = [path for path in files if path.exists()]
    if taken and not checkpoint.exists():
        raise InvalidInput(
            "The output exists already.", given=taken[0], remedy="choose another name, or remove it"
        )
    loaded = load_twin(twin)
    source = core_of(loaded)
    trials = read_trials(data, evaluation, loaded.frame_shape)
    check_lengths(trials, options)
    out.parent.mkdir(parents=True, exist_ok=True)
    fit = fit_readout(source, trials, options, checkpoint=checkpoint, device=device, progress=progress)
    scored_on = REPEATS if trials.clips else SINGLE
    scores = score_fit(fit, trials, device=device)
    provenance = {
        "core": {"twin": twin, "checksum": checksum(source), "trained": loaded.trained},
        "recording": {
            "checksum": trials.checksum,
            "training_trials": len(trials.training),
            "validation_trials": len(trials.validation),
            "units": trials.units,
        },
        "kept_epoch": fit.kept_epoch,
        "scored_on": scored_on,
    }
    status = core_status(loaded)
    save_fit(fit, scores, out, trained=loaded.trained, status=status, provenance=provenance)
    checkpoint.unlink()
    return FitReport(fit, scores, scored_on, files)


def score_fit(fit: Fit, trials: TrialSet, device: str = "cpu") -> pd.DataFrame:
    """Score each unit on the evaluation clips, or where there are none on the validation trials.

    Parameters
    ----------
    fit
        Of the same recording.
    trials
        The recording.
    device
        Where to compute.

    Returns
    -------
    pandas.DataFrame
        As `score_units`, with the columns ``mean_response`` in the recording's units, and ``row`` and
        ``column``, the position on the core feature map. Of validation trials, which are shown once,
        ``cc_abs`` compares single responses, and there is no ``cc_max``.
    """
    network = fit.network.to(device)
    shown = trials.clips or tuple((trial,) for trial in trials.validation)
    responses = [np.stack([fit.statistics.window(trial).units for trial in repeats]) for repeats in shown]
    predictions = [_predict(network, fit.statistics, repeats) for repeats in shown]
    scores = score_units(responses, predictions, fit.options.burnin_frames)
    network.cpu()
    positions = network.readout.position.mu.detach().double().tanh().numpy()
    rows, columns = network.config.core_shape
    return scores.assign(
        mean_response=fit.statistics.units_mean,
        row=np.clip(((positions[:, 1] + 1) * rows - 1) / 2, 0, rows - 1),
        column=np.clip(((positions[:, 0] + 1) * columns - 1) / 2, 0, columns - 1),
    )


def core_status(twin: Twin) -> str:
    """Return what must be said of responses that go through the core of a twin; see `Twin`.

    New units may be those of a mouse; what the core computes is still what it was trained for.
    """
    if not twin.trained or not twin.status or twin.status.endswith(CORE):
        return twin.status
    return twin.status + CORE


def save_fit(
    fit: Fit,
    scores: pd.DataFrame,
    out: Path,
    *,
    trained: bool | None,
    status: str = "",
    provenance: dict[str, Any],
) -> None:
    """Write the network as a twin that ``file:NAME.safetensors`` loads, and what is known of it.

    Parameters
    ----------
    fit, scores
        What to write.
    out
        The weight file.
    trained
        Whether the core was trained, None if that is not known: a readout alone makes no trained twin.
    status
        From `core_status`.
    provenance
        Plain JSON values for the companion.
    """
    import pandas as pd
    from safetensors.torch import save_file

    weights, companion, table, curve = _files(out)
    fitted = {**provenance, "options": fit.options.to_dict(), "behaviour": fit.statistics.behaviour()}
    stated: dict[str, Any] = {"config": fit.network.config.to_dict(), "fit": fitted}
    if trained is not None:
        stated["trained"] = trained
    if status:
        stated["status"] = status
    companion.write_text(json.dumps(stated, indent=1) + "\n", "utf-8")
    scores.to_csv(table)
    pd.DataFrame([point._asdict() for point in fit.curve]).to_csv(curve, index=False)
    partial = weights.with_name(weights.name + ".partial")
    state = {name: value.contiguous() for name, value in fit.network.state_dict().items()}
    save_file(state, partial)
    partial.replace(weights)


def _files(out: Path) -> tuple[Path, ...]:
    return tuple(out.with_suffix(suffix) for suffix in (SUFFIX, ".json", ".scores.csv", ".curve.csv"))


def _predict(
    network: VisualNetwork, statistics: Statistics, repeats: tuple[Trial, ...]
) -> NDArray[np.float32]:
    """Return the predicted responses to presentations of one movie, [repeats, frames, units]."""
    windows = [statistics.window(trial) for trial in repeats]
    perspectives = np.stack([window.perspectives for window in windows], axis=1)
    modulations = np.stack([window.modulations for window in windows], axis=1)
    return np.moveaxis(network.predict(windows[0].stimuli, perspectives, modulations), 1, 0)
