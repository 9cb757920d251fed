from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from napari_twinscope.errors import InvalidInput, StoreError
from napari_twinscope.rig import Session
from napari_twinscope.rig.colors import DIMMED, Legend, measure_colors
from napari_twinscope.rig.encoding import components_look
from napari_twinscope.rig.figure_file import save_figure
from napari_twinscope.rig.manifold_figure import ManifoldPicture, manifold_figure
from napari_twinscope.rig.measures import Measure
from napari_twinscope.rig.projection import View, depths, project
from napari_twinscope.rig.session_picture import session_picture
from napari_twinscope.rig.viewpoint import viewpoint

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def picture():
    random = np.random.default_rng(1)
    points = random.normal(size=(40, 3))
    points[[3, 20]] = np.nan
    colors = random.random((40, 4)).astype(np.float32)
    colors[:, 3] = 1
    legend = Legend("OSI", (0.1, 0.9), (), 2, "no value", (True, False))
    return ManifoldPicture(
        points, ("axis 1", "axis 2", "axis 3"), colors, np.full(40, 0.05), "A stage · 38 units",
        ("made-up · Rank 9 · corrected",), legend,
    )  # fmt: skip


@pytest.fixture
def saved(tmp_path):
    def save(picture, view, **options):
        path = save_figure(manifold_figure(picture, view, **options), tmp_path / "a.svg", overwrite=True)
        return ElementTree.parse(path).getroot()

    return save


def points_of(root):
    """Return place (inches from the corner) and colour of each point, in the order of drawing."""
    group = next(g for g in root.iter(f"{SVG}g") if g.get("id") == "units")
    found = list(group.iter(f"{SVG}use"))
    color = [re.search(r"fill: (#[0-9a-f]{6})", use.get("style", ""))[1] for use in found]
    return np.array([[float(use.get("x")), float(use.get("y"))] for use in found]), color


def texts_of(root):
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


def hexadecimal(color):
    return "#" + "".join(f"{round(255 * float(part)):02x}" for part in color[:3])


@pytest.mark.parametrize("perspective", [0, 50])
def test_every_unit_with_a_place_is_drawn_once_the_farthest_first_where_the_camera_sees_it(
    picture, saved, perspective
):
    view = viewpoint(picture.world, (30.0, 40.0, 5.0), perspective, (600, 400))
    # one size on the canvas, so that matplotlib writes each point as a use of one shape
    with_one_size = replace(
        picture, diameters=picture.diameters / np.nan_to_num(view.scale(depths(picture.world, view)), nan=1)
    )
    places, colors = points_of(saved(with_one_size, view))
    there = np.flatnonzero(np.isfinite(picture.points).all(axis=1))
    order = there[np.argsort(-depths(picture.world[there], view))]
    assert colors == [hexadecimal(color) for color in picture.colors[order]]
    pixels = project(picture.world[order], view)
    # the same places up to one scale and a shift
    for axis in range(2):
        slope, offset = np.polyfit(pixels[:, axis], places[:, axis], 1)
        np.testing.assert_allclose(slope * pixels[:, axis] + offset, places[:, axis], atol=1e-3)
        assert slope == pytest.approx((600 / 96 - 0.4) / 600 * 72, rel=1e-6)


def test_what_is_written_stays_text(picture, saved):
    texts = texts_of(saved(picture, viewpoint(picture.world)))
    for expected in (
        "A stage · 38 units", "made-up · Rank 9 · corrected", "axis 1", "axis 2", "axis 3", "OSI",
        "≤ 0.1", "0.9", "no value (2)",
    ):  # fmt: skip
        assert expected in texts


def test_the_axes_point_where_the_coordinates_grow(picture):
    view = viewpoint(picture.world, (25.0, -60.0, 35.0))
    area = manifold_figure(picture, view).axes[0]
    arrows = [text for text in area.texts if not text.get_text()]
    drawn = {tuple(np.round(np.array(arrow.xy) - arrow.xyann, 6)) for arrow in arrows}
    origin = project(np.zeros((1, 3)), view)[0]
    length = 0.075 * np.hypot(*view.size)
    expected = set()
    for axis in range(3):
        step = np.zeros((1, 3))
        step[0, axis] = 1.0
        way = project(step[:, ::-1], view)[0] - origin
        expected.add(tuple(np.round(length * way / view.zoom, 6)))
    assert drawn == expected


def test_groups_are_rings_and_named_with_their_number(picture, saved):
    members = np.zeros(40, bool)
    members[:6] = True
    other = np.zeros(40, bool)
    other[5:8] = True
    grouped = replace(picture, groups=(("bursty", "#112233", members), ("odd", "#445566", other)))
    view = viewpoint(picture.world)
    texts = texts_of(saved(grouped, view))
    assert {"bursty (6)", "odd (3)", "1 in several: ring of the last"} <= set(texts)
    figure = manifold_figure(grouped, view)
    edges = figure.axes[0].collections[0].get_edgecolors()
    shown = [hexadecimal(edge) for edge in edges if edge[3] > 0]
    assert sorted(shown) == ["#112233"] * 4 + ["#445566"] * 3  # unit 3 has no place


def test_categories_have_their_own_colours_in_the_legend(picture, saved):
    names = tuple(f"class {number}" for number in range(9))
    colors, legend = measure_colors(Measure("preferred stimulus", np.arange(40.0) % 9, names))
    texts = texts_of(saved(replace(picture, colors=colors, legend=legend), viewpoint(picture.world)))
    assert set(names) <= set(texts)


def test_what_lies_outside_the_section_is_said(picture, saved):
    view = viewpoint(picture.world, size=(500, 400))
    near = replace(view, zoom=view.zoom * 3)
    places = project(picture.world, near)
    outside = int((((places < 0) | (places > near.size)).any(axis=1) & np.isfinite(places).all(axis=1)).sum())
    assert 0 < outside < 38
    assert f"{outside} units lie outside this section." in texts_of(saved(picture, near))


def test_there_is_no_figure_of_nothing(picture):
    empty = replace(picture, points=np.full((40, 3), np.nan))
    with pytest.raises(InvalidInput, match="no unit to draw"):
        manifold_figure(empty, viewpoint(picture.world))
    behind = View((0, 0, 1000.0), (0, 0, 1), (0, -1, 0), 1.0, 90.0, (100, 100))
    with pytest.raises(InvalidInput, match="behind the camera"):
        manifold_figure(picture, behind)


@pytest.mark.parametrize("suffix", ["svg", "pdf", "png"])
def test_a_figure_is_never_overwritten_unasked(picture, tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    figure = manifold_figure(picture, viewpoint(picture.world))
    save_figure(figure, path)
    first = path.read_bytes()
    with pytest.raises(StoreError, match="already"):
        save_figure(figure, path)
    assert path.read_bytes() == first
    save_figure(figure, path, overwrite=True)
    assert len(first) > 1000
    assert [other.name for other in tmp_path.iterdir()] == [path.name]


def test_a_figure_needs_a_known_kind_of_file_and_a_folder(picture, tmp_path):
    figure = manifold_figure(picture, viewpoint(picture.world))
    with pytest.raises(InvalidInput, match="kind of file"):
        save_figure(figure, tmp_path / "a.jpeg")
    with pytest.raises(StoreError, match="folder"):
        save_figure(figure, tmp_path / "nowhere" / "a.svg")


def test_a_session_is_drawn_as_it_is_shown(recording):
    session = Session()
    session.open(recording)
    with pytest.raises(InvalidInput, match="no manifold"):
        session_picture(session)
    session.show_look(session.stage, components_look(session.responses()))
    session.selection.apply(session.stage, [1, 2, 5], picked=5)
    session.selection.group(session.stage, "three")
    picture = session_picture(session)
    assert picture.title.endswith("24 units, 3 selected")
    assert [(name, list(np.flatnonzero(members))) for name, _, members in picture.groups] == [
        ("three", [1, 2, 5])
    ]
    dimmed = np.isclose(picture.colors, DIMMED).all(axis=1)
    assert list(np.flatnonzero(~dimmed)) == [1, 2, 5]
    assert picture.diameters[5] == pytest.approx(1.8 * picture.diameters[0])
    assert any("no encoding manifold is computed yet" in line for line in picture.lines)


def test_a_session_without_a_recording_is_not_drawn():
    with pytest.raises(InvalidInput, match="no recording"):
        session_picture(Session())


def test_a_colour_bar_has_neither_gaps_nor_edges_between_its_steps(picture):
    view = viewpoint(picture.points)
    steps = [one for one in manifold_figure(picture, view).artists if isinstance(one, Rectangle)]
    assert len(steps) > 30
    assert np.ptp([one.get_x() + one.get_width() for one in steps]) < 1e-9
    assert not any(one.get_linewidth() for one in steps)
    assert np.all(np.diff([one.get_x() for one in steps]) > 0)
