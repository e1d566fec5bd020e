"""The figures of one scenario: its pairs, response times, throughput and failures, and what profilers saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from perfgate.compare.comparison import Comparison
from perfgate.metrics.histogram import Histogram
from perfgate.metrics.run import ScenarioRun
from perfgate.report import numbers
from perfgate.report.charts.distribution import distribution_chart, shift_chart
from perfgate.report.charts.pairs import pair_chart, pair_points, round_points
from perfgate.report.charts.timeline import failures_chart, has_failures, throughput_chart
from perfgate.report.page.details import PageDetails, SeenStacks, StoredTimes
from perfgate.report.page.figure import Frame, figure
from perfgate.report.page.flame_figure import flame_figure
from perfgate.report.page.html import text


@dataclass(frozen=True)
class _Choice:
    """One of several charts that stand in the same place. label: in the list that chooses between them."""

    label: str
    chart: dict[str, Any]


@dataclass(frozen=True)
class _Figure:
    """A place for a chart. note: what a reader should know of it."""

    title: str
    note: str
    choices: tuple[_Choice, ...]


@dataclass(frozen=True)
class MeasuredScenario:
    """What is known of one scenario beside its rows.

    sides: its rounds, by the name of their side: "base" and "head", or "run".
    stored: its response times in stored runs.
    seen: what profilers saw.
    """

    sides: Mapping[str, ScenarioRun]
    stored: Sequence[StoredTimes]
    seen: Sequence[SeenStacks]

    @classmethod
    def of(cls, name: str, details: PageDetails) -> MeasuredScenario:
        """What the details of a page have of it."""
        sides = {run.record.side or "run": one for run in details.runs for one in run.scenarios if one.scenario == name}
        stored = [one for one in details.stored if one.scenario == name]
        return cls(sides, stored, [one for one in details.seen if one.scenario == name])

    def times(self) -> dict[str, dict[str, Histogram]]:
        """Response times by request name, and by side; of requests that succeeded at all."""
        sources = {one.side: one.by_request for one in self.stored}
        for side, run in self.sides.items():
            # What stands beside stored runs is head.
            name = "head" if self.stored else side
            sources[name] = {request: found.ok for request, found in run.total.requests.items()}
        requests = dict.fromkeys(request for by_request in sources.values() for request in by_request)
        found = {
            request: {side: one[request] for side, one in sources.items() if request in one and one[request].count}
            for request in requests
        }
        return {request: by_side for request, by_side in found.items() if by_side}

    def source(self) -> str:
        """Where the response times are from, in words."""
        base = next((one.runs for one in self.stored if one.side == "base"), 0)
        told = f" base: {base:,} stored run{'' if base == 1 else 's'} together." if base else ""
        return f"Of requests that succeeded{', over all valid rounds' if self.sides else ''}.{told}"


def scenario_figures(rows: Sequence[Comparison], measured: MeasuredScenario, charts: dict[str, Any]) -> str:
    """All of them as HTML; their charts are added to `charts`. rows: of the scenario."""
    sides = measured.sides
    figures = [_changes(rows, sides)] if sides else []
    figures += _times(measured)
    figures += _timeline(sides) if sides else []
    shown = [_figure(one, _place(charts), charts) for one in figures if one.choices]
    shown += [flame_figure(seen, _place(charts), charts) for seen in measured.seen]
    return f'<div class="grid">{"".join(shown)}</div>' if shown else ""


def _place(charts: Mapping[str, Any]) -> str:
    """The name of the next place."""
    return f"chart-{len(charts)}"


def _changes(rows: Sequence[Comparison], sides: Mapping[str, ScenarioRun]) -> _Figure:
    in_pairs = {"base", "head"} <= sides.keys()
    choices = []
    for row in rows:
        points = (
            pair_points(row.row, sides["base"], sides["head"])
            if in_pairs
            else round_points(row.row, next(iter(sides.values())))
        )
        if points:
            choices.append(_Choice(_label(row), pair_chart(row, points, in_pairs)))
    note = (
        "Grey: the margin. Blue: the interval of the change. A cross: a pair that does not count." if in_pairs else ""
    )
    return _Figure("Each pair in order of time" if in_pairs else "Each round in order of time", note, tuple(choices))


def _label(row: Comparison) -> str:
    metric = numbers.metric_name(row.row.metric, row.row.stat)
    return f"{row.row.request} · {metric}" if row.row.request else metric


def _times(measured: MeasuredScenario) -> list[_Figure]:
    known = measured.times()
    shifts = {name: by_side for name, by_side in known.items() if {"base", "head"} <= by_side.keys()}
    return [
        _Figure(
            "Response times",
            measured.source(),
            tuple(_Choice(name, distribution_chart(by_side)) for name, by_side in known.items()),
        ),
        _Figure(
            "Shift of each quantile",
            "Above 0: head is slower there.",
            tuple(_Choice(name, shift_chart(by_side["base"], by_side["head"])) for name, by_side in shifts.items()),
        ),
    ]


def _timeline(sides: Mapping[str, ScenarioRun]) -> list[_Figure]:
    figures = [_Figure("Throughput of each round", "", (_Choice("throughput", throughput_chart(sides)),))]
    if has_failures(sides):
        figures.append(_Figure("Failed requests of each round", "", (_Choice("failures", failures_chart(sides)),)))
    return figures


def _figure(shown: _Figure, place: str, charts: dict[str, Any]) -> str:
    """The place of a figure; its charts are added to `charts`, the first under the name of the place."""
    names = [place if not number else f"{place}-{number}" for number in range(len(shown.choices))]
    charts.update(zip(names, (choice.chart for choice in shown.choices), strict=True))
    options = "".join(
        f'<option value="{name}">{text(choice.label)}</option>'
        for name, choice in zip(names, shown.choices, strict=True)
    )
    title = escape(shown.title)
    chooser = f'<select aria-label="{title} of" autocomplete="off">{options}</select>' if len(names) > 1 else ""
    name = f"{shown.title}: {shown.choices[0].label}"
    return figure(Frame(place, name, f"<h3>{title}</h3>{chooser}", shown.note, ""))
