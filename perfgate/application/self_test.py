"""The gate tried on itself: the embedded petstore with known changes, of which each must be found and none invented."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import click

from perfgate.application.judging import conclude_duet
from perfgate.application.measurement import measure_unkept
from perfgate.application.planning import Asked, ask
from perfgate.cli.options import LoadOptions
from perfgate.errors import ExitCode
from perfgate.verdict import Outcome, Verdict
from perfgate.verdict.sentences import describe_change

_SCENARIO = '''"""What the self-test plays."""

from perfgate import scenario


@scenario(vus=8, duration="60s")
def create_pet(user):
    response = user.post("/pet", json={"id": user.unique_id(), "name": "doggie", "photoUrls": []})
    user.check("created", response.status_code == 200)
'''


@dataclass(frozen=True)
class _Case:
    """What stands against the petstore, and the metric that must be found worse; "" where nothing may be."""

    head: str
    worse: str


_CASES = (
    _Case("petstore", ""),
    _Case("petstore?slow=10%", "service_cpu"),
    _Case("petstore?slow=20%", "service_cpu"),
    _Case("petstore?slow=50%", "http_req_duration"),
    _Case("petstore?errors=20%", "http_req_failed"),
)


def run_self_test(options: LoadOptions, budget: float, quiet: bool) -> ExitCode:
    """Play all cases, `budget` seconds of load each, and print what was expected and what came out."""
    from tabulate import tabulate

    lines, wrong = [], 0
    with tempfile.TemporaryDirectory(prefix="perfgate-") as folder:
        (Path(folder) / "create_pet.py").write_text(_SCENARIO)
        asked = ask(replace(options, scenarios=Path(folder)), ("create_pet",), (), budget)
        for case in _CASES:
            verdict = _verdict(asked, case.head, quiet)
            if verdict is None:
                return ExitCode.INTERRUPTED
            right = _is_right(case, verdict)
            wrong += not right
            lines.append((case.head, _expected(case), _got(case, verdict), "ok" if right else "WRONG"))
    click.echo(tabulate(lines, ("petstore against", "expected", "got", ""), tablefmt="simple", disable_numparse=True))
    if wrong:
        click.echo(
            f"\n{wrong} of {len(lines)} are wrong: end what else runs on this machine, or allow more with --budget."
        )
    return ExitCode.FAIL if wrong else ExitCode.PASS


def _verdict(asked: Asked, head: str, quiet: bool) -> Verdict | None:
    """None where it was interrupted."""
    measured = measure_unkept(asked, {"base": "petstore", "head": head}, "calibrate", quiet, to_the_end=False)
    return None if measured.interrupted else conclude_duet(asked, measured, "")


def _expected(case: _Case) -> str:
    return f"{case.worse} regressed" if case.worse else "no regression"


def _is_right(case: _Case, verdict: Verdict) -> bool:
    if not case.worse:
        return verdict.outcome in (Outcome.PASS, Outcome.INCONCLUSIVE)
    regressed = {row.metric for row in verdict.rows if row.gated and row.verdict.value == "regressed"}
    return verdict.outcome is Outcome.FAIL and case.worse in regressed


def _got(case: _Case, verdict: Verdict) -> str:
    """The outcome, and the row that it is about; of a verdict that could not be reached the reason."""
    if verdict.outcome is Outcome.INVALID:
        return f"invalid: {verdict.reasons[0]}"
    rows = [row for row in verdict.rows if row.gated and row.metric == (case.worse or "service_cpu")]
    return f"{verdict.outcome.value}: {rows[0].metric} {describe_change(rows[0])}" if rows else verdict.outcome.value
