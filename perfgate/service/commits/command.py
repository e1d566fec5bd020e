"""`[service] command`: a commit's own code as a process, in a work tree of its own."""

from __future__ import annotations

import os
import shlex
import socket
from collections.abc import Mapping
from contextlib import closing
from functools import partial
from urllib.parse import urlsplit

from perfgate.errors import TargetError
from perfgate.git import OF_ONE_REPOSITORY
from perfgate.popen import interrupts_held
from perfgate.service.commits.worktree import Worktree
from perfgate.service.own_service import OwnService
from perfgate.service.probe import accepts_connections
from perfgate.service.processes.owned_processes import MARK, end_owned_by
from perfgate.service.processes.process import ProcessContext, ServiceProcess
from perfgate.service.settings import PORT, LaunchContext
from perfgate.service.starting import wait_for_start, with_heading
from perfgate.service.target import CommitTarget
from perfgate.tokens import without_tokens
from perfgate.units import format_seconds

# A build that takes longer than this has most likely come to a halt.
_BUILD_SECONDS = 1800.0


def open_command(target: CommitTarget, tree: Worktree, context: LaunchContext) -> OwnService:
    """The service that `[service] command` starts in a work tree, ready for load. Stopping it removes the tree.

    TargetError where its build fails or it does not become ready; then nothing of it is left, the tree included.
    """
    try:
        if context.settings.build_command:
            _build(target, tree, context)
    except BaseException:
        _clear(tree)
        raise
    return OwnService(partial(_started, target, tree, context), partial(_clear, tree))


def _clear(tree: Worktree) -> None:
    """End what belongs to a work tree and remove it, whatever moment an interrupt came at."""
    with interrupts_held():
        end_owned_by(tree.mark)
        tree.remove()


def _started(target: CommitTarget, tree: Worktree, context: LaunchContext) -> ServiceProcess:
    port = _free_port()
    words = [word.replace(PORT, str(port)) for word in context.settings.command]
    process = ServiceProcess(words, context.cpus, _process_context(tree, context, port))
    # By this name it is found on either loopback; some listen on that of IPv6 alone.
    process.url = f"http://localhost:{port}{context.settings.path}"
    try:
        wait_for_start(process, target, context.settings, process.ended)
    except TargetError as error:
        error.hint = f"see what it wrote; it was told port {port}: {PORT} in its command, PORT in its environment"
        raise
    process.url = _exact(process.url)
    return process


def _build(target: CommitTarget, tree: Worktree, context: LaunchContext) -> None:
    command = context.settings.build_command
    context.say(f"{target.text}: {shlex.join(command)}")
    process = ServiceProcess(command, _all_cpus(context), _process_context(tree, context, None))
    try:
        in_time = process.wait(_BUILD_SECONDS)
        how = process.ended() or f"no end after {format_seconds(_BUILD_SECONDS)}"
    finally:
        process.stop()
    if not in_time or how != "exit code 0":
        raise TargetError(
            f"{target.text} could not be built: {shlex.join(command)}: {how}\n{with_heading(process.logs())}",
            "build_command under [service] in perfgate.toml is run in a fresh checkout, without what git ignores",
        )


def _process_context(tree: Worktree, context: LaunchContext, port: int | None) -> ProcessContext:
    """The context of the service itself, or, with port None, of its build."""
    variables = without_tokens(context.environment)
    inherited = {name: text for name, text in variables.items() if name not in OF_ONE_REPOSITORY}
    port_variable = {} if port is None else {"PORT": str(port)}
    environment = {**inherited, **port_variable, **_configured(context.settings.env, port), MARK: tree.mark}
    return ProcessContext(tree.folder, environment, tree.mark, piped=False)


def _configured(env: Mapping[str, str], port: int | None) -> dict[str, str]:
    if port is None:
        return {name: text for name, text in env.items() if PORT not in text}
    return {name: text.replace(PORT, str(port)) for name, text in env.items()}


def _all_cpus(context: LaunchContext) -> tuple[int, ...]:
    """The CPUs of a build, with the generator's: nothing is measured meanwhile."""
    return (*os.sched_getaffinity(0), *context.cpus) if context.cpus else ()


def _free_port() -> int:
    with closing(socket.create_server(("", 0))) as listener:
        return int(listener.getsockname()[1])


def _exact(url: str) -> str:
    parts = urlsplit(url)
    for loopback in ("127.0.0.1", "[::1]"):
        exact = parts._replace(netloc=f"{loopback}:{parts.port}").geturl()
        if accepts_connections(exact):
            return exact
    return url
