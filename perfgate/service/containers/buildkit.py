"""BuildKit, by the docker client's plugin buildx: what most Dockerfiles of today are written for.

The engine's own interface for it is no HTTP: its client is the only door that stays the same.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Mapping
from pathlib import Path

from perfgate.popen import Popen
from perfgate.service.containers.engine import client_variables
from perfgate.service.log import readable
from perfgate.tokens import without_tokens

_ASK_SECONDS = 20.0
_BUILD_SECONDS = 3600.0


def find_buildx(environment: Mapping[str, str]) -> str:
    """The docker client that has buildx; "" without one. environment: environment variables, PATH among them."""
    client = shutil.which("docker", path=environment.get("PATH"))
    if client is None:
        return ""
    try:
        done = subprocess.run(
            [client, "buildx", "version"],
            env=without_tokens(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_ASK_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "" if done.returncode else client


def build(words: list[str], folder: Path, environment: Mapping[str, str], log: deque[str]) -> str:
    """Build an image and load it into the engine; the failure, "" without one.

    words: the client, then options of `docker buildx build` but for the folder. environment: as for `find_buildx`. log:
    gets the lines that the build writes.
    """
    client, *options = words
    # The builder of the engine itself, whichever is in use: only there are the images of this machine. An image with
    # attestations (buildx 0.10 and newer) would be a list of images.
    settings = {"BUILDX_BUILDER": "default", "BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}
    try:
        process = Popen(
            [client, "buildx", "build", "--builder", "default", "--load", "--progress", "plain", *options, str(folder)],
            env={**client_variables(without_tokens(environment)), **settings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        return f"{client} could not be started: {error.strerror}"
    # Ended, it drops its connection, and the engine what it was building.
    watch = threading.Timer(_BUILD_SECONDS, process.signal_group, [signal.SIGKILL])
    watch.daemon = True
    watch.start()
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if text := readable(line.decode(errors="replace").rstrip()):
                log.append(text)
        code = process.wait()
    except BaseException:
        process.signal_group(signal.SIGKILL)
        process.wait()
        raise
    finally:
        watch.cancel()
        if process.stdout is not None:
            process.stdout.close()
    if code == -signal.SIGKILL:
        return f"no end after {_BUILD_SECONDS / 60:g} minutes"
    return _reason(log) if code else ""


def _reason(log: deque[str]) -> str:
    """The last line with the client's own word for an error."""
    return next((line.removeprefix("ERROR: ") for line in reversed(log) if line.startswith("ERROR: ")), "it failed")
