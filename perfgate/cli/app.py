"""The `perfgate` command: finds the file of a subcommand when it is called, and turns errors into exit codes."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from perfgate.application.context import Context
from perfgate.cli.streams import silence
from perfgate.errors import MAKE_ROOM, ExitCode, PerfgateError, came_after_interrupt, full_disk
from perfgate.tokens import tokens_withheld
from perfgate.version import VERSION

# Each is a module of this package with a click command of the same name. Imported when called: --help is quick.
_COMMANDS = {
    "run": "measure one target, check its thresholds, keep the run",
    "duet": "measure two targets in pairs and compare them",
    "compare": "compare stored runs; sends no load",
    "gate": "what CI calls: measure, compare, report, one exit code",
    "calibrate": "find the noise of this machine, and the margins that it can hold",
    "bisect": "find the commit that made it slower",
    "trend": "the history as a table with sparklines and change points, and as charts",
    "site": "the history as a static site, with a feed and badges",
    "history": "look into the history file",
    "comment": "post a stored result to its pull request",
    "rerun": "run the gate of a pull request again, after its label changed",
    "init": "write the first scenario, configuration and workflows into a repository",
    "petstore": "serve the embedded petstore",
    "worker": "lend this machine to a run on many machines",
}

_EPILOG = """\
\b
Exit codes:
  0    pass (and inconclusive, unless on_inconclusive = "fail")
  1    the gate says no: a regression beyond its margin, or a threshold crossed
  2    usage or configuration: nothing was measured
  3    no verdict: target not ready, measurement invalid, a scenario measured nothing
  130  interrupted; what was started is stopped, what was measured is kept

\b
Targets: http://... or https://..., already running; image:NAME, a container; ref:GITREF, a commit of
this repository, and worktree, the checkout as it stands, both started as [service] in perfgate.toml
says; petstore or 'petstore?slow=10%&errors=1%', the embedded service.

\b
Scenarios: Python files with @scenario in them; k6 scripts and locustfiles, which k6 and Locust play.
The options that commands share can come from the environment: PERFGATE_VUS=5 is --vus 5.
"""


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"perfgate.cli.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_LazyGroup, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="perfgate")
def perfgate() -> None:
    """A CI performance gate for HTTP services: base and head measured in pairs, judged honestly.

    \b
    Example:
      perfgate duet petstore 'petstore?slow=20%' create_pet
    """


def invoke(arguments: Sequence[str] | None = None, context: Context | None = None) -> int:
    """Run a command; its exit code. No traceback reaches a person, unless PERFGATE_DEBUG asks for it.

    arguments: of the command line; None for those of the process. context: None for that of the process.
    """
    if context is None:
        # Scenario files are imported into this process, and whatever it starts inherits its environment.
        context = Context(Path(), dict(os.environ), _say)
        with tokens_withheld(os.environ):
            return _invoke(arguments, context)
    return _invoke(arguments, context)


def _invoke(arguments: Sequence[str] | None, context: Context) -> int:
    # What somebody has us ignore, as nohup does, stays ignored.
    heard = [number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) is not signal.SIG_IGN]
    previous = {number: signal.signal(number, _as_interrupt) for number in heard}
    try:
        result = perfgate.main(args=arguments, prog_name="perfgate", standalone_mode=False, obj=context)
        return int(result or ExitCode.PASS)
    except (KeyboardInterrupt, click.Abort):
        _say("Interrupted. What was started is stopped, what was measured is kept.")
        return ExitCode.INTERRUPTED
    except Exception as error:
        code = _told(context, error)
        return ExitCode.INTERRUPTED if came_after_interrupt(error) else code
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _told(context: Context, error: Exception) -> int:
    """Say what went wrong; the exit code for it."""
    if isinstance(error, click.ClickException):
        error.show()
        return ExitCode.USAGE
    if isinstance(error, PerfgateError):
        _explain(context, error)
        return error.exit_code
    if isinstance(error, OSError) and (full := full_disk(error)):
        silence(sys.stdout)
        _say(f"Error: perfgate cannot write: {full}")
        _say(f"Hint: {MAKE_ROOM}")
        return ExitCode.NO_VERDICT
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        _say(f"Error: no file can be called {str(error.filename)[:80]}...: the name is too long")
        _say("Hint: give it a shorter name")
        return ExitCode.USAGE
    return _unforeseen(context, error)


def _unforeseen(context: Context, error: Exception) -> ExitCode:
    """A fault of perfgate's own."""
    if "PERFGATE_DEBUG" in context.environment:
        raise error
    _say(f"Error: perfgate itself failed: {type(error).__name__}: {error}")
    _say("Hint: set PERFGATE_DEBUG=1 for the traceback, and report it with that")
    return ExitCode.NO_VERDICT


def _explain(context: Context, error: PerfgateError) -> None:
    """What is wrong and how to mend it. An error quotes what it found: files, logs of services."""
    from perfgate.cli.github.workflow_log import commands_stopped

    with commands_stopped(context):
        _say(f"Error: {error.message}")
        if error.hint:
            _say(f"Hint: {error.hint}")


def _as_interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def _say(text: str) -> None:
    click.echo(text, err=True)
