"""What base and head share and should not: the error of a start, or of a build, says how each gets its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from perfgate.errors import TargetError
from perfgate.service.placeholders import PORT, SIDE, names_in
from perfgate.service.processes.programs import State, programs_of, replaced
from perfgate.service.settings import LaunchContext, ServiceSettings
from perfgate.service.target import CommitTarget, Target

_HINT = (
    "; where base and head share a database, the migrations of one may break the other: give each its own, by "
    "[[dependencies]], or by {side} in env with seed and teardown under [service] in perfgate.toml"
)
_INTO_ITS_TREE = (
    "let build_command under [service] in perfgate.toml install into the work tree that it runs in, and command start"
    " it from there: `python -m venv .venv && .venv/bin/pip install .` and `.venv/bin/python`, `go build -o shop` and"
    " `./shop`, `npm ci` and no `npm install --global`"
)


class BuildsApart:
    """Tells a build that installs over what the other side runs: from its next start on, both would be one program."""

    def __init__(self) -> None:
        self._before: dict[str, State] = {}

    def confirm(self, target: Target, processes: Sequence[int], settings: ServiceSettings) -> None:
        """To be called once a side has started. TargetError where its build has replaced what one before it runs.

        processes: the first ones of the side.
        """
        if not isinstance(target, CommitTarget) or not settings.build_command:
            return
        programs = programs_of(processes)
        shared = replaced(self._before, programs)
        if shared:
            raise TargetError(
                f"the build of {target.text} has replaced {shared[0]}, which the other side runs, too: "
                "both would be one program, and no difference would be seen",
                _INTO_ITS_TREE,
            )
        self._before.update(programs)


@contextmanager
def sharing_named(target: Target, context: LaunchContext) -> Iterator[None]:
    """Add a hint to an error of a start inside, where a side of a duet may have broken what the other needs."""
    try:
        yield
    except TargetError as error:
        if context.side and isinstance(target, CommitTarget) and not _separated(context.settings):
            error.hint += _HINT
        raise


def _separated(settings: ServiceSettings) -> bool:
    """Whether something in the settings is another one for each side."""
    named = {name for text in settings.env.values() for name in names_in(text)}
    return bool(settings.dependencies or settings.seed or settings.compose or named & {SIDE, PORT})
