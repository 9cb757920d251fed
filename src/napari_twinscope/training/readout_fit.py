"""Fitting a readout for new units on the frozen core of a twin."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor

from napari_twinscope.errors import InvalidInput
from napari_twinscope.progress import Progress, SilentProgress, raise_if_canceled
from napari_twinscope.training.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from napari_twinscope.training.objective import poisson_loss
from napari_twinscope.training.readout_start import (
    core_of,
    new_readout,
    random_state,
    restart_spreads,
    search_start,
)
from napari_twinscope.training.sgd_clip import SgdClip
from napari_twinscope.training.trials import Window
from napari_twinscope.twins.network_twin import checksum
from napari_twinscope.twins.perspective import Noise

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from torch.nn import Parameter

    from napari_twinscope.training.fit_options import FitOptions
    from napari_twinscope.training.trials import Statistics, Trial, TrialSet
    from napari_twinscope.twins import NetworkTwin, VisualNetwork


class CurvePoint(NamedTuple):
    """One epoch of the learning curve.

    Attributes
    ----------
    epoch
        Counted from 1 over all cycles; 0 is the state before training.
    training_loss, validation_loss
        Means over the batches of the epoch. A constant prediction, the mean response, has about 1.
    learning_rate
        Of the epoch.
    """

    epoch: int
    training_loss: float
    validation_loss: float
    learning_rate: float


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted readout.

    Attributes
    ----------
    network
        The network with the new readout, on the CPU, in evaluation mode.
    statistics
        Of the recording: they lead from predictions to the recording's units.
    curve
        One point an epoch.
    options
        How it was fitted.
    """

    network: VisualNetwork
    statistics: Statistics
    curve: tuple[CurvePoint, ...]
    options: FitOptions

    @property
    def kept_epoch(self) -> int:
        """The epoch whose parameters the network has."""
        if self.options.keep == "last":
            return self.curve[-1].epoch
        return min(self.curve, key=lambda point: point.validation_loss).epoch


def fit_readout(
    twin: NetworkTwin | VisualNetwork,
    trials: TrialSet,
    options: FitOptions,
    *,
    checkpoint: Path | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
) -> Fit:
    """Train the readout of new units, and the way from the screen and behaviour to the frozen core.

    The core and the LSTM of the modulation are those of the twin and stay as they are. The loss is the
    Poisson negative log likelihood exp(l) - l y of the logit l and the response y relative to its mean.
    Each half of an epoch draws from a random state of its own, so that a fit that was stopped goes on
    from its checkpoint to the same numbers, on the same machine.

    Parameters
    ----------
    twin
        Where the core comes from; it is not changed.
    trials
        The recording.
    options
        How to train.
    checkpoint
        File to go on from, written after every epoch.
    device
        Where to compute.
    progress
        Told of every batch.

    Returns
    -------
    Fit
        The network and its learning curve.

    Raises
    ------
    InvalidInput
        If the twin has no core, if a trial is shorter than a window, or if the checkpoint is of another
        fit.
    Canceled
        If the user asked to stop; finished epochs are kept in the checkpoint.

    References
    ----------
    Wang et al. (2025), Foundation model of neural activity predicts response to new stimulus types, doi
    10.1038/s41586-025-08829-y.
    """
    progress = progress or SilentProgress()
    source = core_of(twin)
    check_lengths(trials, options)
    network = new_readout(source, trials.units, options).to(device)
    trained = {name: p for name, p in network.named_parameters() if p.requires_grad}
    optimiser = SgdClip(trained.items(), trials.units, options.optimiser)
    fingerprint = _fingerprint(source, trials, options)
    schedule, seed = options.schedule, options.seed
    known = read_checkpoint(checkpoint, fingerprint) if checkpoint else None
    if known:
        _restore(known, trained, optimiser)
        curve, best = [CurvePoint(int(epoch), *rest) for epoch, *rest in known.curve], known.best
    else:
        if options.positions == "search":
            search_start(network, trials, options, progress)
        progress.begin(options.validation_size, "Validating")
        with random_state(schedule.seed(seed, 0), device):
            curve = [CurvePoint(0, math.nan, _validate(network, trials, options, progress), 0.0)]
        progress.end()
        best = _values(trained)

    def keep() -> None:
        if checkpoint:
            momentum = {name: optimiser.state[p].get("momentum") for name, p in trained.items()}
            write_checkpoint(checkpoint, Checkpoint(fingerprint, _values(trained), best, momentum, curve))

    if not known:
        keep()
    epochs = schedule.cycles * schedule.epochs
    for done in range(len(curve) - 1, epochs):
        cycle, epoch = divmod(done, schedule.epochs)
        if cycle > 0 and epoch == 0:
            restart_spreads(network, options)
        optimiser.set_factor(schedule.factor(epoch, cycle))
        progress.begin(options.training_size + options.validation_size, f"Epoch {done + 1} of {epochs}")
        with random_state(schedule.seed(seed, epoch, cycle), device):
            training = _train(network, optimiser, trials, options, progress)
        with random_state(schedule.seed(seed, epoch, cycle), device):
            validation = _validate(network, trials, options, progress)
        progress.end()
        if options.keep == "last" or validation < min(point.validation_loss for point in curve):
            best = _values(trained)
        rate = options.optimiser.learning_rate * schedule.factor(epoch, cycle)
        curve.append(CurvePoint(done + 1, training, validation, rate))
        keep()
    with torch.no_grad():
        for name, parameter in trained.items():
            parameter.copy_(best[name])
    for parameter in network.parameters():
        parameter.requires_grad_(True)
        parameter.grad = None
    return Fit(network.cpu(), trials.statistics, tuple(curve), options)


def _values(trained: dict[str, Parameter]) -> dict[str, Tensor]:
    return {name: parameter.detach().clone() for name, parameter in trained.items()}


def _train(
    network: VisualNetwork, optimiser: SgdClip, trials: TrialSet, options: FitOptions, progress: Progress
) -> float:
    """Take the steps of one epoch and return the mean loss."""
    losses = []
    for _ in range(options.training_size):
        raise_if_canceled(progress)
        batch = draw_batch(trials.training, trials.statistics, options)
        streams = network.config.streams
        stream = int(torch.randint(streams, ())) if options.sample_stream else None
        noise = network.draw_noise(options.batch_size)
        if options.perspective == "fixed":
            noise = Noise(torch.zeros_like(noise.center), torch.zeros_like(noise.angle), noise.position)
        loss = _loss(network, batch, options, stream, noise)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        losses.append(loss.item())
        progress.advance()
    return float(np.mean(losses))


@torch.no_grad()
def _validate(network: VisualNetwork, trials: TrialSet, options: FitOptions, progress: Progress) -> float:
    """Return the mean loss over windows of the validation trials, without noise, of all streams."""
    losses = []
    for _ in range(options.validation_size):
        raise_if_canceled(progress)
        batch = draw_batch(trials.validation, trials.statistics, options)
        losses.append(_loss(network, batch, options, None, None).item())
        progress.advance()
    return float(np.mean(losses))


def draw_batch(trials: Sequence[Trial], statistics: Statistics, options: FitOptions) -> Window:
    """Draw windows of trials, both at random with replacement, side by side on axis 1.

    Parameters
    ----------
    trials, statistics
        Trials of a recording, none shorter than a window, and its statistics.
    options
        Sizes of window and batch.
    """
    windows = []
    for _ in range(options.batch_size):
        trial = trials[int(torch.randint(len(trials), ()))]
        spare = len(trial) - options.sample_size
        first = int(torch.randint(spare, ())) if spare else 0
        windows.append(statistics.window(trial, slice(first, first + options.sample_size)))
    return Window(*(np.stack(values, axis=1) for values in zip(*windows, strict=True)))


def _loss(
    network: VisualNetwork, batch: Window, options: FitOptions, stream: int | None, noise: Noise | None
) -> Tensor:
    """Return the Poisson loss, the mean over scored frames, windows and units."""
    logits = network(batch.stimuli, batch.perspectives, batch.modulations, stream=stream, noise=noise)
    logit = logits.mean(2)[options.burnin_frames :]
    responses = torch.from_numpy(batch.units[options.burnin_frames :]).to(logit)
    return poisson_loss(logit, responses)


def check_lengths(trials: TrialSet, options: FitOptions) -> None:
    """Refuse trials that are shorter than a window, and clips of which the burn-in leaves nothing.

    Raises
    ------
    InvalidInput
        With the first of them.
    """
    for trial in (*trials.training, *trials.validation):
        if len(trial) < options.sample_size:
            raise InvalidInput(
                f"The trial {trial.name} is shorter than a window.",
                given=f"{len(trial)} frames",
                needed=f"at least {options.sample_size}",
                remedy="choose shorter windows, or leave the trial out",
            )
    for clip in (clip for video in trials.clips for clip in video):
        if len(clip) <= options.burnin_frames:
            raise InvalidInput(
                f"Nothing of the clip {clip.name} is left after the burn-in.",
                given=f"{len(clip)} frames",
                needed=f"more than {options.burnin_frames}",
            )


def _fingerprint(source: VisualNetwork, trials: TrialSet, options: FitOptions) -> str:
    return hashlib.sha256(f"{checksum(source)} {trials.checksum} {options.hash}".encode()).hexdigest()[:16]


@torch.no_grad()
def _restore(known: Checkpoint, trained: dict[str, Parameter], optimiser: SgdClip) -> None:
    for name, parameter in trained.items():
        parameter.copy_(known.values[name])
        momentum = known.momentum[name]
        if momentum is not None:
            optimiser.state[parameter]["momentum"] = momentum.to(parameter)
