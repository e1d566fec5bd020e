"""The numbers of a scenario's page as files that its script loads: values of all runs, and response times in parts.

They are JavaScript, since a page that was opened from disk may load scripts and nothing else.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from perfgate.compare.stored.trend import StretchStart, Trend
from perfgate.report.escaping import clean
from perfgate.report.page.panel_figure import statistic_of
from perfgate.report.site.values import RunFacts
from perfgate.report.trend.panels import Panel, PanelRuns, expected_in

RUNS_IN_PART = 500
_DIGITS = ".4g"  # a twentieth of a percent, as precise as a histogram


def runs_file(runs: Iterable[RunFacts], commit_url: str) -> str:
    """What all pages know of the runs, the oldest first: when, of which commit."""
    found = list(runs)
    return _assigned(
        "runs",
        {
            "times": [round(run.started_at) for run in found],
            "commits": [clean(run.commit) for run in found],
            "dirty": [place for place, run in enumerate(found) if run.dirty],
            "url": commit_url,
        },
    )


@dataclass(frozen=True)
class Shown:
    """All runs of a scenario.

    slug: the file name of its page.
    panels: of its rows, all over the same runs.
    values: of each panel, one for each run; None where it has none.
    machines: the testbed of each run, as its place among those that are used.
    places: of each run among all runs of the site; None where the scenario has them all.
    parts: which parts of the response times there are.
    """

    slug: str
    panels: Sequence[Panel]
    values: Sequence[Sequence[float | None]]
    machines: Sequence[int]
    places: Sequence[int] | None
    parts: Sequence[int]


def series_file(scenario: Shown) -> str:
    """The values of all rows of a scenario."""
    shown, runs = scenario.panels[0].shown, scenario.panels[0].runs
    used = shown.used
    names = [clean(shown.name_of(testbed)) for testbed in used]
    return _assigned(
        "series",
        {
            "slug": scenario.slug,
            "count": len(runs.order),
            "places": scenario.places,
            "machines": names,
            "testbeds": None if len(names) == 1 else scenario.machines,
            "part": RUNS_IN_PART,
            "parts": scenario.parts,
            "panels": [
                _panel(panel, values, runs, used)
                for panel, values in zip(scenario.panels, scenario.values, strict=True)
            ],
        },
    )


def latency_files(
    runs: Sequence[str], latencies: Mapping[str, Mapping[str, bytes]], most: int
) -> Iterator[tuple[int, str]]:
    """The response times in parts of RUNS_IN_PART runs, the newest part first.

    runs: their ids, the oldest first. latencies: by run and request name, as the history keeps them. most: bytes of all
    parts together; the part that no longer fits is left out, with all older ones.
    """
    left = most
    for part in reversed(range(-(-len(runs) // RUNS_IN_PART))):
        own = runs[part * RUNS_IN_PART : (part + 1) * RUNS_IN_PART]
        text = _latencies(part, [latencies.get(run, {}) for run in own])
        left -= len(text)
        if left < 0:
            return
        yield part, text


def _latencies(part: int, runs: Sequence[Mapping[str, bytes]]) -> str:
    names = sorted({name for run in runs for name in run})
    packed = {name: [base64.b64encode(run.get(name, b"")).decode() for run in runs] for name in names}
    called = {"part": part, "requests": [{"name": clean(name), "packed": packed[name]} for name in names]}
    return f"perfgate.latencies({_json(called)});\n"


def _panel(panel: Panel, values: Sequence[float | None], runs: PanelRuns, used: Sequence[str]) -> dict[str, Any]:
    return {
        "request": clean(panel.row.request or ""),
        "statistic": statistic_of(panel),
        "unit": panel.row.unit,
        "values": [None if value is None else float(f"{value:{_DIGITS}}") for value in values],
        "stretches": [one for trend in panel.trends for one in _stretches(trend, runs, used.index(trend.testbed))],
    }


def _stretches(trend: Trend, runs: PanelRuns, testbed: int) -> Iterator[list[Any]]:
    """Of each its testbed, the place of its first run, its part of the line, and where its runs should lie."""
    part = 0
    for stretch in trend.stretches:
        part += stretch.begins is StretchStart.SCENARIO
        yield [testbed, runs.order[trend.points[stretch.start].run], part, expected_in(trend, stretch)]


def _assigned(name: str, plain: Mapping[str, Any]) -> str:
    """JavaScript that sets one value."""
    return f"(window.perfgate ||= {{}}).{name} = {_json(plain)};\n"


def _json(plain: Any) -> str:
    return json.dumps(plain, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
