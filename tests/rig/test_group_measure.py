"""Units coloured by the named groups to which they belong."""

import numpy as np
import pytest

from napari_twinscope.rig import Session
from napari_twinscope.rig.colors import MISSING, hex_rgba
from napari_twinscope.rig.companion import Companion
from napari_twinscope.rig.encoding import components_look
from napari_twinscope.rig.group_measure import BY_GROUP, OWN_GROUPS
from napari_twinscope.rig.session_picture import session_picture

STAGE = "recurrent_out"


@pytest.fixture
def session(recording):
    session = Session()
    session.open(recording, STAGE)
    session.measure = BY_GROUP
    return session


def make(session, units, name, color):
    session.selection.apply(session.stage, units)
    session.selection.group(session.stage, name, color)
    session.selection.clear()


def colors_of(session):
    return session.colors()[0]


def test_members_have_the_colour_of_their_group_and_others_are_seen_to_be_in_none(session):
    make(session, [0, 3], "bursty", "#112233")
    make(session, [5], "odd", "#445566")
    colors, legend = session.colors()
    for units, color in (([0, 3], hex_rgba("#112233")), ([5], hex_rgba("#445566")), ([1, 2, 4, 23], MISSING)):
        np.testing.assert_allclose(colors[units], np.tile(color, (len(units), 1)), atol=1e-6)
    assert legend.entries == (("bursty", "#112233"), ("odd", "#445566"))
    assert (legend.title, legend.limits) == (BY_GROUP, None)
    assert (legend.missing, legend.missing_name) == (21, "in no group")
    assert session.colorings()[BY_GROUP].section == OWN_GROUPS
    assert BY_GROUP not in session.measures()  # tables have a column of their own for them


def test_a_unit_in_several_groups_has_the_colour_of_the_one_made_last_and_the_legend_says_so(session):
    make(session, [0, 1, 2], "first", "#110000")
    make(session, [2, 3], "second", "#220000")
    make(session, [1, 2], "third", "#330000")
    found = session.group_measure()
    assert [found.labels[int(place)] for place in found.values[:4]] == ["first", "third", "third", "second"]
    assert "2 in several" in session.colors()[1].title
    assert "made last" in session.colors()[1].title
    session.selection.groups.delete(["third"])
    found = session.group_measure()
    assert [found.labels[int(place)] for place in found.values[:4]] == ["first", "first", "second", "second"]


def test_without_groups_of_the_stage_every_unit_is_in_none(session):
    assert (colors_of(session) == np.float32(MISSING)).all()
    assert session.colors()[1].missing == 24
    make(session, [0], "here", "#112233")
    session.show_stage("output")
    assert session.colors()[1].entries == ()
    assert session.colors()[1].missing == 5


def test_colours_follow_every_edit_of_groups_and_its_undoing(session):
    make(session, [0], "a", "#110000")
    heard = []
    session.events.measure.connect(lambda: heard.append(session.colors()[1].entries))
    groups, history = session.selection.groups, session.selection.history
    groups.rename("a", "b")
    groups.recolor("b", "#00ff00")
    assert heard == [(("b", "#110000"),), (("b", "#00ff00"),)]
    np.testing.assert_allclose(colors_of(session)[0], hex_rgba("#00ff00"))
    groups.delete(["b"])
    assert heard[-1] == ()
    history.undo()
    history.undo()
    assert heard[-1] == (("b", "#110000"),)
    np.testing.assert_allclose(colors_of(session)[0], hex_rgba("#110000"), atol=1e-6)
    history.redo()
    assert heard[-1] == (("b", "#00ff00"),)


def test_views_hear_of_groups_only_while_units_are_coloured_by_them(session):
    session.measure = "mean activity"
    heard = []
    session.events.measure.connect(heard.append)
    make(session, [0], "a", "#110000")
    assert heard == []


def test_a_second_manifold_is_coloured_by_the_same_groups(session):
    companion = Companion(session)
    companion.session.measure = BY_GROUP
    assert companion.session.stage == "output"
    heard = []
    companion.session.events.measure.connect(heard.append)
    make(companion.session, [1, 4], "read out", "#abcdef")
    assert len(heard) == 1
    assert companion.session.colors()[1].entries == (("read out", "#abcdef"),)
    np.testing.assert_allclose(colors_of(companion.session)[4], hex_rgba("#abcdef"), atol=1e-6)
    companion.release()


def test_members_of_a_group_are_selected_as_a_category(session):
    make(session, [2, 7], "a", "#110000")
    assert session.categories() is session.group_measure()


def test_the_figure_has_the_colours_of_groups_in_place_of_rings(session):
    session.show_look(STAGE, components_look(session.responses()))
    make(session, [2, 7], "a", "#110000")
    picture = session_picture(session)
    assert picture.groups == ()
    assert picture.legend.entries == (("a", "#110000"),)
    np.testing.assert_allclose(picture.colors[[2, 7]], np.tile(hex_rgba("#110000"), (2, 1)), atol=1e-6)
    session.measure = "mean activity"
    assert [name for name, _, _ in session_picture(session).groups] == ["a"]
