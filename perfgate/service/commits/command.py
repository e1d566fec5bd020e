"""`[service] command`: a commit's own code as a process, in a work tree of its own."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

from perfgate.errors import TargetError
from perfgate.popen import interrupts_held
from perfgate.service.dependencies.commands import Place, all_cpus, run_to_its_end
from perfgate.service.dependencies.ground import Ground
from perfgate.service.dependencies.stack import open_stack
from perfgate.service.kept_trees import BuiltTree
from perfgate.service.own_service import OwnService
from perfgate.service.placeholders import PORT, SHA, SIDE, fill_variables, fill_words, side_name
from perfgate.service.probe import accepts_connections, free_port
from perfgate.service.processes.owned_processes import end_owned_by
from perfgate.service.processes.process import ProcessContext, ServiceProcess
from perfgate.service.processes.surroundings import inherited_in, variables_for
from perfgate.service.settings import LaunchContext
from perfgate.service.starting import wait_for_start, with_heading
from perfgate.service.target import CommitTarget

# A build that takes longer than this has most likely come to a halt.
_BUILD_SECONDS = 1800.0


def open_command(target: CommitTarget, new_tree: Callable[[], BuiltTree], context: LaunchContext) -> OwnService:
    """The service that `[service] command` starts in a work tree, ready for load. Stopping it removes the tree.

    new_tree: makes one. Where trees are kept, stopping it keeps the tree, and one that was kept is not built again.
    TargetError where its build fails or it does not become ready; then nothing of it is left, the tree included.
    """
    build = _build_words(target, context)
    key = shlex.join([target.commit.treeish, *build, *map(str, _variables(target, context).items())])
    kept = context.trees.take(key) if context.trees else None
    tree = new_tree() if kept is None else kept
    try:
        if build and kept is None:
            _build(target, tree, build, context)
    except BaseException:
        clear(tree)
        raise
    ground = Ground(target.text, tree.folder, target.commit.sha, tree.mark, in_container=False, port=free_port)
    leave = partial(_keep, tree, key, context) if context.trees else partial(clear, tree)
    return open_stack(ground, context, partial(_started, target, tree), leave)


def _keep(tree: BuiltTree, key: str, context: LaunchContext) -> None:
    assert context.trees is not None
    with interrupts_held():
        end_owned_by(tree.mark)
        context.trees.put_back(key, tree)


def clear(tree: BuiltTree) -> None:
    """End what belongs to a work tree and remove it, whatever moment an interrupt came at."""
    with interrupts_held():
        end_owned_by(tree.mark)
        tree.remove()


def _started(target: CommitTarget, tree: BuiltTree, context: LaunchContext) -> ServiceProcess:
    settings = context.settings
    port = settings.port
    environment = variables_for(
        inherited_in(tree.folder, context), {PORT.upper(): str(port), **settings.env}, tree.mark
    )
    process_context = ProcessContext(tree.folder, environment, tree.mark, piped=False, spared=context.beside)
    process = ServiceProcess(settings.command, context.cpus, process_context)
    # By this name it is found on either loopback; some listen on that of IPv6 alone.
    process.url = f"http://localhost:{port}{settings.path}"
    try:
        wait_for_start(process, target, settings, process.ended)
    except TargetError as error:
        error.hint = f"see what it wrote; it was told port {port}: {{{PORT}}} in its command, PORT in its environment"
        raise
    process.url = _exact(process.url)
    return process


def _build_words(target: CommitTarget, context: LaunchContext) -> list[str]:
    return fill_words(context.settings.build_command, _known_before(target, context))


def _variables(target: CommitTarget, context: LaunchContext) -> dict[str, str]:
    """Those of a build, without variables that need what is not known before the start, such as {port}."""
    return fill_variables(context.settings.env, _known_before(target, context))


def _known_before(target: CommitTarget, context: LaunchContext) -> dict[str, str]:
    """The values of placeholders that are known before the start."""
    return {SIDE: side_name(context.side), SHA: target.commit.sha}


def _build(target: CommitTarget, tree: BuiltTree, command: list[str], context: LaunchContext) -> None:
    context.say(f"{target.text}: {shlex.join(command)}")
    place = Place(tree.folder, inherited_in(tree.folder, context), tree.mark, all_cpus(context.cpus), context.beside)
    end = run_to_its_end(command, _variables(target, context), place, _BUILD_SECONDS)
    if end.failure:
        raise TargetError(
            f"{target.text} could not be built: {shlex.join(command)}: {end.failure}\n{with_heading(end.logs)}",
            "build_command under [service] in perfgate.toml is run in a fresh checkout: "
            "what git ignores is not in it, nor, of a ref:, what is not committed",
        )


def _exact(url: str) -> str:
    parts = urlsplit(url)
    for loopback in ("127.0.0.1", "[::1]"):
        exact = parts._replace(netloc=f"{loopback}:{parts.port}").geturl()
        if accepts_connections(exact):
            return exact
    return url
