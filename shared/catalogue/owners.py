"""The merchants that a person has registered: how many there can be, whatever becomes of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.kernel.errors import WrongState

MAX_SHOPS = 20


class TooManyShops(WrongState):
    """The person owns as many merchants as one can."""

    code = "TOO_MANY_SHOPS"
    detail = "You own 20 merchants, which is the most. Write to support to register more."


@dataclass(frozen=True, slots=True)
class ShopOwner:
    """A person and the merchants that they have registered, the oldest first."""

    uid: str
    merchants: tuple[str, ...] = ()


def with_shop(owner: ShopOwner | None, uid: str, merchant_id: str) -> ShopOwner:
    """Return the owner with one more merchant. Raises `TooManyShops`."""
    known = owner or ShopOwner(uid)
    if len(known.merchants) >= MAX_SHOPS:
        raise TooManyShops
    return replace(known, merchants=(*known.merchants, merchant_id))
