"""Routes of blocks: parse, authorise, one use case, map the result."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query

from functions.reviews_api.block_schemas import BlockPage, BlockRequest, BlockView
from shared.composition.reviews import ReviewsPorts
from shared.edge.app import api_router
from shared.edge.auth import ActiveUser
from shared.edge.provided import PORTS, Now
from shared.edge.ratelimit import CREATING, limited
from shared.edge.refusals import refuses
from shared.edge.schemas import IdPath, PageSize, PageToken, page_token, page_values
from shared.reviews import queries
from shared.reviews.blocks import BlockNotFound, PersonNotFound, TooManyBlocks
from shared.reviews.usecases.block_person import BlockPerson, UnblockPerson, block_person, unblock_person

Ports = Annotated[ReviewsPorts, PORTS]

router = api_router("/api/v1/me/blocks", tags=["reviews"])


@router.post("", operation_id="blockUser", status_code=201)
@limited(CREATING)
@refuses(PersonNotFound, TooManyBlocks)
async def block(body: BlockRequest, user: ActiveUser, ports: Ports, now: Now) -> BlockView:
    """Block another user.

    You are never matched again. A running order goes on; blocking twice changes nothing.
    """
    command = BlockPerson(user.uid, body.uid, body.reason)
    return BlockView.of(await block_person(command, blocks=ports.blocks, now=now))


@router.get("", operation_id="listBlockedUsers")
async def list_blocks(
    user: ActiveUser,
    ports: Ports,
    page_size: PageSize = 20,
    page_token_: Annotated[PageToken, Query(alias="page_token")] = "",
) -> BlockPage:
    """List the users that you have blocked.

    Newest first.
    """
    after = page_values(page_token_, (datetime, str))
    page = await queries.blocks_of(
        user.uid, page_size, (after[0], after[1]) if after else None, blocks=ports.blocks
    )
    return BlockPage(
        blocks=[BlockView.of(block) for block in page.blocks],
        next_page_token=page_token(page.after) if page.after else "",
    )


@router.delete("/{blocked}", operation_id="unblockUser", status_code=204)
@refuses(BlockNotFound)
async def unblock(blocked: IdPath, user: ActiveUser, ports: Ports) -> None:
    """Remove your block of a user.

    If the other person has blocked you too, you stay unmatched.
    """
    await unblock_person(UnblockPerson(user.uid, blocked), blocks=ports.blocks)
