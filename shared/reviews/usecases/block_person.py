"""Block a person from a common order, or remove the block."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.reviews.blocks import Block, BlockNotFound, PersonNotFound, block, unblock
from shared.reviews.ports import BlockStore


@dataclass(frozen=True, slots=True)
class BlockPerson:
    """A person (`uid`) blocks another."""

    uid: str
    other: str
    reason: str


@dataclass(frozen=True, slots=True)
class UnblockPerson:
    """A person (`uid`) removes their block of another."""

    uid: str
    other: str


async def block_person(command: BlockPerson, *, blocks: BlockStore, now: datetime) -> Block:
    """Store the block and return it.

    Raises `PersonNotFound` if the two never had an order together, or `TooManyBlocks`.
    """
    if not await blocks.have_met(command.uid, command.other):
        raise PersonNotFound
    return await blocks.change(command.uid, command.other, lambda pair: block(pair, command.reason, now))


async def unblock_person(command: UnblockPerson, *, blocks: BlockStore) -> None:
    """Remove the block. Raises `BlockNotFound`."""
    if command.uid == command.other:
        raise BlockNotFound
    await blocks.change(command.uid, command.other, unblock)
