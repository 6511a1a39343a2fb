"""A token revoked, a session ended, an account closed, a member dismissed, a phone signed out: every function
sees it within five seconds, whatever happens to the copies in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest

from shared.adapters.copies import CopyRules
from shared.adapters.firestore.accounts import CopiedRoles, FirestoreRoles
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.codec import Delete, DocumentWrite, Update
from shared.adapters.firestore.copies import CONFIG, CopiedDocuments, UncopiedDocuments
from shared.adapters.firestore.database import CommitRefused, CommitUnknown, Snapshot, Write
from shared.adapters.firestore.memberships import FirestoreMemberships, is_member
from shared.adapters.firestore.notifications import FirestoreDevices
from shared.adapters.firestore.read_set import Docs
from shared.kernel.decision import Decision
from shared.kernel.ids import new_id
from tests.fakes.bus import MemoryBus
from tests.fakes.copies import MemoryCopies
from tests.fakes.database import MemoryDatabase
from tests.fakes.runtime import NOW

WITHIN = timedelta(seconds=5)
RULES = CopyRules()


class Database(MemoryDatabase):
    """Lets something happen right before or after a commit, and counts its reads."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0
        self.before_commit: list[Callable[[], None]] = []
        self.after_commit: list[Callable[[], None]] = []

    async def get_all(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        self.reads += sum(path != CONFIG for path in paths)
        return await super().get_all(paths)

    async def commit(self, writes: Sequence[Write]) -> None:
        while self.before_commit:
            self.before_commit.pop()()
        await super().commit(writes)
        while self.after_commit:
            self.after_commit.pop()()


class Scene:
    """Two processes over one database and one Redis: one asks, the other changes."""

    def __init__(self) -> None:
        self.now = NOW
        self.database = Database()
        self.database.seed("auth/asha", {"uid": "asha"})
        self.database.seed("users/asha", {"uid": "asha", "push_tokens": ["phone"]})
        for uid in ("cook", "waiter"):
            self.database.seed(f"merchants/mer_1/staff/{uid}", {"uid": uid})
        self.redis = MemoryCopies(self.clock)
        self.there, self.here = self._process(self.redis), self._process(self.redis)
        self.documents = DocumentStore(self.database, MemoryBus(), clock=self.clock, committer=self.there)

    def clock(self) -> datetime:
        return self.now

    def _process(self, redis: MemoryCopies) -> CopiedDocuments:
        return CopiedDocuments(redis, self.database, clock=self.clock, ids=new_id, rules=RULES)

    async def seen(self, what: str) -> object:
        """Return how things stand, as the asking process sees them."""
        if what in ("disabled", "tokens_valid_after", "revoked_sessions"):
            status = await CopiedRoles(self.here, FirestoreRoles(self.database)).account_status("asha")
            return getattr(status, what)
        if what == "staff":
            return sorted(await FirestoreMemberships(self.database, self.here).members("mer_1"))
        if what == "member":
            reading = DocumentStore(self.database, MemoryBus(), clock=self.clock, committer=self.here)
            return await reading.change([], lambda docs: Decision((), (), is_member(docs, "mer_1", "cook")))
        return (await FirestoreDevices(self.database, self.here).contact_points("asha")).tokens

    async def warm(self, what: str) -> object:
        """Let a copy be there, and return what it says."""
        await self.seen(what)
        self.now += RULES.wary + RULES.lease
        before = await self.seen(what)
        reads = self.database.reads
        assert await self.seen(what) == before
        assert self.database.reads == reads
        return before

    async def change(self, write: DocumentWrite) -> None:
        """Change a document as a use case does."""

        def decide(docs: Docs) -> Decision[Sequence[DocumentWrite], None]:
            return Decision([write], (), None)

        await self.documents.change([write.path], decide)


CHANGES: dict[str, tuple[DocumentWrite, object]] = {
    "tokens_valid_after": (Update("auth/asha", {"tokens_valid_after": NOW}), NOW),
    "revoked_sessions": (Update("auth/asha", {"revoked_sessions": ["ses_1"]}), ("ses_1",)),
    "disabled": (Update("auth/asha", {"disabled": True}), True),
    "staff": (Delete("merchants/mer_1/staff/cook"), ["waiter"]),
    "member": (Delete("merchants/mer_1/staff/cook"), False),
    "tokens": (Update("users/asha", {"push_tokens": []}), ()),
}


@pytest.fixture(params=list(CHANGES))
def what(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def _sees(scene: Scene, what: str) -> None:
    """Assert that the change is seen five seconds later, and from then on."""
    expected = CHANGES[what][1]
    scene.now += WITHIN
    for _ in range(3):
        assert await scene.seen(what) == expected
    scene.now += RULES.wary
    assert await scene.seen(what) == expected


async def test_what_is_read_again_costs_no_read(scene: Scene, what: str) -> None:
    await scene.warm(what)


async def test_a_change_is_seen_at_once(scene: Scene, what: str) -> None:
    await scene.warm(what)
    write, expected = CHANGES[what]
    await scene.change(write)

    assert await scene.seen(what) == expected


Moment = Callable[[Scene], None]


def _nothing(scene: Scene) -> None:
    """Redis works all the time."""


def _wiped_before(scene: Scene) -> None:
    scene.redis.wipe()


def _wiped_while_it_commits(scene: Scene) -> None:
    scene.database.before_commit.append(scene.redis.wipe)


def _wiped_after_the_commit(scene: Scene) -> None:
    scene.database.after_commit.append(scene.redis.wipe)


def _down(scene: Scene) -> None:
    scene.redis.down = True


def _down_while_it_commits(scene: Scene) -> None:
    scene.database.before_commit.append(lambda: _down(scene))


def _down_until_it_is_committed(scene: Scene) -> None:
    _down(scene)

    def come_back() -> None:
        scene.redis.down = False

    scene.database.after_commit.append(come_back)


MOMENTS: list[Moment] = [
    _nothing,
    _wiped_before,
    _wiped_while_it_commits,
    _wiped_after_the_commit,
    _down,
    _down_while_it_commits,
    _down_until_it_is_committed,
]


@pytest.mark.parametrize("trouble", MOMENTS)
async def test_a_change_is_seen_whatever_becomes_of_redis(scene: Scene, what: str, trouble: Moment) -> None:
    await scene.warm(what)
    trouble(scene)
    await scene.change(CHANGES[what][0])

    await _sees(scene, what)


@pytest.mark.parametrize("trouble", MOMENTS)
async def test_a_reader_who_read_before_the_change_leaves_no_stale_copy(
    scene: Scene, what: str, trouble: Moment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change takes place between the look at the document and the copy that is made of it."""
    await scene.warm(what)
    scene.now += RULES.lifetime
    await scene.seen(what)  # trusted again, and the copy has expired
    scene.now += RULES.lifetime + RULES.lease
    put = scene.redis.put

    async def late(key: str, token: str, value: str) -> None:
        monkeypatch.setattr(scene.redis, "put", put)
        trouble(scene)
        await scene.change(CHANGES[what][0])
        await put(key, token, value)

    monkeypatch.setattr(scene.redis, "put", late)
    await scene.seen(what)

    await _sees(scene, what)


@pytest.mark.parametrize("trouble", MOMENTS)
async def test_a_process_that_dies_after_its_commit_leaves_no_stale_copy(
    scene: Scene, what: str, trouble: Moment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It releases nothing, and right before its commit somebody reads what is about to change."""
    await scene.warm(what)
    monkeypatch.setattr(CopiedDocuments, "_release", _dead)
    commit = scene.database.commit

    async def read_first(writes: Sequence[Write]) -> None:
        while scene.database.before_commit:
            scene.database.before_commit.pop()()
        await scene.seen(what)
        await commit(writes)

    monkeypatch.setattr(scene.database, "commit", read_first)
    trouble(scene)
    await scene.change(CHANGES[what][0])

    await _sees(scene, what)


async def _dead(self: CopiedDocuments, keys: Sequence[str], change_id: str) -> None:
    """Do nothing."""


@pytest.mark.parametrize("fault", [CommitRefused(), CommitUnknown()])
async def test_a_commit_that_is_tried_again_is_seen_too(scene: Scene, what: str, fault: Exception) -> None:
    await scene.warm(what)

    def fail() -> None:
        raise fault

    scene.database.before_commit.append(fail)
    await scene.change(CHANGES[what][0])

    await _sees(scene, what)


async def test_copies_are_used_again_some_hours_after_a_hold_that_failed(scene: Scene) -> None:
    await scene.warm("disabled")
    _down_until_it_is_committed(scene)
    await scene.change(CHANGES["disabled"][0])
    scene.now += RULES.trust
    reads = scene.database.reads
    for _ in range(3):
        await scene.seen("disabled")
    assert scene.database.reads == reads + 3

    scene.now += RULES.distrust

    assert await scene.warm("disabled") is True


async def test_while_redis_is_down_changes_say_so_once_and_not_each_time(scene: Scene) -> None:
    _down(scene)
    for disabled in (True, False, True):
        await scene.change(Update("auth/asha", {"disabled": disabled}))

    said = [write for commit in scene.database.commits for write in commit if write.path == CONFIG]
    assert len(said) == 1


async def test_a_function_that_cannot_hold_copies_changes_no_document_that_has_any(scene: Scene) -> None:
    documents = DocumentStore(
        scene.database, MemoryBus(), clock=scene.clock, committer=UncopiedDocuments(scene.database)
    )

    def decide(write: DocumentWrite) -> Callable[[Docs], Decision[Sequence[DocumentWrite], None]]:
        return lambda docs: Decision([write], (), None)

    with pytest.raises(LookupError, match="CopyPorts"):
        await documents.change(["auth/asha"], decide(Update("auth/asha", {"disabled": True})))
    await documents.change(["auth/asha"], decide(Update("auth/asha", {"signed_in_at": NOW})))
