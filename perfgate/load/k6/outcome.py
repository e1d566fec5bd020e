"""The outcome of a run of k6: a round, valid or not, or an error where no round could ever be valid."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from perfgate.errors import NoVerdictError
from perfgate.load.engine import RoundResult
from perfgate.load.health import judge
from perfgate.load.k6.destination import elsewhere
from perfgate.load.k6.launcher import BASE_URL
from perfgate.load.k6.log import K6Log
from perfgate.load.k6.options import split_selector
from perfgate.load.k6.process import Watched
from perfgate.load.k6.samples import Samples
from perfgate.load.k6.script import ENGINE, K6Script
from perfgate.load.k6.slicing import K6Load
from perfgate.metrics.run import GeneratorRecord
from perfgate.metrics.series import Series
from perfgate.metrics.tally import Tally
from perfgate.tokens import without_user_info

# https://github.com/grafana/k6/blob/master/errext/exitcodes/codes.go
_EXIT_CODES = {
    97: "a cloud run failed",
    99: "a threshold was crossed",
    100: "setup took too long; k6's setupTimeout allows for more",
    101: "teardown took too long; k6's teardownTimeout allows for more",
    102: "something took too long",
    103: "k6 itself failed",
    104: "its configuration is invalid",
    105: "somebody ended it from outside",
    107: "the script raised an exception",
    108: "the script called exec.test.abort()",
    110: "k6 itself crashed",
}
_SUCCESS = (0, 99)
# What JavaScript writes into a text for a variable that is not there.
_UNSET = ("undefined", "null", "NaN")

_PROTOCOLS = {"ws": "WebSocket messages", "grpc": "gRPC calls", "browser": "what a browser sends"}

# What a process uses is known to a hundredth of a second: of a shorter load nothing is known (s).
_SHORTEST_SHARE = 0.1


@dataclass(frozen=True)
class K6Outcome:
    """What one run left behind.

    watched: the process.
    samples: its measurements.
    log: what k6 and the script complained of.
    seconds: from preparing the run to reading its samples.
    """

    watched: Watched
    samples: Samples
    log: K6Log
    seconds: float

    @property
    def ended_well(self) -> bool:
        return self.watched.code in _SUCCESS

    @property
    def ending(self) -> str:
        """How it ended, in a sentence, with what k6 complains of."""
        code = self.watched.code
        if code is None:
            return "k6 did not end in time and was stopped"
        how = _EXIT_CODES.get(code, f"signal {-code}" if code < 0 else "for reasons of its own")
        said = "; ".join(complaint.partition("\n")[0] for complaint in self.log.complaints[:3])
        return f"k6 ended with exit code {code}, {how}" + (f": {said}" if said else "")


def record_of(cpus: int, cpu: float, offered: int | None) -> GeneratorRecord:
    """The record of a round by k6, which times by its own clock and does not tell how late it was."""
    return GeneratorRecord(ENGINE, cpus, "process", None, None, None, None, cpu, offered)


def judged(script: K6Script, url: str, load: K6Load, length: float, outcome: K6Outcome, cpus: int) -> RoundResult:
    """A round of `load`, of `length` seconds, on the target `url`. cpus: how many k6 had."""
    samples, watched = outcome.samples, outcome.watched
    tally = _settled(samples, load, length)
    _count_nothing(script, tally)
    offered = tally.iterations.count + tally.dropped_iterations if script.profile.is_open else None
    is_known = samples.ended - samples.began >= _SHORTEST_SHARE
    record = record_of(cpus, watched.cpu_share(samples.began) / cpus if is_known else 0.0, offered)
    health = judge(record, tally, dict(outcome.log.raised))
    warnings, problems = health.warnings + _strays(samples, url), health.problems
    if not outcome.ended_well:
        problems += (outcome.ending,)
    # CPU of the whole run, its start included: what else took these CPUs is found by subtracting it.
    in_all = replace(record, cpu=watched.cpu_seconds / outcome.seconds / cpus)
    return RoundResult(tally, in_all, warnings, problems)


def judged_slice(
    script: K6Script,
    url: str,
    load: K6Load,
    length: float,
    samples: Samples,
    raised: dict[str, int],
    record: GeneratorRecord,
) -> RoundResult:
    """A slice of load that goes on before and after it."""
    tally = samples.tally
    _count_nothing(script, tally)
    tally.seconds = length
    tally.vus, tally.vus_max = max(tally.vus, load.vus), max(tally.vus_max, load.vus)
    offered = tally.iterations.count + tally.dropped_iterations if script.profile.is_open else None
    record = replace(record, offered=offered)
    health = judge(record, tally, raised)
    return RoundResult(tally, record, health.warnings + _strays(samples, url), health.problems)


def lost_slice(cpus: int, problem: str) -> RoundResult:
    """A slice that k6 did not come to the end of."""
    return RoundResult(Tally(), record_of(cpus, 0.0, None), (), (problem,))


def _count_nothing(script: K6Script, tally: Tally) -> None:
    """Counters and rates of the script that nothing was added to are 0, as in k6."""
    for threshold in script.thresholds:
        kind = script.counted.get(split_selector(threshold.selector)[0])
        if kind is not None:
            tally.series.setdefault(threshold.selector, Series(kind))


def _strays(samples: Samples, url: str) -> tuple[str, ...]:
    strays = elsewhere(samples, url, ())
    if not strays:
        return ()
    return (f"some requests went to {', '.join(strays)} instead of the target, and are counted too",)


def _settled(samples: Samples, load: K6Load, length: float) -> Tally:
    """The tally with what the samples alone do not say: how long it was, and how many VUs there were."""
    tally = samples.tally
    spoken_of = max(0.0, samples.ended - samples.began)
    tally.seconds = max(length, spoken_of) if load.is_timed else spoken_of
    # k6 tells how many VUs there are once a second, so a short round has to go by what it was asked for.
    tally.vus, tally.vus_max = max(tally.vus, load.vus), max(tally.vus_max, load.vus)
    return tally


def refuse_the_impossible(script: K6Script, url: str, outcome: K6Outcome) -> None:
    """After a warm-up: what no later round could do better.

    NoVerdictError says what, what the script wrote until then, and how to mend it.
    """
    try:
        _refuse(script, url, outcome)
    except NoVerdictError as error:
        written = "".join(f"\n  {line}" for line in outcome.log.written)
        raise NoVerdictError(error.message + (written and f"\nThe script wrote:{written}"), error.hint) from None


def _refuse(script: K6Script, url: str, outcome: K6Outcome) -> None:
    if not outcome.ended_well:
        raise NoVerdictError(f"{script.name}: {outcome.ending}", f"mend {script.file.name}")
    _refuse_another_target(script, url, outcome)
    tally, raised = outcome.samples.tally, outcome.log.raised
    if outcome.samples.protocols and not tally.request_count:
        spoken = " and ".join(sorted(_PROTOCOLS[protocol] for protocol in outcome.samples.protocols))
        raise NoVerdictError(
            f"{script.name} sends no HTTP requests, only {spoken}, and perfgate measures HTTP requests",
            "leave it to k6, or write a script that asks the service by k6/http",
        )
    none_was_due = script.profile.is_open and not (tally.request_count or tally.dropped_iterations or raised)
    some_ended = tally.iterations.count and (tally.request_count or not raised)
    if not some_ended and not none_was_due:
        because = f": it raised {next(iter(raised))}" if raised else ""
        raise NoVerdictError(
            f"{script.name}: no iteration came to its end during the warm-up{because}",
            "an iteration is one pass that ends; leave loops to the executor, or allow for more with --duration",
        )


def _refuse_another_target(script: K6Script, url: str, outcome: K6Outcome) -> None:
    samples = outcome.samples
    strays = elsewhere(samples, url, outcome.watched.peers)
    at_target = sum(samples.origins.values()) - sum(samples.origins[stray] for stray in strays)
    if samples.origins:
        at_target += samples.named  # as far as is known
    hint = f"take the URL from the environment: `${{__ENV.{BASE_URL}}}/...` in {script.file.name}"
    if samples.no_host and not samples.origins and not samples.named:
        what = f"asks for {samples.no_host!r}, whose URL names no host{_unset(samples.no_host)}"
        raise NoVerdictError(f"{script.name} {what}", hint)
    if strays and not at_target:
        what = f"sends its load to {', '.join(strays)}, not to the target {without_user_info(url)}{_unset(*strays)}"
        raise NoVerdictError(f"{script.name} {what}", hint)


def _unset(*urls: str) -> str:
    """What to say of URLs into which a variable was written that is not there."""
    words = {word for url in urls for word in re.split("[/:]", url)}
    found = next((word for word in _UNSET if word in words), "")
    return f": it has {found!r} in the place of a variable" if found else ""
