"""The words: by what happened, who reads it and in which language. Pure data.

Placeholders: {amount} such as "INR 250.00", {merchant_name}. Nothing else of a person or an order
goes into a text that a locked phone shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

FALLBACK = "en"
"""The language of people whose own has no texts yet."""


class Occasion(StrEnum):
    """What happened."""

    ORDER_PLACED = "order_placed"
    PAYMENT_CAPTURED = "payment_captured"
    PAYMENT_TOO_LATE = "payment_too_late"
    ORDER_CONFIRMED = "order_confirmed"
    OFFER_MADE = "offer_made"
    DRIVER_ASSIGNED = "driver_assigned"
    ORDER_PICKED_UP = "order_picked_up"
    ORDER_DELIVERED = "order_delivered"
    ORDER_CANCELLED = "order_cancelled"
    ORDER_UNASSIGNABLE = "order_unassignable"
    PAYMENT_REFUNDED = "payment_refunded"


class Audience(StrEnum):
    """In which role a person is told."""

    CUSTOMER = "customer"
    MERCHANT = "merchant"
    DRIVER = "driver"


Text = tuple[str, str]
"""Title and body."""

_O, _A = Occasion, Audience

TEXTS: Mapping[tuple[Occasion, Audience], Mapping[str, Text]] = MappingProxyType(
    {
        (_O.ORDER_PLACED, _A.CUSTOMER): {
            "en": ("We have your order", "Pay now to send it to the kitchen."),
            "hi": ("आपका ऑर्डर मिल गया", "रसोई तक भेजने के लिए अभी भुगतान करें।"),
        },
        (_O.PAYMENT_CAPTURED, _A.CUSTOMER): {
            "en": ("Payment received", "{amount} received. The kitchen has your order."),
            "hi": ("भुगतान मिल गया", "{amount} प्राप्त हुए। आपका ऑर्डर रसोई में पहुँच गया है।"),
        },
        (_O.PAYMENT_CAPTURED, _A.MERCHANT): {
            "en": ("New order", "A paid order is waiting for you to confirm it."),
            "hi": ("नया ऑर्डर", "भुगतान हो चुका एक ऑर्डर आपकी पुष्टि की प्रतीक्षा में है।"),
        },
        (_O.PAYMENT_TOO_LATE, _A.CUSTOMER): {
            "en": ("Your money is on its way back", "{amount} came after the order was cancelled."),
            "hi": ("आपके पैसे लौटाए जा रहे हैं", "ऑर्डर रद्द होने के बाद {amount} प्राप्त हुए।"),
        },
        (_O.ORDER_CONFIRMED, _A.CUSTOMER): {
            "en": ("Order confirmed", "Your order is being prepared."),
            "hi": ("ऑर्डर की पुष्टि हुई", "आपका ऑर्डर तैयार किया जा रहा है।"),
        },
        (_O.OFFER_MADE, _A.DRIVER): {
            "en": ("New delivery", "Pick up at {merchant_name}. Answer before the offer ends."),
            "hi": ("नई डिलीवरी", "{merchant_name} से सामान लें। समय समाप्त होने से पहले जवाब दें।"),
        },
        (_O.DRIVER_ASSIGNED, _A.CUSTOMER): {
            "en": ("A driver is on the way", "Your order will be picked up soon."),
            "hi": ("ड्राइवर रास्ते में है", "आपका ऑर्डर जल्द ही उठाया जाएगा।"),
        },
        (_O.DRIVER_ASSIGNED, _A.MERCHANT): {
            "en": ("Driver found", "A driver is coming to pick up an order."),
            "hi": ("ड्राइवर मिल गया", "एक ड्राइवर ऑर्डर लेने आ रहा है।"),
        },
        (_O.ORDER_PICKED_UP, _A.CUSTOMER): {
            "en": ("Picked up", "Your order is on its way to you."),
            "hi": ("ऑर्डर उठा लिया गया", "आपका ऑर्डर आपकी ओर आ रहा है।"),
        },
        (_O.ORDER_DELIVERED, _A.CUSTOMER): {
            "en": ("Delivered", "Enjoy! How was the delivery? Rate your driver."),
            "hi": ("पहुँचा दिया गया", "आनंद लें! डिलीवरी कैसी रही? अपने ड्राइवर को रेट करें।"),
        },
        (_O.ORDER_DELIVERED, _A.DRIVER): {
            "en": ("Delivery complete", "Well done, this delivery is finished."),
            "hi": ("डिलीवरी पूरी हुई", "शाबाश, यह डिलीवरी पूरी हो गई।"),
        },
        (_O.ORDER_DELIVERED, _A.MERCHANT): {
            "en": ("Order delivered", "An order has reached its customer."),
            "hi": ("ऑर्डर पहुँच गया", "एक ऑर्डर ग्राहक तक पहुँच गया।"),
        },
        (_O.ORDER_CANCELLED, _A.CUSTOMER): {
            "en": ("Order cancelled", "What you have paid is refunded by itself."),
            "hi": ("ऑर्डर रद्द हुआ", "आपका भुगतान अपने आप लौटा दिया जाएगा।"),
        },
        (_O.ORDER_CANCELLED, _A.MERCHANT): {
            "en": ("Order cancelled", "An order was cancelled, please stop preparing it."),
            "hi": ("ऑर्डर रद्द हुआ", "एक ऑर्डर रद्द हो गया, कृपया उसे तैयार करना रोक दें।"),
        },
        (_O.ORDER_CANCELLED, _A.DRIVER): {
            "en": ("Delivery cancelled", "You need not pick this order up any more."),
            "hi": ("डिलीवरी रद्द हुई", "अब आपको यह ऑर्डर नहीं उठाना है।"),
        },
        (_O.ORDER_UNASSIGNABLE, _A.CUSTOMER): {
            "en": ("No driver yet", "We have found no driver for your order so far."),
            "hi": ("अभी कोई ड्राइवर नहीं", "आपके ऑर्डर के लिए अब तक कोई ड्राइवर नहीं मिला।"),
        },
        (_O.ORDER_UNASSIGNABLE, _A.MERCHANT): {
            "en": ("No driver found", "We have found no driver for an order so far."),
            "hi": ("कोई ड्राइवर नहीं मिला", "एक ऑर्डर के लिए अब तक कोई ड्राइवर नहीं मिला।"),
        },
        (_O.PAYMENT_REFUNDED, _A.CUSTOMER): {
            "en": ("Refund sent", "{amount} is on its way back to you."),
            "hi": ("रिफ़ंड भेजा गया", "{amount} आपको लौटाए जा रहे हैं।"),
        },
    }
)
