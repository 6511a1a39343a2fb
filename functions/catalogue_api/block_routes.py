"""The routes for a merchant's blocked customers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query

from functions.catalogue_api.block_schemas import CustomerBlockPage, CustomerBlockRequest, CustomerBlockView
from shared.catalogue import queries
from shared.catalogue.usecases.block_customer import (
    BlockCustomer,
    UnblockCustomer,
    block_customer,
    unblock_customer,
)
from shared.composition.catalogue import CataloguePorts
from shared.edge.app import api_router
from shared.edge.auth import SignedInUser, VerifiedUser
from shared.edge.provided import PORTS, Now
from shared.edge.ratelimit import CREATING, limited
from shared.edge.schemas import IdPath, PageSize, PageToken, page_token, page_values

Ports = Annotated[CataloguePorts, PORTS]

router = api_router("/api/v1/merchants/{merchant_id}/blocks", tags=["blocks"])


@router.post("", status_code=201)
@limited(CREATING)
async def block(
    merchant_id: IdPath, body: CustomerBlockRequest, user: VerifiedUser, ports: Ports, now: Now
) -> CustomerBlockView:
    """Block the customer of an order (staff). Existing orders continue; to block twice changes nothing."""
    command = BlockCustomer(user.uid, merchant_id, body.order_id, body.reason)
    blocks = ports.blocks
    return CustomerBlockView.of(
        await block_customer(command, merchants=ports.merchants, blocks=blocks, now=now)
    )


@router.get("")
async def list_blocks(
    merchant_id: IdPath,
    user: SignedInUser,
    ports: Ports,
    page_size: PageSize = 20,
    page_token_: Annotated[PageToken, Query(alias="page_token")] = "",
) -> CustomerBlockPage:
    """List the blocked customers of a merchant, newest first (staff)."""
    after = page_values(page_token_, (datetime, str))
    page = await queries.blocks_of(
        merchant_id,
        user.uid,
        page_size,
        (after[0], after[1]) if after else None,
        merchants=ports.merchants,
        blocks=ports.blocks,
    )
    return CustomerBlockPage(
        blocks=[CustomerBlockView.of(found) for found in page.blocks],
        next_page_token=page_token(page.after) if page.after else "",
    )


@router.delete("/{customer_id}", status_code=204)
async def unblock(merchant_id: IdPath, customer_id: IdPath, user: VerifiedUser, ports: Ports) -> None:
    """Remove the block of a customer (staff)."""
    await unblock_customer(UnblockCustomer(user.uid, merchant_id, customer_id), blocks=ports.blocks)
