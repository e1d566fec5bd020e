"""What charts of trends are drawn from: runs, stretches and change points, as records.

Every number comes with the text that a reader sees, so that a chart says nothing that a table would say otherwise.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from perfgate.report.cells import Tone

Axis = Literal["order", "time"]
"""What a panel's horizontal axis says of a run: its place among all runs, or when it began."""


@dataclass(frozen=True)
class PointRecord:
    """One run.

    time: when it began (Unix ms).
    order: its place among the runs of the panel, from 1.
    value: of the panel's row, in its unit.
    testbed: the name of the machine.
    part: the line that joins it to others: a testbed, and which of its versions of the scenario.
    run: its id.
    commit: in short.
    date: when it began, as text.
    shown: the value as text.
    expected: where it should lie, as text.
    url: where the commit can be seen; None where that is unknown.
    """

    time: int
    order: int
    value: float
    testbed: str
    part: str
    run: str
    commit: str
    date: str
    shown: str
    expected: str
    url: str | None


@dataclass(frozen=True)
class LevelRecord:
    """One stretch between two change points.

    time, end: from when to when (Unix ms).
    order, last: from which to which of the panel's runs.
    level: its value, in the unit of the panel's row.
    low, high: the band in which its runs should lie; None where it is unknown.
    testbed: the name of the machine.
    """

    time: int
    end: int
    order: int
    last: float
    level: float
    low: float | None
    high: float | None
    testbed: str


@dataclass(frozen=True)
class ShiftRecord:
    """One change point.

    time: of the first run after it (Unix ms).
    order: the place of that run among those of the panel.
    label: the commit and the change.
    commit: in short.
    change: as text.
    day: as text.
    tone: whether it is for the worse or for the better.
    testbed: the name of the machine.
    url: where the commit can be seen; None where that is unknown.
    row: of its label, from 0 at the top; None where there is no room for a label.
    side: of its line on which the label stands.
    """

    time: int
    order: int
    label: str
    commit: str
    change: str
    day: str
    tone: Tone
    testbed: str
    url: str | None
    row: int | None
    side: Literal["left", "right"]


Record = PointRecord | LevelRecord | ShiftRecord


def plain(record: Record) -> dict[str, Any]:
    """The record as JSON has it."""
    return asdict(record, dict_factory=lambda pairs: {key: _plain_value(value) for key, value in pairs})


def _plain_value(value: Any) -> Any:
    return value.value if isinstance(value, Tone) else value
