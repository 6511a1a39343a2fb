"""Requests and responses about blocks."""

from __future__ import annotations

from datetime import datetime

from shared.edge.schemas import Id, RequestModel, ResponseModel
from shared.edge.text import Reason
from shared.reviews.blocks import Block


class BlockRequest(RequestModel):
    """A person from one of your orders; they do not see the reason."""

    uid: Id
    reason: Reason


class BlockView(ResponseModel):
    """A person that you have blocked."""

    uid: str
    reason: str
    at: datetime

    @classmethod
    def of(cls, block: Block) -> BlockView:
        """Return the view of a block."""
        return cls.model_validate(block)


class BlockPage(ResponseModel):
    """A page of blocks, newest first; an empty `next_page_token` ends the list."""

    blocks: list[BlockView]
    next_page_token: str
