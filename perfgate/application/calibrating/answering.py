"""Whether a service answered: noise of its errors says nothing of the noise that a gate will see."""

from __future__ import annotations

from collections import Counter

from perfgate.application.measuring import MeasuredDuet
from perfgate.config.values import Config
from perfgate.errors import NoVerdictError
from perfgate.metrics.run import ScenarioRun
from perfgate.service.target import PetstoreTarget, parse_target

# With more errors than answers it is the errors that are timed.
_MOST_FAILED = 0.5
_MOST_KINDS = 3


def refuse_failing(measured: MeasuredDuet, target: str, config: Config) -> None:
    """NoVerdictError where most requests of a scenario failed. target: what was measured against itself."""
    for sides in zip(measured.base.scenarios, measured.head.scenarios, strict=True):
        failed, count = (sum(counts) for counts in zip(*map(_failed_of, sides), strict=True))
        if failed > _MOST_FAILED * count:
            share = "every request" if failed == count else f"{failed:,} of {count:,} requests"
            where = f"of {sides[0].scenario} to {measured.base.record.target}"
            raise NoVerdictError(
                f"{share} {where} failed ({_kinds(sides)}): nothing to calibrate", _remedy(target, config)
            )


def _failed_of(run: ScenarioRun) -> tuple[int, int]:
    return run.total.failed_count, run.total.request_count


def _kinds(sides: tuple[ScenarioRun, ...]) -> str:
    """The most frequent errors: "status 404"."""
    kinds: Counter[str] = Counter()
    for run in sides:
        for request in run.total.requests.values():
            kinds.update(request.errors)
    return ", ".join(kind for kind, _ in kinds.most_common(_MOST_KINDS)) or "of unknown kind"


def _remedy(target: str, config: Config) -> str:
    if not isinstance(parse_target(target), PetstoreTarget):
        return "see whether the service works, and whether the paths of the scenario are right"
    if config.service.starts_commits:
        return "name your service: `perfgate calibrate ref:HEAD`"
    return (
        "name your service: `perfgate calibrate http://localhost:8080`, or ref:HEAD where [service] in perfgate.toml"
        " says how it starts"
    )
