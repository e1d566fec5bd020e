"""Live progress: one line that rewrites itself on a terminal, plain lines now and then in a log."""

from __future__ import annotations

import shutil
import sys
import time

from perfgate.load.phase import Phase
from perfgate.metrics.run import Round
from perfgate.metrics.tally_statistics import read
from perfgate.report.progress import ScenarioProgress, plain_line, status_line

_PLAIN_EVERY = 10.0


class LiveProgress:
    """Tells on standard error how far a measurement is; silent where `quiet`."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._live = sys.stderr.isatty()
        self._scenario = ""
        self._began = 0.0
        self._frame = 0
        self._last_plain = 0.0
        self._latest: Round | None = None
        self._phase: Phase | None = None

    def scenario(self, name: str) -> None:
        """A scenario begins."""
        self._scenario, self._began, self._latest, self._phase = name, time.monotonic(), None, None

    def announce(self, phase: Phase, number: int, count: int) -> None:
        """A round or a warm-up begins: its number from 0, of `count`."""
        new_phase = phase != self._phase
        self._phase = phase
        tally = self._latest.tally if self._latest else None
        counted = phase in (Phase.MEASURING, Phase.EXPLAINING)
        progress = ScenarioProgress(
            scenario=self._scenario,
            phase=phase.value,
            round=number + 1 if counted else 0,
            rounds=count if counted else 0,
            elapsed=time.monotonic() - self._began,
            requests_per_second=read(tally, "http_reqs", "rate") if tally else None,
            failed=read(tally, "http_req_failed", "rate") if tally else None,
        )
        if self._quiet:
            return
        if self._live:
            self._frame += 1
            width = shutil.get_terminal_size().columns - 1
            print(
                f"\r\x1b[2K{status_line(progress, width=width, frame=self._frame)}", end="", file=sys.stderr, flush=True
            )
        elif new_phase or time.monotonic() - self._last_plain >= _PLAIN_EVERY:
            self._last_plain = time.monotonic()
            print(plain_line(progress), file=sys.stderr, flush=True)

    def round_ended(self, round_: Round) -> None:
        """A round has ended."""
        self._latest = round_

    def say(self, text: str) -> None:
        """One line that stays."""
        if not self._quiet:
            self.clear()
            print(text, file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Take the live line away."""
        if self._live and not self._quiet:
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)
