"""The bodies that the gateway accepts, checked as strictly as Razorpay checks them."""

from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from emulators.providers.upi.errors import GatewayError

Paise = Annotated[int, Field(ge=100)]
Notes = Annotated[dict[str, Annotated[str, Field(max_length=256)]], Field(max_length=15)]
Receipt = Annotated[str, Field(max_length=40)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


BodyT = TypeVar("BodyT", bound=_Body)


class CreateOrder(_Body):
    """POST /v1/orders."""

    amount: Paise
    currency: Literal["INR"]
    receipt: Receipt | None = None
    notes: Notes = Field(default_factory=dict)


class UpiFlow(_Body):
    """How the customer pays: the emulator has the intent flow only."""

    flow: Literal["intent"]


class CreatePayment(_Body):
    """POST /v1/payments/create/upi."""

    amount: Paise
    currency: Literal["INR"]
    order_id: str
    method: Literal["upi"]
    upi: UpiFlow
    contact: Annotated[str, Field(min_length=8, max_length=20)]
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]
    notes: Notes = Field(default_factory=dict)
    description: Annotated[str, Field(max_length=255)] = ""
    ip: str | None = None
    referer: str | None = None
    user_agent: str | None = None


class CreateRefund(_Body):
    """POST /v1/payments/{id}/refund; without an amount, the rest of the payment."""

    amount: Paise | None = None
    speed: Literal["normal", "optimum"] = "normal"
    receipt: Receipt | None = None
    notes: Notes = Field(default_factory=dict)


class AppPayment(_Body):
    """POST /upi/app/pay: the customer pays or declines."""

    link: str
    approve: bool


class SettleRefund(_Body):
    """POST /_control/refunds/{id}/settle."""

    outcome: Literal["processed", "failed"]


def parse(model: type[BodyT], raw: bytes) -> BodyT:
    """Return the parsed body. Raises GatewayError that names the first invalid field."""
    try:
        return model.model_validate_json(raw or b"{}")
    except ValidationError as error:
        raise _refusal(error) from error


def _refusal(error: ValidationError) -> GatewayError:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    return GatewayError(
        _description(first["type"], field, first["msg"]),
        reason="input_validation_failed",
        field=field or None,
    )


def _description(kind: str, field: str, message: str) -> str:
    wording = {
        "json_invalid": "The request body is not valid JSON.",
        "missing": f"The {field} field is required.",
        "extra_forbidden": f"{field} is/are not required and should not be sent",
    }
    return wording.get(kind, f"The {field} field is invalid: {message}.")
