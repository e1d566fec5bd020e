"""What the tests of the history share: seeded runs put into real files."""

from dataclasses import replace

from perfgate.history.store import open_history
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
