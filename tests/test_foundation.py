from __future__ import annotations

from dataclasses import dataclass

import pytest

from napari_twinscope.errors import Canceled, InvalidInput
from napari_twinscope.progress import SilentProgress, raise_if_canceled
from napari_twinscope.specification import Specification


@dataclass(frozen=True)
class Inner(Specification):
    size: float = 1.5


@dataclass(frozen=True)
class Outer(Specification):
    name: str = "a"
    parts: tuple[Inner, ...] = (Inner(), Inner(2.0))
    note: str | None = None


def test_a_specification_survives_json() -> None:
    assert Outer.from_json(Outer("b").to_json()) == Outer("b")


def test_the_hash_depends_on_every_value_and_on_nothing_else() -> None:
    assert Outer().hash == Outer().hash
    assert Outer().hash != Outer(parts=(Inner(), Inner(2.5))).hash
    assert len(Outer().hash) == 16


def test_a_specification_of_another_kind_is_refused() -> None:
    with pytest.raises(InvalidInput, match="another kind"):
        Outer.from_json(Inner().to_json())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not valid JSON"),
        ('{"kind": "Nobody"}', "unknown kind"),
        ('{"kind": "Inner", "weight": 3}', "do not fit"),
        ("{}", "unknown kind"),
    ],
)
def test_broken_json_is_explained(text: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        Outer.from_json(text)


def test_an_array_is_not_part_of_a_specification() -> None:
    with pytest.raises(TypeError, match="cannot hold"):
        Outer(note=object()).to_json()  # type: ignore[arg-type]


def test_an_error_says_what_was_given_what_is_needed_and_what_to_do() -> None:
    error = InvalidInput("Wrong size.", given=3, needed="4", remedy="take 4")
    assert str(error).splitlines() == [
        "Wrong size.",
        "  given:  3",
        "  needed: 4",
        "  do:     take 4",
    ]


def test_a_job_stops_when_its_user_asks() -> None:
    progress = SilentProgress()
    raise_if_canceled(progress)
    progress.cancel()
    with pytest.raises(Canceled):
        raise_if_canceled(progress)
