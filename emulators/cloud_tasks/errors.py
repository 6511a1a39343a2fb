"""The errors of calls to the emulator."""

from __future__ import annotations

import grpc


class RejectedError(Exception):
    """The emulator refuses a call with the gRPC status of the real service."""

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def invalid(message: str) -> RejectedError:
    """Return the error of a request that can never succeed."""
    return RejectedError(grpc.StatusCode.INVALID_ARGUMENT, message)


def not_found(message: str) -> RejectedError:
    """Return the error of an unknown queue or task."""
    return RejectedError(grpc.StatusCode.NOT_FOUND, message)


def already_exists(message: str) -> RejectedError:
    """Return the error of a name that is in use or was until recently."""
    return RejectedError(grpc.StatusCode.ALREADY_EXISTS, message)
