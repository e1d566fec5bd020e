"""What k6's two outputs of single values (--out json and --out csv) have in common: points of metrics with tags.

A request is a point of http_req_duration, stamped when it ended; it failed where k6 did not expect its response, and
before k6 0.31, which does not say, where its status is not 200 to 399.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from perfgate.exchange.importing.naming import Naming
from perfgate.exchange.importing.parsed_run import ParsedRun, ParsedScenario
from perfgate.exchange.importing.samples import ScenarioSamples, iterations_of

METRICS = frozenset(
    {
        "http_req_duration",
        "iteration_duration",
        "checks",
        "data_sent",
        "data_received",
        "dropped_iterations",
        "vus",
        "vus_max",
    }
)
"""The metrics that count here; others need not be read."""

_UNNAMED = "default"  # what k6 calls a scenario that was given no name
_AROUND = ("::setup", "::teardown")  # groups, which with those inside of them belong to no scenario's load


class Points:
    """Points as they are read, folded by scenario."""

    def __init__(self) -> None:
        self._naming = Naming()
        self._scenarios: dict[str, ScenarioSamples] = {}
        self._dropped: dict[str, int] = {}
        self._vus: dict[str, int] = {}

    def add(self, metric: str, value: float, at: float, tags: Mapping[str, Any]) -> None:
        """One point. at: Unix seconds; value: in ms where the metric is a duration."""
        if metric in ("vus", "vus_max"):
            highest = self._vus.get("vus_max", 0)
            self._vus |= {"vus": int(value)} if metric == "vus" else {"vus_max": max(highest, int(value))}
            return
        if _is_around(str(tags.get("group") or "")):
            return
        scenario = str(tags.get("scenario") or _UNNAMED)
        samples = self._scenarios.setdefault(scenario, ScenarioSamples())
        if metric == "http_req_duration":
            samples.request(self._name(tags), value, _error(tags), at, at - value / 1000)
        elif metric == "iteration_duration":
            samples.iteration(value)
            samples.extend(at - value / 1000, at)
        elif metric == "checks":
            samples.tally.check("", value != 0)  # all together: no history keeps their names
        elif metric == "data_sent":
            samples.tally.data_sent += int(value)
        elif metric == "data_received":
            samples.tally.data_received += int(value)
        elif metric == "dropped_iterations":
            self._dropped[scenario] = self._dropped.get(scenario, 0) + int(value)

    def run(self, identity: str) -> ParsedRun | None:
        """The run; None where there was no point of a scenario."""
        if not self._scenarios:
            return None
        began = min(samples.began for samples in self._scenarios.values())
        return ParsedRun(
            identity, began if began < math.inf else None, tuple(self._found()), target=self._naming.target
        )

    def _found(self) -> Iterator[ParsedScenario]:
        vus = self._vus if len(self._scenarios) == 1 else {}  # k6 counts them for all scenarios together
        for name, samples in sorted(self._scenarios.items()):
            checks = samples.tally.checks.values()
            load = {
                **vus,
                **iterations_of(samples.tally),
                "dropped_iterations": self._dropped.get(name, 0),
                "checks_passed": sum(check.passes for check in checks),
                "checks_failed": sum(check.fails for check in checks),
                "data_sent_bytes": samples.tally.data_sent,
                "data_received_bytes": samples.tally.data_received,
            }
            yield samples.found("" if name == _UNNAMED else name, load)

    def _name(self, tags: Mapping[str, Any]) -> str:
        """The name tag. Where a script gives none it is the URL."""
        name, method = str(tags.get("name") or tags.get("url") or ""), str(tags.get("method") or "")
        if "://" in name:
            return self._naming.of(method, name)
        return f"{method} {name}".strip() if name.startswith("/") else name or method


def _is_around(group: str) -> bool:
    return group in _AROUND or group.startswith(tuple(f"{around}::" for around in _AROUND))


def _error(tags: Mapping[str, Any]) -> str:
    """The kind of error, "" where the request succeeded."""
    status, expected = str(tags.get("status") or "0"), tags.get("expected_response")
    accepted = status.isdecimal() and 200 <= int(status) < 400
    if accepted if expected in (None, "") else str(expected) == "true":
        return ""
    if status not in ("", "0"):
        return f"status {status}"
    code = tags.get("error_code")
    return f"k6 error {code}" if code else "no answer"
