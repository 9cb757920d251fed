"""Measure what each error of the papers' public code does to a twin, and write it into the page.

    python docs/published_errors.py [--recording NAME.twinscope.zarr] [--stage recurrent] [--page PAGE.md]

Without a recording it records the demonstration twin: the papers' eleven stimuli, up to 200 units a stage.
What lies in figures, notebooks and the explorer is in `errors_of_figures`.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from errors_of_figures import ENCODER, FigureErrors
from marked_page import fill_blocks

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds import (
    AlignmentOptions,
    TubularityOptions,
    alignment,
    compare_tubularity,
    crossing_tubes,
    degrees,
    tubularity,
)
from napari_twinscope.manifolds.decoding.conditions import conditions
from napari_twinscope.population import TensorOptions, paper_selectivity, unit_dynamics, unit_measures
from napari_twinscope.recording import RecordingPlan, Sampling, open_recording, record
from napari_twinscope.recording.sampling import candidates
from napari_twinscope.stimuli import protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

    from napari_twinscope.recording import Recording

PAGE = Path(__file__).with_name("published-errors.md")
OTHER = "recurrent_out"
"""The stage that is compared with the one that is measured."""


class Effects(FigureErrors):
    """What each error does to one stage of a recording; each method returns a sentence with its numbers.

    Parameters
    ----------
    recording
        Of the papers' eleven stimuli.
    stage, other
        What is measured, and what it is compared with.
    draws
        Bootstraps of tubularity, and shuffles of alignment.
    """

    def __init__(self, recording: Recording, stage: str, other: str, draws: int = 30) -> None:
        self.recording, self.stage, self.draws = recording, stage, draws
        self.responses, self.second = recording.responses(stage), recording.responses(other)
        self.medium = conditions(self.responses, "corrected", "medium", rectify=True)
        self.names = (stage, other)

    def error_1(self) -> str:
        """Stimuli cut by position."""
        wrong = {}
        for cut in ("first-six", "first-and-last-five"):
            shown = conditions(self.responses, "published-2026", cut, rectify=True)
            pairs = zip(shown["shown_as"].values, shown["label"].values, strict=True)
            wrong[cut] = sum(str(said) != str(true) for said, true in pairs)
        tight = [self._tight("published-2026", stimuli) for stimuli in ("first-and-last-five", "medium")]
        cut, named = tight
        return (
            f"Of six names {wrong['first-six']} are wrong in the first six and "
            f"{wrong['first-and-last-five']} in the first and the last five. S_tight is {cut:.4f} on the "
            f"stimuli that are cut instead of {named:.4f} on those that are named ({change(named, cut)})."
        )

    def error_2(self) -> str:
        """Time and direction confused."""
        right, wrong = (paper_selectivity(self.medium, preset=p).osi for p in ("corrected", "published-2026"))
        r = np.corrcoef(right, wrong)[0, 1]
        return (
            f"Mean two-point OSI {float(wrong.mean()):.3f} instead of {float(right.mean()):.3f}; correlation "
            f"of both over units {r:.2f}."
        )

    def error_3(self) -> str:
        """Border left in."""
        stage = self.twin.stage(self.stage)
        counts = []
        for rule in ("published", "corrected"):
            rows, columns = candidates(stage, rule)[1:]
            counts.append(len(range(stage.rows)[rows]) * len(range(stage.columns)[columns]))
        return (
            f"{counts[0]} positions of a map can be drawn instead of {counts[1]}: "
            f"{1 - counts[1] / counts[0]:.0%} of the candidates lie in the border."
        )

    def error_4(self) -> str:
        """Windows longer than the trial."""
        found = {}
        for preset in ("published-2026", "corrected"):
            moved = unit_dynamics(self.medium, preset=preset)
            found[preset] = [moved[name].mean("stimulus").values for name in ("speed", "stability")]
        apart = np.abs(np.subtract(*found["published-2026"])).max()
        speed, stability = found["corrected"]
        ratio = float(np.median(stability[speed > 0] / speed[speed > 0]))
        return (
            f"Published speed and stability differ by at most {apart:.1g}. Corrected, the median unit "
            f"changes at the end of the trial {ratio:.2f} times as fast as at its beginning; correlation of "
            f"both over units {np.corrcoef(speed, stability)[0, 1]:.2f}."
        )

    def error_5(self) -> str:
        """Smoothing overwritten."""
        early, late = (self._tight(preset, "medium") for preset in ("published-2025", "published-2026"))
        return f"S_tight {early:.4f} with 0.01, {late:.4f} with 2 ({change(early, late)})."

    def error_6(self) -> str:
        """No seed."""
        found = {
            preset: [
                float(self._tubes(preset, "medium", bootstraps=4).bootstrap_mean.sel(measure="s_tight"))
                for _ in range(2)
            ]
            for preset in ("published-2025", "corrected")
        }
        one, other = found["published-2025"]
        same = "the same twice" if len(set(found["corrected"])) == 1 else "not the same twice"
        return f"Two runs with four bootstraps each: S_tight {one:.5f} and {other:.5f}; corrected, {same}."

    def error_7(self) -> str:
        """Error bars."""
        parts = []
        for preset in ("published-2025", "published-2026", "corrected"):
            tubes = self._tubes(preset, "medium", bootstraps=self.draws, seed=0).sel(measure="s_tight")
            bar, spread = float(tubes.error_bar), float(tubes.standard_error)
            parts.append(f"{preset} {bar:.5f} for a standard deviation of {spread:.5f}")
        return f"Error bars of S_tight over bootstraps: {'; '.join(parts)}."

    def error_8(self) -> str:
        """Pool bootstraps in tests."""
        few = max(2, self.draws // 3)
        p = []
        for count in (few, self.draws):
            sides = (
                self._tubes("published-2026", "medium", responses, bootstraps=count, seed=number)
                for number, responses in enumerate((self.second, self.responses))
            )
            p.append(float(compare_tubularity(*sides).p_value.sel(measure="s_tight")))
        one, other = (
            self._tubes("corrected", "medium", responses, bootstraps=self.draws, seed=number)
            for number, responses in enumerate((self.second, self.responses))
        )
        low, high = compare_tubularity(one, other).interval.sel(measure="s_tight").values
        return (
            f"{self.names[1]} against {self.names[0]}, the same units: p = {p[0]:.2g} with {few} bootstraps, "
            f"{p[1]:.2g} with {self.draws}. Corrected: the difference of S_tight lies within {low:.4f} and "
            f"{high:.4f} (95 %)."
        )

    def error_9(self) -> str:
        """Noise scored as a bundle."""
        return " ".join(
            self._noise(name, responses)
            for name, responses in zip(self.names, (self.responses, self.second), strict=True)
        )

    def _noise(self, name: str, responses: xr.DataArray) -> str:
        published = tubularity(
            responses, TubularityOptions("published-2026", "medium", "hdbscan", bootstraps=0, seed=0)
        )
        noise, score = int(published.noise), float(published.score.sel(measure="s_tight"))
        if not noise:
            return f"{name}: no trajectory is noise, S_tight {score:.4f}."
        scores, sizes = published.bundle_score.sel(measure="s_tight"), published["size"]
        clean = sizes.where(sizes.bundle >= 0, 0)
        if not int(clean.sum()):
            return f"{name}: all {noise} trajectories are noise, and are scored as one tube."
        without = float((scores * clean).sum() / clean.sum())
        return (
            f"{name}: {noise} of {int(sizes.sum())} trajectories are noise, S_tight {score:.4f} with them as "
            f"a bundle instead of {without:.4f} ({change(without, score)})."
        )

    def error_10(self) -> str:
        """Crossing over a length."""
        half = self.responses.isel(unit=slice(None, None, 2))
        whole, part = (
            self._tubes("corrected", "medium", r, bootstraps=0).score for r in (self.responses, half)
        )
        ratios = {
            name: float(part.sel(measure=name) / whole.sel(measure=name)) for name in ("s_cross", "crossing")
        }
        return (
            f"With every other unit only, S_cross is {ratios['s_cross']:.2f} times, and the crossing without "
            f"dimension {ratios['crossing']:.2f} times, that of all units."
        )

    def error_11(self) -> str:
        """Noise in the frame of the laboratory."""
        widths = {}
        for preset in ("published-2026", "corrected"):
            curves, labels = crossing_tubes(count=60, preset=preset, seed=1)
            across = [
                np.concatenate(
                    [c[:, axis] for c, label in zip(curves, labels, strict=True) if label == tube]
                ).std()
                for tube, axis in ((0, 1), (1, 0))
            ]
            widths[preset] = across[1] / across[0]
        return (
            f"The second tube is {widths['published-2026']:.2f} times as wide as the first; corrected, "
            f"{widths['corrected']:.2f} times. No twin enters."
        )

    def error_12(self) -> str:
        """Fail in a branch."""
        try:
            TensorOptions("published-2025", stimuli="all")
        except InvalidInput as error:
            return f"Refused, with the words: {error.problem}"
        raise AssertionError("the option of 2025 that fails is not refused")

    def error_17(self) -> str:
        """Degrees counted on the kernel."""
        manifold = self.manifold
        there = manifold.on_map
        graph = degrees(manifold.edges, len(there))[there]
        kernel = (np.diff(manifold.kernel.tocsr().indptr) - 1)[there]
        return (
            f"{int(there.sum())} units on the manifold (rank 6, 2 restarts): mean degree {kernel.mean():.1f} "
            f"on the kernel, {graph.mean():.1f} on the graph."
        )

    def error_18(self) -> str:
        """Time squeezed."""
        time = np.arange(135) * 0.01 - 0.1
        shown = self.second.sel(stimulus=self.medium.stimulus.values)
        shown = shown.assign_coords(stimulus=self.medium.label.values)
        slow = shown.interp(time=time).fillna(0.0)
        scores = {}
        for preset in ("published-2026", "corrected"):
            how = AlignmentOptions(preset, ("cka",), "each", bootstraps=0, shuffles=0)
            scores[preset] = float(alignment(shown, slow, how).score[0])
        return (
            f"{self.names[1]} against itself, resampled to 135 bins of 10 ms from 100 ms before the onset: "
            f"CKA at each time {scores['published-2026']:.3f}; corrected {scores['corrected']:.3f}, where 1 "
            "is right."
        )

    def error_19(self) -> str:
        """Scores biased upwards."""
        chance = {}
        for preset in ("published-2026", "corrected"):
            how = AlignmentOptions(
                preset, ("cca", "encoding"), "mean", "medium", bootstraps=0, shuffles=self.draws
            )
            chance[preset] = alignment(self.responses, self.second, how).chance.values
        published, corrected = chance["published-2026"], chance["corrected"]
        return (
            f"{' and '.join(self.names)}, conditions shuffled, so that nothing is alike: CCA "
            f"{published[0]:.3f}, prediction {published[1]:.3f}; corrected {corrected[0]:.3f} and "
            f"{corrected[1]:.3f}."
        )

    def error_21(self) -> str:
        """Call a mean a maximum."""
        found = {p: unit_measures(self.medium, preset=p) for p in ("published-2026", "corrected")}
        osi, dsi = (
            [float(found[p][name].median()) for p in ("published-2026", "corrected")]
            for name in ("osi", "dsi")
        )
        return (
            f"Median OSI {osi[0]:.3f} as a mean over classes, {osi[1]:.3f} in the preferred class; DSI "
            f"{dsi[0]:.3f} and {dsi[1]:.3f}. {self.error_21_in_one_video()}"
        )

    def measured(self, only: Sequence[int] = ()) -> dict[str, str]:
        """Return the sentence of each error, or of some, by the name of its block."""
        return {f"error {n}": getattr(self, f"error_{n}")() for n in only or range(1, 22)}

    def source(self) -> str:
        """Say what was measured."""
        recording, info = self.recording, self.recording.stage_info(self.stage)
        return (
            f"Measured on the twin `{recording.twin_id}` ({recording.twin.get('title', '')}; weights "
            f"{recording.twin.get('checksum', 'unknown')}), stage `{self.stage}` "
            f"({info.get('paper_name', '')}), {self.responses.sizes['unit']} units."
        )

    def _tubes(
        self, preset: str, stimuli: str, responses: xr.DataArray | None = None, **changes: int | None
    ) -> xr.Dataset:
        how = replace(TubularityOptions(preset, stimuli), **changes)
        return tubularity(self.responses if responses is None else responses, how)

    def _tight(self, preset: str, stimuli: str) -> float:
        return float(self._tubes(preset, stimuli, bootstraps=0, seed=0).score.sel(measure="s_tight"))


def change(one: float, other: float) -> str:
    """Return by how much the other number differs from the one.

    Examples
    --------
    >>> change(2.0, 2.5)
    '+25 %'
    """
    return f"{100 * (other / one - 1):+.0f} %"


def record_demo(path: Path) -> Recording:
    """Record the demonstration twin as the page has it."""
    plan = RecordingPlan(
        twin="demo",
        protocol=protocol("paper"),
        stages=("recurrent", OTHER, *ENCODER.values()),
        sampling=Sampling("corrected", maps=20, units_per_map=10),
        device="cpu",
    )
    return record(plan, path)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--recording", type=Path, help="of the papers' eleven stimuli; results are kept in it"
    )
    parser.add_argument("--stage", default="recurrent", help="which stage (default: %(default)s)")
    parser.add_argument(
        "--draws", type=int, default=30, help="bootstraps and shuffles (default: %(default)s)"
    )
    parser.add_argument("--only", type=int, nargs="+", default=[], help="numbers of errors (default: all)")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page to write into")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="twinscope-") as folder:
        recording = (
            open_recording(given.recording)
            if given.recording
            else record_demo(Path(folder) / "demo.twinscope.zarr")
        )
        effects = Effects(recording, given.stage, OTHER, given.draws)
        fill_blocks(given.page, {"source": effects.source(), **effects.measured(given.only)})
        recording.close()
    print(given.page)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
