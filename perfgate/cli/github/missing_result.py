"""A fork's workflow that failed before it had a result: an older report must not go on saying "pass"."""

from __future__ import annotations

from pathlib import Path

from perfgate.cli.github.posting import Writer, failure_writer
from perfgate.errors import PerfgateError
from perfgate.github.api import Api
from perfgate.github.comment import Posted, Thread, post_comment, posted_sections
from perfgate.github.event import Event, WorkflowRun
from perfgate.github.sections import NO_RESULT, PostedSection, Section

_UNKNOWN_END = ("", "success")


def run_without_result(event: Event | None, result: Path) -> WorkflowRun | None:
    """The run of the event, where it failed and there is no result file of it; else None.

    Of a run that succeeded the file is somewhere, and the job that comments does not find it.
    """
    run = event.workflow_run if event else None
    return run if run is not None and run.conclusion not in _UNKNOWN_END and not result.exists() else None


def tell_no_result(api: Api, thread: Thread, run: WorkflowRun, configuration: Path, name: str | None) -> Posted:
    """Say so where there is an older report; where there is none, nothing is written.

    name: of the section; None where nobody knows on which machine it would have measured: then any report of the
        configuration counts, and the section goes with the next one.
    """
    section = Section(configuration, NO_RESULT if name is None else name, run.head_commit, run.number)
    if name is None and not _has_report(posted_sections(api, thread), section.part("").configuration):
        return Posted("", "not needed")
    return post_comment(api, thread, section, _writer(run), replacing=name is not None)


def _has_report(parts: list[PostedSection], configuration: str) -> bool:
    return any(part.configuration == configuration for part in parts)


def _writer(run: WorkflowRun) -> Writer:
    said = f"the run for {run.head_commit[:7]} left no result"
    return failure_writer(PerfgateError(said, f"it ended as {run.conclusion}; its page says why"), run.url)
