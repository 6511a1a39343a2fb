"""The errors of the gateway, in the format of Razorpay."""

from dataclasses import dataclass
from typing import Any

BAD_REQUEST = "BAD_REQUEST_ERROR"
SERVER_ERROR = "SERVER_ERROR"


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer: a status and a JSON object."""

    status: int
    body: dict[str, Any]


class GatewayError(Exception):
    """The gateway refuses a request; nothing changed, unless a payment failed."""

    def __init__(
        self,
        description: str,
        *,
        reason: str,
        status: int = 400,
        code: str = BAD_REQUEST,
        field: str | None = None,
    ) -> None:
        super().__init__(description)
        self.description = description
        self.reason = reason
        self.status = status
        self.code = code
        self.field = field

    def answer(self) -> Answer:
        """Return the HTTP answer of the error."""
        error: dict[str, Any] = {
            "code": self.code,
            "description": self.description,
            "source": "internal" if self.code == SERVER_ERROR else "business",
            "step": "payment_initiation",
            "reason": self.reason,
            "metadata": {},
        }
        if self.field is not None:
            error["field"] = self.field
        return Answer(self.status, {"error": error})


def unknown_id() -> GatewayError:
    """Return the error of an unknown id; Razorpay answers 400, not 404."""
    return GatewayError("The id provided does not exist", reason="input_validation_failed")


def unavailable() -> GatewayError:
    """Return the error of an unavailable gateway, which has not applied the request."""
    return GatewayError(
        "We are facing some trouble completing your request at the moment. Please try again shortly.",
        reason="server_error",
        status=503,
        code=SERVER_ERROR,
    )


def declined() -> GatewayError:
    """Return the error of a payment that the gateway refuses."""
    return GatewayError("Your payment could not be completed.", reason="payment_declined")
