"""The benchmarks' one error."""


class NotMeasured(Exception):
    """Something that a benchmark needs did not work; the message says what, for the terminal."""
