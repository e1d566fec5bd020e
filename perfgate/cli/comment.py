"""`perfgate comment`: posts a stored result; the trusted half of the workflows for forks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from perfgate.application.context import Context
from perfgate.cli.options import FILE, config_option, option, section_option, with_context

if TYPE_CHECKING:
    from perfgate.cli.github.posting import Measured, Writer
    from perfgate.config.values import Config
    from perfgate.github.api import Api
    from perfgate.github.comment import Posted
    from perfgate.github.event import Event
    from perfgate.verdict import Verdict

_OF_A_FORK = (
    "<sub>Measured by the workflow of a fork: the numbers are what its own code reports. Only their form was checked"
    " here.</sub>"
)


@click.command(epilog="\b\nExample:\n  perfgate comment result/result.json")
@click.argument("result", type=FILE)
@option(
    "--pull-request",
    type=click.IntRange(1),
    metavar="N",
    help="Its number  [default: the event's]",
)
@section_option
@config_option
@with_context
def comment(context: Context, result: Path, pull_request: int | None, section: str | None, config: Path | None) -> None:
    """Post the result file RESULT as the comment of a pull request.

    Made for a workflow on workflow_run, which may write while the workflow that measured a fork may not. The file is
    taken for a stranger's: it is checked against its schema, and the report is written here. The pull request is found
    through the event: by repository, branch and commit of what was measured; --pull-request names it in other CI, and
    the report of a commit that is no longer its newest is left out.

    Where RESULT is not there and the workflow of the event failed, an older report is replaced: no verdict.

    The token comes from GITHUB_TOKEN or PERFGATE_TOKEN. The exit code says whether the comment is there, not what it
    says: 0 also where the pull request has moved on and there is nothing to comment.
    """
    from perfgate.cli.github.accepting import confirmed
    from perfgate.cli.github.missing_result import run_without_result, tell_no_result
    from perfgate.cli.github.posting import configuration_of, connect, section_of, testbed_name
    from perfgate.cli.github.workflow_log import log_lines
    from perfgate.config.reading import load_config
    from perfgate.github.comment import Thread, post_comment
    from perfgate.github.event import read_event
    from perfgate.github.labels import MeasuredPull
    from perfgate.github.pulls import find_pull_request, newer_commit
    from perfgate.report import result_file

    event = read_event(context.environment)
    repository = _repository(context, event)
    api = connect(context.environment)
    failed = run_without_result(event, result)
    if failed is not None:
        number = pull_request or find_pull_request(api, repository, failed)
        file = configuration_of(context, config)
        _say(tell_no_result(api, Thread(repository, number), failed, file, section) if number else None)
        return
    verdict = result_file.load(result)
    loaded = load_config(config, context.folder)
    number = pull_request or _number(api, event, verdict)
    if number is None:
        _say(None)
        return
    if pull_request and (newest := newer_commit(api, repository, pull_request, verdict.head.commit)):
        log_lines(f"Nothing to comment: {verdict.head.commit[:7]} was measured, and {newest[:7]} is newer.")
        return
    measured = _measured(context, event, verdict)
    verdict = confirmed(api, MeasuredPull(repository, number, measured.commit), loaded.accept_label, verdict)
    write = _writer(context, verdict, loaded, event)
    place = section_of(context, config, section or testbed_name(verdict.head.testbed.id), measured)
    _say(post_comment(api, Thread(repository, number), place, write, replacing=verdict.is_untouched))


def _repository(context: Context, event: Event | None) -> str:
    from perfgate.errors import UsageError

    repository = event.repository if event else context.environment.get("GITHUB_REPOSITORY", "")
    if not repository:
        raise UsageError("the repository is not known", "set GITHUB_REPOSITORY to owner/name")
    return repository


def _say(posted: Posted | None) -> None:
    """Log what became of the comment. posted: None where there is no pull request for it."""
    from perfgate.cli.github.workflow_log import log_lines

    if posted is None:
        log_lines("Nothing to comment: there is no open pull request whose newest commit is the one that was measured.")
    elif posted.done == "superseded":
        log_lines(f"Nothing to comment: a newer run has reported already: {posted.url}")
    elif posted.done == "not needed":
        log_lines("Nothing to comment: nothing was measured, and there is no older report to replace.")
    else:
        log_lines(f"The comment is {posted.done}: {posted.url}")


def _writer(context: Context, verdict: Verdict, config: Config, event: Event | None) -> Writer:
    """The report, with the trend of the history here, and with a remark where a fork measured it."""
    from perfgate.application.shared_history import history_to_read
    from perfgate.application.trend_query import trend_of_report
    from perfgate.cli.github.posting import report_writer

    with history_to_read(context, config) as shared:
        write = report_writer(verdict, trend_of_report(context, [shared], config, verdict), label=config.accept_label)
    run = event.workflow_run if event else None
    if event is None or run is None or run.head_repository == event.repository:
        return write
    return lambda limit: f"{write(limit - len(_OF_A_FORK) - 2)}\n\n{_OF_A_FORK}"


def _number(api: Api, event: Event | None, verdict: Verdict) -> int | None:
    """The pull request that the event is about. UsageError where it is about none."""
    from perfgate.errors import UsageError
    from perfgate.github.pulls import find_pull_request, newest_commit

    if event is not None and event.pull_request is not None:
        number, measured = event.pull_request.number, event.pull_request.head_commit
        newest = newest_commit(api, event.repository, number)
        return number if measured == newest or not measured or not newest else None
    run = event.workflow_run if event else None
    if event is None or run is None:
        raise UsageError("the event names no pull request", "name one with --pull-request N, or run it on workflow_run")
    measured = verdict.head.commit
    if measured and measured != run.head_commit:
        hint = "is it the artifact of the run that the event is about?"
        raise UsageError(f"the result is of {measured[:7]}, and the workflow ran on {run.head_commit[:7]}", hint)
    return find_pull_request(api, event.repository, run, verdict.base.branch if verdict.base else "")


def _measured(context: Context, event: Event | None, verdict: Verdict) -> Measured:
    """The newest commit of the pull request when it was measured, and the run that measured it."""
    from perfgate.cli.github.posting import Measured
    from perfgate.github.event import run_number

    run = event.workflow_run if event else None
    if run is not None:
        return Measured(run.head_commit, run.number)
    commit = event.pull_request.head_commit if event and event.pull_request else verdict.head.commit
    return Measured(commit, run_number(context.environment))
