"""An emulator of Google's Geocoding API, for the streets and neighbourhoods of Bengaluru."""
