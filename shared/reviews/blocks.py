"""The rules of blocks: two people are never matched again once one has blocked the other.

A block holds in both directions, so both people's documents name the other; the matcher reads them there.
A block changes nothing about a running order.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from shared.kernel.decision import Decision
from shared.kernel.errors import NotFound, WrongState
from shared.reviews.domain import Person

MAX_NOT_MATCHED = 500
"""With how many people one person can be blocked; the matcher reads them all."""


class PersonNotFound(NotFound):
    """The two people never had an order together."""

    code = "PERSON_NOT_FOUND"
    detail = "You have had no order with such a person."


class BlockNotFound(NotFound):
    """The person has not blocked the other."""

    code = "BLOCK_NOT_FOUND"
    detail = "You have not blocked this person."


class TooManyBlocks(WrongState):
    """One of the two people has reached the limit of blocks."""

    code = "TOO_MANY_BLOCKS"
    detail = "You or the other person have reached the limit of 500 blocks. Ask support for help."


@dataclass(frozen=True, slots=True)
class Block:
    """A person (`uid`) that another person has blocked; support reads the reason."""

    uid: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people, each with their block of the other."""

    mine: Person
    theirs: Person
    my_block: Block | None
    their_block: Block | None


def block(pair: Pair, reason: str, now: datetime) -> Decision[Pair, Block]:
    """Return the pair after the first person has blocked the second; an earlier block stays unchanged.

    Raises `TooManyBlocks`.
    """
    if pair.my_block:
        return Decision(pair, (), pair.my_block)
    # mutant: one-direction
    mine, theirs = _apart(pair.mine, pair.theirs.uid), _apart(pair.theirs, pair.mine.uid)
    new = Block(pair.theirs.uid, reason, now)
    return Decision(replace(pair, mine=mine, theirs=theirs, my_block=new), (), new)


def unblock(pair: Pair) -> Decision[Pair, None]:
    """Return the pair without the first person's block; a block by the second stays.

    Raises `BlockNotFound`.
    """
    if pair.my_block is None:
        raise BlockNotFound
    if pair.their_block:
        return Decision(replace(pair, my_block=None), (), None)
    mine, theirs = _together(pair.mine, pair.theirs.uid), _together(pair.theirs, pair.mine.uid)
    return Decision(replace(pair, mine=mine, theirs=theirs, my_block=None), (), None)


def _apart(person: Person, uid: str) -> Person:
    if uid in person.not_matched:
        return person
    if len(person.not_matched) >= MAX_NOT_MATCHED:
        raise TooManyBlocks
    return replace(person, not_matched=(*person.not_matched, uid))


def _together(person: Person, uid: str) -> Person:
    return replace(person, not_matched=tuple(other for other in person.not_matched if other != uid))
