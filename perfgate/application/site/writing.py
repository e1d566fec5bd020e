"""Writing a site: what is in the histories, as a folder of pages that works from disk."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from perfgate.application.context import Context
from perfgate.application.shared_history import histories_to_read
from perfgate.application.site.folder import SiteFolder
from perfgate.application.site.scenario_files import ScenarioTask, WrittenScenario, write_scenario
from perfgate.application.site.source import SiteSource, read_source
from perfgate.application.site.verdicts import JudgedPlace, last_verdicts
from perfgate.config.values import Config
from perfgate.report.site import assets, badge, feed, overview, paths, series
from perfgate.report.site.values import LastVerdict, Overview, ScenarioEntry, span_of, worst_of

# Of 10,000 runs of four scenarios it takes less than 5 MB; of more only the newest have response times.
_MOST_LATENCIES = 5_000_000
# Bytes of histories, from which on more than one process pays: about 2,000 runs of a scenario.
_LARGE = 1_500_000
_MOST_PROCESSES = 8


@dataclass(frozen=True)
class SiteChoice:
    """The options of a site.

    branch: whose runs; None for the default branch.
    commit_url: template for addresses of commits, with {sha}; "" for none.
    address: where the site is published, with a "/" at its end; "" where that is unknown.
    history: the only history to read; None for those of the checkout.
    """

    branch: str | None
    commit_url: str
    address: str
    history: Path | None


@dataclass(frozen=True)
class WrittenSite:
    """What was written. runs, scenarios: how many there are. size: in bytes."""

    runs: int
    scenarios: int
    size: int


def write_site(context: Context, config: Config, choice: SiteChoice, path: Path) -> WrittenSite:
    """Write the site. UsageError where the folder is no place for one; HistoryError without a history."""
    folder = SiteFolder(path)
    with histories_to_read(context, config, choice.history) as histories, _workers(histories) as workers:
        library = workers.submit(assets.library)
        source = read_source(histories, context.folder, config, choice.branch, choice.commit_url)
        last = last_verdicts(source, config.rules, config.baseline_runs)
        written = _done([workers.submit(write_scenario, task) for task in _tasks(source, last, path)])
        _write_shared(folder, source, library.result())
    for one in written:
        folder.note(one.files)
    entries = tuple(sorted((one.entry for one in written if one.entry), key=lambda entry: entry.scenario))
    _write_overview(folder, source, entries, choice)
    folder.finish()
    return WrittenSite(len(source.runs), len(entries), folder.size)


class _Here(Executor):
    """Does at once, in this process, what it is given."""

    def submit(self, function, /, *arguments, **named):  # type: ignore[no-untyped-def]
        done: Future[object] = Future()
        done.set_result(function(*arguments, **named))
        return done


@contextmanager
def _workers(histories: Iterable[Path]) -> Iterator[Executor]:
    """What makes the pages: processes where there are many runs and CPUs, else this one."""
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if cpus < 2 or sum(path.stat().st_size for path in histories if path.exists()) < _LARGE:
        yield _Here()
        return
    # What they make is kept to their end: there is no garbage to look for among hundreds of thousands of points.
    with ProcessPoolExecutor(min(cpus, _MOST_PROCESSES), initializer=gc.disable) as pool:
        yield pool


def _tasks(source: SiteSource, last: Mapping[JudgedPlace, LastVerdict], folder: Path) -> list[ScenarioTask]:
    """A task for each scenario, with no other scenario's trends: it goes to another process. The largest come first."""
    slugs = paths.slugs_of(source.scenarios)
    share = _MOST_LATENCIES // max(1, len(slugs))
    tasks = []
    for name, slug in slugs.items():
        own = tuple(trend for trend in source.trends if trend.row.scenario == name)
        tasks.append(ScenarioTask(replace(source, trends=own), name, slug, last, folder, share))
    return sorted(tasks, key=lambda task: -len(task.source.trends))


def _done(futures: Iterable[Future[WrittenScenario]]) -> list[WrittenScenario]:
    return [future.result() for future in futures]


def _write_shared(folder: SiteFolder, source: SiteSource, library: str) -> None:
    folder.write(paths.STYLE, assets.style())
    folder.write(paths.SCRIPT, assets.script())
    folder.write(paths.LIBRARY, library)
    folder.write(paths.RUNS, series.runs_file(map(source.facts_of, source.runs), source.commit_url))


def _write_overview(
    folder: SiteFolder, source: SiteSource, entries: tuple[ScenarioEntry, ...], choice: SiteChoice
) -> None:
    """What is of all scenarios; the first page comes last."""
    began = [run.started_at for run in source.runs]
    site = Overview(
        branch=source.branch,
        runs=len(source.runs),
        span=span_of(began[0], began[-1]) if began else "",
        newest=began[-1] if began else None,
        scenarios=entries,
        address=choice.address,
    )
    folder.write(paths.FEED, feed.render(site))
    folder.write(paths.BADGE, badge.render("performance", worst_of(entries), site.runs))
    folder.write(paths.INDEX, overview.render(site))
