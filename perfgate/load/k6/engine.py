"""The k6 engine: a round is one k6 process, which plays a slice of its script's load."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from perfgate.errors import NoVerdictError
from perfgate.load.engine import Played
from perfgate.load.health import judge
from perfgate.load.k6.cut import cut, is_timed, vus_of
from perfgate.load.k6.destination import elsewhere
from perfgate.load.k6.launcher import BASE_URL, Launcher
from perfgate.load.k6.log import Log
from perfgate.load.k6.process import Files, Process, Watched, read_log
from perfgate.load.k6.samples import Samples, read_samples
from perfgate.load.k6.script import ENGINE, K6Script
from perfgate.load.k6.wrapper import setup_wrapper, slice_wrapper, teardown_wrapper
from perfgate.load.pacer import Slice
from perfgate.metrics.run import GeneratorRecord
from perfgate.metrics.tally import Tally
from perfgate.scenario import AnyScenario

# How much longer than its slice and graceful stop a round may last (seconds): k6 starts, makes its VUs and ends.
_GRACE = 30.0
_HOOK_SECONDS = 600.0
_KEPT_SUMMARY = "K6_SUMMARY_EXPORT"

# https://github.com/grafana/k6/blob/master/errext/exitcodes/codes.go
_EXIT_CODES = {
    97: "a cloud run failed",
    99: "a threshold was crossed",
    100: "setup took too long; k6's setupTimeout allows for more",
    101: "teardown took too long; k6's teardownTimeout allows for more",
    102: "something took too long",
    103: "k6 itself failed",
    104: "its configuration is invalid",
    105: "somebody ended it from outside",
    107: "the script raised an exception",
    108: "the script called exec.test.abort()",
    110: "k6 itself crashed",
}
_SUCCESS = (0, 99)


@dataclass(frozen=True)
class _Opened:
    """data: what the script's setup returned, None without one."""

    url: str
    files: Files
    data: Any


class K6Engine:
    """cpus: how many CPUs k6 may use; it is pinned to them because this process is."""

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

    def play(self, scenario: AnyScenario, side: str, part: Slice, pair: int) -> Played:
        script, opened = _k6_script(scenario), self._opened[scenario.name, side]
        began = time.monotonic()
        load = cut(script, part)
        if not load:
            return Played(Tally(seconds=part.length), self._record(0.0, None), (), ())
        patience = part.length + scenario.profile.graceful_stop + _GRACE
        warm_up = pair < 0
        watched = self._run(opened, slice_wrapper(script, load, opened.data), patience, samples=True, peers=warm_up)
        with opened.files.samples.open("rb") as lines:
            samples = read_samples(lines, opened.url, script.thresholds)
        log = read_log(opened.files)
        if warm_up:
            _refuse_the_impossible(script, opened, watched, samples, log)
        played = self._judged(script, opened, (part, load), (watched, samples, log))
        # What it used in all, its start included: whoever looks for others on these CPUs must know of it.
        share = watched.cpu_seconds / (time.monotonic() - began) / self._cpus
        return replace(played, generator=replace(played.generator, cpu=share))

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
        watched = self._run(opened, module, _HOOK_SECONDS)
        log = read_log(opened.files)
        if watched.code not in _SUCCESS or (hook == "setup" and not opened.files.answer.exists()):
            raise NoVerdictError(
                f"the {hook} of {script.name} failed: {_why(watched, log)}", f"mend {script.file.name}"
            )

    def _run(
        self, opened: _Opened, module: str, patience: float, samples: bool = False, peers: bool = False
    ) -> Watched:
        opened.files.module.write_text(module, encoding="utf-8")
        environment = self._launcher.environment(opened.url)
        arguments: tuple[str, ...] = ()
        if samples:
            opened.files.samples.write_bytes(b"")
            arguments = ("--out", f"json={opened.files.samples}")
            if _KEPT_SUMMARY not in environment:
                environment["K6_NO_SUMMARY"] = "true"  # k6 need not count what is counted here
        else:
            environment.pop(_KEPT_SUMMARY, None)
        with Process(self._launcher.path, opened.files, arguments, environment) as self._running:
            return self._running.watch(patience, peers)

    def _judged(
        self,
        script: K6Script,
        opened: _Opened,
        asked: tuple[Slice, dict[str, dict[str, Any]]],
        got: tuple[Watched, Samples, Log],
    ) -> Played:
        (part, load), (watched, samples, log) = asked, got
        tally = samples.tally
        spoken_of = max(0.0, samples.ended - samples.began)
        tally.seconds = max(part.length, spoken_of) if is_timed(load) else spoken_of
        # k6 tells how many VUs there are once a second, so a short round has to go by what it was asked for.
        tally.vus, tally.vus_max = max(tally.vus, vus_of(load)), max(tally.vus_max, vus_of(load))
        offered = tally.iterations.count + tally.dropped_iterations if script.profile.is_open else None
        record = self._record(watched.cpu_share(samples.began) / self._cpus, offered)
        health = judge(record, tally, dict(log.raised))
        warnings, problems = health.warnings, health.problems
        if samples.too_many_names:
            warnings += ('there are more than 200 request names; group requests with {tags: {name: "GET /pet/{id}"}}',)
        if watched.code not in _SUCCESS:
            problems += (_why(watched, log),)
        strays = elsewhere(samples, opened.url, ())
        if strays:
            warnings += (f"some requests went to {', '.join(strays)} instead of the target, and are counted too",)
        return Played(tally, record, warnings, problems)

    def _record(self, cpu: float, offered: int | None) -> GeneratorRecord:
        """k6 stops its measurements by its own clock, and says nothing of how late it was."""
        return GeneratorRecord(self.name, self._cpus, "process", None, None, None, None, cpu, offered)


def _k6_script(scenario: AnyScenario) -> K6Script:
    assert isinstance(scenario, K6Script)
    return scenario


def _refuse_the_impossible(script: K6Script, opened: _Opened, watched: Watched, samples: Samples, log: Log) -> None:
    """After a warm-up: what no later round could do better. NoVerdictError says what, and how to mend it."""
    if watched.code not in _SUCCESS:
        raise NoVerdictError(f"{script.name}: {_why(watched, log)}", f"mend {script.file.name}")
    strays = elsewhere(samples, opened.url, watched.peers)
    at_target = sum(samples.origins.values()) - sum(samples.origins[stray] for stray in strays)
    if strays and not at_target:
        raise NoVerdictError(
            f"{script.name} sends its load to {', '.join(strays)}, not to the target {opened.url}",
            f"take the URL from the environment: `${{__ENV.{BASE_URL}}}/...` in {script.file.name}",
        )
    tally = samples.tally
    none_was_due = script.profile.is_open and not (tally.request_count or tally.dropped_iterations or log.raised)
    ended = tally.iterations.count and (tally.request_count or not log.raised)
    if not ended and not none_was_due:
        raised = f": it raised {next(iter(log.raised))}" if log.raised else ""
        raise NoVerdictError(
            f"{script.name}: no iteration came to its end during the warm-up{raised}",
            "an iteration is one pass that ends; leave loops to the executor, or allow for more with --duration",
        )


def _why(watched: Watched, log: Log) -> str:
    """Why a run of k6 did not end well, in a sentence."""
    if watched.code is None:
        return "k6 did not end in time and was stopped"
    how = _EXIT_CODES.get(watched.code, f"signal {-watched.code}" if watched.code < 0 else "for reasons of its own")
    said = "; ".join(complaint.partition("\n")[0] for complaint in log.complaints[:3])
    return f"k6 ended with exit code {watched.code}, {how}" + (f": {said}" if said else "")
