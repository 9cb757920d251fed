"""Named, coloured groups of units that remember how they were made."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from psygnal import Signal

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.colors import CATEGORIES
from napari_twinscope.rig.unit_set import UnitSet
from napari_twinscope.specification import Specification

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from napari_twinscope.rig.history import History

Value = float | str | tuple[float, ...]
Parameters = tuple[tuple[str, Value], ...]

VERBS = {
    "replace": "selected",
    "add": "added",
    "subtract": "took away",
    "intersect": "kept of",
    "toggle": "toggled",
    "invert": "inverted to",
}


@dataclass(frozen=True)
class Provenance(Specification):
    """One action by which units came to be selected.

    Parameters
    ----------
    tool
        What the user worked with, such as ``lasso``.
    stage
        The stage whose units were selected.
    manner
        How the units were combined with those selected before: one of `VERBS`.
    count
        How many units the tool pointed at.
    time
        When, in ISO 8601 with the offset from UTC.
    parameters
        Name and value of everything that decides which units the tool pointed at.
    source
        The recording that was looked at.
    """

    tool: str
    stage: str
    manner: str
    count: int
    time: str
    parameters: Parameters = ()
    source: str = ""

    @property
    def label(self) -> str:
        """The action in a few words, as an undo button names it."""
        plural = "unit" if self.count == 1 else "units"
        return f"{self.tool} {VERBS.get(self.manner, self.manner)} {self.count} {plural}"

    @property
    def sentence(self) -> str:
        """The action with its short parameters, stage and time; shapes and cameras are left out."""
        short = [f"{name} {_short(value)}" for name, value in self.parameters if not isinstance(value, tuple)]
        where = f"{self.stage} of {self.source}" if self.source else self.stage
        return f"{'; '.join([self.label, *short])} ({where}, {self.time.replace('T', ' ')})"


@dataclass(frozen=True)
class Group:
    """Units that were given a name.

    Parameters
    ----------
    name, color
        What the user calls it and the colour it is shown in, ``#rrggbb``.
    units
        The units, by identity.
    made
        The actions that led to it, the first one first.
    """

    name: str
    color: str
    units: UnitSet
    made: tuple[Provenance, ...] = ()

    @property
    def stage(self) -> str:
        """The stage the units belong to."""
        return self.units.stage

    def to_dict(self) -> dict[str, Any]:
        """Return the group as plain JSON values."""
        return {
            "name": self.name,
            "color": self.color,
            "stage": self.stage,
            "units": self.units.ids.tolist(),
            "made": [step.to_dict() for step in self.made],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Group:
        """Build the group from what `to_dict` returned.

        Raises
        ------
        InvalidInput
            If a field is missing or does not fit.
        """
        try:
            units = UnitSet.of_ids(str(data["stage"]), map(str, data["units"]))
            made = tuple(Provenance.from_dict(step) for step in data["made"])
            return cls(_name(data["name"]), _color(data["color"]), units, made)
        except (KeyError, TypeError) as error:
            raise InvalidInput("A group of units cannot be read.", given=repr(error)) from error


class Groups:
    """All groups of a session, in the order in which they were made; names are unique.

    Parameters
    ----------
    history
        Takes up every change, so that it can be undone.

    Attributes
    ----------
    changed
        Emitted after any change.
    """

    changed = Signal()

    def __init__(self, history: History) -> None:
        self._groups: tuple[Group, ...] = ()
        self._kept: tuple[Group, ...] = ()
        self._history = history
        history.watch(self)

    def __iter__(self) -> Iterator[Group]:
        return iter(self._groups)

    def __len__(self) -> int:
        return len(self._groups)

    def __getitem__(self, name: str) -> Group:
        for group in self._groups:
            if group.name == name:
                return group
        raise InvalidInput(
            "There is no such group of units.", given=name, needed=", ".join(self.names) or "a group"
        )

    @property
    def names(self) -> tuple[str, ...]:
        """What the groups are called."""
        return tuple(group.name for group in self._groups)

    def add(
        self,
        units: UnitSet,
        made: tuple[Provenance, ...] = (),
        name: str | None = None,
        color: str | None = None,
    ) -> Group:
        """Give units a name; without one it is the next free number.

        Raises
        ------
        InvalidInput
            If the name is empty or taken, or the colour is none.
        """
        chosen = self._free_name() if name is None else self._unused(name)
        group = Group(chosen, self._free_color() if color is None else _color(color), units, made)
        self._change((*self._groups, group), f"new group “{chosen}”")
        return group

    def rename(self, name: str, new: str) -> None:
        """Call a group something else.

        Raises
        ------
        InvalidInput
            If there is no such group, or the new name is empty or taken.
        """
        group = self[name]
        if new != name:
            self._exchange(group, replace(group, name=self._unused(new)), f"renamed group “{name}”")

    def recolor(self, name: str, color: str) -> None:
        """Show a group in another colour, ``#rrggbb``.

        Raises
        ------
        InvalidInput
            If there is no such group or the colour is none.
        """
        group = self[name]
        self._exchange(group, replace(group, color=_color(color)), f"recoloured group “{name}”")

    def delete(self, names: Iterable[str]) -> None:
        """Forget groups; their units stay as they are.

        Raises
        ------
        InvalidInput
            If one of them does not exist.
        """
        gone = [self[name] for name in names]
        kept = tuple(group for group in self._groups if group not in gone)
        self._change(kept, f"deleted {', '.join(f'“{group.name}”' for group in gone)}")

    def state(self) -> tuple[Group, ...]:
        """Return all groups, for the history."""
        return self._groups

    def restore(self, state: tuple[Group, ...]) -> None:
        """Become an earlier state."""
        if state != self._groups:
            self._groups = state
            self.changed.emit()

    @property
    def unkept(self) -> tuple[Group, ...]:
        """The groups that would be lost if the window were closed now."""
        return tuple(group for group in self._groups if group not in self._kept)

    def keep(self) -> None:
        """Take note that all groups have been written to a file."""
        self._kept = self._groups
        self.changed.emit()

    def to_list(self) -> list[dict[str, Any]]:
        """Return all groups as plain JSON values."""
        return [group.to_dict() for group in self._groups]

    def load(self, data: Sequence[dict[str, Any]]) -> None:
        """Become the groups that `to_list` returned, and forget the history.

        Raises
        ------
        InvalidInput
            If one cannot be read or two have the same name; then nothing changes.
        """
        groups = tuple(Group.from_dict(item) for item in data)
        if len({group.name for group in groups}) != len(groups):
            raise InvalidInput("Two groups have the same name.", given=", ".join(g.name for g in groups))
        self.restore(groups)
        self._history.forget()

    def _exchange(self, old: Group, new: Group, label: str) -> None:
        self._change(tuple(new if group is old else group for group in self._groups), label)

    def _change(self, groups: tuple[Group, ...], label: str) -> None:
        if groups != self._groups:
            self._groups = groups
            self.changed.emit()
            self._history.record(label)

    def _unused(self, name: str) -> str:
        name = _name(name)
        if name in self.names:
            raise InvalidInput("Another group has this name.", given=name, remedy="choose another name")
        return name

    def _free_name(self) -> str:
        number = 1
        while f"Group {number}" in self.names:
            number += 1
        return f"Group {number}"

    def _free_color(self) -> str:
        taken = [group.color for group in self._groups]
        return min(CATEGORIES, key=taken.count)


def _name(name: object) -> str:
    text = str(name).strip()
    if not text:
        raise InvalidInput("A group needs a name.", remedy="type at least one letter")
    return text


def _color(color: object) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", str(color)):
        raise InvalidInput("This is no colour.", given=color, needed="#rrggbb")
    return str(color)


def _short(value: Value) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
