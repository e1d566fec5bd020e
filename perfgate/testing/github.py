"""The part of GitHub that perfgate asks: comments, pull requests, the token's user; over real HTTP, with a memory."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from perfgate.testing.github_commits import FakeCommits
from perfgate.testing.github_issues import FakeIssues
from perfgate.testing.github_labels import FakeLabels, user
from perfgate.testing.github_runs import FakeRuns

LIMIT = 65_536
_STARTED = "2026-01-01T00:00:00Z"
_COMMENTS = re.compile(r"/repos/([^/]+/[^/]+)/issues/(\d+)/comments")
_COMMENT = re.compile(r"/repos/([^/]+/[^/]+)/issues/comments/(\d+)")
_PULLS = re.compile(r"/repos/([^/]+/[^/]+)/pulls")
_PULL = re.compile(r"/repos/([^/]+/[^/]+)/pulls/(\d+)")


@dataclass
class Fault:
    """A fault of one request.

    method: of the request.
    path: a part of the request's path.
    status: of the answer; 0 to hang up without an answer.
    body: of the answer, as JSON.
    headers: of the answer.
    done: whether the request is carried out before, so that only the answer is lost.
    skip: how many such requests go well before.
    delay: time until the answer (s).
    """

    method: str
    path: str
    status: int
    body: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    done: bool = False
    skip: int = 0
    delay: float = 0.0


@dataclass(frozen=True)
class ReceivedRequest:
    """One request that came in.

    method: in capitals.
    path: without the query.
    query: the parameters in the URL.
    headers: their names in small letters.
    body: the JSON that it held; None for none.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass
class _GitHubReply:
    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


class FakeGitHub:
    """GitHub's REST interface on this machine, a context manager.

    Every request needs a token.

    repository: "owner/name".
    number: of the open pull request.
    login: the user of the token.
    permitted: whether the token may write.
    locked: whether the conversation is locked.
    most_characters: the longest comment that is accepted.
    issues: those of the repository; they need `issues: write`, which `issues.permitted` stands for.
    labels: what is known of the labels of the pull request, of pushes, and of who may write.
    commits: of the pull request, as far as they were added.
    runs: of workflows.
    faults: are used up one by one.
    asked: the requests that came in.
    """

    def __init__(
        self, repository: str = "octo/pets", number: int = 7, login: str = "github-actions[bot]", port: int = 0
    ) -> None:
        self.repository = repository
        self.number = number
        self.login = login
        self.permitted = True
        self.locked = False
        self.most_characters = LIMIT
        self.comments: list[dict[str, Any]] = []
        self.pulls: list[dict[str, Any]] = []
        self.labels = FakeLabels(repository, number)
        self.commits = FakeCommits(repository, number)
        self.runs = FakeRuns(repository)
        self.issues = FakeIssues(repository, login)
        self.faults: list[Fault] = []
        self.asked: list[ReceivedRequest] = []
        self._lock = threading.Lock()
        self._next_id = 1
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> FakeGitHub:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add_comment(self, body: str, login: str | None = None) -> dict[str, Any]:
        """An existing comment; by `login`, else by the user of the token."""
        comment = self._comment(body, self.login if login is None else login)
        self.comments.append(comment)
        return comment

    def add_pull(
        self, number: int, repository: str, branch: str, commit: str, rest: Mapping[str, Any] | None = None
    ) -> None:
        """An open pull request, with repository ("owner/name"), branch and commit of its head. rest: all else of it."""
        owner = repository.partition("/")[0]
        plain = dict(rest or {})
        head = {"label": f"{owner}:{branch}", "ref": branch, "sha": commit}
        repo = {**plain.get("head", {}).get("repo", {}), "full_name": repository}
        self.pulls.append({**plain, "number": number, "head": {**plain.get("head", {}), **head, "repo": repo}})

    def answer(self, asked: ReceivedRequest) -> tuple[int, Any, Mapping[str, str], float] | None:
        """Status, body, headers and delay of an answer; None to hang up."""
        with self._lock:
            self.asked.append(asked)
            fault = self._fault(asked)
            if fault is None or fault.done:
                answer = self._carry_out(asked)
            if fault is None:
                return answer.status, answer.body, answer.headers, 0.0
            if fault.status == 0:
                return None
            return fault.status, fault.body, fault.headers, fault.delay

    def _fault(self, asked: ReceivedRequest) -> Fault | None:
        for fault in self.faults:
            if fault.method == asked.method and fault.path in asked.path:
                if fault.skip:
                    fault.skip -= 1
                    continue
                self.faults.remove(fault)
                return fault
        return None

    def _carry_out(self, asked: ReceivedRequest) -> _GitHubReply:
        if not asked.headers.get("authorization", "").startswith("Bearer "):
            return _refusal(401, "Requires authentication")
        if asked.path.endswith("/graphql"):
            return _GitHubReply(200, {"data": {"viewer": {"login": self.login}}})
        path = asked.path.removeprefix("/api/v3")
        if (of_issues := self.issues.answer(asked.method, path, asked.query, asked.body)) is not None:
            status, body = of_issues
            return self._listed(asked, body) if isinstance(body, list) else _GitHubReply(status, body)
        if (match := _COMMENTS.fullmatch(path)) and match[1] == self.repository and int(match[2]) == self.number:
            return self._listed(asked, self.comments) if asked.method == "GET" else self._created(asked)
        if (match := _COMMENT.fullmatch(path)) and match[1] == self.repository:
            return self._changed(asked, int(match[2]))
        if (match := _PULLS.fullmatch(path)) and match[1] == self.repository:
            wanted = asked.query.get("head", "")
            heads = [pull for pull in self.pulls if not wanted or pull["head"]["label"] == wanted]
            return self._listed(asked, heads)
        if (match := _PULL.fullmatch(path)) and match[1] == self.repository:
            found = next((pull for pull in self.pulls if pull["number"] == int(match[2])), None)
            return _refusal(404, "Not Found") if found is None else _GitHubReply(200, {**found, **self.labels.shown()})
        if asked.method == "GET" and (commits := self.commits.listed(path)) is not None:
            return self._listed(asked, commits)
        if asked.method == "GET" and (listed := self.labels.listed(path, asked.query)) is not None:
            return self._listed(asked, listed)
        if asked.method == "GET" and (runs := self.runs.listed(path, asked.query)) is not None:
            return _GitHubReply(200, runs)
        if asked.method == "POST" and self.permitted and self.runs.start_again(path):
            return _GitHubReply(201, {})
        if asked.method == "GET" and (permission := self.labels.permission(path)):
            return _GitHubReply(200, permission)
        return _refusal(404, "Not Found")

    def _listed(self, asked: ReceivedRequest, items: list[dict[str, Any]]) -> _GitHubReply:
        size, page = int(asked.query.get("per_page", "30")), int(asked.query.get("page", "1"))
        headers = {}
        if page * size < len(items):
            headers["Link"] = f'<{self.url}{asked.path}?per_page={size}&page={page + 1}>; rel="next"'
        return _GitHubReply(200, items[(page - 1) * size : page * size], headers)

    def _created(self, asked: ReceivedRequest) -> _GitHubReply:
        if refusal := self._why_not(asked):
            return refusal
        return _GitHubReply(201, self.add_comment(asked.body["body"]))

    def _changed(self, asked: ReceivedRequest, number: int) -> _GitHubReply:
        comment = next((comment for comment in self.comments if comment["id"] == number), None)
        if comment is None:
            return _refusal(404, "Not Found")
        if asked.method == "GET":
            return _GitHubReply(200, comment)
        if asked.method == "DELETE":
            return self._deleted(comment)
        if refusal := self._why_not(asked):
            return refusal
        comment["body"] = asked.body["body"]
        return _GitHubReply(200, comment)

    def _deleted(self, comment: dict[str, Any]) -> _GitHubReply:
        if not self.permitted:
            return _refusal(403, "Resource not accessible by integration")
        self.comments.remove(comment)
        return _GitHubReply(204, None)

    def _why_not(self, asked: ReceivedRequest) -> _GitHubReply | None:
        if not self.permitted:
            return _refusal(403, "Resource not accessible by integration")
        if self.locked:
            return _refusal(403, "Unable to create comment because issue is locked.")
        if len(asked.body["body"]) > self.most_characters:
            too_long = f"body is too long (maximum is {self.most_characters} characters)"
            error = {"resource": "IssueComment", "code": "unprocessable", "field": "data", "message": too_long}
            return _GitHubReply(
                422, {"message": "Validation Failed", "errors": [error], "documentation_url": "https://docs"}
            )
        return None

    def _comment(self, body: str, login: str) -> dict[str, Any]:
        number = self._next_id
        self._next_id += 1
        page = f"https://github.com/{self.repository}/pull/{self.number}"
        return {
            "id": number,
            "node_id": f"IC_{number}",
            "url": f"{self.url}/repos/{self.repository}/issues/comments/{number}",
            "html_url": f"{page}#issuecomment-{number}",
            "issue_url": f"{self.url}/repos/{self.repository}/issues/{self.number}",
            "user": user(login),
            "created_at": _STARTED,
            "updated_at": _STARTED,
            "author_association": "CONTRIBUTOR",
            "body": body,
        }


def _refusal(status: int, message: str) -> _GitHubReply:
    return _GitHubReply(status, {"message": message, "documentation_url": "https://docs.github.com/rest"})


def _handler(github: FakeGitHub) -> type[BaseHTTPRequestHandler]:
    class GitHubHandler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one segment: two of them wait for each other's acknowledgement

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length", "0"))
            body = json.loads(self.rfile.read(length)) if length else None
            query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = github.answer(ReceivedRequest(self.command, parts.path, query, headers, body))
            if answer is None:
                self.close_connection = True
                return
            status, plain, more, delay = answer
            time.sleep(delay)
            content = b"" if status == 204 else json.dumps(plain).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            for name, value in more.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
            self.wfile.flush()

        do_GET = do_POST = do_PATCH = do_DELETE = _serve

        def log_message(self, *_: Any) -> None:
            """Say nothing: the tests read `asked`."""

    return GitHubHandler
