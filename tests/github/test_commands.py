"""What a job says to the runner: lines that it obeys, and files that it reads."""

import pytest

from perfgate.github.commands import MOST_ANNOTATIONS, Annotation, annotation, annotation_lines, group, resume, stop
from perfgate.github.runner_files import MOST_SUMMARY_BYTES, append_outputs, append_summary


def test_what_has_a_meaning_in_a_message_is_escaped():
    line = annotation(Annotation("error", "perfgate", "100 % slower\r\n::error::owned, a:b"))
    assert line == "::error title=perfgate::100 %25 slower%0D%0A::error::owned, a:b"


def test_what_has_a_meaning_in_a_property_is_escaped_too():
    line = annotation(Annotation("notice", "a,b: 5 %\n", "said"))
    assert line == "::notice title=a%2Cb%3A 5 %25%0A::said"


def test_a_command_is_one_line():
    assert "\n" not in group("a\nb")
    assert (stop("token"), resume("token")) == ("::stop-commands::token", "::token::")


@pytest.mark.parametrize(("count", "shown"), [(1, 1), (10, 10), (11, 10), (500, 10)])
def test_github_keeps_ten_of_a_level_so_there_are_no_more(count, shown):
    lines = annotation_lines(Annotation("error", "perfgate", f"reason {number}") for number in range(count))
    assert len(lines) == shown
    assert lines[0] == "::error title=perfgate::reason 0"
    if count > MOST_ANNOTATIONS:
        assert f"and {count - 9} more" in lines[-1]


def test_each_level_has_its_own_ten():
    wanted = [Annotation(level, "perfgate", "said") for level in ("error", "warning", "notice") for _ in range(10)]
    assert len(annotation_lines(wanted)) == 30


def test_outputs_are_read_back_whatever_they_hold(tmp_path):
    path = tmp_path / "output"
    append_outputs(path, {"summary": "two\nlines", "verdict": "pass"}, "secret")
    append_outputs(path, {"comment-url": ""}, "other")
    assert path.read_text() == (
        "summary<<secret\ntwo\nlines\nsecret\nverdict<<secret\npass\nsecret\ncomment-url<<other\n\nother\n"
    )


def test_no_output_ends_before_its_end(tmp_path):
    with pytest.raises(ValueError, match="delimiter"):
        append_outputs(tmp_path / "output", {"summary": "x\nsecret\nverdict<<secret\npass"}, "secret")


def test_a_summary_is_added_to_what_is_there(tmp_path):
    path = tmp_path / "summary"
    path.write_text("before\n")
    append_summary(path, lambda limit: "report")
    assert path.read_text() == "before\nreport\n"


@pytest.mark.parametrize("letter", ["x", "ä", "→", "\N{WHITE HEAVY CHECK MARK}", "\U0001f7e1"])
def test_a_summary_fills_what_github_shows_and_no_more(tmp_path, letter):
    path = tmp_path / "summary"
    path.write_text("before\n")
    append_summary(path, lambda limit: letter * limit)
    size = path.stat().st_size
    assert MOST_SUMMARY_BYTES - 4 <= size <= MOST_SUMMARY_BYTES


def test_where_there_is_no_room_the_summary_stays_as_it_is(tmp_path):
    path = tmp_path / "summary"
    path.write_text("x" * MOST_SUMMARY_BYTES)
    append_summary(path, lambda limit: "report"[:limit])
    assert path.stat().st_size == MOST_SUMMARY_BYTES
