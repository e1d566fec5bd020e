"""`perfgate history check` and `prune`: is the file sound, and is it small enough?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from perfgate.application.context import Context
from perfgate.cli.options import FILE, SINCE, config_option, history_option, with_context

_MOST_FAULTS = 15


@click.command(epilog="\b\nExamples:\n  perfgate history check\n  perfgate history check one.db two.db")
@click.argument("files", metavar="[FILE]...", nargs=-1, type=FILE)
@config_option
@history_option
@with_context
def check(context: Context, files: tuple[Path, ...], config: Path | None, history: Path | None) -> None:
    """Verify a history: the database, the rows, and what they say. Exit code 2 and every fault where it is not sound.

    FILE is a history; without it, those of this checkout and of the repository that are there.
    """
    from perfgate.config.reading import load_config
    from perfgate.errors import HistoryError
    from perfgate.history.checking import faults_of
    from perfgate.history.size import size_warning

    usual = [history] if history else []
    if not usual:
        settings = load_config(config, context.folder)
        kept = (settings.local_history, settings.history)
        usual = [path for path in map(context.path, kept) if path.exists()]
    chosen = files or usual
    if not chosen:
        raise HistoryError("there is no history to check", "Name one: `perfgate history check FILE`.")
    unsound = []
    for path in chosen:
        faults = faults_of(path)
        click.echo(f"{path}: {'sound' if not faults else f'{len(faults)} faults'}")
        unsound += [f"  {path}: {fault}" for fault in faults]
        if warning := size_warning(path.stat().st_size):
            click.echo(f"{path}: {warning}")
    if unsound:
        more = [f"  and {len(unsound) - _MOST_FAULTS} more"] if len(unsound) > _MOST_FAULTS else []
        raise HistoryError(
            "\n".join(["the history is not sound:", *unsound[:_MOST_FAULTS], *more]),
            "Restore the file from git: `git log -- FILE` shows its versions, `git checkout COMMIT -- FILE` takes one.",
        )


@click.command(
    epilog="\b\nExamples:\n  perfgate history prune --keep 1000 --dry-run\n"
    "  perfgate history prune --since 2y --thin week --older-than 90d --drop-histograms 90d"
)
@click.option("--keep", type=click.IntRange(1), metavar="N", help="Keep the newest N runs, whatever they measured.")
@click.option("--since", type=SINCE, metavar="DATE", help="Keep runs since a date (2026-01-31) or of an age (90d).")
@click.option(
    "--thin",
    type=click.Choice(["day", "week"]),
    help="Keep one run a day or week (of each branch, testbed and scenario).",
)
@click.option("--older-than", type=SINCE, metavar="AGE", help="Thin only runs that are older  [default: all]")
@click.option("--drop-histograms", type=SINCE, metavar="AGE", help="Drop the distributions of runs that are older.")
@click.option("--dry-run", is_flag=True, help="Only say what it would save.")
@config_option
@history_option
@with_context
def prune(
    context: Context,
    keep: int | None,
    since: str | None,
    thin: Any,
    older_than: str | None,
    drop_histograms: str | None,
    dry_run: bool,
    config: Path | None,
    history: Path | None,
) -> None:
    """Make a history smaller, and say what that saves. Works on history/perfgate.db unless --history names another.

    The run of the release that perfgate.toml pins stays, with those next to it. The commits that git has already keep
    their copies, so a clone does not become smaller; the file does, and with it the limits of GitHub are farther away.
    """
    from perfgate.application.pinned_release import runs_of_release
    from perfgate.application.stored_runs import StoredRuns
    from perfgate.config.reading import load_config
    from perfgate.errors import UsageError
    from perfgate.history import pruning

    if (keep, since, thin, drop_histograms) == (None,) * 4:
        raise UsageError("nothing was said to be pruned", "Add --keep, --since, --thin or --drop-histograms.")
    if older_than is not None and thin is None:
        raise UsageError("--older-than says which runs to thin", "Add --thin day or --thin week.")
    loaded = load_config(config, context.folder)
    path = history or context.path(loaded.history)
    with StoredRuns([path], context.folder) as stored:
        pinned = runs_of_release(context, stored, loaded)
    plan = pruning.Plan(keep, since, thin, older_than, drop_histograms, pinned)
    pruned = pruning.rehearse(path, plan) if dry_run else pruning.prune(path, plan)
    click.echo(_report(path, pruned, "would go" if dry_run else "are gone"))
    if pinned:
        click.echo(f"The run of the release {loaded.release}, and those next to it, stay in any case.")


def _report(path: Path, pruned: Any, gone: str) -> str:
    from perfgate.units import format_bytes

    removed = pruned.runs_before - pruned.runs_after
    if not removed and not pruned.histograms:
        return f"{path}: there is nothing to prune; all {pruned.runs_before} runs stay."
    saved = pruned.bytes_before - pruned.bytes_after
    lines = [
        f"{path}: {removed} of {pruned.runs_before} runs and {pruned.histograms} histograms of other runs {gone}.",
        f"The file: {format_bytes(pruned.bytes_before)} before, {format_bytes(pruned.bytes_after)} after; "
        f"{format_bytes(saved)} saved.",
    ]
    if pruned.reusable:
        lines.append(f"{format_bytes(pruned.reusable)} of it are free for the next runs.")
    return "\n".join(lines)
