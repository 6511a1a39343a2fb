"""Who may call what: a rule for the operations of the published document, and its exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Role = Literal["customer", "staff", "driver", "admin"]
ROLES: tuple[Role, ...] = ("customer", "staff", "driver", "admin")


@dataclass(frozen=True, slots=True)
class Access:
    """Who is right (anyone signed in, if None), and what the same request of everyone else comes to.

    `public` needs no sign-in at all: it has a proof of its own, such as a signature.
    """

    right: Role | None = None
    others: int = 404
    public: bool = False


ANYONE = Access()
SIGNED = Access(public=True)
CUSTOMER, STAFF, DRIVER = Access("customer"), Access("staff"), Access("driver")
ADMIN = Access("admin", others=403)
WHEELS = Access("driver", others=403)

EXCEPTIONS: Mapping[str, Access] = {
    "GET /driver": DRIVER,
    "GET /driver/requirements": DRIVER,
    "POST /driver/go-offline": WHEELS,
    "POST /driver/go-online": WHEELS,
    "POST /me/blocks": CUSTOMER,
    "GET /merchants/{merchant_id}": ANYONE,
    "GET /merchants/{merchant_id}/hours": ANYONE,
    "GET /merchants/{merchant_id}/menu": ANYONE,
    "POST /orders": CUSTOMER,
    "POST /orders/{order_id}/confirm": STAFF,
    "POST /orders/{order_id}/prepare": STAFF,
    "POST /orders/{order_id}/ready": STAFF,
    "POST /orders/{order_id}/substitutions": STAFF,
    "POST /orders/{order_id}/taken-back": STAFF,
    "POST /payments": CUSTOMER,
    "POST /reviews": CUSTOMER,
}
"""The operations to which the rule of `access_to` does not apply."""


SUPPORT = frozenset(
    {
        "GET /admin/drivers",
        "GET /admin/drivers/{uid}",
        "POST /admin/drivers/{uid}/reject",
        "POST /admin/drivers/{uid}/suspend",
        "POST /admin/users/{uid}/revoke",
    }
)
"""What support may do besides all that concerns orders. The rest is for admins."""


def is_for_support(operation: str) -> bool:
    """Say whether support may call an operation that is for operators."""
    return operation in SUPPORT or operation.split()[1].startswith(("/admin/orders", "/admin/assignments"))


def access_to(operation: str) -> Access:
    """Return who may call an operation, given as `POST /orders/{order_id}/cancel`.

    The rule: an operation whose path names a thing is for the one to whom it belongs, and others do not find
    it; one without acts on what is the caller's own.
    """
    if operation in EXCEPTIONS:
        return EXCEPTIONS[operation]
    path = operation.split()[1]
    if path.startswith("/webhooks/"):
        return SIGNED
    if path.startswith("/admin/"):
        return ADMIN
    if "{" not in path:
        return ANYONE
    owner = {"driver": DRIVER, "merchants": STAFF}
    return owner.get(path.split("/")[1], CUSTOMER)
