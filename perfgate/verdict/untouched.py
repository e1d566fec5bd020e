"""The verdict on a change that touches nothing of what is measured: a pass, without any load."""

from __future__ import annotations

from collections.abc import Sequence

from perfgate.errors import ExitCode
from perfgate.explain.differences.difference import NO_DIFFERENCES
from perfgate.metrics.run import RunRecord
from perfgate.verdict.values import Outcome, Reason, ReasonKind, Verdict


def untouched(head: RunRecord, paths: Sequence[str]) -> Verdict:
    """A pass. head: what would have been measured. paths: the patterns of which the change touches none."""
    return Verdict(
        outcome=Outcome.PASS,
        exit_code=ExitCode.PASS,
        reasons=(Reason(ReasonKind.UNTOUCHED, None, None, remark=", ".join(paths)),),
        base=None,
        head=head,
        rows=(),
        summary=(),
        thresholds=(),
        validity=(),
        reproduce="",
        error_rate=None,
        methods=(),
        causes=(),
        differences=NO_DIFFERENCES,
        accepted=None,
    )
