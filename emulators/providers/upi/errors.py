"""What the gateway answers when it refuses, in the shape of Razorpay's errors."""

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
    """A refusal: nothing has changed, unless the reason says that a payment failed."""

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
        """The refusal as the client sees it."""
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
    """Razorpay answers 400, not 404, to an id that it does not know."""
    return GatewayError("The id provided does not exist", reason="input_validation_failed")


def unavailable() -> GatewayError:
    """The gateway is down: the request has not been applied."""
    return GatewayError(
        "We are facing some trouble completing your request at the moment. Please try again shortly.",
        reason="server_error",
        status=503,
        code=SERVER_ERROR,
    )


def declined() -> GatewayError:
    """The gateway does not take this payment on."""
    return GatewayError("Your payment could not be completed.", reason="payment_declined")
