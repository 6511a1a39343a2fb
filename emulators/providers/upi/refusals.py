"""Every business reason for which the gateway or the UPI app says no."""

from emulators.providers.upi.errors import GatewayError


def bad_link(complaint: str) -> GatewayError:
    """The UPI app cannot read the link."""
    return GatewayError(complaint, reason="bad_link", field="link")


def unknown_link() -> GatewayError:
    """No payment was ever created with this link's reference."""
    return GatewayError("No such payment.", reason="unknown_link", status=404)


def altered_link() -> GatewayError:
    """The reference is known, but payee, amount or note are not those we gave out."""
    return GatewayError("The link was altered.", reason="altered_link", field="link")


def link_expired() -> GatewayError:
    """The intent was not answered in time."""
    return GatewayError("The payment request has expired.", reason="expired", status=410)


def already_paid() -> GatewayError:
    """This very intent was paid before."""
    return GatewayError("The payment has already been made.", reason="already_paid", status=409)


def already_failed() -> GatewayError:
    """This intent was declined before."""
    return GatewayError("The payment has already failed.", reason="already_failed", status=409)


def order_paid(status: int) -> GatewayError:
    """Another attempt has paid the order: an order is paid once."""
    return GatewayError("The order has already been paid.", reason="order_already_paid", status=status)


def other_amount() -> GatewayError:
    """A payment is for the whole order."""
    return GatewayError(
        "Your payment amount is different from your order amount.",
        reason="input_validation_failed",
        field="amount",
    )


def not_captured() -> GatewayError:
    """There is no money to give back."""
    return GatewayError("The payment status should be captured for action to be taken", reason="not_captured")


def fully_refunded() -> GatewayError:
    """There is no money left to give back."""
    return GatewayError("The payment has been fully refunded already", reason="fully_refunded")


def refund_too_large() -> GatewayError:
    """More is asked back than is left."""
    return GatewayError(
        "The total refund amount is greater than the refund payment amount",
        reason="refund_too_large",
        field="amount",
    )


def refund_settled() -> GatewayError:
    """A refund ends once."""
    return GatewayError("The refund has already been settled.", reason="already_settled", status=409)


def other_request() -> GatewayError:
    """An idempotency key belongs to one request for good."""
    return GatewayError(
        "The idempotency key was used with another request.", reason="idempotency_key_reused", status=409
    )
