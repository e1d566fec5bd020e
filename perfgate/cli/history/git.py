"""`perfgate history merge`, `publish`, `setup-git` and `textconv`: the life of the history in git."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from perfgate.application.context import Context
from perfgate.cli.options import DURATION, FILE, config_option, with_context

if TYPE_CHECKING:
    from perfgate.application.publishing import OwnRuns
    from perfgate.config.values import Config
    from perfgate.git import Git
    from perfgate.history.git.publishing import Destination, Published


@click.command(
    epilog="\b\nExamples:\n  perfgate history merge history/perfgate.db .perfgate/local.db\n"
    "  perfgate history merge one.db two.db -o both.db"
)
@click.argument("one", metavar="A", type=FILE)
@click.argument("other", metavar="B", type=FILE)
@click.option("--output", "-o", type=FILE, metavar="C", help="Write the union to a new file, and leave A as it is.")
@click.option("--base", type=FILE, metavar="FILE", help="The history that A and B came from: what one removed is gone.")
def merge(one: Path, other: Path, output: Path | None, base: Path | None) -> None:
    """Put the runs of B into A: the union, the same in any order, without conflicts.

    git calls this for history/perfgate.db, once `perfgate history setup-git` has told it to.
    """
    from perfgate.errors import HistoryError
    from perfgate.history.merging import merge_as, merge_into

    for path in (other,) if output is None else (one, other):
        if not path.exists():
            raise HistoryError(
                f"{path}: is not there",
                "Where it is published, and not in this checkout yet, `git pull` brings it; or name another file.",
            )
    merged = merge_into(one, other, base) if output is None else merge_as(output, one, other, base)
    counts = {"added": merged.added, "completed": merged.replaced, "removed": merged.removed}
    said = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    click.echo(f"{output or one}: {f'{said} (runs)' if said else 'has every run already'}", err=True)


@click.command(epilog="\b\nExamples:\n  perfgate history publish\n  perfgate history publish .perfgate/local.db")
@click.argument("file", required=False, type=FILE)
@click.option("--remote", metavar="NAME", help="Remote to push to  [default: origin]")
@click.option(
    "--patience", type=DURATION, default="3m", show_default=True, help="How long to try again when others push too."
)
@config_option
@with_context
def publish(context: Context, file: Path | None, remote: str | None, patience: float, config: Path | None) -> None:
    """Add runs to the history that the team shares: fetch, add the new runs, commit, push.

    FILE is a history, all of whose runs are added; without it, that of this checkout (.perfgate/local.db), but for
    runs with uncommitted changes; in CI on the default branch the one that `perfgate gate` or `perfgate run` has
    written (history/perfgate.db). They go to history/perfgate.db on the default branch, or on a branch of its own:
    branch under [history] in perfgate.toml. The work tree is left alone, nothing is ever forced, and where there is
    nothing to add there is no commit. In CI for a pull request, or on another branch, nothing is published.
    """
    from perfgate.application.ci_job import in_ci
    from perfgate.application.publishing import own_runs
    from perfgate.application.shared_history import checkout_here, destination_of, why_nothing_is_added
    from perfgate.config.reading import load_config
    from perfgate.history.git import publishing
    from perfgate.history.size import size_warning

    settings = load_config(config, context.folder)
    ci = in_ci(context.environment)
    if ci and (why := why_nothing_is_added(context, settings)):
        click.echo(f"Nothing is published: {why}.")
        return
    checkout = checkout_here(context)
    destination = destination_of(context, settings, checkout, remote)
    own = own_runs(context, settings, checkout, file)
    published = publishing.publish(checkout, own.file, destination, leaving_out=own.uncommitted, seconds=patience)
    click.echo(_published_text(own, destination, published))
    if published.commit and not ci and (destination.own or _is_on(checkout, destination.branch)):
        click.echo(f"`git {'fetch' if destination.own else 'pull'}` brings the history here.")
    for warning in filter(None, (*_warnings(own, settings, published), size_warning(published.size))):
        click.echo(f"Warning: {warning}", err=True)


def _is_on(checkout: Git, branch: str) -> bool:
    return checkout.ask("rev-parse", "--abbrev-ref", "HEAD") == branch


def _published_text(own: OwnRuns, destination: Destination, published: Published) -> str:
    if published.commit:
        return f"Published {_runs(published.runs)} of {own.file} to {destination} as {published.commit[:12]}."
    what = "every other run" if own.uncommitted else "every run"
    return f"{destination} has {what} of {own.file} already."


def _warnings(own: OwnRuns, settings: Config, published: Published) -> list[str]:
    """What a person does not expect of the runs that stayed, or went."""
    found = []
    if published.commit is None and own.is_as_committed:
        found.append(
            f"nothing was measured into {own.file} since it was checked out. `perfgate gate` or `perfgate run` does, "
            f"on {settings.branch}, in this checkout; or name the file that has their runs."
        )
    if own.uncommitted:
        found.append(
            f"{_runs(len(own.uncommitted))} with uncommitted changes stayed here; "
            f"`perfgate history publish {own.file}` publishes all."
        )
    if published.commit and own.is_nameless:
        found.append(
            f"the newest run of {own.file} is of no branch, as HEAD was detached: no trend and no baseline of "
            f"{settings.branch} takes it. `git switch {settings.branch}` before measuring."
        )
    return found


def _runs(count: int) -> str:
    return f"{count} run{'s' if count != 1 else ''}"


@click.command("setup-git", epilog="\b\nExample:\n  perfgate history setup-git")
@config_option
@with_context
def setup_git(context: Context, config: Path | None) -> None:
    """Teach this clone to merge histories by union and to show them as text in `git diff`.

    Writes a line into .gitattributes, which is for all clones once it is committed, and the merge driver and the
    textconv filter into the configuration of this clone, which git does not let a repository bring along.
    """
    from perfgate.application.shared_history import checkout_here
    from perfgate.config.reading import load_config
    from perfgate.history.git.driver import set_up

    done = set_up(checkout_here(context), context.path(load_config(config, context.folder).history), own_command())
    click.echo("\n".join(done) if done else "All is set up already.")


@click.command(epilog="\b\nExample:\n  perfgate history textconv history/perfgate.db")
@click.argument("file", type=FILE)
def textconv(file: Path) -> None:
    """Print a history as text, a line for each result: what `git diff` shows after setup-git."""
    from perfgate.history.git.textconv import lines_of

    for line in lines_of(file):
        click.echo(line)


def own_command() -> str:
    """How a shell that git starts can call this perfgate."""
    found = shutil.which("perfgate")
    return shlex.join([found] if found else [sys.executable, "-m", "perfgate"])
