"""The named groups of units: a list in which they are made, renamed, recoloured, selected and deleted."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from qtpy.QtCore import QItemSelectionModel, QSignalBlocker, Qt
from qtpy.QtGui import QColor, QIcon, QKeySequence, QPixmap, QShortcut
from qtpy.QtWidgets import (
    QAbstractItemView,
    QColorDialog,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.gestures import manner_of
from napari_twinscope.views.fold import Fold
from napari_twinscope.views.links import Links
from napari_twinscope.views.tool_words import held_keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_twinscope.rig import Session
    from napari_twinscope.rig.groups import Group

COLOR, NAME, COUNT, STAGE = range(4)
ROWS = 4  # shown at most before the list scrolls
SLACK = 6  # pixels that themes add to rows
STEPS = 6  # of a group's making that a tooltip names


class GroupList(QWidget):
    """Shows and edits the groups of a session; every change is one step that can be undone.

    Parameters
    ----------
    session
        Its selection holds the groups.
    host
        The widget within which Ctrl+G makes a group; the list itself if not given.
    choose_color
        Asks for a colour (``#rrggbb``), beginning with one; ``None`` if the user thinks better of it.
    """

    def __init__(
        self,
        session: Session,
        host: QWidget | None = None,
        choose_color: Callable[[QWidget, str], str | None] | None = None,
    ) -> None:
        super().__init__()
        self.session = session
        self._choose_color = _ask_color if choose_color is None else choose_color
        self.make_button = _button("Name selection", "Make a group of the selected units (Ctrl+G)")
        self.select_button = _button(
            "Select", "Select the units of the group (Return); Shift adds them, Alt subtracts, both intersect"
        )
        self.delete_button = _button("Delete", "Forget the groups marked in the list; their units stay")
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.list = self._list()
        self.fold = Fold(
            "Groups", self.list, "groups", (self.make_button, self.select_button, self.delete_button)
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.fold)
        layout.addWidget(self.message)
        self.links = Links()
        selection = session.selection
        self.links.connect(selection.groups.changed, self._show)
        self.links.connect(selection.changed, self._show_possible)
        self.links.connect(session.events.stage, self._show)
        self.destroyed.connect(self.links.release)
        self.make_button.clicked.connect(self.make)
        self.select_button.clicked.connect(self.select)
        self.delete_button.clicked.connect(self.delete)
        shortcut = QShortcut(QKeySequence("Ctrl+G"), self if host is None else host)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.make)
        self.fold.toggled.connect(self._show)
        self.list.itemSelectionChanged.connect(self._show_possible)
        self.list.itemChanged.connect(self._rename)
        self.list.itemDoubleClicked.connect(self._open)
        self._show()

    def _list(self) -> QTreeWidget:
        tree = _Tree(self)
        tree.setAccessibleName("Groups of units")
        tree.setColumnCount(4)
        tree.setHeaderLabels(["", "Name", "Units", "Stage"])
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        tree.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        header = tree.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(20)
        for column in (COLOR, COUNT, STAGE):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        return tree

    # -- what the user does

    def make(self) -> None:
        """Make a group of the selected units, and let its name be typed."""
        try:
            group = self.session.selection.group(self.session.stage)
        except InvalidInput as error:
            self._complain(error)
            return
        self.fold.set_open(True)
        item = self._item(group.name)
        # whatever keys are held
        only = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.list.setCurrentItem(item, NAME, only)
        self.list.scrollToItem(item)
        if self.isVisible():
            self.list.editItem(item, NAME)

    def select(self) -> None:
        """Select the units of the group in the current row; its stage is shown."""
        item = self.list.currentItem()
        if item is None:
            return
        name = item.data(NAME, Qt.ItemDataRole.UserRole)
        manner = manner_of(held_keys())
        group = self.session.selection.groups[name]
        try:
            if group.stage != self.session.stage and self._is_recorded(group):
                self.session.show_stage(group.stage)
            self.session.selection.apply_group(name, manner)
            self.message.hide()
        except InvalidInput as error:
            self._complain(error)

    def delete(self) -> None:
        """Forget the marked groups."""
        names = [item.data(NAME, Qt.ItemDataRole.UserRole) for item in self.list.selectedItems()]
        if names:
            self.session.selection.groups.delete(names)

    def recolor(self, name: str) -> None:
        """Ask for another colour of a group."""
        color = self._choose_color(self, self.session.selection.groups[name].color)
        if color is not None:
            self.session.selection.groups.recolor(name, color)

    def _open(self, item: QTreeWidgetItem, column: int) -> None:
        if column == COLOR:
            self.recolor(item.data(NAME, Qt.ItemDataRole.UserRole))
        elif column == NAME:
            self.list.editItem(item, NAME)
        else:
            self.select()

    def _rename(self, item: QTreeWidgetItem, column: int) -> None:
        if column != NAME:
            return
        name = item.data(NAME, Qt.ItemDataRole.UserRole)
        try:
            self.session.selection.groups.rename(name, item.text(NAME))
            self.message.hide()
        except InvalidInput as error:
            self._complain(error)
            with QSignalBlocker(self.list):
                item.setText(NAME, name)

    # -- what is shown

    def _show(self) -> None:
        marked = {item.data(NAME, Qt.ItemDataRole.UserRole) for item in self.list.selectedItems()}
        groups = self.session.selection.groups
        with QSignalBlocker(self.list):
            self.list.clear()
            for group in groups:
                item = self._row(group)
                self.list.addTopLevelItem(item)
                item.setSelected(group.name in marked)
        self.fold.set_title(f"Groups ({len(groups)})" if len(groups) else "Groups")
        self.list.setVisible(len(groups) > 0 and self.fold.is_open)
        height = self.list.sizeHintForRow(0) if len(groups) else 0
        frame = self.list.header().sizeHint().height() + 2 * self.list.frameWidth() + SLACK
        self.list.setFixedHeight(min(len(groups), ROWS) * height + frame)
        self.message.hide()
        self._show_possible()

    def _row(self, group: Group) -> QTreeWidgetItem:
        item = QTreeWidgetItem(["", group.name, str(len(group.units)), group.stage])
        item.setData(NAME, Qt.ItemDataRole.UserRole, group.name)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        swatch = QPixmap(14, 14)
        swatch.fill(QColor(group.color))
        item.setIcon(COLOR, QIcon(swatch))
        item.setTextAlignment(COUNT, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        told = how_made(group)
        for column in (NAME, COUNT, STAGE):
            item.setToolTip(column, told)
        item.setToolTip(COLOR, "Double-click to choose another colour (Shift+F2)")
        return item

    def _item(self, name: str) -> QTreeWidgetItem:
        names = self.session.selection.groups.names
        return self.list.topLevelItem(names.index(name))

    def _is_recorded(self, group: Group) -> bool:
        recording = self.session.recording
        return recording is not None and group.stage in recording.stages

    def _show_possible(self) -> None:
        self.make_button.setEnabled(self.session.selection.count(self.session.stage) > 0)
        marked = len(self.list.selectedItems())
        self.select_button.setEnabled(marked == 1)
        self.delete_button.setEnabled(marked > 0)

    def _complain(self, error: InvalidInput) -> None:
        self.message.setText(" ".join(filter(None, (error.problem, error.remedy and f"{error.remedy}."))))
        self.message.show()


class _Tree(QTreeWidget):
    """A list in which Return selects the units of a group, Delete forgets it and Shift+F2 recolours it."""

    def __init__(self, owner: GroupList) -> None:
        super().__init__(owner)
        self._owner = owner

    def keyPressEvent(self, event: object) -> None:
        """Act on the current group, unless its name is being typed."""
        if self.state() != QAbstractItemView.State.EditingState:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._owner.select()
                return
            if event.matches(QKeySequence.StandardKey.Delete) or event.key() == Qt.Key.Key_Backspace:
                self._owner.delete()
                return
            if event.key() == Qt.Key.Key_F2 and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                if self.currentItem() is not None:
                    self._owner.recolor(self.currentItem().data(NAME, Qt.ItemDataRole.UserRole))
                return
        super().keyPressEvent(event)


def how_made(group: Group) -> str:
    """Return how a group came about, as rich text for a tooltip.

    The last steps are named one by one; how many went before is said.
    """
    sentences = [escape(step.sentence) for step in group.made]
    if len(sentences) > STEPS:
        sentences = [f"after {len(sentences) - STEPS} more:", *sentences[-STEPS:]]
    body = "<br>".join(sentences) or "made without a tool"
    return f"<b>{escape(group.name)}</b>, {len(group.units)} units of {escape(group.stage)}<br>{body}"


def _ask_color(parent: QWidget, color: str) -> str | None:
    chosen = QColorDialog.getColor(QColor(color), parent, "Colour of the group")
    return chosen.name() if chosen.isValid() else None


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    return button
