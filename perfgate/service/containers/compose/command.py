"""`docker compose`, driven as a child process."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from perfgate.errors import UsageError
from perfgate.popen import Popen
from perfgate.service.containers.engine import client_variables
from perfgate.service.log import LAST_LINES, readable

_MISSING = (
    "install docker-compose-plugin out of Docker's own packages (https://docs.docker.com/compose/install/linux/); "
    "a package docker-compose may be the old version 1"
)
_VERSION_SECONDS = 30.0
_GRACE = 3.0
_WARNING = re.compile(r'level=warning msg="(.*)"')


@dataclass(frozen=True)
class Ended:
    """How a call came to an end.

    code: its exit code; None where it took too long.
    output: its standard output.
    errors: the last lines of its standard error, without warnings.
    warnings: the messages of its warnings.
    """

    code: int | None
    output: bytes
    errors: str
    warnings: tuple[str, ...]


class ComposeCommand:
    """`docker compose` for one project.

    folder: the tree that the project is started from.
    """

    def __init__(self, project: str, folder: Path, environment: Mapping[str, str]) -> None:
        """project: its name. environment: variables of the calls, which those of the file are filled from."""
        self.folder = folder
        self._project = project
        # COMPOSE_FILE, COMPOSE_PROFILES and the like are about somebody's own project.
        inherited = {name: text for name, text in environment.items() if not name.startswith("COMPOSE_")}
        self._environment = client_variables(inherited)

    def require(self) -> None:
        """UsageError where there is no `docker compose`."""
        try:
            ended = self._call(["version", "--short"], _VERSION_SECONDS)
        except FileNotFoundError:
            raise UsageError("compose under [service] needs the program docker, which is not there", _MISSING) from None
        if ended.code != 0:
            raise UsageError(
                "compose under [service] needs docker compose, and `docker compose version` does not work", _MISSING
            )

    def run(self, file: Path, words: list[str], seconds: float) -> Ended:
        """Call it with a file, whose relative paths start from where it lies. It is ended after `seconds`."""
        place = ["--project-name", self._project]
        return self._call([*place, "--file", str(file), "--ansi", "never", *words], seconds)

    def _call(self, words: list[str], seconds: float) -> Ended:
        process = Popen(
            ["docker", "compose", *words],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        with process:
            try:
                output, errors = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                output, errors = _end(process)
                return self._ended(None, output, errors)
            except BaseException:
                _end(process)
                raise
        return self._ended(process.returncode, output, errors)

    def _ended(self, code: int | None, output: bytes, errors: bytes) -> Ended:
        lines = [readable(line).strip() for line in errors.decode(errors="replace").splitlines()]
        warnings = [_unquoted(found[1]) for line in lines if (found := _WARNING.search(line))]
        rest = [line.replace(f"{self.folder}/", "") for line in lines if line and not _WARNING.search(line)]
        return Ended(code, output, "\n".join(rest[-LAST_LINES:]), tuple(dict.fromkeys(warnings)))


def _unquoted(text: str) -> str:
    """A text that Go has quoted: mostly as JSON does, too."""
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return text


def _end(process: Popen) -> tuple[bytes, bytes]:
    """End a call politely, so that it takes back what the engine is about to do; by force after a while."""
    process.signal_group(signal.SIGTERM)
    try:
        return process.communicate(timeout=_GRACE)
    except subprocess.TimeoutExpired:
        process.signal_group(signal.SIGKILL)
        return process.communicate()
    except BaseException:
        process.signal_group(signal.SIGKILL)
        process.wait()
        raise
