"""Who may call what: one line for each operation of the published document."""

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

_OPERATIONS = """
ADMIN     POST /admin/drivers/{uid}/approve
ADMIN     GET  /admin/documents
ADMIN     GET  /admin/documents/{document_id}
ADMIN     POST /admin/documents/{document_id}/approve
ADMIN     POST /admin/documents/{document_id}/reject
ADMIN     GET  /admin/merchants
ADMIN     GET  /admin/merchants/{merchant_id}
ADMIN     POST /admin/merchants/{merchant_id}/approve
ADMIN     POST /admin/merchants/{merchant_id}/reject
ADMIN     POST /admin/merchants/{merchant_id}/suspend
ADMIN     POST /admin/users/{uid}/disable
ADMIN     POST /admin/users/{uid}/enable
ADMIN     POST /admin/users/{uid}/revoke
ADMIN     POST /admin/users/{uid}/roles
ADMIN     POST /admin/users/{uid}/second-factor/reset
ADMIN     POST /admin/zones
ADMIN     POST /admin/zones/{zone_id}/archive
DRIVER    GET  /driver
WHEELS    POST /driver/go-offline
WHEELS    POST /driver/go-online
ANYONE    POST /driver/location
DRIVER    GET  /driver/offers/{offer_id}
DRIVER    POST /driver/offers/{offer_id}/accept
DRIVER    POST /driver/offers/{offer_id}/decline
DRIVER    POST /driver/orders/{order_id}/arrived
DRIVER    POST /driver/orders/{order_id}/delivered
DRIVER    POST /driver/orders/{order_id}/failed
DRIVER    POST /driver/orders/{order_id}/in-transit
DRIVER    POST /driver/orders/{order_id}/picked-up
DRIVER    POST /driver/orders/{order_id}/redeliver
DRIVER    POST /driver/orders/{order_id}/returning
ANYONE    POST /drivers
ANYONE    GET  /me
ANYONE    PUT  /me
ANYONE    GET  /me/addresses
ANYONE    POST /me/addresses
CUSTOMER  PUT  /me/addresses/{address_id}
CUSTOMER  DELETE /me/addresses/{address_id}
ANYONE    GET  /me/blocks
CUSTOMER  POST /me/blocks
CUSTOMER  DELETE /me/blocks/{blocked}
ANYONE    POST /me/devices
CUSTOMER  DELETE /me/devices/{device_id}
ANYONE    GET  /me/documents
ANYONE    POST /me/documents
CUSTOMER  GET  /me/documents/{document_id}
CUSTOMER  POST /me/documents/{document_id}/submit
ANYONE    GET  /me/notifications
ANYONE    GET  /me/second-factor
ANYONE    POST /me/second-factor
ANYONE    POST /me/second-factor/confirm
ANYONE    POST /me/second-factor/disable
ANYONE    POST /me/second-factor/recovery-codes
ANYONE    POST /me/second-factor/verify
ANYONE    GET  /me/sessions
ANYONE    POST /me/sessions
ANYONE    GET  /me/statistics
CUSTOMER  DELETE /me/sessions/{session_id}
ANYONE    DELETE /me/sessions
ANYONE    GET  /merchants
ANYONE    POST /merchants
ANYONE    GET  /merchants/{merchant_id}
STAFF     PUT  /merchants/{merchant_id}
STAFF     GET  /merchants/{merchant_id}/blocks
STAFF     POST /merchants/{merchant_id}/blocks
STAFF     DELETE /merchants/{merchant_id}/blocks/{customer_id}
STAFF     PUT  /merchants/{merchant_id}/capacity
STAFF     POST /merchants/{merchant_id}/close
ANYONE    GET  /merchants/{merchant_id}/hours
STAFF     PUT  /merchants/{merchant_id}/hours
STAFF     PUT  /merchants/{merchant_id}/last-order
ANYONE    GET  /merchants/{merchant_id}/menu
STAFF     PUT  /merchants/{merchant_id}/menu
STAFF     POST /merchants/{merchant_id}/menu/items/{item_id}/availability
STAFF     GET  /merchants/{merchant_id}/menu/versions/{version}
STAFF     POST /merchants/{merchant_id}/open
STAFF     POST /merchants/{merchant_id}/pause
STAFF     GET  /merchants/{merchant_id}/staff
STAFF     PUT  /merchants/{merchant_id}/staff/{member}
STAFF     DELETE /merchants/{merchant_id}/staff/{member}
STAFF     GET  /merchants/{merchant_id}/stock
STAFF     PUT  /merchants/{merchant_id}/stock/{item_id}
STAFF     POST /merchants/{merchant_id}/submit
ANYONE    GET  /orders
CUSTOMER  POST /orders
CUSTOMER  GET  /orders/{order_id}
CUSTOMER  POST /orders/{order_id}/cancel
CUSTOMER  GET  /orders/{order_id}/cancellation
STAFF     POST /orders/{order_id}/confirm
CUSTOMER  GET  /orders/{order_id}/events
STAFF     POST /orders/{order_id}/prepare
STAFF     POST /orders/{order_id}/ready
CUSTOMER  POST /orders/{order_id}/reorder
CUSTOMER  GET  /orders/{order_id}/substitutions
STAFF     POST /orders/{order_id}/substitutions
CUSTOMER  POST /orders/{order_id}/substitutions/{substitution_id}/accept
CUSTOMER  POST /orders/{order_id}/substitutions/{substitution_id}/decline
STAFF     POST /orders/{order_id}/taken-back
CUSTOMER  GET  /orders/{order_id}/tips
CUSTOMER  POST /orders/{order_id}/tips
CUSTOMER  POST /payments
CUSTOMER  GET  /payments/{payment_id}
ANYONE    POST /quotes
ANYONE    GET  /recurrences
ANYONE    POST /recurrences
CUSTOMER  GET  /recurrences/{recurrence_id}
CUSTOMER  POST /recurrences/{recurrence_id}/end
CUSTOMER  POST /recurrences/{recurrence_id}/skip
ANYONE    GET  /reviews
CUSTOMER  POST /reviews
ANYONE    GET  /zones
ANYONE    GET  /zones/serving
SIGNED    POST /webhooks/upi
"""
_KINDS = {
    "ANYONE": ANYONE,
    "SIGNED": SIGNED,
    "CUSTOMER": CUSTOMER,
    "STAFF": STAFF,
    "DRIVER": DRIVER,
    "ADMIN": ADMIN,
    "WHEELS": WHEELS,
}


def _table() -> Mapping[str, Access]:
    rows = (line.split() for line in _OPERATIONS.strip().splitlines())
    return {f"{method} {path}": _KINDS[kind] for kind, method, path in rows}


ACCESS = _table()
