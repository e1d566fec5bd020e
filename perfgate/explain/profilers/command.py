"""`[explain] command`: any program that prints folded stacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from perfgate.explain.folded import parse_folded
from perfgate.explain.profile import Profile
from perfgate.explain.profilers.processes import folder_of
from perfgate.explain.profilers.profiler import ProfilerError
from perfgate.explain.profilers.program import ProfilerPlace, Program, last_words, started
from perfgate.service.placeholders import fill_words

PID, SECONDS = "pid", "seconds"


class CommandProfiler:
    """A command of the user's, with {pid} and {seconds} filled in."""

    name = "command under [explain]"

    def __init__(self, words: Sequence[str], place: ProfilerPlace) -> None:
        self._words = words
        self._place = place

    @contextmanager
    def record(self, pids: Sequence[int], seconds: int) -> Iterator[_Recording]:
        """Of the service's first process."""
        words = fill_words(self._words, {PID: str(pids[0]), SECONDS: str(seconds)})
        with started(words, self._place) as program:
            yield _Recording(program, folder_of(pids))


class _Recording:
    """The command at work. root: the service's folder."""

    def __init__(self, program: Program, root: str) -> None:
        self._program = program
        self._root = root

    def profile(self) -> Profile:
        code, output, errors = self._program.end()
        if code:
            raise ProfilerError(
                f"the command under [explain] failed with exit code {code}: {last_words(errors)}",
                "it prints the folded stacks of process {pid}, seen for {seconds} seconds",
            )
        return parse_folded(output, self._root)
