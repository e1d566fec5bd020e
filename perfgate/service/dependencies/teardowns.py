"""The teardowns that have yet to be run: noted before a seed begins, so that the next start runs those of a killed one.

A note holds no command and no variable, which may hold secrets: those are in perfgate.toml and in the environment.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from perfgate.service.command_variables import variables_of
from perfgate.service.dependencies.command_dependency import program_of
from perfgate.service.dependencies.commands import Place, run_to_its_end, shown_words
from perfgate.service.dependencies.shared_dependency import shared_endpoint
from perfgate.service.endpoint import endpoint_of
from perfgate.service.owner import owner_in, this_process
from perfgate.service.placeholders import PORT, SHA, SIDE, fill_variables, fill_words
from perfgate.service.settings import LaunchContext
from perfgate.service.starting import with_heading

FOLDER = Path(".perfgate")
SECONDS = 300.0
_PREFIX = "teardown-"


@dataclass(frozen=True)
class Note:
    """What a teardown needs to know, besides perfgate.toml.

    side, sha, port: the values of placeholders.
    folder: the side's tree.
    places: host and port of each dependency.
    """

    side: str
    sha: str
    port: str
    folder: str
    places: Mapping[str, tuple[str, int]] = field(default_factory=dict)


def write_note(context: LaunchContext, what: Note) -> Path | None:
    """Write a note; None where there is nothing to run, or no place to write to."""
    if not context.settings.teardown:
        return None
    file = _own_file(context)
    with suppress(OSError):
        file.parent.mkdir(exist_ok=True)
        draft = file.with_suffix(".new")
        draft.write_text(json.dumps(asdict(what)))
        os.replace(draft, file)
        return file
    return None


def _own_file(context: LaunchContext) -> Path:
    return context.folder / FOLDER / f"{_PREFIX}{this_process()}-{secrets.token_hex(4)}.json"


def run_teardown(values: Mapping[str, str], context: LaunchContext, place: Place) -> bool:
    """Run the teardown; whether it succeeded. A failure is said, and changes no verdict."""
    settings = context.settings
    words = fill_words(settings.teardown, values)
    outcome = run_to_its_end(words, variables_of(settings, values), place, SECONDS)
    if outcome.failure:
        shown = shown_words(settings.teardown, values)
        context.say(
            f"[service] teardown failed, and may have left something behind: {shown}: {outcome.failure}\n"
            f"{with_heading(outcome.logs)}"
        )
    return not outcome.failure


def run_abandoned(context: LaunchContext) -> None:
    """Run the teardowns of owners that were killed, each once, however many perfgates start now."""
    for file in sorted((context.folder / FOLDER).glob(f"{_PREFIX}*.json")):
        owner = owner_in(file.name)
        if owner is None or not owner.gone():
            continue
        claimed = _own_file(context)
        try:
            os.rename(file, claimed)  # where this process is killed, too, the next start finds it
        except OSError:  # another one runs it, or may
            continue
        with suppress(OSError, ValueError, TypeError):
            left = Note(**json.loads(claimed.read_text()))
            if context.settings.teardown:
                context.say(f"A measurement before this one was killed: running its teardown ({left.side}).")
                _run(left, context)
        with suppress(OSError):
            claimed.unlink()


def _run(left: Note, context: LaunchContext) -> None:
    values = {SIDE: left.side, SHA: left.sha, PORT: left.port}
    for one in context.settings.dependencies:
        if one.url:
            values |= shared_endpoint(one, values).values(one.name)
        elif one.name in left.places:
            host, port = left.places[one.name]
            values |= endpoint_of(program_of(one), fill_variables(one.env, values), host, port).values(one.name)
    folder = Path(left.folder)
    mark = f"perfgate-{this_process()}-{secrets.token_hex(4)}"
    place = Place(folder if folder.is_dir() else context.folder, context.environment, mark)
    run_teardown(values, context, place)
