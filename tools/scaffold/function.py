"""The skeleton of a deployable function of an existing context."""

from __future__ import annotations

import re
from pathlib import Path

from tools.scaffold.write import ScaffoldError, write_all

_NAME = re.compile(r"([a-z]+)_(api|webhooks|events|tasks|cron)")
PACKAGES: tuple[str, ...] = (
    "fastapi",
    "functions-framework",
    "google-cloud-firestore",
    "google-cloud-pubsub",
    "pyjwt[crypto]",
)
BARE_PACKAGES: tuple[str, ...] = (
    "functions-framework",
    "google-cloud-firestore",
    "google-cloud-pubsub",
    "pydantic",
    "starlette",
)
"""What a function without FastAPI and sign-in needs."""
MODULES = {
    "api": "public",
    "tasks": "private",
    "cron": "private",
}
"""The module of shared/composition whose `create_app` a kind of function uses."""


def new_function(root: Path, name: str) -> list[Path]:
    """Write functions/<name> over the ports of its context; return the paths.

    Raises `ScaffoldError` for a name without a known ending, or of a context that has no ports yet.
    """
    found = _NAME.fullmatch(name)
    if not found:
        raise ScaffoldError(f"{name!r} is no name of a function: <context>_<api|webhooks|events|tasks|cron>")
    context, kind = found.groups()
    composition = root / "shared" / "composition" / f"{context}.py"
    if not composition.exists():
        raise ScaffoldError(
            f"there is no shared/composition/{context}.py: `make new-context NAME={context}` first"
        )
    ports = re.search(r"^class (\w+Ports)\(", composition.read_text(), re.MULTILINE)
    if not ports:
        raise ScaffoldError(f"shared/composition/{context}.py has no class of ports")
    match kind:
        case "events":
            files = _event_files(name, context, ports[1])
        case "webhooks":
            files = _webhook_files(name, context, ports[1])
        case _:
            files = _app_files(name, context, kind, ports[1])
    written = write_all(root, files | _common_files(name, context, kind))
    return [*written, *(_tagged(root, context) if kind == "api" else ())]


def _tagged(root: Path, context: str) -> list[Path]:
    """Describe the tag of the context in the API document, unless it is described already."""
    tags = root / "tools" / "docs" / "openapi" / "tags.py"
    text = tags.read_text()
    if f'"{context}":' in text:
        return []
    head, end = text.rstrip().removesuffix("}"), "}\n"
    tags.write_text(f'{head}    "{context}": "Say in one sentence what {context} is about.",\n{end}')
    return [tags]


def _common_files(name: str, context: str, kind: str) -> dict[str, str]:
    trigger = {
        "api": f'[http]\npaths = ["/api/v1/{context}"]\n',
        "webhooks": f'[http]\npaths = ["/webhooks/{context}"]\n',
        "events": f'[[events]]\ntopic = "{context}"\n',
        "tasks": f'[tasks]\nqueue = "{context}"\n',
        "cron": f'[[schedule]]\npath = "/cron/{context}"\ncron = "* * * * *"\n',
    }[kind]
    account = name.replace("_", "-")
    packages = BARE_PACKAGES if kind == "webhooks" else PACKAGES
    packages = tuple(sorted([*packages, *(["h3", "redis[hiredis]"] if kind == "api" else [])]))
    return {
        f"functions/{name}/__init__.py": f'"""Say in one sentence what {name} does."""\n',
        f"functions/{name}/requirements.in": "\n".join(packages) + "\n",
        f"functions/{name}/function.toml": (
            f'summary = "Say what {name} does"\n\n{trigger}\n[deploy]\nservice_account = "{account}"\n'
        ),
    }


def _app_files(name: str, context: str, kind: str, ports: str) -> dict[str, str]:
    prefix = {"api": "/api/v1", "tasks": "/tasks", "cron": "/cron"}[kind]
    user = "user: ActiveUser, " if kind == "api" else ""
    level = "from shared.edge.auth import ActiveUser\n" if kind == "api" else ""
    method, tags = ("get", f', tags=["{context}"]') if kind == "api" else ("post", "")
    operation = f', operation_id="get{context.title()}Example"' if kind == "api" else ""
    return {
        f"functions/{name}/main.py": f'''
            """Entry point of `{name}`."""

            from functions.{name}.routes import router
            from shared.composition.{context} import {ports}
            from shared.composition.{MODULES[kind]} import create_app
            from shared.edge.entry import entry_point

            app = create_app("{name}", summary="Say what {name} does", routers=[router], ports={ports})
            {name} = entry_point(app, "{name}")
            ''',
        f"functions/{name}/routes.py": (
            f'"""The routes of `{name}`: parse, authorise, one use case, map the result."""\n\n'
            "from __future__ import annotations\n\n"
            "from datetime import datetime\nfrom typing import Annotated\n\n"
            f"from shared.composition.{context} import {ports}\n"
            f"from shared.edge.app import api_router\n{level}"
            "from shared.edge.provided import PORTS, Now\nfrom shared.edge.schemas import ResponseModel\n\n"
            f"Ports = Annotated[{ports}, PORTS]\n\n"
            f'router = api_router("{prefix}"{tags})\n\n\n'
            "class ExampleView(ResponseModel):\n"
            '    """Replace this by the views of your context, in `schemas.py`."""\n\n    at: datetime\n\n\n'
            f'@router.{method}("/{context}"{operation})\n'
            f"async def show_{context}_example({user}ports: Ports, now: Now) -> ExampleView:\n"
            '    """Replace this example by a route that calls one use case.\n\n'
            '    Say here what the operation needs and what happens next.\n    """\n'
            "    return ExampleView(at=now)\n"
        ),
    }


def _event_files(name: str, context: str, ports: str) -> dict[str, str]:
    return {
        f"functions/{name}/main.py": f'''
            """Entry point of `{name}`."""

            from functions.{name}.handlers import HANDLERS
            from shared.composition.{context} import {ports}
            from shared.composition.private import create_event_app
            from shared.edge.entry import entry_point

            app = create_event_app("{name}", HANDLERS, ports={ports})
            {name} = entry_point(app, "{name}")
            ''',
        f"functions/{name}/handlers.py": f'''
            """The events that `{name}` handles. A handler is `async def (event, ports, now) -> None`."""

            from __future__ import annotations

            from collections.abc import Mapping

            from shared.edge.events import EventHandler
            from shared.kernel.event import Event

            HANDLERS: Mapping[type[Event], EventHandler] = {{}}
            ''',
    }


def _webhook_files(name: str, context: str, ports: str) -> dict[str, str]:
    return {
        f"functions/{name}/main.py": f'''
            """Entry point of `{name}`."""

            from functions.{name}.routes import routes
            from shared.composition.{context} import {ports}
            from shared.composition.webhooks import create_app
            from shared.edge.entry import entry_point

            app = create_app("{name}", routes=routes, ports={ports})
            {name} = entry_point(app, "{name}")
            ''',
        f"functions/{name}/routes.py": f'''
            """The bare routes of `{name}`; the sender's signature authorises a request."""

            from __future__ import annotations

            from starlette.requests import Request
            from starlette.responses import JSONResponse, Response
            from starlette.routing import Route

            from shared.composition.{context} import {ports}


            async def receive(request: Request) -> Response:
                """Replace this example: verify the signature over the raw body, then call one use case."""
                ports: {ports} = request.app.state.ports
                return JSONResponse({{"received": ports is not None}})


            operation = "receive{context.title()}Webhook"
            routes = [Route("/webhooks/{context}", receive, methods=["POST"], name=operation)]
            ''',
        f"functions/{name}/openapi.py": f'''
            """Describe the bare routes of `routes.py` for OpenAPI. This router is never served."""

            from __future__ import annotations

            from fastapi import APIRouter

            from functions.{name}.routes import routes
            from shared.edge.schemas import ResponseModel

            router = APIRouter(tags=["webhooks"])


            class Received(ResponseModel):
                """Replace this by the answer that the sender expects."""

                received: bool


            async def receive() -> Received:
                """Receive a webhook.

                Say here who sends it, and how it is authorised.
                """
                raise LookupError


            for route in routes:
                router.post(route.path, operation_id=route.name)(receive)
            ''',
    }
