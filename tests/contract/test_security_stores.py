"""One suite for the store of sessions, second factors and admin actions: every database alike."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.adapters.firestore.accounts import FirestoreRoles
from shared.adapters.firestore.identity import FirestoreSecurity
from shared.identity.audit import AuditAction, AuditEntry
from shared.identity.domain import Account, SecondFactor, SecurityState, Session, SignIn
from shared.identity.second_factor import SecondFactorMissing
from shared.identity.sessions import ended, signed_in
from shared.kernel.access import AccountStatus
from shared.kernel.actor import Principal, Role
from shared.kernel.decision import Decision
from shared.kernel.errors import Contended
from tests.builders import NOW
from tests.contract.stores import Ground

SIGNED_IN = int((NOW - timedelta(hours=1)).timestamp())
ASHA = Principal("asha", "asha@example.com", True, "+919800000001", "Asha", SIGNED_IN)
LAPTOP = replace(ASHA, auth_time=SIGNED_IN + 60)
Decided = Decision[SecurityState, SecurityState]


@pytest.fixture
def security(ground: Ground) -> FirestoreSecurity:
    return FirestoreSecurity(ground.documents)


async def record(security: FirestoreSecurity, person: Principal) -> SignIn:
    def decide(state: SecurityState) -> Decision[SecurityState, SignIn]:
        sign_in = signed_in(state, person, NOW)
        return Decision(SecurityState(sign_in.account, sign_in.session), (), sign_in)

    return await security.change(person.uid, decide, session_id=person.session_id)


async def end(security: FirestoreSecurity, person: Principal) -> SecurityState:
    def decide(state: SecurityState) -> Decided:
        after = ended(state, NOW)
        return Decision(after, (), after)

    return await security.change(person.uid, decide, session_id=person.session_id)


async def status(ground: Ground, uid: str = "asha", session_id: str = "") -> AccountStatus:
    return await FirestoreRoles(ground.database).account_status(uid, session_id)


class TestSessions:
    async def test_sessions_that_have_not_ended_are_listed_newest_first(
        self, security: FirestoreSecurity
    ) -> None:
        for person in (ASHA, LAPTOP, replace(ASHA, uid="ravi")):
            await record(security, person)
        day = timedelta(days=1)

        listed = await security.live_sessions("asha", NOW - day, 10)
        assert [session.id for session in listed] == [LAPTOP.session_id, ASHA.session_id]
        newest = await security.live_sessions("asha", NOW - day, 1)
        assert [one.id for one in newest] == [LAPTOP.session_id]
        later = await security.live_sessions("asha", listed[1].created_at, 10)
        assert [one.id for one in later] == [LAPTOP.session_id]
        await end(security, LAPTOP)
        left = await security.live_sessions("asha", NOW - day, 10)
        assert [one.id for one in left] == [ASHA.session_id]

    async def test_the_end_of_a_session_is_in_both_documents(
        self, ground: Ground, security: FirestoreSecurity
    ) -> None:
        await record(security, ASHA)
        after = await end(security, ASHA)

        assert after.account
        assert after.account.revoked_sessions == (ASHA.session_id,)
        assert (await status(ground)).revoked_sessions == (ASHA.session_id,)
        assert after.session
        assert after.session.revoked_at == NOW

    async def test_a_change_that_a_grant_overtook_keeps_the_grant(
        self, ground: Ground, security: FirestoreSecurity
    ) -> None:
        await record(security, ASHA)
        ground.database.overtake("auth/asha", roles=["support"])
        await end(security, ASHA)

        assert (await status(ground)).roles == {Role.SUPPORT}

    async def test_a_session_that_cannot_be_read_hides_no_other(
        self, ground: Ground, security: FirestoreSecurity
    ) -> None:
        await record(security, ASHA)
        bad = {"id": "ses_bad", "created_at": NOW, "seen_at": "yesterday", "revoked_at": None}
        await ground.put("users/asha/sessions/ses_bad", bad)

        listed = await security.live_sessions("asha", NOW - timedelta(days=1), 1)
        assert [session.id for session in listed] == [ASHA.session_id]

    async def test_a_decision_that_changes_nothing_writes_nothing(
        self, ground: Ground, security: FirestoreSecurity
    ) -> None:
        first = await record(security, ASHA)
        ground.database.overtake("auth/asha", disabled=True)
        assert await record(security, ASHA) == first

    async def test_ends_at_once_are_all_kept(self, ground: Ground, security: FirestoreSecurity) -> None:
        people = [replace(ASHA, auth_time=SIGNED_IN + second) for second in range(4)]
        for person in people:
            await record(security, person)
        await asyncio.gather(*(end(security, person) for person in people))

        assert set((await status(ground)).revoked_sessions) == {person.session_id for person in people}
        assert await security.live_sessions("asha", NOW - timedelta(days=1), 10) == []

    async def test_requests_at_once_make_one_session(
        self, ground: Ground, security: FirestoreSecurity
    ) -> None:
        await asyncio.gather(*(record(security, ASHA) for _ in range(4)))

        assert await ground.ids("users/asha/sessions") == [ASHA.session_id]
        assert await ground.ids("auth") == ["asha"]


class TestAccountStatus:
    async def test_an_unknown_user_has_no_roles(self, ground: Ground) -> None:
        found = await status(ground, "unknown", "ses_x")

        assert (found.roles, found.disabled, found.recent_mfa_until) == (frozenset(), False, None)

    async def test_it_is_the_account_s_and_the_named_session_s(self, ground: Ground) -> None:
        until = NOW + timedelta(minutes=10)
        account = {"roles": ["admin"], "disabled": True, "second_factor": True, "tokens_valid_after": NOW}
        await ground.put("auth/asha", account)
        await ground.put("users/asha/sessions/ses_1", Session("ses_1", NOW, NOW, recent_mfa_until=until))

        found = await status(ground, "asha", "ses_1")
        assert found.roles == {Role.ADMIN}
        assert (found.disabled, found.second_factor) == (True, True)
        assert (found.tokens_valid_after, found.recent_mfa_until) == (NOW, until)
        assert (await status(ground, "asha", "ses_2")).recent_mfa_until is None
        assert (await status(ground)).recent_mfa_until is None

    async def test_roles_are_those_that_the_document_grants_at_this_moment(self, ground: Ground) -> None:
        assert (await status(ground)).roles == frozenset()
        for granted, roles in (
            (["admin", "king", "system"], {Role.ADMIN}),
            ([], set()),
            ("admin", set()),
            (None, set()),
        ):
            await ground.put("auth/asha", {"roles": granted})
            assert (await status(ground)).roles == roles

    async def test_the_profile_grants_nothing(self, ground: Ground) -> None:
        await ground.put("users/asha", {"uid": "asha", "roles": ["admin"], "disabled": True})

        assert await status(ground) == AccountStatus()


class TestSecondFactors:
    async def test_account_session_and_factor_change_together_and_the_factor_is_removed(
        self, ground: Ground, security: FirestoreSecurity
    ) -> None:
        factor = SecondFactor("asha", "sealed", NOW, confirmed_at=NOW)

        def begin(state: SecurityState) -> Decision[SecurityState, None]:
            assert state == SecurityState()
            sign_in = signed_in(state, ASHA, NOW)
            account = replace(sign_in.account, second_factor=True)
            return Decision(SecurityState(account, sign_in.session, factor), (), None)

        def remove(state: SecurityState) -> Decision[SecurityState, None]:
            assert state.account
            assert state.session
            assert state.factor == factor
            account = replace(state.account, second_factor=False)
            return Decision(SecurityState(account, state.session), (), None)

        await change_factor(security, begin)
        assert await security.second_factor("asha") == factor
        assert (await status(ground)).second_factor
        await change_factor(security, remove)
        assert await security.second_factor("asha") is None
        assert not (await status(ground)).second_factor

    async def test_an_attempt_that_another_overtook_is_decided_again(
        self, ground: Ground, security: FirestoreSecurity
    ) -> None:
        await ground.put("second_factors/asha", SecondFactor("asha", "sealed", NOW, last_step=6))
        ground.database.overtake("second_factors/asha", last_step=7)
        seen: list[int] = []

        def decide(state: SecurityState) -> Decision[SecurityState, None]:
            assert state.factor
            seen.append(state.factor.last_step)
            return guess(state)

        await change_factor(security, decide)
        assert seen == [6, 7]
        assert (await ground.data("second_factors/asha") or {})["last_step"] == 7

    async def test_of_attempts_at_once_none_is_forgotten(
        self, ground: Ground, security: FirestoreSecurity
    ) -> None:
        await ground.put("second_factors/asha", SecondFactor("asha", "sealed", NOW, confirmed_at=NOW))

        await asyncio.gather(*(change_factor(security, guess) for _ in range(4)))
        assert (await security.second_factor("asha") or SecondFactor("", "", NOW)).failures == 4

    async def test_a_refusal_stores_nothing(self, ground: Ground, security: FirestoreSecurity) -> None:
        def refuse(_: SecurityState) -> Decision[SecurityState, None]:
            raise SecondFactorMissing

        with pytest.raises(SecondFactorMissing):
            await change_factor(security, refuse)
        assert await ground.ids("auth") == []
        assert await security.second_factor("asha") is None


class TestAdminActions:
    async def test_an_action_is_stored_with_its_audit_entry_or_not_at_all(
        self, ground: Ground, security: FirestoreSecurity
    ) -> None:
        await record(security, ASHA)
        entry = AuditEntry("aud_1", NOW, "admin-1", AuditAction.ACCOUNT_DISABLED, "asha", "fraud")

        def disable(state: SecurityState) -> Decided:
            account = replace(state.account or Account("ravi"), disabled=True)
            after = replace(state, account=account, entry=entry)
            return Decision(after, (), after)

        for decide in (disable, unchanged):
            after = await security.change("asha", decide, operator_id="admin-1")
            assert after.account
            assert after.account.disabled
        with pytest.raises(Contended):
            await security.change("ravi", disable, operator_id="admin-1")
        assert await ground.ids("audit") == ["aud_1"]
        assert await security.account("ravi") is None

    async def test_an_action_is_decided_again_when_its_operator_was_overtaken(
        self, ground: Ground, security: FirestoreSecurity
    ) -> None:
        await record(security, ASHA)
        await ground.put("auth/admin-1", {"roles": ["admin"], "second_factor": True})
        ground.database.overtake("auth/admin-1", roles=[])
        entry = AuditEntry("aud_1", NOW, "admin-1", AuditAction.SESSIONS_REVOKED, "asha", "lost phone")
        seen: list[tuple[str, ...]] = []

        def decide(state: SecurityState) -> Decided:
            assert state.operator
            seen.append(state.operator.roles)
            return Decision(replace(state, entry=entry), (), state)

        await security.change("asha", decide, operator_id="admin-1")
        assert seen == [("admin",), ()]
        assert await ground.data("auth/admin-1") == {"roles": [], "second_factor": True}

    async def test_a_grant_alone_is_an_account_and_outlives_its_changes(
        self, ground: Ground, security: FirestoreSecurity
    ) -> None:
        await ground.put("auth/asha", {"roles": ["admin"]})
        assert await security.account("asha") == Account("asha", roles=("admin",))
        await record(security, ASHA)
        assert (await status(ground)).roles == {Role.ADMIN}


async def change_factor(security: FirestoreSecurity, decide: object) -> None:
    await security.change(
        "asha",
        decide,  # type: ignore[arg-type]
        session_id=ASHA.session_id,
        with_factor=True,
    )


def guess(state: SecurityState) -> Decision[SecurityState, None]:
    assert state.factor
    sign_in = signed_in(state, ASHA, NOW)
    factor = replace(state.factor, failures=state.factor.failures + 1)
    return Decision(SecurityState(sign_in.account, sign_in.session, factor), (), None)


def unchanged(state: SecurityState) -> Decided:
    return Decision(state, (), state)
