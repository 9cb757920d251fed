"""The JSON file that may lie beside a weight file: the network's sizes, and whether it was trained."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from napari_twinscope.errors import InvalidInput, WeightsError
from napari_twinscope.twins.config import NetworkConfig

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NEEDED = '{"config": {...}}, {"trained": true or false} or {"status": "..."}, or more than one of them'

LONGEST_STATUS = 80


class Companion(NamedTuple):
    """What the companions of weight files state.

    Attributes
    ----------
    config
        The network's sizes; the published ones if none are stated.
    trained
        Whether the weights were fitted to responses; None if nothing is stated.
    status
        As of `Twin`, such as "simulated" if the responses were; None if nothing is stated.
    """

    config: NetworkConfig
    trained: bool | None
    status: str | None = None


def read_companions(paths: Sequence[Path]) -> Companion:
    """Read the files of the same stem and the suffix ``.json`` beside some weight files, if any.

    Sizes and status are those of the first companion that states them. A network with an untrained part
    is untrained.

    Parameters
    ----------
    paths
        The weight files.

    Raises
    ------
    WeightsError
        If a companion cannot be read, states nothing, or describes no possible network.
    """
    config: NetworkConfig | None = None
    trained: set[bool] = set()
    status: str | None = None
    for path in dict.fromkeys(path.with_suffix(".json") for path in paths):
        if not path.is_file():
            continue
        try:
            stated = _read(path)
            if config is None and "config" in stated:
                config = NetworkConfig.from_dict(stated["config"])
        except (InvalidInput, OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
            raise WeightsError(
                "The network configuration beside the weights cannot be read.",
                given=f"{path}: {error}",
                needed=NEEDED,
            ) from error
        if "trained" in stated:
            trained.add(stated["trained"])
        status = stated.get("status") if status is None else status
    return Companion(config or NetworkConfig.published(), min(trained, default=None), status)


def _read(path: Path) -> dict[str, Any]:
    stated = json.loads(path.read_text("utf-8"))
    if not isinstance(stated, dict) or not {"config", "trained", "status"} & set(stated):
        raise InvalidInput("The file states neither sizes nor training nor status.")
    if not isinstance(stated.get("trained", False), bool):
        raise InvalidInput(
            "Whether the weights were trained is no truth value.", given=repr(stated["trained"])
        )
    status = stated.get("status", "")
    if not isinstance(status, str) or len(status) > LONGEST_STATUS:
        raise InvalidInput("The status is no short text.", given=repr(status)[:80])
    return stated
