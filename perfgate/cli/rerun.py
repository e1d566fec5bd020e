"""`perfgate rerun`: runs the gate of a pull request again, after its label was put there or taken off."""

from __future__ import annotations

import click

from perfgate.application.context import Context
from perfgate.cli.options import option, with_context

_SAID = {
    "started": "The gate runs again: {url}",
    "green": "No job of the gate failed, so there is nothing to accept: {url}",
    "missing": "There is no run of {workflow} on {commit} yet: it looks at the label itself.",
}


@click.command(epilog="\b\nExample:\n  perfgate rerun --workflow perfgate.yml")
@option(
    "--workflow",
    default="perfgate.yml",
    show_default=True,
    metavar="FILE",
    help="File of the workflow that measures.",
)
@with_context
def rerun(context: Context, workflow: str) -> None:
    """Run the gate of a pull request again, after its label was put there or taken off.

    Made for a workflow on pull_request_target, with the types labeled and unlabeled: a gate looks at the label when it
    has measured. Jobs that failed are run again; all of them after a label was taken off. A gate that still runs is
    waited for, up to 45 minutes.

    The token comes from GITHUB_TOKEN or PERFGATE_TOKEN, and needs actions: write.
    """
    from perfgate.cli.github.posting import connect
    from perfgate.cli.github.workflow_log import log_lines
    from perfgate.errors import UsageError
    from perfgate.github.event import read_event
    from perfgate.github.reruns import GateRuns, run_again

    event = read_event(context.environment)
    if event is None or event.pull_request is None:
        raise UsageError(
            "the event is about no pull request", "run it on pull_request_target, with the types labeled and unlabeled"
        )
    runs = GateRuns(event.repository, workflow, event.pull_request.head_commit)
    again = run_again(
        connect(context.environment),
        runs,
        failed=event.action != "unlabeled",
        waiting=lambda url: log_lines(f"The gate still runs, and runs again once it has ended: {url}"),
    )
    log_lines(_SAID[again.done].format(url=again.url, workflow=workflow, commit=runs.commit[:7]))
