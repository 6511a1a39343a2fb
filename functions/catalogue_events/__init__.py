"""The event consumers of the catalogue: ratings and licences of merchants."""
