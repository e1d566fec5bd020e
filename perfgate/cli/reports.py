"""Every report of one verdict: the terminal's, and the files that were asked for. The exit code comes last."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from perfgate.application.context import Context
from perfgate.cli.options import ReportOptions
from perfgate.cli.streams import print_report
from perfgate.errors import ExitCode, UsageError
from perfgate.report.page.details import NO_DETAILS, PageDetails
from perfgate.verdict import Verdict


def check_outputs(options: ReportOptions) -> None:
    """Refuse, before any load is sent, reports that could not be written."""
    check_files([options.json_file, options.markdown_file, options.junit_file, options.html_file])
    if options.html_file:
        from perfgate.report.page.document import require

        require()


def check_files(files: Iterable[str | Path | None]) -> None:
    """UsageError for files that could not be written; "-" is standard output, which takes one."""
    names = [str(file) for file in files if file]
    if names.count("-") > 1:
        raise UsageError("only one report can go to standard output", "give the others a file name")
    for name in names:
        path = Path(name)
        if name != "-" and (path.is_dir() or not path.parent.is_dir()):
            what = "is a folder" if path.is_dir() else "lies in a folder that does not exist"
            raise UsageError(f"the report {name} cannot be written: it {what}", "name a file in a folder that exists")


def publish(
    context: Context,
    verdict: Verdict,
    options: ReportOptions,
    details: Callable[[], PageDetails] = lambda: NO_DETAILS,
    trend: str = "",
    to_errors: bool = False,
) -> ExitCode:
    """Write and print all reports; the verdict's exit code. A file that cannot be written is told and changes nothing.

    details: for the page, made where there is one.
    trend: Markdown to fold into the report in Markdown.
    to_errors: the terminal's goes to standard error.
    """
    from perfgate.report import junit, markdown, result_file, terminal
    from perfgate.report.page import measurement

    renderings: list[tuple[str | None, Callable[[], str]]] = [
        (options.json_file, lambda: result_file.dumps(verdict)),
        (options.markdown_file, lambda: markdown.render(verdict, trend=trend)),
        (options.junit_file, lambda: junit.render(verdict)),
        (options.html_file, lambda: measurement.render(verdict, details())),
    ]
    to_output = any(name == "-" for name, _ in renderings)
    if not options.quiet:
        stream = sys.stderr if to_output or to_errors else sys.stdout
        color = stream.isatty() and "NO_COLOR" not in context.environment
        print_report(terminal.render(verdict, color=color, verbose=options.verbose), stream)
    for name, render in renderings:
        if name is not None:
            write_report(name, render())
    return verdict.exit_code


def write_report(name: str, report: str) -> None:
    """Write a report into a file, "-" for standard output. A file that cannot be written is told, no more."""
    if name == "-":
        print_report(report, sys.stdout)
        return
    try:
        Path(name).write_text(report + "\n", encoding="utf-8")
    except OSError as error:
        print(f"The report {name} could not be written: {error.strerror}.", file=sys.stderr, flush=True)
