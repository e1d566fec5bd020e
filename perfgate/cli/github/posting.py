"""What it takes to post a report to GitHub: a connection, and the report as long as it may be."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from perfgate.application.context import Context
from perfgate.config.values import DEFAULT_FILE
from perfgate.errors import PerfgateError, UsageError
from perfgate.github.api import Api, Patience
from perfgate.github.event import RunNumber
from perfgate.github.sections import Section
from perfgate.report import markdown
from perfgate.report.markdown import StoredPage
from perfgate.verdict import Verdict

Writer = Callable[[int], str]
"""Makes a report of at most so many characters."""

_PUBLIC = "https://api.github.com"
_LONGEST_NAME = 80


@dataclass(frozen=True)
class Measured:
    """What a report is about.

    commit: the pull request's newest then; "" where it is not known.
    run: of the workflow that measured.
    """

    commit: str
    run: RunNumber


def report_writer(verdict: Verdict, trend: str, page: StoredPage | None = None, label: str = "") -> Writer:
    """The report of a verdict, as long as it may be.

    trend: Markdown to fold in. page: with the charts, if any. label: that accepts it on a pull request; "" for none.
    """
    return lambda limit: markdown.render(verdict, limit=limit, trend=trend, page=page, label=label)


def failure_writer(error: PerfgateError, page: str = "") -> Writer:
    """The report on an error that left no verdict. page: of the run, to link to; "" for none."""
    from perfgate.report import failure

    return lambda limit: failure.render(error.message, error.hint, page, limit=limit)


def token_of(environment: Mapping[str, str]) -> str:
    """The token to comment with; "" where there is none."""
    return environment.get("PERFGATE_TOKEN") or environment.get("GITHUB_TOKEN") or ""


def section_of(context: Context, configuration: Path | None, name: str, measured: Measured) -> Section:
    """The section that a report belongs into. name: that --section gives, or another that sets it apart."""
    return Section(configuration_of(context, configuration), name, measured.commit, measured.run)


def configuration_of(context: Context, configuration: Path | None) -> Path:
    """The configuration file, from the top of the repository: each of a monorepo lies in a folder of its own."""
    file = (context.folder / (configuration or DEFAULT_FILE)).absolute()
    top = Path(context.environment.get("GITHUB_WORKSPACE") or Path.cwd()).absolute()
    return file.relative_to(top) if file.is_relative_to(top) else file


def job_name(environment: Mapping[str, str]) -> str:
    """The job as GitHub shows it, "gate (ubuntu-24.04, 3.12)"; "" where nobody tells its place in a matrix.

    PERFGATE_MATRIX comes from our action. Without it the jobs of a matrix have one name, and would share a section.
    """
    try:
        matrix = json.loads(environment["PERFGATE_MATRIX"])
    except (KeyError, ValueError, RecursionError):
        return ""
    values = ", ".join(_scalars(matrix))
    name = f"{environment.get('GITHUB_JOB', '')} ({values})" if values else environment.get("GITHUB_JOB", "")
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]} {sha256(name.encode()).hexdigest()[:8]}"


def testbed_name(testbed: str) -> str:
    """The name of a section of which nothing but the machine is known. testbed: its id."""
    return f"testbed {testbed}" if testbed else ""


def _scalars(plain: Any) -> Iterator[str]:
    """The values of a matrix, in their order, those of objects and lists as well."""
    if isinstance(plain, (dict, list)):
        for inner in plain.values() if isinstance(plain, dict) else plain:
            yield from _scalars(inner)
    elif plain is not None:
        yield plain if isinstance(plain, str) else json.dumps(plain)


def connect(environment: Mapping[str, str], what: str = "comment", wait: float = Patience.most) -> Api:
    """GitHub's interface, or that of a GHES, with the token that the environment holds.

    what: to do what with it. wait: the longest for rate limits (s).
    """
    from requests import Session

    token = token_of(environment)
    if not token.isascii() or not token.isprintable() or not token:
        raise UsageError(f"there is no token to {what} with", "set GITHUB_TOKEN or PERFGATE_TOKEN to one")
    url = environment.get("GITHUB_API_URL") or _PUBLIC
    return Api(Session(), url, token, Patience(time.sleep, time.time, wait))
