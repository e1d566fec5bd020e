"""What a compose file has that cannot stand beside itself: refused, all of it at once, or said."""

from __future__ import annotations

from perfgate.errors import Problem, ProblemsError


class Findings:
    """The findings in one compose file.

    notes: what was changed of it, a sentence each.
    """

    def __init__(self, file: str, shown: str) -> None:
        """shown: the target in messages."""
        self.notes: list[str] = []
        self._file = file
        self._shown = shown
        self._problems: list[Problem] = []

    def refuse(self, place: str, message: str, hint: str) -> None:
        """Note a mistake. place: within the file, like "services.db"."""
        problem = Problem(f"{self._file}: {place}", message, hint)
        if problem not in self._problems:
            self._problems.append(problem)

    def say(self, note: str) -> None:
        """Note what was changed, or what cannot be."""
        self.notes.append(f"{self._file}: {note}")

    def raise_any(self) -> None:
        """ProblemsError where something was refused."""
        if self._problems:
            raise ProblemsError(f"{self._file} ({self._shown})", self._problems)
