"""An authenticator app on the phone of a caller."""

from __future__ import annotations

import pyotp

from shared.adapters.firestore.codec import to_document
from shared.identity.domain import Account
from shared.identity.enrolment_codes import issued
from tests.fakes.accounts import Caller
from tests.fakes.clock import FakeClock
from tests.fakes.database import MemoryDatabase
from tests.fakes.runtime import NOW

FACTOR = "/api/v1/me/second-factor"
CODE = "abcd-efgh-ijkl-mnop"
ENROLMENT = {"enrolment_code": CODE}


def seed_new_operator(database: MemoryDatabase, uid: str, *roles: str) -> None:
    """Give a user roles (admin by default), no second factor, and the enrolment code `CODE`."""
    code = issued(CODE, uid, "setup", NOW)
    account = Account(uid, roles=roles or ("admin",), enrolment_code=code)
    database.seed(f"auth/{uid}", to_document(account))


class App:
    """The authenticator app of one caller."""

    def __init__(self, call: Caller, clock: FakeClock) -> None:
        self.call = call
        self.clock = clock
        self.secret = ""
        self.recovery: list[str] = []

    def code(self, steps: int = 0) -> str:
        """Return the code of so many steps from now."""
        return pyotp.TOTP(self.secret).at(self.clock.now, counter_offset=steps)

    def wrong(self) -> str:
        """Return a code that is none of the three valid ones."""
        valid = {self.code(n) for n in (-1, 0, 1)}
        return next(code for code in ("000000", "000001", "000002", "000003") if code not in valid)

    async def enrol(self) -> None:
        """Enrol and confirm, at the beginning of a time step."""
        self.clock.wait(-self.clock.now.timestamp() % 30)
        self.secret = (await self.call("POST", FACTOR, ENROLMENT)).json()["secret"]
        answer = await self.call("POST", f"{FACTOR}/confirm", {"code": self.code()})
        assert answer.status_code == 200, answer.text
        self.recovery = answer.json()["recovery_codes"]

    async def send(self, code: str, what: str = "verify") -> tuple[int, str]:
        """Send a code; return the status and the problem's code."""
        answer = await self.call("POST", f"{FACTOR}/{what}", {"code": code})
        return answer.status_code, answer.json().get("code", "") if answer.content else ""

    async def has_recent_mfa(self) -> bool:
        """Return whether an admin route admits the caller's session."""
        answer = await self.call("POST", "/api/v1/admin/users/unknown/revoke", {"reason": "test"})
        code = answer.json()["code"]
        assert code in ("USER_NOT_FOUND", "SECOND_FACTOR_REQUIRED", "SECOND_FACTOR_NOT_ENROLLED"), code
        return answer.status_code == 404
