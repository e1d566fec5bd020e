"""The Docker Engine of this machine. To be imported late, after `require_docker_sdk`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import docker
from docker.constants import DEFAULT_UNIX_SOCKET
from docker.errors import APIError, DockerException, NotFound
from docker.utils import kwargs_from_env
from requests import RequestException

from perfgate.errors import TargetError, UsageError

OWNER_LABEL = "dev.perfgate.owner"
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_TIMEOUT = 60  # seconds for one answer of the engine

ENGINE_ERRORS = (DockerException, RequestException)
"""The errors of the SDK where the engine refuses or does not answer."""


def connect(environment: Mapping[str, str]) -> docker.DockerClient:
    """The engine that DOCKER_HOST or the usual socket leads to.

    environment: environment variables; an empty one leaves it to the SDK to look at those of this process.
    TargetError where it does not answer, UsageError where it is not on this machine.
    """
    place = urlsplit(kwargs_from_env(environment=environment).get("base_url", ""))
    if place.scheme not in ("", "unix", "npipe") and place.hostname not in _THIS_MACHINE:
        raise UsageError(
            f"DOCKER_HOST leads to {place.hostname}: what is measured must run on this machine",
            "unset DOCKER_HOST, or start the service there and pass its URL",
        )
    try:
        client = docker.from_env(timeout=_TIMEOUT, environment=environment)
    except ENGINE_ERRORS as error:
        raise _unreachable(error) from None
    return client


def client_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """`environment` for the docker client: its context may be another engine, and the SDK looks at none."""
    engine = environment.get("DOCKER_HOST") or DEFAULT_UNIX_SOCKET.removeprefix("http+")
    return {**environment, "DOCKER_HOST": engine}


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Refusals of the engine as a TargetError. doing: how its message begins, "image:shop could not be started"."""
    try:
        yield
    except ENGINE_ERRORS as error:
        raise TargetError(f"{doing}: {explanation(error)}", "that is what the Docker Engine says") from None


def explanation(error: Exception) -> str:
    """The engine's own words."""
    if isinstance(error, APIError) and error.explanation:
        return str(error.explanation)
    return str(error)


def remove(client: docker.DockerClient, container: str) -> None:
    """Remove a container by id or name, running or not, with its volumes; nothing happens where it is gone."""
    with suppress(NotFound):
        client.api.remove_container(container, v=True, force=True)


def _unreachable(error: Exception) -> TargetError:
    reasons = list(_chain(error))
    if any(isinstance(reason, PermissionError) for reason in reasons):
        return TargetError(
            "this user may not use the Docker Engine",
            "add the user to the group docker (sudo usermod -aG docker $USER) and log in again",
        )
    if any(isinstance(reason, (FileNotFoundError, ConnectionRefusedError)) for reason in reasons):
        return TargetError(
            "no Docker Engine answers on this machine", "install and start one, or name its socket in DOCKER_HOST"
        )
    return TargetError(f"the Docker Engine does not answer as it should: {error}", "see whether `docker version` works")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and everything that led to it; some of the SDK's layers hand the cause on as an argument."""
    while error is not None:
        yield error
        for argument in error.args:
            if isinstance(argument, BaseException):
                yield from _chain(argument)
        error = error.__cause__ or error.__context__
