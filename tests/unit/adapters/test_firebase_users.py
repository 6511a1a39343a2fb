"""The answers of the sign-in service, whatever they are."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from firebase_admin import auth, exceptions
from google.auth.exceptions import TransportError

from shared.adapters.firebase_users import FirebaseUsers
from shared.kernel.errors import Unavailable

AT = datetime(2026, 11, 20, 12, 0, 0, 900_000, tzinfo=UTC)
UNKNOWN = auth.UserNotFoundError("no such user")


class FakeClient:
    """The SDK's client; it remembers its calls and their threads, and raises `error` if there is one."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error
        self.calls: list[tuple[str, dict[str, object]]] = []
        self.threads: set[int] = set()

    def get_user(self, uid: str) -> object:
        return self._answer(uid)

    def update_user(self, uid: str, **changes: object) -> object:
        return self._answer(uid, **changes)

    def _answer(self, uid: str, **changes: object) -> object:
        self.calls.append((uid, changes))
        self.threads.add(threading.get_ident())
        if self._error:
            raise self._error
        return object()


async def test_it_sends_the_second_of_a_sign_out_and_whether_an_account_is_disabled() -> None:
    client = FakeClient()
    users = FirebaseUsers(client)
    await users.sign_out("asha", AT)
    await users.set_disabled("asha", True)

    assert client.calls == [("asha", {"valid_since": int(AT.timestamp())}), ("asha", {"disabled": True})]


async def test_a_call_does_not_block_the_event_loop() -> None:
    client = FakeClient()
    assert await FirebaseUsers(client).knows("asha")

    assert threading.get_ident() not in client.threads


async def test_an_unknown_user_is_not_known_and_needs_no_change() -> None:
    users = FirebaseUsers(FakeClient(UNKNOWN))
    await users.sign_out("asha", AT)
    await users.set_disabled("asha", True)

    assert not await users.knows("asha")


@pytest.mark.parametrize(
    "error",
    [
        exceptions.UnavailableError("refused"),
        exceptions.DeadlineExceededError("slow"),
        exceptions.PermissionDeniedError("not ours"),
        exceptions.UnknownError("<html>"),
        TransportError("no credentials"),  # type: ignore[no-untyped-call]
    ],
)
async def test_any_other_error_is_to_be_tried_again(error: Exception) -> None:
    users = FirebaseUsers(FakeClient(error))
    for call in (users.sign_out("asha", AT), users.set_disabled("asha", True), users.knows("asha")):
        with pytest.raises(Unavailable):
            await call
