"""The groups of operations, in the order in which an app developer meets them."""

from collections.abc import Mapping

TAGS: Mapping[str, str] = {
    "profile": "Your profile, addresses, devices and notifications.",
    "sessions": "Your sign-ins.",
    "second factor": "Your authenticator app, which payouts, admin and emergency operations need.",
    "verification": "Identity and licence documents of drivers and merchants.",
    "merchants": "Merchants: search, registration, profile, hours, staff.",
    "menu": "Menus and stock.",
    "zones": "Where orders are delivered.",
    "orders": "Quotes and orders, from placing to the end.",
    "recurring orders": "Orders that are placed again by a rule.",
    "tips": "Tips for drivers after the delivery.",
    "substitutions": "Replacements for unavailable items of an order.",
    "payments": "Payment of orders and tips.",
    "driver": "What a driver's app calls: availability, offers, positions, delivery steps.",
    "reviews": "Reviews, ratings and blocks.",
    "admin": "Operators: applications, people, documents.",
    "webhooks": "What payment gateways call.",
}
