"""A dry run on a terminal: what would be measured, for how long at most, and what it could see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from perfgate.report import numbers
from perfgate.report.cells import Cell, Column, numeric, table_of, words
from perfgate.report.dry_run.values import DryRun, ForeseenRow, PlannedDependency, PlannedScenario, PlannedSide, Way
from perfgate.report.escaping import clean
from perfgate.report.layout import Style, table_lines, wrap
from perfgate.units import format_minute, format_seconds

_NAME_LIMIT = 64
_COMMAND_LIMIT = 200
_STARTS = {
    Way.RUNNING: "runs already",
    Way.PETSTORE: "the embedded petstore, in a process of its own",
    Way.IMAGE: "a container of the image {what}",
    Way.COMMAND: "started with `{what}` in a work tree of its own",
    Way.BUILD: "a container of an image that is built of {what}",
    Way.COMPOSE: "a Compose project of its own, of {what}",
}
_BESIDE = {Way.RUNNING: "runs already, shared", Way.IMAGE: "image {what}", Way.COMMAND: "`{what}`"}


def render(planned: DryRun) -> str:
    """The dry run, without a line break at its end."""
    blocks = (
        ["Dry run: nothing was built, started or loaded."],
        list(_sides(planned)),
        _lengths(planned),
        list(_most(planned)),
        list(_seen(planned)),
    )
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _sides(planned: DryRun) -> Iterator[str]:
    for side in planned.sides:
        yield from wrap(f"{clean(side.target, _COMMAND_LIMIT)}{_commit(side)}", f"{side.side}    ", " " * 8)
        yield from wrap(_start(side), " " * 8, " " * 8)
    if planned.dependencies:
        yield from wrap("; ".join(map(_dependency, planned.dependencies)), "beside  ", " " * 8)
    if planned.seed:
        yield from wrap(f"filled by `{clean(planned.seed, _COMMAND_LIMIT)}`", " " * 8, " " * 8)


def _commit(side: PlannedSide) -> str:
    if not side.commit:
        return ""
    branch = f" of {clean(side.branch, _NAME_LIMIT)}" if side.branch else ""
    return f", commit {side.commit[:12]}{branch}{' with what is not committed' if side.changed else ''}"


def _start(side: PlannedSide) -> str:
    said = _STARTS[side.way].format(what=clean(side.what, _COMMAND_LIMIT))
    return f"built with `{clean(side.build_command, _COMMAND_LIMIT)}`, {said}" if side.build_command else said


def _dependency(dependency: PlannedDependency) -> str:
    how = _BESIDE[dependency.way].format(what=clean(dependency.what, _COMMAND_LIMIT))
    return f"{clean(dependency.name, _NAME_LIMIT)} ({how})"


def _lengths(planned: DryRun) -> list[str]:
    columns: list[Column[PlannedScenario]] = [
        words("scenario", lambda one: Cell(one.scenario, name=True)),
        words("load", lambda one: Cell(_load(one))),
        *([numeric("pairs", lambda one: Cell(f"{one.pairs:,}"))] if planned.is_duet else []),
        *([numeric("instances", lambda one: Cell(str(one.instances)))] if planned.is_duet else []),
        numeric("warm-ups", lambda one: Cell(format_seconds(one.warm_up_seconds))),
        numeric("measured", lambda one: Cell(format_seconds(one.load_seconds))),
        numeric("all", lambda one: Cell(format_seconds(one.seconds))),
    ]
    return table_lines(table_of(columns, planned.scenarios), Style(False))


def _load(scenario: PlannedScenario) -> str:
    return f"{scenario.vus:,} VU{'' if scenario.vus == 1 else 's'}, {scenario.executor}, played by {scenario.engine}"


def _most(planned: DryRun) -> Iterator[str]:
    """How long it takes at most, and what that leaves out."""
    sentences = [
        f"At most {format_seconds(planned.seconds)} of load. Builds and starts are not counted, nor is how long the end"
        " of a load waits for requests that hang. A warm-up ends when the service is steady, which is mostly long"
        " before that."
    ]
    if planned.is_duet:
        length = format_seconds(planned.round_seconds)
        sentences.append(
            f"Rounds take {length}, or longer where iterations do; then there are fewer pairs, but always one. A"
            " scenario in which nothing changed is mostly decided before its budget is spent."
        )
    if planned.scaled:
        sentences.append("The load is fitted to the service first (--scale auto): it may be more than is said here.")
    if planned.explain_seconds:
        sentences.append(f"After that, looking for causes takes at most {format_seconds(planned.explain_seconds)}.")
    yield from wrap(" ".join(sentences))


def _seen(planned: DryRun) -> Iterator[str]:
    yield "What it could see:"
    if planned.runs_missing:
        missing = f"{planned.runs_missing} more run{'s' if planned.runs_missing > 1 else ''} of the base branch"
        yield from wrap(f"nothing that is judged: {missing} on this testbed are needed to compare with", "- ", "  ")
        return
    for scenario in planned.scenarios:
        yield from _seen_of(scenario, planned.is_duet)


def _seen_of(scenario: PlannedScenario, is_duet: bool) -> Iterator[str]:
    name = clean(scenario.scenario, _NAME_LIMIT)
    if scenario.seen_at is None:
        said = (
            f"{name}: not known, as no stored run has this scenario as it is now on this testbed. A perfgate run or"
            " duet stores one; a gate says it after its first warm-up."
        )
        yield from wrap(said, "- ", "  ")
        return
    best = " at best, by how latencies spread and how many there will be" if is_duet else ""
    yield from wrap(f"{name}{best} (from the run of {format_minute(scenario.seen_at)}):", "- ", "  ")
    columns: list[Column[ForeseenRow]] = [
        words("request", lambda one: Cell(one.row.request or "", name=True)),
        words("metric", lambda one: Cell(numbers.metric_name(one.row.metric, one.row.stat))),
        numeric("smallest change", lambda one: Cell(_smallest(one))),
        numeric("margin", lambda one: Cell(_margin(one))),
    ]
    yield from (f"  {line}" for line in table_lines(table_of(columns, _known_first(scenario.rows)), Style(False)))


def _known_first(rows: Sequence[ForeseenRow]) -> list[ForeseenRow]:
    return sorted(rows, key=lambda row: row.smallest is None)


def _smallest(row: ForeseenRow) -> str:
    return "not known yet" if row.smallest is None else numbers.told_from_noise(row.smallest, row.row.unit)


def _margin(row: ForeseenRow) -> str:
    return f"{numbers.plain(row.margin, row.row.unit)}{' (its own)' if row.named else ''}"
