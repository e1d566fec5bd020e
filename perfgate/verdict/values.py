"""The values of a verdict: outcome, reasons, summary lines and notes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from perfgate.compare.comparison import Comparison
from perfgate.errors import ExitCode
from perfgate.explain.cause import Cause
from perfgate.explain.differences.difference import Differences
from perfgate.github.put_label import PutLabel
from perfgate.metrics.run import RunRecord
from perfgate.metrics.threshold import ThresholdResult
from perfgate.verdict.accept import Acceptance


class Outcome(str, Enum):
    """The verdict on the whole measurement."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    INVALID = "invalid"


@dataclass(frozen=True)
class ScenarioSummary:
    """One line of the load-test summary table. Counts of an imported run are None where its file did not say.

    scenario: its name.
    side: "base", "head", or "" without a base.
    request: a request name; None for the whole scenario.
    avg_ms, med_ms, p95_ms: response times (ms); None where no request succeeded.
    vus_max: the most virtual users at a time.
    requests: number of requests.
    requests_per_second: over the time of the load.
    failed: fraction of the requests that failed; None where there were no requests.
    retries: number of requests that were sent again.
    dropped_iterations: number of iterations that could not be started in time; 0 in the line of a request.
    thresholds_passed: of the thresholds declared, those that held.
    thresholds_total: number of thresholds declared.
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
    """One note on how far the numbers can be believed.

    scenario: the scenario that it is about; "" for the whole measurement.
    message: what was noticed.
    hint: what to do about it; "" for nothing.
    invalid: whether it forbids a verdict; otherwise it only warns.
    of_times: whether that verdict is the one on times and CPU alone, while counts stand.
    """

    scenario: str
    message: str
    hint: str
    invalid: bool
    of_times: bool = False


@dataclass(frozen=True)
class DuetMethod:
    """How the duet of one scenario was measured.

    scenario: its name.
    pairs: how many were measured to their end.
    round_seconds: length of a round on each side (s).
    at_once: whether both sides were loaded at the same time; otherwise they took turns in random order.
    turn_seconds: how long a turn was: a round, or a part of it where both shared the load; 0 at the same time (s).
    instances: how many of each side were loaded.
    unsteady: the sides that still got faster when a warm-up of theirs had to end.
    scale: how many times the scenario's own users and arrival rates were played.
    instance_noise: the standard deviation between instances of one program, a fraction; None where unknown.
    """

    scenario: str
    pairs: int
    round_seconds: float
    at_once: bool
    turn_seconds: float
    instances: int
    unsteady: tuple[str, ...]
    scale: float = 1.0
    instance_noise: float | None = None


class ReasonKind(str, Enum):
    """What a reason says. Those up to OPEN decide the outcome, the others explain it."""

    REGRESSED = "regressed"
    """A gated row regressed, and nobody has accepted it."""
    EXPIRED = "expired"
    """A gated row regressed; that was accepted until a day that is over."""
    CEILING = "ceiling"
    """A gated row regressed by more than is accepted."""
    THRESHOLD = "threshold"
    """A threshold was crossed, or has no data."""
    INVALID = "invalid"
    """A note forbids a verdict."""
    OPEN = "open"
    """A gated row leaves a regression beyond its margin possible."""
    CALM = "calm"
    """Nothing got worse: the first reason of a pass."""
    ACCEPTED = "accepted"
    """A gated row regressed, and that is accepted."""
    LABELLED = "labelled"
    """A gated row regressed or a threshold was crossed, and a label on the pull request accepts it."""
    INFORMS = "informs"
    """A row regressed that does not gate."""
    IMPROVED = "improved"
    """A gated row improved."""
    UNTOUCHED = "untouched"
    """The change touches nothing that `paths` names, so nothing was measured."""
    OTHER = "other"
    """A sentence of a result file that names nothing else."""


Subject = Comparison | ThresholdResult | ValidityNote
"""What a reason can be about."""


@dataclass(frozen=True)
class Reason:
    """One reason of a verdict; `perfgate.report.sentences` finds the words for it.

    kind: what it says.
    subject: the row, the threshold or the note that it is about; None for CALM, UNTOUCHED and OTHER.
    acceptance: what perfgate.toml accepts of the row; None except for EXPIRED, CEILING and ACCEPTED.
    remark: the sentence of OTHER, and the paths of UNTOUCHED; "" for all other kinds.
    """

    kind: ReasonKind
    subject: Subject | None
    acceptance: Acceptance | None
    remark: str

    @property
    def row(self) -> Comparison | None:
        """The row that it is about; None where it is about something else."""
        return self.subject if isinstance(self.subject, Comparison) else None

    @property
    def is_regression(self) -> bool:
        """Whether it is a gated regression that is not accepted: such a reason fails the gate."""
        return self.kind in (ReasonKind.REGRESSED, ReasonKind.EXPIRED, ReasonKind.CEILING)


@dataclass(frozen=True)
class Verdict:
    """The whole outcome of a measurement, as every report shows it.

    outcome: what was decided.
    exit_code: of the process.
    reasons: the worst first; never empty.
    base: the run on base; None where nothing was compared.
    head: the run on head, or the only one.
    rows: the comparisons.
    summary: the lines of the load-test summary.
    thresholds: all that were declared, with their results.
    validity: notes on how far the numbers can be believed.
    reproduce: the command that repeats the measurement on another machine; "" where there is none.
    error_rate: shared by all gated rows, as a fraction; None where a result file does not say.
    methods: how the duet of each scenario was measured; () of what is no duet, or where a result file does not say.
    causes: what takes more time on head, the most telling first in each scenario; () where nothing was found or looked
        for.
    differences: what else differs between base and head; none where that was not looked at.
    accepted: the label by which somebody accepts what made the gate red; None where nobody did.
    """

    outcome: Outcome
    exit_code: ExitCode
    reasons: tuple[Reason, ...]
    base: RunRecord | None
    head: RunRecord
    rows: tuple[Comparison, ...]
    summary: tuple[ScenarioSummary, ...]
    thresholds: tuple[ThresholdResult, ...]
    validity: tuple[ValidityNote, ...]
    reproduce: str
    error_rate: float | None
    methods: tuple[DuetMethod, ...]
    causes: tuple[Cause, ...]
    differences: Differences
    accepted: PutLabel | None

    @property
    def is_first_run(self) -> bool:
        """Whether there was nothing at all to compare with."""
        return self.base is None and all(row.base is None for row in self.rows)

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was measured because the change touches none of it."""
        return self.reasons[0].kind is ReasonKind.UNTOUCHED

    def rows_of(self, kind: ReasonKind) -> tuple[Comparison, ...]:
        """The rows of the reasons of this kind, in their order."""
        return tuple(reason.row for reason in self.reasons if reason.kind is kind and reason.row is not None)
