"""What it takes to post a report to GitHub: a connection, and the report as long as it may be."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from perfgate.application.context import Context
from perfgate.config.values import DEFAULT_FILE
from perfgate.errors import PerfgateError, UsageError
from perfgate.github.api import Api, Patience
from perfgate.github.comment import Section
from perfgate.report import markdown
from perfgate.report.markdown import StoredPage
from perfgate.verdict import Verdict

Writer = Callable[[int], str]
"""Makes a report of at most so many characters."""

_PUBLIC = "https://api.github.com"


def report_writer(verdict: Verdict, trend: str, page: StoredPage | None = None, label: str = "") -> Writer:
    """The report of a verdict, as long as it may be.

    trend: Markdown to fold in. page: with the charts, if any. label: that accepts it on a pull request; "" for none.
    """
    return lambda limit: markdown.render(verdict, limit=limit, trend=trend, page=page, label=label)


def failure_writer(error: PerfgateError) -> Writer:
    """The report on an error that left no verdict."""
    from perfgate.report import failure

    return lambda limit: failure.render(error.message, error.hint, limit=limit)


def token_of(environment: Mapping[str, str]) -> str:
    """The token to comment with; "" where there is none."""
    return environment.get("PERFGATE_TOKEN") or environment.get("GITHUB_TOKEN") or ""


def section_of(context: Context, configuration: Path | None, testbed: str, commit: str) -> Section:
    """The section that a report belongs into. testbed: its id. commit: the pull request's newest then."""
    file = (context.folder / (configuration or DEFAULT_FILE)).absolute()
    top = Path(context.environment.get("GITHUB_WORKSPACE") or Path.cwd()).absolute()
    # Each configuration of a monorepo lies in a folder of its own, where its job runs.
    return Section(file.relative_to(top) if file.is_relative_to(top) else file, testbed, commit)


def connect(environment: Mapping[str, str]) -> Api:
    """GitHub's interface, or that of a GHES, with the token that the environment holds."""
    from requests import Session

    token = token_of(environment)
    if not token.isascii() or not token.isprintable() or not token:
        raise UsageError("there is no token to comment with", "set GITHUB_TOKEN or PERFGATE_TOKEN to one")
    url = environment.get("GITHUB_API_URL") or _PUBLIC
    return Api(Session(), url, token, Patience(time.sleep, time.time))
