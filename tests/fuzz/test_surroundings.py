"""What stands around perfgate: rows files, jobs and comments on GitHub, trees of repositories, the command line, Docker
Compose; spoiled.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import strategies as st

from perfgate.errors import MistakeError, PerfgateError, ProblemsError, UsageError
from perfgate.github.api import Api, Patience
from perfgate.github.comment import Thread, post_comment
from perfgate.github.event import UNKNOWN_RUN, event_of, read_event
from perfgate.github.pulls import find_pull_request, newest_commit
from perfgate.github.sections import Section
from perfgate.load.machines.protocol import place_of
from perfgate.machine.cpus import parse_cpus
from perfgate.metrics.threshold import parse_selector, parse_threshold
from perfgate.scenario.rows_file import read_rows
from perfgate.service.endpoint import parse_endpoint
from perfgate.service.target import parse_target
from perfgate.units import parse_bytes, parse_duration, parse_fraction
from tests.support.mutations import as_json, spoiled_bytes, spoiled_values

pytestmark = pytest.mark.fuzz

ROWS = [b'name,age,note\nann,3,"a, ""b"""\nbob,,\n', b"\xef\xbb\xbfa;b\r\n1;2\r\n"]
OBJECTS: list[Any] = [[{"name": "ann", "tags": [1, 2.5, None]}, {"name": "bob", "at": {"b": True}}], {"a": 1}]


def test_rows_files(fuzz, tmp_path):
    plain = spoiled_values(OBJECTS).map(lambda value: ("rows.json", as_json(value).encode()))
    texts = spoiled_bytes([as_json(one).encode() for one in OBJECTS]).map(lambda text: ("rows.json", text))
    tables = spoiled_bytes(ROWS).map(lambda text: ("rows.csv", text))

    def play(given: tuple[str, bytes]) -> None:
        path = tmp_path / given[0]
        path.write_bytes(given[1])
        with suppress(ProblemsError):
            assert read_rows(path)

    fuzz(st.one_of(plain, texts, tables), play)


_HEAD = {"ref": "faster", "sha": "a" * 40, "repo": {"full_name": "ann/pets"}}
_BASE = {"ref": "main", "sha": "b" * 40, "repo": {"full_name": "octo/pets"}}
_RUN = {"event": "pull_request", "head_repository": _HEAD["repo"], "head_branch": "faster", "head_sha": "a" * 40}
EVENTS = [
    {"pull_request": {"number": 7, "head": _HEAD, "base": _BASE, "draft": False}, "action": "opened"},
    {"workflow_run": _RUN, "before": "c" * 40, "ref": "refs/heads/main"},
    {"merge_group": {"base_ref": "refs/heads/main", "base_sha": "b" * 40}, "before": "0" * 40},
]
KINDS = ("pull_request", "pull_request_target", "merge_group", "push", "workflow_run", "schedule")


def test_events_of_github(fuzz, tmp_path):
    path = tmp_path / "event.json"
    texts = st.one_of(
        spoiled_values(EVENTS).map(lambda value: as_json(value).encode()),
        spoiled_bytes([as_json(one).encode() for one in EVENTS]),
    )

    def play(given: tuple[bytes, str]) -> None:
        text, kind = given
        path.write_bytes(text)
        environment = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": kind,
            "GITHUB_EVENT_PATH": str(path),
            "GITHUB_REPOSITORY": "octo/pets",
            "GITHUB_REF": "refs/heads/main",
        }
        with suppress(PerfgateError):
            event = read_event(environment)
            assert event is not None
            assert event.name == kind

    fuzz(st.tuples(texts, st.sampled_from(KINDS)), play)


_MARKED = "slower\n\n<!-- perfgate:perfgate.toml -->"
COMMENTS = [
    {"id": 1, "user": {"login": "bot"}, "body": _MARKED, "html_url": "https://github.com/octo/pets/pull/7#1"},
    {"id": 2, "user": {"login": "ann"}, "body": "thanks"},
    {"id": 3, "user": {"login": "bot"}, "body": f"`a` on testbed `b`\n\nx\n\n<!-- perfgate:a@b {'a' * 40} -->"},
]
ANSWERS: list[Any] = [
    {"data": {"viewer": {"login": "bot"}}},
    COMMENTS,
    [{"number": 7, "head": _HEAD}, {"number": 8, "head": _BASE}],
    {"id": 1, "html_url": "https://github.com/octo/pets/pull/7#1", "head": _HEAD},
    {"message": "Validation Failed", "errors": [{"message": "body is too long"}, "no"]},
]
_HEADERS = (
    {},
    {"Link": '<https://api.github.com/a?page=2>; rel="next"'},
    {"Link": "<a>;;=,<"},
    {"Retry-After": "1"},
    {"Retry-After": "²"},
    {"Retry-After": "9" * 400},
    {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"},
    {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9" * 5_000},
)
_STATUSES = (200, 200, 200, 200, 201, 204, 301, 401, 403, 404, 422, 429, 500, 502, 0, 999)


class _GitHub:
    """A session whose answers are given, the last of them without end."""

    def __init__(self, answers: list[tuple[bytes, int, dict[str, str]]]) -> None:
        self._answers = answers
        self._asked = 0

    def request(self, _method: str, url: str, **_options: Any) -> requests.Response:
        content, status, headers = self._answers[min(self._asked, len(self._answers) - 1)]
        self._asked += 1
        if status == 0:
            raise requests.ConnectionError(url)
        answer = requests.Response()
        answer.status_code, answer._content = status, content
        answer.headers.update(headers)
        return answer


def test_answers_of_github(fuzz):
    texts = st.one_of(
        spoiled_values(ANSWERS).map(lambda value: as_json(value).encode()),
        spoiled_bytes([as_json(one).encode() for one in ANSWERS]),
        st.sampled_from([as_json(one).encode() for one in ANSWERS]),
    )
    answer = st.tuples(texts, st.sampled_from(_STATUSES), st.sampled_from(_HEADERS))
    run = event_of({"workflow_run": _RUN}, {"GITHUB_EVENT_NAME": "workflow_run"}).workflow_run
    assert run is not None

    def play(answers: list[tuple[bytes, int, dict[str, str]]]) -> None:
        waited = [0.0]

        def sleep(seconds: float) -> None:
            waited[0] += seconds

        session: Any = _GitHub(answers)
        api = Api(session, "https://api.github.com", "token", Patience(sleep, lambda: 1.0))
        section = Section(Path("perfgate.toml"), "t", "a" * 40, UNKNOWN_RUN)
        with suppress(PerfgateError):
            post_comment(api, Thread("octo/pets", 7), section, lambda limit: "faster"[:limit])
        with suppress(PerfgateError):
            assert isinstance(find_pull_request(api, "octo/pets", run), (int, type(None)))
        with suppress(PerfgateError):
            assert isinstance(newest_commit(api, "octo/pets", 7), str)
        assert waited[0] < 1_000

    fuzz(st.lists(answer, min_size=1, max_size=5), play)


TEXTS = [
    *("http://localhost:8080/api/v3", "https://user:pass@[::1]:443/a@b", "http+unix://%2Ftmp%2Fa.sock/b"),
    *("image:ghcr.io/octo/pets:1.2@sha256:ab", "ref:HEAD~1^{tree}", "petstore?slow=10%&errors=1%&latency=5ms&seed=3"),
    *("p(95)<500ms", "rate<=1.5%", "count>=10/s", "http_req_duration{name:POST /pet}", "my_trend{a:b,c:d}"),
    *(
        "1m30s",
        "500ms",
        "5%",
        "512MiB",
        "1.5 GB",
        "0-3,5",
        "10.0.0.1:5557",
        "[::1]:5557",
        "postgresql://a:b@localhost/c",
    ),
]


def _read_as_all(text: str) -> None:
    for refuse_itself in (parse_target, parse_cpus):
        with suppress(UsageError):
            refuse_itself(text)
    for read in (parse_duration, parse_fraction, parse_bytes, parse_endpoint, place_of):
        with suppress(ValueError):
            read(text)
    with suppress(MistakeError):
        parse_selector(text)
    for selector in ("http_req_duration", "http_req_failed", "dropped_iterations", "data_sent", "http_reqs", text):
        with suppress(MistakeError):
            parse_threshold(selector, text)


def test_words_of_the_command_line(fuzz):
    texts = spoiled_bytes([text.encode() for text in TEXTS]).map(lambda text: text.decode("utf-8", "surrogateescape"))
    fuzz(texts, _read_as_all)
