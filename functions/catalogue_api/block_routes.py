"""The routes for a merchant's blocked customers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query

from functions.catalogue_api.block_schemas import CustomerBlockPage, CustomerBlockRequest, CustomerBlockView
from shared.catalogue import queries
from shared.catalogue.blocks import BlockNotFound, OrderNotFound, TooManyBlocks
from shared.catalogue.domain import MerchantNotFound
from shared.catalogue.usecases.block_customer import (
    BlockCustomer,
    UnblockCustomer,
    block_customer,
    unblock_customer,
)
from shared.composition.catalogue import CataloguePorts
from shared.edge.app import api_router
from shared.edge.auth import ActiveUser, ActiveVerifiedUser
from shared.edge.provided import PORTS, Now
from shared.edge.ratelimit import CREATING, limited
from shared.edge.refusals import refuses
from shared.edge.schemas import IdPath, PageSize, PageToken, page_token, page_values

Ports = Annotated[CataloguePorts, PORTS]

router = api_router("/api/v1/merchants/{merchant_id}/blocks", tags=["reviews"])


@router.post("", operation_id="blockCustomer", status_code=201)
@limited(CREATING)
@refuses(MerchantNotFound, OrderNotFound, TooManyBlocks)
async def block(
    merchant_id: IdPath, body: CustomerBlockRequest, user: ActiveVerifiedUser, ports: Ports, now: Now
) -> CustomerBlockView:
    """Block a customer for a merchant.

    For staff, by an order of the customer. Paid orders go on, and what the customer has not paid is released;
    blocking twice changes nothing.
    """
    command = BlockCustomer(user.uid, merchant_id, body.order_id, body.reason)
    blocks = ports.blocks
    return CustomerBlockView.of(
        await block_customer(command, merchants=ports.merchants, blocks=blocks, now=now)
    )


@router.get("", operation_id="listBlockedCustomers")
@refuses(MerchantNotFound)
async def list_blocks(
    merchant_id: IdPath,
    user: ActiveUser,
    ports: Ports,
    page_size: PageSize = 20,
    page_token_: Annotated[PageToken, Query(alias="page_token")] = "",
) -> CustomerBlockPage:
    """List the customers that a merchant has blocked.

    For staff, newest first.
    """
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


@router.delete("/{customer_id}", operation_id="unblockCustomer", status_code=204)
@refuses(BlockNotFound, MerchantNotFound)
async def unblock(merchant_id: IdPath, customer_id: IdPath, user: ActiveVerifiedUser, ports: Ports) -> None:
    """Remove the block of a customer.

    For staff.
    """
    await unblock_customer(UnblockCustomer(user.uid, merchant_id, customer_id), blocks=ports.blocks)
