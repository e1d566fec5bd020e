"""`perfgate init`: from a repository without perfgate to one whose next pull request is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from perfgate.application.context import Context
from perfgate.cli.options import with_context

if TYPE_CHECKING:
    from perfgate.scaffold.proposal import Proposal, ProposedFile
    from perfgate.scaffold.service.container import Container
    from perfgate.scaffold.service.finding import FoundService

_MOST_SHOWN = 5


@click.command(epilog="\b\nExamples:\n  perfgate init --dry-run\n  perfgate init")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@with_context
def init(context: Context, dry_run: bool) -> None:
    """Write all that a repository needs to be measured on GitHub: configuration, scenario, workflows.

    What can be found out is not asked: how the service is built and where it listens (compose file, Dockerfile), what
    it answers (OpenAPI file), the default branch. What was chosen is said, with the reason; where nothing tells which
    service is meant, perfgate.toml has a line with CHOOSE. What is there already is never overwritten.
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
    else:
        write(repository.folder, proposal.files)
    click.echo("\n".join(["", *_next(proposal)]))


def _found(proposal: Proposal) -> list[str]:
    """What was found out, a line each, with the reason of a choice."""
    description = proposal.description
    lines = [f"Default branch: {proposal.repository.branch}", *_service(proposal.service)]
    if description is None:
        lines.append("Requests: no OpenAPI file says which there are")
    else:
        names = ", ".join(request.name for request in description.requests)
        lines.append(
            f"Requests: {names or 'none without credentials or values that nobody gave'} ({description.source})"
        )
    return lines


def _service(service: FoundService) -> list[str]:
    container = service.container
    if service.equal:
        shown = [f"{one.name} ({one.place})" for one in service.equal[:_MOST_SHOWN]]
        more = f" and {len(service.equal) - _MOST_SHOWN} more" if len(service.equal) > _MOST_SHOWN else ""
        named = f"{', '.join(shown)}{more}"
        return [f"Service: nothing tells which is meant: {named}"]
    if container is None:
        return ["Service: neither a Dockerfile nor a compose file says how it is started"]
    lines = [f"Service: {container.name}, {container.place} ({container.source})"]
    if service.others:
        names = [one.image or str(one.dockerfile) for one in service.others]
        more = f" and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
        lines.append(f"  chosen because {service.because}, before {', '.join(names[:_MOST_SHOWN])}{more}")
    return lines


def _line(file: ProposedFile, dry_run: bool) -> str:
    if file.why:
        return f"  left alone  {file.path} ({file.why})"
    done = "written" if file.text else "line added"
    return f"  {('would be ' if dry_run else '') + done}  {file.path}"


def _lost(container: Container) -> list[str]:
    """What a person has to carry over by hand."""
    from perfgate.scaffold.configuration import HOST, environment_of
    from perfgate.scaffold.proposal import CONFIGURATION

    steps = []
    table = f"env under [service] in {CONFIGURATION}" if container.dockerfile else "env in the workflow"
    _, pointing = environment_of(container)
    unknown = [name for name, value in container.environment.items() if value is None]
    if container.lost:
        hint = (
            "let the Dockerfile say it" if container.dockerfile else "let the image hold it, or say it in the workflow"
        )
        steps.append(f"{container.source} names {' and '.join(container.lost)}, which is not carried over: {hint}.")
    if container.needs:
        where = f"{HOST}, this machine as the container sees it" if container.dockerfile else "its name there"
        steps.append(
            f"{container.source} says that it needs {', '.join(container.needs)}: start that under services: in the "
            f"workflow, with its ports, and say in {table} that it is at {where}"
            f"{': ' if pointing else ''}{', '.join(pointing)}."
        )
    if unknown:
        steps.append(f"{container.source} leaves {', '.join(unknown)} open: say the values in {table}.")
    return steps


def _next(proposal: Proposal) -> list[str]:
    """What is left for a person to do."""
    from perfgate.scaffold.proposal import CONFIGURATION

    service = proposal.service
    container = service.container
    steps = []
    if service.equal:
        also = ", and start it under services: in the workflow" if service.equal[0].image else ""
        steps.append(f"Choose which service is measured, in {CONFIGURATION} at the line with CHOOSE{also}.")
    elif container is None:
        steps.append(f"Say under [service] in {CONFIGURATION} how your service is started.")
    elif container.port is None:
        steps.append(f"Say under [service] in {CONFIGURATION} where it listens: port = 8080.")
    if container is not None:
        steps += _lost(container)
    steps.append("Make the scenario yours: what your users do, and how many of them there are.")
    if container is not None and container.dockerfile is not None:
        steps.append("Commit it, and try it here: perfgate run --target ref:HEAD")
    else:
        steps.append("Try it here: perfgate run")
    steps.append("Push it and open a pull request: the comment says whether that is slower.")
    return ["Next:", *(click.wrap_text(step, 100, f"  {number}. ", "     ") for number, step in enumerate(steps, 1))]
