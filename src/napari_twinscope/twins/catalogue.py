"""The twins one can load: the demonstration, simulated cells, weight files, those of other packages."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from napari_twinscope.errors import InvalidInput, TwinscopeError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from napari_twinscope.twins.stages import Stage
    from napari_twinscope.twins.twin import Twin

ENTRY_POINTS = "napari_twinscope.twins"
FILE_PREFIX = "file:"
SIMULATED_UNITS = 400


@dataclass(frozen=True)
class TwinEntry:
    """One line of the catalogue.

    Attributes
    ----------
    id
        What `load_twin` takes.
    title, description
        A name, and one or two sentences.
    trained
        Whether the weights were fitted to responses; None if that is not known.
    status
        As of `Twin`: "untrained", "simulated", or nothing to say.
    available
        Whether it can be loaded here.
    reason
        Why it cannot be loaded.
    """

    id: str
    title: str
    description: str
    trained: bool | None
    status: str = ""
    available: bool = True
    reason: str = ""


DEMO = TwinEntry(
    "demo",
    "Demonstration network (simulated cells)",
    "A small network of the published architecture, trained on 300 simulated cells: no model of any mouse.",
    trained=True,
    status="simulated",
)
SIMULATED = TwinEntry(
    "simulated",
    "Simulated cortex",
    f"{SIMULATED_UNITS} simulated cells with known parameters: a ground truth for the analysis.",
    trained=False,
    status="simulated",
)


def list_twins() -> tuple[TwinEntry, ...]:
    """Return the twins that can be named without a file.

    Other packages add theirs in the entry-point group ``napari_twinscope.twins``: a callable without
    arguments that returns a `Twin`, whose attributes ``title``, ``description``, ``trained`` and
    ``status`` are shown if it has them. A broken one is listed as not available, with its reason.

    Examples
    --------
    >>> [twin.id for twin in list_twins()][:2]
    ['demo', 'simulated']
    """
    return (DEMO, SIMULATED, *(_entry(point) for point in _plugins()))


def stages_on_offer(spec: str) -> tuple[Stage, ...]:
    """Return the stages of a twin without loading it, and so without PyTorch.

    Parameters
    ----------
    spec
        As of `load_twin`.

    Returns
    -------
    tuple of Stage
        Of a weight file, and of a twin of another package, those of the published network: only
        loading tells whether the names and sizes fit.
    """
    from napari_twinscope.twins.config import NetworkConfig
    from napari_twinscope.twins.demo import CONFIG, UNITS
    from napari_twinscope.twins.simulated.cell_stages import simulated_stages
    from napari_twinscope.twins.stages import network_stages

    if spec == SIMULATED.id:
        return simulated_stages(SIMULATED_UNITS)
    if spec == DEMO.id:
        return network_stages(CONFIG, UNITS)
    return network_stages(NetworkConfig.published(), 1)


def load_twin(spec: str, device: str = "cpu") -> Twin:
    """Load a twin.

    Parameters
    ----------
    spec
        ``demo``, ``simulated``, the id of another entry of `list_twins`, ``file:`` and the path of a
        merged weight file, or ``file:`` and the paths of a core and a scan file separated by a comma.
        Beside a file ``NAME.pt`` may lie a file ``NAME.json`` with the network's sizes, unless they are
        the published ones, whether it was trained, and a status (see `Twin`):
        ``{"config": {...}, "trained": true, "status": "simulated"}``.
    device
        Where it computes: ``cpu``, ``cuda``, ...

    Raises
    ------
    InvalidInput
        If there is no such twin.
    WeightsError
        If a weight file cannot be used.
    DeviceError
        If the device is absent.
    """
    if spec == DEMO.id:
        from napari_twinscope.twins.demo import demo_twin

        return demo_twin().to(device)
    if spec == SIMULATED.id:
        from napari_twinscope.twins.simulated import SimulatedCortex

        return SimulatedCortex(SIMULATED_UNITS).to(device)
    if spec.startswith(FILE_PREFIX):
        return _load_files(spec.removeprefix(FILE_PREFIX)).to(device)
    for point in _plugins():
        if point.name == spec:
            return _load_plugin(point).to(device)
    raise InvalidInput(
        "There is no such twin.",
        given=spec,
        needed=", ".join(entry.id for entry in list_twins()) + f", or {FILE_PREFIX} and a path",
    )


def _load_files(text: str) -> Twin:
    from napari_twinscope.twins.companion import read_companions
    from napari_twinscope.twins.network_twin import NetworkTwin
    from napari_twinscope.twins.weights import load_network

    # a file whose own name has a comma is meant as a whole
    names = [text] if Path(text).expanduser().is_file() else text.split(",")
    paths = [Path(name.strip()).expanduser() for name in names if name.strip()]
    if not 1 <= len(paths) <= 2:
        raise InvalidInput(
            "The weight files are not named.",
            given=f"{FILE_PREFIX}{text}",
            needed="file:MERGED.pt, or file:CORE.pt,SCAN.pt",
        )
    network = load_network(paths)
    stated = read_companions(paths)  # weights do not tell
    stems = " + ".join(path.stem for path in paths)
    return NetworkTwin(
        network,
        id=f"{FILE_PREFIX}{','.join(path.name for path in paths)}",
        title=stems,
        description=f"{network.units} units, weights from {', '.join(str(path) for path in paths)}.",
        trained=stated.trained,
        status=stated.status,
    )


def _plugins() -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=ENTRY_POINTS))


def _entry(point: EntryPoint) -> TwinEntry:
    try:
        factory = point.load()
    except Exception as error:  # another package's code may raise anything
        reason = f"{type(error).__name__}: {error}"
        return TwinEntry(point.name, point.name, "", trained=None, available=False, reason=reason)
    title = str(getattr(factory, "title", point.name))
    description = str(getattr(factory, "description", (factory.__doc__ or "").strip().partition("\n")[0]))
    trained = getattr(factory, "trained", None)
    status = str(getattr(factory, "status", "untrained" if trained is False else ""))
    return TwinEntry(point.name, title, description, trained, status)


def _load_plugin(point: EntryPoint) -> Twin:
    from napari_twinscope.twins.twin import Twin

    try:
        twin = point.load()()
    except TwinscopeError:
        raise
    except Exception as error:  # another package's code may raise anything
        raise InvalidInput(
            f"The twin {point.name} of the package {point.value.split(':')[0]} cannot be loaded.",
            given=f"{type(error).__name__}: {error}",
            remedy="report it to the authors of that package",
        ) from error
    if not isinstance(twin, Twin):
        raise InvalidInput(
            f"The entry point {point.name} returned no twin.", given=type(twin).__name__, needed="a Twin"
        )
    return twin
