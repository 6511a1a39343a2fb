"""The data of the demo: neighbourhoods, kitchens, homes and names of Bengaluru."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from shared.kernel.geo import Point


@dataclass(frozen=True, slots=True)
class Place:
    """A point with its postal address."""

    point: Point
    address: str

    def json(self) -> dict[str, object]:
        """Return it as a drop-off of the API."""
        return {"lat": self.point.lat, "lng": self.point.lng, "address": self.address}


@dataclass(frozen=True, slots=True)
class Dish:
    """A dish and its price in paise."""

    name: str
    price: int
    category: str = "Mains"


@dataclass(frozen=True, slots=True)
class Kitchen:
    """The registration of a restaurant."""

    name: str
    category: str
    place: Place
    prep_minutes: int
    menu: tuple[Dish, ...]

    def profile(self) -> dict[str, Any]:
        """Return it as the profile of a merchant of the API."""
        return {
            "name": self.name,
            "category": self.category,
            "location": {"lat": self.place.point.lat, "lng": self.place.point.lng},
            "address": self.place.address,
            "prep_minutes": self.prep_minutes,
        }

    def items(self) -> list[dict[str, Any]]:
        """Return its menu as the items of the API."""
        return [asdict(dish) for dish in self.menu]


def _place(lat: float, lng: float, address: str) -> Place:
    return Place(Point(lat, lng), f"{address}, Bengaluru")


KITCHENS = (
    Kitchen(
        "Halli Oota Mane",
        "south_indian",
        _place(12.9784, 77.6408, "100 Feet Road, Indiranagar"),
        9,
        (
            Dish("Masala Dosa", 11_000, "Dosa"),
            Dish("Ragi Mudde with Saaru", 16_000),
            Dish("Bisi Bele Bath", 13_500),
            Dish("Filter Coffee", 4_500, "Drinks"),
        ),
    ),
    Kitchen(
        "Biryani Darbar",
        "biryani",
        _place(12.9352, 77.6245, "80 Feet Road, Koramangala"),
        14,
        (
            Dish("Chicken Dum Biryani", 29_000),
            Dish("Mutton Biryani", 38_000),
            Dish("Paneer Biryani", 25_500),
            Dish("Mirchi ka Salan", 9_000, "Sides"),
            Dish("Double ka Meetha", 12_000, "Desserts"),
        ),
    ),
    Kitchen(
        "Tandoor Junction",
        "north_indian",
        _place(12.9116, 77.6474, "27th Main Road, HSR Layout"),
        13,
        (
            Dish("Butter Chicken", 34_000),
            Dish("Dal Makhani", 24_000),
            Dish("Garlic Naan", 6_500, "Breads"),
            Dish("Sweet Lassi", 8_500, "Drinks"),
        ),
    ),
    Kitchen(
        "Brigade Rolls",
        "rolls",
        _place(12.9745, 77.6075, "Church Street, MG Road"),
        8,
        (
            Dish("Kathi Roll", 17_000, "Rolls"),
            Dish("Egg Roll", 12_000, "Rolls"),
            Dish("Paneer Tikka Roll", 16_500, "Rolls"),
            Dish("Masala Fries", 9_900, "Sides"),
        ),
    ),
    Kitchen(
        "Domlur Noodle House",
        "asian",
        _place(12.9609, 77.6387, "Domlur Layout, Domlur"),
        11,
        (
            Dish("Hakka Noodles", 18_500),
            Dish("Chilli Chicken", 26_000),
            Dish("Veg Momos", 14_000, "Starters"),
            Dish("Lemon Coriander Soup", 12_500, "Soups"),
        ),
    ),
    Kitchen(
        "Udupi Sagar",
        "south_indian",
        _place(12.9166, 77.6101, "16th Main Road, BTM Layout"),
        8,
        (
            Dish("Idli Vada", 9_000),
            Dish("Rava Dosa", 12_000, "Dosa"),
            Dish("Mangalore Buns", 7_500, "Snacks"),
            Dish("Badam Milk", 6_000, "Drinks"),
        ),
    ),
)

HOMES = (
    _place(12.9719, 77.6412, "12th Main, Indiranagar"),
    _place(12.9279, 77.6271, "5th Block, Koramangala"),
    _place(12.9081, 77.6476, "Sector 2, HSR Layout"),
    _place(12.9817, 77.6286, "Halasuru Lake Road, Ulsoor"),
    _place(12.9567, 77.6441, "Wind Tunnel Road, Murugeshpalya"),
    _place(12.9227, 77.6174, "7th Cross, BTM 1st Stage"),
    _place(12.9698, 77.6127, "Residency Road, Shanthala Nagar"),
    _place(12.9423, 77.6185, "6th Block, Koramangala"),
    _place(12.9165, 77.6381, "Agara Village, HSR Layout"),
    _place(12.9854, 77.6446, "CMH Road, Indiranagar"),
    _place(12.9476, 77.6323, "Ejipura Main Road, Ejipura"),
    _place(12.9063, 77.6052, "Dollar Scheme, BTM 2nd Stage"),
    _place(12.9771, 77.6148, "Kamaraj Road, Tasker Population"),
    _place(12.9644, 77.6296, "Victoria Layout, Austin Population"),
)

_FIRST = (
    "Asha",
    "Ravi",
    "Meera",
    "Imran",
    "Divya",
    "Karthik",
    "Lakshmi",
    "Joseph",
    "Sneha",
    "Arjun",
    "Farah",
)
_LAST = ("Rao", "Gowda", "Nair", "Shetty", "Khan", "Iyer", "D'Souza", "Reddy")

NAMES = tuple(f"{_FIRST[i % len(_FIRST)]} {_LAST[i % len(_LAST)]}" for i in range(len(_FIRST) * len(_LAST)))
"""All pairs of a first and a last name, each once: the two lengths are coprime."""
