"""The label on a pull request, looked up at GitHub where a gate is red, or where a stored result names one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from perfgate.cli.github.posting import connect, token_of
from perfgate.errors import ExitCode, GithubError, PerfgateError
from perfgate.github.api import Api, RefusedError
from perfgate.github.event import Event
from perfgate.github.labels import LabelError, MeasuredPull, read_label
from perfgate.verdict import ValidityNote, Verdict, accept, before_acceptance, noted

_NO_TOKEN = "give the step GITHUB_TOKEN, and the job `pull-requests: read` and `contents: read`"


def accepted_by_label(environment: Mapping[str, str], event: Event, label: str, verdict: Verdict) -> Verdict:
    """The verdict, accepted where the pull request has this label; with a note where the label accepts nothing.

    label: its name; "" for none.
    """
    pull_request = event.pull_request
    if verdict.exit_code is not ExitCode.FAIL or not label or pull_request is None:
        return verdict
    if not token_of(environment):
        put = any(name.casefold() == label.casefold() for name in pull_request.labels)
        return noted(verdict, _note(label, "there is no token to check it with", _NO_TOKEN)) if put else verdict
    try:
        measured = MeasuredPull(event.repository, pull_request.number, pull_request.head_commit)
        found = read_label(connect(environment), measured, label)
    except PerfgateError as error:
        return noted(verdict, _note(label, error.message, _remedy(error)))
    return verdict if found is None else accept(verdict, found)


def confirmed(api: Api, measured: MeasuredPull, accepting: str, verdict: Verdict) -> Verdict:
    """A stored verdict. Where it says that a label accepts it, GitHub says so too; else that is taken back.

    A fork's own code has written it, and could name any label and anybody.
    accepting: the label that accepts in this repository; "" for none.
    """
    if verdict.accepted is None:
        return verdict
    label = verdict.accepted.label
    if label.casefold() != accepting.casefold():
        why = f"the one that accepts here is {accepting}" if accepting else "no label accepts anything here"
        return noted(before_acceptance(verdict), _note(label, why, ""))
    try:
        found = read_label(api, measured, label)
    except GithubError as error:
        return noted(before_acceptance(verdict), _note(label, error.message, _remedy(error)))
    if found is None:
        return noted(before_acceptance(verdict), _note(label, "the pull request has no such label", ""))
    return replace(verdict, accepted=found)


def _note(label: str, why: str, remedy: str) -> ValidityNote:
    return ValidityNote("", f"the label {label} accepts nothing: {why}", remedy, False)


def _remedy(error: PerfgateError) -> str:
    """What to do; where GitHub did not answer at all its hint is about comments."""
    return error.hint if isinstance(error, (LabelError, RefusedError)) else "run this job again"
