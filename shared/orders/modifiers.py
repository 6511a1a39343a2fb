"""The modifiers of an item: which can be combined, and which a customer selected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from shared.kernel.modifiers import ModifierGroup


@dataclass(frozen=True, slots=True)
class SelectedModifier:
    """A modifier that a customer selected, with its name and price at that time."""

    modifier_id: str
    group: str
    name: str
    price_delta: int


def modifier_errors(groups: Sequence[ModifierGroup], requested: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong with the requested modifiers, as messages for people."""
    known = {modifier.id: modifier for group in groups for modifier in group.modifiers}
    for modifier_id, times in Counter(requested).items():
        if times > 1:
            yield f"{modifier_id} is selected twice"
        if modifier_id not in known:
            yield f"{modifier_id} is not a modifier of this item"
        elif not known[modifier_id].available:
            yield f"{known[modifier_id].name} is unavailable now"
    for group in groups:
        count = sum(modifier.id in requested for modifier in group.modifiers)
        if not group.min <= count <= group.max:
            yield f"{group.name}: select {_required_count(group)}"


def selected_modifiers(
    groups: Sequence[ModifierGroup], requested: Collection[str]
) -> tuple[SelectedModifier, ...]:
    """Return the requested modifiers in the menu's order."""
    return tuple(
        SelectedModifier(modifier.id, group.name, modifier.name, modifier.price_delta)
        for group in groups
        for modifier in group.modifiers
        if modifier.id in requested
    )


def _required_count(group: ModifierGroup) -> str:
    if group.min == group.max:
        return f"exactly {group.min}"
    return f"{group.min} to {group.max}" if group.min else f"at most {group.max}"
