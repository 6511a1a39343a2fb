"""The functions' routes and handlers as a run calls them: what the edge provides is filled in here.

A caller passes what a client sends. The ports, the time and new identifiers are those of the run, and a
person passes the same authentication dependency of `shared.edge.auth` as in production.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any, get_type_hints

from fastapi.params import Depends

from shared.composition.public import CallerPorts
from shared.edge import auth, events, provided, ratelimit
from shared.kernel.actor import Operator, Principal
from shared.kernel.event import Event
from tests.fakes.admission import admit_always
from tests.simulation.runtime import current_runtime, ports_of

Call = Callable[..., Coroutine[Any, Any, Any]]
Door = Callable[[Any, Principal], Awaitable[Principal | Operator]]
DOORS: frozenset[Door] = frozenset(
    {auth._active_user, auth._active_verified_user, auth._recent_mfa_user, auth._admin, auth._support}
)
"""The authentication dependencies that read the account's status; the others read the token alone."""


def served(module: str) -> Any:
    """Return the routes of a function's module, `<function>.<module>`, as a run calls them."""
    return _Served(module)


class _Served:
    def __init__(self, module: str) -> None:
        self._function = module.partition(".")[0]
        self._module = importlib.import_module(f"functions.{module}")

    def __getattr__(self, name: str) -> Call:
        route: Call = getattr(self._module, name)
        return call_of(self._function, route)


@cache
def call_of(function: str, route: Call) -> Call:
    """Return the route as a client calls it: without the arguments that the edge provides."""
    signature = inspect.signature(route)
    dependencies = _dependencies(route)
    given = {name: one for name, one in dependencies.items() if one in _PROVIDED}
    doors = {name: one for name, one in dependencies.items() if one in DOORS}
    asked = signature.replace(
        parameters=[one for name, one in signature.parameters.items() if name not in given]
    )

    async def call(*args: Any, **named: Any) -> Any:
        bound = asked.bind(*args, **named).arguments
        for name, door in doors.items():
            if isinstance(bound[name], Principal):
                bound[name] = await door(_request(), bound[name])
        return await route(**bound, **{name: _PROVIDED[one](function) for name, one in given.items()})

    call.__signature__ = asked  # type: ignore[attr-defined]
    return call


@cache
def handler_of(function: str, handler: events.EventHandler) -> events.EventHandler:
    """Return an event handler that takes the event alone."""

    async def handle(event: Event) -> None:
        state = SimpleNamespace(ports=ports_of(function), runtime=current_runtime.get())
        await events.given(handler, state)(event)

    return handle


def _dependencies(route: Call) -> Mapping[str, Any]:
    """Return the dependency that each annotated argument of a route names."""
    hints = get_type_hints(route, include_extras=True)
    return {
        name: mark.dependency
        for name, hint in hints.items()
        for mark in getattr(hint, "__metadata__", ())
        if isinstance(mark, Depends)
    }


def _request() -> Any:
    """Return what an authentication dependency reads of a request: the account store and the clock."""
    runtime = current_runtime.get()
    state = SimpleNamespace(roles=lambda: CallerPorts(runtime).roles, runtime=runtime)
    return SimpleNamespace(app=SimpleNamespace(state=state))


_PROVIDED: Mapping[Any, Callable[[str], Any]] = {
    provided.ports_of: ports_of,
    provided.now_of: lambda _: current_runtime.get().clock(),
    provided.new_id_of: lambda _: current_runtime.get().new_id,
    ratelimit.entity_limit: lambda _: admit_always,
}
