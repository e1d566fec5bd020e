"""A bisection in words for a terminal, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from perfgate.bisecting.belief import Estimate
from perfgate.bisecting.bisection import ENDS_ERROR_RATE, Bisection, LineCommit
from perfgate.bisecting.finding import NothingSlower, SeveralCommits, SingleCommit, Undecided
from perfgate.compare.pair_changes import change_of
from perfgate.compare.rows import DURATION, Row
from perfgate.report.escaping import clean
from perfgate.report.layout import Style, wrap
from perfgate.report.numbers import metric_name, signed
from perfgate.units import format_percent, format_seconds
from perfgate.verdict.wording import place_of

SCHEMA = "perfgate.bisect/1"
_SHORT = 12
_MOST_COMMITS = 20

# Both ends of an interval, in standard errors: 95 % of a normal distribution lie between.
_OF_INTERVAL = 1.96


def terminal(found: Bisection, *, color: bool, verbose: bool = False) -> str:
    """The finding, and what it rests on. verbose: with every duet."""
    style = Style(color)
    lines = [*_finding(found, style), "", *map(style.dim, _effort(found))]
    if verbose:
        lines += ["", *_duets(found)]
    return "\n".join(lines)


def dumps(found: Bisection) -> str:
    """The bisection as JSON; changes as those of a result file."""
    return json.dumps(_plain(found), indent=2)


def _finding(found: Bisection, style: Style) -> Iterator[str]:
    finding, what = found.finding, _row(found.row)
    if finding is None:
        yield from _not_sure(found)
    elif isinstance(finding, NothingSlower):
        yield from _faster(found)
    elif isinstance(finding, SingleCommit):
        yield from _single(found, finding, style)
    elif isinstance(finding, SeveralCommits):
        yield from wrap(
            f"No single commit did it (probability {_chance(finding.probability)}): {what} changed by"
            f" {_change(found.row, found.whole)} in several steps."
        )
        yield from _stretches(found, finding)
    else:
        yield from _open(found, finding)


def _not_sure(found: Bisection) -> Iterator[str]:
    yield from wrap(
        f"No change is sure between {_ends(found)}: what differs most is {_row(found.row)},"
        f" {_change(found.row, found.whole)}."
    )
    if abs(found.whole.change) > _OF_INTERVAL * found.whole.error:
        yield from wrap(
            "That interval is clear of 0, and still not enough: it is off once in 20 times, and of many rows one looks"
            f" like that by chance. A search begins where chance would do it once in {1 / ENDS_ERROR_RATE:,.0f} times."
        )
    yield from wrap("A longer --budget shows smaller changes, and so do more instances under [measure].")
    yield from wrap("--metric follows another row.")


def _faster(found: Bisection) -> Iterator[str]:
    got = "got faster" if found.row.metric == DURATION else "got better"
    yield from wrap(
        f"Nothing got slower between {_ends(found)}: {_row(found.row)} {got}, {_change(found.row, found.whole)}."
    )
    yield from wrap(
        "bisect looks for what got slower. git bisect run finds what made it faster, with its duet the other way round:"
    )
    yield f"  perfgate duet ref:HEAD ref:{found.good[:_SHORT]}"


def _ends(found: Bisection) -> str:
    return f"{found.good[:_SHORT]} and {found.commits[-1].sha[:_SHORT]}"


def _single(found: Bisection, finding: SingleCommit, style: Style) -> Iterator[str]:
    commits = [found.commits[place - 1] for place in finding.places]
    change, chance = _change(found.row, finding.step), _chance(finding.probability)
    whole = _change(found.row, found.whole)
    changed = f"{_row(found.row)} changed by {change}, between the ends by {whole}; probability {chance}."
    if len(commits) == 1:
        yield style.bold(_commit(commits[0]))
        yield from wrap(f"With this commit {changed}")
        if commits[0].merge:
            sha = commits[0].sha[:_SHORT]
            yield "It is a merge. To look into what it merged:"
            yield f"  perfgate bisect $(git merge-base {sha}^1 {sha}^2) {sha}^2"
        return
    first, last = commits[0], commits[-1]
    yield from wrap(
        f"One of {len(commits)} commits, {first.sha[:_SHORT]} to {last.sha[:_SHORT]}: what lies between cannot be"
        f" measured. With them {changed}"
    )
    yield from _listed(commits)


def _stretches(found: Bisection, finding: SeveralCommits) -> Iterator[str]:
    for stretch in finding.stretches:
        inside = found.commits[stretch.after : stretch.until]
        change = _change(found.row, stretch.rise)
        if len(inside) == 1:
            yield f"  {change:<34}  {_commit(inside[0])}"
        else:
            yield f"  {change:<34}  {len(inside)} commits, {inside[0].sha[:_SHORT]} to {inside[-1].sha[:_SHORT]}"


def _open(found: Bisection, finding: Undecided) -> Iterator[str]:
    yield from wrap(
        f"Undecided: {_row(found.row)} changed by {_change(found.row, found.whole)}, and no commit is sure to have"
        " done it."
    )
    yield from (f"  {_chance(chance):>6}  {_commit(found.commits[place - 1])}" for place, chance in finding.suspects)
    yield f"  {_chance(finding.several):>6}  no single commit"
    yield from wrap("What was measured is kept: the same command with a longer --budget goes on from there.")


def _listed(commits: Sequence[LineCommit]) -> Iterator[str]:
    yield from (f"  {_commit(commit)}" for commit in commits[:_MOST_COMMITS])
    if len(commits) > _MOST_COMMITS:
        yield f"  and {len(commits) - _MOST_COMMITS} more"


def _effort(found: Bisection) -> Iterator[str]:
    duets, commits = len(found.readings), len(found.commits)
    yield (
        f"{duets} duet{'s' if duets != 1 else ''}, {format_seconds(found.load_seconds)} of load,"
        f" {commits} commit{'s' if commits != 1 else ''} from {found.good[:_SHORT]} on"
    )
    for place, reason in sorted(found.untested.items()):
        yield from wrap(f"left out: {found.commits[place - 1].sha[:_SHORT]}: {clean(reason, 200)}")


def _duets(found: Bisection) -> Iterator[str]:
    for reading in found.readings:
        base, head = (_sha(found, place)[:_SHORT] for place in (reading.base, reading.head))
        yield f"  {base} to {head}  {_change(found.row, Estimate(reading.change, reading.error))}"


def _commit(commit: LineCommit) -> str:
    return f"{commit.sha[:_SHORT]}  {commit.authored[:10]}  {clean(commit.subject, 72)}"


def _row(row: Row) -> str:
    return f"{metric_name(row.metric, row.stat)} of {clean(place_of(row))}"


def _change(row: Row, estimate: Estimate) -> str:
    """The change with its interval: "+10.1 % (+8.9 to +11.2 %)"."""
    change, low, high = (signed(value, row.unit) for value in _interval(row, estimate))
    return f"{change} ({low.rpartition(' ')[0]} to {high})"


def _interval(row: Row, estimate: Estimate) -> tuple[float, float, float]:
    away = _OF_INTERVAL * estimate.error
    bounds = sorted(change_of(row, estimate.change + side * away) for side in (-1, 1))
    return change_of(row, estimate.change), bounds[0], bounds[1]


def _chance(probability: float) -> str:
    """Never quite sure: "over 99.9 %"."""
    return "over 99.9 %" if probability > 0.999 else format_percent(probability)


def _sha(found: Bisection, place: int) -> str:
    return found.commits[place - 1].sha if place else found.good


def _plain(found: Bisection) -> dict[str, Any]:
    finding, row = found.finding, found.row
    plain: dict[str, Any] = {
        "schema": SCHEMA,
        "outcome": "unchanged",
        "good": found.good,
        "bad": found.commits[-1].sha,
        "row": {"scenario": row.scenario, "request": row.request, "metric": row.metric, "stat": row.stat},
        **_plain_change(row, found.whole),
        "probability": None,
        "commits": [],
        "stretches": [],
    }
    if isinstance(finding, SingleCommit):
        plain |= {"outcome": "commit" if len(finding.places) == 1 else "one_of", "probability": finding.probability}
        plain |= _plain_change(row, finding.step)
        plain["commits"] = [_plain_commit(found.commits[place - 1]) for place in finding.places]
    elif isinstance(finding, SeveralCommits):
        plain |= {"outcome": "several", "probability": finding.probability}
        plain["stretches"] = [
            {
                "after": _sha(found, one.after),
                "until": _sha(found, one.until),
                "commits": one.until - one.after,
                **_plain_change(row, one.rise),
            }
            for one in finding.stretches
        ]
    elif isinstance(finding, NothingSlower):
        plain["outcome"] = "improved"
    elif isinstance(finding, Undecided):
        plain["outcome"] = "undecided"
        plain["commits"] = [
            {**_plain_commit(found.commits[place - 1]), "probability": chance} for place, chance in finding.suspects
        ]
    plain["duets"] = [
        {
            "base": _sha(found, one.base),
            "head": _sha(found, one.head),
            **_plain_change(row, Estimate(one.change, one.error)),
        }
        for one in found.readings
    ]
    plain["left_out"] = [
        {"sha": _sha(found, place), "reason": reason} for place, reason in sorted(found.untested.items())
    ]
    plain["load_seconds"] = round(found.load_seconds, 3)
    return plain


def _plain_change(row: Row, estimate: Estimate) -> dict[str, float]:
    return dict(zip(("change", "low", "high"), _interval(row, estimate), strict=True))


def _plain_commit(commit: LineCommit) -> dict[str, Any]:
    return {"sha": commit.sha, "authored_at": commit.authored, "subject": commit.subject}
