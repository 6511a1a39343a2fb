"""A user edits their name, language, preferences and notification settings."""

from __future__ import annotations

from dataclasses import dataclass

from shared.kernel.actor import Principal
from shared.kernel.decision import Decision
from shared.profiles.domain import Profile, profile_of
from shared.profiles.ports import ProfileStore
from shared.profiles.preferences import ProfileChanges, edited


@dataclass(frozen=True, slots=True)
class EditProfile:
    """The user, the changes, and the versions of the profile that they may replace (None: any)."""

    person: Principal
    changes: ProfileChanges
    versions: frozenset[int] | None = None


async def edit_profile(command: EditProfile, *, profiles: ProfileStore) -> Profile:
    """Store the profile, a new one for a new user, and return it. Raises `ProfileChanged`."""

    def decide(stored: Profile | None) -> Decision[Profile, Profile]:
        profile = edited(profile_of(command.person, stored), command.changes, command.versions)
        return Decision(profile, (), profile)

    return await profiles.change(command.person.uid, decide)
