"""The options of an item: which choices go together, and which a customer made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from shared.kernel.options import OptionGroup


@dataclass(frozen=True, slots=True)
class Chosen:
    """A choice that a customer made, as the menu then named and priced it."""

    choice_id: str
    group: str
    name: str
    price_delta: int


def faults(groups: Sequence[OptionGroup], picked: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong with the choices, in words for people; nothing if they can stand."""
    known = {choice.id: choice for group in groups for choice in group.choices}
    for choice_id, times in Counter(picked).items():
        if times > 1:
            yield f"{choice_id} is chosen twice"
        if choice_id not in known:
            yield f"{choice_id} is not a choice of this item"
        elif not known[choice_id].available:
            yield f"{known[choice_id].name} cannot be had now"
    for group in groups:
        count = sum(choice.id in picked for choice in group.choices)
        if not group.min <= count <= group.max:
            yield f"{group.name}: choose {_how_many(group)}"


def chosen(groups: Sequence[OptionGroup], picked: Collection[str]) -> tuple[Chosen, ...]:
    """Return the choices made, in the menu's order."""
    return tuple(
        Chosen(choice.id, group.name, choice.name, choice.price_delta)
        for group in groups
        for choice in group.choices
        if choice.id in picked
    )


def _how_many(group: OptionGroup) -> str:
    if group.min == group.max:
        return f"exactly {group.min}"
    return f"{group.min} to {group.max}" if group.min else f"at most {group.max}"
