"""The staff writes the menu."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.catalogue.domain import Merchant, run_by, with_menu
from shared.catalogue.menu import Category, Menu, MenuItem
from shared.catalogue.menu_checks import check_items
from shared.catalogue.ports import MerchantStore
from shared.kernel.ids import NewId
from shared.kernel.options import Choice, OptionGroup


@dataclass(frozen=True, slots=True)
class PublishMenu:
    """Who writes whose menu; items, groups and choices with an empty id are new. `based_on`: see
    `domain.with_menu`."""

    uid: str
    merchant_id: str
    items: Sequence[MenuItem]
    based_on: frozenset[int] | None = None
    categories: Sequence[Category] = ()


async def publish_menu(
    command: PublishMenu, *, merchants: MerchantStore, ids: NewId
) -> tuple[Merchant, Menu]:
    """Store the items as the next version and return it with its merchant.

    Raises `MerchantNotFound` for strangers, `MenuInvalid`, `MenuChanged`.
    """
    # Ids before the decision, which may run again and has to come to the same menu.
    items = [_item(item, ids) for item in command.items]
    check_items(items, command.categories)

    def decide(stored: Merchant | None) -> tuple[Merchant, Menu]:
        return with_menu(run_by(stored, command.uid), items, command.based_on, command.categories)

    return await merchants.publish_menu(command.merchant_id, decide)


def _item(item: MenuItem, ids: NewId) -> MenuItem:
    groups = tuple(_group(group, ids) for group in item.options)
    return replace(item, id=item.id or ids("itm"), options=groups)


def _group(group: OptionGroup, ids: NewId) -> OptionGroup:
    choices = tuple(_choice(choice, ids) for choice in group.choices)
    return replace(group, id=group.id or ids("opt"), choices=choices)


def _choice(choice: Choice, ids: NewId) -> Choice:
    return choice if choice.id else replace(choice, id=ids("cho"))
