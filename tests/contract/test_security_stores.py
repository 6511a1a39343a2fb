"""One suite for the stores of sessions and second factors: every database alike."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.accounts.domain import Account
from shared.adapters.firestore.accounts import FirestoreRoles
from shared.adapters.firestore.sessions import FirestoreSecondFactors, FirestoreSessions
from shared.identity.second_factor import SecondFactor, SecondFactorMissing, Security
from shared.identity.sessions import Session, Visit, ended, visited
from shared.kernel.actor import Principal, Role
from tests.builders import NOW
from tests.contract.stores import Ground

SIGNED_IN = int((NOW - timedelta(hours=1)).timestamp())
ASHA = Principal("asha", "asha@example.com", True, "+919800000001", "Asha", SIGNED_IN)
LAPTOP = replace(ASHA, auth_time=SIGNED_IN + 60)


@pytest.fixture
def sessions(ground: Ground) -> FirestoreSessions:
    return FirestoreSessions(ground.documents)


@pytest.fixture
def factors(ground: Ground) -> FirestoreSecondFactors:
    return FirestoreSecondFactors(ground.documents)


async def visit(sessions: FirestoreSessions, person: Principal) -> Visit:
    def decide(account: Account | None, session: Session | None) -> Visit:
        return visited(person, account, session, NOW)

    return await sessions.change(person.uid, person.session_id, decide)


class TestSessions:
    async def test_those_that_stand_are_listed_newest_first(self, sessions: FirestoreSessions) -> None:
        for person in (ASHA, LAPTOP, replace(ASHA, uid="ravi")):
            await visit(sessions, person)
        day = timedelta(days=1)

        listed = await sessions.live("asha", NOW - day, 10)
        assert [session.id for session in listed] == [LAPTOP.session_id, ASHA.session_id]
        assert [one.id for one in await sessions.live("asha", NOW - day, 1)] == [LAPTOP.session_id]
        assert [one.id for one in await sessions.live("asha", listed[1].created_at, 10)] == [
            LAPTOP.session_id
        ]
        await sessions.change("asha", LAPTOP.session_id, lambda a, s: ended(a, s, NOW))
        assert [one.id for one in await sessions.live("asha", NOW - day, 10)] == [ASHA.session_id]

    async def test_the_end_of_a_session_stands_in_both_documents(
        self, ground: Ground, sessions: FirestoreSessions
    ) -> None:
        await visit(sessions, ASHA)
        after = await sessions.change("asha", ASHA.session_id, lambda a, s: ended(a, s, NOW))

        assert after.account.revoked_sessions == (ASHA.session_id,)
        assert (await FirestoreRoles(ground.database).standing("asha")).revoked_sessions == (ASHA.session_id,)
        assert after.session.revoked_at == NOW

    async def test_a_visit_that_a_grant_overtook_keeps_the_grant(
        self, ground: Ground, sessions: FirestoreSessions
    ) -> None:
        await visit(sessions, ASHA)
        ground.database.overtake("users/asha", roles=["support"])
        await sessions.change("asha", ASHA.session_id, lambda a, s: ended(a, s, NOW))

        assert (await FirestoreRoles(ground.database).standing("asha")).roles == {Role.SUPPORT}

    async def test_one_that_cannot_be_read_hides_no_other(
        self, ground: Ground, sessions: FirestoreSessions
    ) -> None:
        await visit(sessions, ASHA)
        bad = {"id": "ses_bad", "created_at": NOW, "seen_at": "yesterday", "revoked_at": None}
        await ground.put("users/asha/sessions/ses_bad", bad)

        listed = await sessions.live("asha", NOW - timedelta(days=1), 1)
        assert [session.id for session in listed] == [ASHA.session_id]

    async def test_a_look_that_changes_nothing_writes_nothing(
        self, ground: Ground, sessions: FirestoreSessions
    ) -> None:
        first = await visit(sessions, ASHA)
        ground.database.overtake("users/asha", name="never")
        assert await visit(sessions, ASHA) == first

    async def test_ends_at_once_are_all_kept(self, ground: Ground, sessions: FirestoreSessions) -> None:
        people = [replace(ASHA, auth_time=SIGNED_IN + second) for second in range(4)]
        for person in people:
            await visit(sessions, person)
        await asyncio.gather(
            *(sessions.change("asha", one.session_id, lambda a, s: ended(a, s, NOW)) for one in people)
        )

        standing = await FirestoreRoles(ground.database).standing("asha")
        assert set(standing.revoked_sessions) == {person.session_id for person in people}
        assert await sessions.live("asha", NOW - timedelta(days=1), 10) == []

    async def test_visits_at_once_make_one_session(self, ground: Ground, sessions: FirestoreSessions) -> None:
        await asyncio.gather(*(visit(sessions, ASHA) for _ in range(4)))

        assert await ground.ids("users/asha/sessions") == [ASHA.session_id]


class TestStanding:
    async def test_somebody_unknown_has_no_rights(self, ground: Ground) -> None:
        standing = await FirestoreRoles(ground.database).standing("nobody", "ses_x")

        assert (standing.roles, standing.disabled, standing.recent_mfa_until) == (frozenset(), False, None)

    async def test_it_is_the_account_s_and_the_named_session_s(self, ground: Ground) -> None:
        until = NOW + timedelta(minutes=10)
        rights = {"roles": ["admin"], "disabled": True, "second_factor": True, "tokens_valid_after": NOW}
        await ground.put("users/asha", rights)
        await ground.put("users/asha/sessions/ses_1", Session("ses_1", NOW, NOW, recent_mfa_until=until))
        book = FirestoreRoles(ground.database)

        standing = await book.standing("asha", "ses_1")
        assert standing.roles == {Role.ADMIN}
        assert (standing.disabled, standing.second_factor) == (True, True)
        assert (standing.tokens_valid_after, standing.recent_mfa_until) == (NOW, until)
        assert (await book.standing("asha", "ses_2")).recent_mfa_until is None
        assert (await book.standing("asha")).recent_mfa_until is None


class TestSecondFactors:
    async def test_account_session_and_factor_change_together_and_the_factor_goes(
        self, ground: Ground, factors: FirestoreSecondFactors
    ) -> None:
        factor = SecondFactor("asha", "sealed", NOW, confirmed_at=NOW)

        def begin(account: Account | None, session: Session | None, stored: SecondFactor | None) -> Security:
            assert (account, session, stored) == (None, None, None)
            found = visited(ASHA, account, session, NOW)
            return Security(replace(found.account, second_factor=True), found.session, factor)

        def end(account: Account | None, session: Session | None, stored: SecondFactor | None) -> Security:
            assert account
            assert session
            assert stored == factor
            return Security(replace(account, second_factor=False), session, None)

        await factors.change(ASHA, begin)
        assert await factors.find("asha") == factor
        assert (await FirestoreRoles(ground.database).standing("asha")).second_factor
        await factors.change(ASHA, end)
        assert await factors.find("asha") is None
        assert not (await FirestoreRoles(ground.database).standing("asha")).second_factor

    async def test_a_try_that_another_overtook_is_decided_again(
        self, ground: Ground, factors: FirestoreSecondFactors
    ) -> None:
        await ground.put("second_factors/asha", SecondFactor("asha", "sealed", NOW, last_step=6))
        ground.database.overtake("second_factors/asha", last_step=7)
        seen: list[int] = []

        def decide(account: Account | None, session: Session | None, stored: SecondFactor | None) -> Security:
            assert stored
            seen.append(stored.last_step)
            found = visited(ASHA, account, session, NOW)
            return Security(found.account, found.session, replace(stored, failures=stored.failures + 1))

        await factors.change(ASHA, decide)
        assert seen == [6, 7]
        assert (await ground.data("second_factors/asha") or {})["last_step"] == 7

    async def test_of_tries_at_once_none_is_forgotten(
        self, ground: Ground, factors: FirestoreSecondFactors
    ) -> None:
        await ground.put("second_factors/asha", SecondFactor("asha", "sealed", NOW, confirmed_at=NOW))

        def guess(account: Account | None, session: Session | None, stored: SecondFactor | None) -> Security:
            assert stored
            found = visited(ASHA, account, session, NOW)
            return Security(found.account, found.session, replace(stored, failures=stored.failures + 1))

        await asyncio.gather(*(factors.change(ASHA, guess) for _ in range(4)))
        assert (await factors.find("asha") or SecondFactor("", "", NOW)).failures == 4

    async def test_a_refusal_stores_nothing(self, ground: Ground, factors: FirestoreSecondFactors) -> None:
        def refuse(*_: object) -> Security:
            raise SecondFactorMissing

        with pytest.raises(SecondFactorMissing):
            await factors.change(ASHA, refuse)
        assert await ground.ids("users") == []
        assert await factors.find("asha") is None
