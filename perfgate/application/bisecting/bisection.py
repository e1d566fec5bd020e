"""A bisection from its two ends to its finding."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from perfgate.application.bisecting.commits import read_commits, read_ends
from perfgate.application.bisecting.duets import CommitDuets
from perfgate.application.bisecting.followed_row import RowTrial, clearest, is_sure, is_surely_better, most_improved
from perfgate.application.bisecting.kept_search import FILE, KeptDuet, KeptSearch
from perfgate.application.context import Context
from perfgate.application.plan import MeasurementPlan
from perfgate.application.progress import ProgressReporter
from perfgate.bisecting.belief import Estimate
from perfgate.bisecting.bisection import Bisection, LineCommit
from perfgate.bisecting.finding import NothingSlower
from perfgate.bisecting.oracle import find
from perfgate.config.values import AUTO
from perfgate.errors import UsageError


def bisect(
    context: Context,
    plan: MeasurementPlan,
    good: str,
    bad: str,
    metric: str | None,
    progress: ProgressReporter,
) -> Bisection:
    """Find the commit after `good`, up to `bad`, that made it slower. metric: to follow; None for the clearest one.

    Every duet is kept in a file: called again with the same ends and load, it goes on where it was.
    """
    if plan.config.scale == AUTO:
        raise UsageError("--scale auto fits the load to each duet, and a bisection needs one load", "write --scale 4")
    first, last = read_ends(context, plan, good, bad)
    commits = read_commits(context, plan, first, last)
    hashes = (first, *(commit.sha for commit in commits))
    kept = KeptSearch(context.path(FILE), _question(plan, (first, last), metric), hashes)
    if kept.duets:
        progress.say(f"{kept.path} has {len(kept.duets)} duets of this search: it goes on from there.")
    likely = [commit.likely for commit in commits]
    with CommitDuets(context, plan, hashes, kept, progress, metric) as duets:
        if not kept.duets:
            measured = duets.ends()
            best = clearest(measured.rows)
            if not is_sure(best, len(measured.rows)):
                return _nothing_slower(first, commits, measured.rows, sum(measured.seconds.values()))
            trial, scenario = best.trial, best.row.scenario
            whole = KeptDuet(first, last, trial.changes, trial.instances, measured.seconds[scenario])
            kept.begin(best.row, whole, measured.failing[scenario])
        assert kept.row is not None
        finding, search = find(likely, duets, duets.instance_noise(kept.row))
    ends = search.readings[0]
    return Bisection(
        good=first,
        commits=commits,
        row=kept.row,
        whole=Estimate(search.belief.whole, ends.error),
        finding=finding,
        readings=search.readings,
        untested={hashes.index(sha): reason for sha, reason in kept.untested.items()},
        load_seconds=kept.seconds,
    )


def _nothing_slower(first: str, commits: tuple[LineCommit, ...], rows: Sequence[RowTrial], seconds: float) -> Bisection:
    """The end of a search of which no row of the ends got worse. seconds: of load."""
    improved = most_improved(rows)
    better = is_surely_better(improved, len(rows))
    shown = improved if better else clearest(rows)
    whole = Estimate(shown.reading.change, shown.reading.error)
    finding = NothingSlower() if better else None
    return Bisection(first, commits, shown.row, whole, finding, (shown.reading,), {}, seconds)


def _question(plan: MeasurementPlan, ends: tuple[str, str], metric: str | None) -> dict[str, Any]:
    """All that must be the same for duets of two calls to go together. Settings may hold secrets: a hash of them."""
    config = plan.config
    load = [(scenario.name, scenario.hash, scenario.engine) for scenario in plan.scenarios]
    settings = repr((load, plan.overrides, config.service, config.warm_up, plan.cpus.service))
    digest = hashlib.sha256(settings.encode()).hexdigest()[:16]
    return {"good": ends[0], "bad": ends[1], "metric": metric, "load": digest}
