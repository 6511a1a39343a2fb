"""Reviews and blocks between the parties of delivered orders."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

from functions.catalogue_api.block_schemas import CustomerBlockRequest
from functions.reviews_api.block_schemas import BlockRequest
from functions.reviews_api.schemas import ReviewRequest
from shared.reviews.blocks import BlockNotFound
from shared.reviews.domain import Side
from tests.simulation.actors.city import City
from tests.simulation.served import served

shop_blocks = served("catalogue_api.block_routes")
blocks = served("reviews_api.block_routes")
reviews = served("reviews_api.routes")

LOOKS_EVERY_S = 25.0
SPEAKS, BLOCKS = 0.4, 0.15
SIDES = (
    ("driver", Side.DRIVER_OF_CUSTOMER),
    ("merchant", Side.MERCHANT_OF_CUSTOMER),
    ("customer", Side.CUSTOMER_OF_MERCHANT),
)


class Opinions:
    """Looks at the orders of one person and says now and then how the others were."""

    def __init__(self, uid: str, city: City) -> None:
        self._uid, self._city = uid, city
        self._client = city.client(uid)
        self._chance = city.chance(f"opinions {uid}")
        self._considered: set[tuple[str, Side]] = set()

    async def live(self) -> None:
        """Do so until the run ends."""
        if not self._city.scenario.acts("opinions", self._uid, 0.6):
            return
        while True:
            await asyncio.sleep(self._chance.uniform(0.5, 1.5) * LOOKS_EVERY_S)
            for order, side, other in self._delivered():
                if (order["id"], side) not in self._considered:
                    self._considered.add((order["id"], side))
                    await self._consider(str(order["id"]), side, other)

    def _delivered(self) -> Iterator[tuple[Mapping[str, Any], Side, str]]:
        """Yield the delivered orders, the side to review from, and the other person."""
        for role, side in SIDES:
            for order in self._city.orders_of(role, self._uid):
                if order["fulfilment"] == "delivered":
                    carrier = role == "customer"
                    other = order["assignment"]["driver_id"] if carrier else order["customer_id"]
                    yield order, side, str(other)

    async def _consider(self, order_id: str, side: Side, other: str) -> None:
        if self._chance.random() < SPEAKS:
            await self._review(order_id, side)
        if not self._city.calm and self._chance.random() < BLOCKS:
            await self._block(other)
        if side is Side.MERCHANT_OF_CUSTOMER and not self._city.calm and self._chance.random() < BLOCKS:
            await self._bar(order_id, other)

    async def _review(self, order_id: str, side: Side) -> None:
        stars = self._chance.randint(1, 5)
        body = ReviewRequest(order_id=order_id, stars=stars, side=side)
        key = self._client.key("/reviews", f"{order_id} {side}", str(stars))
        click = self._client.draw_click(self._chance, twice=0.4)
        await click(f"reviews {side.value}", lambda: reviews.review(body, self._client.user, key), key)
        if self._chance.random() < 0.3:
            again = self._client.key("/reviews", f"{order_id} {side} again", str(stars))
            await self._client.call(
                f"reviews {side.value} again", lambda: reviews.review(body, self._client.user, again)
            )

    async def _bar(self, order_id: str, customer: str) -> None:
        """Take no more orders from a customer, and perhaps again."""
        body = CustomerBlockRequest(order_id=order_id, reason="never at home")
        shop = str(self._city.store.of("orders")[order_id]["merchant_id"])
        click = self._client.draw_click(self._chance, twice=0.4)
        await click("bars", lambda: shop_blocks.block(shop, body, self._client.user))
        if self._chance.random() < 0.6:
            click = self._client.draw_click(self._chance, twice=0.4)
            await click("lets in again", lambda: shop_blocks.unblock(shop, customer, self._client.user))

    async def _block(self, other: str) -> None:
        """Block a person, perhaps from two phones at once, and perhaps remove the block."""
        body = BlockRequest(uid=other, reason="rude")
        if self._chance.random() < 0.7:
            them, mine = self._city.client(other), BlockRequest(uid=self._uid, reason="ruder")
            await them.insist("blocks in turn", lambda: blocks.block(mine, them.user))
        click = self._client.draw_click(self._chance, twice=0.4)
        outcome = await click("blocks", lambda: blocks.block(body, self._client.user))
        self._city.watch.check(outcome.fits(), "22", f"{self._uid} cannot block {other}: {outcome.refusal!r}")
        if self._chance.random() < 0.8:
            await asyncio.sleep(self._chance.uniform(0, 60))
            click = self._client.draw_click(self._chance, twice=0.4)
            gone = await click("makes it up", lambda: blocks.unblock(other, self._client.user))
            self._city.watch.check(
                gone.fits(BlockNotFound), "22", f"{self._uid} cannot unblock: {gone.refusal!r}"
            )
