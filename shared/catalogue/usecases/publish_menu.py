"""The staff writes the menu."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.catalogue.domain import Menu, MenuItem, Merchant, check_items, run_by, with_menu
from shared.catalogue.ports import MerchantStore
from shared.kernel.ids import NewId


@dataclass(frozen=True, slots=True)
class PublishMenu:
    """Who writes whose menu; an item with an empty id is new. `based_on`: see `domain.with_menu`."""

    uid: str
    merchant_id: str
    items: Sequence[MenuItem]
    based_on: frozenset[int] | None = None


async def publish_menu(
    command: PublishMenu, *, merchants: MerchantStore, ids: NewId
) -> tuple[Merchant, Menu]:
    """Store the items as the next version and return it with its merchant.

    Raises `MerchantNotFound` for strangers, `MenuInvalid`, `MenuChanged`.
    """
    # Ids before the decision, which may run again and has to come to the same menu.
    items = [item if item.id else replace(item, id=ids("itm")) for item in command.items]
    check_items(items)

    def decide(stored: Merchant | None) -> tuple[Merchant, Menu]:
        return with_menu(run_by(stored, command.uid), items, command.based_on)

    return await merchants.publish_menu(command.merchant_id, decide)
