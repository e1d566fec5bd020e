"""What the rows of a duet say of why head is slower, before anything is profiled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from perfgate.compare.comparison import Comparison, RowVerdict
from perfgate.compare.rows import DURATION
from perfgate.explain.cause import Cause, CauseKind
from perfgate.explain.rise import KnownRise
from perfgate.metrics.catalogue import name_in

_SERVICE_CPU = "service_cpu"
_USUAL = "med"
# Of one at 95 %; those of rows are wider, so that an error by them is too large rather than too small.
_ERRORS_IN_AN_INTERVAL = 4.0
# Times what CPU explains: a busy machine makes requests wait for it longer than it takes.
_FAR_MORE = 3.0


def known_rise(rows: Iterable[Comparison]) -> KnownRise | None:
    """By how much more CPU the service takes for a request; None where it is not certain that it does."""
    row = _more_cpu(rows)
    if row is None:
        return None
    cause = _cause(row, CauseKind.CPU, "")
    return KnownRise(cause.change_ms, (cause.high_ms - cause.low_ms) / _ERRORS_IN_AN_INTERVAL)


def waits(rows: Sequence[Comparison], users: int) -> bool:
    """Whether requests certainly take longer by far more than the service's CPU explains.

    users: at a time; each may wait for the CPU time of all others.
    """
    slowest, cpu = _slowest(rows), _more_cpu(rows)
    if slowest is None or cpu is None:
        return slowest is not None
    longer, worked = (_cause(row, CauseKind.WAITING, "").change_ms for row in (slowest, cpu))
    return longer > _FAR_MORE * users * worked and (slowest.change or 0.0) > _FAR_MORE * (cpu.change or 0.0)


def dependency_causes(rows: Iterable[Comparison]) -> tuple[Cause, ...]:
    """The dependencies that certainly take more CPU for a request, the most first."""
    found = [
        _cause(row, CauseKind.CPU, name)
        for row in rows
        if row.row.is_cpu_of_dependency and _rises(row) and (name := name_in(row.row.metric))
    ]
    return tuple(sorted(found, key=lambda cause: cause.change_ms, reverse=True))


def waiting_somewhere(rows: Sequence[Comparison]) -> tuple[Cause, ...]:
    """Requests that take longer, though service and dependencies take no more CPU; () where that is not so."""
    slowest = _slowest(rows)
    if slowest is None or _more_cpu(rows) or dependency_causes(rows):
        return ()
    return (_cause(slowest, CauseKind.WAITING, ""),)


def _more_cpu(rows: Iterable[Comparison]) -> Comparison | None:
    """The row of the service's CPU, where that certainly rises."""
    return next((row for row in rows if row.row.metric == _SERVICE_CPU and _rises(row)), None)


def _slowest(rows: Iterable[Comparison]) -> Comparison | None:
    """The row of a usual latency that rose most, of those that regressed."""
    found = [
        row
        for row in rows
        if (row.row.metric, row.row.stat) == (DURATION, _USUAL) and row.verdict is RowVerdict.REGRESSED and _rises(row)
    ]
    return max(found, key=lambda row: row.change or 0.0, default=None)


def _rises(row: Comparison) -> bool:
    return row.base is not None and row.change is not None and row.interval is not None and row.interval.low > 0


def _cause(row: Comparison, kind: CauseKind, dependency: str) -> Cause:
    """The row as a cause: it knows no function."""
    assert row.base is not None
    assert row.change is not None
    assert row.interval is not None
    change_ms, low_ms, high_ms = (row.base * ratio for ratio in (row.change, row.interval.low, row.interval.high))
    return Cause(
        kind=kind,
        scenario=row.row.scenario,
        dependency=dependency,
        function="",
        file="",
        line=None,
        base_ms=row.base,
        head_ms=row.base + change_ms,
        change_ms=change_ms,
        low_ms=low_ms,
        high_ms=high_ms,
        share=None,
        self_ms=None,
        total_ms=None,
        within="",
        callers=(),
        changed=None,
        profiler="",
        base_calls=None,
        head_calls=None,
    )
