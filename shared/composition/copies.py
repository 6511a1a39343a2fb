"""Ports over documents that have copies in Redis."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from shared.composition.ports import DatabasePorts
from shared.composition.redis import RedisPorts

if TYPE_CHECKING:
    from shared.adapters.copies import Copies
    from shared.adapters.firestore.copies import CopiedDocuments


class CopyPorts(DatabasePorts, RedisPorts):
    """Ports that read copies, or change the documents behind them. Without Redis they read the documents."""

    redis_needed = False

    @cached_property
    def copies(self) -> CopiedDocuments:
        """Return the copies of documents."""
        from shared.adapters.copies import CopyRules
        from shared.adapters.firestore.copies import CopiedDocuments

        runtime, rules = self.runtime, self.runtime.policy(CopyRules)
        copies = runtime.external("copies", self._open_copies)
        return CopiedDocuments(copies, self.database, clock=runtime.clock, ids=runtime.new_id, rules=rules)

    def _open_copies(self) -> Copies:
        from shared.adapters.copies import CopyRules
        from shared.adapters.redis_copies import RedisCopies

        return RedisCopies(self.redis, self.runtime.policy(CopyRules))

    @property
    def committer(self) -> CopiedDocuments:
        """Return what commits changes, and holds the copies of what it changes."""
        return self.copies
