"""The body of messages:send, checked as strictly as FCM checks it."""

from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from emulators.providers.fcm.errors import FcmRefusal, bad_field, invalid

TOKEN_PAYLOAD_BYTES = 4096
TOPIC_PAYLOAD_BYTES = 2048
_RESERVED_KEYS = {"from", "gcm", "message_type"}
_RESERVED_PREFIXES = ("google.", "gcm.")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Notification(_Body):
    """The notification that the device displays."""

    title: str = ""
    body: str = ""
    image: str | None = None


class OutgoingMessage(_Body):
    """A message to one device token or to one topic. Platform-specific fields are not validated."""

    token: str | None = None
    topic: Annotated[str, Field(pattern=r"^[a-zA-Z0-9\-_.~%]+$")] | None = None
    notification: Notification | None = None
    data: dict[str, str] = Field(default_factory=dict)
    android: dict[str, Any] | None = None
    apns: dict[str, Any] | None = None
    webpush: dict[str, Any] | None = None
    fcm_options: dict[str, Any] | None = Field(
        default=None, validation_alias=AliasChoices("fcm_options", "fcmOptions")
    )


class SendRequest(_Body):
    """The whole body."""

    message: OutgoingMessage
    validate_only: bool = Field(default=False, validation_alias=AliasChoices("validate_only", "validateOnly"))


def parse_send(raw: bytes) -> SendRequest:
    """Return the parsed body. Raises FcmRefusal (INVALID_ARGUMENT) for a message that FCM refuses."""
    try:
        request = SendRequest.model_validate_json(raw)
    except ValidationError as error:
        raise _refusal(error) from error
    _require_one_target(request.message)
    _require_free_keys(request.message)
    _require_size(request.message)
    return request


def _require_one_target(message: OutgoingMessage) -> None:
    if bool(message.token) == bool(message.topic):
        raise invalid("Exactly one of token or topic must be set. (Conditions are not supported.)")


def _require_free_keys(message: OutgoingMessage) -> None:
    for key in message.data:
        if key in _RESERVED_KEYS or key.startswith(_RESERVED_PREFIXES):
            raise invalid(f"Invalid data payload key: {key}")


def _require_size(message: OutgoingMessage) -> None:
    limit = TOKEN_PAYLOAD_BYTES if message.token else TOPIC_PAYLOAD_BYTES
    texts = [text for pair in message.data.items() for text in pair]
    if message.notification is not None:
        texts += [message.notification.title, message.notification.body]
    if sum(len(text.encode()) for text in texts) > limit:
        raise invalid(f"The message payload is larger than {limit} bytes.")


def _refusal(error: ValidationError) -> FcmRefusal:
    first = error.errors()[0]
    kind, where = first["type"], list(first["loc"])
    if kind == "json_invalid":
        return bad_field("", f"Invalid JSON payload received. {first['msg']}")
    if kind == "extra_forbidden":
        parent = ".".join(str(part) for part in where[:-1])
        at = f" at '{parent}'" if parent else ""
        return bad_field(
            parent, f'Invalid JSON payload received. Unknown name "{where[-1]}"{at}: Cannot find field.'
        )
    path = ".".join(str(part) for part in where)
    return bad_field(path, f"Invalid value at '{path}' ({first['msg']}), {first['input']!r:.100}")
