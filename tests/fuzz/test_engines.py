"""What the other engines say: options of scripts, samples and logs by k6, reports by Locust; spoiled."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from perfgate.errors import PerfgateError
from perfgate.load.k6.inspect_errors import problems_of
from perfgate.load.k6.launcher import InspectError, K6Settings, Launcher
from perfgate.load.k6.log import K6Log
from perfgate.load.k6.reader import K6Reader
from perfgate.load.k6.samples import read_samples
from perfgate.load.k6.script import K6Script
from perfgate.load.k6.slicing import cut
from perfgate.load.locustfile.messages import LocustCount, PlayerReport, PlayerSlice
from perfgate.load.pacer import slices
from perfgate.load.processes.child import Child
from perfgate.load.processes.messages import Reply, to_line, to_plain
from perfgate.load.reports import WorkerReport
from perfgate.metrics.tally import Tally
from perfgate.metrics.threshold import Threshold
from tests.support.importing import unpacked
from tests.support.mutations import as_json, spoiled_bytes, spoiled_values

pytestmark = pytest.mark.fuzz

# As `k6 inspect --execution-requirements` writes them, less most of what is null.
_OPTIONS = {
    "scenarios": {
        "a": {
            "executor": "ramping-vus",
            "startTime": "1s",
            "gracefulStop": None,
            "env": {"A": "1"},
            "exec": "other",
            "tags": {"b": "c"},
            "startVUs": 1,
            "stages": [{"duration": "5s", "target": 3}, {"duration": "2s", "target": 0}],
            "gracefulRampDown": "1s",
        },
        "b": {"executor": "constant-arrival-rate", "rate": 9, "timeUnit": "1s", "duration": "9s", "preAllocatedVUs": 5},
        "c": {"executor": "ramping-arrival-rate", "startRate": 1, "stages": [{"duration": "3s", "target": 10}]},
        "e": {"executor": "per-vu-iterations", "vus": 2, "iterations": 3, "maxDuration": "20s"},
    },
    "thresholds": {
        "http_req_duration": ["p(95)<500", {"threshold": "avg<100", "abortOnFail": True, "delayAbortEval": "5s"}],
        "http_req_failed{name:POST /pet}": ["rate<0.01"],
    },
    "ext": {"perfgate": {"functions": ["default"], "complaints": {}, "loads": ["vus"]}},
    "systemTags": ["check", "error", "url"],
}
_ONE = {
    "scenarios": {"default": {"executor": "constant-vus", "vus": 2, "duration": "5s"}},
    "thresholds": None,
    "ext": {
        "perfgate": {"functions": ["default"], "complaints": {"a": "already exists but with type counter"}, "loads": 1}
    },
}


class _Told(Launcher):
    """A k6 that says what it is told to."""

    def __init__(self, options: Any) -> None:
        super().__init__(K6Settings(), {})
        self._options = options

    def inspect(self, arguments: Any) -> Any:
        if not isinstance(self._options, dict):
            raise InspectError(str(self._options))
        return self._options


def test_options_of_k6(fuzz, tmp_path):
    file = tmp_path / "script.js"
    file.write_text("export default function () {}\n")

    def play(given: Any) -> None:
        loaded = K6Reader(_Told(given)).read(file)
        assert loaded.problems or loaded.scenarios
        for script in loaded.scenarios:
            assert isinstance(script, K6Script)
            parts = slices(script.profile, 1.0)
            for number in {0, len(parts) // 2, len(parts) - 1}:
                cut(script, parts[number])

    fuzz(spoiled_values([_OPTIONS, _ONE]), play)


THRESHOLDS = [
    Threshold("http_req_duration", None, "p(95)", "<", 500.0, "p(95)<500", False, 0.0),
    Threshold("my_trend{a:b}", None, "avg", "<", 5.0, "avg<5", False, 0.0),
    Threshold("vus", None, "value", ">", 0.0, "value>0", False, 0.0),
]


def test_samples_of_k6(fuzz):
    lines = unpacked("k6.json").splitlines()[:300]
    plain = [json.loads(line) for line in lines]
    values = spoiled_values([plain[:60], plain[100:160]]).map(
        lambda some: [as_json(one).replace(": ", ":").encode() for one in (some if isinstance(some, list) else [some])]
    )
    texts = spoiled_bytes([b"\n".join(lines[at : at + 40]) for at in (0, 100)]).map(bytes.splitlines)

    def play(given: list[bytes]) -> None:
        with suppress(PerfgateError):
            samples = read_samples(given, "http://localhost:8080", THRESHOLDS)
            _ = samples.tally.request_count

    fuzz(st.one_of(values, texts), play)


LOG = [
    b'{"level":"error","msg":"GoError: a\\n\\tat file:///a/b.js:3:4(5)","source":"stacktrace","time":"2026-01-01"}\n'
    b'{"level":"error","msg":"could not initialize \'/a.js\': could not load JS test \'file:///a.js\': x"}\n'
    b'{"level":"warning","msg":"a","source":"console"}\npanic: runtime error\n'
]


def test_logs_of_k6(fuzz):
    def play(given: bytes) -> None:
        text = given.decode("utf-8", "replace")
        K6Log.of(text.splitlines())
        assert problems_of(Path("a.js"), text)

    fuzz(spoiled_bytes(LOG), play)


class _Said(Child):
    """A child that has said something and ended."""

    def __init__(self, said: bytes) -> None:
        reading, writing = os.pipe()
        self._out = os.fdopen(reading, "rb")
        self._called = "Locust"
        self._buffer = said
        self._on_news = lambda _text: None
        self._writing = writing

    def _death(self) -> Any:
        raise AssertionError("it is not asked for")

    def stop(self) -> None:
        self._out.close()
        os.close(self._writing)


def _report() -> PlayerSlice:
    tally = Tally(seconds=1.0, vus=2, vus_max=2)
    tally.request("GET /a").ok.record(1_000_000)
    tally.check("ok", True)
    report = WorkerReport(tally.to_plain(), 1, 0, 0.0, 0.0, 0.0, 0.1, 0.0, None, {"ValueError": 1}, 0)
    return PlayerSlice(PlayerReport(report, LocustCount(1, 0, 1.0, 1.0), 0, (), ("a",)))


def test_reports_of_locust(fuzz):
    plain = to_plain(_report())
    lines = spoiled_values([{"type": "Reply", "value": plain}]).map(lambda value: as_json(value).encode() + b"\n")
    texts = spoiled_bytes([to_line(Reply(plain))]).map(lambda text: text.replace(b"\n", b"") + b"\n")

    def play(given: bytes) -> None:
        child = _Said(given)
        try:
            with suppress(PerfgateError):
                child.receive(PlayerSlice, 0.05)
        finally:
            child.stop()

    fuzz(st.one_of(lines, texts), play)
