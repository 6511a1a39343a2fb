"""The error of the packager."""


class PackError(Exception):
    """A deployable cannot be built; the message names the reason."""
