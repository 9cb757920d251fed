"""Where one can record from simulated cells."""

from __future__ import annotations

from napari_twinscope.twins.stages import Stage


def simulated_stages(units: int) -> tuple[Stage, ...]:
    """Return the stages of a number of cells: before and after their own mechanism, and their responses."""

    def stage(name: str, label: str, channels: int, description: str) -> Stage:
        return Stage(name, label, "–", channels, units, 1, description, kind="units")

    return (
        stage("linear", "Linear filters", 2, "Contrast seen by the even and the odd spatial filter."),
        stage("drive", "Drive", 1, "Squared response of the cell before normalisation."),
        stage("output", "Response", 1, "Rate of each simulated cell, relative units."),
    )
