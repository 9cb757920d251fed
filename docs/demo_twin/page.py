"""The figures and tables of docs/demo-twin.md, written between its markers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marked_page import fill_blocks

from demo_twin.decoding import FEATURES
from demo_twin.scores import BANDS, KINDS, NEAR, lowest
from napari_twinscope.population.comparison import PREFERRED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ABSENT = "–"


def fill_page(page: Path, images: Path, results: dict[str, Any]) -> None:
    """Write figures and tables between ``<!-- NAME -->`` and ``<!-- end of NAME -->``.

    Parameters
    ----------
    page
        The page.
    images
        Folder of the figures.
    results
        From `evaluate`.

    Raises
    ------
    ValueError
        If the page lacks a marker.
    """
    folder = Path(os.path.relpath(images, page.parent)).as_posix()

    def pictures(*names: str) -> str:
        return "\n\n".join(f"![{name.replace('-', ' ')}]({folder}/{name}.png)" for name in names)

    protocols = list(results["tuning"])
    blocks = {
        "summary": [summary(results)],
        "correlation": [
            pictures("held-out", *(f"left-out-{name}" for name in results["left-out"])),
            types(results),
            frequencies(results),
        ],
        "tuning": [
            pictures("preferred-direction", "selectivity-preferred", "tuning-curves"),
            pictures(*(f"selectivity-{name}" for name in protocols)),
            classes(results),
            reliabilities(results),
        ],
        "positions": [pictures("positions")],
        "stages": [pictures("stages"), stages(results)],
    }
    fill_blocks(page, {name: "\n\n".join(parts) for name, parts in blocks.items()})


def summary(results: dict[str, Any]) -> str:
    """Return what is asked of the twin and what was found."""
    held_out = results["held-out"]
    low, high = held_out["quartiles"]
    rows = [
        (
            "correlation on unseen natural-like clips, median over cells",
            "0.88",
            f"{number(held_out['median'])} (quartiles {number(low)} to {number(high)}, n = {held_out['n']})",
        )
    ]
    for name, found in results["left-out"].items():
        text = f"{number(found['median'])} (n = {found['n']})"
        rows.append((f"the same on a class left out of training: {name.replace('-', ' ')}", ABSENT, text))
    for name, tuning in results["tuning"].items():
        best = tuning["classes"][PREFERRED]
        found = tuning["direction_error_of_all_selective_cells"]
        text = f"{number(found['within'])} (n = {found['n']}, median error {number(found['median'], 1)} deg)"
        rows += [
            (f"{name}: direction-selective units within {NEAR:g} deg of the cell", "0.95", text),
            (
                f"{name}: the same, of those that are selective in that class",
                ABSENT,
                f"{number(best['direction_within'])} (n = {best['direction_n']})",
            ),
            (
                f"{name}: r(OSI), r(DSI) in the preferred class",
                "0.9",
                f"{number(best['osi_pearson'])}, {number(best['dsi_pearson'])}",
            ),
            (
                f"{name}: lowest r(OSI), r(DSI) of the six classes",
                "0.7",
                f"{number(lowest(tuning, 'osi_pearson'))}, {number(lowest(tuning, 'dsi_pearson'))}",
            ),
        ]
    place = results["positions"]
    text = f"{number(place['median'], 1)} deg (90th percentile {number(place['90th_percentile'], 1)} deg)"
    rows.append(("distance of readout position and receptive field, median", ABSENT, text))
    fine = results["cells"]["share_above_0.12_cycles_per_degree"]
    rows.append(("share of cells that prefer more than 0.12 cycles/deg", "0.25", number(fine)))
    seconds = results["seconds_to_record_all_stages_once"]
    rows.append(
        ("recording every unit of all stages, 6 x 8 movies of 37 frames", "60 s", f"{number(seconds, 0)} s")
    )
    return markdown(("what", "bar", "found"), rows)


def types(results: dict[str, Any]) -> str:
    """Return the median correlations by type of cell."""
    found = {"held-out clips": results["held-out"], **results["left-out"]}
    kinds = list(results["held-out"]["median_by_type"])
    rows = [
        (name, *(number(one["median_by_type"].get(kind)) for kind in kinds)) for name, one in found.items()
    ]
    return markdown(("median correlation", *kinds), rows)


def frequencies(results: dict[str, Any]) -> str:
    """Return the median correlations by type and preferred spatial frequency, held-out and seen clips."""
    found = {"held-out clips": results["held-out"], **results["seen"]}
    rows = [
        (name, kind, *(number(one["median_by_frequency"][band][kind]) for band in BANDS))
        for name, one in found.items()
        for kind in KINDS
    ]
    return markdown(("median correlation", "cells", *(f"{band} cycles/deg" for band in BANDS)), rows)


def classes(results: dict[str, Any]) -> str:
    """Return how well tuning agrees in every class."""
    head = ("protocol", "class", "r(OSI)", "ρ(OSI)", "r(DSI)", "ρ(DSI)", "n", "direction", "orientation")
    rows = []
    for protocol, tuning in results["tuning"].items():
        for name, row in tuning["classes"].items():
            angles = (
                f"{number(row[f'{a}_error'], 1)} deg, {number(row[f'{a}_within'])} ({row[f'{a}_n']})"
                for a in ("direction", "orientation")
            )
            indices = (number(row[f"{i}_{how}"]) for i in ("osi", "dsi") for how in ("pearson", "spearman"))
            rows.append((protocol, name, *indices, row["osi_n"], *angles))
    return markdown(head, rows)


def reliabilities(results: dict[str, Any]) -> str:
    """Return how reliable the cells' selectivity is, beside how well the twin recovers it."""
    head = ("protocol", "class", "r(OSI)", "cells again", "r(DSI)", "cells again", "OSI of fine cells")
    rows = []
    for protocol, tuning in results["tuning"].items():
        for name, row in tuning["classes"].items():
            again = tuning["reliability"][name]
            pairs = (number(r) for i in ("osi", "dsi") for r in (row[f"{i}_pearson"], again[i]))
            fine = tuning["osi_of_fine_cells"].get(name)
            sides = f"{number(fine['twin'])} / {number(fine['cells'])}" if fine else ABSENT
            rows.append((protocol, name, *pairs, sides))
    return markdown(head, rows)


def stages(results: dict[str, Any], decoder: str = "nearest neighbour") -> str:
    """Return the share of conditions told right at each stage: trained / untrained network."""
    found = results["stages"]
    names = list(found["trained"][next(iter(FEATURES))][decoder])
    names += [s for s in found["trained"]["frame, each position"][decoder] if s not in names]

    def share(who: str, feature: str, stage: str) -> str:
        score = found[who][feature][decoder].get(stage)
        return number(score["accuracy"]) if score else ABSENT

    rows = [(s, *(f"{share('trained', f, s)} / {share('untrained', f, s)}" for f in FEATURES)) for s in names]
    rows.append(("simulated cells", *(share("cells", feature, "output") for feature in FEATURES)))
    return markdown(("stage", *FEATURES), rows)


def number(value: float | None, digits: int = 2) -> str:
    """Return a number as text, a dash for none."""
    # adding zero turns -0.00 into 0.00
    return ABSENT if value is None else f"{round(value, digits) + 0.0:.{digits}f}"


def markdown(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
