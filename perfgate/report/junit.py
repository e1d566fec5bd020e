"""The report as JUnit XML, which GitLab, Jenkins and the viewers for GitHub show among the tests.

A suite for each scenario with a case for each row that gates, each threshold and the measurement itself; and a suite
"perfgate" whose one case is the verdict, so that nothing that fails the gate can look green. The attributes are those
of the Jenkins schema (https://github.com/jenkinsci/xunit-plugin, junit-10.xsd), which the others read too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree import ElementTree

from perfgate.compare.comparison import Comparison, RowVerdict
from perfgate.errors import ExitCode
from perfgate.metrics.catalogue import unit_of
from perfgate.metrics.threshold import ThresholdResult
from perfgate.report import numbers
from perfgate.report.escaping import clean
from perfgate.report.phrase import plain
from perfgate.report.rows import compared_rows, rows_of
from perfgate.report.run_description import describe_side, describe_testbed, describe_tools
from perfgate.report.sentences import headline, sentence_of
from perfgate.units import format_second
from perfgate.verdict import Outcome, ReasonKind, ValidityNote, Verdict, is_silenced

_OWN_SUITE = "perfgate"


def render(verdict: Verdict) -> str:
    """The report as one XML document, without a line break at its end."""
    root = ElementTree.Element("testsuites", name=_OWN_SUITE)
    _add_suite(root, verdict, _OWN_SUITE, [_verdict_case(verdict), *_cases_of(verdict, "")])
    for scenario in _scenarios(verdict):
        _add_suite(root, verdict, scenario, _cases_of(verdict, scenario))
    _count(root, root.findall("testsuite/testcase"))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode")


def _scenarios(verdict: Verdict) -> list[str]:
    names = [line.scenario for line in verdict.summary] + [comparison.row.scenario for comparison in verdict.rows]
    names += [result.scenario for result in verdict.thresholds] + [note.scenario for note in verdict.validity]
    return [name for name in dict.fromkeys(names) if name]


def _add_suite(root: ElementTree.Element, verdict: Verdict, name: str, cases: Sequence[ElementTree.Element]) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name=clean(name), timestamp=_timestamp(verdict))
    _count(suite, cases)
    properties = ElementTree.SubElement(suite, "properties")
    for key, value in _properties(verdict):
        ElementTree.SubElement(properties, "property", name=key, value=clean(value))
    suite.extend(cases)


def _timestamp(verdict: Verdict) -> str:
    return format_second(verdict.head.started_at).replace(" ", "T")


def _count(element: ElementTree.Element, cases: Sequence[ElementTree.Element]) -> None:
    element.set("tests", str(len(cases)))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(attribute, str(sum(case.find(tag) is not None for case in cases)))
    element.set("time", "0")


def _properties(verdict: Verdict) -> Iterable[tuple[str, str]]:
    if verdict.base is not None:
        yield "base", plain(describe_side(verdict.base))
    yield "head", plain(describe_side(verdict.head))
    yield "testbed", describe_testbed(verdict.head.testbed)
    yield "measured", describe_tools(verdict.head)
    if verdict.reproduce:
        yield "reproduce", verdict.reproduce


def _case(suite: str, name: str) -> ElementTree.Element:
    class_name = _OWN_SUITE if suite in ("", _OWN_SUITE) else f"{_OWN_SUITE}.{suite}"
    return ElementTree.Element("testcase", classname=clean(class_name), name=clean(name), time="0")


def _say(case: ElementTree.Element, tag: str, kind: str, message: str, text: str = "") -> None:
    """Add how a case ended. Skipped has no kind, and its message is all that viewers show of it."""
    attributes = {"message": clean(message)} if tag == "skipped" else {"message": clean(message), "type": kind}
    ElementTree.SubElement(case, tag, attributes).text = text or None


def _verdict_case(verdict: Verdict) -> ElementTree.Element:
    case = _case(_OWN_SUITE, "verdict")
    sentence = plain(headline(verdict))
    reasons = "\n".join(clean(sentence_of(reason, verdict)) for reason in verdict.reasons)
    if verdict.exit_code is ExitCode.FAIL:
        _say(case, "failure", verdict.outcome.value, sentence, reasons)
    elif verdict.exit_code is not ExitCode.PASS:
        _say(case, "error", verdict.outcome.value, sentence, reasons)
    elif verdict.outcome is Outcome.INCONCLUSIVE or verdict.is_untouched:
        _say(case, "skipped", "", sentence)
    return case


def _cases_of(verdict: Verdict, scenario: str) -> list[ElementTree.Element]:
    notes = [note for note in verdict.validity if note.scenario == scenario]
    accepted = set(verdict.rows_of(ReasonKind.ACCEPTED))

    def decides(comparison: Comparison) -> bool:
        fails = verdict.outcome is Outcome.FAIL and comparison not in accepted
        return fails and not is_silenced(comparison.row, verdict.validity)

    rows = [
        (comparison, shown)
        for comparison, shown in zip(compared_rows(verdict), rows_of(verdict), strict=True)
        if comparison.gated
    ]
    results = [result for result in verdict.thresholds if result.scenario == scenario]
    return [
        _measurement_case(scenario, notes),
        *(_row_case(shown, decides(comparison)) for comparison, shown in rows if comparison.row.scenario == scenario),
        *(
            _threshold_case(result, verdict.accepted is None and not is_silenced(result, verdict.validity))
            for result in results
        ),
    ]


def _measurement_case(scenario: str, notes: Sequence[ValidityNote]) -> ElementTree.Element:
    """One case, whose name stays the same from run to run, for all notes on a scenario."""
    case = _case(scenario, "measurement")
    told = "\n".join(clean("; ".join(filter(None, (note.message, note.hint)))) for note in notes)
    invalid = [note.message for note in notes if note.invalid]
    if invalid:
        _say(case, "error", "invalid", invalid[0], told)
    elif told:
        ElementTree.SubElement(case, "system-out").text = told
    return case


def _row_case(comparison: Comparison, decides: bool) -> ElementTree.Element:
    """decides: whether a regression of this row fails the gate; otherwise it is shown as skipped."""
    case = _case(
        comparison.row.scenario,
        " ".join(
            filter(None, (comparison.row.request, numbers.metric_name(comparison.row.metric, comparison.row.stat)))
        ),
    )
    margin = numbers.with_margin(comparison, numbers.margin(comparison))
    around = f"interval {numbers.interval(comparison)}, {margin}"
    change = f"{comparison.verdict.value}: {numbers.change(comparison)} ({around})"
    base, head = (numbers.value(value, comparison.row.unit) for value in (comparison.base, comparison.head))
    values = f"{base} on base, {head} on head"
    details = [values, *map(clean, comparison.warnings)]
    if comparison.verdict is RowVerdict.REGRESSED and decides:
        _say(case, "failure", "regressed", change, "\n".join(details))
    elif comparison.verdict in (RowVerdict.REGRESSED, RowVerdict.INCONCLUSIVE):
        _say(case, "skipped", "", "; ".join((change, *details)))
    else:
        ElementTree.SubElement(case, "system-out").text = "\n".join((change, *details))
    return case


def _threshold_case(result: ThresholdResult, decides: bool) -> ElementTree.Element:
    """decides: whether it fails the gate if it is crossed; otherwise that is shown as skipped."""
    threshold = result.threshold
    case = _case(result.scenario, f"threshold {threshold.selector}: {threshold.expression}")
    value = numbers.value(result.value, unit_of(threshold.metric, threshold.stat))
    if result.passed:
        ElementTree.SubElement(case, "system-out").text = f"measured {value}"
    else:
        message = "no data: a threshold without data fails" if result.value is None else f"crossed: measured {value}"
        _say(case, "failure" if decides else "skipped", "threshold", message)
    return case
