"""Closing an account and ending sign-ins, whatever documents exist; and who has to hear of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

import pytest

from functions.identity_events.handlers import HANDLERS
from shared.adapters.firestore.identity import FirestoreSecurity
from shared.adapters.secret_cipher import AesGcmCipher
from shared.composition.identity import IdentityPorts
from shared.identity.events import AccountClosed, SignInsEnded
from shared.identity.usecases.inform_provider import inform_of_closure
from shared.kernel.event import Event
from shared.schema import schema
from tests.fakes.accounts import SIGNED_IN, Caller, MemoryStatusCache, seed_operator
from tests.fakes.bus import MemoryBus
from tests.fakes.clock import FakeClock
from tests.fakes.database import MemoryDatabase
from tests.fakes.identities import FakeIdentities
from tests.fakes.runtime import FakeRuntime

pytestmark = pytest.mark.mission("A1", "A4")

USERS = "/api/v1/admin/users"
WHY = {"reason": "fraud"}
EVENTS = {event.TYPE: (event, handler) for event, handler in HANDLERS.items()}


@pytest.fixture(autouse=True)
def operators(database: MemoryDatabase) -> None:
    seed_operator(database, "root")
    seed_operator(database, "sita", "support")


async def _with_profile(call: Caller) -> None:
    await call("GET", "/api/v1/me")


async def _without_any_document(call: Caller) -> None:
    """Sign up, and never call the API."""


def _after(clock: FakeClock) -> str:
    """Return the token of a sign-in that is newer than everything that an operator did so far."""
    return f"asha@{int((clock.now - SIGNED_IN).total_seconds()) + 60}"


async def _deliver(bus: MemoryBus, ports: IdentityPorts) -> None:
    """Bring all published events to `identity_events`, in the order in which they were published."""
    for message in bus.messages:
        event, handler = EVENTS[message.type]
        decoded: Event = schema(cast(Any, event)).validate_json(message.data)
        await handler(decoded, ports, decoded.at)


@pytest.fixture
def ports(
    database: MemoryDatabase,
    identities: FakeIdentities,
    clock: FakeClock,
    cipher: AesGcmCipher,
    statuses: MemoryStatusCache,
) -> IdentityPorts:
    externals = {"identity provider": identities, "secret cipher": cipher, "status cache": statuses}
    return IdentityPorts(FakeRuntime(database=database, clock=clock, externals=externals))


@pytest.mark.parametrize("as_they_are", [_with_profile, _without_any_document])
@pytest.mark.parametrize(
    ("operator", "path", "name", "code"),
    [
        ("root", "disable", "account_closed", (403, "ACCOUNT_DISABLED")),
        ("sita", "revoke", "sign_ins_ended", (401, "SESSION_REVOKED")),
    ],
)
async def test_fault_01_whatever_documents_a_person_has_they_are_shut_out_and_everybody_hears_of_it(
    call: Caller,
    bus: MemoryBus,
    database: MemoryDatabase,
    identities: FakeIdentities,
    as_they_are: Any,
    operator: str,
    path: str,
    name: str,
    code: tuple[int, str],
) -> None:
    identities.users.add("asha")
    await as_they_are(call)
    answer = await call.be(operator)("POST", f"{USERS}/asha/{path}", WHY)

    assert answer.status_code == 200, answer.text
    assert "asha" in database.collection("auth")
    assert [(fact["user_id"], fact["actor"]) for fact in bus.fields(name)] == [("asha", operator)]
    assert "asha" in identities.signed_out
    assert ("asha" in identities.disabled) == (path == "disable")
    for route in ("/api/v1/me", "/api/v1/me/sessions", "/api/v1/me/addresses"):
        refused = await call("GET", route)
        assert (refused.status_code, refused.json()["code"]) == code


async def test_fault_01_the_sign_in_service_hears_of_it_though_it_did_not_answer_the_operator(
    call: Caller,
    bus: MemoryBus,
    identities: FakeIdentities,
    ports: IdentityPorts,
) -> None:
    await call("GET", "/api/v1/me")
    identities.down = 1
    answer = await call.be("root")("POST", f"{USERS}/asha/disable", WHY)
    assert (answer.status_code, identities.disabled) == (503, set())

    await _deliver(bus, ports)
    assert (identities.disabled, set(identities.signed_out)) == ({"asha"}, {"asha"})


async def test_a_late_event_does_not_close_an_account_that_is_open_again(
    call: Caller, bus: MemoryBus, identities: FakeIdentities, ports: IdentityPorts, clock: FakeClock
) -> None:
    await call("GET", "/api/v1/me")
    for path in ("disable", "enable"):
        await call.be("root")("POST", f"{USERS}/asha/{path}", WHY)
    assert bus.names() == ["account_closed", "account_reopened"]

    bus.messages.reverse()
    await _deliver(bus, ports)
    assert identities.disabled == set()
    assert (await call.be(_after(clock))("GET", "/api/v1/me")).status_code == 200


async def test_of_two_changes_while_the_service_is_slow_the_later_one_counts(
    database: MemoryDatabase, ports: IdentityPorts
) -> None:
    class SlowToClose(FakeIdentities):
        async def set_disabled(self, uid: str, disabled: bool) -> None:
            await super().set_disabled(uid, disabled)
            if disabled:  # meanwhile an admin opens the account, and their request informs the service first
                database.seed("auth/asha", {"uid": "asha", "disabled": False})

    database.seed("auth/asha", {"uid": "asha", "disabled": True})
    identities = SlowToClose()
    await inform_of_closure("asha", security=ports.security, identities=identities, statuses=ports.statuses)

    assert identities.disabled == set()


async def test_a_person_who_signs_out_everywhere_is_an_event_too(
    call: Caller, bus: MemoryBus, clock: FakeClock
) -> None:
    await call("DELETE", "/api/v1/me/sessions")

    [fact] = bus.fields("sign_ins_ended")
    assert (fact["user_id"], fact["actor"]) == ("asha", "asha")
    assert schema(SignInsEnded).validate_python(fact).until == clock.now


async def test_the_reset_of_a_second_factor_ends_the_sign_ins_of_its_owner(
    call: Caller, bus: MemoryBus
) -> None:
    await call.be("root")("POST", f"{USERS}/sita/second-factor/reset", WHY)

    assert bus.names() == ["second_factor_reset", "sign_ins_ended"]


async def test_closing_twice_is_one_event(call: Caller, bus: MemoryBus, clock: FakeClock) -> None:
    await call("GET", "/api/v1/me")
    for _ in range(2):
        await call.be("root")("POST", f"{USERS}/asha/disable", WHY)
        clock.now += timedelta(minutes=1)

    assert bus.names() == ["account_closed"]
    [message] = bus.messages
    assert (message.type, message.topic, message.subject) == (AccountClosed.TYPE, "identity", "asha")


async def test_only_documents_of_security_are_created_for_a_person_who_has_none(
    call: Caller, database: MemoryDatabase, identities: FakeIdentities, ports: IdentityPorts
) -> None:
    identities.users.add("newcomer")
    before = set(database.docs)
    await call.be("root")("POST", f"{USERS}/newcomer/disable", WHY)

    made = {path.partition("/")[0] for path in set(database.docs) - before}
    assert made == {"auth", "audit"}
    assert isinstance(ports.security, FirestoreSecurity)
