"""A comparison as a folder: one page with figures, tables, options and provenance, and the same as files."""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.stages.figures import available_figures, plot_comparison
from napari_twinscope.manifolds.stages.report_page import report_page

if TYPE_CHECKING:
    import pandas as pd

    from napari_twinscope.manifolds.stages.result import StageComparison

KIND = "napari-twinscope comparison of stages"
MANIFEST = "options.json"
PAGE = "index.html"
_DOTS = 130  # per inch
_SVG: Any = {"svg.hashsalt": "twinscope", "svg.fonttype": "none"}


def check_report_folder(folder: str | Path) -> Path:
    """Refuse a folder in which something else lies than an earlier report, as it was written.

    Parameters
    ----------
    folder
        Where a report is to be written.

    Raises
    ------
    InvalidInput
        If its parent does not exist, it is a file, it is not empty and holds no report, or files of the
        report in it were changed since.
    """
    folder = Path(folder)
    if not folder.resolve().parent.is_dir() or (folder.exists() and not folder.is_dir()):
        raise InvalidInput(
            "The report cannot be written to this place.",
            given=folder,
            needed="a folder, or a new one in a folder that exists",
        )
    if not folder.exists() or not any(folder.iterdir()):
        return folder
    written = _written(folder)
    if written is None:
        raise InvalidInput(
            "This folder holds something other than a report.",
            given=folder,
            needed="an empty folder, a new one, or that of an earlier report",
            remedy="choose another folder",
        )
    changed = [
        name
        for name, digest in written.items()
        if (folder / name).is_file() and _digest(folder / name) != digest
    ]
    if changed:
        raise InvalidInput(
            "Files of the earlier report were changed since it was written.",
            given=", ".join(sorted(changed)),
            remedy="choose another folder, or move these files away",
        )
    return folder


def write_report(comparison: StageComparison, folder: str | Path) -> Path:
    """Write a comparison as a folder that can be read, computed with and sent.

    ``index.html`` holds everything, figures included, and needs no other file. Beside it ``tables/*.csv``,
    ``figures/*.png`` and ``*.svg``, and ``options.json`` with options, provenance and a checksum of each
    file. It is written beside its place and then moved there as a whole: an earlier report is replaced, and
    whatever else was put into its folder stays.

    Parameters
    ----------
    comparison
        From `stage_comparison`.
    folder
        Where to.

    Returns
    -------
    pathlib.Path
        The page.

    Raises
    ------
    InvalidInput
        As `check_report_folder`.
    OSError
        If it cannot be written. An earlier report is left as it was.
    """
    folder = check_report_folder(folder)
    place = folder.resolve()
    draft = place.with_name(f".{place.name}.unfinished-{uuid.uuid4().hex}")
    try:
        _fill(comparison, draft)
        _move_in(draft, place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder / PAGE


def tables(comparison: StageComparison) -> dict[str, pd.DataFrame]:
    """Return the tables of a report by name: those that are not empty."""
    made = {
        "measures": comparison.table,
        "measures_wide": comparison.wide.reset_index(),
        "decoding_over_time": comparison.decoding,
        "tubularity_differences": comparison.tubularity_differences,
        "alignment": comparison.alignment_table,
        "seconds": comparison.seconds,
    }
    return {name: table for name, table in made.items() if len(table)}


def _fill(comparison: StageComparison, folder: Path) -> None:
    from matplotlib import rc_context

    for inside in ("tables", "figures"):
        (folder / inside).mkdir(parents=True)
    figures: dict[str, bytes] = {}
    for name in available_figures(comparison):
        with rc_context(_SVG):
            figure = plot_comparison(comparison, name)
            figure.savefig(folder / "figures" / f"{name}.svg", metadata={"Date": None})
            figure.savefig(folder / "figures" / f"{name}.png", dpi=_DOTS)
        figures[name] = (folder / "figures" / f"{name}.png").read_bytes()
    made = tables(comparison)
    for name, table in made.items():
        table.to_csv(folder / "tables" / f"{name}.csv", index=False)
    provenance = comparison.provenance()
    page = report_page(comparison, provenance, figures, tuple(made))
    (folder / PAGE).write_text(page, encoding="utf-8")
    files = {
        path.relative_to(folder).as_posix(): _digest(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    manifest = {
        "kind": KIND,
        "options": comparison.options.to_dict(),
        "notices": list(comparison.notices),
        "provenance": provenance,
        "files": files,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def _move_in(draft: Path, place: Path) -> None:
    """Put a finished report in its place; what is not of the earlier report moves into the new one."""
    if not place.exists():
        draft.rename(place)
        return
    if not any(place.iterdir()):
        place.rmdir()
        draft.rename(place)
        return
    check_report_folder(place)  # it took a while
    earlier = place.with_name(f".{place.name}.earlier-{uuid.uuid4().hex}")
    written = {*(_written(place) or {}), MANIFEST}
    place.rename(earlier)
    try:
        draft.rename(place)
    except OSError:
        earlier.rename(place)
        raise
    for path in sorted(earlier.rglob("*")):
        name = path.relative_to(earlier)
        if path.is_dir() or name.as_posix() in written:
            continue
        target = place / name
        if target.exists():  # a file of the user's now has the name of a new one
            target = target.with_name(f"{target.stem} (kept){target.suffix}")
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
    shutil.rmtree(earlier)


def _written(folder: Path) -> dict[str, str] | None:
    """Return the files of the report in a folder with their checksums; ``None`` if there is none."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(manifest, dict) or manifest.get("kind") != KIND:
        return None
    files = manifest.get("files")
    return {str(name): str(digest) for name, digest in files.items()} if isinstance(files, dict) else None


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
