"""How a call to the emulator fails."""

from __future__ import annotations

import grpc


class RejectedError(Exception):
    """The call is refused with a gRPC status, as the real service would."""

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def invalid(message: str) -> RejectedError:
    """The request can never succeed as it is."""
    return RejectedError(grpc.StatusCode.INVALID_ARGUMENT, message)


def not_found(message: str) -> RejectedError:
    """The queue or the task does not exist, or no longer."""
    return RejectedError(grpc.StatusCode.NOT_FOUND, message)


def already_exists(message: str) -> RejectedError:
    """The name is taken, or was until recently."""
    return RejectedError(grpc.StatusCode.ALREADY_EXISTS, message)
