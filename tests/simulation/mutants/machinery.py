"""Bugs in the change loop, the outbox, the sweeper, and the idempotency records."""

from tests.simulation.mutants.engine import Mutant

CHANGE = "shared.adapters.firestore.change"
APPLIED = f"{CHANGE}:_Change.is_applied"

MACHINERY = (
    Mutant("no idempotency check", f"{CHANGE}:DocumentStore._decide", "if change.idempotency:", "if False:"),
    Mutant(
        "no idempotency record",
        f"{CHANGE}:DocumentStore._writes",
        "writes.append(self._record(docs, change.idempotency, decision.result))",
        "pass",
    ),
    Mutant(
        "key with another body is answered",
        "shared.kernel.idempotency:IdempotentRequest.check",
        "if fingerprint != self.fingerprint:",
        "if False:",
    ),
    Mutant(
        "publish before commit",
        f"{CHANGE}:DocumentStore.change",
        "                    await self.database.commit(writes)",
        "                    await self._publisher.publish(_messages(decision.events))\n"
        "                    await self.database.commit(writes)",
    ),
    Mutant(
        "no outbox entry",
        f"{CHANGE}:DocumentStore._writes",
        "writes += [outbox.create(message) for message in _messages(decision.events)]",
        "pass",
    ),
    Mutant(
        "outbox deleted before publish",
        f"{CHANGE}:DocumentStore._published",
        "                await self._publisher.publish(messages)\n",
        "                await self.database.commit(\n"
        "                    [Write('delete', outbox.MESSAGES.path(message.id)) for message in messages]\n"
        "                )\n"
        "                await self._publisher.publish(messages)\n",
    ),
    Mutant(
        "not published at all",
        f"{CHANGE}:DocumentStore._published",
        "await self._publisher.publish(messages)",
        "pass",
    ),
    Mutant(
        "sweeper removes before it publishes",
        "shared.operations.usecases.sweep_outbox:sweep_outbox",
        "        await publisher.publish([message])\n        await outbox.remove(message)\n",
        "        await outbox.remove(message)\n        await publisher.publish([message])\n",
    ),
    Mutant(
        "sweeper sees nothing",
        "shared.operations.usecases.sweep_outbox:sweep_outbox",
        "return await outbox.stale(now - STALE_AFTER, limit, cursor)",
        "return Page(())",
    ),
    Mutant(
        "a lost answer ends the sweep with an unforeseen error",
        "shared.adapters.firestore.outbox:FirestoreOutbox.remove",
        "except CommitUnknown as error:",
        "except LookupError as error:",
    ),
    Mutant(
        "no precondition on updates",
        f"{CHANGE}:_guarded",
        "{**write.data, CHANGES: marks}, stored.update_time)",
        "{**write.data, CHANGES: marks}, None)",
    ),
    Mutant(
        "lost answer taken for a refusal",
        APPLIED,
        "return any(",
        "return False and any(",
    ),
    Mutant("lost answer taken for a yes", APPLIED, "return any(", "return True or any("),
    Mutant(
        "timeline forgets what it knew",
        "shared.adapters.firestore.timeline:_appended",
        '"timeline": [*known, *entries]',
        '"timeline": entries',
    ),
    Mutant(
        "told again at each delivery",
        "shared.adapters.firestore.notifications:FirestoreInbox.record",
        'Write("create"',
        'Write("set"',
    ),
    Mutant(
        "nothing is kept in the inbox",
        "shared.notifications.usecases.notify:_notify_recipient",
        "to_push = await inbox.record(person.uid, note)",
        "to_push = True",
    ),
    Mutant(
        "an event that cannot be handled now is acknowledged",
        "shared.edge.events:_handle",
        "    except Unavailable:\n        raise\n",
        "",
    ),
)
