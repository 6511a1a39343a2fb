"""A person blocks somebody with whom they had an order, or takes the block back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.reviews.blocks import Block, BlockNotFound, PersonNotFound, blocked, unblocked
from shared.reviews.ports import BlockBook


@dataclass(frozen=True, slots=True)
class BlockPerson:
    """Who blocks whom, and why."""

    uid: str
    other: str
    reason: str


@dataclass(frozen=True, slots=True)
class UnblockPerson:
    """Who takes their block of whom back."""

    uid: str
    other: str


async def block_person(command: BlockPerson, *, blocks: BlockBook, now: datetime) -> Block:
    """Keep the two apart from now on, and return the block.

    Raises `PersonNotFound` for anybody with whom the person never shared an order, or `TooManyBlocks`.
    """
    if not await blocks.have_met(command.uid, command.other):
        raise PersonNotFound
    pair = await blocks.change(command.uid, command.other, lambda found: blocked(found, command.reason, now))
    assert pair.my_block is not None  # noqa: S101 - it was just put
    return pair.my_block


async def unblock_person(command: UnblockPerson, *, blocks: BlockBook) -> None:
    """Take the block back. Raises `BlockNotFound`."""
    if command.uid == command.other:
        raise BlockNotFound
    await blocks.change(command.uid, command.other, unblocked)
