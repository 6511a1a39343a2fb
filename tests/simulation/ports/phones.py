"""The push service behind the wire."""

from __future__ import annotations

from collections.abc import Callable

from shared.kernel.errors import Unavailable
from shared.notifications.domain import PushMessage
from shared.notifications.ports import Receipt
from tests.fakes.notifications import FakePush
from tests.simulation.faults import Faults
from tests.simulation.ports.wire import Wire


class SimulatedPush:
    """See `Push`."""

    def __init__(self, wire: Wire, faults: Faults, watch: Callable[[PushMessage], None]) -> None:
        self.down = False
        self.inner = FakePush()
        self._wire, self._faults, self._watch = wire, faults, watch

    async def send(self, token: str, message: PushMessage) -> Receipt:
        return await self._wire.write("push.send", lambda: self._send(token, message), Unavailable)

    async def _send(self, token: str, message: PushMessage) -> Receipt:
        if self.down or self._faults.strikes("push-failed"):
            raise Unavailable
        if self._faults.strikes("token-dead"):
            self.inner.dead.add(token)
        receipt = await self.inner.send(token, message)
        if receipt is Receipt.DELIVERED:
            self._watch(message)
        return receipt
