"""What the tests of the history share: seeded runs put into real files."""

from dataclasses import replace

from perfgate.history.store import open_history
from perfgate.metrics.counts import CounterUse, TimingTally
from perfgate.metrics.dependency_use import DependencyUse
from perfgate.metrics.phases import EVENT_WAITING
from perfgate.metrics.threshold import evaluate, parse_threshold
from perfgate.testing import seeded_run


def put(path, *runs, **options):
    """Save whole runs into the history at `path`."""
    with open_history(path, create=True) as history:
        for run in runs:
            history.save_run(run, **options)


def small_run(number=0, **options):
    """A seeded run that is quick to make: two rounds of forty iterations."""
    return seeded_run(number, **{"rounds": 2, "requests_per_round": 40} | options)


def with_dependencies(run, **costs_ms):
    """The run with dependencies, each with what it spends per request (ms of CPU)."""
    for scenario_run in run.scenarios:
        for round_ in scenario_run.rounds:
            count = round_.tally.request_count
            round_.tally.dependencies = {
                name: DependencyUse(count, cost * count / 1000, 48_000_000) for name, cost in costs_ms.items()
            }
    return run


def with_counts(run, queries=2.5, entries=3):
    """The run with a counter and a gauge; each request name with a Server-Timing that counts."""
    for scenario_run in run.scenarios:
        for round_ in scenario_run.rounds:
            tally = round_.tally
            count = tally.request_count
            tally.counters = {"queries": CounterUse(count, queries * count, False), "pool": CounterUse(1, 8.0, True)}
            for requests in tally.requests.values():
                answers = requests.ok.count
                requests.timings = {"db": TimingTally(answers, 1, answers, 1.5 * answers, answers, entries * answers)}
    return run


def with_phases(run):
    """The run with connections that were opened, answers in two pieces, and events: one, two and five of each name."""
    for scenario_run in run.scenarios:
        for round_ in scenario_run.rounds:
            for requests in round_.tally.requests.values():
                for _ in range(20):
                    requests.phases.record(9_000_000, 5_000_000, (2_000_000, 1_500_000, 0, 0, 4_000_000))
                    requests.ok.record(9_000_000)
                for number in range(5):
                    requests.phases.of(EVENT_WAITING).record(number * 1_000_000)
    return run


def small_duet(number=0):
    """Base and head that began at one moment, the base with the greater id."""
    base, head = (small_run(number, side=side) for side in ("base", "head"))
    began = base.record.started_at
    return (
        with_record(base, id=head.record.id, started_at=began),
        with_record(head, id=base.record.id, started_at=began),
    )


def with_record(run, **changes):
    """The run with another record."""
    return replace(run, record=replace(run.record, **changes))


def first_rounds(scenario_run, count):
    """The scenario as it was after its first rounds."""
    return replace(scenario_run, rounds=scenario_run.rounds[:count])


def invalid(round_, problem="the generator was the bottleneck"):
    """The round, but invalid."""
    return replace(round_, problems=(problem,))


def held(scenario_run, selector, expression):
    """A threshold held against a scenario."""
    return evaluate(parse_threshold(selector, expression), scenario_run.scenario, scenario_run.total)


def put_of_every_kind(path):
    """Two runs of the main branch, a duet on another, a run that was killed, and one where nothing was answered."""
    with open_history(path, create=True) as history:
        for number in range(2):
            run = with_dependencies(small_run(number, failed=0.02 * number), postgres=1.5, redis=0.02)
            with_counts(run)
            thresholds = [
                held(scenario_run, *threshold)
                for scenario_run in run.scenarios
                for threshold in (("http_req_duration", "p(95)<18ms"), ("http_req_failed", "rate<1%"))
            ]
            history.save_run(run, thresholds)
        for side, change in (("base", 0.0), ("head", 0.1)):
            run = small_run(2, side=side, change=change)
            history.save_run(with_record(run, branch="slower", dirty=side == "head"))
        killed = small_run(3, rounds=3)
        for scenario_run in killed.scenarios[:2]:
            rounds = (*scenario_run.rounds[:2], invalid(scenario_run.rounds[2]))
            history.save(killed.record, replace(scenario_run, rounds=rounds))
        dead = small_run(4, failed=1.0)
        silent = replace(dead.scenarios[1], rounds=())
        history.save_run(replace(dead, scenarios=(dead.scenarios[0], silent)))
