"""Publish a new version of a merchant's menu."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.catalogue.access import MerchantAccess, for_staff
from shared.catalogue.domain import Merchant, with_menu
from shared.catalogue.menu import Category, Menu, MenuItem
from shared.catalogue.menu_checks import check_items
from shared.catalogue.ports import MerchantStore
from shared.kernel.ids import NewId
from shared.kernel.modifiers import Modifier, ModifierGroup


@dataclass(frozen=True, slots=True)
class PublishMenu:
    """Items, modifier groups and modifiers with an empty id are new; `uid` is a member of the staff.

    `based_on`: see `domain.with_menu`.
    """

    uid: str
    merchant_id: str
    items: Sequence[MenuItem]
    based_on: frozenset[int] | None = None
    categories: Sequence[Category] = ()


async def publish_menu(
    command: PublishMenu, *, merchants: MerchantStore, ids: NewId
) -> tuple[Merchant, Menu]:
    """Store the items as the next version and return it with its merchant.

    Raises `MerchantNotFound`, `MenuInvalid`, `MenuChanged`.
    """
    # The decision may run again and has to give the same menu, so the ids are made before it.
    items = [_item(item, ids) for item in command.items]
    check_items(items, command.categories)

    def decide(access: MerchantAccess) -> tuple[Merchant, Menu]:
        return with_menu(for_staff(access), items, command.based_on, command.categories)

    return await merchants.publish_menu(command.merchant_id, command.uid, decide)


def _item(item: MenuItem, ids: NewId) -> MenuItem:
    groups = tuple(_group(group, ids) for group in item.modifier_groups)
    return replace(item, id=item.id or ids("itm"), modifier_groups=groups)


def _group(group: ModifierGroup, ids: NewId) -> ModifierGroup:
    modifiers = tuple(_modifier(modifier, ids) for modifier in group.modifiers)
    return replace(group, id=group.id or ids("mgr"), modifiers=modifiers)


def _modifier(modifier: Modifier, ids: NewId) -> Modifier:
    return modifier if modifier.id else replace(modifier, id=ids("mod"))
