"""Reading weight files without trusting them."""

from __future__ import annotations

import json
import pickle
import warnings
from typing import TYPE_CHECKING, Any

from napari_twinscope.errors import InvalidInput, WeightsError
from napari_twinscope.twins.config import NetworkConfig
from napari_twinscope.twins.network import VisualNetwork

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from torch import Tensor

UNITS_ENTRY = "readout.feature.weights.0"


def load_network(paths: Sequence[Path]) -> VisualNetwork:
    """Build the network whose weights are in one merged file, or in a core and a scan file.

    The configuration is the published one, unless one of the files has a companion of the same stem
    and the suffix ``.json`` with ``{"config": {...}}``.

    Parameters
    ----------
    paths
        State dicts as PyTorch files, or ``.safetensors``. No code in them is run.

    Raises
    ------
    WeightsError
        If a file is absent, corrupt, hostile, or does not hold exactly the network's entries.
    """
    import torch

    state: dict[str, Tensor] = {}
    for path in paths:
        part = read_state(path)
        if repeated := sorted(set(part) & set(state)):
            raise WeightsError(
                "Two weight files hold the same entries.",
                given=_some(repeated),
                needed="a core file and a scan file, or one merged file",
            )
        state |= part
    config = _config(paths)
    given = ", ".join(path.name for path in paths)
    if UNITS_ENTRY not in state or state[UNITS_ENTRY].dim() != 3:
        raise WeightsError(
            "The weights hold no readout.",
            given=given,
            needed=f"an entry {UNITS_ENTRY} of shape [units, 1, channels]",
            remedy="name the core file and the scan file, separated by a comma",
        )
    with torch.random.fork_rng(devices=[]):  # initial values are overwritten; leave the user's seed alone
        network = VisualNetwork(config, units=max(1, len(state[UNITS_ENTRY])))
    _check_entries(network.state_dict(), state, given)
    network.load_state_dict(state, strict=True)
    return network


def read_state(path: Path) -> dict[str, Tensor]:
    """Read one file of named tensors.

    Raises
    ------
    WeightsError
        If the file is absent, corrupt, hostile, or holds anything but named tensors.
    """
    import torch

    if not path.is_file():
        raise WeightsError("The weight file does not exist.", given=path, remedy="check the path")
    try:
        loaded = _load_safetensors(path) if path.suffix == ".safetensors" else _load_torch(path)
    except WeightsError:
        raise
    except Exception as error:  # readers of corrupt files raise almost anything
        raise WeightsError(
            "The weight file cannot be read: it is damaged or no weight file.",
            given=f"{path}: {error}".splitlines()[0],
            needed="a state dict written by torch.save, or a .safetensors file",
            remedy="download it again",
        ) from error
    tensors = isinstance(loaded, dict) and all(
        isinstance(name, str) and isinstance(value, torch.Tensor) for name, value in loaded.items()
    )
    if not tensors:
        raise WeightsError(
            "The file does not hold named tensors.",
            given=f"{path}: {type(loaded).__name__}",
            needed="a state dict: names and tensors",
            remedy="save the model's state_dict(), not the model",
        )
    return dict(loaded)


def _load_safetensors(path: Path) -> Any:
    from safetensors.torch import load_file

    return load_file(path)


def _load_torch(path: Path) -> Any:
    import torch

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # remarks on old file formats are no concern of the user
            return torch.load(path, weights_only=True, map_location="cpu")
    except pickle.UnpicklingError as error:
        raise WeightsError(
            "The weight file is damaged, or holds code instead of weights; nothing in it was run.",
            given=f"{path}: {error}".splitlines()[0],
            needed="plain tensors",
            remedy="get the file from its original source, or ask its author for a state dict",
        ) from error


def _config(paths: Sequence[Path]) -> NetworkConfig:
    for path in paths:
        companion = path.with_suffix(".json")
        if companion.is_file():
            try:
                return NetworkConfig.from_dict(json.loads(companion.read_text("utf-8"))["config"])
            except (InvalidInput, ValueError, KeyError, TypeError, AttributeError) as error:
                raise WeightsError(
                    "The network configuration beside the weights cannot be read.",
                    given=f"{companion}: {error}",
                    needed='{"config": {...}}',
                ) from error
    return NetworkConfig.published()


def _check_entries(needed: dict[str, Any], given: dict[str, Any], source: str) -> None:
    missing, unexpected = sorted(set(needed) - set(given)), sorted(set(given) - set(needed))
    if missing or unexpected:
        parts = [
            f"{what} {_some(names)}"
            for what, names in (("lacks", missing), ("has also", unexpected))
            if names
        ]
        raise WeightsError(
            "The weights are not those of this network.",
            given=f"{source} {'; '.join(parts)}",
            needed=f"{len(needed)} entries",
            remedy="name the core file and the scan file separated by a comma, and put the network's "
            "configuration beside them if it is not the published one",
        )
    for name, value in given.items():
        shape, other = tuple(value.shape), tuple(needed[name].shape)
        # PyTorch itself reads one-element arrays into scalars
        if shape != other and not (other == () and shape == (1,)):
            raise WeightsError(f"The entry {name} has another shape.", given=shape, needed=other)
        if not value.isfinite().all():
            raise WeightsError(f"The entry {name} holds numbers that are not finite.", given=source)


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:4])
    return shown if len(names) <= 4 else f"{shown} and {len(names) - 4} more"
