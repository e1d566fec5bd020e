"""Health of the generator: whether a round measured the service or the generator. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from perfgate.metrics.run import GeneratorRecord
from perfgate.metrics.tally import Tally
from perfgate.scenario.scenario import OWN_ENGINE

# A generator that uses more of its CPUs than this has none to spare for being on time.
BUSY_CPU = 0.90
# A response that is noticed this late was held up by the generator (seconds).
LATE_READER = 0.005
# An event loop that wakes this late notices nothing in time (seconds).
LATE_HUB = 0.050
# An open model that starts iterations this late is no longer the load that was asked for (seconds).
LATE_SCHEDULE = 0.010
# The share of the generator's time from which on a scenario's own work in between requests is worth a word.
OWN_WORK = 0.25
# Share of the offered iterations that may be dropped before the load is not what was asked for.
DROPPED = 0.01
_HINT = "lower --vus or the rate, or add --workers"
_HINT_ELSEWHERE = "lower --vus or the rate, or leave it more CPUs"


@dataclass(frozen=True)
class Health:
    """The judgement of one round.

    warnings: what a reader should know.
    problems: why the round is invalid.
    """

    warnings: tuple[str, ...]
    problems: tuple[str, ...]


def judge(record: GeneratorRecord, tally: Tally, scenario_errors: dict[str, int]) -> Health:
    """Judge one round.

    With the kernel's clock a busy generator does not inflate latencies; it is a warning as long as the load was what
    was asked for. With the process clock it is a problem.
    """
    warnings: list[str] = []
    problems: list[str] = []
    busy = record.cpu >= BUSY_CPU
    hub_lag = record.hub_lag or 0.0
    hint = _hint(record)
    if busy and record.clock != "kernel":
        problems.append(
            f"the generator used {record.cpu:.0%} of its CPU and the kernel gave no time stamps, "
            f"so latencies are inflated: {hint}"
        )
    elif busy and record.offered is None and (record.reader_lag or 0.0) > LATE_READER:
        warnings.append(f"the generator used {record.cpu:.0%} of its CPU, so it limits the request rate: {hint}")
    elif _works_itself(record, tally):
        warnings.append(
            f"the generator used {record.cpu:.0%} of its CPU, most of it on the scenario's own code, so that limits the"
            " request rate: let setup or on_start do the work once, or add --workers"
        )
    elif record.clock != "kernel" and hub_lag > LATE_HUB:
        warnings.append(
            f"the generator was held up for {hub_lag * 1000:.0f} ms and the kernel gave no time stamps, "
            f"so latencies may be inflated: {hint}"
        )
    _judge_schedule(record, tally, busy, warnings, problems)
    for text, count in scenario_errors.items():
        warnings.append(f"the scenario raised {text}, {count} time{'s' if count != 1 else ''}")
    if scenario_errors and not tally.iterations.count and not tally.failed_count:
        problems.append(f"no iteration came to its end: the scenario raised {next(iter(scenario_errors))}")
    return Health(tuple(warnings), tuple(problems))


def _works_itself(record: GeneratorRecord, tally: Tally) -> bool:
    """Whether iterations of a closed model take long because their own code works, not because answers are awaited.

    What is left of an iteration without the waiting is thinking or work; the two are told apart by the CPU that the
    generator used, and would have used where something else had it.
    """
    if record.offered is not None or not tally.iterations.count:
        return False
    awaited = sum(request.ok.total + request.failed.total for request in tally.requests.values()) / 1e9
    own = tally.iterations.total / 1e9 - awaited
    given = record.workers * tally.seconds
    return own > max(awaited, OWN_WORK * given) and (record.cpu + record.cpu_waited) * given > own / 2


def _judge_schedule(
    record: GeneratorRecord, tally: Tally, busy: bool, warnings: list[str], problems: list[str]
) -> None:
    if record.offered is None:
        return
    schedule_lag = record.schedule_lag or 0.0
    late = schedule_lag > LATE_SCHEDULE
    hint = _hint(record)
    if late:
        why = "the generator was busy" if busy else "the generator was kept from its CPU"
        problems.append(
            f"iterations started up to {schedule_lag * 1000:.0f} ms late (99th percentile), since {why}: {hint}"
        )
    dropped = tally.dropped_iterations
    if record.offered and dropped > DROPPED * record.offered:
        text = f"{dropped} of {record.offered} iterations were dropped"
        if busy or late:
            problems.append(f"{text} because the generator could not start them: {hint}")
        else:
            warnings.append(
                f"{text}: no VU was free, so the service did not keep up; raise max_vus to see how far behind"
            )


def _hint(record: GeneratorRecord) -> str:
    return _HINT if record.engine == OWN_ENGINE or not record.here else _HINT_ELSEWHERE
