"""Calling a package client (apt, pip) in a plain environment, and saying in one line why it failed."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from lengthwise.data.sources.cache import SourceError

OFFLINE_SIGNS = (
    "could not resolve",
    "could not connect",
    "cannot initiate the connection",
    "connection failed",
    "connection timed out",
    "network is unreachable",
    "temporary failure",
    "name or service not known",
    "newconnectionerror",
    "failed to establish a new connection",
    "connecttimeouterror",
    "cannot connect to proxy",
    "connection refused",
)


class Offline(SourceError):
    """The registry could not be reached."""


class ClientFailed(SourceError):
    """A package client ended with an error."""

    def __init__(self, client: str, output: str) -> None:
        """Keep the whole output; the message is its first line that names an error."""
        self.output = output
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        errors = [line for line in lines if line.lower().startswith(("e:", "error", "err:"))]
        super().__init__(f"{client} failed: {(errors or lines[-1:] or ['no message'])[0]}")


def call(command: Sequence[str], directory: Path | None = None) -> bytes:
    """Standard output of a command, in English; raises Offline or ClientFailed."""
    environment = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    client = Path(command[0]).name
    done = subprocess.run(command, cwd=directory, env=environment, capture_output=True, stdin=subprocess.DEVNULL)
    if done.returncode == 0:
        return done.stdout
    output = (done.stderr + b"\n" + done.stdout).decode(errors="replace")
    if any(sign in output.lower() for sign in OFFLINE_SIGNS):
        raise Offline(f"{client} cannot reach its registry. Connect to the network and run the command again.")
    raise ClientFailed(client, output)
