"""One family of errors. Each has an exit code and a hint that says how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """What the process says when it ends; a sentence each in `perfgate --help`."""

    PASS = 0
    FAIL = 1
    USAGE = 2
    NO_VERDICT = 3
    INTERRUPTED = 130


@dataclass(frozen=True)
class Problem:
    """One mistake in something a person wrote.

    place: where, as a person would look it up ("scenarios/create_pet.py:4", "perfgate.toml: [service] port").
    message: what is wrong there. hint: what to write instead.
    """

    place: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}"
        return f"{text}\n    {self.hint}" if self.hint else text


class MistakeError(ValueError):
    """A mistake in one value that a person wrote; whoever knows the place makes a Problem of it.

    message: what is wrong. hint: what to write instead.
    """

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(f"{message}; {hint}")
        self.message = message
        self.hint = hint


def nearest(word: object, known: Iterable[str]) -> str | None:
    """The one of the `known` words that `word` was probably meant to be."""
    import difflib  # only for those who mistyped

    return next(iter(difflib.get_close_matches(str(word), list(known), n=1)), None)


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """The hint for a word that is none of the `known` ones: the nearest, or all of them where none is near."""
    words = list(known)
    meant = nearest(word, words)
    return f"did you mean {meant}?" if meant else f"there are {', '.join(words)}"


class PerfgateError(Exception):
    """Anything that perfgate itself refuses or cannot do."""

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
    """A result file that is not one of ours."""


class NoVerdictError(PerfgateError):
    """Measuring began and could not be brought to an end that allows a verdict."""

    exit_code = ExitCode.NO_VERDICT


class TargetError(NoVerdictError):
    """A target that did not start, did not become ready, or died."""


class GeneratorError(NoVerdictError):
    """The load generator itself broke: a worker died or did not answer."""


class GithubError(PerfgateError):
    """GitHub refused something, or could not be asked. It never changes a verdict."""
