"""The GitHub Actions job that a gate runs in: its log, summary, outputs, annotations and the pull request's comment."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from perfgate.application.context import Context
from perfgate.cli.github.accepting import accepted_by_label
from perfgate.cli.github.posting import (
    Measured,
    Writer,
    connect,
    failure_writer,
    job_name,
    report_writer,
    section_of,
    testbed_name,
    token_of,
)
from perfgate.cli.github.workflow_log import log_lines
from perfgate.errors import NoVerdictError, PerfgateError, UsageError
from perfgate.github.api import Api
from perfgate.github.commands import Annotation, Level, annotation_lines
from perfgate.github.comment import Thread, post_comment
from perfgate.github.event import Event, PullRequest, read_event, run_number, run_url
from perfgate.github.pulls import newest_commit
from perfgate.github.runner_files import append_outputs, append_summary
from perfgate.github.sections import Section
from perfgate.machine.testbed import read_testbed
from perfgate.report import result_file
from perfgate.report.markdown import StoredPage
from perfgate.report.phrase import plain
from perfgate.report.sentences import headline, sentence_of
from perfgate.verdict import Outcome, Verdict

_LEVELS: dict[Outcome, Level] = {
    Outcome.PASS: "notice",
    Outcome.FAIL: "error",
    Outcome.INCONCLUSIVE: "warning",
    Outcome.INVALID: "error",
}
_TITLE = "perfgate"
_IN_SUMMARY = "The report of this run is in the summary of this job."
_SUPERSEDED = f"No comment: a newer run has reported already. {_IN_SUMMARY}"


def job_here(context: Context, configuration: Path | None, section: str | None) -> Job | None:
    """The job that this runs in; None outside of GitHub Actions. UsageError where a gate must not run in it.

    configuration: the file that --config names.
    section: the name that --section gives.
    """
    event = read_event(context.environment)
    if event is None:
        return None
    if event.name == "pull_request_target":
        raise UsageError(
            "perfgate gate does not run on pull_request_target: it would start a stranger's code beside a token that"
            " may write",
            "let it run on pull_request; a workflow on workflow_run with `perfgate comment` comments for forks",
        )
    return Job(event, context, configuration, section or "")


class Job:
    """What a gate tells its job.

    configuration: the file that --config names.
    section: the name that --section gives; "" for none.
    """

    def __init__(self, event: Event, context: Context, configuration: Path | None, section: str) -> None:
        self.event = event
        self._context = context
        self._environment = context.environment
        self._configuration = configuration
        self._name = section

    def is_overtaken(self) -> bool:
        """Whether the pull request has a newer commit by now, whose own run measures it; if so, that is told.

        Runs of one pull request wait for each other: what was pushed meanwhile need not wait for this one, too.
        """
        pull_request = self.event.pull_request
        if pull_request is None or not token_of(self._environment):
            return False
        try:
            newest = self._newest_after(connect(self._environment, "look at the pull request", wait=0), pull_request)
        except PerfgateError:
            return False  # nobody knows, so it is measured
        if not newest:
            return False
        why = f"{_moved_on(pull_request.head_commit, newest)} measures it."
        said = f"Not measured: {why}"
        self._summarise(failure_writer(NoVerdictError(why)))
        self._annotate([Annotation("notice", _TITLE, said)])
        self._output({"verdict": "invalid", "summary": said, "result-file": "", "comment-url": ""})
        return True

    def accepted(self, verdict: Verdict, label: str) -> Verdict:
        """The verdict, accepted where somebody has put this label on the pull request. label: "" for none."""
        return accepted_by_label(self._environment, self.event, label, verdict)

    def report(self, verdict: Verdict, trend: str, result: str | None, page: str | None, label: str) -> None:
        """Summary, annotations, comment, outputs. Nothing that goes wrong here changes the verdict.

        trend: Markdown to fold in. result, page: where the result file and the page were written, if they were. label:
        that accepts a red gate; "" for none.
        """
        write = report_writer(verdict, trend, self._stored(page), label if self.event.pull_request else "")
        self._summarise(write)
        level = _LEVELS[verdict.outcome]
        said = plain(headline(verdict))
        self._annotate([Annotation(level, _TITLE, text) for text in (said, *_more_reasons(verdict))])
        url = self._comment(write, replacing=verdict.is_untouched)
        path = self._keep_result(verdict) if result in (None, "-") else result
        self._output({"verdict": verdict.outcome.value, "summary": said, "result-file": path, "comment-url": url})

    @contextmanager
    def telling_errors(self) -> Iterator[None]:
        """Where an error leaves no verdict, that is told too: an older comment must not go on saying "pass"."""
        try:
            yield
        except PerfgateError as error:
            said = f"No verdict: {error.message}"
            write = failure_writer(error)
            self._summarise(write)
            self._annotate([Annotation("error", _TITLE, said)])
            url = self._comment(write)
            self._output({"verdict": "invalid", "summary": said, "result-file": "", "comment-url": url})
            raise

    def _stored(self, page: str | None) -> StoredPage | None:
        """Where people find a page of this job: a workflow uploads it, and the run lists it."""
        url = run_url(self._environment)
        if page in (None, "-") or not url:
            return None
        return StoredPage(Path(page).name, f"{url}#artifacts")

    def _summarise(self, write: Writer) -> None:
        path = self._environment.get("GITHUB_STEP_SUMMARY")
        if path:
            try:
                append_summary(Path(path), write)
            except OSError as error:
                self._annotate([Annotation("warning", _TITLE, f"the summary of the job cannot be written: {error}")])

    def _annotate(self, wanted: list[Annotation]) -> None:
        log_lines(*annotation_lines(wanted))

    def _comment(self, write: Writer, *, replacing: bool = False) -> str:
        """Comment where this is a pull request and a token is there; the comment's address, "" where there is none.

        replacing: only in the place of an older report.
        """
        pull_request = self.event.pull_request
        if pull_request is None:
            return ""
        why = self._why_not(pull_request)
        if why:
            self._annotate([Annotation("notice", _TITLE, why)])
            return ""
        try:
            api = connect(self._environment)
            if newest := self._newest_after(api, pull_request):
                said = f"No comment: {_moved_on(pull_request.head_commit, newest)} reports on it. {_IN_SUMMARY}"
                self._annotate([Annotation("notice", _TITLE, said)])
                return ""
            thread, section = Thread(self.event.repository, pull_request.number), self._section(pull_request)
            posted = post_comment(api, thread, section, write, replacing=replacing)
        except PerfgateError as error:
            self._annotate([Annotation("warning", _TITLE, f"No comment: {error.message}\n{error.hint}")])
            return ""
        if posted.done == "superseded":
            self._annotate([Annotation("notice", _TITLE, _SUPERSEDED)])
        elif posted.done != "not needed":
            log_lines(f"perfgate: the comment is {posted.done}: {posted.url}")
        return posted.url

    def _newest_after(self, api: Api, pull_request: PullRequest) -> str:
        """The newest commit of the pull request where it is not the one that this job is of; "" else."""
        newest = newest_commit(api, self.event.repository, pull_request.number)
        return newest if pull_request.head_commit and newest != pull_request.head_commit else ""

    def _section(self, pull_request: PullRequest) -> Section:
        name = self._name or job_name(self._environment) or testbed_name(read_testbed(self._environment).id)
        measured = Measured(pull_request.head_commit, run_number(self._environment))
        return section_of(self._context, self._configuration, name, measured)

    def _why_not(self, pull_request: PullRequest) -> str:
        """Why there is no comment from here; "" where there can be one."""
        if pull_request.from_fork:
            return (
                "No comment: this pull request comes from a fork, whose token may only read. The report is in the"
                " summary of this job; a second workflow, on workflow_run, comments with `perfgate comment`."
            )
        if not token_of(self._environment):
            return "No comment: there is no token. Give the step GITHUB_TOKEN, and the job `pull-requests: write`."
        return ""

    def _keep_result(self, verdict: Verdict) -> str:
        """Write the result file where nobody asked for one: later steps of the job may want it."""
        folder = self._environment.get("RUNNER_TEMP")
        if not folder:
            return ""
        path = Path(folder) / "perfgate-result.json"
        try:
            path.write_text(result_file.dumps(verdict) + "\n", encoding="utf-8")
        except OSError as error:
            self._annotate([Annotation("warning", _TITLE, f"the result file cannot be written: {error}")])
            return ""
        return str(path)

    def _output(self, values: Mapping[str, str]) -> None:
        path = self._environment.get("GITHUB_OUTPUT")
        if path:
            try:
                append_outputs(Path(path), values, f"perfgate-{secrets.token_hex(16)}")
            except OSError as error:
                self._annotate([Annotation("warning", _TITLE, f"the outputs of the step cannot be written: {error}")])


def _moved_on(measured: str, newest: str) -> str:
    return f"this run is of {measured[:7]}, and the pull request is at {newest[:7]} by now, whose own run"


def _more_reasons(verdict: Verdict) -> list[str]:
    """Of a gate that is red the reasons after the first, as far as they made it so; all others stand in the report."""
    if verdict.outcome not in (Outcome.FAIL, Outcome.INVALID):
        return []
    deciding = [reason for reason in verdict.reasons[1:] if reason.row is None or reason.is_regression]
    return [sentence_of(reason, verdict) for reason in deciding]
