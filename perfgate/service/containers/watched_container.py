"""A container that runs: what it uses, how it came to an end, and its last words."""

from __future__ import annotations

from collections.abc import Sequence

from docker.models.containers import Container

from perfgate.service.containers.engine import ENGINE_ERRORS, explanation
from perfgate.service.containers.usage import ContainerUsage, last_lines
from perfgate.service.usage import Usage


class WatchedContainer:
    """What all kinds of containers that are measured have in common."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._usage = ContainerUsage(container)
        self._last_words: str | None = None

    @property
    def container(self) -> str:
        return str(self._container.id)

    @property
    def pid(self) -> int | None:
        return self._container.attrs["State"]["Pid"] or None

    def processes(self) -> Sequence[int]:
        return self._usage.processes()

    def usage(self) -> Usage | None:
        return self._usage.read()

    def reset_peak(self) -> None:
        self._usage.reset_peak()

    def alive(self) -> bool:
        return not self.ended()

    def ended(self) -> str:
        """How it came to an end, like "exit code 1"; "" as long as it runs."""
        try:
            self._container.reload()
        except ENGINE_ERRORS as error:
            return explanation(error)
        return ending(self._container)

    def logs(self) -> str:
        return last_lines(self._container) if self._last_words is None else self._last_words

    def close(self) -> bool:
        """Keep its last words, and watch it no more, before it is removed; False where that was done already."""
        if self._last_words is not None:
            return False
        self._last_words = self.logs()
        self._usage.close()
        return True


def ending(container: Container) -> str:
    """How a container came to an end, as it was last looked at; "" where it ran."""
    state = container.attrs["State"]
    if state["Running"]:
        return ""
    if state["OOMKilled"]:
        return f"exit code {state['ExitCode']}, out of memory"
    return f"exit code {state['ExitCode']}"
