"""Our settings, which napari keeps with those of its other plugins: Preferences, Plugins, Twinscope."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

PLUGIN = "napari-twinscope"
DEFAULTS: dict[str, dict[str, Any]] = {
    "recording": {"device": "auto", "folder": ""},
    "appearance": {"point_size": 1.0},
    "sections": {
        "first_steps": True,
        "on_the_canvas": True,
        "record": True,
        "encoding_options": False,
        "groups": True,
        "comparison_options": True,
    },
}
"""What holds where napari does not know the plugin's manifest; otherwise the manifest's own defaults."""


def setting(category: str, name: str) -> Any:
    """Return the value of one setting, as the user chose it in napari's Preferences."""
    return getattr(_kept(category), name, DEFAULTS[category][name])


def change_setting(category: str, name: str, value: Any) -> None:
    """Change one setting; napari writes it to its folder of settings."""
    kept = _kept(category)
    if hasattr(kept, name) and getattr(kept, name) != value:
        setattr(kept, name, value)


def follow_setting(category: str, name: str, slot: Callable[[object], None]) -> Callable[[], None]:
    """Call a method, which is held weakly, whenever a setting changes; return what ends that."""
    event = getattr(getattr(_kept(category), "events", None), name, None)
    if event is None:
        return lambda: None
    event.connect(slot)

    def end() -> None:
        with suppress(Exception):
            event.disconnect(slot)

    return end


def recordings_folder() -> Path:
    """Return the folder in which recordings are proposed to be saved."""
    chosen = Path(setting("recording", "folder")).expanduser()
    return chosen if str(setting("recording", "folder")).strip() and chosen.is_dir() else Path.home()


def _kept(category: str) -> object | None:
    """Return napari's record of a category; ``None`` where the plugin is not registered with napari."""
    try:
        from napari.settings import get_plugin_settings

        return getattr(get_plugin_settings(PLUGIN), category, None)
    except (ImportError, KeyError):
        return None
