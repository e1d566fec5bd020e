"""What else differs between the two sides of a bench: looked at while both run, and no load is sent."""

from __future__ import annotations

from contextlib import suppress

from perfgate.application.bench.bench import Bench
from perfgate.application.context import Context
from perfgate.explain.differences.comparing import compare
from perfgate.explain.differences.containers import container_facts
from perfgate.explain.differences.difference import Differences
from perfgate.explain.differences.facts import SERVICE, Sheet
from perfgate.explain.differences.own_values import OwnValues
from perfgate.explain.differences.processes import process_facts
from perfgate.explain.differences.tree import TreeFacts, tree_facts
from perfgate.git import Git, GitError
from perfgate.service.placeholders import names_in
from perfgate.service.settings import ServiceSettings
from perfgate.service.target import CommitTarget


def find_differences(context: Context, bench: Bench, settings: ServiceSettings) -> Differences:
    """What differs, from the files of both commits and from what runs. Where one side is not known, nothing is said."""
    trees = _trees(context, bench)
    base, head = (_running(context, bench, side, settings) for side in ("base", "head"))
    return Differences(compare([*trees.base, *base], [*trees.head, *head]), trees.not_compared)


def _trees(context: Context, bench: Bench) -> TreeFacts:
    base, head = bench.looked_up("base"), bench.looked_up("head")
    if isinstance(base, CommitTarget) and isinstance(head, CommitTarget):
        with suppress(GitError):
            git = Git(context.folder, context.environment)
            return tree_facts(git, base.commit.treeish, head.commit.treeish)
    return TreeFacts((), (), ())


def _running(context: Context, bench: Bench, side: str, settings: ServiceSettings) -> list[Sheet]:
    """Facts of the service on that side, and of what perfgate.toml or the compose file put beside it."""
    instance = bench.service(side).instance
    filled = [settings.env, *(one.env for one in settings.dependencies)]
    own = OwnValues(bench.values(side), {name for env in filled for name, text in env.items() if names_in(text)})
    sheets = _of_one(context, own, instance.container, tuple(instance.processes())[:1], SERVICE)
    for one in instance.dependencies:
        pids = () if one.pid is None else (one.pid,)
        sheets += _of_one(context, own, one.container, pids, one.name)
    return sheets


def _of_one(context: Context, own: OwnValues, container: str, pids: tuple[int, ...], place: str) -> list[Sheet]:
    if not container:
        return list(process_facts(pids, own, place))
    from perfgate.service.containers.settings_in_use import settings_in_use

    found = settings_in_use(container, context.environment)
    return list(container_facts(found, own, place)) if found else []
