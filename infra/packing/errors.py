"""The packager's one error."""


class PackError(Exception):
    """A deployable that cannot be built; the message says why, for the terminal."""
