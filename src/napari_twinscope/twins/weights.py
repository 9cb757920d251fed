"""Reading weight files without trusting them."""

from __future__ import annotations

import pickle
import warnings
from typing import TYPE_CHECKING, Any

from napari_twinscope.errors import WeightsError
from napari_twinscope.twins.companion import read_companions
from napari_twinscope.twins.network import VisualNetwork

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from torch import Tensor

UNITS_ENTRY = "readout.feature.weights.0"
FLOATS = ("float32", "float64", "float16", "bfloat16")


def load_network(paths: Sequence[Path]) -> VisualNetwork:
    """Build the network whose weights are in one merged file, or in a core and a scan file.

    The configuration is the published one, unless a companion of one of the files states another; see
    `read_companions`. Files and companions are compared before memory is taken for a network.

    Parameters
    ----------
    paths
        State dicts as PyTorch files, or ``.safetensors``. No code in them is run.

    Raises
    ------
    WeightsError
        If a file is absent, corrupt, hostile, or does not hold exactly the network's entries, or if a
        companion describes no possible network.
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
    config = read_companions(paths).config
    given = ", ".join(path.name for path in paths)
    if UNITS_ENTRY not in state or state[UNITS_ENTRY].dim() != 3:
        raise WeightsError(
            "The weights hold no readout.",
            given=given,
            needed=f"an entry {UNITS_ENTRY} of shape [units, 1, channels]",
            remedy="name the core file and the scan file, separated by a comma",
        )
    units = max(1, len(state[UNITS_ENTRY]))
    with torch.device("meta"):  # names and shapes without memory: the configuration is not trusted either
        needed = VisualNetwork(config, units).state_dict()
    _check_entries(needed, state, given)
    _check_storage(needed, state, given)
    with torch.random.fork_rng(devices=[]):  # initial values are overwritten; leave the user's seed alone
        network = VisualNetwork(config, units)
    _check_constants(network.state_dict(), state)
    network.load_state_dict(state, strict=True)
    return network


def read_state(path: Path) -> dict[str, Tensor]:
    """Read one file of named tensors.

    Raises
    ------
    WeightsError
        If the file is absent, corrupt, hostile, or holds anything but named dense tensors with values.
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
    for name, value in loaded.items():
        if value.layout != torch.strided or value.is_nested or value.device.type != "cpu":
            raise WeightsError(
                f"The entry {name} holds no plain numbers.",
                given=f"{path}: {str(value.layout).removeprefix('torch.')} on {value.device}",
                needed="dense tensors with values",
                remedy="call .to_dense() on sparse tensors and load the model before saving it",
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


def _check_entries(needed: dict[str, Tensor], given: dict[str, Tensor], source: str) -> None:
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
        dtypes = FLOATS if needed[name].is_floating_point() else ("bool",)
        dtype = str(value.dtype).removeprefix("torch.")
        if dtype not in dtypes:
            raise WeightsError(
                f"The entry {name} holds numbers of another type.",
                given=f"{dtype} in {source}",
                needed=" or ".join(dtypes),
            )


def _check_storage(needed: dict[str, Tensor], given: dict[str, Tensor], source: str) -> None:
    """Refuse small files that unfold to large networks, and values that are not finite as float32."""
    storages = {value.untyped_storage().data_ptr(): value.untyped_storage() for value in given.values()}
    stored = sum(storage.nbytes() for storage in storages.values())
    numbers = sum(value.numel() for value in needed.values())
    if numbers > stored:  # even of half precision a number takes two bytes
        raise WeightsError(
            "The weights are views that repeat few numbers.",
            given=f"{numbers:,} numbers in {stored:,} bytes of {source}",
            needed="entries with numbers of their own",
            remedy="call .contiguous() on each entry before saving it",
        )
    for name, value in given.items():
        if not value.float().isfinite().all():
            raise WeightsError(f"The entry {name} holds numbers that are not finite.", given=source)


def _check_constants(needed: dict[str, Tensor], given: dict[str, Tensor]) -> None:
    """Refuse masks other than the network's: they are part of its architecture."""
    for name, value in given.items():
        if not needed[name].is_floating_point() and not value.equal(needed[name]):
            raise WeightsError(
                f"The entry {name} is another mask.", needed="the mask of the published architecture"
            )


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:4])
    return shown if len(names) <= 4 else f"{shown} and {len(names) - 4} more"
