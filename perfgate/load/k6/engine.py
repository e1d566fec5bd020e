"""The k6 engine: a round that stands alone, or the slices of one side, are one k6 process."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from perfgate.errors import NoVerdictError
from perfgate.load.engine import RoundResult, SlicePlan, SliceResults
from perfgate.load.k6.launcher import Launcher
from perfgate.load.k6.live import TAIL, K6Slices, Lane
from perfgate.load.k6.outcome import K6Outcome, judged, record_of, refuse_the_impossible
from perfgate.load.k6.process import Files, Process, read_log
from perfgate.load.k6.samples import Samples, read_samples
from perfgate.load.k6.script import ENGINE, K6Script
from perfgate.load.k6.slicing import cut
from perfgate.load.k6.start_line import StartLine
from perfgate.load.k6.wrapper import (
    Beginning,
    beginning_module,
    seeding_module,
    setup_wrapper,
    slice_wrapper,
    teardown_wrapper,
)
from perfgate.load.pacer import Slice, staggers
from perfgate.load.phase import Phase
from perfgate.metrics.tally import Tally
from perfgate.metrics.threshold import Threshold
from perfgate.scenario import AnyScenario
from perfgate.scenario.concurrent_profiles import is_timed

# How much longer than its slice and graceful stop a round may last (seconds): k6 starts, makes its VUs and ends.
_GRACE = 30.0
_HOOK_SECONDS = 600.0
# How long requests may be under way when a load that was cut into slices ends (s); they are not counted.
_BRIEF_STOP = 0.5


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
        self._running: set[Process] = set()

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
        # A summary of k6's own that people ask for speaks of the round and of nothing before it.
        if part.spread and load.beginners and self.can_slice(scenario) and not self._launcher.keeps_summary:
            plan = SlicePlan(part, 1, phase, number, lambda _: None)
            with closing(self.play_slices(scenario, (side,), plan)) as results:
                return next(results)[side]
        load = cut(script, replace(part, spread=0.0))
        if not load.scenarios:
            return RoundResult(Tally(seconds=part.length), record_of(self._cpus, 0.0, None), (), ())
        warm_up = phase is Phase.WARM_UP
        patience = part.length + scenario.profile.graceful_stop + _GRACE
        module = slice_wrapper(script, load.scenarios, opened.data, waits=False)
        beginning = Beginning(_seed(script, phase, number), 0.0, 0.5, {}, None)
        outcome = self._run(opened, module, patience, script.thresholds, beginning, look_at_peers=warm_up)
        if warm_up:
            refuse_the_impossible(script, opened.url, outcome)
        return judged(script, opened.url, load, part.length, outcome, self._cpus)

    def can_slice(self, scenario: AnyScenario) -> bool:
        # Iterations that are counted out are no steady load.
        return is_timed(scenario.profile)

    def can_share(self, scenario: AnyScenario) -> bool:
        return False

    def play_slices(self, scenario: AnyScenario, sides: tuple[str, ...], plan: SlicePlan) -> SliceResults:
        script = _k6_script(scenario)
        warms_up = plan.phase is Phase.WARM_UP
        # The iterations of a warm-up come to their end: how long they are decides on what follows.
        graceful_stop = scenario.profile.graceful_stop if warms_up and len(sides) == 1 else _BRIEF_STOP
        begins = staggers(len(sides))
        loads = [cut(script, plan.part, TAIL, graceful_stop, stagger) for stagger in begins]
        if not loads[0].scenarios:
            yield from self._nothing(sides, plan)
            return
        with ExitStack() as stack:
            start_line = stack.enter_context(StartLine(len(sides)))
            lanes = []
            for side, stagger, load in zip(sides, begins, loads, strict=True):
                opened = self._opened[scenario.name, side]
                seed = _seed(script, plan.phase, plan.number)
                beginning = Beginning(seed, plan.part.spread, stagger, load.beginners, start_line.url)
                module = slice_wrapper(script, load.scenarios, opened.data, waits=True)
                process = stack.enter_context(self._begin(opened, module, beginning))
                samples = stack.enter_context(opened.files.samples.open("rb"))
                log = stack.enter_context(opened.files.log.open("rb"))
                lanes.append(Lane(side, opened.url, load, process, samples, log))
            live = K6Slices(script, lanes, plan, self._cpus, _GRACE + graceful_stop)
            for slices in live.play(start_line):
                if warms_up:
                    for side, outcome in live.outcomes().items():
                        refuse_the_impossible(script, self._opened[scenario.name, side].url, outcome)
                yield slices

    def _nothing(self, sides: tuple[str, ...], plan: SlicePlan) -> SliceResults:
        """Slices of a part of the profile in which there is no load."""
        length = plan.part.length / plan.count
        time.sleep(plan.part.spread)
        plan.boundary(time.monotonic())
        for _ in range(plan.count):
            time.sleep(length)
            plan.boundary(time.monotonic())
            yield {side: RoundResult(Tally(seconds=length), record_of(self._cpus, 0.0, None), (), ()) for side in sides}

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
        for process in tuple(self._running):
            process.kill()
        for opened in self._opened.values():
            shutil.rmtree(opened.files.folder, ignore_errors=True)
        self._opened.clear()

    def _run_hook(self, script: K6Script, hook: str, module: str, opened: _Opened) -> None:
        opened.files.beginning.write_text(seeding_module(f"{script.name}/{hook}"), encoding="utf-8")
        outcome = self._run(opened, module, _HOOK_SECONDS)
        if not outcome.ended_well or (hook == "setup" and not opened.files.answer.exists()):
            hint = f"mend {script.file.name}"
            if "test.options" in script.file.read_text(encoding="utf-8", errors="replace"):
                hint = (
                    f"exec.test.options are not the script's own here, since {hook} runs apart from the load: "
                    f"take the number from a constant that options use, too"
                )
            raise NoVerdictError(f"the {hook} of {script.name} failed: {outcome.ending}", hint)

    def _run(
        self,
        opened: _Opened,
        module: str,
        patience: float,
        thresholds: Sequence[Threshold] | None = None,
        beginning: Beginning | None = None,
        look_at_peers: bool = False,
    ) -> K6Outcome:
        """Have k6 run a module. thresholds: what its samples are read for; None: they are not read."""
        began = time.monotonic()
        with self._begin(opened, module, beginning) as process:
            watched = process.watch(patience, look_at_peers)
        samples = Samples()
        if thresholds is not None:
            with opened.files.samples.open("rb") as lines:
                samples = read_samples(lines, opened.url, thresholds)
        return K6Outcome(watched, samples, read_log(opened.files), time.monotonic() - began)

    @contextmanager
    def _begin(self, opened: _Opened, module: str, beginning: Beginning | None) -> Iterator[Process]:
        """A k6 that runs a module. beginning: of the VUs of a round; None for a hook, whose samples nobody reads."""
        files = opened.files
        files.module.write_text(module, encoding="utf-8")
        arguments: tuple[str, ...] = ()
        if beginning is None:
            environment = self._launcher.hook_environment(opened.url)
        else:
            environment = self._launcher.round_environment(opened.url)
            files.beginning.write_text(beginning_module(beginning), encoding="utf-8")
            files.samples.write_bytes(b"")
            arguments = ("--out", f"json={files.samples}")
        with Process(self._launcher.path, files, arguments, environment) as process:
            self._running.add(process)
            try:
                yield process
            finally:
                self._running.discard(process)


def _seed(script: K6Script, phase: Phase, number: int) -> str:
    return f"{script.name}/{phase.value}/{number}"


def _k6_script(scenario: AnyScenario) -> K6Script:
    assert isinstance(scenario, K6Script)
    return scenario
