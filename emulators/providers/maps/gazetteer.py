"""The places of the emulator: Bengaluru's neighbourhoods and main streets, with postal codes."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

CITY = "Bengaluru, Karnataka"
COUNTRY = "India"


@dataclass(frozen=True, slots=True)
class Locality:
    """A neighbourhood or street; its coordinates are its centre."""

    name: str
    postal_code: str
    lat: float
    lng: float
    aliases: tuple[str, ...] = ()
    kind: str = "sublocality"

    @property
    def formatted(self) -> str:
        """The formatted address."""
        return f"{self.name}, {CITY} {self.postal_code}, {COUNTRY}"


LOCALITIES = (
    Locality("Indiranagar", "560038", 12.9719, 77.6412),
    Locality("Domlur", "560071", 12.9610, 77.6387),
    Locality("Koramangala", "560034", 12.9352, 77.6245),
    Locality("HSR Layout", "560102", 12.9116, 77.6389, ("hsr",)),
    Locality("BTM Layout", "560076", 12.9166, 77.6101, ("btm",)),
    Locality("Jayanagar", "560041", 12.9308, 77.5838),
    Locality("JP Nagar", "560078", 12.9063, 77.5857, ("j p nagar",)),
    Locality("Basavanagudi", "560004", 12.9417, 77.5755),
    Locality("Malleshwaram", "560003", 13.0031, 77.5643, ("malleswaram",)),
    Locality("Rajajinagar", "560010", 12.9982, 77.5530),
    Locality("Sadashivanagar", "560080", 13.0068, 77.5813),
    Locality("Shivajinagar", "560051", 12.9857, 77.6057),
    Locality("Frazer Town", "560005", 12.9968, 77.6130, ("fraser town", "pulakeshinagar")),
    Locality("Ulsoor", "560008", 12.9817, 77.6286, ("halasuru",)),
    Locality("Richmond Town", "560025", 12.9634, 77.6033),
    Locality("Shanti Nagar", "560027", 12.9576, 77.5996, ("shanthinagar",)),
    Locality("Wilson Garden", "560030", 12.9489, 77.5968),
    Locality("Banashankari", "560070", 12.9255, 77.5468),
    Locality("Vijayanagar", "560040", 12.9719, 77.5350),
    Locality("Yeshwanthpur", "560022", 13.0280, 77.5409, ("yeshwantpur",)),
    Locality("Hebbal", "560024", 13.0358, 77.5970),
    Locality("Yelahanka", "560064", 13.1007, 77.5963),
    Locality("RT Nagar", "560032", 13.0211, 77.5946, ("r t nagar",)),
    Locality("Kalyan Nagar", "560043", 13.0240, 77.6433),
    Locality("Banaswadi", "560043", 13.0104, 77.6482),
    Locality("Whitefield", "560066", 12.9698, 77.7500),
    Locality("Marathahalli", "560037", 12.9591, 77.6974),
    Locality("Bellandur", "560103", 12.9304, 77.6784),
    Locality("Sarjapur Road", "560035", 12.9010, 77.6874, (), "route"),
    Locality("Electronic City", "560100", 12.8452, 77.6602, ("electronics city",)),
    Locality("Bommanahalli", "560068", 12.9030, 77.6242),
    Locality("KR Puram", "560036", 13.0075, 77.6959, ("k r puram", "krishnarajapuram")),
    Locality("MG Road", "560001", 12.9756, 77.6066, ("mahatma gandhi road",), "route"),
    Locality("Brigade Road", "560001", 12.9719, 77.6070, (), "route"),
    Locality("Commercial Street", "560001", 12.9822, 77.6083, (), "route"),
    Locality("Church Street", "560001", 12.9750, 77.6046, (), "route"),
    Locality("Residency Road", "560025", 12.9672, 77.6010, (), "route"),
    Locality("Lavelle Road", "560001", 12.9716, 77.5980, (), "route"),
    Locality("Cunningham Road", "560052", 12.9870, 77.5935, (), "route"),
    Locality("100 Feet Road, Indiranagar", "560038", 12.9784, 77.6408, ("100 ft road indiranagar",), "route"),
    Locality("12th Main, Indiranagar", "560038", 12.9700, 77.6410, ("12th main road indiranagar",), "route"),
    Locality("80 Feet Road, Koramangala", "560034", 12.9346, 77.6289, ("80 ft road koramangala",), "route"),
    Locality("Gandhi Bazaar", "560004", 12.9456, 77.5710, ("gandhi bazar",), "route"),
    Locality("Majestic", "560009", 12.9767, 77.5713, ("kempegowda bus station",)),
    Locality("Cubbon Park", "560001", 12.9763, 77.5929, (), "park"),
    Locality("Lalbagh", "560004", 12.9507, 77.5848, ("lal bagh",), "park"),
)


def find(address: str) -> list[Locality]:
    """Return the places that an address mentions, the most particular first.

    All words of a place's name must stand in the address, side by side.
    """
    words = f" {_plain(address)} "
    found = [
        (max(len(name) for name in names), locality)
        for locality in LOCALITIES
        if (names := [name for name in _names(locality) if f" {name} " in words])
    ]
    return [locality for _, locality in sorted(found, key=lambda pair: -pair[0])]


def _names(locality: Locality) -> list[str]:
    return [_plain(name) for name in (locality.name, *locality.aliases)]


def _plain(text: str) -> str:
    normal = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"\w+", normal))
