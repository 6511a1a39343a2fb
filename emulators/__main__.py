"""Command line of the local stack: `python -m emulators up`, or `make up`; the environment gives defaults."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from emulators import seed_data
from emulators.stack import Options, StackError, running_stack
from emulators.stack.layout import REPOSITORY
from emulators.stack.view import StartView, addresses


async def up(options: Options, console: Console, view: StartView, *, with_town: bool) -> None:
    """Run the stack, with a town if wanted, until it is interrupted; then stop all of it."""
    try:
        async with running_stack(options) as stack:
            if with_town:
                stack.env |= await seed_data.seed(stack.env)
                stack.save()
            view.close()
            console.print(addresses(stack), highlight=False, soft_wrap=True)
            if with_town:
                console.print(people(), highlight=False, soft_wrap=True)
            console.print("The stack runs. Ctrl-C stops it.", highlight=False)
            await asyncio.Event().wait()
    finally:
        view.close()


def people() -> Table:
    """Return a table of the town's accounts."""
    table = Table.grid(padding=(0, 2))
    for account in seed_data.ACCOUNTS:
        table.add_row(account.credentials.email, account.credentials.password, account.role)
    return table


def main() -> int:
    """Run the command; return 0 after Ctrl-C or SIGTERM, 1 after a failure."""
    arguments = _parser().parse_args()
    console = Console()
    view = StartView(console)
    options = Options(
        name=arguments.name,
        isolated=arguments.isolated,
        standard_ports=arguments.standard_ports,
        offer_seconds=arguments.offer_seconds,
        root=arguments.root,
        environment={"CORS_ORIGINS": arguments.cors_origins} if arguments.cors_origins else {},
        on_progress=view,
    )
    try:
        asyncio.run(up(options, console, view, with_town=arguments.seed_data))
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print("The stack is stopped.", highlight=False)
    except StackError as error:
        Console(stderr=True).print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        return 1
    return 0


def _parser(env: Mapping[str, str] = os.environ) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m emulators", description=__doc__)
    command = parser.add_subparsers(required=True).add_parser("up", help="run the stack until Ctrl-C")
    mode = command.add_mutually_exclusive_group()
    mode.add_argument(
        "--isolated",
        action="store_true",
        default=not env.get("TOGETHER"),
        help="one process per function (default)",
    )
    mode.add_argument(
        "--together", action="store_false", dest="isolated", help="all functions in one process"
    )
    command.add_argument(
        "--free-ports", action="store_false", dest="standard_ports", help="not those of firebase.json"
    )
    name, offer_seconds = env.get("STACK", "default"), float(env.get("OFFER_SECONDS", 30))
    command.add_argument("--name", default=name, help="stacks of other names can run beside it")
    command.add_argument(
        "--offer-seconds", type=float, default=offer_seconds, help="how long an offer is open"
    )
    command.add_argument(
        "--cors-origins", default=env.get("CORS_ORIGINS", ""), help="whose pages may call the API (any)"
    )
    command.add_argument(
        "--seed-data", action="store_true", default=bool(env.get("SEED_DATA")), help="with a town to try out"
    )
    command.add_argument("--root", type=Path, default=REPOSITORY, help="the folder that holds functions/")
    return parser


if __name__ == "__main__":
    sys.exit(main())
