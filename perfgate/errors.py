"""One family of errors. Each has an exit code and a hint with the remedy."""

from __future__ import annotations

import errno
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of perfgate; `perfgate --help` has a sentence for each."""

    PASS = 0
    FAIL = 1
    USAGE = 2
    NO_VERDICT = 3
    INTERRUPTED = 130


@dataclass(frozen=True)
class Problem:
    """One mistake in something a person wrote.

    place: where a person finds it: "scenarios/create_pet.py:4", "perfgate.toml: [service] port".
    message: what is wrong there.
    hint: what to write instead.
    """

    place: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}"
        return f"{text}\n    {self.hint}" if self.hint else text


class MistakeError(ValueError):
    """A mistake in one value that a person wrote; a caller that knows the place makes a Problem of it.

    message: what is wrong.
    hint: what to write instead.
    """

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(f"{message}; {hint}")
        self.message = message
        self.hint = hint


def nearest(word: object, known: Iterable[str]) -> str | None:
    """The `known` word probably meant by `word`; None where none is near."""
    import difflib  # only where something is mistyped

    return next(iter(difflib.get_close_matches(str(word), list(known), n=1)), None)


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """The hint for an unknown word: the nearest of the `known` ones, or all of them where none is near."""
    words = list(known)
    meant = nearest(word, words)
    return f"did you mean {meant}?" if meant else f"there are {', '.join(words)}"


MAKE_ROOM = "Make room on the disk, then try again."


def full_disk(error: OSError) -> str:
    """That the disk is full, or what a user may have of it, in words; "" for any other error."""
    return f"the disk is full ({error.strerror})" if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""


def came_after_interrupt(error: BaseException) -> bool:
    """Whether it came while that which Ctrl-C or a signal had interrupted was cleared away."""
    before = error.__context__
    return before is not None and (isinstance(before, KeyboardInterrupt) or came_after_interrupt(before))


class PerfgateError(Exception):
    """The family: anything that perfgate itself refuses or cannot do.

    message: what is wrong.
    hint: what to do about it; "" for nothing.
    """

    exit_code = ExitCode.USAGE

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(PerfgateError):
    """The command line, or something it names, is wrong. Nothing was measured."""


class ProblemsError(UsageError):
    """Mistakes in one or more files, all of them at once."""

    def __init__(self, what: str, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        listed = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"{count} mistake{'s' if count != 1 else ''} in {what}:\n{listed}")


class HistoryError(UsageError):
    """A history file that cannot be read or written."""


class ResultFileError(UsageError):
    """A result file that perfgate did not write, or that is damaged."""


class NoVerdictError(PerfgateError):
    """Measuring began and could not be brought to an end that allows a verdict."""

    exit_code = ExitCode.NO_VERDICT


class TargetError(NoVerdictError):
    """A target that did not start, did not become ready, or died."""


class GeneratorError(NoVerdictError):
    """The load generator itself broke: a worker died or did not answer."""


class GithubError(PerfgateError):
    """GitHub refused something, or could not be asked. It never changes a verdict."""
