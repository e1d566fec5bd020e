"""What a run says, whether it was measured just now or comes from a history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from perfgate.metrics.run import RunRecord


class Readings(Protocol):
    """One scenario of a run, over all of its rounds.

    scenario: its name.
    scenario_hash: of its source, data and load profile.
    executor: of its load profile.
    requests: the names of its requests.
    dependencies: the names of what its service was seen to depend on.
    counts: request name and metric of what was counted: None and "counter{name:queries}", "GET /cart" and
        "server_timing{name:db}".
    timings: request name and metric of what took time besides waiting: None and "http_req_connecting", "GET /cart" and
        "http_req_receiving".
    """

    @property
    def scenario(self) -> str: ...

    @property
    def scenario_hash(self) -> str: ...

    @property
    def executor(self) -> str: ...

    @property
    def requests(self) -> Sequence[str]: ...

    @property
    def dependencies(self) -> Sequence[str]: ...

    @property
    def counts(self) -> Sequence[tuple[str | None, str]]: ...

    @property
    def timings(self) -> Sequence[tuple[str | None, str]]: ...

    def read(self, metric: str, stat: str, request: str | None = None) -> float | None:
        """One statistic by the catalogue's names and in its unit; None where nothing was measured.

        request: one request name, or None for the whole scenario.
        """

    def count(self, metric: str, request: str | None = None) -> int | None:
        """What a counter came to; None where an imported file did not say."""


class RunReadings(Protocol):
    """A run with its scenarios."""

    @property
    def record(self) -> RunRecord: ...

    @property
    def scenarios(self) -> Sequence[Readings]: ...
