"""The modifiers of an item: which can be combined, and which a customer selected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from shared.kernel.modifiers import ModifierGroup


@dataclass(frozen=True, slots=True)
class SelectedModifier:
    """A modifier that a customer selected, with its name and price at that time."""

    choice_id: str
    group: str
    name: str
    price_delta: int


def modifier_errors(groups: Sequence[ModifierGroup], requested: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong with the requested modifiers, as messages for people."""
    known = {choice.id: choice for group in groups for choice in group.modifiers}
    for choice_id, times in Counter(requested).items():
        if times > 1:
            yield f"{choice_id} is chosen twice"
        if choice_id not in known:
            yield f"{choice_id} is not a choice of this item"
        elif not known[choice_id].available:
            yield f"{known[choice_id].name} cannot be had now"
    for group in groups:
        count = sum(choice.id in requested for choice in group.modifiers)
        if not group.min <= count <= group.max:
            yield f"{group.name}: choose {_required_count(group)}"


def selected_modifiers(
    groups: Sequence[ModifierGroup], requested: Collection[str]
) -> tuple[SelectedModifier, ...]:
    """Return the requested modifiers in the menu's order."""
    return tuple(
        SelectedModifier(choice.id, group.name, choice.name, choice.price_delta)
        for group in groups
        for choice in group.modifiers
        if choice.id in requested
    )


def _required_count(group: ModifierGroup) -> str:
    if group.min == group.max:
        return f"exactly {group.min}"
    return f"{group.min} to {group.max}" if group.min else f"at most {group.max}"
