"""The errors of FCM: google.rpc.Status in JSON."""

from typing import Any

_BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"


class FcmRefusal(Exception):
    """A request that was not accepted; `kind` is its key in the counters."""

    def __init__(
        self,
        http_status: int,
        status: str,
        message: str,
        *,
        kind: str | None = None,
        details: list[dict[str, Any]] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.http_status = http_status
        self.kind = kind or status
        self.retry_after = retry_after
        self.body = {
            "error": {"code": http_status, "message": message, "status": status, "details": details or []}
        }


def unauthenticated() -> FcmRefusal:
    """Return the error of a request without a bearer token."""
    return FcmRefusal(
        401,
        "UNAUTHENTICATED",
        "Request is missing required authentication credential. Expected OAuth 2 access token.",
    )


def bad_field(field: str, message: str) -> FcmRefusal:
    """Return the error of a field that JSON or the schema does not allow."""
    violation = {"field": field, "description": message}
    details = [{"@type": _BAD_REQUEST, "fieldViolations": [violation]}]
    return FcmRefusal(400, "INVALID_ARGUMENT", message, details=details)


def invalid(message: str) -> FcmRefusal:
    """Return the error of a well-formed message that FCM refuses."""
    return FcmRefusal(400, "INVALID_ARGUMENT", message, details=[_fcm_error("INVALID_ARGUMENT")])


def unregistered() -> FcmRefusal:
    """Return the error of a token whose app was uninstalled or whose token was replaced."""
    details = [_fcm_error("UNREGISTERED")]
    message = "Requested entity was not found."
    return FcmRefusal(404, "NOT_FOUND", message, kind="UNREGISTERED", details=details)


def quota_exceeded(retry_after: int) -> FcmRefusal:
    """Return the error of too many messages, with the time to retry after."""
    details = [_fcm_error("QUOTA_EXCEEDED")]
    message = "Resource has been exhausted (e.g. check quota)."
    return FcmRefusal(
        429, "RESOURCE_EXHAUSTED", message, kind="QUOTA_EXCEEDED", details=details, retry_after=retry_after
    )


def unavailable() -> FcmRefusal:
    """Return the error of an overloaded service, which accepted nothing."""
    details = [_fcm_error("UNAVAILABLE")]
    return FcmRefusal(
        503, "UNAVAILABLE", "The service is currently unavailable.", details=details, retry_after=1
    )


def not_found(message: str) -> FcmRefusal:
    """Return the error of an unknown route."""
    return FcmRefusal(404, "NOT_FOUND", message)


def _fcm_error(code: str) -> dict[str, Any]:
    return {"@type": _FCM_ERROR, "errorCode": code}
