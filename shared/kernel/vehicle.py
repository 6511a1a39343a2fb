"""The vehicles of drivers, and the documents that an operator may ask of their drivers."""

from __future__ import annotations

from enum import StrEnum


class Vehicle(StrEnum):
    """The vehicle of a driver."""

    BICYCLE = "bicycle"
    SCOOTER = "scooter"
    CAR = "car"


class DriverDocument(StrEnum):
    """A document that a driver may need. Verification has a document kind of the same name for each."""

    DRIVING_LICENCE = "driving_licence"
    IDENTITY = "identity"
    VEHICLE_REGISTRATION = "vehicle_registration"
    INSURANCE = "insurance"
