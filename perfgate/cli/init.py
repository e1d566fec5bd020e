"""`perfgate init`: from a repository without perfgate to one whose next pull request is measured."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

import click

from perfgate.application.context import Context
from perfgate.cli.options import with_context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from perfgate.scaffold.dependencies.finding import Needs
    from perfgate.scaffold.openapi.login import Login
    from perfgate.scaffold.proposal import Proposal, ProposedFile
    from perfgate.scaffold.service.container import Container
    from perfgate.scaffold.service.finding import FoundService
    from perfgate.service.settings import ServiceSettings

_MOST_SHOWN = 5


@click.command(epilog="\b\nExamples:\n  perfgate init --dry-run\n  perfgate init")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option("--site", is_flag=True, help="With a workflow that publishes the history on GitHub Pages.")
@with_context
def init(context: Context, dry_run: bool, site: bool) -> None:
    """Write all that a repository needs to be measured on GitHub: configuration, scenario, workflows.

    What can be found out is not asked: how the service is built and where it listens (compose file, Dockerfile), what
    databases it needs and how they are migrated (compose file, workflows, examples of environment files, migration
    tools), what it answers and how users log in (OpenAPI file), the default branch. What was chosen is said, with the
    reason; where nothing tells what is meant, there is a line with CHOOSE. What is there already is never overwritten.
    """
    from perfgate.application.shared_history import checkout_here
    from perfgate.config.values import LOCAL_HISTORY, Config
    from perfgate.history.git.driver import attributes_line
    from perfgate.scaffold.proposal import propose, write
    from perfgate.scaffold.repository import find_repository

    passed_over: list[str] = []
    repository = find_repository(checkout_here(context), passed_over.append)
    proposal = propose(repository, attributes_line(Config().history.as_posix()), f"/{LOCAL_HISTORY.parent}/", site=site)
    own = _own_service(proposal)
    click.echo("\n".join([*_found(proposal, own), *(f"Passed over: {why}" for why in dict.fromkeys(passed_over)), ""]))
    away = os.path.relpath(os.path.realpath(repository.folder), os.path.realpath(context.folder))
    if away != os.curdir:
        click.echo(f"In {repository.folder}, the top of the repository:")
    for file in proposal.files:
        click.echo(_line(file, dry_run))
    if dry_run:
        for file in proposal.files:
            if file.text or file.added:
                click.echo(f"\n{click.style(file.path, bold=True)}\n{(file.text or file.added).strip()}")
    else:
        write(repository.folder, proposal.files)
    unwritten = dry_run and any(file.text or file.added for file in proposal.files)
    click.echo("\n".join(["", "Next, once it is written:" if unwritten else "Next:", *_next(proposal, own, away)]))


def _own_service(proposal: Proposal) -> ServiceSettings | None:
    """How the perfgate.toml that is there already says that the service is started.

    None where there is none, where it does not say it, or where it has mistakes, which are not init's to tell.
    """
    from perfgate.config.reading import load_config
    from perfgate.errors import UsageError
    from perfgate.scaffold.proposal import CONFIGURATION

    try:
        service = load_config(None, proposal.repository.folder).service
    except (UsageError, OSError):
        return None
    return service if CONFIGURATION in proposal.left_alone and service.starts_commits else None


def _found(proposal: Proposal, own: ServiceSettings | None) -> list[str]:
    """What was found out, a line each, with the reason of a choice."""
    from perfgate.scaffold.proposal import CONFIGURATION

    description = proposal.description
    lines = [f"Default branch: {proposal.repository.branch}"]
    if own is None:
        lines += [*_service(proposal.service), *_needs(proposal.needs)]
    else:
        lines.append(f"Service: as {CONFIGURATION} says")
    if description is None:
        return [*lines, "Requests: no OpenAPI file says which there are"]
    names = ", ".join(name for request in description.requests for name in request.names)
    shown = names or "none without credentials or values that nobody gave"
    return [*lines, f"Requests: {shown} ({description.source})", *_login(description.login)]


def _service(service: FoundService) -> list[str]:
    from perfgate.scaffold.configuration import absent_in, environment_of

    container = service.container
    if service.equal:
        shown = [f"{one.name} ({one.place})" for one in service.equal]
        return [f"Service: nothing tells which is meant: {_cut(shown)}"]
    if container is None:
        return ["Service: neither a Dockerfile nor a compose file says how it is started"]
    named = f"{container.compose_service}, {container.name}" if container.composed else container.name
    lines = [f"Service: {named}, {container.place} ({container.source})"]
    if service.others:
        names = [one.image or str(one.dockerfile) for one in service.others]
        lines.append(f"  chosen because {service.because}, before {_cut(names)}")
    if container.composed:
        pointing = ", ".join(environment_of(container)[1])
        needed = f"needs {', '.join(container.declared)}{f' ({pointing})' if pointing else ''}"
        why = needed if container.declared else f"has {' and '.join(container.lost)}"
        lines.append(f"  started by Compose, a project for each side, because it {why}")
    if container.absent:
        lines.append(f"  a build of a commit fails: {absent_in(container)}")
    return lines


def _needs(needs: Needs) -> list[str]:
    lines = []
    for one in needs.dependencies:
        version = "" if one.named else ", its version to be chosen"
        lines.append(f"Dependency: {one.name}, {one.image}{version} ({one.source})")
    if needs.env:
        lines.append(f"  named to the service by {_cut(list(needs.env))} ({', '.join(map(str, needs.env_sources))})")
    if needs.migrates_itself is not None:
        lines.append(f"Migrations: the service runs them itself ({needs.migrates_itself})")
    elif needs.seeds:
        shown = [f"{one.tool} ({one.source})" for one in needs.seeds]
        lines.append(f"Migrations: {_cut(shown)}")
    return lines


def _login(login: Login | None) -> list[str]:
    if login is None:
        return []
    if not login.path:
        what = "name and password" if login.basic else f"the header {login.header}"
        return [f"Credentials: {what}, to be chosen in the scenario"]
    account = f"made by POST {login.sign_up.path}" if login.sign_up else "to be chosen in the scenario"
    return [f"Credentials: POST {login.path} once per user, with an account {account}"]


def _cut(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
    return f"{', '.join(names[:_MOST_SHOWN])}{more}"


def _line(file: ProposedFile, dry_run: bool) -> str:
    if file.why:
        return f"  left alone  {file.path} ({file.why})"
    done = "written" if file.text else "line added"
    return f"  {('would be ' if dry_run else '') + done}  {file.path}"


def _lost(container: Container, needs: Needs) -> list[str]:
    """What a person has to carry over by hand."""
    from perfgate.scaffold.configuration import HOST, environment_of
    from perfgate.scaffold.proposal import CONFIGURATION

    steps = []
    own = container.dockerfile is not None or container.composed
    table = f"env under [service] in {CONFIGURATION}" if own else "env in the workflow"
    unknown = [name for name, value in container.environment.items() if value is None and name not in needs.env]
    missing = [name for name in container.undeclared if name not in [one.name for one in needs.dependencies]]
    if missing and container.composed:
        steps.append(
            f"{container.source} has variables of {container.compose_service} that name {', '.join(missing)}, and no "
            f"depends_on: add it, or Compose does not start {'it' if len(missing) == 1 else 'them'}."
        )
    elif missing:
        _, pointing = environment_of(container, needs)
        where = f"{HOST}, this machine as the container sees it" if own else "its name there"
        steps.append(
            f"{container.source} says that it needs {', '.join(missing)}: start that under services: in the "
            f"workflow, with its ports, and say in {table} that it is at {where}"
            f"{': ' if pointing else ''}{', '.join(pointing)}."
        )
    if container.unread:
        files = ", ".join(map(str, container.unread))
        composed = "name it in files under [service], or Compose starts nothing"
        remedy = composed if container.composed else f"say them in {table}"
        name = container.compose_service
        steps.append(f"{container.source} gives {name} the variables of {files}, which git does not have: {remedy}.")
    if unknown:
        steps.append(f"{container.source} leaves {', '.join(unknown)} open: say the values in {table}.")
    return steps


def _beside(needs: Needs) -> list[str]:
    """What is left to do for what the service needs."""
    from perfgate.scaffold.proposal import CONFIGURATION

    steps = []
    if unnamed := [one.name for one in needs.dependencies if not one.named]:
        named = ", ".join(unnamed)
        steps.append(f"Choose the version of {named}, in {CONFIGURATION} at the line with CHOOSE.")
    if len(needs.seeds) == 1 and needs.dependencies and not needs.seeds[0].takes:
        steps.append(f"Have {needs.seeds[0].tool} where perfgate runs: the seed runs there, in each side's tree.")
    elif needs.seeds:
        steps.append(f"Choose whether perfgate runs the migrations, in {CONFIGURATION} at the line with CHOOSE.")
    if needs.libraries:
        named = ", ".join(dict.fromkeys(f"{library} ({path})" for library, path in needs.libraries))
        steps.append(f"If the service needs a database ({named}), name it under [[dependencies]] in {CONFIGURATION}.")
    return steps


def _of_service(service: FoundService) -> list[str]:
    """What is left to say of the service in the configuration."""
    from perfgate.scaffold.configuration import absent_in
    from perfgate.scaffold.proposal import CONFIGURATION

    if service.equal:
        of_workflow = service.equal[0].image and not service.equal[0].composed
        also = ", and start it under services: in the workflow" if of_workflow else ""
        return [f"Choose which service is measured, in {CONFIGURATION} at the line with CHOOSE{also}."]
    if service.container is None:
        return [f"Say under [service] in {CONFIGURATION} how your service is started."]
    if service.container.absent and service.container.composed:
        return [
            f"Let a stage of the Dockerfile make what it copies, or its build fails: {absent_in(service.container)}."
        ]
    if service.container.absent:
        why = f"{absent_in(service.container)}, so a build of a commit fails"
        return [f"Say how your service is started, in {CONFIGURATION} at the line with CHOOSE: {why}."]
    if service.container.port is None:
        return [f"Say under [service] in {CONFIGURATION} where it listens: port = 8080."]
    return []


def _next(proposal: Proposal, own: ServiceSettings | None, away: str) -> list[str]:
    """What is left for a person to do. away: the way to the top of the repository, "." where that is here."""
    from perfgate.scaffold.proposal import CONFIGURATION, SCENARIOS, SITE_WORKFLOW

    container, description = proposal.service.container, proposal.description
    steps = [] if away == os.curdir else [f"Go to the top, where perfgate.toml is read: cd {shlex.quote(away)}"]
    steps += [] if CONFIGURATION in proposal.left_alone else _of_service(proposal.service)
    if own is None:
        steps += _lost(container, proposal.needs) if container is not None else []
        steps += _beside(proposal.needs)
    if description is not None and description.login is not None and description.login.sign_up is None:
        steps.append("Choose the credentials, in the scenario at the line with CHOOSE.")
    if SCENARIOS not in proposal.left_alone:
        steps.append("Make the scenario yours: what your users do, and how many of them there are.")
    steps += _tried(proposal, own)
    if any(file.path == SITE_WORKFLOW for file in proposal.files):
        steps.append("Switch on Pages for the site: Settings, Pages, Source: GitHub Actions.")
    return [click.wrap_text(step, 100, f"  {number}. ", "     ") for number, step in enumerate(steps, 1)]


def _tried(proposal: Proposal, own: ServiceSettings | None) -> list[str]:
    """How it is tried here, and then on GitHub. What is checked out for it must be committed before."""
    from perfgate.extras import install_hint, is_installed
    from perfgate.scaffold.proposal import CONFIGURATION

    container = proposal.service.container
    built = container is not None and container.built_of_commits
    lacking = (built if own is None else own.in_containers) and not is_installed("docker")
    installed = [f"Install what containers take: {install_hint('docker')}"] if lacking else []
    compared = "open a pull request: the comment says whether that is slower."
    published = container.image if container is not None and container.dockerfile is None else None
    if published and own is None:
        return [
            *installed,
            "Commit it, and try it here: perfgate run --target ref:HEAD" if built else "Try it here: perfgate run",
            f"{'Push' if built else 'Commit and push'} it. A pull request measures {published} as it is published, not"
            f" what it changes: say under [service] in {CONFIGURATION} how a commit is started, and it is compared with"
            " its base.",
        ]
    if built or own is not None:
        return [*installed, "Commit it, and try it here: perfgate run --target ref:HEAD", f"Push it and {compared}"]
    return ["Try it here: perfgate run", f"Commit it, push it and {compared}"]
