"""The nearest merchants first: outward from a point, in cells as small as it is dense.

A cell is read with a limit. One with more merchants is divided, and the nearest of its parts is next. Where
one was divided, merchants are counted before they are read, which costs a single read.

Merchants come by rings around the point, each five per cent wider than the one before, and in a ring by their
spots. So a page goes on in the middle of a ring without a look at the rest of it, and what it costs does not
depend on how many merchants there are.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import log, log1p

from shared.catalogue.domain import Merchant
from shared.catalogue.ports import MerchantFilter, MerchantStore, Spots
from shared.kernel.geo import Point
from shared.kernel.spots import Area, areas_around, spot_distance

READ_LIMIT = 25
"""How many merchants are read of a cell; one with more is divided."""

MAX_READ = 500
"""After how many merchants a page ends, however few of them match; the next page goes on. A page of more than
a hundred may read five for each."""

AT_ONCE = 4

RING_GROWTH = log(1.05)

Key = tuple[int, str, str]
"""The position of a merchant: its ring, its spot, its id."""


@dataclass(frozen=True, slots=True)
class Around:
    """Which merchants are sought: within a radius of a point, by the index, and by all else."""

    point: Point
    radius_m: int
    by: MerchantFilter
    matches: Callable[[Merchant], bool]


@dataclass(frozen=True, slots=True)
class Found:
    """Merchants, the nearer rings first; `after` is None where there are no more."""

    merchants: Sequence[Merchant]
    after: Key | None


async def nearest(ask: Around, limit: int, after: Key | None, *, merchants: MerchantStore) -> Found:
    """Return the nearest merchants after a key, at most `limit`; fewer where very many do not match."""
    search = _Search(ask, after or (-1, "", ""))
    search.look_into(areas_around(ask.point, ask.radius_m))
    found: list[tuple[Key, Merchant]] = []
    while True:
        found += search.certain(limit + 1 - len(found))
        if len(found) > limit:
            return Found([one for _, one in found[:limit]], found[limit - 1][0])
        if not search.unread:
            return Found([one for _, one in found], None)
        if search.read >= max(MAX_READ, 5 * limit) and search.unread[0].bound > search.after:
            return Found([one for _, one in found], search.unread[0].bound)
        await search.read_on(merchants)


def ring(distance: int) -> int:
    """Return the ring of a distance in millimetres."""
    return int(log1p(distance / 1_000) / RING_GROWTH)


@dataclass(frozen=True, slots=True, order=True)
class _Unread:
    """A cell that was not read: no merchant in it is before `bound`. Of a spot, `last_id` was read."""

    bound: Key
    area: Area = field(compare=False)
    last_id: str = field(default="", compare=False)


@dataclass(slots=True)
class _Search:
    """What was read so far, and which cells were not, the nearest first."""

    ask: Around
    after: Key
    unread: list[_Unread] = field(default_factory=list)
    known: list[tuple[Key, Merchant]] = field(default_factory=list)
    """A heap; the ids in the keys keep merchants from being compared."""
    read: int = 0
    dense: bool = False
    """Whether a cell had to be divided."""

    def look_into(self, areas: Iterable[Area]) -> None:
        """Add cells, but for those beyond the radius and those that were shown before."""
        for area in areas:
            first, last = area.spots
            shown = (ring(area.farthest), last) < self.after[:2]
            if not shown and area.nearest <= (self.ask.radius_m + 1) * 1_000:
                partly = first == last == self.after[1]
                bound = (*self._begins(ring(area.nearest), first, last), "")
                heapq.heappush(self.unread, _Unread(bound, area, self.after[2] if partly else ""))

    def _begins(self, nearest: int, first: str, last: str) -> tuple[int, str]:
        """Return where in the order a cell has its first merchant at the earliest, of those not shown yet."""
        shown_ring, shown_spot, _ = self.after
        if nearest > shown_ring:
            return nearest, first
        return (shown_ring, max(first, shown_spot)) if last >= shown_spot else (shown_ring + 1, first)

    def certain(self, most: int) -> list[tuple[Key, Merchant]]:
        """Return the merchants that no unread cell can have a nearer one than, and forget them."""
        taken: list[tuple[Key, Merchant]] = []
        while self.known and len(taken) < most:
            if self.unread and self.known[0][0] > self.unread[0].bound:
                break
            taken.append(heapq.heappop(self.known))
        return taken

    async def read_on(self, merchants: MerchantStore) -> None:
        """Read the nearest cells."""
        cells = [heapq.heappop(self.unread) for _ in range(min(AT_ONCE, len(self.unread)))]
        found = await asyncio.gather(*(self._read(cell, merchants) for cell in cells))
        for cell, part in zip(cells, found, strict=True):
            if part is None:
                self.dense = True
                self.look_into(cell.area.parts(self.ask.point))
            else:
                self._take(cell, part)

    async def _read(self, cell: _Unread, merchants: MerchantStore) -> Sequence[Merchant] | None:
        """Return the merchants of a cell; None where it has to be divided."""
        first, last = cell.area.spots
        within = Spots(first, last, cell.last_id)
        if self.dense and not cell.area.is_spot:
            self.read += 1
            count = await merchants.count(self.ask.by, within, READ_LIMIT + 1)
            if count == 0 or count > READ_LIMIT:
                return None if count else ()
        part = await merchants.search(self.ask.by, within, READ_LIMIT + 1)
        self.read += max(1, len(part))
        return part if len(part) <= READ_LIMIT or cell.area.is_spot else None

    def _take(self, cell: _Unread, part: Sequence[Merchant]) -> None:
        whole = len(part) <= READ_LIMIT
        shown = part[:READ_LIMIT]
        if not whole:
            last_id = shown[-1].id
            bound = ring(cell.area.nearest), cell.area.cell, last_id
            heapq.heappush(self.unread, _Unread(bound, cell.area, last_id))
        for merchant in shown:
            key = ring(spot_distance(self.ask.point, merchant.cell)), merchant.cell, merchant.id
            if key > self.after and self.ask.matches(merchant):
                heapq.heappush(self.known, (key, merchant))
