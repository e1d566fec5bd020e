"""`perfgate init`: from a repository without perfgate to one whose next pull request is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from perfgate.application.context import Context
from perfgate.cli.options import with_context

if TYPE_CHECKING:
    from perfgate.scaffold.proposal import Proposal, ProposedFile


@click.command(epilog="\b\nExamples:\n  perfgate init --dry-run\n  perfgate init")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@with_context
def init(context: Context, dry_run: bool) -> None:
    """Write all that a repository needs to be measured on GitHub: configuration, scenario, workflows.

    What can be found out is not asked: how the service is built and where it listens (compose file, Dockerfile), what
    it answers (OpenAPI file), the default branch. What is there already is never overwritten.
    """
    from perfgate.application.plan import LOCAL_HISTORY
    from perfgate.application.shared_history import checkout_here
    from perfgate.config.values import Config
    from perfgate.history.git.driver import attributes_line
    from perfgate.scaffold.proposal import propose, write
    from perfgate.scaffold.repository import find_repository

    passed_over: list[str] = []
    repository = find_repository(checkout_here(context), passed_over.append)
    proposal = propose(repository, attributes_line(Config().history.as_posix()), f"/{LOCAL_HISTORY.parent}/")
    click.echo("\n".join([*_found(proposal), *(f"Passed over: {why}" for why in dict.fromkeys(passed_over)), ""]))
    for file in proposal.files:
        click.echo(_line(file, dry_run))
    if dry_run:
        for file in proposal.files:
            if file.text or file.added:
                click.echo(f"\n{click.style(file.path, bold=True)}\n{(file.text or file.added).strip()}")
        return
    write(repository.folder, proposal.files)
    click.echo("\n".join(["", *_next(proposal)]))


def _found(proposal: Proposal) -> list[str]:
    """What was found out, a line each."""
    container, description = proposal.container, proposal.description
    lines = [f"Default branch: {proposal.repository.branch}"]
    if container is None:
        lines.append("Service: neither a Dockerfile nor a compose file says how it is started")
    else:
        made = container.image or f"built from {container.dockerfile}"
        port = f"port {container.port}" if container.port else "a port that nothing names"
        lines.append(f"Service: {made}, {port} ({container.source})")
    if description is None:
        lines.append("Requests: no OpenAPI file says which there are")
    else:
        names = ", ".join(request.name for request in description.requests)
        lines.append(
            f"Requests: {names or 'none without credentials or values that nobody gave'} ({description.source})"
        )
    return lines


def _line(file: ProposedFile, dry_run: bool) -> str:
    if file.why:
        return f"  left alone  {file.path} ({file.why})"
    done = "written" if file.text else "line added"
    return f"  {('would be ' if dry_run else '') + done}  {file.path}"


def _next(proposal: Proposal) -> list[str]:
    """What is left for a person to do."""
    from perfgate.scaffold.proposal import CONFIGURATION

    container = proposal.container
    steps = []
    if container is None:
        steps.append(f"Say under [service] in {CONFIGURATION} how your service is started.")
    elif container.port is None:
        steps.append(f"Say under [service] in {CONFIGURATION} where it listens: port = 8080.")
    if container is not None and container.needs:
        needs = ", ".join(container.needs)
        steps.append(
            f"{container.source} says that it needs {needs}: start them under services: in the workflow, and say under"
            f" [service] in {CONFIGURATION} where they are, like env = {{ DATABASE_HOST = "
            '"localhost" }.'
        )
    steps.append("Make the scenario yours: what your users do, and how many of them there are.")
    if container is not None and container.dockerfile is not None:
        steps.append("Commit it, and try it here: perfgate run --target ref:HEAD")
    else:
        steps.append("Try it here: perfgate run")
    steps.append("Push it and open a pull request: the comment says whether that is slower.")
    return ["Next:", *(click.wrap_text(step, 100, f"  {number}. ", "     ") for number, step in enumerate(steps, 1))]
