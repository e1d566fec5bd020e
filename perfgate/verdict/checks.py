"""Notes on how far a measurement can be believed: what was measured, compared with what was declared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import fmean

from perfgate.compare.comparison import Comparison, RowVerdict
from perfgate.compare.foresight.instances import TIMES_NOISE, instances_needed
from perfgate.compare.interference import imbalance
from perfgate.compare.neighbours import HINT as NAME_IT
from perfgate.compare.neighbours import grown_neighbour
from perfgate.compare.noise import against_itself
from perfgate.compare.rules import Rules
from perfgate.compare.sample import count_pairs, counted_pairs, valid_pairs
from perfgate.compare.stored.baseline import BaselineSize
from perfgate.metrics.request_names import MOST_NAMES, OTHER
from perfgate.metrics.run import Run, ScenarioRun
from perfgate.metrics.sentences import count_kinds
from perfgate.metrics.tally import Tally
from perfgate.units import format_percent
from perfgate.verdict.values import DuetMethod, ValidityNote
from perfgate.verdict.wording import describe_change

# With more than a third of the pairs gone, what is left is no longer a sample of the duet: a bottleneck that hits a
# third of the rounds touches the others too. The signed-rank estimate breaks down at about the same share (29 %).
MOST_INVALID = 1 / 3
_MOST_WARNINGS = 5
_MOST_CHECKS = 5
_MOST_FAILING = 5
# As much as the default margin: then a round may be slower by the margin for no other reason.
_MOST_FREQUENCY_CHANGE = 0.05
# From a quarter on a dependency waits for the generator, and that for it, in more than one request out of four.
_CROWDED = 1 / 4
_KEEP_OFF = "let them run on the service's CPUs alone (taskset, docker update), or name them under [[dependencies]]"
_NAME_THEM = 'give requests that differ by an id alone one name, such as name="GET /pet/{id}"'
_FELL = 'see whether its process began anew; what falls by itself is kind = "gauge" under [[counter]]'


def check_baseline(size: BaselineSize, side_by_side: str) -> tuple[ValidityNote, ...]:
    """A note where there are too few stored runs to compare with. side_by_side: how base and head are measured both."""
    if not size.missing:
        return ()
    if not size.stored:
        message = "there is no earlier run to compare with"
    elif not size.comparable:
        message = "no earlier run was on this testbed with these scenarios"
    else:
        message = f"{size.missing} more run{'s' if size.missing > 1 else ''} of the baseline needed"
    return (ValidityNote("", message, side_by_side, False),)


def check_run(run: Run, declared: Sequence[str]) -> tuple[ValidityNote, ...]:
    """Notes on one side: scenarios that are missing, measured nothing, answered only errors, or had invalid rounds."""
    measured = {scenario.scenario: scenario for scenario in run.scenarios}
    side = f" on {run.record.side}" if run.record.side else ""
    notes: list[ValidityNote] = []
    for name in dict.fromkeys((*declared, *measured)):
        scenario = measured.get(name)
        nothing = _why_nothing(name, scenario, side)
        if nothing:
            notes.append(nothing)
        if scenario and scenario.rounds:
            # Also where there was nothing: such as a service that ended, or a script that raises, is the reason why.
            notes += _notes_on(scenario, side)
    return tuple(notes) or _nothing_declared(measured)


def _notes_on(scenario: ScenarioRun, side: str) -> Iterator[ValidityNote]:
    note = _note_on_rounds(scenario, side)
    if note:
        yield note
    total = scenario.total
    if 0 < total.failed_count < total.request_count:
        kinds = ", ".join(f"{kind} {count:,} times" for kind, count in _errors(total).most_common(3))
        message = f"{total.failed_count:,} of {total.request_count:,} requests failed{side}: {kinds}"
        yield ValidityNote(scenario.scenario, message, "", False)
        yield from _notes_on_failing(scenario, side)
    yield from _notes_on_checks(scenario, side)
    yield from _notes_on_counters(scenario, side)
    for warning, count in count_kinds((one.warnings for one in scenario.rounds), _MOST_WARNINGS).items():
        yield ValidityNote(
            scenario.scenario, f"in {count} of {len(scenario.rounds)} rounds{side}, {warning}", "", False
        )


def _notes_on_failing(scenario: ScenarioRun, side: str) -> Iterator[ValidityNote]:
    """Notes on request names that were answered by errors alone: such as a typo in one path of several."""
    failing = {name: one for name, one in scenario.total.requests.items() if one.failed.count and not one.ok.count}
    for name, requests in list(failing.items())[:_MOST_FAILING]:
        kinds = ", ".join(kind for kind, _ in requests.errors.most_common(3)) or "of unknown kind"
        message = f"none of the {requests.count:,} requests of {name} succeeded{side} ({kinds})"
        yield ValidityNote(
            scenario.scenario, message, "see whether its path is right and the service works there", False
        )
    if len(failing) > _MOST_FAILING:
        message = f"none of the requests of {len(failing) - _MOST_FAILING} more names succeeded{side}"
        yield ValidityNote(scenario.scenario, message, "", False)


def _notes_on_checks(scenario: ScenarioRun, side: str) -> Iterator[ValidityNote]:
    """Notes on the checks that failed, the most first."""
    failed = sorted(
        ((name, check) for name, check in scenario.total.checks.items() if check.fails),
        key=lambda one: (-one[1].fails / one[1].count, -one[1].fails),
    )
    for name, check in failed[:_MOST_CHECKS]:
        never = not check.passes
        times = f"{check.fails:,} of {check.count:,} times"
        message = f"the check {name!r} failed {times}{side}{', so it never held' if never else ''}"
        hint = "see whether the service answers what the scenario expects" if never else ""
        yield ValidityNote(scenario.scenario, message, hint, False)
    if len(failed) > _MOST_CHECKS:
        yield ValidityNote(scenario.scenario, f"{len(failed) - _MOST_CHECKS} more checks failed{side}", "", False)


def _notes_on_counters(scenario: ScenarioRun, side: str) -> Iterator[ValidityNote]:
    """Notes on counters that fell in a round, so that nothing is known of it."""
    fell = Counter(
        name
        for round_ in scenario.rounds
        for name, use in (round_.tally.counters or {}).items()
        if round_.tally.attempts and not use.over
    )
    for name, count in fell.items():
        message = (
            f"in {count} of {len(scenario.rounds)} rounds{side}, the counter {name} fell, so it is not known there"
        )
        yield ValidityNote(scenario.scenario, message, _FELL, False)


def check_names(*runs: Run) -> tuple[ValidityNote, ...]:
    """Notes on scenarios with more request names than are kept, one for all of their sides."""
    crowded = [run_.scenario for run in runs for run_ in run.scenarios if OTHER in run_.total.requests]
    message = f"there are more than {MOST_NAMES} request names; those beyond are counted as {OTHER}"
    return tuple(ValidityNote(name, message, _NAME_THEM, False) for name in dict.fromkeys(crowded))


def _nothing_declared(measured: dict[str, ScenarioRun]) -> tuple[ValidityNote, ...]:
    if measured:
        return ()
    return (ValidityNote("", "no scenario was measured", "name a scenario, or write one into scenarios/", True),)


def _why_nothing(name: str, scenario: ScenarioRun | None, side: str) -> ValidityNote | None:
    if scenario is None or not scenario.rounds:
        return ValidityNote(
            name, f"was declared and not measured{side}", "see what stopped it, then run it again", True
        )
    total = scenario.total
    if not total.request_count:
        return ValidityNote(name, f"sent no request{side}", "give it a longer duration, or see what it waits for", True)
    if total.failed_count == total.request_count:
        kinds = ", ".join(kind for kind, _ in _errors(total).most_common(3)) or "of unknown kind"
        return ValidityNote(name, f"answered only errors{side} ({kinds})", "see whether the service works at all", True)
    return None


def _errors(total: Tally) -> Counter[str]:
    counts: Counter[str] = Counter()
    for request in total.requests.values():
        counts.update(request.errors)
    return counts


def _note_on_rounds(scenario: ScenarioRun, side: str) -> ValidityNote | None:
    bad = [round_ for round_ in scenario.rounds if not round_.valid]
    if not bad:
        return None
    problems = list(dict.fromkeys(problem for round_ in bad for problem in round_.why_invalid))
    share, uncounted = (len(found) / len(scenario.rounds) for found in (bad, [one for one in bad if one.problems]))
    return ValidityNote(
        scenario.scenario,
        f"{len(bad)} of {len(scenario.rounds)} rounds are invalid{side}: {'; '.join(problems[:3])}",
        "mend that, then measure again" if share > MOST_INVALID else "",
        share > MOST_INVALID,
        of_times=uncounted <= MOST_INVALID,
    )


def check_duet(base: Run, head: Run) -> tuple[ValidityNote, ...]:
    """Notes on the pairs: scenarios of which more than a third of the pairs lack a valid side."""
    on_head = {scenario.scenario: scenario for scenario in head.scenarios}
    notes = []
    for scenario in base.scenarios:
        other = on_head.get(scenario.scenario)
        measured = count_pairs(scenario, other) if other else 0
        if not other or not measured:
            continue
        invalid, uncounted = (measured - len(kept(scenario, other)) for kept in (valid_pairs, counted_pairs))
        if invalid / measured > MOST_INVALID:
            message = f"{invalid} of {measured} pairs are invalid: too many to believe the rest"
            of_times = uncounted / measured <= MOST_INVALID
            hint = "lower the load or use a quieter machine" if of_times else "mend what made their rounds invalid"
            notes.append(ValidityNote(scenario.scenario, message, hint, True, of_times))
    return tuple(notes)


def check_noise(base: Run, rules: Rules) -> tuple[ValidityNote, ...]:
    """Notes on scenarios in which base differs from itself by more than a margin: the machine cannot be believed."""
    notes = []
    for scenario in base.scenarios:
        rows = against_itself(scenario, rules, rules.error_rate / len(base.scenarios))
        moved = [comparison for comparison in rows if comparison.gated and comparison.verdict is RowVerdict.REGRESSED]
        if moved:
            comparison = max(moved, key=lambda comparison: abs(comparison.change or 0.0))
            what = f"{comparison.row.metric} {comparison.row.stat}"
            message = f"base differs from itself: {what} by {describe_change(comparison)} from round to round"
            of_times = not any(comparison.row.is_count for comparison in moved)
            hint = "use a quieter machine or longer rounds"
            notes.append(ValidityNote(scenario.scenario, message, hint, True, of_times))
    return tuple(notes)


def check_environment(base: Run, head: Run, foreign_cpu: float) -> tuple[ValidityNote, ...]:
    """Notes on scenarios of which other processes disturbed one side more than the other (`compare.interference`)."""
    on_head = {scenario.scenario: scenario for scenario in head.scenarios}
    notes = []
    for scenario in base.scenarios:
        other = on_head.get(scenario.scenario)
        uneven = imbalance(scenario, other, foreign_cpu) if other else ""
        if uneven:
            hint = "see what else runs on this machine, and end it"
            notes.append(ValidityNote(scenario.scenario, uneven, hint, True, of_times=True))
        grown = grown_neighbour(scenario, other) if other else None
        if grown:
            notes.append(ValidityNote(scenario.scenario, str(grown), NAME_IT, False))
        crowded = max(_dependencies_beside_generator(side) for side in (scenario, other)) if other else 0.0
        if crowded > _CROWDED:
            message = f"dependencies took up to {format_percent(crowded)} of the generator's CPUs"
            notes.append(ValidityNote(scenario.scenario, message, _KEEP_OFF, False))
    return tuple(notes)


def _dependencies_beside_generator(scenario: ScenarioRun) -> float:
    """The share of the generator's CPUs that dependencies took at most, of all rounds in which it is known."""
    seen = [round_.environment.dependencies_beside_generator for round_ in scenario.rounds if round_.environment]
    return fmean([share for share in seen if share is not None] or [0.0])


def check_steadiness(methods: Sequence[DuetMethod]) -> tuple[ValidityNote, ...]:
    """Notes on scenarios of which a side still got faster when its warm-up had to end."""
    return tuple(note_on_unsteady(method.scenario, method.unsteady) for method in methods if method.unsteady)


def note_on_unsteady(scenario: str, sides: Sequence[str]) -> ValidityNote:
    """The note on a scenario of which these sides were never steady."""
    who = " and ".join(filter(None, sides)) or "the service"
    message = f"{who} still got faster when the warm-up had to end: it is measured on its way, not where it arrives"
    return ValidityNote(scenario, message, "let it warm up for longer: warm_up_most under [measure]", False)


def check_instances(rows: Sequence[Comparison], noise: float | None) -> tuple[ValidityNote, ...]:
    """A note where margins of a duet are within what instances of one program differ by; they do not differ in counts.

    noise: the standard deviation between them, a fraction; None where unknown.
    """
    gated = (comparison for comparison in rows if comparison.gated)
    margins = [one.margin for one in gated if not one.row.in_points and not one.row.is_count]
    tight = [margin for margin in margins if noise and margin < TIMES_NOISE * noise]
    if not noise or not tight:
        return ()
    wanted = instances_needed(noise, min(tight))
    message = (
        f"{len(tight)} of {len(margins)} margins are within what instances of one program differ by"
        f" ({format_percent(noise)}): the narrowest needs {wanted} of each side"
    )
    return (ValidityNote("", message, f"set [measure] instances = {wanted}, or wider margins", False),)


def check_frequency(*runs: Run) -> tuple[ValidityNote, ...]:
    """A note where the CPUs changed their clock rate between the rounds, as laptops and hot machines do."""
    rates = [
        round_.environment.frequency
        for run in runs
        for scenario in run.scenarios
        for round_ in scenario.rounds
        if round_.environment is not None and round_.environment.frequency is not None
    ]
    if not rates or max(rates) <= min(rates) * (1 + _MOST_FREQUENCY_CHANGE):
        return ()
    message = f"the CPUs ran at {min(rates) / 1e9:.2f} to {max(rates) / 1e9:.2f} GHz"
    return (ValidityNote("", message, "give them a fixed frequency (cpupower frequency-set), and cooling", False),)
