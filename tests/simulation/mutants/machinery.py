"""Bugs in the change loop, the outbox, the sweeper, and the idempotency records."""

from tests.simulation.mutants.engine import Mutant
from tests.simulation.mutants.operations import argument, before, drop, never, swap_with_next, value

MACHINERY = (
    Mutant(
        "a batch tells all its items the same time",
        "one-clock-per-batch",
        argument(2, "self.until - self.batch.limits.duration"),
    ),
    Mutant("no idempotency check", "no-idempotency-check", never()),
    Mutant("a refusal over a guess is final", "guess-refuses", before("raise")),
    Mutant("no idempotency record", "no-idempotency-record", drop()),
    Mutant("key with another body is answered", "other-body", never()),
    Mutant(
        "publish before commit",
        "publish-early",
        before("await self._publisher.publish(_messages(decision.events))"),
    ),
    Mutant("no outbox entry", "no-outbox-entry", drop()),
    Mutant("outbox deleted before publish", "outbox-deleted-early", swap_with_next()),
    Mutant("not published at all", "not-published", drop()),
    Mutant("sweeper removes before it publishes", "sweeper-removes-early", swap_with_next()),
    Mutant("sweeper sees nothing", "sweeper-blind", value("Page(())")),
    Mutant("a lost answer ends the sweep with an unforeseen error", "lost-answer-unforeseen", never()),
    Mutant("no precondition on updates", "no-precondition", argument(4, "None")),
    Mutant("lost answer taken for a refusal", "taken-for-refusal", value("False")),
    Mutant("lost answer taken for a yes", "taken-for-yes", value("True")),
    Mutant("timeline forgets what it knew", "timeline-forgets", value("entries")),
    Mutant("notified again at each delivery", "notified-again", value("{}")),
    Mutant("copies are not held while their documents change", "copies-not-held", value("[]")),
    Mutant(
        "a revoked session is served from Redis",
        "sign-in-ended-unheld",
        value(
            "write.operation != 'update' or not (fields - {'revoked_sessions'}).isdisjoint(write.data or {})"
        ),
    ),
    Mutant("nothing is kept in the inbox", "empty-inbox", drop()),
    Mutant("an event that cannot be handled now is acknowledged", "acknowledged-unhandled", never()),
)
