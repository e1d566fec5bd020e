"""What all reports say, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from perfgate.compare.comparison import Comparison
from perfgate.errors import ExitCode
from perfgate.metrics.run import RunRecord
from perfgate.metrics.threshold import ThresholdResult


class Outcome(str, Enum):
    """What the whole says."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    INVALID = "invalid"


@dataclass(frozen=True)
class ScenarioSummary:
    """One line of the load-test summary table: one scenario on one side ("base", "head", or "" without a base).

    request: None for the whole scenario, else one request name. avg_ms, med_ms, p95_ms: None where nothing succeeded.
    failed: fraction of requests, None where there were none. thresholds_passed and thresholds_total: for the table's
    compliance column ("Passed", "Partially passed", "Failed", or none declared). requests_per_second: over the load.
    Of a run that was imported, counts are None where its file did not say.
    """

    scenario: str
    side: str
    request: str | None
    avg_ms: float | None
    med_ms: float | None
    p95_ms: float | None
    vus_max: int | None
    requests: int | None
    requests_per_second: float | None
    failed: float | None
    retries: int | None
    dropped_iterations: int | None
    thresholds_passed: int
    thresholds_total: int


@dataclass(frozen=True)
class ValidityNote:
    """One note on how far the numbers can be believed. invalid: it forbids a verdict; otherwise it only warns."""

    scenario: str
    message: str
    hint: str
    invalid: bool


@dataclass(frozen=True)
class Verdict:
    """All that every report says; the exit code is the process's last word.

    base is None where nothing was compared. reasons: sentences, the worst first; never empty. reproduce: the command
    that repeats this on a person's own machine, "" where there is none. error_rate: what all gated rows shared, as a
    fraction; None where a result file does not say.
    """

    outcome: Outcome
    exit_code: ExitCode
    reasons: tuple[str, ...]
    base: RunRecord | None
    head: RunRecord
    rows: tuple[Comparison, ...]
    summary: tuple[ScenarioSummary, ...]
    thresholds: tuple[ThresholdResult, ...]
    validity: tuple[ValidityNote, ...]
    reproduce: str
    error_rate: float | None
