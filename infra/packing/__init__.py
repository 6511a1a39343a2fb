"""The steps of `python -m infra.pack`."""
