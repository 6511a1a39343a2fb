"""A user reads their profile, which takes over what has been verified since the last time."""

from __future__ import annotations

from shared.kernel.actor import Principal
from shared.kernel.decision import Decision
from shared.profiles.domain import Profile, profile_of
from shared.profiles.ports import ProfileStore


async def refresh_profile(person: Principal, *, profiles: ProfileStore) -> Profile:
    """Return the profile with the e-mail address and phone number of the token; store it if they changed."""

    def decide(stored: Profile | None) -> Decision[Profile, Profile]:
        profile = profile_of(person, stored)
        return Decision(profile, (), profile)

    return await profiles.change(person.uid, decide)
