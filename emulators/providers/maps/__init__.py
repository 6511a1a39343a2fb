"""A geocoding API of Google's shape, over the streets and neighbourhoods of Bengaluru."""
