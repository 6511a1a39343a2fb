"""One Eventarc trigger: its function, its topic, and the resource names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from emulators.oidc import service_account
from shared.manifest import EventTrigger, Manifest


@dataclass(frozen=True, slots=True)
class Trigger:
    """The subscription of a function to a topic, and how the function is called."""

    project: str
    function: str
    topic: str
    url: str
    email: str
    timeout_seconds: float = 30
    subscription: EventTrigger | None = None
    """What the manifest says; None passes every message."""

    def passes(self, attributes: Mapping[str, str]) -> bool:
        """Say whether the function gets a message with these attributes."""
        return self.subscription is None or self.subscription.passes(attributes)

    @property
    def name(self) -> str:
        """Short name of the subscription that feeds the trigger."""
        return f"eventarc-{self.function}-{self.topic}"

    @property
    def subscription_path(self) -> str:
        """Full name of that subscription."""
        return f"projects/{self.project}/subscriptions/{self.name}"

    @property
    def topic_path(self) -> str:
        """Full name of the topic."""
        return f"projects/{self.project}/topics/{self.topic}"

    @property
    def dead_letter(self) -> str:
        """Short name of the topic of messages that the function did not accept."""
        return f"{self.topic}-dead-letter"

    @property
    def dead_letter_path(self) -> str:
        """Full name of that topic."""
        return f"projects/{self.project}/topics/{self.dead_letter}"

    @property
    def dead_letter_subscription_path(self) -> str:
        """Full name of the subscription that keeps dead letters."""
        return f"projects/{self.project}/subscriptions/{self.dead_letter}"


def triggers_of(manifests: Mapping[str, Manifest], urls: Mapping[str, str], project: str) -> list[Trigger]:
    """Return the triggers of all functions; `urls` holds each function's base URL."""
    return [
        Trigger(
            project=project,
            function=name,
            topic=event.topic,
            url=urls[name],
            email=service_account(manifest.invoker_email, project),
            timeout_seconds=manifest.deploy.timeout_seconds,
            subscription=event,
        )
        for name, manifest in manifests.items()
        for event in manifest.events
    ]
