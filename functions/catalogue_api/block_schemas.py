"""Requests and responses about blocked customers."""

from __future__ import annotations

from datetime import datetime

from shared.catalogue.blocks import Block
from shared.edge.schemas import Id, RequestModel, ResponseModel
from shared.edge.text import Reason


class CustomerBlockRequest(RequestModel):
    """The order whose customer you block. The customer cannot read the reason."""

    order_id: Id
    reason: Reason


class CustomerBlockView(ResponseModel):
    """A blocked customer (`uid`). `by` is the member of staff who added the block."""

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
    """A page of blocks, newest first. The last page has an empty `next_page_token`."""

    blocks: list[CustomerBlockView]
    next_page_token: str
