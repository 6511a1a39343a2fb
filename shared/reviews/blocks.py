"""The rules of blocks: who does not want to meet somebody again is never matched with them.

A block holds in both directions, so it stands in both people's documents, where the matching looks.
It changes nothing about an order that runs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from shared.kernel.errors import NotFound, WrongState
from shared.reviews.domain import Person

MAX_NOT_MATCHED = 500
"""People with whom one person is not matched; the matching reads them all."""


class PersonNotFound(NotFound):
    """You have had no order with such a person."""

    code = "PERSON_NOT_FOUND"
    detail = "You have had no order with such a person."


class BlockNotFound(NotFound):
    """You have not blocked this person."""

    code = "BLOCK_NOT_FOUND"
    detail = "You have not blocked this person."


class TooManyBlocks(WrongState):
    """One of you is blocked with five hundred people already; support can help."""

    code = "TOO_MANY_BLOCKS"
    detail = "One of you is blocked with five hundred people already; support can help."


@dataclass(frozen=True, slots=True)
class Block:
    """Somebody (`uid`) whom a person does not want to meet again; the reason is for support."""

    uid: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people, each with the block that they have put on the other."""

    mine: Person
    theirs: Person
    my_block: Block | None
    their_block: Block | None


def blocked(pair: Pair, reason: str, now: datetime) -> Pair:
    """Return the two after the first has blocked the second; a block that stands stays as it is.

    Raises `TooManyBlocks`.
    """
    if pair.my_block:
        return pair
    # mutant: one-direction
    mine, theirs = _apart(pair.mine, pair.theirs.uid), _apart(pair.theirs, pair.mine.uid)
    return replace(pair, mine=mine, theirs=theirs, my_block=Block(pair.theirs.uid, reason, now))


def unblocked(pair: Pair) -> Pair:
    """Return the two after the first has taken the block back; the second's own block goes on.

    Raises `BlockNotFound`.
    """
    if pair.my_block is None:
        raise BlockNotFound
    if pair.their_block:
        return replace(pair, my_block=None)
    mine, theirs = _together(pair.mine, pair.theirs.uid), _together(pair.theirs, pair.mine.uid)
    return replace(pair, mine=mine, theirs=theirs, my_block=None)


def _apart(person: Person, uid: str) -> Person:
    if uid in person.not_matched:
        return person
    if len(person.not_matched) >= MAX_NOT_MATCHED:
        raise TooManyBlocks
    return replace(person, not_matched=(*person.not_matched, uid))


def _together(person: Person, uid: str) -> Person:
    return replace(person, not_matched=tuple(other for other in person.not_matched if other != uid))
