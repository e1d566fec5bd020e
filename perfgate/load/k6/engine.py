"""The k6 engine: a round is one k6 process, which plays a slice of its script's load."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfgate.errors import NoVerdictError
from perfgate.load.engine import RoundResult, SlicePlan, SliceResults
from perfgate.load.k6.launcher import Launcher
from perfgate.load.k6.outcome import K6Outcome, judged, record_of, refuse_the_impossible
from perfgate.load.k6.process import Files, Process, read_log
from perfgate.load.k6.samples import Samples, read_samples
from perfgate.load.k6.script import ENGINE, K6Script
from perfgate.load.k6.slicing import cut
from perfgate.load.k6.wrapper import setup_wrapper, slice_wrapper, teardown_wrapper
from perfgate.load.pacer import Slice
from perfgate.load.phase import Phase
from perfgate.metrics.tally import Tally
from perfgate.metrics.threshold import Threshold
from perfgate.scenario import AnyScenario

# How much longer than its slice and graceful stop a round may last (seconds): k6 starts, makes its VUs and ends.
_GRACE = 30.0
_HOOK_SECONDS = 600.0
_KEPT_SUMMARY = "K6_SUMMARY_EXPORT"


@dataclass(frozen=True)
class _Opened:
    """A script that is open on one side.

    data: what the script's setup returned; None without one.
    """

    url: str
    files: Files
    data: Any


class K6Engine:
    """Rounds of k6 scripts.

    cpus: how many CPUs k6 may use; it is pinned to them because this process is.
    """

    name = ENGINE

    def __init__(self, launcher: Launcher, cpus: int) -> None:
        self._launcher = launcher
        self._cpus = cpus or os.cpu_count() or 1
        self._opened: dict[tuple[str, str], _Opened] = {}
        self._running: Process | None = None

    def open(self, scenario: AnyScenario, side: str, url: str) -> None:
        if not url.startswith(("http://", "https://")):
            raise NoVerdictError(f"k6 cannot send requests to {url}", "name a target that listens on a port")
        files = Files(Path(tempfile.mkdtemp(prefix="perfgate-k6-")))
        self._opened[scenario.name, side] = _Opened(url, files, None)
        script = _k6_script(scenario)
        if "setup" in script.exports:
            self._run_hook(script, "setup", setup_wrapper(script, files.answer), self._opened[scenario.name, side])
            data = json.loads(files.answer.read_text(encoding="utf-8")).get("data")
            self._opened[scenario.name, side] = _Opened(url, files, data)

    def play(self, scenario: AnyScenario, side: str, part: Slice, phase: Phase, number: int) -> RoundResult:
        script, opened = _k6_script(scenario), self._opened[scenario.name, side]
        load = cut(script, part)
        if not load.scenarios:
            return RoundResult(Tally(seconds=part.length), record_of(self._cpus, 0.0, None), (), ())
        warm_up = phase is Phase.WARM_UP
        patience = part.length + scenario.profile.graceful_stop + _GRACE
        module = slice_wrapper(script, load.scenarios, opened.data)
        outcome = self._run(opened, module, patience, script.thresholds, look_at_peers=warm_up)
        if warm_up:
            refuse_the_impossible(script, opened.url, outcome)
        return judged(script, opened.url, load, part.length, outcome, self._cpus)

    def can_slice(self, scenario: AnyScenario) -> bool:
        return False

    def play_slices(self, scenario: AnyScenario, sides: tuple[str, ...], plan: SlicePlan) -> SliceResults:
        raise ValueError(f"{self.name} plays no slices of {scenario.name}")

    def close(self, scenario: AnyScenario, side: str) -> None:
        opened = self._opened.pop((scenario.name, side), None)
        if opened is None:
            return
        script = _k6_script(scenario)
        try:
            if "teardown" in script.exports:
                self._run_hook(script, "teardown", teardown_wrapper(script, opened.data), opened)
        finally:
            shutil.rmtree(opened.files.folder, ignore_errors=True)

    def stop(self) -> None:
        if self._running is not None:
            self._running.kill()
        for opened in self._opened.values():
            shutil.rmtree(opened.files.folder, ignore_errors=True)
        self._opened.clear()

    def _run_hook(self, script: K6Script, hook: str, module: str, opened: _Opened) -> None:
        outcome = self._run(opened, module, _HOOK_SECONDS)
        if not outcome.ended_well or (hook == "setup" and not opened.files.answer.exists()):
            raise NoVerdictError(f"the {hook} of {script.name} failed: {outcome.ending}", f"mend {script.file.name}")

    def _run(
        self,
        opened: _Opened,
        module: str,
        patience: float,
        thresholds: Sequence[Threshold] | None = None,
        look_at_peers: bool = False,
    ) -> K6Outcome:
        """Have k6 run a module. thresholds: what its samples are read for; None: they are not read."""
        began = time.monotonic()
        files = opened.files
        files.module.write_text(module, encoding="utf-8")
        environment = self._launcher.environment(opened.url)
        arguments: tuple[str, ...] = ()
        if thresholds is None:
            environment.pop(_KEPT_SUMMARY, None)
        else:
            files.samples.write_bytes(b"")
            arguments = ("--out", f"json={files.samples}")
            if _KEPT_SUMMARY not in environment:
                environment["K6_NO_SUMMARY"] = "true"  # k6 need not count what is counted here
        with Process(self._launcher.path, files, arguments, environment) as self._running:
            watched = self._running.watch(patience, look_at_peers)
        samples = Samples()
        if thresholds is not None:
            with files.samples.open("rb") as lines:
                samples = read_samples(lines, opened.url, thresholds)
        return K6Outcome(watched, samples, read_log(files), time.monotonic() - began)


def _k6_script(scenario: AnyScenario) -> K6Script:
    assert isinstance(scenario, K6Script)
    return scenario
