"""The eleven classes, against what was measured on the papers' pictures."""

import numpy as np
import pytest
from scipy.ndimage import label
from scipy.spatial import cKDTree

from napari_twinscope.errors import InvalidInput
from napari_twinscope.stimuli import (
    EIGHT_DIRECTIONS,
    PAPER_SETS,
    PaperDotFlow,
    PaperGrating,
    Screen,
    paper_stimuli,
    protocol,
)

BY_NAME = {stimulus.name: stimulus for stimulus in paper_stimuli()}
FLOWS = [name for name in BY_NAME if "dotflow" in name]


def runs(line):
    """Return the grey levels and lengths of the runs in a line of pixels."""
    edges = np.flatnonzero(np.diff(line.astype(int))) + 1
    pieces = np.split(line, edges)
    return [(int(piece[0]), len(piece)) for piece in pieces]


def test_the_classes_are_stored_in_the_papers_order():
    assert [(s.name, s.label) for s in paper_stimuli()] == [
        ("grat_W12", "LF-grating"),
        ("grat_W1", "HF-grating"),
        ("grat_W2", "HF-grating"),
        ("neg1dotflow_D1", "−1dot"),
        ("neg3dotflow_D1", "−3dot"),
        ("neg1dotflow_D2", "−1dot"),
        ("neg3dotflow_D2", "−3dot"),
        ("pos1dotflow_D1", "+1dot"),
        ("pos3dotflow_D1", "+3dot"),
        ("pos1dotflow_D2", "+1dot"),
        ("pos3dotflow_D2", "+3dot"),
    ]


@pytest.mark.parametrize(("which", "places"), [("medium", [0, 2, 5, 6, 9, 10]), ("high", [0, 1, 3, 4, 7, 8])])
def test_the_sets_of_six_are_those_of_the_papers(which, places):
    names = tuple(paper_stimuli()[place].name for place in places)
    assert PAPER_SETS[which] == names == protocol(f"paper-6-{which}").names
    assert protocol(f"paper-6-{which}").labels == (
        "LF-grating",
        "HF-grating",
        "−1dot",
        "−3dot",
        "+1dot",
        "+3dot",
    )


@pytest.mark.parametrize(
    ("name", "direction", "level", "first", "half_period"),
    [
        ("grat_W1", 0, 188, 10, 10),
        ("grat_W1", 90, 68, 10, 10),
        ("grat_W2", 0, 188, 21, 21),
        ("grat_W2", 90, 188, 12, 21),
        ("grat_W12", 0, 188, 129, 129),
        ("grat_W12", 90, 188, 84, 129),
    ],
)
def test_upright_gratings_have_the_measured_phase(name, direction, level, first, half_period):
    for turned in (direction, direction + 180):
        picture = BY_NAME[name].picture(turned, 0, 1)
        line = picture[0] if direction == 0 else picture[:, 0]
        assert runs(line)[0] == (level, first)
        assert runs(line)[1] == (256 - level, half_period)


@pytest.mark.parametrize(("name", "half_period"), [("grat_W1", 14), ("grat_W2", 30), ("grat_W12", 182)])
@pytest.mark.parametrize("direction", [45, 135, 225, 315])
def test_diagonal_gratings_have_edges_at_45_degrees(name, half_period, direction):
    picture = BY_NAME[name].picture(direction, 0, 1)
    inner = [length for level, length in runs(picture[300])[1:-1] if level in (68, 188)]
    # One pixel of every half-period is the smoothed edge.
    assert set(inner) == {half_period - 1}
    rightwards = 1 if direction in (45, 225) else -1
    assert np.array_equal(picture[1:, 1:-1], picture[:-1, 1 - rightwards : 799 - rightwards])


def test_a_grating_has_the_measured_contrast():
    picture = BY_NAME["grat_W2"].picture(0, 0, 1).astype(float)
    contrast = (picture.max() - picture.min()) / (picture.max() + picture.min())
    assert contrast == pytest.approx(0.469, abs=5e-4)


@pytest.mark.parametrize(
    ("name", "coverage"),
    [
        ("neg1dotflow_D1", 0.195),
        ("neg1dotflow_D2", 0.198),
        ("neg3dotflow_D1", 0.209),
        ("neg3dotflow_D2", 0.191),
    ],
)
def test_dots_cover_the_measured_part_of_the_picture(name, coverage):
    pictures = [BY_NAME[name].picture(direction, 0, 1) for direction in EIGHT_DIRECTIONS]
    covered = (128 - np.mean(pictures, dtype=float)) / 120
    assert covered == pytest.approx(coverage, abs=0.01)


@pytest.mark.parametrize("name", FLOWS)
def test_dots_have_the_measured_grey_levels(name):
    picture = BY_NAME[name].picture(45, 0, 1)
    levels = (128, 248) if name.startswith("pos") else (8, 128)
    assert (picture.min(), picture.max()) == levels


@pytest.mark.parametrize(("size", "pitch", "count"), [("D1", 20, 1200), ("D2", 42, 275)])
@pytest.mark.parametrize("direction", [0, 45])
def test_single_dots_are_spaced_as_measured(size, pitch, count, direction):
    centres = BY_NAME[f"neg1dotflow_{size}"].centres(direction, 0, 1)
    seen = centres[np.all((centres > 0) & (centres < [800, 600]), axis=1)]
    assert len(seen) == pytest.approx(count, rel=0.05)
    nearest = cKDTree(centres).query(seen, k=2)[0][:, 1]
    assert 0.64 <= nearest.min() / pitch < 0.72


@pytest.mark.parametrize(("size", "diameter"), [("D1", 10.0), ("D2", 21.0)])
def test_a_single_dot_has_the_measured_diameter(size, diameter):
    picture = BY_NAME[f"pos1dotflow_{size}"].picture(0, 0, 1)
    dots, _ = label(picture > 128)
    inner = np.setdiff1d(dots, np.concatenate([dots[0], dots[-1], dots[:, 0], dots[:, -1]]))
    areas = np.bincount(dots.ravel(), (picture.ravel() - 128.0) / 120)[inner]
    assert 2 * np.sqrt(np.median(areas) / np.pi) == pytest.approx(diameter, abs=0.1)


@pytest.mark.parametrize("direction", EIGHT_DIRECTIONS)
def test_triplets_lie_across_the_motion(direction):
    flow = BY_NAME["neg3dotflow_D1"]
    first, middle, last = np.split(flow.centres(direction, 0, 1), 3)
    assert np.allclose((first + last) / 2, middle)
    line = (last - first) * [1, -1]
    assert np.allclose(np.hypot(*line.T), 12)
    angle = np.degrees(np.arctan2(line[:, 1], line[:, 0])) - direction - 90
    tilt = (angle + 180) % 360 - 180
    assert abs(tilt.mean()) < 1
    assert tilt.std() == pytest.approx(7.4, abs=0.6)


@pytest.mark.parametrize("name", [name for name in FLOWS if name.startswith("neg")])
def test_light_flows_mirror_dark_ones(name):
    dark = BY_NAME[name].picture(135, 2, 1).astype(int)
    light = BY_NAME[name.replace("neg", "pos")].picture(135, 2, 1).astype(int)
    assert np.array_equal(light, 256 - dark)


def test_the_lattice_is_fixed_per_direction_and_the_jitter_is_not():
    flow = BY_NAME["neg3dotflow_D2"]
    means = [flow.centres(90, instance, 1) for instance in (0, 1, 2)]
    assert not np.allclose(means[0], means[1])
    # Displacements are far smaller than the pitch of 42 pixels, so the lattice shows in the mean offset.
    offsets = [np.angle(np.exp(2j * np.pi * centres / 42).mean(axis=0)) for centres in means]
    assert np.allclose(offsets[0], offsets[1], atol=0.15)
    assert np.allclose(offsets[0], offsets[2], atol=0.15)


def test_paper_classes_refuse_what_they_cannot_show():
    screen = Screen()
    with pytest.raises(InvalidInput, match="multiple of 45"):
        PaperGrating("grating").render(20, 0, 37, screen, 1)
    with pytest.raises(InvalidInput, match="seam"):
        PaperGrating("grating", scale=0.4).render(0, 0, 50, screen, 1)
    with pytest.raises(InvalidInput, match="W12, W1, W2"):
        PaperGrating("grating", bars="W3")
    with pytest.raises(InvalidInput, match="1 or 3 dots"):
        PaperDotFlow("flow", dots=2)
