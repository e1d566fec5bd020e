"""Comparisons, thresholds and validity folded into one Verdict with reasons.

`checks` and `creeping` make notes on how far a measurement can be believed, `idle_entries` on entries of perfgate.toml
that are about nothing, `empty_thresholds` on thresholds that are, `new_requests` on what base does not know yet;
`accept` sets accepted regressions apart, `summary` has a line for each scenario; `decide` folds all of it into the
values of `values`, and `labelled` is what a label on the pull request makes of that. Reasons are values here: their
words are found in the report.

Others take the names in `__all__`. `deciding` is what would have decided a duet that stayed open.
"""

from perfgate.verdict.accept import Acceptance
from perfgate.verdict.checks import (
    MOST_INVALID,
    check_baseline,
    check_duet,
    check_environment,
    check_frequency,
    check_instances,
    check_names,
    check_noise,
    check_run,
    check_steadiness,
    note_on_unsteady,
)
from perfgate.verdict.creeping import check_creep, note_on_unanswered
from perfgate.verdict.decide import Evidence, Policy, badness, decide
from perfgate.verdict.deciding import Deciding, what_decides
from perfgate.verdict.empty_thresholds import check_thresholds
from perfgate.verdict.idle_entries import Entries, PlayedScenarios, check_entries
from perfgate.verdict.labelled import accept, before_acceptance, noted
from perfgate.verdict.new_requests import check_new, find_new, without_new
from perfgate.verdict.silenced import is_silenced
from perfgate.verdict.summary import Compliance, summarise, summary_of
from perfgate.verdict.values import (
    DuetMethod,
    Outcome,
    Reason,
    ReasonKind,
    ScenarioSummary,
    Subject,
    ValidityNote,
    Verdict,
)

__all__ = [
    "MOST_INVALID",
    "Acceptance",
    "Compliance",
    "Deciding",
    "DuetMethod",
    "Entries",
    "Evidence",
    "Outcome",
    "PlayedScenarios",
    "Policy",
    "Reason",
    "ReasonKind",
    "ScenarioSummary",
    "Subject",
    "ValidityNote",
    "Verdict",
    "accept",
    "badness",
    "before_acceptance",
    "check_baseline",
    "check_creep",
    "check_duet",
    "check_entries",
    "check_environment",
    "check_frequency",
    "check_instances",
    "check_names",
    "check_new",
    "check_noise",
    "check_run",
    "check_steadiness",
    "check_thresholds",
    "decide",
    "find_new",
    "is_silenced",
    "note_on_unanswered",
    "note_on_unsteady",
    "noted",
    "summarise",
    "summary_of",
    "what_decides",
    "without_new",
]
