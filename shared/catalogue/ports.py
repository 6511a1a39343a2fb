"""What the catalogue needs from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from shared.catalogue.domain import Menu, Merchant
from shared.kernel.once import Once


class MerchantStore(Protocol):
    """Merchants and the versions of their menus."""

    async def find(self, merchant_id: str) -> Merchant | None:
        """Return the merchant, or None."""
        ...

    async def menu(self, merchant_id: str, version: int) -> Menu | None:
        """Return one version of the menu, or None."""
        ...

    async def in_cells(self, cells: Sequence[str], open_only: bool) -> Sequence[Merchant]:
        """Return the approved merchants of these H3 cells, in no order."""
        ...

    async def add(self, merchant: Merchant, once: Once | None) -> Merchant:
        """Store a new merchant and return it."""
        ...

    async def change(self, merchant_id: str, decide: Callable[[Merchant | None], Merchant]) -> Merchant:
        """Store what `decide` makes of the merchant, and return it; `decide` may run again."""
        ...

    async def publish_menu(
        self, merchant_id: str, decide: Callable[[Merchant | None], tuple[Merchant, Menu]]
    ) -> tuple[Merchant, Menu]:
        """Store the merchant and its new menu version together; of two at once, the second decides again."""
        ...
