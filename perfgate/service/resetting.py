"""Resets of a service before a round: the traces of one round must not weigh on the next."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from perfgate.errors import TargetError
from perfgate.popen import Popen
from perfgate.service.command_variables import all_variables
from perfgate.service.dependencies.commands import shown_words
from perfgate.service.dependencies.stack_instance import StackInstance
from perfgate.service.ending import first_ended
from perfgate.service.known_values import known_values
from perfgate.service.log import readable
from perfgate.service.placeholders import URL, fill, fill_words
from perfgate.service.probe import FAILURES, ask, describe_failure
from perfgate.service.readiness import ready_url, wait_until_ready
from perfgate.service.service import Instance, Service
from perfgate.service.settings import HttpCall, LaunchContext
from perfgate.service.starting import with_heading
from perfgate.service.target import PetstoreTarget, Target
from perfgate.units import format_seconds

_SECONDS = 60.0
_LAST_LINES = 10


def prepare_round(target: Target, service: Service, context: LaunchContext) -> None:
    """Reset the service as its settings say, wait until it is ready again, and reset its peak of memory.

    The settings are not about the embedded petstore. TargetError where the service is gone, the call answers
    400 or above, the command fails, or one of them takes longer than a minute.
    """
    if ended := first_ended(target, service.instance):
        raise ended.gone()
    settings = context.settings
    if settings.reset is not None and not isinstance(target, PetstoreTarget):
        if isinstance(service.instance, StackInstance):
            service.instance.restore()
        values = known_values(service, context)
        trouble = _reset(settings.reset, values, service.instance, context)
        if trouble:
            raise TargetError(
                f"{target.text} could not be set back before a round: {trouble}",
                "mend reset under [service] in perfgate.toml; a command is run in the side's tree, where it has one, "
                "with the variables of env",
            )
        wait_until_ready(
            ready_url(service.instance.url, settings.ready and fill(settings.ready, values)),
            f"{target.text}, set back,",
            settings.ready_timeout,
            verify=settings.verify,
        )
    service.instance.reset_peak()
    for dependency in service.instance.dependencies:
        dependency.reset_peak()


def _reset(
    reset: tuple[str, ...] | HttpCall, values: Mapping[str, str], instance: Instance, context: LaunchContext
) -> str:
    """The failure of a reset, "" without one."""
    if isinstance(reset, HttpCall):
        return _call(values[URL], HttpCall(reset.method, fill(reset.path, values)), context.settings.verify)
    if isinstance(instance, StackInstance):  # what it sets back is of that side: its code and its database
        end = instance.run(reset, values, _SECONDS)
        return f"{shown_words(reset, values)}: {end.failure}\n{with_heading(end.logs)}" if end.failure else ""
    return _run(fill_words(reset, values), all_variables(context, values), context.folder)


def _call(url: str, call: HttpCall, verify: bool | Path) -> str:
    parts = urlsplit(url)
    try:
        status = ask(f"{parts.scheme}://{parts.netloc}{call.path}", _SECONDS, call.method, verify)
    except FAILURES as error:
        return f"{call} failed: {describe_failure(error)}"
    return f"{call} answered {status}" if status >= 400 else ""


def _run(words: list[str], variables: Mapping[str, str], folder: Path) -> str:
    try:
        # A session of its own: all that it started ends with it where it has to be ended.
        process = Popen(
            words,
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        return f"{words[0]} could not be started: {error.strerror}"
    with process:
        try:
            output, errors = process.communicate(timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            process.signal_group(signal.SIGKILL)
            return f"{words[0]} took longer than {format_seconds(_SECONDS)}"
        except BaseException:
            process.signal_group(signal.SIGKILL)
            raise
    written = (output + errors).decode(errors="replace").splitlines()[-_LAST_LINES:]
    lines = [f"{words[0]} ended with exit code {process.returncode}", *map(readable, written)]
    return "\n".join(lines) if process.returncode else ""
