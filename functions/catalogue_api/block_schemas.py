"""Requests and responses about the customers from whom a merchant takes no orders."""

from __future__ import annotations

from datetime import datetime

from shared.catalogue.blocks import Block
from shared.edge.schemas import Id, RequestModel, ResponseModel, ShortText


class CustomerBlockRequest(RequestModel):
    """An order whose customer you do not want again; they do not read the reason."""

    order_id: Id
    reason: ShortText


class CustomerBlockView(ResponseModel):
    """A customer (`uid`) from whom the merchant takes no orders; `by` put the block."""

    uid: str
    order_id: str
    reason: str
    by: str
    at: datetime

    @classmethod
    def of(cls, block: Block) -> CustomerBlockView:
        """Return the view of a block."""
        return cls.model_validate(block)


class CustomerBlockPage(ResponseModel):
    """Some blocks, newest first; an empty `next_page_token` ends the list."""

    blocks: list[CustomerBlockView]
    next_page_token: str
