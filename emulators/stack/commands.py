"""The command lines of the parts that are not functions."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import NamedTuple

from emulators.stack import environment, locate
from emulators.stack.java import find_java
from emulators.stack.layout import (
    GATEWAYS,
    LOCATION,
    PROJECT,
    REPOSITORY,
    SINGLE_PARTS,
    SLOW_FIRESTORE,
    Layout,
)
from emulators.stack.ports import HOST
from emulators.stack.process import Command

HERE = Path(__file__).parent

# One collector thread instead of one per core, the quick compiler alone, and a bound on memory: start-up
# counts, not throughput.
JVM_OPTIONS = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Duser.language=en")


class GoogleCommands(NamedTuple):
    """The two emulators whose programs must be located."""

    firestore: Command
    pubsub: Command


def google(layout: Layout) -> GoogleCommands:
    """Locate Google's emulators and Java; takes up to a second. Raises `MissingPartError`."""
    return GoogleCommands(firestore(layout), pubsub(layout))


def firestore(layout: Layout) -> Command:
    """Return the command of Google's Firestore emulator, with the repository's security rules."""
    rules = REPOSITORY / "firestore.rules"
    program = (
        "-cp",
        str(locate.firestore_jar()),
        "com.google.cloud.datastore.emulator.firestore.CloudFirestore",
    )
    listen = ("--host", HOST, "--port", str(layout.ports["firestore"]), "--project_id", PROJECT)
    with_rules = ("--rules", str(rules)) if rules.exists() else ()
    argv = (str(find_java()), *JVM_OPTIONS, *program, *listen, *with_rules)
    return _command(layout, "firestore", argv, remedy=locate.emulator_remedy("firestore"))


def pubsub(layout: Layout) -> Command:
    """Return the command of Google's Pub/Sub emulator, whose script reads the environment."""
    env = {"JAVA_HOME": str(find_java().parent.parent), "JAVA_OPTS": " ".join(JVM_OPTIONS)}
    argv = (str(locate.pubsub_program()), f"--host={HOST}", f"--port={layout.ports['pubsub']}")
    return _command(layout, "pubsub", argv, env, remedy=locate.emulator_remedy("pubsub"))


def auth(layout: Layout) -> Command:
    """Return the command of the Auth emulator, without network calls and without the user's settings."""
    config = {
        "emulators": {
            "auth": {"host": HOST, "port": layout.ports["auth"]},
            "hub": {"host": HOST, "port": layout.ports["auth_hub"]},
            "logging": {"host": HOST, "port": layout.ports["auth_logging"]},
            "ui": {"enabled": False},
        }
    }
    folder = layout.options.folder
    file = _write_json(folder / "firebase.json", config)
    # CI stops the command line from fetching a message of the day and from checking for a newer version.
    # Its hub writes a file into the temporary folder, where two stacks would collide.
    private = folder / "auth"
    private.mkdir(exist_ok=True)
    env = {"CI": "true", "NO_UPDATE_NOTIFIER": "1", "XDG_CONFIG_HOME": str(private), "TMPDIR": str(private)}
    start = ("emulators:start", "--only", "auth", "--project", PROJECT, "--config", str(file))
    lazy = ("--require", str(HERE / "lazy_auth.cjs"))  # answers six times sooner
    argv = (str(locate.node()), *lazy, str(locate.firebase_cli(REPOSITORY)), *start)
    return _command(layout, "auth", argv, env, remedy="`make clean setup` installs firebase-tools again.")


def redis(layout: Layout) -> Command:
    """Return the command of a Redis server without persistence."""
    listen = ("--bind", HOST, "--port", str(layout.ports["redis"]))
    argv = (str(locate.redis_server()), *listen, "--save", "", "--appendonly", "no")
    return _command(layout, "redis", argv, remedy="Install redis-server, or run `make setup`.")


def host(layout: Layout) -> Command:
    """Return the command of the process that hosts our own emulators."""
    config = {
        "root": str(layout.options.root),
        "firebase_json": str(REPOSITORY / "firebase.json"),
        "project": PROJECT,
        "location": LOCATION,
        "pubsub": layout.address("pubsub"),
        "ports": {part: layout.ports[part] for part in SINGLE_PARTS},
        "origins": environment.cors_origins(layout).split(),
        "functions": layout.function_urls,
        "payment_gateways": _payment_gateways(layout),
    }
    if layout.options.slow_firestore:
        proxy = {"port": layout.ports[SLOW_FIRESTORE], "emulator": layout.address("firestore")}
        config["slow_firestore"] = proxy
    file = _write_json(layout.options.folder / "host.json", config)
    argv = (sys.executable, "-m", "emulators.host", "--config", str(file))
    return _command(layout, "host", argv, cwd=REPOSITORY, remedy="See emulators/host.py.")


def _payment_gateways(layout: Layout) -> dict[str, dict[str, object]]:
    """Return each gateway's port, our account there, and the URL of its webhooks."""
    keys = json.loads(layout.secrets[environment.GATEWAY_KEYS])
    signing = json.loads(layout.secrets[environment.WEBHOOK_SECRETS])
    return {
        name: {
            **keys[name],
            "port": layout.ports[name],
            "webhook_secret": signing[name][0],
            "webhook_url": f"{layout.url('gateway')}/webhooks/{name}",
        }
        for name in GATEWAYS
    }


def _command(
    layout: Layout,
    part: str,
    argv: tuple[str, ...],
    env: dict[str, str] | None = None,
    *,
    remedy: str,
    cwd: Path | None = None,
) -> Command:
    return Command(
        part, argv, {**environment.inherited(), **(env or {})}, cwd or layout.options.folder, remedy
    )


def _write_json(file: Path, content: object) -> Path:
    file.write_text(json.dumps(content, indent=2))
    return file
