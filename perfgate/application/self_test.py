"""The gate tried on itself: the embedded petstore with known changes, of which each must be found and none invented."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from perfgate.application.context import Context
from perfgate.application.judging import judge_duet
from perfgate.application.measurement import DuetTargets, measure_unkept
from perfgate.application.plan import LoadOptions, MeasurementPlan
from perfgate.application.planning import plan_measurement
from perfgate.application.progress import ProgressReporter
from perfgate.report.sentences import sentence_of
from perfgate.verdict import Outcome, Verdict
from perfgate.verdict.wording import describe_change

_SCENARIO = '''"""What the self-test plays."""

from perfgate import scenario


@scenario(vus=8, duration="60s")
def create_pet(user):
    response = user.post("/pet", json={"id": user.unique_id(), "name": "doggie", "photoUrls": []})
    user.check("created", response.status_code == 200)
'''


@dataclass(frozen=True)
class _Case:
    """One duet of the self-test.

    head: the target against the plain petstore.
    worse: the metric that must be found worse; "" where none may be.
    """

    head: str
    worse: str


_CASES = (
    _Case("petstore", ""),
    _Case("petstore?slow=10%", "service_cpu"),
    _Case("petstore?slow=20%", "service_cpu"),
    _Case("petstore?slow=50%", "http_req_duration"),
    _Case("petstore?errors=20%", "http_req_failed"),
)


@dataclass(frozen=True)
class CaseResult:
    """The result of one case.

    head: the target against the plain petstore.
    expected: the expected outcome, in words.
    got: the outcome, in words.
    right: whether they agree.
    """

    head: str
    expected: str
    got: str
    right: bool


def run_self_test(
    context: Context, options: LoadOptions, budget: float, new_progress: Callable[[], ProgressReporter]
) -> tuple[CaseResult, ...] | None:
    """The results of all cases, `budget` seconds of load each; None where it was interrupted."""
    results = []
    with tempfile.TemporaryDirectory(prefix="perfgate-") as folder:
        (Path(folder) / "create_pet.py").write_text(_SCENARIO)
        plan = plan_measurement(context, replace(options, scenarios=Path(folder)), ("create_pet",), (), budget)
        for case in _CASES:
            verdict = _verdict(context, plan, case.head, new_progress())
            if verdict is None:
                return None
            results.append(CaseResult(case.head, _expected(case), _got(case, verdict), _is_right(case, verdict)))
    return tuple(results)


def _verdict(context: Context, plan: MeasurementPlan, head: str, progress: ProgressReporter) -> Verdict | None:
    """None where it was interrupted."""
    measured = measure_unkept(context, plan, DuetTargets("petstore", head), "calibrate", progress, to_the_end=False)
    return None if measured.ending.interrupted else judge_duet(context, plan, measured, "")


def _expected(case: _Case) -> str:
    return f"{case.worse} regressed" if case.worse else "no regression"


def _is_right(case: _Case, verdict: Verdict) -> bool:
    if not case.worse:
        return verdict.outcome in (Outcome.PASS, Outcome.INCONCLUSIVE)
    regressed = {
        comparison.row.metric
        for comparison in verdict.rows
        if comparison.gated and comparison.verdict.value == "regressed"
    }
    return verdict.outcome is Outcome.FAIL and case.worse in regressed


def _got(case: _Case, verdict: Verdict) -> str:
    """The outcome, and the row that it is about; of a verdict that could not be reached the reason."""
    if verdict.outcome is Outcome.INVALID:
        return f"invalid: {sentence_of(verdict.reasons[0], verdict)}"
    rows = [
        comparison
        for comparison in verdict.rows
        if comparison.gated and comparison.row.metric == (case.worse or "service_cpu")
    ]
    return (
        f"{verdict.outcome.value}: {rows[0].row.metric} {describe_change(rows[0])}" if rows else verdict.outcome.value
    )
