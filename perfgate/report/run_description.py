"""What was measured, on what and with what, as phrases."""

from __future__ import annotations

from collections.abc import Sequence

from perfgate.metrics.run import RunRecord, Testbed
from perfgate.report.phrase import Name, Phrase
from perfgate.units import format_bytes, format_minute
from perfgate.verdict import DuetMethod

_SHORT_COMMIT = 7


def describe_side(record: RunRecord) -> Phrase:
    """The branch, the commit and the target of a run, as far as they are known: "`main` at `1a2b3c4`, `petstore`".

    Without a target that is the commit itself, or what it was imported from.
    """
    commit = record.commit[:_SHORT_COMMIT]
    names = [Name(name) for name in (record.branch, commit) if name]
    code: Phrase = (names[0], " at ", names[1]) if len(names) > 1 else tuple(names)
    if record.dirty and code:
        code = (*code, " with uncommitted changes")
    if commit and record.of_this_repository:
        return code
    what = ("imported from ", Name(record.imported_from)) if record.imported_from else (Name(record.target),)
    return (*code, ", ", *what) if code else what


def describe_duets(methods: Sequence[DuetMethod]) -> Phrase:
    """How duets were measured: "60 pairs of 1 s, both sides at the same time, 2 instances of each"; () of none.

    Scenarios that were measured alike share their words.
    """
    alike: dict[tuple[float, float, int], list[DuetMethod]] = {}
    for method in methods:
        alike.setdefault((method.round_seconds, method.turn_seconds, method.instances), []).append(method)
    said: Phrase = ()
    for group in alike.values():
        names = ", ".join(method.scenario for method in group)
        said += ("; ",) if said else ()
        said += (Name(names), ": ") if len(alike) > 1 else ()
        said += (_method(group),)
    return said


def _method(alike: Sequence[DuetMethod]) -> str:
    fewest, most = (choose(method.pairs for method in alike) for choose in (min, max))
    pairs = f"{most:,} pair{'' if most == 1 else 's'}" if fewest == most else f"{fewest:,} to {most:,} pairs"
    one = alike[0]
    seconds = f"{one.round_seconds:.2g} s" if one.round_seconds < 10 else f"{one.round_seconds:.0f} s"
    short = f" of {one.turn_seconds:.2g} s" if one.turn_seconds < one.round_seconds else ""
    order = "both sides at the same time" if one.at_once else f"the sides in turns{short}"
    instances = f"{one.instances} instance{'' if one.instances == 1 else 's'} of each"
    luck = ", so that luck with its start is not told apart" if one.instances == 1 else ""
    return f"{pairs} of {seconds}, {order}, {instances}{luck}"


def describe_testbed(testbed: Testbed) -> str:
    """The machine: "AMD EPYC 7763, 4 cores, 16.8 GB, Linux 6.8.0, ubuntu24"; "unknown" of imported runs."""
    if not testbed.cores:
        return testbed.cpu_model
    cores = f"{testbed.cores} core{'' if testbed.cores == 1 else 's'}"
    parts = (testbed.cpu_model, cores, format_bytes(testbed.memory_bytes), testbed.kernel, testbed.image)
    return ", ".join(part for part in parts if part)


def describe_tools(record: RunRecord) -> str:
    """What measured, when, and on which CPUs: "2026-01-01 00:00 UTC, perfgate 0.1.0, python 3.12.8, seed 7, ..."."""
    started = format_minute(record.started_at)
    versions = [f"{name} {version}" for name, version in record.versions.items()]
    cpus = [f"{who} on CPU {', '.join(map(str, numbers))}" for who, numbers in record.cpus.items() if numbers]
    seed = () if record.imported_from else (f"seed {record.seed}",)
    return ", ".join((started, *versions, *seed, *cpus))
