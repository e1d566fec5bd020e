"""Trends for the terminal, as markdown and as JSON. `pytest --update-golden` writes the files anew."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from perfgate.compare.rows import Row
from perfgate.errors import MistakeError
from perfgate.report.trend.commit_link import checked_template, template_of
from perfgate.report.trend.table import markdown, terminal
from perfgate.report.trend.trend_file import dumps
from tests.support.hostile import HOSTILE, assert_harmless
from tests.support.trend_series import medians, points, series, trends

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def golden(request):
    def compare(name, text):
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.write_text(text + "\n", encoding="utf-8")
        assert text + "\n" == path.read_text(encoding="utf-8")

    return compare


def test_the_table_on_a_terminal(golden):
    text = terminal(medians(), color=False)
    golden("trend.txt", text)
    assert max(map(len, text.splitlines())) <= 100


def test_the_table_as_markdown_links_commits(golden):
    text = markdown(medians())
    golden("trend.md", text)
    assert "](https://github.com/octo/pets/commit/" in text
    assert "](" not in markdown(replace(medians(), commit_url=""))


def test_several_statistics_have_a_column_that_names_them():
    assert "http_req_failed" in terminal(trends(), color=False)
    assert "+2.00 pp" in terminal(trends(), color=False)


def test_colours_say_what_got_worse_and_what_got_better():
    text = terminal(medians(), color=True)
    assert "\x1b[31m+19" in text or "\x1b[31m+20" in text
    assert "\x1b[32m-2" in text


def test_a_single_run_has_a_line_too():
    row = Row("create_pet", "POST /pet", "http_req_duration", "med")
    text = terminal(trends(series(row, [10.0])), color=False)
    assert "10.0 ms" in text
    assert "Change points" not in text


def test_more_change_points_than_one_can_read_are_counted():
    row = Row("create_pet", "POST /pet", "http_req_duration", "med")
    stairs = [10.0 + 5.0 * (run // 12) + 0.01 * (run % 3) for run in range(12 * 24)]
    assert "3 older change points are left out" in terminal(trends(series(row, stairs)), color=False)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_name_breaks_a_report(text):
    found = trends(points(text or "x", text), branch=text)
    assert_harmless(markdown(replace(found, commit_url="")))
    shown = terminal(found, color=False)
    assert all(character.isprintable() or character == "\n" for character in shown)


def test_the_json_has_every_point_and_what_was_found():
    found = medians()
    plain = json.loads(dumps(found))
    assert (plain["schema"], plain["branch"], len(plain["testbeds"])) == ("perfgate.trend/1", "main", 2)
    first = plain["trends"][0]
    assert (first["scenario"], first["request"], first["unit"]) == ("create_pet", "POST /pet", "ms")
    assert [stretch["begins"] for stretch in first["stretches"]] == ["first run", "change point", "change point"]
    assert len(first["points"]) == 60
    assert first["points"][0]["started_at"] == "2026-01-01T00:00:00.000Z"
    assert first["baseline"]["low"] < first["points"][-1]["value"] < first["baseline"]["high"]


@pytest.mark.parametrize(
    ("remote", "template"),
    [
        ("https://github.com/octo/pets.git", "https://github.com/octo/pets/commit/{sha}"),
        ("https://github.com/octo/pets", "https://github.com/octo/pets/commit/{sha}"),
        ("https://user:secret@github.com/octo/pets.git", "https://github.com/octo/pets/commit/{sha}"),
        ("git@github.com:octo/pets.git", "https://github.com/octo/pets/commit/{sha}"),
        ("ssh://git@github.com:22/octo/pets.git", "https://github.com/octo/pets/commit/{sha}"),
        ("https://github.example.com/octo/pets.git/", "https://github.example.com/octo/pets/commit/{sha}"),
        ("https://example.com/octo/pets.git", ""),
        ("/srv/github/octo/pets.git", ""),
        ("remote.git", ""),
        ("", ""),
    ],
)
def test_the_address_of_a_commit_follows_from_a_remote_on_github(remote, template):
    assert template_of(remote) == template


@pytest.mark.parametrize(
    "template",
    [
        "https://example.com",
        "javascript:alert('{sha}')",
        'https://a/{sha}" onclick="',
        "https://a/({sha})",
        "https://a/ {sha}",
    ],
)
def test_what_is_no_address_of_a_commit_is_refused(template):
    with pytest.raises(MistakeError, match="is no address"):
        checked_template(template)
    assert checked_template("https://git.example.com/pets/-/commit/{sha}?a=b")


def test_a_commit_that_is_none_has_no_link():
    found = medians()
    point = replace(found.trends[0].points[0], commit='"><script>')
    assert found.url_of(point) == ""
    assert found.url_of(replace(point, commit="")) == ""
