from __future__ import annotations

import pytest

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.encoding_draft import (
    PROPOSED,
    EncodingDraft,
    missing_stimuli,
    problems,
    resolve_options,
    suited_rank,
)
from napari_twinscope.stimuli import PAPER_SETS

MEDIUM = PAPER_SETS["medium"]
OWN = ("bars", "dots", "film")


def test_a_draft_begins_with_what_suits_the_recording() -> None:
    draft = EncodingDraft()
    draft.suit(MEDIUM, 400)
    options = resolve_options(draft, MEDIUM, 400)
    assert (options.tensor.stimuli, options.rank, options.restarts) == ("medium", 14, 30)
    draft.suit(OWN, 400)
    assert (draft.stimuli, draft.rank) == ("all", 6)
    assert problems(draft, OWN, 400) == {}
    assert suited_rank(MEDIUM, 9) == 9


def test_a_preset_brings_its_number_of_restarts() -> None:
    draft = EncodingDraft(stimuli="medium")
    draft.take_preset("published-2026")
    assert draft.restarts == 50
    options = resolve_options(draft, MEDIUM, 400)
    assert (options.preset, options.farthest, options.closest) == ("published-2026", 2, 5)


def test_the_lowest_rank_means_that_one_is_proposed() -> None:
    assert resolve_options(EncodingDraft(rank=PROPOSED), OWN, 100).rank is None


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"stimuli": "medium"}, "stimuli", "Not recorded: grat_W12"),
        ({"preset": "published-2025"}, "stimuli", "2025"),
        ({"rank": 101}, "rank", "100 units"),
        ({"restarts": 0}, "restarts", "whole number"),
        ({"seed": -1}, "seed", "whole number"),
        ({"objective": "l7"}, "objective", "l1, greedy"),
    ],
)
def test_what_does_not_fit_is_said_for_its_field(changes: dict[str, object], field: str, text: str) -> None:
    draft = EncodingDraft(**changes)  # type: ignore[arg-type]
    found = problems(draft, OWN, 100)
    assert list(found) == [field]
    assert text in found[field]
    with pytest.raises(InvalidInput):
        resolve_options(draft, OWN, 100)


def test_too_few_units_cannot_propose_a_rank() -> None:
    assert "too few" in problems(EncodingDraft(rank=PROPOSED), OWN, 3)["rank"]


def test_the_classes_of_both_frequencies_are_needed_to_choose_for_each_unit() -> None:
    assert set(missing_stimuli("per-unit", MEDIUM)) == set(PAPER_SETS["high"]) - set(MEDIUM)
    assert missing_stimuli("medium", MEDIUM) == ()
