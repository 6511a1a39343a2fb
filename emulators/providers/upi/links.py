"""The `upi://pay?…` link that a customer's UPI app opens (NPCI's UPI linking specification)."""

from urllib.parse import parse_qsl, quote, urlencode, urlsplit

MERCHANT_ADDRESS = "waybill@localupi"
MERCHANT_NAME = "Waybill"


class BadLink(ValueError):
    """The text is not a UPI payment link."""


def intent_link(reference: str, amount: int, note: str) -> str:
    """Return the link that pays `amount` paise under `reference`."""
    fields = {
        "pa": MERCHANT_ADDRESS,
        "pn": MERCHANT_NAME,
        "tr": reference,
        "am": f"{amount // 100}.{amount % 100:02d}",
        "cu": "INR",
        "tn": note,
    }
    return f"upi://pay?{urlencode(fields, quote_via=quote, safe='@')}"


def reference_of(link: str) -> str:
    """Return the reference (`tr`) in a link. Raises BadLink when there is none."""
    try:
        parts = urlsplit(link)
    except ValueError as error:
        raise BadLink(str(error)) from error
    fields = dict(parse_qsl(parts.query, keep_blank_values=True))
    if (parts.scheme, parts.netloc) != ("upi", "pay") or not fields.get("tr"):
        raise BadLink("expected a link of the form upi://pay?…&tr=…")
    return fields["tr"]


def same_order(link: str, other: str) -> bool:
    """Return whether two links have the same fields, in any order and escaping."""
    return sorted(parse_qsl(urlsplit(link).query)) == sorted(parse_qsl(urlsplit(other).query))
