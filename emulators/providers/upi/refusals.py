"""The business errors of the gateway and of the UPI app."""

from emulators.providers.upi.errors import GatewayError


def bad_link(message: str) -> GatewayError:
    """Return the error of a link that the UPI app cannot read."""
    return GatewayError(message, reason="bad_link", field="link")


def unknown_link() -> GatewayError:
    """Return the error of a link without a payment."""
    return GatewayError("No such payment.", reason="unknown_link", status=404)


def altered_link() -> GatewayError:
    """Return the error of a known reference with another payee, amount or note."""
    return GatewayError("The link was altered.", reason="altered_link", field="link")


def link_expired() -> GatewayError:
    """Return the error of an expired intent."""
    return GatewayError("The payment request has expired.", reason="expired", status=410)


def already_paid() -> GatewayError:
    """Return the error of an intent that was paid before."""
    return GatewayError("The payment has already been made.", reason="already_paid", status=409)


def already_failed() -> GatewayError:
    """Return the error of an intent that was declined before."""
    return GatewayError("The payment has already failed.", reason="already_failed", status=409)


def order_paid(status: int) -> GatewayError:
    """Return the error of an order that another attempt has paid."""
    return GatewayError("The order has already been paid.", reason="order_already_paid", status=status)


def other_amount() -> GatewayError:
    """Return the error of a payment that is not for the whole order."""
    return GatewayError(
        "Your payment amount is different from your order amount.",
        reason="input_validation_failed",
        field="amount",
    )


def not_captured() -> GatewayError:
    """Return the error of a refund without a captured payment."""
    return GatewayError("The payment status should be captured for action to be taken", reason="not_captured")


def fully_refunded() -> GatewayError:
    """Return the error of a refund when everything is refunded."""
    return GatewayError("The payment has been fully refunded already", reason="fully_refunded")


def refund_too_large() -> GatewayError:
    """Return the error of a refund that exceeds the rest."""
    return GatewayError(
        "The total refund amount is greater than the refund payment amount",
        reason="refund_too_large",
        field="amount",
    )


def refund_settled() -> GatewayError:
    """Return the error of a refund that has already finished."""
    return GatewayError("The refund has already been settled.", reason="already_settled", status=409)


def other_request() -> GatewayError:
    """Return the error of an idempotency key with another request."""
    return GatewayError(
        "The idempotency key was used with another request.", reason="idempotency_key_reused", status=409
    )
